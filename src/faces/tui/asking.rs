//! A question on the screen, and which keys may answer it.
//!
//! Owns: when an answer counts. Does not own: what the answer does (approve judges it once more).
//! Invariants: nothing typed or pasted before the question was drawn answers it. It takes the keys only after it has been on the
//! screen for [`RIPENS`] and the keyboard was silent after that; a yes counts only once its end has been on the screen as long,
//! while it is on the screen, and when the key came alone: a burst of keys is typing or a paste.

use super::composer::area;
use crate::road::{
    approve::{Answer, Given},
    preview::Card,
};
use crossterm::event::KeyEvent;
use std::time::Duration;
use tui_textarea::TextArea;

/// How long something has to be on the screen before a key can be an answer to it.
pub const RIPENS: Duration = Duration::from_millis(300);

/// What was drawn of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// Lines of it that are on the screen.
    pub rows: usize,
    /// Lines it has.
    pub total: usize,
    /// Which of its lines is the topmost.
    pub top: usize,
}

impl Seen {
    /// Whether its end is on the screen.
    pub fn end(self) -> bool {
        self.top + self.rows >= self.total
    }
}

/// A question that stands.
#[derive(Debug)]
pub struct Asking {
    /// The question.
    pub card: Card,
    /// Its topmost line on the screen.
    pub scroll: usize,
    /// As much room as there is.
    pub whole: bool,
    /// With its reasons.
    pub why: bool,
    /// The name that is typed.
    pub name: TextArea<'static>,
    drawn: Option<Duration>,
    end_drawn: Option<Duration>,
    last: Option<Seen>,
    live: bool,
    ripe: bool,
    /// A yes that came alone so far; it is one when the keyboard falls silent.
    pending: Option<KeyEvent>,
}

impl Asking {
    /// A question nobody has seen yet.
    pub fn new(card: Card) -> Asking {
        Asking {
            card,
            scroll: 0,
            whole: false,
            why: false,
            name: area(""),
            drawn: None,
            end_drawn: None,
            last: None,
            live: false,
            ripe: false,
            pending: None,
        }
    }

    /// Whether it asks for a typed name.
    pub fn names(&self) -> bool {
        self.card.name_to_type.is_some()
    }

    /// Whether it may take the keys.
    pub fn live(&self) -> bool {
        self.live
    }

    /// Whether a yes counts now.
    pub fn answerable(&self) -> bool {
        self.live && self.ripe && self.last.is_some()
    }

    /// What was last drawn of it.
    pub fn seen(&self) -> Option<Seen> {
        self.last
    }

    /// A frame was drawn; `None`: the question was not on it.
    pub fn was_drawn(&mut self, seen: Option<Seen>, at: Duration) {
        self.last = seen;
        match seen {
            None => self.pending = None,
            Some(seen) => {
                self.drawn.get_or_insert(at);
                if seen.end() {
                    self.end_drawn.get_or_insert(at);
                }
                self.scroll = seen.top;
            }
        }
    }

    /// It went out of sight: all begins anew.
    pub fn unseen(&mut self) {
        (self.drawn, self.end_drawn, self.last, self.pending) = (None, None, None, None);
        (self.live, self.ripe) = (false, false);
    }

    /// When the keyboard's silence will mean something, if it will.
    pub fn ripens_at(&self) -> Option<Duration> {
        if self.pending.is_some() {
            return Some(Duration::ZERO);
        }
        self.last?;
        match (self.live, self.ripe) {
            (false, _) => self.drawn.map(|at| at + RIPENS),
            (true, false) => self.end_drawn.map(|at| at + RIPENS),
            (true, true) => None,
        }
    }

    /// No key waits to be read. Returns a yes that came alone.
    pub fn silent(&mut self, at: Duration) -> Option<Answer> {
        let past = |since: Option<Duration>| since.is_some_and(|since| at >= since + RIPENS);
        if self.last.is_some() {
            self.live |= past(self.drawn);
            self.ripe |= self.live && past(self.end_drawn);
        }
        self.pending.take().map(|_| self.answer(Given::Yes))
    }

    /// A yes was pressed; it counts when nothing follows it at once.
    pub fn yes(&mut self, key: KeyEvent) {
        if self.answerable() {
            self.pending = Some(key);
        }
    }

    /// Something came right behind a yes: both were typing.
    pub fn not_alone(&mut self) -> Option<KeyEvent> {
        self.pending.take()
    }

    /// The name as typed; `None` while the question has not been seen whole, or nothing is typed.
    pub fn typed(&self) -> Option<Answer> {
        let name = self.name.lines().concat().trim().to_string();
        (self.answerable() && self.names() && !name.is_empty()).then(|| self.answer(Given::Typed(name)))
    }

    /// A no; always counts.
    pub fn no(&self) -> Answer {
        self.answer(Given::No)
    }

    fn answer(&self, given: Given) -> Answer {
        Answer { to: self.card.preview.clone(), given }
    }
}

//! What was said, by either side, and which part of it is looked at.
//!
//! Invariants: while one reads back, nothing moves: new lines are counted, not shown. Every line fits the width.

use super::{markdown, view::text::fold};
use crate::{
    faces::say::{self, Flow, Here, Line, Role},
    ops::Piece,
    road::{RunId, preview::Card},
    session::Tell,
};
use std::collections::VecDeque;

/// Lines kept; the oldest things said make room.
const KEPT: usize = 20_000;
/// Lines kept of a read that goes on; when there are more, a quarter goes at once.
const FLOWING: usize = 4_000;
/// Bytes of a reply that are laid out anew with each piece; a longer one is shown when it is whole.
const LIVE: usize = 16 * 1024;

/// One thing said.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// What the person asked for.
    Request(String),
    /// What came of it.
    Told(Box<Tell>),
    /// A question and what was answered.
    Question(Box<Card>, String),
    /// A model's reply, in Markdown.
    Reply(String),
    /// A read that goes on.
    Flow(Box<Growing>),
}

/// A read that goes on: the last of what came.
#[derive(Debug, Clone, PartialEq)]
pub struct Growing {
    run: RunId,
    flow: Flow,
    lines: VecDeque<Line>,
    dropped: usize,
}

#[derive(Debug)]
struct Entry {
    said: Said,
    lines: Vec<Line>,
}

/// What was said.
#[derive(Debug)]
pub struct Transcript {
    entries: Vec<Entry>,
    here: Here,
    width: usize,
    rows: usize,
    /// The topmost line while one reads back; `None`: the newest lines are shown.
    top: Option<usize>,
    /// Lines that came while one read back.
    unseen: usize,
    /// Whether the last entry is a reply that still grows.
    growing: bool,
}

impl Transcript {
    /// Nothing said yet.
    pub fn new(here: Here) -> Transcript {
        Transcript { entries: Vec::new(), here, width: 80, rows: 10, top: None, unseen: 0, growing: false }
    }

    /// Whether nothing was said.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// More of a model's reply.
    pub fn grow(&mut self, piece: &str) {
        match self.entries.last() {
            Some(Entry { said: Said::Reply(text), .. }) if self.growing && text.len() < LIVE => {
                let text = format!("{text}{piece}");
                self.entries.pop();
                self.say(Said::Reply(text));
            }
            Some(Entry { said: Said::Reply(_), .. }) if self.growing => {}
            Some(_) | None => self.say(Said::Reply(piece.to_string())),
        }
        self.growing = true;
    }

    /// More of a read that goes on: it grows where it stands, whatever was said behind it.
    pub fn came(&mut self, run: &RunId, piece: &Piece) {
        let width = self.width.max(8);
        let of_run = |entry: &Entry| matches!(&entry.said, Said::Flow(growing) if growing.run == *run);
        let Some(at) = self.entries.iter().rposition(of_run) else {
            let mut flow = Flow::default();
            let lines = flow.lines(piece, width - 2).into();
            self.say(Said::Flow(Box::new(Growing { run: run.clone(), flow, lines, dropped: 0 })));
            return;
        };
        let before: usize = self.entries.iter().take(at).map(|e| e.lines.len()).sum();
        let Some(Entry { said: Said::Flow(growing), lines }) = self.entries.get_mut(at) else { return };
        let new = growing.flow.lines(piece, width - 2);
        let end = before + lines.len();
        let laid: Vec<Line> = new.iter().flat_map(|line| fold(&line.clone().indented(2), width)).collect();
        growing.lines.extend(new);
        let added = laid.len();
        lines.extend(laid);
        // What stands at the top while one reads back stays there, also where it grows above it.
        self.top = self.top.map(|top| if end <= top { top + added } else { top });
        if self.top.is_some() {
            self.unseen += added;
        }
        if growing.lines.len() > FLOWING {
            let gone = FLOWING / 4;
            growing.lines.drain(..gone);
            growing.dropped += gone;
            let tall = lines.len();
            let fresh = self.lines_of(&self.entries[at].said, at == 0);
            let less = tall.saturating_sub(fresh.len());
            self.top = self.top.map(|top| if top > before { top.saturating_sub(less).max(before) } else { top });
            self.entries[at].lines = fresh;
        }
    }

    /// A model's reply, whole; it takes the place of what had come of it.
    pub fn reply(&mut self, text: String) {
        if self.growing {
            self.entries.pop();
        }
        self.say(Said::Reply(text));
    }

    /// Says one more thing.
    pub fn say(&mut self, said: Said) {
        self.growing = false;
        let lines = self.lines_of(&said, self.entries.is_empty());
        if self.top.is_some() {
            self.unseen += lines.len();
        }
        self.entries.push(Entry { said, lines });
        while self.total() > KEPT && self.entries.len() > 1 {
            let gone = self.entries.remove(0).lines.len();
            self.top = self.top.map(|top| top.saturating_sub(gone));
        }
    }

    /// Fits everything into this many columns and rows. What stands at the top while one reads back stays there.
    pub fn fit(&mut self, width: usize, rows: usize) {
        self.rows = rows;
        if width != self.width {
            let anchor = self.top.map(|top| self.find(top));
            self.width = width;
            for n in 0..self.entries.len() {
                let lines = self.lines_of(&self.entries[n].said, n == 0);
                self.entries[n].lines = lines;
            }
            self.top = anchor.map(|(entry, line)| {
                let before: usize = self.entries.iter().take(entry).map(|e| e.lines.len()).sum();
                before + line.min(self.entries.get(entry).map_or(0, |e| e.lines.len().saturating_sub(1)))
            });
        }
        if self.top.is_some_and(|top| top >= self.last_top()) {
            self.follow();
        }
    }

    /// The lines in view.
    pub fn window(&self) -> impl Iterator<Item = &Line> {
        let top = self.top.unwrap_or_else(|| self.last_top());
        self.entries.iter().flat_map(|e| &e.lines).skip(top).take(self.rows)
    }

    /// How many lines came while one read back; `None`: the newest are shown.
    pub fn unseen(&self) -> Option<usize> {
        self.top.map(|_| self.unseen)
    }

    /// So many lines back (or, below zero, on).
    pub fn back(&mut self, lines: isize) {
        let last = self.last_top();
        let top = self.top.unwrap_or(last).saturating_add_signed(-lines);
        if top >= last {
            self.follow();
        } else {
            self.top = Some(top);
        }
    }

    /// A page, for going back or on.
    pub fn page(&self) -> isize {
        isize::try_from(self.rows.saturating_sub(2).max(1)).unwrap_or(1)
    }

    /// To the newest lines, and with them from here on.
    pub fn follow(&mut self) {
        self.top = None;
        self.unseen = 0;
    }

    /// The last lines, for what stays on the terminal after leaving.
    pub fn end(&self, rows: usize) -> Vec<&Line> {
        self.entries.iter().flat_map(|e| &e.lines).skip(self.total().saturating_sub(rows)).collect()
    }

    fn total(&self) -> usize {
        self.entries.iter().map(|e| e.lines.len()).sum()
    }

    fn last_top(&self) -> usize {
        self.total().saturating_sub(self.rows)
    }

    fn find(&self, flat: usize) -> (usize, usize) {
        let mut left = flat;
        for (n, entry) in self.entries.iter().enumerate() {
            if left < entry.lines.len() {
                return (n, left);
            }
            left -= entry.lines.len();
        }
        (self.entries.len(), 0)
    }

    fn lines_of(&self, said: &Said, first: bool) -> Vec<Line> {
        let width = self.width.max(8);
        let inner = width - 2;
        let indented = |lines: Vec<Line>| -> Vec<Line> { lines.into_iter().map(|l| l.indented(2)).collect() };
        let lines = match said {
            Said::Request(text) => {
                let mut lines = if first { Vec::new() } else { vec![Line::empty()] };
                for (n, line) in text.lines().enumerate() {
                    lines.push(Line::of(if n == 0 { "› " } else { "  " }, Role::Accent).and(line, Role::Strong));
                }
                lines
            }
            Said::Told(tell) => indented(say::tell(tell, &self.here, inner)),
            Said::Question(card, answer) => {
                let mut lines = indented(say::card(card, &self.here, inner));
                lines.push(Line::of("  › ", Role::Accent).and(answer, Role::Strong));
                lines
            }
            Said::Reply(text) => indented(markdown::lines(text, inner)),
            Said::Flow(growing) => {
                let mut lines = Vec::with_capacity(growing.lines.len() + 1);
                if growing.dropped > 0 {
                    lines.push(Line::of(format!("… {} earlier lines are no longer kept", growing.dropped), Role::Dim));
                }
                lines.extend(growing.lines.iter().cloned());
                indented(lines)
            }
        };
        lines.iter().flat_map(|line| fold(line, width)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(lines: usize) -> Transcript {
        let mut transcript = Transcript::new(Here { context: "c".into() });
        transcript.fit(20, 5);
        for n in 0..lines {
            transcript.say(Said::Request(format!("line {n} with some more words")));
        }
        transcript
    }

    fn top(transcript: &Transcript) -> String {
        transcript.window().next().map(Line::text).unwrap_or_default()
    }

    #[test]
    fn nothing_moves_while_one_reads_back() {
        let mut transcript = with(20);
        transcript.back(8);
        let before = top(&transcript);
        transcript.say(Said::Reply("new".into()));
        assert_eq!(top(&transcript), before);
        assert_eq!(transcript.unseen(), Some(1));
        transcript.back(-100);
        assert_eq!(transcript.unseen(), None);
    }

    #[test]
    fn a_resize_keeps_what_stands_at_the_top() {
        let mut transcript = with(20);
        transcript.back(16);
        let before: String = top(&transcript).chars().take(6).collect();
        transcript.fit(9, 5);
        assert!(top(&transcript).starts_with(&before), "{before}: {}", top(&transcript));
        assert!(transcript.window().all(|l| l.width() <= 9));
    }

    #[test]
    fn a_read_that_goes_on_grows_where_it_stands_and_not_for_ever() {
        let mut transcript = with(0);
        let run = RunId::new("r");
        let line = |n: usize| {
            let line = crate::ops::answer::LogLine { source: String::new(), text: format!("tick {n}") };
            Piece::Part(crate::ops::Answer::Log { lines: vec![line], truncated: false })
        };
        for n in 0..8 {
            transcript.came(&run, &line(n));
        }
        transcript.say(Said::Request("something else".into()));
        transcript.back(1);
        let before = top(&transcript);
        for n in 8..10 {
            transcript.came(&run, &line(n));
        }
        assert_eq!(top(&transcript), before, "what is read stays where it is");
        assert_eq!(transcript.entries.len(), 2);
        for n in 10..2 * FLOWING {
            transcript.came(&run, &line(n));
        }
        assert!(transcript.total() <= FLOWING + 8, "{}", transcript.total());
        let said: Vec<String> = transcript.entries[0].lines.iter().map(Line::text).collect();
        assert!(said.concat().contains("longer kept"), "{:?}", &said[..3]);
        assert!(said.last().unwrap().contains(&format!("tick {}", 2 * FLOWING - 1)));
    }

    #[test]
    fn old_things_make_room() {
        let mut transcript = with(0);
        for _ in 0..3 {
            transcript.say(Said::Request("x\n".repeat(KEPT / 2)));
        }
        assert!(transcript.total() <= KEPT + 1);
    }
}

//! What the face holds, and what an input does to it. Pure: keys and tidings in, things to do out; the clock is handed in.
//!
//! Owns: who has the keys, what is open. Does not own: what is said (transcript), when an answer counts (asking).

use super::{
    asking::Asking,
    composer::{Composer, TooLong, tidy},
    keys::{self, Doing, Place},
    running::Running,
    theme::Theme,
    transcript::{Said, Transcript},
    view::Drawn,
};
use crate::{
    drive::watch::ClusterView,
    faces::say::{self, Here, Line, Role},
    road::{
        RunId,
        approve::{Answer, Given},
        execute::Progress,
        preview::Card,
    },
    session::Tell,
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::time::Duration;

/// Where one stands, as the status line shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// kubeconfig context.
    pub context: String,
    /// Namespace.
    pub namespace: String,
    /// The model's name; `None`: offline.
    pub model: Option<String>,
    /// Whether changes are forbidden.
    pub read_only: bool,
}

/// Something the person did.
#[derive(Debug, Clone)]
pub enum Input {
    /// A key went down.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has another size, or its contents are unknown.
    Resized,
}

/// Something to be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// A request for the brain.
    Ask(String),
    /// An answer for the brain.
    Answer(Answer),
    /// Stop this run.
    Cancel(RunId),
    /// Draw every cell anew.
    Redraw,
    /// Give the terminal to the shell for a while.
    Suspend,
    /// Leave.
    Quit,
}

/// Who has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// What is typed goes into the request.
    Composer,
    /// The question.
    Question,
}

/// The face's state.
#[derive(Debug)]
pub struct App {
    /// Where one stands.
    pub shown: Shown,
    /// How it looks.
    pub theme: Theme,
    /// What was said.
    pub transcript: Transcript,
    /// Where one types.
    pub composer: Composer,
    /// The question that stands.
    pub asking: Option<Asking>,
    /// What runs.
    pub running: Running,
    /// Whether the cluster panel was opened or closed by hand; `None`: as the width allows.
    pub cluster_open: Option<bool>,
    /// What the cluster panel shows; `None`: nothing is known yet.
    pub cluster: Option<ClusterView>,
    /// How far help is scrolled, while it is open.
    pub help: Option<usize>,
    /// A line for the person, until the next key.
    pub notice: Option<Line>,
    /// Whether the last diagnosis proposed something to be done.
    proposed: bool,
    focus: Focus,
    leaving: bool,
    cluster_shown: bool,
    dirty: bool,
}

impl App {
    /// A face on which nothing was said yet.
    pub fn new(shown: Shown, theme: Theme) -> App {
        let here = Here { context: shown.context.clone() };
        App {
            shown,
            theme,
            transcript: Transcript::new(here),
            composer: Composer::default(),
            asking: None,
            running: Running::default(),
            cluster_open: None,
            cluster: None,
            help: None,
            notice: None,
            proposed: false,
            focus: Focus::Composer,
            leaving: false,
            cluster_shown: false,
            dirty: true,
        }
    }

    /// Who has the keys.
    pub fn focus(&self) -> Focus {
        match &self.asking {
            Some(asking) if asking.live() => self.focus,
            Some(_) | None => Focus::Composer,
        }
    }

    /// Whether something is to be drawn; asking takes it back.
    pub fn take_dirty(&mut self) -> bool {
        std::mem::take(&mut self.dirty)
    }

    /// Whether something is to be drawn.
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Something differs from what is on the screen.
    pub fn touch(&mut self) {
        self.dirty = true;
    }

    /// Where keys are looked up now, the nearest place first.
    pub fn places(&self) -> Vec<Place> {
        if self.help.is_some() {
            return vec![Place::Help, Place::Anywhere];
        }
        let mut places = Vec::new();
        match (&self.asking, self.focus()) {
            (Some(asking), Focus::Question) => places.push(if asking.names() { Place::Naming } else { Place::Question }),
            (Some(_) | None, _) if self.composer.is_empty() => places.extend([Place::Empty, Place::Composer]),
            (Some(_) | None, _) => places.push(Place::Composer),
        }
        if self.asking.is_some() {
            places.push(Place::Standing);
        }
        places.push(Place::Anywhere);
        places
    }

    /// Takes an input at the time `at`.
    pub fn handle(&mut self, input: Input, at: Duration) -> Vec<Action> {
        self.dirty = true;
        match input {
            Input::Key(key) => self.key(key, at),
            Input::Paste(text) => {
                self.typed_before();
                self.paste(&text);
                Vec::new()
            }
            Input::Resized => Vec::new(),
        }
    }

    /// A frame was drawn and is on the screen.
    pub fn was_drawn(&mut self, drawn: &Drawn, at: Duration) {
        self.cluster_shown = drawn.cluster;
        if !drawn.cluster && self.cluster.take().is_some() {
            // Nobody reads it any more: what is not fresh is not shown.
            self.dirty = true;
        }
        if let Some(asking) = &mut self.asking {
            asking.was_drawn(drawn.question, at);
        }
    }

    /// The terminal was the shell's for a while: a question has to be seen anew.
    pub fn resumed(&mut self) {
        if let Some(asking) = &mut self.asking {
            asking.unseen();
        }
        self.dirty = true;
    }

    /// Whether the cluster panel was on the last frame.
    pub fn cluster_shown(&self) -> bool {
        self.cluster_shown
    }

    /// When the face wants to be told that the keyboard is silent.
    pub fn silence_at(&self) -> Option<Duration> {
        self.asking.as_ref().and_then(Asking::ripens_at)
    }

    /// No key waits to be read.
    pub fn silent(&mut self, at: Duration) -> Vec<Action> {
        let Some(asking) = &mut self.asking else { return Vec::new() };
        let (live, answerable) = (asking.live(), asking.answerable());
        let yes = asking.silent(at);
        if !live && asking.live() && self.composer.is_empty() {
            self.focus = Focus::Question;
        }
        self.dirty |= live != asking.live() || answerable != asking.answerable();
        yes.map(|answer| self.answers(answer)).into_iter().collect()
    }

    /// A question is to be asked.
    pub fn ask(&mut self, card: Card) {
        self.close_question("not answered");
        self.running.asks(&card.run, &card.words);
        self.focus = Focus::Composer;
        self.asking = Some(Asking::new(card));
        self.dirty = true;
    }

    /// Another namespace is meant from here on where none is said.
    pub fn stands_in(&mut self, namespace: &crate::ops::Namespace) {
        self.shown.namespace = namespace.to_string();
        self.dirty = true;
    }

    /// Something is to be told.
    pub fn tell(&mut self, tell: Tell) {
        self.dirty = true;
        if let Tell::Diagnosis(_, found) = &tell {
            self.proposed = say::proposes(found);
        }
        match tell {
            Tell::Progress(run, progress) => {
                if let Progress::Came { piece, .. } = &progress {
                    self.transcript.came(&run, piece);
                }
                self.running.moves(&run, progress);
            }
            Tell::Saying(_, piece) => self.transcript.grow(&piece),
            Tell::Said(_, markdown) => self.transcript.reply(markdown),
            lacking @ Tell::Lacking(..) => {
                if let Some(asking) = &mut self.asking {
                    asking.name = super::composer::area("");
                }
                self.transcript.say(Said::Told(Box::new(lacking)));
            }
            tell => {
                if let Some(run) = told_of(&tell)
                    && self.asking.as_ref().is_some_and(|a| a.card.run == *run)
                {
                    self.close_question("no");
                }
                self.transcript.say(Said::Told(Box::new(tell)));
            }
        }
    }

    /// Takes the brain's list of what is under way.
    pub fn follow<'a>(&mut self, under_way: impl Iterator<Item = (&'a RunId, &'static str)>, at: Duration) {
        let now: Vec<(&RunId, &'static str)> = under_way.collect();
        if let Some(asking) = &self.asking
            && !now.iter().any(|(run, phase)| **run == asking.card.run && *phase == "asking")
        {
            self.close_question("not answered");
        }
        self.dirty |= self.running.follow(now.into_iter(), at);
    }

    fn key(&mut self, key: KeyEvent, at: Duration) -> Vec<Action> {
        let typed_before = self.typed_before();
        self.notice = None;
        // A letter right behind a yes: the yes was typing, and so is this.
        let doing = if typed_before && is_typing(&key) { None } else { keys::look_up(&self.places(), &key) };
        if !matches!(doing, Some(Doing::Interrupt | Doing::Leave)) {
            self.leaving = false;
        }
        match doing {
            Some(doing) => self.does(doing, key, at),
            None => {
                self.types(key);
                Vec::new()
            }
        }
    }

    /// A yes that was not alone becomes what it was: typing.
    fn typed_before(&mut self) -> bool {
        let Some(key) = self.asking.as_mut().and_then(Asking::not_alone) else { return false };
        self.focus = Focus::Composer;
        self.composer.key(key);
        true
    }

    fn types(&mut self, key: KeyEvent) {
        match (self.focus(), &mut self.asking) {
            (Focus::Question, Some(asking)) if asking.names() => {
                asking.name.input(key);
            }
            (Focus::Question, Some(_)) => {
                self.notice = Some(Line::of("the question has the keys; Tab gives them back to what you type", Role::Warn));
            }
            (Focus::Composer, _) | (Focus::Question, None) if self.help.is_none() => self.composer.key(key),
            (Focus::Composer, _) | (Focus::Question, None) => {}
        }
    }

    fn paste(&mut self, text: &str) {
        if self.focus() == Focus::Question {
            // Pasted text never answers, neither as a letter nor as a name.
            self.focus = Focus::Composer;
            self.notice = Some(Line::of("what is pasted is a request, never an answer; Tab goes back to the question", Role::Warn));
        }
        self.help = None;
        if let Err(TooLong(bytes)) = self.composer.paste(&tidy(text)) {
            let sentence = format!("that is too long for a request ({} KiB); put it in a file and say: apply FILE", bytes / 1024);
            self.notice = Some(Line::of(sentence, Role::Warn));
        }
    }

    fn does(&mut self, doing: Doing, key: KeyEvent, at: Duration) -> Vec<Action> {
        match doing {
            Doing::Send => return self.sends(),
            Doing::NewLine => self.composer.new_line(),
            Doing::Older => self.composer.older(),
            Doing::Newer => self.composer.newer(),
            Doing::Cancel => return self.cancels(),
            Doing::Interrupt => return self.interrupts(),
            Doing::Leave => return self.leaves(),
            Doing::Help => self.help = if self.help.is_some() { None } else { Some(0) },
            Doing::Cluster => self.cluster_open = Some(!self.cluster_shown),
            Doing::PageUp => self.scrolls(self.page()),
            Doing::PageDown => self.scrolls(-self.page()),
            Doing::LineUp => self.scrolls(1),
            Doing::LineDown => self.scrolls(-1),
            Doing::Bottom => self.transcript.follow(),
            Doing::Yes => self.says_yes(key),
            Doing::No => {
                if let Some(answer) = self.asking.as_ref().map(Asking::no) {
                    return vec![self.answers(answer)];
                }
            }
            Doing::Whole => {
                if let Some(asking) = &mut self.asking {
                    asking.whole = !asking.whole;
                }
            }
            Doing::Why => {
                if let Some(asking) = &mut self.asking {
                    asking.why = !asking.why;
                }
            }
            Doing::Focus => {
                self.focus = if self.focus() == Focus::Question { Focus::Composer } else { Focus::Question };
            }
            Doing::Submit => return self.submits(at),
            Doing::Fix => return self.asks_to_mend(),
            Doing::Redraw => return vec![Action::Redraw],
            Doing::Suspend => return vec![Action::Suspend],
        }
        Vec::new()
    }

    fn says_yes(&mut self, key: KeyEvent) {
        let Some(asking) = &mut self.asking else { return };
        if asking.answerable() {
            asking.yes(key);
        } else {
            self.notice = Some(Line::of("read it to its end first: PgDn", Role::Warn));
        }
    }

    fn submits(&mut self, _at: Duration) -> Vec<Action> {
        let Some(asking) = &self.asking else { return Vec::new() };
        match asking.typed() {
            Some(answer) => vec![self.answers(answer)],
            None if asking.answerable() => {
                self.notice = Some(Line::of("Enter alone is no answer: type the name first", Role::Warn));
                Vec::new()
            }
            None => {
                self.notice = Some(Line::of("read it to its end first: PgDn", Role::Warn));
                Vec::new()
            }
        }
    }

    fn answers(&mut self, answer: Answer) -> Action {
        let name = self.asking.as_ref().and_then(|a| a.card.name_to_type.as_deref());
        let right = match &answer.given {
            Given::Typed(typed) => name == Some(typed.as_str()),
            Given::Yes => name.is_none(),
            Given::No | Given::YesFlag | Given::ConfirmFlag(_) => false,
        };
        if right {
            self.close_question(if name.is_some() { "the name, typed" } else { "yes" });
        }
        Action::Answer(answer)
    }

    /// Puts the question into the transcript, with what became of it.
    fn close_question(&mut self, answer: &str) {
        if let Some(asking) = self.asking.take() {
            self.transcript.say(Said::Question(Box::new(asking.card), answer.to_string()));
            self.focus = Focus::Composer;
            self.dirty = true;
        }
    }

    fn sends(&mut self) -> Vec<Action> {
        let Some(text) = self.composer.take() else {
            if self.asking.is_some() {
                self.notice = Some(Line::of("Enter is no answer; Tab gives the keys to the question", Role::Warn));
            }
            return Vec::new();
        };
        self.transcript.follow();
        self.transcript.say(Said::Request(text.clone()));
        vec![Action::Ask(text)]
    }

    fn asks_to_mend(&mut self) -> Vec<Action> {
        if !self.proposed || self.asking.is_some() {
            let why =
                if self.proposed { "the question comes first" } else { "no diagnosis has proposed a fix: ask why something is broken" };
            self.notice = Some(Line::of(why, Role::Warn));
            return Vec::new();
        }
        let text = "fix it".to_string();
        self.transcript.follow();
        self.transcript.say(Said::Request(text.clone()));
        vec![Action::Ask(text)]
    }

    fn cancels(&mut self) -> Vec<Action> {
        if let Some(asking) = self.asking.as_ref().filter(|a| a.live()) {
            return vec![Action::Cancel(asking.card.run.clone())];
        }
        match self.running.front() {
            Some(item) => vec![Action::Cancel(item.run.clone())],
            None => {
                self.composer.clear();
                self.transcript.follow();
                Vec::new()
            }
        }
    }

    fn interrupts(&mut self) -> Vec<Action> {
        self.help = None;
        if self.leaving {
            return vec![Action::Quit];
        }
        self.leaving = true;
        let actions = self.cancels();
        let goes_on = self.goes_on();
        self.notice = Some(Line::of(format!("{goes_on}^C again leaves"), Role::Warn));
        actions
    }

    fn leaves(&mut self) -> Vec<Action> {
        if self.leaving || self.running.change().is_none() {
            return vec![Action::Quit];
        }
        self.leaving = true;
        self.notice = Some(Line::of(format!("{}^D again leaves", self.goes_on()), Role::Warn));
        Vec::new()
    }

    fn goes_on(&self) -> String {
        self.running.change().map_or_else(String::new, |item| {
            let words = if item.words.is_empty() { "a change" } else { &item.words };
            format!("{words}: what was sent goes on in the cluster, what is left of it is not begun, both are on the record · ")
        })
    }

    fn page(&self) -> isize {
        match (&self.asking, self.focus()) {
            (Some(asking), Focus::Question) => {
                let rows = asking.seen().map_or(1, |seen| seen.rows.saturating_sub(1).max(1));
                isize::try_from(rows).unwrap_or(1)
            }
            (Some(_) | None, _) => self.transcript.page(),
        }
    }

    /// So many lines back: of help, of the question where it has the keys, of the transcript.
    fn scrolls(&mut self, lines: isize) {
        if let Some(top) = &mut self.help {
            *top = top.saturating_add_signed(-lines);
            return;
        }
        match (&mut self.asking, self.focus) {
            (Some(asking), Focus::Question) if asking.live() => asking.scroll = asking.scroll.saturating_add_signed(-lines),
            (Some(_) | None, _) => self.transcript.back(lines),
        }
    }
}

fn is_typing(key: &KeyEvent) -> bool {
    matches!(key.code, KeyCode::Char(_) | KeyCode::Enter) && (key.modifiers - KeyModifiers::SHIFT).is_empty()
}

fn told_of(tell: &Tell) -> Option<&RunId> {
    match tell {
        Tell::Question(run, _)
        | Tell::Refused(run, _)
        | Tell::NotUnderstood(run)
        | Tell::Help(run)
        | Tell::Problem(run, _)
        | Tell::NothingToDo(run, _)
        | Tell::Here(run, _)
        | Tell::Dropped(run)
        | Tell::Declined(run)
        | Tell::Lacking(run, _)
        | Tell::Progress(run, _)
        | Tell::Diagnosis(run, _)
        | Tell::Recounted(run, _)
        | Tell::Mended(run, _)
        | Tell::Audit(run, ..)
        | Tell::Report(run, _)
        | Tell::FoundOpen(run, _)
        | Tell::Stopped(run)
        | Tell::Sharing { run, .. }
        | Tell::Saying(run, _)
        | Tell::Said(run, _)
        | Tell::WithoutModel(run, _)
        | Tell::AskedAnew(run, _) => Some(run),
        Tell::Outcome(outcome) => Some(&outcome.run),
        Tell::Rehearsed(card) => Some(&card.run),
    }
}

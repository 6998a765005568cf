//! The one-shot face: requests in, lines or JSON out, an exit code.
//!
//! Owns: printing, the question on the terminal, Ctrl-C. Does not own: deciding (session), carrying out (drive).
//! Invariants: without a terminal and without a flag that answers, nothing is changed (exit 3); a broken pipe never stops a
//! change half way; with `-o json` standard output holds nothing but JSON.

mod ask;
mod audit;
mod diagnose;
mod journal;
mod json;
mod junit;
mod paint;
mod plan;
mod playbook;
mod policy;
mod recount;
mod sarif;
mod to_files;

pub use ask::reading;
pub use audit::{audit, audited, fixes, judge};
pub use diagnose::{Asks, diagnosed, explained, moved};
pub use journal::{journal, undoable};
pub use paint::Paint;
pub use plan::{plan, plan_batch};
pub use playbook::playbook;
pub use policy::{Asked, policy};
pub use recount::recounted;

use super::{
    args::{Form, Global},
    lend,
    say::{self, Here, Line, Role},
};
use crate::{
    drive::Drive,
    ops::Piece,
    problem::{Problem, Sort},
    road::{
        RunId,
        execute::{Borrow, Done, Progress, Wish},
        preview::Card,
    },
    session::{Effect, Event, Session, Tell},
    world::World,
};
use ask::Standing;
use json::Told;
use std::io::Write;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::mpsc::{Receiver, UnboundedReceiver},
};

/// As a shell counts a program that ended because nobody read what it wrote (SIGPIPE).
const BROKEN_PIPE: u8 = 128 + 13;

/// Everything a request needs to be carried through.
pub struct Headless<W: Write> {
    /// The brain.
    pub session: Session,
    /// The hand.
    pub drive: Drive,
    /// What comes back from it.
    pub inbox: UnboundedReceiver<Event>,
    /// The surroundings.
    pub world: World,
    /// The flags.
    pub flags: Global,
    /// Where one stands.
    pub here: Here,
    /// Standard output.
    pub out: Paint<W>,
    /// What asks for the terminal, or for what is piped in.
    pub wishes: Receiver<Borrow>,
    /// Whether progress may be drawn over itself (a person looks at standard error).
    pub lively: bool,
}

impl<W: Write> Headless<W> {
    /// Reads what an earlier start left open, then carries the requests through one after the other; the worst exit code
    /// wins. After a failure the remaining requests are not begun.
    pub async fn requests(&mut self, requests: &[String]) -> u8 {
        for effect in self.session.step(Event::Started, self.world.now()) {
            // What comes of it is told while the first request is carried through.
            let _ = self.drive.carry(effect);
        }
        let code = self.one_after_the_other(requests).await;
        self.looked_back(code).await;
        code
    }

    /// What an earlier start left open is told even where the requests were over before it was read back.
    async fn looked_back(&mut self, code: u8) {
        if code == Sort::Interrupted.exit_code() {
            return;
        }
        self.drive.looked_back().await;
        while let Ok(event) = self.inbox.try_recv() {
            for effect in self.session.step(event, self.world.now()) {
                if let Effect::Tell(tell @ Tell::FoundOpen(..)) = effect {
                    let mut aside = Told::new("");
                    self.tell(tell, &mut aside);
                    if self.flags.output == Form::Json {
                        self.out.json(&aside.json(0));
                    }
                }
            }
        }
    }

    async fn one_after_the_other(&mut self, requests: &[String]) -> u8 {
        for (n, request) in requests.iter().enumerate() {
            if requests.len() > 1 && self.flags.output == Form::Text {
                if n > 0 {
                    self.out.raw("\n");
                }
                self.out.lines(&[Line::of(format!("› {request}"), Role::Accent)]);
            }
            let code = self.request(request).await;
            // What comes next may be the answer to what was asked.
            let answered = code == Sort::Question.exit_code() && requests.get(n + 1).is_some_and(|next| self.session.goes_on(next));
            if code != 0 && !answered {
                let left = requests.len() - n - 1;
                if left > 0 && self.flags.output == Form::Text {
                    self.out.lines(&[Line::of(format!("{left} request(s) after it were not begun"), Role::Warn)]);
                }
                if self.flags.output == Form::Json {
                    for request in &requests[n + 1..] {
                        self.out.json(&serde_json::json!({"request": request, "not_begun": true, "results": []}).to_string());
                    }
                }
                return code;
            }
        }
        0
    }

    /// Carries one request through.
    pub async fn request(&mut self, text: &str) -> u8 {
        let run = RunId::new(self.world.id());
        let event = Event::Asked { run, text: text.to_string() };
        let effects = self.session.step(event, self.world.now());
        self.until_over(text, effects).await
    }

    /// Takes back a run: the last one, or the one that is called so.
    pub async fn undo(&mut self, said: Option<String>) -> u8 {
        let text = said.as_ref().map_or_else(|| "undo".to_string(), |said| format!("undo {said}"));
        let effects = self.session.begin_undo(RunId::new(self.world.id()), said);
        self.until_over(&text, effects).await
    }

    async fn until_over(&mut self, text: &str, effects: Vec<Effect>) -> u8 {
        // One listener for the whole request: a Ctrl-C that comes while something else is looked at waits here and is not lost.
        let mut interrupts = signal(SignalKind::interrupt()).ok();
        let mut told = Told::new(text);
        let mut effects = effects;
        let mut interrupted = 0;
        loop {
            let mut again = Vec::new();
            for effect in std::mem::take(&mut effects) {
                match self.drive.carry(effect) {
                    None | Some(Effect::Note(_)) => {}
                    Some(Effect::Tell(tell)) => self.tell(tell, &mut told),
                    Some(Effect::Ask(card)) => {
                        let run = card.run.clone();
                        match self.asked(card, &mut told, &mut interrupts).await {
                            Ok(event) => again.push(event),
                            Err(code) => {
                                // It is not asked any more: the next request's question must not wait for its answer.
                                let _ = self.session.step(Event::Cancelled { run: Some(run) }, self.world.now());
                                return self.finish(told, code);
                            }
                        }
                    }
                    Some(Effect::Over { code, .. }) => return self.finish(told, code),
                    // The drive keeps these for itself.
                    Some(other) => told.note(format!("{other:?} was not carried out")),
                }
            }
            // Whoever read it has gone: what goes on would go on for nobody.
            if told.followed && self.out.is_gone() && !std::mem::replace(&mut told.cut, true) {
                again.push(Event::Cancelled { run: None });
            }
            if let Some(event) = again.pop() {
                effects = self.session.step(event, self.world.now());
                continue;
            }
            let event = tokio::select! {
                event = self.inbox.recv() => match event {
                    Some(event) => event,
                    None => return self.finish(told, 1),
                },
                Some(wish) = self.wishes.recv() => {
                    self.wipe(&mut told);
                    let whole = wish.what == Wish::Screen;
                    self.lends(wish).await;
                    if whole {
                        // A Ctrl-C pressed meanwhile was the program's.
                        interrupts = signal(SignalKind::interrupt()).ok();
                    }
                    continue;
                }
                () = pressed(&mut interrupts) => {
                    interrupted += 1;
                    if interrupted > 1 {
                        return self.finish(told, Sort::Interrupted.exit_code());
                    }
                    Event::Cancelled { run: None }
                }
            };
            effects = self.session.step(event, self.world.now());
        }
    }

    /// With JSON on standard output there is no terminal to lend.
    async fn lends(&mut self, wish: Borrow) {
        let lent = match (wish.what, self.flags.output) {
            (Wish::Keys, Form::Text | Form::Markdown | Form::Sarif | Form::Junit) => lend::terminal(wish).await,
            (Wish::Screen, _) => lend::screen(wish).await,
            (Wish::Keys, Form::Json) => {
                drop(wish);
                Ok(())
            }
            (Wish::Input, _) => {
                lend::input(wish);
                Ok(())
            }
        };
        if let Err(e) = lent {
            Paint::new(std::io::stderr(), false).lines(&[Line::of(format!("the terminal cannot be lent: {e}"), Role::Warn)]);
        }
    }

    fn tell(&mut self, tell: Tell, told: &mut Told) {
        match (&tell, self.flags.output) {
            (Tell::Progress(_, Progress::Came { piece, .. }), form) => {
                self.wipe(told);
                told.followed = true;
                let width = usize::from(self.world.width);
                match (form, piece) {
                    (Form::Json, piece) => self.out.json(&serde_json::json!({"request": told.request(), "came": piece}).to_string()),
                    (Form::Text | Form::Markdown | Form::Sarif | Form::Junit, Piece::Part(_)) => {
                        let lines = told.flow.lines(piece, width);
                        self.out.lines(&lines);
                    }
                    // What is said about the reading is no part of what is read.
                    (Form::Text | Form::Markdown | Form::Sarif | Form::Junit, Piece::Note(_) | Piece::Complaint(_)) => {
                        Paint::new(std::io::stderr(), false).lines(&told.flow.lines(piece, width))
                    }
                }
            }
            (Tell::Outcome(outcome), Form::Text | Form::Markdown | Form::Sarif | Form::Junit) if outcome.followed() => {
                self.wipe(told);
                let trouble = matches!(outcome.done, Done::Failed(_) | Done::Unknown(_));
                if self.lively || trouble {
                    Paint::new(std::io::stderr(), false).lines(&say::tell(&tell, &self.here, usize::from(self.world.width)));
                }
            }
            (Tell::Progress(_, progress), Form::Text | Form::Markdown | Form::Sarif | Form::Junit) => {
                if self.lively {
                    let line = say::progress(progress).text();
                    let cut: String = line.chars().take(usize::from(self.world.width).saturating_sub(1)).collect();
                    // A person looks: progress is drawn over itself, and away again before anything else is printed.
                    let _ = write!(std::io::stderr(), "\r\u{1b}[2K{cut}");
                    told.drawn = true;
                }
            }
            (_, Form::Text | Form::Markdown | Form::Sarif | Form::Junit) => {
                self.wipe(told);
                let out = &mut self.out;
                say::tell_to(&tell, &self.here, usize::from(self.world.width), &mut |lines| out.lines(&lines));
            }
            (_, Form::Json) => {}
        }
        told.take(tell);
    }

    fn wipe(&self, told: &mut Told) {
        if std::mem::take(&mut told.drawn) {
            let _ = write!(std::io::stderr(), "\r\u{1b}[2K");
        }
    }

    /// What is done instead of asking; the exit code.
    fn show_only(&mut self, card: &Card, told: &mut Told) -> Result<Event, u8> {
        let Some(folder) = self.flags.to_files.clone().filter(|_| !self.flags.dry_run) else {
            self.show(&[Line::of("  dry run: nothing was changed", Role::Good)]);
            return Err(0);
        };
        match to_files::written(card, &folder) {
            Ok(files) => {
                let files: Vec<Line> = files.iter().map(|file| Line::of(format!("  wrote {file}"), Role::Good)).collect();
                self.show(&files);
                self.show(&[Line::of("  nothing was changed on the cluster", Role::Good)]);
                Err(0)
            }
            Err(problem) => {
                self.show(&say::problem(&problem, usize::from(self.world.width)));
                let code = problem.sort.exit_code();
                told.problem(problem);
                Err(code)
            }
        }
    }

    /// Puts the question. `Err` is the exit code where nobody can answer.
    async fn asked(&mut self, card: Card, told: &mut Told, interrupts: &mut Option<Signal>) -> Result<Event, u8> {
        self.wipe(told);
        let width = usize::from(self.world.width).saturating_sub(2);
        let lines: Vec<Line> = say::card(&card, &self.here, width).into_iter().map(|l| l.indented(2)).collect();
        told.card(&card);
        match ask::standing(&card, &self.flags) {
            Standing::ShowOnly => {
                self.show(&lines);
                self.show_only(&card, told)
            }
            Standing::Answered(answer) => {
                self.show(&lines);
                Ok(Event::Answered(answer))
            }
            Standing::Ask => {
                let Some(tty) = ask::terminal() else {
                    self.show(&lines);
                    let problem = Problem::new(
                        Sort::Declined,
                        "this needs an answer, and there is no terminal to ask on; nothing was changed",
                    )
                    .hint(match &card.name_to_type {
                        Some(name) => format!("to answer beforehand: --confirm {name}"),
                        None if card.needs_person && card.assumed.is_empty() => {
                            "a model proposed it, so a person has to answer; or say it yourself, as the kubectl line above".into()
                        }
                        None if card.needs_person => "something in it was taken for granted: say it as the kubectl line above".into(),
                        None => "to answer beforehand: --yes".into(),
                    });
                    self.show(&say::problem(&problem, usize::from(self.world.width)));
                    told.problem(problem);
                    return Err(Sort::Declined.exit_code());
                };
                if self.flags.output == Form::Text {
                    self.show(&lines);
                } else {
                    // Standard output is for JSON: the question goes where the answer comes from.
                    Paint::new(tty.try_clone().map_err(|_| 3u8)?, false).lines(&lines);
                }
                let asked = card.clone();
                let answer = tokio::task::spawn_blocking(move || ask::ask(&asked, tty));
                tokio::select! {
                    answer = answer => match answer {
                        Ok(Some(answer)) => Ok(Event::Answered(answer)),
                        Ok(None) | Err(_) => {
                            let problem = Problem::new(Sort::Declined, "the terminal went away before there was an answer; nothing was changed");
                            self.show(&say::problem(&problem, usize::from(self.world.width)));
                            told.problem(problem);
                            Err(Sort::Declined.exit_code())
                        }
                    },
                    () = pressed(interrupts) => {
                        let _ = writeln!(std::io::stderr());
                        Ok(Event::Cancelled { run: Some(card.run.clone()) })
                    }
                }
            }
        }
    }

    fn show(&mut self, lines: &[Line]) {
        if self.flags.output == Form::Text {
            self.out.lines(lines);
        }
    }

    fn finish(&mut self, mut told: Told, code: u8) -> u8 {
        self.wipe(&mut told);
        if told.cut {
            return BROKEN_PIPE;
        }
        if self.flags.output == Form::Json {
            let text = told.json(code);
            self.out.json(&text);
        }
        code
    }
}

/// Comes back at the next Ctrl-C; never, where it cannot be heard.
async fn pressed(interrupts: &mut Option<Signal>) {
    let heard = match interrupts {
        Some(interrupts) => interrupts.recv().await.is_some(),
        None => false,
    };
    if !heard {
        std::future::pending::<()>().await;
    }
}

//! The loop: one thing happens, the brain and the face take it, what differs is drawn.
//!
//! Draws only when something differs, at most once in [`FRAME`]. There is no tick but one a second while something runs.

use super::{
    app::{Action, App, Input, Shown},
    terminal::{Modes, Screen},
    theme::Theme,
    view,
};
use crate::{
    drive::{Drive, watch},
    faces::{
        lend,
        say::{Line, Role},
    },
    problem::Problem,
    road::{
        RunId,
        execute::{Borrow, Wish},
    },
    session::{Effect, Event, Session, Tell},
    world::World,
};
use crossterm::event::{Event as TerminalEvent, EventStream};
use futures::{Stream, StreamExt as _};
use ratatui::{Terminal, backend::Backend};
use std::{
    io::{self, Write as _},
    time::Duration,
};
use tokio::{
    sync::mpsc::{Receiver, UnboundedReceiver},
    time::{Instant, sleep_until},
};

/// Between two frames, at least.
const FRAME: Duration = Duration::from_millis(16);
/// Between two frames while only a clock moves.
const TICK: Duration = Duration::from_secs(1);
/// Lines of the conversation that stay on the terminal after leaving.
const STAYS: usize = 40;

/// What the face is started with.
pub struct Start {
    /// The brain.
    pub session: Session,
    /// The hand.
    pub drive: Drive,
    /// What comes back from it.
    pub inbox: UnboundedReceiver<Event>,
    /// The surroundings.
    pub world: World,
    /// Where one stands.
    pub shown: Shown,
    /// Whether there are colours (`NO_COLOR`).
    pub colours: bool,
}

/// Runs the face until the person leaves; its exit code. To be awaited on the main thread (`block_on`), not spawned: the panic
/// hook takes this thread for the face's.
///
/// # Errors
/// Where there is no terminal to draw on, or it goes away.
pub async fn run(start: Start) -> Result<u8, Problem> {
    let ended = ended_from_outside();
    let mut screen = Screen::take()
        .map_err(|e| Problem::failed(format!("there is no terminal to draw on: {e}")).hint("give a request instead: aiops \"get pods\""))?;
    let mut face = Face::new(start);
    let Screen { terminal, modes } = &mut screen;
    let code = face.live(terminal, EventStream::new, ended, modes).await;
    drop(screen);
    face.say_goodbye();
    code.map_err(|e| Problem::failed(format!("the terminal went away: {e}")))
}

/// Everything the loop turns around.
struct Face {
    app: App,
    session: Session,
    drive: Drive,
    inbox: UnboundedReceiver<Event>,
    world: World,
    began: Instant,
    /// A change has just come to its end.
    changed: bool,
    /// What asks for the terminal.
    wishes: Receiver<Borrow>,
}

impl Face {
    fn new(start: Start) -> Face {
        let Start { session, drive, inbox, world, shown, colours } = start;
        let wishes = drive.lends();
        Face { app: App::new(shown, Theme::new(colours)), session, drive, inbox, world, began: Instant::now(), changed: false, wishes }
    }

    fn at(&self) -> Duration {
        self.began.elapsed()
    }

    /// The loop. `listen` begins to hear what the terminal says, `ended` is an end from outside with its exit code, `modes` give the
    /// terminal to others for a while: to the shell, to a command in a container.
    async fn live<B: Backend, K: Stream<Item = io::Result<TerminalEvent>> + Unpin>(
        &mut self,
        terminal: &mut Terminal<B>,
        listen: impl Fn() -> K,
        ended: impl Future<Output = u8>,
        modes: &Modes,
    ) -> io::Result<u8>
    where
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let mut keys = Some(listen());
        // The first frame waits for nothing.
        self.draw(terminal)?;
        let mut drawn = Instant::now();
        let mut viewed = self.session.scope().namespace.clone();
        let mut cluster = watch::cluster_view(self.drive.link(), viewed.clone());
        self.step(Event::Started);
        tokio::pin!(ended);
        loop {
            if self.session.scope().namespace != viewed {
                viewed = self.session.scope().namespace.clone();
                self.app.stands_in(&viewed);
                cluster = watch::cluster_view(self.drive.link(), viewed.clone());
            }
            cluster.look(self.app.cluster_shown());
            let wake = self.wakes_at(drawn);
            // Input first: silence, further down, then means that no key waits to be read.
            tokio::select! {
                biased;
                key = heard(&mut keys) => match key {
                    Some(event) => {
                        let input = input(event?);
                        for action in input.map(|input| self.app.handle(input, self.began.elapsed())).unwrap_or_default() {
                            if action == Action::Quit {
                                return Ok(0);
                            }
                            if action == Action::Suspend {
                                modes.suspend()?;
                                self.app.resumed();
                            }
                            if matches!(action, Action::Redraw | Action::Suspend) {
                                wipe(terminal)?;
                            }
                            self.act(action);
                        }
                        continue;
                    }
                    None => return Err(io::Error::from(io::ErrorKind::UnexpectedEof)),
                },
                code = &mut ended => return Ok(code),
                Some(wish) = self.wishes.recv() => {
                    // What is piped in is no terminal's to give.
                    if wish.what != Wish::Input {
                        // Nobody but the command hears the keys meanwhile.
                        drop(keys.take());
                        modes.leave();
                        let lent = if wish.what == Wish::Screen { lend::screen(wish).await } else { lend::terminal(wish).await };
                        modes.enter()?;
                        keys = Some(listen());
                        if let Err(e) = lent {
                            self.app.notice = Some(Line::of(format!("the terminal cannot be lent: {e}"), Role::Warn));
                        }
                        self.app.resumed();
                        wipe(terminal)?;
                    }
                }
                Some(event) = self.inbox.recv() => {
                    self.step(event);
                    if std::mem::take(&mut self.changed) {
                        cluster.again();
                    }
                }
                Some(view) = cluster.next() => {
                    if self.app.cluster.as_ref() != Some(&view) {
                        self.app.cluster = Some(view);
                        self.app.touch();
                    }
                }
                () = sleep_until(wake.unwrap_or(drawn)), if wake.is_some() => {
                    if self.app.silence_at().is_some_and(|at| self.at() >= at) {
                        for action in self.app.silent(self.at()) {
                            self.act(action);
                        }
                    }
                    let ticks = self.app.running.shown().next().is_some() && drawn.elapsed() >= TICK;
                    if (self.app.is_dirty() || ticks) && drawn.elapsed() >= FRAME {
                        self.draw(terminal)?;
                        drawn = Instant::now();
                    }
                }
            }
        }
    }

    /// When there is something to do though nothing happens; `None`: never.
    fn wakes_at(&self, drawn: Instant) -> Option<Instant> {
        let frame = self.app.is_dirty().then_some(drawn + FRAME);
        let tick = self.app.running.shown().next().map(|_| drawn + TICK);
        let silence = self.app.silence_at().map(|at| self.began + at);
        [frame, tick, silence].into_iter().flatten().min()
    }

    fn draw<B: Backend>(&mut self, terminal: &mut Terminal<B>) -> io::Result<()>
    where
        B::Error: std::error::Error + Send + Sync + 'static,
    {
        let (at, now) = (self.at(), self.world.now());
        let _ = self.app.take_dirty();
        let mut drawn = view::Drawn::default();
        terminal.draw(|frame| drawn = view::draw(frame, &mut self.app, at, now)).map_err(io::Error::other)?;
        // Only now does it count as seen.
        self.app.was_drawn(&drawn, self.at());
        Ok(())
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Ask(text) => {
                let run = RunId::new(self.world.id());
                self.app.running.begins(run.clone(), &text, self.at());
                self.step(Event::Asked { run, text });
            }
            Action::Answer(answer) => self.step(Event::Answered(answer)),
            Action::Cancel(run) => self.step(Event::Cancelled { run: Some(run) }),
            Action::Redraw | Action::Suspend | Action::Quit => {}
        }
    }

    /// Takes one event through the brain; the face's own effects end here.
    fn step(&mut self, event: Event) {
        for effect in self.session.step(event, self.world.now()) {
            match self.drive.carry(effect) {
                Some(Effect::Ask(card)) => self.app.ask(card),
                Some(Effect::Tell(tell)) => {
                    self.changed |= matches!(&tell, Tell::Outcome(outcome) if outcome.changed);
                    self.app.tell(tell);
                }
                // Runs that are over leave the brain's own list, which is followed below; notes are for logs.
                Some(Effect::Over { .. } | Effect::Note(_)) | None => {}
                Some(other) => debug_assert!(false, "the drive gave back {other:?}"),
            }
        }
        let at = self.at();
        self.app.follow(self.session.under_way(), at);
    }

    /// What was said last stays on the terminal.
    fn say_goodbye(&self) {
        let mut out = io::stdout().lock();
        for line in self.app.transcript.end(STAYS) {
            if writeln!(out, "{}", line.text().trim_end()).is_err() {
                return;
            }
        }
        if let Some(item) = self.app.running.change() {
            let _ = writeln!(out, "left while it was under way: {} (aiops journal list tells what was sent)", item.words);
        }
    }
}

/// An empty screen, and every cell of it to be drawn anew. Not `Terminal::clear`: that asks the terminal where its cursor is, and waits for an answer
/// that the reader of keys may take.
fn wipe<B: Backend>(terminal: &mut Terminal<B>) -> io::Result<()>
where
    B::Error: std::error::Error + Send + Sync + 'static,
{
    terminal.backend_mut().clear().map_err(io::Error::other)?;
    // The one it is held against next is the empty one.
    terminal.swap_buffers();
    Ok(())
}

/// What the terminal says next; nothing while nobody listens.
async fn heard<K: Stream<Item = io::Result<TerminalEvent>> + Unpin>(keys: &mut Option<K>) -> Option<io::Result<TerminalEvent>> {
    match keys {
        Some(keys) => keys.next().await,
        None => std::future::pending().await,
    }
}

fn input(event: TerminalEvent) -> Option<Input> {
    match event {
        TerminalEvent::Key(key) => key.is_press().then_some(Input::Key(key)),
        TerminalEvent::Paste(text) => Some(Input::Paste(text)),
        TerminalEvent::Resize(..) => Some(Input::Resized),
        TerminalEvent::FocusGained | TerminalEvent::FocusLost | TerminalEvent::Mouse(_) => None,
    }
}

/// The program is asked to end by others; its exit code then.
#[cfg(unix)]
fn ended_from_outside() -> impl Future<Output = u8> {
    use tokio::signal::unix::{SignalKind, signal};
    // Listened to from here on, not from the first poll on: the terminal is about to be taken over.
    let (term, hangup) = (signal(SignalKind::terminate()), signal(SignalKind::hangup()));
    async move {
        let (Ok(mut term), Ok(mut hangup)) = (term, hangup) else { return std::future::pending().await };
        tokio::select! {
            _ = term.recv() => 128 + 15,
            _ = hangup.recv() => 128 + 1,
        }
    }
}

#[cfg(not(unix))]
fn ended_from_outside() -> impl Future<Output = u8> {
    std::future::pending()
}

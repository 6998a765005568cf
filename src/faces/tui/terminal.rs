//! The terminal itself: taken over at the start, given back on every way out.
//!
//! Invariants: raw mode, the alternate screen and bracketed paste end together, also after a panic, before its message; a panic
//! elsewhere than in the face does not touch the screen, and is told after leaving.

use crossterm::{
    cursor::Show,
    event::{DisableBracketedPaste, EnableBracketedPaste},
    execute,
    terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode},
};
use ratatui::{Terminal, backend::CrosstermBackend};
use std::{
    io::{self, Stdout, Write as _},
    panic::{self, PanicHookInfo},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

type Hook = dyn Fn(&PanicHookInfo<'_>) + Sync + Send + 'static;

/// The terminal, taken over. Dropping it gives it back.
pub struct Screen {
    /// What is drawn on.
    pub terminal: Terminal<CrosstermBackend<Stdout>>,
    /// Its modes.
    pub modes: Modes,
}

/// What was changed of the terminal, and how it is changed back.
pub struct Modes {
    taken: Arc<AtomicBool>,
    before: Arc<Hook>,
    elsewhere: Arc<Mutex<Vec<String>>>,
}

impl Modes {
    /// Gives the terminal back, stops like any program at ^Z, and takes the terminal over again when it is woken.
    pub fn suspend(&self) -> io::Result<()> {
        self.leave();
        #[cfg(unix)]
        rustix::process::kill_process_group(rustix::process::getpgrp(), rustix::process::Signal::TSTP)?;
        self.enter()
    }

    /// Gives the terminal back, for somebody else to use.
    pub fn leave(&self) {
        give_back(&self.taken);
    }

    /// Takes the terminal over again.
    ///
    /// # Errors
    /// Where it does not obey.
    pub fn enter(&self) -> io::Result<()> {
        enter()?;
        self.taken.store(true, Ordering::SeqCst);
        Ok(())
    }
}

fn enter() -> io::Result<()> {
    enable_raw_mode()?;
    execute!(io::stdout(), EnterAlternateScreen, EnableBracketedPaste)
}

impl Screen {
    /// Takes the terminal over. The thread this is called on is the face's: a panic on it ends the face.
    ///
    /// # Errors
    /// Where there is no terminal, or it does not obey.
    pub fn take() -> io::Result<Screen> {
        let taken = Arc::new(AtomicBool::new(true));
        let elsewhere = Arc::new(Mutex::new(Vec::new()));
        let before: Arc<Hook> = panic::take_hook().into();
        let (hook_taken, hook_before, hook_elsewhere, face) =
            (Arc::clone(&taken), Arc::clone(&before), Arc::clone(&elsewhere), thread::current().id());
        panic::set_hook(Box::new(move |info| {
            if hook_taken.load(Ordering::SeqCst) && thread::current().id() != face {
                hook_elsewhere.lock().unwrap_or_else(PoisonError::into_inner).push(info.to_string());
                return;
            }
            give_back(&hook_taken);
            hook_before(info);
        }));
        let terminal = enter().and_then(|()| Terminal::new(CrosstermBackend::new(io::stdout())));
        match terminal {
            Ok(terminal) => Ok(Screen { terminal, modes: Modes { taken, before, elsewhere } }),
            Err(error) => {
                give_back(&taken);
                put_back(before);
                Err(error)
            }
        }
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        give_back(&self.taken);
        if !thread::panicking() {
            put_back(Arc::clone(&self.before));
        }
        let elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        for message in elsewhere.iter() {
            let _ = writeln!(io::stderr(), "{message}");
        }
    }
}

fn put_back(hook: Arc<Hook>) {
    panic::set_hook(Box::new(move |info| hook(info)));
}

fn give_back(taken: &AtomicBool) {
    if taken.swap(false, Ordering::SeqCst) {
        // Each on its own: what fails must not keep the next from being tried.
        let _ = execute!(io::stdout(), DisableBracketedPaste);
        let _ = execute!(io::stdout(), LeaveAlternateScreen, Show);
        let _ = disable_raw_mode();
    }
}

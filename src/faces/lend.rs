//! Lending: what asks for a terminal, or for what is piped in, gets it for as long as it lasts.
//!
//! Invariant: the terminal's modes are what they were before, on every way out.

use crate::road::execute::{Borrow, Terminal};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    termios::{OptionalActions, Termios, tcgetattr, tcgetwinsize, tcsetattr},
};
use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::{mpsc, watch},
};

/// How often the reader of keys looks whether the terminal is still lent.
const LOOKS: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };

/// Raw mode for as long as it lives.
struct Raw {
    tty: File,
    before: Termios,
}

impl Raw {
    fn on(tty: &File) -> io::Result<Raw> {
        let before = tcgetattr(tty)?;
        let mut raw = before.clone();
        raw.make_raw();
        let tty = tty.try_clone()?;
        tcsetattr(&tty, OptionalActions::Now, &raw)?;
        Ok(Raw { tty, before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.tty, OptionalActions::Drain, &self.before);
    }
}

/// Lends the terminal and comes back once it is given back.
///
/// # Errors
/// Where there is no terminal, or it does not obey: nothing is lent then.
pub async fn terminal(wish: Borrow) -> io::Result<()> {
    let mut tty = OpenOptions::new().read(true).write(true).open("/dev/tty")?;
    let raw = Raw::on(&tty)?;
    let size = |tty: &File| tcgetwinsize(tty).map_or((80, 24), |size| (size.ws_col, size.ws_row));
    let (typed, input) = mpsc::channel(16);
    let (output, mut written) = mpsc::channel::<Vec<u8>>(16);
    let (resized, sizes) = watch::channel(size(&tty));
    let mut changes = signal(SignalKind::window_change())?;
    if wish.give.send(Terminal { input, output, sizes }).is_err() {
        return Ok(());
    }
    let lent = Arc::new(AtomicBool::new(true));
    let keys = tty.try_clone()?;
    let reads = {
        let lent = Arc::clone(&lent);
        std::thread::spawn(move || read_keys(&keys, &lent, &typed))
    };
    let ended = loop {
        tokio::select! {
            bytes = written.recv() => match bytes {
                Some(bytes) => if let Err(e) = tty.write_all(&bytes).and_then(|()| tty.flush()) {
                    break Err(e);
                },
                None => break Ok(()),
            },
            Some(()) = changes.recv() => {
                resized.send_replace(size(&tty));
            }
        }
    };
    lent.store(false, Ordering::SeqCst);
    // It looks every now and then, so this is short; a key pressed later is not swallowed.
    let _ = tokio::task::spawn_blocking(move || reads.join()).await;
    drop(raw);
    ended
}

fn read_keys(mut tty: &File, lent: &AtomicBool, typed: &mpsc::Sender<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while lent.load(Ordering::SeqCst) {
        let ready = poll(&mut [PollFd::new(tty, PollFlags::IN)], Some(&LOOKS));
        match ready {
            Ok(0) | Err(rustix::io::Errno::INTR) => continue,
            Ok(_) => {}
            Err(_) => return,
        }
        match tty.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(n) => {
                if typed.blocking_send(buffer[..n].to_vec()).is_err() {
                    return;
                }
            }
        }
    }
}

/// Lends the terminal as it is to a program, and comes back once that has ended.
///
/// # Errors
/// Where it does not obey. Where there is none, nothing is lent.
pub async fn screen(wish: Borrow) -> io::Result<()> {
    let Ok(tty) = OpenOptions::new().read(true).write(true).open("/dev/tty") else { return Ok(()) };
    let before = tcgetattr(&tty)?;
    // A Ctrl-C is the program's: it is pressed in the same terminal, and heard here too.
    let _heard = signal(SignalKind::interrupt())?;
    let (_typed, input) = mpsc::channel(1);
    let (output, mut held) = mpsc::channel(1);
    let (_, sizes) = watch::channel((80, 24));
    if wish.give.send(Terminal { input, output, sizes }).is_err() {
        return Ok(());
    }
    while held.recv().await.is_some() {}
    tcsetattr(&tty, OptionalActions::Drain, &before)?;
    Ok(())
}

/// Lends what comes through standard input; returns at once.
pub fn input(wish: Borrow) {
    let (typed, input) = mpsc::channel(16);
    let (output, _) = mpsc::channel(1);
    let (_, sizes) = watch::channel((80, 24));
    if wish.give.send(Terminal { input, output, sizes }).is_err() {
        return;
    }
    // Ends with the input, or with the program.
    std::thread::spawn(move || {
        let mut stdin = io::stdin().lock();
        let mut buffer = [0; 16 * 1024];
        while let Ok(n @ 1..) = stdin.read(&mut buffer) {
            if typed.blocking_send(buffer[..n].to_vec()).is_err() {
                return;
            }
        }
    });
}

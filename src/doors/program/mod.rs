//! What the doors to programs share: finding one, a folder of its own, running it within bounds.
//!
//! Owns: which files may be run, [`Own`] folders, bounds in time and output. Does not own: which program, its arguments and its environment
//! (the door to each).
//! Invariants: no shell; only an absolute path is run; nothing is on its standard input; it ends when it is not waited for any more.

mod own;

pub(super) use own::Own;

use crate::{
    problem::{Problem, Sort},
    world::World,
};
use std::{
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::{io::AsyncReadExt as _, process::Command};

/// The most that is taken of what it writes, in bytes: a release and its chart.
const MOST: u64 = 64 << 20;
/// The most of what it says to a person.
const MOST_WORDS: u64 = 256 << 10;

/// What it left.
pub(super) struct Left {
    pub ok: bool,
    pub out: Vec<u8>,
    /// What it says to a person.
    pub words: String,
}

/// The program that a variable of the environment names; `None` where it names none.
///
/// # Errors
/// [`Problem`] where what it names is no program, or no whole path.
pub(super) fn named(world: &World, variable: &str) -> Result<Option<PathBuf>, Problem> {
    let Some(named) = world.var(variable) else { return Ok(None) };
    match Some(PathBuf::from(named)).filter(|path| path.is_absolute() && runs(path)) {
        Some(path) => Ok(Some(path)),
        None => Err(Problem::failed(format!("{variable} names {named}, and that is no program")).hint("give its whole path")),
    }
}

/// The first program of that name on the PATH.
pub(super) fn on_path(world: &World, name: &str) -> Option<PathBuf> {
    // A relative entry would run what happens to lie where one stands.
    let folders = world.var("PATH").map(|path| std::env::split_paths(path).collect::<Vec<_>>()).unwrap_or_default();
    folders.into_iter().filter(|folder| folder.is_absolute()).map(|folder| folder.join(name)).find(|path| runs(path))
}

fn runs(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// Runs it to its end, or to the end of that patience.
///
/// # Errors
/// [`Problem`] where it does not start, writes too much, or does not end in time.
pub(super) async fn bounded(mut command: Command, path: &Path, patience: Duration) -> Result<Left, Problem> {
    // In a process group of its own a Ctrl-C at the terminal does not reach it: a change is not broken off in the middle.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).process_group(0);
    let shown = path.display();
    let mut child = command.spawn().map_err(|e| Problem::failed(format!("{shown} cannot be started: {e}")))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let ran = tokio::time::timeout(patience, async {
        let (mut bytes, mut words) = (Vec::new(), Vec::new());
        let read = async {
            match out {
                Some(out) => out.take(MOST + 1).read_to_end(&mut bytes).await,
                None => Ok(0),
            }
        };
        let heard = async {
            match err {
                Some(err) => err.take(MOST_WORDS).read_to_end(&mut words).await,
                None => Ok(0),
            }
        };
        let (read, heard) = tokio::join!(read, heard);
        read?;
        heard?;
        child.wait().await.map(|status| (status, bytes, words))
    });
    match ran.await {
        Ok(Ok((_, bytes, _))) if bytes.len() as u64 > MOST => Err(Problem::failed(format!("{shown} writes more than 64 MiB"))),
        Ok(Ok((status, out, words))) => Ok(Left { ok: status.success(), out, words: String::from_utf8_lossy(&words).into_owned() }),
        Ok(Err(e)) => Err(Problem::failed(format!("{shown} broke off: {e}"))),
        Err(_) => {
            let sentence = format!("{shown} did not end within {} s and was stopped", patience.as_secs());
            Err(Problem::new(Sort::OutcomeUnknown, sentence))
        }
    }
}

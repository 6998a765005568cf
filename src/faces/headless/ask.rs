//! The question on the terminal: /dev/tty, so that data may come through standard input. Enter is not yes, silence is no.

use crate::{
    faces::{args::Global, say},
    road::{
        approve::{Answer, Given},
        preview::Card,
        vet::Verdict,
    },
};
use std::{
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
};

/// What is to be done about a question without anyone being asked.
pub(super) enum Standing {
    /// Flags answer it.
    Answered(Answer),
    /// It is only to be shown.
    ShowOnly,
    /// Somebody has to be asked.
    Ask,
}

/// What the flags say to a question.
pub(super) fn standing(card: &Card, flags: &Global) -> Standing {
    let answer = |given| Standing::Answered(Answer { to: card.preview.clone(), given });
    if flags.dry_run || flags.to_files.is_some() {
        return Standing::ShowOnly;
    }
    match (card.verdict, &flags.confirm) {
        (Verdict::ConfirmTyped, Some(name)) => answer(Given::ConfirmFlag(name.clone())),
        (Verdict::Confirm, _) if flags.yes && !card.needs_person => answer(Given::YesFlag),
        (Verdict::ConfirmTyped, None) if flags.yes && terminal().is_none() => answer(Given::YesFlag),
        (_, _) => Standing::Ask,
    }
}

/// The terminal, if there is one.
pub(super) fn terminal() -> Option<File> {
    OpenOptions::new().read(true).write(true).open("/dev/tty").ok()
}

/// Asks until there is an answer. What was typed before the question stood there does not count. `None`: the terminal is gone.
pub(super) fn ask(card: &Card, mut tty: File) -> Option<Answer> {
    // Keys pressed while the question was not there yet are no answer to it.
    let _ = rustix::termios::tcflush(&tty, rustix::termios::QueueSelector::IFlush);
    let mut lines = BufReader::new(tty.try_clone().ok()?);
    let typed = card.verdict == Verdict::ConfirmTyped;
    loop {
        let prompt = match (&card.name_to_type, typed) {
            (Some(name), true) => format!("  Type {} to apply, or n  › ", say::clean(name)),
            (_, _) => "  Apply?  [y]es  [n]o  [e]xplain  [?]  › ".to_string(),
        };
        tty.write_all(prompt.as_bytes()).and_then(|()| tty.flush()).ok()?;
        let mut said = String::new();
        if lines.read_line(&mut said).ok()? == 0 {
            // The end of input is silence, and silence is no.
            let _ = tty.write_all(b"\n");
            return Some(Answer { to: card.preview.clone(), given: Given::No });
        }
        if let Some(given) = reading(card, &said) {
            return Some(Answer { to: card.preview.clone(), given });
        }
        let more = match said.trim().to_lowercase().as_str() {
            "e" | "explain" | "d" | "diff" => explained(card),
            _ => help(typed),
        };
        let _ = tty.write_all(more.as_bytes());
    }
}

/// What a typed line says to a question; `None`: it is no answer, and the question stands. Enter alone is none.
pub fn reading(card: &Card, said: &str) -> Option<Given> {
    let typed = card.verdict == Verdict::ConfirmTyped;
    match (said.trim().to_lowercase().as_str(), typed) {
        // First of all, also where an object is called so: that one is confirmed by --confirm.
        ("n" | "no" | "q" | "quit", _) => Some(Given::No),
        (_, true) if Some(said.trim()) == card.name_to_type.as_deref() => Some(Given::Typed(said.trim().to_string())),
        ("y" | "yes", false) => Some(Given::Yes),
        (_, _) => None,
    }
}

fn help(typed: bool) -> String {
    let first = if typed { "the name, exactly: apply it" } else { "y: apply exactly what is shown" };
    format!("    {first}\n    n: change nothing\n    e: why this is asked\n    (Enter alone is no answer; Ctrl-C changes nothing)\n")
}

fn explained(card: &Card) -> String {
    let mut lines = Vec::new();
    for step in &card.steps {
        lines.extend(step.reasons.iter().map(|r| format!("{}: {} ({})", step.title, r.said(), r.verdict.word())));
    }
    lines.push(format!("rests on: {}", say::basis(card)));
    lines.push(format!("preview {}", card.preview.as_str().chars().take(12).collect::<String>()));
    lines.iter().map(|line| format!("    {}\n", say::clean(line))).collect()
}

//! One table of keys: key, what it does, how help tells of it. Nothing else looks at key codes to decide, so help cannot lie.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Sends the request.
    Send,
    /// Breaks the line.
    NewLine,
    /// An earlier request; within a longer text a line up.
    Older,
    /// A later request; within a longer text a line down.
    Newer,
    /// Stops or declines what is in front.
    Cancel,
    /// The same, and twice leaves.
    Interrupt,
    /// Leaves, where nothing is typed.
    Leave,
    /// Help, on and off.
    Help,
    /// The cluster panel, on and off.
    Cluster,
    /// A page back.
    PageUp,
    /// A page on.
    PageDown,
    /// A line back.
    LineUp,
    /// A line on.
    LineDown,
    /// To the newest line, and stay there.
    Bottom,
    /// Yes to the question.
    Yes,
    /// No to the question.
    No,
    /// As much room for the question as there is.
    Whole,
    /// Why it is asked.
    Why,
    /// The keys go to the question, or back to the composer.
    Focus,
    /// The typed name is the answer.
    Submit,
    /// Draws everything anew.
    Redraw,
    /// Gives the terminal to the shell for a while.
    Suspend,
    /// Asks for what the last diagnosis proposed.
    Fix,
}

/// Where a key counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Everywhere.
    Anywhere,
    /// The composer has the keys, and nothing is typed.
    Empty,
    /// The composer has the keys.
    Composer,
    /// A question has the keys that a yes answers.
    Question,
    /// A question has the keys that a typed name answers.
    Naming,
    /// A question stands, whoever has the keys.
    Standing,
    /// Help is open.
    Help,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Where.
    pub place: Place,
    /// Which keys.
    pub chords: &'static [(KeyModifiers, KeyCode)],
    /// How the key is written: `^D`.
    pub shown: &'static str,
    /// What it does.
    pub doing: Doing,
    /// One or two words, for the line of keys; empty: only in help.
    pub short: &'static str,
    /// A sentence, for help.
    pub help: &'static str,
}

const NONE: KeyModifiers = KeyModifiers::NONE;
const CTRL: KeyModifiers = KeyModifiers::CONTROL;
const ALT: KeyModifiers = KeyModifiers::ALT;
const SHIFT: KeyModifiers = KeyModifiers::SHIFT;

const fn row(
    place: Place,
    chords: &'static [(KeyModifiers, KeyCode)],
    shown: &'static str,
    doing: Doing,
    short: &'static str,
    help: &'static str,
) -> Binding {
    Binding { place, chords, shown, doing, short, help }
}

/// Every key there is.
pub const TABLE: &[Binding] = &[
    row(Place::Question, &[(NONE, KeyCode::Char('y'))], "y", Doing::Yes, "apply", "apply exactly what the question shows"),
    row(Place::Question, &[(NONE, KeyCode::Char('n'))], "n", Doing::No, "no", "change nothing"),
    row(Place::Naming, &[(NONE, KeyCode::Enter)], "Enter", Doing::Submit, "apply", "apply, once the name stands there"),
    row(
        Place::Question,
        &[(NONE, KeyCode::Char('d')), (NONE, KeyCode::F(3))],
        "d",
        Doing::Whole,
        "whole diff",
        "the whole screen for the question",
    ),
    row(
        Place::Question,
        &[(NONE, KeyCode::Char('e')), (NONE, KeyCode::F(4))],
        "e",
        Doing::Why,
        "why",
        "why it is asked, and what the preview rests on",
    ),
    row(Place::Naming, &[(NONE, KeyCode::F(3))], "F3", Doing::Whole, "whole diff", "the whole screen for the question"),
    row(Place::Naming, &[(NONE, KeyCode::F(4))], "F4", Doing::Why, "why", "why it is asked, and what the preview rests on"),
    row(Place::Question, &[(NONE, KeyCode::Char('?'))], "?", Doing::Help, "keys", "these keys"),
    row(Place::Question, &[(NONE, KeyCode::Up)], "↑", Doing::LineUp, "", "a line of the question back"),
    row(Place::Question, &[(NONE, KeyCode::Down)], "↓", Doing::LineDown, "", "a line of the question on"),
    row(Place::Naming, &[(NONE, KeyCode::Up)], "↑", Doing::LineUp, "", "a line of the question back"),
    row(Place::Naming, &[(NONE, KeyCode::Down)], "↓", Doing::LineDown, "", "a line of the question on"),
    row(
        Place::Standing,
        &[(NONE, KeyCode::Tab), (NONE, KeyCode::F(6))],
        "Tab",
        Doing::Focus,
        "question ⇄ typing",
        "give the keys to the question, or back to what you type",
    ),
    row(Place::Empty, &[(NONE, KeyCode::Char('?'))], "?", Doing::Help, "keys", "these keys"),
    row(Place::Composer, &[(NONE, KeyCode::Enter)], "Enter", Doing::Send, "", "send the request; never an answer to a question"),
    row(
        Place::Composer,
        &[(ALT, KeyCode::Enter), (SHIFT, KeyCode::Enter), (CTRL, KeyCode::Char('j'))],
        "Alt-Enter ^J",
        Doing::NewLine,
        "",
        "one more line in the request",
    ),
    row(
        Place::Anywhere,
        &[(NONE, KeyCode::Esc)],
        "Esc",
        Doing::Cancel,
        "cancel",
        "stop thinking, decline a question, stop watching; else clear",
    ),
    row(Place::Composer, &[(NONE, KeyCode::Up)], "↑", Doing::Older, "history", "an earlier request"),
    row(Place::Composer, &[(NONE, KeyCode::Down)], "↓", Doing::Newer, "", "a later request"),
    row(Place::Anywhere, &[(NONE, KeyCode::F(2))], "F2", Doing::Cluster, "cluster", "the cluster panel, on and off"),
    row(Place::Anywhere, &[(NONE, KeyCode::F(5))], "F5", Doing::Fix, "", "do what the last diagnosis proposed, after a question"),
    row(Place::Anywhere, &[(NONE, KeyCode::PageUp)], "PgUp", Doing::PageUp, "", "read back (the question, where it has the keys)"),
    row(Place::Anywhere, &[(NONE, KeyCode::PageDown)], "PgDn", Doing::PageDown, "", "read on"),
    row(Place::Empty, &[(NONE, KeyCode::End), (CTRL, KeyCode::End)], "End", Doing::Bottom, "", "to the newest line"),
    row(Place::Anywhere, &[(NONE, KeyCode::F(1))], "F1", Doing::Help, "", "these keys"),
    row(Place::Anywhere, &[(CTRL, KeyCode::Char('l'))], "^L", Doing::Redraw, "", "draw everything anew"),
    row(Place::Anywhere, &[(CTRL, KeyCode::Char('z'))], "^Z", Doing::Suspend, "", "back to the shell for a while (fg returns)"),
    row(Place::Anywhere, &[(CTRL, KeyCode::Char('c'))], "^C", Doing::Interrupt, "", "as Esc; twice leaves"),
    row(Place::Empty, &[(CTRL, KeyCode::Char('d'))], "^D", Doing::Leave, "quit", "leave, when nothing is typed"),
    row(Place::Question, &[(CTRL, KeyCode::Char('d'))], "^D", Doing::Leave, "", "leave"),
    row(
        Place::Help,
        &[(NONE, KeyCode::Esc), (NONE, KeyCode::Char('?')), (NONE, KeyCode::Char('q')), (NONE, KeyCode::Enter)],
        "Esc",
        Doing::Help,
        "close",
        "close this",
    ),
    row(Place::Help, &[(NONE, KeyCode::Up)], "↑", Doing::LineUp, "", "a line back"),
    row(Place::Help, &[(NONE, KeyCode::Down)], "↓", Doing::LineDown, "scroll", "a line on"),
];

/// What a key does where these places hold, the first that knows it first.
pub fn look_up(places: &[Place], key: &KeyEvent) -> Option<Doing> {
    // A terminal may or may not say Shift beside a letter or sign that already is the shifted one.
    let modifiers = match key.code {
        KeyCode::Char(_) => key.modifiers - KeyModifiers::SHIFT,
        _ => key.modifiers,
    };
    places.iter().find_map(|place| TABLE.iter().find(|b| b.place == *place && b.chords.contains(&(modifiers, key.code))).map(|b| b.doing))
}

/// Keys and their words for the line of keys, in the order of the table.
pub fn short(places: &[Place]) -> Vec<(&'static str, &'static str)> {
    let mut rows: Vec<(&str, &str)> = Vec::new();
    for binding in TABLE.iter().filter(|b| places.contains(&b.place) && !b.short.is_empty()) {
        if !rows.iter().any(|(shown, short)| *shown == binding.shown || *short == binding.short) {
            rows.push((binding.shown, binding.short));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for (n, a) in TABLE.iter().enumerate() {
            for b in &TABLE[n + 1..] {
                assert!(a.place != b.place || !a.chords.iter().any(|c| b.chords.contains(c)), "{} {}", a.help, b.help);
            }
        }
    }

    #[test]
    fn enter_is_never_a_yes() {
        assert!(TABLE.iter().filter(|b| b.doing == Doing::Yes).all(|b| b.chords == [(NONE, KeyCode::Char('y'))]));
    }

    #[test]
    fn every_key_is_told_of() {
        assert!(TABLE.iter().all(|b| !b.help.is_empty() && !b.shown.is_empty()));
    }
}

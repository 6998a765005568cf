//! The dialogues as they are written down: a line a turn, what is said and what comes of it; an empty line ends a dialogue.
//!
//! What comes of a turn: the lines of kubectl, joined by ` + ` (without `kubectl`, and without `-n shop`, where the talk stands), with
//! a `~` behind them where something was taken for granted; `?name` for a question and what it misses; `refused`, `unknown`, `told`,
//! `dropped`, `here NAMESPACE`, `undo`, `why` for a diagnosis or a playbook, `unchanged` where it is so already, `trouble` where the cluster would not.

/// The dialogues.
pub const DIALOGUES: &str = include_str!("dialogues.txt");

/// The objects they are held about.
pub const CLUSTER: &str = include_str!("cluster.json");

/// One dialogue.
#[derive(Debug)]
pub struct Dialogue {
    /// The shape it is of.
    pub shape: &'static str,
    /// Where it begins in the file.
    pub line: usize,
    /// What is said, and what comes of it.
    pub turns: Vec<(&'static str, &'static str)>,
}

/// Reads them.
pub fn dialogues() -> Vec<Dialogue> {
    let mut all: Vec<Dialogue> = Vec::new();
    let (mut shape, mut open) = ("", false);
    for (n, line) in DIALOGUES.lines().enumerate() {
        if let Some(heading) = line.strip_prefix("# ") {
            shape = heading;
            open = false;
        } else if line.is_empty() {
            open = false;
        } else {
            let turn = line.split_once(" => ").unwrap_or_else(|| panic!("line {}: {line:?} says not what comes of it", n + 1));
            if !std::mem::replace(&mut open, true) {
                all.push(Dialogue { shape, line: n + 1, turns: Vec::new() });
            }
            all.last_mut().unwrap().turns.push(turn);
        }
    }
    all
}

/// Lines of kubectl as they are written down here.
pub fn lines(lines: impl Iterator<Item = String>, assumed: bool) -> String {
    let short = |line: String| line.strip_prefix("kubectl ").unwrap_or(&line).trim_end_matches(" -n shop").to_string();
    let joined = lines.map(short).collect::<Vec<_>>().join(" + ");
    if assumed { format!("{joined} ~") } else { joined }
}

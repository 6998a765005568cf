//! What containers do, told in advance.
use serde_json::Value;

/// Which containers a script is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// The image, where `*` stands for anything: `todo-worker:*`.
    Image(String),
    /// Pods with this label.
    Label(String, String),
    /// Those of one namespace that also fit another match.
    In(String, Box<Match>),
}

impl Match {
    /// The same, in one namespace only.
    #[must_use]
    pub fn within(self, namespace: &str) -> Self {
        Match::In(namespace.to_owned(), Box::new(self))
    }

    pub(super) fn fits(&self, pod: &Value, image: &str) -> bool {
        match self {
            Match::Image(pattern) => glob(pattern, image),
            Match::Label(key, value) => pod.pointer("/metadata/labels").is_some_and(|l| l[key] == value.as_str()),
            Match::In(namespace, which) => pod["metadata"]["namespace"] == namespace.as_str() && which.fits(pod, image),
        }
    }
}

/// `*` stands for any text; all else for itself.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, rest)) => text
            .strip_prefix(head)
            .is_some_and(|tail| (0..=tail.len()).filter(|at| tail.is_char_boundary(*at)).any(|at| glob(rest, &tail[at..]))),
    }
}

/// One container's play. Built from [`Script::runs`] and its sisters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Seconds from start to readiness (where there is a readiness probe; else it is ready at once).
    pub ready_after: i64,
    /// What it writes when it starts.
    pub log: Vec<String>,
    /// What it goes on writing: every so many seconds, this.
    pub tick: Option<(i64, String)>,
    /// Environment variables without which it ends at once: name, last words, exit code.
    pub needs: Vec<(String, String, i32)>,
    /// What it does in the end.
    pub then: Behaviour,
}

/// What a container does in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behaviour {
    Runs,
    /// Runs, but its readiness probe fails with this output.
    NeverReady(String),
    /// Ends after so many seconds with this code and these last words.
    Exits {
        after: i64,
        code: i32,
        last: Vec<String>,
    },
    /// Is killed for its memory after so many seconds.
    OutOfMemory {
        after: i64,
    },
    /// Its image cannot be had, for this reason of the registry's.
    CannotPull(String),
}

impl Script {
    /// Starts, is ready two seconds later, runs for ever.
    pub fn runs() -> Self {
        Script { ready_after: 2, log: Vec::new(), tick: None, needs: Vec::new(), then: Behaviour::Runs }
    }

    /// Ends after so many seconds.
    pub fn exits(after: i64, code: i32) -> Self {
        Script { then: Behaviour::Exits { after, code, last: Vec::new() }, ..Script::runs() }
    }

    /// Ends at start with a line in the log and a code other than zero, again and again.
    pub fn crashes(line: &str, code: i32) -> Self {
        Script { then: Behaviour::Exits { after: 1, code, last: vec![line.to_owned()] }, ..Script::runs() }
    }

    /// Has an image that no registry knows.
    pub fn cannot_pull() -> Self {
        Script { then: Behaviour::CannotPull("not found".to_owned()), ..Script::runs() }
    }

    /// Runs and is never ready.
    pub fn never_ready(output: &str) -> Self {
        Script { then: Behaviour::NeverReady(output.to_owned()), ..Script::runs() }
    }

    /// The same, with these lines in its log.
    #[must_use]
    pub fn saying(mut self, lines: &[&str]) -> Self {
        self.log.extend(lines.iter().map(|l| (*l).to_owned()));
        self
    }

    /// The same, ready only after so many seconds.
    #[must_use]
    pub fn ready_after(mut self, seconds: i64) -> Self {
        self.ready_after = seconds;
        self
    }

    /// The same, writing a line every so many seconds.
    #[must_use]
    pub fn ticking(mut self, seconds: i64, line: &str) -> Self {
        self.tick = Some((seconds.max(1), line.to_owned()));
        self
    }

    /// The same, but ending with `line` and `code` where the variable is not set.
    #[must_use]
    pub fn needing(mut self, variable: &str, line: &str, code: i32) -> Self {
        self.needs.push((variable.to_owned(), line.to_owned(), code));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text) in [("a:*", "a:1"), ("*", ""), ("*:no-such-tag", "x/y:no-such-tag"), ("a*c*e", "abcde"), ("a", "a")] {
            assert!(glob(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("a:*", "b:1"), ("a", "ab"), ("*x", "xy")] {
            assert!(!glob(pattern, text), "{pattern} {text}");
        }
    }
}

//! The argument grammar that kubectl and helm share, once for all verbs: a line becomes words without any shell, words become places and flags.
//!
//! The flag forms are pflag's: `--name=v`, `--name v`, `-n v`, `-nv`, `-n=v`, joined short switches (`-it`), `--` ends them.
//! Nothing here runs anything; pipes, redirections, substitutions and globs are refused in words.

use super::Program;
use std::fmt;

/// Whether a flag takes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// A switch: present or not, or `=true|false`.
    Nothing,
    /// Always a value.
    Value,
}

/// One flag of one verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flag {
    /// `replicas` of `--replicas`.
    pub long: &'static str,
    /// `n` of `-n`.
    pub short: Option<char>,
    /// Whether a value follows.
    pub takes: Takes,
}

impl Flag {
    /// A flag with a value.
    pub const fn value(long: &'static str) -> Flag {
        Flag { long, short: None, takes: Takes::Value }
    }
    /// A switch.
    pub const fn switch(long: &'static str) -> Flag {
        Flag { long, short: None, takes: Takes::Nothing }
    }
    /// The same with a short form.
    pub const fn short(self, c: char) -> Flag {
        Flag { long: self.long, short: Some(c), takes: self.takes }
    }
}

/// Flags that every verb knows.
pub const COMMON: &[Flag] = &[Flag::value("namespace").short('n'), Flag::switch("all-namespaces").short('A')];

/// Why a line was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Misuse {
    /// It needs a shell, and there is none.
    #[error("{0} needs a shell, and aiops has none: say each step as a request of its own")]
    Shell(&'static str),
    /// A quote that does not end.
    #[error("a quote is opened and not closed")]
    OpenQuote,
    /// No such verb here; the program's word stands before it.
    #[error("{0} is not something aiops does")]
    UnknownVerb(String),
    /// No such flag for this verb.
    #[error("--{flag} is not known for {verb}")]
    UnknownFlag {
        /// The program's word and the verb's.
        verb: String,
        /// The flag without dashes.
        flag: String,
    },
    /// A flag whose value is missing.
    #[error("--{0} needs a value")]
    NeedsValue(String),
    /// A flag that reaches outside the request.
    #[error("--{0} is fixed when aiops starts and cannot be changed inside a request")]
    Outward(String),
    /// No such kind, as far as is known without asking the cluster.
    #[error("the cluster has no kind {0:?}")]
    UnknownKind(String),
    /// Something is missing or does not fit; the sentence says what.
    #[error("{0}")]
    Says(String),
}

impl Misuse {
    /// A sentence of the verb's own.
    pub fn says(text: impl Into<String>) -> Misuse {
        Misuse::Says(text.into())
    }

    /// The program has no such verb here.
    pub(super) fn unknown(program: Program, verb: &[String]) -> Misuse {
        Misuse::UnknownVerb(format!("{} {}", program.word(), verb.join(" ")))
    }
}

impl From<super::BadName> for Misuse {
    fn from(e: super::BadName) -> Self {
        Misuse::Says(e.to_string())
    }
}

/// What stands on a line: whose it is, the verb, places, flags in order (long names), and what follows `--`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Argv {
    /// Whose line it is.
    pub program: Program,
    /// The verb's words: `["rollout", "restart"]`.
    pub verb: Vec<String>,
    /// Arguments that are no flags.
    pub places: Vec<String>,
    /// Long flag names with their values; a switch has `true` or `false`.
    pub flags: Vec<(&'static str, String)>,
    /// What follows `--`.
    pub tail: Vec<String>,
}

impl Argv {
    /// An empty kubectl line of that verb, to print into.
    pub fn of(verb: &[&str]) -> Argv {
        Argv::to(Program::Kubectl, verb)
    }

    /// The same for another program.
    pub fn to(program: Program, verb: &[&str]) -> Argv {
        Argv { program, verb: verb.iter().map(|w| (*w).to_string()).collect(), ..Argv::default() }
    }

    /// The program and the verb, for sentences: `kubectl rollout restart`.
    pub fn head(&self) -> String {
        format!("{} {}", self.program.word(), self.verb.join(" "))
    }

    /// The same with one more place.
    #[must_use]
    pub fn place(mut self, word: impl fmt::Display) -> Self {
        self.places.push(word.to_string());
        self
    }

    /// The same with one more flag.
    #[must_use]
    pub fn flag(mut self, long: &'static str, value: impl fmt::Display) -> Self {
        self.flags.push((long, value.to_string()));
        self
    }

    /// The same with a switch, if it is on.
    #[must_use]
    pub fn switch(self, long: &'static str, on: bool) -> Self {
        if on { self.flag(long, "true") } else { self }
    }

    /// The same with `-n`, if there is a namespace.
    #[must_use]
    pub fn namespace(self, namespace: Option<&super::Namespace>) -> Self {
        match namespace {
            Some(ns) => self.flag("namespace", ns),
            None => self,
        }
    }

    /// The last value given for a flag.
    pub fn get(&self, long: &str) -> Option<&str> {
        self.flags.iter().rev().find(|(name, _)| *name == long).map(|(_, value)| value.as_str())
    }

    /// Every value given for a flag, in order.
    pub fn all<'a>(&'a self, long: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.flags.iter().filter(move |(name, _)| *name == long).map(|(_, value)| value.as_str())
    }

    /// Whether a switch is on.
    pub fn on(&self, long: &str) -> bool {
        self.get(long) == Some("true")
    }

    /// A flag's value as whatever it should be.
    ///
    /// # Errors
    /// [`Misuse`] naming the flag and what was wrong with the value.
    pub fn parsed<T: std::str::FromStr>(&self, long: &str) -> Result<Option<T>, Misuse>
    where
        T::Err: fmt::Display,
    {
        match self.get(long) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|e| Misuse::Says(format!("--{long}={text}: {e}"))),
        }
    }

    /// The namespace flag as a namespace.
    ///
    /// # Errors
    /// [`Misuse`] where it is no legal namespace.
    pub fn named_namespace(&self) -> Result<Option<super::Namespace>, Misuse> {
        self.parsed("namespace")
    }

    /// Reads the words behind the verb by that verb's sets of flags and the common ones.
    ///
    /// # Errors
    /// [`Misuse`] for an unknown or outward flag, or a missing value.
    pub fn parse(program: Program, verb: &[&str], words: &[String], flags: &[&'static [Flag]]) -> Result<Argv, Misuse> {
        let mut argv = Argv::to(program, verb);
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                argv.tail = words.cloned().collect();
                break;
            }
            if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_string())),
                    None => (long, None),
                };
                let flag = find(flags, |f| f.long == name).ok_or_else(|| argv.unknown(name))?;
                let value = match (flag.takes, value) {
                    (_, Some(value)) => value,
                    (Takes::Nothing, None) => "true".into(),
                    (Takes::Value, None) => words.next().cloned().ok_or_else(|| Misuse::NeedsValue(name.into()))?,
                };
                argv.flags.push((flag.long, checked(flag, value)?));
            } else if word.len() > 1 && word.starts_with('-') && !word[1..].chars().all(|c| c.is_ascii_digit()) {
                argv.shorts(&word[1..], &mut words, flags)?;
            } else {
                argv.places.push(word.clone());
            }
        }
        Ok(argv)
    }

    fn shorts<'a>(
        &mut self,
        mut rest: &str,
        words: &mut impl Iterator<Item = &'a String>,
        flags: &[&'static [Flag]],
    ) -> Result<(), Misuse> {
        while let Some(c) = rest.chars().next() {
            let flag = find(flags, |f| f.short == Some(c)).ok_or_else(|| self.unknown(&c.to_string()))?;
            rest = &rest[c.len_utf8()..];
            match flag.takes {
                Takes::Nothing => match rest.strip_prefix('=') {
                    Some(value) => {
                        self.flags.push((flag.long, checked(flag, value.to_string())?));
                        return Ok(());
                    }
                    None => self.flags.push((flag.long, "true".into())),
                },
                Takes::Value => {
                    let value = match rest.strip_prefix('=').unwrap_or(rest) {
                        "" => words.next().cloned().ok_or_else(|| Misuse::NeedsValue(flag.long.into()))?,
                        joined => joined.to_string(),
                    };
                    self.flags.push((flag.long, value));
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn unknown(&self, flag: &str) -> Misuse {
        match self.program.outward().contains(&flag) {
            true => Misuse::Outward(flag.into()),
            false => Misuse::UnknownFlag { verb: self.head(), flag: flag.into() },
        }
    }

    /// Whether the verb's own flag of that name takes no value; a value that happens to read `true` must not be printed as none.
    pub(super) fn is_switch(&self, long: &str) -> bool {
        super::each::entry_of(self).and_then(|entry| super::each::takes(entry, long)) == Some(Takes::Nothing)
    }

    /// The whole line as a person would type it, quoted where a shell would need it.
    pub fn line(&self) -> String {
        let mut out = String::from(self.program.word());
        for word in self.verb.iter().chain(&self.places) {
            out.push(' ');
            out.push_str(&quoted(word));
        }
        for (name, value) in &self.flags {
            match (*name, value.as_str()) {
                ("namespace", ns) => out.push_str(&format!(" -n {}", quoted(ns))),
                ("all-namespaces", "true") => out.push_str(" -A"),
                ("filename", file) => out.push_str(&format!(" -f {}", quoted(file))),
                ("output", form) => out.push_str(&format!(" -o {}", quoted(form))),
                (name, "true") if self.is_switch(name) => out.push_str(&format!(" --{name}")),
                (name, value) => out.push_str(&format!(" --{name}={}", quoted(value))),
            }
        }
        if !self.tail.is_empty() {
            out.push_str(" --");
            for word in &self.tail {
                out.push(' ');
                out.push_str(&quoted(word));
            }
        }
        out
    }
}

fn find(flags: &[&'static [Flag]], is: impl Fn(&Flag) -> bool) -> Option<&'static Flag> {
    flags.iter().copied().flatten().chain(COMMON).find(|f| is(f))
}

fn checked(flag: &Flag, value: String) -> Result<String, Misuse> {
    match (flag.takes, value.as_str()) {
        (Takes::Value, _) | (Takes::Nothing, "true" | "false") => Ok(value),
        (Takes::Nothing, _) => Err(Misuse::Says(format!("--{} is a switch: true or false, not {value:?}", flag.long))),
    }
}

/// A word as a line has it: in quotes where it needs them.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.to_string() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// Splits a line into words as a POSIX shell would, without being one: quotes and backslashes count, everything that only a
/// shell could do is refused.
///
/// # Errors
/// [`Misuse::Shell`] naming the sign, [`Misuse::OpenQuote`].
pub fn split(line: &str) -> Result<Vec<String>, Misuse> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_whitespace() => {
                if c == '\n' && chars.clone().any(|c| !c.is_whitespace()) {
                    return Err(Misuse::Shell("a second line"));
                }
                words.extend(word.take());
            }
            '\'' => {
                let into = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('\'') => break,
                        Some(c) => into.push(c),
                        None => return Err(Misuse::OpenQuote),
                    }
                }
            }
            '"' => {
                let into = word.get_or_insert_default();
                loop {
                    match chars.next() {
                        Some('"') => break,
                        Some('\\') => match chars.next() {
                            Some(c @ ('"' | '\\' | '$' | '`')) => into.push(c),
                            Some(c) => into.extend(['\\', c]),
                            None => return Err(Misuse::OpenQuote),
                        },
                        Some('`') => return Err(Misuse::Shell("`…`")),
                        Some('$') if matches!(chars.peek(), Some('(' | '{')) => return Err(Misuse::Shell("$(…)")),
                        Some(c) => into.push(c),
                        None => return Err(Misuse::OpenQuote),
                    }
                }
            }
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some(c) => word.get_or_insert_default().push(c),
            },
            '|' => return Err(Misuse::Shell("a pipe (|)")),
            '>' | '<' => return Err(Misuse::Shell("a redirection (< or >)")),
            ';' => return Err(Misuse::Shell("a list of commands (;)")),
            '&' => return Err(Misuse::Shell("&")),
            '`' => return Err(Misuse::Shell("`…`")),
            '$' => return Err(Misuse::Shell("$")),
            '*' if word.is_none() && chars.peek().is_none_or(|c| *c != '=') => return Err(Misuse::Shell("a glob (*)")),
            '?' | '(' | ')' | '{' | '}' if word.is_none() => return Err(Misuse::Shell("a glob or a group")),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FLAGS: &[Flag] =
        &[Flag::value("replicas"), Flag::switch("stdin").short('i'), Flag::switch("tty").short('t'), Flag::value("output").short('o')];

    fn parse(line: &str) -> Result<Argv, Misuse> {
        Argv::parse(Program::Kubectl, &["x"], &split(line)?, &[FLAGS])
    }

    #[test]
    fn every_form_of_a_flag() {
        for line in ["-n foo", "-nfoo", "-n=foo", "--namespace foo", "--namespace=foo"] {
            assert_eq!(parse(line).unwrap().get("namespace"), Some("foo"), "{line}");
        }
        let argv = parse("pod -it -ojson a -- sh -c 'x y' --dry-run").unwrap();
        assert!(argv.on("stdin") && argv.on("tty"));
        assert_eq!(argv.get("output"), Some("json"));
        assert_eq!(argv.places, ["pod", "a"]);
        assert_eq!(argv.tail, ["sh", "-c", "x y", "--dry-run"]);
    }

    #[test]
    fn a_flag_value_is_never_read_as_a_place() {
        assert_eq!(parse("-n get delete pods").unwrap().places, ["delete", "pods"]);
        assert!(matches!(parse("--replicas"), Err(Misuse::NeedsValue(_))));
    }

    #[test]
    fn what_reaches_outside_or_needs_a_shell_is_refused() {
        for flag in ["--kubeconfig=/tmp/x", "--server=https://a", "-s https://a", "--token t", "--as root", "--context prod"] {
            assert!(matches!(parse(flag), Err(Misuse::Outward(_))), "{flag}");
        }
        for line in ["a | sh", "a; b", "a && b", "a > f", "$(id)", "`id`", "a <b", "\"$(id)\"", "$HOME", "a\nb"] {
            assert!(matches!(parse(line), Err(Misuse::Shell(_))), "{line}");
        }
        assert_eq!(split("'open"), Err(Misuse::OpenQuote));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back(places in prop::collection::vec("[^\u{0}-\u{1f}\u{7f}-\u{9f}-][^\u{0}-\u{1f}\u{7f}-\u{9f}]{0,12}", 0..4), value in "[^\u{0}-\u{1f}\u{7f}-\u{9f}]{1,12}") {
            let mut argv = Argv::of(&["x"]).flag("replicas", &value).flag("namespace", "a");
            argv.places = places;
            let line = argv.line();
            let words = split(line.strip_prefix("kubectl x").unwrap()).unwrap();
            prop_assert_eq!(Argv::parse(Program::Kubectl, &["x"], &words, &[FLAGS]).unwrap(), argv);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,200}") {
            let _ = parse(&text);
        }
    }
}

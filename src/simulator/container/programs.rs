//! The programs in every container. They speak as busybox's do, and refuse options that they do not have.
use super::{Inside, shell::Shell};

/// What can be run; `sh` itself is in `process`.
pub(super) const NAMES: &[&str] = &["cat", "echo", "env", "false", "grep", "hostname", "ls", "printenv", "pwd", "sh", "true"];

/// What a program wrote, and how it ended.
#[derive(Debug, Default)]
pub(super) struct Ran {
    pub(super) out: Vec<u8>,
    pub(super) err: String,
    pub(super) code: i32,
}

impl Ran {
    fn said(text: impl Into<Vec<u8>>) -> Self {
        Ran { out: text.into(), ..Ran::default() }
    }

    pub(super) fn failed(code: i32, why: &str) -> Self {
        Ran { err: format!("{why}\n"), code, ..Ran::default() }
    }

    fn trouble(&mut self, why: &str) {
        self.err.push_str(why);
        self.err.push('\n');
        self.code = 1;
    }
}

/// Runs a program; None where there is none of that name.
pub(super) fn run(shell: &Shell, inside: &Inside, words: &[String], input: &[u8]) -> Option<Ran> {
    let (name, arguments) = words.split_first()?;
    let name = name.strip_prefix("/bin/").unwrap_or(name);
    let options = arguments.iter().take_while(|a| a.len() > 1 && a.starts_with('-')).count();
    let (options, rest) = arguments.split_at(if name == "echo" { 0 } else { options });
    let letters: String = options.iter().map(|option| &option[1..]).collect();
    let known = match name {
        "grep" => "ivE",
        "ls" => "1",
        _ => "",
    };
    if let Some(letter) = letters.chars().find(|letter| NAMES.contains(&name) && !known.contains(*letter)) {
        return Some(Ran::failed(1, &format!("{name}: invalid option -- '{letter}' (for a {name} of the built-in cluster)")));
    }
    Some(match name {
        "cat" => cat(shell, inside, rest, input),
        "echo" if rest.first().is_some_and(|word| word == "-n") => Ran::said(rest[1..].join(" ")),
        "echo" => Ran::said(rest.join(" ") + "\n"),
        "env" if !rest.is_empty() => Ran::failed(1, "env: the built-in cluster's env takes no arguments"),
        "env" | "printenv" => environment(inside, rest),
        "false" => Ran { code: 1, ..Ran::default() },
        "grep" => grep(shell, inside, &letters, rest, input),
        "hostname" => Ran::said(format!("{}\n", inside.hostname())),
        "ls" => ls(shell, inside, rest),
        "pwd" => Ran::said(format!("{}\n", shell.folder)),
        "sh" | "true" => Ran::default(),
        _ => return None,
    })
}

fn cat(shell: &Shell, inside: &Inside, paths: &[String], input: &[u8]) -> Ran {
    let mut ran = Ran::said(if paths.is_empty() { input } else { &[] });
    for path in paths {
        match inside.files.find(&shell.folder, path) {
            Ok((_, Some(bytes))) => ran.out.extend_from_slice(bytes),
            Ok((_, None)) => ran.trouble("cat: read error: Is a directory"),
            Err(why) => ran.trouble(&format!("cat: can't open '{path}': {why}")),
        }
    }
    ran
}

fn environment(inside: &Inside, names: &[String]) -> Ran {
    if names.is_empty() {
        return Ran::said(inside.environment.iter().map(|(name, value)| format!("{name}={value}\n")).collect::<String>());
    }
    let values: Vec<&str> = names.iter().filter_map(|name| inside.variable(name)).collect();
    let out: String = values.iter().map(|value| format!("{value}\n")).collect();
    Ran { out: out.into(), code: i32::from(values.len() < names.len()), ..Ran::default() }
}

fn grep(shell: &Shell, inside: &Inside, letters: &str, rest: &[String], input: &[u8]) -> Ran {
    let Some((pattern, paths)) = rest.split_first() else { return Ran::failed(1, "grep: no pattern given") };
    let has = |letter: char| letters.contains(letter);
    let Ok(pattern) = regex::RegexBuilder::new(pattern).case_insensitive(has('i')).size_limit(1 << 20).build() else {
        return Ran::failed(2, &format!("grep: bad regex '{pattern}'"));
    };
    let text = cat(shell, inside, paths, input);
    let lines = String::from_utf8_lossy(&text.out).into_owned();
    let out: String = lines.lines().filter(|line| pattern.is_match(line) != has('v')).map(|line| format!("{line}\n")).collect();
    let code = if text.code != 0 { 2 } else { i32::from(out.is_empty()) };
    Ran { out: out.into(), err: text.err.replace("cat: can't open '", "grep: ").replace("':", ":"), code }
}

fn ls(shell: &Shell, inside: &Inside, paths: &[String]) -> Ran {
    let here = [".".to_owned()];
    let paths = if paths.is_empty() { &here } else { paths };
    let (mut ran, mut alone, mut folders) = (Ran::default(), String::new(), Vec::new());
    for path in paths {
        match inside.files.find(&shell.folder, path) {
            Ok((at, None)) => folders.push((path, at)),
            Ok((_, Some(_))) => alone.push_str(&format!("{path}\n")),
            Err(why) => ran.trouble(&format!("ls: {path}: {why}")),
        }
    }
    for (title, at) in folders {
        if paths.len() > 1 {
            let gap = if alone.is_empty() { "" } else { "\n" };
            alone.push_str(&format!("{gap}{title}:\n"));
        }
        alone.extend(inside.files.inside(&at).filter(|name| !name.starts_with('.')).map(|name| format!("{name}\n")));
    }
    ran.out = alone.into();
    ran
}

//! The programs in every container. They speak as busybox's do.
use super::{
    Inside,
    files::{Entry, NO_FOLDER, NOT_THERE},
    shell::Shell,
};
use std::fmt::Write;

/// What can be run. `sh` and `cat` on input are in `terminal`.
pub(super) const NAMES: &[&str] =
    &["cat", "date", "echo", "env", "false", "grep", "hostname", "id", "ls", "printenv", "pwd", "sh", "true", "whoami"];

/// What a program wrote, and how it ended.
#[derive(Debug, Default)]
pub(super) struct Ran {
    pub(super) out: Vec<u8>,
    pub(super) err: String,
    pub(super) code: i32,
}

impl Ran {
    fn said(text: String) -> Self {
        Ran { out: text.into_bytes(), ..Ran::default() }
    }

    pub(super) fn failed(code: i32, why: String) -> Self {
        Ran { err: format!("{why}\n"), code, ..Ran::default() }
    }

    fn trouble(&mut self, why: String) {
        self.err.push_str(&why);
        self.err.push('\n');
        self.code = 1;
    }
}

/// Runs a program; None where there is none of that name.
pub(super) fn run(shell: &Shell, inside: &Inside, words: &[String], input: &[u8]) -> Option<Ran> {
    let (name, arguments) = words.split_first()?;
    let name = name.strip_prefix("/bin/").unwrap_or(name);
    let line = |text: String| Ran::said(text + "\n");
    Some(match name {
        "cat" => cat(shell, inside, arguments, input),
        "date" => date(inside, arguments),
        "echo" => echo(arguments),
        "env" | "printenv" => environment(shell, name, arguments),
        "false" => Ran { code: 1, ..Ran::default() },
        "grep" => grep(shell, inside, arguments, input),
        "hostname" => line(inside.hostname().to_owned()),
        "id" => line(id(inside)),
        "ls" => ls(shell, inside, arguments),
        "pwd" => line(shell.folder.clone()),
        "sh" | "true" => Ran::default(),
        "whoami" if inside.user == 0 => line("root".to_owned()),
        "whoami" => Ran::failed(1, format!("whoami: unknown uid {}", inside.user)),
        _ => return None,
    })
}

fn refused(name: &str, option: &str) -> Ran {
    Ran::failed(1, format!("{name}: invalid option -- '{option}' (for a {name} of the built-in cluster)"))
}

/// The letters of the options in front, all of which must be known, and the rest.
fn options<'a>(name: &str, known: &str, arguments: &'a [String]) -> Result<(String, &'a [String]), Ran> {
    let count = arguments.iter().take_while(|a| a.len() > 1 && a.starts_with('-') && *a != "--").count();
    let letters: String = arguments[..count].iter().map(|a| &a[1..]).collect();
    let rest = &arguments[count..];
    let rest = rest.strip_prefix(&["--".to_owned()]).unwrap_or(rest);
    match letters.chars().find(|letter| !known.contains(*letter)) {
        Some(letter) => Err(refused(name, &letter.to_string())),
        None => Ok((letters, rest)),
    }
}

fn cat(shell: &Shell, inside: &Inside, arguments: &[String], input: &[u8]) -> Ran {
    let (_, paths) = match options("cat", "u", arguments) {
        Ok(split) => split,
        Err(refused) => return refused,
    };
    let mut ran = Ran::default();
    if paths.is_empty() {
        ran.out.extend_from_slice(input);
    }
    for path in paths {
        match inside.files.find(&shell.folder, path, true) {
            _ if path == "-" => ran.out.extend_from_slice(input),
            Ok((_, Entry::File { bytes, .. })) => ran.out.extend_from_slice(bytes),
            Ok((_, Entry::Folder { .. } | Entry::Link { .. })) => ran.trouble("cat: read error: Is a directory".to_owned()),
            Err(why) => ran.trouble(format!("cat: can't open '{path}': {why}")),
        }
    }
    ran
}

fn date(inside: &Inside, arguments: &[String]) -> Ran {
    let format = match arguments {
        [] => "%a %b %e %H:%M:%S UTC %Y",
        [utc] if utc == "-u" => "%a %b %e %H:%M:%S UTC %Y",
        [format] if format.starts_with('+') => &format[1..],
        [other, ..] => return Ran::failed(1, format!("date: invalid date '{other}'")),
    };
    let mut out = String::new();
    match write!(out, "{}", inside.now.strftime(format)) {
        Ok(()) => Ran::said(out + "\n"),
        Err(_) => Ran::failed(1, format!("date: the built-in cluster cannot write '{format}'")),
    }
}

fn echo(arguments: &[String]) -> Ran {
    let silent = arguments.first().is_some_and(|a| a == "-n");
    let text = arguments[usize::from(silent)..].join(" ");
    Ran::said(if silent { text } else { text + "\n" })
}

fn environment(shell: &Shell, name: &str, arguments: &[String]) -> Ran {
    let value = |name: &str| shell.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let mut ran = Ran::default();
    if arguments.is_empty() {
        let lines: String = shell.variables.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
        return Ran::said(lines);
    }
    if name == "env" {
        return Ran::failed(1, "env: the built-in cluster's env takes no arguments".to_owned());
    }
    for wanted in arguments {
        match value(wanted) {
            Some(value) => ran.out.extend_from_slice(format!("{value}\n").as_bytes()),
            None => ran.code = 1,
        }
    }
    ran
}

fn id(inside: &Inside) -> String {
    let named = |n: i64| if n == 0 { "0(root)".to_owned() } else { n.to_string() };
    let group = inside.groups.first().copied().unwrap_or_default();
    let groups: Vec<String> = inside.groups.iter().map(|n| named(*n)).collect();
    format!("uid={} gid={} groups={}", named(inside.user), named(group), groups.join(","))
}

fn grep(shell: &Shell, inside: &Inside, arguments: &[String], input: &[u8]) -> Ran {
    let (letters, rest) = match options("grep", "ivEFqc", arguments) {
        Ok(split) => split,
        Err(refused) => return refused,
    };
    let Some((pattern, paths)) = rest.split_first() else { return Ran::failed(1, "grep: no pattern given".to_owned()) };
    let has = |letter: char| letters.contains(letter);
    let pattern = if has('F') { regex::escape(pattern) } else { pattern.clone() };
    let Ok(pattern) = regex::RegexBuilder::new(&pattern).case_insensitive(has('i')).size_limit(1 << 20).build() else {
        return Ran::failed(2, format!("grep: bad regex '{pattern}'"));
    };
    let text = if paths.is_empty() { Ran { out: input.to_vec(), ..Ran::default() } } else { cat(shell, inside, paths, input) };
    let lines = String::from_utf8_lossy(&text.out).into_owned();
    let found: Vec<&str> = lines.lines().filter(|line| pattern.is_match(line) != has('v')).collect();
    let out = match (has('q'), has('c')) {
        (true, _) => String::new(),
        (false, true) => format!("{}\n", found.len()),
        (false, false) => found.iter().map(|line| format!("{line}\n")).collect(),
    };
    let code = if text.code != 0 { 2 } else { i32::from(found.is_empty()) };
    Ran { out: out.into_bytes(), err: text.err.replace("cat: can't open '", "grep: ").replace("':", ":"), code }
}

fn ls(shell: &Shell, inside: &Inside, arguments: &[String]) -> Ran {
    let (letters, paths) = match options("ls", "1aAldR", arguments) {
        Ok(split) => split,
        Err(refused) => return refused,
    };
    let has = |letter: char| letters.contains(letter);
    let here = [".".to_owned()];
    let paths = if paths.is_empty() { &here } else { paths };
    let mut ran = Ran::default();
    let (mut alone, mut folders) = (Vec::new(), Vec::new());
    for path in paths {
        // A link that is named is itself listed by `-l`; else what it leads to.
        match inside.files.find(&shell.folder, path, !has('l') || path.ends_with('/')) {
            Ok((at, Entry::Folder { .. })) if !has('d') => folders.push((path.clone(), at)),
            Ok((at, entry)) => alone.push((path.clone(), at, entry)),
            Err(why) => ran.trouble(format!("ls: {path}: {}", if why == NO_FOLDER { NO_FOLDER } else { NOT_THERE })),
        }
    }
    let mut out = String::new();
    for (name, at, entry) in &alone {
        out.push_str(&listed(inside, name, at, entry, has('l')));
    }
    let titled = paths.len() > 1 || has('R');
    let mut first = alone.is_empty();
    folders.reverse();
    while let Some((title, at)) = folders.pop() {
        if titled {
            let gap = if std::mem::take(&mut first) { "" } else { "\n" };
            out.push_str(&format!("{gap}{title}:\n"));
        }
        let above = at.rsplit_once('/').map_or("", |(above, _)| above).to_owned();
        let own = [(".", at.as_str()), ("..", above.as_str())];
        let own = own.into_iter().filter(|_| has('a')).filter_map(|(name, at)| Some((name, inside.files.find("/", at, true).ok()?.1)));
        let there = inside.files.inside(&at).filter(|(name, _)| has('a') || has('A') || !name.starts_with('.'));
        let entries: Vec<(&str, &Entry)> = own.chain(there).collect();
        if has('l') {
            let blocks: usize = entries.iter().map(|(_, entry)| blocks(entry)).sum();
            out.push_str(&format!("total {blocks}\n"));
        }
        for (name, entry) in &entries {
            out.push_str(&listed(inside, name, &format!("{at}/{name}"), entry, has('l')));
        }
        if has('R') {
            let below = entries.iter().filter(|(name, entry)| !name.starts_with('.') && matches!(entry, Entry::Folder { .. }));
            folders.extend(below.rev().map(|(name, _)| (format!("{title}/{name}"), format!("{at}/{name}"))));
        }
    }
    ran.out = out.into_bytes();
    ran
}

fn blocks(entry: &Entry) -> usize {
    match entry {
        Entry::Folder { .. } => 4,
        Entry::File { bytes, .. } => bytes.len().div_ceil(4096) * 4,
        Entry::Link { .. } => 0,
    }
}

fn listed(inside: &Inside, name: &str, at: &str, entry: &Entry, long: bool) -> String {
    if !long {
        return format!("{name}\n");
    }
    let (sort, mode, size, links, to) = match entry {
        Entry::Folder { mode } => {
            let below = inside.files.inside(at.strip_suffix("/.").unwrap_or(at)).filter(|(_, e)| matches!(e, Entry::Folder { .. })).count();
            ('d', *mode, 4096, 2 + below, String::new())
        }
        Entry::File { mode, bytes } => ('-', *mode, bytes.len(), 1, String::new()),
        Entry::Link { to } => ('l', 0o777, to.len(), 1, format!(" -> {to}")),
    };
    let right = |bits: u32, letter: char| if mode & bits != 0 { letter } else { '-' };
    let mut rights: String = (0..9u32).map(|at| right(0o400 >> at, ['r', 'w', 'x'][at as usize % 3])).collect();
    if mode & 0o1000 != 0 {
        rights.replace_range(8.., "t");
    }
    let written = inside.files.written.strftime("%b %e %H:%M");
    format!("{sort}{rights} {links:>4} {:<8} {:<8} {size:>9} {written} {name}{to}\n", "root", "root")
}

//! Command lines: words with quotes, variables and stars, and commands one after the other (`;`, `&&`, `||`) or into each other (`|`).
//! What else a shell can do is refused in words.
use super::{
    Inside,
    programs::{self, Ran},
};

/// A shell: where it is, and how it goes.
#[derive(Debug, Clone)]
pub(super) struct Shell {
    pub(super) folder: String,
    /// How the last command ended.
    pub(super) code: i32,
    pub(super) over: bool,
}

/// The longest output of one line.
const MOST: usize = 4 << 20;
/// Words with a meaning of their own in a real shell.
const KEYWORDS: &[&str] = &["for", "while", "until", "if", "case", "function", "export", "{", "!"];

/// A command, what joins the next one to it, and the rest of the line.
type Command<'a> = (Vec<String>, &'static str, &'a str);

impl Shell {
    pub(super) fn new(inside: &Inside) -> Self {
        Shell { folder: inside.folder.clone(), code: 0, over: false }
    }

    /// Runs a line, or several.
    pub(super) fn run(&mut self, inside: &Inside, line: &str) -> Ran {
        let mut ran = Ran::default();
        let (mut skip, mut piped, mut rest) = (false, Vec::new(), line);
        while !rest.is_empty() && !self.over && ran.out.len() < MOST {
            let (words, then, after) = match self.command(inside, rest) {
                Ok(command) => command,
                Err(why) => {
                    ran.err.push_str(&format!("sh: {why}\n"));
                    self.code = 2;
                    break;
                }
            };
            rest = after;
            if !skip && !words.is_empty() {
                let one = self.execute(inside, &words, &std::mem::take(&mut piped));
                ran.err.push_str(&one.err);
                self.code = one.code;
                if then == "|" {
                    piped = one.out;
                    continue;
                }
                ran.out.extend(one.out);
            }
            skip = match then {
                "&&" => self.code != 0,
                "||" => self.code == 0,
                // The rest of a pipe that is not run is not run either.
                "|" => skip,
                _ => false,
            };
        }
        ran.code = self.code;
        ran
    }

    fn execute(&mut self, inside: &Inside, words: &[String], input: &[u8]) -> Ran {
        let argument = words.get(1).map(String::as_str);
        match (words[0].as_str(), argument) {
            ("cd", to) => {
                let to = to.unwrap_or("/root");
                let why = match inside.files.find(&self.folder, to) {
                    Ok((at, None)) => {
                        self.folder = if at.is_empty() { "/".to_owned() } else { at };
                        return Ran::default();
                    }
                    Ok((_, Some(_))) => super::files::NO_FOLDER,
                    Err(why) => why,
                };
                Ran::failed(2, &format!("sh: cd: line 0: can't cd to {to}: {why}"))
            }
            ("exit", code) => {
                self.over = true;
                Ran { code: code.and_then(|code| code.parse().ok()).map_or(self.code, |code: i32| code & 255), ..Ran::default() }
            }
            ("sh", Some("-c")) => self.clone().run(inside, words.get(2).map_or("", String::as_str)),
            (name, _) => programs::run(self, inside, words, input).unwrap_or_else(|| {
                if name.contains('/') && inside.files.find(&self.folder, name).is_ok() {
                    Ran::failed(126, &format!("sh: {name}: Permission denied"))
                } else {
                    Ran::failed(127, &format!("sh: {name}: not found"))
                }
            }),
        }
    }

    /// Takes the first command off a line.
    fn command<'a>(&self, inside: &Inside, line: &'a str) -> Result<Command<'a>, String> {
        let beyond = |what: &str| format!("the built-in cluster's shell cannot do this: {what}");
        let (mut words, mut word, mut plain) = (Vec::new(), None::<String>, true);
        let mut rest = line;
        loop {
            let ends = ["&&", "||", "|", ";", "\n"].into_iter().find(|end| rest.starts_with(end));
            if ends.is_some() || rest.is_empty() || rest.starts_with([' ', '\t', '\r', '#']) && !(rest.starts_with('#') && word.is_some()) {
                // What was nothing but an empty variable is no word.
                match word.take().filter(|word| !plain || !word.is_empty()) {
                    Some(keyword) if plain && words.is_empty() && (KEYWORDS.contains(&keyword.as_str()) || keyword.contains('=')) => {
                        return Err(beyond(&keyword));
                    }
                    Some(stars) if plain && stars.contains('*') => words.extend(self.names(inside, stars)),
                    word => words.extend(word),
                }
                plain = true;
                match ends {
                    Some("\n") => return Ok((words, ";", &rest[1..])),
                    Some(end) if words.is_empty() => return Err(format!("syntax error: unexpected \"{end}\"")),
                    Some(end) => return Ok((words, end, &rest[end.len()..])),
                    None if rest.is_empty() => return Ok((words, ";", "")),
                    None if rest.starts_with('#') => rest = rest.find('\n').map_or("", |at| &rest[at..]),
                    None => rest = &rest[1..],
                }
                continue;
            }
            let word = word.get_or_insert_default();
            let unterminated = || "syntax error: unterminated quoted string".to_owned();
            if let Some(after) = rest.strip_prefix('\'') {
                let (inner, after) = after.split_once('\'').ok_or_else(unterminated)?;
                word.push_str(inner);
                (plain, rest) = (false, after);
            } else if let Some(after) = rest.strip_prefix('"') {
                (plain, rest) = (false, after);
                while !rest.starts_with('"') {
                    rest =
                        self.letter(inside, rest, true, word).ok_or_else(|| if rest.is_empty() { unterminated() } else { beyond("$(") })?;
                }
                rest = &rest[1..];
            } else if rest.starts_with(['>', '<', '(', ')', '`', '&']) {
                return Err(beyond(&rest[..1]));
            } else {
                plain &= !rest.starts_with('\\');
                rest = self.letter(inside, rest, false, word).ok_or_else(|| beyond("$("))?;
            }
        }
    }

    /// Takes one letter, or what a backslash or a dollar begins; None where there is none, or it begins what this shell cannot do.
    fn letter<'a>(&self, inside: &Inside, text: &'a str, quoted: bool, word: &mut String) -> Option<&'a str> {
        let first = text.chars().next()?;
        let after = &text[first.len_utf8()..];
        match (first, after.chars().next()) {
            ('\\', Some(next)) => {
                if quoted && !matches!(next, '"' | '\\' | '$' | '`') {
                    word.push('\\');
                }
                word.push(next);
                return Some(&after[next.len_utf8()..]);
            }
            ('`', _) | ('$', Some('(' | '$' | '!' | '@' | '#')) => return None,
            ('$', Some(next)) => {
                let letters = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
                let (name, after) = match after.strip_prefix('{') {
                    Some(inner) => inner.split_once('}')?,
                    None => after.split_at(if next == '?' { 1 } else { letters }),
                };
                match name {
                    "" => word.push('$'),
                    "?" => word.push_str(&self.code.to_string()),
                    "PWD" => word.push_str(&self.folder),
                    _ if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => return None,
                    name => word.push_str(inside.variable(name).unwrap_or_default()),
                }
                return Some(after);
            }
            (letter, _) => word.push(letter),
        }
        Some(after)
    }

    /// The paths that a word with a star in its last part stands for; itself where there are none.
    fn names(&self, inside: &Inside, word: String) -> Vec<String> {
        let (folder, pattern) = word.rfind('/').map_or(("", word.as_str()), |at| word.split_at(at + 1));
        let Ok((at, None)) = inside.files.find(&self.folder, folder) else { return vec![word] };
        let (begin, end) = pattern.split_once('*').unwrap_or_default();
        let fits =
            |name: &&str| !name.starts_with('.') && name.len() >= begin.len() + end.len() && name.starts_with(begin) && name.ends_with(end);
        let found: Vec<String> = inside.files.inside(&at).filter(fits).map(|name| format!("{folder}{name}")).collect();
        if found.is_empty() { vec![word] } else { found }
    }
}

//! Command lines: words, variables, and commands one after the other (`;`, `&&`, `||`) or into each other (`|`). What else a shell can do is refused in words.
use super::{
    Inside,
    files::{Entry, NO_FOLDER, NOT_THERE},
    programs::{self, Ran},
};

/// A shell: where it is and what it knows.
#[derive(Debug, Clone)]
pub(super) struct Shell {
    pub(super) folder: String,
    pub(super) variables: Vec<(String, String)>,
    /// How the last command ended.
    pub(super) code: i32,
    pub(super) over: bool,
}

/// A piece of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// Unquoted, with a star in it that stands for names.
    Stars(String),
    Variable {
        name: String,
        quoted: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(Vec<Piece>),
    /// `;` (or the end of a line), `&&`, `||`, `|`.
    Then(&'static str),
}

/// The longest output of one line.
const MOST: usize = 4 << 20;

impl Shell {
    pub(super) fn new(inside: &Inside) -> Self {
        Shell { folder: inside.folder.clone(), variables: inside.environment.clone(), code: 0, over: false }
    }

    /// Runs a line, or several.
    pub(super) fn run(&mut self, inside: &Inside, line: &str) -> Ran {
        let mut ran = Ran::default();
        let tokens = match tokens(line) {
            Ok(tokens) => tokens,
            Err(why) => {
                self.code = 2;
                return Ran::failed(2, format!("sh: {why}"));
            }
        };
        let (mut skip, mut piped) = (false, Vec::new());
        let mut at = tokens.as_slice();
        while !at.is_empty() && !self.over && ran.out.len() < MOST {
            let words = at.iter().take_while(|t| matches!(t, Token::Word(_))).count();
            let (command, rest) = at.split_at(words);
            let then = match rest.first() {
                Some(Token::Then(then)) => *then,
                Some(Token::Word(_)) | None => ";",
            };
            at = rest.get(1..).unwrap_or_default();
            if !skip {
                let one = self.command(inside, command, &std::mem::take(&mut piped));
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

    fn command(&mut self, inside: &Inside, tokens: &[Token], input: &[u8]) -> Ran {
        let mut words = Vec::new();
        for token in tokens {
            if let Token::Word(pieces) = token {
                words.extend(self.expand(inside, pieces));
            }
        }
        let assigned = words.iter().take_while(|w| assignment(w).is_some()).count();
        let Some(name) = words.get(assigned) else {
            words.iter().filter_map(|w| assignment(w)).for_each(|(name, value)| self.assign(name, value));
            return Ran::default();
        };
        if assigned > 0 {
            return Ran::failed(2, "sh: the built-in cluster's shell sets no variables for one command".to_owned());
        }
        match name.as_str() {
            ":" => Ran::default(),
            "cd" => self.change_folder(inside, words.get(1).map_or("/root", String::as_str)),
            "exit" => {
                self.over = true;
                let code = words.get(1).map_or(Some(self.code), |code| code.parse::<i32>().ok().map(|c| c & 255));
                code.map_or_else(
                    || Ran::failed(2, format!("sh: exit: Illegal number: {}", words[1])),
                    |code| Ran { code, ..Ran::default() },
                )
            }
            "export" => {
                words[1..].iter().filter_map(|w| assignment(w)).for_each(|(name, value)| self.assign(name, value));
                Ran::default()
            }
            "sh" if words.get(1).is_some_and(|w| w == "-c") => {
                let mut inner = self.clone();
                inner.run(inside, words.get(2).map_or("", String::as_str))
            }
            name => programs::run(self, inside, &words, input).unwrap_or_else(|| {
                let denied = name.contains('/') && inside.files.find(&self.folder, name, true).is_ok();
                if denied {
                    Ran::failed(126, format!("sh: {name}: Permission denied"))
                } else {
                    Ran::failed(127, format!("sh: {name}: not found"))
                }
            }),
        }
    }

    fn change_folder(&mut self, inside: &Inside, to: &str) -> Ran {
        match inside.files.find(&self.folder, to, true) {
            Ok((at, Entry::Folder { .. })) => {
                self.folder = if at.is_empty() { "/".to_owned() } else { at };
                Ran::default()
            }
            Ok(_) => Ran::failed(2, format!("sh: cd: line 0: can't cd to {to}: {NO_FOLDER}")),
            Err(_) => Ran::failed(2, format!("sh: cd: line 0: can't cd to {to}: {NOT_THERE}")),
        }
    }

    fn assign(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    fn expand(&self, inside: &Inside, pieces: &[Piece]) -> Vec<String> {
        let mut words = vec![String::new()];
        let (mut quoted, mut stars) = (false, false);
        for piece in pieces {
            let end = words.len() - 1;
            match piece {
                Piece::Text(text) => {
                    quoted = true;
                    words[end].push_str(text);
                }
                Piece::Stars(text) => {
                    stars = true;
                    words[end].push_str(text);
                }
                Piece::Variable { name, quoted: held } => {
                    let value = match name.as_str() {
                        "?" => self.code.to_string(),
                        "PWD" => self.folder.clone(),
                        name => self.variables.iter().find(|(known, _)| known == name).map(|(_, v)| v.clone()).unwrap_or_default(),
                    };
                    if *held {
                        quoted = true;
                        words[end].push_str(&value);
                        continue;
                    }
                    let mut parts = value.split_ascii_whitespace();
                    words[end].push_str(parts.next().unwrap_or_default());
                    words.extend(parts.map(str::to_owned));
                }
            }
        }
        if !quoted {
            words.retain(|word| !word.is_empty());
        }
        if stars {
            return words.iter().flat_map(|word| self.names(inside, word)).collect();
        }
        words
    }

    /// The paths that a word with stars stands for; itself where there are none.
    fn names(&self, inside: &Inside, pattern: &str) -> Vec<String> {
        let mut found = vec![String::new()];
        for (at, part) in pattern.split('/').enumerate() {
            let gap = if at == 0 { "" } else { "/" };
            let step = |before: &String| -> Vec<String> {
                if !part.contains('*') {
                    return vec![format!("{before}{gap}{part}")];
                }
                let folder = if at == 0 { "." } else { &format!("{before}/") };
                let Ok((folder, Entry::Folder { .. })) = inside.files.find(&self.folder, folder, true) else { return Vec::new() };
                let names = inside.files.inside(&folder).map(|(name, _)| name).filter(|name| !name.starts_with('.') && fits(part, name));
                names.map(|name| format!("{before}{gap}{name}")).collect()
            };
            found = found.iter().flat_map(step).collect();
        }
        found.retain(|path| inside.files.find(&self.folder, path, false).is_ok());
        if found.is_empty() { vec![pattern.to_owned()] } else { found }
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    let (mut first, mut rest) = (true, name);
    let mut parts = pattern.split('*').peekable();
    while let Some(part) = parts.next() {
        let found = if first {
            rest.starts_with(part).then_some(0)
        } else if parts.peek().is_none() {
            rest.ends_with(part).then(|| rest.len() - part.len())
        } else {
            rest.find(part)
        };
        let Some(at) = found else { return false };
        rest = &rest[at + part.len()..];
        first = false;
    }
    true
}

fn assignment(word: &str) -> Option<(&str, &str)> {
    word.split_once('=').filter(|(name, _)| is_name(name))
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Words with a meaning of their own in a real shell.
const KEYWORDS: &[&str] = &["for", "while", "until", "if", "case", "function", "{", "!"];

/// A line, taken apart.
fn tokens(line: &str) -> Result<Vec<Token>, String> {
    let beyond = |what: &str| format!("the built-in cluster's shell cannot do this: {what}");
    let mut tokens = Vec::new();
    let mut word: Option<Vec<Piece>> = None;
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        let after = &rest[letter.len_utf8()..];
        let end = |word: &mut Option<Vec<Piece>>, tokens: &mut Vec<Token>| tokens.extend(word.take().map(Token::Word));
        match letter {
            ' ' | '\t' | '\r' => (rest, _) = (after, end(&mut word, &mut tokens)),
            '#' if word.is_none() => rest = after.find('\n').map_or("", |at| &after[at..]),
            '\n' | ';' | '&' | '|' => {
                end(&mut word, &mut tokens);
                let then = ["&&", "||", "|"].into_iter().find(|t| rest.starts_with(t)).unwrap_or(";");
                if letter == '&' && then == ";" {
                    return Err(beyond("&"));
                }
                match tokens.last() {
                    Some(Token::Word(_)) => tokens.push(Token::Then(then)),
                    // An empty line is none.
                    Some(Token::Then(_)) | None if letter == '\n' => {}
                    Some(Token::Then(_)) | None => return Err(format!("syntax error: unexpected \"{then}\"")),
                }
                rest = &rest[then.len()..];
            }
            '\'' => {
                let (inner, after) = after.split_once('\'').ok_or("syntax error: unterminated quoted string")?;
                word.get_or_insert_default().push(Piece::Text(inner.to_owned()));
                rest = after;
            }
            '"' => rest = quoted(after, word.get_or_insert_default()).map_err(|why| why.unwrap_or_else(|| beyond("$(")))?,
            '\\' => {
                let next = after.chars().next();
                if let Some(next) = next.filter(|c| *c != '\n') {
                    word.get_or_insert_default().push(Piece::Text(next.to_string()));
                }
                rest = &after[next.map_or(0, char::len_utf8)..];
            }
            '$' => rest = variable(after, false, word.get_or_insert_default()).ok_or_else(|| beyond("$("))?,
            '>' | '<' | '(' | ')' | '`' => return Err(beyond(&letter.to_string())),
            _ => {
                let length =
                    rest.find([' ', '\t', '\r', '\n', ';', '&', '|', '\'', '"', '\\', '$', '>', '<', '(', ')', '`']).unwrap_or(rest.len());
                let (plain, after) = rest.split_at(length);
                let begins = word.is_none() && !matches!(tokens.last(), Some(Token::Word(_)));
                if begins && KEYWORDS.contains(&plain) {
                    return Err(beyond(plain));
                }
                let piece = if plain.contains('*') { Piece::Stars(plain.to_owned()) } else { Piece::Text(plain.to_owned()) };
                word.get_or_insert_default().push(piece);
                rest = after;
            }
        }
    }
    tokens.extend(word.map(Token::Word));
    Ok(tokens)
}

/// The inside of double quotes; gives what comes after them. Errors: None where it wants what this shell cannot do.
fn quoted<'a>(text: &'a str, word: &mut Vec<Piece>) -> Result<&'a str, Option<String>> {
    let mut rest = text;
    word.push(Piece::Text(String::new()));
    loop {
        let at = rest.find(['"', '\\', '$', '`']).ok_or_else(|| Some("syntax error: unterminated quoted string".to_owned()))?;
        word.push(Piece::Text(rest[..at].to_owned()));
        let after = &rest[at + 1..];
        match rest.as_bytes()[at] {
            b'"' => return Ok(after),
            b'\\' => {
                let next = after.chars().next().unwrap_or_default();
                let kept = if matches!(next, '"' | '\\' | '$' | '`') { next.to_string() } else { format!("\\{next}") };
                word.push(Piece::Text(kept));
                rest = &after[next.len_utf8().min(after.len())..];
            }
            b'$' => rest = variable(after, true, word).ok_or(None)?,
            _ => return Err(None),
        }
    }
}

/// What follows a dollar; gives what comes after it, None where it wants what this shell cannot do.
fn variable<'a>(text: &'a str, quoted: bool, word: &mut Vec<Piece>) -> Option<&'a str> {
    if let Some(inner) = text.strip_prefix('{') {
        let (name, after) = inner.split_once('}').filter(|(name, _)| is_name(name) || *name == "?")?;
        word.push(Piece::Variable { name: name.to_owned(), quoted });
        return Some(after);
    }
    if let Some(after) = text.strip_prefix('?') {
        word.push(Piece::Variable { name: "?".to_owned(), quoted });
        return Some(after);
    }
    if text.starts_with(['(', '$', '!', '@', '#']) {
        return None;
    }
    let length = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let (name, after) = text.split_at(length);
    word.push(if is_name(name) { Piece::Variable { name: name.to_owned(), quoted } } else { Piece::Text(format!("${name}")) });
    Some(after)
}

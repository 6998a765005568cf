//! From text to a template.

use super::{BadPath, Comparison, Filter, Piece, Slice, Step, Template};
use serde_json::Value;

/// How deep unions, filters and loops may stand in one another.
const DEEPEST: usize = 32;

fn bad<T>(why: impl Into<String>) -> Result<T, BadPath> {
    Err(BadPath(why.into()))
}

/// What stands between two braces.
enum Action {
    Values(Vec<Step>),
    Range(Vec<Step>),
    End,
}

pub(super) fn template(text: &str) -> Result<Template, BadPath> {
    // Loops that are not ended yet, the innermost last, each with the pieces before it.
    let mut open: Vec<(Vec<Step>, Vec<Piece>)> = Vec::new();
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(brace) = rest.find('{') else {
            pieces.push(Piece::Text(rest.to_string()));
            break;
        };
        if brace > 0 {
            pieces.push(Piece::Text(rest[..brace].to_string()));
        }
        let mut reader = Reader { rest: &rest[brace + 1..], depth: 0 };
        match reader.action()? {
            Action::Values(steps) => pieces.push(Piece::Values(steps)),
            Action::Range(_) if open.len() >= DEEPEST => return bad("too many ranges stand in one another"),
            Action::Range(over) => open.push((over, std::mem::take(&mut pieces))),
            Action::End => {
                let Some((over, before)) = open.pop() else { return bad("not in range, nothing to end") };
                let body = std::mem::replace(&mut pieces, before);
                pieces.push(Piece::Range { over, body });
            }
        }
        rest = reader.rest;
    }
    // A range that is not ended reaches to the end of the text.
    while let Some((over, before)) = open.pop() {
        let body = std::mem::replace(&mut pieces, before);
        pieces.push(Piece::Range { over, body });
    }
    Ok(Template(pieces))
}

/// Reads what stands between `{` and `}`.
struct Reader<'t> {
    rest: &'t str,
    depth: usize,
}

fn ends_word(c: char) -> bool {
    " \t\r\n.,[]$@{}".contains(c)
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    /// A word up to the next sign that ends one; after a backslash none does.
    fn word(&mut self) -> &'t str {
        let mut escaped = false;
        let end = self.rest.find(|c| {
            let ends = !escaped && ends_word(c);
            escaped = !escaped && c == '\\';
            ends
        });
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    fn action(&mut self) -> Result<Action, BadPath> {
        let mut steps = Vec::new();
        let mut range = false;
        let mut end = false;
        loop {
            if let Some(rest) = self.rest.strip_prefix('}') {
                self.rest = rest;
                return Ok(if end {
                    Action::End
                } else if range {
                    Action::Range(steps)
                } else {
                    Action::Values(steps)
                });
            }
            if let Some(rest) = self.rest.strip_prefix("[?(") {
                self.rest = rest;
                steps.push(self.filter()?);
                continue;
            }
            if let Some(rest) = self.rest.strip_prefix("..") {
                if steps.last() == Some(&Step::Recursive) {
                    return bad("invalid multiple recursive descent");
                }
                self.rest = rest;
                steps.push(Step::Recursive);
                if self.rest.starts_with(|c: char| c == '_' || c.is_alphanumeric()) {
                    steps.push(self.field());
                }
                continue;
            }
            match self.rest.chars().next() {
                None | Some('\n' | '\r') => return bad("unclosed action"),
                // `@` and `$` are the value itself.
                Some(' ' | '@' | '$') => drop(self.next()),
                Some('[') => self.brackets(&mut steps)?,
                Some(quote @ ('"' | '\'')) => steps.push(Step::Text(self.quoted(quote)?)),
                Some('.') => {
                    self.next();
                    steps.push(self.field());
                }
                Some(c) if c == '+' || c == '-' || c.is_numeric() => steps.push(Step::Literal(self.number()?)),
                Some(c) if c == '_' || c.is_alphabetic() => match self.word() {
                    "true" => steps.push(Step::Literal(Value::Bool(true))),
                    "false" => steps.push(Step::Literal(Value::Bool(false))),
                    "range" => range = true,
                    "end" => end = true,
                    other => return bad(format!("unrecognized identifier {other}")),
                },
                Some(c) => return bad(format!("unrecognized character in action: {c:?}")),
            }
        }
    }

    fn field(&mut self) -> Step {
        match self.word() {
            "*" => Step::Wildcard,
            name => Step::Field(name.replace('\\', "")),
        }
    }

    fn number(&mut self) -> Result<Value, BadPath> {
        let sign = usize::from(self.rest.starts_with(['+', '-']));
        let end = self.rest[sign..].find(|c: char| c != '.' && !c.is_numeric()).map_or(self.rest.len(), |end| end + sign);
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        let whole = text.parse::<i64>().map(Value::from);
        whole.or_else(|_| text.parse::<f64>().map(Value::from)).or_else(|_| bad(format!("cannot parse number {text}")))
    }

    /// The text between two quotes, from the first on.
    fn quoted(&mut self, quote: char) -> Result<String, BadPath> {
        let mut before = quote;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let ends = *c == '\n' || (*c == quote && before != '\\');
            before = *c;
            ends
        });
        let Some((end, c)) = end.filter(|(_, c)| *c != '\n') else { return bad("unterminated quoted string") };
        let inner = &self.rest[1..end];
        self.rest = &self.rest[end + c.len_utf8()..];
        unescaped(inner, quote)
    }

    /// One of the parts of a union or a side of a filter: a whole action of its own.
    fn inner(&self, text: &str) -> Result<Vec<Step>, BadPath> {
        if self.depth >= DEEPEST {
            return bad("too many brackets stand in one another");
        }
        let closed = format!("{text}}}");
        let mut reader = Reader { rest: &closed, depth: self.depth + 1 };
        match reader.action()? {
            Action::Values(steps) => Ok(steps),
            Action::Range(_) | Action::End => bad("a range cannot stand inside brackets"),
        }
    }

    fn brackets(&mut self, steps: &mut Vec<Step>) -> Result<(), BadPath> {
        let end = self.rest.find([']', '\n']).filter(|end| self.rest[*end..].starts_with(']'));
        let Some(end) = end else { return bad("unterminated array") };
        let text = &self.rest[1..end];
        self.rest = &self.rest[end + 1..];
        let parts: Vec<&str> = text.split(',').collect();
        if parts.len() > 1 {
            let parts = parts.iter().map(|part| self.inner(&format!("[{}]", part.trim_matches(' '))));
            steps.push(Step::Union(parts.collect::<Result<_, _>>()?));
            return Ok(());
        }
        let key = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).filter(|key| !key.contains('\''));
        if let Some(key) = key {
            steps.extend(self.inner(&format!(".{key}"))?);
            return Ok(());
        }
        steps.push(Step::Slice(slice(if text == "*" { ":" } else { text })?));
        Ok(())
    }

    fn filter(&mut self) -> Result<Step, BadPath> {
        // The first quote that is closed again hides no bracket behind it.
        let (mut quote, mut before) = (None, ' ');
        let mut closed = false;
        let end = self.rest.char_indices().find(|(_, c)| {
            match quote {
                None if *c == '"' || *c == '\'' => quote = Some(*c),
                Some(open) if *c == open && before != '\\' => closed = true,
                None | Some(_) => {}
            }
            before = *c;
            *c == '\n' || (*c == ')' && quote.is_some() == closed)
        });
        let Some((end, _)) = end.filter(|(_, c)| *c == ')') else { return bad("unterminated filter") };
        let text = &self.rest[..end];
        let Some(rest) = self.rest[end + 1..].strip_prefix(']') else { return bad("unclosed array expect ]") };
        self.rest = rest;
        let sign = |c: char| "!<>=".contains(c);
        let split = text.find(sign).filter(|at| *at > 0).and_then(|at| {
            let behind = text[at..].find(|c| !sign(c))? + at;
            Some((&text[..at], &text[at..behind], &text[behind..]))
        });
        let Some((left, operator, right)) = split else {
            return Ok(Step::Filter(Box::new(Filter { left: self.inner(text)?, compared: None })));
        };
        let comparison = match operator {
            "<" => Comparison::Less,
            "<=" => Comparison::LessEqual,
            "==" => Comparison::Equal,
            "!=" => Comparison::NotEqual,
            ">=" => Comparison::GreaterEqual,
            ">" => Comparison::Greater,
            other => return bad(format!("unrecognized filter operator {other}")),
        };
        Ok(Step::Filter(Box::new(Filter { left: self.inner(left)?, compared: Some((comparison, self.inner(right)?)) })))
    }
}

fn slice(text: &str) -> Result<Slice, BadPath> {
    let invalid = || BadPath(format!("invalid array index {text}"));
    let mut numbers = [None; 3];
    let parts: Vec<&str> = text.split(':').collect();
    if parts.len() > 3 {
        return Err(invalid());
    }
    for (number, part) in numbers.iter_mut().zip(&parts) {
        let digits = part.strip_prefix('-').unwrap_or(part);
        if !digits.chars().all(|c| c.is_ascii_digit()) {
            return Err(invalid());
        }
        if !part.is_empty() {
            *number = Some(part.parse().map_err(|_| BadPath(format!("array index {part} is not a number")))?);
        }
    }
    let [start, end, step] = numbers;
    // `[2]` is one element; `[]` is the first.
    match parts.len() {
        1 => Ok(Slice { start, end: Some(start.unwrap_or(0).saturating_add(1)), step, one: true }),
        _ => Ok(Slice { start, end, step, one: false }),
    }
}

/// Go's escapes in a quoted text (`strconv.UnquoteChar`).
fn unescaped(text: &str, quote: char) -> Result<String, BadPath> {
    let invalid = || BadPath(format!("unquote string {text}: invalid syntax"));
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            out.extend(c.encode_utf8(&mut [0; 4]).bytes());
            continue;
        }
        let kind = rest.chars().next().ok_or_else(invalid)?;
        // A code: whether it is a byte, its radix, where it begins, how many digits it has.
        let (byte, radix, from, digits) = match kind {
            'x' => (true, 16, 1, 2),
            'u' => (false, 16, 1, 4),
            'U' => (false, 16, 1, 8),
            '0'..='7' => (true, 8, 0, 3),
            _ => {
                out.push(match kind {
                    'a' => 7,
                    'b' => 8,
                    'f' => 12,
                    'n' => b'\n',
                    'r' => b'\r',
                    't' => b'\t',
                    'v' => 11,
                    '\\' => b'\\',
                    '"' if quote == '"' => b'"',
                    '\'' if quote == '\'' => b'\'',
                    _ => return Err(invalid()),
                });
                rest = &rest[1..];
                continue;
            }
        };
        let code = rest.get(from..from + digits).and_then(|code| u32::from_str_radix(code, radix).ok()).ok_or_else(invalid)?;
        rest = &rest[from + digits..];
        if byte {
            out.push(u8::try_from(code).map_err(|_| invalid())?);
        } else {
            out.extend(char::from_u32(code).ok_or_else(invalid)?.encode_utf8(&mut [0; 4]).bytes());
        }
    }
    Ok(String::from_utf8_lossy(&out).into_owned())
}

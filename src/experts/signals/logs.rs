//! The line of a log that tells why a program ended.

use super::words::cut;
use regex::Regex;
use serde_json::Value;
use std::sync::LazyLock;

/// Only so many last lines are looked at.
const LINES: usize = 400;
/// And so many bytes of each.
const BYTES: usize = 4_000;

macro_rules! pattern {
    ($name:ident, $regex:expr) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($regex).ok());
    };
}
pattern!(COLOUR, r"\x1b\[[0-9;]*[A-Za-z]");
pattern!(
    HEAD,
    r#"^\s*(?:\[?\d{4}[-/]\d\d[-/]\d\d[T ]?[\d:.,]*(?:Z|[+-]\d\d:?\d\d)?\]?\s*|[IWEF]\d{4} [\d:.]+\s+\d+ \S+\]\s*|\d\d:\d\d:\d\d[.,\d]*\s*|time="[^"]*"\s*)+"#
);
pattern!(LEVEL, r"^(?:\s*\[?\b(?i:fatal|critical|emergency|emerg|panic|error|err|severe|crit)\b\]?(?i: error)?\s*[:\]|-]*\s*)+");
pattern!(
    FATAL,
    r#"(?i:\b(?:level|severity|lvl)"?\s*[=:]\s*"?(?:fatal|critical|panic|emerg)|\bcritical\b\s*[:\]|-])|\b(?:FATAL|CRITICAL|PANIC|EMERG)\b|^(?:fatal|Fatal)\b|\bfatal error: |^F\d{4} "#
);
pattern!(
    ERROR,
    r#"(?i:\b(?:level|severity|lvl)"?\s*[=:]\s*"?(?:error|err)\b)|\b(?:ERROR|SEVERE|ERR!?)\b|^(?:error|Error)\b[:\[]|^\w*(?:Error|Exception)\b: |^E\d{4} "#
);
pattern!(
    ENV,
    r#"(?i:environment variable|env(?:ironment)? ?var(?:iable)?|missing|required|undefined|not set|unset|not defined|KeyError|must be set|is empty|not provided).*?\b([A-Z][A-Z0-9]*_[A-Z0-9_]+|DSN|PORT|TOKEN)\b|\b([A-Z][A-Z0-9]*_[A-Z0-9_]+|DSN|PORT|TOKEN)\b['"`]?:? (?:environment variable )?(?i:is|was|env|must|not|are)? ?(?i:not set|unset|missing|required|undefined|not defined|must be set|be set|empty|not provided|not found)"#
);
pattern!(
    REFUSED,
    r"(?i)connection refused|econnrefused|no route to host|i/o timeout|connection timed out|etimedout|could not connect|can't connect|failed to connect|connect: |timed out|timeout of \d"
);
pattern!(
    UNKNOWN_HOST,
    r"(?i)no such host|enotfound|name or service not known|could not translate host name|temporary failure in name resolution|eai_again|unknown host|name does not resolve"
);
pattern!(
    TELLING,
    r"(?i)is not set|connection refused|econnrefused|no such host|enotfound|name or service not known|could not translate host name|address already in use|eaddrinuse|permission denied|eacces|no such file or directory|authentication failed|access denied|out of memory|cannot allocate memory|no space left on device|read-only file system|certificate|relation .* does not exist|unknown (?:flag|option|command)|module not found|cannot find module|modulenotfounderror|no module named|could not find or load main class"
);
pattern!(
    HOST,
    r#"(?i)(?:dial tcp|lookup|enotfound|eai_again|econnrefused|translate host name|server at|connect(?:ing)? to(?: server at)?|connection to|host[=:]|unknown host|could not resolve(?: host)?:?|jdbc:\w+://|[a-z]+://(?:[^@/\s]*@)?)\s*["'(\[]?(?:[a-z][a-z0-9+.-]*://(?:[^@/\s]*@)?)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{2,5}))?"#
);

fn is(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|r| r.is_match(text))
}
fn without(pattern: &LazyLock<Option<Regex>>, text: &str) -> String {
    pattern.as_ref().map_or_else(|| text.to_string(), |r| r.replace_all(text, "").into_owned())
}

/// What a log tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogCause {
    /// The telling line without time and level.
    pub cause: String,
    /// The line itself.
    pub line: String,
    /// Whether the line says of itself that it is one.
    pub sure: bool,
    /// The environment variable it misses.
    pub env: String,
    /// The host it did not reach.
    pub host: String,
    /// The port it did not reach.
    pub port: String,
    /// Of what sort it is.
    pub kind: LogKind,
}

/// Of what sort a telling line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogKind {
    /// An environment variable is missing.
    Env,
    /// A host is not known.
    Host,
    /// A connection was refused or never came about.
    Refused,
    /// Anything else.
    Other,
}

impl LogKind {
    /// `env`, `host`, `refused` or nothing.
    pub fn word(self) -> &'static str {
        match self {
            LogKind::Env => "env",
            LogKind::Host => "host",
            LogKind::Refused => "refused",
            LogKind::Other => "",
        }
    }
}

/// What the last lines of a log tell; `None` for an empty one.
pub fn cause<'a>(lines: impl DoubleEndedIterator<Item = &'a str>) -> Option<LogCause> {
    let mut raw: Vec<&str> = lines.rev().take(LINES).map(head).collect();
    raw.reverse();
    let clean: Vec<String> = raw.iter().map(|l| without(&COLOUR, l)).collect();
    let (at, sure) = choose(&clean)?;
    let line = clean[at].trim();
    let cause = message(line);
    let captured = |r: &LazyLock<Option<Regex>>, i: usize| {
        r.as_ref().and_then(|r| r.captures(&cause)).and_then(|c| c.get(i).map(|m| m.as_str().to_string())).unwrap_or_default()
    };
    let env = Some(captured(&ENV, 1)).filter(|e| !e.is_empty()).unwrap_or_else(|| captured(&ENV, 2));
    let kind = if !env.is_empty() {
        LogKind::Env
    } else if is(&UNKNOWN_HOST, &cause) {
        LogKind::Host
    } else if is(&REFUSED, &cause) {
        LogKind::Refused
    } else {
        LogKind::Other
    };
    let reached = [LogKind::Host, LogKind::Refused].contains(&kind);
    let (host, port) = if reached { (captured(&HOST, 1), captured(&HOST, 2)) } else { Default::default() };
    let told = match (&env[..], cause.as_str()) {
        (name, c) if !name.is_empty() && c.starts_with("KeyError") => format!("{name} is not set ({c})"),
        _ => cause.clone(),
    };
    Some(LogCause { cause: cut(&told, 160), line: cut(raw[at].trim(), 280), sure, env, host, port, kind })
}

/// Which Service a sentence did not reach: host and port as they stand in it.
pub fn reached(sentence: &str) -> Option<(String, String)> {
    let found = HOST.as_ref()?.captures(sentence)?;
    Some((found[1].to_string(), found.get(2).map_or_else(String::new, |p| p.as_str().to_string())))
}

fn head(line: &str) -> &str {
    let mut end = line.len().min(BYTES);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

/// Which line, and whether it is sure: a stack trace's own last word, then what calls itself fatal, then a known sentence, then
/// an error, then just the last line.
fn choose(lines: &[String]) -> Option<(usize, bool)> {
    let last = |fits: &dyn Fn(&str) -> bool| lines.iter().rposition(|l| fits(l.trim()));
    if let Some(at) = last(&|l| l.starts_with("Traceback (most recent call last)")) {
        let told = (at + 1..lines.len()).find(|i| !lines[*i].starts_with([' ', '\t']) && !lines[*i].trim().is_empty());
        if let Some(told) = told {
            return Some((told, true));
        }
    }
    if let Some(at) = last(&|l| l.starts_with("Caused by: ")) {
        return Some((at, true));
    }
    if let Some(at) = last(&|l| l.starts_with("thread '") && l.contains("panicked at")) {
        // Since Rust 1.73 the message stands on the next line.
        let next = at + 1;
        let own = lines[at].trim_end().ends_with(':') && lines.get(next).is_some_and(|l| !l.trim().is_empty());
        return Some((if own { next } else { at }, true));
    }
    if let Some(at) = last(&|l| l.starts_with("panic: ")) {
        return Some((at, true));
    }
    let fatal = last(&|l| is(&FATAL, l));
    let telling = last(&|l| is(&TELLING, l) || (is(&ENV, l) && !is(&HEAD, l)));
    let error = last(&|l| is(&ERROR, &without(&HEAD, l)) || is(&ERROR, l));
    let weak = || last(&|l| !l.is_empty() && !l.starts_with("at ") && !l.starts_with("Node.js v"));
    fatal.or(telling).or(error).map(|at| (at, true)).or_else(|| weak().map(|at| (at, false)))
}

/// The line without time, level and the wrapping of a structured log.
fn message(line: &str) -> String {
    if let Ok(Value::Object(map)) = serde_json::from_str::<Value>(line) {
        let field = |names: &[&str]| names.iter().find_map(|n| map.get(*n).and_then(Value::as_str)).map(str::to_string);
        let (said, error) = (field(&["msg", "message", "event", "log"]), field(&["error", "err", "exception"]));
        return match (said, error) {
            (Some(said), Some(error)) if !said.contains(&error) => format!("{said}: {error}"),
            (Some(one), _) | (None, Some(one)) => one,
            (None, None) => line.to_string(),
        };
    }
    if let Some(said) = line.split_once("msg=\"").and_then(|(_, r)| r.split_once('"')).map(|(m, _)| m) {
        let error = line.split_once("err=").or_else(|| line.split_once("error=")).map(|(_, e)| e.trim_matches('"'));
        return error.map_or_else(|| said.to_string(), |e| format!("{said}: {e}"));
    }
    let line = without(&HEAD, line);
    let line = without(&LEVEL, &line);
    let line = line.trim();
    ["Caused by: ", "panic: ", "Uncaught "].iter().find_map(|p| line.strip_prefix(p)).unwrap_or(line).trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lines: &[&str]) -> LogCause {
        cause(lines.iter().copied()).unwrap()
    }

    #[test]
    fn the_line_that_tells() {
        for (lines, says) in [
            (&["starting", "FATAL: DATABASE_URL is not set"][..], "DATABASE_URL is not set"),
            (
                &["2026-01-01T10:00:00Z ERROR could not connect to db:5432: connection refused", "bye"],
                "could not connect to db:5432: connection refused",
            ),
            (
                &["Traceback (most recent call last):", "  File \"a.py\", line 1", "KeyError: 'JWT_SECRET'"],
                "JWT_SECRET is not set (KeyError: 'JWT_SECRET')",
            ),
            (&["panic: no config", "", "goroutine 1 [running]:"], "no config"),
            (&["thread 'main' panicked at src/main.rs:5:10:", "PORT must be set", "note: run with RUST_BACKTRACE"], "PORT must be set"),
            (&["{\"level\":\"error\",\"msg\":\"boot failed\",\"error\":\"no disk\"}"], "boot failed: no disk"),
            (
                &["Error: Cannot find module 'express'", "    at Function._resolveFilename", "Node.js v20.1.0"],
                "Cannot find module 'express'",
            ),
            (
                &["\u{1b}[31mERROR\u{1b}[0m: listen EADDRINUSE: address already in use :::3000"],
                "listen EADDRINUSE: address already in use :::3000",
            ),
            (&["Caused by: java.net.ConnectException: Connection refused"], "java.net.ConnectException: Connection refused"),
            (&["just this"], "just this"),
        ] {
            assert_eq!(told(lines).cause, says, "{lines:?}");
        }
        assert_eq!(cause([].into_iter()), None);
        assert!(!told(&["just this"]).sure);
    }

    #[test]
    fn hosts_and_variables() {
        for (line, host, kind) in [
            ("dial tcp: lookup redis.cache.svc on 10.0.0.10:53: no such host", "redis.cache.svc", "host"),
            ("FATAL: could not connect to server at \"db\" (10.1.2.3), port 5432 failed: Connection refused", "db", "refused"),
            ("Error: connect ECONNREFUSED 10.96.0.7:6379", "10.96.0.7", "refused"),
            ("Error: getaddrinfo ENOTFOUND redis", "redis", "host"),
            ("failed to connect to postgres://u:p@orders-db.shop.svc:5432/orders: connection refused", "orders-db.shop.svc", "refused"),
            ("ERROR dial tcp 10.0.0.1:5432: connect: connection refused", "10.0.0.1", "refused"),
        ] {
            let told = told(&[line]);
            assert_eq!((&*told.host, told.kind.word()), (host, kind), "{line}");
        }
        for (line, env) in [
            ("FATAL: DATABASE_URL is not set", "DATABASE_URL"),
            ("missing required environment variable JWT_SECRET", "JWT_SECRET"),
            ("Error: OPENAI_API_KEY must be set", "OPENAI_API_KEY"),
        ] {
            assert_eq!(told(&[line]).env, env, "{line}");
        }
    }
}

//! What looks like a password or a key in text, taken out. By patterns: it errs on the side of taking out too much, and no pattern
//! finds everything; that is why log lines are a level of sharing of their own.

use regex::{Captures, Regex, RegexBuilder};
use std::sync::LazyLock;

/// What stands in the place of what was taken out.
pub(super) const HIDDEN: &str = "(not shared)";

/// A word in the name of a thing that is secret.
const SECRET: &str = r"(?:passw(?:or)?d|passwd|pwd|passphrase|secret|token|api[_-]?key|apikey|access[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|credential|database[_-]?url|db[_-]?url|dsn|conn(?:ection)?[_-]?str(?:ing)?|session[_-]?id|cookie)";

/// What stands behind `the token is` and is no token.
const STATES: &[&str] = &[
    "a",
    "an",
    "bad",
    "empty",
    "expired",
    "incorrect",
    "invalid",
    "known",
    "malformed",
    "missing",
    "mounted",
    "no",
    "not",
    "null",
    "present",
    "required",
    "set",
    "the",
    "too",
    "undefined",
    "unknown",
    "unset",
    "valid",
    "wrong",
];

/// One kind of secret, and the groups before and behind it that stay.
struct Pattern {
    regex: Regex,
}

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let value = r#"(?:\\?"(?:[^"\\]|\\[^"])*\\?"|'[^']*'|\\?["']?[^\s,;&"'}\]]+)"#;
    let texts = [
        // Keys in PEM; a log may have cut the end away.
        r"(?P<a>)-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\z)".to_string(),
        // scheme://user:password@host
        r#"(?P<a>\b[a-z][a-z0-9+.-]*://[^\s:/@"']*:)[^\s"']+(?P<b>@)"#.to_string(),
        r#"(?P<a>\bauthorization\\?["']?\s*[:=]\s*\\?["']?)(?:(?:basic|bearer|token|digest|negotiate)\s+)?[^\s"',;]+"#.to_string(),
        r"(?P<a>\bbearer\s+)[a-z0-9._~+/=-]{6,}".to_string(),
        // name=value, "name": "value", and with their quotes escaped
        format!(r#"(?P<a>[a-z0-9_.-]*{SECRET}[a-z0-9_.-]*\\?["']?\s*(?:=>|:=|[:=])\s*){value}"#),
        // --password value, password is value
        format!(r#"(?P<a>--?[a-z0-9-]*{SECRET}[a-z0-9-]*\s+)[^\s"']+"#),
        format!(r#"(?P<a>\b{SECRET}\s+(?:is|was)\s+)(?P<said>{value})"#),
        // Keys that are known by their look.
        r"(?P<a>)\b(?:sk|rk|pk|re)[-_][a-z0-9_-]{16,}".to_string(),
        r"(?P<a>)\b(?:gh[pousr]_[a-z0-9]{20,}|github_pat_[a-z0-9_]{20,}|glpat-[a-z0-9_-]{16,}|xox[a-z]-[a-z0-9-]{10,}|AKIA[A-Z0-9]{12,}|ASIA[A-Z0-9]{12,}|AIza[a-z0-9_-]{30,}|npm_[a-z0-9]{30,}|hvs\.[a-z0-9_-]{20,})".to_string(),
        r"(?P<a>)\beyJ[a-z0-9_-]{8,}\.[a-z0-9_-]{8,}(?:\.[a-z0-9_-]*)?".to_string(),
    ];
    let made = texts.iter().filter_map(|text| RegexBuilder::new(text).case_insensitive(true).build().ok());
    made.map(|regex| Pattern { regex }).collect()
});

/// The text without what looks secret.
pub(super) fn masked(text: &str) -> String {
    let mut text = text.to_string();
    for pattern in PATTERNS.iter() {
        let put = |found: &Captures<'_>| {
            let group = |name: &str| found.name(name).map_or("", |m| m.as_str());
            if STATES.contains(&group("said").trim_end_matches(['.', '!', ':'])) {
                return found[0].to_string();
            }
            format!("{}{HIDDEN}{}", group("a"), group("b"))
        };
        if pattern.regex.is_match(&text) {
            text = pattern.regex.replace_all(&text, put).into_owned();
        }
    }
    text
}

/// Whether a field or a variable of that name holds something secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
        RegexBuilder::new(&format!("(?:{SECRET}|auth|dockerconfig(?:json)?|dockercfg)s?$")).case_insensitive(true).build().ok()
    });
    // Without the pattern everything is secret.
    NAME.as_ref().is_none_or(|regex| regex.is_match(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(PATTERNS.len(), 10);
        assert!(is_secret_name("DB_PASSWORD") && is_secret_name("apiKey") && is_secret_name("JWT_SECRET"));
        assert!(!is_secret_name("secretName") && !is_secret_name("replicas") && !is_secret_name("name"));
    }

    #[test]
    fn secrets_in_log_lines_are_taken_out() {
        for line in [
            "connecting to postgres://todo:hunter2@db:5432/todo",
            "redis://:hunter2@cache",
            "mysql://a:p@hunter2@db/x",
            "DATABASE_URL=postgres://hunter2",
            "DB_PASSWORD=hunter2",
            "password: hunter2",
            r#"{"user":"a","password":"hunter2","x":1}"#,
            r#"{"msg":"{\"api_key\": \"hunter2\"}"}"#,
            "Authorization: Bearer hunter2.hunter2",
            "authorization=Basic aHVudGVyMg==hunter2",
            "got header bearer hunter2hunter2",
            "starting with --db-password hunter2 --port 80",
            "--token=hunter2",
            "the password is hunter2",
            "GET /login?user=a&access_token=hunter2&x=1",
            "key sk-hunter2hunter2hunter2",
            "ghp_hunter2hunter2hunter2hunter2",
            "session eyJhunter2xx.eyJhunter2xx.hunter2",
            "-----BEGIN RSA PRIVATE KEY-----\nhunter2\nhunter2\n-----END RSA PRIVATE KEY-----",
            "-----BEGIN PRIVATE KEY-----\nhunter2",
            "secret = 'hunter2 hunter2'",
            "clientSecret => hunter2",
        ] {
            let masked = masked(line);
            assert!(!masked.contains("hunter2"), "{line} -> {masked}");
            assert!(masked.contains(HIDDEN), "{line} -> {masked}");
        }
    }

    #[test]
    fn what_is_said_around_stays() {
        assert_eq!(masked("FATAL: DATABASE_URL is not set"), "FATAL: DATABASE_URL is not set");
        assert_eq!(masked("to postgres://todo:x@db:5432/todo failed"), "to postgres://todo:(not shared)@db:5432/todo failed");
        assert_eq!(masked("secret \"todo-secrets\" not found"), "secret \"todo-secrets\" not found");
        assert_eq!(masked("GET http://backend:8000/health 200"), "GET http://backend:8000/health 200");
        assert_eq!(masked("pulling nginx@sha256:0123"), "pulling nginx@sha256:0123");
    }

    proptest! {
        #[test]
        fn no_value_behind_a_secret_name_stays(
            name in "(DB_)?(PASSWORD|password|Token|api_key|CLIENT_SECRET)",
            between in "(=|: |=\"|: ')",
            value in "[A-Z0-9]{12,30}",
            before in "[a-z ]{0,12}",
        ) {
            let line = format!("{before} {name}{between}{value}");
            prop_assert!(!masked(&line).contains(&value), "{line}");
        }

        #[test]
        fn any_text_is_taken(text in "\\PC{0,200}") {
            let _ = masked(&text);
        }
    }
}

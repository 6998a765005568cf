//! Which hosts a text names: what is kept of an environment variable's value.

use super::lenient::Lenient;

/// Hosts with their ports, as they stand in a URL, a `host:port` or a bare name. User and password before the `@` are never kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Endpoints(pub Vec<Endpoint>);

/// One host and the port beside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// `db`, `db.shop.svc`, `10.0.0.7`.
    pub host: Box<str>,
    /// Its port, where one is said.
    pub port: Option<u16>,
}

/// So many of one text are kept.
const MOST: usize = 8;

impl Lenient for Endpoints {
    fn of_text(text: &str) -> Self {
        Endpoints(of(text))
    }
}

/// The hosts a text names: `postgres://user:password@db:5432/todos` is `db` with 5432. A word without a dot, a port or a scheme counts only where it
/// is the whole text, since any value may be a word.
pub fn of(text: &str) -> Vec<Endpoint> {
    let text = text.trim();
    if text.len() > 2_000 {
        return Vec::new();
    }
    let parts = text.split([',', ' ', ';']).filter(|p| !p.is_empty());
    parts.filter_map(|part| one(part, part.len() == text.len())).take(MOST).collect()
}

fn one(part: &str, whole: bool) -> Option<Endpoint> {
    let (schemed, rest) = part.split_once("://").map_or((false, part), |(_, rest)| (true, rest));
    let rest = if schemed || rest.contains('@') { rest.rsplit_once('@').map_or(rest, |(_, host)| host) } else { rest };
    let rest = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) => (host, Some(port.parse::<u16>().ok()?)),
        None => (rest, None),
    };
    let named = !host.is_empty()
        && host.len() <= 253
        && host.starts_with(|c: char| c.is_ascii_alphanumeric())
        && host.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.');
    let sure = schemed || port.is_some() || host.contains(".svc") || (whole && host.chars().any(|c| c.is_ascii_alphabetic()));
    (named && sure).then(|| Endpoint { host: host.into(), port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_nothing_secret() {
        for (text, told) in [
            ("postgres://user:pass@db:5432/todos", "db:5432"),
            ("redis:6379", "redis:6379"),
            ("http://api.shop.svc.cluster.local/v1", "api.shop.svc.cluster.local:"),
            ("kafka-0:9092,kafka-1:9092", "kafka-0:9092 kafka-1:9092"),
            ("db", "db:"),
            ("Some Sentence here", ""),
            ("hunter2!", ""),
            ("5432", ""),
            ("10:30:x", ""),
        ] {
            let all = of(text);
            let line: Vec<String> = all.iter().map(|e| format!("{}:{}", e.host, e.port.map_or(String::new(), |p| p.to_string()))).collect();
            assert_eq!(line.join(" "), told, "{text}");
        }
    }
}

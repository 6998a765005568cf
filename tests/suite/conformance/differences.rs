//! What differs, and which of it is accepted.
use serde::Deserialize;
use serde_json::Value;
use std::path::Path;

/// One place where two answers differ.
#[derive(Clone, Debug)]
pub struct Difference {
    /// `topic/name`.
    pub exchange: String,
    /// The place in the answer, as a JSON pointer.
    pub path: String,
    pub ours: Value,
    pub theirs: Value,
}

/// One accepted difference; in `exchange` and `path` a `*` stands for anything.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    exchange: String,
    path: String,
    why: String,
}

/// The list of accepted differences.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Differences {
    #[serde(default)]
    difference: Vec<Accepted>,
}

impl Differences {
    /// The entries of a file whose exchange is wanted.
    pub fn read(path: &Path, wanted: impl Fn(&str) -> bool) -> Self {
        let mut list: Differences =
            toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(list.difference.iter().all(|d| !d.why.is_empty()), "each accepted difference says why");
        list.difference.retain(|d| wanted(&d.exchange));
        list
    }

    pub fn len(&self) -> usize {
        self.difference.len()
    }

    /// What is not accepted. With `whole`, an entry that fits nothing counts as well.
    pub fn without(&self, found: Vec<Difference>, whole: bool) -> Vec<Difference> {
        let mut used = vec![false; self.len()];
        let mut left: Vec<Difference> = Vec::new();
        for difference in found {
            let fits = |a: &Accepted| fits(&a.exchange, &difference.exchange) && fits(&a.path, &difference.path);
            let mut accepted = false;
            for (_, used) in self.difference.iter().zip(&mut used).filter(|(a, _)| fits(a)) {
                (*used, accepted) = (true, true);
            }
            if !accepted {
                left.push(difference);
            }
        }
        let idle = self.difference.iter().zip(used).filter(|(_, used)| whole && !used);
        left.extend(idle.map(|(entry, _)| Difference {
            exchange: entry.exchange.clone(),
            path: format!("{} (in differences.toml, and no longer differs)", entry.path),
            ours: Value::Null,
            theirs: Value::Null,
        }));
        left
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => {
            text.strip_prefix(head).is_some_and(|rest| (0..=rest.len()).any(|n| rest.is_char_boundary(n) && fits(tail, &rest[n..])))
        }
    }
}

/// Adds every place where two values differ.
pub fn between(exchange: &str, path: &str, ours: &Value, theirs: &Value, found: &mut Vec<Difference>) {
    let child = |key: &str| format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"));
    match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|k| !a.contains_key(*k))) {
                match (a.get(key), b.get(key)) {
                    (Some(a), Some(b)) => between(exchange, &child(key), a, b, found),
                    (a, b) => found.push(Difference {
                        exchange: exchange.to_owned(),
                        path: child(key),
                        ours: said_or_absent(a),
                        theirs: said_or_absent(b),
                    }),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (n, (a, b)) in a.iter().zip(b).enumerate() {
                between(exchange, &child(&n.to_string()), a, b, found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            // Of lists whose members have names, which member is one's own only; of others, all.
            let named = |list: &[Value]| list.iter().map(|v| Some((name_of(v)?, v.clone()))).collect::<Option<serde_json::Map<_, _>>>();
            match (named(a), named(b)) {
                (Some(a), Some(b)) => between(exchange, path, &a.into(), &b.into(), found),
                _ => {
                    // Without what is the same at both ends.
                    let head = a.iter().zip(b).take_while(|(a, b)| a == b).count();
                    let (a, b) = (&a[head..], &b[head..]);
                    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
                    let (ours, theirs) = (a[..a.len() - tail].into(), b[..b.len() - tail].into());
                    found.push(Difference { exchange: exchange.to_owned(), path: path.to_owned(), ours, theirs });
                }
            }
        }
        (a, b) if a == b => {}
        (a, b) => found.push(Difference { exchange: exchange.to_owned(), path: path.to_owned(), ours: a.clone(), theirs: b.clone() }),
    }
}

fn name_of(value: &Value) -> Option<String> {
    let places = ["/name", "/metadata/name", "/resource", "/subresource", "/type", "/cells/0"];
    places.iter().find_map(|place| value.pointer(place)?.as_str().map(str::to_owned))
}

fn said_or_absent(value: Option<&Value>) -> Value {
    value.cloned().unwrap_or_else(|| "(absent)".into())
}

/// How many are shown, and how much of each value.
const SHOWN: (usize, usize) = (150, 700);

/// For a person: each exchange, and under it the places.
pub fn said(differences: &[Difference], ours: &str, theirs: &str) -> String {
    let (count, length) = SHOWN;
    let short = |v: &Value| v.to_string().chars().take(length).collect::<String>();
    let mut out = String::new();
    let mut last = "";
    for d in differences.iter().take(count) {
        if d.exchange != last {
            out.push_str(&format!("{}\n", d.exchange));
            last = &d.exchange;
        }
        out.push_str(&format!("    {}\n        {ours}: {}\n        {theirs}: {}\n", d.path, short(&d.ours), short(&d.theirs)));
    }
    format!("{out}{} differences", differences.len())
}

//! Results as text, as Go prints them: compact JSON for maps and lists, plain values bare.

use serde::Serialize as _;
use serde_json::Value;

/// One part's results, a space apart.
pub(super) fn part(results: &[Value]) -> String {
    let one = |value: &Value| match value {
        Value::Array(_) | Value::Object(_) => escaped(&value.to_string()),
        Value::Null => "null".into(),
        plain => go_value(plain),
    };
    results.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// JSON, indented by four spaces.
pub(super) fn indented(value: &Value) -> String {
    let mut out = Vec::new();
    let mut to = serde_json::Serializer::with_formatter(&mut out, serde_json::ser::PrettyFormatter::with_indent(b"    "));
    match value.serialize(&mut to) {
        Ok(()) => escaped(&String::from_utf8_lossy(&out)),
        Err(e) => e.to_string(),
    }
}

/// Go's JSON keeps these signs out of HTML; they stand only inside strings.
fn escaped(json: &str) -> String {
    json.replace('&', "\\u0026")
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

/// A value as Go's `%v` writes it: `map[a:b c:d]`, `[a b]`, `<nil>`.
pub fn go_value(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".into(),
        Value::Bool(b) => b.to_string(),
        Value::Number(n) => match n.as_f64().filter(|_| n.is_f64()) {
            Some(float) => go_float(float),
            None => n.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Array(list) => format!("[{}]", list.iter().map(go_value).collect::<Vec<_>>().join(" ")),
        Value::Object(map) => {
            let mut pairs: Vec<(&String, &Value)> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| *key);
            format!("map[{}]", pairs.iter().map(|(key, value)| format!("{key}:{}", go_value(value))).collect::<Vec<_>>().join(" "))
        }
    }
}

/// `%v` of a float: the shortest digits that read back, with an exponent below 1e-4 and from 1e21 on.
fn go_float(float: f64) -> String {
    if float == 0.0 || (1e-4..1e21).contains(&float.abs()) {
        return float.to_string();
    }
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
            format!("{digits}e{sign}{exponent:0>2}")
        }
        None => text,
    }
}

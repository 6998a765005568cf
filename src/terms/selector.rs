//! Label and field selectors: reading, matching, printing.
use serde_json::{Value, json};
use std::{fmt, str::FromStr};

/// A label selector: all its terms must hold. No terms select everything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LabelSelector {
    terms: Vec<LabelTerm>,
}

/// One condition on one label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelTerm {
    pub key: String,
    pub test: LabelTest,
}

/// What must be true of the label's value. `NotIn` and `NotEqual` also hold where the label is absent, as in Kubernetes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LabelTest {
    Equal(String),
    NotEqual(String),
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Absent,
    Greater(i64),
    Less(i64),
}

/// Why a text or an object is no selector, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotASelector(pub String);

impl LabelSelector {
    /// The conditions, in the order they were written.
    pub fn terms(&self) -> &[LabelTerm] {
        &self.terms
    }

    /// True when there is no condition.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// From one `key=value` condition per pair.
    pub fn equal<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let term = |(key, value): (&str, &str)| LabelTerm { key: key.to_owned(), test: LabelTest::Equal(value.to_owned()) };
        LabelSelector { terms: pairs.into_iter().map(term).collect() }
    }

    /// From an object's `spec.selector`: `matchLabels`/`matchExpressions`, or (Services, ReplicationControllers) a plain map.
    ///
    /// # Errors
    /// An operator that is not In, NotIn, Exists or DoesNotExist, or a field of the wrong type.
    pub fn from_json(selector: &Value) -> Result<Self, NotASelector> {
        let Some(map) = selector.as_object() else { return Err(NotASelector("a selector must be an object".to_owned())) };
        let structured = map.contains_key("matchLabels") || map.contains_key("matchExpressions");
        let labels = if structured { map.get("matchLabels").and_then(Value::as_object) } else { Some(map) };
        let mut terms = Vec::new();
        for (key, value) in labels.into_iter().flatten() {
            let Some(value) = value.as_str() else { return Err(NotASelector(format!("the value of label {key:?} must be a string"))) };
            terms.push(LabelTerm { key: key.clone(), test: LabelTest::Equal(value.to_owned()) });
        }
        for expression in map.get("matchExpressions").and_then(Value::as_array).into_iter().flatten() {
            terms.push(expression_term(expression)?);
        }
        Ok(LabelSelector { terms })
    }

    /// As it stands in an object: `matchLabels`, and `matchExpressions` where there are conditions of other sorts.
    ///
    /// # Errors
    /// A condition that objects cannot hold: `!=`, `>`, `<`. Source: `ParseToLabelSelector` in `apimachinery/pkg/apis/meta/v1/helpers.go`.
    pub fn to_json(&self) -> Result<Value, NotASelector> {
        let mut labels = serde_json::Map::new();
        let mut expressions = Vec::new();
        // The parser there puts conditions in the order of their keys.
        let mut terms: Vec<&LabelTerm> = self.terms.iter().collect();
        terms.sort_by(|a, b| a.key.cmp(&b.key));
        for LabelTerm { key, test } in terms {
            let (operator, values) = match test {
                LabelTest::Equal(value) => {
                    labels.insert(key.clone(), json!(value));
                    continue;
                }
                LabelTest::In(values) => ("In", values.as_slice()),
                LabelTest::NotIn(values) => ("NotIn", values.as_slice()),
                LabelTest::Exists => ("Exists", &[][..]),
                LabelTest::Absent => ("DoesNotExist", &[][..]),
                LabelTest::NotEqual(_) => return Err(NotASelector("\"!=\" is not a valid label selector operator".to_owned())),
                LabelTest::Greater(_) | LabelTest::Less(_) => {
                    return Err(NotASelector("\">\" and \"<\" are not supported in label selectors".to_owned()));
                }
            };
            let mut expression = json!({"key": key, "operator": operator});
            if !values.is_empty() {
                // And holds values as a set.
                let values: std::collections::BTreeSet<&String> = values.iter().collect();
                expression["values"] = json!(values);
            }
            expressions.push(expression);
        }
        let mut selector = serde_json::Map::new();
        if !labels.is_empty() {
            selector.insert("matchLabels".to_owned(), Value::Object(labels));
        }
        if !expressions.is_empty() {
            selector.insert("matchExpressions".to_owned(), Value::Array(expressions));
        }
        Ok(Value::Object(selector))
    }

    /// Whether labels, given by look-up, satisfy every condition.
    pub fn matches<'a>(&self, label: impl Fn(&str) -> Option<&'a str>) -> bool {
        self.terms.iter().all(|term| term.test.holds(label(&term.key)))
    }

    /// Whether the labels in a JSON map (`metadata.labels`, or null) satisfy every condition.
    pub fn matches_json(&self, labels: &Value) -> bool {
        self.matches(|key| labels.get(key).and_then(Value::as_str))
    }
}

fn expression_term(expression: &Value) -> Result<LabelTerm, NotASelector> {
    let key = expression["key"].as_str().unwrap_or_default().to_owned();
    let values = || expression["values"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let number = || {
        expression["values"][0].as_str().and_then(|v| v.parse().ok()).ok_or_else(|| NotASelector(format!("{key:?} needs one whole number")))
    };
    let test = match expression["operator"].as_str().unwrap_or_default() {
        "In" => LabelTest::In(values()),
        "NotIn" => LabelTest::NotIn(values()),
        "Exists" => LabelTest::Exists,
        "DoesNotExist" => LabelTest::Absent,
        "Gt" => LabelTest::Greater(number()?),
        "Lt" => LabelTest::Less(number()?),
        other => return Err(NotASelector(format!("{other:?} is not a valid label selector operator"))),
    };
    Ok(LabelTerm { key, test })
}

impl LabelTest {
    fn holds(&self, value: Option<&str>) -> bool {
        let number = || value.and_then(|v| v.parse::<i64>().ok());
        match self {
            LabelTest::Equal(want) => value == Some(want),
            LabelTest::NotEqual(unwanted) => value != Some(unwanted),
            LabelTest::In(wanted) => value.is_some_and(|v| wanted.iter().any(|w| w == v)),
            LabelTest::NotIn(unwanted) => value.is_none_or(|v| unwanted.iter().all(|u| u != v)),
            LabelTest::Exists => value.is_some(),
            LabelTest::Absent => value.is_none(),
            LabelTest::Greater(limit) => number().is_some_and(|n| n > *limit),
            LabelTest::Less(limit) => number().is_some_and(|n| n < *limit),
        }
    }
}

impl FromStr for LabelSelector {
    type Err = NotASelector;

    /// kubectl's grammar: `a=b,c==d,e!=f,g in (x,y),h notin (z),i,!j,k>1,l<2`; the errors are the API server's. Source: `Parser` in `k8s.io/apimachinery/pkg/labels`.
    fn from_str(text: &str) -> Result<Self, NotASelector> {
        let mut words = Words { rest: tokens(text).into_iter().peekable() };
        let mut terms = Vec::new();
        loop {
            match words.peek() {
                "" if terms.is_empty() => break,
                word if is_word(word) || word == "!" => {}
                other => return Err(Words::expected(other, "!, identifier, or 'end of string'")),
            }
            terms.push(words.term().map_err(|why| NotASelector(format!("unable to parse requirement: {}", why.0)))?);
            match words.next().as_str() {
                "" => break,
                "," if is_word(words.peek()) || words.peek() == "!" => {}
                "," => return Err(Words::expected(words.peek(), "identifier after ','")),
                other => return Err(Words::expected(other, "',' or 'end of string'")),
            }
        }
        Ok(LabelSelector { terms })
    }
}

/// A label selector's text, cut into names, values and signs; the end reads as an empty token.
fn tokens(text: &str) -> Vec<String> {
    let sign = |c: char| "=!(),<>".contains(c);
    let mut tokens: Vec<String> = Vec::new();
    let mut joins = false;
    for c in text.chars() {
        match tokens.last_mut() {
            Some(last)
                if joins
                    && (!sign(c) && !last.starts_with(sign) || matches!((last.as_str(), c), ("=" | "!", '=')))
                    && !c.is_whitespace() =>
            {
                last.push(c);
            }
            _ if c.is_whitespace() => {}
            _ => tokens.push(c.to_string()),
        }
        joins = !c.is_whitespace();
    }
    tokens
}

fn is_word(token: &str) -> bool {
    !token.is_empty() && !token.starts_with(|c| "=!(),<>".contains(c))
}

struct Words {
    rest: std::iter::Peekable<std::vec::IntoIter<String>>,
}

impl Words {
    fn peek(&mut self) -> &str {
        self.rest.peek().map_or("", String::as_str)
    }

    fn next(&mut self) -> String {
        self.rest.next().unwrap_or_default()
    }

    fn expected(found: &str, what: &str) -> NotASelector {
        NotASelector(format!("found '{found}', expected: {what}"))
    }

    fn term(&mut self) -> Result<LabelTerm, NotASelector> {
        let mut key = self.next();
        let absent = key == "!";
        if absent {
            key = self.next();
        }
        if !is_word(&key) {
            return Err(Self::expected(&key, "identifier"));
        }
        check_key(&key)?;
        if absent || matches!(self.peek(), "" | ",") {
            return Ok(LabelTerm { key, test: if absent { LabelTest::Absent } else { LabelTest::Exists } });
        }
        let sign = self.next();
        let values = match sign.as_str() {
            "in" | "notin" => self.values()?,
            "=" | "==" | "!=" | ">" | "<" => vec![self.value()?],
            other => return Err(Self::expected(other, "in, notin, =, ==, !=, gt, lt")),
        };
        if let Some((at, value)) = values.iter().enumerate().find(|(_, value)| !is_label_word(value)) {
            return Err(NotASelector(format!("values[{at}][{key}]: Invalid value: {value:?}: {LABEL_VALUE}")));
        }
        let first = values.first().cloned().unwrap_or_default();
        let number = || {
            let why = format!("values[0][{key}]: Invalid value: {first:?}: for 'Gt', 'Lt' operators, the value must be an integer");
            first.parse().map_err(|_| NotASelector(why))
        };
        let test = match sign.as_str() {
            "in" => LabelTest::In(values),
            "notin" => LabelTest::NotIn(values),
            ">" => LabelTest::Greater(number()?),
            "<" => LabelTest::Less(number()?),
            "!=" => LabelTest::NotEqual(first),
            _ => LabelTest::Equal(first),
        };
        Ok(LabelTerm { key, test })
    }

    fn value(&mut self) -> Result<String, NotASelector> {
        if matches!(self.peek(), "" | ",") {
            return Ok(String::new());
        }
        let value = self.next();
        if is_word(&value) { Ok(value) } else { Err(Self::expected(&value, "identifier")) }
    }

    fn values(&mut self) -> Result<Vec<String>, NotASelector> {
        let open = self.next();
        if open != "(" {
            return Err(NotASelector(format!("found '{open}' expected: '('")));
        }
        if !(is_word(self.peek()) || matches!(self.peek(), "," | ")")) {
            return Err(Self::expected(&self.next(), "',', ')' or identifier"));
        }
        let mut values = Vec::new();
        loop {
            values.push(if is_word(self.peek()) { self.next() } else { String::new() });
            match self.next().as_str() {
                "," => {}
                ")" => return Ok(values),
                other => return Err(Self::expected(other, "',' or ')'")),
            }
        }
    }
}

/// What the API server says of a value that no label can have.
pub const LABEL_VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
/// What the API server says of a key that no label can have.
pub const LABEL_KEY: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/// A label key: an optional DNS prefix and `/`, then at most 63 of `[A-Za-z0-9-_.]`, alphanumeric at both ends.
fn check_key(key: &str) -> Result<(), NotASelector> {
    let (prefix, name) = key.rsplit_once('/').map_or((None, key), |(p, n)| (Some(p), n));
    let prefix_fits = prefix.is_none_or(|p| {
        !p.is_empty() && p.len() <= 253 && !p.contains('/') && p.chars().all(|c| c.is_ascii_alphanumeric() || "-.".contains(c))
    });
    if name.is_empty() || !prefix_fits || !is_label_word(name) {
        return Err(NotASelector(format!("<nil>: Invalid value: {key:?}: {LABEL_KEY}")));
    }
    Ok(())
}

/// Whether a text can be a label's value: empty, or at most 63 of `[A-Za-z0-9-_.]` with an alphanumeric at both ends.
pub fn is_label_word(text: &str) -> bool {
    let inside = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
    let ends = text.bytes().next().into_iter().chain(text.bytes().last()).all(|b| b.is_ascii_alphanumeric());
    text.len() <= 63 && inside && ends
}

impl fmt::Display for LabelSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, LabelTerm { key, test }) in self.terms.iter().enumerate() {
            f.write_str(if at == 0 { "" } else { "," })?;
            match test {
                LabelTest::Equal(value) => write!(f, "{key}={value}")?,
                LabelTest::NotEqual(value) => write!(f, "{key}!={value}")?,
                LabelTest::In(values) => write!(f, "{key} in ({})", sorted(values))?,
                LabelTest::NotIn(values) => write!(f, "{key} notin ({})", sorted(values))?,
                LabelTest::Exists => write!(f, "{key}")?,
                LabelTest::Absent => write!(f, "!{key}")?,
                LabelTest::Greater(limit) => write!(f, "{key}>{limit}")?,
                LabelTest::Less(limit) => write!(f, "{key}<{limit}")?,
            }
        }
        Ok(())
    }
}

/// The API server prints a set in order.
fn sorted(values: &[String]) -> String {
    let mut values = values.to_vec();
    values.sort();
    values.join(",")
}

/// A field selector: `status.phase=Running,spec.nodeName!=n1`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldSelector {
    terms: Vec<FieldTerm>,
}

/// One condition on one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldTerm {
    pub field: String,
    pub equal: bool,
    pub value: String,
}

impl FieldSelector {
    /// The conditions, in the order they were written.
    pub fn terms(&self) -> &[FieldTerm] {
        &self.terms
    }

    /// Whether fields, given by look-up, satisfy every condition; an absent field counts as the empty string, as the API server has it.
    pub fn matches<'a>(&self, field: impl Fn(&str) -> Option<std::borrow::Cow<'a, str>>) -> bool {
        self.terms.iter().all(|term| (field(&term.field).unwrap_or_default() == term.value) == term.equal)
    }

    /// Whether an object's own fields satisfy every condition (`a.b.c` walks the object; numbers and booleans compare as they print).
    pub fn matches_json(&self, object: &Value) -> bool {
        self.matches(|path| match path.split('.').try_fold(object, |at, key| at.get(key))? {
            Value::String(text) => Some(text.into()),
            Value::Null => None,
            other => Some(other.to_string().into()),
        })
    }
}

impl FromStr for FieldSelector {
    type Err = NotASelector;

    /// Terms parted by commas; `\,`, `\=` and `\\` stand for themselves. Source: `k8s.io/apimachinery/pkg/fields`.
    fn from_str(text: &str) -> Result<Self, NotASelector> {
        let mut terms = Vec::new();
        for part in split_escaped(text) {
            if part.is_empty() {
                continue;
            }
            let bad = || NotASelector(format!("invalid selector: '{text}'; can't understand '{part}'"));
            let at = unescaped_equals(&part).ok_or_else(bad)?;
            let (left, right) = part.split_at(at);
            let (field, equal) = left.strip_suffix('!').map_or((left, true), |field| (field, false));
            let right = right.strip_prefix("==").or_else(|| right.strip_prefix('=')).ok_or_else(bad)?;
            if let Some(at) = unescaped_equals(right) {
                return Err(NotASelector(format!("invalid field selector: unescaped character in value: {}", right.as_bytes()[at])));
            }
            terms.push(FieldTerm { field: field.trim().to_owned(), equal, value: unescape(right) });
        }
        Ok(FieldSelector { terms })
    }
}

fn split_escaped(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for c in text.chars() {
        if c == ',' && !escaped {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(c);
        }
        escaped = c == '\\' && !escaped;
    }
    parts
}

fn unescaped_equals(part: &str) -> Option<usize> {
    let mut escaped = false;
    part.char_indices().find_map(|(at, c)| {
        let found = c == '=' && !escaped;
        escaped = c == '\\' && !escaped;
        found.then_some(at)
    })
}

fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            escaped = false;
            out.push(c);
        }
    }
    out
}

impl fmt::Display for FieldSelector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, FieldTerm { field, equal, value }) in self.terms.iter().enumerate() {
            let value = value.replace('\\', "\\\\").replace(',', "\\,").replace('=', "\\=");
            write!(f, "{}{field}{}{value}", if at == 0 { "" } else { "," }, if *equal { "=" } else { "!=" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn selects(selector: &str, labels: Value) -> bool {
        selector.parse::<LabelSelector>().unwrap().matches_json(&labels)
    }

    #[test]
    fn kubectl_grammar() {
        let labels = json!({"app": "backend", "tier": "web", "n": "5"});
        for yes in [
            "",
            "app=backend",
            "app==backend,tier!=db",
            "app in (frontend, backend)",
            "app,!gone",
            "gone!=x",
            "gone notin (x)",
            "n>4,n<6",
            " app = backend ",
        ] {
            assert!(selects(yes, labels.clone()), "{yes}");
        }
        for no in ["app=x", "!app", "app notin (backend)", "gone", "n>5", "gone in (a)", "app=backend,tier=db"] {
            assert!(!selects(no, labels.clone()), "{no}");
        }
        for bad in ["a in b", "a in (b", "=b", "a=b c", "a>x", "-a=b", "a = ( b )", "/a=b"] {
            assert!(bad.parse::<LabelSelector>().is_err(), "{bad}");
        }
    }

    #[test]
    fn from_objects() {
        let both = json!({"matchLabels": {"app": "b"}, "matchExpressions": [{"key": "t", "operator": "In", "values": ["x", "y"]}, {"key": "z", "operator": "DoesNotExist"}]});
        assert_eq!(LabelSelector::from_json(&both).unwrap().to_string(), "app=b,t in (x,y),!z");
        assert_eq!(LabelSelector::from_json(&json!({"app": "b"})).unwrap().to_string(), "app=b");
        assert!(LabelSelector::from_json(&json!({"matchExpressions": [{"key": "a", "operator": "Like"}]})).is_err());
        assert!(LabelSelector::from_json(&json!({})).unwrap().is_empty());
        assert!(LabelSelector::from_json(&json!("app=b")).is_err());
    }

    #[test]
    fn fields() {
        let pod = json!({"metadata": {"name": "a"}, "spec": {"unschedulable": true}, "status": {"phase": "Running"}});
        for yes in ["status.phase=Running", "metadata.name==a,status.phase!=Failed", "spec.nodeName=", "spec.unschedulable=true", ""] {
            assert!(yes.parse::<FieldSelector>().unwrap().matches_json(&pod), "{yes}");
        }
        assert!(!"metadata.name=b".parse::<FieldSelector>().unwrap().matches_json(&pod));
        assert!("metadata.name".parse::<FieldSelector>().is_err());
        let escaped: FieldSelector = r"reason=a\,b\=c".parse().unwrap();
        assert_eq!(escaped.terms()[0].value, "a,b=c");
        assert_eq!(escaped.to_string().parse::<FieldSelector>().unwrap(), escaped);
    }

    proptest! {
        #[test]
        fn printed_reads_back(keys in prop::collection::vec("[a-z]{1,4}", 1..4), values in prop::collection::vec("[a-z0-9]{0,4}", 1..4), which in 0..6_usize) {
            let mut values = values;
            values.sort();
            let test = || match which {
                0 => LabelTest::Equal(values[0].clone()),
                1 => LabelTest::NotEqual(values[0].clone()),
                2 => LabelTest::In(values.clone()),
                3 => LabelTest::NotIn(values.clone()),
                4 => LabelTest::Exists,
                _ => LabelTest::Absent,
            };
            let selector = LabelSelector { terms: keys.into_iter().map(|key| LabelTerm { key, test: test() }).collect() };
            prop_assert_eq!(selector.to_string().parse::<LabelSelector>().unwrap(), selector);
        }

        #[test]
        fn any_text_is_survived(text in "[a-z=!,() <>\\\\/.]{0,30}") {
            let _ = text.parse::<LabelSelector>();
            let _ = text.parse::<FieldSelector>();
        }
    }
}

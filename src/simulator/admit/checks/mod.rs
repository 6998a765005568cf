//! The checks that rows of `validate.txt` name, each in the API server's words. Source: `pkg/apis/*/validation`.
//!
//! Here are those that fit any field; `pods`, `workloads`, `contents` and `network` hold those that know what they look at.
mod contents;
mod network;
mod pods;
mod schedule;
mod workloads;

use super::names::{self, NameForm};
use crate::{
    simulator::{
        json::{list, number},
        refusal::Cause,
    },
    terms::selector::LabelSelector,
};
use serde_json::{Value, json};
use std::collections::HashSet;

/// One value under a check.
pub(super) struct Spot<'a> {
    pub(super) value: &'a Value,
    /// The object (or list) that the value was taken from.
    pub(super) holder: &'a Value,
    pub(super) field: &'a str,
    /// The whole object.
    pub(super) root: &'a Value,
    /// The whole object as it was, on an update.
    pub(super) old: Option<&'a Value>,
}

/// Values that may stand only once, by where.
pub(super) type Seen = HashSet<(String, String)>;

impl Spot<'_> {
    pub(super) fn invalid(&self, why: &str) -> Vec<Cause> {
        vec![Cause::invalid(self.field, self.value, why)]
    }

    pub(super) fn required(&self, why: &str) -> Vec<Cause> {
        vec![Cause::required(self.field, why)]
    }

    pub(super) fn forbidden(&self, why: &str) -> Vec<Cause> {
        vec![Cause::forbidden(self.field, why)]
    }

    /// Refused with the empty word as its value: the server's own type has nothing better to show.
    fn blank(&self, why: &str) -> Vec<Cause> {
        vec![Cause::invalid(self.field, &"".into(), why)]
    }

    /// A field of this value.
    fn inside(&self, field: &str) -> String {
        if self.field.is_empty() { field.to_owned() } else { format!("{}.{field}", self.field) }
    }

    /// The list that this value is an element of.
    fn list(&self) -> &str {
        self.field.rsplit_once('[').map_or(self.field, |(list, _)| list)
    }

    /// The key of the map that this is a value of.
    fn key(&self) -> &str {
        self.field.split_once('[').map_or("", |(_, key)| key.trim_end_matches(']'))
    }

    fn duplicate(&self) -> Vec<Cause> {
        vec![Cause::told("FieldValueDuplicate", self.field, format!("Duplicate value: {}", self.value))]
    }

    pub(super) fn word(&self) -> &str {
        self.value.as_str().unwrap_or_default()
    }

    /// The place of this value as a pointer; only fields, no elements.
    fn pointer(&self) -> String {
        if self.field.is_empty() { String::new() } else { format!("/{}", self.field.replace('.', "/")) }
    }

    pub(super) fn was(&self) -> &Value {
        self.old.and_then(|old| old.pointer(&self.pointer())).unwrap_or(&Value::Null)
    }
}

const NO_ADDRESS: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";

/// Whether a value is as good as not there.
pub(super) fn empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(_) => false,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

/// What is wrong, if it is.
fn when(wrong: bool, causes: Vec<Cause>) -> Vec<Cause> {
    if wrong { causes } else { Vec::new() }
}

/// Whether a number of pods, or a share of them, is none.
fn none(value: &Value) -> bool {
    value.as_i64() == Some(0) || value == "0%"
}

/// Runs one check; what it gives is what is wrong. A check that nobody knows finds nothing, and fails in tests.
pub(super) fn run(check: &str, args: &str, spot: &Spot, seen: &mut Seen) -> Vec<Cause> {
    // `-` stands for the empty word.
    let (value, words) = (spot.value, || args.split_whitespace().map(|w| if w == "-" { "" } else { w }).collect::<Vec<_>>());
    let given = value.as_i64();
    let limit = args.split(' ').next().and_then(|n| n.parse::<i64>().ok()).unwrap_or_default();
    // What stands behind the first word.
    let why = args.split_once(' ').map_or("", |(_, why)| why);
    let changed = || spot.was() != value;
    match check {
        "required" => when(empty(value), spot.required(args)),
        "positive-required" => when(given.unwrap_or(0) < 1, spot.required(args)),
        "forbidden" => when(!empty(value), spot.forbidden(args)),
        "invalid" => when(!empty(value), spot.invalid(args)),
        "blank" => spot.blank(args),
        "nonzero" => when(none(value), spot.invalid(args)),
        "zero" => when(!none(value), spot.invalid(args)),
        "immutable" => when(changed(), spot.invalid("field is immutable")),
        "unchanged" => when(changed(), spot.forbidden(args)),
        "min" => when(given.is_some_and(|n| n < limit), spot.invalid(&format!("must be greater than or equal to {limit}"))),
        "max" => when(given.is_some_and(|n| n > limit), spot.invalid(&format!("must be less than or equal to {limit}"))),
        "at-least-zero" => when(given.is_some_and(|n| n < 0), spot.invalid("must be greater than or equal to zero")),
        "over" => when(given.is_some_and(|n| n <= limit), spot.invalid(&format!("must be greater than {limit}"))),
        "above" => {
            let late = given.is_some_and(|n| n <= number(spot.holder, &format!("/{args}"), 0));
            when(late, spot.invalid(&format!("must be greater than {args}")))
        }
        "not-below" => {
            let least = number(spot.holder, &format!("/{args}"), 1);
            when(given.is_some_and(|n| n >= 1 && n < least), spot.invalid(&format!("must be greater than or equal to `{args}`")))
        }
        "is" => when(given.is_some_and(|n| n != limit), spot.invalid(&format!("must be {limit}"))),
        "positive" => when(given.unwrap_or(0) < 1, vec![Cause::invalid(spot.field, &given.unwrap_or(0).into(), args)]),
        "within" => {
            let (most, why) = why.split_once(' ').unwrap_or_default();
            when(given.is_some_and(|n| !(limit..=most.parse().unwrap_or(i64::MAX)).contains(&n)), spot.invalid(why))
        }
        "range" | "range0" => {
            let most: i64 = why.parse().unwrap_or(i64::MAX);
            let given = given.or((check == "range0").then_some(0));
            let wrong = given.is_some_and(|n| !(limit..=most).contains(&n));
            when(wrong, vec![Cause::invalid(spot.field, &given.into(), &format!("must be between {limit} and {most}, inclusive"))])
        }
        "one" => when(!empty(value) && !words().contains(&spot.word()), vec![Cause::unsupported(spot.field, value, &words())]),
        "one-at-list" => when(!words().contains(&spot.word()), vec![Cause::unsupported(spot.list(), value, &words())]),
        "one-of" => {
            let mut parts = args.split(" : ");
            let mut said = || parts.next().unwrap_or_default();
            let count = said().split(' ').filter(|name| value.get(*name).is_some()).count();
            let (nothing, several) = (said(), said());
            if count == 0 { spot.blank(nothing) } else { when(count > 1, spot.blank(several)) }
        }
        "word" => {
            let known = words().iter().map(|w| format!("'{w}'")).collect::<Vec<_>>().join(" or ");
            when(!words().contains(&spot.word()), spot.invalid(&format!("must be {known}")))
        }
        "alone" => {
            let all = list(value, "");
            when(all.len() > 1 && all.iter().any(|m| args.split(' ').next() == m.as_str()), spot.forbidden(why))
        }
        "few" => when(list(value, "").len() as i64 > limit, spot.invalid(why)),
        "short" => when(spot.word().len() as i64 > limit, spot.invalid(&format!("must be no more than {limit} characters"))),
        "trimmed" => when(spot.word().trim() != spot.word(), spot.invalid("must not have leading or trailing whitespace")),
        "holds" => when(!spot.word().contains(words()[0]), vec![Cause::invalid(spot.field, &spot.word().into(), why)]),
        "name" => name(args, spot),
        "portname" => portname(spot.word()).into_iter().flat_map(|why| spot.invalid(why)).collect(),
        "portref" => match value {
            Value::String(name) => portname(name).into_iter().flat_map(|why| spot.invalid(why)).collect(),
            Value::Null => Vec::new(),
            _ => when(given.is_some_and(|n| !(1..=65_535).contains(&n)), spot.invalid("must be between 1 and 65535, inclusive")),
        },
        "unique" | "unique-path" => {
            let scope = if args.is_empty() { spot.list() } else { args };
            let causes = if check == "unique" { spot.duplicate() } else { spot.invalid("must be unique") };
            when(!seen.insert((scope.to_owned(), spot.word().to_owned())), causes)
        }
        "labels" => labels(value, spot.field),
        "labelselector" => selector(value, spot.field),
        "selector" if value.is_null() => spot.required(""),
        "selector" => {
            let mut causes = selector(value, spot.field);
            if empty(value) {
                causes.extend(spot.invalid(&format!("empty selector is invalid for {args}")));
            } else if !causes.is_empty() {
                causes.extend(spot.invalid("invalid label selector"));
            }
            causes
        }
        "matches" => {
            let chosen = spot.holder.get("selector").unwrap_or(&Value::Null);
            let (none, labels) = (json!({}), value.pointer("/metadata/labels").unwrap_or(&Value::Null));
            let matches =
                LabelSelector::from_json(chosen).map(|s| !s.is_empty() && s.matches_json(if labels.is_null() { &none } else { labels }));
            // An empty selector and one that cannot be read were refused above.
            let wrong = if chosen.is_null() { true } else { !empty(chosen) && matches == Ok(false) };
            let field = format!("{}.metadata.labels", spot.field);
            when(wrong, vec![Cause::invalid(field, labels, "`selector` does not match template `labels`")])
        }
        "share" | "surge" => share(spot, check == "share"),
        "inside" if spot.word().starts_with('/') => spot.invalid("must be a relative path"),
        "inside" | "no-back-steps" => when(spot.word().split('/').any(|step| step == ".."), spot.invalid("must not contain '..'")),
        "absolute" => when(!spot.word().starts_with('/'), spot.invalid("must be an absolute path")),
        "ip" => when(spot.word().parse::<std::net::IpAddr>().is_err(), spot.invalid(NO_ADDRESS)),
        "only" => {
            let (free, why) = args.split_once(" : ").unwrap_or_default();
            let frozen = |v: &Value| {
                let mut fields = v.as_object().cloned().unwrap_or_default();
                free.split(' ').for_each(|name| drop(fields.remove(name)));
                fields
            };
            when(frozen(value) != frozen(spot.was()), spot.forbidden(why))
        }
        _ => {
            let special = pods::run(check, args, spot).or_else(|| workloads::run(check, args, spot));
            special.or_else(|| contents::run(check, spot)).or_else(|| network::run(check, spot)).unwrap_or_else(|| {
                debug_assert!(false, "validate.txt names a check that is not there: {check}");
                Vec::new()
            })
        }
    }
}

fn name(form: &str, spot: &Spot) -> Vec<Cause> {
    let problem = |form| names::problem(form, spot.word()).into_iter().flat_map(|why| spot.invalid(&why)).collect();
    match form {
        "label" => problem(NameForm::Label),
        "qualified" => names::key_problems(spot.word()).iter().flat_map(|why| spot.invalid(why)).collect(),
        "qualified-low" => names::key_problems(&spot.word().to_ascii_lowercase()).iter().flat_map(|why| spot.invalid(why)).collect(),
        "configkey" => names::config_key_problem(spot.word()).into_iter().flat_map(|why| spot.invalid(&why)).collect(),
        _ => problem(NameForm::Subdomain),
    }
}

/// Source: `IsValidPortName` in `apimachinery/pkg/util/validation`.
fn portname(name: &str) -> Vec<&'static str> {
    let mut wrong = Vec::new();
    if name.len() > 15 {
        wrong.push("must be no more than 15 characters");
    }
    if !name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
        wrong.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
    }
    if !name.chars().any(|c| c.is_ascii_lowercase()) {
        wrong.push("must contain at least one letter (a-z)");
    }
    if name.contains("--") {
        wrong.push("must not contain consecutive hyphens");
    }
    if name.starts_with('-') || name.ends_with('-') {
        wrong.push("must not begin or end with a hyphen");
    }
    wrong
}

/// What is wrong with a map of labels.
pub(super) fn labels(labels: &Value, field: &str) -> Vec<Cause> {
    let mut causes = Vec::new();
    for (key, value) in labels.as_object().into_iter().flatten() {
        causes.extend(names::label_key_problems(key).into_iter().map(|p| Cause::invalid(field, &key.clone().into(), &p)));
        let problem = names::value_problem(value.as_str().unwrap_or_default());
        causes.extend(problem.map(|p| Cause::invalid(field, value, &p)));
    }
    causes
}

/// What is wrong with a label selector.
fn selector(selector: &Value, field: &str) -> Vec<Cause> {
    let mut causes = selector.get("matchLabels").map(|l| labels(l, &format!("{field}.matchLabels"))).unwrap_or_default();
    for (at, expression) in list(selector, "/matchExpressions").iter().enumerate() {
        causes.extend(requirement(expression, &format!("{field}.matchExpressions[{at}]"), false));
    }
    causes
}

/// What is wrong with one requirement of a selector; of nodes also those that compare.
pub(super) fn requirement(expression: &Value, field: &str, of_nodes: bool) -> Vec<Cause> {
    let count = list(expression, "/values").len();
    let operator = &expression["operator"];
    let values = format!("{field}.values");
    let mut causes = match operator.as_str().unwrap_or_default() {
        "In" | "NotIn" if count == 0 => vec![Cause::required(values, "must be specified when `operator` is 'In' or 'NotIn'")],
        "Exists" | "DoesNotExist" if count > 0 => {
            vec![Cause::forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
        }
        "Gt" | "Lt" if of_nodes && count != 1 => {
            vec![Cause::required(values, "must be specified single value when `operator` is 'Lt' or 'Gt'")]
        }
        "In" | "NotIn" | "Exists" | "DoesNotExist" => Vec::new(),
        "Gt" | "Lt" if of_nodes => Vec::new(),
        _ => vec![Cause::invalid(format!("{field}.operator"), operator, "not a valid selector operator")],
    };
    let key = &expression["key"];
    let problems = names::label_key_problems(key.as_str().unwrap_or_default());
    causes.extend(problems.into_iter().map(|p| Cause::invalid(format!("{field}.key"), key, &p)));
    causes
}

/// A number of pods or a share of them. Source: `ValidatePositiveIntOrPercent`, `IsNotMoreThan100Percent`.
fn share(spot: &Spot, at_most_all: bool) -> Vec<Cause> {
    match spot.value {
        Value::String(text) => match text.strip_suffix('%').filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
            None => spot.invalid(
                "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
            ),
            Some(n) if at_most_all && n.parse::<u64>().is_ok_and(|n| n > 100) => spot.invalid("must not be greater than 100%"),
            Some(_) => Vec::new(),
        },
        value if value.as_i64().is_some_and(|n| n < 0) => spot.invalid("must be greater than or equal to 0"),
        _ => Vec::new(),
    }
}

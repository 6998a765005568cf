//! Values seen through their shapes: which fields one sets, how two merge, where they differ, what is left without some of them.
//!
//! These are the operations of server-side apply (KEP 555). Source of the rules: `sigs.k8s.io/structured-merge-diff/v6/typed`.
use super::{
    fields::{Element, FieldSet, Scalar},
    schema::{self, Form, ListType, Presence, Shape},
};
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, fmt, sync::LazyLock};

mod pruned;

pub use pruned::pruned;

/// How a place is merged.
#[derive(Debug, Clone, Copy)]
pub enum Type<'t> {
    Of(Shape<'t>),
    /// Nothing is declared: maps are merged by field, lists are replaced.
    Deduced,
    /// Nothing is declared, and all of it is one value.
    Whole,
}

/// What a value at a place is: the same type may be several where nothing is declared.
#[derive(Debug, Clone, Copy)]
enum Atom<'t> {
    Scalar(Option<schema::Scalar>),
    List { item: Type<'t>, by: ListType<'t> },
    Map { whole: bool },
}

impl<'t> Type<'t> {
    fn atom(self, value: Option<&Value>) -> Atom<'t> {
        match (self, value) {
            (Type::Of(shape), _) => match shape.form() {
                Form::Scalar(scalar) => Atom::Scalar(Some(scalar)),
                Form::Struct | Form::Map(_) => Atom::Map { whole: shape.atomic() },
                Form::List(item) => Atom::List { item: Type::Of(item), by: shape.list_type() },
                Form::Any => Type::free(shape).atom(value),
            },
            (Type::Deduced | Type::Whole, Some(Value::Array(_))) => Atom::List { item: Type::Whole, by: ListType::Atomic },
            (Type::Deduced | Type::Whole, Some(Value::String(_) | Value::Number(_) | Value::Bool(_))) => Atom::Scalar(None),
            (Type::Deduced, Some(Value::Object(_) | Value::Null) | None) => Atom::Map { whole: false },
            (Type::Whole, Some(Value::Object(_) | Value::Null) | None) => Atom::Map { whole: true },
        }
    }

    /// Free JSON that is an object of its own is one value. Source: `rawExtensionResource` in `kube-openapi/pkg/schemaconv`.
    fn free(shape: Shape<'t>) -> Self {
        if shape.atomic() || shape.go_name() == "RawExtension" { Type::Whole } else { Type::Deduced }
    }

    /// The type of a field of a map, and whether it is declared by name.
    fn field(self, name: &str) -> Option<(Type<'t>, bool)> {
        match self {
            Type::Of(shape) => match shape.form() {
                Form::Struct => match shape.field(name) {
                    Some(field) => Some((Type::Of(field.shape), true)),
                    None => (shape.open() || shape.fields().next().is_none()).then_some((Type::Deduced, false)),
                },
                Form::Map(inner) => Some((Type::Of(inner), false)),
                Form::Any => Type::free(shape).field(name),
                Form::Scalar(_) | Form::List(_) => None,
            },
            Type::Deduced | Type::Whole => Some((self, false)),
        }
    }

    fn below(self, step: &Element) -> Option<(Type<'t>, bool)> {
        match step {
            Element::Field(name) => self.field(name),
            Element::Key(_) | Element::Value(_) | Element::Index(_) => match self {
                Type::Of(shape) => match shape.form() {
                    Form::List(item) => Some((Type::Of(item), false)),
                    Form::Scalar(_) | Form::Struct | Form::Map(_) | Form::Any => None,
                },
                Type::Deduced | Type::Whole => None,
            },
        }
    }
}

/// What a field of a struct is when nobody gave it: Go has a value there that the server writes too, or null.
fn implied(of: Type<'_>, name: &str) -> Option<&'static Value> {
    use schema::Scalar as S;
    static VALUES: LazyLock<[Value; 5]> = LazyLock::new(|| [Value::Null, json!({}), json!(""), json!(0), json!(false)]);
    let [null, map, text, number, no] = &*VALUES;
    let Type::Of(shape) = of else { return None };
    let field = shape.field(name)?;
    match (field.presence, field.shape.form()) {
        (Presence::Given | Presence::NotEmpty, _) => None,
        (Presence::Always, Form::Struct) => Some(map),
        (Presence::Always, Form::Scalar(S::String)) => Some(text),
        (Presence::Always, Form::Scalar(S::IntOrString | S::Int32 | S::Int64 | S::Number)) => Some(number),
        (Presence::Always, Form::Scalar(S::Bool)) => Some(no),
        (Presence::Always | Presence::AlwaysOrNull, _) => Some(null),
    }
}

/// What is wrong with a value, place by place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wrongs(pub Vec<(String, String)>);

impl Wrongs {
    fn one(why: impl Into<String>) -> Self {
        Wrongs(vec![(String::new(), why.into())])
    }

    fn inside(self, step: &Element) -> Self {
        Wrongs(self.0.into_iter().map(|(place, why)| (format!("{step}{place}"), why)).collect())
    }

    fn into_result<T>(self, value: T) -> Result<T, Wrongs> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Wrongs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = |(place, why): &(String, String)| if place.is_empty() { why.clone() } else { format!("{place}: {why}") };
        match &self.0[..] {
            [one] => f.write_str(&line(one)),
            all => write!(f, "errors:{}", all.iter().map(|wrong| format!("\n  {}", line(wrong))).collect::<String>()),
        }
    }
}

impl std::error::Error for Wrongs {}

/// By which element a list knows an item.
fn element(item: Type<'_>, by: ListType<'_>, value: &Value) -> Result<Element, Wrongs> {
    let ListType::Map(keys) = by else {
        return match value {
            Value::Object(_) => Err(Wrongs::one("associative list without keys has an element that's a map type")),
            Value::Array(_) => Err(Wrongs::one("not supported: associative list with lists as elements")),
            Value::Null => Err(Wrongs::one("associative list without keys has an element that's an explicit null")),
            scalar => Ok(Element::Value(Scalar(scalar.clone()))),
        };
    };
    let map = match value {
        Value::Object(map) => map,
        Value::Null => return Err(Wrongs::one("associative list with keys may not have a null element")),
        _ => return Err(Wrongs::one("associative list with keys may not have non-map elements")),
    };
    let default = |key: &str| match item {
        Type::Of(shape) => shape.field(key).and_then(|field| field.default),
        Type::Deduced | Type::Whole => None,
    };
    let named = |key: &String| Some((key.clone(), Scalar(map.get(key).or_else(|| default(key))?.clone())));
    let mut found: Vec<(String, Scalar)> = keys.iter().filter_map(named).collect();
    if found.is_empty() {
        let keys: Vec<String> = keys.iter().map(|key| format!("{key:?}")).collect();
        return Err(Wrongs::one(format!(
            "associative list with keys has an element that omits all key fields [{}] (and doesn't have default values for any key fields)",
            keys.join(" ")
        )));
    }
    found.sort();
    Ok(Element::Key(found))
}

/// Checks a value against its type: fields that are not declared, values of another type, list elements without keys or with those of another.
///
/// # Errors
/// Every such place.
pub fn check(of: Type<'_>, value: &Value) -> Result<(), Wrongs> {
    let mut wrongs = Wrongs::default();
    match (of.atom(Some(value)), value) {
        (_, Value::Null) => {}
        (Atom::Scalar(scalar), value) => return check_scalar(scalar, value),
        (Atom::List { item, by }, Value::Array(items)) => {
            let mut seen = Vec::new();
            for (at, value) in (0..).zip(items) {
                let mut step = Element::Index(at);
                if !matches!(by, ListType::Atomic) {
                    step = match element(item, by, value) {
                        Ok(step) => step,
                        Err(Wrongs(why)) => {
                            wrongs.0.extend(why.into_iter().map(|(place, why)| (place, format!("element {at}: {why}"))));
                            return Err(wrongs);
                        }
                    };
                    if seen.contains(&step) {
                        wrongs.0.push((String::new(), format!("duplicate entries for key {step}")));
                    }
                    seen.push(step.clone());
                }
                wrongs.0.extend(check(item, value).err().unwrap_or_default().inside(&step).0);
            }
        }
        (Atom::Map { .. }, Value::Object(map)) => {
            for (name, value) in map {
                let step = Element::field(name);
                let Some((inner, _)) = of.field(name) else {
                    wrongs.0.push((step.to_string(), "field not declared in schema".to_owned()));
                    break;
                };
                wrongs.0.extend(check(inner, value).err().unwrap_or_default().inside(&step).0);
            }
        }
        (Atom::List { .. }, other) => wrongs.0.push((String::new(), format!("expected list, got &{{{}}}", go(other, false)))),
        (Atom::Map { .. }, other) => wrongs.0.push((String::new(), format!("expected map, got &{{{}}}", go(other, false)))),
    }
    wrongs.into_result(())
}

fn check_scalar(scalar: Option<schema::Scalar>, value: &Value) -> Result<(), Wrongs> {
    use schema::Scalar as S;
    let composite = matches!(value, Value::Array(_) | Value::Object(_));
    Err(Wrongs::one(match scalar {
        Some(S::Int32 | S::Int64 | S::Number) if !value.is_number() => {
            let kind = match value {
                Value::String(_) => "string",
                Value::Bool(_) => "bool",
                Value::Array(_) => "[]interface {}",
                Value::Object(_) | Value::Number(_) | Value::Null => "map[string]interface {}",
            };
            format!("expected numeric (int or float), got {kind}")
        }
        Some(S::String | S::Bytes | S::Duration) if !value.is_string() => {
            format!("expected string, got &value.valueUnstructured{{Value:{}}}", go(value, true))
        }
        Some(S::Bool) if !value.is_boolean() => format!("expected boolean, got &{{{}}}", go(value, false)),
        None | Some(S::Time | S::MicroTime | S::Quantity | S::IntOrString) if composite => {
            format!("expected any scalar, got &{{{}}}", go(value, false))
        }
        _ => return Ok(()),
    }))
}

/// A value as Go prints it with `%v`, or with types with `%#v`.
fn go(value: &Value, typed: bool) -> String {
    let list = |items: &[Value], between| items.iter().map(|v| go(v, typed)).collect::<Vec<_>>().join(between);
    match (value, typed) {
        (Value::Null, false) => "<nil>".to_owned(),
        (Value::Null, true) => "interface {}(nil)".to_owned(),
        (Value::String(text), false) => text.clone(),
        (Value::Array(items), false) => format!("[{}]", list(items, " ")),
        (Value::Array(items), true) => format!("[]interface {{}}{{{}}}", list(items, ", ")),
        (Value::Object(map), false) => {
            format!("map[{}]", map.iter().map(|(k, v)| format!("{k}:{}", go(v, false))).collect::<Vec<_>>().join(" "))
        }
        (Value::Object(map), true) => {
            format!(
                "map[string]interface {{}}{{{}}}",
                map.iter().map(|(k, v)| format!("{k:?}:{}", go(v, true))).collect::<Vec<_>>().join(", ")
            )
        }
        (scalar, _) => scalar.to_string(),
    }
}

/// The fields that a value sets. What an item has that shares its key with another is not told apart: such an element is one member.
///
/// # Errors
/// A list element that cannot be told from the others.
pub fn set_of(of: Type<'_>, value: &Value) -> Result<FieldSet, Wrongs> {
    Ok(set_at(of, value)?.1)
}

fn set_at(of: Type<'_>, value: &Value) -> Result<(bool, FieldSet), Wrongs> {
    let mut set = FieldSet::default();
    let mut here = false;
    match (of.atom(Some(value)), value) {
        (Atom::Scalar(_) | Atom::List { by: ListType::Atomic, .. } | Atom::Map { whole: true }, _) => here = true,
        (Atom::List { item, by }, Value::Array(items)) => {
            for (step, twins) in by_element(item, by, items)? {
                let below = if let [one] = twins[..] { set_at(item, one).map_err(|w| w.inside(&step))?.1 } else { FieldSet::default() };
                set.graft(step, true, below);
            }
        }
        (Atom::Map { .. }, Value::Object(map)) => {
            for (name, value) in map {
                let step = Element::field(name);
                let Some((inner, declared)) = of.field(name) else { continue };
                let (member, below) = set_at(inner, value).map_err(|w| w.inside(&step))?;
                let bare = value.is_null() || value.as_object().is_some_and(Map::is_empty);
                set.graft(step, member || bare || !declared, below);
            }
        }
        (Atom::List { .. } | Atom::Map { .. }, _) => {}
    }
    Ok((here, set))
}

fn by_element<'v>(item: Type<'_>, by: ListType<'_>, items: &'v [Value]) -> Result<BTreeMap<Element, Vec<&'v Value>>, Wrongs> {
    let mut known: BTreeMap<Element, Vec<&Value>> = BTreeMap::new();
    for (at, value) in items.iter().enumerate() {
        known.entry(element_at(item, by, at, value)?).or_default().push(value);
    }
    Ok(known)
}

fn element_at(item: Type<'_>, by: ListType<'_>, at: usize, value: &Value) -> Result<Element, Wrongs> {
    element(item, by, value)
        .map_err(|Wrongs(why)| Wrongs(why.into_iter().map(|(place, why)| (place, format!("element {at}: {why}"))).collect()))
}

/// Where two values of a type differ. A field that is always written is there in both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    pub added: FieldSet,
    pub modified: FieldSet,
    pub removed: FieldSet,
}

/// What a comparison says of the very place it was made at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Here {
    Same,
    Added,
    Modified,
    Removed,
}

impl Comparison {
    /// Compares `after` with `before`.
    ///
    /// # Errors
    /// A list element that cannot be told from the others.
    pub fn of(of: Type<'_>, before: &Value, after: &Value) -> Result<Comparison, Wrongs> {
        Ok(compare(of, Some(before), Some(after))?.1)
    }

    /// Without these fields and what is inside them.
    #[must_use]
    pub fn without(self, fields: &FieldSet) -> Comparison {
        let [added, modified, removed] = [self.added, self.modified, self.removed].map(|set| set.recursive_difference(fields));
        Comparison { added, modified, removed }
    }

    fn graft(&mut self, step: Element, (here, below): (Here, Comparison)) {
        self.added.graft(step.clone(), here == Here::Added, below.added);
        self.modified.graft(step.clone(), here == Here::Modified, below.modified);
        self.removed.graft(step, here == Here::Removed, below.removed);
    }
}

fn compare<'v>(of: Type<'_>, before: Option<&'v Value>, after: Option<&'v Value>) -> Result<(Here, Comparison), Wrongs> {
    let mut found = Comparison::default();
    let mut here = match (before, after) {
        (Some(before), Some(after)) if before == after => return Ok((Here::Same, found)),
        (None, Some(_)) => Here::Added,
        (Some(_), None) => Here::Removed,
        (Some(_), Some(_)) | (None, None) => Here::Same,
    };
    for atom in atoms(of, before, after) {
        match atom {
            Atom::Scalar(_) | Atom::List { by: ListType::Atomic, .. } | Atom::Map { whole: true } => here = whole(before, after, here),
            Atom::List { item, by } => match (items(before), items(after)) {
                ([], []) => here = whole(before, after, here),
                (before, after) => compare_items(item, by, before, after, &mut found)?,
            },
            Atom::Map { .. } => {
                let (old, new) = (entries(before), entries(after));
                if old.is_none_or(Map::is_empty) && new.is_none_or(Map::is_empty) {
                    here = whole(before, after, here);
                    continue;
                }
                let names = old
                    .into_iter()
                    .flat_map(Map::keys)
                    .chain(new.into_iter().flat_map(Map::keys).filter(|n| old.is_none_or(|o| !o.contains_key(*n))));
                for name in names {
                    let Some((inner, _)) = of.field(name) else { continue };
                    let step = Element::field(name);
                    let side = |map: Option<&'v Map<String, Value>>| map.and_then(|map| map.get(name).or_else(|| implied(of, name)));
                    let inside = compare(inner, side(old), side(new)).map_err(|w| w.inside(&step))?;
                    found.graft(step, inside);
                }
            }
        }
    }
    Ok((here, found))
}

/// The forms that two values of one type have: mostly one, two where nothing is declared and they differ.
fn atoms<'t>(of: Type<'t>, before: Option<&Value>, after: Option<&Value>) -> impl Iterator<Item = Atom<'t>> {
    let (old, new) = (of.atom(before), of.atom(after));
    let same = std::mem::discriminant(&old) == std::mem::discriminant(&new);
    let first = (before.is_some() && (after.is_none() || !same)).then_some(old);
    first.into_iter().chain(after.is_some().then_some(new))
}

fn whole(before: Option<&Value>, after: Option<&Value>, here: Here) -> Here {
    match (before, after) {
        (Some(before), Some(after)) if Scalar(before.clone()) != Scalar(after.clone()) => Here::Modified,
        _ => here,
    }
}

fn items(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn entries(value: Option<&Value>) -> Option<&Map<String, Value>> {
    value.and_then(Value::as_object)
}

fn compare_items(item: Type<'_>, by: ListType<'_>, before: &[Value], after: &[Value], found: &mut Comparison) -> Result<(), Wrongs> {
    let (old, new) = (by_element(item, by, before)?, by_element(item, by, after)?);
    for step in old.keys().chain(new.keys().filter(|step| !old.contains_key(*step))) {
        let old = old.get(step).map(Vec::as_slice).unwrap_or_default();
        let new = new.get(step).map(Vec::as_slice).unwrap_or_default();
        // Twins are one value: they appear, change and go together.
        let (here, old, new) = match (old, new) {
            ([] | [_], [] | [_]) => (Here::Same, old.first(), new.first()),
            ([_, _, ..], [_, _, ..]) => (if old == new { Here::Same } else { Here::Modified }, None, None),
            ([_, _, ..], _) => (Here::Removed, None, new.first()),
            (_, [_, _, ..]) => (Here::Added, old.first(), None),
        };
        found.graft(step.clone(), (here, Comparison::default()));
        if old.is_some() || new.is_some() {
            found.graft(step.clone(), compare(item, old.copied(), new.copied()).map_err(|w| w.inside(step))?);
        }
    }
    Ok(())
}

/// What `live` becomes when `config` is laid over it: scalars and whole values are the config's, maps and lists by key are both together,
/// elements in the config's order where it names them.
///
/// # Errors
/// A list element that cannot be told from the others.
pub fn merge(of: Type<'_>, live: &Value, config: &Value) -> Result<Value, Wrongs> {
    Ok(merged(of, Some(live), Some(config))?.unwrap_or_default())
}

fn merged(of: Type<'_>, live: Option<&Value>, config: Option<&Value>) -> Result<Option<Value>, Wrongs> {
    let mut out = None;
    let newest = || config.or(live).cloned();
    for atom in atoms(of, live, config) {
        out = match atom {
            Atom::Scalar(_) | Atom::List { by: ListType::Atomic, .. } | Atom::Map { whole: true } => newest(),
            Atom::List { item, by } => match (items(live), items(config)) {
                ([], []) => newest(),
                (live, config) => merge_items(item, by, live, config)?,
            },
            Atom::Map { .. } => {
                let (old, new) = (entries(live), entries(config));
                if old.is_none_or(Map::is_empty) && new.is_none_or(Map::is_empty) {
                    newest()
                } else {
                    let mut both = Map::new();
                    for name in old.into_iter().chain(new).flat_map(Map::keys) {
                        if both.contains_key(name) {
                            continue;
                        }
                        let Some((inner, _)) = of.field(name) else { continue };
                        let step = Element::field(name);
                        let value =
                            merged(inner, old.and_then(|m| m.get(name)), new.and_then(|m| m.get(name))).map_err(|w| w.inside(&step))?;
                        both.extend(value.map(|value| (name.clone(), value)));
                    }
                    (!both.is_empty()).then_some(Value::Object(both))
                }
            }
        };
    }
    Ok(out)
}

fn merge_items(item: Type<'_>, by: ListType<'_>, live: &[Value], config: &[Value]) -> Result<Option<Value>, Wrongs> {
    let steps = |items: &[Value]| items.iter().enumerate().map(|(at, v)| element_at(item, by, at, v)).collect::<Result<Vec<_>, _>>();
    let (mine, theirs) = (steps(config)?, steps(live)?);
    if let Some((_, twin)) = mine.iter().enumerate().find(|(at, step)| mine[..*at].contains(step)) {
        return Err(Wrongs::one(format!("duplicate entries for key {twin}")));
    }
    // An element that the live list has twice is merged with neither.
    let single = |step: &Element| {
        let mut at = theirs.iter().zip(live).filter(|(s, _)| *s == step).map(|(_, v)| v);
        at.next().filter(|_| at.next().is_none())
    };
    let mut shared = mine.iter().filter(|step| theirs.contains(step)).peekable();
    let (mut out, mut done) = (Vec::new(), Vec::new());
    let mut put = |step: &Element, live: Option<&Value>, config: Option<&Value>| -> Result<(), Wrongs> {
        out.extend(merged(item, live, config).map_err(|w| w.inside(step))?);
        Ok(())
    };
    let (mut l, mut r) = (0, 0);
    while l < theirs.len() || r < mine.len() {
        if let (Some(their), Some(my)) = (theirs.get(l), mine.get(r)) {
            if their == my {
                done.push(my);
                put(my, single(my), config.get(r))?;
                (l, r) = (l + 1, r + 1);
                shared.next();
                continue;
            }
            if mine.contains(their) && shared.peek().is_some_and(|next| *next != their) {
                // In both, but not the next one in the config's order.
                l += 1;
                continue;
            }
        }
        if let Some(their) = theirs.get(l) {
            if !mine.contains(their) {
                put(their, live.get(l), None)?;
                l += 1;
                continue;
            }
            if done.contains(&their) {
                l += 1;
            }
        }
        if let Some(my) = mine.get(r) {
            done.push(my);
            put(my, single(my), config.get(r))?;
            r += 1;
            shared.next_if(|next| *next == my);
        }
    }
    Ok((!out.is_empty()).then_some(Value::Array(out)))
}

/// What is left of a value without some fields. What loses all it held becomes null.
pub fn without(of: Type<'_>, value: &Value, fields: &FieldSet) -> Value {
    match (of.atom(Some(value)), value) {
        (Atom::Scalar(_), _) => value.clone(),
        (Atom::List { item, by }, Value::Array(items)) if !matches!(by, ListType::Atomic) => {
            let left = items.iter().filter_map(|value| match element(item, by, value) {
                Ok(step) if fields.has_step(&step) => None,
                Ok(step) => Some(fields.below(&step).map_or_else(|| value.clone(), |below| without(item, value, below))),
                Err(_) => Some(value.clone()),
            });
            some_array(left.collect())
        }
        (Atom::Map { whole: false }, Value::Object(map)) => {
            let left = map.iter().filter_map(|(name, value)| {
                let step = Element::field(name);
                let kept = match (fields.has_step(&step), fields.below(&step), of.field(name)) {
                    (true, _, _) => return None,
                    (false, Some(below), Some((inner, _))) => without(inner, value, below),
                    (false, _, _) => value.clone(),
                };
                Some((name.clone(), kept))
            });
            let left: Map<String, Value> = left.collect();
            if left.is_empty() { Value::Null } else { Value::Object(left) }
        }
        (Atom::List { .. } | Atom::Map { .. }, _) => Value::Null,
    }
}

fn some_array(items: Vec<Value>) -> Value {
    if items.is_empty() { Value::Null } else { Value::Array(items) }
}

/// The set, with every declared field on the way to a member a member too.
#[must_use]
pub fn with_named_fields(of: Option<Type<'_>>, set: &FieldSet) -> FieldSet {
    let mut out = FieldSet::default();
    for (step, member, below) in set.steps() {
        let (inner, declared) = of.and_then(|of| of.below(step)).map_or((None, false), |(inner, declared)| (Some(inner), declared));
        out.graft(step.clone(), member || declared, with_named_fields(inner, below));
    }
    out
}

/// The set as it would be had it been made with these types: members inside what is one value become that value.
#[must_use]
pub fn reconciled(of: Type<'_>, set: &FieldSet) -> FieldSet {
    let mut out = FieldSet::default();
    for (step, member, below) in set.steps() {
        let Some((Type::Of(shape), _)) = of.below(step) else {
            out.graft(step.clone(), member, below.clone());
            continue;
        };
        let whole = match Type::Of(shape).atom(None) {
            Atom::List { by: ListType::Atomic, .. } | Atom::Map { whole: true } => true,
            Atom::Scalar(_) | Atom::List { .. } | Atom::Map { .. } => false,
        };
        if whole {
            out.graft(step.clone(), true, FieldSet::default());
        } else {
            out.graft(step.clone(), member, reconciled(Type::Of(shape), below));
        }
    }
    out
}

#[cfg(test)]
mod tests;

//! What a body becomes when the API server reads it as an object of a kind.
//!
//! Unknown and doubled fields are noticed, values of a wrong type refused in the real words, and what is left has the form in which the API server
//! writes it back: empty values gone where Go leaves them out, zero values where it does not, quantities and times canonical.
//! Source: `encoding/json` and `sigs.k8s.io/json`, `runtime.DefaultUnstructuredConverter`.
use crate::terms::{
    quantity::Quantity,
    schema::{Field, Form, Presence, Scalar, Shape},
};
use base64::Engine;
use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use std::{collections::BTreeSet, fmt};

/// An object as the API server understood it.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) value: Value,
    /// `unknown field "spec.foo"`, `duplicate field "spec.replicas"`, in the order of the body.
    pub(super) strict: Vec<String>,
    /// The first value that cannot be what it should.
    pub(super) wrong: Option<Wrong>,
}

/// Why a value cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wrong {
    /// As it is said of a JSON body.
    pub(super) in_json: String,
    /// As it is said after a strategic merge patch, which never was JSON again.
    pub(super) converted: String,
}

/// How strictly values are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// A JSON body of a built-in kind.
    Json,
    /// What a strategic merge patch made: `3.0` is a whole number.
    Converted,
    /// A custom resource: its own fields are for its schema to judge.
    Custom,
}

/// Reads JSON text that is known to be well formed.
///
/// # Errors
/// JSON nested deeper than can be read.
pub(super) fn text(json: &str, shape: Shape, reading: Reading) -> Result<Decoded, serde_json::Error> {
    read(&mut serde_json::Deserializer::from_str(json), shape, reading)
}

/// Reads an object that a patch has made.
///
/// # Errors
/// None that are known; the signature is serde's.
pub(super) fn value(value: &Value, shape: Shape, reading: Reading) -> Result<Decoded, serde_json::Error> {
    read(value, shape, reading)
}

fn read<'de, D: Deserializer<'de>>(from: D, shape: Shape, reading: Reading) -> Result<Decoded, D::Error> {
    let mut walk = Walk {
        reading,
        custom: reading == Reading::Custom,
        place: String::new(),
        fields: String::new(),
        holder: "",
        strict: Vec::new(),
        wrong: None,
    };
    let value = Seed { walk: &mut walk, shape }.deserialize(from)?;
    if reading == Reading::Custom {
        // The pruning of a custom resource comes after its reading, and tells what it took in order.
        walk.strict.sort_by_key(|what| (!what.starts_with("duplicate"), what.clone()));
    }
    Ok(Decoded { value, strict: walk.strict, wrong: walk.wrong })
}

struct Walk<'t> {
    reading: Reading,
    /// Inside the part of a custom resource that its own schema describes.
    custom: bool,
    /// `spec.containers[0].image`
    place: String,
    /// `spec.containers.image`, as Go counts fields.
    fields: String,
    /// The struct whose field is read, in Go's name.
    holder: &'t str,
    strict: Vec<String>,
    wrong: Option<Wrong>,
}

struct Seed<'w, 't> {
    walk: &'w mut Walk<'t>,
    shape: Shape<'t>,
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(self.walk.scalar(self.shape, value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(self.walk.scalar(self.shape, value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(self.walk.scalar(self.shape, value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(self.walk.scalar(self.shape, value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(self.walk.scalar(self.shape, value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let element = match self.shape.form() {
            Form::List(element) => element,
            Form::Any => return free_list(items),
            _ if self.walk.custom => return free_list(items),
            Form::Scalar(_) | Form::Struct | Form::Map(_) => {
                self.walk.mismatch(self.shape, "array", "slice");
                while items.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Value::Null);
            }
        };
        let (walk, mut list) = (self.walk, Vec::new());
        let end = walk.place.len();
        loop {
            walk.place.push_str(&format!("[{}]", list.len()));
            let item = items.next_element_seed(Seed { walk, shape: element })?;
            walk.place.truncate(end);
            match item {
                Some(Value::Null) if !walk.custom => list.push(element.zero()),
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let shape = self.shape;
        match shape.form() {
            Form::Struct => self.walk.entries(shape, entries),
            Form::Map(inner) => {
                let (walk, mut map) = (self.walk, Map::new());
                while let Some(key) = entries.next_key::<String>()? {
                    let end = walk.enter(&key);
                    if map.contains_key(&key) {
                        walk.note("duplicate");
                    }
                    let value = entries.next_value_seed(Seed { walk, shape: inner })?;
                    walk.place.truncate(end);
                    // Bytes go through a form that knows no null.
                    let zero = || if matches!(inner.form(), Form::Scalar(Scalar::Bytes)) { "".into() } else { inner.zero() };
                    map.insert(key, if value.is_null() && !walk.custom { zero() } else { value });
                }
                Ok(Value::Object(map))
            }
            Form::Any => free_map(entries),
            _ if self.walk.custom => free_map(entries),
            // A quantity says the same of everything that is none.
            Form::Scalar(_) | Form::List(_) => {
                self.walk.mismatch(shape, "object", "map");
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Value::Null)
            }
        }
    }
}

fn free_list<'de, A: SeqAccess<'de>>(mut items: A) -> Result<Value, A::Error> {
    let mut list = Vec::new();
    while let Some(item) = items.next_element()? {
        list.push(item);
    }
    Ok(Value::Array(list))
}

fn free_map<'de, A: MapAccess<'de>>(mut entries: A) -> Result<Value, A::Error> {
    let mut map = Map::new();
    while let Some((key, value)) = entries.next_entry()? {
        map.insert(key, value);
    }
    Ok(Value::Object(map))
}

impl<'t> Walk<'t> {
    /// Goes to a field; gives the length of the place before.
    fn enter(&mut self, name: &str) -> usize {
        let end = self.place.len();
        step(&mut self.place, name);
        end
    }

    fn note(&mut self, what: &str) {
        let said = format!("{what} field {:?}", self.place);
        if !self.strict.contains(&said) {
            self.strict.push(said);
        }
    }

    /// Reads the fields of a struct.
    fn entries<'de, A: MapAccess<'de>>(&mut self, shape: Shape<'t>, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        let mut seen = BTreeSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            let end = self.enter(&key);
            let doubled = !seen.insert(key.clone());
            match shape.field(&key) {
                Some(_) if doubled => self.note("duplicate"),
                None if !shape.open() => self.note("unknown"),
                Some(_) | None => {}
            }
            match shape.field(&key) {
                Some(field) => {
                    let value = self.inside(shape, &field, |walk| entries.next_value_seed(Seed { walk, shape: field.shape }))?;
                    map.insert(key, value);
                }
                None if shape.open() => drop(map.insert(key, entries.next_value()?)),
                None => drop(entries.next_value::<IgnoredAny>()?),
            }
            self.place.truncate(end);
        }
        complete(shape, &mut map);
        Ok(Value::Object(map))
    }

    /// Does something while a field of a struct is the one being read.
    fn inside<R>(&mut self, shape: Shape<'t>, field: &Field<'t>, work: impl FnOnce(&mut Self) -> R) -> R {
        let (holder, custom, end) = (self.holder, self.custom, self.fields.len());
        // The metadata of a custom resource is read apart from it.
        let apart = custom && field.shape.type_name().is_some();
        let before = if apart { std::mem::take(&mut self.fields) } else { String::new() };
        if apart {
            (self.custom, self.holder) = (false, "");
        } else {
            if !field.embedded.is_empty() {
                step(&mut self.fields, field.embedded);
            }
            step(&mut self.fields, field.name);
            self.holder = shape.go_name();
        }
        let result = work(self);
        if apart {
            self.fields = before;
        }
        self.fields.truncate(end);
        (self.holder, self.custom) = (holder, custom);
        result
    }

    fn scalar(&mut self, shape: Shape, value: Value) -> Value {
        let Form::Scalar(scalar) = shape.form() else {
            if !matches!(shape.form(), Form::Any) && !self.custom {
                let (json, kind) = kinds_of(&value);
                self.mismatch(shape, json, kind);
                return Value::Null;
            }
            return value;
        };
        let lenient = self.custom || self.reading == Reading::Converted;
        match (scalar, &value) {
            (Scalar::Int32 | Scalar::Int64 | Scalar::IntOrString, Value::Number(number)) => {
                let narrow = scalar != Scalar::Int64;
                let whole =
                    number.as_i64().or_else(|| lenient.then(|| number.as_f64()).flatten().filter(|n| n.fract() == 0.0).map(|n| n as i64));
                match whole {
                    Some(whole) if self.custom || !narrow || i32::try_from(whole).is_ok() => whole.into(),
                    _ if self.custom => value,
                    _ => {
                        let kind = if number.is_f64() { "float64" } else { "int64" };
                        self.mismatch(shape, &format!("number {number}"), kind);
                        Value::Null
                    }
                }
            }
            _ if self.custom => value,
            (Scalar::String | Scalar::IntOrString | Scalar::Duration, Value::String(_))
            | (Scalar::Bool, Value::Bool(_))
            | (Scalar::Number, Value::Number(_)) => value,
            (Scalar::Quantity, _) => self.quantity(&value),
            (Scalar::Time | Scalar::MicroTime, Value::String(text)) => match time(text, scalar) {
                Ok(time) => time.into(),
                Err(why) => self.said(why),
            },
            (Scalar::Bytes, Value::String(text)) => match bytes(text) {
                Ok(text) => text.into(),
                Err(why) => self.said(why),
            },
            (_, _) => {
                let (json, kind) = kinds_of(&value);
                self.mismatch(shape, json, kind);
                Value::Null
            }
        }
    }

    fn quantity(&mut self, value: &Value) -> Value {
        let text = match value {
            Value::String(text) => text.trim().to_owned(),
            other => other.to_string(),
        };
        match text.parse::<Quantity>() {
            Ok(quantity) => quantity.to_string().into(),
            Err(_) => self.said(NO_QUANTITY.to_owned()),
        }
    }

    fn said(&mut self, why: String) -> Value {
        self.wrong.get_or_insert(Wrong { in_json: why.clone(), converted: why });
        Value::Null
    }

    /// A value of another type than the field's: `json` and `kind` are what JSON and Go call what was found.
    fn mismatch(&mut self, shape: Shape, json: &str, kind: &str) {
        if self.wrong.is_some() {
            return;
        }
        let form = shape.form();
        let wanted = match form {
            Form::Scalar(Scalar::Quantity) => return drop(self.said(NO_QUANTITY.to_owned())),
            Form::Scalar(Scalar::IntOrString) => "int32".to_owned(),
            Form::Scalar(Scalar::Time | Scalar::MicroTime | Scalar::Duration) => "string".to_owned(),
            Form::Scalar(_) | Form::Struct | Form::Map(_) | Form::List(_) | Form::Any => shape.go_type(),
        };
        // Only a number that is no whole one is told with its value.
        let found = if matches!(form, Form::Scalar(Scalar::Int32 | Scalar::Int64 | Scalar::IntOrString)) {
            json
        } else {
            json.split(' ').next().unwrap_or_default()
        };
        let into = if self.holder.is_empty() { "value".to_owned() } else { format!("struct field {}.{}", self.holder, self.fields) };
        let converted = match form {
            Form::Struct => format!("cannot restore struct from: {kind}"),
            Form::Map(_) => format!("cannot restore map from {kind}"),
            Form::List(_) | Form::Scalar(Scalar::Bytes) => format!("cannot restore slice from {kind}"),
            Form::Scalar(Scalar::String) if kind == "int64" => "cannot convert int64 to string".to_owned(),
            Form::Scalar(Scalar::Int32) if kind == "float64" => "cannot convert float64 to int32".to_owned(),
            Form::Scalar(Scalar::Int64) if kind == "float64" => "cannot convert float64 to int64".to_owned(),
            Form::Scalar(Scalar::String) => "unrecognized type: string".to_owned(),
            Form::Scalar(Scalar::Int32) => "unrecognized type: int32".to_owned(),
            Form::Scalar(Scalar::Int64) => "unrecognized type: int64".to_owned(),
            Form::Scalar(Scalar::Bool) => "unrecognized type: bool".to_owned(),
            Form::Scalar(Scalar::Number) => "unrecognized type: float64".to_owned(),
            Form::Scalar(_) | Form::Any => format!("json: cannot unmarshal {found} into Go value of type {wanted}"),
        };
        self.wrong = Some(Wrong { in_json: format!("json: cannot unmarshal {found} into Go {into} of type {wanted}"), converted });
    }
}

const NO_QUANTITY: &str = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

fn step(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}

/// What JSON and Go call a scalar.
fn kinds_of(value: &Value) -> (&'static str, &'static str) {
    match value {
        Value::Bool(_) => ("bool", "bool"),
        Value::Number(n) if n.is_f64() => ("number", "float64"),
        Value::Number(_) => ("number", "int64"),
        Value::String(_) => ("string", "string"),
        Value::Null | Value::Array(_) | Value::Object(_) => ("null", "nil"),
    }
}

/// Gives a struct the fields that Go writes anyway and takes those that it leaves out.
fn complete(shape: Shape, map: &mut Map<String, Value>) {
    for field in shape.fields() {
        let given = map.get(field.name).filter(|value| !value.is_null());
        match (field.presence, given) {
            (Presence::Given, None) if field.nullable => {}
            (Presence::Given, None) => drop(map.remove(field.name)),
            // An empty list of managers asks for a fresh start; whoever records them takes it away.
            (Presence::NotEmpty, Some(_)) if field.name == "managedFields" => {}
            (Presence::NotEmpty, value) if value.is_none_or(is_empty) => drop(map.remove(field.name)),
            (Presence::Always, None) => drop(map.insert(field.name.to_owned(), field.shape.zero())),
            (Presence::AlwaysOrNull, None) => drop(map.insert(field.name.to_owned(), Value::Null)),
            (_, _) => {}
        }
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(true) => false,
    }
}

/// A time as it is written back: UTC, to the second or the microsecond.
fn time(text: &str, scalar: Scalar) -> Result<String, String> {
    let time: Timestamp = match text.parse() {
        Ok(time) if text.get(10..11) == Some("T") => time,
        Ok(_) | Err(_) => return Err(bad_time(text, scalar)),
    };
    let form = if scalar == Scalar::MicroTime { "%Y-%m-%dT%H:%M:%S%.6fZ" } else { "%Y-%m-%dT%H:%M:%SZ" };
    Ok(time.strftime(form).to_string())
}

/// Where Go's time parser gives up.
fn bad_time(text: &str, scalar: Scalar) -> String {
    let mut rest = text;
    let mut part = "Z07:00";
    for wanted in ["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05"] {
        let digits = wanted.bytes().all(|b| b.is_ascii_digit());
        let fits = rest.get(..wanted.len()).filter(|got| if digits { got.bytes().all(|b| b.is_ascii_digit()) } else { *got == wanted });
        if fits.is_none() {
            part = wanted;
            break;
        }
        rest = rest.get(wanted.len()..).unwrap_or_default();
    }
    let layout = if scalar == Scalar::MicroTime { "2006-01-02T15:04:05.000000Z07:00" } else { "2006-01-02T15:04:05Z07:00" };
    format!("parsing time {text:?} as {layout:?}: cannot parse {rest:?} as {part:?}")
}

/// Base64 as it is written back.
fn bytes(text: &str) -> Result<String, String> {
    let plain: String = text.chars().filter(|c| !matches!(c, '\r' | '\n')).collect();
    let standard = base64::engine::general_purpose::STANDARD;
    match standard.decode(&plain) {
        Ok(bytes) => Ok(standard.encode(bytes)),
        Err(why) => {
            let at = match why {
                base64::DecodeError::InvalidByte(at, _) | base64::DecodeError::InvalidLastSymbol(at, _) => at,
                _ if plain.contains('=') => plain.len(),
                base64::DecodeError::InvalidLength(_) | base64::DecodeError::InvalidPadding => plain.len() / 4 * 4,
            };
            Err(format!("illegal base64 data at input byte {at}"))
        }
    }
}

//! Bodies in protobuf, as kubectl's typed clients send them (`kubectl create deployment`), turned into JSON. Answers are JSON always: such clients accept both.
//!
//! Field numbers: `numbers.txt`, made from the Go types; its head says how. Source: `apimachinery/pkg/runtime/serializer/protobuf`.
use crate::terms::schema::{Field, Form, Scalar, Shape, Table};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::{collections::HashMap, sync::LazyLock};

/// What begins every protobuf body.
const MAGIC: &[u8] = b"k8s\0";
/// No built-in type is deeper; a schema of schemas may be.
const DEEPEST: usize = 40;

/// The fields of each type, by their numbers.
static NUMBERS: LazyLock<HashMap<&str, HashMap<u64, &str>>> = LazyLock::new(|| {
    let of = |line: &'static str| {
        let mut words = line.split(' ');
        let name = words.next()?;
        let (mut next, mut fields) = (1, HashMap::new());
        for word in words {
            if let Ok(number) = word.parse() {
                next = number;
            } else {
                fields.insert(next, word);
                next += 1;
            }
        }
        Some((name, fields))
    };
    include_str!("numbers.txt").lines().filter(|line| !line.starts_with('#')).filter_map(of).collect()
});

/// A body as JSON text; None where it is no protobuf of a built-in kind.
pub(super) fn to_json(body: &[u8]) -> Option<Vec<u8>> {
    let (mut meta, mut raw) = (json!({}), &[][..]);
    for part in parts(body.strip_prefix(MAGIC)?) {
        match part? {
            (1, Wire::Bytes(bytes)) => {
                for part in parts(bytes) {
                    let (number, Wire::Bytes(text)) = part? else { return None };
                    meta[if number == 1 { "apiVersion" } else { "kind" }] = std::str::from_utf8(text).ok()?.into();
                }
            }
            (2, Wire::Bytes(bytes)) => raw = bytes,
            _ => {}
        }
    }
    let mut object = match meta["kind"].as_str()? {
        "DeleteOptions" => delete_options(raw)?,
        kind => {
            let shape = Table::kubernetes().object(meta["apiVersion"].as_str()?, kind)?;
            message(raw, shape, &type_name(shape)?, DEEPEST)?
        }
    };
    object.append(meta.as_object_mut()?);
    Some(Value::Object(object).to_string().into_bytes())
}

/// How something is deleted: it is no object, so no table has its shape. Source: `apimachinery/pkg/apis/meta/v1/generated.proto`.
fn delete_options(raw: &[u8]) -> Option<Map<String, Value>> {
    let text = |bytes| std::str::from_utf8(bytes).ok().map(Value::from);
    let mut options = Map::new();
    for part in parts(raw) {
        match part? {
            (1, Wire::Varint(seconds)) => drop(options.insert("gracePeriodSeconds".into(), seconds.cast_signed().into())),
            (2, Wire::Bytes(bytes)) => {
                let mut held = Map::new();
                for part in parts(bytes) {
                    if let (number @ (1 | 2), Wire::Bytes(bytes)) = part? {
                        held.insert(if number == 1 { "uid" } else { "resourceVersion" }.into(), text(bytes)?);
                    }
                }
                options.insert("preconditions".into(), held.into());
            }
            (3, Wire::Varint(orphans)) => drop(options.insert("orphanDependents".into(), (orphans != 0).into())),
            (4, Wire::Bytes(policy)) => drop(options.insert("propagationPolicy".into(), text(policy)?)),
            (5, Wire::Bytes(stage)) => options.entry("dryRun").or_insert_with(|| json!([])).as_array_mut()?.push(text(stage)?),
            _ => {}
        }
    }
    Some(options)
}

/// `core.v1.Pod` of `io.k8s.api.core.v1.Pod`.
fn type_name(shape: Shape) -> Option<String> {
    let name = shape.type_name()?;
    let at = name.rmatch_indices('.').nth(2)?.0;
    Some(name.get(at + 1..)?.to_owned())
}

#[derive(Clone, Copy)]
enum Wire<'b> {
    Varint(u64),
    Fixed(u64),
    Bytes(&'b [u8]),
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(first & 0x7f) << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// The numbered values of a message, in their order; None for what cannot be read, and then no more.
fn parts(mut bytes: &[u8]) -> impl Iterator<Item = Option<(u64, Wire<'_>)>> {
    std::iter::from_fn(move || {
        if bytes.is_empty() {
            return None;
        }
        let read = part(&mut bytes);
        if read.is_none() {
            bytes = &[];
        }
        Some(read)
    })
}

fn part<'b>(bytes: &mut &'b [u8]) -> Option<(u64, Wire<'b>)> {
    let tag = varint(bytes)?;
    let mut take = |length: usize| {
        let (taken, rest) = bytes.split_at_checked(length)?;
        *bytes = rest;
        Some(taken)
    };
    let value = match tag & 7 {
        1 => Wire::Fixed(u64::from_le_bytes(take(8)?.try_into().ok()?)),
        5 => Wire::Fixed(u32::from_le_bytes(take(4)?.try_into().ok()?).into()),
        0 => Wire::Varint(varint(bytes)?),
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            let (taken, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Wire::Bytes(taken)
        }
        _ => return None,
    };
    Some((tag >> 3, value))
}

fn message(bytes: &[u8], shape: Shape, name: &str, depth: usize) -> Option<Map<String, Value>> {
    let depth = depth.checked_sub(1)?;
    let numbers = NUMBERS.get(name)?;
    let mut object = Map::new();
    for part in parts(bytes) {
        let (number, wire) = part?;
        let Some(field) = numbers.get(&number) else { continue };
        if let (Some(inner), Wire::Bytes(bytes)) = (field.strip_prefix('.'), wire) {
            object.append(&mut message(bytes, shape, inner, depth)?);
            continue;
        }
        let Some(known) = shape.field(field) else { continue };
        put(&mut object, &known, wire, depth)?;
    }
    Some(object)
}

/// Puts a field's value into its object: lists and maps come one element at a time.
fn put(object: &mut Map<String, Value>, field: &Field, wire: Wire, depth: usize) -> Option<()> {
    match (field.shape.form(), wire) {
        (Form::List(of), _) => {
            let element = value(of, wire, depth)?;
            object.entry(field.name).or_insert_with(|| json!([])).as_array_mut()?.push(element);
        }
        (Form::Map(of), Wire::Bytes(bytes)) => {
            let (mut key, mut held) = (String::new(), empty(of));
            for part in parts(bytes) {
                match part? {
                    (1, Wire::Bytes(text)) => key = std::str::from_utf8(text).ok()?.to_owned(),
                    (2, wire) => held = in_map(of, wire, depth)?,
                    _ => {}
                }
            }
            object.entry(field.name).or_insert_with(|| json!({})).as_object_mut()?.insert(key, held);
        }
        _ => {
            let value = value(field.shape, wire, depth)?;
            // Zero values are written by the wire format, and mean nothing where JSON leaves them out.
            let zero = value.is_null() || value == "" || value == 0 || value == false || value == json!({});
            if !(value.is_null() || zero && field.omits_empty) {
                object.insert(field.name.to_owned(), value);
            }
        }
    }
    Some(())
}

/// A list that is the value of a map stands in a message of its own.
fn in_map(of: Shape, wire: Wire, depth: usize) -> Option<Value> {
    let (Form::List(element), Wire::Bytes(bytes)) = (of.form(), wire) else { return value(of, wire, depth) };
    parts(bytes).map(|part| value(element, part?.1, depth)).collect::<Option<Vec<_>>>().map(Value::from)
}

fn empty(of: Shape) -> Value {
    match of.form() {
        Form::List(_) => json!([]),
        Form::Struct | Form::Map(_) => json!({}),
        Form::Scalar(_) | Form::Any => "".into(),
    }
}

fn value(shape: Shape, wire: Wire, depth: usize) -> Option<Value> {
    let inside = |bytes: &[u8], number: u64| parts(bytes).flatten().find(|(n, _)| *n == number).map(|(_, wire)| wire_text(wire));
    Some(match (shape.form(), wire) {
        (Form::Struct, Wire::Bytes(bytes)) => message(bytes, shape, &type_name(shape)?, depth)?.into(),
        (Form::Any, Wire::Bytes(bytes)) => match parts(bytes).flatten().find(|(n, _)| *n == 1) {
            Some((_, Wire::Bytes(json))) => serde_json::from_slice(json).ok()?,
            _ => Value::Null,
        },
        (Form::Scalar(Scalar::String), Wire::Bytes(bytes)) => std::str::from_utf8(bytes).ok()?.into(),
        (Form::Scalar(Scalar::Bytes), Wire::Bytes(bytes)) => STANDARD.encode(bytes).into(),
        (Form::Scalar(Scalar::Quantity), Wire::Bytes(bytes)) => inside(bytes, 1).unwrap_or_else(|| "0".into()),
        (Form::Scalar(Scalar::IntOrString), Wire::Bytes(bytes)) => {
            let text = inside(bytes, 1).is_some_and(|kind| kind == 1);
            inside(bytes, if text { 3 } else { 2 }).unwrap_or_else(|| 0.into())
        }
        (Form::Scalar(kind @ (Scalar::Time | Scalar::MicroTime)), Wire::Bytes(bytes)) => time(bytes, kind)?,
        (Form::Scalar(Scalar::Bool), Wire::Varint(n)) => (n != 0).into(),
        (Form::Scalar(Scalar::Int32 | Scalar::Int64), Wire::Varint(n)) => n.cast_signed().into(),
        (Form::Scalar(Scalar::Number), Wire::Fixed(bits)) => f64::from_bits(bits).into(),
        _ => return None,
    })
}

fn wire_text(wire: Wire) -> Value {
    match wire {
        Wire::Varint(n) | Wire::Fixed(n) => n.cast_signed().into(),
        Wire::Bytes(bytes) => String::from_utf8_lossy(bytes).into(),
    }
}

/// A zero time is an empty message.
fn time(bytes: &[u8], kind: Scalar) -> Option<Value> {
    let (mut seconds, mut nanoseconds) = (0, 0);
    for part in parts(bytes) {
        match part? {
            (1, Wire::Varint(n)) => seconds = n.cast_signed(),
            (2, Wire::Varint(n)) => nanoseconds = i32::try_from(n.cast_signed()).ok()?,
            _ => {}
        }
    }
    if (seconds, nanoseconds) == (0, 0) {
        return Some(Value::Null);
    }
    let time = Timestamp::new(seconds, nanoseconds).ok()?;
    Some(if kind == Scalar::MicroTime { format!("{time:.6}") } else { format!("{time:.0}") }.into())
}

#[cfg(test)]
mod tests {
    use super::to_json;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let tag = u16::from(number) << 3 | 2;
        let tag = if tag < 128 { vec![tag as u8] } else { vec![(tag & 127) as u8 | 128, (tag >> 7) as u8] };
        [&tag[..], &[u8::try_from(bytes.len()).unwrap()], bytes].concat()
    }

    fn body(kind: &str, raw: &[u8]) -> Vec<u8> {
        let meta = [field(1, b"v1"), field(2, kind.as_bytes())].concat();
        [b"k8s\0".to_vec(), field(1, &meta), field(2, raw)].concat()
    }

    #[test]
    fn objects_read_as_their_json() {
        let metadata = [field(1, b"a"), field(2, b""), field(8, b""), field(11, &[field(1, b"k"), field(2, b"v")].concat())].concat();
        let map = [field(1, &metadata), field(2, &[field(1, b"x"), field(2, b"y")].concat()), vec![4 << 3, 1]].concat();
        let read: Value = serde_json::from_slice(&to_json(&body("ConfigMap", &map)).unwrap()).unwrap();
        let want = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "labels": {"k": "v"}}, "data": {"x": "y"}, "immutable": true});
        assert_eq!(read, want);
        // A volume's source stands in the volume itself.
        let volume = [field(1, b"v"), field(2, &field(19, &field(1, &field(1, b"settings"))))].concat();
        let pod = field(2, &field(1, &volume));
        let read: Value = serde_json::from_slice(&to_json(&body("Pod", &pod)).unwrap()).unwrap();
        assert_eq!(read["spec"]["volumes"], json!([{"name": "v", "configMap": {"name": "settings"}}]));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(raw in prop::collection::vec(any::<u8>(), 0..100), cut in 0..60_usize) {
            let whole = body("Pod", &raw);
            let _ = to_json(&whole);
            let _ = to_json(&whole[..cut.min(whole.len())]);
        }
    }
}

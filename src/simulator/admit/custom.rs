//! Defaults and validation of custom resources, by the schema of their definition.
//!
//! Source: "Specifying a structural schema" in the Kubernetes documentation; messages as `kube-openapi/pkg/validation` makes them.
use crate::simulator::refusal::Cause;
use crate::terms::schema::{Form, Shape};
use cel::{Context, Env, Program};
use jiff::Timestamp;
use regex::Regex;
use serde_json::{Map, Value};
use std::sync::{Arc, LazyLock};

/// Fills in the defaults that a definition gives.
pub(super) fn fill(shape: Shape, value: &mut Value) {
    match (shape.form(), value) {
        (Form::Struct, Value::Object(map)) => {
            for field in shape.fields() {
                if let (None, Some(default)) = (map.get(field.name), field.default) {
                    map.insert(field.name.to_owned(), default.clone());
                }
                if let (Some(value), None) = (map.get_mut(field.name), field.shape.type_name()) {
                    fill(field.shape, value);
                }
            }
        }
        (Form::Map(inner), Value::Object(map)) => map.values_mut().for_each(|value| fill(inner, value)),
        (Form::List(element), Value::Array(items)) => items.iter_mut().for_each(|item| fill(element, item)),
        // Free, of one piece, or not what the schema says, which the validation tells.
        (_, _) => {}
    }
}

/// What a schema has against an object, or against turning `old` into it.
pub(super) fn check(schema: &Value, object: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut causes = Vec::new();
    let properties = schema.get("properties").and_then(Value::as_object);
    // What every object has, other rules judge.
    let own = |name: &str| !matches!(name, "apiVersion" | "kind" | "metadata");
    structure(&without_properties(schema), object, "", &mut causes);
    for (name, property) in properties.into_iter().flatten().filter(|(name, _)| own(name)) {
        if let Some(value) = object.get(name) {
            structure(property, value, name, &mut causes);
        }
    }
    const BLOCKING: &[&str] =
        &["FieldValueRequired", "FieldValueTypeInvalid", "FieldValueNotSupported", "FieldValueTooLong", "FieldValueTooMany"];
    let blocked = causes.iter().any(|cause| BLOCKING.contains(&cause.reason));
    if !blocked {
        doubles(schema, object, "", &mut causes);
    }
    if has_rules(schema) {
        if blocked {
            let why =
                "some validation rules were not checked because the object was invalid; correct the existing errors to complete validation";
            causes.push(Cause::invalid("<nil>", &Value::Null, why));
        } else {
            rules(schema, object, old, "", &mut causes);
        }
    }
    causes
}

fn without_properties(schema: &Value) -> Value {
    let fields = schema.as_object().into_iter().flatten().filter(|(name, _)| *name != "properties");
    Value::Object(fields.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

/// The parts of a value with the schemas they have.
fn parts<'v>(schema: &'v Value, value: &'v Value, path: &str) -> Vec<(&'v Value, &'v Value, String)> {
    let of = |name: &str| schema.get(name);
    match value {
        Value::Array(items) => {
            let element = of("items").into_iter().flat_map(|items_schema| items.iter().map(move |item| (items_schema, item)));
            element.enumerate().map(|(at, (schema, item))| (schema, item, format!("{path}[{at}]"))).collect()
        }
        Value::Object(map) => {
            let properties = of("properties").and_then(Value::as_object);
            let rest = of("additionalProperties").filter(|rest| rest.is_object());
            let schema = |name: &String| properties.and_then(|p| p.get(name)).or(rest);
            map.iter().filter_map(|(name, value)| Some((schema(name)?, value, join(path, name)))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn structure(schema: &Value, value: &Value, path: &str, causes: &mut Vec<Cause>) {
    let says = |word: &str| schema.get(word).and_then(Value::as_str).unwrap_or_default();
    let yes = |word: &str| schema.get(word).and_then(Value::as_bool).unwrap_or_default();
    if value.is_null() && yes("nullable") {
        return;
    }
    let found = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() && n.as_f64().is_some_and(|n| n.fract() != 0.0) => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let wanted = if yes("x-kubernetes-int-or-string") { "integer,string" } else { says("type") };
    if !wanted.is_empty() && !wanted.split(',').any(|wanted| wanted == found || wanted == "number" && found == "integer") {
        type_wrong(path, found, wanted, causes);
        if wanted == "integer" && found == "number" {
            causes.push(Cause::invalid("<nil>", &"".into(), &format!("Checked value must be of type integer (default format) in {path}")));
        }
        return;
    }
    if let Some(known) = schema.get("enum").and_then(Value::as_array).filter(|known| !known.contains(value)) {
        let known: Vec<String> = known.iter().map(|k| k.as_str().map_or_else(|| k.to_string(), str::to_owned)).collect();
        causes.push(Cause::unsupported(path, value, &known.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    match value {
        Value::String(text) => text_rules(schema, text, path, causes),
        Value::Number(_) => number_rules(schema, value, path, causes),
        Value::Array(items) => {
            size_rules(schema, items.len(), ["minItems", "maxItems"], "items", path, causes);
        }
        Value::Object(map) => {
            size_rules(schema, map.len(), ["minProperties", "maxProperties"], "properties", path, causes);
            for name in schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str) {
                if !map.contains_key(name) {
                    causes.push(Cause::required(join(path, name), ""));
                }
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
    for (schema, value, path) in parts(schema, value, path) {
        structure(schema, value, &path, causes);
    }
    combinations(schema, value, path, causes);
}

fn type_wrong(path: &str, found: &str, wanted: &str, causes: &mut Vec<Cause>) {
    let message = format!("Invalid value: {found:?}: {path} in body must be of type {wanted}: {found:?}");
    causes.push(Cause { reason: "FieldValueTypeInvalid", message, field: path.to_owned() });
}

fn text_rules(schema: &Value, text: &str, path: &str, causes: &mut Vec<Cause>) {
    let number = |word: &str| schema.get(word).and_then(Value::as_u64);
    let length = text.chars().count() as u64;
    if let Some(most) = number("maxLength").filter(|most| length > *most) {
        let message = format!("Too long: may not be more than {most} bytes");
        causes.push(Cause { reason: "FieldValueTooLong", message, field: path.to_owned() });
    }
    if let Some(least) = number("minLength").filter(|least| length < *least) {
        causes.push(Cause::invalid(path, &text.into(), &format!("{path} in body should be at least {least} chars long")));
    }
    let pattern = schema.get("pattern").and_then(Value::as_str);
    if let Some(pattern) = pattern.filter(|pattern| Regex::new(pattern).is_ok_and(|regex| !regex.is_match(text))) {
        causes.push(Cause::invalid(path, &text.into(), &format!("{path} in body should match '{pattern}'")));
    }
    if schema.get("format").is_some_and(|format| format == "date-time") && text.parse::<Timestamp>().is_err() {
        let message = format!("Invalid value: {text:?}: {path} in body must be of type date-time: {text:?}");
        causes.push(Cause { reason: "FieldValueTypeInvalid", message, field: path.to_owned() });
    }
}

fn number_rules(schema: &Value, value: &Value, path: &str, causes: &mut Vec<Cause>) {
    let Some(number) = value.as_f64() else { return };
    let limit = |word: &str| schema.get(word).and_then(|limit| Some((limit.as_f64()?, limit)));
    let excludes = |word: &str| schema.get(word).is_some_and(|e| *e == true);
    let mut refuse = |why: String| causes.push(Cause::invalid(path, value, &format!("{path} in body should be {why}")));
    if let Some((factor, said)) = limit("multipleOf").filter(|(factor, _)| *factor != 0.0 && (number / factor).fract() != 0.0) {
        let _ = factor;
        refuse(format!("a multiple of {said}"));
    }
    match limit("maximum") {
        Some((most, said)) if excludes("exclusiveMaximum") && number >= most => refuse(format!("less than {said}")),
        Some((most, said)) if number > most => refuse(format!("less than or equal to {said}")),
        Some(_) | None => {}
    }
    match limit("minimum") {
        Some((least, said)) if excludes("exclusiveMinimum") && number <= least => refuse(format!("greater than {said}")),
        Some((least, said)) if number < least => refuse(format!("greater than or equal to {said}")),
        Some(_) | None => {}
    }
}

fn size_rules(schema: &Value, size: usize, words: [&str; 2], what: &str, path: &str, causes: &mut Vec<Cause>) {
    let [least, most] = words.map(|word| schema.get(word).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()));
    if let Some(least) = least.filter(|least| size < *least) {
        causes.push(Cause::invalid(path, &size.into(), &format!("{path} in body should have at least {least} {what}")));
    }
    if let Some(most) = most.filter(|most| size > *most) {
        let message = format!("Too many: {size}: must have at most {most} items");
        causes.push(Cause { reason: "FieldValueTooMany", message, field: path.to_owned() });
    }
}

fn combinations(schema: &Value, value: &Value, path: &str, causes: &mut Vec<Cause>) {
    let wrongs = |schema: &Value| {
        let mut wrongs = Vec::new();
        structure(schema, value, path, &mut wrongs);
        wrongs
    };
    let mut refuse = |why: String, more: Vec<Cause>| {
        causes.push(Cause::invalid("<nil>", &"".into(), &format!("{path:?} must {why}")));
        causes.extend(more);
    };
    for (word, why) in [
        ("oneOf", "validate one and only one schema (oneOf)"),
        ("anyOf", "validate at least one schema (anyOf)"),
        ("allOf", "validate all the schemas (allOf)"),
    ] {
        let Some(schemas) = schema.get(word).and_then(Value::as_array) else { continue };
        let each: Vec<Vec<Cause>> = schemas.iter().map(wrongs).collect();
        let valid = each.iter().filter(|wrongs| wrongs.is_empty()).count();
        let nearest = each.into_iter().min_by_key(Vec::len).unwrap_or_default();
        match word {
            "oneOf" if valid == 0 => refuse(format!("{why}. Found none valid"), nearest),
            "oneOf" if valid > 1 => refuse(format!("{why}. Found {valid} valid alternatives"), Vec::new()),
            "anyOf" if valid == 0 => refuse(why.to_owned(), nearest),
            "allOf" if valid == 0 && !schemas.is_empty() => refuse(format!("{why}. None validated"), nearest),
            "allOf" if valid < schemas.len() => refuse(why.to_owned(), nearest),
            _ => {}
        }
    }
    if schema.get("not").is_some_and(|not| wrongs(not).is_empty()) {
        refuse("not validate the schema (not)".to_owned(), Vec::new());
    }
}

/// Elements that a set or a list with keys has twice.
fn doubles(schema: &Value, value: &Value, path: &str, causes: &mut Vec<Cause>) {
    if let Value::Array(items) = value {
        let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array);
        let keyed = |item: &Value| {
            let part = |key: &Value| Some((key.as_str()?.to_owned(), item.get(key.as_str()?)?.clone()));
            keys.map_or_else(|| item.clone(), |keys| Value::Object(keys.iter().filter_map(part).collect::<Map<_, _>>()))
        };
        let told_apart = matches!(schema.get("x-kubernetes-list-type").and_then(Value::as_str), Some("set" | "map"));
        let names: Vec<Value> = if told_apart { items.iter().map(keyed).collect() } else { Vec::new() };
        for (at, name) in names.iter().enumerate().filter(|(at, name)| names.iter().take(*at).any(|other| other == *name)) {
            causes.push(Cause {
                reason: "FieldValueDuplicate",
                message: format!("Duplicate value: {name}"),
                field: format!("{path}[{at}]"),
            });
        }
    }
    for (schema, value, path) in parts(schema, value, path) {
        doubles(schema, value, &path, causes);
    }
}

fn has_rules(schema: &Value) -> bool {
    match schema {
        Value::Object(map) => map.contains_key("x-kubernetes-validations") || map.values().any(has_rules),
        Value::Array(items) => items.iter().any(has_rules),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

static ENV: LazyLock<Arc<Env>> = LazyLock::new(|| {
    let mut env = Env::stdlib();
    // They cannot be there already: the environment was made in the line above.
    let _ = env.add_extension(cel::extensions::strings);
    Arc::new(env)
});

/// The rules in CEL. One that cannot be evaluated refuses the object and says so.
fn rules(schema: &Value, value: &Value, old: Option<&Value>, path: &str, causes: &mut Vec<Cause>) {
    for rule in schema.get("x-kubernetes-validations").and_then(Value::as_array).into_iter().flatten() {
        let says = |word: &str| rule.get(word).and_then(Value::as_str).unwrap_or_default();
        let text = says("rule");
        if text.contains("oldSelf") && old.is_none() {
            continue;
        }
        let field = if says("fieldPath").is_empty() { path.to_owned() } else { format!("{path}{}", says("fieldPath")) };
        let message = match holds(text, value, old) {
            Ok(true) => continue,
            Ok(false) if says("message").is_empty() => format!("Invalid value: failed rule: {text}"),
            Ok(false) => format!("Invalid value: {}", says("message")),
            Err(why) => format!("Invalid value: the built-in cluster cannot evaluate the rule {text:?}: {why}"),
        };
        causes.push(Cause { reason: "FieldValueInvalid", message, field });
    }
    for (schema, value, at) in parts(schema, value, path) {
        let name = at.rsplit('.').next().unwrap_or_default();
        rules(schema, value, old.and_then(|old| old.get(name)), &at, causes);
    }
}

fn holds(rule: &str, value: &Value, old: Option<&Value>) -> Result<bool, String> {
    let program: Program = ENV.compile(rule).map_err(|why| why.to_string())?;
    let mut context = Context::with_env(ENV.clone());
    context.add_variable("self", value).map_err(|why| why.to_string())?;
    if let Some(old) = old {
        context.add_variable("oldSelf", old).map_err(|why| why.to_string())?;
    }
    match program.execute(&context).map_err(|why| why.to_string())? {
        cel::Value::Bool(holds) => Ok(holds),
        other => Err(format!("it gives {other:?}, which is no yes or no")),
    }
}

//! A request's body, read as an object of the kind that the path names.
use super::Ask;
use crate::simulator::{
    decode::{self, Decoded, Reading},
    json::text,
    manifest,
    refusal::{Cause, Named, Refusal},
    registry::{Registry, Resource},
};
use crate::terms::merge::go_value;
use serde::Deserialize;
use serde_json::{Value, json};
use std::borrow::Cow;

/// What is done about fields that the kind does not have or that come twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Validation {
    Ignore,
    Warn,
    Strict,
}

impl Validation {
    /// `options` names the request's options in the refusal.
    fn of(ask: &Ask, options: &str) -> Result<Self, Refusal> {
        Ok(match ask.query("fieldValidation") {
            None | Some("Warn") => Validation::Warn,
            Some("Strict") => Validation::Strict,
            Some("Ignore") => Validation::Ignore,
            Some(other) => {
                let named = Named { group: "meta.k8s.io", plural: options, kind: options, name: "" };
                let cause = Cause::unsupported("fieldValidation", &other.into(), &["", "Ignore", "Strict", "Warn"]);
                return Err(Refusal::invalid(&named, &[cause]));
            }
        })
    }

    /// Warns of what was noticed, or gives it as the error it is.
    fn judge(self, ask: &Ask, noticed: &[String]) -> Result<(), String> {
        match self {
            Validation::Ignore => {}
            Validation::Warn => noticed.iter().for_each(|what| ask.warn(what)),
            Validation::Strict if noticed.is_empty() => {}
            Validation::Strict => return Err(format!("strict decoding error: {}", noticed.join(", "))),
        }
        Ok(())
    }
}

/// What every object says of itself.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Head {
    api_version: Value,
    kind: Value,
    metadata: Value,
}

/// The object in the body of a create or update.
///
/// # Errors
/// A body that is no JSON or YAML, another kind, values of a wrong type; with `fieldValidation=Strict`, fields that do not belong.
pub(super) fn object(ask: &Ask, registry: &Registry, resource: &Resource, options: &str) -> Result<Value, Refusal> {
    let validation = Validation::of(ask, options)?;
    let json = json_text(ask)?;
    let unrecognized = |why: &str| {
        Refusal::bad_request(format!(
            "the object provided is unrecognized (must be of type {}): {why} ({})",
            resource.kind,
            summary(&ask.body)
        ))
    };
    let no_head = |why: &str| unrecognized(&format!("couldn't get version/kind; json parse error: {why}"));
    if let Some(bracket) = too_deep(&json) {
        return Err(no_head(&format!("invalid character '{bracket}' exceeded max depth")));
    }
    // A list would do for serde, but not for Go.
    let head = match serde_json::from_str::<Option<Head>>(&json) {
        Ok(_) if json.trim_start().starts_with('[') => return Err(no_head(&not_a_head("array"))),
        Ok(head) => head.unwrap_or_default(),
        Err(why) => return Err(no_head(&syntax(&json, &why))),
    };
    let word = |value: &Value, field: &str| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Null => Ok(String::new()),
        other => Err(no_head(&format!("json: cannot unmarshal {} into Go struct field .{field} of type string", json_kind(other)))),
    };
    let (version, kind) = (word(&head.api_version, "apiVersion")?, word(&head.kind, "kind")?);
    if resource.custom && kind.is_empty() {
        return Err(unrecognized(&format!("Object 'Kind' is missing in '{json}'")));
    }
    let (version, kind) = same_kind(registry, resource, version, kind, text(&head.metadata, "/name"))?;
    let cannot = |why: &str| {
        let version = version.rsplit('/').next().unwrap_or_default();
        Refusal::bad_request(format!("{kind} in version {version:?} cannot be handled as a {}: {why}", resource.kind))
    };
    // A body of nothing but `null` is an object without fields.
    let json = if json.trim() == "null" { Cow::Borrowed("{}") } else { json };
    let Some(shape) = resource.shape() else {
        return serde_json::from_str(&json).map_err(|why| no_head(&syntax(&json, &why)));
    };
    let reading = if resource.custom { Reading::Custom } else { Reading::Json };
    let Decoded { value, strict, wrong } = decode::text(&json, shape, reading).map_err(|why| no_head(&syntax(&json, &why)))?;
    if let Some(wrong) = wrong {
        return Err(cannot(&wrong.in_json));
    }
    validation.judge(ask, &strict).map_err(|why| cannot(&why))?;
    Ok(value)
}

/// Checks that the body is of the kind that is asked for; what it leaves out, the path says.
fn same_kind(registry: &Registry, resource: &Resource, version: String, kind: String, name: &str) -> Result<(String, String), Refusal> {
    let expected = resource.api_version();
    let version = if version.is_empty() && !resource.custom { expected.clone() } else { version };
    let kind = if kind.is_empty() { resource.kind.clone() } else { kind };
    if resource.custom {
        return if version != expected {
            Err(Refusal::bad_request(format!(
                "the API version in the data ({version}) does not match the expected API version ({expected})"
            )))
        } else if kind != resource.kind {
            let named = Named { group: &resource.group, plural: &resource.plural, kind: &kind, name };
            Err(Refusal::invalid(&named, &[Cause::invalid("kind", &kind.as_str().into(), &format!("must be {}", resource.kind))]))
        } else {
            Ok((version, kind))
        };
    }
    if version == expected && kind == resource.kind {
        return Ok((version, kind));
    }
    let short = version.rsplit('/').next().unwrap_or_default();
    let why = match registry.of_object(&json!({"apiVersion": version, "kind": kind})) {
        Some(other) if !other.custom => {
            let group =
                |group: &str| if group.is_empty() { "core".to_owned() } else { group.split('.').next().unwrap_or_default().to_owned() };
            format!("converting ({}.{}) to ({}.{}): unknown conversion", other.version, other.kind, group(&resource.group), resource.kind)
        }
        _ => format!("no kind {kind:?} is registered for version {version:?} in scheme \"pkg/runtime/scheme.go:111\""),
    };
    Err(Refusal::bad_request(format!("{kind} in version {short:?} cannot be handled as a {}: {why}", resource.kind)))
}

/// The object that a patch made, read again. `patch` is what made it, if that was a strategic merge patch.
///
/// # Errors
/// As for a body, in the words that the API server has for patches.
pub(super) fn patched(ask: &Ask, resource: &Resource, made: &Value, patch: Option<&Value>) -> Result<Value, Refusal> {
    let validation = Validation::of(ask, "PatchOptions")?;
    let Some(shape) = resource.shape() else { return Ok(made.clone()) };
    let reading = match (resource.custom, patch) {
        (true, _) => Reading::Custom,
        (false, Some(_)) => Reading::Converted,
        (false, None) => Reading::Json,
    };
    let invalid = |why: &str| {
        let shown: Value = patch.map_or_else(|| made.to_string(), go_value).into();
        let named = Named { group: "", plural: "", kind: "", name: "" };
        let mut refusal = Refusal::invalid(&named, &[Cause::invalid("patch", &shown, why)]);
        if let Some(details) = refusal.details.as_object_mut() {
            details.retain(|field, _| field == "causes");
        }
        refusal
    };
    let Decoded { value, strict, wrong } = decode::value(made, shape, reading).map_err(|why| invalid(&why.to_string()))?;
    if let Some(wrong) = wrong {
        return Err(invalid(if reading == Reading::Converted { &wrong.converted } else { &wrong.in_json }));
    }
    validation.judge(ask, &strict).map_err(|why| invalid(&why))?;
    Ok(value)
}

/// The body as JSON; bytes that are no text become the sign for that, as Go does it.
fn json_text(ask: &Ask) -> Result<Cow<'_, str>, Refusal> {
    let media = ask.content_type.split(';').next().unwrap_or_default().trim();
    if !matches!(media, "" | "application/json" | "application/yaml") {
        return Err(Refusal::unsupported_media("application/json, application/yaml, application/vnd.kubernetes.protobuf"));
    }
    let text = String::from_utf8_lossy(&ask.body);
    if ask.content_type.contains("yaml") && !text.starts_with('{') {
        let value = manifest::one(&text).map_err(|why| Refusal::bad_request(format!("error decoding YAML: {why}")))?;
        return Ok(Cow::Owned(value.to_string()));
    }
    Ok(text)
}

/// The beginning of a body for an error: text where it looks like an object, else its bytes.
fn summary(body: &[u8]) -> String {
    const LONGEST: usize = 30;
    let (head, more) = body.get(..LONGEST).filter(|_| body.len() > LONGEST).map_or((body, ""), |head| (head, " ..."));
    match body.first() {
        None => "<empty>".to_owned(),
        Some(b'{') => format!("{}{more}", String::from_utf8_lossy(head)),
        Some(_) => format!("{}{more}", hex::encode(head)),
    }
}

pub(super) fn json_kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The bracket that goes deeper than the API server reads. Source: `maxNestingDepth` in Go's `encoding/json`.
fn too_deep(json: &str) -> Option<char> {
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    json.bytes().find_map(|byte| {
        let was_escaped = std::mem::take(&mut escaped);
        match byte {
            b'"' if !was_escaped => quoted = !quoted,
            b'\\' if quoted => escaped = !was_escaped,
            b'[' | b'{' if !quoted => depth += 1,
            b']' | b'}' if !quoted => depth -= 1,
            _ => {}
        }
        (depth > 10_000).then_some(char::from(byte))
    })
}

/// What Go says of JSON that cannot be read.
pub(super) fn syntax(json: &str, why: &serde_json::Error) -> String {
    if why.is_data() {
        return not_a_head(serde_json::from_str::<Value>(json).map_or("object", |value| json_kind(&value)));
    }
    if why.is_eof() {
        return "unexpected end of JSON input".to_owned();
    }
    let said = why.to_string();
    let Some(at) = offset(json, why.line(), why.column()) else { return said };
    let Some(found) = json.get(at..).and_then(|rest| rest.trim_start().chars().next()) else {
        return "unexpected end of JSON input".to_owned();
    };
    if said.starts_with("recursion limit exceeded") {
        // This cluster reads 128 levels of what has no structure of its own, Go ten thousand.
        return format!("invalid character {found:?} exceeded max depth");
    }
    let place = match said.split(" at line ").next().unwrap_or_default() {
        "trailing characters" => "after top-level value",
        "key must be a string" => "looking for beginning of object key string",
        "trailing comma" if found == '}' => "looking for beginning of object key string",
        "expected `,` or `}`" => "after object key:value pair",
        "expected `,` or `]`" => "after array element",
        "expected `:`" => "after object key",
        "expected value" | "trailing comma" => "looking for beginning of value",
        _ => return said,
    };
    format!("invalid character {found:?} {place}")
}

fn not_a_head(found: &str) -> String {
    let head = r#"struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;
    format!("json: cannot unmarshal {found} into Go value of type {head}")
}

fn offset(json: &str, line: usize, column: usize) -> Option<usize> {
    let before: usize = json.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
    before.checked_add(column.checked_sub(1)?).filter(|at| json.is_char_boundary(*at))
}

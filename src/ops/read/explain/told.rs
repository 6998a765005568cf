//! From an OpenAPI v3 document to text, laid out as kubectl lays it out (`kubectl/pkg/explain/v2/templates/plaintext.tmpl`).

use crate::ops::CannotDo;
use serde_json::{Map, Value, json};

/// What is asked of a document.
pub(super) struct Asked<'a> {
    pub group: &'a str,
    pub version: &'a str,
    pub kind: &'a str,
    pub fields: &'a [&'a str],
    pub recursive: bool,
}

/// A document, and how deep one may go into it: what refers to itself ends there.
struct Document<'a>(&'a Value);

/// Schemas that refer to each other deeper than this are cut.
const DEEPEST: usize = 40;
/// A longer text is cut: a schema that branches at every level has no end a person would read to.
const LONGEST: usize = 4 << 20;

/// Tells a kind or a field.
///
/// # Errors
/// [`CannotDo`] where the document has no such kind, or the kind no such field.
pub(super) fn tell(document: &Value, asked: &Asked<'_>) -> Result<String, CannotDo> {
    let Asked { group, version, kind, fields, .. } = *asked;
    let own = json!({"group": group, "version": version, "kind": kind});
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let is_own = |schema: &&Value| schema["x-kubernetes-group-version-kind"].as_array().is_some_and(|all| all.contains(&own));
    let schema = schemas.into_iter().flat_map(Map::values).find(is_own).ok_or_else(|| {
        CannotDo::new(format!("the server does not describe {kind} of version {version}"), "kubectl api-resources lists what it has")
    })?;
    let mut text = if group.is_empty() { String::new() } else { format!("GROUP:      {group}\n") };
    text.push_str(&format!("KIND:       {kind}\nVERSION:    {version}\n\n"));
    let document = Document(document);
    let told = document.field(schema, fields, asked.recursive, &mut Vec::new());
    match (told, fields.last()) {
        (Some(told), _) => Ok(text + &told + "\n"),
        (None, Some(field)) => Err(CannotDo::new(
            format!("{kind} has no field {:?} there", fields.join(".")),
            format!("{field:?} was looked for; kubectl explain {} --recursive lists what there is", kind.to_ascii_lowercase()),
        )),
        (None, None) => Err(CannotDo::new(format!("the server says nothing about {kind}"), "")),
    }
}

impl<'a> Document<'a> {
    /// The schema that a `$ref` leads to, else itself.
    fn resolved(&self, schema: &'a Value) -> &'a Value {
        let found = schema["$ref"].as_str().and_then(|reference| self.0.pointer(reference.strip_prefix('#')?));
        found.unwrap_or(schema)
    }

    /// Follows the way to a field and tells what is there; `None` where the way ends before.
    fn field(&self, schema: &'a Value, path: &[&str], recursive: bool, history: &mut Vec<&'a str>) -> Option<String> {
        let reference = schema["$ref"].as_str();
        let resolved = self.resolved(schema);
        let Some((first, rest)) = path.split_first() else { return Some(self.whole(resolved, recursive)) };
        if reference.is_some_and(|r| history.contains(&r)) || history.len() > DEEPEST {
            return None;
        }
        if let Some(next) = resolved.pointer("/properties").and_then(|all| all.get(*first)) {
            let told = self.field(next, rest, recursive, &mut Vec::new())?;
            if !rest.is_empty() {
                return Some(told);
            }
            let mut text = format!("FIELD: {first} <{}>\n", self.type_of(next, 0));
            if let Some(all) = next["enum"].as_array() {
                text.push_str("ENUM:");
                all.iter().for_each(|one| text.push_str(&format!("\n    {}", choice(one))));
            }
            return Some(text + "\n\n" + &told);
        }
        history.push(reference.unwrap_or_default());
        let told = match (resolved.get("items"), additional(resolved)) {
            (Some(items), _) => self.field(items, path, recursive, history),
            (None, Some(values)) => self.field(values, path, recursive, history),
            (None, None) => all_of(resolved).iter().find_map(|one| self.field(one, path, recursive, history)),
        };
        history.pop();
        told
    }

    /// Description, links and fields of a schema.
    fn whole(&self, schema: &'a Value, recursive: bool) -> String {
        let mut description = String::new();
        self.description(schema, &mut description, 0);
        let description = if description.is_empty() { "<empty>" } else { &description };
        let mut text = format!("DESCRIPTION:\n{}\n", indented(&wrapped(description, 76), 4));
        let docs = external(schema, 0, 76);
        if !docs.is_empty() {
            text.push_str(&format!("\n{docs}"));
        }
        let mut fields = String::new();
        self.fields(schema, 1, recursive, &mut Vec::new(), &mut fields);
        if fields.is_empty() { text } else { text + "FIELDS:\n" + &fields }
    }

    fn description(&self, schema: &'a Value, out: &mut String, depth: usize) {
        if depth > DEEPEST || out.len() > LONGEST {
            return;
        }
        let schema = self.resolved(schema);
        if let Some(text) = schema["description"].as_str().filter(|text| !text.is_empty()) {
            out.push_str(text);
            out.push('\n');
        }
        let below = all_of(schema).iter().chain(schema.get("items")).chain(additional(schema));
        below.for_each(|one| self.description(one, out, depth + 1));
    }

    fn fields(&self, schema: &'a Value, level: usize, recursive: bool, history: &mut Vec<&'a str>, out: &mut String) {
        let reference = schema["$ref"].as_str();
        if reference.is_some_and(|r| history.contains(&r)) || history.len() > DEEPEST || out.len() > LONGEST {
            return;
        }
        let resolved = self.resolved(schema);
        history.push(reference.unwrap_or_default());
        let properties = resolved["properties"].as_object();
        let mut names: Vec<&String> = properties.into_iter().flat_map(Map::keys).collect();
        names.sort();
        for name in names {
            let below = &resolved["properties"][name.as_str()];
            self.detail(name, resolved, below, level, recursive, out);
            if recursive {
                self.fields(below, level + 1, recursive, history, out);
            }
        }
        let below = all_of(resolved).iter().chain(resolved.get("items")).chain(additional(resolved));
        below.for_each(|one| self.fields(one, level, recursive, history, out));
        history.pop();
    }

    fn detail(&self, name: &str, owner: &Value, schema: &'a Value, level: usize, short: bool, out: &mut String) {
        let indent = level * 2;
        out.push_str(&format!("{}{name}\t<{}>", " ".repeat(indent), self.type_of(schema, 0)));
        if owner["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name)) {
            out.push_str(" -required-");
        }
        if let Some(all) = schema["enum"].as_array() {
            let shown: Vec<String> = all.iter().take(4).map(choice).collect();
            let more = if all.len() > shown.len() { ", ...." } else { "" };
            out.push_str(&format!("\n{}enum: {}{more}", " ".repeat(indent), shown.join(", ")));
        }
        out.push('\n');
        if !short {
            let description = schema["description"].as_str().filter(|text| !text.is_empty()).unwrap_or("<no description>");
            out.push_str(&indented(&wrapped(description, 78_usize.saturating_sub(indent)), indent + 2));
            out.push('\n');
            let docs = external(schema, indent + 2, 76_usize.saturating_sub(indent));
            if !docs.is_empty() {
                out.push_str(&format!("\n{docs}"));
            }
            out.push('\n');
        }
    }

    /// `string`, `[]Container`, `map[string]Quantity`.
    fn type_of(&self, schema: &'a Value, depth: usize) -> String {
        if depth > DEEPEST {
            return "Object".into();
        }
        let plain = |schema: &Value| match schema["type"].as_str() {
            Some("object") | None => "Object".to_string(),
            Some(other) => other.to_string(),
        };
        if let Some(items) = schema.get("items") {
            return format!("[]{}", self.type_of(items, depth + 1));
        }
        if let Some(values) = additional(schema) {
            return format!("map[string]{}", self.type_of(values, depth + 1));
        }
        if let ([only], None) = (all_of(schema), schema.get("properties")) {
            return self.type_of(only, depth + 1);
        }
        let Some(reference) = schema["$ref"].as_str() else { return plain(schema) };
        match self.resolved(schema)["type"].as_str() {
            Some(other) if other != "object" => other.to_string(),
            Some(_) | None => reference.rsplit(['/', '.']).next().unwrap_or("Object").to_string(),
        }
    }
}

fn all_of(schema: &Value) -> &[Value] {
    schema["allOf"].as_array().map_or(&[], Vec::as_slice)
}

/// The schema of a map's values; `true` says nothing about them.
fn additional(schema: &Value) -> Option<&Value> {
    schema.get("additionalProperties").filter(|values| values.is_object())
}

fn choice(value: &Value) -> String {
    match value.as_str() {
        Some("") => "\"\"".into(),
        Some(text) => text.to_string(),
        None => value.to_string(),
    }
}

fn external(schema: &Value, indent: usize, width: usize) -> String {
    let docs = &schema["externalDocs"];
    if !docs.is_object() {
        return String::new();
    }
    let mut text = format!("{}EXTERNAL DOCS:\n", " ".repeat(indent));
    if let Some(description) = docs["description"].as_str().filter(|text| !text.is_empty()) {
        text.push_str(&format!("{}\n", indented(&wrapped(description, width), indent + if indent == 0 { 4 } else { 2 })));
    }
    if let Some(url) = docs["url"].as_str().filter(|text| !text.is_empty()) {
        text.push_str(&format!("{}URL: {url}\n", " ".repeat(indent + if indent == 0 { 4 } else { 2 })));
    }
    text
}

fn indented(text: &str, by: usize) -> String {
    let pad = " ".repeat(by);
    format!("{pad}{}", text.replace('\n', &format!("\n{pad}")))
}

/// Breaks lines at spaces so that none is longer than `width`, words that are longer aside; lines that are short stay as they are.
fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (n, line) in text.split('\n').enumerate() {
        if n > 0 {
            out.push('\n');
        }
        let mut column = 0;
        let mut rest = line;
        while !rest.is_empty() {
            let spaces = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
            let (gap, behind) = rest.split_at(spaces);
            let end = behind.find(char::is_whitespace).unwrap_or(behind.len());
            let (word, after) = behind.split_at(end);
            let (gap_length, length) = (gap.chars().count(), word.chars().count());
            // A word that cannot fit anywhere still begins a line of its own.
            if column + gap_length + length.min(width.saturating_sub(1)) > width {
                if !word.is_empty() {
                    out.push('\n');
                    out.push_str(word);
                    column = length;
                }
            } else {
                out.push_str(gap);
                out.push_str(word);
                column += gap_length + length;
            }
            rest = after;
        }
    }
    out
}

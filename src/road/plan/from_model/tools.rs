//! The catalogue as a model's tools.

use super::share::{self, Sharing};
use crate::{
    doors::model::{ToolCall, ToolSpec},
    ops::{CATALOGUE, Entry},
};
use serde_json::{Value, json};

/// What a change is answered with that came with reads.
pub(super) const WITH_READS: &str =
    "not done: a change cannot come with reads in one reply. Look at what the reads gave, then propose the change if it is still wanted";
/// What a change is answered with that came with a wrong call.
pub(super) const WITH_A_WRONG_ONE: &str = "not done: another call of this reply was wrong. Propose all changes again, together";

/// The tools a model is offered at that level of sharing.
pub(super) fn offered(sharing: Sharing) -> Vec<ToolSpec> {
    let spec = |entry: &Entry| {
        let does = if entry.reads { "" } else { " Changes the cluster: it is shown to the person, who decides." };
        ToolSpec { name: entry.name.into(), about: format!("{}{does}", entry.about), schema: tidy((entry.schema)()) }
    };
    CATALOGUE.iter().filter(|e| sharing.offers(e)).map(spec).collect()
}

/// The tool of that name, or a sentence for the model.
pub(super) fn find(name: &str, sharing: Sharing) -> Result<&'static Entry, String> {
    let entry = CATALOGUE.iter().find(|e| e.name == name);
    match entry {
        Some(entry) if sharing.offers(entry) => Ok(entry),
        Some(entry) if entry.personal => {
            Err(format!("error: only a person may ask for {}: tell them the line they could type", entry.name))
        }
        Some(entry) => Err(format!("error: {} is not shared with you; go on without it", entry.name)),
        None => {
            let names: Vec<&str> = CATALOGUE.iter().filter(|e| sharing.offers(e)).map(|e| e.name).collect();
            Err(format!("error: there is no tool {:?}; there are: {}", share::cut(name, 80), names.join(", ")))
        }
    }
}

/// The call as it can be sent back: some servers read the arguments again, and fail where they are no JSON.
pub(super) fn readable(call: ToolCall) -> ToolCall {
    match serde_json::from_str::<Value>(&call.arguments) {
        Ok(Value::Object(_)) => call,
        Ok(_) | Err(_) => ToolCall { arguments: "{}".into(), ..call },
    }
}

/// The error with the field it is about, where it does not say so itself: the first field without which there is another error.
pub(super) fn with_field(entry: &Entry, arguments: &Value, error: String) -> String {
    let Some(fields) = arguments.as_object().filter(|_| !error.contains("field `")) else { return error };
    let other = |name: &String| {
        let mut less = fields.clone();
        less.remove(name);
        (entry.from_json)(Value::Object(less)).err().is_none_or(|e| e != error)
    };
    match fields.keys().find(|name| other(name)) {
        Some(name) => format!("{}: {error}", share::cut(name, 80)),
        None => error,
    }
}

/// A schema in the few words that every server understands, and without what says nothing to a model.
fn tidy(mut schema: Value) -> Value {
    tidied(&mut schema);
    schema
}

fn tidied(schema: &mut Value) {
    let Value::Object(map) = schema else { return };
    map.remove("format");
    map.remove("title");
    if let Some(Value::String(about)) = map.get_mut("description") {
        // Of what is written for developers the first sentence is enough.
        let first = about.split(['\n']).next().unwrap_or_default().split(". ").next().unwrap_or_default();
        *about = first.trim_end_matches('.').to_string();
    }
    if map.get("items") == Some(&Value::Bool(true)) {
        map.insert("items".into(), json!({"type": "object"}));
    }
    if let Some(choices) = map.get("oneOf").and_then(Value::as_array)
        && let Some(words) = choices.iter().map(|c| c.get("const").cloned()).collect::<Option<Vec<Value>>>()
    {
        map.remove("oneOf");
        map.insert("type".into(), json!("string"));
        map.insert("enum".into(), Value::Array(words));
    }
    if let Some(Value::Array(choices)) = map.get("anyOf") {
        let mut real: Vec<Value> = choices.iter().filter(|c| c["type"] != "null").cloned().collect();
        if let (1, Some(Value::Object(one))) = (real.len(), real.pop()) {
            map.remove("anyOf");
            for (key, value) in one {
                map.entry(key).or_insert(value);
            }
            return tidied(schema);
        }
    }
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        for property in properties.values_mut() {
            // What may be left out need not be nothing as well.
            if let Some(Value::Array(types)) = property.get("type")
                && let [one, Value::String(null)] = types.as_slice()
                && null == "null"
            {
                property["type"] = one.clone();
            }
            tidied(property);
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = map.get_mut(key) {
            tidied(inner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_for_persons_alone_is_a_tool_with_a_plain_schema() {
        let tools = offered(Sharing::Logs);
        assert_eq!(tools.len(), CATALOGUE.iter().filter(|e| !e.personal).count());
        for tool in &tools {
            let text = tool.schema.to_string();
            for word in ["$ref", "oneOf", "anyOf", "\"format\"", "[`"] {
                assert!(!text.contains(word), "{}: {word} in {text}", tool.name);
            }
            assert_eq!(tool.schema["additionalProperties"], false, "{}: {text}", tool.name);
            for field in ["context", "kubeconfig", "as", "user", "server", "token"] {
                assert!(tool.schema["properties"].get(field).is_none(), "{} takes {field}", tool.name);
            }
        }
        let get = tools.iter().find(|t| t.name == "get").unwrap();
        assert_eq!(get.schema["properties"]["output"]["enum"], json!(["table", "wide", "json", "yaml", "name", "count"]));
        assert_eq!(get.schema["properties"]["namespace"]["type"], "string");
        let label = tools.iter().find(|t| t.name == "label").unwrap();
        assert_eq!(label.schema["properties"]["labels"]["additionalProperties"]["type"], json!(["string", "null"]), "null removes a label");
    }

    #[test]
    fn what_is_not_shared_is_not_offered() {
        let names = |sharing| offered(sharing).into_iter().map(|t| t.name).collect::<Vec<_>>();
        assert!(!names(Sharing::Status).contains(&"logs".to_string()));
        assert!(!names(Sharing::Names).contains(&"describe".to_string()));
        assert!(names(Sharing::Names).contains(&"scale".to_string()));
        assert!(find("logs", Sharing::Status).is_err());
        assert!(find("exec", Sharing::Logs).err().unwrap().contains("only a person"));
        assert!(find("shell", Sharing::Logs).err().unwrap().contains("there is no tool"));
    }
}

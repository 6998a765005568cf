//! The objects themselves, and what templates make of them.

use super::{Get, Output};
use crate::ops::{
    Action, Answer, Call, CannotDo, Form, Items, Lookup, Reply,
    answer::{ObjectForm, Table},
    look::{self, read},
};
use crate::terms::jsonpath::{BadPath, Template, Unsortable, go_value, sort_key, sorted};
use serde_json::{Value, json};
use std::borrow::Borrow;

/// A document, as the server sent it.
pub(super) fn raw(calls: &[Call], replies: &[Reply]) -> Result<Answer, CannotDo> {
    let (Some(call), Some(reply)) = (calls.first(), replies.first()) else {
        return Err(CannotDo::new("the server gave no answer", ""));
    };
    match &reply.body {
        Lookup::Missing => {
            Err(CannotDo::new(format!("the server has nothing at {}", call.said()), "kubectl get --raw / is not read; /apis lists groups"))
        }
        Lookup::Known(_) | Lookup::NotChecked(_) => {
            Ok(Answer::Text { text: String::from_utf8_lossy(read(call, &reply.body)?).into_owned() })
        }
    }
}

pub(super) fn answer(get: &Get, calls: &[Call], replies: impl Iterator<Item = impl Borrow<Reply>>) -> Result<Answer, CannotDo> {
    let form = match &get.output {
        Output::Yaml => Some(ObjectForm::Yaml),
        Output::Name => Some(ObjectForm::Name),
        Output::Json | Output::Table | Output::Wide | Output::Count => Some(ObjectForm::Json),
        Output::JsonPath(_) | Output::JsonPathAsJson(_) | Output::Columns(_) => None,
    };
    if let (Some(output), None) = (form, &get.sort_by) {
        let mut items = Items::default();
        each(get, calls, replies, &mut |object| items.push(&object))?;
        return Ok(Answer::Objects { output, items });
    }
    let mut items = Vec::new();
    each(get, calls, replies, &mut |object| items.push(object))?;
    if let Some(path) = &get.sort_by {
        let path = Template::relaxed(path).map_err(|e| fault(&e))?;
        let keyed = items.into_iter().map(|object| Ok((sort_key(&path, &object)?, object))).collect::<Result<_, _>>();
        items = keyed.and_then(sorted).map_err(|e: Unsortable| CannotDo::new(format!("--sort-by: {e}"), ""))?;
    }
    let one = calls.len() == 1 && calls.iter().all(|call| call.action == Action::Get);
    let Some(output) = form else { return templated(get, one, items) };
    // What a sort looked at, it may have kept.
    let items = items.into_iter().map(|object| if get.show_managed_fields { object } else { without_owners(object) });
    Ok(Answer::Objects { output, items: items.collect() })
}

/// What a template makes of the objects; `one`: a single object was asked for.
fn templated(get: &Get, one: bool, items: Vec<Value>) -> Result<Answer, CannotDo> {
    let whole = |mut items: Vec<Value>| match (one, items.pop()) {
        (true, Some(object)) => object,
        (true, None) => Value::Null,
        (false, last) => {
            items.extend(last);
            json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": items})
        }
    };
    match &get.output {
        Output::JsonPath(program) if one && items.is_empty() => {
            Ok(Answer::Text { text: program.template.text(&Value::Null).unwrap_or_default() })
        }
        Output::JsonPath(program) => Ok(Answer::Text { text: program.template.text(&whole(items)).map_err(|e| fault(&e))? }),
        Output::JsonPathAsJson(program) => Ok(Answer::Text { text: program.template.json(&whole(items)).map_err(|e| fault(&e))? }),
        Output::Columns(columns) => {
            let cell = |object: &Value, path: &Template| -> Result<String, CannotDo> {
                let parts = path.results(object).map_err(|e| fault(&e))?;
                let values: Vec<String> = parts.iter().flatten().map(go_value).collect();
                Ok(if parts.first().is_none_or(Vec::is_empty) { "<none>".into() } else { values.join(",") })
            };
            let row = |object: &Value| columns.iter().map(|column| cell(object, &column.path.template)).collect::<Result<Vec<_>, _>>();
            let rows = items.iter().map(row).collect::<Result<_, _>>()?;
            let heads = if get.no_headers { Vec::new() } else { columns.iter().map(|column| column.head.clone()).collect() };
            let title = get.kinds.iter().map(|kind| kind.plural()).collect::<Vec<_>>().join(", ");
            Ok(Answer::Tables { tables: vec![Table { title, columns: heads, rows }] })
        }
        Output::Yaml | Output::Name | Output::Json | Output::Table | Output::Wide | Output::Count => {
            Ok(Answer::Objects { output: ObjectForm::Json, items: items.into() })
        }
    }
}

fn fault(e: &BadPath) -> CannotDo {
    CannotDo::new(format!("the template does not fit: {e}"), "-o json shows what is there")
}

/// Whether who owns which field is shown, or asked for by a template: it is half of what an object takes.
fn shows_owners(get: &Get) -> bool {
    let templated = matches!(get.output, Output::JsonPath(_) | Output::JsonPathAsJson(_) | Output::Columns(_));
    get.show_managed_fields || templated || get.sort_by.as_ref().is_some_and(|path| path.contains("managedFields"))
}

fn without_owners(mut object: Value) -> Value {
    look::without_owners(&mut object);
    object
}

/// Hands over the objects of all replies. Each reply is let go of once it is read.
fn each(get: &Get, calls: &[Call], replies: impl Iterator<Item = impl Borrow<Reply>>, take: &mut dyn FnMut(Value)) -> Result<(), CannotDo> {
    let owners = shows_owners(get);
    let kept = |object: Value| if owners { object } else { without_owners(object) };
    for reply in replies {
        let reply = reply.borrow();
        let Some(call) = calls.get(reply.call) else { continue };
        if get.ignore_not_found && reply.body == Lookup::Missing && call.name().is_some() {
            continue;
        }
        let mut value: Value = serde_json::from_slice(read(call, &reply.body)?)
            .map_err(|e| CannotDo::new(format!("the server's answer on {} could not be read: {e}", call.said()), ""))?;
        match (&call.action, value.get_mut("items").map(Value::take), call.kind()) {
            (Action::List, Some(Value::Array(list)), Some(kind)) => list.into_iter().for_each(|mut item| {
                if let Some(map) = item.as_object_mut() {
                    if call.form == Form::Metadata {
                        map.retain(|field, _| field == "metadata");
                    }
                    map.entry("apiVersion").or_insert_with(|| kind.api_version().into());
                    map.entry("kind").or_insert_with(|| kind.info().kind.into());
                }
                take(kept(item));
            }),
            // An empty list of metadata has nothing where its items stand.
            (Action::List, None | Some(Value::Null), Some(_)) => {}
            (_, _, _) => take(kept(value)),
        }
    }
    Ok(())
}

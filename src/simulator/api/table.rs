//! The Table form: rows of cells, as `kubectl get` prints them.
use super::{
    Ask,
    cells::{self, Row},
    columns, read,
};
use crate::simulator::{
    cluster::{Cluster, typed},
    json::{text, time},
    refusal::Refusal,
    registry::Resource,
};
use serde_json::{Value, json};
use std::borrow::Borrow;

/// How much of the object goes with its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Include {
    None,
    Metadata,
    Object,
}

impl Include {
    pub(super) fn of(ask: &Ask) -> Result<Self, Refusal> {
        match ask.query("includeObject") {
            None | Some("Metadata") => Ok(Include::Metadata),
            Some("None") => Ok(Include::None),
            Some("Object") => Ok(Include::Object),
            Some(other) => Err(Refusal::bad_request(format!(
                "Unable to convert to Table as requested: includeObject: Invalid value: {other:?}: must be 'Metadata', 'Object', 'None', or empty"
            ))),
        }
    }
}

/// What a row says of a pod that has ended: phase, reason, message.
const ENDED: &[(&str, &str, &str)] =
    &[("Succeeded", "Succeeded", "The pod has completed successfully."), ("Failed", "Failed", "The pod failed.")];

/// Objects of one resource as a Table.
pub(super) fn of(cluster: &Cluster, resource: &Resource, objects: impl Iterator<Item = impl Borrow<Value>>, include: Include) -> Value {
    let columns = columns::of(resource);
    let rows: Vec<Value> = objects
        .map(|object| {
            let object: &Value = object.borrow();
            let row = Row { object, now: cluster.now };
            let cells: Vec<Value> =
                if resource.custom { custom_cells(resource, &row) } else { columns.iter().map(|c| cells::cell(c, &row)).collect() };
            let mut out = json!({"cells": cells});
            if let Some((_, reason, message)) =
                ENDED.iter().find(|(phase, ..)| resource.plural == "pods" && *phase == text(object, "/status/phase"))
            {
                out["conditions"] = json!([{"type": "Completed", "status": "True", "reason": reason, "message": message}]);
            }
            match include {
                Include::None => out["object"] = Value::Null,
                Include::Metadata => out["object"] = read::metadata(object),
                Include::Object => {
                    let mut whole = object.clone();
                    typed(resource, &mut whole);
                    out["object"] = whole;
                }
            }
            out
        })
        .collect();
    let definitions: Vec<Value> = if resource.custom {
        custom_definitions(resource)
    } else {
        columns.iter().map(|c| definition(c.name, c.kind, if c.name == "Name" { "name" } else { "" }, c.priority)).collect()
    };
    // The generic printer has it so.
    let rows = if rows.is_empty() && !resource.custom && columns::generic(resource) { Value::Null } else { rows.into() };
    json!({"kind": "Table", "apiVersion": "meta.k8s.io/v1", "metadata": {"resourceVersion": cluster.store.version().to_string()}, "columnDefinitions": definitions, "rows": rows})
}

fn definition(name: &str, kind: &str, format: &str, priority: i64) -> Value {
    json!({"name": name, "type": kind, "format": format, "description": "", "priority": priority})
}

fn custom_definitions(resource: &Resource) -> Vec<Value> {
    let mut all = vec![definition("Name", "string", "name", 0)];
    all.extend(resource.columns.iter().map(|(name, kind, _, priority)| definition(name, kind, "", *priority)));
    if resource.columns.is_empty() {
        all.push(definition("Age", "date", "", 0));
    }
    all
}

fn custom_cells(resource: &Resource, row: &Row) -> Vec<Value> {
    let mut cells = vec![json!(text(row.object, "/metadata/name"))];
    for (_, kind, path, _) in &resource.columns {
        // Columns use plain paths; a filter in one leaves its cell empty.
        let pointer = path.replace('.', "/");
        cells.push(match row.object.pointer(&pointer) {
            Some(_) if kind == "date" => time(row.object, &pointer).map_or(Value::Null, |t| cells::age(row.now, t)),
            Some(value) => value.clone(),
            None => Value::Null,
        });
    }
    if resource.columns.is_empty() {
        cells.push(cells::age_of(row));
    }
    cells
}

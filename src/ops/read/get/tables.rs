//! The server's own tables (`meta.k8s.io/v1` Table), their rows sorted and labelled as asked for.

use super::{Get, Output};
use crate::ops::{Answer, Call, CannotDo, Kind, Lookup, Reply, answer::Table, look::read};
use crate::terms::jsonpath::{Template, sort_key, sorted};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use std::{borrow::Cow, collections::BTreeMap};

/// The fields of a Table that are shown, decoded without the rest.
#[derive(Deserialize)]
struct WireTable<'a> {
    #[serde(rename = "columnDefinitions", default)]
    columns: Vec<WireColumn>,
    /// `null` where the metrics server has none.
    #[serde(borrow, default)]
    rows: Option<Vec<WireRow<'a>>>,
}
#[derive(Deserialize)]
struct WireColumn {
    name: String,
    #[serde(default)]
    priority: i32,
}
#[derive(Deserialize)]
struct WireRow<'a> {
    cells: Vec<Value>,
    #[serde(borrow)]
    object: Option<&'a RawValue>,
}
#[derive(Deserialize)]
struct WireObject<'a> {
    #[serde(borrow)]
    metadata: WireMeta<'a>,
}
#[derive(Deserialize, Default)]
struct WireMeta<'a> {
    #[serde(borrow, default)]
    namespace: Option<Cow<'a, str>>,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
}

/// A row's cells, behind what it is sorted by where that is asked for.
type Row = (Option<Value>, Vec<String>);

/// One kind's rows.
struct Rows {
    kind: Kind,
    columns: Vec<String>,
    rows: Vec<Row>,
}

pub(super) fn answer(get: &Get, calls: &[Call], replies: &[Reply]) -> Result<Answer, CannotDo> {
    let path = get.sort_by.as_deref().map(Template::relaxed).transpose().map_err(unsortable)?;
    let mut all: Vec<Rows> = Vec::new();
    for reply in replies {
        let Some((call, kind)) = calls.get(reply.call).and_then(|call| Some((call, call.kind()?))) else { continue };
        if get.ignore_not_found && reply.body == Lookup::Missing && call.name().is_some() {
            continue;
        }
        let bytes = read(call, &reply.body)?;
        let page: WireTable<'_> = serde_json::from_slice(bytes)
            .map_err(|e| CannotDo::new(format!("the server's table of {} could not be read: {e}", kind.plural()), ""))?;
        // Objects asked for by name come one to a reply: rows of one kind stand in one table all the same.
        if all.last().is_none_or(|last| last.kind != kind) {
            all.push(Rows { kind, columns: heads(get, kind, &page), rows: Vec::new() });
        }
        let Some(rows) = all.last_mut() else { continue };
        take(get, kind, page, path.as_ref(), &mut rows.rows)?;
    }
    if get.output == Output::Count {
        let row = |rows: &Rows| vec![rows.kind.plural().into_owned(), rows.rows.len().to_string()];
        let heads = if get.no_headers { Vec::new() } else { vec!["Kind".into(), "Count".into()] };
        let table = Table { title: "count".into(), columns: heads, rows: all.iter().map(row).collect() };
        return Ok(Answer::Tables { tables: vec![table] });
    }
    let mut tables = Vec::with_capacity(all.len());
    for Rows { kind, columns, rows } in all {
        let rows = match path.is_some() && rows.len() > 1 {
            true => sorted(rows).map_err(unsortable)?,
            false => rows.into_iter().map(|(_, cells)| cells).collect(),
        };
        let columns = if get.no_headers { Vec::new() } else { columns };
        tables.push(Table { title: kind.plural().into_owned(), columns, rows });
    }
    Ok(Answer::Tables { tables })
}

fn unsortable(why: impl std::fmt::Display) -> CannotDo {
    CannotDo::new(format!("--sort-by: {why}"), "")
}

fn shown(get: &Get, page: &WireTable<'_>) -> Vec<usize> {
    (0..page.columns.len()).filter(|i| get.output == Output::Wide || page.columns[*i].priority == 0).collect()
}

fn heads(get: &Get, kind: Kind, page: &WireTable<'_>) -> Vec<String> {
    let mut heads: Vec<String> = shown(get, page).into_iter().map(|i| page.columns[i].name.clone()).collect();
    if get.all_namespaces && kind.namespaced() {
        heads.insert(0, "Namespace".into());
    }
    heads.extend(get.label_columns.iter().map(|label| label.rsplit('/').next().unwrap_or(label).to_uppercase()));
    if get.show_labels {
        heads.push("Labels".into());
    }
    heads
}

fn take(get: &Get, kind: Kind, page: WireTable<'_>, path: Option<&Template>, into: &mut Vec<Row>) -> Result<(), CannotDo> {
    let unreadable = |e| CannotDo::new(format!("a row of the server's table of {} could not be read: {e}", kind.plural()), "");
    let shown = shown(get, &page);
    let everywhere = get.all_namespaces && kind.namespaced();
    let name_at = page.columns.iter().position(|column| column.name == "Name").filter(|_| get.show_kind);
    let wants_meta = everywhere || get.show_labels || !get.label_columns.is_empty();
    let rows = page.rows.unwrap_or_default();
    into.reserve(rows.len());
    for row in rows {
        let mut cells = Vec::with_capacity(shown.len() + 2 + get.label_columns.len());
        let text = row.object.map(RawValue::get).filter(|_| wants_meta);
        let meta =
            text.map(serde_json::from_str::<WireObject<'_>>).transpose().map_err(unreadable)?.map(|o| o.metadata).unwrap_or_default();
        if everywhere {
            cells.push(meta.namespace.as_deref().unwrap_or_default().to_string());
        }
        cells.extend(shown.iter().map(|i| match row.cells.get(*i).map_or_else(String::new, cell) {
            name if name_at == Some(*i) => format!("{}/{name}", singular(kind)),
            other => other,
        }));
        let labels = meta.labels.unwrap_or_default();
        cells.extend(get.label_columns.iter().map(|label| labels.get(label).cloned().unwrap_or_default()));
        if get.show_labels {
            // kubectl puts the pairs in order, not their keys.
            let mut labels: Vec<String> = labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
            labels.sort();
            cells.push(if labels.is_empty() { "<none>".into() } else { labels.join(",") });
        }
        let key = match (path, row.object) {
            (Some(path), Some(object)) => {
                let object: Value = serde_json::from_str(object.get()).map_err(unreadable)?;
                sort_key(path, &object).map_err(unsortable)?
            }
            (Some(_), None) | (None, _) => None,
        };
        into.push((key, cells));
    }
    Ok(())
}

/// `pod`, `deployment.apps`: as kubectl writes a kind before a name.
fn singular(kind: Kind) -> String {
    let info = kind.info();
    if info.group.is_empty() { info.singular() } else { format!("{}.{}", info.singular(), info.group) }
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

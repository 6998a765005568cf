//! `kubectl get`: one object, some, or all of a kind.

use crate::ops::{
    Answer, Argv, BadName, Call, CannotDo, Flag, Follow, Form, Impact, Kind, Lookup, Misuse, Name, Namespace, Reply, Spec, Target, Verb,
    answer::{ObjectForm, Table},
    look::read,
    verb::kind_named,
};
use crate::terms::selector::LabelSelector;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

/// Lists objects, or shows single ones, as the server's own table or as objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Get {
    /// kinds to list
    pub kinds: Vec<Kind>,
    /// names; left out: all of them
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<Name>,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// every namespace
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_namespaces: bool,
    /// label selector: app=web,tier!=db
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// field selector: status.phase=Pending
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_selector: Option<String>,
    /// how it is shown
    #[serde(default, skip_serializing_if = "Output::is_table")]
    pub output: Output,
    /// a column of labels
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub show_labels: bool,
    /// goes on with every change from now on; a model or a playbook gets what comes within 20 seconds
    #[serde(default, skip_serializing_if = "Watching::is_no")]
    pub watch: Watching,
}

/// Whether a list goes on with its changes (`get --watch`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Watching {
    /// It does not.
    #[default]
    No,
    /// What is there, then the changes.
    Yes,
    /// The changes alone.
    Only,
}

impl Watching {
    fn is_no(&self) -> bool {
        *self == Watching::No
    }
    fn of(argv: &Argv) -> Watching {
        match (argv.on("watch-only"), argv.on("watch")) {
            (true, _) => Watching::Only,
            (false, true) => Watching::Yes,
            (false, false) => Watching::No,
        }
    }
    /// How the read goes on.
    pub(in crate::ops) fn follows(self) -> Option<Follow> {
        match self {
            Watching::No => None,
            Watching::Yes => Some(Follow::Changes { first: true }),
            Watching::Only => Some(Follow::Changes { first: false }),
        }
    }
}

/// How a list is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Output {
    /// The server's table, its first columns.
    #[default]
    Table,
    /// All of its columns.
    Wide,
    /// JSON objects.
    Json,
    /// YAML objects.
    Yaml,
    /// `kind/name` lines.
    Name,
}

impl Output {
    fn is_table(&self) -> bool {
        *self == Output::Table
    }
    fn word(self) -> Option<&'static str> {
        match self {
            Output::Table => None,
            Output::Wide => Some("wide"),
            Output::Json => Some("json"),
            Output::Yaml => Some("yaml"),
            Output::Name => Some("name"),
        }
    }
    fn objects(self) -> Option<ObjectForm> {
        match self {
            Output::Table | Output::Wide => None,
            Output::Json => Some(ObjectForm::Json),
            Output::Yaml => Some(ObjectForm::Yaml),
            Output::Name => Some(ObjectForm::Name),
        }
    }
}

impl std::str::FromStr for Output {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "wide" => Ok(Output::Wide),
            "json" => Ok(Output::Json),
            "yaml" => Ok(Output::Yaml),
            "name" => Ok(Output::Name),
            _ => Err("wide, json, yaml or name"),
        }
    }
}

impl Get {
    /// All objects of one kind in the current namespace.
    pub fn all(kind: Kind) -> Get {
        Get {
            kinds: vec![kind],
            names: Vec::new(),
            namespace: None,
            all_namespaces: false,
            selector: None,
            field_selector: None,
            output: Output::Table,
            show_labels: false,
            watch: Watching::No,
        }
    }

    fn place_of(&self, kind: Kind) -> Option<&Namespace> {
        self.namespace.as_ref().filter(|_| kind.namespaced() && !self.all_namespaces)
    }
}

impl Verb for Get {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        if self.namespace.is_none() && !self.all_namespaces && self.kinds.iter().any(|k| k.namespaced()) {
            self.namespace = Some(namespace.clone());
        }
    }
    fn targets(&self) -> Vec<Target> {
        let pairs = self.kinds.iter().flat_map(|kind| self.names.iter().map(move |name| (*kind, name.clone())));
        pairs.filter_map(|(kind, name)| Some(Target::new(kind, name).ok()?.in_namespace(self.namespace.clone()))).collect()
    }
    fn title(&self) -> String {
        let kinds: Vec<Cow<'_, str>> = self.kinds.iter().map(|k| k.plural()).collect();
        let names: Vec<&str> = self.names.iter().map(Name::as_str).collect();
        if names.is_empty() { format!("get {}", kinds.join(",")) } else { format!("get {} {}", kinds.join(","), names.join(" ")) }
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let form = if self.output.objects().is_some() { Form::Json } else { Form::Table };
        if !self.watch.is_no() {
            let (kind, field) = match (self.kinds.as_slice(), self.names.as_slice()) {
                ([kind], []) => (*kind, self.field_selector.clone().unwrap_or_default()),
                ([kind], [name]) => (*kind, format!("metadata.name={name}")),
                (_, _) => {
                    return Err(CannotDo::new(
                        "one kind is watched at a time: all of it, or one object",
                        "say each as a request of its own",
                    ));
                }
            };
            let list = Call::list(kind, self.place_of(kind)).shaped(form).with("labelSelector", self.selector.clone().unwrap_or_default());
            return Ok(vec![list.with("fieldSelector", field)]);
        }
        if !self.names.is_empty() {
            // A name that its kind forbids must not shrink the question to the other names, or to none.
            let pairs = self.kinds.iter().flat_map(|kind| self.names.iter().map(move |name| (*kind, name.clone())));
            let targets = pairs.map(|(kind, name)| Ok(Target::new(kind, name)?.in_namespace(self.namespace.clone())));
            let targets = targets.collect::<Result<Vec<_>, BadName>>().map_err(|e| CannotDo::new(e.to_string(), ""))?;
            return Ok(targets.iter().map(|t| Call::get(t).shaped(form)).collect());
        }
        if self.kinds.is_empty() {
            return Err(CannotDo::new("which kind is to be listed? none is named", "for example pods"));
        }
        let list = |kind: &Kind| {
            Call::list(*kind, self.place_of(*kind))
                .shaped(form)
                .with("labelSelector", self.selector.clone().unwrap_or_default())
                .with("fieldSelector", self.field_selector.clone().unwrap_or_default())
        };
        Ok(self.kinds.iter().map(list).collect())
    }
    fn print(&self) -> Argv {
        let kinds: Vec<Cow<'_, str>> = self.kinds.iter().map(|k| if self.names.is_empty() { k.plural() } else { k.word() }).collect();
        let mut argv = Argv::of(Self::VERB).place(kinds.join(","));
        for name in &self.names {
            argv = argv.place(name);
        }
        if let Some(selector) = &self.selector {
            argv = argv.flag("selector", selector);
        }
        if let Some(selector) = &self.field_selector {
            argv = argv.flag("field-selector", selector);
        }
        if let Some(form) = self.output.word() {
            argv = argv.flag("output", form);
        }
        argv = argv.switch("show-labels", self.show_labels);
        argv = argv.switch("watch", self.watch == Watching::Yes).switch("watch-only", self.watch == Watching::Only);
        if self.all_namespaces { argv.switch("all-namespaces", true) } else { argv.namespace(self.namespace.as_ref()) }
    }
    fn follows(&self) -> Option<Follow> {
        self.watch.follows()
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        match self.output.objects() {
            Some(output) => objects(calls, replies).map(|items| Answer::Objects { output, items }),
            None => tables(calls, replies, self).map(|tables| Answer::Tables { tables }),
        }
    }
}

/// The fields of a `meta.k8s.io/v1` Table that are shown, decoded without the rest.
#[derive(Deserialize)]
struct WireTable<'a> {
    #[serde(rename = "columnDefinitions", default)]
    columns: Vec<WireColumn>,
    #[serde(borrow, default)]
    rows: Vec<WireRow<'a>>,
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
    object: Option<WireObject<'a>>,
}
#[derive(Deserialize)]
struct WireObject<'a> {
    #[serde(borrow)]
    metadata: WireMeta<'a>,
}
#[derive(Deserialize)]
struct WireMeta<'a> {
    #[serde(borrow, default)]
    namespace: Option<Cow<'a, str>>,
    #[serde(default)]
    labels: Option<std::collections::BTreeMap<String, String>>,
}

fn tables(calls: &[Call], replies: &[Reply], get: &Get) -> Result<Vec<Table>, CannotDo> {
    let wide = get.output == Output::Wide;
    let mut tables: Vec<Table> = Vec::new();
    let mut last = None;
    for reply in replies {
        let Some(call) = calls.get(reply.call) else { continue };
        let bytes = read(call, &reply.body)?;
        let page: WireTable<'_> = serde_json::from_slice(bytes)
            .map_err(|e| CannotDo::new(format!("the server's table of {} could not be read: {e}", call.kind.plural()), ""))?;
        let everywhere = get.all_namespaces && call.kind.namespaced();
        let shown: Vec<usize> = (0..page.columns.len()).filter(|i| wide || page.columns[*i].priority == 0).collect();
        // Objects asked for by name come one to a reply: rows of one kind stand in one table all the same.
        let title = call.kind.plural().into_owned();
        if last != Some(call.kind) || tables.is_empty() {
            let mut columns: Vec<String> = shown.iter().map(|i| page.columns[*i].name.clone()).collect();
            if everywhere {
                columns.insert(0, "Namespace".into());
            }
            if get.show_labels {
                columns.push("Labels".into());
            }
            tables.push(Table { title, columns, rows: Vec::new() });
            last = Some(call.kind);
        }
        let Some(table) = tables.last_mut() else { continue };
        table.rows.reserve(page.rows.len());
        for row in page.rows {
            let mut cells = Vec::with_capacity(shown.len() + 2);
            let meta = row.object.map(|o| o.metadata);
            if everywhere {
                cells.push(meta.as_ref().and_then(|m| m.namespace.as_deref()).unwrap_or_default().to_string());
            }
            cells.extend(shown.iter().map(|i| row.cells.get(*i).map_or_else(String::new, cell)));
            if get.show_labels {
                let labels = meta.and_then(|m| m.labels).unwrap_or_default();
                let labels: Vec<String> = labels.iter().map(|(k, v)| format!("{k}={v}")).collect();
                cells.push(if labels.is_empty() { "<none>".into() } else { labels.join(",") });
            }
            table.rows.push(cells);
        }
    }
    Ok(tables)
}

fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

fn objects(calls: &[Call], replies: &[Reply]) -> Result<Vec<Value>, CannotDo> {
    let mut items = Vec::new();
    for reply in replies {
        let Some(call) = calls.get(reply.call) else { continue };
        let mut value: Value = serde_json::from_slice(read(call, &reply.body)?)
            .map_err(|e| CannotDo::new(format!("the server's answer on {} could not be read: {e}", call.kind.plural()), ""))?;
        match (&call.action, value.get_mut("items").map(Value::take)) {
            (crate::ops::Action::List, Some(Value::Array(list))) => items.extend(list.into_iter().map(|mut item| {
                if let Some(map) = item.as_object_mut() {
                    map.entry("apiVersion").or_insert_with(|| call.kind.api_version().into());
                    map.entry("kind").or_insert_with(|| call.kind.info().kind.into());
                }
                item
            })),
            (_, _) => items.push(value),
        }
    }
    Ok(items)
}

impl Spec for Get {
    const NAME: &'static str = "get";
    const VERB: &'static [&'static str] = &["get"];
    const ABOUT: &'static str = "List objects of one or more kinds, or show single ones by name.";
    const EXAMPLE: &'static str = "kubectl get pods -l app=web";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[
        Flag::value("selector").short('l'),
        Flag::value("field-selector"),
        Flag::value("output").short('o'),
        Flag::switch("show-labels"),
        Flag::switch("watch").short('w'),
        Flag::switch("watch-only"),
    ];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let mut places = argv.places.iter();
        let first = places.next().ok_or_else(|| Misuse::says("kubectl get: which kind? for example: kubectl get pods"))?;
        let mut kinds = Vec::new();
        let mut names = Vec::new();
        if first.contains('/') {
            for word in &argv.places {
                let (kind, name) = word.split_once('/').ok_or_else(|| Misuse::says("kind/name was expected for each"))?;
                let kind = kind_named(kind)?;
                if kinds.first().is_some_and(|k| *k != kind) {
                    return Err(Misuse::says("objects of several kinds by name: say them one after the other"));
                }
                kinds = vec![kind];
                names.push(Name::new(name)?);
            }
        } else {
            for word in first.split(',') {
                kinds.push(kind_named(word)?);
            }
            for name in places {
                names.push(Name::new(name.as_str())?);
            }
        }
        let selector = argv.get("selector").map(|s| s.parse::<LabelSelector>().map(|_| s.to_string())).transpose();
        Ok(Get {
            kinds,
            names,
            namespace: argv.named_namespace()?,
            all_namespaces: argv.on("all-namespaces"),
            selector: selector.map_err(|e| Misuse::Says(format!("--selector: {e}")))?,
            field_selector: argv.get("field-selector").map(str::to_string),
            output: argv.parsed("output")?.unwrap_or_default(),
            show_labels: argv.on("show-labels"),
            watch: Watching::of(argv),
        })
    }
}

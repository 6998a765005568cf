//! The blocks of a description: what is told of each kind, and of every kind alike.
//!
//! Owns: which fields of an object are worth telling and under which names. Does not own: widths, colours, order of sentences.
//! Invariants: a Secret's data is told by key and size only; a list that could not be read is told as such, never as empty.

mod around;
mod config;
mod network;
mod node;
pub(in crate::ops) mod pods;
mod state;
mod workload;

pub(in crate::ops) use around::around;

use crate::ops::{
    Kind, Lookup, Target,
    answer::{Block, Table},
    look::{controller, items, list, pairs, plain, since, text},
    read::events::{interval, newest_last},
};
use jiff::Timestamp;
use serde_json::Value;

/// All that is known for one description.
pub(in crate::ops) struct Told<'a> {
    pub target: &'a Target,
    pub object: &'a Value,
    /// Relatives by kind, as they were asked for.
    pub related: &'a [(Kind, &'a Lookup<Value>)],
    pub now: Timestamp,
}

/// Fields with those that are empty left out.
pub(in crate::ops) fn fields(title: &str, fields: Vec<(&str, String)>) -> Block {
    let kept = fields.into_iter().filter(|(_, value)| !value.is_empty());
    Block::Fields { title: title.into(), fields: kept.map(|(name, value)| (name.to_string(), value)).collect() }
}

/// A small table; none where it has no rows.
pub(in crate::ops) fn table(title: &str, columns: &[&str], rows: Vec<Vec<String>>) -> Option<Block> {
    let columns = columns.iter().map(|c| (*c).to_string()).collect();
    (!rows.is_empty()).then(|| Block::Table { title: title.into(), table: Table { title: String::new(), columns, rows } })
}

impl<'a> Told<'a> {
    /// Identity, state by kind, conditions, relatives.
    pub fn blocks(&self) -> Vec<Block> {
        let kind = self.target.kind();
        let mut blocks = vec![self.identity()];
        blocks.extend(if kind.is("pods", "") {
            pods::blocks(self)
        } else if kind.is("nodes", "") {
            node::blocks(self)
        } else if crate::ops::template::path(kind).is_some() {
            workload::blocks(self)
        } else if kind.is("services", "") {
            network::service(self)
        } else if kind.is("ingresses", "networking.k8s.io") {
            network::ingress(self)
        } else if kind.is("configmaps", "") || kind.is("secrets", "") {
            config::keys(self)
        } else if kind.is("persistentvolumeclaims", "") {
            config::claim(self)
        } else {
            config::generic(self)
        });
        blocks.extend(self.conditions());
        blocks.extend(around::blocks(self));
        blocks
    }

    fn identity(&self) -> Block {
        let object = self.object;
        let owner = controller(object).map(|o| format!("{}/{}", text(o, "/kind").to_ascii_lowercase(), text(o, "/name")));
        let above = self.related.iter().find_map(|(_, seen)| {
            let grand = controller(seen.known()?)?;
            Some(format!(" of {}/{}", text(grand, "/kind").to_ascii_lowercase(), text(grand, "/name")))
        });
        let deleted = text(object, "/metadata/deletionTimestamp");
        fields(
            "",
            vec![
                ("Kind", self.target.kind().info().kind.to_string()),
                ("Name", self.target.name().to_string()),
                ("Namespace", self.target.namespace().map(ToString::to_string).unwrap_or_default()),
                ("In short", state::sentence(self)),
                ("Age", since(text(object, "/metadata/creationTimestamp"), self.now)),
                ("Ending since", if deleted.is_empty() { String::new() } else { since(deleted, self.now) }),
                ("Controlled by", owner.map(|o| o + above.as_deref().unwrap_or_default()).unwrap_or_default()),
                ("Labels", pairs(object, "/metadata/labels").join(", ")),
                ("Annotations", self.annotations()),
                ("Finalizers", list(object, "/metadata/finalizers").iter().map(plain).collect::<Vec<_>>().join(", ")),
            ],
        )
    }

    /// Short ones with their value, long ones by name and size; what kubectl keeps for itself is left out.
    fn annotations(&self) -> String {
        let map = self.object.pointer("/metadata/annotations").and_then(Value::as_object);
        let told = map.into_iter().flatten().filter(|(key, _)| *key != "kubectl.kubernetes.io/last-applied-configuration");
        let one = |(key, value): (&String, &Value)| match plain(value) {
            long if long.len() > 100 => format!("{key} ({} bytes)", long.len()),
            short => format!("{key}={short}"),
        };
        told.map(one).collect::<Vec<_>>().join(", ")
    }

    fn conditions(&self) -> Option<Block> {
        let conditions = list(self.object, "/status/conditions");
        let row = |c: &Value| {
            let field = |name: &str| text(c, name).to_string();
            vec![field("/type"), field("/status"), field("/reason"), since(text(c, "/lastTransitionTime"), self.now), field("/message")]
        };
        table("Conditions", &["Type", "Status", "Reason", "Since", "Message"], conditions.iter().map(row).collect())
    }

    /// The listed relatives of a kind; a block that says why where they could not be read.
    pub fn listed(&self, kind: &'static str) -> Result<&'a [Value], Block> {
        let kind = Kind::built_in(kind);
        match self.related.iter().find(|(k, seen)| *k == kind && seen.known().is_none_or(|v| v["items"].is_array())) {
            Some((_, Lookup::Known(value))) => Ok(items(value)),
            Some((_, Lookup::Missing)) | None => Ok(&[]),
            Some((_, Lookup::NotChecked(why))) => Err(fields("", vec![("Not read", format!("{}: {why}", kind.plural()))])),
        }
    }
}

/// The table of events, newest last.
pub(in crate::ops) fn events(answer: Option<&Lookup<Value>>, now: Timestamp) -> Option<Block> {
    match answer? {
        Lookup::Known(value) => {
            let mut events: Vec<&Value> = items(value).iter().collect();
            newest_last(&mut events);
            let row = |e: &&Value| {
                let source = [text(e, "/source/component"), text(e, "/reportingComponent")].into_iter().find(|s| !s.is_empty());
                let field = |name: &str| text(e, name).trim().to_string();
                vec![interval(e, now), field("/type"), field("/reason"), source.unwrap_or_default().to_string(), field("/message")]
            };
            table("Events", &["Last Seen", "Type", "Reason", "From", "Message"], events.iter().map(row).collect())
        }
        Lookup::Missing => None,
        Lookup::NotChecked(why) => Some(fields("Events", vec![("Not read", why.clone())])),
    }
}

#[cfg(test)]
mod tests;

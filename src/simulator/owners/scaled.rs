//! Who owns the number of replicas, seen through the scale subresource and back. Source: `apimachinery/pkg/util/managedfields/scalehandler.go`.
use super::{Application, Kind, Manager, Operation, Owners, Share, Writer, put};
use crate::simulator::{
    cluster::Cluster,
    json::{list, set},
    refusal::Refusal,
};
use crate::terms::{
    fields::{Element, FieldSet},
    schema::Table,
    typed::Type,
};
use serde_json::Value;

/// The managers of an object, while its scale is written.
pub(in crate::simulator) struct ScaleOwners {
    parent: Owners,
    version: String,
}

const VERSION: &str = "autoscaling/v1";

fn replicas() -> [Element; 2] {
    ["spec", "replicas"].map(Element::field)
}

impl ScaleOwners {
    /// Takes the managers of `parent`, and gives its scale those that have the replicas.
    pub(in crate::simulator) fn lend(parent: &Value, version: &str, scale: &mut Value) -> Self {
        let parent = Owners::of(parent);
        let having = parent.0.iter().filter(|(_, share)| share.version == version && share.fields().has(&replicas()));
        let lent = having.map(|(manager, share)| {
            let fields = FieldSet::of_fields(&[&["spec", "replicas"]]);
            (as_of(manager, VERSION), Share::new(fields, VERSION, share.time.clone()))
        });
        put(scale, Owners(lent.collect()));
        ScaleOwners { parent, version: version.to_owned() }
    }

    /// Notes a new scale, or applies one. The answer is the new scale.
    ///
    /// # Errors
    /// Those of an apply.
    pub(in crate::simulator) fn write(
        &self,
        cluster: &Cluster,
        old: &Value,
        new: Value,
        by: &Writer,
        apply: Option<bool>,
    ) -> Result<Value, Refusal> {
        let of = Table::kubernetes().kind("autoscaling", "v1", "Scale").map_or(Type::Deduced, Type::Of);
        let kind = Kind { of, version: VERSION.to_owned(), versions: vec![VERSION.to_owned()], reset: FieldSet::default() };
        match apply {
            Some(force) => kind.applied(Some(old), &Application { config: &new, writer: by, force }, &cluster.stamp()),
            None => {
                let mut new = new;
                kind.note(by, Some(old), &mut new, &cluster.stamp());
                Ok(new)
            }
        }
    }

    /// Gives the managers of a written scale back to the object. An update that had the replicas comes back as an entry of its own: the real one's does too.
    pub(in crate::simulator) fn back(mut self, scale: &Value, object: &mut Value) {
        let mut scaled = Owners::read(list(scale, "/metadata/managedFields").to_vec()).unwrap_or_default();
        self.parent.0.retain(|manager, share| {
            if share.version != self.version {
                return false;
            }
            if share.fields().has(&replicas()) && scaled.0.remove(manager).is_none() {
                share.set(share.fields().clone().difference(&FieldSet::of_fields(&[&["spec", "replicas"]])));
            }
            !share.is_empty()
        });
        let mut entries = self.parent.clone().write();
        let theirs = scaled.0.into_iter().filter(|(_, share)| share.fields().has(&replicas()));
        let theirs =
            theirs.map(|(manager, share)| (as_of(&manager, &self.version), Share { version: self.version.clone(), time: None, ..share }));
        entries.extend(Owners(theirs.collect()).write());
        let word = |entry: &Value, name: &str| entry.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        entries.sort_by_key(|entry| ["operation", "time", "manager", "apiVersion", "subresource"].map(|name| word(entry, name)));
        set(object, "/metadata/managedFields", entries);
    }
}

fn as_of(manager: &Manager, version: &str) -> Manager {
    let version = if manager.operation == Operation::Update { version } else { "" };
    Manager { version: version.to_owned(), ..manager.clone() }
}

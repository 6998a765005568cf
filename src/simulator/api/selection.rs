//! Which objects a list or watch is about: label and field selectors, and the fields each kind lets one select by.
use super::{Ask, Target};
use crate::simulator::{
    cluster::Cluster,
    refusal::Refusal,
    registry::Resource,
    store::{Key, Stored},
};
use crate::terms::selector::{FieldSelector, LabelSelector, NotASelector};

/// Fields that can be selected by, beside `metadata.name` and `metadata.namespace`. Source: each kind's `AddFieldLabelConversionsFor…` and `ToSelectableFields`.
const SELECTABLE: &[(&str, &str)] = &[
    (
        "pods",
        "spec.nodeName spec.restartPolicy spec.schedulerName spec.serviceAccountName spec.hostNetwork status.phase status.podIP status.podIPs status.nominatedNodeName",
    ),
    (
        "events",
        "involvedObject.kind involvedObject.namespace involvedObject.name involvedObject.uid involvedObject.apiVersion involvedObject.resourceVersion involvedObject.fieldPath reason reportingComponent source type",
    ),
    ("nodes", "spec.unschedulable"),
    ("namespaces", "status.phase"),
    ("secrets", "type"),
    ("services", "spec.clusterIP spec.type"),
    ("replicationcontrollers", "status.replicas"),
    ("jobs", "status.successful"),
    ("certificatesigningrequests", "spec.signerName"),
];

/// What a list or watch asks for.
#[derive(Debug)]
pub(super) struct Selection {
    labels: LabelSelector,
    fields: FieldSelector,
    name: Option<String>,
}

impl Selection {
    pub(super) fn of(cluster: &Cluster, ask: &Ask, target: &Target) -> Result<Self, Refusal> {
        let labels: LabelSelector = ask.query("labelSelector").unwrap_or_default().parse().map_err(bad)?;
        let fields: FieldSelector = ask.query("fieldSelector").unwrap_or_default().parse().map_err(bad)?;
        let resource = cluster.registry.get(target.kind);
        if let Some(why) = fields.terms().iter().find_map(|t| unselectable(resource, &t.field)) {
            return Err(Refusal::bad_request(why));
        }
        Ok(Selection { labels, fields, name: target.name.clone() })
    }

    pub(super) fn holds(&self, key: &Key, stored: &Stored) -> bool {
        if self.name.as_deref().is_some_and(|n| n != &*key.name) || !self.labels.matches(|k| stored.label(k)) {
            return false;
        }
        if self.fields.terms().is_empty() {
            return true;
        }
        // Name and namespace, the commonest, need no tree.
        let tree = std::cell::OnceCell::new();
        self.fields.matches(|field| {
            Some(match field {
                "metadata.name" | "name" => (*key.name).to_owned().into(),
                "metadata.namespace" => (*key.namespace).to_owned().into(),
                other => value_of(tree.get_or_init(|| stored.tree()), other).into(),
            })
        })
    }
}

fn bad(why: NotASelector) -> Refusal {
    Refusal::bad_request(why.0)
}

/// Why objects cannot be selected by a field, in the words of the kind's own conversion; None where they can.
fn unselectable(resource: &Resource, field: &str) -> Option<String> {
    let own = SELECTABLE.iter().find(|(plural, _)| *plural == resource.plural).map(|(_, f)| *f);
    match (field, own) {
        ("metadata.name", _) | ("metadata.namespace", None) => None,
        ("metadata.namespace", Some(_)) if resource.namespaced => None,
        (_, Some(known)) if known.split(' ').any(|known| known == field) => None,
        (_, None) if resource.selectable.iter().any(|known| known == field) => None,
        (_, None) if !resource.selectable.is_empty() => Some(format!("field label not supported: {field}")),
        (_, Some(_)) if resource.plural == "jobs" => Some(format!("field label {field:?} not supported for Job")),
        (_, Some(_)) => Some(format!("field label not supported: {field}")),
        (_, None) => Some(format!("{field:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")),
    }
}

fn value_of(object: &serde_json::Value, field: &str) -> String {
    let pointer = match field {
        "source" => "/source/component".to_owned(),
        "status.successful" => "/status/succeeded".to_owned(),
        "status.podIPs" => "/status/podIPs/0/ip".to_owned(),
        other => format!("/{}", other.replace('.', "/")),
    };
    let absent = if matches!(field, "spec.unschedulable" | "spec.hostNetwork") { "false" } else { "" };
    object.pointer(&pointer).and_then(crate::terms::path::scalar_text).unwrap_or_else(|| absent.to_owned())
}

//! The scale subresource: a number of replicas, the same for every kind that has one.
use super::{
    Answer, Ask, body, parse,
    patch::{PatchKind, patched},
};
use crate::simulator::{
    admit::Part,
    cluster::Cluster,
    json::{number, set, text},
    refusal::{Cause, Named, Refusal},
    store::Key,
};
use crate::terms::{schema::Table, selector::LabelSelector};
use serde_json::{Value, json};

pub(super) fn answer(cluster: &mut Cluster, ask: &Ask, verb: &str, key: &Key) -> Result<Answer, Refusal> {
    let mut object = cluster.fetch(key)?;
    let now = scale(&object);
    if verb == "get" {
        return Ok(Answer::Json(200, now));
    }
    let wanted = if verb == "update" {
        body(ask)?
    } else {
        let kind = PatchKind::of(ask, cluster.registry.get(key.kind))?;
        let patch = parse(&ask.body, if kind == PatchKind::Apply { "application/yaml" } else { "application/json" })?;
        patched(kind, &now, &patch, Table::kubernetes().kind("autoscaling", "v1", "Scale"))?
    };
    let replicas = number(&wanted, "/spec/replicas", 0);
    if replicas < 0 {
        let named = Named { group: "autoscaling", plural: "scales", kind: "Scale", name: &key.name };
        return Err(Refusal::invalid(&named, &[Cause::invalid("spec.replicas", &replicas.into(), "must be greater than or equal to 0")]));
    }
    set(&mut object, "/spec/replicas", replicas);
    for field in ["/metadata/resourceVersion", "/metadata/uid"] {
        if !text(&wanted, field).is_empty() {
            set(&mut object, field, text(&wanted, field));
        }
    }
    let object = cluster.update(key, object, Part::Main, ask.dry()?)?;
    Ok(Answer::Json(200, scale(&object)))
}

fn scale(object: &Value) -> Value {
    let mut metadata = json!({});
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        metadata[field] = object["metadata"][field].clone();
    }
    let selector = LabelSelector::from_json(&object["spec"]["selector"]).map(|s| s.to_string()).unwrap_or_default();
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
        "spec": {"replicas": number(object, "/spec/replicas", 0)},
        "status": {"replicas": number(object, "/status/replicas", 0), "selector": selector},
    })
}

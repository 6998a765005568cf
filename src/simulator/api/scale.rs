//! The scale subresource: a number of replicas, the same for every kind that has one.
use super::{
    Answer, Ask, body,
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
    let places = cluster.registry.get(key.kind).scale.clone();
    let now = scale(&object, &places);
    if verb == "get" {
        return Ok(Answer::Json(200, now));
    }
    let (wanted, options) = if verb == "update" {
        (body(ask)?, "UpdateOptions")
    } else {
        let kind = PatchKind::of(ask, cluster.registry.get(key.kind))?;
        if kind == PatchKind::Apply {
            return Err(Refusal::beyond_us("apply of a Scale"));
        }
        let shape = Table::kubernetes().kind("autoscaling", "v1", "Scale");
        (patched(kind, &now, &kind.read(ask)?, shape)?, "PatchOptions")
    };
    if !matches!(text(&wanted, "/metadata/name"), name if name.is_empty() || name == &*key.name) {
        let why = format!("the name of the object ({}) does not match the name on the URL ({})", text(&wanted, "/metadata/name"), key.name);
        return Err(Refusal::bad_request(why));
    }
    let replicas = number(&wanted, "/spec/replicas", 0);
    if replicas < 0 {
        let named = Named { group: "autoscaling", plural: "scales", kind: "Scale", name: &key.name };
        return Err(Refusal::invalid(&named, &[Cause::invalid("spec.replicas", &replicas.into(), "must be greater than or equal to 0")]));
    }
    set(&mut object, &places[0], replicas);
    for field in ["/metadata/resourceVersion", "/metadata/uid"] {
        if !text(&wanted, field).is_empty() {
            set(&mut object, field, text(&wanted, field));
        }
    }
    cluster.writer = Some(ask.writer(options, "scale")?);
    let object = cluster.update(key, object, Part::Main, ask.dry()?)?;
    Ok(Answer::Json(200, scale(&object, &places)))
}

fn scale(object: &Value, [wanted, there, selector]: &[String; 3]) -> Value {
    let mut metadata = json!({});
    for field in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        metadata[field] = object["metadata"][field].clone();
    }
    let selector = match object.pointer(selector).unwrap_or(&Value::Null) {
        Value::String(text) => text.clone(),
        other => LabelSelector::from_json(other).map(|s| s.to_string()).unwrap_or_default(),
    };
    // Zero replicas are not written.
    let replicas = number(object, wanted, 0);
    json!({
        "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
        "spec": if replicas == 0 { json!({}) } else { json!({"replicas": replicas}) },
        "status": {"replicas": number(object, there, 0), "selector": selector},
    })
}

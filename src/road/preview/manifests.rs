//! A change as manifests instead of calls: for objects that are kept in Git or by Helm, where a change of the cluster would be undone.
//!
//! What is made is written whole; what changes becomes a strategic merge patch, what ends one that deletes: as kustomize takes them
//! in `patches`. Source: <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/>.

use super::Send;
use crate::{
    ops::Action,
    terms::{
        diff::Change,
        path::{Path, Segment},
        schema::{Shape, Table},
    },
};
use serde_json::{Map, Value, json};

/// One file: its name, and the document in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// `deployment-web.shop.patch.yaml`: letters, digits, `.`, `-` and `_`.
    pub name: String,
    /// The document.
    pub document: Value,
}

/// What a call comes to as a manifest; `None` where it only reads.
///
/// # Errors
/// A sentence, where it cannot be said as one: an eviction, a Secret, something that is no object.
pub(super) fn of(send: &Send) -> Result<Option<Manifest>, String> {
    let call = &send.call;
    if !call.mutates() {
        return Ok(None);
    }
    let Some(target) = call.target() else { return Err("the name of what is made is not known before the server makes it up".into()) };
    let said = target.slashed();
    let kind = target.kind();
    if call.is_about("secrets", "") {
        return Err(format!("{said}: the values of a Secret are not written to files"));
    }
    let head = || {
        let mut metadata = json!({"name": target.name()});
        if let Some(namespace) = target.namespace() {
            metadata["namespace"] = json!(namespace);
        }
        json!({"apiVersion": kind.api_version(), "kind": kind.info().kind, "metadata": metadata})
    };
    let (document, suffix) = match (&call.action, &send.before) {
        (Action::Evict { .. } | Action::Talk, _) => return Err(format!("{} is no manifest", call.said())),
        (Action::Program(_) | Action::Carried(_), _) => {
            return Err(format!("{said} comes from a chart: change the chart, or the values it is given"));
        }
        _ if !["", "scale"].contains(&call.subresource()) => {
            return Err(format!("{} of {said} is no part of a manifest", call.subresource()));
        }
        (Action::Get | Action::List, _) => return Ok(None),
        (Action::Delete { .. }, _) => {
            let mut document = head();
            document["$patch"] = json!("delete");
            (document, ".patch")
        }
        (Action::Create(body) | Action::Patch(_, body) | Action::Replace(body), None) => {
            let mut document = head();
            json_patch::merge(&mut document, body);
            (document, "")
        }
        (Action::Create(_) | Action::Patch(..) | Action::Replace(_), Some(_)) => {
            let mut document = head();
            let shape = Table::kubernetes().object(&kind.api_version(), kind.info().kind);
            for change in &send.changes {
                put(&mut document, change, shape, send.after.as_ref().unwrap_or(&Value::Null));
            }
            (document, ".patch")
        }
    };
    let place = target.namespace().map_or_else(String::new, |ns| format!(".{ns}"));
    let name = format!("{}-{}{place}{suffix}.yaml", kind.word(), target.name());
    let name = name.chars().map(|c| if c.is_ascii_alphanumeric() || ".-".contains(c) { c } else { '_' }).collect();
    Ok(Some(Manifest { name, document }))
}

/// Puts one difference into a patch. A list without a key to merge by stands in it whole.
fn put(document: &mut Value, change: &Change, shape: Option<Shape<'static>>, after: &Value) {
    let mut at = document;
    let mut shape = shape;
    let mut key: Option<&str> = None;
    for (step, segment) in change.path.0.iter().enumerate() {
        let last = step + 1 == change.path.0.len();
        match segment {
            Segment::Field(name) => {
                let field = shape.and_then(|shape| shape.field(name));
                let whole = last || field.as_ref().is_some_and(|field| field.patch.replace);
                key = field.as_ref().and_then(|field| field.patch.merge_key.filter(|_| field.patch.merge));
                shape = field.map(|field| field.shape).or_else(|| shape.and_then(|shape| shape.step(name)));
                if !at.is_object() {
                    *at = json!({});
                }
                let Value::Object(map) = at else { return };
                at = map.entry(name.clone()).or_insert(Value::Null);
                if whole {
                    let here = Path(change.path.0[..=step].to_vec());
                    *at = here.get(after).cloned().unwrap_or(Value::Null);
                    return;
                }
            }
            Segment::Key { key: by, value } if key == Some(by.as_str()) => {
                shape = shape.and_then(Shape::element);
                let list = match at {
                    Value::Array(list) => list,
                    other => {
                        *other = json!([]);
                        let Value::Array(list) = other else { return };
                        list
                    }
                };
                let name = named(&Path(change.path.0[..=step].to_vec()), by, after).unwrap_or_else(|| json!(value));
                let there = list.iter().position(|item| item[by.as_str()] == name);
                let index = there.unwrap_or_else(|| {
                    list.push(Value::Object(Map::from_iter([(by.clone(), name)])));
                    list.len() - 1
                });
                let Some(item) = list.get_mut(index) else { return };
                if last {
                    match &change.after {
                        Some(whole) => *item = whole.clone(),
                        None => item["$patch"] = json!("delete"),
                    }
                }
                at = item;
            }
            Segment::Key { .. } | Segment::Index(_) => {
                let list = Path(change.path.0[..step].to_vec());
                *at = list.get(after).cloned().unwrap_or(Value::Null);
                return;
            }
        }
    }
}

/// The value of a key as the object has it: a port is a number.
fn named(element: &Path, key: &str, after: &Value) -> Option<Value> {
    element.get(after)?.get(key).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ops::{Call, Kind, PatchKind, Target},
        road::preview::{Basis, shown},
        terms::merge::strategic,
    };

    fn send(kind: &'static str, before: Option<Value>, after: Value, how: PatchKind) -> Send {
        let target = Target::new(Kind::built_in(kind), "web".parse().unwrap()).unwrap().in_namespace(Some("shop".parse().unwrap()));
        let call = Call::patch(&target, how, after.clone());
        let changes = shown(&call, before.as_ref().unwrap_or(&Value::Null), &after);
        Send { call, pin: None, before, after: Some(after), changes, basis: Basis::ServerDryRun, takes: Vec::new(), gone: Vec::new() }
    }

    #[test]
    fn a_patch_makes_of_the_old_what_the_new_is() {
        let old = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop", "labels": {"a": "1", "b": "2"}},
            "spec": {"replicas": 2, "template": {"spec": {
                "containers": [{"name": "x", "image": "x:1", "args": ["-v"], "ports": [{"containerPort": 80}]}, {"name": "y", "image": "y:1"}, {"name": "z"}],
                "tolerations": [{"key": "t"}]}}}});
        let mut new = old.clone();
        new["metadata"]["labels"] = json!({"a": "1", "c": "3"});
        new["spec"]["replicas"] = json!(3);
        let spec = &mut new["spec"]["template"]["spec"];
        spec["containers"] = json!([{"name": "x", "image": "x:2", "args": ["-v", "-w"], "ports": [{"containerPort": 81}, {"containerPort": 80}]}, {"name": "z", "image": "z:1"}]);
        spec["tolerations"] = json!([{"key": "t"}, {"key": "u"}]);
        let manifest = of(&send("deployments", Some(old.clone()), new.clone(), PatchKind::Json)).unwrap().unwrap();
        assert_eq!(manifest.name, "deployment-web.shop.patch.yaml");
        let mut patched = old;
        strategic(&mut patched, &manifest.document, Table::kubernetes().object("apps/v1", "Deployment").unwrap()).unwrap();
        assert_eq!(patched, new, "{:#}", manifest.document);
        assert!(!manifest.document.to_string().contains("\"a\":\"1\""), "only what differs: {}", manifest.document);
    }

    #[test]
    fn what_is_made_is_whole_and_what_ends_is_deleted() {
        let new = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web"}, "data": {"a": "b"}});
        let made = of(&send("configmaps", None, new, PatchKind::Apply { force: false })).unwrap().unwrap();
        assert_eq!(made.name, "configmap-web.shop.yaml");
        assert_eq!(made.document["data"], json!({"a": "b"}));
        assert_eq!(made.document["metadata"], json!({"name": "web", "namespace": "shop"}));
        let mut ends = send("configmaps", Some(json!({})), json!({}), PatchKind::Merge);
        ends.call = Call::delete(&ends.call.target().unwrap(), None);
        assert_eq!(of(&ends).unwrap().unwrap().document["$patch"], "delete");
        let secret = send("secrets", None, json!({"data": {"a": "Yg=="}}), PatchKind::Merge);
        assert!(of(&secret).unwrap_err().contains("not written"));
    }
}

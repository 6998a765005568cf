//! What was changed by hand since a release was made: helm sets that back where the manifest names it, whether the chart changes there or not.
//!
//! Source: `createPatch` in `pkg/kube/client.go` of Helm: for built-in kinds the patch is worked out between the old manifest, the new one
//! and the live object; for others the live object does not count.

use super::change;
use crate::ops::{Call, Lookup, Namespace, Target};
use crate::terms::{path::scalar_text, quantity::Quantity};
use serde_json::Value;
use std::collections::BTreeMap;

/// How many objects are looked at at most.
const MOST: usize = 200;

/// The objects as they are in the cluster, as far as they were looked at.
#[derive(Default)]
pub(super) struct Live<'a> {
    seen: BTreeMap<Target, &'a Lookup<Value>>,
    /// Objects beyond [`MOST`].
    beyond: usize,
}

fn targets(objects: &[Value], namespace: Option<&Namespace>) -> Vec<Target> {
    objects.iter().filter_map(|object| change::target_of(object, namespace)).filter(|target| target.kind().is_built_in()).collect()
}

/// The reads of a manifest's objects.
pub(super) fn looks(objects: &[Value], namespace: Option<&Namespace>) -> Vec<Call> {
    targets(objects, namespace).iter().take(MOST).map(Call::get).collect()
}

impl<'a> Live<'a> {
    /// What those reads gave.
    pub fn of(objects: &[Value], namespace: Option<&Namespace>, answers: &'a [Lookup<Value>]) -> Live<'a> {
        let targets = targets(objects, namespace);
        let beyond = targets.len().saturating_sub(answers.len());
        Live { seen: targets.into_iter().zip(answers).collect(), beyond }
    }

    /// An object of the old manifest with what stands in the cluster in its fields; `None` where it is not there any more.
    pub fn laid_over(&self, target: &Target, object: &Value) -> Option<Value> {
        match self.seen.get(target) {
            Some(Lookup::Missing) => None,
            // The values of a Secret are known to nobody here.
            Some(Lookup::Known(live)) if !target.kind().is("secrets", "") => Some(laid(object, live)),
            Some(Lookup::Known(_) | Lookup::NotChecked(_)) | None => Some(object.clone()),
        }
    }

    /// What could not be looked at, in words.
    pub fn unknown(&self) -> Vec<String> {
        let refused = self.seen.iter().filter(|(_, answer)| matches!(answer, Lookup::NotChecked(_))).map(|(target, _)| target.slashed());
        let mut unknown: Vec<String> = refused.collect();
        if self.beyond > 0 {
            unknown.push(format!("{} objects more", self.beyond));
        }
        unknown
    }
}

/// The fields that the manifest names, with the live values.
fn laid(manifest: &Value, live: &Value) -> Value {
    match (manifest, live) {
        (Value::Object(manifest), Value::Object(live)) => {
            let field = |(key, value): (&String, &Value)| {
                let kept = ["status", "apiVersion", "kind"].contains(&key.as_str()) || value.is_null();
                let laid = live.get(key).filter(|_| !kept).map_or_else(|| value.clone(), |live| laid(value, live));
                (key.clone(), laid)
            };
            Value::Object(manifest.iter().map(field).collect())
        }
        (Value::Array(manifest), Value::Array(live)) => {
            Value::Array(manifest.iter().enumerate().map(|(at, item)| element(at, item, manifest, live)).collect())
        }
        (manifest, live) if same(manifest, live) => manifest.clone(),
        // A map that is no map any more would be the server's own reading of it.
        (Value::Object(_) | Value::Array(_), _) | (_, Value::Object(_) | Value::Array(_)) => manifest.clone(),
        (_, live) => live.clone(),
    }
}

/// One element of a list: by its name where all have one, else by its place where as many are there.
fn element(at: usize, item: &Value, manifest: &[Value], live: &[Value]) -> Value {
    let named = manifest.iter().all(|item| item["name"].is_string());
    let twin =
        if named { live.iter().find(|live| live["name"] == item["name"]) } else { live.get(at).filter(|_| live.len() == manifest.len()) };
    twin.map_or_else(|| item.clone(), |live| laid(item, live))
}

/// Whether two scalars mean the same to the server.
fn same(manifest: &Value, live: &Value) -> bool {
    let (Some(a), Some(b)) = (scalar_text(manifest), scalar_text(live)) else { return manifest == live };
    a == b
        || a.trim_end() == b.trim_end()
        || matches!((a.parse::<Quantity>(), b.parse::<Quantity>()), (Ok(a), Ok(b)) if a.nanos() == b.nanos())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_was_changed_by_hand_stands_in_it_and_what_the_server_adds_does_not() {
        let manifest = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "creationTimestamp": null}, "spec": {"replicas": 1,
            "template": {"spec": {"containers": [{"name": "a", "image": "a:1", "ports": [{"containerPort": "80"}], "resources": {"limits": {"cpu": "1000m"}}}]}}}});
        let mut live = manifest.clone();
        live["metadata"]["uid"] = json!("u");
        live["metadata"]["creationTimestamp"] = json!("2026-01-01T00:00:00Z");
        live["spec"]["strategy"] = json!({"type": "RollingUpdate"});
        let containers = &mut live["spec"]["template"]["spec"]["containers"];
        containers[0]["ports"] = json!([{"containerPort": 80, "protocol": "TCP"}]);
        containers[0]["resources"] = json!({"limits": {"cpu": "1"}});
        containers.as_array_mut().unwrap().insert(0, json!({"name": "injected", "image": "x"}));
        assert_eq!(laid(&manifest, &live), manifest);
        live["spec"]["replicas"] = json!(5);
        live["spec"]["template"]["spec"]["containers"][1]["image"] = json!("a:2");
        let laid = laid(&manifest, &live);
        assert_eq!((&laid["spec"]["replicas"], &laid["spec"]["template"]["spec"]["containers"][0]["image"]), (&json!(5), &json!("a:2")));
    }
}

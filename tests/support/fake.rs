//! A handful of objects that answer needs and rehearsals as a server would, for tests of the pure rooms: no client, no clock.

use aiops::{
    facts::{DryRun, Facts, Need},
    ops::{Action, Call, Lookup, PatchKind, Pin, Target},
    terms::{merge, schema::Table},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The objects there are, by path.
#[derive(Debug, Clone, Default)]
pub struct Objects {
    by_path: BTreeMap<String, Value>,
}

impl Objects {
    /// Two Deployments and a pod in namespace `default`.
    pub fn small() -> Objects {
        let mut objects = Objects::default();
        for (name, replicas) in [("backend", 2), ("frontend", 2)] {
            objects.put(
                &format!("/apis/apps/v1/namespaces/default/deployments/{name}"),
                json!({
                    "apiVersion": "apps/v1", "kind": "Deployment",
                    "metadata": {"name": name, "namespace": "default", "uid": format!("uid-{name}"), "resourceVersion": "10", "labels": {"app": name}},
                    "spec": {"replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": {
                        "metadata": {"labels": {"app": name}},
                        "spec": {"containers": [{"name": name, "image": format!("{name}:v1"), "resources": {"requests": {"cpu": "250m", "memory": "256Mi"}}}]}}},
                    "status": {"replicas": replicas}
                }),
            );
        }
        objects.put(
            "/api/v1/namespaces/default/pods/web",
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "default", "uid": "uid-web", "resourceVersion": "11"},
                "spec": {"containers": [{"name": "web", "image": "nginx"}]}}),
        );
        objects
    }

    pub fn put(&mut self, path: &str, object: Value) {
        self.by_path.insert(path.to_string(), object);
    }

    fn look(&self, call: &Call) -> Lookup<Value> {
        match call.action {
            Action::Get if call.subresource().is_empty() => self.by_path.get(&call.path()).cloned().map_or(Lookup::Missing, Lookup::Known),
            Action::List => {
                let inside = format!("{}/", call.path());
                let items: Vec<&Value> = self.by_path.iter().filter(|(path, _)| path.starts_with(&inside)).map(|(_, v)| v).collect();
                Lookup::Known(json!({"items": items}))
            }
            _ => Lookup::NotChecked("not in this test".into()),
        }
    }

    /// Answers needs: every object it has, every right granted.
    pub fn gather(&self, needs: &[Need]) -> Facts {
        let mut facts = Facts::default();
        for need in needs {
            match need {
                Need::Look(call) => facts.add_look(call.clone(), self.look(call)),
                Need::Names(kind, ns) => facts.add_names(*kind, ns.clone(), Lookup::Known(self.names(*kind, ns.as_ref()))),
                Need::Access(review) => facts.add_access(review.clone(), Lookup::Known(true)),
                Need::File(file) => facts.add_file(file.clone(), Lookup::Missing),
                Need::Kinds => facts.add_kinds(Lookup::Known(())),
                Need::Contents(file) => facts.add_contents(file.clone(), Lookup::Missing),
                Need::Edit(_) => {}
            }
        }
        facts
    }

    fn names(&self, kind: aiops::ops::Kind, ns: Option<&aiops::ops::Namespace>) -> Vec<aiops::facts::Brief> {
        let inside = format!("{}/", Call::list(kind, ns).path());
        let here = self.by_path.iter().filter(|(path, _)| path.starts_with(&inside));
        here.map(|(_, object)| aiops::facts::Brief {
            name: aiops::ops::Name::new(object["metadata"]["name"].as_str().unwrap()).unwrap(),
            namespace: ns.cloned(),
            labels: serde_json::from_value(object["metadata"]["labels"].clone()).unwrap_or_default(),
            owner: None,
        })
        .collect()
    }

    /// Rehearses calls.
    pub fn dry_runs(&self, calls: &[Call]) -> Vec<DryRun> {
        calls.iter().map(|call| self.dry_run(call)).collect()
    }

    fn dry_run(&self, call: &Call) -> DryRun {
        let before = call.target().map_or(Lookup::Missing, |t: Target| self.look(&Call::get(&t)));
        let pin = before.known().and_then(Pin::of);
        let mut after = before.known().cloned();
        let mut part = None;
        match (&call.action, &mut after) {
            (Action::Create(body) | Action::Replace(body), _) => after = Some(body.clone()),
            (Action::Patch(PatchKind::Merge, body), Some(object)) => {
                if call.subresource() == "scale" {
                    part = Some(json!({"spec": {"replicas": object["spec"]["replicas"]}}));
                    let mut scaled = part.clone().unwrap();
                    merge::merge_patch(&mut scaled, body);
                    after = Some(scaled);
                } else {
                    merge::merge_patch(object, body);
                }
            }
            (Action::Patch(_, body), Some(object)) => {
                let kind = |object: &Value| Table::kubernetes().object(object["apiVersion"].as_str()?, object["kind"].as_str()?);
                let _ = kind(object).map(|shape| merge::strategic(object, body, shape));
            }
            (Action::Patch(_, body), None) => after = Some(body.clone()),
            (Action::Delete { .. } | Action::Evict { .. }, _) => after = None,
            (Action::Get | Action::List | Action::Talk | Action::Program(_) | Action::Carried(_), _) => {}
        }
        DryRun { before, pin, part, after: Ok(after), contested: None, warnings: Vec::new() }
    }
}

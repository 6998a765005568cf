//! `kubectl apply --server-side`: objects as a manifest has them.

use crate::ops::{
    Argv, Call, CannotDo, Delete, Flag, Images, Impact, Lookup, Misuse, Namespace, Op, PatchKind, Spec, Target, Verb, Wait, Way, manifest,
    restore, takeover::takeover, verb::refuse,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Applies the objects of manifests, server-side, as field manager `aiops`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Apply {
    /// files a person named; their contents are loaded before the plan is vetted
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// the objects
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Value>,
    /// namespace for objects that name none; an object that names another is refused
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// take fields other managers own
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force_conflicts: bool,
    /// The namespace one stands in, filled in by the plan; an object that names another keeps it.
    #[serde(skip)]
    pub here: Option<Namespace>,
}

impl Apply {
    /// The objects of those files, once they are loaded.
    pub fn of_files(files: Vec<String>) -> Apply {
        Apply { files, objects: Vec::new(), namespace: None, force_conflicts: false, here: None }
    }

    /// Those objects.
    pub fn of(objects: Vec<Value>) -> Apply {
        Apply { objects, ..Apply::of_files(Vec::new()) }
    }

    fn placed(&self) -> Result<Vec<(Target, Value)>, CannotDo> {
        let placed = manifest::placed(&self.files, &self.objects, self.namespace.as_ref(), self.here.as_ref())?;
        let named = placed.into_iter().map(|p| match p.target {
            Some(target) => Ok((target, p.body)),
            None => Err(CannotDo::new(
                format!("a {} without a name cannot be applied", p.kind.word()),
                "give it metadata.name, or create it (kubectl create -f)",
            )),
        });
        named.collect()
    }
}

impl Verb for Apply {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        self.here = Some(namespace.clone());
    }
    fn targets(&self) -> Vec<Target> {
        manifest::targets(&self.objects, self.namespace.as_ref(), self.here.as_ref())
    }
    fn title(&self) -> String {
        manifest::title("apply", &self.files, &self.targets())
    }
    fn files(&self) -> Vec<String> {
        self.files.clone()
    }
    fn load(&mut self, _file: &str, documents: Vec<Value>) {
        self.objects.extend(manifest::flatten(documents));
    }
    /// Who has set what in those that are there.
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        match self.placed() {
            Ok(placed) if seen.is_empty() => placed.iter().map(|(target, _)| Call::get(target)).collect(),
            Ok(_) | Err(_) => Vec::new(),
        }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let how = PatchKind::Apply { force: self.force_conflicts };
        let mut calls = Vec::new();
        for (at, (target, body)) in self.placed()?.into_iter().enumerate() {
            let live = seen.get(at).and_then(Lookup::known);
            calls.extend(live.and_then(|live| takeover(&target, live, &body)));
            calls.push(Call::patch(&target, how, body));
        }
        Ok(calls)
    }
    fn print(&self) -> Argv {
        let argv = manifest::print(Argv::of(Self::VERB).flag("server-side", "true"), &self.files);
        let argv = argv.switch("force-conflicts", self.force_conflicts);
        argv.namespace(manifest::said(&self.objects, self.namespace.as_ref(), self.here.as_ref()))
    }
    fn wait(&self) -> Wait {
        Wait::There(self.targets())
    }
    /// What was changed is patched back, what was made is deleted, last first.
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        let Ok(placed) = self.placed() else { return Way::None("which objects it touched is not known") };
        let mut ops: Vec<Op> = Vec::new();
        let mut made: Vec<Target> = Vec::new();
        let mut images = images.iter();
        let mut changed = Vec::new();
        for (target, _) in &placed {
            let Some(first) = images.next() else { break };
            // What was taken over has two: before the one, after the other.
            let taken = images.clone().next().filter(|next| first.before.is_some() && same(first.before, next.before));
            let last = if taken.is_some() { images.next() } else { None };
            changed.push((target, Images { before: first.before, after: last.unwrap_or(first).after }));
        }
        for (target, images) in changed.iter().rev() {
            if images.before.is_none() {
                made.push((*target).clone());
                continue;
            }
            match restore::patch_back(target, images) {
                Ok(op) => ops.extend(op),
                Err(why) => return Way::None(why),
            }
        }
        ops.extend(deletions(made));
        if ops.is_empty() { Way::None("it changed nothing") } else { Way::Back(ops) }
    }
}

/// Whether two images are of one object.
fn same(a: Option<&Value>, b: Option<&Value>) -> bool {
    let uid =
        |object: Option<&Value>| object.and_then(|object| object.pointer("/metadata/uid")).and_then(Value::as_str).map(str::to_string);
    uid(a).is_some() && uid(a) == uid(b)
}

/// One deletion per run of objects in the same namespace, in the order given.
pub(in crate::ops) fn deletions(made: Vec<Target>) -> Vec<Op> {
    let mut runs: Vec<Vec<Target>> = Vec::new();
    for target in made {
        match runs.last_mut().filter(|run| run.first().is_some_and(|first| first.namespace() == target.namespace())) {
            Some(run) => run.push(target),
            None => runs.push(vec![target]),
        }
    }
    runs.into_iter().map(|targets| Delete::of(targets).into()).collect()
}

impl Spec for Apply {
    const NAME: &'static str = "apply";
    const VERB: &'static [&'static str] = &["apply"];
    const ABOUT: &'static str = "Apply manifests (server-side apply).";
    const EXAMPLE: &'static str = "kubectl apply --server-side -f web.yaml";
    const BACK: &'static str = "patches back what changed, deletes what was made";
    const FLAGS: &'static [Flag] = &[
        Flag::value("filename").short('f'),
        Flag::switch("server-side"),
        Flag::switch("force-conflicts"),
        Flag::value("kustomize").short('k'),
        Flag::switch("recursive").short('R'),
        Flag::switch("prune"),
    ];
    const READS: bool = false;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(
            argv,
            &[
                ("kustomize", "build it first and name the file"),
                ("recursive", "name each file"),
                ("prune", "nothing is deleted but by name"),
            ],
        )?;
        Ok(Apply {
            namespace: argv.named_namespace()?,
            force_conflicts: argv.on("force-conflicts"),
            ..Apply::of_files(manifest::files(argv)?)
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::{Value, json};

    fn config(name: &str, namespace: Option<&str>) -> Value {
        let mut object = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"k": "v"}});
        if let Some(ns) = namespace {
            object["metadata"]["namespace"] = json!(ns);
        }
        object
    }
    fn apply(line: &str, documents: Vec<Value>) -> Op {
        let mut op = Op::from_line(line).unwrap();
        op.verb_mut().place(&Namespace::new("here").unwrap());
        op.verb_mut().load("x.yaml", documents);
        op
    }
    fn paths(op: &Op) -> Result<Vec<String>, CannotDo> {
        Ok(op.verb().calls(&[], Default::default())?.iter().map(Call::path).collect())
    }

    #[test]
    fn namespaces_as_kubectl_has_them() {
        let documents = || vec![config("a", None), config("b", Some("own"))];
        let op = apply("kubectl apply -f x.yaml", documents());
        assert_eq!(paths(&op).unwrap(), ["/api/v1/namespaces/here/configmaps/a", "/api/v1/namespaces/own/configmaps/b"]);
        assert_eq!(op.line(), "kubectl apply --server-side -f x.yaml -n here");
        let e = paths(&apply("kubectl apply -f x.yaml -n other", documents())).unwrap_err();
        assert!(e.sentence.contains("own") && e.sentence.contains("other"), "{e:?}");
        assert_eq!(apply("kubectl apply -f x.yaml", vec![config("b", Some("own"))]).line(), "kubectl apply --server-side -f x.yaml");
    }

    #[test]
    fn lists_are_flattened_and_namespaces_come_first() {
        let ns = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "n"}});
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [config("a", None), ns]});
        let op = apply("kubectl apply -f x.yaml", vec![list, Value::Null]);
        assert_eq!(paths(&op).unwrap(), ["/api/v1/namespaces/n", "/api/v1/namespaces/here/configmaps/a"]);
    }

    #[test]
    fn what_is_no_object_is_said() {
        for (document, word) in [
            (json!({"kind": "ConfigMap"}), "apiVersion"),
            (json!({"apiVersion": "v1"}), "kind"),
            (json!({"apiVersion": "v1", "kind": "ConfigMap"}), "metadata.name"),
            (json!({"apiVersion": "v9", "kind": "Thing", "metadata": {"name": "a"}}), "Thing"),
            (json!("text"), "apiVersion"),
        ] {
            let e = paths(&apply("kubectl apply -f x.yaml", vec![document])).unwrap_err();
            assert!(e.sentence.contains(word), "{e:?}");
        }
        assert!(paths(&apply("kubectl apply -f x.yaml", vec![])).unwrap_err().sentence.contains("x.yaml"));
        for line in ["kubectl apply -f -", "kubectl apply -f https://x/y.yaml", "kubectl apply -k dir", "kubectl apply"] {
            assert!(Op::from_line(line).is_err(), "{line}");
        }
    }

    #[test]
    fn the_way_back_patches_what_changed_and_deletes_what_was_made() {
        let op = apply("kubectl apply -f x.yaml", vec![config("a", None), config("b", None)]);
        let before = json!({"metadata": {"name": "a"}, "data": {"k": "old"}});
        let after = config("a", None);
        let images = [Images { before: Some(&before), after: Some(&after) }, Images { before: None, after: Some(&after) }];
        let Way::Back(ops) = op.verb().inverse(&images) else { panic!() };
        let Op::Patch(patch) = &ops[0] else { panic!("{ops:?}") };
        assert_eq!(patch.patch, json!([{"op": "replace", "path": "/data/k", "value": "old"}]));
        assert_eq!(ops[1].line(), "kubectl delete configmap/b -n here");
    }
}

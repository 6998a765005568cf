//! `kubectl apply --server-side`: objects as a manifest has them.

use crate::ops::{
    Argv, Call, CannotDo, Delete, Documents, Flag, Images, Impact, Kind, Lookup, Misuse, Namespace, Op, PatchKind, Spec, Target, Verb,
    Wait, Way,
    call::FIELD_MANAGER,
    look, manifest, restore,
    takeover::{LAST_APPLIED, takeover},
    verb::refuse,
};
use crate::terms::{
    selector::{LabelSelector, NotASelector},
    written::Written,
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
    /// only the objects of the manifests with these labels: app=web
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// delete what was applied before, has the selector's labels and is in the manifests no more
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub prune: bool,
    /// with prune: whatever its labels are
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// with prune: objects of these kinds, and of no others
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prune_allowlist: Vec<Kind>,
    /// take fields other managers own
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force_conflicts: bool,
    /// The namespace one stands in, filled in by the plan; an object that names another keeps it.
    #[serde(skip)]
    pub here: Option<Namespace>,
    /// What the objects were read from.
    #[serde(skip)]
    pub texts: Vec<Written>,
    /// The files whose objects are here already.
    #[serde(skip)]
    pub loaded: Vec<String>,
}

impl Apply {
    /// The objects of those files, once they are loaded.
    pub fn of_files(files: Vec<String>) -> Apply {
        Apply {
            files,
            objects: Vec::new(),
            namespace: None,
            selector: None,
            prune: false,
            all: false,
            prune_allowlist: Vec::new(),
            force_conflicts: false,
            here: None,
            texts: Vec::new(),
            loaded: Vec::new(),
        }
    }

    /// Those objects.
    pub fn of(objects: Vec<Value>) -> Apply {
        Apply { objects, ..Apply::of_files(Vec::new()) }
    }

    /// Which kinds are pruned, and where: as kubectl, in the namespaces of the manifests' objects. Of kinds without a namespace only those that are said.
    fn pruning(&self, placed: &[(Target, Value)]) -> Vec<(Kind, Option<Namespace>)> {
        let named = self.prune_allowlist.clone();
        let kinds = if named.is_empty() { PRUNED.iter().map(|word| Kind::built_in(word)).collect() } else { named };
        let mut places: Vec<Namespace> =
            placed.iter().filter_map(|(target, _)| target.namespace().cloned()).chain(self.namespace.clone()).collect();
        places.sort();
        places.dedup();
        let of = |kind: Kind| match kind.namespaced() {
            true => places.iter().map(|ns| (kind, Some(ns.clone()))).collect(),
            false => vec![(kind, None)],
        };
        kinds.into_iter().flat_map(of).collect()
    }

    fn placed(&self) -> Result<Vec<(Target, Value)>, CannotDo> {
        let mut placed = manifest::placed(&self.files, &self.objects, &self.texts, self.namespace.as_ref(), self.here.as_ref())?;
        if let Some(selector) = &self.selector {
            let wanted: LabelSelector =
                selector.parse().map_err(|e: NotASelector| CannotDo::new(format!("-l {selector:?}: {e}"), "for example -l app=web"))?;
            placed.retain(|p| wanted.matches_json(p.body.pointer("/metadata/labels").unwrap_or(&Value::Null)));
            if placed.is_empty() {
                return Err(CannotDo::new(format!("no object of the manifests has {selector}"), ""));
            }
        }
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
        self.files.iter().filter(|file| !self.loaded.contains(file)).cloned().collect()
    }
    fn load(&mut self, file: &str, documents: Documents) {
        self.loaded.push(file.to_string());
        self.objects.extend(manifest::flatten(documents.values));
        self.texts.extend(documents.texts);
    }
    fn texts(&self) -> &[Written] {
        &self.texts
    }
    /// With a pruning: what there is. Without: who has set what in those that are there.
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        match self.placed() {
            Ok(placed) if seen.is_empty() && self.prune => {
                let pruning = self.pruning(&placed);
                pruning
                    .into_iter()
                    .map(|(kind, ns)| Call::list(kind, ns.as_ref()).with("labelSelector", self.selector.clone().unwrap_or_default()))
                    .collect()
            }
            Ok(_) if self.prune => Vec::new(),
            Ok(placed) if seen.is_empty() => placed.iter().map(|(target, _)| Call::get(target)).collect(),
            Ok(_) | Err(_) => Vec::new(),
        }
    }
    /// With a pruning: the apply, and one deletion for each namespace of all that goes.
    fn expand(&self, seen: &[Lookup<Value>]) -> Result<Option<Vec<Op>>, CannotDo> {
        if !self.prune {
            return Ok(None);
        }
        let placed = self.placed()?;
        let mut gone = Vec::new();
        for (at, (kind, _)) in self.pruning(&placed).into_iter().enumerate() {
            for object in look::listed(seen, at, kind)?.iter().filter(|object| was_applied(object)) {
                gone.extend(look::target_of(kind, object).filter(|target| !placed.iter().any(|(kept, _)| kept == target)));
            }
        }
        gone.sort_by_key(|target| target.namespace().cloned());
        let apply = Apply { prune: false, all: false, prune_allowlist: Vec::new(), ..self.clone() };
        Ok(Some(std::iter::once(apply.into()).chain(deletions(gone)).collect()))
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if self.prune {
            return Err(CannotDo::new("it is not known yet what goes", ""));
        }
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
        let mut argv = argv.switch("force-conflicts", self.force_conflicts).switch("prune", self.prune).switch("all", self.all);
        for kind in &self.prune_allowlist {
            let info = kind.info();
            let group = if info.group.is_empty() { "core" } else { info.group };
            argv = argv.flag("prune-allowlist", format!("{group}/{}/{}", info.version, info.kind));
        }
        if let Some(selector) = &self.selector {
            argv = argv.flag("selector", selector);
        }
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

/// What is pruned where nothing is said. Source: `defaultNamespacedPruneResources` in `kubectl/pkg/util/prune/prune.go`, without Endpoints, which
/// controllers make.
const PRUNED: &[&str] = &[
    "configmaps",
    "persistentvolumeclaims",
    "pods",
    "replicationcontrollers",
    "secrets",
    "services",
    "jobs",
    "cronjobs",
    "ingresses",
    "daemonsets",
    "deployments",
    "replicasets",
    "statefulsets",
];

/// Whether an apply made an object: kubectl's client-side one, by its annotation, or ours, by our entry; and it is not ending already.
fn was_applied(object: &Value) -> bool {
    let annotated = object.pointer("/metadata/annotations").is_some_and(|annotations| annotations.get(LAST_APPLIED).is_some());
    let ours = |entry: &Value| entry["manager"] == FIELD_MANAGER && entry["operation"] == "Apply";
    let ending = object.pointer("/metadata/deletionTimestamp").is_some_and(Value::is_string);
    (annotated || look::list(object, "/metadata/managedFields").iter().any(ours)) && !ending
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
        Flag::switch("all"),
        Flag::value("selector").short('l'),
        Flag::value("prune-allowlist"),
        Flag::value("applyset"),
    ];
    const READS: bool = false;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, &[("applyset", "it is alpha in kubectl; --prune with a selector shows what goes")])?;
        let says = |text: String| Misuse::Says(format!("kubectl apply: {text}"));
        let (prune, all, selector) = (argv.on("prune"), argv.on("all"), argv.get("selector").filter(|s| !s.is_empty()));
        if let Some(selector) = selector {
            selector.parse::<LabelSelector>().map_err(|e| says(format!("-l {selector:?}: {e}")))?;
        }
        match (prune, all, selector) {
            (true, false, None) => return Err(says("--prune: of which? -l LABELS or --all is missing".into())),
            (true, true, Some(_)) => return Err(says("--all and a selector cannot stand together".into())),
            (_, _, _) => {}
        }
        let mut allowlist = Vec::new();
        for word in argv.all("prune-allowlist").flat_map(|words| words.split(',')) {
            let parts: Vec<&str> = word.split('/').collect();
            let [group, version, kind] = parts.as_slice() else {
                return Err(says(format!("--prune-allowlist={word}: group/version/Kind was expected, like core/v1/ConfigMap")));
            };
            let api_version = if *group == "core" || group.is_empty() { (*version).to_string() } else { format!("{group}/{version}") };
            let kind =
                Kind::of_object(&api_version, kind).ok_or_else(|| says(format!("--prune-allowlist={word}: no such kind is known here")))?;
            allowlist.push(kind);
        }
        if !prune && (all || !allowlist.is_empty()) {
            return Err(says("--all and --prune-allowlist are said with --prune".into()));
        }
        Ok(Apply {
            namespace: argv.named_namespace()?,
            force_conflicts: argv.on("force-conflicts"),
            selector: selector.map(str::to_string),
            prune,
            all,
            prune_allowlist: allowlist,
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
        op.verb_mut().load("x.yaml", documents.into());
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
        for line in [
            "kubectl apply",
            "kubectl apply -f x --prune",
            "kubectl apply -f x --prune --all -l a=b",
            "kubectl apply -f x --all",
            "kubectl apply -f x --prune --all --prune-allowlist=ConfigMap",
            "kubectl apply -f x -l 'a in ('",
            "kubectl apply -f ftp://x/y.yaml",
        ] {
            assert!(Op::from_line(line).is_err(), "{line}");
        }
    }

    #[test]
    fn what_was_applied_and_is_meant_no_more_goes_with_its_name_shown() {
        let op = apply("kubectl apply -f x.yaml --prune --all --prune-allowlist=core/v1/ConfigMap", vec![config("a", None)]);
        assert_eq!(op.line(), "kubectl apply --server-side -f x.yaml --prune --all --prune-allowlist=core/v1/ConfigMap -n here");
        assert_eq!(op.verb().looks(&[]).iter().map(Call::path).collect::<Vec<_>>(), ["/api/v1/namespaces/here/configmaps"]);
        let made = |name: &str, metadata: Value| {
            let mut object = config(name, Some("here"));
            object["metadata"].as_object_mut().unwrap().extend(metadata.as_object().unwrap().clone());
            object
        };
        let annotated = json!({"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}});
        let list = json!({"items": [
            made("a", annotated.clone()),
            made("old", annotated.clone()),
            made("mine", json!({"managedFields": [{"manager": "aiops", "operation": "Apply"}]})),
            made("others", json!({"managedFields": [{"manager": "helm", "operation": "Apply"}]})),
            made("ending", json!({"deletionTimestamp": "2026-01-01T00:00:00Z", "annotations": annotated["annotations"]})),
        ]});
        let ops = op.verb().expand(&[Lookup::Known(list)]).unwrap().unwrap();
        let lines: Vec<String> = ops.iter().map(Op::line).collect();
        assert_eq!(lines, ["kubectl apply --server-side -f x.yaml -n here", "kubectl delete configmap/old configmap/mine -n here"]);
        assert!(op.verb().expand(&[Lookup::NotChecked("forbidden".into())]).is_err());
    }

    #[test]
    fn a_selector_chooses_among_the_manifests() {
        let mut labelled = config("b", None);
        labelled["metadata"]["labels"] = json!({"app": "x"});
        let op = apply("kubectl apply -R -f dir/ -l app=x", vec![config("a", None), labelled]);
        assert_eq!(paths(&op).unwrap(), ["/api/v1/namespaces/here/configmaps/b"]);
        assert_eq!(op.line(), "kubectl apply --server-side -f dir --recursive --selector=app=x -n here");
        assert!(paths(&apply("kubectl apply -f x.yaml -l app=y", vec![config("a", None)])).unwrap_err().sentence.contains("app=y"));
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

//! `kubectl delete`: the end of objects, by name or by what tells which are meant.

use crate::ops::{
    Argv, Call, CannotDo, Cascade, Choice, Create, Documents, Flag, Images, Impact, Lookup, Misuse, Namespace, Op, Spec, Target, Verb,
    Wait, Way, look,
    pin::{SERVER_WRITTEN, without_noise},
    restore,
    verb::{objects_on, refuse},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Deletes objects.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delete {
    /// the objects
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    /// instead of names: all of a kind, those with a label, those in a file
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Choice>,
    /// seconds a pod has to end; left out: its own
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_period: Option<u32>,
    /// what becomes of what they own: background (goes after them), foreground (before them), orphan (stays)
    #[serde(default, skip_serializing_if = "is_background")]
    pub cascade: Cascade,
    /// leave out what is not there, instead of failing
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_not_found: bool,
}

fn is_background(cascade: &Cascade) -> bool {
    *cascade == Cascade::Background
}

impl Delete {
    /// Those objects.
    pub fn of(targets: Vec<Target>) -> Delete {
        Delete { targets, of: None, grace_period: None, cascade: Cascade::Background, ignore_not_found: false }
    }
}

impl Verb for Delete {
    fn impact(&self) -> Impact {
        Impact::Destroys
    }
    fn place(&mut self, namespace: &Namespace) {
        for target in &mut self.targets {
            target.place(namespace);
        }
        if let Some(of) = &mut self.of {
            of.place(namespace);
        }
    }
    fn targets(&self) -> Vec<Target> {
        self.targets.clone()
    }
    fn choice(&self) -> Option<&Choice> {
        self.of.as_ref()
    }
    fn title(&self) -> String {
        let names: Vec<String> = self.targets.iter().map(Target::slashed).chain(self.of.iter().map(Choice::said)).collect();
        let at_once = if self.grace_period == Some(0) { " at once, without letting it end" } else { "" };
        let cascade = match self.cascade {
            Cascade::Background => "",
            Cascade::Foreground => ", after what it owns",
            Cascade::Orphan => ", leaving what it owns",
        };
        format!("delete {}{at_once}{cascade}", names.join(", "))
    }
    fn files(&self) -> Vec<String> {
        self.of.iter().flat_map(|of| of.files.clone()).collect()
    }
    fn load(&mut self, file: &str, documents: Documents) {
        if let Some(of) = &mut self.of {
            of.load(file, documents);
        }
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        match &self.of {
            Some(of) => of.looks(seen),
            None if self.ignore_not_found && seen.is_empty() => self.targets.iter().map(Call::get).collect(),
            None => Vec::new(),
        }
    }
    /// One deletion of all that is meant for each namespace, so that each has a line and a question of its own.
    fn expand(&self, seen: &[Lookup<Value>]) -> Result<Option<Vec<Op>>, CannotDo> {
        let Some(of) = &self.of else {
            let there = |at: &usize| !matches!(seen.get(*at), Some(Lookup::Missing));
            let targets: Vec<Target> = (0..self.targets.len()).filter(there).map(|at| self.targets[at].clone()).collect();
            // With none of them there it stays as it is, and has nothing to do.
            let fewer = self.ignore_not_found && !seen.is_empty() && !targets.is_empty();
            return Ok(fewer.then(|| vec![Delete { targets, ignore_not_found: false, ..self.clone() }.into()]));
        };
        if !self.targets.is_empty() {
            return Err(CannotDo::new("names and a choice of objects cannot stand together", "say one of the two"));
        }
        let mut places: Vec<(Option<Namespace>, Vec<Target>)> = Vec::new();
        for target in of.found(seen)? {
            match places.iter_mut().find(|(place, _)| place.as_ref() == target.namespace()) {
                Some((_, targets)) => targets.push(target),
                None => places.push((target.namespace().cloned(), vec![target])),
            }
        }
        Ok(Some(places.into_iter().map(|(_, targets)| Delete { targets, of: None, ..self.clone() }.into()).collect()))
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if self.of.is_some() {
            return Err(CannotDo::new("it is not known yet which objects are meant", ""));
        }
        if self.targets.is_empty() {
            return Err(CannotDo::new("which object is to be deleted? none is named", ""));
        }
        let places = self.targets.iter().filter(|t| t.kind().namespaced()).map(Target::namespace);
        if places.clone().any(|ns| Some(ns) != places.clone().next()) {
            return Err(CannotDo::new("objects of several namespaces cannot be deleted in one step", "say one namespace after the other"));
        }
        let gone = |at: usize| self.ignore_not_found && matches!(seen.get(at), Some(Lookup::Missing));
        let there = self.targets.iter().enumerate().filter(|(at, _)| !gone(*at)).map(|(_, target)| target);
        Ok(there.map(|t| Call::delete(t, self.grace_period).cascading(self.cascade)).collect())
    }
    fn print(&self) -> Argv {
        let mut argv = self.targets.iter().fold(Argv::of(Self::VERB), |argv, t| argv.place(t.slashed()));
        if let Some(of) = &self.of {
            argv = of.print(argv);
        }
        if let Some(seconds) = self.grace_period {
            argv = argv.flag("grace-period", seconds).switch("force", seconds == 0);
        }
        if self.cascade != Cascade::Background {
            argv = argv.flag("cascade", self.cascade.word());
        }
        let argv = argv.switch("ignore-not-found", self.ignore_not_found);
        match &self.of {
            Some(of) => of.flags(argv, false),
            None => argv.namespace(self.targets.iter().find_map(Target::namespace)),
        }
    }
    fn wait(&self) -> Wait {
        Wait::Gone(self.targets.clone())
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        let mut objects = Vec::new();
        // Of a file's objects those that were not there have no image.
        let named = |before: &Value, target: &&Target| {
            before["metadata"]["name"] == target.name().as_str()
                && before["kind"].as_str().is_none_or(|kind| kind == target.kind().info().kind)
        };
        for (at, images) in images.iter().enumerate() {
            let Some(before) = images.before else { return Way::None("what was there before is not known") };
            let whose = if self.ignore_not_found { self.targets.iter().find(|t| named(before, t)) } else { self.targets.get(at) };
            let Some(target) = whose else { return Way::None("what was there before is not known") };
            if let Some(why) = lost_with(target, before) {
                return Way::None(why);
            }
            objects.push(made_again(target, before));
        }
        if objects.is_empty() || (objects.len() < self.targets.len() && !self.ignore_not_found) {
            return Way::None("what was there before is not known");
        }
        Way::Back(vec![Create::of(objects).into()])
    }
}

/// Why an object of that sort, made again from its image, would not be what it was.
fn lost_with(target: &Target, before: &Value) -> Option<&'static str> {
    let kind = target.kind();
    let sorts: &[(&str, &str, &'static str)] = &[
        ("secrets", "", restore::SECRET),
        ("namespaces", "", "what was in the namespace is gone with it"),
        ("nodes", "", "a node comes back when its kubelet registers it, not by being made again"),
        ("persistentvolumeclaims", "", "the claim can be made again, its data may be gone"),
        ("persistentvolumes", "", "the volume's data may be gone"),
        ("customresourcedefinitions", "apiextensions.k8s.io", "every object of that kind is gone with it"),
        ("jobs", "batch", "a job made again would run its work a second time"),
        ("certificatesigningrequests", "certificates.k8s.io", "its approval is gone with it"),
        ("events", "", "an event is a record of its moment"),
    ];
    let by_kind = sorts.iter().find(|(plural, group, _)| kind.is(plural, group)).map(|(.., why)| *why);
    by_kind.or_else(|| look::controller(before).map(|_| "its controller makes a new one by itself"))
}

/// The image without what the server writes and what ties it to its former life. A Service asks for its former address again.
fn made_again(target: &Target, before: &Value) -> Value {
    let mut object = without_noise(before);
    if let Some(map) = object.as_object_mut() {
        map.entry("apiVersion").or_insert_with(|| target.kind().api_version().into());
        map.entry("kind").or_insert_with(|| target.kind().info().kind.into());
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        for field in SERVER_WRITTEN {
            metadata.remove(*field);
        }
        let none_left = metadata.get_mut("finalizers").and_then(Value::as_array_mut).is_some_and(|finalizers| {
            finalizers.retain(|f| f != "foregroundDeletion" && f != "orphan");
            finalizers.is_empty()
        });
        if none_left {
            metadata.remove("finalizers");
        }
    }
    if target.kind().is("pods", "")
        && let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut)
    {
        // The scheduler finds it a node anew.
        spec.remove("nodeName");
    }
    object
}

impl Spec for Delete {
    const NAME: &'static str = "delete";
    const VERB: &'static [&'static str] = &["delete"];
    const ABOUT: &'static str = "Delete objects by name, by selector or as a file names them.";
    const EXAMPLE: &'static str = "kubectl delete configmap/settings";
    const BACK: &'static str = "makes the object again from its image; none for Secrets, data, pods of a controller";
    const FLAGS: &'static [Flag] = &[
        Flag::value("grace-period"),
        Flag::switch("force"),
        Flag::switch("now"),
        Flag::value("cascade"),
        Flag::switch("wait"),
        Flag::switch("all"),
        Flag::value("selector").short('l'),
        Flag::value("field-selector"),
        Flag::value("filename").short('f'),
        Flag::switch("recursive").short('R'),
        Flag::value("kustomize").short('k'),
        Flag::switch("ignore-not-found"),
        Flag::switch("interactive").short('i'),
        Flag::value("raw"),
    ];
    const READS: bool = false;

    /// `--grace-period=0` means 1 without `--force`, `--force` alone means 0, `--now` means 1: as in `kubectl/pkg/cmd/delete`.
    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, &[("raw", "objects only, no bare addresses")])?;
        let cascade = argv.parsed("cascade")?.unwrap_or_default();
        let chooses = ["selector", "field-selector", "filename", "kustomize"].iter().any(|flag| argv.get(flag).is_some()) || argv.on("all");
        let (of, rest) = match Choice::on_line(argv, false)? {
            Some((of, rest)) if chooses => (Some(of), rest),
            Some(_) | None => (None, Vec::new()),
        };
        let (targets, rest) = if of.is_some() { (Vec::new(), rest) } else { objects_on(argv)? };
        if let Some(extra) = rest.first() {
            return Err(Misuse::Says(format!("kubectl delete: {extra:?} was not expected")));
        }
        if of.is_none() && argv.on("all-namespaces") {
            return Err(Misuse::says("kubectl delete -A: say in which namespace, or choose by a selector"));
        }
        if of.is_none() && targets.is_empty() {
            return Err(Misuse::says("kubectl delete: which object? kind/name is missing"));
        }
        let grace: Option<i64> = argv.parsed("grace-period")?;
        let grace_period = match (grace, argv.on("force"), argv.on("now")) {
            (Some(_), _, true) => return Err(Misuse::says("kubectl delete: --now and --grace-period exclude each other")),
            (None, _, true) => Some(1),
            (Some(0) | None, true, false) => Some(0),
            (Some(0), false, false) => Some(1),
            (Some(..=-1) | None, _, false) => None,
            (Some(seconds), _, false) => Some(u32::try_from(seconds).map_err(|_| Misuse::says("--grace-period is too long"))?),
        };
        Ok(Delete { targets, of, grace_period, cascade, ignore_not_found: argv.on("ignore-not-found") })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::{Value, json};

    fn back(line: &str, before: Value) -> Way {
        Op::from_line(line).unwrap().verb().inverse(&[Images { before: Some(&before), after: None }])
    }

    #[test]
    fn what_is_not_there_may_be_left_out() {
        let op = Op::from_line("kubectl delete configmap a b --ignore-not-found -n x").unwrap();
        assert_eq!(op.line(), "kubectl delete configmap/a configmap/b --ignore-not-found -n x");
        let seen = [Lookup::Missing, Lookup::Known(json!({}))];
        assert_eq!(op.verb().looks(&[]).len(), 2);
        let rest = op.verb().expand(&seen).unwrap().unwrap();
        assert_eq!(rest[0].line(), "kubectl delete configmap/b -n x");
        let none = [Lookup::Missing, Lookup::Missing];
        assert_eq!(op.verb().expand(&none).unwrap(), None);
        assert_eq!(op.verb().calls(&none, Default::default()).unwrap(), Vec::new());
    }

    #[test]
    fn a_choice_becomes_names_before_anything_ends() {
        for (line, printed) in [
            ("pods -l app=x --now", "kubectl delete pods --grace-period=1 --selector=app=x -n dev"),
            ("jobs --all -A --cascade=foreground", "kubectl delete jobs --cascade=foreground --all -A"),
            ("pods --field-selector status.phase=Failed -n other", "kubectl delete pods --field-selector=status.phase=Failed -n other"),
            ("-f x.yaml", "kubectl delete -f x.yaml -n dev"),
        ] {
            let mut op = Op::from_line(&format!("kubectl delete {line}")).unwrap();
            op.verb_mut().place(&Namespace::new("dev").unwrap());
            assert_eq!(op.line(), printed);
            assert_eq!(Op::from_line(printed).unwrap(), op);
            assert!(op.verb().calls(&[], Default::default()).is_err());
        }
        let op = Op::from_line("kubectl delete pods -l app=x -A --cascade=orphan").unwrap();
        let pod = |name: &str, ns: &str| json!({"metadata": {"name": name, "namespace": ns}});
        let list = json!({"items": [pod("a", "dev"), pod("b", "prod"), pod("c", "dev")]});
        let ops = op.verb().expand(&[Lookup::Known(list)]).unwrap().unwrap();
        let lines: Vec<String> = ops.iter().map(Op::line).collect();
        assert_eq!(lines, ["kubectl delete pod/a pod/c --cascade=orphan -n dev", "kubectl delete pod/b --cascade=orphan -n prod"]);
        assert_eq!(ops[0].verb().calls(&[], Default::default()).unwrap()[0].body(None).unwrap()["propagationPolicy"], "Orphan");
        assert!(op.verb().expand(&[Lookup::Known(json!({"items": []}))]).unwrap_err().sentence.contains("app=x"));
    }

    #[test]
    fn names_and_the_time_they_have() {
        for refused in ["pod/a -l app=x", "pod/a --cascade=now", "pod/a -A", "pods", "-k dir -f x", "pods -l 'a in ('"] {
            assert!(Op::from_line(&format!("kubectl delete {refused}")).is_err(), "{refused}");
        }
        let op = Op::from_line("kubectl delete pod a b -n dev").unwrap();
        assert_eq!(op.verb().calls(&[], Default::default()).unwrap().len(), 2);
        assert_eq!(op.line(), "kubectl delete pod/a pod/b -n dev");
        assert_eq!(op.verb().wait().targets().len(), 2);
        for (flags, line) in [
            ("--force", "kubectl delete pod/a --grace-period=0 --force"),
            ("--grace-period=0", "kubectl delete pod/a --grace-period=1"),
            ("--now", "kubectl delete pod/a --grace-period=1"),
            ("--grace-period=-1", "kubectl delete pod/a"),
        ] {
            assert_eq!(Op::from_line(&format!("kubectl delete pod/a {flags}")).unwrap().line(), line);
        }
    }

    #[test]
    fn what_comes_back_is_the_object_without_its_former_life() {
        let service = json!({"metadata": {"name": "web", "namespace": "dev", "uid": "u", "resourceVersion": "7", "creationTimestamp": "t",
            "managedFields": [], "ownerReferences": [{"kind": "X"}]}, "spec": {"clusterIP": "10.0.0.9"}, "status": {}});
        let Way::Back(ops) = back("kubectl delete service/web -n dev", service) else { panic!() };
        let Op::Create(create) = &ops[0] else { panic!() };
        assert_eq!(
            create.objects,
            [
                json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "dev", "ownerReferences": [{"kind": "X"}]},
                    "spec": {"clusterIP": "10.0.0.9"}})
            ]
        );
    }

    #[test]
    fn what_cannot_come_back_says_why() {
        let owned = json!({"metadata": {"ownerReferences": [{"controller": true, "uid": "r", "kind": "ReplicaSet"}]}});
        for (line, before, word) in [
            ("kubectl delete secret/s", json!({}), "values"),
            ("kubectl delete namespace/n", json!({}), "gone with it"),
            ("kubectl delete pvc/data", json!({}), "data"),
            ("kubectl delete pod/web-1", owned, "controller"),
            ("kubectl delete job/j", json!({}), "second time"),
        ] {
            let Way::None(why) = back(line, before) else { panic!("{line}") };
            assert!(why.contains(word), "{line}: {why}");
        }
    }
}

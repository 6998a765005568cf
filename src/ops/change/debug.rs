//! `kubectl debug`: a container for looking around in a pod that runs, a copy of a pod, or a pod on a node.
//!
//! What is made of each: `kubectl/pkg/cmd/debug/debug.go`.

mod profile;

pub use profile::Profile;

use crate::ops::{
    Argv, BadName, Call, CannotDo, ContainerName, Delete, EnvPair, Flag, Image, Images, Impact, Kind, Lookup, Misuse, Name, Namespace,
    PatchKind, PullPolicy, Spec, Target, Verb, Way, look,
    one_pod::{self, named},
    verb::refuse,
};
use jiff::Timestamp;
use profile::Style;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Puts a container for looking around into a pod, makes a copy of a pod, or a pod on a node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Debug {
    /// a pod, or a node
    #[serde(flatten)]
    pub target: Target,
    /// where the pod for a node is made; left out: the current namespace
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_namespace: Option<Namespace>,
    /// the image of the new container
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// when the image is pulled
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<PullPolicy>,
    /// what the new container is called; in a copy, a container that is changed
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerName>,
    /// the container whose processes it sees
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_container: Option<ContainerName>,
    /// the program and its arguments
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub command: Vec<String>,
    /// they are arguments for the image's own program
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub arguments_only: bool,
    /// variables of its environment, each NAME=value
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvPair>,
    /// what it may do
    #[serde(default, skip_serializing_if = "Profile::is_general")]
    pub profile: Profile,
    /// make a copy of the pod under this name instead of going into it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_to: Option<Name>,
    /// of the copy: images of its containers, each NAME=image, * for all
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set_image: Vec<OtherImage>,
    /// of the copy: whether its containers see each other's processes; left out: they do
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share_processes: Option<bool>,
    /// of the copy: on the same node
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub same_node: bool,
    /// of the copy: the pod itself is deleted
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replace: bool,
    /// of the copy: what of the pod it keeps, of labels, annotations, liveness, readiness and startup
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<Kept>,
    /// of the copy: without the init containers
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drop_init_containers: bool,
    /// hand it what is typed or piped in; only a person can
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stdin: bool,
    /// give it a terminal; only a person can
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tty: bool,
    /// listen to it once it runs; left out: where it is handed input
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attach: Option<bool>,
}

/// What a copy can keep of its pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kept {
    /// labels: services find the copy too
    Labels,
    /// annotations
    Annotations,
    /// liveness probes
    Liveness,
    /// readiness probes
    Readiness,
    /// startup probes
    Startup,
}

impl Kept {
    const ALL: [(Kept, &'static str); 5] = [
        (Kept::Labels, "keep-labels"),
        (Kept::Annotations, "keep-annotations"),
        (Kept::Liveness, "keep-liveness"),
        (Kept::Readiness, "keep-readiness"),
        (Kept::Startup, "keep-startup"),
    ];
}

/// `NAME=image`: another image for a container of a copy; `*` means all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct OtherImage {
    /// `None`: all of them.
    container: Option<ContainerName>,
    image: Image,
}

impl std::str::FromStr for OtherImage {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let (container, image) = text.split_once('=').ok_or_else(|| BadName::new(text, "image", "NAME=image was expected"))?;
        let container = if container == "*" { None } else { Some(ContainerName::new(container)?) };
        Ok(OtherImage { container, image: Image::new(image)? })
    }
}
impl TryFrom<String> for OtherImage {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}
impl From<OtherImage> for String {
    fn from(other: OtherImage) -> String {
        format!("{}={}", other.container.as_ref().map_or("*", ContainerName::as_str), other.image)
    }
}

impl Debug {
    /// In the pod that runs, with nothing but an image.
    pub fn of(target: Target) -> Debug {
        Debug {
            target,
            pod_namespace: None,
            image: None,
            image_pull_policy: None,
            container: None,
            target_container: None,
            command: Vec::new(),
            arguments_only: false,
            env: Vec::new(),
            profile: Profile::General,
            copy_to: None,
            set_image: Vec::new(),
            share_processes: None,
            same_node: false,
            replace: false,
            keep: Vec::new(),
            drop_init_containers: false,
            stdin: false,
            tty: false,
            attach: None,
        }
    }

    fn of_node(&self) -> bool {
        self.target.kind().is("nodes", "")
    }

    fn attaches(&self) -> bool {
        self.attach.unwrap_or(self.stdin)
    }

    /// What is said of the new container; what is left out stays as it is in one that is changed.
    fn describe(&self, container: &mut Value) {
        if !self.command.is_empty() {
            if self.arguments_only {
                container["args"] = json!(self.command);
            } else {
                container["command"] = json!(self.command);
                if let Some(map) = container.as_object_mut() {
                    map.remove("args");
                }
            }
        }
        if !self.env.is_empty() {
            container["env"] = self.env.iter().map(EnvPair::field).collect();
        }
        if let Some(image) = &self.image {
            container["image"] = json!(image);
        }
        if let Some(policy) = self.image_pull_policy {
            container["imagePullPolicy"] = json!(policy.word());
        }
        for (field, on) in [("stdin", self.stdin), ("tty", self.tty)] {
            match (container.as_object_mut(), on) {
                (Some(map), false) => drop(map.remove(field)),
                (_, true) => container[field] = json!(true),
                (None, false) => {}
            }
        }
    }

    fn fresh(&self, name: &str) -> Value {
        let mut container = json!({"name": name, "terminationMessagePolicy": "File"});
        self.describe(&mut container);
        container
    }

    /// Its name: the one given, or one that nothing in the pod has.
    fn name_in(&self, pod: &Value, now: Timestamp) -> String {
        let taken = |name: &str| {
            let lists = ["containers", "initContainers", "ephemeralContainers"];
            lists.iter().any(|list| look::list(&pod["spec"], &format!("/{list}")).iter().any(|c| c["name"] == name))
        };
        match &self.container {
            Some(name) => name.to_string(),
            None => (0..).map(|n| format!("debugger-{}", letters(now, n))).find(|name| !taken(name)).unwrap_or_default(),
        }
    }

    /// The call that puts a container into the pod that runs.
    fn inside(&self, pod: &Value, now: Timestamp) -> Result<(Vec<Call>, String), CannotDo> {
        if self.image.is_none() {
            return Err(CannotDo::new("which image? --image is missing", "for example: kubectl debug POD -it --image=busybox"));
        }
        let name = self.name_in(pod, now);
        if let Some(target) = &self.target_container {
            one_pod::container(pod, Some(target))?;
        }
        let mut container = self.fresh(&name);
        if let Some(target) = &self.target_container {
            container["targetContainerName"] = json!(target);
        }
        let mut part = json!({"spec": {"ephemeralContainers": [container]}});
        self.profile.apply(&mut part, &name, Style::Inside, self);
        Ok((vec![Call::patch(&self.target, PatchKind::Strategic, part).on("ephemeralcontainers")], name))
    }

    /// The calls that make a copy.
    fn copied(&self, pod: &Value, to: &Name, now: Timestamp) -> Result<(Vec<Call>, Target, String), CannotDo> {
        let mut copy = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": to}, "spec": pod["spec"]});
        for field in ["labels", "annotations", "namespace"] {
            if let Some(value) = pod["metadata"].get(field) {
                copy["metadata"][field] = value.clone();
            }
        }
        let spec = &mut copy["spec"];
        if let Some(map) = spec.as_object_mut() {
            map.remove("ephemeralContainers");
            if !self.same_node {
                map.remove("nodeName");
            }
        }
        if let Some(share) = self.share_processes {
            spec["shareProcessNamespace"] = json!(share);
        }
        for container in spec["containers"].as_array_mut().into_iter().flatten() {
            let said = |named: bool| {
                let mut of = self.set_image.iter().filter(move |other| other.container.is_some() == named);
                of.rfind(|other| other.container.as_ref().is_none_or(|name| container["name"] == name.as_str()))
            };
            if let Some(other) = said(true).or_else(|| said(false)) {
                container["image"] = json!(other.image);
            }
        }
        let known = self.container.as_ref().filter(|name| {
            let lists = ["containers", "initContainers"];
            lists.iter().any(|list| look::list(&copy["spec"], &format!("/{list}")).iter().any(|c| c["name"] == name.as_str()))
        });
        let name = match known {
            Some(known) => {
                let known = known.to_string();
                if let Some(container) = profile::container(&mut copy, &known) {
                    self.describe(container);
                }
                known
            }
            None if self.image.is_some() => {
                let name = self.name_in(&copy, now);
                let fresh = self.fresh(&name);
                if let Some(list) = copy.pointer_mut("/spec/containers").and_then(Value::as_array_mut) {
                    list.push(fresh);
                }
                name
            }
            None if !self.set_image.is_empty() => String::new(),
            None => {
                let hint = "or --set-image, or --container with one that the pod has";
                return Err(CannotDo::new("which image has the new container? --image is missing", hint));
            }
        };
        if !name.is_empty() {
            self.profile.apply(&mut copy, &name, Style::Copy, self);
        }
        let target = Target::new(self.target.kind(), to.clone()).map_err(|e| CannotDo::new(e.to_string(), ""))?;
        let target = target.in_namespace(self.target.namespace().cloned());
        let mut calls = vec![Call::create(self.target.kind(), self.target.namespace(), copy)];
        if self.replace {
            calls.push(Call::delete(&self.target, Some(0)));
        }
        Ok((calls, target, name))
    }

    /// The call that makes a pod on the node.
    fn on_node(&self, now: Timestamp) -> Result<(Vec<Call>, Target, String), CannotDo> {
        if self.image.is_none() {
            return Err(CannotDo::new("which image? --image is missing", "for example: kubectl debug node/NODE -it --image=busybox"));
        }
        let name = self.container.as_ref().map_or("debugger", ContainerName::as_str);
        let pod_name = format!("node-debugger-{}-{}", self.target.name(), letters(now, 0));
        let pods = Kind::built_in("pods");
        let mut pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": pod_name, "namespace": self.pod_namespace, "labels": {"app.kubernetes.io/managed-by": "kubectl-debug"}},
            "spec": {"containers": [self.fresh(name)], "nodeName": self.target.name(), "restartPolicy": "Never", "tolerations": [{"operator": "Exists"}]},
        });
        self.profile.apply(&mut pod, name, Style::Node, self);
        let illegal = |e: BadName| CannotDo::new(e.to_string(), "");
        let target = Target::new(pods, Name::new(pod_name).map_err(illegal)?).map_err(illegal)?.in_namespace(self.pod_namespace.clone());
        Ok((vec![Call::create(pods, self.pod_namespace.as_ref(), pod)], target, name.to_string()))
    }
}

/// Five letters that follow from the time, of those that Kubernetes makes names of (`apimachinery/pkg/util/rand`).
fn letters(now: Timestamp, and: u32) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut rest = now.as_microsecond().unsigned_abs().wrapping_add(u64::from(and));
    let mut text = String::new();
    for _ in 0..5 {
        let at = usize::try_from(rest % LETTERS.len() as u64).unwrap_or_default();
        text.push(char::from(LETTERS[at]));
        rest /= LETTERS.len() as u64;
    }
    text
}

impl Verb for Debug {
    fn impact(&self) -> Impact {
        // What is done in it is not known; a pod that is replaced ends.
        if self.attaches() || self.replace { Impact::Disrupts } else { Impact::Changes }
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
        if self.of_node() {
            self.pod_namespace.get_or_insert_with(|| namespace.clone());
        }
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        let with = self.image.as_ref().map_or_else(String::new, |image| format!(" with {image}"));
        let how = if self.tty { ", on a terminal" } else { "" };
        match &self.copy_to {
            Some(name) => format!("debug a copy of {}, {name}{with}{how}", self.target.slashed()),
            None => format!("debug {}{with}{how}", self.target.slashed()),
        }
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    fn calls(&self, seen: &[Lookup<Value>], now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let object = look::object(seen, &self.target)?;
        let (mut calls, pod, container) = match &self.copy_to {
            _ if self.of_node() => self.on_node(now)?,
            Some(to) => self.copied(object, to, now)?,
            None => {
                let (calls, container) = self.inside(object, now)?;
                (calls, self.target.clone(), container)
            }
        };
        if self.attaches() && !container.is_empty() {
            let on = |switch: bool| if switch { "true" } else { "" };
            calls.push(Call::talk(&pod, "attach").with("container", container).with("stdin", on(self.stdin)).with("tty", on(self.tty)));
        }
        Ok(calls)
    }
    fn print(&self) -> Argv {
        let place = if self.of_node() { self.target.slashed() } else { one_pod::word(&self.target) };
        let mut argv = Argv::of(Self::VERB).place(place);
        let given = [
            ("image", self.image.as_ref().map(ToString::to_string)),
            ("image-pull-policy", self.image_pull_policy.map(|policy| policy.word().to_string())),
            ("container", self.container.as_ref().map(ToString::to_string)),
            ("target", self.target_container.as_ref().map(ToString::to_string)),
            ("copy-to", self.copy_to.as_ref().map(ToString::to_string)),
            ("share-processes", self.share_processes.map(|on| on.to_string())),
            ("attach", self.attach.map(|on| on.to_string())),
            ("profile", (!self.profile.is_general()).then(|| self.profile.word().to_string())),
        ];
        for (flag, value) in given {
            if let Some(value) = value {
                argv = argv.flag(flag, value);
            }
        }
        argv = self.env.iter().fold(argv, |argv, pair| argv.flag("env", pair));
        argv = self.set_image.iter().fold(argv, |argv, other| argv.flag("set-image", String::from(other.clone())));
        for (kept, flag) in Kept::ALL {
            argv = argv.switch(flag, self.keep.contains(&kept));
        }
        if self.drop_init_containers {
            argv = argv.flag("keep-init-containers", "false");
        }
        argv = argv.switch("same-node", self.same_node).switch("replace", self.replace).switch("arguments-only", self.arguments_only);
        argv = argv.switch("stdin", self.stdin).switch("tty", self.tty);
        argv = argv.namespace(self.target.namespace().or(self.pod_namespace.as_ref()));
        argv.tail = self.command.clone();
        argv
    }
    fn interactive(&self) -> bool {
        self.stdin || self.tty
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        if self.replace {
            return Way::None("the pod that was replaced is gone");
        }
        if self.copy_to.is_none() && !self.of_node() {
            return Way::None("an ephemeral container cannot be taken out of its pod again; it ends with the pod");
        }
        let made = images.first().and_then(|images| images.after).and_then(|pod| look::target_of(Kind::built_in("pods"), pod));
        match made {
            Some(pod) => Way::Back(vec![Delete::of(vec![pod]).into()]),
            None => Way::None("what was made is not known"),
        }
    }
}

impl Spec for Debug {
    const NAME: &'static str = "debug";
    const VERB: &'static [&'static str] = &["debug"];
    const ABOUT: &'static str = "Look around in a pod with a container of your own, in a copy of it, or on a node.";
    const EXAMPLE: &'static str = "kubectl debug web-1 --image=busybox --target=app -- ps";
    const BACK: &'static str = "deletes the copy or the node's pod; none for a container in a pod that runs: it ends with the pod";
    const FLAGS: &'static [Flag] = &[
        Flag::value("image"),
        Flag::value("image-pull-policy"),
        Flag::value("container").short('c'),
        Flag::value("target"),
        Flag::value("copy-to"),
        Flag::value("set-image"),
        Flag::switch("share-processes"),
        Flag::switch("same-node"),
        Flag::switch("replace"),
        Flag::switch("keep-labels"),
        Flag::switch("keep-annotations"),
        Flag::switch("keep-liveness"),
        Flag::switch("keep-readiness"),
        Flag::switch("keep-startup"),
        Flag::switch("keep-init-containers"),
        Flag::switch("arguments-only"),
        Flag::switch("attach"),
        Flag::value("env"),
        Flag::value("profile"),
        Flag::switch("stdin").short('i'),
        Flag::switch("tty").short('t'),
        Flag::switch("quiet").short('q'),
        Flag::value("custom"),
        Flag::value("filename").short('f'),
    ];
    const READS: bool = false;
    const PERSONAL: bool = true;

    /// What excludes what: `DebugOptions.Validate` in `kubectl/pkg/cmd/debug/debug.go`.
    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(
            argv,
            &[
                ("custom", "a profile says what it may do, and is judged as such; or apply a manifest of your own"),
                ("filename", "name the pod"),
            ],
        )?;
        let says = |text: &str| Misuse::Says(format!("kubectl debug: {text}"));
        let Some((word, more)) = argv.places.split_first() else { return Err(says("which pod or node? its name is missing")) };
        if let Some(extra) = more.first() {
            return Err(says(&format!("{extra:?} was not expected; the command stands behind --")));
        }
        let namespace = argv.named_namespace()?;
        let target = named(word, namespace.clone())?;
        let node = target.kind().is("nodes", "");
        if !node && !target.kind().is("pods", "") {
            return Err(says(&format!("{} is neither a pod nor a node", target.slashed())));
        }
        let given = |flag: &str| argv.get(flag).map(|_| argv.on(flag));
        let debug = Debug {
            pod_namespace: namespace.filter(|_| node),
            image: argv.parsed("image")?,
            image_pull_policy: argv.parsed("image-pull-policy")?,
            container: argv.parsed("container")?,
            target_container: argv.parsed("target")?,
            command: argv.tail.clone(),
            arguments_only: argv.on("arguments-only"),
            env: argv.all("env").map(|pair| pair.parse().map_err(|e: BadName| says(&format!("--env: {e}")))).collect::<Result<_, _>>()?,
            profile: argv.parsed("profile")?.unwrap_or_default(),
            copy_to: argv.parsed("copy-to")?,
            set_image: argv
                .all("set-image")
                .flat_map(|said| said.split(','))
                .map(|one| one.parse().map_err(|e: BadName| says(&format!("--set-image: {e}"))))
                .collect::<Result<_, _>>()?,
            share_processes: given("share-processes"),
            same_node: argv.on("same-node"),
            replace: argv.on("replace"),
            keep: Kept::ALL.iter().filter(|(_, flag)| argv.on(flag)).map(|(kept, _)| *kept).collect(),
            drop_init_containers: given("keep-init-containers") == Some(false),
            stdin: argv.on("stdin"),
            tty: argv.on("tty"),
            attach: given("attach"),
            ..Debug::of(target)
        };
        let of_a_copy = !debug.set_image.is_empty()
            || debug.share_processes.is_some()
            || debug.same_node
            || debug.replace
            || !debug.keep.is_empty()
            || debug.drop_init_containers;
        match &debug {
            d if d.copy_to.is_none() && of_a_copy => Err(says("that is said of a copy: --copy-to=NAME is missing")),
            d if d.copy_to.is_some() && node => Err(says("--copy-to is said of pods")),
            d if d.target_container.is_some() && (node || d.copy_to.is_some()) => Err(says("--target is said of a pod that runs")),
            d if d.copy_to.is_none() && d.image.is_none() => Err(says("which image? --image is missing")),
            d if d.tty && !d.stdin => Err(says("-t goes with -i")),
            d if d.arguments_only && d.command.is_empty() => Err(says("--arguments-only: arguments stand behind --")),
            _ => Ok(debug),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::{Value, json};

    fn calls(line: &str, object: Value) -> Vec<Call> {
        let mut op = Op::from_line(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        op.verb_mut().place(&Namespace::new("dev").unwrap());
        op.verb().calls(&[Lookup::Known(object)], "2026-01-01T00:00:00Z".parse().unwrap()).unwrap_or_else(|e| panic!("{line}: {e}"))
    }
    fn pod() -> Value {
        json!({"metadata": {"name": "web-1", "namespace": "dev", "labels": {"app": "web"}, "uid": "u"}, "status": {"phase": "Running"},
            "spec": {"nodeName": "n1", "initContainers": [{"name": "prep", "image": "p"}], "containers": [{"name": "app", "image": "web:1", "args": ["x"], "livenessProbe": {}}, {"name": "side", "image": "s"}], "ephemeralContainers": [{"name": "old"}]}})
    }

    #[test]
    fn a_container_is_put_into_a_pod_that_runs() {
        let all = calls("kubectl debug web-1 -it --image=busybox --target=app --env=A=b -- sh", pod());
        assert_eq!(all[0].path(), "/api/v1/namespaces/dev/pods/web-1/ephemeralcontainers");
        let body = all[0].body(None).unwrap();
        let container = &body["spec"]["ephemeralContainers"][0];
        let name = container["name"].as_str().unwrap();
        assert!(name.starts_with("debugger-") && name.len() == 14, "{name}");
        assert_eq!(
            container,
            &json!({"name": name, "image": "busybox", "command": ["sh"], "env": [{"name": "A", "value": "b"}], "stdin": true, "tty": true,
                "targetContainerName": "app", "terminationMessagePolicy": "File", "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}})
        );
        assert_eq!((all.len(), all[1].subresource()), (2, "attach"));
        assert_eq!(all[1].asked("container").collect::<Vec<_>>(), [name]);
        assert_eq!(calls("kubectl debug web-1 -i --attach=false --image=busybox", pod()).len(), 1);
        let op = Op::from_line("kubectl debug web-1 --image=x --target=nosuch").unwrap();
        assert!(op.verb().calls(&[Lookup::Known(pod())], Default::default()).unwrap_err().hint.contains("app, side"));
    }

    #[test]
    fn a_copy_has_what_is_said_and_no_more() {
        let all = calls("kubectl debug web-1 --copy-to=web-2 --set-image=*=busybox,side=s:2 --replace --same-node", pod());
        let body = all[0].body(None).unwrap();
        assert_eq!(body["spec"]["containers"][0]["image"], "busybox");
        assert_eq!(body["spec"]["containers"][1]["image"], "s:2");
        assert_eq!(body["spec"]["nodeName"], "n1");
        assert!(body["spec"].get("ephemeralContainers").is_none());
        assert_eq!((all[1].rbac_verb(), all[1].path().as_str()), ("delete", "/api/v1/namespaces/dev/pods/web-1"));
        let body = calls("kubectl debug web-1 -it --copy-to=web-2 --container=app -- sh", pod())[0].body(None).unwrap();
        let app = &body["spec"]["containers"][0];
        assert_eq!(
            app,
            &json!({"name": "app", "image": "web:1", "command": ["sh"], "stdin": true, "tty": true, "securityContext": {"capabilities": {"add": ["SYS_PTRACE"]}}})
        );
        assert_eq!(body["spec"]["shareProcessNamespace"], true);
        assert!(body["spec"].get("nodeName").is_none() && body["metadata"].get("labels").is_none());
        let kept = calls("kubectl debug web-1 --copy-to=web-2 --image=i --keep-labels --keep-liveness --share-processes=false", pod())[0]
            .body(None)
            .unwrap();
        assert_eq!(kept["metadata"]["labels"]["app"], "web");
        assert!(kept["spec"]["containers"][0].get("livenessProbe").is_some());
        assert_eq!((&kept["spec"]["shareProcessNamespace"], kept["spec"]["containers"].as_array().unwrap().len()), (&json!(false), 3));
    }

    #[test]
    fn a_node_gets_a_pod_in_its_own_namespaces() {
        let all = calls("kubectl debug node/n1 -it --image=busybox", json!({"metadata": {"name": "n1"}}));
        let body = all[0].body(None).unwrap();
        let spec = &body["spec"];
        assert_eq!(
            (&spec["nodeName"], &spec["hostPID"], &spec["hostNetwork"], &spec["hostIPC"]),
            (&json!("n1"), &json!(true), &json!(true), &json!(true))
        );
        assert_eq!(spec["volumes"][0]["hostPath"]["path"], "/");
        assert_eq!(spec["containers"][0]["volumeMounts"], json!([{"mountPath": "/host", "name": "host-root"}]));
        assert_eq!(all[0].namespace().unwrap().as_str(), "dev");
        assert!(all[1].path().starts_with("/api/v1/namespaces/dev/pods/node-debugger-n1-"));
        let plain = calls("kubectl debug node/n1 --image=busybox --profile=restricted", json!({}))[0].body(None).unwrap();
        assert!(plain["spec"].get("hostPID").is_none() && plain["spec"].get("volumes").is_none());
        assert_eq!(plain["spec"]["containers"][0]["securityContext"]["runAsNonRoot"], true);
    }

    #[test]
    fn what_does_not_go_together_is_said() {
        for bad in [
            "web-1",
            "web-1 -t --image=x",
            "web-1 --image=x --replace",
            "web-1 --image=x --set-image=a=b",
            "web-1 --image=x --copy-to=y --target=z",
            "node/n1 --image=x --copy-to=y",
            "node/n1",
            "deploy/web --image=x",
            "web-1 --image=x --custom=f.yaml",
            "web-1 --image=x --profile=god",
            "web-1 --image=x --arguments-only",
            "-f pod.yaml --image=x",
            "web-1 sh --image=x",
        ] {
            assert!(Op::from_line(&format!("kubectl debug {bad}")).is_err(), "{bad}");
        }
    }
}

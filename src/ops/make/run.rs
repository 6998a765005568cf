//! `kubectl run`: one pod, and with `--expose` a service for it; attached to once it runs, where that is asked for.
//!
//! Source: `kubectl/pkg/cmd/run/run.go`, `kubectl/pkg/generate/versioned/run.go`.

use super::{
    container::with_command,
    made::{Makes, needed, pairs, texts},
};
use crate::ops::{
    Argv, BadName, Call, CannotDo, DnsName, Flag, Image, Kind, LabelKey, LabelValue, Lookup, Misuse, Name, Namespace, Spec, Target,
    verb::refuse,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// When a container that ended is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PodRestart {
    /// whenever it ends
    Always,
    /// when it ended badly
    OnFailure,
    /// never
    Never,
}

impl PodRestart {
    fn word(self) -> &'static str {
        match self {
            PodRestart::Always => "Always",
            PodRestart::OnFailure => "OnFailure",
            PodRestart::Never => "Never",
        }
    }
}

impl FromStr for PodRestart {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "Always" | "" => Ok(PodRestart::Always),
            "OnFailure" => Ok(PodRestart::OnFailure),
            "Never" => Ok(PodRestart::Never),
            _ => Err("Always, OnFailure or Never was expected"),
        }
    }
}

/// When the node pulls the image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum PullPolicy {
    /// each time a container starts
    Always,
    /// when the node does not have it
    IfNotPresent,
    /// never: the node has to have it
    Never,
}

impl PullPolicy {
    /// As it stands on a line and in an object.
    pub(in crate::ops) fn word(self) -> &'static str {
        match self {
            PullPolicy::Always => "Always",
            PullPolicy::IfNotPresent => "IfNotPresent",
            PullPolicy::Never => "Never",
        }
    }
}

impl FromStr for PullPolicy {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "Always" => Ok(PullPolicy::Always),
            "IfNotPresent" => Ok(PullPolicy::IfNotPresent),
            "Never" => Ok(PullPolicy::Never),
            _ => Err("Always, IfNotPresent or Never was expected"),
        }
    }
}

/// `NAME=value`: a variable of the container's environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct EnvPair {
    name: String,
    value: String,
}

impl EnvPair {
    /// As it stands in a container.
    pub(in crate::ops) fn field(&self) -> Value {
        // As Go leaves an empty value out.
        if self.value.is_empty() { json!({"name": self.name}) } else { json!({"name": self.name, "value": self.value}) }
    }
}

impl FromStr for EnvPair {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let legal = |name: &str| {
            name.starts_with(|c: char| c.is_ascii_alphabetic() || "-._".contains(c))
                && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c))
                && name != "."
                && !name.starts_with("..")
        };
        match text.split_once('=') {
            Some((name, value)) if legal(name) => Ok(EnvPair { name: name.to_string(), value: value.to_string() }),
            // What stands behind '=' may be a password: it is not quoted.
            Some((name, _)) => {
                Err(BadName::new(name, "name of a variable", "letters, digits, '-', '_' and '.', not beginning with a digit"))
            }
            None => Err(BadName::new("", "variable", "NAME=value was expected")),
        }
    }
}
impl TryFrom<String> for EnvPair {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}
impl From<EnvPair> for String {
    fn from(pair: EnvPair) -> String {
        pair.to_string()
    }
}
impl fmt::Display for EnvPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.name, self.value)
    }
}

/// Makes a pod of one container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// its name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// the image to run
    pub image: Image,
    /// variables of its environment, each NAME=value
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<EnvPair>,
    /// the port it listens on
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// make a service for that port as well
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub expose: bool,
    /// labels; left out: run=name
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<LabelKey, LabelValue>,
    /// annotations
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<LabelKey, String>,
    /// when its container is started again; left out: Always
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<PodRestart>,
    /// when the image is pulled; left out: as the server has it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_pull_policy: Option<PullPolicy>,
    /// with all rights on the node
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub privileged: bool,
    /// arguments for the image's own command; with command, the command itself
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// whether the arguments stand instead of the image's own command
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub command: bool,
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

impl Run {
    fn attaches(&self) -> bool {
        self.attach.unwrap_or(self.stdin)
    }

    fn labelled(&self) -> Value {
        if self.labels.is_empty() { json!({"run": self.name}) } else { texts(&self.labels) }
    }

    fn pod(&self) -> Value {
        let mut container = json!({"name": self.name, "image": self.image});
        if !self.args.is_empty() {
            container[if self.command { "command" } else { "args" }] = json!(self.args);
        }
        if !self.env.is_empty() {
            container["env"] = self.env.iter().map(EnvPair::field).collect();
        }
        if let Some(policy) = self.image_pull_policy {
            container["imagePullPolicy"] = json!(policy.word());
        }
        if let Some(port) = self.port {
            container["ports"] = json!([{"containerPort": port}]);
        }
        if self.privileged {
            container["securityContext"] = json!({"privileged": true});
        }
        if self.stdin {
            // Its input ends with the first who attaches.
            (container["stdin"], container["stdinOnce"]) = (json!(true), json!(true));
        }
        if self.tty {
            container["tty"] = json!(true);
        }
        let mut metadata = json!({"labels": self.labelled()});
        if !self.annotations.is_empty() {
            metadata["annotations"] = texts(&self.annotations);
        }
        let restart = self.restart.unwrap_or(PodRestart::Always).word();
        json!({"metadata": metadata, "spec": {"containers": [container], "dnsPolicy": "ClusterFirst", "restartPolicy": restart}})
    }

    fn service(&self, port: u16) -> Value {
        let ports = json!([{"port": port, "protocol": "TCP", "targetPort": port}]);
        let mut service = json!({"spec": {"ports": ports, "selector": self.labelled()}});
        if !self.labels.is_empty() {
            service["metadata"] = json!({"labels": self.labelled()});
        }
        service
    }
}

impl Makes for Run {
    fn made(&self) -> Vec<(Kind, String)> {
        let mut made = vec![(Kind::built_in("pods"), self.name.to_string())];
        if self.expose {
            made.push((Kind::built_in("services"), self.name.to_string()));
        }
        made
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    /// The executor waits until what was made runs, before it attaches.
    fn then(&self) -> Option<Call> {
        let pod = Target::new(Kind::built_in("pods"), Name::new(self.name.as_str()).ok()?).ok()?.in_namespace(self.namespace.clone());
        let on = |switch: bool| if switch { "true" } else { "" };
        let talk = Call::talk(&pod, "attach").with("container", self.name.as_str());
        self.attaches().then(|| talk.with("stdin", on(self.stdin)).with("tty", on(self.tty)))
    }
    fn sits(&self) -> bool {
        self.stdin || self.tty
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        if self.tty && !self.stdin {
            return Err(CannotDo::new("a terminal is given together with input", "say --stdin --tty"));
        }
        match (self.expose, self.port) {
            (false, _) => Ok(vec![self.pod()]),
            (true, Some(port)) => Ok(vec![self.pod(), self.service(port)]),
            (true, None) => Err(CannotDo::new("--port must be set when exposing a service", "say --port=PORT")),
        }
    }
    fn words(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(&self.name).flag("image", &self.image);
        argv = self.env.iter().fold(argv, |argv, pair| argv.flag("env", pair));
        if let Some(port) = self.port {
            argv = argv.flag("port", port);
        }
        argv = argv.switch("expose", self.expose);
        if !self.labels.is_empty() {
            let labels: Vec<_> = self.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            argv = argv.flag("labels", labels.join(","));
        }
        argv = self.annotations.iter().fold(argv, |argv, (key, value)| argv.flag("annotations", format!("{key}={value}")));
        if let Some(restart) = self.restart {
            argv = argv.flag("restart", restart.word());
        }
        if let Some(policy) = self.image_pull_policy {
            argv = argv.flag("image-pull-policy", policy.word());
        }
        let argv = argv.switch("privileged", self.privileged).switch("command", self.command);
        let mut argv = argv.switch("stdin", self.stdin).switch("tty", self.tty);
        if let Some(attach) = self.attach {
            argv = argv.flag("attach", attach);
        }
        with_command(argv, &self.args)
    }
}

impl Spec for Run {
    const NAME: &'static str = "run";
    const VERB: &'static [&'static str] = &["run"];
    const ABOUT: &'static str = "Run an image in one pod of its own, and listen to it or sit at it; only a person can have a terminal.";
    const EXAMPLE: &'static str = "kubectl run probe --image=busybox --restart=Never -- sleep 300";
    const BACK: &'static str = "deletes what was made";
    const FLAGS: &'static [Flag] = &[
        Flag::value("image"),
        Flag::value("env"),
        Flag::value("port"),
        Flag::switch("expose"),
        Flag::value("labels").short('l'),
        Flag::value("annotations"),
        Flag::value("restart"),
        Flag::value("image-pull-policy"),
        Flag::switch("privileged"),
        Flag::switch("command"),
        Flag::switch("quiet").short('q'),
        Flag::switch("stdin").short('i'),
        Flag::switch("tty").short('t'),
        Flag::switch("attach"),
        Flag::switch("rm"),
        Flag::switch("leave-stdin-open"),
        Flag::value("detach-keys"),
        Flag::value("pod-running-timeout"),
        Flag::value("overrides"),
        Flag::value("override-type"),
    ];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(
            argv,
            &[
                ("rm", "the pod stays until it is taken away: aiops undo does that"),
                ("leave-stdin-open", "its input ends with the first who attaches; a manifest can say otherwise (stdinOnce)"),
                ("detach-keys", "every key is the process's; ending aiops leaves it running"),
                ("pod-running-timeout", "it is waited for as long as for any change"),
                ("overrides", "write a manifest and name it with kubectl create -f"),
                ("override-type", "write a manifest and name it with kubectl create -f"),
            ],
        )?;
        let Some((name, more)) = argv.places.split_first() else { return Err(Misuse::says("kubectl run: which name? it is missing")) };
        let labels = argv.get("labels").into_iter().flat_map(|said| said.split(',')).map(str::to_string);
        let annotations = argv.all("annotations").map(str::to_string);
        let run = Run {
            name: DnsName::new(name.as_str())?,
            namespace: argv.named_namespace()?,
            image: needed(argv, "image")?,
            env: env(argv)?,
            port: argv.parsed("port")?,
            expose: argv.on("expose"),
            labels: pairs(argv, "labels", labels, |value| Ok(LabelValue::new(value)?))?,
            annotations: pairs(argv, "annotations", annotations, |value| Ok(value.to_string()))?,
            restart: argv.parsed("restart")?,
            image_pull_policy: argv.parsed("image-pull-policy")?,
            privileged: argv.on("privileged"),
            args: more.iter().chain(&argv.tail).cloned().collect(),
            command: argv.on("command"),
            stdin: argv.on("stdin"),
            tty: argv.on("tty"),
            attach: argv.parsed("attach")?,
        };
        run.bodies(&[]).map_err(|why| Misuse::Says(format!("kubectl run: {}", why.sentence)))?;
        Ok(run)
    }
}

fn env(argv: &Argv) -> Result<Vec<EnvPair>, Misuse> {
    argv.all("env").map(|pair| pair.parse::<EnvPair>().map_err(|e| Misuse::Says(format!("--env: {e}")))).collect()
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    fn calls(line: &str) -> Vec<Call> {
        let mut op = Op::from_line(line).unwrap_or_else(|e| panic!("{line}: {e}"));
        op.verb_mut().place(&Namespace::new("dev").unwrap());
        op.verb().calls(&[], Default::default()).unwrap()
    }

    #[test]
    fn who_sits_at_it_is_attached_to_what_was_made() {
        let all = calls("kubectl run box --image=busybox --restart=Never -it -- sh");
        assert_eq!(all.len(), 2);
        let container = &all[0].body(None).unwrap()["spec"]["containers"][0];
        assert_eq!(container, &json!({"name": "box", "image": "busybox", "args": ["sh"], "stdin": true, "stdinOnce": true, "tty": true}));
        assert_eq!((all[1].path().as_str(), &all[1].action), ("/api/v1/namespaces/dev/pods/box/attach", &Action::Talk));
        for (asked, wanted) in [("container", "box"), ("stdin", "true"), ("tty", "true")] {
            assert_eq!(all[1].asked(asked).collect::<Vec<_>>(), [wanted]);
        }
        // Only listened to, and made without being attached to.
        let all = calls("kubectl run box --image=busybox --attach");
        assert!(all[0].body(None).unwrap()["spec"]["containers"][0].get("stdin").is_none());
        assert_eq!(
            all[1].asked("stdin").collect::<Vec<_>>(),
            calls("kubectl run box --image=busybox --attach")[1].asked("tty").collect::<Vec<_>>()
        );
        assert_eq!(calls("kubectl run box --image=busybox -i --attach=false").len(), 1);
        assert_eq!(calls("kubectl run box --image=busybox").len(), 1);
    }

    #[test]
    fn its_line_is_what_was_said_and_only_a_person_sits_at_it() {
        let op = Op::from_line("kubectl run busybox --image=busybox -i -t --restart=Never").unwrap();
        assert_eq!(op.line(), "kubectl run busybox --image=busybox --restart=Never --stdin --tty");
        assert!(op.verb().interactive() && !Op::from_line("kubectl run a --image=b --attach").unwrap().verb().interactive());
        for refused in ["-t", "-it --rm", "-i --leave-stdin-open", "--attach=maybe"] {
            assert!(Op::from_line(&format!("kubectl run a --image=b {refused}")).is_err(), "{refused}");
        }
    }
}

//! `kubectl exec`: a command in a container. Its words are sent as they are; no shell is between, unless the command is one.
//!
//! Source: <https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/#pod-v1-core> (`PodExecOptions`).

use crate::ops::{Argv, Call, CannotDo, ContainerName, Flag, Impact, Lookup, Misuse, Namespace, Spec, Target, Verb, one_pod, verb::refuse};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Runs a command in a container of a pod, or of one pod of a workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exec {
    /// a pod, or a workload that has pods
    #[serde(flatten)]
    pub target: Target,
    /// container; left out: the only one, or the default one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerName>,
    /// the program and its arguments, one a word; no shell reads them
    pub command: Vec<String>,
    /// hand it what is typed or piped in; only a person can
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stdin: bool,
    /// give it a terminal; only a person can
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tty: bool,
}

impl Verb for Exec {
    fn impact(&self) -> Impact {
        Impact::Disrupts
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        let command: Vec<String> = self.command.iter().map(|word| format!("{word:?}")).collect();
        let container = self.container.as_ref().map_or_else(String::new, |c| format!(", container {c}"));
        let how = if self.tty { " on a terminal" } else { "" };
        format!("exec in {}{container}{how}: {}", self.target.slashed(), command.join(" "))
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        one_pod::looks(&self.target, seen)
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if self.command.is_empty() {
            return Err(CannotDo::new("which command is to be run?", "for example: kubectl exec POD -- date"));
        }
        let (pod, object) = one_pod::found(&self.target, seen)?;
        let container = one_pod::container(object, self.container.as_ref())?;
        let on = |switch: bool| if switch { "true" } else { "" };
        let call = Call::talk(&pod, "exec").with("container", container.as_str()).with("stdin", on(self.stdin)).with("tty", on(self.tty));
        // An empty word is a word too.
        Ok(vec![Call {
            query: call.query.iter().cloned().chain(self.command.iter().map(|w| ("command".into(), w.clone()))).collect(),
            ..call
        }])
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(one_pod::word(&self.target));
        if let Some(container) = &self.container {
            argv = argv.flag("container", container);
        }
        argv = argv.switch("stdin", self.stdin).switch("tty", self.tty).namespace(self.target.namespace());
        argv.tail = self.command.clone();
        argv
    }
    fn interactive(&self) -> bool {
        self.stdin || self.tty
    }
    fn inverse(&self, _images: &[crate::ops::Images<'_>]) -> crate::ops::Way {
        crate::ops::Way::None("what a command does inside a container is not known here")
    }
}

impl Spec for Exec {
    const NAME: &'static str = "exec";
    const VERB: &'static [&'static str] = &["exec"];
    const ABOUT: &'static str = "Run a command in a container.";
    const EXAMPLE: &'static str = "kubectl exec deployment/web -- date";
    const BACK: &'static str = "none: what a command does inside a container is not known here";
    const FLAGS: &'static [Flag] = &[
        Flag::value("container").short('c'),
        Flag::switch("stdin").short('i'),
        Flag::switch("tty").short('t'),
        Flag::switch("quiet").short('q'),
        Flag::value("filename").short('f'),
        Flag::value("pod-running-timeout"),
    ];
    const READS: bool = false;
    const PERSONAL: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(
            argv,
            &[("filename", "name the pod"), ("pod-running-timeout", "kubectl wait pod/NAME --for=condition=Ready comes before it")],
        )?;
        let mut places = argv.places.iter();
        let Some(pod) = places.next() else { return Err(Misuse::says("kubectl exec: in which pod? its name is missing")) };
        if let Some(extra) = places.next() {
            return Err(Misuse::Says(format!("kubectl exec: {extra:?} was not expected; the command stands behind --")));
        }
        if argv.tail.is_empty() {
            return Err(Misuse::says("kubectl exec: which command? it stands behind --"));
        }
        Ok(Exec {
            target: one_pod::named(pod, argv.named_namespace()?)?,
            container: argv.parsed("container")?,
            command: argv.tail.clone(),
            stdin: argv.on("stdin"),
            tty: argv.on("tty"),
        })
    }
}

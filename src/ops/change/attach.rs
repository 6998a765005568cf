//! `kubectl attach`: the process that runs in a container, listened to, or given a terminal.

use crate::ops::{Argv, Call, CannotDo, ContainerName, Flag, Impact, Lookup, Misuse, Namespace, Spec, Target, Verb, one_pod, verb::refuse};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Attaches to the process that runs in a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attach {
    /// a pod, or a workload that has pods
    #[serde(flatten)]
    pub target: Target,
    /// container; left out: the only one, or the default one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerName>,
    /// hand it what is typed or piped in; only a person can
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stdin: bool,
    /// with a terminal; only a person can
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub tty: bool,
}

impl Verb for Attach {
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
        let container = self.container.as_ref().map_or_else(String::new, |c| format!(", container {c}"));
        let how = if self.tty { " with a terminal" } else { "" };
        format!("attach to {}{container}{how}", self.target.slashed())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        one_pod::looks(&self.target, seen)
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let (pod, object) = one_pod::found(&self.target, seen)?;
        let container = one_pod::container(object, self.container.as_ref())?;
        let containers =
            ["containers", "ephemeralContainers"].into_iter().flat_map(|list| object["spec"][list].as_array().into_iter().flatten());
        let has = containers.filter(|c| c["name"] == container.as_str()).any(|c| c["tty"] == true);
        if self.tty && !has {
            let sentence = format!("container {container} of {} was made without a terminal", pod.slashed());
            return Err(CannotDo::new(sentence, "leave out -t, or run a shell in it: kubectl exec -it POD -- sh"));
        }
        let on = |switch: bool| if switch { "true" } else { "" };
        Ok(vec![Call::talk(&pod, "attach").with("container", container.as_str()).with("stdin", on(self.stdin)).with("tty", on(self.tty))])
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(one_pod::word(&self.target));
        if let Some(container) = &self.container {
            argv = argv.flag("container", container);
        }
        argv.switch("stdin", self.stdin).switch("tty", self.tty).namespace(self.target.namespace())
    }
    fn interactive(&self) -> bool {
        self.stdin || self.tty
    }
    fn inverse(&self, _images: &[crate::ops::Images<'_>]) -> crate::ops::Way {
        crate::ops::Way::None("what a process was told is not known here")
    }
}

impl Spec for Attach {
    const NAME: &'static str = "attach";
    const VERB: &'static [&'static str] = &["attach"];
    const ABOUT: &'static str = "Attach to the process that runs in a container.";
    const EXAMPLE: &'static str = "kubectl attach web-1 --container=app";
    const BACK: &'static str = "none: what a process was told is not known here";
    const FLAGS: &'static [Flag] = &[
        Flag::value("container").short('c'),
        Flag::switch("stdin").short('i'),
        Flag::switch("tty").short('t'),
        Flag::switch("quiet").short('q'),
        Flag::value("filename").short('f'),
        Flag::value("pod-running-timeout"),
        Flag::value("detach-keys"),
    ];
    const READS: bool = false;
    const PERSONAL: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(
            argv,
            &[
                ("filename", "name the pod"),
                ("pod-running-timeout", "kubectl wait pod/NAME --for=condition=Ready comes before it"),
                ("detach-keys", "every key is the process's; ending aiops leaves it running"),
            ],
        )?;
        let mut places = argv.places.iter();
        let Some(pod) = places.next() else { return Err(Misuse::says("kubectl attach: to which pod? its name is missing")) };
        if let Some(extra) = places.next().or(argv.tail.first()) {
            return Err(Misuse::Says(format!("kubectl attach: {extra:?} was not expected; kubectl exec runs commands")));
        }
        Ok(Attach {
            target: one_pod::named(pod, argv.named_namespace()?)?,
            container: argv.parsed("container")?,
            stdin: argv.on("stdin"),
            tty: argv.on("tty"),
        })
    }
}

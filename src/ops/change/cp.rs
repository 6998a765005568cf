//! `kubectl cp`: files and folders between this machine and a container, as a tar stream through `tar` in the container.
//!
//! How kubectl goes about it: `kubectl/pkg/cmd/cp/cp.go`.

use crate::ops::{
    Argv, Call, CannotDo, ContainerName, Copying, Flag, Images, Impact, Lookup, Misuse, Namespace, Spec, Target, Verb, Way, one_pod,
    verb::refuse,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Copies files and folders into a container, or out of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cp {
    /// the pod
    #[serde(flatten)]
    pub target: Target,
    /// container; left out: the only one, or the default one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerName>,
    /// file or folder in the container
    pub inside: String,
    /// file or folder on this machine
    pub here: String,
    /// out of the container instead of into it
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub out: bool,
    /// into the container: owners and modes are not kept
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_preserve: bool,
}

impl Cp {
    /// Folder and last part of a path in the container.
    fn parts(&self) -> (&str, &str) {
        let path = self.clean();
        match path.rsplit_once('/') {
            Some(("", name)) => ("/", name),
            Some((folder, name)) => (folder, name),
            None => (".", path),
        }
    }

    fn clean(&self) -> &str {
        let path = self.inside.trim_end_matches('/');
        if path.is_empty() { "/" } else { path }
    }
}

impl Verb for Cp {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        let container = self.container.as_ref().map_or_else(String::new, |c| format!(", container {c}"));
        let inside = format!("{:?} in {}{container}", self.inside, self.target.slashed());
        match self.out {
            true => format!("copy {inside} to {:?} here, over what is there", self.here),
            false => format!("copy {:?} to {inside}, over what is there", self.here),
        }
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        one_pod::looks(&self.target, seen)
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let (pod, object) = one_pod::found(&self.target, seen)?;
        let container = one_pod::container(object, self.container.as_ref())?;
        let run = |words: &[&str], input: bool| {
            let call = Call::talk(&pod, "exec").with("container", container.as_str()).with("stdin", if input { "true" } else { "" });
            Call { query: call.query.iter().cloned().chain(words.iter().map(|w| ("command".into(), (*w).to_string()))).collect(), ..call }
        };
        if self.out {
            return Ok(vec![run(&["tar", "cf", "-", self.clean()], false)]);
        }
        let (folder, name) = self.parts();
        if name.is_empty() {
            return Ok(vec![run(&["tar", "-xmf", "-", "-C", "/"], true)]);
        }
        let mut words = vec!["tar"];
        if self.no_preserve {
            words.extend(["--no-same-permissions", "--no-same-owner"]);
        }
        words.extend(["-xmf", "-", "-C", folder]);
        // A folder that is there already takes it in.
        Ok(vec![run(&["test", "-d", self.clean()], false), run(&words, true)])
    }
    fn copies(&self) -> Option<Copying> {
        let (_, name) = self.parts();
        Some(match self.out {
            true => Copying::Out { prefix: self.clean().trim_start_matches('/').to_string(), to: self.here.clone() },
            false => Copying::In { from: self.here.clone(), name: name.to_string() },
        })
    }
    fn print(&self) -> Argv {
        let inside = format!("{}:{}", self.target.name(), self.inside);
        let argv = match self.out {
            true => Argv::of(Self::VERB).place(inside).place(&self.here),
            false => Argv::of(Self::VERB).place(&self.here).place(inside),
        };
        let argv = match &self.container {
            Some(container) => argv.flag("container", container),
            None => argv,
        };
        argv.switch("no-preserve", self.no_preserve).namespace(self.target.namespace())
    }
    fn inverse(&self, _images: &[Images<'_>]) -> Way {
        Way::None("what was there before is not kept")
    }
}

/// `POD:PATH`, or `NAMESPACE/POD:PATH`; `None`: a path on this machine.
fn inside(word: &str) -> Option<(&str, &str)> {
    word.split_once(':').filter(|(pod, _)| !pod.is_empty() && !pod.starts_with(['.', '/']))
}

impl Spec for Cp {
    const NAME: &'static str = "cp";
    const VERB: &'static [&'static str] = &["cp"];
    const ABOUT: &'static str = "Copy files and folders into a container or out of one.";
    const EXAMPLE: &'static str = "kubectl cp web-1:/var/log/app ./logs";
    const BACK: &'static str = "none: what was there before is not kept";
    const FLAGS: &'static [Flag] = &[Flag::value("container").short('c'), Flag::switch("no-preserve"), Flag::value("retries")];
    const READS: bool = false;
    const PERSONAL: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let says = |text: &str| Misuse::Says(format!("kubectl cp: {text}"));
        refuse(argv, &[("retries", "what broke off is begun anew, by you")])?;
        let [from, to] = argv.places.as_slice() else { return Err(says("from where to where? for example: kubectl cp POD:/path ./here")) };
        let (word, here, out) = match (inside(from), inside(to)) {
            (Some(_), Some(_)) => return Err(says("one of the two has to be on this machine")),
            (None, None) => return Err(says("one of the two has to be in a pod: POD:/path")),
            (Some(pod), None) => (pod, to, true),
            (None, Some(pod)) => (pod, from, false),
        };
        let (pod, path) = word;
        let said = argv.named_namespace()?;
        let (namespace, pod) = match pod.split_once('/') {
            Some((namespace, pod)) => (Some(Namespace::new(namespace)?), pod),
            None => (said.clone(), pod),
        };
        if said.is_some() && said != namespace {
            return Err(says("two namespaces are named"));
        }
        if path.is_empty() || here.is_empty() {
            return Err(says("a path is missing"));
        }
        // It would be read as an option in the container.
        let path = if path.starts_with('-') { format!("./{path}") } else { path.to_string() };
        Ok(Cp {
            target: one_pod::named(pod, namespace)?,
            container: argv.parsed("container")?,
            inside: path,
            here: here.clone(),
            out,
            no_preserve: argv.on("no-preserve"),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn both_ways_as_kubectl_runs_tar() {
        let pod = json!({"metadata": {"name": "web-1"}, "status": {"phase": "Running"}, "spec": {"containers": [{"name": "app"}]}});
        for (line, commands, printed) in [
            ("kubectl cp ./x dev/web-1:/tmp/y/", vec!["test -d /tmp/y", "tar -xmf - -C /tmp"], "kubectl cp ./x web-1:/tmp/y/ -n dev"),
            (
                "kubectl cp x web-1:y --no-preserve -n dev",
                vec!["test -d y", "tar --no-same-permissions --no-same-owner -xmf - -C ."],
                "kubectl cp x web-1:y --no-preserve -n dev",
            ),
            ("kubectl cp x web-1:/ -n dev", vec!["tar -xmf - -C /"], "kubectl cp x web-1:/ -n dev"),
            ("kubectl cp web-1:/var/log . -c app -n dev", vec!["tar cf - /var/log"], "kubectl cp web-1:/var/log . --container=app -n dev"),
            ("kubectl cp web-1:-x . -n dev", vec!["tar cf - ./-x"], "kubectl cp web-1:./-x . -n dev"),
        ] {
            let op = Op::from_line(line).unwrap_or_else(|e| panic!("{line}: {e}"));
            let calls = op.verb().calls(&[Lookup::Known(pod.clone())], Default::default()).unwrap();
            let said: Vec<String> = calls.iter().map(|call| call.asked("command").collect::<Vec<_>>().join(" ")).collect();
            assert_eq!((said, op.line().as_str()), (commands.into_iter().map(String::from).collect(), printed));
        }
        for bad in ["", "a b", "a:b c:d", "a:b", "a: b", ":x y", "a:b c d", "dev/web:x y -n other", "web:x y --retries=3"] {
            assert!(Op::from_line(&format!("kubectl cp {bad}")).is_err(), "{bad}");
        }
    }
}

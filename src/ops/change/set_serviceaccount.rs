//! `kubectl set serviceaccount`: as whom a workload's pods speak to the API.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Lookup, Misuse, Name, Namespace, PatchKind, Spec, Target, Verb, Wait, Way, restore,
    template,
    verb::{split_behind, workload_place},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Sets the service account of a pod template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetServiceAccount {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
    /// the service account, in the same namespace
    pub service_account: Name,
}

impl Verb for SetServiceAccount {
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
        format!("set the service account of {} to {}", self.target.slashed(), self.service_account)
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let path = template::path(self.target.kind()).ok_or_else(|| {
            CannotDo::new(format!("{} has no pod template, so it has no service account", self.target.slashed()), "name a workload")
        })?;
        let spec = json!({"serviceAccountName": self.service_account});
        Ok(vec![Call::patch(&self.target, PatchKind::Strategic, template::wrap(path, spec))])
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB)
            .place(self.target.kind().word())
            .place(self.target.name())
            .place(&self.service_account)
            .namespace(self.target.namespace())
    }
    fn wait(&self) -> Wait {
        template::settled(&self.target)
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        restore::way_back(&self.target, images)
    }
}

impl Spec for SetServiceAccount {
    const NAME: &'static str = "set_service_account";
    const VERB: &'static [&'static str] = &["set", "serviceaccount"];
    const ABOUT: &'static str = "Set the service account of a workload's pods.";
    const EXAMPLE: &'static str = "kubectl set serviceaccount deployment web robot";
    const BACK: &'static str = "puts the former account back";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;
    const EACH: bool = true;
    const BEHIND: usize = 1;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let (line, behind) = split_behind(argv, Self::BEHIND);
        match behind.first() {
            Some(account) if !line.places.is_empty() && !account.contains('/') => {
                Ok(SetServiceAccount { target: workload_place(&line)?, service_account: Name::new(account.as_str())? })
            }
            Some(_) | None => {
                Err(Misuse::says("kubectl set serviceaccount: which account? it stands last: set serviceaccount kind/name ACCOUNT"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn the_last_word_is_the_account() {
        for line in ["kubectl set sa deploy web robot", "kubectl set serviceaccount deployment web robot"] {
            let op = Op::from_line(line).unwrap();
            assert_eq!(op.line(), "kubectl set serviceaccount deployment web robot");
            let body = op.verb().calls(&[], Default::default()).unwrap()[0].body(None).unwrap();
            assert_eq!(body, json!({"spec": {"template": {"spec": {"serviceAccountName": "robot"}}}}));
        }
        let each = Op::from_line("kubectl set sa deploy a b robot").unwrap();
        assert_eq!(each.line(), "kubectl set serviceaccount deployment a b robot");
        assert!(Op::from_line("kubectl set sa deploy --all robot").is_ok());
        for bad in ["deploy/web", "robot", "deploy/web a b", ""] {
            assert!(Op::from_line(&format!("kubectl set sa {bad}")).is_err(), "{bad}");
        }
    }
}

//! `kubectl rollout restart`: new pods of the same template.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, Lookup, Misuse, Namespace, PatchKind, Spec, Target, Verb, Wait, Way, look, template,
    verb::workload_place, wait::is_paused,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Restarts a workload by stamping its pod template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutRestart {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
}

impl Verb for RolloutRestart {
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
        format!("restart {}", self.target.slashed())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    /// Source: `kubectl/pkg/polymorphichelpers/objectrestarter.go`.
    fn calls(&self, seen: &[Lookup<Value>], now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        template::must_roll_out(&self.target, "rollout restart")?;
        if is_paused(look::object(seen, &self.target)?) {
            return Err(CannotDo::new(
                format!("{} is paused, and a paused deployment cannot be restarted", self.target.slashed()),
                format!("kubectl rollout resume {}", self.target.slashed()),
            ));
        }
        let stamp = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let body = template::annotate("kubectl.kubernetes.io/restartedAt", &stamp);
        Ok(vec![Call::patch(&self.target, PatchKind::Strategic, body)])
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB).place(self.target.slashed()).namespace(self.target.namespace())
    }
    fn wait(&self) -> Wait {
        Wait::RolledOut(self.target.clone())
    }
    fn inverse(&self, _images: &[Images<'_>]) -> Way {
        Way::None("the former pods are gone; the new ones are made of the same template")
    }
}

impl Spec for RolloutRestart {
    const NAME: &'static str = "rollout_restart";
    const VERB: &'static [&'static str] = &["rollout", "restart"];
    const ABOUT: &'static str = "Restart a workload's pods, one after the other.";
    const EXAMPLE: &'static str = "kubectl rollout restart deployment/web";
    const BACK: &'static str = "none: the former pods are gone, the new ones are of the same template";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(RolloutRestart { target: workload_place(argv)? })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn stamps_the_template_and_refuses_what_kubectl_refuses() {
        let now = "2026-03-01T10:00:00.123Z".parse().unwrap();
        let op = Op::from_line("kubectl rollout restart deployment web -n dev").unwrap();
        let calls = op.verb().calls(&[Lookup::Known(json!({"spec": {}}))], now).unwrap();
        let body = calls[0].body(None).unwrap();
        let stamp = &body["spec"]["template"]["metadata"]["annotations"]["kubectl.kubernetes.io/restartedAt"];
        assert_eq!(stamp, "2026-03-01T10:00:00Z");
        let paused = op.verb().calls(&[Lookup::Known(json!({"spec": {"paused": true}}))], now).unwrap_err();
        assert!(paused.sentence.contains("paused"));
        let pod = Op::from_line("kubectl rollout restart pod/web").unwrap();
        assert!(pod.verb().calls(&[Lookup::Known(json!({}))], now).is_err());
        assert_eq!(op.verb().impact(), Impact::Disrupts);
    }
}

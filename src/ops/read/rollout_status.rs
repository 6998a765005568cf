//! `kubectl rollout status`: where a rollout stands, now.

use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Reply, Spec, Target, Verb, WaitState,
    answer::{Rollout, RolloutState},
    look::{first_object, number, text},
    template,
    verb::workload_place,
    wait::{is_paused, rollout},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Tells how far a rollout is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RolloutStatus {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
}

impl Verb for RolloutStatus {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        format!("rollout status of {}", self.target.slashed())
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        template::must_roll_out(&self.target, "rollout status")?;
        Ok(vec![Call::get(&self.target)])
    }
    /// kubectl would stay and watch; this answers at once.
    fn print(&self) -> Argv {
        Argv::of(Self::VERB).place(self.target.slashed()).flag("watch", "false").namespace(self.target.namespace())
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let object = first_object(calls, replies)?;
        if text(&object, "/spec/updateStrategy/type") == "OnDelete" {
            return Err(CannotDo::new(
                format!("{} has no rollout: its pods change only when they are deleted (OnDelete)", self.target.slashed()),
                "rollout status is only for RollingUpdate",
            ));
        }
        let desired = object.pointer("/spec/replicas").and_then(Value::as_u64).unwrap_or(1);
        let [desired, updated, available] = if self.target.kind().is("daemonsets", "apps") {
            ["desiredNumberScheduled", "updatedNumberScheduled", "numberAvailable"].map(|f| number(&object["status"], &format!("/{f}")))
        } else if self.target.kind().is("statefulsets", "apps") {
            [desired, number(&object, "/status/updatedReplicas"), number(&object, "/status/readyReplicas")]
        } else {
            [desired, number(&object, "/status/updatedReplicas"), number(&object, "/status/availableReplicas")]
        };
        let paused = is_paused(&object);
        // A pause hides from the rule what it would say; the rule is asked as if there were none.
        let mut running = object;
        if let Some(spec) = running.get_mut("spec").and_then(Value::as_object_mut) {
            spec.remove("paused");
        }
        let (state, message) = match rollout(self.target.kind(), &running) {
            WaitState::Holds(said) => (RolloutState::Complete, said),
            WaitState::NotYet(said) if paused => (RolloutState::Paused, said),
            WaitState::NotYet(said) => (RolloutState::Progressing, said),
            WaitState::Never(said) => (RolloutState::Stuck, said),
        };
        Ok(Answer::Rollout(Rollout { target: self.target.clone(), state, desired, updated, available, message }))
    }
}

impl Spec for RolloutStatus {
    const NAME: &'static str = "rollout_status";
    const VERB: &'static [&'static str] = &["rollout", "status"];
    const ABOUT: &'static str = "Tell how far a workload's rollout is.";
    const EXAMPLE: &'static str = "kubectl rollout status deployment/web";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::switch("watch").short('w'), Flag::value("timeout"), Flag::value("revision")];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        crate::ops::verb::refuse(argv, &[("revision", "the present rollout only; kubectl rollout history shows the others")])?;
        Ok(RolloutStatus { target: workload_place(argv)? })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::{
        answer::{Rollout, RolloutState},
        *,
    };
    use serde_json::{Value, json};

    fn told(object: Value) -> Result<Rollout, CannotDo> {
        let op = Op::from_line("kubectl rollout status deploy web -w --timeout=5m").unwrap();
        let calls = op.verb().calls(&[], Default::default()).unwrap();
        let replies = [Reply { call: 0, body: Lookup::Known(object.to_string().into_bytes()) }];
        match op.verb().answer(&calls, &replies, Default::default())? {
            Answer::Rollout(rollout) => Ok(rollout),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn complete_on_its_way_stuck_or_paused() {
        let status = |updated: u32, available: u32| json!({"replicas": 3, "updatedReplicas": updated, "availableReplicas": available, "observedGeneration": 1});
        let object = |paused: bool, status: Value| json!({"metadata": {"generation": 1}, "spec": {"replicas": 3, "paused": paused}, "status": status});
        assert_eq!(told(object(false, status(3, 3))).unwrap().state, RolloutState::Complete);
        assert_eq!(told(object(true, status(3, 3))).unwrap().state, RolloutState::Complete);
        let going = told(object(false, status(1, 3))).unwrap();
        assert_eq!((going.state, going.updated, going.available), (RolloutState::Progressing, 1, 3));
        assert_eq!(told(object(true, status(1, 3))).unwrap().state, RolloutState::Paused);
        let mut late = status(1, 2);
        late["conditions"] = json!([{"type": "Progressing", "reason": "ProgressDeadlineExceeded", "message": "timed out"}]);
        let stuck = told(object(false, late)).unwrap();
        assert_eq!((stuck.state, stuck.message.as_str()), (RolloutState::Stuck, "timed out"));
        assert!(told(json!({"spec": {"updateStrategy": {"type": "OnDelete"}}})).is_err());
    }
}

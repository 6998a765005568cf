//! What should be better: an audit is asked for and told; what mends its findings is begun like anything a person typed.

use super::{
    effect::{Effect, Tell},
    phase::{Phase, Run},
    step::{Session, note},
};
use crate::{
    experts::audit::{self, Audit, Purpose},
    facts::Facts,
    ops::{Namespace, Op},
    problem::Problem,
    road::{
        RunId,
        plan::{Plan, Source, Topic, Unused},
    },
};
use jiff::Timestamp;

/// The checks that answer a topic; none means all of them.
fn checks(topic: Topic) -> Vec<String> {
    let one = |id: &str| vec![id.to_string()];
    match topic {
        Topic::Everything => Vec::new(),
        Topic::Security => audit::serving(&[Purpose::Security]),
        Topic::Capacity => audit::serving(&[Purpose::Capacity, Purpose::Unused]),
        Topic::Unused(Unused::Any) => audit::serving(&[Purpose::Unused]),
        Topic::Unused(Unused::ConfigMaps) => one("unused-config-map"),
        Topic::Unused(Unused::Secrets) => one("unused-secret"),
        Topic::Unused(Unused::Claims) => one("unused-claim"),
    }
}

impl Session {
    /// Asks for an audit of a namespace, or of everything.
    pub(super) fn audit(&mut self, id: RunId, topic: Topic, within: Option<Namespace>) -> Vec<Effect> {
        let Some(run) = self.runs.get_mut(&id) else { return vec![note(&id, "an audit", "over")] };
        run.phase = Phase::Auditing { whole: matches!(topic, Topic::Unused(_)) };
        vec![Effect::Audit { run: id, checks: checks(topic), within }]
    }

    /// Tells what was found.
    pub(super) fn audited(&mut self, id: RunId, found: Box<Audit>) -> Vec<Effect> {
        let Some(run) = self.runs.get(&id) else { return vec![note(&id, "an audit", "over")] };
        let Phase::Auditing { whole } = run.phase else { return vec![note(&id, "an audit", run.phase.word())] };
        self.runs.remove(&id);
        vec![Effect::Tell(Tell::Audit(id.clone(), found, whole)), Effect::Over { run: id, code: 0 }]
    }

    /// Begins what would mend findings, under a run's id: rehearsed, asked about and taken back like anything a person typed.
    pub fn begin_fixes(&mut self, id: RunId, text: String, ops: Vec<Op>, now: Timestamp) -> Vec<Effect> {
        self.runs.insert(id.clone(), Run::at(text.clone(), Phase::Previewing));
        match Plan::new(text, Source::Line, ops, Vec::new(), &self.settings.scope) {
            Some(plan) => self.vet(id, plan, Facts::default(), 0, now),
            None => self.problem(id, Problem::failed("there is nothing to mend")),
        }
    }
}

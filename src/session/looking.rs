//! Why something is broken: a diagnosis is asked for, and what it found is told. Where it found nothing about the object that was named, a playbook
//! that fits the words looks its own way.

use super::{
    effect::{Effect, Tell},
    phase::{Phase, Run},
    step::{Session, note},
};
use crate::{
    experts::{diagnose::Diagnosis, playbook},
    facts::snapshot::Ref,
    ops::{Kind, Name, Namespace, Target},
    road::{RunId, plan::from_words},
};
use jiff::Timestamp;
use std::time::Duration;

impl Session {
    /// Asks for a diagnosis of an object, of a namespace, or of everything.
    pub(super) fn look_into(&mut self, id: RunId, subject: Option<Target>, namespace: Option<Namespace>) -> Vec<Effect> {
        let here = namespace.clone().unwrap_or_else(|| self.settings.scope.namespace.clone());
        let Some(run) = self.runs.get_mut(&id) else { return vec![note(&id, "looking into it", "over")] };
        let (about, within) = match &subject {
            Some(object) if !object.kind().namespaced() => {
                let name = object.name().as_str();
                // All that lives in a namespace is what is asked about; what is seen on a node may live in any.
                let within = if object.kind().is("namespaces", "") { Namespace::new(name).ok() } else { None };
                (Some(Ref::new(object.kind().info().kind, "", name)), within)
            }
            Some(object) => {
                let within = object.namespace().cloned().unwrap_or(here);
                (Some(Ref::new(object.kind().info().kind, within.as_str(), object.name().as_str())), Some(within))
            }
            None => (namespace.as_ref().map(|n| Ref::new("Namespace", "", n.as_str())), namespace.clone()),
        };
        run.phase = Phase::Diagnosing { subject, namespace };
        vec![Effect::Diagnose { run: id, about, within, after: Duration::ZERO }]
    }

    /// Tells what was found.
    pub(super) fn diagnosed(&mut self, id: RunId, found: Box<Diagnosis>, now: Timestamp) -> Vec<Effect> {
        let Some(run) = self.runs.get_mut(&id) else { return vec![note(&id, "a diagnosis", "over")] };
        if let Phase::LookingAgain(mending) = &run.phase {
            let (text, mending) = (run.text.clone(), mending.clone());
            return self.looked_again(id, text, mending, &found);
        }
        let Phase::Diagnosing { subject, namespace } = &run.phase else { return vec![note(&id, "a diagnosis", run.phase.word())] };
        let (subject, namespace) = (subject.clone(), namespace.clone());
        if found.findings.is_empty() && subject.is_some() {
            let namespace = namespace.or_else(|| Some(self.settings.scope.namespace.clone()));
            let inputs = playbook::Inputs { subject: subject.clone(), namespace, now };
            let text = run_text(Some(run));
            if let Some(runner) = self.settings.playbooks.begin(&text, inputs) {
                run.phase = Phase::Previewing;
                // What the rules could not look at is said, whatever the playbook says of what it can.
                let unsure = (found.healthy != Some(true)).then(|| Effect::Tell(Tell::Diagnosis(id.clone(), found)));
                return unsure.into_iter().chain(self.play(id, runner, now)).collect();
            }
        }
        // "Restart it" is said of what was asked about, not of the cause; where nothing was named, the first cause is what one talks about.
        if let Some(meant) = subject.or_else(|| found.findings.first().and_then(|f| target(&f.subject))) {
            self.settings.scope.last = Some(meant);
        }
        self.proposes(&found);
        let text = run_text(self.runs.get(&id));
        // The order may stand in a sentence of its own, of which nothing is left to look into.
        let ordered = self.runs.get(&id).is_some_and(|run| from_words::wants_mending(&run.text)) || from_words::wants_mending(&text);
        let mut effects = vec![Effect::Tell(Tell::Diagnosis(id.clone(), found.clone()))];
        if ordered {
            effects.extend(self.mends_what_was_found(id, &text, &found, now));
        } else {
            self.runs.remove(&id);
            effects.push(Effect::Over { run: id, code: 0 });
        }
        effects
    }
}

/// The words of a run, with what they lean on.
fn run_text(run: Option<&Run>) -> String {
    run.map_or_else(String::new, |run| run.thread.as_ref().map_or_else(|| run.text.clone(), |thread| thread.text().to_string()))
}

/// The object as operations name it; none for a kind that is not known here.
pub(super) fn target(of: &Ref) -> Option<Target> {
    let target = Target::new(Kind::find(&of.kind.to_lowercase())?, Name::new(of.name.to_string()).ok()?).ok()?;
    Some(target.in_namespace(Namespace::new(of.namespace.to_string()).ok()))
}

//! What a diagnosis proposed is done, and what it found is looked at again.
//!
//! Invariants: nothing is mended but by an operation that a rule named, on the road like any other, with a question of its own that `--yes` does not
//! answer; whether it helped is found out by the same rules.

use super::{
    effect::{Effect, Mended, Tell},
    phase::{Phase, Run},
    step::{Session, note},
};
use crate::{
    experts::diagnose::{Diagnosis, Finding, Severity},
    facts::{Facts, snapshot::Ref},
    ops::{Namespace, Op},
    problem::Sort,
    road::{
        RunId,
        plan::{
            Assumed, Plan, Question, Refusal, Source,
            from_words::{self, Mend},
        },
    },
};
use jiff::Timestamp;
use std::time::Duration;

/// So many proposals are choices of one question.
const MOST: usize = 9;

/// How long each look waits for the one before it to have been too early: pods that go away, controllers that write their status.
const LOOKS: [Duration; 4] = [Duration::ZERO, Duration::from_secs(2), Duration::from_secs(6), Duration::from_secs(15)];

/// What the last diagnosis proposed.
#[derive(Debug, Default)]
pub(super) struct Proposals {
    all: Vec<Proposal>,
    /// Whether nothing was said since.
    just_said: bool,
}

/// What would mend one cause.
#[derive(Debug, Clone)]
struct Proposal {
    cause: Cause,
    ops: Vec<Op>,
}

/// What was found, as far as one knows it again.
#[derive(Debug, Clone)]
struct Cause {
    rule: &'static str,
    title: String,
    /// The object it is about, and those it explains.
    objects: Vec<Ref>,
}

/// What a run is to mend.
#[derive(Debug, Clone)]
pub(super) struct Mending {
    causes: Vec<Cause>,
    /// What is looked at again: the object that is changed, where it is one.
    about: Option<Ref>,
    within: Option<Namespace>,
    looks: usize,
}

impl Proposal {
    fn of(finding: &Finding) -> Option<Proposal> {
        let objects = std::iter::once(&finding.subject).chain(&finding.explains).cloned().collect();
        let cause = Cause { rule: finding.rule.id, title: finding.title.clone(), objects };
        finding.proposes().then(|| Proposal { cause, ops: finding.fix.clone() })
    }
    fn line(&self) -> String {
        self.ops.iter().map(Op::line).collect::<Vec<_>>().join("; ")
    }
}

impl Cause {
    /// Whether this is found again. A pod goes by the name of what made it: its successor has another.
    fn is(&self, finding: &Finding) -> bool {
        let there = |r: &Ref| self.objects.contains(r);
        finding.rule.id == self.rule && finding.severity > Severity::Info && (there(&finding.subject) || finding.explains.iter().any(there))
    }
}

impl Session {
    /// Keeps what a diagnosis proposes, for "fix it".
    pub(super) fn proposes(&mut self, found: &Diagnosis) {
        self.proposals = Proposals { all: found.findings.iter().filter_map(Proposal::of).collect(), just_said: true };
    }

    /// Whether a text asks for what was proposed; if so, what comes of it.
    pub(super) fn mends(&mut self, id: &RunId, text: &str, now: Timestamp) -> Option<Vec<Effect>> {
        let just_said = std::mem::take(&mut self.proposals.just_said);
        let all = &self.proposals.all;
        if all.is_empty() {
            return None;
        }
        let meant = from_words::mend(text).filter(|meant| *meant != Mend::That || just_said)?;
        let chosen: Vec<Proposal> = match meant {
            Mend::It | Mend::That if all.len() == 1 => all.clone(),
            Mend::All => all.clone(),
            Mend::Nth(n) => all.get(n).cloned().into_iter().collect(),
            Mend::It | Mend::That => Vec::new(),
        };
        if chosen.is_empty() {
            let question = which(all);
            // The choices are read here again.
            self.proposals.just_said = true;
            return Some(self.over(id.clone(), Sort::Question, |id| Tell::Question(id, question)));
        }
        self.runs.insert(id.clone(), Run::at(text.to_string(), Phase::Previewing));
        Some(self.begin_mending(id.clone(), text, chosen, now))
    }

    /// Goes on from a diagnosis that was asked for to have something mended.
    pub(super) fn mends_what_was_found(&mut self, id: RunId, text: &str, found: &Diagnosis, now: Timestamp) -> Vec<Effect> {
        let all = self.proposals.all.clone();
        match all.len() {
            0 if found.healthy == Some(true) => vec![Effect::Over { run: id, code: 0 }],
            0 => {
                let refusal = Refusal {
                    reason: "what was found cannot be mended without something that only a person knows; nothing was changed".into(),
                    instead: found.findings.first().and_then(|f| f.by_hand.first()).cloned().unwrap_or_default(),
                };
                self.over(id, Sort::Refused, |id| Tell::Refused(id, refusal))
            }
            1 => self.begin_mending(id, text, all, now),
            _ => {
                let question = which(&all);
                self.over(id, Sort::Question, |id| Tell::Question(id, question))
            }
        }
    }

    fn begin_mending(&mut self, id: RunId, text: &str, chosen: Vec<Proposal>, now: Timestamp) -> Vec<Effect> {
        let ops: Vec<Op> = chosen.iter().flat_map(|p| p.ops.iter().cloned()).collect();
        let assumed = chosen.iter().map(|p| Assumed { said: text.to_string(), taken: p.line(), why: p.cause.title.clone() }).collect();
        let source = Source::Diagnosis { rules: chosen.iter().map(|p| p.cause.rule.to_string()).collect() };
        let targets: Vec<_> = ops.iter().flat_map(|op| op.verb().targets()).collect();
        let mut places: Vec<Option<Namespace>> = targets.iter().map(|t| t.namespace().cloned()).collect();
        places.dedup();
        let about = match targets.as_slice() {
            [one] => Some(Ref::new(one.kind().info().kind, one.namespace().map_or("", Namespace::as_str), one.name().as_str())),
            _ => None,
        };
        let within = match places.as_slice() {
            [one] => one.clone(),
            _ => None,
        };
        let Some(plan) = Plan::new(text, source, ops, assumed, &self.settings.scope) else {
            return vec![note(&id, "what would mend it", "without an operation"), Effect::Over { run: id, code: Sort::Failed.exit_code() }];
        };
        if let Some(run) = self.runs.get_mut(&id) {
            run.mends = Some(Box::new(Mending { causes: chosen.into_iter().map(|p| p.cause).collect(), about, within, looks: 0 }));
        }
        self.vet(id, plan, Facts::default(), 0, now)
    }

    /// Looks again whether what a run was to mend is gone.
    pub(super) fn look_again(&mut self, id: RunId, text: String, mending: Box<Mending>) -> Vec<Effect> {
        let (about, within) = (mending.about.clone(), mending.within.clone());
        let after = LOOKS.get(mending.looks).copied().unwrap_or_default();
        self.runs.insert(id.clone(), Run::at(text, Phase::LookingAgain(mending)));
        vec![Effect::Diagnose { run: id, about, within, after }]
    }

    /// Says whether it is gone; looks once more where it may have been too early.
    pub(super) fn looked_again(&mut self, id: RunId, text: String, mut mending: Box<Mending>, found: &Diagnosis) -> Vec<Effect> {
        let lasts = |cause: &Cause| found.findings.iter().any(|f| cause.is(f));
        mending.looks += 1;
        if mending.causes.iter().any(lasts) && mending.looks < LOOKS.len() {
            return self.look_again(id, text, mending);
        }
        let causes: Vec<(String, bool)> = mending.causes.iter().map(|c| (c.title.clone(), !lasts(c))).collect();
        let other = |f: &&Finding| f.severity > Severity::Info && !mending.causes.iter().any(|c| c.is(f));
        let left = found.findings.iter().filter(other).map(|f| f.title.clone()).collect();
        let code = if causes.iter().all(|(_, gone)| *gone) { 0 } else { Sort::Failed.exit_code() };
        self.proposes(found);
        self.runs.remove(&id);
        let mut effects = vec![Effect::Tell(Tell::Mended(id.clone(), Mended { causes, left })), Effect::Over { run: id, code }];
        effects.extend(self.next_question());
        effects
    }
}

/// The question which of several is to be mended.
fn which(all: &[Proposal]) -> Question {
    let listed = all.iter().take(MOST).enumerate();
    let text = listed.clone().map(|(n, p)| format!("fix {} ({}): {}", n + 1, p.cause.title, p.line())).collect::<Vec<_>>().join("; ");
    Question {
        missing: "which".into(),
        text: format!("Which of them shall be mended? {text}"),
        choices: listed.map(|(n, _)| format!("fix {}", n + 1)).collect(),
    }
}

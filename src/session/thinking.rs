//! The model's part of the brain: it is asked where the grammar does not understand, its reads run and come back to it, its changes
//! become a plan like any other. Nothing it says is done because it says so.

use super::{
    effect::{Effect, Tell},
    phase::Phase,
    step::{Session, note},
};
use crate::{
    doors::model::{ModelTrouble, Reply},
    facts::Facts,
    ops::Impact,
    problem::{Problem, Sort},
    road::{
        RunId,
        execute::{Done, Outcome},
        plan::{
            Plan,
            from_model::{Conversation, Exchange, Sharing, Turn},
        },
    },
};
use jiff::Timestamp;

/// How many earlier exchanges a model is reminded of.
const REMEMBERED: usize = 6;

/// The model that may be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelSettings {
    /// Where the data goes, as the person is shown it.
    pub host: String,
    /// How much of the cluster goes along.
    pub sharing: Sharing,
}

/// What the brain keeps of its talks with a model.
#[derive(Debug, Default)]
pub(super) struct Talks {
    /// Whether the person has been told where the data goes.
    told: bool,
    before: Vec<Exchange>,
}

impl Session {
    /// The grammar does not know these words: a model is asked, if there is one.
    pub(super) fn ask_model(&mut self, id: RunId) -> Vec<Effect> {
        let Some(model) = self.settings.model.clone() else { return self.over(id, Sort::Question, Tell::NotUnderstood) };
        let Some(run) = self.runs.get_mut(&id) else { return vec![note(&id, "words for the model", "over")] };
        let conversation = Conversation::after(&self.talks.before, &run.text, &self.settings.scope, model.sharing);
        run.conversation = Some(Box::new(conversation));
        let mut effects = Vec::new();
        if !std::mem::replace(&mut self.talks.told, true) {
            let kinds = model.sharing.kinds().into_iter().map(str::to_string).collect();
            effects.push(Effect::Tell(Tell::Sharing { run: id.clone(), host: model.host, kinds }));
        }
        effects.extend(self.think(id));
        effects
    }

    /// The model is asked what it makes of the conversation so far.
    fn think(&mut self, id: RunId) -> Vec<Effect> {
        let Some(run) = self.runs.get_mut(&id) else { return vec![note(&id, "thinking", "over")] };
        let Some(conversation) = &run.conversation else { return vec![note(&id, "thinking", run.phase.word())] };
        let (turn, request) = (conversation.turn(), conversation.request());
        run.phase = Phase::Thinking;
        vec![Effect::Think { run: id, turn, request }]
    }

    /// A piece of a reply.
    pub(super) fn thinking(&self, id: RunId, text: String) -> Vec<Effect> {
        match self.runs.get(&id).map(|r| &r.phase) {
            Some(Phase::Thinking) => vec![Effect::Tell(Tell::Saying(id, text))],
            Some(_) | None => vec![note(&id, "a piece of a reply", self.word(&id))],
        }
    }

    /// A reply, or why there is none.
    pub(super) fn thought(&mut self, id: RunId, turn: u8, thought: Result<Reply, ModelTrouble>, now: Timestamp) -> Vec<Effect> {
        let word = self.word(&id);
        let conversation = match self.runs.get_mut(&id) {
            Some(run) if matches!(run.phase, Phase::Thinking) => run.conversation.as_mut(),
            Some(_) | None => None,
        };
        let Some(conversation) = conversation.filter(|c| c.turn() == turn) else { return vec![note(&id, "a reply", word)] };
        let reply = match thought {
            Ok(reply) => reply,
            Err(trouble) => return self.without_model(id, trouble.to_string()),
        };
        match conversation.take(reply) {
            Turn::Reads(plan) => match plan.ops().iter().find(|op| op.verb().impact() > Impact::Reads) {
                Some(change) => {
                    let sentence = format!("the model would change something while looking: {}", change.line());
                    self.problem(id, Problem::new(Sort::Refused, sentence))
                }
                None => self.vet(id, plan, Facts::default(), 0, now),
            },
            Turn::Change(plan) => self.proposed(id, plan, now),
            Turn::Again => self.think(id),
            Turn::GiveUp(why) => self.without_model(id, why),
            Turn::Say(text) => {
                let asked = self.runs.remove(&id).map_or_else(String::new, |run| run.text);
                self.remember(asked, text.clone());
                vec![Effect::Tell(Tell::Said(id.clone(), text)), Effect::Over { run: id, code: 0 }]
            }
        }
    }

    /// The model proposes changes: from here on this is a run like any other, and the model is not asked again.
    fn proposed(&mut self, id: RunId, plan: Plan, now: Timestamp) -> Vec<Effect> {
        let lines: Vec<String> = plan.ops().iter().map(crate::ops::Op::line).collect();
        let asked = match self.runs.get_mut(&id) {
            Some(run) => {
                run.conversation = None;
                run.text.clone()
            }
            None => return vec![note(&id, "a proposal", "over")],
        };
        self.remember(asked, format!("Proposed: {}", lines.join("; ")));
        self.vet(id, plan, Facts::default(), 0, now)
    }

    /// What the reads gave goes back to the model.
    pub(super) fn looked(&mut self, id: RunId, outcome: Outcome) -> Vec<Effect> {
        if outcome.done == Done::Stopped {
            return self.over(id, Sort::Interrupted, Tell::Stopped);
        }
        let results = outcome.steps.into_iter().map(|step| match (step.answer, step.problem) {
            (Some(answer), _) => Ok(answer),
            (None, Some(problem)) => Err(problem),
            (None, None) => Err(Problem::failed("it gave no answer")),
        });
        if let Some(conversation) = self.runs.get_mut(&id).and_then(|run| run.conversation.as_mut()) {
            conversation.results(results.collect());
        }
        self.think(id)
    }

    /// Reads that the model asked for did not work: it is told so, and may look elsewhere.
    pub(super) fn looked_in_vain(&mut self, id: RunId, problem: &Problem) -> Vec<Effect> {
        if let Some(conversation) = self.runs.get_mut(&id).and_then(|run| run.conversation.as_mut()) {
            conversation.fail(problem);
        }
        self.think(id)
    }

    /// One line on why, then as without a model.
    pub(super) fn without_model(&mut self, id: RunId, why: String) -> Vec<Effect> {
        let mut effects = vec![Effect::Tell(Tell::WithoutModel(id.clone(), why))];
        effects.extend(self.over(id, Sort::Question, Tell::NotUnderstood));
        effects
    }

    fn remember(&mut self, asked: String, said: String) {
        self.talks.before.push(Exchange { asked, said });
        if self.talks.before.len() > REMEMBERED {
            self.talks.before.remove(0);
        }
    }
}

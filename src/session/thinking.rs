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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        doors::model::ToolCall,
        experts::playbook::Library,
        ops::Namespace,
        road::{plan::Scope, vet::Policy},
        session::{Event, Settings},
    };

    /// Nothing the grammar knows.
    const WORDS: &str = "what would somebody with experience say about all this, generally speaking?";

    fn session(model: bool) -> Session {
        let scope = Scope { namespace: Namespace::new("dev").unwrap(), last: None, everywhere: false, cluster: false };
        let model = model.then(|| ModelSettings { host: "localhost:1".into(), sharing: Sharing::Names });
        Session::new(Settings { policy: Policy::built_in(false), scope, playbooks: Library::built_in(), model })
    }
    fn asks(session: &mut Session, run: &str) -> Vec<Effect> {
        session.step(Event::Asked { run: RunId::new(run), text: WORDS.into() }, Timestamp::UNIX_EPOCH)
    }
    fn thought(session: &mut Session, run: &str, turn: u8, thought: Result<Reply, ModelTrouble>) -> Vec<Effect> {
        session.step(Event::Thought { run: RunId::new(run), turn, thought }, Timestamp::UNIX_EPOCH)
    }
    fn says(text: &str) -> Result<Reply, ModelTrouble> {
        Ok(Reply { text: text.into(), calls: Vec::new() })
    }

    #[test]
    fn where_data_goes_is_told_once_and_before_it_goes() {
        let mut session = session(true);
        let effects = asks(&mut session, "a");
        let [Effect::Tell(Tell::Sharing { host, kinds, .. }), Effect::Think { turn: 0, .. }] = effects.as_slice() else {
            panic!("{effects:?}")
        };
        assert_eq!((host.as_str(), kinds.len()), ("localhost:1", 2));
        assert!(matches!(asks(&mut session, "b").as_slice(), [Effect::Think { .. }]));
    }

    #[test]
    fn without_a_model_nothing_is_asked() {
        let effects = asks(&mut session(false), "a");
        assert!(matches!(effects.as_slice(), [Effect::Tell(Tell::NotUnderstood(_)), Effect::Over { code: 5, .. }]), "{effects:?}");
    }

    #[test]
    fn what_comes_late_or_twice_is_a_note() {
        let mut session = session(true);
        asks(&mut session, "a");
        let read = ToolCall { id: "x".into(), name: "sh".into(), arguments: "{}".into() };
        let effects = thought(&mut session, "a", 0, Ok(Reply { text: String::new(), calls: vec![read] }));
        assert!(matches!(effects.as_slice(), [Effect::Think { turn: 1, .. }]), "{effects:?}");
        assert!(matches!(thought(&mut session, "a", 0, says("old")).as_slice(), [Effect::Note(_)]));
        let effects = thought(&mut session, "a", 1, says("new"));
        assert!(matches!(effects.as_slice(), [Effect::Tell(Tell::Said(_, text)), Effect::Over { code: 0, .. }] if text == "new"));
        assert!(matches!(thought(&mut session, "a", 1, says("new")).as_slice(), [Effect::Note(_)]));
        let late = Event::ThinkingDelta { run: RunId::new("a"), text: "x".into() };
        assert!(matches!(session.step(late, Timestamp::UNIX_EPOCH).as_slice(), [Effect::Note(_)]));
    }

    #[test]
    fn a_stop_drops_the_thinking() {
        let mut session = session(true);
        asks(&mut session, "a");
        let effects = session.step(Event::Cancelled { run: None }, Timestamp::UNIX_EPOCH);
        assert!(matches!(effects.as_slice(), [Effect::Drop { .. }, Effect::Tell(Tell::Stopped(_)), Effect::Over { code: 130, .. }]));
        assert!(matches!(thought(&mut session, "a", 0, says("late")).as_slice(), [Effect::Note(_)]));
    }

    #[test]
    fn what_was_said_is_remembered_and_not_for_ever() {
        let mut session = session(true);
        for n in 0..10 {
            let run = format!("r{n}");
            asks(&mut session, &run);
            thought(&mut session, &run, 0, says(&format!("answer {n}")));
        }
        let effects = asks(&mut session, "z");
        let [Effect::Think { request, .. }] = effects.as_slice() else { panic!("{effects:?}") };
        assert_eq!(request.messages.len(), 2 + 2 * REMEMBERED);
        assert!(format!("{request:?}").contains("answer 9") && !format!("{request:?}").contains("answer 3"));
    }

    #[test]
    fn a_fault_while_thinking_is_one_line_too() {
        let mut session = session(true);
        asks(&mut session, "a");
        let failed = Event::Failed { run: RunId::new("a"), problem: Problem::failed("aiops itself failed") };
        let effects = session.step(failed, Timestamp::UNIX_EPOCH);
        assert!(matches!(
            effects.as_slice(),
            [Effect::Tell(Tell::WithoutModel(..)), Effect::Tell(Tell::NotUnderstood(_)), Effect::Over { .. }]
        ));
    }
}

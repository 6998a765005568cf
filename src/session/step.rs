//! One event in, effects out.

use super::{
    effect::{Effect, Tell},
    event::Event,
    mending::{Mending, Proposals},
    phase::{Phase, Run},
    thinking::{ModelSettings, Talks},
};
use crate::{
    experts::playbook::{self, Library, Next},
    facts::Facts,
    ops::{Impact, Op, Target},
    problem::{Problem, Sort},
    road::{
        RunId,
        approve::{self, Answer, Given, NotApproved},
        execute::{Done, Outcome, StepOutcome},
        plan::{
            self, Aside, Assumed, Plan, Reading, Scope, Source,
            talk::{self, Heard, Talk},
        },
        preview::{Previewed, card},
        undo,
        vet::{self, Policy},
    },
};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// How often a reading or a check may ask for more before it is given up.
const ROUNDS: u8 = 6;

/// The longest request that is read, in bytes.
const LONGEST: usize = 16 * 1024;

/// How often in a row objects may have moved before a request is given up: `--yes` says yes to what is shown, not for ever.
const ANEW: usize = 3;

/// What the brain is started with.
#[derive(Debug)]
pub struct Settings {
    /// The rules in force.
    pub policy: Policy,
    /// Where one stands.
    pub scope: Scope,
    /// The playbooks there are.
    pub playbooks: Library,
    /// The model that may be asked; `None`: there is none, or none is wanted.
    pub model: Option<ModelSettings>,
}

/// The brain.
#[derive(Debug)]
pub struct Session {
    pub(super) settings: Settings,
    pub(super) runs: BTreeMap<RunId, Run>,
    pub(super) talks: Talks,
    pub(super) talk: Talk,
    pub(super) proposals: Proposals,
    /// The run of the request that was understood last.
    latest: Option<RunId>,
}

/// What a run's plan came from, for asking anew.
struct Origin {
    source: Option<Source>,
    assumed: Vec<Assumed>,
    mends: Option<Box<Mending>>,
}

impl Session {
    /// A brain with nothing under way.
    pub fn new(settings: Settings) -> Session {
        Session {
            settings,
            runs: BTreeMap::new(),
            talks: Talks::default(),
            talk: Talk::default(),
            proposals: Proposals::default(),
            latest: None,
        }
    }

    /// Where one stands.
    pub fn scope(&self) -> &Scope {
        &self.settings.scope
    }

    /// Whether changes are forbidden.
    pub fn read_only(&self) -> bool {
        self.settings.policy.read_only()
    }

    /// The runs under way, oldest first, each with a word on where it stands.
    pub fn under_way(&self) -> impl Iterator<Item = (&RunId, &'static str)> {
        self.runs.iter().map(|(id, run)| (id, run.phase.word()))
    }

    /// Takes one event at the time `now`.
    pub fn step(&mut self, event: Event, now: Timestamp) -> Vec<Effect> {
        match event {
            Event::Started => vec![Effect::CloseLeftOpen],
            Event::Asked { run, text } => self.asked(run, text, now),
            Event::Gathered { run, facts } => self.gathered(run, facts, now),
            Event::PastFound { run, past, who } => self.past_found(run, past, who),
            Event::Diagnosed { run, found } => self.diagnosed(run, found, now),
            Event::Audited { run, found } => self.audited(run, found),
            Event::Recounted { run, told } => self.recounted(run, told),
            Event::Previewed(previewed) => self.previewed(previewed),
            Event::NothingToDo { run, sentence } => self.finish_from(
                &run,
                "previewing",
                // Where nothing was edited there is nothing to rehearse.
                |phase| matches!(phase, Phase::Previewing | Phase::Vetting { .. }),
                |run| vec![Effect::Tell(Tell::NothingToDo(run.clone(), sentence)), Effect::Over { run, code: 0 }],
            ),
            Event::Answered(answer) => self.answered(&answer),
            Event::Progressed { run, progress } => match self.runs.get(&run).map(|r| &r.phase) {
                Some(Phase::Doing { .. }) => vec![Effect::Tell(Tell::Progress(run, progress))],
                Some(_) | None => vec![note(&run, "progress", self.word(&run))],
            },
            Event::Ended(outcome) => self.ended(outcome, now),
            Event::Failed { run, problem } => self.failed(run, problem, now),
            Event::Cancelled { run } => self.cancelled(run),
            Event::ThinkingDelta { run, text } => self.thinking(run, text),
            Event::Thought { run, turn, thought } => self.thought(run, turn, thought, now),
            Event::FoundOpen { run, sentence } => vec![Effect::Tell(Tell::FoundOpen(run, sentence))],
        }
    }

    pub(super) fn word(&self, run: &RunId) -> &'static str {
        self.runs.get(run).map_or("over", |r| r.phase.word())
    }

    fn asked(&mut self, id: RunId, text: String, now: Timestamp) -> Vec<Effect> {
        if self.runs.contains_key(&id) {
            return vec![note(&id, "a second request under one id", self.word(&id))];
        }
        if text.trim().is_empty() {
            let problem = Problem::new(Sort::Usage, "the request is empty").hint("say what you want, for example: get pods");
            return vec![Effect::Tell(Tell::Problem(id.clone(), problem)), Effect::Over { run: id, code: Sort::Usage.exit_code() }];
        }
        if text.len() > LONGEST {
            let sentence = format!("the request is {} characters long; at most {LONGEST} are read", text.chars().count());
            let problem = Problem::new(Sort::Usage, sentence).hint("a manifest is named by its file: apply FILE");
            return vec![Effect::Tell(Tell::Problem(id.clone(), problem)), Effect::Over { run: id, code: Sort::Usage.exit_code() }];
        }
        let asking = self.runs.values().any(|run| matches!(run.phase, Phase::Asking(_)));
        if !asking
            && !self.talk.asks()
            && let Some(effects) = self.mends(&id, &text, now)
        {
            return effects;
        }
        let heard = match asking && plan::from_words::drops(&text) {
            true => Heard::Settled(Reading::Aside(Aside::Drop)),
            false => self.talk.hear(&text, &self.settings.scope),
        };
        match heard {
            Heard::Request(thread) => {
                let replaced = if thread.corrects() { self.replaced() } else { Vec::new() };
                let mut run = Run::at(text, Phase::Reading { facts: Facts::default(), rounds: 0 });
                run.thread = Some(Box::new(thread));
                self.runs.insert(id.clone(), run);
                replaced.into_iter().chain(self.read(id, now)).collect()
            }
            Heard::Asks(_, question) => self.over(id, Sort::Question, |id| Tell::Question(id, question)),
            Heard::Settled(reading) => {
                let run = Run::at(text, Phase::Reading { facts: Facts::default(), rounds: 0 });
                self.runs.insert(id.clone(), run);
                self.take(id, reading, now)
            }
        }
    }

    /// Whether a request goes on from what was said before: it answers the question that stands open, or puts something right.
    pub fn goes_on(&self, text: &str) -> bool {
        self.talk.goes_on(text, &self.settings.scope)
    }

    /// What was asked about is put right before anybody said yes: its question is taken back.
    fn replaced(&mut self) -> Vec<Effect> {
        let asks = |run: &Run| matches!(run.phase, Phase::Asking(_) | Phase::Queued(_));
        match self.latest.take().filter(|id| self.runs.get(id).is_some_and(asks)) {
            Some(id) => self.over(id, Sort::Declined, Tell::Declined),
            None => Vec::new(),
        }
    }

    /// Reads a run's words with what is known so far.
    fn read(&mut self, id: RunId, now: Timestamp) -> Vec<Effect> {
        let Some(run) = self.runs.get_mut(&id) else { return vec![note(&id, "reading", "over")] };
        let Phase::Reading { facts, rounds } = &mut run.phase else { return vec![note(&id, "reading", run.phase.word())] };
        *rounds += 1;
        let last = *rounds > ROUNDS;
        let Some(thread) = run.thread.as_deref() else { return vec![note(&id, "reading", "without words")] };
        let (reading, step) = plan::read_thread(thread, &self.settings.scope, facts);
        let reading = match reading {
            // A model makes more of it than its theme; without one that is what is left.
            Reading::Unknown if self.settings.model.is_none() => plan::vaguely(thread, &self.settings.scope, facts),
            reading => reading,
        };
        self.talk.took(thread.clone(), &reading, step);
        if last && matches!(reading, Reading::Needs(_)) {
            return self.problem(id, Problem::failed("the names in it could not be looked up"));
        }
        if matches!(reading, Reading::Plan(_)) {
            self.latest = Some(id.clone());
        }
        self.take(id, reading, now)
    }

    /// Goes on from what a request was read as.
    fn take(&mut self, id: RunId, reading: Reading, now: Timestamp) -> Vec<Effect> {
        let Some(run) = self.runs.get_mut(&id) else { return vec![note(&id, "reading", "over")] };
        match reading {
            Reading::Needs(needs) => vec![Effect::Gather { run: id, needs }],
            Reading::Plan(plan) => {
                let facts = match &mut run.phase {
                    Phase::Reading { facts, .. } => std::mem::take(facts),
                    _ => Facts::default(),
                };
                self.vet(id, plan, facts, 0, now)
            }
            Reading::Question(question) => self.over(id, Sort::Question, |id| Tell::Question(id, question)),
            Reading::Refused(refusal) => self.over(id, Sort::Refused, |id| Tell::Refused(id, refusal)),
            Reading::Unknown => self.ask_model(id),
            Reading::Aside(Aside::Drop) => {
                self.runs.remove(&id);
                let asking = self.runs.iter().find(|(_, run)| matches!(run.phase, Phase::Asking(_))).map(|(id, _)| id.clone());
                let mut effects = asking.map_or_else(Vec::new, |id| self.over(id, Sort::Declined, Tell::Declined));
                effects.extend([Effect::Tell(Tell::Dropped(id.clone())), Effect::Over { run: id, code: 0 }]);
                effects.extend(self.next_question());
                effects
            }
            Reading::Aside(Aside::Help) => {
                self.runs.remove(&id);
                vec![Effect::Tell(Tell::Help(id.clone())), Effect::Over { run: id, code: 0 }]
            }
            Reading::Aside(Aside::Told(text)) => {
                self.runs.remove(&id);
                vec![Effect::Tell(Tell::Said(id.clone(), text)), Effect::Over { run: id, code: 0 }]
            }
            Reading::Aside(Aside::Here(namespace)) => {
                self.runs.remove(&id);
                self.settings.scope.namespace = namespace.clone();
                vec![Effect::Tell(Tell::Here(id.clone(), namespace)), Effect::Over { run: id, code: 0 }]
            }
            Reading::Aside(Aside::Undo(said)) => {
                run.phase = Phase::FindingRun;
                vec![Effect::FindRun { run: id, said }]
            }
            Reading::Aside(Aside::Investigate { subject, namespace }) => self.look_into(id, subject, namespace),
            Reading::Aside(Aside::Audit { topic, namespace }) => self.audit(id, topic, namespace),
            Reading::Aside(Aside::Account { asks, of, namespace }) => self.recount(id, asks, of, namespace),
        }
    }

    /// Begins to take back a run, by what the person calls it, under a run's id of its own.
    pub fn begin_undo(&mut self, id: RunId, said: Option<String>) -> Vec<Effect> {
        self.runs.insert(id.clone(), Run::at("undo".into(), Phase::FindingRun));
        vec![Effect::FindRun { run: id, said }]
    }

    /// Begins a playbook under a run's id.
    pub fn begin_playbook(&mut self, id: RunId, text: String, runner: playbook::Runner, now: Timestamp) -> Vec<Effect> {
        let run = Run::at(text, Phase::Previewing);
        self.runs.insert(id.clone(), run);
        self.play(id, runner, now)
    }

    pub(super) fn play(&mut self, id: RunId, mut runner: playbook::Runner, now: Timestamp) -> Vec<Effect> {
        let next = runner.next();
        self.follow(id, runner, next, now)
    }

    fn follow(&mut self, id: RunId, runner: playbook::Runner, next: Next, now: Timestamp) -> Vec<Effect> {
        match next {
            Next::Reads(ops) => {
                if let Some(change) = ops.iter().find(|op| op.verb().impact() > Impact::Reads) {
                    let sentence = format!("playbook {} would change something while looking: {}", runner.name(), change.line());
                    return self.problem(id, Problem::new(Sort::Refused, sentence));
                }
                let source = Source::Playbook { name: runner.name().to_string() };
                let words = self.runs.get(&id).map_or_else(String::new, |r| r.text.clone());
                let Some(plan) = Plan::new(words, source, ops, Vec::new(), &self.settings.scope) else {
                    return self.problem(id, Problem::failed(format!("playbook {} has a step with nothing in it", runner.name())));
                };
                if let Some(run) = self.runs.get_mut(&id) {
                    run.playbook = Some(Box::new(runner));
                }
                self.vet(id, plan, Facts::default(), 0, now)
            }
            Next::Report(report) => {
                self.runs.remove(&id);
                if let Some(subject) = report.findings.iter().find_map(|f| f.subject.clone()) {
                    self.settings.scope.last = Some(subject);
                }
                vec![Effect::Tell(Tell::Report(id.clone(), report)), Effect::Over { run: id, code: 0 }]
            }
        }
    }

    fn gathered(&mut self, id: RunId, facts: Facts, now: Timestamp) -> Vec<Effect> {
        let Some(run) = self.runs.get_mut(&id) else { return vec![note(&id, "facts", "over")] };
        match &mut run.phase {
            Phase::Reading { facts: known, .. } => {
                known.merge(facts);
                self.read(id, now)
            }
            Phase::Vetting { .. } => {
                let Phase::Vetting { plan, facts: mut known, rounds } = std::mem::replace(&mut run.phase, Phase::Previewing) else {
                    return vec![note(&id, "facts", "vetting")];
                };
                known.merge(facts);
                self.vet(id, plan, known, rounds, now)
            }
            Phase::LookingBack { past, who } => match undo::plan(past, &facts, who, &self.settings.scope) {
                Ok(plan) => self.vet(id, plan, facts, 0, now),
                Err(problem) => self.problem(id, problem),
            },
            Phase::Thinking
            | Phase::FindingRun
            | Phase::Diagnosing { .. }
            | Phase::LookingAgain(_)
            | Phase::Auditing { .. }
            | Phase::Recounting
            | Phase::Previewing
            | Phase::Asking(_)
            | Phase::Queued(_)
            | Phase::Doing { .. } => vec![note(&id, "facts", run.phase.word())],
        }
    }

    pub(super) fn vet(&mut self, id: RunId, plan: Plan, facts: Facts, rounds: u8, now: Timestamp) -> Vec<Effect> {
        let needs = if rounds < ROUNDS { vet::needs(&plan, &facts, &self.settings.policy, now) } else { Vec::new() };
        if let Some(run) = self.runs.get_mut(&id) {
            run.source = Some(plan.source().clone());
            run.assumed = plan.assumed().to_vec();
        }
        // What a model looks at on its way is not what the person talks about.
        let on_its_way = self.runs.get(&id).and_then(|run| run.conversation.as_ref()).is_some_and(|c| c.waits());
        if !on_its_way && let Some(target) = plan.ops().iter().rev().find_map(|op| op.verb().targets().into_iter().next()) {
            self.settings.scope.last = Some(target);
        }
        if !needs.is_empty() {
            if let Some(run) = self.runs.get_mut(&id) {
                run.phase = Phase::Vetting { plan, facts, rounds: rounds + 1 };
            }
            return vec![Effect::Gather { run: id, needs }];
        }
        match vet::vet(id.clone(), plan, &facts, &self.settings.policy, now) {
            Ok(vetted) => {
                if let Some(run) = self.runs.get_mut(&id) {
                    run.phase = Phase::Previewing;
                }
                vec![Effect::Preview(vetted)]
            }
            Err(problem) => self.failed(id, problem, now),
        }
    }

    fn past_found(&mut self, id: RunId, past: undo::PastRun, who: crate::road::journal::Who) -> Vec<Effect> {
        match self.runs.get_mut(&id) {
            Some(run) if matches!(run.phase, Phase::FindingRun) => {
                let needs = undo::needs(&past);
                run.phase = Phase::LookingBack { past: Box::new(past), who };
                vec![Effect::Gather { run: id, needs }]
            }
            Some(_) | None => vec![note(&id, "a past run", self.word(&id))],
        }
    }

    fn previewed(&mut self, previewed: Previewed) -> Vec<Effect> {
        let id = previewed.run().clone();
        let busy = self.busy();
        let Some(run) = self.runs.get_mut(&id) else { return vec![note(&id, "a preview", "over")] };
        if !matches!(run.phase, Phase::Previewing) {
            return vec![note(&id, "a preview", run.phase.word())];
        }
        if previewed.only_rehearsed() && previewed.changes() {
            let shown = Tell::Rehearsed(Box::new(card(&previewed)));
            self.runs.remove(&id);
            return vec![Effect::Tell(shown), Effect::Over { run: id, code: 0 }];
        }
        match approve::allowed(previewed) {
            Ok(approved) => {
                run.phase = Phase::Doing { changes: approved.changes() };
                vec![Effect::CarryOut(approved)]
            }
            Err(previewed) if busy => {
                run.phase = Phase::Queued(previewed);
                Vec::new()
            }
            Err(previewed) => {
                let card = card(&previewed);
                run.phase = Phase::Asking(previewed);
                vec![Effect::Ask(card)]
            }
        }
    }

    /// Whether a change asks or is under way: the next one has to wait.
    fn busy(&self) -> bool {
        self.runs.values().any(|r| matches!(r.phase, Phase::Asking(_) | Phase::Doing { changes: true }))
    }

    fn answered(&mut self, answer: &Answer) -> Vec<Effect> {
        let asking = self.runs.iter().find(|(_, run)| matches!(run.phase, Phase::Asking(_))).map(|(id, _)| id.clone());
        let Some(id) = asking else { return vec![Effect::Note("an answer, and nothing asks".into())] };
        let Some(run) = self.runs.get_mut(&id) else { return Vec::new() };
        let Phase::Asking(previewed) = std::mem::replace(&mut run.phase, Phase::Previewing) else { return Vec::new() };
        match approve::approve(*previewed, answer).map_err(|e| *e) {
            Ok(approved) => {
                run.phase = Phase::Doing { changes: approved.changes() };
                vec![Effect::CarryOut(approved)]
            }
            Err(NotApproved::OtherPreview(previewed)) => {
                run.phase = Phase::Asking(Box::new(previewed));
                vec![Effect::Note(format!("an answer to another preview; run {id} still asks"))]
            }
            Err(NotApproved::NotEnough(previewed, lacking)) => {
                let by_flag = matches!(answer.given, Given::YesFlag | Given::ConfirmFlag(_));
                run.phase = Phase::Asking(Box::new(previewed));
                let mut effects = vec![Effect::Tell(Tell::Lacking(id.clone(), lacking))];
                if by_flag {
                    // Nobody is there to say more.
                    self.runs.remove(&id);
                    effects.push(Effect::Over { run: id, code: Sort::Declined.exit_code() });
                    effects.extend(self.next_question());
                }
                effects
            }
            Err(NotApproved::Declined(id)) => {
                let mut effects = self.over(id, Sort::Declined, Tell::Declined);
                effects.extend(self.next_question());
                effects
            }
        }
    }

    /// The question that has waited longest is asked, if nothing is before it any more.
    pub(super) fn next_question(&mut self) -> Vec<Effect> {
        if self.busy() {
            return Vec::new();
        }
        let Some(run) = self.runs.values_mut().find(|run| matches!(run.phase, Phase::Queued(_))) else { return Vec::new() };
        let Phase::Queued(previewed) = std::mem::replace(&mut run.phase, Phase::Previewing) else { return Vec::new() };
        let card = card(&previewed);
        run.phase = Phase::Asking(previewed);
        vec![Effect::Ask(card)]
    }

    fn ended(&mut self, outcome: Outcome, now: Timestamp) -> Vec<Effect> {
        let id = outcome.run.clone();
        let Some(run) = self.runs.get_mut(&id) else { return vec![note(&id, "an outcome", "over"), Effect::Tell(Tell::Outcome(outcome))] };
        if !matches!(run.phase, Phase::Doing { .. }) {
            return vec![note(&id, "an outcome", run.phase.word())];
        }
        if let Some(runner) = run.playbook.take() {
            run.phase = Phase::Previewing;
            return self.played(id, *runner, &outcome, now);
        }
        if run.conversation.as_ref().is_some_and(|c| c.waits()) {
            return self.looked(id, outcome);
        }
        let mut from = Origin { source: run.source.clone(), assumed: std::mem::take(&mut run.assumed), mends: run.mends.take() };
        if run.thread.is_some() {
            self.lists(&outcome);
        }
        self.runs.remove(&id);
        let code = outcome.exit_code();
        let again = match &outcome.done {
            Done::Moved { again } if !again.is_empty() => Some((again.clone(), outcome.words.clone())),
            Done::Moved { .. } | Done::Holds | Done::NotHolding(_) | Done::Stopped | Done::Failed(_) | Done::Unknown(_) => None,
        };
        let (holds, words) = (outcome.done == Done::Holds, outcome.words.clone());
        let mut effects = vec![Effect::Tell(Tell::Outcome(outcome))];
        match again {
            Some((ops, words)) => effects.extend(self.ask_anew(id, ops, words, from, now)),
            None => match from.mends.take().filter(|_| holds) {
                Some(mending) => effects.extend(self.look_again(id, words, mending)),
                None => effects.push(Effect::Over { run: id, code }),
            },
        }
        effects.extend(self.next_question());
        effects
    }

    /// What was listed can be spoken of: the one there is is "it".
    fn lists(&mut self, outcome: &Outcome) {
        let listing = |step: &StepOutcome| step.answer.as_ref().map_or_else(Vec::new, |answer| talk::rows(&step.op, answer));
        let rows: Vec<Target> = outcome.steps.iter().flat_map(listing).collect();
        if let [one] = rows.as_slice() {
            self.settings.scope.last = Some(one.clone());
        }
        self.talk.listed(rows);
    }

    fn played(&mut self, id: RunId, mut runner: playbook::Runner, outcome: &Outcome, now: Timestamp) -> Vec<Effect> {
        if outcome.done == Done::Stopped {
            return self.over(id, Sort::Interrupted, Tell::Stopped);
        }
        for step in &outcome.steps {
            runner.take(match (&step.answer, &step.problem) {
                (Some(answer), _) => Ok(answer.clone()),
                (None, Some(problem)) => Err(problem.clone()),
                (None, None) => Err(Problem::failed("it gave no answer")),
            });
        }
        let next = runner.next();
        self.follow(id, runner, next, now)
    }

    /// The objects moved between the yes and the sending: a new preview, a new question, under an id of its own.
    fn ask_anew(&mut self, old: RunId, ops: Vec<Op>, words: String, from: Origin, now: Timestamp) -> Vec<Effect> {
        let Origin { source, assumed, mends } = from;
        if old.as_str().chars().rev().take_while(|c| *c == '+').count() >= ANEW {
            let problem = Problem::failed(format!("{words:?}: the object keeps changing; nothing was sent"))
                .hint("try again when it has come to rest");
            return vec![Effect::Tell(Tell::Problem(old.clone(), problem)), Effect::Over { run: old, code: Sort::Failed.exit_code() }];
        }
        let id = RunId::new(format!("{old}+"));
        let Some(plan) = Plan::new(words.clone(), source.unwrap_or(Source::Words), ops, assumed, &self.settings.scope) else {
            return vec![Effect::Over { run: old, code: 1 }];
        };
        self.runs.insert(id.clone(), Run { mends, ..Run::at(words, Phase::Previewing) });
        let mut effects = vec![Effect::Tell(Tell::AskedAnew(old, id.clone()))];
        effects.extend(self.vet(id, plan, Facts::default(), 0, now));
        effects
    }

    fn failed(&mut self, id: RunId, problem: Problem, now: Timestamp) -> Vec<Effect> {
        match self.runs.get_mut(&id) {
            None => vec![note(&id, "a failure", "over"), Effect::Tell(Tell::Problem(id, problem))],
            // A model that looks elsewhere can still be of use; not where nothing can be looked at.
            Some(run)
                if run.conversation.as_ref().is_some_and(|c| c.waits())
                    && !matches!(problem.sort, Sort::Interrupted | Sort::Unreachable) =>
            {
                self.looked_in_vain(id, &problem)
            }
            Some(Run { phase: Phase::Thinking, .. }) => self.without_model(id, problem.sentence),
            Some(run) => match run.playbook.take() {
                // A playbook goes on without what could not be read: it says so in its report.
                Some(mut runner) if problem.sort != Sort::Interrupted => {
                    runner.take(Err(problem));
                    let next = runner.next();
                    self.follow(id, *runner, next, now)
                }
                Some(_) | None => self.problem(id, problem),
            },
        }
    }

    fn cancelled(&mut self, run: Option<RunId>) -> Vec<Effect> {
        let front = || {
            let asking = self.runs.iter().find(|(_, r)| matches!(r.phase, Phase::Asking(_)));
            asking.or_else(|| self.runs.iter().next_back()).map(|(id, _)| id.clone())
        };
        let Some(id) = run.or_else(front) else { return vec![Effect::Note("nothing to stop".into())] };
        match self.runs.get(&id).map(|r| &r.phase) {
            None => vec![note(&id, "a stop", "over")],
            Some(Phase::Doing { .. }) => vec![Effect::StopWatching { run: id }],
            Some(Phase::Asking(_)) => {
                let mut effects = self.over(id, Sort::Declined, Tell::Declined);
                effects.extend(self.next_question());
                effects
            }
            Some(
                Phase::Reading { .. }
                | Phase::Thinking
                | Phase::FindingRun
                | Phase::LookingBack { .. }
                | Phase::Diagnosing { .. }
                | Phase::LookingAgain(_)
                | Phase::Auditing { .. }
                | Phase::Recounting
                | Phase::Vetting { .. }
                | Phase::Previewing
                | Phase::Queued(_),
            ) => {
                let mut effects = vec![Effect::Drop { run: id.clone() }];
                effects.extend(self.over(id, Sort::Interrupted, Tell::Stopped));
                effects
            }
        }
    }

    pub(super) fn problem(&mut self, id: RunId, problem: Problem) -> Vec<Effect> {
        let sort = problem.sort;
        let mut effects = self.over(id, sort, |id| Tell::Problem(id, problem));
        effects.extend(self.next_question());
        effects
    }

    pub(super) fn over(&mut self, id: RunId, sort: Sort, tell: impl FnOnce(RunId) -> Tell) -> Vec<Effect> {
        self.runs.remove(&id);
        vec![Effect::Tell(tell(id.clone())), Effect::Over { run: id, code: sort.exit_code() }]
    }

    fn finish_from(
        &mut self,
        id: &RunId,
        what: &str,
        fits: impl Fn(&Phase) -> bool,
        then: impl FnOnce(RunId) -> Vec<Effect>,
    ) -> Vec<Effect> {
        match self.runs.get(id) {
            Some(run) if fits(&run.phase) => {
                self.runs.remove(id);
                then(id.clone())
            }
            Some(run) => vec![note(id, what, run.phase.word())],
            None => vec![note(id, what, "over")],
        }
    }

    /// What "it" means from here on.
    pub fn talk_about(&mut self, target: Option<Target>) {
        self.settings.scope.last = target;
    }
}

pub(super) fn note(run: &RunId, what: &str, phase: &str) -> Effect {
    Effect::Note(format!("{what} came for run {run}, which is {phase}"))
}

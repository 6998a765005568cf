//! The brain, driven by any sequence of events, its effects answered by the real pure functions, reordered, dropped, repeated:
//! no change is carried out without `allow` or a yes to that very preview.

use crate::support::fake::Objects;
use aiops::{
    doors::model::{ModelTrouble, Reply, ToolCall},
    experts::{
        audit::{self, Audit},
        diagnose::{self, Diagnosis},
        playbook::Library,
        timeline,
    },
    facts::{Facts, snapshot::Documents},
    problem::Problem,
    road::{
        RunId,
        approve::{Answer, Given},
        execute::{Done, Outcome, Progress},
        journal::Who,
        plan::{Scope, from_model::Sharing},
        preview::{Assembled, Card, PreviewId, assemble},
        undo::PastRun,
        vet::{Policy, Verdict},
    },
    session::{Effect, Event, ModelSettings, Recounted, Session, Settings},
};
use jiff::Timestamp;
use proptest::prelude::*;
use std::collections::BTreeMap;

const REQUESTS: &[&str] = &[
    "kubectl scale deployment/backend --replicas=3",
    "kubectl scale deployment/backend --replicas=2",
    "kubectl delete deployment/frontend",
    "kubectl delete pod/web",
    "kubectl get pods",
    "kubectl set image deployment/backend backend=backend:v2",
    "kubectl rollout restart deployment/frontend",
    "kubectl label pod/web tier=front",
    "kubectl delete pod/nothing",
    "undo",
    "is my cluster healthy",
    "why is backend crashing",
    "what changed in the last hour",
    "nonsense that nobody understands",
    "show me what it all comes to, somehow",
    "",
];

/// What the driver may do next.
#[derive(Debug, Clone)]
enum Act {
    /// Ask for something.
    Ask(usize),
    /// Let the n-th waiting effect come back as its event.
    Deliver(usize),
    /// Let the n-th waiting effect, where it asks a model, come back with a reply of these calls; none of them: text.
    Think(usize, Vec<(usize, usize)>),
    /// Lose the n-th waiting effect.
    Lose(usize),
    /// Answer: to the n-th preview ever shown, or to a made-up one.
    Answer { to: Option<usize>, given: u8, name: usize },
    /// Anything else that can come in, for a run that may or may not exist.
    Stray { kind: u8, run: usize },
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        3 => (0..REQUESTS.len()).prop_map(Act::Ask),
        8 => (0usize..6).prop_map(Act::Deliver),
        6 => (0usize..6, prop::collection::vec((0..CALLS.len(), 0usize..3), 0..4)).prop_map(|(n, calls)| Act::Think(n, calls)),
        1 => (0usize..6).prop_map(Act::Lose),
        4 => (prop::option::weighted(0.8, 0usize..6), 0u8..5, 0usize..4).prop_map(|(to, given, name)| Act::Answer { to, given, name }),
        2 => (0u8..STRAYS, 0usize..4).prop_map(|(kind, run)| Act::Stray { kind, run }),
    ]
}

/// Every event has a place in the generator: a new one does not compile until it is given one.
fn generated_by(event: &Event) -> &'static str {
    match event {
        Event::Asked { .. } => "Act::Ask",
        Event::Answered(_) => "Act::Answer",
        Event::Previewed(_) => "Act::Deliver of Effect::Preview",
        Event::Ended(_) => "Act::Deliver of Effect::CarryOut, and Act::Stray",
        Event::Thought { .. } => "Act::Think and Act::Deliver of Effect::Think, and Act::Stray",
        Event::Diagnosed { .. } => "Act::Deliver of Effect::Diagnose, and Act::Stray",
        Event::Audited { .. } => "Act::Deliver of Effect::Audit, and Act::Stray",
        Event::Recounted { .. } => "Act::Deliver of Effect::Recount, and Act::Stray",
        Event::ThinkingDelta { .. } => "Act::Stray",
        Event::Started
        | Event::Gathered { .. }
        | Event::PastFound { .. }
        | Event::NothingToDo { .. }
        | Event::Progressed { .. }
        | Event::Failed { .. }
        | Event::Cancelled { .. }
        | Event::FoundOpen { .. } => "Act::Stray",
    }
}

const STRAYS: u8 = 17;

/// What a model may call, right and wrong.
const CALLS: &[(&str, &str)] = &[
    ("get", r#"{"kinds": ["pod"]}"#),
    ("describe", r#"{"kind": "pod", "name": "nothing"}"#),
    ("delete", r#"{"targets": [{"kind": "pod", "name": "web"}]}"#),
    ("delete", r#"{"targets": [{"kind": "deployment", "name": "frontend"}]}"#),
    ("scale", r#"{"kind": "deployment", "name": "backend", "replicas": 3}"#),
    ("scale", r#"{"kind": "deployment", "name": "backend", "replicas": 0, "context": "prod"}"#),
    ("label", r#"{"kind": "pod", "name": "web", "labels": {"tier": "front"}}"#),
    ("sh", r#"{"command": "rm -rf /"}"#),
    ("get", "no json"),
];

fn model() -> ModelSettings {
    ModelSettings { host: "localhost:1".into(), sharing: Sharing::Logs }
}

fn reply(calls: &[(usize, usize)]) -> Reply {
    let calls = calls.iter().map(|(n, id)| {
        let (name, arguments) = CALLS[*n];
        ToolCall { id: ["", "a", "b"][*id].into(), name: name.into(), arguments: arguments.into() }
    });
    let calls: Vec<ToolCall> = calls.collect();
    Reply { text: if calls.is_empty() { "I did it all, no need to ask.".into() } else { String::new() }, calls }
}

fn stray(kind: u8, run: RunId) -> Event {
    match kind {
        0 => Event::Started,
        1 => Event::Gathered { run, facts: Facts::default() },
        2 => Event::NothingToDo { run, sentence: "so already".into() },
        3 => Event::Progressed { run, progress: Progress::Waits { step: 0, state: "1 of 2".into() } },
        4 => Event::Failed { run, problem: Problem::failed("lost") },
        5 => Event::Cancelled { run: Some(run) },
        6 => Event::Cancelled { run: None },
        7 => Event::FoundOpen { run, sentence: "was done".into() },
        8 => Event::ThinkingDelta { run, text: "hm".into() },
        9 => Event::Thought { run, turn: 0, thought: Ok(reply(&[(2, 0)])) },
        10 => Event::Thought { run, turn: 1, thought: Ok(reply(&[(4, 0)])) },
        11 => Event::Thought { run, turn: 0, thought: Err(ModelTrouble::Truncated) },
        12 => Event::Diagnosed { run, found: Box::new(diagnosis(true)) },
        13 => Event::Diagnosed { run, found: Box::new(diagnosis(false)) },
        14 => Event::Audited { run, found: Box::new(audited()) },
        15 => Event::Recounted { run, told: Box::new(recounted()) },
        _ => Event::Ended(outcome(run, Done::Holds)),
    }
}

fn outcome(run: RunId, done: Done) -> Outcome {
    Outcome { run, words: "made up".into(), changed: true, done, steps: Vec::new(), not_begun: 0, way_back: true }
}

/// What happened where nothing is known.
fn recounted() -> Recounted {
    let empty = Documents::new(Timestamp::UNIX_EPOCH).finish();
    Recounted::Timeline(timeline::timeline(&empty, None, timeline::Span::default()))
}

/// What rules find in a Deployment whose rollout is paused and one that is well.
fn diagnosis(ill: bool) -> Diagnosis {
    let object = serde_json::json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "backend", "namespace": "default", "generation": 2},
        "spec": {"replicas": 1, "paused": ill, "selector": {"matchLabels": {"app": "backend"}}},
        "status": {"replicas": 1, "readyReplicas": 1, "availableReplicas": 1, "updatedReplicas": 0, "observedGeneration": 2}});
    let mut all = Documents::new(Timestamp::UNIX_EPOCH);
    all.take("test", object);
    let found = diagnose::diagnose(&all.finish(), None);
    assert_eq!(!found.findings.is_empty(), ill, "{found:?}");
    found
}

/// What checks find in a manifest of one pod.
fn audited() -> Audit {
    let pod = serde_json::json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}, "spec": {"hostPID": true, "containers": [{"name": "app"}]}});
    let mut all = Documents::new(Timestamp::UNIX_EPOCH);
    all.take("test", pod);
    audit::audit(&all.finish(), audit::Asked::default())
}

struct World {
    session: Session,
    objects: Objects,
    waiting: Vec<Effect>,
    cards: Vec<Card>,
    /// The last answer given to each preview while its question stood.
    answers: BTreeMap<String, Vec<Given>>,
    runs: Vec<RunId>,
    carried: usize,
}

impl World {
    fn new(policy: Policy) -> World {
        let scope = Scope { namespace: "default".parse().unwrap(), last: None, everywhere: false, cluster: true };
        World {
            session: Session::new(Settings { policy, scope, playbooks: Library::built_in(), model: Some(model()) }),
            objects: Objects::small(),
            waiting: Vec::new(),
            cards: Vec::new(),
            answers: BTreeMap::new(),
            runs: Vec::new(),
            carried: 0,
        }
    }

    fn step(&mut self, event: Event) {
        assert!(!generated_by(&event).is_empty());
        for effect in self.session.step(event, Timestamp::UNIX_EPOCH) {
            match effect {
                Effect::CarryOut(approved) => {
                    if approved.changes() {
                        self.judge(approved.preview(), approved.by());
                        self.carried += 1;
                    }
                    self.waiting.push(Effect::CarryOut(approved));
                }
                Effect::Ask(card) => self.cards.push(card),
                Effect::Tell(_) | Effect::Over { .. } | Effect::Note(_) => {}
                other => self.waiting.push(other),
            }
        }
    }

    /// The heart of it: a change goes out only on a sufficient yes to exactly this preview.
    fn judge(&self, preview: &PreviewId, by: &aiops::road::approve::ApprovedBy) {
        let card =
            self.cards.iter().find(|c| c.preview == *preview).unwrap_or_else(|| panic!("a change nobody was shown went out: {preview:?}"));
        let given = self.answers.get(preview.as_str()).unwrap_or_else(|| panic!("{:?} went out unanswered ({by:?})", card.words));
        let enough = given.iter().any(|g| match (g, card.verdict) {
            (Given::No, _) | (_, Verdict::Forbid) => false,
            (Given::Typed(name) | Given::ConfirmFlag(name), Verdict::ConfirmTyped) => Some(name) == card.name_to_type.as_ref(),
            (Given::Yes | Given::YesFlag, Verdict::ConfirmTyped) => false,
            (_, Verdict::Allow | Verdict::Confirm) => true,
        });
        assert!(enough, "{:?} went out on {given:?} under {:?}", card.words, card.verdict);
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Ask(n) => {
                let run = RunId::new(format!("run-{}", self.runs.len()));
                self.runs.push(run.clone());
                self.step(Event::Asked { run, text: REQUESTS[n].into() });
            }
            Act::Deliver(n) if n < self.waiting.len() => {
                let effect = self.waiting.remove(n);
                if let Some(event) = self.carried_out(effect) {
                    self.step(event);
                }
            }
            Act::Think(n, calls) => {
                if let Some(Effect::Think { run, turn, .. }) = self.waiting.get(n) {
                    // It stays waiting: the same question may be answered twice.
                    self.step(Event::Thought { run: run.clone(), turn: *turn, thought: Ok(reply(&calls)) });
                }
            }
            Act::Lose(n) if n < self.waiting.len() => drop(self.waiting.remove(n)),
            Act::Deliver(_) | Act::Lose(_) => {}
            Act::Answer { to, given, name } => {
                let card = to.and_then(|n| self.cards.get(n));
                let to = card.map_or_else(|| PreviewId::made_up("never shown"), |c| c.preview.clone());
                let name = ["frontend", "backend", "web", ""][name].to_string();
                let given = match given {
                    0 => Given::No,
                    1 => Given::Yes,
                    2 => Given::Typed(name),
                    3 => Given::YesFlag,
                    _ => Given::ConfirmFlag(name),
                };
                self.answers.entry(to.as_str().to_string()).or_default().push(given.clone());
                self.step(Event::Answered(Answer { to, given }));
            }
            Act::Stray { kind, run } => {
                let run = self.runs.get(run).cloned().unwrap_or_else(|| RunId::new("nobody"));
                self.step(stray(kind, run));
            }
        }
    }

    fn carried_out(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Gather { run, needs } => Some(Event::Gathered { run, facts: self.objects.gather(&needs) }),
            Effect::Think { run, turn, .. } => Some(Event::Thought { run, turn, thought: Err(ModelTrouble::TimedOut) }),
            Effect::Diagnose { run, .. } => {
                // Of two that ask one learns of a cause that names a fix, and the other that all is well.
                let ill = self.runs.iter().position(|r| *r == run).unwrap_or_default() % 2 == 0;
                Some(Event::Diagnosed { run, found: Box::new(diagnosis(ill)) })
            }
            Effect::Audit { run, .. } => Some(Event::Audited { run, found: Box::new(audited()) }),
            Effect::Recount { run, .. } => Some(Event::Recounted { run, told: Box::new(recounted()) }),
            Effect::FindRun { run, .. } => Some(Event::Failed { run, problem: Problem::failed("nothing to undo") }),
            Effect::Preview(vetted) => {
                let run = vetted.run().clone();
                let dry_runs = self.objects.dry_runs(&vetted.rehearsals());
                Some(match assemble(vetted, dry_runs, &Policy::built_in(false)) {
                    Ok(Assembled::Previewed(previewed)) => Event::Previewed(previewed),
                    Ok(Assembled::NothingToDo(sentence)) => Event::NothingToDo { run, sentence },
                    Err(problem) => Event::Failed { run, problem },
                })
            }
            Effect::CarryOut(approved) => {
                let done = if self.carried % 3 == 2 {
                    Done::Moved { again: vec![aiops::ops::Op::from_line("kubectl scale deployment/backend --replicas=5").unwrap()] }
                } else {
                    Done::Holds
                };
                Some(Event::Ended(outcome(approved.run().clone(), done)))
            }
            Effect::CloseLeftOpen | Effect::Drop { .. } | Effect::StopWatching { .. } => None,
            Effect::Ask(_) | Effect::Tell(_) | Effect::Over { .. } | Effect::Note(_) => None,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn no_change_goes_out_without_a_yes_to_that_very_preview(acts in prop::collection::vec(act(), 1..60)) {
        let mut world = World::new(Policy::built_in(false));
        for act in acts {
            world.act(act);
        }
    }

    #[test]
    fn read_only_lets_no_change_out(acts in prop::collection::vec(act(), 1..40)) {
        let mut world = World::new(Policy::built_in(true));
        for act in acts {
            world.act(act);
        }
        prop_assert_eq!(world.carried, 0);
    }
}

/// Lets everything that waits come back, until nothing waits.
fn settle(world: &mut World) {
    for _ in 0..50 {
        if world.waiting.is_empty() {
            return;
        }
        world.act(Act::Deliver(0));
    }
}

#[test]
fn a_read_asks_nobody_and_a_change_waits_for_its_yes() {
    let mut world = World::new(Policy::built_in(false));
    world.act(Act::Ask(4));
    settle(&mut world);
    assert!(world.cards.is_empty());
    world.act(Act::Ask(0));
    settle(&mut world);
    assert_eq!(world.cards.len(), 1);
    assert_eq!(world.carried, 0);
    world.act(Act::Answer { to: None, given: 1, name: 0 });
    assert_eq!(world.carried, 0, "a yes to another preview is no yes to this one");
    world.act(Act::Answer { to: Some(0), given: 1, name: 0 });
    assert_eq!(world.carried, 1);
}

#[test]
fn what_moved_is_asked_about_again() {
    let mut world = World::new(Policy::built_in(false));
    world.carried = 1;
    world.act(Act::Ask(0));
    settle(&mut world);
    world.act(Act::Answer { to: Some(0), given: 1, name: 0 });
    settle(&mut world);
    assert_eq!(world.cards.len(), 2, "the object moved: a new preview and a new question");
    assert_ne!(world.cards[0].preview, world.cards[1].preview);
    assert_eq!(world.carried, 2, "and nothing went out on the old yes");
}

#[test]
fn one_question_at_a_time() {
    let mut world = World::new(Policy::built_in(false));
    world.act(Act::Ask(0));
    world.act(Act::Ask(5));
    settle(&mut world);
    assert_eq!(world.cards.len(), 1);
    world.act(Act::Answer { to: Some(0), given: 0, name: 0 });
    assert_eq!(world.cards.len(), 2);
}

#[test]
fn a_past_run_of_nothing_is_no_plan() {
    // `PastFound` for a run that looks for none is a note, not a crash.
    let mut world = World::new(Policy::built_in(false));
    let who = Who { context: "a".into(), server: "b".into(), user: "c".into(), cluster: None };
    world.step(Event::PastFound { run: RunId::new("nobody"), past: PastRun::nothing(RunId::new("x")), who });
    assert!(world.waiting.is_empty());
}

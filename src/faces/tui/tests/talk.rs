//! The dialogues, typed into the terminal's face: every turn goes through the composer, the brain and the built-in cluster, and what is
//! asked stands on the screen.

#[path = "../../../../tests/suite/talk/script.rs"]
mod script;

use super::*;
use crate::{
    doors::cluster::{Cluster, Identity},
    drive::{self, Drive, Link},
    experts::playbook::Library,
    ops::Op,
    road::{execute::Manner, plan::Scope, vet::Policy},
    session::{Effect, Event, Session, Settings, Tell},
    simulator::{self, Simulator},
    world::World,
};
use script::{CLUSTER, dialogues, lines};
use std::sync::Arc;
use tokio::sync::mpsc::UnboundedReceiver;

/// A person at the terminal, with a cluster behind it.
struct Talker {
    stage: Stage,
    session: Session,
    drive: Drive,
    inbox: UnboundedReceiver<Event>,
    world: World,
    came: Option<String>,
}

/// The cluster that all dialogues are held on; nothing is changed on it.
fn ground() -> Cluster {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let simulator = Simulator::new(simulator::Settings::following(Arc::new(Timestamp::now))).unwrap();
    for object in serde_json::from_str::<Vec<serde_json::Value>>(CLUSTER).unwrap() {
        simulator.put(object).unwrap();
    }
    let living = simulator.clone();
    tokio::spawn(async move { living.run().await });
    let identity = Identity {
        context: "built-in".into(),
        server: "built-in".into(),
        user: "tester".into(),
        namespace: "shop".parse().unwrap(),
        cluster_uid: None,
    };
    Cluster::over(simulator.router(), identity)
}

impl Talker {
    fn on(cluster: &Cluster, home: &std::path::Path) -> Talker {
        let mut world = World::of_this_machine().unwrap();
        (world.state_dir, world.config_dir) = (home.join("state"), home.join("config"));
        let policy = Policy::built_in(false);
        let manner = Manner { patience: Duration::from_secs(60), pause: Duration::from_millis(100), follow: None };
        let (drive, inbox) = drive::start(Link::ready(cluster.clone()), policy.clone(), world.clone(), manner);
        let scope = Scope { namespace: "shop".parse().unwrap(), last: None, everywhere: false, cluster: true };
        let session = Session::new(Settings { policy, scope, playbooks: Library::built_in(), model: None });
        Talker { stage: Stage::new(110, 40), session, drive, inbox, world, came: None }
    }

    /// Types a text and Enter; comes back when something is asked, or nothing is under way any more.
    async fn says(&mut self, text: &str) -> String {
        self.came = None;
        let mut actions = Vec::new();
        for code in text.chars().map(KeyCode::Char).chain([KeyCode::Enter]) {
            let key = Input::Key(KeyEvent::new(code, KeyModifiers::NONE));
            actions.extend(self.stage.app.handle(key, self.stage.at));
        }
        let asked: Vec<&Action> = actions.iter().filter(|action| matches!(action, Action::Ask(_))).collect();
        let [Action::Ask(text)] = asked.as_slice() else { panic!("{text:?} is no request: {actions:?}") };
        let run = RunId::new(self.world.id());
        self.step(Event::Asked { run, text: text.clone() });
        self.settle().await;
        if let Some(asking) = &self.stage.app.asking {
            let steps = asking.card.steps.iter().map(|step| step.kubectl.clone());
            return lines(steps, !asking.card.assumed.is_empty());
        }
        self.came.take().unwrap_or_else(|| "nothing".into())
    }

    async fn settle(&mut self) {
        while self.stage.app.asking.is_none() && self.session.under_way().next().is_some() {
            let event = tokio::time::timeout(Duration::from_secs(30), self.inbox.recv()).await.unwrap().unwrap();
            self.step(event);
        }
    }

    /// Says no to what is asked.
    async fn declines(&mut self) {
        if let Some(answer) = self.stage.app.asking.as_ref().map(super::super::asking::Asking::no) {
            self.step(Event::Answered(answer));
            self.settle().await;
        }
    }

    fn step(&mut self, event: Event) {
        for effect in self.session.step(event, self.world.now()) {
            match self.drive.carry(effect) {
                Some(Effect::Ask(card)) => self.stage.app.ask(card),
                Some(Effect::Tell(tell)) => {
                    self.came = self.came.take().or_else(|| in_short(&tell));
                    self.stage.app.tell(tell);
                }
                Some(_) | None => {}
            }
        }
        self.stage.app.follow(self.session.under_way(), self.stage.at);
    }
}

fn in_short(tell: &Tell) -> Option<String> {
    Some(match tell {
        Tell::Question(_, question) => format!("?{}", question.missing),
        Tell::Refused(..) => "refused".into(),
        Tell::NotUnderstood(_) => "unknown".into(),
        Tell::Said(..) => "told".into(),
        Tell::Dropped(_) => "dropped".into(),
        Tell::Diagnosis(..) | Tell::Report(..) => "why".into(),
        Tell::NothingToDo(..) => "unchanged".into(),
        Tell::Here(_, namespace) => format!("here {namespace}"),
        Tell::Outcome(outcome) => lines(outcome.steps.iter().map(|step| Op::line(&step.op)), false),
        Tell::Problem(_, problem) if problem.sentence.contains("undo") || problem.sentence.contains("journal") => "undo".into(),
        Tell::Problem(..) => "trouble".into(),
        _ => return None,
    })
}

#[tokio::test]
async fn every_dialogue_at_the_terminal() {
    let (cluster, home) = (ground(), tempfile::tempdir().unwrap());
    let mut wrong = String::new();
    for dialogue in dialogues() {
        let mut talker = Talker::on(&cluster, home.path());
        for (n, (said, want)) in dialogue.turns.iter().enumerate() {
            let came = talker.says(said).await;
            if came != *want {
                wrong.push_str(&format!("line {} ({}): {said:?}\n   want {want}\n   came {came}\n", dialogue.line + n, dialogue.shape));
            }
            talker.declines().await;
        }
        assert!(talker.session.under_way().next().is_none(), "line {}", dialogue.line);
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test]
async fn what_is_only_asked_about_is_replaced_by_its_correction() {
    let (cluster, home) = (ground(), tempfile::tempdir().unwrap());
    let mut talker = Talker::on(&cluster, home.path());
    assert_eq!(talker.says("scale backend to 3").await, "scale deployment/backend --replicas=3");
    assert_eq!(talker.says("no, the frontend").await, "scale deployment/frontend --replicas=3 ~");
    let asks: Vec<_> = talker.session.under_way().map(|(_, phase)| phase).collect();
    assert_eq!(asks, ["asking"], "the first question is taken back");
    // The screen says what the reference was taken for.
    talker.stage.rest();
    let screen = talker.stage.screen();
    assert!(screen.contains("no, the frontend") && screen.contains("deployment/frontend"), "{screen}");
}

#[tokio::test]
async fn a_no_in_words_is_a_no() {
    let (cluster, home) = (ground(), tempfile::tempdir().unwrap());
    let mut talker = Talker::on(&cluster, home.path());
    assert_eq!(talker.says("scale backend to 3").await, "scale deployment/backend --replicas=3");
    talker.says("never mind").await;
    assert!(talker.session.under_way().next().is_none() && talker.stage.app.asking.is_none());
}

#[tokio::test]
async fn choices_stand_under_their_numbers() {
    let (cluster, home) = (ground(), tempfile::tempdir().unwrap());
    let mut talker = Talker::on(&cluster, home.path());
    assert_eq!(talker.says("restart the deployment").await, "?name");
    talker.stage.rest();
    let screen = talker.stage.screen();
    assert!(screen.contains("2 kubectl rollout restart deployment/frontend"), "{screen}");
}

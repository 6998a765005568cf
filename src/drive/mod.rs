//! Carries effects out: the only place that spawns. What comes of an effect goes back as an event.
//!
//! Owns: tasks and their ends, the one connection to the cluster, the journal's place. Does not own: deciding (session), drawing.
//! Invariants: a panic in a task comes back as [`Event::Failed`]; a task that was dropped before it sent anything sends nothing;
//! a write that was begun is never dropped.

pub mod audit;
pub mod diagnose;
mod edit;
mod left_open;
mod link;
pub mod recount;
pub mod watch;

pub use link::Link;

use crate::{
    doors::{
        cluster::Cluster,
        helm::Helm,
        model::{Delta, Model, ModelTrouble, Request},
    },
    facts::{Facts, Need},
    problem::{Problem, Sort},
    road::{
        RunId,
        approve::Approved,
        execute::{self, Borrow, Lender, Manner, Progress, Stopper},
        journal::{Journal, Who},
        preview::{Assembled, assemble},
        undo,
        vet::{Policy, Vetted},
    },
    session::{Effect, Event, Tell},
    world::World,
};
use futures::FutureExt as _;
use std::{
    collections::BTreeMap,
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
};
use tokio::{
    sync::mpsc,
    task::{AbortHandle, JoinHandle},
};

/// The hand that carries effects out.
pub struct Drive {
    shared: Arc<Shared>,
    model: Option<Arc<Model>>,
    tasks: BTreeMap<RunId, AbortHandle>,
    stoppers: BTreeMap<RunId, Stopper>,
    looking_back: Option<JoinHandle<()>>,
}

/// What every task needs.
struct Shared {
    link: Link,
    helm: Helm,
    journal: Journal,
    policy: Policy,
    world: World,
    manner: Manner,
    lender: OnceLock<Lender>,
    events: mpsc::UnboundedSender<Event>,
}

/// Begins: nothing is connected yet. Events come out of the receiver.
pub fn start(link: Link, policy: Policy, world: World, manner: Manner) -> (Drive, mpsc::UnboundedReceiver<Event>) {
    let (events, inbox) = mpsc::unbounded_channel();
    let journal = Journal::at(&world);
    let helm = Helm::new(&world);
    let shared = Shared { link, helm, journal, policy, world, manner, lender: OnceLock::new(), events };
    (Drive { shared: Arc::new(shared), model: None, tasks: BTreeMap::new(), stoppers: BTreeMap::new(), looking_back: None }, inbox)
}

impl Drive {
    /// The same hand with a model to ask.
    #[must_use]
    pub fn with_model(mut self, model: Option<Model>) -> Drive {
        self.model = model.map(Arc::new);
        self
    }

    /// Carries one effect out. The face's own effects ([`Effect::Ask`], [`Effect::Tell`], [`Effect::Over`], [`Effect::Note`])
    /// come back untouched.
    pub fn carry(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Gather { run, needs } => self.spawn(run.clone(), gather(Arc::clone(&self.shared), run, needs)),
            Effect::FindRun { run, said } => self.spawn(run.clone(), find_run(Arc::clone(&self.shared), run, said)),
            Effect::Diagnose { run, about, within, after } => {
                let look = diagnose::look(Arc::clone(&self.shared), run.clone(), about, within);
                self.spawn(run, async move {
                    tokio::time::sleep(after).await;
                    look.await
                });
            }
            Effect::Audit { run, checks, within } => {
                self.spawn(run.clone(), audit::look(Arc::clone(&self.shared), run, checks, within));
            }
            Effect::Recount { run, teller, of, namespace, within } => {
                self.spawn(run.clone(), recount::look(Arc::clone(&self.shared), run, recount::Asked { teller, of, namespace, within }));
            }
            Effect::Think { run, turn, request } => {
                let work = think(self.model.clone(), self.shared.events.clone(), run.clone(), turn, request);
                self.spawn(run, work);
            }
            Effect::Preview(vetted) => self.spawn(vetted.run().clone(), preview(Arc::clone(&self.shared), vetted)),
            Effect::CarryOut(approved) => {
                let run = approved.run().clone();
                let (stopper, stop) = execute::stop();
                self.stoppers.insert(run.clone(), stopper);
                let shared = Arc::clone(&self.shared);
                // Not among the tasks that may be dropped: what was sent is awaited and reported.
                guarded(&self.shared, run, async move { carry_out(shared, approved, stop).await });
            }
            Effect::CloseLeftOpen => {
                let shared = Arc::clone(&self.shared);
                let look = async move { left_open::close(&shared.journal, &shared.link, &shared.events).await };
                self.looking_back = Some(tokio::spawn(look));
            }
            Effect::Drop { run } => {
                if let Some(task) = self.tasks.remove(&run) {
                    task.abort();
                }
            }
            Effect::StopWatching { run } => {
                if let Some(stopper) = self.stoppers.remove(&run) {
                    stopper.stop();
                }
            }
            Effect::Over { run, code } => {
                self.tasks.remove(&run);
                self.stoppers.remove(&run);
                return Some(Effect::Over { run, code });
            }
            Effect::Tell(Tell::Progress(run, progress)) => {
                if let (Progress::Came { .. }, Some(stopper)) = (&progress, self.stoppers.get(&run)) {
                    stopper.heard();
                }
                return Some(Effect::Tell(Tell::Progress(run, progress)));
            }
            face @ (Effect::Ask(_) | Effect::Tell(_) | Effect::Note(_)) => return Some(face),
        }
        None
    }

    /// Waits until runs that an earlier start left open have been looked for: what was found has been sent as events by then.
    pub async fn looked_back(&mut self) {
        if let Some(look) = self.looking_back.take() {
            // Ended by a panic, it has told what it could; the runs stay open for the next start.
            let _ = look.await;
        }
    }

    /// From here on the face lends its terminal to what asks for it; the wishes come out of the receiver.
    pub fn lends(&self) -> mpsc::Receiver<Borrow> {
        let (lender, wishes) = mpsc::channel(1);
        // Asked for twice, the first face keeps lending.
        let _ = self.shared.lender.set(lender);
        wishes
    }

    /// The connection, for what a face shows beside the conversation.
    pub fn link(&self) -> Link {
        self.shared.link.clone()
    }

    fn spawn(&mut self, run: RunId, work: impl Future<Output = Event> + Send + 'static) {
        let task = guarded(&self.shared, run.clone(), work);
        self.tasks.insert(run, task);
    }
}

/// Spawns a task whose end, whatever it is, comes back as an event.
fn guarded(shared: &Arc<Shared>, run: RunId, work: impl Future<Output = Event> + Send + 'static) -> AbortHandle {
    let events = shared.events.clone();
    let task = tokio::spawn(async move {
        let event = AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| Event::Failed { run, problem: panicked(&*panic) });
        // Nobody listens any more: the program is ending, and nothing is lost that is not on record.
        let _ = events.send(event);
    });
    task.abort_handle()
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Problem {
    let said = panic.downcast_ref::<&str>().map(|s| (*s).to_string()).or_else(|| panic.downcast_ref::<String>().cloned());
    Problem::new(Sort::Failed, format!("aiops itself failed: {}", said.unwrap_or_else(|| "no reason given".into())))
        .hint("this is a fault in aiops; if a change was under way, aiops journal list tells how far it came")
}

async fn gather(shared: Arc<Shared>, run: RunId, needs: Vec<Need>) -> Event {
    // What else is needed is asked for anew once the person has edited.
    let edits: Vec<Need> = needs.iter().filter(|need| matches!(need, Need::Edit(_))).cloned().collect();
    if !edits.is_empty() {
        return edited(&shared, run, edits).await;
    }
    // Files need no cluster, and a file that is not there should not wait for one.
    let cluster =
        if needs.iter().all(|n| matches!(n, Need::File(_) | Need::Contents(_))) { None } else { Some(shared.link.cluster().await) };
    match cluster {
        Some(Err(problem)) => Event::Failed { run, problem },
        Some(Ok(cluster)) => {
            Event::Gathered { run, facts: crate::doors::gather(Some(&cluster), Some(&shared.helm), &needs, &shared.world).await }
        }
        None => Event::Gathered { run, facts: crate::doors::gather(None, Some(&shared.helm), &needs, &shared.world).await },
    }
}

async fn edited(shared: &Shared, run: RunId, edits: Vec<Need>) -> Event {
    let mut facts = Facts::default();
    for need in edits {
        let Need::Edit(draft) = need else { continue };
        match edit::edited(shared, &draft).await {
            Ok(Some(meant)) => facts.add_edit(*draft, meant),
            Ok(None) => {
                let sentence = format!("edit {}: cancelled, nothing was changed", draft.target().slashed());
                return Event::NothingToDo { run, sentence };
            }
            Err(problem) => return Event::Failed { run, problem },
        }
    }
    Event::Gathered { run, facts }
}

async fn think(model: Option<Arc<Model>>, events: mpsc::UnboundedSender<Event>, run: RunId, turn: u8, request: Request) -> Event {
    let thought = match model {
        None => Err(ModelTrouble::NotConfigured("there is none".into())),
        Some(model) => {
            let mut tell = |delta| match delta {
                Delta::Text(text) => {
                    let _ = events.send(Event::ThinkingDelta { run: run.clone(), text });
                }
                // Which tools are called is told when they run.
                Delta::Calls(_) => {}
            };
            model.ask(request, &mut tell).await
        }
    };
    Event::Thought { run, turn, thought }
}

async fn find_run(shared: Arc<Shared>, run: RunId, said: Option<String>) -> Event {
    let found = async {
        let records = shared.journal.records()?;
        let past = undo::find(&records, said.as_deref())?;
        let who = who(&shared.link.cluster().await?).await;
        Ok::<_, Problem>((past, who))
    };
    match found.await {
        Ok((past, who)) => Event::PastFound { run, past, who },
        Err(problem) => Event::Failed { run, problem },
    }
}

async fn preview(shared: Arc<Shared>, vetted: Vetted) -> Event {
    let run = vetted.run().clone();
    let calls = vetted.rehearsals();
    let dry_runs = if calls.is_empty() {
        Vec::new()
    } else {
        match shared.link.cluster().await {
            Ok(cluster) => cluster.dry_run(&calls).await,
            Err(problem) => return Event::Failed { run, problem },
        }
    };
    match assemble(vetted, dry_runs, &shared.policy) {
        Ok(Assembled::Previewed(previewed)) => Event::Previewed(previewed),
        Ok(Assembled::NothingToDo(sentence)) => Event::NothingToDo { run, sentence },
        Err(problem) => Event::Failed { run, problem },
    }
}

async fn carry_out(shared: Arc<Shared>, approved: Approved, stop: execute::Stop) -> Event {
    let run = approved.run().clone();
    let cluster = match shared.link.cluster().await {
        Ok(cluster) => cluster,
        Err(problem) => return Event::Failed { run, problem },
    };
    let who = if approved.changes() { who(&cluster).await } else { who_locally(&cluster) };
    let opened = match shared.journal.open(approved, &who, shared.policy.reason()) {
        Ok(opened) => opened,
        Err(problem) => return Event::Failed { run, problem },
    };
    let events = shared.events.clone();
    let mut tell = |progress| {
        let _ = events.send(Event::Progressed { run: run.clone(), progress });
    };
    let outside = execute::Outside { cluster: &cluster, helm: &shared.helm, world: &shared.world };
    Event::Ended(execute::execute(opened, outside, shared.manner, stop, shared.lender.get().cloned(), &mut tell).await)
}

async fn who(cluster: &Cluster) -> Who {
    Who { cluster: cluster.cluster_uid().await.into_known(), ..who_locally(cluster) }
}

fn who_locally(cluster: &Cluster) -> Who {
    let identity = cluster.identity();
    Who { context: identity.context.clone(), server: identity.server.clone(), user: identity.user.clone(), cluster: None }
}

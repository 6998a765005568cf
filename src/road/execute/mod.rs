//! Opened -> [`Outcome`]: the approved calls, with their pins, in order; then waiting until what was changed holds.
//!
//! Owns: sending once, what a lost answer means, pinning anew where only noise moved, waiting, the run's records.
//! Does not own: spawning, cancelling a wait (the drive hands in [`Stop`]), wording beyond one sentence.
//! Invariants: nothing is sent that was not approved; a write that was sent is awaited and always reported; the first step
//! that does not work ends the run, and what was done before it is told.

mod copy;
mod follow;
mod forward;
mod outcome;
mod program;
mod send;
mod talk;
mod together;
mod waiting;
mod waves;

pub use outcome::{Done, Outcome, Progress, StepOutcome};
pub use talk::{Borrow, Lender, Terminal, Wish};

use super::journal::{End, Opened, StepEnd};
use crate::{
    doors::{cluster::Cluster, helm::Helm},
    facts::RejectionSort,
    ops::{Action, Form, Impact, Pin, Target},
    problem::Problem,
    world::World,
};
use follow::{Bounds, Ears};
use futures::StreamExt as _;
use send::Sent;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Semaphore;

/// Pieces of a read that goes on which may be told before one of them was heard: what comes faster waits at the server.
const UNHEARD: usize = 32;

/// Tells execution to stop watching. A write under way is finished and reported all the same.
#[derive(Debug, Clone)]
pub struct Stop {
    set: tokio::sync::watch::Receiver<bool>,
    room: Arc<Semaphore>,
}

/// The other end of a [`Stop`].
#[derive(Debug)]
pub struct Stopper {
    set: tokio::sync::watch::Sender<bool>,
    room: Arc<Semaphore>,
}

/// A stop signal and the hand on it.
pub fn stop() -> (Stopper, Stop) {
    let (sender, receiver) = tokio::sync::watch::channel(false);
    let room = Arc::new(Semaphore::new(UNHEARD));
    (Stopper { set: sender, room: Arc::clone(&room) }, Stop { set: receiver, room })
}

impl Stopper {
    /// Stops the watching.
    pub fn stop(&self) {
        self.set.send_replace(true);
    }
    /// A piece was heard: there is room for another.
    pub fn heard(&self) {
        self.room.add_permits(1);
    }
}

impl Stop {
    fn is_set(&self) -> bool {
        *self.set.borrow()
    }
    /// Comes back once it is set; never, where nobody can set it any more.
    async fn set(&mut self) {
        if self.set.wait_for(|set| *set).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
    /// Waits until a piece may be told, or it is stopped; whether it may.
    async fn room(&mut self) -> bool {
        let room = Arc::clone(&self.room);
        tokio::select! {
            permit = room.acquire() => match permit {
                Ok(permit) => {
                    permit.forget();
                    true
                }
                Err(_) => false,
            },
            () = self.set() => false,
        }
    }
}

/// How execution goes about it.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// How long to wait until a change holds.
    pub patience: Duration,
    /// Between two looks.
    pub pause: Duration,
    /// How long a read that goes on may go on at most (`--request-timeout`); `None`: until it is stopped.
    pub follow: Option<Duration>,
}

impl Default for Manner {
    fn default() -> Self {
        Manner { patience: Duration::from_secs(300), pause: Duration::from_millis(500), follow: None }
    }
}

/// What is outside: all that execution reaches.
#[derive(Debug, Clone, Copy)]
pub struct Outside<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The helm program.
    pub helm: &'a Helm,
    /// Clock and environment.
    pub world: &'a World,
}

/// Carries out an opened run.
pub async fn execute(
    mut opened: Opened,
    outside: Outside<'_>,
    manner: Manner,
    mut stop: Stop,
    lender: Option<Lender>,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Outcome {
    let Outside { cluster, helm, world } = outside;
    let run = opened.run().clone();
    let steps = opened.take_steps();
    let lines: Vec<String> = steps.iter().map(|s| s.op.line()).collect();
    let again: Vec<crate::ops::Op> = steps.iter().map(|s| s.op.clone()).collect();
    let mut outcome = Outcome::new(run, opened.words().to_string(), opened.changes());
    let mut left: BTreeMap<Target, Pin> = BTreeMap::new();
    let total = steps.len();
    let mut together = match opened.changes() {
        true => None,
        false => together::reads(cluster, &steps, &mut stop).await,
    };
    for (n, step) in steps.into_iter().enumerate() {
        let title = step.op.verb().title();
        let manner = Manner { patience: step.op.verb().patience().map_or(manner.patience, endless), ..manner };
        tell(Progress::Begins { step: n, of: total, title: title.clone() });
        if step.op.verb().impact() == Impact::Reads {
            let calls: Vec<crate::ops::Call> = step.sends.into_iter().map(|s| s.call).collect();
            if let Some(how) = step.op.verb().follows() {
                let bounds = Bounds::of(opened.attended(), manner);
                let mut ears = Ears { step: n, stop: &mut stop, tell, attended: opened.attended() };
                let followed = follow::follow(cluster, &step.op, calls, how, bounds, world, &mut ears).await;
                if let Some(done) = outcome.flowed(title, step.op, followed) {
                    outcome.ends(done);
                    break;
                }
                continue;
            }
            let holds = step.op.verb().wait();
            // Nobody looks on while a model waits.
            let patience = if opened.attended() { manner.patience } else { manner.patience.min(UNATTENDED) };
            let manner = Manner { patience, ..manner };
            let held = waiting::wait(cluster, &holds, &BTreeMap::new(), manner, &mut stop, &mut |state| {
                tell(Progress::Waits { step: n, state });
            })
            .await;
            let unmet = match held {
                waiting::Held::Yes { .. } => None,
                waiting::Held::Never { state } => Some(Done::Failed(Problem::failed(format!("{title}: {state}")))),
                waiting::Held::TimedOut { state } => {
                    Some(Done::Failed(Problem::failed(format!("{title}: time is up: {state}")).hint("--timeout=5m waits longer")))
                }
                waiting::Held::Stopped { .. } => Some(Done::Stopped),
            };
            if let Some(done) = unmet {
                outcome.steps.push(StepOutcome::stopped(title, step.op, &done));
                outcome.ends(done);
                break;
            }
            if calls.iter().any(|call| call.form == Form::Rehearsal) {
                let found = tokio::select! {
                    dry_runs = would_be(cluster, &calls) => super::preview::would(&step.op, calls, dry_runs),
                    () = stop.set() => {
                        outcome.ends(Done::Stopped);
                        break;
                    }
                };
                match found {
                    Ok(answer) => outcome.steps.push(StepOutcome::answered(title, step.op, answer)),
                    Err(problem) => {
                        outcome.steps.push(StepOutcome::failed(title, step.op, problem.clone()));
                        outcome.ends(Done::Failed(problem));
                        break;
                    }
                }
                continue;
            }
            let replies = tokio::select! {
                replies = together::of(&mut together, n, cluster, helm, &calls) => replies,
                () = stop.set() => {
                    outcome.ends(Done::Stopped);
                    break;
                }
            };
            match step.op.verb().answer_with(&calls, replies, world.now()) {
                Ok(answer) => outcome.steps.push(StepOutcome::answered(title, step.op, answer)),
                Err(cannot) => {
                    let problem = super::vet::cannot(cannot);
                    outcome.steps.push(StepOutcome::failed(title, step.op, problem.clone()));
                    // Later reads do not depend on this one: each says what it finds.
                    if total == 1 || opened.changes() {
                        outcome.ends(Done::Failed(problem));
                        break;
                    }
                    outcome.some_failed(problem);
                }
            }
            continue;
        }
        outcome.way_back &= matches!(super::preview::way_back(&step), crate::ops::Way::Back(_));
        let mut uids = BTreeMap::new();
        let mut stopped = None;
        let mut state = String::new();
        for send in &step.sends {
            if let (Some(target), Some(pin)) = (send.call.target(), &send.pin) {
                uids.insert(target, pin.uid.clone());
            }
        }
        if waves::fits(&step.sends) {
            let (halt, count, mut done) = (Arc::new(AtomicBool::new(false)), step.sends.len(), 0);
            for wave in waves::waves(step.sends) {
                // What has come by now goes on record together: the others' answers would wait for each sync.
                let mut chains = std::pin::pin!(waves::sent(cluster, &step.op, wave, &left, &halt).ready_chunks(count));
                while let Some(come) = chains.next().await {
                    let come: Vec<_> = come.into_iter().flatten().collect();
                    done += come.iter().filter(|(_, sent)| matches!(sent, Sent::Done(_))).count();
                    let why = settled(&opened, n, come, &mut left, &title, &again);
                    if why.is_some() {
                        halt.store(true, Ordering::SeqCst);
                    }
                    // The first reason is told; what was under way is recorded all the same.
                    stopped = stopped.or(why);
                    tell(Progress::Waits { step: n, state: format!("{done} of {count} sent") });
                }
                if stopped.is_some() {
                    break;
                }
            }
            if let (Some(Done::Failed(problem)), true) = (&stopped, done > 0) {
                let told = format!("{done} of {count} calls were made before that; aiops undo takes them back");
                stopped = Some(Done::Failed(problem.clone().hint(told)));
            }
        } else {
            let (copies, mut copied) = (step.op.verb().copies(), copy::Known::default());
            for (c, send) in step.sends.into_iter().enumerate() {
                if !send.call.mutates() {
                    continue;
                }
                if send.call.is_credential() {
                    let mut ears = Ears { step: n, stop: &mut stop, tell, attended: opened.attended() };
                    let (end, done) = match cluster.token(&send.call).await {
                        Ok((token, record)) => {
                            // It goes to the person and nowhere else: neither the outcome nor the record holds it.
                            let text = token.reveal().map(|token| String::from_utf8_lossy(token).into_owned()).unwrap_or_default();
                            ears.hear(crate::ops::Piece::Part(crate::ops::Answer::Text { text })).await;
                            state = format!("good until {}", record["expires"].as_str().unwrap_or("the server says"));
                            (StepEnd::Done { after: Some(record) }, None)
                        }
                        Err(rejection) => {
                            let problem = super::preview::refused(&step.op, &send.call, &rejection);
                            (StepEnd::Rejected { rejection }, Some(Done::Failed(problem)))
                        }
                    };
                    stopped = match opened.sent(n, c, end) {
                        Ok(()) => done,
                        Err(problem) => Some(Done::Failed(problem)),
                    };
                    if stopped.is_some() {
                        break;
                    }
                    continue;
                }
                // The program that the step begins with has done it.
                if let Action::Carried(_) = send.call.action {
                    continue;
                }
                if let Action::Program(errand) = &send.call.action {
                    let mut tell = |state| tell(Progress::Waits { step: n, state });
                    let went = program::carry(outside, &send, errand, &title, &mut tell).await;
                    state = went.state;
                    let done = if went.end == StepEnd::Moved { Some(Done::Moved { again: again[n..].to_vec() }) } else { went.done };
                    stopped = match opened.sent(n, c, went.end) {
                        Ok(()) => done,
                        Err(problem) => Some(Done::Failed(problem)),
                    };
                    if stopped.is_some() {
                        break;
                    }
                    continue;
                }
                if send.call.action == Action::Talk {
                    // What the call before it has made runs only after a while.
                    let made = send.call.subresource() == "attach" && c > 0;
                    if made
                        && let Err(done) =
                            begun(cluster, &title, &send.call, manner, &mut stop, &mut |state| tell(Progress::Waits { step: n, state }))
                                .await
                    {
                        stopped = Some(done);
                        break;
                    }
                    let mut ears = Ears { step: n, stop: &mut stop, tell, attended: true };
                    let talked = match &copies {
                        Some(copying) => copy::copy(cluster, &title, copying, &send.call, &mut copied, &mut ears).await,
                        None => match talk::talk(cluster, &title, &send.call, lender.as_ref(), &mut ears).await {
                            // It may have ended by now: then its log is what it said.
                            Err(refused) if made => talk::said(cluster, &send.call, &mut ears).await.ok_or(refused),
                            talked => talked,
                        },
                    };
                    let (end, done) = match talked {
                        Ok(talked) => {
                            state = talked.state;
                            (StepEnd::Done { after: Some(talked.record) }, talked.done)
                        }
                        Err((rejection, problem)) => (StepEnd::Rejected { rejection }, Some(Done::Failed(problem))),
                    };
                    stopped = match opened.sent(n, c, end) {
                        Ok(()) => done,
                        Err(problem) => Some(Done::Failed(problem)),
                    };
                    if stopped.is_some() {
                        break;
                    }
                    continue;
                }
                let earlier = send.call.target().and_then(|target| left.get(&target).cloned());
                let sent = patiently(cluster, &step.op, &send, earlier, manner, &mut stop, &mut |state| {
                    tell(Progress::Waits { step: n, state });
                })
                .await;
                stopped = settled(&opened, n, vec![((c, send), sent)], &mut left, &title, &again);
                if stopped.is_some() {
                    break;
                }
            }
        }
        if let Some(done) = stopped {
            outcome.steps.push(StepOutcome::stopped(title, step.op, &done));
            outcome.ends(done);
            break;
        }
        tell(Progress::Sent { step: n, title: title.clone() });
        let held = waiting::wait(cluster, &step.op.verb().wait(), &uids, manner, &mut stop, &mut |state| {
            tell(Progress::Waits { step: n, state });
        })
        .await;
        let done = outcome.waited(title, step.op, held);
        outcome.adds(&state);
        if let Some(done) = done {
            outcome.ends(done);
            break;
        }
        if stop.is_set() && n + 1 < total {
            outcome.ends(Done::Stopped);
            break;
        }
    }
    outcome.settle(total);
    if let Err(problem) = opened.ended(outcome.record(), lines) {
        outcome.ends(Done::Failed(problem));
    }
    outcome
}

/// Puts what came of calls on record, and keeps in which state they left the objects; the first that ends the run, if one does.
fn settled(
    opened: &Opened,
    n: usize,
    come: Vec<(waves::Numbered, Sent)>,
    left: &mut BTreeMap<Target, Pin>,
    title: &str,
    again: &[crate::ops::Op],
) -> Option<Done> {
    let end = |sent: &Sent| match sent {
        Sent::Done(after) => StepEnd::Done { after: after.clone() },
        Sent::Rejected(rejection, _) => StepEnd::Rejected { rejection: rejection.clone() },
        Sent::Moved => StepEnd::Moved,
        Sent::Unknown(rejection) => StepEnd::Unknown { rejection: rejection.clone() },
    };
    let unwritten = opened.sent_all(n, come.iter().map(|((c, _), sent)| (*c, end(sent))).collect()).err();
    let ends = come.into_iter().filter_map(|((_, send), sent)| match sent {
        Sent::Done(after) => {
            if let Some(target) = send.call.target() {
                match after.as_ref().and_then(Pin::of).filter(|_| send.call.subresource().is_empty()) {
                    Some(pin) => drop(left.insert(target, pin)),
                    None => drop(left.remove(&target)),
                }
            }
            None
        }
        Sent::Moved => Some(Done::Moved { again: again[n..].to_vec() }),
        Sent::Rejected(_, problem) => Some(Done::Failed(problem)),
        Sent::Unknown(rejection) => Some(Done::Unknown(unknown(title, &rejection))),
    });
    let ended = ends.fold(None, |first, next| first.or(Some(next)));
    unwritten.map(Done::Failed).or(ended)
}

/// Sends one call; an eviction that a disruption budget holds back is sent again until it may go, time is up, or the person has seen
/// enough. Source: `evictPods` in `kubectl/pkg/drain`.
async fn patiently(
    cluster: &Cluster,
    op: &crate::ops::Op,
    send: &super::preview::Send,
    earlier: Option<Pin>,
    manner: Manner,
    stop: &mut Stop,
    tell: &mut (dyn FnMut(String) + Send),
) -> Sent {
    let began = Instant::now();
    loop {
        let sent = send::send(cluster, op, send, earlier.clone()).await;
        let Sent::Rejected(rejection, _) = &sent else { return sent };
        let held = rejection.sort == RejectionSort::TooManyRequests && matches!(send.call.action, Action::Evict { .. });
        if !held || began.elapsed() >= manner.patience || stop.is_set() {
            return sent;
        }
        let pod = send.call.target().map_or_else(String::new, |pod| pod.slashed());
        tell(format!("{pod}: {}", rejection.message));
        tokio::select! {
            () = tokio::time::sleep(BETWEEN_EVICTIONS) => {}
            () = stop.set() => return sent,
        }
    }
}

/// Waits until the container that is to be attached to runs, or has run.
async fn begun(
    cluster: &Cluster,
    title: &str,
    call: &crate::ops::Call,
    manner: Manner,
    stop: &mut Stop,
    tell: &mut (dyn FnMut(String) + Send),
) -> Result<(), Done> {
    let (Some(pod), Some(container)) = (call.target(), call.asked("container").next()) else { return Ok(()) };
    let runs = crate::ops::Wait::Started(pod, container.to_string());
    match waiting::wait(cluster, &runs, &BTreeMap::new(), manner, stop, tell).await {
        waiting::Held::Yes { .. } => Ok(()),
        waiting::Held::Never { state } => Err(Done::Failed(Problem::failed(format!("{title}: {state}")))),
        waiting::Held::TimedOut { state } => {
            Err(Done::Failed(Problem::failed(format!("{title}: time is up: {state}")).hint("kubectl attach goes to it once it runs")))
        }
        waiting::Held::Stopped { .. } => Err(Done::Stopped),
    }
}

/// What would come of calls that are only rehearsed.
async fn would_be(cluster: &Cluster, calls: &[crate::ops::Call]) -> Vec<crate::facts::DryRun> {
    let meant: Vec<crate::ops::Call> = calls.iter().map(|call| call.clone().shaped(Form::Json)).collect();
    cluster.dry_run(&meant).await
}

/// Zero says without end.
fn endless(patience: Duration) -> Duration {
    if patience.is_zero() { Duration::MAX } else { patience }
}

/// How long is waited at most where nobody looks on.
const UNATTENDED: Duration = Duration::from_secs(30);

/// Between two tries to evict the same pod.
const BETWEEN_EVICTIONS: Duration = Duration::from_secs(2);

fn unknown(title: &str, rejection: &crate::facts::Rejection) -> Problem {
    Problem::new(
        crate::problem::Sort::OutcomeUnknown,
        format!("{title} was sent and the answer was lost ({rejection}); reading back did not settle whether it was done"),
    )
    .hint("look at the object before you try again; the run is on record")
}

impl End {
    /// The end of an outcome, for the record.
    pub(super) fn of(done: &Done) -> End {
        match done {
            Done::Holds => End::Done,
            Done::NotHolding(state) => End::NotHolding { state: state.clone() },
            Done::Stopped => End::NotHolding { state: "watching was stopped".into() },
            Done::Failed(problem) => End::failed(problem),
            Done::Moved { .. } => End::Moved,
            Done::Unknown(problem) => End::Unknown { sentence: problem.sentence.clone() },
        }
    }
}

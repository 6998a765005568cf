//! Reads that go on: pieces are told as they come, until the person has seen enough, time is up, or there is no more to come.
//!
//! A person's may go on for ever; one that nobody looks on (a model's, a playbook's) is short, and its pieces become its answer.

mod changes;
mod lines;

use super::{Done, Manner, Progress, Stop};
use crate::{
    doors::cluster::Cluster,
    facts::{Rejection, RejectionSort},
    ops::{Answer, Call, Follow, Lookup, Op, Piece, Reply},
    problem::{Problem, Sort},
    world::World,
};
use futures::{StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use std::{future::pending, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};

/// What a read that nobody looks on may take.
const UNATTENDED: Bounds = Bounds { time: Some(Duration::from_secs(20)), most: Some(500) };
/// Between two looks at which containers are meant.
const RENEWED: Duration = Duration::from_secs(3);
/// Containers followed at a time.
const AT_ONCE: usize = 100;

/// How far a read that goes on may go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    time: Option<Duration>,
    /// Lines, rows or objects.
    most: Option<usize>,
}

impl Bounds {
    pub(super) fn of(attended: bool, manner: Manner) -> Bounds {
        if attended { Bounds { time: manner.follow, most: None } } else { UNATTENDED }
    }
}

/// Who hears what comes.
pub(super) struct Ears<'a> {
    pub(super) step: usize,
    pub(super) stop: &'a mut Stop,
    pub(super) tell: &'a mut (dyn FnMut(Progress) + Send),
    pub(super) attended: bool,
}

/// What came of it.
pub(super) struct Followed {
    /// All of it, where nobody looked on.
    pub(super) answer: Option<Answer>,
    /// `340 lines in 12 s`.
    pub(super) state: String,
    /// What ends the run; `None`: it came to its own end.
    pub(super) done: Option<Done>,
}

/// What one of its calls gives.
enum News {
    /// More of the body of that call, by its number.
    Body(usize, Vec<u8>),
    /// Something about the reading.
    Note(String),
}

/// How one of its calls ended.
struct Over {
    call: usize,
    problem: Option<Problem>,
    /// It may come to life again (a pod of that name made anew).
    forget: bool,
}

/// Follows a read to its end.
pub(super) async fn follow(
    cluster: &Cluster,
    op: &Op,
    calls: Vec<Call>,
    how: Follow,
    bounds: Bounds,
    world: &World,
    ears: &mut Ears<'_>,
) -> Followed {
    let began = Instant::now();
    let deadline = bounds.time.map(|time| began + time);
    let (news, mut heard) = mpsc::channel::<News>(16);
    let mut sum = Sum { calls, told: 0, answer: None };
    let mut known: Vec<Call> = Vec::new();
    let mut strands: FuturesUnordered<BoxFuture<'_, Over>> = FuturesUnordered::new();
    for n in 0..sum.calls.len() {
        known.push(sum.calls[n].clone());
        strands.push(strand(cluster, n, sum.calls[n].clone(), how, false, news.clone()));
    }
    let mut failed = None;
    let mut renewed = began;
    let done = loop {
        let renews = renews(how) && strands.len() < AT_ONCE;
        let ended = tokio::select! {
            biased;
            () = ears.stop.set() => break Some(Done::Stopped),
            () = until(deadline) => break None,
            Some(more) = heard.recv() => {
                let told = match more {
                    News::Body(call, body) => sum.takes(op, call, body, world, ears).await,
                    News::Note(note) => ears.hear(Piece::Note(note)).await,
                };
                if !told || bounds.most.is_some_and(|most| sum.told >= most) {
                    break ears.stop.is_set().then_some(Done::Stopped);
                }
                continue;
            }
            Some(over) = strands.next() => Some(over),
            () = sleep_until(renewed + RENEWED), if renews => None,
        };
        if let Some(over) = ended {
            if over.forget {
                known.retain(|call| *call != sum.calls[over.call]);
            }
            if let Some(problem) = over.problem {
                if strands.is_empty() && known.len() <= 1 {
                    break Some(Done::Failed(problem));
                }
                if !ears.hear(Piece::Note(problem.sentence.clone())).await {
                    break Some(Done::Stopped);
                }
                failed = Some(problem);
            }
            if strands.is_empty() && !renews {
                // What was said last is still on its way.
                while let Ok(more) = heard.try_recv() {
                    match more {
                        News::Body(call, body) => sum.takes(op, call, body, world, ears).await,
                        News::Note(note) => ears.hear(Piece::Note(note)).await,
                    };
                }
                break failed.map(Done::Failed);
            }
            if !strands.is_empty() {
                continue;
            }
        }
        renewed = Instant::now();
        let only_when_none = matches!(how, Follow::Lines(crate::ops::Renewal::Another));
        if only_when_none && !strands.is_empty() {
            continue;
        }
        let Some(meant) = lines::meant(cluster, op, world).await else { continue };
        let fresh: Vec<Call> = meant.iter().filter(|call| !known.contains(call)).cloned().collect();
        if fresh.is_empty() && strands.is_empty() {
            break failed.map(Done::Failed);
        }
        for call in fresh {
            let n = sum.calls.len();
            let note = format!("{} is followed from here on", lines::said(&call));
            sum.calls.push(call.clone());
            known.push(call.clone());
            strands.push(strand(cluster, n, call, how, true, news.clone()));
            if !ears.hear(Piece::Note(note)).await {
                break;
            }
        }
    };
    let seconds = began.elapsed().as_secs();
    let why = match &done {
        Some(Done::Stopped) => " until it was stopped",
        None if deadline.is_some_and(|at| Instant::now() >= at) => ", then time was up",
        None if bounds.most.is_some_and(|most| sum.told >= most) => ", then it was enough",
        Some(_) | None => "",
    };
    let unit = match how {
        Follow::Lines(_) => "lines",
        Follow::Changes { .. } => "rows",
    };
    Followed { answer: sum.answer, state: format!("{} {unit} in {seconds} s{why}", sum.told), done }
}

fn renews(how: Follow) -> bool {
    match how {
        Follow::Lines(crate::ops::Renewal::Nothing) | Follow::Changes { .. } => false,
        Follow::Lines(crate::ops::Renewal::Another | crate::ops::Renewal::Every) => true,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => sleep_until(at).await,
        None => pending().await,
    }
}

fn strand<'a>(cluster: &'a Cluster, n: usize, call: Call, how: Follow, later: bool, news: mpsc::Sender<News>) -> BoxFuture<'a, Over> {
    match how {
        Follow::Lines(_) => Box::pin(lines::strand(cluster, n, call, later, news)),
        Follow::Changes { first } => Box::pin(changes::strand(cluster, n, call, first, news)),
    }
}

/// What came so far.
struct Sum {
    calls: Vec<Call>,
    /// Lines, rows, objects.
    told: usize,
    answer: Option<Answer>,
}

impl Sum {
    /// Takes more of a body; whether it goes on.
    async fn takes(&mut self, op: &Op, call: usize, body: Vec<u8>, world: &World, ears: &mut Ears<'_>) -> bool {
        let reply = Reply { call, body: Lookup::Known(body) };
        match op.verb().answer(&self.calls, std::slice::from_ref(&reply), world.now()) {
            Ok(part) => {
                self.told += part.size();
                if ears.attended {
                    return ears.hear(Piece::Part(part)).await;
                }
                match &mut self.answer {
                    Some(answer) => answer.join(part),
                    None => self.answer = Some(part),
                }
                true
            }
            Err(cannot) => ears.hear(Piece::Note(cannot.sentence)).await,
        }
    }
}

impl Ears<'_> {
    /// Tells a piece once there is room for it; whether it goes on.
    async fn hear(&mut self, piece: Piece) -> bool {
        if !self.attended {
            return true;
        }
        if !self.stop.room().await {
            return false;
        }
        (self.tell)(Progress::Came { step: self.step, piece });
        true
    }
}

/// A read that was refused, as a problem.
fn refused(what: &str, rejection: &Rejection) -> Problem {
    let sort = match rejection.sort {
        RejectionSort::Forbidden | RejectionSort::Unauthorized => Sort::Refused,
        RejectionSort::Unreachable | RejectionSort::TimedOut => Sort::Unreachable,
        RejectionSort::NotFound
        | RejectionSort::AlreadyExists
        | RejectionSort::Conflict
        | RejectionSort::Invalid
        | RejectionSort::TooManyRequests
        | RejectionSort::Gone
        | RejectionSort::NotAllowed
        | RejectionSort::ServerTrouble
        | RejectionSort::AnswerLost => Sort::Failed,
    };
    Problem::new(sort, format!("{what}: {}", rejection.message))
}

/// Whether trying again later may help.
fn passes(rejection: &Rejection) -> bool {
    match rejection.sort {
        RejectionSort::Unreachable
        | RejectionSort::TimedOut
        | RejectionSort::ServerTrouble
        | RejectionSort::TooManyRequests
        | RejectionSort::AnswerLost => true,
        RejectionSort::Forbidden
        | RejectionSort::Unauthorized
        | RejectionSort::NotFound
        | RejectionSort::AlreadyExists
        | RejectionSort::Conflict
        | RejectionSort::Invalid
        | RejectionSort::Gone
        | RejectionSort::NotAllowed => false,
    }
}

/// Waits before another try: a second first, half a minute at most.
async fn patience(tries: u32) {
    sleep(Duration::from_secs(1 << tries.min(5)).min(Duration::from_secs(30))).await;
}

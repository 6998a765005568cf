//! One container's log, over its restarts.
//!
//! kubectl ends where a container does; here it is waited for, and what happens is said.

use super::{News, Over, passes, patience, refused};
use crate::{
    doors::cluster::Cluster,
    facts::Need,
    ops::{Call, ContainerRun, Lookup, Op, RunState, Target},
    world::World,
};
use futures::StreamExt as _;
use std::time::Duration;
use tokio::{sync::mpsc::Sender, time::sleep};

/// Between two looks at a container that does not run.
const PAUSE: Duration = Duration::from_secs(1);

/// Which logs an operation means now; `None` where that cannot be said, or there are none.
pub(super) async fn meant(cluster: &Cluster, op: &Op, world: &World) -> Option<Vec<Call>> {
    let mut seen = Vec::new();
    for _ in 0..4 {
        let looks = op.verb().looks(&seen);
        if looks.is_empty() {
            break;
        }
        let needs: Vec<Need> = looks.iter().cloned().map(Need::Look).collect();
        let facts = cluster.gather(&needs).await;
        seen.extend(looks.iter().map(|call| facts.look(call)));
    }
    op.verb().calls(&seen, world.now()).ok()
}

/// `web-1/app`.
pub(super) fn said(call: &Call) -> String {
    let container = container(call);
    let pod = call.target().map_or_else(String::new, |pod| pod.slashed());
    if container.is_empty() { pod } else { format!("{pod}, container {container}") }
}

fn container(call: &Call) -> &str {
    call.query.iter().find(|(key, _)| key == "container").map_or("", |(_, value)| value.as_str())
}

/// The same log from the beginning of a later run, or from a moment of this one.
fn again(call: &Call, since: Option<jiff::Timestamp>) -> Call {
    let mut call = call.clone();
    call.query.retain(|(key, _)| !["tailLines", "sinceSeconds", "sinceTime", "limitBytes"].contains(&key.as_str()));
    match since {
        Some(at) => call.with("sinceTime", at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        None => call,
    }
}

async fn run_of(cluster: &Cluster, pod: &Target, container: &str) -> Lookup<ContainerRun> {
    let look = Call::get(pod);
    match cluster.gather(&[Need::Look(look.clone())]).await.look(&look) {
        Lookup::Known(object) => Lookup::Known(ContainerRun::of(&object, container)),
        Lookup::Missing => Lookup::Missing,
        Lookup::NotChecked(why) => Lookup::NotChecked(why),
    }
}

/// Follows one container until it cannot run again. `later`: it came while others were followed, so its log is wanted from its start.
pub(super) async fn strand(cluster: &Cluster, n: usize, call: Call, later: bool, news: Sender<News>) -> Over {
    let over = |problem, forget| Over { call: n, problem, forget };
    let Some(pod) = call.target() else { return over(None, false) };
    let (name, what) = (container(&call).to_string(), said(&call));
    let say = async |note: String| news.send(News::Note(note)).await.is_ok();
    // The run whose log was read to its end, and when its last line came.
    let mut read: Option<u64> = None;
    let mut last: Option<jiff::Timestamp> = None;
    let mut told = String::new();
    let mut tries = 0;
    loop {
        let run = run_of(cluster, &pod, &name).await;
        let mut next = if later && read.is_none() { again(&call, None) } else { call.clone() };
        let mut note = String::new();
        match &run {
            Lookup::Missing if read.is_none() && !later => {
                return over(Some(crate::problem::Problem::failed(format!("{pod} does not exist"))), true);
            }
            Lookup::Missing => {
                say(format!("{} is gone", pod.slashed())).await;
                return over(None, true);
            }
            // The log itself may be readable where the pod is not.
            Lookup::NotChecked(_) => {
                if read.is_some() {
                    next = again(&call, last);
                }
            }
            Lookup::Known(run) => {
                let same = read == Some(run.restarts);
                match &run.state {
                    RunState::Ended { .. } | RunState::Waiting(_) if same && !run.comes_back => {
                        say(format!("{what} {}", run.said())).await;
                        return over(None, false);
                    }
                    RunState::Ended { .. } | RunState::Waiting(_) if same => {
                        note = format!("{what} {}; its next run is awaited", run.said())
                    }
                    RunState::Waiting(_) if run.restarts == 0 => note = format!("{what} {}", run.said()),
                    RunState::Running | RunState::Ended { .. } | RunState::Waiting(_) => {
                        if same {
                            next = again(&call, last);
                            if !say(format!(
                                "the connection to {what} ended; it goes on from there, the last second's lines may come again"
                            ))
                            .await
                            {
                                return over(None, false);
                            }
                        } else if read.is_some() {
                            next = again(&call, None);
                            if !say(format!("{what} was restarted ({}): {}", run.restarts, run.before())).await {
                                return over(None, false);
                            }
                        }
                    }
                }
            }
        }
        if !note.is_empty() {
            if note != told && !say(note.clone()).await {
                return over(None, false);
            }
            told = note;
            sleep(PAUSE).await;
            continue;
        }
        let mut came = false;
        match cluster.open(&next).await {
            Ok(mut blocks) => {
                while let Some(block) = blocks.next().await {
                    match block {
                        Ok(block) => {
                            came = true;
                            last = Some(jiff::Timestamp::now());
                            if news.send(News::Body(n, block)).await.is_err() {
                                return over(None, false);
                            }
                        }
                        Err(broke) => {
                            say(format!("{what}: {}", broke.message)).await;
                        }
                    }
                }
                read = Some(run.known().map_or(0, |run| run.restarts));
            }
            // It was about to start, or to go; the next look tells.
            Err(rejection)
                if rejection.sort == crate::facts::RejectionSort::Invalid || rejection.sort == crate::facts::RejectionSort::NotFound =>
            {
                tries += 1;
                if tries > 5 {
                    return over(Some(refused(&what, &rejection)), false);
                }
            }
            Err(rejection) if passes(&rejection) && (read.is_some() || tries < 3) => {
                if tries == 0 && !say(format!("{what}: {}; trying again", rejection.message)).await {
                    return over(None, false);
                }
                patience(tries).await;
                tries += 1;
                continue;
            }
            Err(rejection) => return over(Some(refused(&what, &rejection)), false),
        }
        if came {
            tries = 0;
            told.clear();
        }
        sleep(PAUSE.min(Duration::from_millis(200))).await;
    }
}

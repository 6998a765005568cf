//! Ports of this machine that lead into a pod, for as long as they are wanted.
//!
//! Invariants: they listen on loopback only; when the pod is gone it says so and ends, and takes no other in its place.

use super::{
    Done,
    follow::{Bounds, Ears, Followed, until},
};
use crate::{
    doors::cluster::Cluster,
    facts::Need,
    ops::{Call, Lookup, Piece},
    problem::Problem,
};
use futures::{StreamExt as _, future::BoxFuture, stream::FuturesUnordered};
use std::time::Duration;
use tokio::{
    io::{AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    time::{Instant, interval},
};

/// Connections at a time; more are closed at once.
const AT_ONCE: usize = 256;
/// Between two looks whether the pod is still there.
const LOOKS: Duration = Duration::from_secs(3);

/// What a forwarded connection came to: a sentence where it did not work.
type Carried<'a> = BoxFuture<'a, Option<String>>;

/// Listens and carries until it is stopped, time is up, or the pod ends.
pub(super) async fn forward(cluster: &Cluster, call: &Call, bounds: Bounds, ears: &mut Ears<'_>) -> Followed {
    let began = Instant::now();
    let deadline = bounds.deadline(began);
    let pod = call.target().map_or_else(String::new, |pod| pod.slashed());
    let failed = |sentence: String| Followed { answer: None, state: String::new(), done: Some(Done::Failed(Problem::failed(sentence))) };
    let mut listeners = Vec::new();
    for pair in call.asked("ports") {
        let Some((Ok(here), Ok(there))) = pair.split_once(':').map(|(here, there)| (here.parse::<u16>(), there.parse::<u16>())) else {
            return failed(format!("{pair:?} is no pair of ports"));
        };
        let listener = match TcpListener::bind(("127.0.0.1", here)).await {
            Ok(listener) => listener,
            Err(e) => return failed(format!("port {here} of this machine cannot be listened on: {e}")),
        };
        let here = listener.local_addr().map_or(here, |address| address.port());
        if !ears.hear(Piece::Note(format!("127.0.0.1:{here} leads to {pod}, port {there}"))).await {
            return Followed { answer: None, state: String::new(), done: Some(Done::Stopped) };
        }
        listeners.push((listener, there));
    }
    let uid = uid(cluster, call).await;
    let mut carried: FuturesUnordered<Carried<'_>> = FuturesUnordered::new();
    let mut looks = interval(LOOKS);
    let mut count = 0_u64;
    let done = loop {
        let accepts =
            listeners.iter().map(|(listener, there)| Box::pin(async move { listener.accept().await.map(|(stream, _)| (stream, *there)) }));
        let said = tokio::select! {
            () = ears.stop.set() => break Some(Done::Stopped),
            () = until(deadline) => break None,
            (accepted, _, _) = futures::future::select_all(accepts) => match accepted {
                Ok((stream, there)) if carried.len() < AT_ONCE => {
                    count += 1;
                    carried.push(Box::pin(carry(cluster, call, stream, there)));
                    None
                }
                Ok(_) => Some(format!("more than {AT_ONCE} connections at a time: one was closed")),
                Err(e) => Some(format!("a connection could not be taken: {e}")),
            },
            Some(said) = carried.next() => said,
            _ = looks.tick() => match (self::uid(cluster, call).await, &uid) {
                (Lookup::Missing, _) => break Some(Done::Failed(ended(&pod))),
                (Lookup::Known(now), Lookup::Known(then)) if now != *then => break Some(Done::Failed(ended(&pod))),
                (Lookup::Known(_) | Lookup::NotChecked(_), _) => None,
            },
        };
        if let Some(said) = said
            && !ears.hear(Piece::Note(said)).await
        {
            break Some(Done::Stopped);
        }
    };
    let state = format!("{count} connections in {} s", began.elapsed().as_secs());
    Followed { answer: None, state, done }
}

fn ended(pod: &str) -> Problem {
    Problem::failed(format!("{pod} has ended, and with it what led to it")).hint("no other pod takes its place by itself: say it again")
}

/// The pod's uid while it runs; missing once it has ended.
async fn uid(cluster: &Cluster, call: &Call) -> Lookup<String> {
    let Some(pod) = call.target() else { return Lookup::Missing };
    let look = Call::get(&pod);
    match cluster.gather(&[Need::Look(look.clone())]).await.look(&look) {
        Lookup::Known(pod) if ["Succeeded", "Failed"].contains(&pod["status"]["phase"].as_str().unwrap_or_default()) => Lookup::Missing,
        Lookup::Known(pod) => Lookup::Known(pod["metadata"]["uid"].as_str().unwrap_or_default().to_string()),
        Lookup::Missing => Lookup::Missing,
        Lookup::NotChecked(why) => Lookup::NotChecked(why),
    }
}

async fn carry(cluster: &Cluster, call: &Call, mut near: TcpStream, there: u16) -> Option<String> {
    let (mut far, said) = match cluster.tunnel(call, there).await {
        Ok(tunnel) => tunnel,
        Err(rejection) => return Some(format!("port {there}: {}", rejection.message)),
    };
    let mut said = Box::pin(said);
    tokio::select! {
        // How a connection ended is the business of those who talk over it.
        _ = copy_bidirectional(&mut near, &mut far) => None,
        Some(why) = &mut said => {
            let _ = near.shutdown().await;
            Some(format!("port {there}: {}", why.trim()))
        }
    }
}

//! The log of a container: what it wrote, or why there is nothing yet. Source: `validateContainerLogStatus` in `pkg/kubelet/kubelet_pods.go`.
use super::{Answer, Ask};
use crate::simulator::{
    Simulator,
    cluster::Cluster,
    json::{list, text},
    kubelet::Line,
    refusal::Refusal,
    store::Key,
};
use axum::body::{Body, Bytes};
use futures::stream;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::{convert::Infallible, time::Duration};

/// Which lines are wanted.
#[derive(Debug, Clone)]
struct Wish {
    uid: String,
    container: String,
    previous: bool,
    tail: Option<usize>,
    bytes: Option<usize>,
    since: Option<Timestamp>,
    timestamps: bool,
}

pub(super) fn answer(simulator: &Simulator, ask: &Ask, key: &Key) -> Result<Answer, Refusal> {
    let Some(wish) = simulator.with(|cluster| wish(cluster, ask, key))? else { return Ok(Answer::Text(String::new())) };
    let lines = simulator.with(|cluster| lines(cluster, &wish));
    if !ask.flag("follow") {
        return Ok(Answer::Text(wish.print(&lines)));
    }
    let seen = lines.last().map(|l| l.at);
    let first = Bytes::from(wish.print(&lines));
    let follower = Follower {
        simulator: simulator.clone(),
        key: key.clone(),
        wish: Wish { tail: None, bytes: None, ..wish },
        seen,
        first: Some(first),
    };
    let body = stream::unfold(follower, |mut follower| async move { Some((Ok::<_, Infallible>(follower.next().await?), follower)) });
    Ok(Answer::Stream(Body::from_stream(body), "text/plain; charset=utf-8"))
}

fn wish(cluster: &Cluster, ask: &Ask, key: &Key) -> Result<Option<Wish>, Refusal> {
    let pod = cluster.fetch(key)?;
    let container = container(&pod, key, ask.query("container"))?;
    let previous = ask.flag("previous");
    if text(&pod, "/spec/nodeName").is_empty() {
        return Ok(None);
    }
    check_started(&pod, key, &container, previous)?;
    let size = |name: &str| Ok::<_, Refusal>(ask.number(name)?.and_then(|n| usize::try_from(n).ok()));
    let by_seconds = ask.number("sinceSeconds")?.and_then(|s| cluster.now.checked_sub(SignedDuration::from_secs(s)).ok());
    let since = by_seconds.or_else(|| ask.query("sinceTime").and_then(|t| t.parse().ok()));
    Ok(Some(Wish {
        uid: text(&pod, "/metadata/uid").to_owned(),
        container,
        previous,
        tail: size("tailLines")?,
        bytes: size("limitBytes")?,
        since,
        timestamps: ask.flag("timestamps"),
    }))
}

fn container(pod: &Value, key: &Key, asked: Option<&str>) -> Result<String, Refusal> {
    let names = |field: &str| list(pod, field).iter().map(|c| text(c, "/name").to_owned()).collect::<Vec<_>>();
    let (main, init) = (names("/spec/containers"), names("/spec/initContainers"));
    match asked {
        Some(name) if main.iter().chain(&init).any(|n| n == name) => Ok(name.to_owned()),
        Some(name) => Err(Refusal::bad_request(format!("container {name} is not valid for pod {}", key.name))),
        None if main.len() == 1 => Ok(main[0].clone()),
        None => {
            let also = if init.is_empty() { String::new() } else { format!(" or one of the init containers: [{}]", init.join(" ")) };
            Err(Refusal::bad_request(format!(
                "a container name must be specified for pod {}, choose one of: [{}]{also}",
                key.name,
                main.join(" ")
            )))
        }
    }
}

fn check_started(pod: &Value, key: &Key, container: &str, previous: bool) -> Result<(), Refusal> {
    let statuses = list(pod, "/status/containerStatuses").iter().chain(list(pod, "/status/initContainerStatuses"));
    let Some(status) = statuses.into_iter().find(|s| text(s, "/name") == container) else {
        return Err(Refusal::bad_request(format!("container {container:?} in pod {:?} is not available", key.name)));
    };
    let ended_before = status.pointer("/lastState/terminated").is_some();
    if previous && !ended_before {
        return Err(Refusal::bad_request(format!("previous terminated container {container:?} in pod {:?} not found", key.name)));
    }
    let waiting = text(status, "/state/waiting/reason");
    if waiting.is_empty() || ended_before {
        return Ok(());
    }
    let why = match waiting {
        "ErrImagePull" => "image can't be pulled",
        "ImagePullBackOff" => "trying and failing to pull image",
        other => other,
    };
    Err(Refusal::bad_request(format!("container {container:?} in pod {:?} is waiting to start: {why}", key.name)))
}

fn lines(cluster: &Cluster, wish: &Wish) -> Vec<Line> {
    let mut lines = cluster.kubelet.lines(&wish.uid, &wish.container, wish.previous, cluster.now).unwrap_or_default();
    if let Some(since) = wish.since {
        lines.retain(|l| l.at >= since);
    }
    if let Some(tail) = wish.tail {
        lines.drain(..lines.len().saturating_sub(tail));
    }
    lines
}

impl Wish {
    fn print(&self, lines: &[Line]) -> String {
        let mut out = String::new();
        for line in lines {
            if self.timestamps {
                out.push_str(&line.at.strftime("%Y-%m-%dT%H:%M:%S.%9fZ ").to_string());
            }
            out.push_str(&line.text);
            out.push('\n');
        }
        if let Some(limit) = self.bytes.filter(|limit| *limit < out.len()) {
            let cut = (0..=limit).rev().find(|at| out.is_char_boundary(*at)).unwrap_or(0);
            out.truncate(cut);
        }
        out
    }
}

/// A client that follows: it is asked for news twice a second, and ends with the pod.
struct Follower {
    simulator: Simulator,
    key: Key,
    wish: Wish,
    seen: Option<Timestamp>,
    first: Option<Bytes>,
}

impl Follower {
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(first) = self.first.take() {
            return Some(first);
        }
        loop {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let (there, mut lines) = self.simulator.with(|cluster| {
                let running = cluster.get(&self.key).is_some_and(|pod| {
                    let mut all = list(&pod, "/status/containerStatuses").iter();
                    all.any(|s| text(s, "/name") == self.wish.container && s.pointer("/state/running").is_some())
                });
                (running, lines(cluster, &self.wish))
            });
            lines.retain(|l| self.seen.is_none_or(|seen| l.at > seen));
            if let Some(last) = lines.last() {
                self.seen = Some(last.at);
                return Some(self.wish.print(&lines).into());
            }
            if !there {
                return None;
            }
        }
    }
}

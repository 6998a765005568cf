//! The log of a container: what it wrote, or why there is nothing yet.
//! Sources: `pkg/registry/core/pod/strategy.go` (`LogLocation`), `ValidatePodLogOptions`, `validateContainerLogStatus` in `pkg/kubelet/kubelet_pods.go`.
use super::{Answer, Ask};
use crate::simulator::{
    Simulator,
    cluster::Cluster,
    json::{list, number, text},
    kubelet::Line,
    refusal::{Cause, Named, Refusal},
    store::Key,
};
use axum::body::{Body, Bytes};
use futures::stream;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::{convert::Infallible, time::Duration};
use tokio::sync::watch::Receiver;

/// How the lines of one run of a container are wanted.
#[derive(Debug, Clone)]
struct Wish {
    uid: String,
    container: String,
    previous: bool,
    tail: Option<usize>,
    bytes: usize,
    since: Option<Timestamp>,
    timestamps: bool,
}

pub(super) fn answer(simulator: &Simulator, ask: &Ask, key: &Key) -> Result<Answer, Refusal> {
    let Some(wish) = simulator.with(|cluster| wish(cluster, ask, key))? else { return Ok(Answer::Nothing) };
    let mut follower = Follower::new(simulator, key, wish);
    if !ask.flag("follow") {
        return Ok(Answer::Stream(Body::from(follower.news().0), "text/plain"));
    }
    let body = stream::unfold(follower, |mut follower| async move { Some((Ok::<_, Infallible>(follower.next().await?), follower)) });
    Ok(Answer::Stream(Body::from_stream(body), "text/plain"))
}

fn wish(cluster: &Cluster, ask: &Ask, key: &Key) -> Result<Option<Wish>, Refusal> {
    let (tail, limit, seconds) = (ask.number("tailLines")?, ask.number("limitBytes")?, ask.number("sinceSeconds")?);
    let time = ask.query("sinceTime").map(|given| given.parse::<Timestamp>().map_err(|_| not_a_time(given))).transpose()?;
    check_options(ask, key, tail, limit, seconds, time)?;
    let pod = cluster.fetch(key)?;
    let container = container(&pod, key, ask.query("container"))?;
    if text(&pod, "/spec/nodeName").is_empty() {
        return Ok(None);
    }
    let previous = ask.flag("previous");
    check_started(&pod, key, &container, previous)?;
    let size = |n: Option<i64>| n.and_then(|n| usize::try_from(n).ok());
    Ok(Some(Wish {
        uid: text(&pod, "/metadata/uid").to_owned(),
        container,
        previous,
        tail: size(tail),
        bytes: size(limit).unwrap_or(usize::MAX),
        since: time.or_else(|| seconds.and_then(|s| cluster.now.checked_sub(SignedDuration::from_secs(s)).ok())),
        timestamps: ask.flag("timestamps"),
    }))
}

fn not_a_time(given: &str) -> Refusal {
    let start: String = given.chars().take_while(|c| !c.is_ascii_digit()).collect();
    let (rest, part) = if start.is_empty() { (given, "T") } else { (given, "2006") };
    Refusal::bad_request(format!("parsing time {given:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {rest:?} as {part:?}"))
}

fn check_options(
    ask: &Ask,
    key: &Key,
    tail: Option<i64>,
    limit: Option<i64>,
    seconds: Option<i64>,
    time: Option<Timestamp>,
) -> Result<(), Refusal> {
    let mut causes = Vec::new();
    for (field, given, least, why) in [
        ("tailLines", tail, 0, "must be greater than or equal to 0"),
        ("limitBytes", limit, 1, "must be greater than 0"),
        ("sinceSeconds", seconds, 1, "must be greater than 0"),
    ] {
        causes.extend(given.filter(|n| *n < least).map(|n| Cause::invalid(field, &n.into(), why)));
    }
    if seconds.is_some() && time.is_some() {
        causes.push(Cause::forbidden("[]", "at most one of `sinceTime` or `sinceSeconds` may be specified"));
    }
    // The feature gate PodLogsQuerySplitStreams is off in 1.36.
    causes.extend(ask.query("stream").map(|_| Cause::forbidden("stream", "may not be specified")));
    if causes.is_empty() {
        return Ok(());
    }
    Err(Refusal::invalid(&Named { group: "", plural: "PodLogOptions", kind: "PodLogOptions", name: &key.name }, &causes))
}

/// The container that is meant; only a single one need not be named.
pub(super) fn container(pod: &Value, key: &Key, asked: Option<&str>) -> Result<String, Refusal> {
    let names = |field: &str| list(pod, field).iter().map(|c| text(c, "/name").to_owned()).collect::<Vec<_>>();
    let main = names("/spec/containers");
    let all = [names("/spec/initContainers"), main.clone(), names("/spec/ephemeralContainers")].concat();
    match (asked, &main[..]) {
        (Some(name), _) if all.iter().any(|n| n == name) => Ok(name.to_owned()),
        (Some(name), _) => Err(Refusal::bad_request(format!("container {name} is not valid for pod {}", key.name))),
        (None, [only]) => Ok(only.clone()),
        (None, _) => Err(Refusal::bad_request(format!(
            "a container name must be specified for pod {}, choose one of: [{}]",
            key.name,
            all.join(" ")
        ))),
    }
}

/// The status of a container of any sort.
pub(super) fn status<'a>(pod: &'a Value, container: &str) -> Option<&'a Value> {
    let fields = ["/status/containerStatuses", "/status/initContainerStatuses", "/status/ephemeralContainerStatuses"];
    fields.into_iter().flat_map(|field| list(pod, field)).find(|s| text(s, "/name") == container)
}

fn check_started(pod: &Value, key: &Key, container: &str, previous: bool) -> Result<(), Refusal> {
    let Some(status) = status(pod, container) else {
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

impl Wish {
    fn print(&mut self, lines: &[Line]) -> Bytes {
        let mut out = String::new();
        for line in lines {
            if self.timestamps {
                out.push_str(&line.at.strftime("%Y-%m-%dT%H:%M:%S.%9fZ ").to_string());
            }
            out.push_str(&line.text);
            out.push('\n');
        }
        let mut out = Bytes::from(out);
        out.truncate(self.bytes);
        self.bytes -= out.len();
        out
    }
}

/// How long a follower sleeps when nothing changes: a script's lines come with time alone.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// A client that follows one run of a container: it hears of new lines until that run ends.
pub(super) struct Follower {
    simulator: Simulator,
    changed: Receiver<u64>,
    key: Key,
    wish: Wish,
    /// Which run: the restarts before it.
    run: Option<i64>,
    /// The time of the last line that was handed out, and how many were at that time.
    seen: Option<(Timestamp, usize)>,
    over: bool,
}

impl Follower {
    fn new(simulator: &Simulator, key: &Key, wish: Wish) -> Self {
        let changed = simulator.subscribe();
        Follower { simulator: simulator.clone(), changed, key: key.clone(), wish, run: None, seen: None, over: false }
    }

    /// The next lines; None when the run has ended, or as much as was wanted has been said.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        while !self.over && self.wish.bytes > 0 {
            self.changed.borrow_and_update();
            let (news, runs) = self.news();
            self.over = !runs;
            if !news.is_empty() {
                return Some(news);
            }
            if runs {
                tokio::select! {
                    changed = self.changed.changed() => self.over = changed.is_err(),
                    () = tokio::time::sleep(LOOK_EVERY) => {}
                }
            }
        }
        None
    }

    /// What was not handed out yet, and whether more may come.
    fn news(&mut self) -> (Bytes, bool) {
        let (runs, mut lines) = self.simulator.clone().with(|cluster| self.read(cluster));
        match self.seen {
            Some((time, count)) => {
                let old = lines.iter().take_while(|l| l.at < time).count();
                lines.drain(..(old + count).min(lines.len()));
            }
            None => {
                if let Some(since) = self.wish.since {
                    lines.retain(|l| l.at >= since);
                }
            }
        }
        if let Some(last) = lines.last() {
            let count = lines.iter().filter(|l| l.at == last.at).count();
            let before = self.seen.filter(|(time, _)| *time == last.at).map_or(0, |(_, count)| count);
            self.seen = Some((last.at, before + count));
        }
        if let Some(tail) = self.wish.tail.take() {
            lines.drain(..lines.len().saturating_sub(tail));
        }
        (self.wish.print(&lines), runs)
    }

    fn read(&mut self, cluster: &Cluster) -> (bool, Vec<Line>) {
        let pod = cluster.get(&self.key).filter(|pod| text(pod, "/metadata/uid") == self.wish.uid);
        let status = pod.as_ref().and_then(|pod| status(pod, &self.wish.container));
        let restarts = status.map(|s| number(s, "/restartCount", 0));
        let run = *self.run.get_or_insert(restarts.unwrap_or_default());
        let replaced = restarts.is_some_and(|n| n != run);
        let runs = !replaced && !self.wish.previous && status.is_some_and(|s| s.pointer("/state/running").is_some());
        let lines = cluster.kubelet.lines(&self.wish.uid, &self.wish.container, self.wish.previous || replaced, cluster.now);
        (runs, lines.unwrap_or_default())
    }
}

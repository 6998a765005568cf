//! Logs in a dump: whose they are, and their lines.
//!
//! Three forms: `NAMESPACE/POD/logs.txt` and one stream of `kubectl cluster-info dump`, whose sections name the container; `namespaces/NAMESPACE/pods/POD/
//! CONTAINER/CONTAINER/logs/current.log` and `previous.log` of must-gather; `NAMESPACE/POD/CONTAINER.log` as people save them by hand.
use crate::simulator::{
    json::{list, text, time},
    kubelet::Line,
};
use jiff::Timestamp;
use serde_json::Value;

/// What one container wrote, as it stands in a dump.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) namespace: String,
    pub(super) pod: String,
    /// None: the pod's first.
    pub(super) container: Option<String>,
    pub(super) previous: bool,
    content: String,
}

/// Whose log a file is, by its path; None where it is none.
pub(super) fn whose(place: &str) -> Option<Log> {
    let log = |namespace: &str, pod: &str, container: Option<&str>, previous| Log {
        namespace: namespace.to_owned(),
        pod: pod.to_owned(),
        container: container.map(str::to_owned),
        previous,
        content: String::new(),
    };
    let parts: Vec<&str> = place.split('/').collect();
    Some(match parts.as_slice() {
        [.., "namespaces", namespace, "pods", pod, container, _, "logs", file @ ("current.log" | "previous.log")] => {
            log(namespace, pod, Some(container), *file == "previous.log")
        }
        // What the log rotation put aside is older than both.
        [.., "logs", _] | [.., "logs", "rotated", _] if place.ends_with(".log") => return None,
        [.., namespace, pod, "logs.txt"] => log(namespace, pod, None, false),
        [.., namespace, pod, file] if file.ends_with(".log") => {
            let name = file.trim_end_matches(".log");
            let container = name.strip_suffix(".previous").or_else(|| name.strip_suffix("-previous"));
            log(namespace, pod, Some(container.unwrap_or(name)), container.is_some())
        }
        _ => return None,
    })
}

const START: &str = "==== START logs for container ";
const END: &str = "==== END logs for container ";

/// The logs in one file: one section for each container, or all of it.
pub(super) fn read(whose: Log, content: &str) -> Vec<Log> {
    match cut_out(content).1 {
        sections if sections.is_empty() && !content.trim().is_empty() => vec![Log { content: content.to_owned(), ..whose }],
        sections => sections,
    }
}

/// Parts the sections of logs from a text, which is then what is left.
pub(super) fn cut_out(content: &str) -> (std::borrow::Cow<'_, str>, Vec<Log>) {
    if !content.contains(START) {
        return (content.into(), Vec::new());
    }
    let (mut rest, mut logs, mut open): (String, Vec<Log>, Option<Log>) = (String::new(), Vec::new(), None);
    for line in content.lines() {
        if let Some(named) = line.strip_prefix(START) {
            logs.extend(open.take());
            open = section(named);
        } else if line.starts_with(END) {
            logs.extend(open.take());
        } else {
            let into = open.as_mut().map_or(&mut rest, |log| &mut log.content);
            into.push_str(line);
            into.push('\n');
        }
    }
    logs.extend(open);
    (rest.into(), logs)
}

/// `web of pod shop/web-1 ====`
fn section(named: &str) -> Option<Log> {
    let (container, pod) = named.trim_end_matches(['=', ' ']).split_once(" of pod ")?;
    let (namespace, pod) = pod.split_once('/')?;
    Some(Log {
        namespace: namespace.to_owned(),
        pod: pod.to_owned(),
        container: Some(container.to_owned()),
        previous: false,
        content: String::new(),
    })
}

fn status<'a>(pod: &'a Value, container: &str) -> &'a Value {
    let statuses = list(pod, "/status/containerStatuses").iter().chain(list(pod, "/status/initContainerStatuses"));
    statuses.into_iter().find(|s| text(s, "/name") == container).unwrap_or(&Value::Null)
}

/// Whether a container waits to be started.
pub(super) fn waits(pod: &Value, container: &str) -> bool {
    status(pod, container).pointer("/state/waiting").is_some()
}

impl Log {
    /// Its lines. A time at the head of one is when it was written; others were written when the one before was, or when the container started.
    pub(super) fn lines(&self, pod: &Value, container: &str) -> Vec<Line> {
        let status = status(pod, container);
        let started = ["/state/running/startedAt", "/state/terminated/startedAt", "/lastState/terminated/startedAt"];
        let mut at = started.iter().find_map(|p| time(status, p)).or_else(|| time(pod, "/metadata/creationTimestamp")).unwrap_or_default();
        let mut lines = Vec::new();
        for line in self.content.lines() {
            let said = line.split_once(' ').and_then(|(head, rest)| Some((head.parse::<Timestamp>().ok()?, rest)));
            let text = said.map_or(line, |(time, rest)| {
                at = time;
                rest
            });
            lines.push(Line { at, text: text.to_owned() });
        }
        lines
    }
}

//! Which of a workload's pods is read first: `ByLogging` in `kubectl/pkg/util/podutils`.

use crate::ops::look::{self, list, text};
use serde_json::Value;
use std::cmp::Reverse;

/// The pod that kubectl reads first has the least rank: on a node, running, ready, ready for longest, most restarts, oldest.
pub(super) fn rank(pod: &Value) -> impl Ord + use<> {
    let condition = list(pod, "/status/conditions").iter().find(|c| c["type"] == "Ready");
    let ready = condition.is_some_and(|c| c["status"] == "True");
    // A time that is not there sorts behind every one that is.
    let when = |text: &str| look::time(text).map_or((true, 0), |t| (false, t.as_second()));
    let phase = match text(pod, "/status/phase") {
        "Unknown" => 1,
        "Pending" => 2,
        _ => 0,
    };
    let restarts = |field: &str| list(pod, field).iter().map(|c| c["restartCount"].as_u64().unwrap_or(0)).max().unwrap_or(0);
    (
        text(pod, "/spec/nodeName").is_empty(),
        phase,
        !ready,
        condition.filter(|_| ready).map(|c| when(text(c, "/lastTransitionTime"))),
        Reverse((restarts("/status/containerStatuses"), restarts("/status/initContainerStatuses"))),
        when(text(pod, "/metadata/creationTimestamp")),
    )
}

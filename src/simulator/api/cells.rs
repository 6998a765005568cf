//! What stands in the cells of Tables. Source: `pkg/printers/internalversion/printers.go`.
use super::columns::Row;
use crate::simulator::{
    controllers::conditions,
    json::{list, number, text, time, yes},
};
use crate::terms::{age, path::scalar_text, selector::LabelSelector};
use jiff::Timestamp;
use serde_json::Value;

pub(super) fn at(row: &Row, pointer: &str) -> Value {
    row.object.pointer(pointer).and_then(scalar_text).unwrap_or_default().into()
}

pub(super) fn or_none(text: &str) -> Value {
    if text.is_empty() { "<none>".into() } else { text.into() }
}

pub(super) fn age(now: Timestamp, then: Timestamp) -> Value {
    age::human(now.as_second() - then.as_second()).into()
}

pub(super) fn age_of(row: &Row) -> Value {
    since(row, &["/metadata/creationTimestamp"])
}

pub(super) fn since(row: &Row, pointers: &[&str]) -> Value {
    pointers.iter().find_map(|p| time(row.object, p)).map_or_else(|| "<unknown>".into(), |t| age(row.now, t))
}

pub(super) fn keys(row: &Row, field: &str) -> usize {
    row.object.get(field).and_then(Value::as_object).map_or(0, serde_json::Map::len)
}

pub(super) fn pairs(map: &Value) -> String {
    map.as_object().into_iter().flatten().map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default())).collect::<Vec<_>>().join(",")
}

pub(super) fn selector(selector: &Value) -> Value {
    or_none(&LabelSelector::from_json(selector).map(|s| s.to_string()).unwrap_or_default())
}

pub(super) const TEMPLATE: &str = "/spec/template/spec/containers";

pub(super) fn of_containers(row: &Row, place: &str, field: &str) -> Value {
    list(row.object, place).iter().map(|c| text(c, field)).collect::<Vec<_>>().join(",").into()
}

pub(super) fn joined<'a>(words: impl Iterator<Item = &'a str>, none: &str) -> Value {
    let words: Vec<&str> = words.collect();
    if words.is_empty() { none.into() } else { words.join(",").into() }
}

/// Three of them, and how many more there are.
pub(super) fn shortened(all: &[&str]) -> Value {
    let more = all.len().saturating_sub(3);
    let shown = all.iter().take(3).copied().collect::<Vec<_>>().join(",");
    if more > 0 { format!("{shown} + {more} more...").into() } else { shown.into() }
}

pub(super) fn modes(row: &Row, pointer: &str) -> Value {
    let short = |mode: &Value| match mode.as_str().unwrap_or_default() {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => "",
    };
    list(row.object, pointer).iter().map(short).collect::<Vec<_>>().join(",").into()
}

/// What the READY, STATUS and RESTARTS columns say of a pod. Source: `printPod`.
pub(super) fn pod_state(row: &Row) -> (String, String, String) {
    let pod = row.object;
    let phase = text(pod, "/status/phase");
    let mut said = if text(pod, "/status/reason").is_empty() { phase } else { text(pod, "/status/reason") }.to_owned();
    let condition = |kind: &str| conditions::get(pod, kind);
    if condition("PodScheduled").is_some_and(|c| text(c, "/reason") == "SchedulingGated") {
        said = "SchedulingGated".to_owned();
    }
    let inits = list(pod, "/spec/initContainers");
    let sidecar = |name: &str| inits.iter().any(|c| text(c, "/name") == name && text(c, "/restartPolicy") == "Always");
    let all = list(pod, "/spec/containers").len() + inits.iter().filter(|c| text(c, "/restartPolicy") == "Always").count();
    let mut ready = 0;
    // Those of init containers count while they are what the pod waits for, those of sidecars always.
    let (mut first, mut always) = (Restarts::default(), Restarts::default());
    let mut initializing = false;
    for (at, status) in list(pod, "/status/initContainerStatuses").iter().enumerate() {
        first.add(status);
        let sidecar = sidecar(text(status, "/name"));
        if sidecar {
            always.add(status);
        }
        let (waiting, ended) = (text(status, "/state/waiting/reason"), status.pointer("/state/terminated"));
        if ended.is_some_and(|e| number(e, "/exitCode", 0) == 0) {
            continue;
        }
        if sidecar && yes(status, "/started") {
            ready += usize::from(yes(status, "/ready"));
            continue;
        }
        said = match (ended, waiting) {
            (Some(ended), _) => format!("Init:{}", how_it_ended(ended)),
            (None, "" | "PodInitializing") => format!("Init:{at}/{}", inits.len()),
            (None, waiting) => format!("Init:{waiting}"),
        };
        initializing = true;
        break;
    }
    let mut restarts = first;
    if !initializing || condition("Initialized").is_some_and(|c| c["status"] == "True") {
        restarts = always;
        let mut running = false;
        for status in list(pod, "/status/containerStatuses").iter().rev() {
            restarts.add(status);
            let (waiting, ended) = (text(status, "/state/waiting/reason"), status.pointer("/state/terminated"));
            match ended {
                _ if !waiting.is_empty() => waiting.clone_into(&mut said),
                Some(ended) => said = how_it_ended(ended),
                None if yes(status, "/ready") && status.pointer("/state/running").is_some() => {
                    running = true;
                    ready += 1;
                }
                None => {}
            }
        }
        if said == "Completed" && running {
            said = if condition("Ready").is_some_and(|c| c["status"] == "True") { "Running" } else { "NotReady" }.to_owned();
        }
    }
    if pod.pointer("/metadata/deletionTimestamp").is_some() {
        if text(pod, "/status/reason") == "NodeLost" {
            said = "Unknown".to_owned();
        } else if !matches!(phase, "Succeeded" | "Failed") {
            said = "Terminating".to_owned();
        }
    }
    (format!("{ready}/{all}"), said, restarts.said(row.now))
}

pub(super) fn how_it_ended(ended: &Value) -> String {
    match (text(ended, "/reason"), number(ended, "/signal", 0)) {
        ("", 0) => format!("ExitCode:{}", number(ended, "/exitCode", 0)),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}

/// How often containers were started again, and when last.
#[derive(Debug, Default, Clone, Copy)]
struct Restarts {
    count: i64,
    last: Option<Timestamp>,
}

impl Restarts {
    fn add(&mut self, status: &Value) {
        self.count += number(status, "/restartCount", 0);
        self.last = self.last.max(time(status, "/lastState/terminated/finishedAt"));
    }

    fn said(self, now: Timestamp) -> String {
        match self.last.filter(|_| self.count > 0) {
            Some(last) => format!("{} ({} ago)", self.count, age(now, last).as_str().unwrap_or_default()),
            None => self.count.to_string(),
        }
    }
}

pub(super) fn readiness_gates(row: &Row) -> Value {
    let gates = list(row.object, "/spec/readinessGates");
    if gates.is_empty() {
        return "<none>".into();
    }
    let open = gates.iter().filter(|g| conditions::is_true(row.object, text(g, "/conditionType"))).count();
    format!("{open}/{}", gates.len()).into()
}

pub(super) fn external_address(row: &Row) -> Value {
    let given = list(row.object, "/spec/externalIPs").iter().filter_map(Value::as_str);
    let balancer = list(row.object, "/status/loadBalancer/ingress")
        .iter()
        .map(|i| if text(i, "/ip").is_empty() { text(i, "/hostname") } else { text(i, "/ip") });
    match text(row.object, "/spec/type") {
        "LoadBalancer" => joined(balancer.chain(given), "<pending>"),
        "ExternalName" => at(row, "/spec/externalName"),
        _ => joined(given, "<none>"),
    }
}

pub(super) fn service_ports(row: &Row) -> Value {
    let one = |p: &Value| {
        let node = p.get("nodePort").and_then(Value::as_i64).map_or_else(String::new, |n| format!(":{n}"));
        format!("{}{node}/{}", number(p, "/port", 0), text(p, "/protocol"))
    };
    or_none(&list(row.object, "/spec/ports").iter().map(one).collect::<Vec<_>>().join(","))
}

pub(super) fn node_state(row: &Row) -> Value {
    let ready = match conditions::get(row.object, "Ready").map(|c| text(c, "/status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    if yes(row.object, "/spec/unschedulable") { format!("{ready},SchedulingDisabled").into() } else { ready.into() }
}

pub(super) fn node_roles(row: &Row) -> Value {
    let labels = row.object.pointer("/metadata/labels").and_then(Value::as_object).into_iter().flatten();
    let roles: Vec<&str> = labels.filter_map(|(k, _)| k.strip_prefix("node-role.kubernetes.io/")).collect();
    or_none(&roles.join(","))
}

pub(super) fn node_address(row: &Row, kind: &str) -> Value {
    or_none(list(row.object, "/status/addresses").iter().find(|a| a["type"] == kind).map_or("", |a| text(a, "/address")))
}

pub(super) fn kernel(row: &Row) -> Value {
    match (text(row.object, "/status/nodeInfo/kernelVersion"), text(row.object, "/status/nodeInfo/architecture")) {
        ("", _) => "<unknown>".into(),
        (kernel, "") => kernel.into(),
        (kernel, architecture) => format!("{kernel} ({architecture})").into(),
    }
}

/// Two of an autoscaler's targets, each with what is measured of it. Source: `formatHPAMetrics`.
pub(super) fn targets(row: &Row) -> Value {
    let measured = list(row.object, "/status/currentMetrics");
    let one = |(at, metric): (usize, &Value)| {
        let kind = text(metric, "/type");
        let field = format!("{}{}", kind[..kind.len().min(1)].to_ascii_lowercase(), kind.get(1..).unwrap_or_default());
        let source = &metric[field.as_str()];
        let now = measured.get(at).map_or(&Value::Null, |m| &m[field.as_str()]["current"]);
        let pair = |member: &str, unit: &str| {
            let target = source["target"].get(member).and_then(scalar_text)?;
            let now = now.get(member).and_then(scalar_text).map_or_else(|| "<unknown>".to_owned(), |n| format!("{n}{unit}"));
            Some(format!("{now}/{target}{unit}"))
        };
        let found = pair("averageUtilization", "%").or_else(|| match kind {
            "External" | "Object" => pair("averageValue", "").map(|p| format!("{p} (avg)")).or_else(|| pair("value", "")),
            _ => pair("averageValue", ""),
        });
        let name = if kind.contains("Resource") { format!("{}: ", text(source, "/name")) } else { String::new() };
        format!("{name}{}", found.unwrap_or_else(|| "<unknown>".to_owned()))
    };
    let all: Vec<String> = list(row.object, "/spec/metrics").iter().enumerate().map(one).collect();
    let shown = all.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(", ");
    match all.len() {
        0 => "<none>".into(),
        1 | 2 => shown.into(),
        more => format!("{shown} + {} more...", more - 2).into(),
    }
}

pub(super) fn subjects(row: &Row, kind: &str) -> Value {
    let named = |s: &Value| {
        if kind == "ServiceAccount" { format!("{}/{}", text(s, "/namespace"), text(s, "/name")) } else { text(s, "/name").to_owned() }
    };
    list(row.object, "/subjects").iter().filter(|s| s["kind"] == kind).map(named).collect::<Vec<_>>().join(", ").into()
}

pub(super) fn reference(to: &Value) -> Value {
    let (group, kind, name) = (text(to, "/apiGroup"), text(to, "/kind"), text(to, "/name"));
    if kind.is_empty() { "<none>".into() } else { format!("{kind}{}{group}/{name}", if group.is_empty() { "" } else { "." }).into() }
}

pub(super) fn controller(row: &Row) -> Value {
    let Some(owner) = list(row.object, "/metadata/ownerReferences").iter().find(|o| yes(o, "/controller")) else { return "<none>".into() };
    let group = text(owner, "/apiVersion").split_once('/').map_or(String::new(), |(group, _)| format!(".{group}"));
    format!("{}{group}/{}", text(owner, "/kind").to_ascii_lowercase(), text(owner, "/name")).into()
}

/// What of a quota is used, of requests and other counts, or of limits.
pub(super) fn quota(row: &Row, limits: bool) -> Value {
    let hard = row.object.pointer("/status/hard").and_then(Value::as_object);
    let used =
        |name: &str| row.object.pointer("/status/used").and_then(|u| u.get(name)).and_then(scalar_text).unwrap_or_else(|| "0".to_owned());
    let mine = hard.into_iter().flatten().filter(|(name, _)| (name.starts_with("limits.")) == limits);
    mine.map(|(name, hard)| format!("{name}: {}/{}", used(name), hard.as_str().unwrap_or_default())).collect::<Vec<_>>().join(", ").into()
}

pub(super) fn api_service(row: &Row) -> Value {
    match text(row.object, "/spec/service/name") {
        "" => "Local".into(),
        name => format!("{}/{name}", text(row.object, "/spec/service/namespace")).into(),
    }
}

pub(super) fn api_available(row: &Row) -> Value {
    match conditions::get(row.object, "Available") {
        Some(c) if c["status"] == "True" => "True".into(),
        Some(c) => format!("{} ({})", text(c, "/status"), text(c, "/reason")).into(),
        None => "Unknown".into(),
    }
}

pub(super) fn requested_duration(row: &Row) -> Value {
    row.object.pointer("/spec/expirationSeconds").and_then(Value::as_i64).map_or("<none>".into(), |seconds| age::human(seconds).into())
}

pub(super) fn claim_state(row: &Row) -> Value {
    let deleting = row.object.pointer("/metadata/deletionTimestamp").map(|_| "deleted");
    let allocated = row.object.pointer("/status/allocation").map(|_| "allocated");
    let reserved = Some("reserved").filter(|_| !list(row.object, "/status/reservedFor").is_empty());
    joined([deleting, allocated, reserved].into_iter().flatten(), "pending")
}

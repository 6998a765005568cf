//! What stands in the cells of Tables. Source: `pkg/printers/internalversion/printers.go`.
use super::columns::Column;
use crate::simulator::{
    controllers::conditions,
    json::{list, number, text, time, yes},
};
use crate::terms::{age, path::scalar_text, selector::LabelSelector};
use jiff::Timestamp;
use serde_json::{Map, Value};

/// The object of a row, and the time it is printed at.
pub(super) struct Row<'a> {
    pub(super) object: &'a Value,
    pub(super) now: Timestamp,
}

/// What stands in a cell.
pub(super) fn cell(column: &Column, row: &Row) -> Value {
    let object = row.object;
    let word = |at: usize| column.words.get(at).copied().unwrap_or_default();
    let there = |at: usize| object.pointer(word(at)).unwrap_or(&Value::Null);
    let status = |kind: &str| conditions::is_true(object, kind);
    let size = |value: &Value| value.as_object().map_or(list(value, "").len(), Map::len);
    match column.cell {
        "at" => at(object, word(0)).into(),
        "none" => or_none(&at(object, word(0))),
        "or" => scalar_text(object.pointer(word(1)).unwrap_or(&Value::Null)).unwrap_or_else(|| word(0).to_owned()).into(),
        "words" => word(0).into(),
        "number" => number(object, word(0), word(1).parse().unwrap_or(0)).into(),
        "yes" => yes(object, word(0)).into(),
        "said" => if yes(object, word(0)) { "True" } else { "False" }.into(),
        "size" => (0..column.words.len()).map(|at| size(there(at))).sum::<usize>().into(),
        "of" => format!("{}/{}", number(object, word(0), 0), number(object, word(1), word(2).parse().unwrap_or(0))).into(),
        "pair" if text(object, word(1)).is_empty() => "".into(),
        "pair" => format!("{}/{}", text(object, word(0)), text(object, word(1))).into(),
        "age" => age_of(row),
        "since" => since(row, &column.words),
        "containers" => joined(list(there(0), "/containers").iter().map(|c| text(c, word(1))), ",", ""),
        "selector" => or_none(&LabelSelector::from_json(there(0)).map(|s| s.to_string()).unwrap_or_default()),
        "pairs" => {
            let pairs = there(0).as_object().into_iter().flatten().map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default()));
            joined(pairs, ",", "<none>")
        }
        "each" => shortened(list(object, word(0)).iter().map(|one| at(one, word(1))).collect(), word(2)),
        "modes" => joined(list(object, word(0)).iter().map(short_mode), ",", ""),
        "pod" => {
            let (ready, state, restarts) = pod_state(row);
            match word(0) {
                "ready" => ready,
                "restarts" => restarts,
                _ => state,
            }
            .into()
        }
        "gates" => {
            let gates = list(object, "/spec/readinessGates");
            let open = gates.iter().filter(|g| status(text(g, "/conditionType"))).count();
            if gates.is_empty() { "<none>".into() } else { format!("{open}/{}", gates.len()).into() }
        }
        "external-address" => {
            let given = list(object, "/spec/externalIPs").iter().filter_map(Value::as_str);
            match text(object, "/spec/type") {
                "LoadBalancer" => joined(balancer(object).chain(given), ",", "<pending>"),
                "ExternalName" => text(object, "/spec/externalName").into(),
                _ => joined(given, ",", "<none>"),
            }
        }
        "balancer" => joined(balancer(object), ",", ""),
        "service-ports" => {
            let node = |p: &Value| p["nodePort"].as_i64().map_or_else(String::new, |n| format!(":{n}"));
            let ports = list(object, "/spec/ports").iter();
            joined(ports.map(|p| format!("{}{}/{}", number(p, "/port", 0), node(p), text(p, "/protocol"))), ",", "<none>")
        }
        "node-state" => {
            let ready = match conditions::get(object, "Ready").map(|c| text(c, "/status")) {
                Some("True") => "Ready",
                Some(_) => "NotReady",
                None => "Unknown",
            };
            if yes(object, "/spec/unschedulable") { format!("{ready},SchedulingDisabled").into() } else { ready.into() }
        }
        "node-roles" => {
            let labels = object.pointer("/metadata/labels").and_then(Value::as_object).into_iter().flatten();
            joined(labels.filter_map(|(k, _)| k.strip_prefix("node-role.kubernetes.io/")), ",", "<none>")
        }
        "node-address" => {
            let addresses = list(object, "/status/addresses").iter();
            joined(addresses.filter(|a| a["type"] == word(0)).map(|a| text(a, "/address")).take(1), ",", "<none>")
        }
        "kernel" => match (text(object, "/status/nodeInfo/kernelVersion"), text(object, "/status/nodeInfo/architecture")) {
            ("", _) => "<unknown>".into(),
            (kernel, "") => kernel.into(),
            (kernel, architecture) => format!("{kernel} ({architecture})").into(),
        },
        "involved" => {
            let kind = text(object, "/involvedObject/kind").to_ascii_lowercase();
            format!("{kind}/{}", text(object, "/involvedObject/name")).into()
        }
        "source" => {
            let or = |old, new| Some(text(object, old)).filter(|old| !old.is_empty()).unwrap_or(text(object, new));
            let host = or("/source/host", "/reportingInstance");
            format!("{}{}{host}", or("/source/component", "/reportingComponent"), if host.is_empty() { "" } else { ", " }).into()
        }
        "message" => text(object, "/message").trim().into(),
        "hosts" => {
            let hosts = list(object, "/spec/rules").iter().map(|rule| text(rule, "/host").to_owned());
            shortened(hosts.filter(|host| !host.is_empty()).collect(), "*")
        }
        "ingress-ports" => if list(object, "/spec/tls").is_empty() { "80" } else { "80, 443" }.into(),
        "job-state" => ["Complete", "Failed", "Suspended"].into_iter().find(|kind| status(kind)).unwrap_or("Running").into(),
        "duration" => {
            let end = time(object, "/status/completionTime").unwrap_or(row.now);
            time(object, "/status/startTime").map_or("".into(), |start| age(end, start))
        }
        "scheduled" => time(object, "/status/lastScheduleTime").map_or("<none>".into(), |then| age(row.now, then)),
        "claim-phase" if object.pointer("/metadata/deletionTimestamp").is_some() => "Terminating".into(),
        "claim-phase" => text(object, "/status/phase").into(),
        "endpoints" => {
            let port = |address: &Value, port: &Value| format!("{}:{}", text(address, "/ip"), number(port, "/port", 0));
            let of = |subset| list(subset, "/ports").iter().flat_map(move |p| list(subset, "/addresses").iter().map(move |a| port(a, p)));
            shortened(list(object, "/subsets").iter().flat_map(of).collect(), "<none>")
        }
        "class-name" => {
            let default =
                object.pointer("/metadata/annotations").is_some_and(|a| a["storageclass.kubernetes.io/is-default-class"] == "true");
            format!("{}{}", text(object, "/metadata/name"), if default { " (default)" } else { "" }).into()
        }
        "targets" => targets(object),
        "subjects" => {
            let named = |s: &Value| match word(0) {
                "ServiceAccount" => format!("{}/{}", text(s, "/namespace"), text(s, "/name")),
                _ => text(s, "/name").to_owned(),
            };
            joined(list(object, "/subjects").iter().filter(|s| s["kind"] == word(0)).map(named), ", ", "")
        }
        "parameters" => {
            let to = |field: &str| text(object, &format!("/spec/parameters/{field}"));
            let group = if to("apiGroup").is_empty() { String::new() } else { format!(".{}", to("apiGroup")) };
            if to("kind").is_empty() { "<none>".into() } else { format!("{}{group}/{}", to("kind"), to("name")).into() }
        }
        "controller" => {
            let Some(owner) = list(object, "/metadata/ownerReferences").iter().find(|o| yes(o, "/controller")) else {
                return "<none>".into();
            };
            let group = text(owner, "/apiVersion").split_once('/').map_or(String::new(), |(group, _)| format!(".{group}"));
            format!("{}{group}/{}", text(owner, "/kind").to_ascii_lowercase(), text(owner, "/name")).into()
        }
        "quota" => {
            // What of a quota is used, of requests and other counts, or of limits.
            let used = |name: &str| object["status"]["used"].get(name).and_then(scalar_text).unwrap_or_else(|| "0".to_owned());
            let hard = object.pointer("/status/hard").and_then(Value::as_object).into_iter().flatten();
            let mine = hard.filter(|(name, _)| name.starts_with("limits.") == (word(0) == "limits"));
            joined(mine.map(|(name, hard)| format!("{name}: {}/{}", used(name), hard.as_str().unwrap_or_default())), ", ", "")
        }
        other => {
            debug_assert!(false, "columns.txt names a cell that is not there: {other}");
            Value::Null
        }
    }
}

/// The text, number or boolean at a pointer, as text.
fn at(object: &Value, pointer: &str) -> String {
    object.pointer(pointer).and_then(scalar_text).unwrap_or_default()
}

fn or_none(text: &str) -> Value {
    if text.is_empty() { "<none>".into() } else { text.into() }
}

pub(super) fn age(now: Timestamp, then: Timestamp) -> Value {
    age::human(now.as_second() - then.as_second()).into()
}

pub(super) fn age_of(row: &Row) -> Value {
    since(row, &["/metadata/creationTimestamp"])
}

fn since(row: &Row, pointers: &[&str]) -> Value {
    pointers.iter().find_map(|p| time(row.object, p)).map_or_else(|| "<unknown>".into(), |t| age(row.now, t))
}

fn joined<W: AsRef<str>>(words: impl Iterator<Item = W>, between: &str, none: &str) -> Value {
    let text =
        words.fold(String::new(), |text, word| if text.is_empty() { word.as_ref().to_owned() } else { text + between + word.as_ref() });
    if text.is_empty() { none.into() } else { text.into() }
}

/// Three of them, and how many more there are.
fn shortened(all: Vec<String>, none: &str) -> Value {
    let shown = all.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(",");
    match all.len() {
        0 => none.into(),
        1..=3 => shown.into(),
        more => format!("{shown} + {} more...", more - 3).into(),
    }
}

fn short_mode(mode: &Value) -> &'static str {
    match mode.as_str().unwrap_or_default() {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => "",
    }
}

/// What a balancer of a Service or Ingress is reached by.
fn balancer(object: &Value) -> impl Iterator<Item = &str> {
    let given = list(object, "/status/loadBalancer/ingress").iter();
    given.map(|i| if text(i, "/ip").is_empty() { text(i, "/hostname") } else { text(i, "/ip") })
}

/// What the READY, STATUS and RESTARTS columns say of a pod. Source: `printPod`.
fn pod_state(row: &Row) -> (String, String, String) {
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

fn how_it_ended(ended: &Value) -> String {
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

/// Two of an autoscaler's targets, each with what is measured of it. Source: `formatHPAMetrics`.
fn targets(object: &Value) -> Value {
    let measured = list(object, "/status/currentMetrics");
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
    let all: Vec<String> = list(object, "/spec/metrics").iter().enumerate().map(one).collect();
    let shown = all.iter().take(2).map(String::as_str).collect::<Vec<_>>().join(", ");
    match all.len() {
        0 => "<none>".into(),
        1 | 2 => shown.into(),
        more => format!("{shown} + {} more...", more - 2).into(),
    }
}

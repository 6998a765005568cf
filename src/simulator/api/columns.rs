//! The columns of each kind. Source: `pkg/printers/internalversion/printers.go`.
use crate::simulator::{
    json::{list, number, text, time, yes},
    registry::Resource,
};
use crate::terms::{age, path::scalar_text, selector::LabelSelector};
use jiff::Timestamp;
use serde_json::Value;

/// The object of a row, and the time it is printed at.
pub(super) struct Row<'a> {
    pub(super) object: &'a Value,
    pub(super) now: Timestamp,
}

/// One column: priority 1 shows with `-o wide` only.
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) priority: i64,
    pub(super) cell: fn(&Row) -> Value,
}

const fn col(name: &'static str, cell: fn(&Row) -> Value) -> Column {
    Column { name, kind: "string", priority: 0, cell }
}
const fn int(name: &'static str, cell: fn(&Row) -> Value) -> Column {
    Column { name, kind: "integer", priority: 0, cell }
}
const fn wide(name: &'static str, cell: fn(&Row) -> Value) -> Column {
    Column { name, kind: "string", priority: 1, cell }
}
const NAME: Column = col("Name", |r| at(r, "/metadata/name"));
const AGE: Column = col("Age", age_of);

static DEFAULT: &[Column] = &[NAME, AGE];
static PODS: &[Column] = &[
    NAME,
    col("Ready", |r| {
        let all = list(r.object, "/spec/containers").len();
        let ready = list(r.object, "/status/containerStatuses").iter().filter(|s| yes(s, "/ready")).count();
        format!("{ready}/{all}").into()
    }),
    col("Status", |r| pod_state(r.object).into()),
    col("Restarts", restarts),
    AGE,
    wide("IP", |r| or_none(text(r.object, "/status/podIP"))),
    wide("Node", |r| or_none(text(r.object, "/spec/nodeName"))),
    wide("Nominated Node", |r| or_none(text(r.object, "/status/nominatedNodeName"))),
    wide("Readiness Gates", |_| "<none>".into()),
];
static DEPLOYMENTS: &[Column] = &[
    NAME,
    col("Ready", |r| format!("{}/{}", number(r.object, "/status/readyReplicas", 0), number(r.object, "/spec/replicas", 0)).into()),
    int("Up-to-date", |r| number(r.object, "/status/updatedReplicas", 0).into()),
    int("Available", |r| number(r.object, "/status/availableReplicas", 0).into()),
    AGE,
    wide("Containers", containers),
    wide("Images", images),
    wide("Selector", selector),
];
static REPLICA_SETS: &[Column] = &[
    NAME,
    int("Desired", |r| number(r.object, "/spec/replicas", 0).into()),
    int("Current", |r| number(r.object, "/status/replicas", 0).into()),
    int("Ready", |r| number(r.object, "/status/readyReplicas", 0).into()),
    AGE,
    wide("Containers", containers),
    wide("Images", images),
    wide("Selector", selector),
];
static STATEFUL_SETS: &[Column] = &[
    NAME,
    col("Ready", |r| format!("{}/{}", number(r.object, "/status/readyReplicas", 0), number(r.object, "/spec/replicas", 0)).into()),
    AGE,
    wide("Containers", containers),
    wide("Images", images),
];
static DAEMON_SETS: &[Column] = &[
    NAME,
    int("Desired", |r| number(r.object, "/status/desiredNumberScheduled", 0).into()),
    int("Current", |r| number(r.object, "/status/currentNumberScheduled", 0).into()),
    int("Ready", |r| number(r.object, "/status/numberReady", 0).into()),
    int("Up-to-date", |r| number(r.object, "/status/updatedNumberScheduled", 0).into()),
    int("Available", |r| number(r.object, "/status/numberAvailable", 0).into()),
    col("Node Selector", |r| or_none(&pairs(&r.object["spec"]["template"]["spec"]["nodeSelector"]))),
    AGE,
    wide("Containers", containers),
    wide("Images", images),
    wide("Selector", selector),
];
static SERVICES: &[Column] = &[
    NAME,
    col("Type", |r| at(r, "/spec/type")),
    col("Cluster-IP", |r| or_none(text(r.object, "/spec/clusterIP"))),
    col("External-IP", external_address),
    col("Port(s)", service_ports),
    AGE,
    wide("Selector", |r| or_none(&pairs(&r.object["spec"]["selector"]))),
];
static NODES: &[Column] = &[
    NAME,
    col("Status", node_state),
    col("Roles", node_roles),
    AGE,
    col("Version", |r| at(r, "/status/nodeInfo/kubeletVersion")),
    wide("Internal-IP", |r| node_address(r, "InternalIP")),
    wide("External-IP", |r| node_address(r, "ExternalIP")),
    wide("OS-Image", |r| at(r, "/status/nodeInfo/osImage")),
    wide("Kernel-Version", |r| at(r, "/status/nodeInfo/kernelVersion")),
    wide("Container-Runtime", |r| at(r, "/status/nodeInfo/containerRuntimeVersion")),
];
static NAMESPACES: &[Column] = &[NAME, col("Status", |r| at(r, "/status/phase")), AGE];
static CONFIG_MAPS: &[Column] = &[NAME, int("Data", |r| (keys(r, "data") + keys(r, "binaryData")).into()), AGE];
static SECRETS: &[Column] = &[NAME, col("Type", |r| at(r, "/type")), int("Data", |r| keys(r, "data").into()), AGE];
static EVENTS: &[Column] = &[
    col("Last Seen", |r| since(r, &["/lastTimestamp", "/series/lastObservedTime", "/eventTime", "/firstTimestamp"])),
    col("Type", |r| at(r, "/type")),
    col("Reason", |r| at(r, "/reason")),
    col("Object", |r| {
        let kind = text(r.object, "/involvedObject/kind").to_ascii_lowercase();
        format!("{kind}/{}", text(r.object, "/involvedObject/name")).into()
    }),
    wide("Subobject", |r| at(r, "/involvedObject/fieldPath")),
    wide("Source", |r| {
        let host = text(r.object, "/source/host");
        format!("{}{}{host}", text(r.object, "/source/component"), if host.is_empty() { "" } else { ", " }).into()
    }),
    col("Message", |r| text(r.object, "/message").trim().into()),
    wide("First Seen", |r| since(r, &["/firstTimestamp", "/eventTime"])),
    wide("Count", |r| number(r.object, "/count", 1).into()),
    wide("Name", |r| at(r, "/metadata/name")),
];
static INGRESSES: &[Column] = &[
    NAME,
    col("Class", |r| or_none(text(r.object, "/spec/ingressClassName"))),
    col("Hosts", |r| {
        let hosts: Vec<&str> = list(r.object, "/spec/rules").iter().map(|rule| text(rule, "/host")).filter(|h| !h.is_empty()).collect();
        if hosts.is_empty() { "*".into() } else { shortened(&hosts) }
    }),
    col("Address", |r| {
        let addresses = list(r.object, "/status/loadBalancer/ingress")
            .iter()
            .map(|i| if text(i, "/ip").is_empty() { text(i, "/hostname") } else { text(i, "/ip") });
        addresses.collect::<Vec<_>>().join(",").into()
    }),
    col("Ports", |r| if list(r.object, "/spec/tls").is_empty() { "80".into() } else { "80, 443".into() }),
    AGE,
];
static JOBS: &[Column] = &[
    NAME,
    col("Status", |r| {
        let is = |kind: &str| crate::simulator::controllers::conditions::is_true(r.object, kind);
        ["Complete", "Failed", "Suspended"].into_iter().find(|k| is(k)).unwrap_or("Running").into()
    }),
    col("Completions", |r| format!("{}/{}", number(r.object, "/status/succeeded", 0), number(r.object, "/spec/completions", 1)).into()),
    col("Duration", |r| {
        let end = time(r.object, "/status/completionTime").unwrap_or(r.now);
        time(r.object, "/status/startTime").map_or("".into(), |start| age(end, start))
    }),
    AGE,
    wide("Containers", containers),
    wide("Images", images),
    wide("Selector", selector),
];
static CRON_JOBS: &[Column] = &[
    NAME,
    col("Schedule", |r| at(r, "/spec/schedule")),
    col("Timezone", |r| or_none(text(r.object, "/spec/timeZone"))),
    col("Suspend", |r| if yes(r.object, "/spec/suspend") { "True".into() } else { "False".into() }),
    int("Active", |r| list(r.object, "/status/active").len().into()),
    col("Last Schedule", |r| time(r.object, "/status/lastScheduleTime").map_or("<none>".into(), |t| age(r.now, t))),
    AGE,
];
static CLAIMS: &[Column] = &[
    NAME,
    col(
        "Status",
        |r| if r.object.pointer("/metadata/deletionTimestamp").is_some() { "Terminating".into() } else { at(r, "/status/phase") },
    ),
    col("Volume", |r| at(r, "/spec/volumeName")),
    col("Capacity", |r| at(r, "/status/capacity/storage")),
    col("Access Modes", |r| modes(r, "/status/accessModes")),
    col("StorageClass", |r| at(r, "/spec/storageClassName")),
    col("VolumeAttributesClass", |_| "<unset>".into()),
    AGE,
    wide("VolumeMode", |r| at(r, "/spec/volumeMode")),
];
static VOLUMES: &[Column] = &[
    NAME,
    col("Capacity", |r| at(r, "/spec/capacity/storage")),
    col("Access Modes", |r| modes(r, "/spec/accessModes")),
    col("Reclaim Policy", |r| at(r, "/spec/persistentVolumeReclaimPolicy")),
    col("Status", |r| at(r, "/status/phase")),
    col("Claim", |r| match text(r.object, "/spec/claimRef/name") {
        "" => "".into(),
        name => format!("{}/{name}", text(r.object, "/spec/claimRef/namespace")).into(),
    }),
    col("StorageClass", |r| at(r, "/spec/storageClassName")),
    col("VolumeAttributesClass", |_| "<unset>".into()),
    col("Reason", |r| at(r, "/status/reason")),
    AGE,
    wide("VolumeMode", |r| at(r, "/spec/volumeMode")),
];
// Since 1.33 the token secrets of a ServiceAccount have no column of their own.
static ACCOUNTS: &[Column] = &[NAME, AGE];
static SLICES: &[Column] = &[
    NAME,
    col("AddressType", |r| at(r, "/addressType")),
    col("Ports", |r| {
        let ports: Vec<String> = list(r.object, "/ports").iter().filter_map(|p| scalar_text(&p["port"])).collect();
        if ports.is_empty() { "<unset>".into() } else { ports.join(",").into() }
    }),
    col("Endpoints", |r| {
        let addresses: Vec<&str> = list(r.object, "/endpoints").iter().map(|e| text(e, "/addresses/0")).collect();
        if addresses.is_empty() { "<unset>".into() } else { shortened(&addresses) }
    }),
    AGE,
];
static ENDPOINTS: &[Column] = &[
    NAME,
    col("Endpoints", |r| {
        let mut all = Vec::new();
        for subset in list(r.object, "/subsets") {
            for address in list(subset, "/addresses") {
                all.extend(list(subset, "/ports").iter().map(|p| format!("{}:{}", text(address, "/ip"), number(p, "/port", 0))));
            }
        }
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        if all.is_empty() { "<none>".into() } else { shortened(&all) }
    }),
    AGE,
];
static BUDGETS: &[Column] = &[
    NAME,
    col("Min Available", |r| r.object.pointer("/spec/minAvailable").and_then(scalar_text).map_or("N/A".into(), Value::from)),
    col("Max Unavailable", |r| r.object.pointer("/spec/maxUnavailable").and_then(scalar_text).map_or("N/A".into(), Value::from)),
    int("Allowed Disruptions", |r| number(r.object, "/status/disruptionsAllowed", 0).into()),
    AGE,
];
static STORAGE_CLASSES: &[Column] = &[
    col("Name", |r| {
        let default = r.object.pointer("/metadata/annotations").is_some_and(|a| a["storageclass.kubernetes.io/is-default-class"] == "true");
        format!("{}{}", text(r.object, "/metadata/name"), if default { " (default)" } else { "" }).into()
    }),
    col("Provisioner", |r| at(r, "/provisioner")),
    col("ReclaimPolicy", |r| at(r, "/reclaimPolicy")),
    col("VolumeBindingMode", |r| at(r, "/volumeBindingMode")),
    col("AllowVolumeExpansion", |r| yes(r.object, "/allowVolumeExpansion").into()),
    AGE,
];
static DEFINITIONS: &[Column] = &[NAME, col("Created At", |r| at(r, "/metadata/creationTimestamp"))];
static HPAS: &[Column] = &[
    NAME,
    col("Reference", |r| format!("{}/{}", text(r.object, "/spec/scaleTargetRef/kind"), text(r.object, "/spec/scaleTargetRef/name")).into()),
    col("Targets", |r| {
        let target = |m: &Value| {
            let name = text(m, "/resource/name");
            m.pointer("/resource/target/averageUtilization")
                .and_then(Value::as_i64)
                .map_or_else(|| "<unknown>".to_owned(), |t| format!("{name}: <unknown>/{t}%"))
        };
        list(r.object, "/spec/metrics").iter().map(target).collect::<Vec<_>>().join(", ").into()
    }),
    col("MinPods", |r| number(r.object, "/spec/minReplicas", 1).to_string().into()),
    int("MaxPods", |r| number(r.object, "/spec/maxReplicas", 0).into()),
    int("Replicas", |r| number(r.object, "/status/currentReplicas", 0).into()),
    AGE,
];

/// The columns of a resource.
pub(super) fn of(resource: &Resource) -> &'static [Column] {
    match (resource.group.as_str(), resource.plural.as_str()) {
        ("", "pods") => PODS,
        ("apps", "deployments") => DEPLOYMENTS,
        ("apps", "replicasets") | ("", "replicationcontrollers") => REPLICA_SETS,
        ("apps", "statefulsets") => STATEFUL_SETS,
        ("apps", "daemonsets") => DAEMON_SETS,
        ("", "services") => SERVICES,
        ("", "nodes") => NODES,
        ("", "namespaces") => NAMESPACES,
        ("", "configmaps") => CONFIG_MAPS,
        ("", "secrets") => SECRETS,
        ("", "events") => EVENTS,
        ("networking.k8s.io", "ingresses") => INGRESSES,
        ("batch", "jobs") => JOBS,
        ("batch", "cronjobs") => CRON_JOBS,
        ("", "persistentvolumeclaims") => CLAIMS,
        ("", "persistentvolumes") => VOLUMES,
        ("", "serviceaccounts") => ACCOUNTS,
        ("discovery.k8s.io", "endpointslices") => SLICES,
        ("", "endpoints") => ENDPOINTS,
        ("policy", "poddisruptionbudgets") => BUDGETS,
        ("storage.k8s.io", "storageclasses") => STORAGE_CLASSES,
        ("apiextensions.k8s.io", "customresourcedefinitions") => DEFINITIONS,
        ("autoscaling", "horizontalpodautoscalers") => HPAS,
        _ => DEFAULT,
    }
}

fn at(row: &Row, pointer: &str) -> Value {
    row.object.pointer(pointer).and_then(scalar_text).unwrap_or_default().into()
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

fn keys(row: &Row, field: &str) -> usize {
    row.object.get(field).and_then(Value::as_object).map_or(0, serde_json::Map::len)
}

fn pairs(map: &Value) -> String {
    map.as_object().into_iter().flatten().map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default())).collect::<Vec<_>>().join(",")
}

fn selector(row: &Row) -> Value {
    let selector = LabelSelector::from_json(&row.object["spec"]["selector"]).map(|s| s.to_string()).unwrap_or_default();
    or_none(&selector)
}

fn of_containers(row: &Row, field: &str) -> Value {
    list(row.object, "/spec/template/spec/containers").iter().map(|c| text(c, field)).collect::<Vec<_>>().join(",").into()
}

fn containers(row: &Row) -> Value {
    of_containers(row, "/name")
}

fn images(row: &Row) -> Value {
    of_containers(row, "/image")
}

/// Three of them, and how many more there are.
fn shortened(all: &[&str]) -> Value {
    let more = all.len().saturating_sub(3);
    let shown = all.iter().take(3).copied().collect::<Vec<_>>().join(",");
    if more > 0 { format!("{shown} + {more} more...").into() } else { shown.into() }
}

fn modes(row: &Row, pointer: &str) -> Value {
    let short = |mode: &Value| match mode.as_str().unwrap_or_default() {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => "",
    };
    list(row.object, pointer).iter().map(short).collect::<Vec<_>>().join(",").into()
}

fn restarts(row: &Row) -> Value {
    let statuses = list(row.object, "/status/containerStatuses");
    let total: i64 = statuses.iter().map(|s| number(s, "/restartCount", 0)).sum();
    let last = statuses.iter().filter_map(|s| time(s, "/lastState/terminated/finishedAt")).max();
    match last.filter(|_| total > 0) {
        Some(last) => format!("{total} ({} ago)", age(row.now, last).as_str().unwrap_or_default()).into(),
        None => total.to_string().into(),
    }
}

/// What the STATUS column says of a pod.
fn pod_state(pod: &Value) -> String {
    let phase = text(pod, "/status/phase");
    let mut said = if text(pod, "/status/reason").is_empty() { phase } else { text(pod, "/status/reason") }.to_owned();
    let init = list(pod, "/spec/initContainers").len();
    for (at, status) in list(pod, "/status/initContainerStatuses").iter().enumerate() {
        let (waiting, ended) = (text(status, "/state/waiting/reason"), status.pointer("/state/terminated"));
        if ended.is_some_and(|e| number(e, "/exitCode", 0) == 0) {
            continue;
        }
        return match (ended, waiting) {
            (Some(ended), _) if text(ended, "/reason").is_empty() => format!("Init:ExitCode:{}", number(ended, "/exitCode", 0)),
            (Some(ended), _) => format!("Init:{}", text(ended, "/reason")),
            (None, "" | "PodInitializing" | "ContainerCreating") => format!("Init:{at}/{init}"),
            (None, waiting) => format!("Init:{waiting}"),
        };
    }
    let mut running = false;
    for status in list(pod, "/status/containerStatuses").iter().rev() {
        let (waiting, ended) = (text(status, "/state/waiting/reason"), text(status, "/state/terminated/reason"));
        if !waiting.is_empty() {
            waiting.clone_into(&mut said);
        } else if !ended.is_empty() {
            ended.clone_into(&mut said);
        } else if yes(status, "/ready") && status.pointer("/state/running").is_some() {
            running = true;
        }
    }
    if said == "Completed" && running {
        said = "Running".to_owned();
    }
    if pod.pointer("/metadata/deletionTimestamp").is_some() && !matches!(phase, "Succeeded" | "Failed") {
        said = "Terminating".to_owned();
    }
    said
}

fn external_address(row: &Row) -> Value {
    let addresses: Vec<&str> = list(row.object, "/status/loadBalancer/ingress")
        .iter()
        .map(|i| if text(i, "/ip").is_empty() { text(i, "/hostname") } else { text(i, "/ip") })
        .collect();
    match text(row.object, "/spec/type") {
        "LoadBalancer" if addresses.is_empty() => "<pending>".into(),
        "LoadBalancer" => addresses.join(",").into(),
        "ExternalName" => at(row, "/spec/externalName"),
        _ => "<none>".into(),
    }
}

fn service_ports(row: &Row) -> Value {
    let one = |p: &Value| {
        let node = p.get("nodePort").and_then(Value::as_i64).map_or_else(String::new, |n| format!(":{n}"));
        format!("{}{node}/{}", number(p, "/port", 0), text(p, "/protocol"))
    };
    or_none(&list(row.object, "/spec/ports").iter().map(one).collect::<Vec<_>>().join(","))
}

fn node_state(row: &Row) -> Value {
    let ready = match crate::simulator::controllers::conditions::get(row.object, "Ready").map(|c| text(c, "/status")) {
        Some("True") => "Ready",
        Some(_) => "NotReady",
        None => "Unknown",
    };
    if yes(row.object, "/spec/unschedulable") { format!("{ready},SchedulingDisabled").into() } else { ready.into() }
}

fn node_roles(row: &Row) -> Value {
    let labels = row.object.pointer("/metadata/labels").and_then(Value::as_object).into_iter().flatten();
    let roles: Vec<&str> = labels.filter_map(|(k, _)| k.strip_prefix("node-role.kubernetes.io/")).collect();
    or_none(&roles.join(","))
}

fn node_address(row: &Row, kind: &str) -> Value {
    or_none(list(row.object, "/status/addresses").iter().find(|a| a["type"] == kind).map_or("", |a| text(a, "/address")))
}

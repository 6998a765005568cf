//! What a row shows: the columns that can be asked for, those that say why a row is there, and their cells.

use super::{
    Condition, Fact, Field, Measure, Test,
    condition::{Of, words},
    rows::{Beside, Row, RunsAs, condition, counts, restarts, runs_as},
    used::Use,
};
use crate::ops::{
    Kind,
    look::{controller, list, pairs, plain, since, text},
    read::told,
    template,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::str::FromStr;

words! {
    /// A column.
    Show, "column":
    /// The image of each container.
    Image = "image",
    /// Its limits.
    Limits = "limits",
    /// Its requests.
    Requests = "requests",
    /// Its liveness probe.
    Liveness = "liveness-probe",
    /// Its readiness probe.
    Readiness = "readiness-probe",
    /// Its startup probe.
    Startup = "startup-probe",
    /// As whom it runs.
    RunsAs = "runs-as",
    /// Whether it has the node's rights.
    Privileged = "privileged",
    /// Whether its root file system can be written to.
    Writable = "writable-root",
    /// Whether it is in the node's own network.
    HostNetwork = "host-network",
    /// How often it was started anew.
    Restarts = "restarts",
    /// How long it has been there.
    Age = "age",
    /// How long ago its pods' image was changed.
    ImageAge = "image-age",
    /// How many pods are wanted.
    Replicas = "replicas",
    /// How ready it is.
    Ready = "ready",
    /// Its phase.
    Phase = "phase",
    /// How it ended.
    Ended = "outcome",
    /// Where it is.
    Node = "node",
    /// What a node has.
    Capacity = "capacity",
    /// What it uses now, by the metrics API.
    Use = "use",
    /// What it belongs to.
    Owner = "owner",
    /// Its environment variables: names, and where values come from; no values.
    Env = "env",
    /// Where it is reached from outside.
    ExternalIp = "external-ip",
    /// Its ports.
    Ports = "ports",
    /// As which service account it speaks to the cluster.
    ServiceAccount = "service-account",
    /// Its type.
    Type = "type",
    /// What uses it.
    UsedBy = "used-by",
}

impl Show {
    /// Which objects have it.
    pub fn of(self) -> Of {
        match self {
            Show::Image
            | Show::Limits
            | Show::Requests
            | Show::Liveness
            | Show::Readiness
            | Show::Startup
            | Show::RunsAs
            | Show::Privileged
            | Show::Writable
            | Show::HostNetwork
            | Show::Env
            | Show::ServiceAccount => Of::Containers,
            Show::Restarts | Show::Node => Of::Kinds(&["pods"]),
            Show::Age | Show::Owner => Of::Any,
            Show::ImageAge => Measure::ImageAge.of(),
            Show::Replicas => Measure::Replicas.of(),
            Show::Ready => Test::Is(Fact::Ready).of(),
            Show::Phase => Of::Kinds(&["pods", "namespaces", "persistentvolumes", "persistentvolumeclaims"]),
            Show::Ended => Test::Is(Fact::Failed).of(),
            Show::Capacity => Of::Kinds(&["nodes"]),
            Show::Use => Measure::CpuUse.of(),
            Show::ExternalIp => Of::Kinds(&["services", "nodes", "ingresses"]),
            Show::Ports => Of::Kinds(&["services", "pods", "deployments", "statefulsets", "daemonsets", "replicasets", "jobs", "cronjobs"]),
            Show::Type => Of::Kinds(&["services", "secrets"]),
            Show::UsedBy => Test::Is(Fact::Used).of(),
        }
    }

    /// Whether each container has its own.
    pub fn of_a_container(self) -> bool {
        self.of() == Of::Containers && !matches!(self, Show::HostNetwork | Show::ServiceAccount)
    }

    /// The heads of its columns.
    pub(super) fn heads(self) -> &'static [&'static str] {
        match self {
            Show::Image => &["Image"],
            Show::Limits => &["Limits"],
            Show::Requests => &["Requests"],
            Show::Liveness => &["Liveness"],
            Show::Readiness => &["Readiness"],
            Show::Startup => &["Startup"],
            Show::RunsAs => &["Runs as"],
            Show::Privileged => &["Privileged"],
            Show::Writable => &["Root file system"],
            Show::HostNetwork => &["Host network"],
            Show::Restarts => &["Restarts"],
            Show::Age => &["Age"],
            Show::ImageAge => &["Image changed"],
            Show::Replicas => &["Replicas"],
            Show::Ready => &["Ready"],
            Show::Phase => &["Phase"],
            Show::Ended => &["Outcome"],
            Show::Node => &["Node"],
            Show::Capacity => &["CPUs", "Memory"],
            Show::Use => &["CPU in use", "Memory in use"],
            Show::Owner => &["Owner"],
            Show::Env => &["Variable"],
            Show::ExternalIp => &["External IP"],
            Show::Ports => &["Ports"],
            Show::ServiceAccount => &["Service account"],
            Show::Type => &["Type"],
            Show::UsedBy => &["Used by"],
        }
    }

    /// The cells of a row. Variables make a row each.
    pub(super) fn cells(self, row: Row<'_>, beside: &Beside) -> Vec<String> {
        let (object, kind) = (row.object, beside.kind);
        let nothing = Value::Null;
        let container = row.container.unwrap_or(&nothing);
        let spec = template::pod_spec(kind, object).unwrap_or(&nothing);
        let or_none = |text: String| if text.is_empty() { "none".to_string() } else { text };
        let yes = |so: bool| (if so { "yes" } else { "no" }).to_string();
        let probe = |name: &str| or_none(container.get(name).map(told::pods::how_probed).unwrap_or_default());
        let cell = match self {
            Show::Image => text(container, "/image").to_string(),
            Show::Limits => or_none(pairs(container, "/resources/limits").join(",")),
            Show::Requests => or_none(pairs(container, "/resources/requests").join(",")),
            Show::Liveness => probe("livenessProbe"),
            Show::Readiness => probe("readinessProbe"),
            Show::Startup => probe("startupProbe"),
            Show::RunsAs => match runs_as(kind, row) {
                RunsAs::Root => "user 0".into(),
                RunsAs::Whoever => "whom its image says".into(),
                RunsAs::SomebodyElse => "not root".into(),
            },
            Show::Privileged => yes(container.pointer("/securityContext/privileged") == Some(&Value::Bool(true))),
            Show::Writable => match container.pointer("/securityContext/readOnlyRootFilesystem") {
                Some(Value::Bool(true)) => "read only".into(),
                Some(_) | None => "writable".into(),
            },
            Show::HostNetwork => yes(spec["hostNetwork"] == true),
            Show::Restarts => restarts(row).to_string(),
            Show::Age => since(text(object, "/metadata/creationTimestamp"), beside.now),
            Show::ImageAge => match beside.images.changed(object) {
                Some(at) => format!("{} ago", crate::terms::age::human(beside.now.as_second() - at.as_second())),
                None => "never".into(),
            },
            Show::Replicas => object.pointer("/spec/replicas").map_or_else(|| "1".into(), plain),
            Show::Ready => ready(kind, object),
            Show::Phase => text(object, "/status/phase").to_string(),
            Show::Ended => ended(kind, object),
            Show::Node => or_none(text(object, "/spec/nodeName").to_string()),
            Show::Capacity => return vec![plain(&object["status"]["capacity"]["cpu"]), plain(&object["status"]["capacity"]["memory"])],
            Show::Use => {
                let amount = |measure: Measure, unit: i128, sign: &str| {
                    beside.amount(measure, row).map_or_else(|| "<unknown>".into(), |n| format!("{}{sign}", n / unit))
                };
                return vec![amount(Measure::CpuUse, 1_000_000, "m"), amount(Measure::MemoryUse, (1 << 20) * 1_000_000_000, "Mi")];
            }
            Show::Owner => or_none(owner(object, beside)),
            Show::Env => variables(container).join("\n"),
            Show::ExternalIp => or_none(outside(kind, object)),
            Show::Ports => or_none(ports(kind, object, spec)),
            Show::ServiceAccount => {
                let named = text(spec, "/serviceAccountName");
                (if named.is_empty() { "default" } else { named }).to_string()
            }
            Show::Type => text(object, if kind.is("secrets", "") { "/type" } else { "/spec/type" }).to_string(),
            Show::UsedBy => used_by(object, beside),
        };
        vec![cell]
    }
}

/// The variables of a container, each by name and where its value comes from.
fn variables(container: &Value) -> Vec<String> {
    let own = list(container, "/env").iter().map(told::pods::variable);
    let whole = list(container, "/envFrom").iter().map(|from| format!("all of {}", told::pods::variables(from)));
    own.chain(whole).collect()
}

fn ready(kind: Kind, object: &Value) -> String {
    if kind.is("pods", "") {
        return told::pods::ready(object);
    }
    if kind.is("nodes", "") {
        return condition(object, "Ready").map_or_else(|| "unknown".into(), |c| text(c, "/status").to_string());
    }
    let (there, wanted) = counts(kind, object);
    format!("{there}/{wanted}")
}

fn ended(kind: Kind, object: &Value) -> String {
    if kind.is("pods", "") {
        return told::pods::status(object);
    }
    let of = ["Failed", "Complete", "Suspended"].iter().find_map(|sort| condition(object, sort).filter(|c| c["status"] == "True"));
    match of {
        Some(one) if text(one, "/reason").is_empty() => text(one, "/type").to_string(),
        Some(one) => format!("{}: {}", text(one, "/type"), text(one, "/reason")),
        None => "running".into(),
    }
}

/// What an object belongs to, and what that belongs to.
fn owner(object: &Value, beside: &Beside) -> String {
    let Some(direct) = controller(object).or_else(|| list(object, "/metadata/ownerReferences").first()) else { return String::new() };
    let (kind, name) = (text(direct, "/kind"), text(direct, "/name"));
    let key = (text(object, "/metadata/namespace").to_string(), kind.to_string(), name.to_string());
    match beside.owners.get(&key) {
        Some(above) => format!("{kind} {name} of {above}"),
        None => format!("{kind} {name}"),
    }
}

fn outside(kind: Kind, object: &Value) -> String {
    let mut found: Vec<String> = Vec::new();
    if kind.is("nodes", "") {
        let outer = list(object, "/status/addresses").iter().filter(|a| a["type"] == "ExternalIP");
        return outer.map(|a| text(a, "/address").to_string()).collect::<Vec<_>>().join(",");
    }
    for one in list(object, "/status/loadBalancer/ingress") {
        found.extend(["/ip", "/hostname"].iter().map(|at| text(one, at)).find(|t| !t.is_empty()).map(String::from));
    }
    found.extend(list(object, "/spec/externalIPs").iter().map(plain));
    if text(object, "/spec/type") == "ExternalName" {
        found.push(text(object, "/spec/externalName").to_string());
    }
    match (found.is_empty(), text(object, "/spec/type")) {
        (true, "LoadBalancer") => "pending".into(),
        _ => found.join(","),
    }
}

fn ports(kind: Kind, object: &Value, spec: &Value) -> String {
    let protocol = |port: &Value| {
        let said = text(port, "/protocol");
        (if said.is_empty() { "TCP" } else { said }).to_string()
    };
    let said: Vec<String> = if kind.is("services", "") {
        let one = |port: &Value| {
            let node = port.get("nodePort").map_or_else(String::new, |n| format!(":{}", plain(n)));
            format!("{}{node}/{}", plain(&port["port"]), protocol(port))
        };
        list(object, "/spec/ports").iter().map(one).collect()
    } else {
        let all = list(spec, "/containers").iter().flat_map(|c| list(c, "/ports"));
        all.map(|port| format!("{}/{}", plain(&port["containerPort"]), protocol(port))).collect()
    };
    said.join(",")
}

fn used_by(object: &Value, beside: &Beside) -> String {
    let some = |by: Vec<String>| match by.len() {
        0..=3 => by.join(","),
        n => format!("{} and {} more", by[..2].join(","), n - 2),
    };
    let naming: Vec<String> = beside.users.naming(object).into_iter().collect();
    match beside.users.using(beside.kind, object) {
        Use::By(by) => some(by.into_iter().collect()),
        // A service without pods may still be what an ingress points to.
        Use::Nothing if !naming.is_empty() => format!("no pod, but named by {}", some(naming)),
        Use::Nothing => "nothing".into(),
        Use::Apart(why) => why.into(),
    }
}

/// The columns that say why a row is there.
pub(super) fn why(condition: &Condition) -> &'static [Show] {
    match &condition.test {
        Test::Is(fact) => match fact {
            Fact::Limits | Fact::CpuLimit | Fact::MemoryLimit => &[Show::Limits],
            Fact::Requests | Fact::CpuRequest | Fact::MemoryRequest => &[Show::Requests],
            Fact::Liveness => &[Show::Liveness],
            Fact::Readiness => &[Show::Readiness],
            Fact::Startup => &[Show::Startup],
            Fact::Privileged => &[Show::Privileged],
            Fact::Root => &[Show::RunsAs],
            Fact::Writable => &[Show::Writable],
            Fact::Latest | Fact::Digest => &[Show::Image],
            Fact::HostNetwork => &[Show::HostNetwork],
            Fact::Ready => &[Show::Ready],
            Fact::Failed | Fact::Completed => &[Show::Ended],
            Fact::Suspended => &[Show::Age],
            Fact::Used => &[Show::UsedBy],
        },
        Test::Measures(measure, ..) => of_measure(*measure),
        Test::Reads(field, _) => match field {
            Field::Image | Field::Registry | Field::Tag => &[Show::Image],
            Field::Node => &[Show::Node],
            Field::Phase => &[Show::Phase],
            Field::Owner => &[Show::Owner],
        },
        // Its columns are the fields it looks at.
        Test::Meets(_) => &[],
    }
}

/// The column that shows a measure.
pub(super) fn of_measure(measure: Measure) -> &'static [Show] {
    match measure {
        Measure::Restarts => &[Show::Restarts],
        Measure::Age => &[Show::Age],
        Measure::ImageAge => &[Show::ImageAge],
        Measure::Replicas => &[Show::Replicas],
        Measure::Cpus | Measure::Memory => &[Show::Capacity],
        Measure::CpuUse | Measure::MemoryUse => &[Show::Use],
        Measure::LimitOfCpu | Measure::LimitOfMemory => &[Show::Limits],
        Measure::RequestOfCpu | Measure::RequestOfMemory => &[Show::Requests],
    }
}

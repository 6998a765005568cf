//! The columns of each kind. Source: `pkg/printers/internalversion/printers.go`.
use super::cells::*;
use crate::simulator::{
    json::{list, number, text, time, yes},
    registry::Resource,
};
use crate::terms::path::scalar_text;
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

const fn yes_no(name: &'static str, cell: fn(&Row) -> Value) -> Column {
    Column { name, kind: "boolean", priority: 0, cell }
}

// What the generic printer shows of a kind that has no columns of its own.
static DEFAULT: &[Column] =
    &[NAME, Column { name: "Created At", kind: "date", priority: 0, cell: |r| at(r, "/metadata/creationTimestamp") }];
static PODS: &[Column] = &[
    NAME,
    col("Ready", |r| pod_state(r).0.into()),
    col("Status", |r| pod_state(r).1.into()),
    col("Restarts", |r| pod_state(r).2.into()),
    AGE,
    wide("IP", |r| or_none(text(r.object, "/status/podIPs/0/ip"))),
    wide("Node", |r| or_none(text(r.object, "/spec/nodeName"))),
    wide("Nominated Node", |r| or_none(text(r.object, "/status/nominatedNodeName"))),
    wide("Readiness Gates", readiness_gates),
];
static DEPLOYMENTS: &[Column] = &[
    NAME,
    col("Ready", |r| format!("{}/{}", number(r.object, "/status/readyReplicas", 0), number(r.object, "/spec/replicas", 0)).into()),
    col("Up-to-date", |r| number(r.object, "/status/updatedReplicas", 0).into()),
    col("Available", |r| number(r.object, "/status/availableReplicas", 0).into()),
    AGE,
    wide("Containers", |r| of_containers(r, TEMPLATE, "/name")),
    wide("Images", |r| of_containers(r, TEMPLATE, "/image")),
    wide("Selector", |r| selector(&r.object["spec"]["selector"])),
];
static REPLICA_SETS: &[Column] = &[
    NAME,
    int("Desired", |r| number(r.object, "/spec/replicas", 0).into()),
    int("Current", |r| number(r.object, "/status/replicas", 0).into()),
    int("Ready", |r| number(r.object, "/status/readyReplicas", 0).into()),
    AGE,
    wide("Containers", |r| of_containers(r, TEMPLATE, "/name")),
    wide("Images", |r| of_containers(r, TEMPLATE, "/image")),
    wide("Selector", |r| selector(&r.object["spec"]["selector"])),
];
static STATEFUL_SETS: &[Column] = &[
    NAME,
    col("Ready", |r| format!("{}/{}", number(r.object, "/status/readyReplicas", 0), number(r.object, "/spec/replicas", 0)).into()),
    AGE,
    wide("Containers", |r| of_containers(r, TEMPLATE, "/name")),
    wide("Images", |r| of_containers(r, TEMPLATE, "/image")),
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
    wide("Containers", |r| of_containers(r, TEMPLATE, "/name")),
    wide("Images", |r| of_containers(r, TEMPLATE, "/image")),
    wide("Selector", |r| selector(&r.object["spec"]["selector"])),
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
    wide("Kernel-Version", kernel),
    wide("Container-Runtime", |r| at(r, "/status/nodeInfo/containerRuntimeVersion")),
];
static NAMESPACES: &[Column] = &[NAME, col("Status", |r| at(r, "/status/phase")), AGE];
static CONFIG_MAPS: &[Column] = &[NAME, col("Data", |r| (keys(r, "data") + keys(r, "binaryData")).into()), AGE];
static SECRETS: &[Column] = &[NAME, col("Type", |r| at(r, "/type")), col("Data", |r| keys(r, "data").into()), AGE];
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
        let or = |old, new| if text(r.object, old).is_empty() { text(r.object, new) } else { text(r.object, old) };
        let host = or("/source/host", "/reportingInstance");
        format!("{}{}{host}", or("/source/component", "/reportingComponent"), if host.is_empty() { "" } else { ", " }).into()
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
    wide("Containers", |r| of_containers(r, TEMPLATE, "/name")),
    wide("Images", |r| of_containers(r, TEMPLATE, "/image")),
    wide("Selector", |r| selector(&r.object["spec"]["selector"])),
];
static CRON_JOBS: &[Column] = &[
    NAME,
    col("Schedule", |r| at(r, "/spec/schedule")),
    col("Timezone", |r| or_none(text(r.object, "/spec/timeZone"))),
    yes_no("Suspend", |r| if yes(r.object, "/spec/suspend") { "True".into() } else { "False".into() }),
    int("Active", |r| list(r.object, "/status/active").len().into()),
    col("Last Schedule", |r| time(r.object, "/status/lastScheduleTime").map_or("<none>".into(), |t| age(r.now, t))),
    AGE,
    wide("Containers", |r| of_containers(r, "/spec/jobTemplate/spec/template/spec/containers", "/name")),
    wide("Images", |r| of_containers(r, "/spec/jobTemplate/spec/template/spec/containers", "/image")),
    wide("Selector", |r| selector(&r.object["spec"]["jobTemplate"]["spec"]["selector"])),
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
        let ports: Vec<&str> = ports.iter().map(String::as_str).collect();
        if ports.is_empty() { "<unset>".into() } else { shortened(&ports) }
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
static HPAS: &[Column] = &[
    NAME,
    col("Reference", |r| format!("{}/{}", text(r.object, "/spec/scaleTargetRef/kind"), text(r.object, "/spec/scaleTargetRef/name")).into()),
    col("Targets", targets),
    col("MinPods", |r| r.object.pointer("/spec/minReplicas").and_then(scalar_text).unwrap_or_else(|| "<unset>".to_owned()).into()),
    col("MaxPods", |r| number(r.object, "/spec/maxReplicas", 0).into()),
    col("Replicas", |r| number(r.object, "/status/currentReplicas", 0).into()),
    AGE,
];
static BINDINGS: &[Column] = &[
    NAME,
    col("Role", |r| format!("{}/{}", text(r.object, "/roleRef/kind"), text(r.object, "/roleRef/name")).into()),
    AGE,
    wide("Users", |r| subjects(r, "User")),
    wide("Groups", |r| subjects(r, "Group")),
    wide("ServiceAccounts", |r| subjects(r, "ServiceAccount")),
];
static INGRESS_CLASSES: &[Column] =
    &[NAME, col("Controller", |r| at(r, "/spec/controller")), col("Parameters", |r| reference(&r.object["spec"]["parameters"])), AGE];
static NETWORK_POLICIES: &[Column] = &[NAME, col("Pod-Selector", |r| selector(&r.object["spec"]["podSelector"])), AGE];
static QUOTAS: &[Column] = &[NAME, col("Request", |r| quota(r, false)), col("Limit", |r| quota(r, true)), AGE];
static LEASES: &[Column] = &[NAME, col("Holder", |r| at(r, "/spec/holderIdentity")), AGE];
static PRIORITY_CLASSES: &[Column] = &[
    NAME,
    int("Value", |r| number(r.object, "/value", 0).into()),
    yes_no("Global-Default", |r| yes(r.object, "/globalDefault").into()),
    AGE,
    col("PreemptionPolicy", |r| at(r, "/preemptionPolicy")),
];
static REVISIONS: &[Column] = &[NAME, col("Controller", controller), col("Revision", |r| number(r.object, "/revision", 0).into()), AGE];
static POD_TEMPLATES: &[Column] = &[
    NAME,
    col("Containers", |r| of_containers(r, "/template/spec/containers", "/name")),
    col("Images", |r| of_containers(r, "/template/spec/containers", "/image")),
    col("Pod Labels", |r| or_none(&pairs(&r.object["template"]["metadata"]["labels"]))),
];
static RUNTIME_CLASSES: &[Column] = &[NAME, col("Handler", |r| at(r, "/handler")), AGE];
static WEBHOOKS: &[Column] = &[NAME, int("Webhooks", |r| list(r.object, "/webhooks").len().into()), AGE];
static CSI_NODES: &[Column] = &[NAME, int("Drivers", |r| list(r.object, "/spec/drivers").len().into()), AGE];
static CSI_DRIVERS: &[Column] = &[
    NAME,
    yes_no("AttachRequired", |r| r.object.pointer("/spec/attachRequired").cloned().unwrap_or(true.into())),
    yes_no("PodInfoOnMount", |r| yes(r.object, "/spec/podInfoOnMount").into()),
    yes_no("StorageCapacity", |r| yes(r.object, "/spec/storageCapacity").into()),
    col("TokenRequests", |r| joined(list(r.object, "/spec/tokenRequests").iter().map(|t| text(t, "/audience")), "<unset>")),
    yes_no("RequiresRepublish", |r| yes(r.object, "/spec/requiresRepublish").into()),
    col("Modes", |r| joined(list(r.object, "/spec/volumeLifecycleModes").iter().filter_map(Value::as_str), "<none>")),
    AGE,
];
static ATTACHMENTS: &[Column] = &[
    NAME,
    col("Attacher", |r| at(r, "/spec/attacher")),
    col("PV", |r| at(r, "/spec/source/persistentVolumeName")),
    col("Node", |r| at(r, "/spec/nodeName")),
    yes_no("Attached", |r| yes(r.object, "/status/attached").into()),
    AGE,
];
static API_SERVICES: &[Column] = &[NAME, col("Service", api_service), col("Available", api_available), AGE];
static SIGNING_REQUESTS: &[Column] = &[
    NAME,
    AGE,
    col("SignerName", |r| at(r, "/spec/signerName")),
    col("Requestor", |r| at(r, "/spec/username")),
    col("RequestedDuration", requested_duration),
    col("Condition", |r| {
        let is = |kind: &str| crate::simulator::controllers::conditions::is_true(r.object, kind);
        let decided = if is("Denied") {
            "Denied"
        } else if is("Approved") {
            "Approved"
        } else {
            "Pending"
        };
        let issued = if text(r.object, "/status/certificate").is_empty() { "" } else { ",Issued" };
        format!("{decided}{}{issued}", if is("Failed") { ",Failed" } else { "" }).into()
    }),
];
static DEVICE_CLAIMS: &[Column] = &[NAME, col("State", claim_state), AGE];

/// Whether a resource has no columns of its own.
pub(super) fn generic(resource: &Resource) -> bool {
    of(resource).iter().any(|c| c.kind == "date")
}

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
        ("autoscaling", "horizontalpodautoscalers") => HPAS,
        ("rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings") => BINDINGS,
        ("networking.k8s.io", "ingressclasses") => INGRESS_CLASSES,
        ("networking.k8s.io", "networkpolicies") => NETWORK_POLICIES,
        ("", "resourcequotas") => QUOTAS,
        ("coordination.k8s.io", "leases") => LEASES,
        ("scheduling.k8s.io", "priorityclasses") => PRIORITY_CLASSES,
        ("apps", "controllerrevisions") => REVISIONS,
        ("", "podtemplates") => POD_TEMPLATES,
        ("node.k8s.io", "runtimeclasses") => RUNTIME_CLASSES,
        ("admissionregistration.k8s.io", "mutatingwebhookconfigurations" | "validatingwebhookconfigurations") => WEBHOOKS,
        ("storage.k8s.io", "csinodes") => CSI_NODES,
        ("storage.k8s.io", "csidrivers") => CSI_DRIVERS,
        ("storage.k8s.io", "volumeattachments") => ATTACHMENTS,
        ("apiregistration.k8s.io", "apiservices") => API_SERVICES,
        ("certificates.k8s.io", "certificatesigningrequests") => SIGNING_REQUESTS,
        ("resource.k8s.io", "resourceclaims") => DEVICE_CLAIMS,
        _ => DEFAULT,
    }
}

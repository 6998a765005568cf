//! Every kind that Kubernetes 1.36 serves out of the box, in one table: what `kubectl api-resources` shows.
//!
//! Source: `kubectl api-resources -o wide` of Kubernetes 1.36 with metrics-server; short names from each registry's `storage.go`.

use foldhash::fast::RandomState;
use std::{collections::HashMap, sync::LazyLock};

/// What one built-in kind is called and how it may be used.
#[derive(Debug, PartialEq, Eq)]
pub struct KindInfo {
    /// Empty for the core group.
    pub group: &'static str,
    pub version: &'static str,
    pub kind: &'static str,
    pub plural: &'static str,
    pub short_names: &'static [&'static str],
    pub namespaced: bool,
    pub subresources: &'static [&'static str],
    /// Groupings a user may name instead of a kind (`all`).
    pub categories: &'static [&'static str],
    pub usage: Usage,
}

/// Which verbs a kind understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// get, list, watch, create, update, patch, delete, deletecollection.
    Stored,
    /// get and list: figures that are worked out when asked for.
    Computed,
    /// create: a question, answered in place.
    Asked,
}

impl KindInfo {
    /// Whether a person may mean this kind by `word`: see [`find`].
    pub fn is_meant(&self, word: &str) -> bool {
        let (name, group) = match word.split_once('.') {
            Some((name, group)) => (name, Some(group)),
            None => (word, None),
        };
        let named = [self.plural, self.kind].iter().chain(self.short_names).any(|known| known.eq_ignore_ascii_case(name));
        named && group.is_none_or(|group| in_group(self, group))
    }

    /// `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `deployment`.
    pub fn singular(&self) -> String {
        self.kind.to_ascii_lowercase()
    }

    /// `pods`, `deployments.apps`: how error messages and kubectl name the resource.
    pub fn group_resource(&self) -> String {
        if self.group.is_empty() { self.plural.to_owned() } else { format!("{}.{}", self.plural, self.group) }
    }

    /// The verbs of the main resource, as discovery lists them.
    pub fn verbs(&self) -> &'static [&'static str] {
        match self.usage {
            Usage::Stored if self.plural == "namespaces" => &["create", "delete", "get", "list", "patch", "update", "watch"],
            Usage::Stored => &["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
            Usage::Computed => &["get", "list"],
            Usage::Asked => &["create"],
        }
    }
}

/// The kind a user means by `word`: plural, singular, short name, Kind, or `plural.group` / `plural.version.group`, in any case.
/// Where a word fits several groups the first row wins, and core comes first (`pods` over metrics, `events` over events.k8s.io), as kubectl decides it.
pub fn find(word: &str) -> Option<&'static KindInfo> {
    if word.contains('.') {
        return KINDS.iter().find(|info| info.is_meant(word));
    }
    if word.len() > LONGEST_NAME {
        return None;
    }
    if word.bytes().any(|b| b.is_ascii_uppercase()) { BY_NAME.get(word.to_ascii_lowercase().as_str()) } else { BY_NAME.get(word) }.copied()
}

/// Whether the name of a kind begins so (in lower case); one that is all of it included.
pub fn begins(part: &str) -> bool {
    // Most words are told apart by their first two letters.
    if letters(part).is_some_and(|(first, second)| BEGINNINGS[first] & (1 << second) == 0) {
        return false;
    }
    let at = NAMES.partition_point(|name| name.as_str() < part);
    NAMES.get(at).is_some_and(|name| name.starts_with(part))
}

/// No name of a kind is longer.
const LONGEST_NAME: usize = 63;

/// Every name of every kind in lower case; where two kinds share one, the first row has it.
static BY_NAME: LazyLock<HashMap<String, &'static KindInfo, RandomState>> = LazyLock::new(|| {
    let mut by_name = HashMap::with_capacity_and_hasher(KINDS.len() * 3, RandomState::default());
    for info in KINDS {
        for name in [info.plural, info.kind].iter().chain(info.short_names) {
            by_name.entry(name.to_ascii_lowercase()).or_insert(info);
        }
    }
    by_name
});

/// The same in order.
static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut names: Vec<String> = BY_NAME.keys().cloned().collect();
    names.sort();
    names
});

/// By the first letter of a name which letters the second may be.
static BEGINNINGS: LazyLock<[u32; 26]> = LazyLock::new(|| {
    let mut seconds = [0; 26];
    for (first, second) in NAMES.iter().filter_map(|name| letters(name)) {
        seconds[first] |= 1 << second;
    }
    seconds
});

/// The first two letters of a word in lower case, each as its place in the alphabet.
fn letters(word: &str) -> Option<(usize, usize)> {
    let [first @ b'a'..=b'z', second @ b'a'..=b'z', ..] = word.as_bytes() else { return None };
    Some((usize::from(first - b'a'), usize::from(second - b'a')))
}

fn in_group(info: &KindInfo, group: &str) -> bool {
    let after_version = group.get(..info.version.len()).filter(|v| v.eq_ignore_ascii_case(info.version)).and_then(|_| {
        let rest = group.get(info.version.len()..)?;
        if rest.is_empty() { Some("") } else { rest.strip_prefix('.') }
    });
    group.eq_ignore_ascii_case(info.group) || after_version.is_some_and(|rest| rest.eq_ignore_ascii_case(info.group))
}

/// The kind that an object with these `apiVersion` and `kind` fields has. Other versions of a served group do not count.
pub fn of_object(api_version: &str, kind: &str) -> Option<&'static KindInfo> {
    let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
    KINDS.iter().find(|info| info.group == group && info.version == version && info.kind == kind)
}

/// The kind at `/apis/GROUP/VERSION/PLURAL`.
pub fn of_resource(group: &str, version: &str, plural: &str) -> Option<&'static KindInfo> {
    KINDS.iter().find(|info| info.group == group && info.version == version && info.plural == plural)
}

const NAMESPACED: bool = true;
const CLUSTER: bool = false;
const NONE: &[&str] = &[];
const STATUS: &[&str] = &["status"];
const SCALED: &[&str] = &["scale", "status"];
const ALL: &[&str] = &["all"];

type Words = &'static [&'static str];

const fn row(
    group_version: (&'static str, &'static str),
    kind: &'static str,
    plural: &'static str,
    short_names: Words,
    namespaced: bool,
    subresources: Words,
    categories: Words,
) -> KindInfo {
    let (group, version) = group_version;
    KindInfo { group, version, kind, plural, short_names, namespaced, subresources, categories, usage: Usage::Stored }
}

const fn used(usage: Usage, row: KindInfo) -> KindInfo {
    KindInfo { usage, ..row }
}

const CORE: (&str, &str) = ("", "v1");
const ADMISSION: (&str, &str) = ("admissionregistration.k8s.io", "v1");
const EXTENSIONS: (&str, &str) = ("apiextensions.k8s.io", "v1");
const REGISTRATION: (&str, &str) = ("apiregistration.k8s.io", "v1");
const APPS: (&str, &str) = ("apps", "v1");
const AUTHENTICATION: (&str, &str) = ("authentication.k8s.io", "v1");
const AUTHORIZATION: (&str, &str) = ("authorization.k8s.io", "v1");
const AUTOSCALING: (&str, &str) = ("autoscaling", "v2");
const BATCH: (&str, &str) = ("batch", "v1");
const CERTIFICATES: (&str, &str) = ("certificates.k8s.io", "v1");
const COORDINATION: (&str, &str) = ("coordination.k8s.io", "v1");
const DISCOVERY: (&str, &str) = ("discovery.k8s.io", "v1");
const EVENTS: (&str, &str) = ("events.k8s.io", "v1");
const FLOW: (&str, &str) = ("flowcontrol.apiserver.k8s.io", "v1");
const NETWORKING: (&str, &str) = ("networking.k8s.io", "v1");
const NODE: (&str, &str) = ("node.k8s.io", "v1");
const POLICY: (&str, &str) = ("policy", "v1");
const RBAC: (&str, &str) = ("rbac.authorization.k8s.io", "v1");
const RESOURCE: (&str, &str) = ("resource.k8s.io", "v1");
const SCHEDULING: (&str, &str) = ("scheduling.k8s.io", "v1");
const STORAGE: (&str, &str) = ("storage.k8s.io", "v1");
const METRICS: (&str, &str) = ("metrics.k8s.io", "v1beta1");

const POD_PARTS: &[&str] =
    &["attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize", "status"];

/// Every built-in kind, in the order of discovery: groups as the API server prefers them, resources by name.
pub static KINDS: &[KindInfo] = &[
    used(Usage::Asked, row(CORE, "Binding", "bindings", NONE, NAMESPACED, NONE, NONE)),
    used(Usage::Computed, row(CORE, "ComponentStatus", "componentstatuses", &["cs"], CLUSTER, NONE, NONE)),
    row(CORE, "ConfigMap", "configmaps", &["cm"], NAMESPACED, NONE, NONE),
    row(CORE, "Endpoints", "endpoints", &["ep"], NAMESPACED, NONE, NONE),
    row(CORE, "Event", "events", &["ev"], NAMESPACED, NONE, NONE),
    row(CORE, "LimitRange", "limitranges", &["limits"], NAMESPACED, NONE, NONE),
    row(CORE, "Namespace", "namespaces", &["ns"], CLUSTER, &["finalize", "status"], NONE),
    row(CORE, "Node", "nodes", &["no"], CLUSTER, &["proxy", "status"], NONE),
    row(CORE, "PersistentVolumeClaim", "persistentvolumeclaims", &["pvc"], NAMESPACED, STATUS, NONE),
    row(CORE, "PersistentVolume", "persistentvolumes", &["pv"], CLUSTER, STATUS, NONE),
    row(CORE, "Pod", "pods", &["po"], NAMESPACED, POD_PARTS, ALL),
    row(CORE, "PodTemplate", "podtemplates", NONE, NAMESPACED, NONE, NONE),
    row(CORE, "ReplicationController", "replicationcontrollers", &["rc"], NAMESPACED, SCALED, ALL),
    row(CORE, "ResourceQuota", "resourcequotas", &["quota"], NAMESPACED, STATUS, NONE),
    row(CORE, "Secret", "secrets", NONE, NAMESPACED, NONE, NONE),
    row(CORE, "ServiceAccount", "serviceaccounts", &["sa"], NAMESPACED, &["token"], NONE),
    row(CORE, "Service", "services", &["svc"], NAMESPACED, &["proxy", "status"], ALL),
    row(REGISTRATION, "APIService", "apiservices", NONE, CLUSTER, STATUS, &["api-extensions"]),
    row(APPS, "ControllerRevision", "controllerrevisions", NONE, NAMESPACED, NONE, NONE),
    row(APPS, "DaemonSet", "daemonsets", &["ds"], NAMESPACED, STATUS, ALL),
    row(APPS, "Deployment", "deployments", &["deploy"], NAMESPACED, SCALED, ALL),
    row(APPS, "ReplicaSet", "replicasets", &["rs"], NAMESPACED, SCALED, ALL),
    row(APPS, "StatefulSet", "statefulsets", &["sts"], NAMESPACED, SCALED, ALL),
    row(EVENTS, "Event", "events", &["ev"], NAMESPACED, NONE, NONE),
    used(Usage::Asked, row(AUTHENTICATION, "SelfSubjectReview", "selfsubjectreviews", NONE, CLUSTER, NONE, NONE)),
    used(Usage::Asked, row(AUTHENTICATION, "TokenReview", "tokenreviews", NONE, CLUSTER, NONE, NONE)),
    used(Usage::Asked, row(AUTHORIZATION, "LocalSubjectAccessReview", "localsubjectaccessreviews", NONE, NAMESPACED, NONE, NONE)),
    used(Usage::Asked, row(AUTHORIZATION, "SelfSubjectAccessReview", "selfsubjectaccessreviews", NONE, CLUSTER, NONE, NONE)),
    used(Usage::Asked, row(AUTHORIZATION, "SelfSubjectRulesReview", "selfsubjectrulesreviews", NONE, CLUSTER, NONE, NONE)),
    used(Usage::Asked, row(AUTHORIZATION, "SubjectAccessReview", "subjectaccessreviews", NONE, CLUSTER, NONE, NONE)),
    row(AUTOSCALING, "HorizontalPodAutoscaler", "horizontalpodautoscalers", &["hpa"], NAMESPACED, STATUS, ALL),
    row(BATCH, "CronJob", "cronjobs", &["cj"], NAMESPACED, STATUS, ALL),
    row(BATCH, "Job", "jobs", NONE, NAMESPACED, STATUS, ALL),
    row(CERTIFICATES, "CertificateSigningRequest", "certificatesigningrequests", &["csr"], CLUSTER, &["approval", "status"], NONE),
    row(NETWORKING, "IngressClass", "ingressclasses", NONE, CLUSTER, NONE, NONE),
    row(NETWORKING, "Ingress", "ingresses", &["ing"], NAMESPACED, STATUS, NONE),
    row(NETWORKING, "IPAddress", "ipaddresses", &["ip"], CLUSTER, NONE, NONE),
    row(NETWORKING, "NetworkPolicy", "networkpolicies", &["netpol"], NAMESPACED, NONE, NONE),
    row(NETWORKING, "ServiceCIDR", "servicecidrs", NONE, CLUSTER, STATUS, NONE),
    row(POLICY, "PodDisruptionBudget", "poddisruptionbudgets", &["pdb"], NAMESPACED, STATUS, NONE),
    row(RBAC, "ClusterRoleBinding", "clusterrolebindings", NONE, CLUSTER, NONE, NONE),
    row(RBAC, "ClusterRole", "clusterroles", NONE, CLUSTER, NONE, NONE),
    row(RBAC, "RoleBinding", "rolebindings", NONE, NAMESPACED, NONE, NONE),
    row(RBAC, "Role", "roles", NONE, NAMESPACED, NONE, NONE),
    row(STORAGE, "CSIDriver", "csidrivers", NONE, CLUSTER, NONE, NONE),
    row(STORAGE, "CSINode", "csinodes", NONE, CLUSTER, NONE, NONE),
    row(STORAGE, "CSIStorageCapacity", "csistoragecapacities", NONE, NAMESPACED, NONE, NONE),
    row(STORAGE, "StorageClass", "storageclasses", &["sc"], CLUSTER, NONE, NONE),
    row(STORAGE, "VolumeAttachment", "volumeattachments", NONE, CLUSTER, STATUS, NONE),
    row(STORAGE, "VolumeAttributesClass", "volumeattributesclasses", &["vac"], CLUSTER, NONE, NONE),
    row(ADMISSION, "MutatingAdmissionPolicy", "mutatingadmissionpolicies", NONE, CLUSTER, NONE, &["api-extensions"]),
    row(ADMISSION, "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", NONE, CLUSTER, NONE, &["api-extensions"]),
    row(ADMISSION, "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", NONE, CLUSTER, NONE, &["api-extensions"]),
    row(ADMISSION, "ValidatingAdmissionPolicy", "validatingadmissionpolicies", NONE, CLUSTER, STATUS, &["api-extensions"]),
    row(ADMISSION, "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", NONE, CLUSTER, NONE, &["api-extensions"]),
    row(ADMISSION, "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", NONE, CLUSTER, NONE, &["api-extensions"]),
    row(EXTENSIONS, "CustomResourceDefinition", "customresourcedefinitions", &["crd", "crds"], CLUSTER, STATUS, &["api-extensions"]),
    row(SCHEDULING, "PriorityClass", "priorityclasses", &["pc"], CLUSTER, NONE, NONE),
    row(COORDINATION, "Lease", "leases", NONE, NAMESPACED, NONE, NONE),
    row(NODE, "RuntimeClass", "runtimeclasses", NONE, CLUSTER, NONE, NONE),
    row(DISCOVERY, "EndpointSlice", "endpointslices", NONE, NAMESPACED, NONE, NONE),
    row(RESOURCE, "DeviceClass", "deviceclasses", NONE, CLUSTER, NONE, NONE),
    row(RESOURCE, "ResourceClaim", "resourceclaims", NONE, NAMESPACED, STATUS, NONE),
    row(RESOURCE, "ResourceClaimTemplate", "resourceclaimtemplates", NONE, NAMESPACED, NONE, NONE),
    row(RESOURCE, "ResourceSlice", "resourceslices", NONE, CLUSTER, NONE, NONE),
    row(FLOW, "FlowSchema", "flowschemas", NONE, CLUSTER, STATUS, NONE),
    row(FLOW, "PriorityLevelConfiguration", "prioritylevelconfigurations", NONE, CLUSTER, STATUS, NONE),
    used(Usage::Computed, row(METRICS, "NodeMetrics", "nodes", NONE, CLUSTER, NONE, NONE)),
    used(Usage::Computed, row(METRICS, "PodMetrics", "pods", NONE, NAMESPACED, NONE, NONE)),
];

#[cfg(test)]
mod tests {
    use super::{KINDS, NAMES, begins, find, of_object, of_resource};

    fn kind(word: &str) -> String {
        let info = find(word).unwrap_or_else(|| panic!("{word}"));
        format!("{}/{}", info.group, info.kind)
    }

    #[test]
    fn every_beginning_of_a_name_begins_one() {
        for name in NAMES.iter() {
            assert!((1..=name.len()).filter_map(|end| name.get(..end)).all(begins), "{name}");
        }
        assert!(!begins("the") && !begins("podz") && !begins("xq"));
    }

    #[test]
    fn words_people_use() {
        for (word, want) in [
            ("po", "/Pod"),
            ("pods", "/Pod"),
            ("POD", "/Pod"),
            ("deploy", "apps/Deployment"),
            ("deployments.apps", "apps/Deployment"),
            ("deployments.v1.apps", "apps/Deployment"),
            ("Deployment", "apps/Deployment"),
            ("events", "/Event"),
            ("ev.events.k8s.io", "events.k8s.io/Event"),
            ("pods.metrics.k8s.io", "metrics.k8s.io/PodMetrics"),
            ("crds", "apiextensions.k8s.io/CustomResourceDefinition"),
            ("hpa", "autoscaling/HorizontalPodAutoscaler"),
            ("netpol", "networking.k8s.io/NetworkPolicy"),
            ("endpoints", "/Endpoints"),
            ("pods.v1.", "/Pod"),
        ] {
            assert_eq!(kind(word), want, "{word}");
        }
        for unknown in ["", ".", "pod.apps", "backend", "deployments.", "é.é"] {
            assert!(find(unknown).is_none() || unknown == "pods.", "{unknown}");
        }
    }

    #[test]
    fn each_row_is_found_by_its_own_names() {
        for info in KINDS {
            let by_group = find(&info.group_resource()).unwrap();
            assert!(std::ptr::eq(by_group, info) || info.group.is_empty(), "{}", info.plural);
            assert!(std::ptr::eq(of_resource(info.group, info.version, info.plural).unwrap(), info));
            assert!(std::ptr::eq(of_object(&info.api_version(), info.kind).unwrap(), info));
        }
    }
}

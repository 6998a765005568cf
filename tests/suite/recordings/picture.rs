//! Pictures: what is kept of objects and events, and how two are compared.
use super::Picture;
use regex::Regex;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::LazyLock};

/// The kinds that cases speak of, with their path and whether they live in a namespace.
const KINDS: &[(&str, &str, &str, bool)] = &[
    ("Pod", "/api/v1", "pods", true),
    ("Event", "/api/v1", "events", true),
    ("ConfigMap", "/api/v1", "configmaps", true),
    ("Secret", "/api/v1", "secrets", true),
    ("Service", "/api/v1", "services", true),
    ("Endpoints", "/api/v1", "endpoints", true),
    ("PersistentVolumeClaim", "/api/v1", "persistentvolumeclaims", true),
    ("ServiceAccount", "/api/v1", "serviceaccounts", true),
    ("ResourceQuota", "/api/v1", "resourcequotas", true),
    ("Node", "/api/v1", "nodes", false),
    ("Namespace", "/api/v1", "namespaces", false),
    ("PersistentVolume", "/api/v1", "persistentvolumes", false),
    ("Deployment", "/apis/apps/v1", "deployments", true),
    ("ReplicaSet", "/apis/apps/v1", "replicasets", true),
    ("StatefulSet", "/apis/apps/v1", "statefulsets", true),
    ("DaemonSet", "/apis/apps/v1", "daemonsets", true),
    ("ControllerRevision", "/apis/apps/v1", "controllerrevisions", true),
    ("Job", "/apis/batch/v1", "jobs", true),
    ("PodDisruptionBudget", "/apis/policy/v1", "poddisruptionbudgets", true),
    ("EndpointSlice", "/apis/discovery.k8s.io/v1", "endpointslices", true),
    ("StorageClass", "/apis/storage.k8s.io/v1", "storageclasses", false),
];

pub fn namespaced(kind: &Value) -> bool {
    KINDS.iter().any(|(name, _, _, namespaced)| kind == name && *namespaced)
}

pub fn path(kind: &str, ns: &str) -> String {
    let (_, group, plural, namespaced) = KINDS.iter().find(|(name, ..)| *name == kind).unwrap_or_else(|| panic!("no path for {kind}"));
    if *namespaced { format!("{group}/namespaces/{ns}/{plural}") } else { format!("{group}/{plural}") }
}

/// Cluster-wide objects belong to a case when their name begins with its namespace's.
fn ours(kind: &str, ns: &str, object: &Value) -> bool {
    namespaced(&kind.into())
        || object["metadata"]["name"].as_str().is_some_and(|n| n.starts_with(ns))
        || object.pointer("/spec/claimRef/namespace").is_some_and(|n| n == ns)
}

pub fn newest(kind: &str, ns: &str, objects: Vec<Value>) -> Option<Value> {
    objects.into_iter().filter(|o| ours(kind, ns, o)).max_by_key(|o| o["metadata"]["creationTimestamp"].as_str().map(str::to_owned))
}

/// Beginnings of reasons that come with every look of a kubelet or scheduler: how often depends on the moment.
const REPEATED: &[&str] =
    &["BackOff", "Pull", "Failed", "Unhealthy", "ErrImage", "Provisioning", "WaitFor", "InspectFailed", "Deadline", "External"];

/// Patterns of what differs from one play to the next, and what is put in their place.
static NOISE: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    let table = [
        // Tags of one image: the node calls it by the one it met first.
        (r"docker\.io/library/nginx:1\.2\d", "docker.io/library/nginx:<tag>"),
        (r#"^(Container image|Successfully pulled image) ("[^"]+") (already present|in).*$"#, "<there or fetched> $2"),
        (r"containerd://[0-9a-f]{64}", "containerd://<id>"),
        (r"sha256:[0-9a-f]{64}", "sha256:<digest>"),
        (r#"\b[0-9a-f]{64}\b"#, "<id>"),
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uid>"),
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "<time>"),
        (r"\b10\.\d+\.\d+\.\d+:\d+->", "<ip>:<port>->"),
        (r"\b10\.\d+\.\d+\.\d+\b", "<ip>"),
        (r"to fake-\d", "to <fake>"),
        (r"back-off [0-9ms]+ restarting", "back-off <wait> restarting"),
        (r"(\d+)(\.\d+)?(ms|s) (ago|elapsed)", "<t> $4"),
    ];
    table.into_iter().map(|(pattern, by)| (Regex::new(pattern).unwrap(), by)).collect()
});

/// Makes two plays of the same thing read the same.
struct Normal {
    names: Vec<(String, String)>,
}

impl Normal {
    fn of(ns: &str, objects: &[(String, Value)], others: &[Value], events: &[Value]) -> Self {
        let mut names = vec![(ns.to_owned(), "<ns>".to_owned())];
        for object in objects.iter().map(|(_, object)| object).chain(others) {
            if let (Some(name), Some(prefix)) = (object["metadata"]["name"].as_str(), object["metadata"]["generateName"].as_str()) {
                names.push((name.to_owned(), format!("{prefix}<name>")));
            }
            for (at, by) in [("pod-template-hash", "<hash>"), ("controller-revision-hash", "<hash>")] {
                let labels = object.pointer("/metadata/labels").or_else(|| object.pointer("/spec/selector/matchLabels"));
                if let Some(hash) = labels.and_then(|l| l[at].as_str()) {
                    names.push((hash.rsplit('-').next().unwrap().to_owned(), by.to_owned()));
                }
            }
        }
        // Names of pods that are gone already live on in their events.
        static GENERATED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^(.+-)[bcdfghjklmnpqrstvwxz2456789]{5}$").unwrap());
        for event in events {
            let name = event["involvedObject"]["name"].as_str().unwrap_or_default();
            if event["involvedObject"]["kind"] == "Pod"
                && let Some(found) = GENERATED.captures(name)
            {
                names.push((name.to_owned(), format!("{}<name>", &found[1])));
            }
        }
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        names.dedup();
        Normal { names }
    }

    fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, by) in &self.names {
            text = text.replace(name, by);
        }
        for (pattern, by) in &*NOISE {
            text = pattern.replace_all(&text, *by).into_owned();
        }
        text
    }

    fn field(&self, name: &str, value: &Value) -> Value {
        match (name, value) {
            ("resourceVersion", _) => "<version>".into(),
            ("nodeName", Value::String(node)) if node.starts_with("fake-") => "<fake>".into(),
            ("zone", _) => "<zone>".into(),
            ("averageUtilization", Value::Number(_)) | ("averageValue", Value::String(_)) => "<figure>".into(),
            _ => self.value(value),
        }
    }

    fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self.text(text).into(),
            Value::Array(items) => items.iter().map(|v| self.value(v)).collect(),
            Value::Object(map) => map.iter().map(|(k, v)| (self.text(k), self.field(k, v))).collect::<Map<_, _>>().into(),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }
}

pub fn take(ns: &str, objects: &[(String, Value)], others: &[Value], fields: &[String], events: &[Value]) -> Picture {
    let normal = Normal::of(ns, objects, others, events);
    let mut taken: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for (kind, object) in objects.iter().filter(|(kind, o)| ours(kind, ns, o)) {
        let mut status = object["status"].clone();
        if let Some(map) = status.as_object_mut() {
            // The limits of the pod's cgroup as this node's kernel tells them; with cgroups v2 it tells none.
            map.remove("resources");
            // How many steps a rollout takes depends on how soon each pod is ready.
            if kind == "ReplicaSet" {
                map.remove("observedGeneration");
            }
        }
        let mut kept = json!({"status": normal.value(&status)});
        for field in fields {
            if let Some(value) = object.pointer(field) {
                kept[field] = normal.value(value);
            }
        }
        let name = normal.text(&format!("{kind}/{}", object["metadata"]["name"].as_str().unwrap()));
        taken.entry(name).or_default().push(kept);
    }
    let mut numbered = BTreeMap::new();
    for (name, mut alike) in taken {
        alike.sort_by_key(Value::to_string);
        match alike.len() {
            1 => drop(numbered.insert(name, alike.remove(0))),
            _ => drop(numbered.insert(name, alike.into())),
        }
    }
    // Whether an image has to be fetched depends on what ran on the node before.
    let fetched =
        |e: &&Value| e["reason"] != "Pulling" || ["no-such", "invalid"].iter().any(|w| e["message"].as_str().unwrap().contains(w));
    let mut said: Vec<Value> = events.iter().filter(fetched).map(|event| self::event(&normal, event)).collect();
    said.sort_by_key(Value::to_string);
    said.dedup();
    Picture { objects: numbered, events: said }
}

fn event(normal: &Normal, event: &Value) -> Value {
    let text = |at: &str| event.pointer(at).and_then(Value::as_str).unwrap_or_default();
    let many = REPEATED.iter().any(|r| text("/reason").starts_with(r));
    let count = if many { "*".into() } else { event["count"].clone() };
    let mut kept = json!({
        "about": normal.text(&format!("{}/{}", text("/involvedObject/kind"), text("/involvedObject/name"))),
        "type": text("/type"), "reason": text("/reason"), "message": normal.text(text("/message")),
        "from": event["source"], "reporting": event["reportingComponent"],
    });
    for (name, value) in [("count", count), ("field", event["involvedObject"]["fieldPath"].clone()), ("action", event["action"].clone())] {
        if !value.is_null() {
            kept[name] = value;
        }
    }
    kept
}

/// Where two plays differ, in words.
pub fn differences(expected: &[Picture], got: &[Picture]) -> Vec<String> {
    let mut found = Vec::new();
    for ((expected, got), number) in expected.iter().zip(got).zip(1..) {
        let names = expected.objects.keys().chain(got.objects.keys());
        let mut names: Vec<&String> = names.collect();
        names.sort();
        names.dedup();
        for name in names {
            let none = Value::Null;
            compare(
                &format!("moment {number}: {name}"),
                expected.objects.get(name).unwrap_or(&none),
                got.objects.get(name).unwrap_or(&none),
                &mut found,
            );
        }
        found.extend(expected.events.iter().filter(|e| !got.events.contains(e)).map(|e| format!("moment {number}: no event  {e}")));
        found.extend(got.events.iter().filter(|e| !expected.events.contains(e)).map(|e| format!("moment {number}: new event {e}")));
    }
    found
}

fn compare(at: &str, expected: &Value, got: &Value, found: &mut Vec<String>) {
    let empty = |v: &Value| v.is_null() || v.as_object().is_some_and(Map::is_empty);
    match (expected, got) {
        _ if empty(expected) && empty(got) => {}
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort();
            keys.dedup();
            for key in keys {
                let none = Value::Null;
                compare(&format!("{at}.{key}"), a.get(key).unwrap_or(&none), b.get(key).unwrap_or(&none), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for ((a, b), n) in a.iter().zip(b).zip(0..) {
                compare(&format!("{at}[{n}]"), a, b, found);
            }
        }
        _ if expected == got => {}
        _ => found.push(format!("{at}: recorded {expected}, here {got}")),
    }
}

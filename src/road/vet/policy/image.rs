//! What an object has afterwards that it had not before: power over its node or the cluster, images, replicas. Seen in the dry run's
//! answer, whichever verb sets it.

use serde::Deserialize;
use serde_json::Value;

/// An object before and after one call; `before` is `None` where there was none, or where it is not known.
#[derive(Debug, Clone, Copy)]
pub(super) struct Image<'a> {
    pub(super) before: Option<&'a Value>,
    pub(super) after: &'a Value,
}

/// What can be given away. Sources: Pod Security Standards (baseline), RBAC's own rules on escalation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Power {
    /// A container that is root on its node.
    Privileged,
    /// A folder of the node.
    HostPath,
    /// The node's network, processes or memory.
    HostNamespace,
    /// Capabilities that reach outside the container.
    Capabilities,
    /// A binding to `cluster-admin`.
    ClusterAdmin,
    /// A binding that binds others than before, or to another role.
    Rights,
    /// A role with `*` as verb or resource.
    EveryRight,
    /// A role that may act as others, or give out more than it has.
    Impersonation,
    /// A namespace whose Pod Security level admits more than before.
    PodSecurity,
}

impl Image<'_> {
    /// The powers that are new, each in words.
    pub(super) fn gives(&self) -> Vec<(Power, String)> {
        let had = self.before.map(powers).unwrap_or_default();
        let mut gained: Vec<_> = powers(self.after).into_iter().filter(|power| !had.contains(power)).collect();
        gained.extend(self.binds());
        gained.extend(self.admits());
        gained
    }

    /// The images that are new, whole: `docker.io/library/nginx:latest`.
    pub(super) fn images(&self) -> Vec<String> {
        let had = self.before.map(images).unwrap_or_default();
        images(self.after).into_iter().filter(|image| !had.contains(image)).map(|image| whole(&image)).collect()
    }

    /// How many replicas there will be, where that changes.
    pub(super) fn replicas(&self) -> Option<u64> {
        let of = |object: &Value| object.pointer("/spec/replicas").and_then(Value::as_u64);
        of(self.after).filter(|now| self.before.and_then(of) != Some(*now))
    }

    fn binds(&self) -> Option<(Power, String)> {
        let field = |object: &Value, name: &str| object.get(name).cloned().unwrap_or_default();
        let role = field(self.after, "roleRef");
        let whom = |object: &Value| field(object, "subjects").as_array().cloned().unwrap_or_default();
        let had = self.before.filter(|before| field(before, "roleRef") == role).map(whom).unwrap_or_default();
        let has = whom(self.after);
        if (role.is_null() && has.is_empty()) || (self.before.is_some_and(|before| field(before, "roleRef") == role) && had == has) {
            return None;
        }
        if has.iter().all(|subject| had.contains(subject)) && self.before.is_some() {
            return Some((Power::Rights, "it takes rights from somebody".into()));
        }
        match role["name"].as_str() {
            Some("cluster-admin") => Some((Power::ClusterAdmin, "it gives cluster-admin, which may do everything".into())),
            Some(_) | None => Some((Power::Rights, "it gives somebody rights".into())),
        }
    }

    fn admits(&self) -> Option<(Power, String)> {
        const ENFORCE: &str = "/metadata/labels/pod-security.kubernetes.io~1enforce";
        if self.after["kind"] != "Namespace" {
            return None;
        }
        let level = |object: &Value| match object.pointer(ENFORCE).and_then(Value::as_str) {
            Some("restricted") => 2,
            Some("baseline") => 1,
            Some(_) | None => 0,
        };
        let before = self.before?;
        (level(self.after) < level(before)).then(|| (Power::PodSecurity, "its Pod Security level admits more than before".into()))
    }
}

fn powers(object: &Value) -> Vec<(Power, String)> {
    let mut powers: Vec<_> = pod_specs(object).into_iter().flat_map(of_pods).collect();
    for rule in object.get("rules").and_then(Value::as_array).into_iter().flatten() {
        let has = |field: &str, word: &str| rule[field].as_array().is_some_and(|list| list.iter().any(|v| v == word));
        if has("verbs", "*") || has("resources", "*") {
            powers.push((Power::EveryRight, format!("it allows everything on something (`*`): {}", short(rule))));
        }
        if let Some(verb) = ["impersonate", "escalate", "bind"].into_iter().find(|verb| has("verbs", verb)) {
            powers.push((Power::Impersonation, format!("it lets somebody {verb}: {}", short(rule))));
        }
    }
    powers
}

fn short(rule: &Value) -> String {
    let words = |field: &str| {
        let list = rule[field].as_array().into_iter().flatten();
        list.filter_map(Value::as_str).take(6).collect::<Vec<_>>().join(", ")
    };
    format!("{} on {}", words("verbs"), words("resources"))
}

/// What a pod may do to its node.
fn of_pods(spec: &Value) -> Vec<(Power, String)> {
    let mut powers = Vec::new();
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if spec[field] == true {
            powers.push((Power::HostNamespace, format!("its pods share the node's own {}", &field[4..])));
        }
    }
    for volume in spec["volumes"].as_array().into_iter().flatten() {
        if let Some(path) = volume.get("hostPath").filter(|path| !path.is_null()) {
            powers.push((Power::HostPath, format!("its pods mount a folder of the node: {}", path["path"].as_str().unwrap_or("?"))));
        }
    }
    for container in containers(spec) {
        let name = container["name"].as_str().unwrap_or("?");
        let is = |pointer: &str| container.pointer(pointer) == Some(&Value::Bool(true));
        if is("/securityContext/privileged") || is("/securityContext/windowsOptions/hostProcess") {
            powers.push((Power::Privileged, format!("container {name} is privileged: it is root on the node")));
        }
        let added = container.pointer("/securityContext/capabilities/add").and_then(Value::as_array).into_iter().flatten();
        let reaching = ["SYS_ADMIN", "ALL", "NET_ADMIN", "SYS_PTRACE", "SYS_MODULE"];
        let added: Vec<_> = added.filter_map(Value::as_str).filter(|c| reaching.contains(c)).collect();
        if !added.is_empty() {
            powers.push((Power::Capabilities, format!("container {name} gets capabilities that reach outside it: {}", added.join(", "))));
        }
    }
    powers
}

fn images(object: &Value) -> Vec<String> {
    let containers = pod_specs(object).into_iter().flat_map(containers);
    containers.filter_map(|c| c["image"].as_str()).filter(|image| !image.is_empty()).map(str::to_string).collect()
}

fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    ["containers", "initContainers", "ephemeralContainers"].into_iter().filter_map(|list| spec[list].as_array()).flatten()
}

/// Every pod spec in an object, wherever it stands: also in kinds that only the cluster knows.
fn pod_specs(object: &Value) -> Vec<&Value> {
    let mut found = Vec::new();
    let mut open = vec![object];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(map) => {
                let lists = ["containers", "initContainers", "ephemeralContainers", "volumes"];
                if lists.iter().any(|list| map.get(*list).is_some_and(Value::is_array)) || map.contains_key("hostNetwork") {
                    found.push(value);
                }
                open.extend(
                    map.iter().filter(|(key, _)| !["managedFields", "status", "annotations"].contains(&key.as_str())).map(|(_, v)| v),
                );
            }
            Value::Array(list) => open.extend(list),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    found
}

/// An image with what is left out of it: registry and tag. Source: the reference grammar of `distribution/reference`.
pub(in crate::road::vet) fn whole(image: &str) -> String {
    let (path, rest) = match (image.split_once('@'), image.rsplit_once(':')) {
        (Some((path, digest)), _) => (path, format!("@{digest}")),
        (None, Some((path, tag))) if !tag.contains('/') => (path, format!(":{tag}")),
        (None, _) => (image, ":latest".to_string()),
    };
    let path = match path.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => path.to_string(),
        Some(_) => format!("docker.io/{path}"),
        None => format!("docker.io/library/{path}"),
    };
    path + &rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn images_are_told_whole() {
        for (said, meant) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("acme/web:1", "docker.io/acme/web:1"),
            ("localhost:5000/web", "localhost:5000/web:latest"),
            ("reg.io/a/b@sha256:0a", "reg.io/a/b@sha256:0a"),
            ("reg.io/a/b:2@sha256:0a", "reg.io/a/b:2@sha256:0a"),
        ] {
            assert_eq!(whole(said), meant);
        }
    }

    #[test]
    fn only_what_is_new_counts() {
        let pod = |more: Value| {
            let mut spec = json!({"containers": [{"name": "a", "image": "x:1"}]});
            json_patch::merge(&mut spec, &more);
            json!({"spec": {"replicas": 2, "template": {"spec": spec}}})
        };
        let plain = pod(json!({}));
        let gives = |before: Option<&Value>, after: &Value| Image { before, after }.gives().into_iter().map(|g| g.0).collect::<Vec<_>>();
        assert_eq!(gives(None, &plain), []);
        let strong = pod(json!({"hostPID": true, "volumes": [{"name": "v", "hostPath": {"path": "/"}}]}));
        assert_eq!(gives(Some(&plain), &strong), [Power::HostNamespace, Power::HostPath]);
        assert_eq!(gives(Some(&strong), &strong), []);
        assert_eq!(Image { before: Some(&plain), after: &plain }.replicas(), None);
        assert_eq!(Image { before: None, after: &plain }.images(), ["docker.io/library/x:1"]);
        let inside = json!({"spec": {"fleet": [{"podTemplate": {"spec": strong["spec"]["template"]["spec"]}}]}});
        assert_eq!(gives(None, &inside).len(), 2, "in a kind that is not built in");
    }

    #[test]
    fn bindings_and_roles() {
        let binding = |role: &str, whom: &[&str]| json!({"roleRef": {"name": role}, "subjects": whom.iter().map(|n| json!({"name": n})).collect::<Vec<_>>()});
        let gives = |before: Option<Value>, after: Value| {
            Image { before: before.as_ref(), after: &after }.gives().into_iter().map(|g| g.0).collect::<Vec<_>>()
        };
        assert_eq!(gives(None, binding("cluster-admin", &["a"])), [Power::ClusterAdmin]);
        assert_eq!(gives(Some(binding("cluster-admin", &["a"])), binding("cluster-admin", &["a", "b"])), [Power::ClusterAdmin]);
        assert_eq!(gives(Some(binding("view", &["a"])), binding("view", &["a"])), []);
        assert_eq!(gives(Some(binding("view", &["a"])), binding("edit", &["a"])), [Power::Rights]);
        assert_eq!(gives(None, json!({"roleRef": {"name": "cluster-admin"}})), [Power::ClusterAdmin]);
        let role = json!({"rules": [{"verbs": ["*"], "resources": ["pods"]}, {"verbs": ["impersonate"], "resources": ["users"]}]});
        assert_eq!(gives(None, role), [Power::EveryRight, Power::Impersonation]);
        let level = |level: &str| json!({"kind": "Namespace", "metadata": {"labels": {"pod-security.kubernetes.io/enforce": level}}});
        assert_eq!(gives(Some(level("restricted")), level("baseline")), [Power::PodSecurity]);
        assert_eq!(gives(Some(level("baseline")), level("restricted")), []);
    }
}

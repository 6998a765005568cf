//! What is taken off a pod template, or changed in a part that is there, as a strategic patch.
//!
//! In: what shall go, and the object as it is. Out: the patch, or what is not there. Merge keys are those of `k8s.io/api/core/v1/types.go`
//! (`patchMergeKey`): a list without one is repeated without what goes.

use super::{
    Bound, Effect, Port, ProbeSort, Resource, VolumeName,
    place::push,
    put::{container, names_of},
};
use crate::ops::{LabelKey, LabelValue, Name, Op, Patch, PatchType, Target, template};
use serde_json::{Value, json};

/// What can be taken off.
#[derive(Debug, Clone, PartialEq)]
pub enum Gone {
    /// How the kubelet asks.
    Probe(ProbeSort),
    /// Where a container sees a volume, by the volume.
    Mount(VolumeName),
    /// The same, by the folder.
    MountAt(String),
    /// A volume, and every mount of it.
    Volume(VolumeName),
    /// Tolerations of such taints; what is not said may be anything.
    Tolerations(Option<LabelKey>, Option<LabelValue>, Option<Effect>),
    /// A label that nodes must have; `None` is all of them.
    Selector(Option<LabelKey>, Option<LabelValue>),
    /// A list or rule of the pod spec, whole.
    Rule(Rule),
    /// A secret that images are pulled with; `None` is all of them.
    PullSecret(Option<Name>),
    /// What a container asks for or is held to; a resource that is not said is every one.
    Amount(Bound, Option<Resource>),
    /// A port a container listens on.
    Listens(u16),
    /// What runs instead of the image's own.
    Command,
    /// What it is given.
    Args,
}

/// A field of the pod spec that goes whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// On which nodes.
    NodeAffinity,
    /// Near which pods.
    PodAffinity,
    /// Away from which pods.
    AntiAffinity,
    /// Evenly over what.
    Spread,
    /// Which pods go first.
    Priority,
    /// As whom the pods speak to the API.
    Account,
}

impl Rule {
    /// Where it stands, and in words.
    fn place(self) -> (&'static [&'static str], &'static str) {
        match self {
            Rule::NodeAffinity => (&["affinity", "nodeAffinity"], "node affinity"),
            Rule::PodAffinity => (&["affinity", "podAffinity"], "pod affinity"),
            Rule::AntiAffinity => (&["affinity", "podAntiAffinity"], "pod anti-affinity"),
            Rule::Spread => (&["topologySpreadConstraints"], "topology spread constraint"),
            Rule::Priority => (&["priorityClassName"], "priority class"),
            Rule::Account => (&["serviceAccountName"], "service account of its own"),
        }
    }
}

/// A value of a probe that is set anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tuned {
    /// What an HTTP probe asks for.
    Path(String),
    /// Where it asks.
    Port(Port),
    /// A number, by its field.
    Number(&'static str, u32),
}

/// Why nothing can be taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Absent {
    /// It is not there, in words: "no readiness probe".
    No(String),
    /// What else stands in that list is not known.
    Unknown(&'static str),
}

impl Gone {
    /// Whether it belongs to one container.
    pub fn of_a_container(&self) -> bool {
        match self {
            Gone::Probe(_) | Gone::Mount(_) | Gone::MountAt(_) | Gone::Amount(..) | Gone::Listens(_) | Gone::Command | Gone::Args => true,
            Gone::Volume(_) | Gone::Tolerations(..) | Gone::Selector(..) | Gone::Rule(_) | Gone::PullSecret(_) => false,
        }
    }
}

/// The patch that takes parts off an object. `live` is the object as it is, where it could be read.
///
/// # Errors
/// What is not there, or cannot be known without the object.
pub fn take(target: &Target, gone: &[Gone], container: Option<&str>, live: Option<&Value>) -> Result<Op, Absent> {
    let Some(path) = template::path(target.kind()) else { return Err(Absent::No("no pod template".into())) };
    let before = live.map(|live| template::pod_spec(target.kind(), live).unwrap_or(&Value::Null));
    let mut spec = json!({});
    for one in gone {
        off(one, &mut spec, container.unwrap_or_default(), before)?;
    }
    Ok(patch(target, path, spec))
}

/// The patch that sets values of a probe that is there.
///
/// # Errors
/// The probe is not there, or asks in another way.
pub fn tune(target: &Target, sort: ProbeSort, tuned: &[Tuned], name: &str, live: Option<&Value>) -> Result<Op, Absent> {
    let Some(path) = template::path(target.kind()) else { return Err(Absent::No("no pod template".into())) };
    let before = live.map(|live| template::pod_spec(target.kind(), live).unwrap_or(&Value::Null));
    let there = before.map(|spec| &of_container(spec, name)[sort.field()]);
    if there.is_some_and(Value::is_null) {
        return Err(Absent::No(format!("no {} probe", sort.word())));
    }
    let way = |way: &str| there.is_some_and(|probe| !probe[way].is_null());
    let mut spec = json!({});
    let probe = &mut container(&mut spec, name)[sort.field()];
    for one in tuned {
        match one {
            Tuned::Path(path) if there.is_none() || way("httpGet") => probe["httpGet"]["path"] = json!(path),
            Tuned::Path(_) => return Err(Absent::No(format!("no {} probe over HTTP, so it has no path", sort.word()))),
            Tuned::Port(port) => match (["httpGet", "tcpSocket", "grpc"].into_iter().find(|known| way(known)), port) {
                (Some("grpc"), Port::Named(_)) => return Err(Absent::No("no port by name: gRPC takes a number".into())),
                (Some(way), port) => probe[way]["port"] = port.json(),
                (None, _) if there.is_none() => return Err(Absent::Unknown("the way the probe asks")),
                (None, _) => return Err(Absent::No(format!("no {} probe that asks on a port", sort.word()))),
            },
            Tuned::Number(field, n) => probe[*field] = json!(n),
        }
    }
    Ok(patch(target, path, spec))
}

fn patch(target: &Target, path: &[&str], spec: Value) -> Op {
    Patch { target: target.clone(), how: PatchType::Strategic, patch: template::wrap(path, spec), patch_file: None, subresource: None }
        .into()
}

fn of_container<'a>(spec: &'a Value, name: &str) -> &'a Value {
    let lists = ["containers", "initContainers"].into_iter().filter_map(|list| spec[list].as_array());
    lists.flatten().find(|c| c["name"] == name).unwrap_or(&Value::Null)
}

fn off(gone: &Gone, spec: &mut Value, name: &str, before: Option<&Value>) -> Result<(), Absent> {
    let no = |what: String| Err(Absent::No(what));
    let there = before.map(|spec| of_container(spec, name));
    // Without the object it is taken to be there: the server says where it is not.
    let lacks = |field: &str| there.is_some_and(|there| there[field].is_null());
    match gone {
        Gone::Probe(sort) if lacks(sort.field()) => return no(format!("no {} probe", sort.word())),
        Gone::Probe(sort) => container(spec, name)[sort.field()] = Value::Null,
        Gone::MountAt(at) => {
            if there.is_some_and(|there| !list(there, "volumeMounts").any(|mount| mount["mountPath"] == at.as_str())) {
                return no(format!("nothing mounted at {at}"));
            }
            push(&mut container(spec, name)["volumeMounts"], json!({"$patch": "delete", "mountPath": at}));
        }
        Gone::Mount(volume) => {
            let Some(there) = there else { return Err(Absent::Unknown("where that volume is mounted")) };
            let at: Vec<&Value> = mounts_of(there, volume).collect();
            if at.is_empty() {
                return no(format!("no mount of volume {}", volume.as_str()));
            }
            for path in at {
                push(&mut container(spec, name)["volumeMounts"], json!({"$patch": "delete", "mountPath": path}));
            }
        }
        Gone::Volume(volume) => {
            let Some(before) = before else { return Err(Absent::Unknown("where that volume is mounted")) };
            if !list(before, "volumes").any(|known| known["name"] == volume.as_str()) {
                return no(format!("no volume {}", volume.as_str()));
            }
            push(&mut spec["volumes"], json!({"$patch": "delete", "name": volume.as_str()}));
            for (field, name) in names_of(before) {
                for path in mounts_of(of_container(before, name), volume) {
                    let mount = json!({"$patch": "delete", "mountPath": path});
                    let at = spec[field].as_array().and_then(|all| all.iter().position(|c| c["name"] == name));
                    match at {
                        Some(at) => push(&mut spec[field][at]["volumeMounts"], mount),
                        None => push(&mut spec[field], json!({"name": name, "volumeMounts": [mount]})),
                    }
                }
            }
        }
        Gone::Tolerations(key, value, effect) => {
            let Some(before) = before else { return Err(Absent::Unknown("which other tolerations there are")) };
            let fits = |one: &Value| {
                key.as_ref().is_none_or(|key| one["key"] == key.as_str())
                    && value.as_ref().is_none_or(|value| one["value"] == value.as_str())
                    && effect.is_none_or(|effect| one["effect"] == effect.word())
            };
            let all: Vec<Value> = match &spec["tolerations"] {
                Value::Array(left) => left.clone(),
                _ => list(before, "tolerations").cloned().collect(),
            };
            let kept: Vec<&Value> = all.iter().filter(|one| !fits(one)).collect();
            if kept.len() == all.len() {
                return no("no such toleration".into());
            }
            spec["tolerations"] = json!(kept);
        }
        Gone::Selector(None, _) => {
            if before.is_some_and(|before| before["nodeSelector"].is_null()) {
                return no("no node selector".into());
            }
            spec["nodeSelector"] = Value::Null;
        }
        Gone::Selector(Some(key), value) => {
            let known = before.map(|before| &before["nodeSelector"][key.as_str()]);
            if known.is_some_and(|known| value.as_ref().map_or(known.is_null(), |value| *known != value.as_str())) {
                return no("no such node selector".into());
            }
            spec["nodeSelector"][key.as_str()] = Value::Null;
        }
        Gone::Rule(rule) => {
            let (path, words) = rule.place();
            let pointer = format!("/{}", path.join("/"));
            if before.is_some_and(|before| before.pointer(&pointer).is_none_or(Value::is_null)) {
                return no(format!("no {words}"));
            }
            match path {
                [outer, inner] => spec[*outer][*inner] = Value::Null,
                path => path.iter().for_each(|field| spec[*field] = Value::Null),
            }
            if *rule == Rule::Account {
                // Its old name: what stands there alone is taken for the new one. Source: `Convert_v1_PodSpec_To_core_PodSpec`.
                spec["serviceAccount"] = Value::Null;
            }
        }
        Gone::PullSecret(None) => {
            if before.is_some_and(|before| list(before, "imagePullSecrets").next().is_none()) {
                return no("no image pull secret".into());
            }
            spec["imagePullSecrets"] = Value::Null;
        }
        Gone::PullSecret(Some(secret)) => {
            if before.is_some_and(|before| !list(before, "imagePullSecrets").any(|known| known["name"] == secret.as_str())) {
                return no(format!("no image pull secret {secret}"));
            }
            push(&mut spec["imagePullSecrets"], json!({"$patch": "delete", "name": secret}));
        }
        Gone::Amount(bound, resource) => {
            let (side, word) = match bound {
                Bound::Request => ("requests", "request"),
                Bound::Limit => ("limits", "limit"),
            };
            let known = there.map(|there| resource.map_or(&there["resources"][side], |of| &there["resources"][side][of.word()]));
            if known.is_some_and(Value::is_null) {
                return no(resource.map_or(format!("no {side}"), |of| format!("no {} {word}", of.word())));
            }
            let resources = &mut container(spec, name)["resources"];
            match resource {
                Some(of) => resources[side][of.word()] = Value::Null,
                None => resources[side] = Value::Null,
            }
        }
        Gone::Listens(port) => {
            if there.is_some_and(|there| !list(there, "ports").any(|known| known["containerPort"] == *port)) {
                return no(format!("no port {port}"));
            }
            push(&mut container(spec, name)["ports"], json!({"$patch": "delete", "containerPort": port}));
        }
        Gone::Command | Gone::Args => {
            let field = if *gone == Gone::Command { "command" } else { "args" };
            if lacks(field) {
                return no(format!("no {field} of its own"));
            }
            container(spec, name)[field] = Value::Null;
        }
    }
    Ok(())
}

fn list<'a>(value: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    value[field].as_array().into_iter().flatten()
}

fn mounts_of<'a>(container: &'a Value, volume: &VolumeName) -> impl Iterator<Item = &'a Value> {
    list(container, "volumeMounts").filter(|mount| mount["name"] == volume.as_str()).map(|mount| &mount["mountPath"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn web() -> (Target, Value) {
        let target = Target::new(crate::ops::Kind::built_in("deployment"), Name::new("web").unwrap()).unwrap();
        let live = json!({"spec": {"template": {"spec": {
            "containers": [
                {"name": "a", "image": "a", "readinessProbe": {"tcpSocket": {"port": 80}}, "volumeMounts": [{"name": "data", "mountPath": "/data"}],
                 "resources": {"limits": {"cpu": "1"}}},
                {"name": "b", "image": "b", "volumeMounts": [{"name": "data", "mountPath": "/b"}, {"name": "data", "mountPath": "/c"}]}],
            "initContainers": [{"name": "i", "image": "i", "volumeMounts": [{"name": "data", "mountPath": "/i"}]}],
            "volumes": [{"name": "data", "emptyDir": {}}],
            "tolerations": [{"key": "x", "operator": "Exists"}, {"key": "y", "operator": "Equal", "value": "1", "effect": "NoExecute"}]}}}});
        (target, live)
    }

    fn taken(gone: &[Gone], container: &str) -> Result<String, Absent> {
        let (target, live) = web();
        let op = take(&target, gone, Some(container), Some(&live))?;
        Ok(serde_json::to_value(op).unwrap()["patch"]["spec"]["template"]["spec"].to_string())
    }

    #[test]
    fn only_what_is_there_goes() {
        let volume = VolumeName::new("data").unwrap();
        let key = |key: &str| Some(LabelKey::new(key).unwrap());
        assert_eq!(taken(&[Gone::Probe(ProbeSort::Readiness)], "a").unwrap(), r#"{"containers":[{"name":"a","readinessProbe":null}]}"#);
        assert_eq!(taken(&[Gone::Probe(ProbeSort::Readiness)], "b"), Err(Absent::No("no readiness probe".into())));
        assert_eq!(
            taken(&[Gone::Mount(volume.clone())], "b").unwrap(),
            r#"{"containers":[{"name":"b","volumeMounts":[{"$patch":"delete","mountPath":"/b"},{"$patch":"delete","mountPath":"/c"}]}]}"#
        );
        let whole: Value = serde_json::from_str(&taken(&[Gone::Volume(volume)], "").unwrap()).unwrap();
        assert_eq!(whole["volumes"], json!([{"$patch": "delete", "name": "data"}]));
        assert_eq!(whole["containers"].as_array().unwrap().len(), 2);
        assert_eq!(whole["initContainers"][0], json!({"name": "i", "volumeMounts": [{"$patch": "delete", "mountPath": "/i"}]}));
        assert_eq!(
            taken(&[Gone::Tolerations(key("x"), None, None), Gone::Tolerations(key("y"), None, None)], "").unwrap(),
            r#"{"tolerations":[]}"#
        );
        assert_eq!(taken(&[Gone::Tolerations(key("y"), None, Some(Effect::NoSchedule))], ""), Err(Absent::No("no such toleration".into())));
        assert_eq!(taken(&[Gone::Amount(Bound::Limit, Some(Resource::Memory))], "a"), Err(Absent::No("no memory limit".into())));
    }

    #[test]
    fn a_probe_is_changed_in_the_way_it_asks() {
        let (target, live) = web();
        let of = |tuned: &[Tuned], live: Option<&Value>| tune(&target, ProbeSort::Readiness, tuned, "a", live);
        let port = serde_json::to_value(of(&[Tuned::Port(Port::Number(81))], Some(&live)).unwrap()).unwrap();
        let spec = &port["patch"]["spec"]["template"]["spec"];
        assert_eq!(spec["containers"][0]["readinessProbe"], json!({"tcpSocket": {"port": 81}}));
        assert!(matches!(of(&[Tuned::Path("/x".into())], Some(&live)), Err(Absent::No(_))));
        assert!(matches!(of(&[Tuned::Port(Port::Number(81))], None), Err(Absent::Unknown(_))));
    }
}

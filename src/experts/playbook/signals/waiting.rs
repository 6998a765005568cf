//! Containers that cannot start: image, configuration, volume, sandbox, command.

use super::{pods::Container, *};
use regex::Regex;
use serde_json::json;
use std::sync::LazyLock;

const PULL: &[&str] =
    &["ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "RegistryUnavailable"];
const CONFIG: &[&str] = &["CreateContainerConfigError"];
const START: &[&str] =
    &["CreateContainerError", "RunContainerError", "PreCreateHookError", "PreStartHookError", "PostStartHookError", "StartError"];

static NOT_FOUND: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"(?i)(configmap|secret)s? "([^"]+)" not found"#).ok());
static NO_KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)couldn't find key (\S+) in (configmap|secret) (?:[^/\s]+/)?([^\s,]+)"#).ok());
static NO_MOUNT_KEY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i)references non-existent (config|secret) key: (\S+)").ok());

/// Every container of these pods that waits for something that will not come by itself. `class` is `pull`, `config`, `volume`,
/// `sandbox` or `start`.
pub fn waiting(pods: &Value, events: &Value) -> Value {
    Value::Array(all(pods).iter().filter(|p| !pods::over(p)).filter_map(|pod| one(pod, events)).collect())
}

fn one(pod: &Value, events: &Value) -> Option<Value> {
    let containers = pods::containers(pod);
    let stuck = containers.iter().find_map(|c| Some((c, class(text(c.status, "state.waiting.reason"))?)));
    if let Some((container, class)) = stuck {
        return Some(told(pod, container, class, events));
    }
    // ContainerCreating is ordinary; an event says when it is not.
    let creating = containers.is_empty()
        || containers.iter().any(|c| ["ContainerCreating", "PodInitializing"].contains(&text(c.status, "state.waiting.reason")));
    if !creating || text(pod, "status.phase") != "Pending" {
        return None;
    }
    let event = events::newest(events, pod, "Pod", |e| {
        ["FailedMount", "FailedAttachVolume", "FailedCreatePodSandBox"].contains(&text(e, "reason"))
    });
    let (reason, message) = (text(event, "reason"), one_line(text(event, "message")));
    let class = match reason {
        "" => return None,
        "FailedCreatePodSandBox" => "sandbox",
        _ => "volume",
    };
    let missing = missing(message);
    let cause = match (class, missing.is_null()) {
        ("sandbox", _) => format!("the node cannot set up the pod's network: {}", cut(message, 140)),
        (_, false) => sentence(&missing),
        (_, true) if message.contains("Multi-Attach") => "its volume is still attached to another node".into(),
        (_, true) => format!("its volume cannot be mounted: {}", cut(message, 140)),
    };
    Some(pods::view(
        pod,
        json!({"container": "", "class": class, "reason": reason, "message": cut(message, 280), "cause": cause, "image": "", "missing": missing}),
    ))
}

fn class(reason: &str) -> Option<&'static str> {
    match reason {
        r if PULL.contains(&r) => Some("pull"),
        r if CONFIG.contains(&r) => Some("config"),
        r if START.contains(&r) => Some("start"),
        _ => None,
    }
}

fn told(pod: &Value, container: &Container<'_>, class: &str, events: &Value) -> Value {
    let reason = text(container.status, "state.waiting.reason");
    let image = Some(text(container.spec, "image")).filter(|i| !i.is_empty()).unwrap_or(text(container.status, "image"));
    let mut message = one_line(text(container.status, "state.waiting.message"));
    if class == "pull" && (message.is_empty() || message.to_lowercase().starts_with("back-off")) && !message.contains(": ") {
        // The back-off hides the registry's own words; the event that came before has them.
        let event = events::newest(events, pod, "Pod", |e| {
            text(e, "reason") == "Failed" && text(e, "message").contains("ull") && text(e, "message").contains(": ")
        });
        let said = one_line(text(event, "message"));
        message = if said.is_empty() { message } else { said };
    }
    let missing = if class == "config" { missing(message) } else { Value::Null };
    let cause = match class {
        "pull" => images::cause(reason, message, image),
        "config" if !missing.is_null() => sentence(&missing),
        "config" if message.contains("runAsNonRoot") => format!("image {image} runs as root, and the pod forbids it (runAsNonRoot)"),
        "config" => cut(message, 160),
        _ if crashes::no_command(message) => format!("its command cannot be run: {}", cut(crashes::short_start_error(message), 120)),
        _ => cut(message, 160),
    };
    let cause = if cause.is_empty() { reason.to_string() } else { cause };
    pods::view(
        pod,
        json!({
            "container": text(container.status, "name"), "class": class, "reason": reason, "message": cut(message, 280),
            "cause": cause, "image": image, "missing": missing,
        }),
    )
}

/// Which object or key a sentence of the kubelet misses: `{kind, name, key}`, or null.
pub fn missing(message: &str) -> Value {
    if let Some(found) = NOT_FOUND.as_ref().and_then(|r| r.captures(message)) {
        return json!({"kind": found[1].to_lowercase(), "name": &found[2], "key": ""});
    }
    if let Some(found) = NO_KEY.as_ref().and_then(|r| r.captures(message)) {
        return json!({"kind": found[2].to_lowercase(), "name": &found[3], "key": &found[1]});
    }
    if let Some(found) = NO_MOUNT_KEY.as_ref().and_then(|r| r.captures(message)) {
        let kind = if found[1].eq_ignore_ascii_case("config") { "configmap" } else { "secret" };
        return json!({"kind": kind, "name": "", "key": &found[2]});
    }
    Value::Null
}

fn sentence(missing: &Value) -> String {
    let (kind, name, key) = (text(missing, "kind"), text(missing, "name"), text(missing, "key"));
    match (name, key) {
        (name, "") => format!("{kind} {name} does not exist"),
        ("", key) => format!("key {key} is not in its {kind}"),
        (name, key) => format!("{kind} {name} has no key {key}"),
    }
}

//! Containers that cannot start: image, configuration, volume, sandbox, command.

use super::{pods::Container, *};
use crate::experts::signals::{
    exits, images,
    missing::{self, Missing},
};
use serde_json::json;

const PULL: &[&str] =
    &["ImagePullBackOff", "ErrImagePull", "ErrImageNeverPull", "InvalidImageName", "ImageInspectError", "RegistryUnavailable"];
const CONFIG: &[&str] = &["CreateContainerConfigError"];
const START: &[&str] =
    &["CreateContainerError", "RunContainerError", "PreCreateHookError", "PreStartHookError", "PostStartHookError", "StartError"];

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
    let missing = missing::of(message);
    let cause = match (class, &missing) {
        ("sandbox", _) => format!("the node cannot set up the pod's network: {}", cut(message, 140)),
        (_, Some(missing)) => missing.sentence(),
        (_, None) if message.contains("Multi-Attach") => "its volume is still attached to another node".into(),
        (_, None) => format!("its volume cannot be mounted: {}", cut(message, 140)),
    };
    Some(pods::view(
        pod,
        json!({"container": "", "class": class, "reason": reason, "message": cut(message, 280), "cause": cause, "image": "", "missing": shown(missing.as_ref())}),
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
    let missing = (class == "config").then(|| missing::of(message)).flatten();
    let cause = match (class, &missing) {
        ("pull", _) => images::cause(reason, message, image),
        ("config", Some(missing)) => missing.sentence(),
        ("config", None) if message.contains("runAsNonRoot") => {
            format!("image {image} runs as root, and the pod forbids it (runAsNonRoot)")
        }
        ("config", None) => cut(message, 160),
        _ if exits::no_command(message) => format!("its command cannot be run: {}", cut(exits::short_start_error(message), 120)),
        _ => cut(message, 160),
    };
    let cause = if cause.is_empty() { reason.to_string() } else { cause };
    pods::view(
        pod,
        json!({
            "container": text(container.status, "name"), "class": class, "reason": reason, "message": cut(message, 280),
            "cause": cause, "image": image, "missing": shown(missing.as_ref()),
        }),
    )
}

fn shown(missing: Option<&Missing>) -> Value {
    missing.map_or(Value::Null, |m| json!({"kind": m.kind.to_lowercase(), "name": m.name, "key": m.key}))
}

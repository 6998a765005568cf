//! Volume claims that are not bound.

use super::*;
use jiff::Timestamp;
use serde_json::json;

/// Claims that are Pending or Lost, and why. One that only waits for its first pod is left out.
pub fn claims(claims: &Value, events: &Value, now: Timestamp) -> Value {
    let each = all(claims).iter().filter_map(|claim| {
        let phase = text(claim, "status.phase");
        let age = times::seconds(at(claim, "metadata.creationTimestamp"), now);
        let event = events::newest(events, claim, "PersistentVolumeClaim", |e| {
            ["ProvisioningFailed", "FailedBinding", "WaitForFirstConsumer", "ExternalProvisioning", "WaitForPodScheduled"].contains(&text(e, "reason"))
        });
        let message = one_line(text(event, "message"));
        let class = text(claim, "spec.storageClassName");
        let cause = match (phase, text(event, "reason")) {
            ("Lost", _) => "its volume is gone".to_string(),
            ("Pending", "WaitForFirstConsumer" | "WaitForPodScheduled") => return None,
            ("Pending", "ProvisioningFailed") if message.contains("not found") => format!("storage class {class} does not exist"),
            ("Pending", "ProvisioningFailed" | "FailedBinding") => cut(message, 160),
            ("Pending", "ExternalProvisioning") => format!("its provisioner has not made a volume yet: {}", cut(message, 120)),
            ("Pending", _) if age > 60 => if class.is_empty() { "it has no storage class and no volume fits".into() } else { format!("no volume yet from storage class {class}") },
            _ => return None,
        };
        // Without its events (only warnings may have been read) a young claim, or one that waits for its pod, says nothing.
        let weak = phase == "Pending" && event.is_null();
        Some(json!({
            "name": text(claim, "metadata.name"), "namespace": text(claim, "metadata.namespace"), "phase": phase, "cause": cause, "weak": weak,
            "line": format!("persistentvolumeclaim {} is {phase} for {}", text(claim, "metadata.name"), times::span(age)),
        }))
    });
    Value::Array(each.collect())
}

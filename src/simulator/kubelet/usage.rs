//! What containers use: what their script says, or plausible figures worked out from what they ask for.
use super::{
    script::Usage,
    unit::{State, Unit},
};
use crate::simulator::{cluster::Cluster, controllers::requests, json::text};
use crate::terms::quantity::Quantity;
use serde_json::{Value, json};

/// CPU and memory that a container uses now; None where it does not run or nobody measures it.
///
/// Without a script it is some third of the CPU and half of the memory it asks for; a little, if it asks for nothing.
pub(in crate::simulator) fn usage(cluster: &Cluster, pod: &Value, container: &Value) -> Option<(Quantity, Quantity)> {
    let uid = text(pod, "/metadata/uid");
    let runs = |u: &&Unit| u.name == text(container, "/name") && matches!(u.state, State::Running { .. });
    let unit = cluster.kubelet.plays.get(uid)?.units.iter().find(runs)?;
    let (cpu, memory) = match &unit.script.usage {
        Some(Usage::Unknown) => return None,
        Some(Usage::Of { cpu, memory }) => (cpu.as_deref(), memory.as_deref()),
        None => (None, None),
    };
    let said = |text: Option<&str>| text.and_then(|t| t.parse::<Quantity>().ok());
    let spread = i64::from(uid.bytes().fold(0_u8, u8::wrapping_add)) % 20;
    let asked = requests(&json!({"spec": {"containers": [container]}}));
    let some_cpu = asked.get("cpu").map_or(4, |milli| milli * (25 + spread) / 100).max(1);
    let some_memory = asked.get("memory").map_or(24 << 20, |milli| milli / 100_000 * (45 + spread));
    Some((said(cpu).unwrap_or(Quantity::milli(some_cpu)), said(memory).unwrap_or(Quantity::bytes(some_memory >> 10 << 10))))
}

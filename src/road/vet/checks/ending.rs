//! Whether the object, or the namespace it is in, is being deleted already.

use super::{Findings, Sight, list, said, text};
use crate::{
    facts::Facts,
    ops::{Call, Kind, Lookup, Name, Target},
};
use serde_json::Value;

fn namespace(call: &Call) -> Option<Call> {
    let name = Name::new(call.namespace()?.as_str()).ok()?;
    Some(Call::get(&Target::new(Kind::built_in("namespaces"), name).ok()?))
}

pub(super) fn looks(call: &Call, _: &Facts) -> Vec<Call> {
    namespace(call).into_iter().collect()
}

fn deleted(object: &Value) -> Option<&str> {
    object.pointer("/metadata/deletionTimestamp").and_then(Value::as_str)
}

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    // Who may not read namespaces is told nothing of them: this is a help, and the server refuses what cannot be made there.
    if let Some(look) = namespace(sight.call)
        && let Lookup::Known(place) = sight.facts.look(&look)
        && deleted(&place).is_some()
    {
        findings.warn(
            "namespace-ending",
            format!("namespace/{} is being deleted, and {} with it", text(&place, "/metadata/name"), said(sight.call)),
        );
    }
    let Some((object, since)) = sight.before.and_then(|object| Some((object, deleted(object)?))) else { return };
    let holds: Vec<_> = list(object, "/metadata/finalizers").iter().filter_map(Value::as_str).collect();
    let held = if holds.is_empty() { String::new() } else { format!("; it waits for {}", holds.join(", ")) };
    findings.warn("ending", format!("{} is being deleted already, since {since}{held}", said(sight.call)));
}

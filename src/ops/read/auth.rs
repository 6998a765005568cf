//! Who one is and what one may do: `kubectl auth can-i`, `kubectl auth whoami`.

mod can_i;
mod whoami;

pub use can_i::CanI;
pub use whoami::Whoami;

use crate::ops::{Call, CannotDo, Kind, Reply, look::first_object};
use serde_json::{Value, json};

/// A review: a question that the server answers in place.
fn ask(kind: Kind, spec: Value) -> Call {
    Call::create(kind, None, json!({"apiVersion": kind.api_version(), "kind": kind.info().kind, "spec": spec}))
}

/// The answer to it.
fn answered(calls: &[Call], replies: &[Reply]) -> Result<Value, CannotDo> {
    first_object(calls, replies)
}

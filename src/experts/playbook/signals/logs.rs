//! The line of a log that tells why a program ended, as a view.

use super::*;
use crate::experts::signals::logs;
use serde_json::json;

/// `{cause, line, sure, env, host, port, kind}`, or null for an empty log. `cause` is the line without time and level; `sure`
/// where the line says of itself that it is one; `kind` is `env`, `host`, `refused` or empty.
pub fn cause(lines: &Value) -> Value {
    logs::cause(all(lines).iter().filter_map(Value::as_str)).map_or(Value::Null, |told| {
        json!({
            "cause": told.cause, "line": told.line, "sure": told.sure, "env": told.env, "host": told.host, "port": told.port,
            "kind": told.kind.word(),
        })
    })
}

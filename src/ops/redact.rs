//! What of an object may be shown and written down: everything but the values of Secrets.

use serde_json::Value;

/// The same value with every Secret's data, wherever it stands inside, replaced by its key's mere presence.
pub fn redacted(mut value: Value) -> Value {
    hide(&mut value);
    value
}

fn hide(value: &mut Value) {
    match value {
        Value::Object(map) => {
            if map.get("kind").and_then(Value::as_str) == Some("Secret") {
                for field in ["data", "stringData"] {
                    if let Some(Value::Object(data)) = map.get_mut(field) {
                        for held in data.values_mut() {
                            if !held.as_str().is_some_and(|v| v.starts_with("<redacted")) {
                                *held = Value::String("<redacted>".into());
                            }
                        }
                    }
                }
                if let Some(Value::Object(annotations)) = map.get_mut("metadata").and_then(|m| m.get_mut("annotations")) {
                    annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
                }
            }
            map.values_mut().for_each(hide);
        }
        Value::Array(list) => list.iter_mut().for_each(hide),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    proptest! {
        #[test]
        fn no_secret_value_stays(secret in "[A-Za-z0-9+/]{6,40}", depth in 0usize..5) {
            let mut value = json!({"kind": "Secret", "data": {"password": secret}, "stringData": {"x": secret},
                "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": format!("{{\"data\":\"{secret}\"}}")}}});
            for _ in 0..depth {
                value = json!({"objects": [value, 1]});
            }
            let text = redacted(value).to_string();
            let quoted = format!("\"{secret}\"");
            prop_assert!(!text.contains(&quoted));
            prop_assert!(!text.contains("last-applied"));
            prop_assert!(text.contains("password"));
        }
    }
}

//! Checks of workloads and of what scales and guards them. Source: `pkg/apis/{apps,batch,policy}/validation`.
use super::{Spot, schedule, when};
use crate::simulator::{json::text, refusal::Cause};
use serde_json::Value;

/// Runs a check of this file; None: there is none of that name.
pub(super) fn run(check: &str, args: &str, spot: &Spot) -> Option<Vec<Cause>> {
    let (value, root) = (spot.value, spot.root);
    Some(match check {
        "strategy" | "strategy-word" => {
            let known: Vec<&str> = args.split(' ').collect();
            let given = format!("{{\"Type\":{},\"RollingUpdate\":null}}", value["type"]);
            let said = |quote: &str, between: &str| known.iter().map(|w| format!("{quote}{w}{quote}")).collect::<Vec<_>>().join(between);
            let cause = if check == "strategy" {
                let message = format!("Unsupported value: {given}: supported values: {}", said("\"", ", "));
                Cause::told("FieldValueNotSupported", spot.field, message)
            } else {
                Cause::told("FieldValueInvalid", spot.field, format!("Invalid value: {given}: must be {}", said("'", " or ")))
            };
            when(!value.is_null() && !known.contains(&text(value, "/type")), vec![cause])
        }
        "own-selector" => {
            let labels = value["matchLabels"].as_object();
            let uid = &root["metadata"]["uid"];
            let generated = labels.is_some_and(|l| l.len() == 1 && l.get("batch.kubernetes.io/controller-uid") == Some(uid));
            when(root.pointer("/spec/manualSelector") != Some(&true.into()) && !generated, spot.invalid("`selector` not auto-generated"))
        }
        "schedule" if spot.word().contains("TZ") => spot.invalid("cannot use TZ or CRON_TZ in schedule, use timeZone field instead"),
        "schedule" => schedule::check(spot.word()).err().into_iter().flat_map(|why| spot.invalid(&why)).collect(),
        "zone" => {
            let known = jiff::tz::db().is_definitively_empty() || jiff::tz::db().get(spot.word()).is_ok();
            when(!known, spot.invalid(&format!("unknown time zone {}", spot.word())))
        }
        "ends" => match spot.word() {
            "OnFailure" | "Never" => Vec::new(),
            "Always" => spot.required("valid values: \"OnFailure\", \"Never\""),
            _ => vec![Cause::unsupported(spot.field, value, &["OnFailure", "Never"])],
        },
        "one-bound" => {
            let said = |field: &str| value.get(field).unwrap_or(&Value::Null);
            let (least, most) = (said("minAvailable"), said("maxUnavailable"));
            let message = format!(
                "Invalid value: {{\"MinAvailable\":{least},\"Selector\":{},\"MaxUnavailable\":{most},\"UnhealthyPodEvictionPolicy\":{}}}: minAvailable and maxUnavailable cannot be both set",
                said("selector"),
                said("unhealthyPodEvictionPolicy"),
            );
            when(!least.is_null() && !most.is_null(), vec![Cause::told("FieldValueInvalid", spot.field, message)])
        }
        _ => return None,
    })
}

//! What playbooks can ask beyond CEL itself: ages, selectors, and what the signals of a cluster mean.

use super::{
    expr::{from_cel, to_cel},
    signals,
};
use cel::{Context, ExecutionError, extractors::Arguments};
use jiff::Timestamp;
use serde_json::Value;

type Function = fn(&[Value], Timestamp) -> Value;

/// Every function, by name, with how many arguments it takes and what it answers.
pub const TABLE: &[(&str, usize, Function, &str)] = &[
    ("age", 1, |a, now| signals::times::age(&a[0], now), "how old a time stamp is, as kubectl writes it: 4m"),
    ("seconds", 1, |a, now| signals::times::seconds(&a[0], now).into(), "how many seconds ago a time stamp was; -1 for none"),
    ("list", 1, |a, _| signals::list(&a[0]), "the list, or an empty one for what is no list (a read that failed)"),
    ("first", 1, |a, _| a[0].as_array().and_then(|l| l.first()).cloned().unwrap_or(Value::Null), "the first of a list, or null"),
    ("last", 1, |a, _| a[0].as_array().and_then(|l| l.last()).cloned().unwrap_or(Value::Null), "the last of a list, or null"),
    ("flat", 1, |a, _| signals::flat(&a[0]), "a list of lists as one list"),
    (
        "at",
        2,
        |a, _| signals::at(&a[0], a[1].as_str().unwrap_or_default()).clone(),
        "the field at a path: at(pod, 'status.phase'); null where there is none",
    ),
    ("distinct", 1, |a, _| signals::distinct(&a[0]), "a list without repetitions"),
    ("count", 2, |a, _| signals::count(&a[0], &a[1]), "`1 pod`, `3 pods`"),
    ("selector", 1, |a, _| signals::labels::selector(&a[0]), "a label selector as kubectl writes it"),
    ("selects", 2, |a, _| signals::labels::selects(&a[0], &a[1]).into(), "whether a selector matches labels; an empty one matches nothing"),
    (
        "near_miss",
        2,
        |a, _| signals::labels::near_miss(&a[0], &a[1]),
        "the pods whose labels come closest to a selector, and what differs; null if none comes near",
    ),
    (
        "crashes",
        2,
        |a, now| signals::crashes::crashes(&a[0], &a[1], now),
        "containers of these pods that crash or crashed lately, by these events",
    ),
    ("waiting", 2, |a, _| signals::waiting::waiting(&a[0], &a[1]), "containers that cannot start, and why"),
    ("pending", 2, |a, now| signals::scheduling::pending(&a[0], &a[1], now), "pods that no node takes, and why"),
    ("unready", 2, |a, now| signals::unready::unready(&a[0], &a[1], now), "pods that run and are not ready, and why"),
    ("lost", 2, |a, now| signals::unready::lost(&a[0], &a[1], now), "pods that are evicted, lost, failed, or stuck while terminating"),
    ("pods", 1, |a, _| signals::pods::table(&a[0]), "pods in short: name, ready, phase, workload"),
    ("log_cause", 1, |a, _| signals::logs::cause(&a[0]), "the line of a log that tells why a program ended"),
    ("told", 3, |a, _| signals::told::told(&a[0], &a[1], &a[2]), "crashes with what their logs say: title, why, log"),
    (
        "with_services",
        3,
        |a, _| signals::told::with_services(&a[0], &a[1], &a[2]),
        "the same with the Service they fail to reach, given Services and EndpointSlices",
    ),
    ("service_of", 3, |a, _| signals::services::service_of(&a[0], &a[1], &a[2]), "the Service that a host name means, in that namespace"),
    ("workloads", 1, |a, now| signals::workloads::workloads(&a[0], now), "workloads in short: wanted, ready, paused, stalled"),
    ("rollout", 2, |a, _| signals::workloads::rollout(&a[0], &a[1]), "which revision does not come up and which still serves"),
    ("refusals", 2, |a, now| signals::workloads::refusals(&a[0], &a[1], now), "why pods cannot be created: quota, policy, webhook"),
    ("nodes", 1, |a, now| signals::nodes::nodes(&a[0], now), "nodes in short: ready, pressure, cordoned"),
    ("ports", 2, |a, _| signals::services::ports(&a[0], &a[1]), "ports of a Service whose target no pod has"),
    ("warnings", 1, |a, now| signals::events::warnings(&a[0], now), "warning events of the last hour, grouped by object and reason"),
    ("claims", 2, |a, now| signals::claims::claims(&a[0], &a[1], now), "volume claims that are not bound, and why"),
];

/// Adds them all to a context.
pub fn add(context: &mut Context<'_, '_>, now: Timestamp) {
    for (name, arity, function, _) in TABLE {
        let call = move |Arguments(args): Arguments| {
            if args.len() != *arity {
                return Err(ExecutionError::invalid_argument_count(*arity, args.len()));
            }
            let args: Vec<Value> = args.iter().map(from_cel).collect();
            Ok(to_cel(&function(&args, now)))
        };
        // A name that CEL has already would be refused here; a test asks for each by its name.
        let _ = context.add_function(name, call);
    }
}

/// Whether CEL or this table has a function of that name.
pub fn known(name: &str) -> bool {
    const CEL: &[&str] = &[
        "size",
        "contains",
        "startsWith",
        "endsWith",
        "matches",
        "string",
        "int",
        "uint",
        "double",
        "bool",
        "type",
        "dyn",
        "duration",
        "timestamp",
        "has",
        "join",
        "split",
        "lowerAscii",
        "upperAscii",
        "trim",
        "replace",
        "substring",
        "indexOf",
        "lastIndexOf",
        "format",
        "quote",
        "charAt",
        "min",
        "max",
        "orValue",
        "or",
        "hasValue",
        "value",
        "optional.of",
        "optional.none",
        "optMap",
        "in",
        "reverse",
    ];
    !name.chars().next().is_some_and(char::is_alphabetic) || CEL.contains(&name) || TABLE.iter().any(|(n, ..)| *n == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experts::playbook::expr::{Expr, Scope};
    use std::collections::BTreeMap;

    #[test]
    fn each_can_be_called_and_survives_anything() {
        let values = BTreeMap::new();
        let scope = Scope { values: &values, it: None, now: Timestamp::UNIX_EPOCH };
        for (name, arity, ..) in TABLE {
            for junk in ["null", "[]", "{}", "'x'", "-1", "[null, 'x', {'metadata': 3}]"] {
                let expr = Expr::new(&format!("{name}({})", vec![junk; *arity].join(", ")), 1, 1);
                let value = expr.eval(&scope);
                assert!(value.is_ok(), "{name}: {value:?}");
            }
            assert!(Expr::new(&format!("{name}()"), 1, 1).eval(&scope).is_err(), "{name}");
        }
    }
}

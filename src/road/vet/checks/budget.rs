//! Whether a disruption budget would have held back what ends a pod: it stops evictions, and not deletions.
//! Source: <https://kubernetes.io/docs/tasks/run-application/configure-pdb/>.

use super::{Findings, Sight, list, said, text};
use crate::{
    facts::Facts,
    ops::{Action, Call, Kind},
    terms::selector::LabelSelector,
};
use serde_json::Value;

fn budgets(call: &Call) -> Call {
    Call::list(Kind::built_in("poddisruptionbudgets"), call.namespace())
}

fn ends_a_pod(call: &Call) -> bool {
    // Evictions are held back by the server itself, and told by the verb that makes them.
    call.is_about("pods", "") && matches!(call.action, Action::Delete { .. })
}

pub(super) fn looks(call: &Call, _: &Facts) -> Vec<Call> {
    if ends_a_pod(call) { vec![budgets(call)] } else { Vec::new() }
}

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let Some(pod) = sight.before.filter(|_| ends_a_pod(sight.call)) else { return };
    let Some(all) = findings.known(sight.facts.look(&budgets(sight.call)), "whether a disruption budget protects it") else { return };
    let labels = pod.pointer("/metadata/labels").unwrap_or(&Value::Null);
    let protects = |budget: &&Value| {
        let spent = budget.pointer("/status/disruptionsAllowed").and_then(Value::as_u64) == Some(0);
        let selector = budget.pointer("/spec/selector").map(LabelSelector::from_json);
        spent && selector.is_some_and(|s| s.is_ok_and(|s| s.matches_json(labels)))
    };
    for budget in list(&all, "/items").iter().filter(protects) {
        let name = text(budget, "/metadata/name");
        findings.warn(
            "budget",
            format!("poddisruptionbudget/{name} allows no disruption now; a deletion of {} goes around it", said(sight.call)),
        );
    }
}

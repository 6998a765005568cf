//! Which operations need how much caution: rules as data, each with lines it must and must not match.
//!
//! The strictest matching rule wins. Rules speak of operations, never of text.

use super::{Reason, Verdict};
use crate::ops::{Impact, Kind, Op, Target};
use serde_json::Value;

/// The rules in force. Values of this type exist only where they could be read; see [`Policy::closed`] for when they could not.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    read_only: bool,
    unreadable: Option<String>,
}

/// One rule on operations.
pub struct Rule {
    /// Stable id.
    pub id: &'static str,
    /// What it asks for.
    pub verdict: Verdict,
    /// One sentence, for the question.
    pub why: &'static str,
    /// Whether it speaks of that operation.
    pub applies: fn(&Op) -> bool,
    /// kubectl lines it must match.
    pub matches: &'static [&'static str],
    /// kubectl lines it must not match.
    pub spares: &'static [&'static str],
}

/// The built-in rules.
pub const RULES: &[Rule] = &[
    Rule {
        id: "change",
        verdict: Verdict::Confirm,
        why: "it changes the cluster",
        applies: |op| op.verb().impact() > Impact::Reads,
        matches: &["kubectl scale deployment/web --replicas=2", "kubectl label node/n1 disk=ssd"],
        spares: &["kubectl get pods", "kubectl logs web"],
    },
    Rule {
        id: "delete-namespace",
        verdict: Verdict::ConfirmTyped,
        why: "everything in the namespace goes with it",
        applies: |op| deletes(op, &[("namespaces", "")]),
        matches: &["kubectl delete ns staging"],
        spares: &["kubectl delete pod web", "kubectl create namespace staging"],
    },
    Rule {
        id: "delete-workload",
        verdict: Verdict::ConfirmTyped,
        why: "its pods end with it",
        applies: |op| {
            deletes(
                op,
                &[
                    ("deployments", "apps"),
                    ("statefulsets", "apps"),
                    ("daemonsets", "apps"),
                    ("replicasets", "apps"),
                    ("replicationcontrollers", ""),
                    ("jobs", "batch"),
                    ("cronjobs", "batch"),
                ],
            )
        },
        matches: &["kubectl delete deployment my-app", "kubectl delete sts/db", "kubectl delete cronjob nightly"],
        spares: &["kubectl delete pod web", "kubectl delete secret my-tls-cert", "kubectl delete service web"],
    },
    Rule {
        id: "delete-storage",
        verdict: Verdict::ConfirmTyped,
        why: "the data on it may be lost",
        applies: |op| {
            deletes(
                op,
                &[
                    ("persistentvolumeclaims", ""),
                    ("persistentvolumes", ""),
                    ("storageclasses", "storage.k8s.io"),
                    ("volumeattachments", "storage.k8s.io"),
                ],
            )
        },
        matches: &["kubectl delete pvc data-db-0", "kubectl delete pv pv-1"],
        spares: &["kubectl get pvc"],
    },
    Rule {
        id: "delete-infrastructure",
        verdict: Verdict::ConfirmTyped,
        why: "the cluster itself stands on it",
        applies: |op| {
            deletes(
                op,
                &[
                    ("nodes", ""),
                    ("customresourcedefinitions", "apiextensions.k8s.io"),
                    ("apiservices", "apiregistration.k8s.io"),
                    ("validatingwebhookconfigurations", "admissionregistration.k8s.io"),
                    ("mutatingwebhookconfigurations", "admissionregistration.k8s.io"),
                    ("priorityclasses", "scheduling.k8s.io"),
                    ("csidrivers", "storage.k8s.io"),
                ],
            )
        },
        matches: &["kubectl delete node n1", "kubectl delete crd widgets.example.com"],
        spares: &["kubectl cordon n1"],
    },
    Rule {
        id: "delete-access",
        verdict: Verdict::ConfirmTyped,
        why: "somebody loses access by it",
        applies: |op| deletes_group(op, "rbac.authorization.k8s.io"),
        matches: &["kubectl delete clusterrolebinding admin", "kubectl delete rolebinding ci", "kubectl delete role reader"],
        spares: &["kubectl get rolebinding ci"],
    },
    Rule {
        id: "system-namespace",
        verdict: Verdict::ConfirmTyped,
        why: "it is in a namespace the cluster itself runs in",
        applies: |op| op.verb().impact() > Impact::Reads && op.verb().targets().iter().any(is_system),
        matches: &["kubectl delete pod coredns-1 -n kube-system", "kubectl scale deployment/coredns --replicas=0 -n kube-system"],
        spares: &["kubectl get pods -n kube-system", "kubectl delete pod web -n prod"],
    },
];

fn deletes(op: &Op, kinds: &[(&str, &str)]) -> bool {
    matches!(op, Op::Delete(d) if d.kinds().any(|kind| kinds.iter().any(|(plural, group)| kind.is(plural, group))))
}

fn deletes_group(op: &Op, group: &str) -> bool {
    matches!(op, Op::Delete(d) if d.kinds().any(|kind| kind.info().group == group))
}

fn is_system(target: &Target) -> bool {
    let system = |ns: &str| ns == "kube-system" || ns == "kube-public" || ns == "kube-node-lease";
    target.namespace().is_some_and(|ns| system(ns.as_str())) || (target.kind().is("namespaces", "") && system(target.name().as_str()))
}

impl Policy {
    /// The built-in rules; with `read_only`, every change is forbidden.
    pub fn built_in(read_only: bool) -> Policy {
        Policy { read_only, unreadable: None }
    }

    /// What is in force when a policy could not be read: reads go on, changes are forbidden.
    pub fn closed(why: impl Into<String>) -> Policy {
        Policy { read_only: true, unreadable: Some(why.into()) }
    }

    /// Whether changes are forbidden altogether.
    pub fn read_only(&self) -> bool {
        self.read_only
    }

    /// What one operation needs, and why; the strictest rule first.
    pub fn judge(&self, op: &Op) -> (Verdict, Vec<Reason>) {
        let mut reasons: Vec<Reason> = RULES
            .iter()
            .filter(|rule| (rule.applies)(op))
            .map(|rule| Reason { id: rule.id.into(), verdict: rule.verdict, sentence: rule.why.into() })
            .collect();
        if self.read_only && op.verb().impact() > Impact::Reads {
            let sentence = match &self.unreadable {
                Some(why) => format!("the policy could not be read ({why}), so nothing may be changed"),
                None => "aiops was started read-only".into(),
            };
            reasons.push(Reason { id: "read-only".into(), verdict: Verdict::Forbid, sentence });
        }
        reasons.sort_by_key(|r| std::cmp::Reverse(r.verdict));
        (reasons.first().map_or(Verdict::Allow, |r| r.verdict), reasons)
    }

    /// The object whose name has to be typed for an operation that needs one: of several, the first that needs it by itself.
    pub fn named(&self, op: &Op) -> Option<Target> {
        let alone = |target: &Target| match op {
            Op::Delete(delete) => {
                let one = crate::ops::Delete { targets: vec![target.clone()], ..delete.clone() };
                self.judge(&one.into()).0 >= Verdict::ConfirmTyped
            }
            _ => true,
        };
        let targets = op.verb().targets();
        targets.iter().find(|t| alone(t)).or(targets.first()).cloned()
    }

    /// What the dry run's after-image needs beyond the verb: fields that give power are seen here whichever verb sets them.
    /// Sources: Pod Security Standards (baseline), RBAC's own escalation rules.
    pub fn judge_image(&self, kind: Kind, before: Option<&Value>, after: &Value) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let mut add = |id: &str, sentence: String| {
            reasons.push(Reason { id: id.into(), verdict: Verdict::ConfirmTyped, sentence });
        };
        for (id, sentence) in powers(after) {
            if !before.is_some_and(|b| powers(b).iter().any(|(had, _)| *had == id)) {
                add(id, sentence);
            }
        }
        if kind.info().group == "rbac.authorization.k8s.io" && before != Some(after) {
            if after.pointer("/roleRef/name").and_then(Value::as_str) == Some("cluster-admin") {
                add("binds-cluster-admin", "it gives cluster-admin, which may do everything".into());
            } else if kind.info().plural.ends_with("bindings") {
                add("binding", "it gives somebody rights".into());
            } else if after.pointer("/rules").is_some_and(has_star) {
                add("star-rule", "it allows everything on something (`*`)".into());
            }
        }
        if kind.info().group == "admissionregistration.k8s.io" {
            add("webhook", "a webhook can stop or change every write to the cluster".into());
        }
        reasons
    }
}

fn has_star(rules: &Value) -> bool {
    rules.as_array().is_some_and(|rules| {
        rules.iter().any(|rule| ["verbs", "resources"].iter().any(|f| rule[f].as_array().is_some_and(|list| list.iter().any(|v| v == "*"))))
    })
}

/// What a pod template may do to its node.
fn powers(object: &Value) -> Vec<(&'static str, String)> {
    let spec = ["/spec/jobTemplate/spec/template/spec", "/spec/template/spec", "/spec"].iter().find_map(|p| object.pointer(p));
    let Some(spec) = spec.filter(|s| s.get("containers").is_some()) else { return Vec::new() };
    let mut powers = Vec::new();
    for field in ["hostNetwork", "hostPID", "hostIPC"] {
        if spec[field] == true {
            powers.push(("host-namespace", format!("its pods share the node's own {}", &field[4..])));
        }
    }
    if spec["volumes"].as_array().is_some_and(|v| v.iter().any(|v| v.get("hostPath").is_some())) {
        powers.push(("host-path", "its pods mount a folder of the node".into()));
    }
    let containers = ["containers", "initContainers"].iter().filter_map(|f| spec[f].as_array()).flatten();
    for c in containers {
        if c.pointer("/securityContext/privileged") == Some(&Value::Bool(true)) {
            powers.push(("privileged", format!("container {} is privileged: it is root on the node", c["name"].as_str().unwrap_or("?"))));
        }
        if let Some(added) = c.pointer("/securityContext/capabilities/add").and_then(Value::as_array)
            && added.iter().any(|c| ["SYS_ADMIN", "ALL", "NET_ADMIN", "SYS_PTRACE", "SYS_MODULE"].iter().any(|bad| c == bad))
        {
            powers.push(("capabilities", "it adds capabilities that reach outside the container".into()));
        }
    }
    powers
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_rule_matches_its_examples_and_spares_the_others() {
        for rule in RULES {
            for line in rule.matches {
                let op = Op::from_line(line).unwrap_or_else(|e| panic!("{line}: {e}"));
                assert!((rule.applies)(&op), "{} should match {line}", rule.id);
            }
            for line in rule.spares {
                let op = Op::from_line(line).unwrap_or_else(|e| panic!("{line}: {e}"));
                assert!(!(rule.applies)(&op), "{} should spare {line}", rule.id);
            }
        }
    }

    #[test]
    fn of_several_objects_the_one_that_needs_it_is_named() {
        let op = Op::from_line("kubectl delete configmap/settings deployment/web").unwrap();
        assert_eq!(Policy::built_in(false).named(&op).unwrap().slashed(), "deployment/web");
    }

    #[test]
    fn power_is_seen_whichever_verb_gives_it() {
        let kind = Kind::find("deployment").unwrap();
        let plain = json!({"spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}});
        let mut privileged = plain.clone();
        privileged["spec"]["template"]["spec"]["containers"][0]["securityContext"] = json!({"privileged": true});
        let policy = Policy::built_in(false);
        assert!(policy.judge_image(kind, None, &plain).is_empty());
        assert_eq!(policy.judge_image(kind, Some(&plain), &privileged)[0].id, "privileged");
        assert!(policy.judge_image(kind, Some(&privileged), &privileged).is_empty(), "it had that power before");
        let binding = json!({"roleRef": {"name": "cluster-admin"}});
        assert_eq!(policy.judge_image(Kind::find("rolebinding").unwrap(), None, &binding)[0].id, "binds-cluster-admin");
    }

    #[test]
    fn a_policy_that_cannot_be_read_forbids_changes_and_not_reads() {
        let policy = Policy::closed("line 3: no such verdict");
        assert_eq!(policy.judge(&Op::from_line("kubectl scale deployment/web --replicas=2").unwrap()).0, Verdict::Forbid);
        assert_eq!(policy.judge(&Op::from_line("kubectl get pods").unwrap()).0, Verdict::Allow);
    }
}

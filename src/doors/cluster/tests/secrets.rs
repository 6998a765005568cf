//! Secret values never leave.

use super::*;
use crate::{
    doors::cluster::{Sending, redact},
    facts::Need,
    ops::{Call, Form, PatchKind},
};
use base64::Engine as _;
use proptest::prelude::*;

const VALUE: &str = "c3dvcmRmaXNoLXN3b3JkZmlzaA==";
const PLAIN: &str = "swordfish-swordfish";

fn leaks(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text);
    text.contains(VALUE) || text.contains(PLAIN)
}

fn secret() -> Value {
    let applied = json!({"kind": "Secret", "stringData": {"password": PLAIN}, "data": {"token": VALUE}}).to_string();
    json!({"kind": "Secret", "apiVersion": "v1", "type": "Opaque",
        "metadata": {"name": "db", "namespace": "dev", "uid": "u-1", "resourceVersion": "41",
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": applied}, "labels": {"app": "db"}},
        "data": {"password": VALUE, "empty": ""}, "stringData": {"more": PLAIN}})
}

/// As a list holds it: without a kind.
fn item() -> Value {
    let mut item = secret();
    item.as_object_mut().unwrap().remove("kind");
    item
}

#[tokio::test]
async fn no_way_out_of_the_door_shows_a_value() {
    let (cluster, _) = fake(|seen, _| {
        let accept = seen.header("accept");
        if accept.contains("as=Table") {
            ok(
                json!({"kind": "Table", "columnDefinitions": [], "rows": [{"cells": ["db", "Opaque", 2], "object": {"kind": "PartialObjectMetadata", "metadata": secret()["metadata"]}}]}),
            )
        } else if seen.path.ends_with("/secrets") && seen.method == Method::GET {
            ok(json!({"kind": "SecretList", "items": [item()]}))
        } else {
            ok(secret())
        }
    });
    let db = target("secret", "db");
    let list = Call::list(db.kind(), db.namespace());
    let change = Call::patch(&db, PatchKind::Merge, json!({"data": {"password": "bmV3"}}));
    assert!(!leaks(&cluster.send(&Call::get(&db), Sending::Read).await.unwrap()));
    assert!(!leaks(&cluster.send(&list, Sending::Read).await.unwrap()));
    assert!(!leaks(&cluster.send(&change, Sending::Write(None)).await.unwrap()));
    for form in [Form::Json, Form::Table] {
        cluster.pages(&list.clone().shaped(form), |page| assert!(!leaks(&page))).await.unwrap();
        for reply in cluster.replies(&[list.clone().shaped(form), Call::get(&db).shaped(form)]).await {
            assert!(!leaks(&reply.body.into_known().unwrap()));
        }
    }
    let facts = cluster.gather(&[Need::Look(list.clone()), Need::Look(Call::get(&db)), Need::Names(db.kind(), None)]).await;
    assert!(!leaks(format!("{facts:?}").as_bytes()));
    assert!(!leaks(format!("{:?}", cluster.dry_run(&[change]).await).as_bytes()));

    // What is not a value stays, and the same value reads the same wherever it stands.
    let got: Value = serde_json::from_slice(&cluster.send(&Call::get(&db), Sending::Read).await.unwrap()).unwrap();
    assert_eq!((&got["type"], &got["metadata"]["labels"]["app"]), (&json!("Opaque"), &json!("db")));
    let marker = got["data"]["password"].as_str().unwrap();
    assert!(marker.starts_with("<redacted 19 bytes, ") && marker.ends_with("…>"), "{marker}");
    assert_eq!(got["stringData"]["more"], json!(marker));
    assert!(got["data"]["empty"].as_str().unwrap().starts_with("<redacted 0 bytes"));
}

#[tokio::test]
async fn a_refusal_does_not_quote_a_value() {
    let (cluster, _) = fake(|_, _| status(400, "BadRequest", &format!("decode: error found in #10 byte of ...|\"{PLAIN}\"|...")));
    let refused = cluster.send(&Call::get(&target("secret", "db")), Sending::Read).await.unwrap_err();
    assert!(!leaks(refused.message.as_bytes()), "{refused}");
    let (cluster, _) = fake(|_, _| format!("not json {PLAIN}").into_response());
    let refused = cluster.send(&Call::get(&target("secret", "db")), Sending::Read).await.unwrap_err();
    assert!(!leaks(refused.message.as_bytes()), "{refused}");
}

#[tokio::test]
async fn other_kinds_pass_byte_for_byte() {
    let text = "{\"kind\":\"Pod\",  \"spec\":{\"volumes\":[{\"secret\":{\"secretName\":\"db\"}}]}}";
    let (cluster, _) = fake(move |_, _| text.into_response());
    assert_eq!(cluster.send(&Call::get(&target("pod", "web")), Sending::Read).await.unwrap(), text.as_bytes());
    let (cluster, _) = fake(move |_, _| "log line about {\"kind\":\"Secret\" torn".into_response());
    let log = Call::get(&target("pod", "web")).on("log").shaped(Form::Text);
    assert!(cluster.send(&log, Sending::Read).await.is_ok());
}

/// Any JSON, with Secrets strewn in: alone, in lists, in annotations, with their values where they belong or not.
fn strewn() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!(7)),
        "[a-z]{0,4}".prop_map(Value::from),
        Just(secret()),
        Just(json!({"kind": "SecretList", "items": [item(), item()]})),
        Just(json!({"kind": "List", "items": [secret()]})),
        Just(json!({"kind": "Secret", "data": PLAIN})),
        Just(json!({"kind": "Secret", "data": {"k": [PLAIN, {"deep": VALUE}]}, "stringData": [PLAIN]})),
        Just(json!({"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": secret().to_string()}}})),
        Just(json!({"kind": "Secret", "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": PLAIN}}})),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("kind|data|items|spec|metadata|[a-z]{1,3}", inner, 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_value_of_a_secret_survives_at_any_depth(mut value in strewn()) {
        redact::redact(&mut value);
        prop_assert!(!leaks(value.to_string().as_bytes()), "{value}");
    }

    #[test]
    fn equal_values_read_equal_and_others_do_not(a in ".{0,12}", b in ".{0,12}") {
        let masked = |v: &str| {
            let mut secret = json!({"kind": "Secret", "data": {"k": base64::engine::general_purpose::STANDARD.encode(v)}});
            redact::redact(&mut secret);
            secret["data"]["k"].as_str().unwrap().to_string()
        };
        prop_assert_eq!(masked(&a) == masked(&b), a == b);
    }
}

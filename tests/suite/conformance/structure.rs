//! The structure of the types, held to what a real API server says in its OpenAPI documents: `src/terms/schema/kubernetes.txt` cannot grow old.
use super::ground::Ground;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Each document of a server by its path. `metrics.k8s.io` belongs to another server.
async fn documents(ground: &Ground) -> Vec<(String, Map<String, Value>)> {
    let (_, index) = ground.ask("GET", "/openapi/v3", None).await;
    let ours =
        |path: &&String| (path.starts_with("apis/") && path.matches('/').count() == 2 || *path == "api/v1") && !path.contains("metrics");
    let mut documents = Vec::new();
    for path in index["paths"].as_object().unwrap().keys().filter(ours) {
        let (code, mut document) = ground.ask("GET", &format!("/openapi/v3/{path}"), None).await;
        assert_eq!(code, 200, "{path}");
        documents.push((path.clone(), document["components"]["schemas"].as_object_mut().map(std::mem::take).unwrap_or_default()));
    }
    documents
}

/// Without prose, and with one form for what has several.
fn bare(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let told = |(name, value): &(&String, &Value)| {
                let prose = *name == "description" && value.is_string();
                // Which fields exclude each other is not kept.
                !prose && *name != "x-kubernetes-unions"
            };
            let mut bare: Map<String, Value> = map.iter().filter(told).map(|(name, value)| (name.clone(), bare(value))).collect();
            if let Some(Value::Array(required)) = bare.get_mut("required") {
                required.sort_by_key(Value::to_string);
            }
            if let Some(reference) = bare.remove("$ref") {
                bare.insert("allOf".to_owned(), serde_json::json!([{"$ref": reference}]));
            }
            if let Some([Value::Object(only)]) = bare.get("allOf").and_then(Value::as_array).map(Vec::as_slice)
                && let Some(inner) = only.get("allOf").cloned()
            {
                bare.insert("allOf".to_owned(), inner);
            }
            Value::Object(bare)
        }
        Value::Array(items) => items.iter().map(bare).collect(),
        other => other.clone(),
    }
}

#[tokio::test(start_paused = true)]
async fn every_type_that_a_document_names_is_in_it() {
    for (path, schemas) in documents(&Ground::built_in("structure").await).await {
        let text = Value::Object(schemas.clone()).to_string();
        let named: BTreeSet<&str> = text.split("#/components/schemas/").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let missing: Vec<&&str> = named.iter().filter(|name| !schemas.contains_key(**name)).collect();
        assert!(missing.is_empty(), "{path}: {missing:?}");
        assert!(schemas.len() > 1, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_says_what_the_real_server_says() {
    let Some(kubeconfig) = crate::support::face::real_kubeconfig("structure") else { return };
    let (ours, real) = (Ground::built_in("structure").await, Ground::real(&kubeconfig, "structure").await);
    let theirs = documents(&real).await;
    real.leave().await;
    let mut wrong = Vec::new();
    let mut count = 0;
    for (path, schemas) in documents(&ours).await {
        let Some((_, real)) = theirs.iter().find(|(p, _)| *p == path) else { panic!("the real server has no {path}") };
        for (name, schema) in &schemas {
            count += 1;
            match real.get(name) {
                Some(real) if bare(real) == bare(schema) => {}
                Some(real) => wrong.push(format!("{path} {name}\n  ours: {}\n  real: {}", bare(schema), bare(real))),
                None => wrong.push(format!("{path} {name}: the real server has none")),
            }
        }
        // Types that only operations name: deletion, watches, discovery.
        let words = ["apimachinery.pkg", "autoscaling.v1.Scale", "policy.v1.Eviction", "authentication.v1."];
        let operations = |name: &&String| words.iter().any(|word| name.contains(word)) || !name.starts_with("io.k8s.");
        let missing: Vec<&String> = real.keys().filter(|name| !schemas.contains_key(*name) && !operations(name)).collect();
        if !missing.is_empty() {
            wrong.push(format!("{path}: not in ours: {missing:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} types differ; make kubernetes.txt anew (its head says how)\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    println!("{count} types are as the real server has them");
}

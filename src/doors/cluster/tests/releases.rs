//! Helm's releases are decoded in here, and what is secret in them stays.

use super::*;
use crate::{
    doors::cluster::{Sending, release::unpacked},
    ops::{Call, Form, helm::Release},
};
use base64::Engine as _;
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use std::io::Write as _;

const PLAIN: &str = "swordfish-swordfish";

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn release() -> Value {
    let manifest = format!(
        "---\n# Source: shop/templates/db.yaml\napiVersion: v1\nkind: Secret\n# {PLAIN}\nmetadata: {{name: db}}\nstringData: {{password: {PLAIN}}}\n\
         ---\n# Source: shop/templates/web.yaml\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{replicas: 2}}\n---\n{{{{ {PLAIN}\n"
    );
    let hook = format!("kind: Secret\nmetadata: {{name: before}}\ndata: {{token: {}}}\n", base64(PLAIN.as_bytes()));
    json!({
        "name": "shop", "version": 2, "namespace": "elsewhere", "manifest": manifest,
        "info": {"status": "deployed", "last_deployed": "2026-01-01T00:00:00Z", "description": "Upgrade complete", "notes": format!("log in with {PLAIN}!")},
        "chart": {"metadata": {"name": "shop", "version": "0.1.0", "appVersion": "1.27"}, "values": {"replicas": 1, "colour": "blue", "gone": 1},
            "templates": [{"name": "a", "data": base64(PLAIN.as_bytes())}], "files": [{"data": PLAIN}], "schema": PLAIN},
        "config": {"replicas": 2, "db": {"password": PLAIN, "again": PLAIN}, "gone": null},
        "hooks": [{"name": "before", "kind": "Secret", "path": "shop/hook.yaml", "events": ["pre-upgrade"], "manifest": hook}],
    })
}

fn kept(text: String) -> Value {
    json!({"kind": "Secret", "type": "helm.sh/release.v1", "data": {"release": text}, "metadata": {"name": "sh.helm.release.v1.shop.v2",
        "namespace": "dev", "labels": {"owner": "helm", "name": "shop", "status": "deployed", "version": "2"}}})
}

async fn through(answer: Value) -> Vec<u8> {
    let (cluster, _) = fake(move |_, _| ok(answer.clone()));
    let call = Call::get(&target("secret", "sh.helm.release.v1.shop.v2")).shaped(Form::Release);
    cluster.send(&call, Sending::Read).await.unwrap()
}

#[tokio::test]
async fn a_release_is_decoded_in_every_way_it_is_kept() {
    let json = release().to_string();
    let inner = base64(&gzip(json.as_bytes()));
    // In a Secret, in a ConfigMap, from before it was packed.
    for text in [base64(inner.as_bytes()), inner, base64(base64(json.as_bytes()).as_bytes())] {
        let body = through(kept(text)).await;
        let out = String::from_utf8(body.clone()).unwrap();
        assert!(!out.contains(PLAIN) && !out.contains(&base64(PLAIN.as_bytes())), "{out}");
        let release: Release = serde_json::from_slice(&body).unwrap();
        assert_eq!(release.trouble, None);
        assert_eq!((release.name.as_str(), release.namespace.as_str(), release.revision), ("shop", "dev", 2));
        assert_eq!(release.chart.titled(), "shop-0.1.0");
        assert_eq!(release.computed["colour"], "blue");
        assert_eq!(release.computed["replicas"], 2);
        assert_eq!(release.computed.get("gone"), None);
        assert_eq!(release.objects.len(), 2);
        assert!(release.manifest.contains("# Source: shop/templates/web.yaml\napiVersion: apps/v1\n"), "{}", release.manifest);
        assert!(release.manifest.contains("withheld") && release.manifest.contains("<redacted"), "{}", release.manifest);
        assert!(release.notes.starts_with("log in with <redacted"), "{}", release.notes);
        assert_eq!(release.hooks[0].object["kind"], "Secret");
    }
}

#[tokio::test]
async fn a_list_is_brief_and_one_bad_release_does_not_hide_the_others() {
    let good = kept(base64(base64(&gzip(release().to_string().as_bytes())).as_bytes()));
    let bad = kept(base64(base64(&gzip(b"{\"name\"")).as_bytes()));
    let page = json!({"kind": "SecretList", "metadata": {"resourceVersion": "1"}, "items": [good, bad, {"metadata": {}}]});
    let (cluster, log) = fake(move |_, _| ok(page.clone()));
    let list = Call::list(target("secret", "x").kind(), None).shaped(Form::Release);
    let reply = cluster.replies(&[list]).await.remove(0).body.into_known().unwrap();
    assert!(log.lock().unwrap()[0].query.contains("limit=50"));
    assert!(!String::from_utf8_lossy(&reply).contains(PLAIN));
    let list: Value = serde_json::from_slice(&reply).unwrap();
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
    assert_eq!(list["items"][0]["chart"]["version"], "0.1.0");
    assert_eq!(list["items"][0]["manifest"], "");
    assert_eq!((&list["items"][1]["name"], &list["items"][1]["revision"]), (&json!("shop"), &json!(2)));
    assert!(list["items"][1]["trouble"].is_string());
}

#[tokio::test]
async fn hostile_releases_are_told_and_not_read() {
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let mut cut = gzip(release().to_string().as_bytes());
    cut.truncate(cut.len() / 2);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for (packed, why) in
        [(bomb, "32 MiB"), (cut, "gzip"), (gzip(deep.as_bytes()), "no release"), (gzip(b"[]"), "no release"), (b"\xff\xfe".to_vec(), "")]
    {
        let out: Release = serde_json::from_slice(&through(kept(base64(base64(&packed).as_bytes()))).await).unwrap();
        let said = out.trouble.unwrap();
        assert!(said.contains(why), "{said}");
        assert_eq!((out.name.as_str(), out.revision), ("shop", 2));
    }
    // A YAML that opens itself ten times over is not opened.
    let laughs = (1..12).fold("a0: &a0 [x, x]\n".to_string(), |text, n| {
        let of = (0..9).map(|_| format!("*a{}", n - 1)).collect::<Vec<_>>().join(", ");
        format!("{text}a{n}: &a{n} [{of}]\n")
    });
    let out = through(kept(base64(&gzip(json!({"name": "shop", "manifest": laughs}).to_string().as_bytes())))).await;
    assert!(out.len() < 100_000);
}

/// Any Secret that is asked for as a release shows no value of its own.
#[tokio::test]
async fn another_secret_is_no_release() {
    let other =
        json!({"kind": "Secret", "data": {"release": base64(PLAIN.as_bytes()), "x": base64(PLAIN.as_bytes())}, "stringData": {"y": PLAIN}});
    let out = String::from_utf8(through(other).await).unwrap();
    assert!(!out.contains(PLAIN) && !out.contains(&base64(PLAIN.as_bytes())), "{out}");
    assert!(out.contains("trouble"));
}

proptest! {
    #[test]
    fn whatever_is_packed_comes_out_again(json in ".{0,300}", twice: bool) {
        let once = base64(&gzip(json.as_bytes()));
        let text = if twice { base64(once.as_bytes()) } else { once };
        prop_assert_eq!(unpacked(&text).unwrap(), json.into_bytes());
    }

    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = unpacked(&text);
        let _ = unpacked(&base64(&bytes));
        let _ = unpacked(&base64(&[&[0x1f, 0x8b, 8][..], &bytes].concat()));
    }

    #[test]
    fn no_value_of_a_secret_leaves(secret in "[a-zA-Z0-9!]{8,24}", at in 0usize..6) {
        let mut release = release();
        let place = ["/config/deep", "/chart/values/colour", "/info/notes", "/info/description", "/config/db/again", "/hooks/0/path"][at];
        if at == 0 { release["config"]["deep"] = json!({"list": [format!("x {secret} y"), {"z": secret}]}); }
        else if at < 5 { *release.pointer_mut(place).unwrap() = json!(secret); }
        release["manifest"] = json!(format!("kind: List\nitems:\n- kind: Secret\n  stringData: {{a: \"{secret}\"}}\n"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let out = runtime.block_on(through(kept(base64(&gzip(release.to_string().as_bytes())))));
        prop_assert!(!String::from_utf8_lossy(&out).contains(&secret), "{}", String::from_utf8_lossy(&out));
    }
}

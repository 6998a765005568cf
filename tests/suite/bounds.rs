//! What a client can do to the built-in cluster by asking too much, badly, or half: an answer in the real server's words, and no more memory than is set.
use aiops::simulator::{self, Settings, Simulator};
use axum::body::{Body, Bytes};
use futures::{StreamExt, stream};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tower::ServiceExt;

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

fn empty() -> Simulator {
    Simulator::new(Settings::still_at("2026-11-21T12:00:00Z".parse().unwrap())).unwrap()
}

async fn send(sim: &Simulator, method: &str, path: &str, kind: &str, body: impl Into<Body>) -> (u16, Value) {
    let request = Request::builder().method(method).uri(path).header("content-type", kind).body(body.into()).unwrap();
    let response = sim.router().oneshot(request).await.unwrap();
    let code = response.status().as_u16();
    (code, serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap_or_default())
}

async fn post(sim: &Simulator, body: impl Into<Body>) -> (u16, Value) {
    send(sim, "POST", MAPS, "application/json", body).await
}

fn map(name: &str, more: &[u8]) -> Vec<u8> {
    [br#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":""#, name.as_bytes(), br#""}"#, more, b"}"].concat()
}

#[tokio::test]
async fn bodies_that_are_too_large_are_not_read() {
    let sim = empty();
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = taken.clone();
    let endless = stream::repeat_with(move || {
        counted.fetch_add(64 * 1024, Ordering::Relaxed);
        Ok::<_, Infallible>(Bytes::from_static(&[b' '; 64 * 1024]))
    });
    let (code, status) = post(&sim, Body::from_stream(endless)).await;
    assert_eq!((code, &status["message"]), (413, &json!("Request entity too large: limit is 3145728")));
    assert_eq!(status["reason"], "RequestEntityTooLarge");
    assert!(taken.load(Ordering::Relaxed) <= 4 << 20, "no more was taken than the limit");
    for (method, path, kind) in
        [("PUT", "/a", "application/json"), ("PATCH", "/a", "application/merge-patch+json"), ("DELETE", "/a", "application/json")]
    {
        assert_eq!(send(&sim, method, &format!("{MAPS}{path}"), kind, vec![b' '; 4 << 20]).await.0, 413, "{method}");
    }
}

#[tokio::test]
async fn an_object_has_a_largest_size() {
    let sim = empty();
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "big", "namespace": "default"}, "spec": {
        "replicas": 0, "selector": {"matchLabels": {"a": "b"}},
        "template": {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "a", "image": "b", "env": [{"name": "X", "value": "x".repeat(2_000_000)}]}]}},
    }});
    let (code, status) =
        send(&sim, "POST", "/apis/apps/v1/namespaces/default/deployments", "application/json", deployment.to_string()).await;
    assert_eq!((code, &status["message"]), (500, &json!("etcdserver: request is too large")));
    assert_eq!(status.get("reason"), None);
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_and_harm_nothing() {
    let sim = empty();
    let deep = |open: &str, close: &str, depth: usize| {
        [br#","x":"#.to_vec(), open.repeat(depth).into(), b"1".to_vec(), close.repeat(depth).into()].concat()
    };
    for body in [
        Vec::new(),
        b" ".to_vec(),
        b"nonsense".to_vec(),
        b"[]".to_vec(),
        b"{".to_vec(),
        b"{\"a\":1,}".to_vec(),
        b"{'a':1}".to_vec(),
        b"\xff\xfe{\0}\0".to_vec(),
        b"\xef\xbb\xbf{}".to_vec(),
        b"\x1f\x8b\x08\0\x93Q\x01k\x02\xff".to_vec(),
        map("a", b",\"data\":{\"a\":\"\0\"}"),
        map("a", b",\"data\":{\"a\":\"\\x\"}"),
        map("a", b",\"data\":{\"a\":NaN}"),
        map("a", b"}{"),
        map("a", &deep("[", "]", 100_000)),
        map("a", &deep("{\"a\":", "}", 100_000)),
        [br#"{"apiVersion":"v1","kind":"ConfigMap","x":"#.to_vec(), vec![b'['; 200_000]].concat(),
    ] {
        let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        let (code, status) = post(&sim, body).await;
        assert_eq!((code, &status["reason"]), (400, &json!("BadRequest")), "{shown}: {status}");
    }
    let (_, status) = post(&sim, map("a", &deep("[", "]", 10_000))).await;
    let wanted = "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: invalid character '[' exceeded max depth ({\"apiVersion\":\"v1\",\"kind\":\"Con ...)";
    assert_eq!(status["message"], wanted);
    assert_eq!(post(&sim, map("deep", &deep("[", "]", 9_000))).await.0, 201, "as the real server does");
    for kind in ["application/yaml", "application/apply-patch+yaml"] {
        let method = if kind == "application/yaml" { "POST" } else { "PATCH" };
        let path = if method == "POST" { MAPS.to_owned() } else { format!("{MAPS}/a?fieldManager=x") };
        let bomb = (0..40).fold("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned(), |all, n| {
            let more = format!("a{}: &a{} [{}]\n", n + 1, n + 1, vec![format!("*a{n}"); 9].join(","));
            all + &more
        });
        for body in ["a: [".to_owned(), format!("a: {}", "[".repeat(100_000)), bomb, "a: *b".to_owned()] {
            let (code, _) = send(&sim, method, &path, kind, body.clone()).await;
            assert_eq!(code, 400, "{}", &body[..body.len().min(60)]);
        }
    }
    for kind in ["merge-patch+json", "json-patch+json", "strategic-merge-patch+json"] {
        assert_eq!(post(&sim, map("p", b"")).await.0 / 100 % 2, 0);
        for body in [b"{".to_vec(), deep("[", "]", 100_000), [b"{\"data\":".to_vec(), b"{\"a\":".repeat(100_000)].concat()] {
            let (code, status) = send(&sim, "PATCH", &format!("{MAPS}/p"), &format!("application/{kind}"), body).await;
            assert_eq!((code, &status["reason"]), (400, &json!("BadRequest")), "{kind}");
        }
    }
    for (path, code) in [("a%00b", 404), ("a%ff", 404), ("a%zz", 404), ("%2e%2e", 400), (&*"a".repeat(5000), 404)] {
        assert_eq!(send(&sim, "GET", &format!("{MAPS}/{path}"), "", "").await.0, code, "{}", &path[..path.len().min(20)]);
    }
    assert_eq!(post(&sim, map("fine", b",\"data\":{\"a\":\"\\u0000\"}")).await.0, 201);
    let (code, refused) = send(&sim, "POST", MAPS, "text/plain", map("b", b"")).await;
    assert_eq!((code, &refused["reason"]), (415, &json!("UnsupportedMediaType")));
}

#[tokio::test]
async fn doubled_headers_count_once() {
    let sim = empty();
    let request = Request::post(MAPS).header("content-type", "application/json").header("content-type", "text/plain");
    let response = sim.router().oneshot(request.body(Body::from(map("a", b""))).unwrap()).await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    let request = Request::get(MAPS).header("impersonate-user", "alice").header("impersonate-user", "bob").body(Body::empty()).unwrap();
    let text = sim.router().oneshot(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
    assert!(String::from_utf8_lossy(&text).contains("User \\\"alice\\\" cannot list"), "{text:?}");
}

#[tokio::test]
async fn a_watch_that_is_not_read_falls_behind_and_is_told_so() {
    let sim = empty();
    let (_, made) = post(&sim, map("a", b"")).await;
    let from = made["metadata"]["resourceVersion"].as_str().unwrap();
    let request = Request::get(format!("{MAPS}?watch=1&resourceVersion={from}")).body(Body::empty()).unwrap();
    let mut lines = sim.router().oneshot(request).await.unwrap().into_body().into_data_stream();
    let change = |n: usize| {
        sim.put(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"n": n.to_string()}})).unwrap()
    };
    change(0);
    let first: Value = serde_json::from_slice(&lines.next().await.unwrap().unwrap()).unwrap();
    assert_eq!((&first["type"], &first["object"]["data"]["n"]), (&json!("MODIFIED"), &json!("0")));
    (1..10_000).for_each(|n| drop(change(n)));
    let last: Value = serde_json::from_slice(&lines.next().await.unwrap().unwrap()).unwrap();
    assert_eq!((&last["type"], &last["object"]["code"]), (&json!("ERROR"), &json!(410)));
    assert!(lines.next().await.is_none());
}

#[tokio::test]
async fn a_watch_hears_every_change_of_a_burst() {
    let sim = empty();
    let (_, made) = post(&sim, map("a", b"")).await;
    let from = made["metadata"]["resourceVersion"].as_str().unwrap();
    let request = Request::get(format!("/api/v1/namespaces/default/secrets?watch=1&resourceVersion={from}")).body(Body::empty()).unwrap();
    let mut lines = sim.router().oneshot(request).await.unwrap().into_body().into_data_stream();
    for n in 0..3000 {
        sim.put(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": {"n": n.to_string()}})).unwrap();
    }
    for n in 0..2 {
        sim.put(json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": n.to_string()}})).unwrap();
        let line = lines.next().await.unwrap().unwrap();
        let event: Value = serde_json::from_slice(&line).unwrap();
        assert_eq!((&event["type"], &event["object"]["metadata"]["name"]), (&json!("ADDED"), &json!(n.to_string())));
    }
}

#[tokio::test]
async fn a_thousand_clients_vanish_and_the_next_is_answered() {
    let sim = empty();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (end, ended) = tokio::sync::oneshot::channel::<()>();
    let router = sim.router();
    let serving = tokio::spawn(async move { simulator::serve(listener, router, async { drop(ended.await) }).await });
    let beginnings: [&[u8]; 5] = [
        b"",
        b"GET /api/v1/pods?watch=1 HTTP/1.1\r\nhost: x\r\n\r\n",
        b"POST /api/v1/namespaces HTTP/1.1\r\ncontent-length: 100\r\n\r\n{",
        b"GET /api HT",
        b"\x16\x03\x01\x02\0",
    ];
    for n in 0..1000 {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(beginnings[n % beginnings.len()]).await.unwrap();
    }
    let mut client = TcpStream::connect(address).await.unwrap();
    client.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut said = String::new();
    client.read_to_string(&mut said).await.unwrap();
    assert!(said.starts_with("HTTP/1.1 200 OK") && said.ends_with("ok"), "{said}");
    // The end does not wait for a watch.
    let mut watching = TcpStream::connect(address).await.unwrap();
    watching.write_all(b"GET /api/v1/pods?watch=1 HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut head = [0; 12];
    watching.read_exact(&mut head).await.unwrap();
    end.send(()).unwrap();
    serving.await.unwrap().unwrap();
}

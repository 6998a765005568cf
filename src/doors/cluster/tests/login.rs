//! Kubeconfigs as people have them, and logging in.

use super::*;
use crate::{
    doors::cluster::{Connect, Sending},
    facts::RejectionSort,
    ops::Call,
    problem::{Problem, Sort},
    world::World,
};
use std::{collections::BTreeMap, path::Path, time::Duration};

fn world(home: &Path, env: &[(&str, &str)]) -> World {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut world = World::fixed(jiff::Timestamp::now(), home.to_path_buf());
    world.env = Arc::new(env.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect::<BTreeMap<_, _>>());
    world
}

fn kubeconfig(folder: &Path, server: &str, user: &str) -> Connect {
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: kind-dev\n\
         contexts:\n- name: kind-dev\n  context: {{cluster: c, user: jane, namespace: team}}\n- name: production\n  context: {{cluster: c, user: jane}}\n\
         clusters:\n- name: c\n  cluster: {{server: {server:?}}}\nusers:\n- name: jane\n  user: {user}\n"
    );
    let path = folder.join("config");
    std::fs::write(&path, text).unwrap();
    Connect { kubeconfig: Some(path), request_timeout: Some(Duration::from_secs(5)), ..Connect::default() }
}

/// A loopback server without TLS.
async fn listen(answer: impl Fn(&Seen, usize) -> Response + Clone + Send + Sync + 'static) -> (String, Log) {
    let (router, log) = router(answer);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, log)
}

fn plugin(folder: &Path, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("plugin.sh");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    format!(
        "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {:?}, args: [token, --cluster, dev], installHint: \"get it from https://example.com/plugin\"}}}}",
        path.display().to_string()
    )
}

async fn refused(connect: &Connect, world: &World) -> Problem {
    Cluster::connect(connect, world).await.unwrap_err()
}

fn read() -> Call {
    Call::get(&target("deployment", "web"))
}

#[tokio::test]
async fn a_kubeconfig_that_is_not_there_or_broken_is_told_with_its_path() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let nothing = world(at, &[("HOME", at.to_str().unwrap())]);
    let problem = refused(&Connect::default(), &nothing).await;
    assert!(problem.sentence.contains(".kube/config"), "{problem}");
    assert!(problem.hints.iter().any(|h| h.contains("aiops demo")));
    let missing = Connect { kubeconfig: Some(at.join("nope")), ..Connect::default() };
    assert!(refused(&missing, &nothing).await.sentence.ends_with("nope does not exist"));
    std::fs::write(at.join("bad"), "clusters:\n- name: c\nusers:\n- name: u\n  user: {token: [sup3rs3cret}\n").unwrap();
    let problem = refused(&Connect { kubeconfig: Some(at.join("bad")), ..Connect::default() }, &nothing).await;
    assert!(problem.sentence.contains("bad is broken (line 5"), "{problem}");
    std::fs::write(at.join("odd"), "users:\n- name: u\n  user: {exec: sup3rs3cret}\n").unwrap();
    let problem = refused(&Connect { kubeconfig: Some(at.join("odd")), ..Connect::default() }, &nothing).await;
    assert!(problem.sentence.contains("odd is broken") && !format!("{problem:?}").contains("sup3rs3cret"), "{problem:?}");
    std::fs::write(at.join("empty"), "").unwrap();
    let problem = refused(&Connect { kubeconfig: Some(at.join("empty")), ..Connect::default() }, &nothing).await;
    assert!(problem.sentence.contains("has no current context"), "{problem}");
    assert_eq!(problem.sort, Sort::Unreachable);
}

#[tokio::test]
async fn an_unknown_context_names_the_nearest_first() {
    let home = tempfile::tempdir().unwrap();
    let connect = Connect { context: Some("prodcution".into()), ..kubeconfig(home.path(), "https://127.0.0.1:1", "{token: t}") };
    let problem = refused(&connect, &world(home.path(), &[])).await;
    assert_eq!(problem.sort, Sort::Usage);
    assert!(problem.hints[0].starts_with("did you mean \"production\"? There are: production, kind-dev"), "{:?}", problem.hints);
}

#[tokio::test]
async fn several_files_are_merged_and_those_that_are_missing_passed_over() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    std::fs::write(at.join("a"), "current-context: x\ncontexts:\n- name: x\n  context: {cluster: c, user: u, namespace: one}\n").unwrap();
    std::fs::write(
        at.join("b"),
        "clusters:\n- name: c\n  cluster: {server: 'https://10.0.0.1:6443/'}\ncurrent-context: y\nusers:\n- name: u\n  user: {token: t}\n",
    )
    .unwrap();
    let list = format!("{0}/a::{0}/gone:{0}/b", at.display());
    let cluster = Cluster::connect(&Connect::default(), &world(at, &[("KUBECONFIG", &list)])).await.unwrap();
    let identity = cluster.identity();
    assert_eq!((identity.context.as_str(), identity.server.as_str(), identity.user.as_str()), ("x", "https://10.0.0.1:6443", "u"));
    assert_eq!(identity.namespace.as_str(), "one");
}

#[tokio::test]
async fn flags_come_before_the_kubeconfig_and_impersonation_travels() {
    let home = tempfile::tempdir().unwrap();
    let (server, log) = listen(|_, _| ok(object("1"))).await;
    let connect = Connect {
        context: Some("production".into()),
        namespace: Some(Namespace::new("other").unwrap()),
        as_user: Some("admin".into()),
        as_groups: vec!["system:masters".into(), "ops".into()],
        ..kubeconfig(home.path(), &server, "{token: t0ken}")
    };
    // An environment that points elsewhere is not asked for a server on this machine.
    let cluster = Cluster::connect(&connect, &world(home.path(), &[("HTTP_PROXY", "http://127.0.0.1:9")])).await.unwrap();
    assert_eq!((cluster.identity().user.as_str(), cluster.identity().namespace.as_str()), ("admin", "other"));
    cluster.send(&read(), Sending::Read).await.unwrap();
    let seen = log.lock().unwrap()[0].clone();
    assert_eq!((seen.header("authorization"), seen.header("impersonate-user")), ("Bearer t0ken", "admin"));
    assert_eq!(seen.headers.get_all("impersonate-group").iter().count(), 2);
    assert_eq!(seen.header("accept-encoding"), "", "packing costs more than it saves on this machine");
    let alone = Connect { as_user: None, ..connect };
    assert_eq!(refused(&alone, &world(home.path(), &[])).await.sort, Sort::Usage);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable_for_writes_too() {
    let home = tempfile::tempdir().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let connect = kubeconfig(home.path(), &format!("https://{free}"), "{token: t}");
    let cluster = Cluster::connect(&connect, &world(home.path(), &[])).await.unwrap();
    for refused in [
        cluster.send(&read(), Sending::Read).await.unwrap_err(),
        cluster.send(&Call::delete(&target("pod", "web"), None), Sending::Write(None)).await.unwrap_err(),
    ] {
        assert_eq!(refused.sort, RejectionSort::Unreachable);
        assert!(refused.message.contains(&free.to_string()) && refused.message.contains("connection refused"), "{refused}");
        assert!(refused.message.contains("kubectl cluster-info"));
    }
}

#[tokio::test]
async fn a_server_without_tls_where_tls_is_wanted_is_told() {
    let home = tempfile::tempdir().unwrap();
    let (server, _) = listen(|_, _| ok(json!({}))).await;
    let connect = kubeconfig(home.path(), &server.replace("http:", "https:"), "{token: t}");
    let cluster = Cluster::connect(&connect, &world(home.path(), &[])).await.unwrap();
    let refused = cluster.send(&Call::delete(&target("pod", "web"), None), Sending::Write(None)).await.unwrap_err();
    assert_eq!(refused.sort, RejectionSort::Unreachable, "{refused}");
    assert!(refused.message.contains("does not speak TLS"), "{refused}");
}

#[tokio::test]
async fn a_connection_that_closes_after_a_write_loses_its_answer() {
    use tokio::io::AsyncReadExt as _;
    let home = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(0));
    let counted = requests.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = [0; 4096];
            if stream.read(&mut bytes).await.unwrap_or(0) > 0 {
                *counted.lock().unwrap() += 1;
            }
        }
    });
    let cluster = Cluster::connect(&kubeconfig(home.path(), &server, "{token: t}"), &world(home.path(), &[])).await.unwrap();
    let lost = cluster.send(&Call::delete(&target("pod", "web"), None), Sending::Write(None)).await.unwrap_err();
    assert_eq!((lost.sort, *requests.lock().unwrap()), (RejectionSort::AnswerLost, 1), "{lost}");
}

#[tokio::test]
async fn a_plugin_that_is_missing_slow_failing_or_silent_is_told_by_name() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    let world = world(at, &[]);
    let missing = kubeconfig(at, "http://127.0.0.1:1", "{exec: {command: aiops-no-such-plugin, installHint: ' brew install it '}}");
    let problem = refused(&missing, &world).await;
    assert_eq!(problem.sentence, "the credential plugin aiops-no-such-plugin is not installed (not found on PATH)");
    assert_eq!(problem.hints, ["brew install it"]);

    let failing = kubeconfig(
        at,
        "http://127.0.0.1:1",
        &plugin(at, "echo noise >&2; echo 'SSO session has expired' >&2; echo '{\"token\":\"t0ken\"}'; exit 3"),
    );
    let problem = refused(&failing, &world).await;
    assert!(problem.sentence.ends_with("plugin.sh failed: SSO session has expired"), "{problem}");

    let silent = kubeconfig(at, "http://127.0.0.1:1", &plugin(at, "echo t0ken"));
    let problem = refused(&silent, &world).await;
    assert!(problem.sentence.contains("printed no credentials") && !format!("{problem:?}").contains("t0ken"), "{problem:?}");

    let mut slow = kubeconfig(at, "http://127.0.0.1:1", &plugin(at, "exec sleep 60"));
    slow.request_timeout = Some(Duration::from_millis(300));
    let start = std::time::Instant::now();
    let problem = refused(&slow, &world).await;
    assert!(problem.sentence.contains("gave no answer within 0.3 s"), "{problem}");
    assert!(problem.hints[0].contains("token --cluster dev"), "{:?}", problem.hints);
    assert!(start.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_plugin_may_not_ask_where_nobody_can_answer() {
    let home = tempfile::tempdir().unwrap();
    let at = home.path();
    // Gives what it was told as its token, and reads its (closed) standard input.
    let script = format!(
        "cat > {0}/stdin; printf '%s' \"$KUBERNETES_EXEC_INFO\" > {0}/info; echo '{{\"status\":{{\"token\":\"t\"}}}}'",
        at.display()
    );
    let connect = kubeconfig(at, "http://127.0.0.1:1", &plugin(at, &script));
    Cluster::connect(&connect, &world(at, &[])).await.unwrap();
    let info: Value = serde_json::from_str(&std::fs::read_to_string(at.join("info")).unwrap()).unwrap();
    assert_eq!((&info["kind"], &info["spec"]["interactive"]), (&json!("ExecCredential"), &json!(false)));
    assert_eq!(std::fs::read(at.join("stdin")).unwrap(), b"");
}

/// A plugin that gives `t1`, `t2`, … and a server that takes them as `accepts` says.
async fn with_counting_plugin(
    home: &Path,
    expires: &str,
    accepts: impl Fn(&str, usize) -> bool + Clone + Send + Sync + 'static,
) -> (Cluster, Log) {
    let (server, log) = listen(move |seen, n| {
        let token = seen.header("authorization").trim_start_matches("Bearer ").to_string();
        if accepts(&token, n) { ok(object("1")) } else { status(401, "Unauthorized", "Unauthorized") }
    })
    .await;
    let script = format!(
        "n=$(cat {0}/n 2>/dev/null || echo 0); n=$((n+1)); echo $n > {0}/n\necho '{{\"status\":{{\"token\":\"t'$n'\"{expires}}}}}'",
        home.display()
    );
    let connect = kubeconfig(home, &server, &plugin(home, &script));
    (Cluster::connect(&connect, &world(home, &[])).await.unwrap(), log)
}

fn logins(home: &Path) -> String {
    std::fs::read_to_string(home.join("n")).unwrap().trim().to_string()
}

#[tokio::test]
async fn a_login_that_ran_out_is_renewed_once_also_for_many_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    let (cluster, log) = with_counting_plugin(home.path(), "", |token, _| token == "t2").await;
    let calls: Vec<Call> = (0..20).map(|_| read()).collect();
    let replies = cluster.replies(&calls).await;
    assert!(replies.iter().all(|r| r.body.known().is_some()));
    assert_eq!(logins(home.path()), "2");
    assert!(log.lock().unwrap().len() <= 20 + 16);
    // A 401 did nothing, so a write is sent again after the new login.
    let home = tempfile::tempdir().unwrap();
    let (cluster, log) = with_counting_plugin(home.path(), "", |token, _| token == "t2").await;
    cluster.send(&Call::delete(&target("pod", "web"), None), Sending::Write(None)).await.unwrap();
    assert_eq!(log.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_login_that_is_refused_again_is_not_renewed_for_ever() {
    let home = tempfile::tempdir().unwrap();
    let (cluster, log) = with_counting_plugin(home.path(), "", |_, _| false).await;
    for _ in 0..3 {
        let refused = cluster.send(&read(), Sending::Read).await.unwrap_err();
        assert_eq!(refused.sort, RejectionSort::Unauthorized);
        assert!(refused.message.contains("log in again"), "{refused}");
    }
    assert_eq!(logins(home.path()), "2");
    assert_eq!(log.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_login_that_says_when_it_ends_is_renewed_before() {
    let home = tempfile::tempdir().unwrap();
    let (cluster, log) = with_counting_plugin(home.path(), ",\"expirationTimestamp\":\"2020-01-01T00:00:00Z\"", |_, _| true).await;
    cluster.send(&read(), Sending::Read).await.unwrap();
    assert_eq!(log.lock().unwrap()[0].header("authorization"), "Bearer t2");
}

#[tokio::test]
async fn a_renewed_login_never_changes_the_server() {
    let home = tempfile::tempdir().unwrap();
    let (server, _) = listen(|_, _| status(401, "Unauthorized", "Unauthorized")).await;
    let connect = kubeconfig(home.path(), &server, "{token: old}");
    let cluster = Cluster::connect(&connect, &world(home.path(), &[])).await.unwrap();
    kubeconfig(home.path(), "https://elsewhere:6443", "{token: new}");
    let refused = cluster.send(&read(), Sending::Read).await.unwrap_err();
    assert_eq!(refused.sort, RejectionSort::Unauthorized);
    assert!(refused.message.contains("now leads to https://elsewhere:6443"), "{refused}");
}

#[tokio::test]
async fn an_expired_client_certificate_is_told_from_any_other_401() {
    let home = tempfile::tempdir().unwrap();
    let (server, _) = listen(|_, _| status(401, "Unauthorized", "Unauthorized")).await;
    let folder = home.path();
    std::fs::write(folder.join("cert.pem"), include_bytes!("../testdata/expired.pem")).unwrap();
    std::fs::write(folder.join("key.pem"), include_bytes!("../testdata/expired.key")).unwrap();
    let connect = kubeconfig(folder, &server, "{client-certificate: cert.pem, client-key: key.pem}");
    let cluster = Cluster::connect(&connect, &world(folder, &[])).await.unwrap();
    let refused = cluster.send(&read(), Sending::Read).await.unwrap_err();
    assert_eq!(refused.message, "the client certificate of jane expired on 2 January 2021; fetch a new kubeconfig or renew it");
    let gone = kubeconfig(folder, &server, "{client-certificate: gone.pem, client-key: key.pem}");
    assert!(refused_sentence(&gone, folder).await.contains("gone.pem"));
}

async fn refused_sentence(connect: &Connect, home: &Path) -> String {
    refused(connect, &world(home, &[])).await.sentence
}

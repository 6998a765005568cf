//! Looking into containers: exec and logs, as kube's client asks for them; what they say is what a real busybox says.
use aiops::simulator::{Match, Script, Settings, Simulator};
use axum::body::Body;
use futures::{SinkExt, StreamExt};
use http::Request;
use http_body_util::BodyExt;
use k8s_openapi::api::core::v1::{Namespace, Node, Pod};
use kube::api::{Api, AttachParams, LogParams};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tower::ServiceExt;

/// A pod that takes its environment and its files from everywhere they can come from, and what it takes them from.
const LOOK: &str = include_str!("exec/look.yaml");

async fn settled() -> Simulator {
    let sim = Simulator::new(Settings::still_at("2026-11-21T12:00:00Z".parse().unwrap())).unwrap();
    sim.script(Match::Image("busybox".into()), Script::runs().saying(&["line 1", "line 2", "line 3"]).ticking(10, "tick"));
    sim.load_yaml("{apiVersion: v1, kind: Namespace, metadata: {name: exec-look}}").unwrap();
    for object in LOOK.split("\n---\n") {
        let mut object: Value = serde_saphyr::from_str(object).unwrap();
        object["metadata"]["namespace"] = "exec-look".into();
        sim.put(object).unwrap();
    }
    sim.step(Duration::from_secs(5));
    sim
}

fn pods(sim: &Simulator) -> Api<Pod> {
    Api::namespaced(kube::Client::new(sim.router(), "exec-look"), "exec-look")
}

/// What a command writes and ends with: its output, its complaints, its exit code.
async fn run(pods: &Api<Pod>, words: &[&str], input: Option<&str>) -> (String, String, i32) {
    let params = AttachParams::default().container("main").stdin(input.is_some());
    let mut process = pods.exec("look", words.iter().copied(), &params).await.unwrap();
    if let (Some(mut stdin), Some(input)) = (process.stdin(), input) {
        stdin.write_all(input.as_bytes()).await.unwrap();
        stdin.shutdown().await.unwrap();
    }
    let (mut out, mut err) = (String::new(), String::new());
    let (mut stdout, mut stderr) = (process.stdout().unwrap(), process.stderr().unwrap());
    let (read, complained) = tokio::join!(stdout.read_to_string(&mut out), stderr.read_to_string(&mut err));
    read.and(complained).unwrap();
    let status = process.take_status().unwrap().await.unwrap();
    let cause = status.details.and_then(|d| d.causes).and_then(|c| c.into_iter().next()).and_then(|c| c.message);
    let code = match status.reason.as_deref() {
        None => 0,
        Some("NonZeroExitCode") => cause.unwrap().parse().unwrap(),
        Some(_) => {
            err.push_str(&status.message.unwrap());
            -1
        }
    };
    (out, err, code)
}

/// Commands, and what each says on a real node and here alike.
const COMMANDS: &[(&[&str], &str, &str, i32)] = &[
    (&["pwd"], "/etc/config\n", "", 0),
    (&["hostname"], "look\n", "", 0),
    (&["echo", "-n", "a", " b"], "a  b", "", 0),
    (&["ls"], "COLOR\napp.properties\nraw\n", "", 0),
    (
        &["ls", "/etc/config", "/etc/one", "/nope"],
        "/etc/config:\nCOLOR\napp.properties\nraw\n\n/etc/one:\napp.conf\n",
        "ls: /nope: No such file or directory\n",
        1,
    ),
    (&["ls", "/"], "bin\ndev\netc\nproc\nroot\nrun\nsbin\nscratch\nsys\ntmp\nusr\nvar\n", "", 0),
    (&["ls", "-1", "/etc/one/app.conf", "/etc/sec/../sec/a"], "/etc/one/app.conf\n\n/etc/sec/../sec/a:\ntoken\n", "", 0),
    (&["cat", "COLOR", "/etc/one/app.conf"], "bluea=1\nb=2\n", "", 0),
    (&["cat", "/etc/sec/a/token", "/etc/proj/name", "/etc/proj/color"], "s3cretlookblue", "", 0),
    (&["cat", "/etc/down/labels", "/etc/down/cpu"], "app=\"look\"\ntier=\"back\"100", "", 0),
    (&["cat", "/nope", "/etc"], "", "cat: can't open '/nope': No such file or directory\ncat: read error: Is a directory\n", 1),
    (&["cat", "/etc/hostname"], "look\n", "", 0),
    (&["false"], "", "", 1),
    (&["sh", "-c", "echo $PLAIN; pwd && ls"], "x y\n/etc/config\nCOLOR\napp.properties\nraw\n", "", 0),
    (&["sh", "-c", "nosuch; echo $?"], "127\n", "sh: nosuch: not found\n", 0),
    (&["sh", "-c", "exit 7"], "", "", 7),
    (&["sh", "-c", "cat /nope || echo no"], "no\n", "cat: can't open '/nope': No such file or directory\n", 0),
    (&["sh", "-c", "true || echo a && echo b; false && echo c || echo d"], "b\nd\n", "", 0),
    (&["sh", "-c", "echo \"a  $CM\" '$CM' ${SEC}x \\$CM \"\\$CM\""], "a  blue $CM s3cretx $CM $CM\n", "", 0),
    (&["sh", "-c", "env | grep ^CM= | cat"], "CM=blue\n", "", 0),
    (
        &["sh", "-c", "cd /etc/sec; pwd; cd ..; pwd; cd /nope; pwd"],
        "/etc/sec\n/etc\n/etc\n",
        "sh: cd: line 0: can't cd to /nope: No such file or directory\n",
        0,
    ),
    (
        &["sh", "-c", "echo /etc/config/C* C*R /nope/* \"*\"; ls $NOPE # no"],
        "/etc/config/COLOR COLOR /nope/* *\nCOLOR\napp.properties\nraw\n",
        "",
        0,
    ),
    (&["sh", "-c", "unterminated \""], "", "sh: syntax error: unterminated quoted string\n", 2),
    (&["sh", "-c", "/etc/config/COLOR"], "", "sh: /etc/config/COLOR: Permission denied\n", 126),
];

async fn commands_say(pods: &Api<Pod>) {
    for (words, out, err, code) in COMMANDS {
        let said = run(pods, words, None).await;
        assert_eq!(said, ((*out).to_owned(), (*err).to_owned(), *code), "{words:?}");
    }
    let (out, err, code) = run(pods, &["sh"], Some("pwd\nnope\ncd /etc/sec\nls\nabc")).await;
    assert_eq!((out.as_str(), err.as_str(), code), ("/etc/config\na\n", "sh: nope: not found\nsh: abc: not found\n", 127));
    let (out, err, code) = run(pods, &["cat"], Some("a\nb  c")).await;
    assert_eq!((out.as_str(), err.as_str(), code), ("a\nb  c", "", 0));
    let (_, err, code) = run(pods, &["/etc/config/COLOR"], None).await;
    assert!(err.starts_with("Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \""), "{err}");
    assert!(err.ends_with("OCI runtime exec failed: exec failed: unable to start container process: exec: \"/etc/config/COLOR\": permission denied: unknown"), "{err}");
    assert_eq!(code, -1);
    let (environment, _, _) = run(pods, &["env"], None).await;
    for line in [
        "HOSTNAME=look",
        "PLAIN=x y",
        "REF=x y-$(NOPE)-$(PLAIN)",
        "CM=blue",
        "SEC=s3cret",
        "POD=look",
        "NSP=exec-look",
        "SA=default",
        "LAB=back",
        "CPU=100",
        "MEM=67108864",
        "MEMMI=64",
        "CPUL=1",
        "P_COLOR=blue",
        "TOKEN=s3cret",
        "user=admin",
        "KUBERNETES_SERVICE_PORT_HTTPS=443",
        "MY_DB_SERVICE_PORT=5432",
        "MY_DB_SERVICE_PORT_HTTP_WEB=80",
        "MY_DB_PORT_5432_TCP_PROTO=tcp",
        "HOME=/root",
    ] {
        assert!(environment.lines().any(|l| l == line), "{line} is missing:\n{environment}");
    }
    let value = |name: &str| environment.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix('=')).unwrap_or_default().to_owned();
    assert_eq!(value("MY_DB_PORT"), format!("tcp://{}:5432", value("MY_DB_SERVICE_HOST")));
    assert_eq!(value("SVC"), value("MY_DB_SERVICE_HOST"));
    assert!(!environment.contains("OPT=") && !environment.contains("P_raw="), "{environment}");
}

#[tokio::test]
async fn a_container_can_be_looked_into() {
    commands_say(&pods(&settled().await)).await;
}

#[tokio::test]
async fn a_changed_config_map_is_in_the_files_and_not_in_the_environment() {
    let sim = settled().await;
    sim.put(json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "settings", "namespace": "exec-look"}, "data": {"COLOR": "red"}})).unwrap();
    let (out, _, _) = run(&pods(&sim), &["sh", "-c", "echo $CM $P_COLOR; cat COLOR; ls"], None).await;
    assert_eq!(out, "blue blue\nredCOLOR\n");
}

/// The same on a real busybox, in a namespace of its own on the real node.
#[tokio::test]
async fn a_real_container_says_the_same() {
    let Some(kubeconfig) = crate::support::face::real_kubeconfig("exec") else { return };
    let config = kube::config::Kubeconfig::read_from(kubeconfig).unwrap();
    crate::support::face::provider();
    let client = kube::Client::try_from(kube::Config::from_custom_kubeconfig(config, &Default::default()).await.unwrap()).unwrap();
    let nodes: Api<Node> = Api::all(client.clone());
    if nodes.get_opt("real-0").await.unwrap().is_none() {
        eprintln!("exec: skipped on the real cluster: it has no node that runs containers");
        return;
    }
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let of = |value: Value| serde_json::from_value(value).unwrap();
    // Left over from a run that was cut off.
    let _ = namespaces.delete("exec-look", &Default::default()).await;
    while namespaces.get_opt("exec-look").await.unwrap().is_some() {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let namespace = json!({"metadata": {"name": "exec-look", "labels": {"aiops.test/node": "real"}}});
    namespaces.create(&Default::default(), &of(namespace)).await.unwrap();
    for object in LOOK.split("\n---\n") {
        let object: Value = serde_saphyr::from_str(object).unwrap();
        let plural = format!("{}s", object["kind"].as_str().unwrap().to_lowercase());
        let request = Request::post(format!("/api/v1/namespaces/exec-look/{plural}")).header("content-type", "application/json");
        client.request::<Value>(request.body(object.to_string().into_bytes()).unwrap()).await.unwrap();
    }
    let pods: Api<Pod> = Api::namespaced(client, "exec-look");
    let running = |pod: Option<&Pod>| pod.and_then(|p| p.status.as_ref()?.phase.as_deref()) == Some("Running");
    let wait = kube::runtime::wait::await_condition(pods.clone(), "look", running);
    tokio::time::timeout(Duration::from_secs(60), wait).await.unwrap().unwrap();
    commands_say(&pods).await;
    namespaces.delete("exec-look", &Default::default()).await.unwrap();
}

#[tokio::test]
async fn what_is_not_there_cannot_be_run() {
    let sim = settled().await;
    let (_, err, _) = run(&pods(&sim), &["psql"], None).await;
    assert!(
        err.contains("exec: \"psql\": executable file not found in $PATH (a container of the built-in cluster has only cat, echo,"),
        "{err}"
    );
    let (_, err, code) = run(&pods(&sim), &["ls", "-la"], None).await;
    assert_eq!((err.as_str(), code), ("ls: invalid option -- 'l' (for a ls of the built-in cluster)\n", 1));
    for (line, what) in
        [("for a in b; do c; done", "for"), ("ls > x", ">"), ("echo $(ls)", "$("), ("sleep 1 &", "&"), ("`ls`", "`"), ("X=1", "X=1")]
    {
        let (_, err, code) = run(&pods(&sim), &["sh", "-c", line], None).await;
        assert_eq!((err, code), (format!("sh: the built-in cluster's shell cannot do this: {what}\n"), 2));
    }
    for (query, upgrade, code, said) in [
        ("nosuch/exec?command=env", "websocket", 404, "pods \"nosuch\" not found"),
        ("look/exec?command=env", "websocket", 400, "a container name must be specified for pod look, choose one of: [prep main side]"),
        ("look/exec?container=no&command=env", "websocket", 400, "container no is not valid for pod look"),
        ("look/exec?container=main&stdout=1&command=env", "", 400, "Upgrade request required"),
        ("look/exec?container=main&command=env", "websocket", 400, "you must specify at least 1 of stdin, stdout, stderr"),
        ("look/exec?container=prep&stdout=1&command=env", "websocket", 500, "container not found (\"prep\")"),
        ("look/attach?container=main&stdout=1", "websocket", 501, "the built-in cluster does not do this"),
        ("look/exec?container=main&stdout=1&command=env", "SPDY/3.1", 501, "the built-in cluster does not do this"),
        ("look/portforward?ports=80", "websocket", 501, "the built-in cluster does not do this"),
    ] {
        let path = format!("/api/v1/namespaces/exec-look/pods/{query}");
        let mut request = Request::get(path);
        if !upgrade.is_empty() {
            request =
                request.header("connection", "Upgrade").header("upgrade", upgrade).header("sec-websocket-protocol", "v5.channel.k8s.io");
        }
        let response = sim.router().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), code, "{query}");
        let text = response.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&text).replace("\\\"", "\"").contains(said), "{query}: {text:?}");
    }
}

#[tokio::test]
async fn a_shell_on_a_terminal_ends_with_its_container() {
    let sim = settled().await;
    let pods = pods(&sim);
    let params = AttachParams::interactive_tty().container("main");
    let mut shell = pods.exec("look", ["sh"], &params).await.unwrap();
    let (mut stdin, mut stdout) = (shell.stdin().unwrap(), shell.stdout().unwrap());
    let mut resize = shell.terminal_size().unwrap();
    resize.send(kube::api::TerminalSize { width: 80, height: 24 }).await.unwrap();
    stdin.write_all(b"lz\x7fs\x1b[A /etc/sec\rnope\r\x03cd /etc\r").await.unwrap();
    let mut said = String::new();
    while !said.ends_with("/etc # ") {
        let mut part = [0; 1024];
        let length = tokio::time::timeout(Duration::from_secs(10), stdout.read(&mut part)).await.unwrap().unwrap();
        assert!(length > 0, "{said}");
        said.push_str(std::str::from_utf8(&part[..length]).unwrap());
    }
    let wanted = "/etc/config # lz\x08 \x08s /etc/sec\r\na\r\n/etc/config # nope\r\nsh: nope: not found\r\n/etc/config # ^C\r\n/etc/config # cd /etc\r\n/etc # ";
    assert_eq!(said, wanted);
    let status = shell.take_status().unwrap();
    pods.delete("look", &Default::default()).await.unwrap();
    sim.step(Duration::from_secs(60));
    assert_eq!(status.await.unwrap().message.unwrap(), "command terminated with non-zero exit code: command terminated with exit code 137");
}

#[tokio::test]
async fn logs_follow_until_the_run_ends() {
    let sim = settled().await;
    sim.script(Match::Image("short".into()), Script::exits(30, 0).saying(&["begun"]).ticking(10, "still"));
    sim.put(json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "short", "namespace": "exec-look"}, "spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "short"}]}})).unwrap();
    sim.step(Duration::from_secs(5));
    let get = async |query: &str| {
        let path = format!("/api/v1/namespaces/exec-look/pods/short/log?{query}");
        sim.router().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap()
    };
    let mut lines = get("follow").await.into_body().into_data_stream();
    assert_eq!(lines.next().await.unwrap().unwrap(), "begun\n");
    let limited = get("follow&limitBytes=8").await;
    sim.step(Duration::from_secs(10));
    assert_eq!(lines.next().await.unwrap().unwrap(), "still\n");
    assert_eq!(limited.into_body().collect().await.unwrap().to_bytes(), "begun\nst");
    sim.step(Duration::from_secs(60));
    assert_eq!(lines.next().await.unwrap().unwrap(), "still\nstill\n");
    assert!(lines.next().await.is_none(), "it ended with the container");
    let log = async |params: LogParams| pods(&sim).logs("short", &params).await.unwrap();
    assert_eq!(
        log(LogParams { tail_lines: Some(1), timestamps: true, ..LogParams::default() }).await.split_once(' ').unwrap().1,
        "still\n"
    );
    assert_eq!(log(LogParams { tail_lines: Some(0), ..LogParams::default() }).await, "");
    assert_eq!(log(LogParams { limit_bytes: Some(7), ..LogParams::default() }).await, "begun\ns");
    assert_eq!(log(LogParams { since_seconds: Some(1), ..LogParams::default() }).await, "");
    for (query, code, said) in [
        ("tailLines=-1", 422, "PodLogOptions \"short\" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0"),
        ("limitBytes=0", 422, "PodLogOptions \"short\" is invalid: limitBytes: Invalid value: 0: must be greater than 0"),
        ("sinceSeconds=0", 422, "PodLogOptions \"short\" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0"),
        ("stream=Stdout", 422, "PodLogOptions \"short\" is invalid: stream: Forbidden: may not be specified"),
        ("sinceTime=nope", 400, "parsing time \"nope\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"nope\" as \"2006\""),
        ("tailLines=99999999999999999999", 400, "strconv.ParseInt: parsing \"99999999999999999999\": value out of range"),
    ] {
        let response = get(query).await;
        assert_eq!(response.status(), code, "{query}");
        let status: Value = serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap();
        assert_eq!(status["message"], said);
    }
}

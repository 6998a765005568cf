//! Lines of kubectl's that change something, made up: each verb with its own grammar, values from proptest's strategies.

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

/// One line and what it is about.
#[derive(Debug, Clone)]
pub struct Case {
    pub verb: &'static str,
    /// What is there before.
    pub first: String,
    pub line: String,
    /// The object's name, for where it has to be typed.
    pub name: String,
    /// What is compared.
    pub looks: Vec<(&'static str, String)>,
    /// Whether it can be undone.
    pub back: bool,
}

/// A workload without pods: what is compared is the object, and nothing has to start.
const DEPLOYMENT: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, labels: {app: NAME, tier: web}, annotations: {note: first}}
spec:
  replicas: 0
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
      - {name: web, image: 'nginx:1.27', ports: [{containerPort: 80}], env: [{name: MODE, value: plain}]}
      - {name: side, image: 'busybox:1.36', resources: {requests: {cpu: 10m}}}
";
const STATEFUL: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: NAME, labels: {app: NAME}}
spec:
  replicas: 0
  serviceName: NAME
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: [{name: web, image: 'nginx:1.27'}, {name: side, image: 'busybox:1.36'}]}
";
const SETTINGS: &str = "
apiVersion: v1
kind: ConfigMap
metadata: {name: NAME, labels: {app: NAME, tier: web}, annotations: {note: first}}
data: {colour: blue, size: '3'}
";
const SERVICE: &str = "
apiVersion: v1
kind: Service
metadata: {name: NAME, labels: {app: NAME, tier: web}}
spec: {selector: {app: NAME}, ports: [{name: http, port: 80, targetPort: 8080}]}
";

const WORKLOADS: &[(&str, &str)] = &[("deployment", DEPLOYMENT), ("statefulset", STATEFUL)];
const ANY: &[(&str, &str)] = &[("deployment", DEPLOYMENT), ("statefulset", STATEFUL), ("configmap", SETTINGS), ("service", SERVICE)];

/// A kind, the manifest that makes one, and the words behind the object on the line; `-` before the verb: nothing undoes it.
type Line = (&'static str, (&'static str, &'static str), String);

fn on(
    verb: &'static str,
    kinds: &'static [(&'static str, &'static str)],
    rest: impl Strategy<Value = String> + 'static,
) -> BoxedStrategy<Line> {
    (proptest::sample::select(kinds), rest).prop_map(move |(kind, rest)| (verb, kind, rest)).boxed()
}

fn key() -> BoxedStrategy<String> {
    prop_oneof![Just("tier".to_string()), "[a-z]{3,8}", "(example\\.com/)[a-z]{2,6}"].boxed()
}

fn patches() -> BoxedStrategy<String> {
    let quoted = |patch: serde_json::Value| format!("'{patch}'");
    let merge = ("[a-z]{3,6}", "[a-z0-9]{1,6}")
        .prop_map(|(k, v)| serde_json::json!({"metadata": {"labels": {k.clone(): v, "tier": null}, "annotations": {k: "x"}}}));
    let json = "[a-z0-9]{1,6}".prop_map(|v| serde_json::json!([{"op": "add", "path": "/metadata/labels/new", "value": v}, {"op": "remove", "path": "/metadata/labels/app"}]));
    prop_oneof![
        merge.clone().prop_map(move |p| format!("--type=merge -p {}", quoted(p))),
        merge.prop_map(move |p| format!("--type=strategic --patch={}", quoted(p))),
        json.prop_map(move |p| format!("--type=json -p {}", quoted(p))),
    ]
    .boxed()
}

fn lines() -> Vec<BoxedStrategy<Line>> {
    // A key that is named twice is refused here; kubectl takes the last.
    let labels = || {
        proptest::collection::btree_map(key(), ("[a-zA-Z0-9]{0,5}", any::<bool>()), 1..3).prop_map(|labels| {
            let said = labels.into_iter().map(|(k, (v, gone))| if gone { format!("{k}-") } else { format!("{k}={v}") });
            said.collect::<Vec<_>>().join(" ")
        })
    };
    let overwrite = || proptest::sample::select(vec!["", " --overwrite"]);
    // `*` is every container to kubectl; here each is named where there are several, and once.
    let images = || {
        let container = proptest::sample::select(vec!["web", "side", "none"]);
        proptest::collection::btree_map(container, "[a-z]{2,6}(:[0-9]\\.[0-9]{1,2})?", 1..3)
            .prop_map(|images| images.into_iter().map(|(c, i)| format!("{c}={i}")).collect::<Vec<_>>().join(" "))
    };
    vec![
        on("label", ANY, (labels(), overwrite()).prop_map(|(words, flag)| format!("{words}{flag}"))),
        on("set image", WORKLOADS, images()),
        on("-rollout restart", WORKLOADS, Just(String::new())),
        on("patch", ANY, patches()),
        on("delete", ANY, proptest::sample::select(vec!["", " --grace-period=1", " --now"]).prop_map(str::to_string)),
        on("scale", WORKLOADS, (0..3u32).prop_map(|n| format!("--replicas={n}"))),
    ]
}

/// So many cases, the same ones every time, each verb in turn.
pub fn cases(wanted: usize) -> Vec<Case> {
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let lines = lines();
    let mut made = Vec::with_capacity(wanted);
    for n in 0..wanted {
        let (verb, (kind, manifest), rest) = lines[n % lines.len()].new_tree(&mut runner).unwrap().current();
        let name = format!("it-{n}");
        let (verb, back) = verb.strip_prefix('-').map_or((verb, true), |verb| (verb, false));
        let line = format!("kubectl {verb} {kind}/{name} {rest}").trim_end().to_string();
        made.push(Case { verb, first: manifest.replace("NAME", &name), line, looks: vec![(kind, name.clone())], name, back });
    }
    made
}

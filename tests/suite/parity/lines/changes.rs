//! Verbs on an object that is there.

use super::{Made, ground::*, maybe, one_of, some_of};
use proptest::prelude::*;
use serde_json::json;

type Kinds = &'static [(&'static str, &'static str)];

const WORKLOADS: Kinds = &[("deployment", DEPLOYMENT), ("statefulset", STATEFUL), ("daemonset", DAEMON)];
const SCALABLE: Kinds = &[("deployment", DEPLOYMENT), ("statefulset", STATEFUL)];
const DEPLOYMENTS: Kinds = &[("deployment", DEPLOYMENT)];
const ANY: Kinds = &[
    ("deployment", DEPLOYMENT),
    ("statefulset", STATEFUL),
    ("configmap", SETTINGS),
    ("service", SERVICE),
    ("cronjob", CRON_JOB),
    ("limitrange", QUOTA),
    ("rolebinding", ROLE_BINDING),
];
const NODES: Kinds = &[("node", NODE)];

/// `kubectl VERB KIND/NAME REST`.
fn on(op: &'static str, kinds: Kinds, rest: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Made> {
    let verb = op.replace('_', " ");
    on_verb(op, verb, kinds, rest)
}

fn on_verb(op: &'static str, verb: String, kinds: Kinds, rest: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Made> {
    let between = one_of(&["/", " "]);
    (proptest::sample::select(kinds), between, rest)
        .prop_map(move |((kind, manifest), between, rest)| Made {
            op,
            kind,
            first: vec![manifest],
            line: format!("kubectl {verb} {kind}{between}NAME {rest}"),
            ..Made::default()
        })
        .boxed()
}

fn one_way(of: BoxedStrategy<Made>) -> BoxedStrategy<Made> {
    of.prop_map(|made| Made { no_way_back: true, ..made }).boxed()
}

fn key() -> BoxedStrategy<String> {
    prop_oneof![Just("tier".to_string()), "[a-z]{3,8}", "(example\\.com/)[a-z]{2,6}"].boxed()
}

/// `key=value` and `key-`. A key that is named twice is refused here; kubectl takes the last.
fn marks() -> BoxedStrategy<String> {
    proptest::collection::btree_map(key(), ("[a-zA-Z0-9]{0,5}", any::<bool>()), 1..3)
        .prop_map(|marks| {
            let said = marks.into_iter().map(|(k, (v, gone))| if gone { format!("{k}-") } else { format!("{k}={v}") });
            said.collect::<Vec<_>>().join(" ")
        })
        .boxed()
}

/// `*` is every container to kubectl; here each is named where there are several, and once.
fn images() -> BoxedStrategy<String> {
    let container = proptest::sample::select(vec!["web", "side", "none"]);
    proptest::collection::btree_map(container, "[a-z]{2,6}(:[0-9]\\.[0-9]{1,2})?", 1..3)
        .prop_map(|images| images.into_iter().map(|(c, i)| format!("{c}={i}")).collect::<Vec<_>>().join(" "))
        .boxed()
}

fn variables() -> BoxedStrategy<String> {
    let one = prop_oneof![
        ("[A-Z][A-Z_]{1,6}", "[a-z0-9:/.=,]{1,9}").prop_map(|(k, v)| (k, format!("={v}"))),
        Just(("MODE".to_string(), "-".to_string())),
        "[a-z]{1,5}".prop_map(|v| ("MODE".to_string(), format!("={v}"))),
    ];
    (proptest::collection::btree_map("[A-Z]{1}", one, 1..4), maybe(&["-c web", "-c side", "--containers=web", "--overwrite"]))
        .prop_map(|(said, flag)| {
            let mut seen = std::collections::BTreeMap::new();
            seen.extend(said.into_values());
            format!("{}{flag}", seen.into_iter().map(|(k, v)| k + &v).collect::<Vec<_>>().join(" "))
        })
        .boxed()
}

fn amounts() -> BoxedStrategy<String> {
    let amounts = || {
        proptest::collection::btree_map(one_of(&["cpu", "memory", "ephemeral-storage"]), one_of(&["1", "250m", "0.5", "64Mi", "1Gi"]), 1..3)
            .prop_map(|said| said.into_iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(","))
    };
    prop_oneof![
        amounts().prop_map(|a| format!("--limits={a}")),
        amounts().prop_map(|a| format!("--requests {a}")),
        (amounts(), maybe(&["-c web", "--containers=side"])).prop_map(|(a, flag)| format!("--limits={a} --requests={a}{flag}")),
    ]
    .boxed()
}

fn patches() -> BoxedStrategy<String> {
    let quoted = |patch: serde_json::Value| format!("'{patch}'");
    let merge = ("[a-z]{3,6}", "[a-z0-9]{1,6}")
        .prop_map(|(k, v)| json!({"metadata": {"labels": {k.clone(): v, "tier": null}, "annotations": {k: "x"}}}));
    let json = "[a-z0-9]{1,6}"
        .prop_map(|v| json!([{"op": "add", "path": "/metadata/labels/new", "value": v}, {"op": "remove", "path": "/metadata/labels/app"}]));
    prop_oneof![
        merge.clone().prop_map(move |p| format!("--type=merge -p {}", quoted(p))),
        merge.prop_map(move |p| format!("--type=strategic --patch={}", quoted(p))),
        json.prop_map(move |p| format!("--type=json -p {}", quoted(p))),
    ]
    .boxed()
}

/// By merge key, into a list, and with `$patch`.
fn template_patches() -> BoxedStrategy<String> {
    let containers = |containers: serde_json::Value| json!({"spec": {"template": {"spec": {"containers": containers}}}});
    prop_oneof![
        "[a-z]{2,6}:[0-9]".prop_map(move |i| containers(json!([{"name": "web", "image": i}]))),
        Just(containers(json!([{"name": "side", "$patch": "delete"}]))),
        Just(containers(json!([{"name": "web", "env": [{"name": "MODE", "value": null}, {"name": "LEVEL", "value": "x"}]}]))),
        Just(json!({"spec": {"strategy": {"type": "Recreate", "rollingUpdate": null}, "paused": true}})),
    ]
    .prop_map(|patch| format!("-p '{patch}'"))
    .boxed()
}

fn subjects() -> BoxedStrategy<String> {
    some_of(&["--user=joe", "--user=ann", "--group=dev", "--group=ops", "--serviceaccount=default:robot"], " ")
}

fn taints() -> BoxedStrategy<String> {
    prop_oneof![
        one_of(&["parity-", "parity:NoSchedule-", "gpu=yes:NoSchedule", "gpu:PreferNoSchedule a=b:NoExecute", "none-"])
            .prop_map(str::to_string),
        "[a-z]{1,4}".prop_map(|v| format!("parity={v}:NoSchedule --overwrite")),
        "[a-z]{1,4}".prop_map(|v| format!("parity={v}:NoSchedule")),
    ]
    .boxed()
}

/// A manifest in a file, applied or put in the place of what is there.
fn from_file(op: &'static str, line: &'static str) -> BoxedStrategy<Made> {
    let deployment = ("[a-z]{3,6}", 1..9u8, any::<bool>()).prop_map(|(word, n, env)| {
        let text = DEPLOYMENT.replace("tier: web", &format!("tier: {word}")).replace("nginx:1.27", &format!("nginx:1.{n}"));
        ("deployment", DEPLOYMENT, if env { text } else { text.replace(", env: [{name: MODE, value: plain}]", "") })
    });
    let settings = ("[a-z]{3,6}", any::<bool>()).prop_map(|(word, less)| {
        let text = SETTINGS.replace("colour: blue", &format!("colour: {word}"));
        ("configmap", SETTINGS, if less { text.replace(", size: '3'", "") } else { text })
    });
    let service = (1..60_000u16).prop_map(|port| ("service", SERVICE, SERVICE.replace("port: 80,", &format!("port: {port},"))));
    let cron = (0..60u8).prop_map(|m| ("cronjob", CRON_JOB, CRON_JOB.replace("0 2", &format!("{m} 2"))));
    prop_oneof![deployment, settings, service, cron]
        .prop_map(move |(kind, first, text)| Made {
            op,
            kind,
            first: vec![first],
            files: vec![("NAME.yaml", text)],
            line: format!("kubectl {line} -f DIR/NAME.yaml"),
            ..Made::default()
        })
        .boxed()
}

/// Two revisions, and back to the first.
fn rolled_back() -> BoxedStrategy<Made> {
    const SECOND: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, labels: {app: NAME, tier: web}}
spec:
  replicas: 0
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}, annotations: {second: 'yes'}}
    spec: {containers: [{name: web, image: 'nginx:1.28'}]}
";
    one_of(&["", "--to-revision=1", "--to-revision=0", "--to-revision=7"])
        .prop_map(|flag| Made {
            op: "rollout_undo",
            kind: "deployment",
            first: vec![DEPLOYMENT, SECOND],
            line: format!("kubectl rollout undo deployment/NAME {flag}"),
            ..Made::default()
        })
        .boxed()
}

/// One that is paused already.
const PAUSED: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME, labels: {app: NAME}}
spec:
  paused: true
  replicas: 0
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec: {containers: [{name: web, image: 'nginx:1.27'}]}
";
const CORDONED: &str = "
apiVersion: v1
kind: Node
metadata: {name: NAME}
spec: {unschedulable: true}
";

fn node(op: &'static str, manifest: &'static str, rest: &'static [&'static str]) -> BoxedStrategy<Made> {
    one_of(rest)
        .prop_map(move |rest| Made {
            op,
            kind: "node",
            first: vec![manifest],
            line: format!("kubectl {op} NAME {rest}"),
            ..Made::default()
        })
        .boxed()
}

pub fn lines() -> Vec<BoxedStrategy<Made>> {
    let marked = || (marks(), maybe(&["--overwrite"])).prop_map(|(words, flag)| format!("{words}{flag}"));
    let scaled = (0..3u32, maybe(&["--current-replicas=0", "--current-replicas=4"])).prop_map(|(n, flag)| format!("--replicas={n}{flag}"));
    let autoscaled = (1..4u32, 4..9u32, maybe(&["--cpu=80%", "--cpu=100m", "--memory=70%", "--cpu=50% --memory=200Mi", "--name=NAME"]))
        .prop_map(|(min, max, flag)| format!("--min={min} --max={max}{flag}"));
    let selected = |op: &'static str, verb: &'static str, rest: &'static str| {
        proptest::sample::select(ANY)
            .prop_map(move |(kind, manifest)| Made {
                op,
                kind,
                first: vec![manifest],
                line: format!("kubectl {verb} {kind} -l app=NAME {rest}"),
                ..Made::default()
            })
            .prop_filter("those with that label", |made| made.first[0].contains("app: NAME"))
            .boxed()
    };
    vec![
        on("label", ANY, marked()),
        on("annotate", ANY, marked()),
        on("label", NODES, marked()),
        selected("label", "label", "seen=yes"),
        on("set_image", WORKLOADS, images()),
        on("set_env", WORKLOADS, variables()),
        on("set_resources", WORKLOADS, amounts()),
        on_verb("set_service_account", "set serviceaccount".into(), WORKLOADS, "[a-z]{3,8}"),
        on("set_selector", &[("service", SERVICE), ("service", HEADLESS)], some_of(&["app=other", "tier=front"], ",")),
        on("set_subject", &[("rolebinding", ROLE_BINDING), ("clusterrolebinding", CLUSTER_ROLE_BINDING)], subjects()),
        one_way(on("rollout_restart", WORKLOADS, Just(String::new()))),
        on("rollout_pause", DEPLOYMENTS, Just(String::new())),
        on("rollout_resume", &[("deployment", PAUSED), ("deployment", DEPLOYMENT)], Just(String::new())),
        rolled_back(),
        on("scale", SCALABLE, scaled),
        on("autoscale", SCALABLE, autoscaled)
            .prop_map(|made| Made { looks: vec![("horizontalpodautoscaler", "NAME".into())], ..made })
            .boxed(),
        on("patch", ANY, patches()),
        on("patch", DEPLOYMENTS, template_patches()),
        on("patch", SCALABLE, (0..3u32).prop_map(|n| format!("--subresource=scale --type=merge -p '{{\"spec\":{{\"replicas\":{n}}}}}'"))),
        on("delete", ANY, maybe(&["--grace-period=1", "--now", "--cascade=foreground", "--ignore-not-found"])),
        selected("delete", "delete", ""),
        from_file("apply", "apply --server-side --force-conflicts"),
        from_file("replace", "replace"),
        // It takes no slash.
        on("taint", NODES, taints()).prop_map(|made| Made { line: made.line.replacen("node/", "node ", 1), ..made }).boxed(),
        node("cordon", NODE, &[""]),
        node("uncordon", CORDONED, &[""]),
        node("drain", NODE, &["", "--ignore-daemonsets", "--force --delete-emptydir-data"]),
        one_way(on_verb(
            "certificate_approve",
            "certificate approve".into(),
            &[("certificatesigningrequest", REQUEST)],
            Just(String::new()),
        )),
        one_way(on_verb("certificate_deny", "certificate deny".into(), &[("certificatesigningrequest", REQUEST)], Just(String::new()))),
    ]
}

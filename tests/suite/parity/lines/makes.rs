//! Verbs that make an object.

use super::{Made, ground::*, maybe, one_of, some_of};
use proptest::prelude::*;

/// `kubectl create VERB NAME REST`.
fn make(op: &'static str, verb: &'static str, kind: &'static str, rest: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Made> {
    rest.prop_map(move |rest| Made { op, kind, line: format!("kubectl create {verb} NAME {rest}"), ..Made::default() }).boxed()
}

fn nothing() -> BoxedStrategy<String> {
    Just(String::new()).boxed()
}

fn words(words: &'static [&'static str]) -> BoxedStrategy<String> {
    one_of(words).prop_map(str::to_string).boxed()
}

fn image() -> &'static str {
    "[a-z]{2,6}(:[0-9]\\.[0-9]{1,2})?"
}

/// Data as flags, with the files they name.
fn data(op: &'static str, verb: &'static str, kind: &'static str) -> BoxedStrategy<Made> {
    let flags = prop_oneof![
        proptest::collection::btree_map("[a-z.]{1,5}[a-z]", "[a-zA-Z0-9/=.:-]{0,9}", 1..4).prop_map(|said| said
            .into_iter()
            .map(|(k, v)| format!("--from-literal={k}={v}"))
            .collect::<Vec<_>>()
            .join(" ")),
        words(&[
            "--from-file=DIR/NAME.conf",
            "--from-file=renamed=DIR/NAME.conf --from-literal=a=b",
            "--from-file=DIR/NAME.conf --from-file=second=DIR/NAME.bin",
            "--from-env-file=DIR/NAME.env",
        ]),
    ];
    ("[a-z ]{0,9}", flags)
        .prop_map(move |(text, flags)| Made {
            op,
            kind,
            line: format!("kubectl create {verb} NAME {flags}"),
            files: vec![
                ("NAME.conf", format!("level = {text}\n[more]\nname = \"NAME\"\n")),
                ("NAME.bin", "ä\u{1}\n".into()),
                ("NAME.env", format!("# a comment\nLEVEL={text}\nEMPTY=\nURL=http://x?a=b\n")),
            ],
            ..Made::default()
        })
        .boxed()
}

fn services() -> BoxedStrategy<String> {
    let ports = proptest::collection::btree_set(1..9_999u16, 1..3)
        .prop_map(|ports| ports.into_iter().map(|p| format!("--tcp={p}:{}", u32::from(p) + 1)).collect::<Vec<_>>().join(" "));
    (one_of(&["clusterip", "nodeport", "loadbalancer", "externalname", "headless"]), ports, "[a-z]{2,5}\\.example\\.com")
        .prop_map(|(sort, ports, host)| match sort {
            "externalname" => format!("externalname NAME --external-name {host}"),
            "headless" => format!("clusterip NAME --clusterip=None {ports}"),
            sort => format!("{sort} NAME {ports}"),
        })
        .boxed()
}

fn rules() -> BoxedStrategy<String> {
    prop_oneof![
        (some_of(&["get", "list", "watch"], ","), some_of(&["pods", "deployments.apps", "pods/log", "configmaps"], ","))
            .prop_map(|(verbs, resources)| format!("--verb={verbs} --resource={resources}")),
        (one_of(&["get", "update"]), "[a-z]{2,6}")
            .prop_map(|(verb, name)| format!("--verb={verb} --resource=configmaps --resource-name={name}")),
    ]
    .boxed()
}

fn bindings() -> BoxedStrategy<String> {
    some_of(&["--user=joe", "--user=ann", "--group=dev", "--serviceaccount=default:robot"], " ")
}

fn ingresses() -> BoxedStrategy<String> {
    let rules = words(&[
        "--rule=a.example.com/=web:80",
        "--rule='b.example.com/shop*=web:http,tls=shop-tls'",
        "--rule='/plain=web:8080' --class=nginx",
        "--rule='*.example.com/*=web:80' --annotation a.b/c=d",
        "--rule='a.example.com/=web:80' --rule='c.example.com/x=other:81,tls'",
        "--default-backend=web:80",
    ]);
    rules.prop_map(|rules| rules).boxed()
}

fn hard() -> BoxedStrategy<String> {
    (
        some_of(&["cpu=4", "memory=8Gi", "pods=20", "requests.cpu=500m", "count/deployments.apps=3"], ","),
        maybe(&["--scopes=NotTerminating"]),
    )
        .prop_map(|(hard, scopes)| format!("--hard={hard}{}", if hard.contains("deployments") { "" } else { scopes.as_str() }))
        .boxed()
}

fn pods() -> BoxedStrategy<Made> {
    let flags = prop_oneof![
        words(&["--port=80", "--env=A=b --env=C=d", "--labels=app=NAME,tier=x", "--annotations=note=x", "--image-pull-policy=Always"]),
        words(&[
            "--restart=Never -- sleep 300",
            "--restart=OnFailure --command -- sh -c 'echo hi'",
            "--port=5701 --expose",
            "--privileged"
        ]),
    ];
    (image(), flags)
        .prop_map(|(image, flags)| Made {
            op: "run",
            kind: "pod",
            looks: if flags.contains("--expose") { vec![("service", "NAME".into())] } else { Vec::new() },
            line: format!("kubectl run NAME --image={image} {flags}"),
            ..Made::default()
        })
        .boxed()
}

fn exposed() -> BoxedStrategy<Made> {
    let flags = words(&[
        "--port=80",
        "--port=80 --target-port=8080",
        "--port=80 --target-port=http --type=NodePort",
        "--port=53 --protocol=UDP",
        "--type=LoadBalancer",
        "--port=80 --selector=app=other",
        "-l a=b,c=d --port=1",
        "--port=80 --session-affinity=ClientIP",
        "--port=80 --cluster-ip=None",
    ]);
    (one_of(&["deployment/NAME", "deployment NAME"]), flags)
        .prop_map(|(what, flags)| Made {
            op: "expose",
            kind: "service",
            first: vec![DEPLOYMENT],
            line: format!("kubectl expose {what} {flags}"),
            ..Made::default()
        })
        .boxed()
}

fn created() -> BoxedStrategy<Made> {
    proptest::sample::select(vec![("deployment", DEPLOYMENT), ("configmap", SETTINGS), ("service", SERVICE), ("cronjob", CRON_JOB)])
        .prop_flat_map(|(kind, text)| {
            one_of(&["create", "apply --server-side"]).prop_map(move |verb| Made {
                op: if verb == "create" { "create" } else { "apply" },
                kind,
                files: vec![("NAME.yaml", text.to_string())],
                line: format!("kubectl {verb} -f DIR/NAME.yaml"),
                ..Made::default()
            })
        })
        .boxed()
}

pub fn lines() -> Vec<BoxedStrategy<Made>> {
    let job = (image(), maybe(&["-- date", "-- sh -c 'echo a  b'"])).prop_map(|(image, command)| format!("--image={image}{command}"));
    let from = Just(Made {
        op: "create_job",
        kind: "cronjob",
        first: vec![CRON_JOB],
        looks: vec![("job", "NAME-now".into())],
        typed: "NAME-now",
        line: "kubectl create job NAME-now --from=cronjob/NAME".into(),
        ..Made::default()
    });
    let cron =
        (image(), one_of(&["'0 2 * * *'", "'*/5 * * * 1-5'", "@daily"]), maybe(&["--restart=Never", "--restart=OnFailure", "-- date"]))
            .prop_map(|(image, schedule, flag)| format!("--image={image} --schedule={schedule}{flag}"));
    let deployment = (image(), maybe(&["--port=80", "-r 0", "--replicas=0 --port=5701"]), maybe(&["-- date", "-- sh -c 'sleep 5'"]))
        .prop_map(|(image, flag, command)| format!("--image={image}{}{command}", if flag.contains('0') { flag } else { String::new() }));
    let budget =
        one_of(&["--min-available=1", "--min-available=50%", "--max-unavailable=1"]).prop_map(|flag| format!("--selector=app=NAME {flag}"));
    let priority = (-9_000..9_000i32, maybe(&["--description=words", "--preemption-policy=Never"]))
        .prop_map(|(value, flag)| format!("--value={value}{flag}"));
    let registry = ("[a-z]{3,6}", "[a-zA-Z0-9]{4,9}", maybe(&["--docker-email=a@example.com", "--docker-server=registry.example.com"]))
        .prop_map(|(user, word, flag)| format!("--docker-username={user} --docker-password={word}{flag}"));
    let role = (one_of(&["--clusterrole=view", "--role=reader"]), bindings()).prop_map(|(role, who)| format!("{role} {who}"));
    vec![
        make(
            "create_deployment",
            "deployment",
            "deployment",
            deployment.prop_map(|rest| match rest.contains("replicas") || rest.contains("-r 0") {
                true => rest,
                // Its pods would start, and pods are not what is compared.
                false => rest.split(" -- ").next().unwrap_or_default().to_string() + " --replicas=0",
            }),
        ),
        make("create_job", "job", "job", job),
        from.boxed(),
        make("create_cron_job", "cronjob", "cronjob", cron),
        services()
            .prop_map(|rest| Made {
                op: "create_service",
                kind: "service",
                line: format!("kubectl create service {rest}"),
                ..Made::default()
            })
            .boxed(),
        make("create_ingress", "ingress", "ingress", ingresses()),
        make("create_role", "role", "role", rules()),
        make("create_cluster_role", "clusterrole", "clusterrole", prop_oneof![rules(), words(&["--verb=get --non-resource-url=/logs/*"])]),
        make("create_role_binding", "rolebinding", "rolebinding", role),
        make(
            "create_cluster_role_binding",
            "clusterrolebinding",
            "clusterrolebinding",
            bindings().prop_map(|who| format!("--clusterrole=parity-none {who}")),
        ),
        make("create_service_account", "serviceaccount", "serviceaccount", nothing()),
        make("create_quota", "quota", "resourcequota", hard().prop_map(|rest| format!("{rest} "))),
        make("create_pod_disruption_budget", "poddisruptionbudget", "poddisruptionbudget", budget),
        make("create_priority_class", "priorityclass", "priorityclass", priority),
        data("create_config_map", "configmap", "configmap"),
        data("create_secret", "secret generic", "secret"),
        make("create_secret_docker_registry", "secret docker-registry", "secret", registry),
        Just(Made {
            op: "create_secret_tls",
            kind: "secret",
            files: vec![("NAME.crt", CERTIFICATE.into()), ("NAME.key", KEY.into())],
            line: "kubectl create secret tls NAME --cert=DIR/NAME.crt --key=DIR/NAME.key".into(),
            ..Made::default()
        })
        .boxed(),
        make("create_namespace", "namespace", "namespace", nothing()),
        pods(),
        exposed(),
        created(),
    ]
}

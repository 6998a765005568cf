//! What is built from words, held against a table; and that nothing is built that was not asked for.

use crate::{ops::Namespace, road::plan::batch};
use proptest::prelude::*;
use serde_json::{Value, json};

const BUILT: &str = include_str!("built.txt");

fn deployment(name: &str, labels: Value, spec: Value, replicas: u32) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name},
           "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}}})
}

/// What there is.
fn world() -> Vec<Value> {
    let one = |name: &str, image: &str| json!({"containers": [{"name": name, "image": image}]});
    let mut web = one("nginx", "reg.io/web:v1");
    web["tolerations"] = json!([{"key": "a", "operator": "Exists"}]);
    web["volumes"] = json!([{"name": "used", "emptyDir": {}}]);
    web["containers"][0]["volumeMounts"] = json!([{"name": "used", "mountPath": "/other"}]);
    let mut db = deployment("db", json!({"app": "db"}), one("pg", "postgres:16"), 1);
    db["kind"] = json!("StatefulSet");
    let service = |name: &str, selector: Value| json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name}, "spec": {"selector": selector}});
    let shop = json!({
        "containers": [
            {"name": "app", "image": "s:1", "env": [{"name": "LEVEL", "value": "1"}], "ports": [{"containerPort": 8080}],
             "readinessProbe": {"httpGet": {"path": "/old", "port": 8080}, "periodSeconds": 10}, "livenessProbe": {"tcpSocket": {"port": 8080}},
             "volumeMounts": [{"name": "cache", "mountPath": "/cache"}], "resources": {"limits": {"memory": "1Gi", "cpu": "1"}}},
            {"name": "side", "image": "x:1", "livenessProbe": {"exec": {"command": ["true"]}}, "volumeMounts": [{"name": "cache", "mountPath": "/c"}]}],
        "volumes": [{"name": "cache", "emptyDir": {}}],
        "nodeSelector": {"disk": "ssd", "zone": "a"}, "imagePullSecrets": [{"name": "reg"}], "serviceAccountName": "shop",
        "tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}, {"key": "spot", "operator": "Equal", "value": "yes"}],
        "affinity": {"podAntiAffinity": {"x": 1}}});
    let mut nightly =
        json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "nightly"}, "spec": {"schedule": "0 2 * * *"}});
    nightly["spec"]["jobTemplate"] = json!({"spec": {"template": {"spec": one("dump", "d:1")}}});
    let two = json!({"containers": [{"name": "a", "image": "a:1"}, {"name": "b", "image": "b:1"}]});
    vec![
        deployment("web", json!({"app": "web"}), web, 5),
        deployment("two", json!({"app": "two"}), two, 5),
        deployment("frontend", json!({"tier": "front"}), one("c", "f:1"), 3),
        deployment("frontend-canary", json!({"tier": "front", "track": "canary"}), one("c", "f:2"), 1),
        deployment("backend", json!({"tier": "back"}), one("c", "b:1"), 1),
        deployment("worker", json!({"app": "worker"}), one("c", "w:1"), 1),
        deployment("checkout-blue", json!({"app": "checkout", "version": "blue"}), one("c", "c:1"), 1),
        deployment("checkout-green", json!({"app": "checkout", "version": "green"}), one("c", "c:2"), 1),
        db,
        nightly,
        deployment("shop", json!({"app": "shop"}), shop, 2),
        json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "agent"}}),
        service("web", json!({"app": "web"})),
        service("checkout", json!({"app": "checkout", "version": "blue"})),
    ]
}

fn asked(text: &str, objects: Option<Vec<Value>>) -> Value {
    let mut line = json!({"id": 1, "text": text});
    if let Some(objects) = objects {
        line["objects"] = json!(objects);
    }
    let here = Namespace::new("default").unwrap();
    serde_json::from_str(&batch::answer(&line.to_string(), &here, &|_| "confirm")).unwrap()
}

/// One operation in a line: a patch by its part of the template, a manifest by name and spec.
fn told(op: &Value) -> String {
    match op["op"].as_str().unwrap() {
        "patch" => ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec"]
            .iter()
            .find_map(|at| op["patch"].pointer(at))
            .unwrap_or(&op["patch"])
            .to_string(),
        "apply" => {
            let object = &op["objects"][0];
            let place = object["metadata"]["namespace"].as_str().filter(|ns| *ns != "default");
            let place = place.map_or_else(String::new, |ns| format!(" in {ns}"));
            let mut spec = object["spec"].clone();
            if object["kind"] == "Pod" || object["kind"] == "Deployment" && object["metadata"]["name"] == "api" {
                return spec.to_string();
            }
            if spec.is_null() {
                spec = object.clone();
            }
            format!("{}{place} {spec}", object["metadata"]["name"].as_str().unwrap())
        }
        _ => op["kubectl"].as_str().unwrap().to_string(),
    }
}

fn came_of(answer: &Value) -> String {
    match answer["outcome"].as_str().unwrap() {
        "plan" => answer["operations"].as_array().unwrap().iter().map(told).collect::<Vec<_>>().join(" + "),
        "question" => format!("? {}", answer["question"]["missing"].as_str().unwrap()),
        other => other.to_string(),
    }
}

fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(|line| line.split_once(" => "))
}

#[test]
fn what_was_said_is_what_is_built() {
    let mut wrong = Vec::new();
    let mut many = 0;
    for (text, want) in rows() {
        many += 1;
        let answer = asked(text, Some(world()));
        let (want, taken) = want.split_once(" ~ ").map_or((want, None), |(want, taken)| (want, Some(taken)));
        let got = came_of(&answer);
        let assumed = answer["assumed"].as_array().cloned().unwrap_or_default();
        let fits = match taken {
            Some(taken) => assumed.iter().any(|one| one["taken"] == taken),
            None => assumed.is_empty(),
        };
        if got != want || !fits {
            wrong.push(format!("{text}\n   want {want}\n   got  {got} {assumed:?} {}", answer["question"]["text"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {many}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(many > 90, "{many}");
}

/// Without a cluster nothing is known of an object: neither its containers nor its labels are guessed.
#[test]
fn nothing_is_guessed_without_a_cluster() {
    for (text, want) in [
        ("add a readiness probe to web on path /healthz port 8080", "? container"),
        ("mount configmap settings at /etc/config in web", "? container"),
        ("spread web across nodes", "? label"),
        ("allow only the frontend to reach the backend on 8000", "? label"),
        ("block all egress from the worker", "? label"),
        ("run a canary of web with image v2, 1 of 5", "? name"),
        ("send checkout traffic to green", "? label"),
    ] {
        assert_eq!(came_of(&asked(text, None)), want, "{text}");
    }
    let named = asked("add a tcp readiness probe on port 80 to container app of deployment web", None);
    assert_eq!(came_of(&named), r#"{"containers":[{"name":"app","readinessProbe":{"tcpSocket":{"port":80}}}]}"#);
    let labels = asked("allow only pods with label app=a to reach pods with label app=b", None);
    assert!(came_of(&labels).starts_with("b-allow-from-a "), "{labels}");
    let tolerates = asked("add a toleration for key a=b:NoSchedule to deployment web", None);
    assert!(tolerates["assumed"][0]["why"].as_str().unwrap().contains("replaced"), "{tolerates}");
}

/// Another way to ask leaves nothing of the way before.
/// An exception from what is denied is all that is allowed; one from what is allowed is the contrary, which no policy can say.
#[test]
fn an_exception_from_what_is_allowed_is_not_turned_around() {
    for text in ["allow all ingress to web except from namespace dev", "allow egress except from the worker to 10.0.0.0/8 on port 53/udp"] {
        let answer = asked(text, Some(world()));
        assert!(answer["operations"].as_array().is_none_or(|ops| ops.is_empty()), "{text}: {answer}");
    }
}

#[test]
fn a_probe_of_another_sort_takes_the_place_of_the_one_before() {
    let mut objects = world();
    objects[0]["spec"]["template"]["spec"]["containers"][0]["livenessProbe"] = json!({"httpGet": {"path": "/", "port": 80}});
    let answer = asked("add a tcp liveness probe on port 80 to web", Some(objects));
    assert_eq!(came_of(&answer), r#"{"containers":[{"livenessProbe":{"httpGet":null,"tcpSocket":{"port":80}},"name":"nginx"}]}"#);
}

/// A line that is printed reads back as the same operation, but for manifests, which come on standard input.
#[test]
fn each_patch_reads_back_from_its_line() {
    let mut many = 0;
    for (text, _) in rows() {
        for op in asked(text, Some(world()))["operations"].as_array().into_iter().flatten() {
            let line = op["kubectl"].as_str().unwrap();
            let read = crate::ops::Op::from_line(line).unwrap_or_else(|e| panic!("{line}: {e}"));
            if op["op"] == "patch" {
                many += 1;
                assert_eq!(serde_json::to_value(&read).unwrap()["patch"], op["patch"], "{line}");
            }
        }
    }
    assert!(many > 30, "{many}");
}

/// A verb that builds, by the beginning of a row.
fn without_verb(text: &str) -> Option<String> {
    const VERBS: &[&str] = &[
        "add",
        "create",
        "mount",
        "attach",
        "set",
        "make",
        "give",
        "configure",
        "pin",
        "schedule",
        "spread",
        "drop",
        "run",
        "allow",
        "deny",
        "block",
    ];
    let (first, rest) = text.split_once(' ')?;
    VERBS.contains(&first.to_lowercase().as_str()).then(|| rest.to_string())
}

proptest! {
    /// Questions about what could be built, and what could be built said without a verb, build nothing.
    #[test]
    fn nothing_is_built_without_a_verb(row in 0..200_usize, lead in prop::sample::select(vec!["", "does it have", "show", "is there", "what is", "why did you", "do not", "never", "explain", "who can", "if possible"])) {
        let all: Vec<&str> = rows().map(|(text, _)| text).collect();
        let text = all[row % all.len()];
        let Some(rest) = without_verb(text) else { return Ok(()) };
        let said = match lead {
            "do not" | "never" | "why did you" => format!("{lead} {text}"),
            lead => format!("{lead} {rest}"),
        };
        let answer = asked(&said, Some(world()));
        for op in answer["operations"].as_array().into_iter().flatten() {
            prop_assert!(!["apply", "patch"].contains(&op["op"].as_str().unwrap()), "{}: {}", said, op);
        }
    }

    /// Whatever is put between the words, what comes of it is what was said or no change at all.
    #[test]
    fn a_word_more_is_never_dropped(row in 0..200_usize, at in 1..12_usize, word in prop::sample::select(vec!["not", "unless", "except", "maybe", "zebra", "almost", "7", "x=y", "never", "tomorrow", "without"])) {
        let all: Vec<&str> = rows().map(|(text, _)| text).collect();
        let text = all[row % all.len()];
        let mut words: Vec<&str> = text.split(' ').collect();
        let at = at.min(words.len());
        words.insert(at, word);
        let said = words.join(" ");
        let before = came_of(&asked(text, Some(world())));
        let answer = asked(&said, Some(world()));
        let builds = answer["operations"].as_array().into_iter().flatten().any(|op| ["apply", "patch"].contains(&op["op"].as_str().unwrap()));
        // A word that became a name, a label or a part of a command is seen in the result.
        prop_assert!(!builds || came_of(&answer) != before, "{}: {}", said, before);
    }

    #[test]
    fn no_text_makes_it_panic(text in any::<String>()) {
        let _ = asked(&text, Some(world()));
    }

    #[test]
    fn no_words_of_it_make_it_panic(words in prop::collection::vec(prop::sample::select(vec![
        "add", "create", "a", "pod", "named", "x", "with", "containers", "(", ")", "nginx", "command", "liveness", "probe", "on", "port", "80",
        "path", "/x", "to", "web", "mount", "configmap", "at", "toleration", "for", "a=b:NoSchedule", "allow", "deny", "all", "ingress", "from",
        "namespace", "only", "canary", "of", "image", "v2", "1", "pvc", "5Gi", "spread", "across", "zones", "and", ",", "send", "traffic",
        "capabilities", "drop", "env", "A=b", "read-only", "init", "container", "volume", "emptyDir", "in", "both",
    ]), 0..14)) {
        let _ = asked(&words.join(" "), Some(world()));
    }
}

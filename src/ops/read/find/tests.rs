//! Every condition on objects: what meets it, what does not, and what is neither.

use super::*;
use crate::ops::Op;
use serde_json::json;

const NOW: &str = "2026-01-10T00:00:00Z";

/// What the lists give: kinds and their objects, or why there are none.
type World = Vec<(&'static str, Lookup<Vec<Value>>)>;

fn known(world: &[(&'static str, Vec<Value>)]) -> World {
    world.iter().map(|(kind, objects)| (*kind, Lookup::Known(objects.clone()))).collect()
}

fn ask(line: &str, world: &World) -> Result<Found, CannotDo> {
    let op = Op::from_line(&format!("aiops find {line}")).unwrap_or_else(|e| panic!("{line}: {e}"));
    let now: Timestamp = NOW.parse().unwrap();
    let calls = op.verb().calls(&[], now)?;
    let reply = |(n, call): (usize, &Call)| {
        let kind = call.kind().unwrap();
        let plural = kind.plural();
        let answer = world.iter().find(|(word, _)| *word == plural).map_or(Lookup::Missing, |(_, list)| list.clone());
        let body = match call.target() {
            None => answer.map(|items| json!({"items": items})),
            Some(target) => match answer {
                Lookup::Known(items) => {
                    items.into_iter().find(|o| text(o, "/metadata/name") == target.name().as_str()).map_or(Lookup::Missing, Lookup::Known)
                }
                Lookup::Missing => Lookup::Missing,
                Lookup::NotChecked(why) => Lookup::NotChecked(why),
            },
        };
        Reply { call: n, body: body.map(|value| value.to_string().into_bytes()) }
    };
    let replies: Vec<Reply> = calls.iter().enumerate().map(reply).collect();
    match op.verb().answer(&calls, &replies, now)? {
        Answer::Found(found) => Ok(found),
        other => panic!("{other:?}"),
    }
}

/// The first cells of the rows, `name` or `name/container`.
fn names(line: &str, world: &World) -> Vec<String> {
    let found = ask(line, world).unwrap_or_else(|e| panic!("{line}: {e}"));
    let by = if found.table.columns.get(1).is_some_and(|c| c == "Container") { 2 } else { 1 };
    found.table.rows.iter().map(|row| row[..by].join("/")).collect()
}

fn pod(name: &str, containers: Value) -> Value {
    json!({"metadata": {"name": name, "namespace": "a", "labels": {"app": name}, "creationTimestamp": "2026-01-01T00:00:00Z"},
        "spec": {"containers": containers}})
}

fn two(with: Value) -> World {
    let mut one = json!({"name": "app", "image": "nginx:1.27"});
    one.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    known(&[("pods", vec![pod("with", json!([one])), pod("without", json!([{"name": "app", "image": "redis:7"}]))])])
}

#[test]
fn what_stands_in_a_container() {
    for (word, with) in [
        ("limits", json!({"resources": {"limits": {"cpu": "1", "memory": "1Gi"}}})),
        ("cpu-limit", json!({"resources": {"limits": {"cpu": "1"}}})),
        ("memory-limit", json!({"resources": {"limits": {"memory": "1Gi"}}})),
        ("requests", json!({"resources": {"requests": {"cpu": "1", "memory": "1Gi"}}})),
        ("cpu-request", json!({"resources": {"requests": {"cpu": "1"}}})),
        ("memory-request", json!({"resources": {"requests": {"memory": "1Gi"}}})),
        ("liveness-probe", json!({"livenessProbe": {"tcpSocket": {"port": 1}}})),
        ("readiness-probe", json!({"readinessProbe": {"tcpSocket": {"port": 1}}})),
        ("startup-probe", json!({"startupProbe": {"tcpSocket": {"port": 1}}})),
        ("privileged", json!({"securityContext": {"privileged": true}})),
        ("latest", json!({"image": "nginx"})),
        ("digest", json!({"image": "nginx@sha256:ab"})),
        ("image=nginx", json!({})),
        ("image=nginx:1.27", json!({})),
        ("registry=ghcr.io", json!({"image": "ghcr.io/acme/web:1"})),
        ("tag=1.27", json!({})),
        ("limits.memory>512Mi", json!({"resources": {"limits": {"memory": "1Gi"}}})),
        ("requests.cpu<1", json!({"resources": {"requests": {"cpu": "500m"}}})),
    ] {
        let world = two(with);
        assert_eq!(names(&format!("pods --where='{word}'"), &world), ["with/app"], "{word}");
        let other: &[&str] = if word.contains(['<', '>']) { &[] } else { &["without/app"] };
        // Where there is no limit there is nothing to hold against a value.
        assert_eq!(names(&format!("pods --where='not {word}'"), &world), other, "not {word}");
    }
}

#[test]
fn both_a_cpu_and_a_memory_limit_or_it_lacks_one() {
    let world = two(json!({"resources": {"limits": {"cpu": "1"}}}));
    assert_eq!(names("pods --where='not limits'", &world), ["with/app", "without/app"]);
    assert_eq!(ask("pods --where='not limits'", &world).unwrap().table.rows[0], ["with", "app", "cpu=1"]);
}

#[test]
fn who_may_be_root() {
    let contexts = [
        ("zero", json!({"runAsUser": 0}), json!({})),
        ("image", json!({}), json!({})),
        ("some", json!({"runAsUser": 1000}), json!({})),
        ("held", json!({}), json!({"runAsNonRoot": true})),
        ("own", json!({"runAsUser": 0}), json!({"runAsUser": 7})),
    ];
    let pods = contexts.iter().map(|(name, own, pod_wide)| {
        let mut pod = pod(name, json!([{"name": "app", "image": "a", "securityContext": own}]));
        pod["spec"]["securityContext"] = pod_wide.clone();
        pod
    });
    let world = known(&[("pods", pods.collect())]);
    assert_eq!(names("pods --where=root", &world), ["image/app", "own/app", "zero/app"]);
    assert_eq!(names("pods --where='not root'", &world), ["held/app", "some/app"]);
    let rows = ask("pods --where=root", &world).unwrap().table.rows;
    assert_eq!((rows[0][2].as_str(), rows[1][2].as_str()), ("whom its image says", "user 0"));
}

#[test]
fn the_rest_of_a_pod_s_guard() {
    let mut held = pod("held", json!([{"name": "app", "image": "a", "securityContext": {"readOnlyRootFilesystem": true}}]));
    held["spec"]["hostNetwork"] = json!(true);
    let world = known(&[("pods", vec![held, pod("open", json!([{"name": "app", "image": "a"}]))])]);
    assert_eq!(names("pods --where=writable-root", &world), ["open/app"]);
    assert_eq!(names("pods --where='not writable-root'", &world), ["held/app"]);
    assert_eq!(names("pods --where=host-network", &world), ["held"]);
    assert_eq!(names("pods --where='not host-network'", &world), ["open"]);
}

#[test]
fn init_containers_are_asked_too_but_not_for_probes() {
    let mut one = pod("p", json!([{"name": "app", "image": "nginx:1"}]));
    one["spec"]["initContainers"] =
        json!([{"name": "init", "image": "nginx:1"}, {"name": "side", "image": "nginx:1", "restartPolicy": "Always"}]);
    let world = known(&[("pods", vec![one])]);
    assert_eq!(names("pods --where='not limits'", &world), ["p/app", "p/init", "p/side"]);
    assert_eq!(names("pods --where='not liveness-probe'", &world), ["p/app", "p/side"]);
}

#[test]
fn states_of_pods_jobs_and_nodes() {
    let status = |mut pod: Value, status: Value| {
        pod["status"] = status;
        pod
    };
    let ready = |is: &str| json!({"phase": "Running", "conditions": [{"type": "Ready", "status": is}]});
    let job = |name: &str, sort: &str| json!({"metadata": {"name": name}, "spec": {"suspend": sort == "Suspended"}, "status": {"conditions": [{"type": sort, "status": "True"}]}});
    let world = known(&[
        (
            "pods",
            vec![
                status(pod("up", json!([])), ready("True")),
                status(pod("down", json!([])), ready("False")),
                status(pod("done", json!([])), json!({"phase": "Succeeded"})),
                status(pod("dead", json!([])), json!({"phase": "Failed"})),
            ],
        ),
        ("jobs", vec![job("bad", "Failed"), job("good", "Complete"), job("held", "Suspended")]),
        (
            "nodes",
            vec![status(json!({"metadata": {"name": "n1"}}), ready("Unknown")), status(json!({"metadata": {"name": "n2"}}), ready("True"))],
        ),
        (
            "deployments",
            vec![
                json!({"metadata": {"name": "web"}, "spec": {"replicas": 2}, "status": {"readyReplicas": 1}}),
                json!({"metadata": {"name": "api"}, "status": {"readyReplicas": 1}}),
            ],
        ),
    ]);
    for (line, want) in [
        ("pods --where=ready", &["up"][..]),
        // A pod that ended well is neither.
        ("pods --where='not ready'", &["dead", "down"]),
        ("pods --where=failed", &["dead"]),
        ("pods --where=completed", &["done"]),
        ("pods --where=phase=running", &["down", "up"]),
        ("jobs --where=failed", &["bad"]),
        ("jobs --where=completed", &["good"]),
        ("jobs --where='not completed'", &["bad", "held"]),
        ("jobs --where=suspended", &["held"]),
        ("nodes --where='not ready'", &["n1"]),
        ("deployments --where='not ready'", &["web"]),
        ("deployments --where='replicas<2'", &["api"]),
        ("deployments --where='replicas>=2' --where='not ready'", &["web"]),
    ] {
        assert_eq!(names(line, &world), want, "{line}");
    }
}

#[test]
fn measures_of_pods_and_nodes() {
    let restarted = |name: &str, n: u32, made: &str| {
        let mut pod = pod(name, json!([{"name": "app", "image": "a"}, {"name": "side", "image": "b"}]));
        pod["metadata"]["creationTimestamp"] = json!(made);
        pod["spec"]["nodeName"] = json!("n1");
        pod["status"]["containerStatuses"] = json!([{"name": "app", "restartCount": n}, {"name": "side", "restartCount": 1}]);
        pod
    };
    let figure = |name: &str, cpu: &str, memory: &str| json!({"metadata": {"name": name, "namespace": "a"}, "containers": [{"usage": {"cpu": cpu, "memory": memory}}, {"usage": {"cpu": "1m", "memory": "1Mi"}}]});
    let node = |name: &str, cpu: &str| json!({"metadata": {"name": name}, "status": {"capacity": {"cpu": cpu, "memory": "8Gi"}}});
    let world = known(&[
        (
            "pods",
            vec![
                restarted("often", 5, "2026-01-01T00:00:00Z"),
                restarted("never", 0, "2026-01-09T12:00:00Z"),
                restarted("new", 2, "2026-01-09T23:00:00Z"),
            ],
        ),
        ("pods.metrics.k8s.io", vec![figure("often", "600m", "700Mi"), figure("never", "10m", "20Mi")]),
        ("nodes", vec![node("small", "2"), node("large", "16")]),
    ]);
    for (line, want) in [
        ("pods --where='restarts>2'", &["new", "often"][..]),
        ("pods --where='restarts=1'", &["never"]),
        ("pods --most=restarts", &["often", "new", "never"]),
        ("pods --where='age>7d'", &["often"]),
        ("pods --where='age<=12h'", &["never", "new"]),
        ("pods --where=node=n1 --where='age>1w'", &["often"]),
        ("pods --where='memory-use>500Mi'", &["often"]),
        ("pods --where='cpu-use<100m'", &["never"]),
        ("nodes --where='cpus<4'", &["small"]),
        ("nodes --where='memory>=8Gi'", &["large", "small"]),
    ] {
        assert_eq!(names(line, &world), want, "{line}");
    }
    // One container of each: where containers are asked for, their own restarts count.
    assert_eq!(names("pods --where='restarts>2' --show=image", &world), ["often/app"]);
    // No figures are no answer: neither more nor less.
    let found = ask("pods --where='memory-use>500Mi'", &world).unwrap();
    assert!(found.notes.iter().any(|note| note.starts_with("of 1 more")), "{:?}", found.notes);
}

#[test]
fn what_cannot_be_known_is_said_and_never_an_empty_list() {
    let pods = || ("pods", Lookup::Known(vec![pod("a", json!([]))]));
    let denied = |kind| (kind, Lookup::NotChecked("forbidden".to_string()));
    let service =
        || ("services", Lookup::Known(vec![json!({"metadata": {"name": "s", "namespace": "a"}, "spec": {"selector": {"app": "x"}}})]));
    for (line, world, says) in [
        ("pods --where=ready", vec![denied("pods")], "forbidden"),
        ("pods --where='memory-use>1Mi'", vec![pods()], "metrics-server"),
        ("pods --where='memory-use>1Mi'", vec![pods(), denied("pods.metrics.k8s.io")], "forbidden"),
        ("services --where='not used'", vec![service(), denied("pods")], "nobody can tell without the pods"),
        ("services --where='not used'", vec![service(), pods(), denied("ingresses")], "nobody can tell without the ingresses"),
        ("pod nobody --show=image", vec![pods()], "pod/nobody"),
    ] {
        let refused = ask(line, &world).expect_err(line);
        assert!(refused.sentence.contains(says), "{line}: {}", refused.sentence);
    }
    let found = ask("pods --where=failed", &vec![pods()]).unwrap();
    assert_eq!((found.of, found.table.rows.len(), found.asked.as_str()), (1, 0, "pods that failed"));
}

#[test]
fn what_nothing_uses() {
    let service = |name: &str, spec: Value| json!({"metadata": {"name": name, "namespace": "a"}, "spec": spec});
    let named = |name: &str| json!({"metadata": {"name": name, "namespace": "a"}, "type": "Opaque"});
    let mut web = pod(
        "web",
        json!([{"name": "app", "image": "a", "env": [{"name": "P", "valueFrom": {"secretKeyRef": {"name": "by-key", "key": "p"}}}],
        "envFrom": [{"secretRef": {"name": "by-env"}}, {"configMapRef": {"name": "all"}}]}]),
    );
    web["spec"]["volumes"] = json!([{"secret": {"secretName": "by-volume"}}, {"projected": {"sources": [{"secret": {"name": "by-projection"}}, {"configMap": {"name": "some"}}]}},
        {"persistentVolumeClaim": {"claimName": "disk"}}]);
    web["spec"]["imagePullSecrets"] = json!([{"name": "by-pull"}]);
    web["spec"]["serviceAccountName"] = json!("robot");
    let cron = json!({"metadata": {"name": "nightly", "namespace": "a"}, "spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [
        {"name": "c", "env": [{"name": "X", "valueFrom": {"configMapKeyRef": {"name": "by-cron", "key": "x"}}}]}]}}}}}});
    let set = json!({"metadata": {"name": "db", "namespace": "a"}, "spec": {"replicas": 2, "volumeClaimTemplates": [{"metadata": {"name": "data"}}],
        "template": {"spec": {"containers": []}}}});
    let ingress = json!({"metadata": {"name": "front", "namespace": "a"}, "spec": {"tls": [{"secretName": "by-tls"}],
        "rules": [{"http": {"paths": [{"backend": {"service": {"name": "lost"}}}]}}]}});
    let account = json!({"metadata": {"name": "robot", "namespace": "a"}, "imagePullSecrets": [{"name": "by-account"}]});
    let mut over = pod("over", json!([]));
    over["status"]["phase"] = json!("Succeeded");
    let mut release = named("sh.helm.release.v1.x.v1");
    release["type"] = json!("helm.sh/release.v1");
    let names_of = |all: &[&str]| all.iter().map(|name| named(name)).collect::<Vec<_>>();
    let mut secrets = names_of(&["by-key", "by-env", "by-volume", "by-projection", "by-pull", "by-tls", "by-account", "orphan"]);
    secrets.push(release);
    let world = known(&[
        (
            "services",
            vec![
                service("web", json!({"selector": {"app": "web"}})),
                service("lost", json!({"selector": {"app": "gone"}})),
                service("ended", json!({"selector": {"app": "over"}})),
                service("outside", json!({"type": "ExternalName", "externalName": "example.com"})),
                service("by-hand", json!({})),
            ],
        ),
        ("secrets", secrets),
        ("configmaps", names_of(&["all", "some", "by-cron", "orphan", "kube-root-ca.crt"])),
        ("persistentvolumeclaims", names_of(&["disk", "data-db-0", "data-db-1", "data-db-2"])),
        ("serviceaccounts", vec![account, named("default"), named("idle")]),
        ("pods", vec![web, over]),
        ("cronjobs", vec![cron]),
        ("statefulsets", vec![set]),
        ("ingresses", vec![ingress]),
        ("deployments", vec![]),
        ("daemonsets", vec![]),
        ("jobs", vec![]),
    ]);
    for (kind, unused, used) in [
        ("services", &["ended", "lost"][..], 1),
        ("secrets", &["orphan"], 7),
        ("configmaps", &["orphan"], 3),
        ("persistentvolumeclaims", &["data-db-2"], 3),
        ("serviceaccounts", &["idle"], 1),
    ] {
        assert_eq!(names(&format!("{kind} --where='not used'"), &world), unused, "{kind}");
        assert_eq!(names(&format!("{kind} --where=used"), &world).len(), used, "{kind}");
    }
    let found = ask("services --where='not used'", &world).unwrap();
    assert_eq!(found.table.rows[1], ["lost", "no pod, but named by ingress/front"]);
    assert_eq!(found.notes.len(), 2, "{:?}", found.notes);
    let found = ask("secrets --where='not used'", &world).unwrap();
    assert_eq!(found.notes, ["1 left aside: Helm keeps a release in it"]);
    // Another namespace's pod uses nothing here.
    let mut elsewhere = world.clone();
    if let Some((_, Lookup::Known(pods))) = elsewhere.iter_mut().find(|(kind, _)| *kind == "pods") {
        pods.iter_mut().for_each(|pod| pod["metadata"]["namespace"] = json!("b"));
    }
    assert_eq!(names("services -A --where='not used' --show=type", &elsewhere).len(), 3);
}

#[test]
fn columns_of_one_object() {
    let template = json!({"spec": {"serviceAccountName": "robot", "containers": [{"name": "app", "image": "nginx:1", "ports": [{"containerPort": 80}],
        "resources": {"limits": {"cpu": "1"}}, "livenessProbe": {"httpGet": {"port": 80, "path": "/up"}},
        "env": [{"name": "PASSWORD", "value": "geheim"}, {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}]}});
    let mut owned = pod("web-1", json!([]));
    owned["metadata"]["ownerReferences"] = json!([{"controller": true, "kind": "ReplicaSet", "name": "web-7d"}]);
    let set = json!({"metadata": {"name": "web-7d", "namespace": "a", "ownerReferences": [{"controller": true, "kind": "Deployment", "name": "web"}]}});
    let world = known(&[
        ("deployments", vec![json!({"metadata": {"name": "web"}, "spec": {"template": template}})]),
        ("pods", vec![owned]),
        ("replicasets", vec![set]),
        ("jobs", vec![]),
        (
            "services",
            vec![
                json!({"metadata": {"name": "front"}, "spec": {"type": "LoadBalancer", "ports": [{"port": 80, "nodePort": 30080}]}, "status": {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}}),
                json!({"metadata": {"name": "soon"}, "spec": {"type": "LoadBalancer"}}),
                json!({"metadata": {"name": "inner"}, "spec": {"type": "ClusterIP"}}),
            ],
        ),
    ]);
    let rows = |line: &str| ask(line, &world).unwrap().table.rows.iter().map(|row| row.join(" ")).collect::<Vec<_>>();
    for (line, want) in [
        ("deployment web --show=limits,image", &["web app cpu=1 nginx:1"][..]),
        ("deployment web --show=requests", &["web app none"]),
        ("deployment web --show=ports,service-account", &["web 80/TCP robot"]),
        ("deployment web --show=env", &["web app PASSWORD", "web app KEY ← secret/s:k"]),
        ("pod web-1 --show=owner -n a", &["web-1 ReplicaSet web-7d of Deployment web"]),
        ("services --show=external-ip,type", &["front 1.2.3.4 LoadBalancer", "inner none ClusterIP", "soon pending LoadBalancer"]),
        ("service front --show=ports", &["front 80:30080/TCP"]),
    ] {
        assert_eq!(rows(line), want, "{line}");
    }
    let probe = rows("deployment web --show=liveness-probe");
    assert!(probe[0].contains("GET :80/up"), "{probe:?}");
    assert!(!format!("{:?}", ask("deployment web --show=env", &world)).contains("geheim"));
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    for (line, says) in [
        ("find pods", "--where"),
        ("find services --where=limits", "not of services"),
        ("find deployments --where='restarts>2'", "not of deployments"),
        ("find pods --where='restarts>two'", "whole number"),
        ("find pods --where='age>soon'", "length of time"),
        ("find pods --where='image>nginx'", "only ="),
        ("find pods --where=beautiful", "beautiful"),
        ("find pods --show=beauty", "beauty"),
        ("find pods a --show=image -l a=b", "selector"),
        ("find widgets --where=ready", "widgets"),
    ] {
        let refused = Op::from_line(&format!("aiops {line}")).expect_err(line).to_string();
        assert!(refused.contains(says), "{line}: {refused}");
    }
}

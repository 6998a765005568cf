//! Reads, held against kubectl's own on the real cluster: the same rows, the same text, and where kubectl fails, a failure.

use crate::support::face::{Person, real_kubeconfig};
use aiops::{
    doors::cluster::Cluster,
    faces::{args::Global, say},
    facts::Need,
    ops::{Answer, Namespace, Op},
};
use std::{path::Path, process::Command};

const OBJECTS: &str = r#"
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web, app.kubernetes.io/name: shop, tier: front}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports: [{containerPort: 80, name: http}, {containerPort: 443, name: https}]
        resources: {requests: {cpu: 10m, memory: 16Mi}}
      - {name: side, image: "busybox:1.36", args: [sleep, "60"]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: db, labels: {app: db}}
spec:
  replicas: 0
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: "postgres:16"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web, labels: {app: web}}
spec: {selector: {app: web}, ports: [{port: 80, name: http}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, labels: {app: web}}
data: {colour: blue, "a.b": "<dotted> & more"}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: big}
spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1Gi}}}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: small}
spec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 200Mi}}}
"#;

/// What one read gives, without a face: the answer, or the sentence in place of one.
async fn read(cluster: &Cluster, namespace: &str, line: &str) -> Result<Answer, String> {
    let mut op = Op::from_line(line).map_err(|e| e.to_string())?;
    op.verb_mut().place(&Namespace::new(namespace).unwrap());
    let mut seen = Vec::new();
    loop {
        let looks = op.verb().looks(&seen);
        if looks.is_empty() {
            break;
        }
        let needs: Vec<Need> = looks.iter().cloned().map(Need::Look).collect();
        let facts = cluster.gather(&needs).await;
        seen.extend(looks.iter().map(|call| facts.look(call)));
    }
    let now = jiff::Timestamp::now();
    let calls = op.verb().calls(&seen, now).map_err(|e| e.to_string())?;
    let replies = cluster.replies(&calls).await;
    op.verb().answer(&calls, &replies, now).map_err(|e| e.to_string())
}

/// The answer as text; tables without what only their layout is made of.
fn text(answer: &Answer) -> String {
    if let Answer::Text { text } = answer {
        return text.clone();
    }
    let lines = match answer {
        // What each table lists stands before its rows, where kubectl only has the kind in each.
        Answer::Tables { tables } => tables.iter().flat_map(|table| say::table(table, 4000)).collect(),
        other => say::answer(other, 4000),
    };
    rows(&lines.iter().map(say::Line::text).collect::<Vec<_>>().join("\n"))
}

fn rows(text: &str) -> String {
    // Ages go on between the two readings.
    let age = |word: &str| word.len() > 1 && word.ends_with(['s', 'm', 'h']) && word.starts_with(|c: char| c.is_ascii_digit());
    let bare = text.lines().map(|line| line.split_whitespace().map(|w| if age(w) { "AGE" } else { w }).collect::<Vec<_>>().join(" "));
    bare.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

fn kubectl(kubeconfig: &Path, namespace: &str, line: &str) -> Result<String, String> {
    let program = std::env::var("AIOPS_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into());
    let words = aiops::ops::argv::split(line).unwrap();
    let mut command = Command::new(program);
    command.args(&words[1..]).arg("--kubeconfig").arg(kubeconfig);
    if !words.iter().any(|word| word == "-A" || word == "--raw") {
        command.args(["-n", namespace]);
    }
    let out = command.output().unwrap();
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if out.status.success() { Ok(said(&out.stdout)) } else { Err(said(&out.stderr)) }
}

/// Templates for `-o jsonpath`, each asked of a list and of one object.
const TEMPLATES: &[&str] = &[
    "{.items[*].metadata.name}",
    "{.metadata.name}",
    "{.items[0].metadata.name}{.kind}",
    "{.items[-1].metadata.name}",
    "{.items[-2:].metadata.name}",
    "{.items[0:1].metadata.name}",
    "{.items[:1].metadata.name}",
    "{.items[1:].metadata.name}",
    "{.items[::2].metadata.name}",
    "{.items[5].metadata.name}",
    "{.items[1:0].metadata.name}",
    "{.items[0:0].metadata.name}",
    "{.items[0,1].metadata.name}",
    "{.items[*]['metadata.name','spec.replicas']}",
    "{.items[*].metadata['name','namespace']}",
    "{range .items[*]}{.metadata.name}{\"\\t\"}{.spec.replicas}{\"\\n\"}{end}",
    "{range .items[*]}{.metadata.name}:{range .spec.template.spec.containers[*]}{.name}={.image},{end};{end}done",
    "{range .nothing[*]}{.metadata.name}{end}after",
    "{.items[?(@.metadata.name==\"web\")].spec.replicas}",
    "{.items[?(@.metadata.name=='web')].spec.replicas}",
    "{.items[?(@.metadata.name!=\"web\")].metadata.name}",
    "{.items[?(@.spec.replicas>1)].metadata.name}",
    "{.items[?(@.spec.replicas<=1)].metadata.name}",
    "{.items[?(@.spec.replicas>=0)].metadata.name}",
    "{.items[?(@.spec.replicas<1)].metadata.name}",
    "{.items[?(@.spec.replicas==\"2\")].metadata.name}",
    "{.items[?(@.spec.replicas)].metadata.name}",
    "{.items[?(@.metadata.labels.tier)].metadata.name}",
    "{.items[?(@.metadata.labels)].metadata.name}",
    "{.items[?(@.metadata.labels.app\\.kubernetes\\.io/name==\"shop\")].metadata.name}",
    "{.items[*].spec.template.spec.containers[?(@.name==\"side\")].image}",
    "{.items[*].spec.template.spec.containers[*].ports[*].containerPort}",
    "{.spec.template.spec.containers[?(@.name==\"web\")].ports[?(@.name==\"https\")].containerPort}",
    "{..containerPort}",
    "{..image}",
    "{.items[*]..replicas}",
    "{.metadata.labels}",
    "{.items[*].metadata.labels}",
    "{.metadata.labels.app\\.kubernetes\\.io/name}",
    "{.metadata.labels['app\\.kubernetes\\.io/name']}",
    "{.spec.template.spec.containers}",
    "{.spec.template.spec.containers[*]}",
    "{.spec.selector.matchLabels.*}",
    "{.spec.nothing.at.all}",
    "{.spec.replicas}{' '}{.spec.strategy.type}",
    "{$.metadata.name}{@.kind}",
    "{.metadata.name[0]}",
    "{.spec.paused}",
    "plain text",
    "a{.metadata.name}b{.kind}c",
    "{\"it's\"}{'\\''}{\"\\u00e9\\x41\\101\"}",
    "{1}{-2}{3.5}{true}",
    "{.}",
    "{@}",
    "{$}",
    "{ .metadata.name }",
    "{.metadata .name}",
    "{.items[*].metadata.name",
    "{.items[}",
    "{.items[a].x}",
    "{end}",
    "{foo}",
    "{.metadata.name,.kind}",
    "{'unclosed}",
    "{.items[?(@.a)}",
    "{.items[*].metadata.name}{\"\\n\"}{.items[*].spec.replicas}",
    "{[0]}",
    "{.items[*].status.conditions[?(@.type==\"Available\")].status}",
    "{.items[0].spec.template.spec.containers[0:2:1].name}",
    "{.items[0].metadata.annotations.deployment\\.kubernetes\\.io/revision}",
];

/// Whole lines, whose rows or text have to be the same.
const LINES: &[&str] = &[
    "kubectl get deployments",
    "kubectl get deploy web db",
    "kubectl get deploy/web svc/web --show-kind",
    "kubectl get deploy,svc --no-headers --show-kind -l app=web",
    "kubectl get deployments -o wide",
    "kubectl get deployments --show-labels",
    "kubectl get deployments -L app,tier",
    "kubectl get deployments -L app --show-labels --no-headers",
    "kubectl get deployments --sort-by=.spec.replicas",
    "kubectl get deployments --sort-by='{.metadata.name}' -o name",
    "kubectl get pvc --sort-by=.spec.resources.requests.storage",
    "kubectl get pvc --sort-by=spec.resources.requests.storage -o name",
    "kubectl get deployments -o custom-columns=NAME:.metadata.name,WANTED:.spec.replicas",
    "kubectl get deployments -o custom-columns=NAME:metadata.name,IMAGES:.spec.template.spec.containers[*].image,NONE:.nothing",
    "kubectl get deployments -o custom-columns=LABELS:.metadata.labels,PORTS:.spec.template.spec.containers[0].ports --no-headers",
    "kubectl get deployments -o custom-columns=NAME",
    "kubectl get configmap settings -o jsonpath='{.data}'",
    "kubectl get configmap settings -o jsonpath='{.data.a\\.b}'",
    "kubectl get configmap settings -o jsonpath-as-json='{.data}'",
    "kubectl get deployments -o jsonpath-as-json='{.items[*].metadata.name}'",
    "kubectl get deployments -o jsonpath-as-json='{.items[*].metadata.name}{.kind}text'",
    "kubectl get deployment web --subresource=scale -o jsonpath='{.kind} {.spec.replicas}'",
    "kubectl get deployment web --subresource=status",
    "kubectl get configmap nothing --ignore-not-found -o name",
    "kubectl get configmap nothing",
    "kubectl get pods -l app=web --field-selector=status.phase=Failed -o name",
    "kubectl get --raw /version",
    "kubectl get --raw /apis/apps/v1",
    "kubectl get --raw '/readyz?verbose'",
    "kubectl get nodes fake-0 fake-1 -o custom-columns=NAME:.metadata.name,CPU:.status.capacity.cpu",
    "kubectl api-resources",
    "kubectl api-resources -o wide",
    "kubectl api-resources -o name --namespaced=false",
    "kubectl api-resources --api-group=apps --no-headers --sort-by=kind",
    "kubectl api-resources --verbs=list,get --categories=all",
    "kubectl api-resources --api-group=''",
    "kubectl api-versions",
    "kubectl auth whoami",
    "kubectl auth can-i create pods",
    "kubectl auth can-i '*' '*' -A",
    "kubectl auth can-i get /version",
    "kubectl auth can-i get pods/web --subresource=log",
    "kubectl auth can-i get pods --as=ann --as-group=system:masters",
    "kubectl auth can-i get /version --as=system:serviceaccount:default:default",
    "kubectl explain deployment",
    "kubectl explain deploy.spec.strategy",
    "kubectl explain deploy.spec.strategy --recursive",
    "kubectl explain pods.spec.containers",
    "kubectl explain pod.spec.containers.resources.limits",
    "kubectl explain pod.status.phase",
    "kubectl explain pod.spec --recursive",
    "kubectl explain pod.spec.nothing",
    "kubectl explain crd --recursive",
    "kubectl explain crd.spec.versions.schema.openAPIV3Schema",
    "kubectl explain ingress.spec.rules.http.paths",
    "kubectl explain hpa --api-version=autoscaling/v1",
    "kubectl explain cm.data",
    "kubectl explain deployments.apps.spec.selector.matchExpressions",
    "kubectl config view -o jsonpath='{.contexts[*].name} {.current-context} {.users[*].user.client-key-data}'",
    "kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server} {.contexts[0].context.user}'",
    "kubectl config current-context",
    "kubectl config get-contexts",
    "kubectl config get-contexts -o name",
    "kubectl config get-contexts no-such-context",
    "kubectl config get-clusters",
    "kubectl config get-users",
    "kubectl get ns kube-system -o jsonpath='{.status.phase}'",
];

/// What was the same, what was not.
#[derive(Default)]
struct Compared {
    same: usize,
    differ: Vec<String>,
}

impl Compared {
    fn take(&mut self, line: &str, ours: Result<String, String>, theirs: Result<String, String>) {
        match (&ours, &theirs) {
            (Ok(a), Ok(b)) if a == b => self.same += 1,
            (Err(_), Err(_)) => self.same += 1,
            _ => self.differ.push(format!("{line}\n  ours:    {ours:?}\n  kubectl: {theirs:?}")),
        }
    }
    fn told(self, what: &str) {
        println!("{} {what} compared with kubectl", self.same + self.differ.len());
        assert!(self.differ.is_empty(), "{} of them differ:\n{}", self.differ.len(), self.differ.join("\n"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_rows_as_kubectl() {
    let Some(kubeconfig) = real_kubeconfig("reads held against kubectl") else { return };
    let person = Person::on_real(kubeconfig.clone()).await;
    let ns = format!("rows-{}", std::process::id());
    person.namespace(&ns).await;
    person.applies(&ns, OBJECTS).await;
    let mut compared = Compared::default();
    for template in TEMPLATES {
        for what in ["deployments", "deployment web"] {
            let line = format!("kubectl get {what} -o jsonpath='{}'", template.replace('\'', r"'\''"));
            let ours = read(&person.cluster, &ns, &line).await.map(|answer| text(&answer));
            compared.take(&line, ours, kubectl(&kubeconfig, &ns, &line));
        }
    }
    for line in LINES {
        let ours = read(&person.cluster, &ns, line).await.map(|answer| text(&answer));
        let theirs = kubectl(&kubeconfig, &ns, line);
        let bare = |text: String| if ["jsonpath", "--raw", "explain"].iter().any(|form| line.contains(form)) { text } else { rows(&text) };
        compared.take(line, ours.map(bare), theirs.map(bare));
    }
    compared.told("reads");
    let _ = kubectl(&kubeconfig, "default", &format!("kubectl delete namespace {ns} --wait=false"));
}

/// The API server reads all events of a namespace for each object whose events are asked for: those of many objects are one list, and
/// before it one of a single event, that says how many there are.
#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_many_objects_are_one_list() {
    let (person, cluster, wire) = Person::over_a_wire().await;
    person.namespace("shop").await;
    for n in 0..14 {
        let pod = serde_json::json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": format!("web-{n}"), "namespace": "shop", "labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "nginx:1.27"}]}
        });
        cluster.put(pod).unwrap();
    }
    let mut text = String::new();
    for _ in 0..100 {
        wire.forget();
        text = person.says("shop", &["kubectl describe pods -l app=web"]).await.text;
        if text.matches("Successfully assigned").count() == 14 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(text.matches("Successfully assigned").count(), 14, "each pod's own events: {text}");
    let lists = wire.seen().iter().filter(|seen| seen.path.contains("/events")).count();
    assert_eq!(lists, 2);
}

/// Whether somebody else may is asked of the server by the person who asks: nobody is impersonated, and nothing is kept.
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_may_is_a_question_of_ones_own() {
    let (person, _, wire) = Person::over_a_wire().await;
    for namespace in ["dev", "prod"] {
        person.namespace(namespace).await;
    }
    let manifest = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: foo, namespace: dev}\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\n\
                    metadata: {name: reader, namespace: prod}\nrules: [{apiGroups: [''], resources: [pods], verbs: [list]}]\n---\n\
                    apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: reader, namespace: prod}\n\
                    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}\n\
                    subjects: [{kind: ServiceAccount, name: foo, namespace: dev}, {kind: Group, apiGroup: rbac.authorization.k8s.io, name: devs}]\n";
    let file = person.file("rbac.yaml", manifest);
    let flags = Global { yes: true, confirm: Some("foo".into()), ..Global::default() };
    let heard = person.says_with("default", &[&format!("kubectl apply -f {}", file.display())], flags).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    wire.forget();
    for (asked, wanted) in [
        ("kubectl auth can-i list pods --as=system:serviceaccount:dev:foo -n prod", "yes"),
        ("kubectl auth can-i list pods --as=system:serviceaccount:dev:foo -n dev", "no"),
        ("kubectl auth can-i delete pods --as=system:serviceaccount:dev:foo -n prod", "no"),
        ("kubectl auth can-i list pods --as=ann -n prod", "no"),
        ("kubectl auth can-i list pods --as=ann --as-group=devs -n prod", "yes"),
        ("kubectl auth can-i get /version --as=ann", "yes"),
        ("check to see if service account \"foo\" of namespace \"dev\" can list pods in the namespace \"prod\"", "yes"),
        ("can ann list pods in prod", "no"),
        ("can group devs list pods in prod", "yes"),
    ] {
        let heard = person.says("default", &[asked]).await;
        assert_eq!((heard.code, heard.text.trim().lines().last().unwrap_or_default().trim()), (0, wanted), "{asked}: {}", heard.text);
    }
    let heard = person.says("default", &["what can user ann do in dev"]).await;
    assert!(heard.code != 0 && heard.text.contains("aiops --as=ann"), "{}", heard.text);
}

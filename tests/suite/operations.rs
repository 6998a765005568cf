//! Every operation, said in words and as a kubectl line, carried out and undone, on the built-in cluster and on the real one;
//! on the real one the object is held against what kubectl itself makes of the same line.

use crate::support::face::{Person, real_kubeconfig};
use serde_json::Value;
use std::{path::Path, process::Command};

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.27
        ports: [{containerPort: 80}]
        resources: {requests: {cpu: 10m, memory: 16Mi}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {colour: blue}
";

/// What stands beside it for the operations on other kinds.
const BESIDE: &str = "
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {clusterIP: None, selector: {app: web, tier: front}, ports: [{port: 80}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{kind: User, name: joe, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
";

/// One operation: what is said first, the line, the words for the same (none: it is said as a line only), the object it changes,
/// and whether it can be undone.
struct Case {
    first: &'static [&'static str],
    line: &'static str,
    words: &'static str,
    kind: &'static str,
    name: &'static str,
    back: bool,
}

const CASES: &[Case] = &[
    Case {
        first: &[],
        line: "kubectl scale deployment/web --replicas=3",
        words: "scale web to 3",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl set image deployment/web web=nginx:1.28",
        words: "set the image of container web in deployment web to nginx:1.28",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case { first: &[], line: "kubectl rollout restart deployment/web", words: "restart web", kind: "deployment", name: "web", back: false },
    Case {
        first: &["kubectl set image deployment/web web=nginx:1.26"],
        line: "kubectl rollout undo deployment/web",
        words: "roll back web",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl label deployment/web tier=front",
        words: "label deployment web tier=front",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl label deployment/web app-",
        words: "remove the label app from deployment web",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl delete configmap settings",
        words: "delete configmap settings",
        kind: "configmap",
        name: "settings",
        back: true,
    },
    Case { first: &[], line: "kubectl delete deployment web", words: "delete deployment web", kind: "deployment", name: "web", back: true },
    Case {
        first: &[],
        line: "kubectl annotate deployment/web note=first example.com/b=2",
        words: "",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case {
        first: &["kubectl annotate deployment/web note=first"],
        line: "kubectl annotate deployment/web note=second --overwrite",
        words: "",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case {
        first: &["kubectl annotate deployment/web note=first"],
        line: "kubectl annotate deployment/web note-",
        words: "",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case { first: &[], line: "kubectl rollout pause deployment/web", words: "", kind: "deployment", name: "web", back: true },
    Case {
        first: &["kubectl rollout pause deployment/web"],
        line: "kubectl rollout resume deployment/web",
        words: "",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl set env deployment/web LEVEL=debug URL=http://x?a=b",
        words: "",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case {
        first: &["kubectl set env deployment/web LEVEL=debug URL=x MORE=3"],
        line: "kubectl set env deployment/web LEVEL- NEW=1 URL=other",
        words: "",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case {
        first: &["kubectl set env deployment/web LEVEL=debug"],
        line: "kubectl set env deployment/web LEVEL-",
        words: "",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl set env deployment/web --from=configmap/settings --prefix=P_ -c web",
        words: "",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl set resources deployment/web --limits=cpu=200m,memory=512Mi --requests=cpu=0.1",
        words: "",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case { first: &[], line: "kubectl set selector service/front app=other", words: "", kind: "service", name: "front", back: true },
    Case { first: &[], line: "kubectl set serviceaccount deployment/web robot", words: "", kind: "deployment", name: "web", back: true },
    Case {
        first: &[],
        line: "kubectl set subject rolebinding/readers --user=bob --group=all --serviceaccount=default:robot",
        words: "",
        kind: "rolebinding",
        name: "readers",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl set subject rolebinding readers --user=joe --user=ann",
        words: "",
        kind: "rolebinding",
        name: "readers",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl scale deployment/web --replicas=1 --current-replicas=2",
        words: "",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl autoscale deployment/web --min=2 --max=5 --cpu=80% --memory=100",
        words: "",
        kind: "horizontalpodautoscaler",
        name: "web",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl autoscale deployment web --max=3 --cpu-percent=50 --name=other",
        words: "",
        kind: "horizontalpodautoscaler",
        name: "other",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl delete configmaps --field-selector=metadata.name=settings",
        words: "",
        kind: "configmap",
        name: "settings",
        back: true,
    },
    Case {
        first: &[],
        line: "kubectl delete deployments -l app=web --cascade=foreground",
        words: "",
        kind: "deployment",
        name: "web",
        back: true,
    },
    Case { first: &[], line: "kubectl delete deployment web --cascade=orphan", words: "", kind: "deployment", name: "web", back: true },
];

/// What may differ between two objects of the same making: names, uids, times, versions, status, who wrote which field.
fn bare(mut object: Value) -> Value {
    if let Some(map) = object.as_object_mut() {
        map.remove("status");
    }
    if let Some(meta) = object["metadata"].as_object_mut() {
        for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "namespace", "selfLink"] {
            meta.remove(field);
        }
        if let Some(annotations) = meta.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.remove("deployment.kubernetes.io/revision");
            annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
            if annotations.is_empty() {
                meta.remove("annotations");
            }
        }
    }
    if let Some(annotation) = object.pointer_mut("/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt") {
        *annotation = Value::String("a time".into());
    }
    object
}

/// Makes what stands beside the workload; a binding needs its name typed.
async fn beside(person: &Person, ns: &str) {
    let file = person.file(&format!("{ns}-beside.yaml"), BESIDE);
    let flags = aiops::faces::args::Global { yes: true, confirm: Some("front".into()), ..Default::default() };
    let heard = person.says_with(ns, &[&format!("kubectl apply --server-side -f {}", file.display())], flags).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
}

async fn carried_out(person: &Person, prefix: &str, kubectl: Option<(&Path, &Path)>) {
    for (n, case) in CASES.iter().enumerate() {
        let confirm = Some(case.name.to_string());
        let flags = || aiops::faces::args::Global { yes: true, confirm: confirm.clone(), ..Default::default() };
        let mut made = Vec::new();
        for (how, said) in [("words", case.words), ("line", case.line)].into_iter().filter(|(_, said)| !said.is_empty()) {
            let ns = format!("{prefix}-{n}-{how}");
            person.namespace(&ns).await;
            person.applies(&ns, WEB).await;
            beside(person, &ns).await;
            for first in case.first {
                let heard = person.says(&ns, &[first]).await;
                assert_eq!(heard.code, 0, "{first}: {}", heard.text);
            }
            let before = person.object(case.kind, case.name, &ns).await;
            let heard = person.says_with(&ns, &[said], flags()).await;
            assert_eq!(heard.code, 0, "{said}: {}", heard.text);
            let after = person.object(case.kind, case.name, &ns).await;
            assert_ne!(before.clone().map(bare), after.clone().map(bare), "{said} changed nothing: {}", heard.text);
            made.push(after.map(bare));
            let heard = person.says_with(&ns, &["undo"], flags()).await;
            if case.back {
                assert_eq!(heard.code, 0, "undo of {said}: {}", heard.text);
                let restored = person.object(case.kind, case.name, &ns).await;
                assert_eq!(restored.map(bare), before.map(bare), "undo of {said}");
            } else {
                assert_eq!(heard.code, 1, "{said} has no way back: {}", heard.text);
            }
        }
        assert_eq!(made.first(), made.last(), "{:?} and {:?} make the same", case.words, case.line);
        if let Some((kubectl, kubeconfig)) = kubectl {
            let ns = format!("{prefix}-{n}-kubectl");
            person.namespace(&ns).await;
            person.applies(&ns, WEB).await;
            beside(person, &ns).await;
            for line in case.first.iter().chain(std::iter::once(&case.line)) {
                let out =
                    Command::new(kubectl).args(line.split(' ').skip(1)).args(["-n", &ns, "--kubeconfig"]).arg(kubeconfig).output().unwrap();
                assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
            }
            let theirs = person.object(case.kind, case.name, &ns).await.map(bare);
            assert_eq!(made.last(), Some(&theirs), "what kubectl makes of {:?}", case.line);
        }
    }
    println!(
        "{} operations carried out in words and as lines{}",
        CASES.len(),
        if kubectl.is_some() { ", and held against kubectl's" } else { "" }
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn each_operation_on_the_built_in_cluster() {
    carried_out(&Person::on_built_in().await, "ops", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_operation_on_the_real_cluster() {
    let Some(kubeconfig) = real_kubeconfig("operations") else { return };
    let person = Person::on_real(kubeconfig.clone()).await;
    let kubectl = std::env::var("AIOPS_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into());
    let prefix = format!("ops-{}", std::process::id());
    carried_out(&person, &prefix, Some((Path::new(&kubectl), &kubeconfig))).await;
}

/// `create namespace` and `apply` make whole objects: held against kubectl's own, field by field.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_made_is_what_kubectl_makes() {
    let Some(kubeconfig) = real_kubeconfig("creation") else { return };
    let person = Person::on_real(kubeconfig.clone()).await;
    let kubectl = std::env::var("AIOPS_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into());
    let (ours, theirs) = (format!("made-{}-a", std::process::id()), format!("made-{}-b", std::process::id()));
    let file = std::env::temp_dir().join(format!("{ours}.yaml"));
    std::fs::write(&file, WEB).unwrap();
    let run = |line: &str| {
        let out = Command::new(&kubectl).args(line.split(' ')).arg("--kubeconfig").arg(&kubeconfig).output().unwrap();
        assert!(out.status.success(), "{line}: {}", String::from_utf8_lossy(&out.stderr));
    };
    person.namespace(&ours).await;
    run(&format!("create namespace {theirs}"));
    let labels = |namespace: Option<Value>, name: &str| serde_json::to_string(&namespace.map(bare)).unwrap().replace(name, "NAME");
    assert_eq!(
        labels(person.object("namespace", &ours, "default").await, &ours),
        labels(person.object("namespace", &theirs, "default").await, &theirs)
    );
    let heard = person.says(&ours, &[&format!("apply {}", file.display())]).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    run(&format!("apply --server-side -n {theirs} -f {}", file.display()));
    for (kind, name) in [("deployment", "web"), ("configmap", "settings")] {
        let (a, b) = (person.object(kind, name, &ours).await.map(bare), person.object(kind, name, &theirs).await.map(bare));
        assert!(a.is_some());
        assert_eq!(a, b, "{kind}/{name}");
    }
    let heard = person.says(&ours, &["undo"]).await;
    assert_eq!(heard.code, 3, "taking away a Deployment needs its name typed: {}", heard.text);
    let flags = aiops::faces::args::Global { yes: true, confirm: Some("web".into()), ..Default::default() };
    let heard = person.says_with(&ours, &["undo"], flags).await;
    assert_eq!(heard.code, 0, "{}", heard.text);
    assert_eq!(person.object("deployment", "web", &ours).await, None);
    assert_eq!(person.object("configmap", "settings", &ours).await, None);
    let _ = std::fs::remove_file(&file);
}

async fn nodes(person: &Person, node: &str, other: &str) {
    for (said, unschedulable) in [(format!("cordon {node}"), true), (format!("kubectl cordon {other}"), true)] {
        let heard = person.says("default", &[&said]).await;
        assert_eq!(heard.code, 0, "{said}: {}", heard.text);
        let name = said.rsplit(' ').next().unwrap();
        let object = person.object("node", name, "default").await.unwrap();
        assert_eq!(object.pointer("/spec/unschedulable").and_then(Value::as_bool).unwrap_or(false), unschedulable);
        let heard = person.says("default", &["undo"]).await;
        assert_eq!(heard.code, 0, "undo of {said}: {}", heard.text);
        let object = person.object("node", name, "default").await.unwrap();
        assert_eq!(object.pointer("/spec/unschedulable"), None, "{name} after undo");
    }
    let heard = person.says("default", &[&format!("uncordon {node}")]).await;
    assert!(heard.text.contains("so already"), "{}", heard.text);
    assert_eq!(heard.code, 0);
}

/// Taints, on nodes of one's own: the others' pods stay where they are. Held against kubectl's, where there is one.
async fn taints(person: &Person, prefix: &str, kubectl: Option<(&Path, &Path)>) {
    // What the node's own controllers put on it is theirs; the order of taints says nothing.
    let own = |node: Option<Value>| {
        let mut taints = node.as_ref().and_then(|n| n.pointer("/spec/taints")?.as_array().cloned()).unwrap_or_default();
        taints.retain(|t| t["key"].as_str().is_some_and(|key| key.starts_with("ops-")));
        taints.sort_by_key(ToString::to_string);
        taints
    };
    let names = [format!("{prefix}-a"), format!("{prefix}-b")];
    for name in &names {
        person.applies(name, &format!("apiVersion: v1\nkind: Node\nmetadata: {{name: {name}}}\nspec: {{unschedulable: true}}\n")).await;
    }
    let lines = [
        "ops-team=x:NoSchedule ops-gpu:NoExecute",
        "ops-team=y:NoSchedule ops-new=1:PreferNoSchedule --overwrite",
        "ops-gpu:NoExecute- ops-more:NoSchedule",
        "ops-team-",
    ];
    for line in lines {
        let before = own(person.object("node", &names[0], "default").await);
        let ours = format!("kubectl taint node {} {line}", names[0]);
        let typed = || aiops::faces::args::Global { yes: true, confirm: Some(names[0].clone()), ..Default::default() };
        let heard = person.says_with("default", &[&ours], typed()).await;
        assert_eq!(heard.code, 0, "{ours}: {}", heard.text);
        let after = own(person.object("node", &names[0], "default").await);
        assert_ne!(before, after, "{ours}");
        if let Some((kubectl, kubeconfig)) = kubectl {
            let theirs = format!("taint node {} {line}", names[1]);
            let out = Command::new(kubectl).args(theirs.split(' ')).arg("--kubeconfig").arg(kubeconfig).output().unwrap();
            assert!(out.status.success(), "{theirs}: {}", String::from_utf8_lossy(&out.stderr));
            assert_eq!(after, own(person.object("node", &names[1], "default").await), "what kubectl makes of {line:?}");
        }
        let heard = person.says_with("default", &["undo"], typed()).await;
        assert_eq!(heard.code, 0, "undo of {ours}: {}", heard.text);
        assert_eq!(before, own(person.object("node", &names[0], "default").await), "undo of {ours}");
        let heard = person.says_with("default", &[&ours], typed()).await;
        assert_eq!(heard.code, 0, "{ours} again: {}", heard.text);
    }
    for name in &names {
        let flags = aiops::faces::args::Global { yes: true, confirm: Some(name.clone()), ..Default::default() };
        let heard = person.says_with("default", &[&format!("kubectl delete node {name}")], flags).await;
        assert_eq!(heard.code, 0, "{}", heard.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn taints_on_the_built_in_cluster() {
    taints(&Person::on_built_in().await, "ops-node", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn taints_on_the_real_cluster() {
    let Some(kubeconfig) = real_kubeconfig("taints") else { return };
    let person = Person::on_real(kubeconfig.clone()).await;
    let kubectl = std::env::var("AIOPS_TEST_KUBECTL").unwrap_or_else(|_| "kubectl".into());
    taints(&person, &format!("ops-{}", std::process::id()), Some((Path::new(&kubectl), &kubeconfig))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_on_the_built_in_cluster() {
    nodes(&Person::on_built_in().await, "demo-node-1", "demo-node-2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_on_the_real_cluster() {
    let Some(kubeconfig) = real_kubeconfig("nodes") else { return };
    nodes(&Person::on_real(kubeconfig).await, "fake-1", "fake-2").await;
}

/// Reads, each in words and as a line, with something that has to stand in the answer.
const READS: &[(&str, &str, &str)] = &[
    ("show the pods", "kubectl get pods", "web-"),
    ("list deployments", "kubectl get deployments", "2/2"),
    ("describe deployment web", "kubectl describe deployment/web", "nginx:1.27"),
    ("show the events", "kubectl events", "ScalingReplicaSet"),
    ("rollout status of web", "kubectl rollout status deployment/web", "rolled out"),
    ("rollout history of web", "kubectl rollout history deployment/web", "REVISION"),
    ("show pods with label app=web", "kubectl get pods -l app=web", "web-"),
    ("get deployment web as yaml", "kubectl get deployment web -o yaml", "image: nginx:1.27"),
];

async fn reads(person: &Person, ns: &str) {
    person.namespace(ns).await;
    person.applies(ns, WEB).await;
    for (words, line, holds) in READS {
        for said in [words, line] {
            let heard = person.says(ns, &[said]).await;
            assert_eq!(heard.code, 0, "{said}: {}", heard.text);
            assert!(heard.text.contains(holds), "{said}: {}", heard.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_on_the_built_in_cluster() {
    reads(&Person::on_built_in().await, "reads").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_on_the_real_cluster() {
    let Some(kubeconfig) = real_kubeconfig("reads") else { return };
    reads(&Person::on_real(kubeconfig).await, &format!("reads-{}", std::process::id())).await;
}

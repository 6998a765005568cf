//! What a person is told before they answer, on the built-in cluster and, where there is one, on a real one.

use crate::support::face::{Person, real_kubeconfig};
use aiops::faces::args::Global;

const STAGE: &str = "apiVersion: v1
kind: ServiceAccount
metadata: {name: quiet}
---
apiVersion: v1
kind: Service
metadata: {name: front}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {kustomize.toolkit.fluxcd.io/name: shop}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: \"nginx:1.27\", resources: {requests: {cpu: 10m}}}]}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, minReplicas: 1, maxReplicas: 3}
";

const TIGHT: &str = "apiVersion: v1
kind: ResourceQuota
metadata: {name: tight}
spec: {hard: {pods: \"1\"}}
";

const LOST: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: lost}
spec:
  selector: {matchLabels: {app: lost}}
  template:
    metadata: {labels: {app: lost}}
    spec: {serviceAccountName: nobody, containers: [{name: a, image: \"nginx:1.27\", resources: {requests: {cpu: 10m}}}]}
";

const WARNED: &str = "apiVersion: v1
kind: Endpoints
metadata: {name: warned}
";

/// The change as files, and none on the cluster; what is no manifest, or is there already, is not written.
async fn to_files(person: &Person, ns: &str) {
    let folder = person.file("mark", "").with_file_name(format!("{ns}-files"));
    let flags = || Global { yes: true, to_files: Some(folder.clone()), ..Global::default() };
    let heard = person.says_with(ns, &["kubectl scale deployment/web --replicas=2"], flags()).await;
    assert!(heard.code == 0 && heard.text.contains("nothing was changed on the cluster"), "{}", heard.text);
    let patch = std::fs::read_to_string(folder.join(format!("deployment-web.{ns}.patch.yaml"))).unwrap();
    assert!(patch.contains("replicas: 2") && patch.contains("kind: Deployment") && !patch.contains("template"), "{patch}");
    assert_eq!(person.object("deployment", "web", ns).await.unwrap()["spec"]["replicas"], 1);
    let again = person.says_with(ns, &["kubectl scale deployment/web --replicas=3"], flags()).await;
    assert!(again.code == 1 && again.text.contains("is there already"), "{}", again.text);
    let flags = Global { confirm: Some("web".into()), ..flags() };
    assert_eq!(person.says_with(ns, &["kubectl delete service front"], flags).await.code, 0);
    assert!(person.object("service", "front", ns).await.is_some());
}

async fn told(person: &Person, ns: &str) {
    person.namespace(ns).await;
    person.applies(ns, STAGE).await;
    let shows = || Global { dry_run: true, ..Global::default() };
    let lost = person.file(&format!("{ns}-lost.yaml"), LOST);
    let cases = [
        ("kubectl scale deployment/web --replicas=5".to_string(), &["horizontalpodautoscaler/web", "Flux (kustomization shop) keeps"][..]),
        (
            "kubectl set image deployment/web a=nginx:1.28 web=nginx:1.28".replace(" a=nginx:1.28", ""),
            &["One pod is replaced, at most 1 more at a time, and at least 1 stays ready", "failed after 10 min without progress"],
        ),
        (
            "kubectl delete deployment web".into(),
            &["With it end 1 replicaset (web-", "and 1 pod (web-", "each has 30 s to end", "service/front loses its last ready endpoint"],
        ),
        (
            format!("kubectl delete namespace {ns}"),
            &["With it end 1 deployment (web), 1 pod (web-", "1 service (front)", "1 serviceaccount (quiet)", "custom resources as well"],
        ),
        ("kubectl delete pods -l app=web".into(), &["is the last ready pod of replicaset/web-", "makes a new one"]),
        ("kubectl scale deployment/web --replicas=0".into(), &["service/front loses its last ready endpoint", "is switched off by it"]),
        ("kubectl patch service/front --type=merge -p '{\"spec\":{\"selector\":{\"app\":\"none\"}}}'".into(), &["no pod has app=none yet"]),
        (format!("kubectl apply --server-side -f {}", lost.display()), &["its pods would be refused", "nobody"]),
    ];
    for (line, wanted) in cases {
        let heard = person.says_with(ns, &[&line], shows()).await;
        assert_eq!(heard.code, 0, "{line}: {}", heard.text);
        let text = heard.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for words in wanted {
            assert!(text.contains(words), "{line}: {text}");
        }
        assert!(!text.contains("not checked"), "{line}: {text}");
    }
    let old = person.file(&format!("{ns}-old.yaml"), "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: old}\n");
    let heard = person.says_with(ns, &[&format!("kubectl apply -f {}", old.display())], shows()).await;
    assert!(heard.code == 1 && heard.text.contains("gone since Kubernetes 1.22: write apiVersion: networking.k8s.io/v1"), "{}", heard.text);
    // A kind on its way out: the server itself says so.
    let warned = person.file(&format!("{ns}-warned.yaml"), WARNED);
    let heard = person.says_with(ns, &[&format!("kubectl create -f {}", warned.display())], shows()).await;
    assert!(
        heard.text.split_whitespace().collect::<Vec<_>>().join(" ").contains("the server warns: v1 Endpoints is deprecated"),
        "{}",
        heard.text
    );
    to_files(person, ns).await;
    person.applies(ns, TIGHT).await;
    // The quota's controller counts what is there a moment later.
    for _ in 0..100 {
        let heard = person.says_with(ns, &["kubectl scale deployment/web --replicas=2"], shows()).await;
        if heard.text.contains("its pods would be refused") {
            assert!(heard.text.contains("exceeded quota: tight"), "{}", heard.text);
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let heard = person.says_with(ns, &["kubectl scale deployment/web --replicas=2"], shows()).await;
    assert!(heard.text.contains("exceeded quota: tight"), "{}", heard.text);
    let fixed = person
        .says(ns, &["kubectl patch deployment/web --type=merge -p '{\"spec\":{\"selector\":{\"matchLabels\":{\"app\":\"x\"}}}}'"])
        .await;
    assert!(fixed.code == 1 && fixed.text.contains("has to be deleted and made anew"), "{}", fixed.text);
    let taken = person.file(&format!("{ns}-taken.yaml"), "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: quiet}\n");
    let taken = person.says(ns, &[&format!("kubectl create -f {}", taken.display())]).await;
    assert!(taken.code == 1 && taken.text.contains("the name is taken"), "{}", taken.text);
    let flags = Global { yes: true, confirm: Some(ns.to_string()), ..Global::default() };
    assert_eq!(person.says_with("default", &[&format!("kubectl delete namespace {ns}")], flags).await.code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_on_the_built_in_cluster() {
    told(&Person::on_built_in().await, "checks").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn checks_on_the_real_cluster() {
    let Some(kubeconfig) = real_kubeconfig("checks") else { return };
    told(&Person::on_real(kubeconfig).await, &format!("pol-{}", std::process::id())).await;
}

/// Each check says what it found under a name of its own, and docs/checks.md tells of each.
#[test]
fn every_check_stands_in_the_paper() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let paper = std::fs::read_to_string(root.join("docs/checks.md")).unwrap();
    // What stands below is of the diagnosis, and another test's.
    let paper = paper.split("## What a diagnosis looks for").next().unwrap();
    let mut ids = std::collections::BTreeSet::new();
    for entry in std::fs::read_dir(root.join("src/road/vet/checks")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for call in ["findings.warn(", "findings.typed("] {
            ids.extend(
                text.split(call).skip(1).filter_map(|rest| Some(rest.trim_start().strip_prefix('"')?.split_once('"')?.0.to_string())),
            );
        }
    }
    assert!(ids.len() > 20, "{ids:?}");
    let missing: Vec<&String> = ids.iter().filter(|id| !paper.contains(&format!("| `{id}` |"))).collect();
    assert!(missing.is_empty(), "docs/checks.md does not tell of {missing:?}");
}

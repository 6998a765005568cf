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

async fn told(person: &Person, ns: &str) {
    person.namespace(ns).await;
    person.applies(ns, STAGE).await;
    let shows = || Global { dry_run: true, ..Global::default() };
    let lost = person.file(&format!("{ns}-lost.yaml"), LOST);
    let cases = [
        ("kubectl scale deployment/web --replicas=5".to_string(), &["horizontalpodautoscaler/web", "Flux (kustomization shop) keeps"][..]),
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

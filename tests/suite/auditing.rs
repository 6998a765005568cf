//! `aiops audit` as it is run: rules of one's own, forms for other programs, what mends a finding, and words that lead to it.

use crate::support::program::{Ground, Said};
use serde_json::Value;

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: \"docker.io/nginx:1.27\"}]}
";

fn says(ground: &Ground, args: &[&str]) -> Said {
    ground.command(args).current_dir(ground.home.path()).output().unwrap().into()
}

fn write(ground: &Ground, path: &str, text: &str) {
    let path = ground.home.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// A cluster with the Deployment, and its manifest beside.
fn with_web() -> Ground {
    let ground = Ground::new();
    write(&ground, "web.yaml", WEB);
    let said = says(&ground, &["--yes", "kubectl apply --server-side -f web.yaml"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    ground
}

fn check(expression: &str) -> String {
    let head =
        "[[check]]\nid = \"own-images\"\nkinds = [\"deployments\"]\nmessage = \"all images come from r.acme.io\"\nseverity = \"error\"\n";
    format!("{head}expression = '''{expression}'''\n")
}

const OURS: &str = "object.spec.template.spec.containers.all(c, c.image.startsWith('r.acme.io/'))";

#[test]
fn a_rule_of_one_s_own_lists_what_violates_it() {
    let ground = with_web();
    for from in [&["--from", "web.yaml"][..], &[]] {
        let asked = |more: &[&str]| says(&ground, &[&["audit"], from, more].concat());
        let said = asked(&["--rule", "object.spec.replicas > 2", "--kind", "deployments", "--fail-on", "warning", "-o", "json"]);
        let found: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
        assert_eq!((said.code, found["findings"].as_array().map(Vec::len)), (Some(6), Some(1)), "{said:?}");
        let first = &found["findings"][0];
        assert_eq!((&first["subject"]["name"], &first["evidence"][0]), (&"web".into(), &"spec.replicas is 2".into()));
        let said = asked(&["--rule", "object.spec.replicas > 1", "--kind", "deployments", "--fail-on", "info"]);
        assert!(said.code == Some(0) && said.out.contains("✓ nothing found in 1 object"), "{said:?}");
        // What cannot be worked out is no yes.
        let said = asked(&["--rule", "object.spec.nothing > 1", "--kind", "deployments", "--fail-on", "info"]);
        assert!(said.code == Some(6) && said.out.contains("web: there is no field nothing"), "{said:?}");
    }
    let said = says(&ground, &["audit", "--rule", "object.spec.replicas >", "--kind", "deployments"]);
    assert!(said.code == Some(2) && format!("{said:?}").contains("of CEL at character"), "{said:?}");
}

#[test]
fn checks_of_the_policy_are_asked_and_checked() {
    let ground = Ground::new();
    write(&ground, "web.yaml", WEB);
    write(&ground, ".aiops/policy.toml", &check(OURS));
    let said = says(&ground, &["audit", "--from", "web.yaml", "--check", "own-images"]);
    assert!(said.out.contains("▲ 1 object, error: own-images"), "{said:?}");
    assert!(said.out.contains("Deployment web: all images come from r.acme.io"), "{said:?}");
    let said = says(&ground, &["config", "policy", "check"]);
    assert!(said.code == Some(0) && said.out.contains("1 check of your own for an audit: own-images"), "{said:?}");
    for (text, says_what) in [
        (check("object.spec.replicas >"), "line 6: "),
        (check(OURS).replace("own-images", "host-pid"), "called as a built-in one is"),
        (check("size(self) > 1"), "object is the whole of it"),
    ] {
        write(&ground, ".aiops/policy.toml", &text);
        for args in [&["audit", "--from", "web.yaml"][..], &["config", "policy", "check"]] {
            let said = says(&ground, args);
            let told = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(said.code == Some(2) && told.contains(says_what), "{text}: {told}");
        }
    }
}

#[test]
fn other_programs_can_read_it() {
    let ground = Ground::new();
    write(&ground, "k8s/web.yaml", WEB);
    let said = says(&ground, &["audit", "--from", "k8s", "-o", "sarif", "--fail-on", "error"]);
    let all: Value = serde_json::from_str(&said.out).unwrap_or_else(|e| panic!("{e}: {said:?}"));
    let at = &all["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(at, "k8s/web.yaml", "{said:?}");
    let said = says(&ground, &["audit", "--from", "k8s/web.yaml", "-o", "junit", "--fail-on", "warning"]);
    assert!(said.code == Some(6) && said.out.starts_with("<?xml") && said.out.contains("<failure message="), "{said:?}");
    assert_eq!(says(&ground, &["get pods", "-o", "sarif"]).code, Some(2));
}

#[test]
fn what_mends_a_finding_is_shown_asked_and_can_be_taken_back() {
    let ground = with_web();
    let fix = ["audit", "deployment/web", "--fix", "--check", "pull-policy-not-always", "--check", "disruption-budget-missing"];
    // Nobody answers: nothing is changed.
    let said = says(&ground, &fix);
    assert!(said.code == Some(3) && said.out.contains("2 changes mend 2 findings"), "{said:?}");
    let policy = || says(&ground, &["kubectl get deployment/web -o jsonpath={.spec.template.spec.containers[0].imagePullPolicy}"]).out;
    assert!(!policy().contains("Always"));
    let said = says(&ground, &[&fix[..], &["--yes"]].concat());
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(policy().contains("Always"));
    assert!(says(&ground, &["kubectl get poddisruptionbudgets"]).out.contains("web"));
    let said = says(&ground, &fix);
    assert!(said.code == Some(0) && said.out.contains("nothing to mend"), "{said:?}");
    let said = says(&ground, &["undo", "--yes"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(!policy().contains("Always"));
}

#[test]
fn words_lead_to_it() {
    let ground = with_web();
    let said = says(&ground, &["which best practices are violated in namespace default"]);
    assert!(said.code == Some(0) && said.out.contains("affected") && said.out.contains("root-filesystem-writable"), "{said:?}");
    let said = says(&ground, &["check my cluster for security problems"]);
    assert!(said.out.contains("run-as-root-allowed") && !said.out.contains("owner-label-missing"), "{said:?}");
    assert_eq!(says(&ground, &["kubectl create configmap left --from-literal=a=b", "--yes"]).code, Some(0));
    let said = says(&ground, &["find unused configmaps"]);
    assert!(said.out.contains("ConfigMap left is referred to by nothing that was looked at"), "{said:?}");
}

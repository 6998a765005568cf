//! The policy from its files to the answer: what a file forbids is refused whichever verb brings it, a reason is on record, and a file
//! that cannot be read lets nothing change.

use crate::support::program::{Ground, Said};

const WEB: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: \"nginx:1.27\"}]}
";

fn says(ground: &Ground, args: &[&str]) -> Said {
    ground.command(args).current_dir(ground.home.path()).output().unwrap().into()
}

fn write(ground: &Ground, path: &str, text: &str) {
    let path = ground.home.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn what_a_file_forbids_is_refused_whichever_verb_brings_it() {
    let ground = Ground::new();
    write(&ground, "web.yaml", WEB);
    assert_eq!(says(&ground, &["--yes", "kubectl apply --server-side -f web.yaml"]).code, Some(0));
    write(
        &ground,
        ".aiops/policy.toml",
        "[[rule]]\nid = \"no-latest\"\nwhy = \"nobody knows what latest is\"\nneed = \"forbid\"\nimages = [\"*:latest\"]\n",
    );
    write(&ground, "web.yaml", &WEB.replace("nginx:1.27", "nginx"));
    for line in [
        "kubectl set image deployment/web web=nginx:latest",
        "kubectl apply --server-side -f web.yaml",
        "kubectl patch deployment/web --type=json -p '[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/image\",\"value\":\"nginx\"}]'",
    ] {
        let said = says(&ground, &["--yes", line]);
        assert_eq!(said.code, Some(4), "{line}: {said:?}");
        let text = said.out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("rule no-latest of") && text.contains("docker.io/library/nginx:latest"), "{line}: {text}");
    }
    assert_eq!(says(&ground, &["--yes", "kubectl scale deployment/web --replicas=2"]).code, Some(0), "the rest goes on");
}

#[test]
fn a_reason_is_asked_for_and_goes_on_record() {
    let ground = Ground::new();
    write(
        &ground,
        "config/aiops/policy.toml",
        "[[rule]]\nid = \"ticket\"\nwhy = \"changes have tickets\"\nneed = { ticket = 'OPS-[0-9]+' }\n",
    );
    let said = says(&ground, &["--yes", "kubectl create namespace dev"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.out.contains("--reason TEXT"), "{said:?}");
    assert_eq!(says(&ground, &["--yes", "--reason", "because", "kubectl create namespace dev"]).code, Some(4));
    let said = says(&ground, &["--yes", "--reason", "OPS-7: a place to try things", "kubectl create namespace dev"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let list = says(&ground, &["-o", "json", "journal", "list"]);
    assert!(list.out.contains("OPS-7: a place to try things"), "{list:?}");
}

#[test]
fn a_file_that_cannot_be_read_lets_nothing_change() {
    let ground = Ground::new();
    write(&ground, ".aiops/policy.toml", "[[rule]]\nid = \"x\"\nwhy = \"y\"\nneed = \"forbid\"\nkinds = [\"deploymnt\"]\n");
    let said = says(&ground, &["--yes", "kubectl create namespace dev"]);
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.out.contains("deploymnt"), "{said:?}");
    assert_eq!(says(&ground, &["kubectl get pods"]).code, Some(0));
    let checked = says(&ground, &["config", "policy", "check"]);
    assert_eq!(checked.code, Some(2), "{checked:?}");
    assert!(checked.err.contains("policy.toml: line "), "{checked:?}");
}

#[test]
fn the_policy_is_checked_and_explained() {
    let ground = Ground::new();
    let said = says(&ground, &["config", "policy", "check"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let said = says(&ground, &["config", "policy", "explain", "kubectl delete ns x"]);
    assert!(said.out.contains("decides  confirm_typed  everything in the namespace goes with it (rule delete-namespace)"), "{said:?}");
    let said = says(&ground, &["--context", "prod", "config", "policy", "explain", "kubectl label pod/a b=c"]);
    assert!(said.out.contains("decides  confirm_typed  the context looks like production"), "{said:?}");
    write(
        &ground,
        "mine.toml",
        "[[rule]]\nid = \"x\"\nwhy = \"y\"\nneed = \"forbid\"\nverbs = [\"scale\"]\nmatches = [\"kubectl get pods\"]\n",
    );
    let said = says(&ground, &["config", "policy", "check", "mine.toml"]);
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.out.contains("it does not match \"kubectl get pods\", and should"), "{said:?}");
}

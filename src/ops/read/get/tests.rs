use crate::ops::*;

fn line(text: &str) -> String {
    match Op::from_line(text) {
        Ok(op) => op.line(),
        Err(e) => format!("! {e}"),
    }
}

#[test]
fn kubectls_forms_are_read_or_refused_in_words() {
    for (text, want) in [
        ("kubectl get pod/a deploy/b -n dev", "kubectl get pod/a deployment/b -n dev"),
        ("kubectl get po a b", "kubectl get pod a b"),
        ("kubectl get pods -o jsonpath='{.items[*].metadata.name}'", "kubectl get pods -o 'jsonpath={.items[*].metadata.name}'"),
        (
            "kubectl get po -o custom-columns=N:.metadata.name,I:.spec.containers[0,1].image",
            "kubectl get pods -o 'custom-columns=N:.metadata.name,I:.spec.containers[0,1].image'",
        ),
        (
            "kubectl get po -Lapp,tier -L x --no-headers",
            "kubectl get pods --label-columns=app --label-columns=tier --label-columns=x --no-headers",
        ),
        ("kubectl get --raw /readyz?verbose", "kubectl get --raw='/readyz?verbose'"),
        (
            "kubectl get deploy web --subresource=scale --ignore-not-found",
            "kubectl get deployment web --subresource=scale --ignore-not-found",
        ),
        ("kubectl get pods --chunk-size=50 --sort-by=.metadata.name", "kubectl get pods --sort-by=.metadata.name"),
        ("kubectl get -f a.yaml", "kubectl get -f a.yaml"),
    ] {
        assert_eq!(line(text), want);
    }
    for bad in [
        "kubectl get --raw /api/v1/namespaces/dev/secrets/x",
        "kubectl get --raw /version pods",
        "kubectl get pods -o jsonpath='{.items[}'",
        "kubectl get pods -o jsonpath",
        "kubectl get pods -o go-template='{{.x}}'",
        "kubectl get pods --sort-by='{.a'",
        "kubectl get pods a -l x=y",
        "kubectl get pods --subresource=status",
        "kubectl get nosuchkind",
    ] {
        assert!(line(bad).starts_with('!'), "{bad}");
    }
    assert_eq!(line("kubectl get all"), "kubectl get all");
    assert!(line("kubectl get all,secrets").contains("pods,") && line("kubectl get all,secrets").contains("deployments"));
}

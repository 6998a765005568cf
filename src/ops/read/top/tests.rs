use crate::ops::*;
use serde_json::{Value, json};

fn rows(line: &str, answers: &[&Value]) -> Vec<Vec<String>> {
    let op = Op::from_line(line).unwrap();
    let calls = op.verb().calls(&[], Default::default()).unwrap();
    assert_eq!(calls.len(), answers.len());
    let replies: Vec<Reply> =
        answers.iter().enumerate().map(|(call, a)| Reply { call, body: Lookup::Known(a.to_string().into_bytes()) }).collect();
    let Answer::Tables { tables } = op.verb().answer(&calls, &replies, Default::default()).unwrap() else { panic!() };
    tables.into_iter().next().unwrap().rows
}

#[test]
fn pods_are_summed_and_sorted() {
    let pod = |name: &str, cpu: &str| {
        json!({"metadata": {"name": name, "namespace": "dev"}, "containers": [
        {"name": "a", "usage": {"cpu": cpu, "memory": "2048Ki"}}, {"name": "b", "usage": {"cpu": "1000000n", "memory": "1Mi"}}]})
    };
    let list = json!({"items": [pod("b", "5m"), pod("a", "2m")]});
    assert_eq!(rows("kubectl top pods", &[&list]), [["a", "3m", "3Mi"], ["b", "6m", "3Mi"]]);
    assert_eq!(rows("kubectl top po --sort-by=cpu -A", &[&list])[0], ["dev", "b", "6m", "3Mi"]);
    assert_eq!(rows("kubectl top pod --containers", &[&list])[0], ["a", "a", "2m", "2Mi"]);
}

#[test]
fn nodes_have_shares_where_it_is_known_what_they_have() {
    let metrics = json!({"items": [{"metadata": {"name": "n1"}, "usage": {"cpu": "500m", "memory": "1Gi"}}]});
    let nodes = json!({"items": [{"metadata": {"name": "n1"}, "status": {"allocatable": {"cpu": "2", "memory": "4Gi"}}}, {"metadata": {"name": "n2"}}]});
    let rows = rows("kubectl top node", &[&metrics, &nodes]);
    assert_eq!(rows, [["n1", "500m", "25%", "1024Mi", "25%"], ["n2", "<unknown>", "<unknown>", "<unknown>", "<unknown>"]]);
}

#[test]
fn without_metrics_it_says_so() {
    let op = Op::from_line("kubectl top pods").unwrap();
    let calls = op.verb().calls(&[], Default::default()).unwrap();
    assert_eq!(calls[0].path(), "/apis/metrics.k8s.io/v1beta1/pods");
    let e = op.verb().answer(&calls, &[Reply { call: 0, body: Lookup::Missing }], Default::default()).unwrap_err();
    assert!(e.sentence.contains("metrics-server"));
}

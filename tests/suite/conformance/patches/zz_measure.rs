use super::{Side, Step};
use aiops::simulator::{Settings, Simulator};
use serde_json::{Value, json};
fn rss() -> usize {
    std::fs::read_to_string("/proc/self/statm").unwrap().split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4 / 1024
}
#[tokio::test]
#[ignore]
async fn zz_measure() {
    let simulator = Simulator::new(Settings::still_at("2026-11-21T12:00:00Z".parse().unwrap())).unwrap();
    let side = Side { client: kube::Client::new(simulator.router(), "default"), ns: "default".to_owned() };
    let before = rss();
    let began = std::time::Instant::now();
    for n in 0..10_000 {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": format!("p{n}"), "namespace": "default", "labels": {"app": "web", "n": n.to_string()}},
            "spec": {"nodeName": "demo-node-2", "containers": [{"name": "c", "image": "nginx:1.27", "ports": [{"containerPort": 80}], "env": [{"name": "A", "value": "1"}], "resources": {"requests": {"cpu": "10m"}}}]}});
        if std::env::var_os("BARE").is_some() {
            let mut pod = pod;
            pod["metadata"]["managedFields"] = json!([]);
            simulator.put(pod).unwrap();
        } else {
            simulator.put(pod).unwrap();
        }
    }
    println!("put {:?}", began.elapsed());
    for _ in 0..10 {
        simulator.step(std::time::Duration::from_secs(3));
    }
    println!("run {:?}", began.elapsed());
    let after = rss();
    let (_, list) = side.send("/api/v1/namespaces/default/pods", &Step { method: "GET", ..Step::create(&Value::Null) }).await;
    let items = list["items"].as_array().unwrap();
    let all: usize = items.iter().map(|p| p.to_string().len()).sum();
    let managed: usize = items.iter().map(|p| p["metadata"]["managedFields"].to_string().len()).sum();
    println!(
        "{} pods, {} running, {all} bytes, {managed} managed; rss {before} -> {after} MB",
        items.len(),
        items.iter().filter(|p| p["status"]["phase"] == "Running").count()
    );
    println!("{}", items[0]["metadata"]["managedFields"]);
}

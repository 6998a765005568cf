//! kubectl as a client: the same command lines against both clusters, and what it prints compared.
//!
//! Each file of `kubectl/` is one script: lines in order, in a namespace that the script makes and deletes itself. Scripts run beside each other. The
//! built-in cluster of a script has the nodes of the real one (as `recordings/recorded/nodes` says), so that manifests may name them.
//!
//! Some lines give up after a second or two, because that is what they are about, and a loaded machine makes other lines of them. So a script that differs
//! is played once more, and what the two clusters do otherwise is what differs both times.
mod play;

use super::{
    differences::{self, Difference, Differences},
    folder,
};
use aiops::simulator::{Script as Plays, Settings, Simulator};
use play::{Line, Side};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, path::Path, process::Command, sync::Arc, time::Instant};

/// The lines of one file, and what they need.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    /// What `{node}` stands for. `real-0` runs containers; without it on the real cluster, the script is left out.
    node: String,
    /// What containers do on the built-in cluster, as [`Plays::from_json`] reads it: the same as their commands say on the real one.
    #[serde(default)]
    plays: Vec<Value>,
    lines: Vec<Line>,
}

/// Every script, by the name of its file.
fn scripts() -> BTreeMap<String, Script> {
    let files = std::fs::read_dir(folder().join("kubectl")).unwrap().map(|e| e.unwrap().path());
    let yaml = files.filter(|path| path.extension().is_some_and(|e| e == "yaml"));
    yaml.map(|path| {
        let text = std::fs::read_to_string(&path).unwrap();
        let script = serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        (path.file_stem().unwrap().to_string_lossy().into_owned(), script)
    })
    .collect()
}

const KUBECONFIG: &str = "
apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: 'http://ADDRESS'}}]
users: [{name: u, user: {}}]
";

/// A built-in cluster with the nodes of the real one, whose time goes thirty times as fast.
fn built_in(plays: &[Value]) -> Simulator {
    let (began, base) = (Instant::now(), jiff::Timestamp::now());
    let clock = move || base + jiff::SignedDuration::try_from(began.elapsed() * 30).unwrap();
    let simulator = Simulator::new(Settings::following(Arc::new(clock))).unwrap();
    for (which, script) in plays.iter().map(|entry| Plays::from_json(entry.clone()).unwrap()) {
        simulator.script(which, script);
    }
    simulator
}

/// Plays a script on both sides, for the `round`th time; where it differs.
async fn compared(name: &str, round: u8, script: Arc<Script>, kubectl: &str, kubeconfig: &Path) -> Vec<Difference> {
    let simulator = built_in(&script.plays);
    play::have_the_real_nodes(&simulator).await;
    let living = simulator.clone();
    let life = tokio::spawn(async move { living.run().await });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(aiops::simulator::serve(listener, simulator.router(), std::future::pending()));
    let own = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(own.path(), KUBECONFIG.replace("ADDRESS", &address.to_string())).unwrap();

    let play = |kubeconfig: &Path, ns: String| {
        let (kubectl, script) = (kubectl.to_owned(), script.clone());
        let side = Side::new(kubeconfig, ns, &script.node);
        tokio::task::spawn_blocking(move || side.play(&kubectl, &script.lines))
    };
    let ours = play(own.path(), format!("kubectl-script-{name}-{round}"));
    let theirs = play(kubeconfig, format!("conform-{}-kubectl-{name}-{round}", std::process::id()));
    let (ours, theirs): (Map<String, Value>, Map<String, Value>) = (ours.await.unwrap(), theirs.await.unwrap());
    life.abort();
    served.abort();
    let mut found = Vec::new();
    for (line, said) in &ours {
        differences::between(&format!("kubectl/{name}/{line}"), "", said, &theirs[line], &mut found);
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_prints_the_same_on_both_clusters() {
    let Some(kubeconfig) = crate::support::face::real_kubeconfig("kubectl") else { return };
    let Ok(kubectl) = std::env::var("AIOPS_TEST_KUBECTL") else {
        eprintln!("kubectl: skipped: AIOPS_TEST_KUBECTL is not set");
        return;
    };
    let nodes = Command::new(&kubectl).arg("--kubeconfig").arg(&kubeconfig).args(["get", "nodes", "-o", "name"]).output().unwrap();
    let nodes = String::from_utf8(nodes.stdout).unwrap();
    let (mut scripts, alone) = (scripts(), std::env::var_os("AIOPS_TOPIC").is_some());
    scripts.retain(|name, script| {
        let there = nodes.lines().any(|line| line.strip_prefix("node/") == Some(&script.node));
        if !there {
            eprintln!("kubectl: {name} is left out: there is no node {}", script.node);
        }
        there && (!alone || super::wanted("AIOPS_TOPIC", name))
    });
    let whole = !alone && nodes.contains("node/real-0");
    let count: usize = scripts.values().map(|script| script.lines.len()).sum();
    let scripts: BTreeMap<String, Arc<Script>> = scripts.into_iter().map(|(name, script)| (name, Arc::new(script))).collect();
    let accepted = Differences::read(&folder().join("differences.toml"), |exchange| exchange.starts_with("kubectl/"));
    let entries = accepted.len();

    let first = scripts.iter().map(async |(name, script)| {
        let found = compared(name, 1, script.clone(), &kubectl, &kubeconfig).await;
        (name.as_str(), found)
    });
    let mut found: BTreeMap<&str, Vec<Difference>> = futures::future::join_all(first).await.into_iter().collect();
    for (name, once) in &mut found {
        if accepted.without(once.clone(), false).is_empty() {
            continue;
        }
        let twice = compared(name, 2, scripts[*name].clone(), &kubectl, &kubeconfig).await;
        let (lasting, chance) =
            std::mem::take(once).into_iter().partition(|d| twice.iter().any(|t| (&t.exchange, &t.path) == (&d.exchange, &d.path)));
        *once = lasting;
        if !chance.is_empty() {
            eprintln!("kubectl: {name} was played twice; of the first time alone:\n{}", differences::said(&chance, "built-in", "real"));
        }
    }
    let left = accepted.without(found.into_values().flatten().collect(), whole);
    assert!(left.is_empty(), "\n{}\nof {count} command lines", differences::said(&left, "built-in", "real"));
    println!("{count} kubectl command lines print the same on both clusters; {entries} accepted differences");
}

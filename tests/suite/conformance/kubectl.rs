//! kubectl as a client: the same command lines against both clusters, and what it prints compared.
use super::{
    differences::{self, Difference, Differences},
    folder,
    normal::{Known, normal},
};
use aiops::simulator::{Settings, Simulator};
use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
};

/// One command line. `{ns}` is the script's namespace, `{node}` a node, `{dir}` the folder of `files`, `{word}` what an earlier line kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    name: String,
    /// What follows `kubectl`; words are parted by spaces, and single quotes keep one together.
    line: String,
    stdin: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Said again until what is printed holds this text.
    until: Option<String>,
    /// Words for what is printed, for later lines.
    keep: Option<String>,
    /// Lines that match this are not compared.
    leave: Option<String>,
    /// Whether the lines come in any order.
    #[serde(default)]
    unordered: bool,
    /// Whether only the exit code is compared.
    #[serde(default)]
    silent: bool,
}

/// One side: where kubectl is pointed at.
struct Side {
    kubeconfig: PathBuf,
    ns: String,
    node: &'static str,
    home: tempfile::TempDir,
}

fn script() -> Vec<Line> {
    let path = folder().join("kubectl/script.yaml");
    let text = std::fs::read_to_string(&path).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn words(line: &str) -> Vec<String> {
    let (mut words, mut quoted, mut apart) = (Vec::<String>::new(), false, true);
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => apart = true,
            _ => {
                if std::mem::take(&mut apart) {
                    words.push(String::new());
                }
                words.last_mut().unwrap().push(c);
            }
        }
    }
    words
}

static AGES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rule = |pattern: &str, with| (Regex::new(pattern).unwrap(), with);
    vec![
        rule(r"[A-Z][a-z][a-z], \d\d [A-Z][a-z][a-z] \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "TIME"),
        rule(r"\b(\d+[smhd])+( \(x\d+ over (\d+[smhd])+\))?\b", "AGE"),
        rule(r"<(unknown|invalid)>", "AGE"),
        rule(r"https?://[\w.:]+", "URL"),
        // What the real scheduler's nodes add to a pod.
        rule(r",topology.kubernetes.io/(region|zone)=[\w-]+", ""),
        rule(r"/[\w./-]*conformance-kubectl[\w./-]*", "FILE"),
        rule(r"\s{2,}|\t", "  "),
    ]
});

fn lines(text: &[u8], line: &Line, known: &Known) -> Value {
    let leave = line.leave.as_ref().map(|pattern| Regex::new(pattern).unwrap());
    let text = String::from_utf8_lossy(text);
    let kept = text.lines().filter(|l| leave.as_ref().is_none_or(|pattern| !pattern.is_match(l)));
    let mut lines: Vec<String> = kept
        .map(|l| {
            let Value::String(said) = normal(&l.trim_end().into(), known) else { unreachable!("text stays text") };
            AGES.iter().fold(said, |said, (pattern, with)| pattern.replace_all(&said, *with).into_owned()).trim_end().to_owned()
        })
        .collect();
    if line.unordered {
        lines.sort();
    }
    lines.into()
}

impl Side {
    fn new(kubeconfig: &Path, ns: String, node: &'static str) -> Side {
        let home = tempfile::Builder::new().prefix("conformance-kubectl").tempdir().unwrap();
        for file in std::fs::read_dir(folder().join("kubectl/files")).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), home.path().join(file.file_name())).unwrap();
        }
        Side { kubeconfig: kubeconfig.to_owned(), ns, node, home }
    }

    fn run(&self, kubectl: &str, line: &Line, known: &Known) -> std::process::Output {
        let mut command = Command::new("timeout");
        command.arg("40").arg(kubectl).arg("--kubeconfig").arg(&self.kubeconfig);
        command.args(["-n", &self.ns, "--cache-dir"]).arg(self.home.path().join("cache"));
        command.args(words(&known.fill(&line.line))).current_dir(self.home.path());
        command.envs(line.env.iter().map(|(k, v)| (k, known.fill(v)))).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdin = known.fill(line.stdin.as_deref().unwrap_or_default());
        // A kubectl that does not read it ends the pipe.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// Says every line, in order; what was printed, by name.
    fn play(&self, kubectl: &str, lines_of: &[Line]) -> Map<String, Value> {
        let mut known = Known::new(&self.ns, self.node);
        let dir = self.home.path().to_string_lossy().into_owned();
        known.keep("dir", &dir);
        let mut said = Map::new();
        for line in lines_of {
            let began = Instant::now();
            let output = loop {
                let output = self.run(kubectl, line, &known);
                let done = line.until.as_ref().is_none_or(|text| String::from_utf8_lossy(&output.stdout).contains(&known.fill(text)));
                if done || began.elapsed() > Duration::from_secs(30) {
                    break output;
                }
                std::thread::sleep(Duration::from_millis(200));
            };
            if let Some(word) = &line.keep {
                known.keep(word, String::from_utf8_lossy(&output.stdout).trim());
            }
            let mut answer = json!({"code": output.status.code()});
            if !line.silent {
                answer["out"] = lines(&output.stdout, line, &known);
                answer["err"] = lines(&output.stderr, line, &known);
            }
            assert!(said.insert(line.name.clone(), answer).is_none(), "two lines are named {:?}", line.name);
        }
        said
    }
}

const KUBECONFIG: &str = "
apiVersion: v1
kind: Config
current-context: c
contexts: [{name: c, context: {cluster: c, user: u}}]
clusters: [{name: c, cluster: {server: 'http://ADDRESS'}}]
users: [{name: u, user: {}}]
";

#[tokio::test(flavor = "multi_thread")]
async fn kubectl_prints_the_same_on_both_clusters() {
    let Some(kubeconfig) = crate::support::face::real_kubeconfig("kubectl") else { return };
    let Ok(kubectl) = std::env::var("AIOPS_TEST_KUBECTL") else {
        eprintln!("kubectl: skipped: AIOPS_TEST_KUBECTL is not set");
        return;
    };
    let (began, base) = (Instant::now(), jiff::Timestamp::now());
    let clock = move || base + jiff::SignedDuration::try_from(began.elapsed() * 30).unwrap();
    let simulator = Simulator::new(Settings::following(Arc::new(clock))).unwrap();
    let living = simulator.clone();
    let life = tokio::spawn(async move { living.run().await });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let served = tokio::spawn(aiops::simulator::serve(listener, simulator.router(), std::future::pending()));
    let own = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(own.path(), KUBECONFIG.replace("ADDRESS", &address.to_string())).unwrap();

    let ours = Side::new(own.path(), "kubectl-script".to_owned(), "demo-node-1");
    let theirs = Side::new(&kubeconfig, format!("conform-{}-kubectl", std::process::id()), "fake-0");
    let play = |side: Side| {
        let kubectl = kubectl.clone();
        tokio::task::spawn_blocking(move || side.play(&kubectl, &script()))
    };
    let (ours, theirs) = (play(ours), play(theirs));
    let (ours, theirs) = (ours.await.unwrap(), theirs.await.unwrap());
    life.abort();
    served.abort();
    let mut found: Vec<Difference> = Vec::new();
    for (name, said) in &ours {
        differences::between(&format!("kubectl/{name}"), "", said, &theirs[name], &mut found);
    }
    let accepted = Differences::read(&folder().join("differences.toml"), |exchange| exchange.starts_with("kubectl/"));
    let (count, entries) = (ours.len(), accepted.len());
    let left = accepted.without(found, true);
    assert!(left.is_empty(), "\n{}\nof {count} command lines", differences::said(&left, "built-in", "real"));
    println!("{count} kubectl command lines print the same on both clusters; {entries} accepted differences");
}

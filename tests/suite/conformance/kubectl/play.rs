//! Saying the lines of a script to one cluster, and what was printed without chance, time and place.
use super::super::{
    folder,
    normal::{Known, normal},
};
use aiops::simulator::Simulator;
use k8s_openapi::api::core::v1::Node;
use regex::Regex;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, LazyLock, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// One command line. `{ns}` is the script's namespace, `{node}` a node, `{dir}` the folder of `files`, `{word}` what an earlier line kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub name: String,
    /// What follows `kubectl`; words are parted by spaces, and single quotes keep one together.
    line: String,
    stdin: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    /// Said again until what is printed holds this text.
    until: Option<String>,
    /// Lines for while this one runs, once it has printed something; it is ended when it has printed what matches `until`.
    #[serde(default)]
    meanwhile: Vec<String>,
    /// Words for what is printed, for later lines.
    keep: Option<String>,
    /// Lines that match this are not compared.
    leave: Option<String>,
    /// Only lines that match this are compared.
    only: Option<String>,
    /// What matches this is `#` in the comparison: figures, addresses.
    hide: Option<String>,
    /// Lines are parted here too: what is listed on one line comes in the order of a Go map.
    split: Option<String>,
    /// Whether the lines come in any order.
    #[serde(default)]
    unordered: bool,
}

/// One side: where kubectl is pointed at.
pub struct Side {
    kubeconfig: PathBuf,
    ns: String,
    node: String,
    home: tempfile::TempDir,
}

/// Longest that one command runs, and that one line is said again.
const PATIENCE: (Duration, Duration) = (Duration::from_secs(40), Duration::from_secs(60));

/// Gives the built-in cluster the nodes of the real one instead of its own.
pub async fn have_the_real_nodes(simulator: &Simulator) {
    let client = kube::Client::new(simulator.router(), "default");
    let nodes: kube::Api<Node> = kube::Api::all(client);
    for node in nodes.list(&kube::api::ListParams::default()).await.unwrap() {
        nodes.delete(node.metadata.name.as_deref().unwrap(), &kube::api::DeleteParams::default()).await.unwrap();
    }
    let recorded = folder().with_file_name("recordings/recorded/nodes");
    let recorded: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(recorded).unwrap()).unwrap();
    let parameters = kube::api::PostParams::default();
    for node in recorded {
        let node: Node = serde_json::from_value(node).unwrap();
        nodes.create(&parameters, &node).await.unwrap();
        nodes.replace_status(node.metadata.name.as_deref().unwrap(), &parameters, &node).await.unwrap();
    }
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
    let pattern = |given: &Option<String>| given.as_ref().map(|pattern| Regex::new(pattern).unwrap());
    let (leave, only, hide) = (pattern(&line.leave), pattern(&line.only), pattern(&line.hide));
    let mut text = String::from_utf8_lossy(text).into_owned();
    if let Some(split) = pattern(&line.split) {
        text = split.replace_all(&text, "\n").into_owned();
    }
    let kept = text.lines().filter(|l| leave.as_ref().is_none_or(|p| !p.is_match(l)) && only.as_ref().is_none_or(|p| p.is_match(l)));
    let mut lines: Vec<String> = kept
        .map(|l| {
            let shown = hide.as_ref().map_or(l.into(), |pattern| pattern.replace_all(l, "#"));
            let Value::String(said) = normal(&shown.trim_end().into(), known) else { unreachable!("text stays text") };
            AGES.iter().fold(said, |said, (pattern, with)| pattern.replace_all(&said, *with).into_owned()).trim_end().to_owned()
        })
        .collect();
    if line.unordered {
        lines.sort();
    }
    lines.into()
}

/// A kubectl that runs, and what it has printed so far.
struct Running {
    child: Child,
    began: Instant,
    out: Arc<Mutex<Vec<u8>>>,
    err: Arc<Mutex<Vec<u8>>>,
    readers: Vec<std::thread::JoinHandle<()>>,
}

impl Running {
    fn new(mut child: Child) -> Running {
        let mut readers = Vec::new();
        let mut gather = |mut from: Box<dyn std::io::Read + Send>| {
            let kept = Arc::new(Mutex::new(Vec::new()));
            let into = kept.clone();
            readers.push(std::thread::spawn(move || {
                let mut some = [0; 4096];
                while let Ok(read @ 1..) = from.read(&mut some) {
                    into.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&some[..read]);
                }
            }));
            kept
        };
        let (out, err) = (gather(Box::new(child.stdout.take().unwrap())), gather(Box::new(child.stderr.take().unwrap())));
        Running { child, began: Instant::now(), out, err, readers }
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.out.lock().unwrap()).into_owned()
    }

    /// Waits until it has printed something that fits, or has ended, or has run too long.
    fn until(&mut self, fits: impl Fn(&str) -> bool) {
        while !fits(&self.said()) && self.child.try_wait().unwrap().is_none() && self.began.elapsed() < PATIENCE.0 {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Ends it if it still runs.
    fn end(mut self) -> Output {
        let status: ExitStatus = match self.child.try_wait().unwrap() {
            Some(status) => status,
            None => {
                self.child.kill().unwrap();
                self.child.wait().unwrap()
            }
        };
        self.readers.into_iter().for_each(|reader| reader.join().unwrap());
        let taken = |kept: Arc<Mutex<Vec<u8>>>| std::mem::take(&mut *kept.lock().unwrap());
        Output { status, stdout: taken(self.out), stderr: taken(self.err) }
    }
}

impl Side {
    pub fn new(kubeconfig: &Path, ns: String, node: &str) -> Side {
        let home = tempfile::Builder::new().prefix("conformance-kubectl").tempdir().unwrap();
        for file in std::fs::read_dir(folder().join("kubectl/files")).unwrap() {
            let file = file.unwrap();
            let text = std::fs::read_to_string(file.path()).unwrap();
            std::fs::write(home.path().join(file.file_name()), text.replace("{node}", node)).unwrap();
        }
        Side { kubeconfig: kubeconfig.to_owned(), ns, node: node.to_owned(), home }
    }

    fn start(&self, kubectl: &str, said: &str, line: &Line, known: &Known) -> Running {
        let mut command = Command::new(kubectl);
        command.arg("--kubeconfig").arg(&self.kubeconfig).args(["-n", &self.ns, "--cache-dir"]).arg(self.home.path().join("cache"));
        command.args(words(&known.fill(said))).current_dir(self.home.path());
        command.envs(line.env.iter().map(|(k, v)| (k, known.fill(v)))).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdin = known.fill(line.stdin.as_deref().unwrap_or_default());
        // A kubectl that does not read it ends the pipe.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        Running::new(child)
    }

    fn run(&self, kubectl: &str, line: &Line, known: &Known) -> Output {
        let mut running = self.start(kubectl, &line.line, line, known);
        if !line.meanwhile.is_empty() {
            running.until(|said| !said.is_empty());
            for other in &line.meanwhile {
                let mut other = self.start(kubectl, other, line, known);
                other.until(|_| false);
                other.end();
            }
            let text = Regex::new(&known.fill(line.until.as_deref().expect("what runs beside other lines is ended by a text"))).unwrap();
            running.until(|said| text.is_match(said));
        } else {
            running.until(|_| false);
        }
        running.end()
    }

    /// Says every line, in order; what was printed, by name.
    pub fn play(&self, kubectl: &str, lines_of: &[Line]) -> Map<String, Value> {
        let mut known = Known::new(&self.ns, &self.node);
        let dir = self.home.path().to_string_lossy().into_owned();
        known.keep("dir", &dir);
        let mut said = Map::new();
        for line in lines_of {
            let began = Instant::now();
            let output = loop {
                let output = self.run(kubectl, line, &known);
                let done = line.until.as_ref().is_none_or(|text| String::from_utf8_lossy(&output.stdout).contains(&known.fill(text)));
                if done || !line.meanwhile.is_empty() || began.elapsed() > PATIENCE.1 {
                    break output;
                }
                std::thread::sleep(Duration::from_millis(200));
            };
            if let Some(word) = &line.keep {
                known.keep(word, String::from_utf8_lossy(&output.stdout).trim());
            }
            let (out, err) = (lines(&output.stdout, line, &known), lines(&output.stderr, line, &known));
            let answer = json!({"code": output.status.code(), "out": out, "err": err});
            assert!(said.insert(line.name.clone(), answer).is_none(), "two lines are named {:?}", line.name);
        }
        said
    }
}

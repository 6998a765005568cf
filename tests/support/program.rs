//! The real program before a built-in cluster that is served on a loopback listener: arguments in, bytes and exit codes out.

use super::wire::Wire;
use aiops::simulator::{self, Simulator};
use serde_json::Value;
use std::{
    io::Write as _,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::Arc,
    time::Instant,
};

/// A cluster, a home, and a kubeconfig that leads from one to the other.
pub struct Ground {
    pub cluster: Simulator,
    pub wire: Wire,
    pub home: tempfile::TempDir,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Drop for Ground {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// What the program said.
#[derive(Debug)]
pub struct Said {
    /// `None`: it was ended by a signal.
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Said {
        let said = Said {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        };
        for text in [&said.out, &said.err] {
            assert!(!text.contains("panicked") && !text.contains("aiops itself failed"), "{said:?}");
        }
        said
    }
}

impl Ground {
    /// Time goes thirty times as fast.
    pub fn new() -> Ground {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let began = Instant::now();
        let base = jiff::Timestamp::now();
        let clock = move || base + jiff::SignedDuration::try_from(began.elapsed() * 30).unwrap();
        let cluster = Simulator::new(simulator::Settings::following(Arc::new(clock))).unwrap();
        let wire = Wire::default();
        let home = tempfile::tempdir().unwrap();
        let living = cluster.clone();
        runtime.spawn(async move { living.run().await });
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(simulator::serve(listener, wire.router(cluster.router()), std::future::pending()));
        let ground = Ground { cluster, wire, home, runtime: Some(runtime) };
        ground.write("kubeconfig", &kubeconfig(&address.to_string()));
        ground
    }

    /// Puts an object there.
    pub fn put(&self, object: Value) -> Value {
        self.cluster.put(object).unwrap()
    }

    /// Writes a file into the home and gives its path.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub fn journal(&self) -> PathBuf {
        self.home.path().join("state/aiops/journal/journal.jsonl")
    }

    /// The program with these arguments, without a terminal, its input empty.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("setsid");
        command.arg(env!("CARGO_BIN_EXE_aiops")).args(args).stdin(Stdio::null());
        for (name, value) in self.env() {
            command.env(name, value);
        }
        for name in ["NO_COLOR", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"] {
            command.env_remove(name);
        }
        command
    }

    /// The surroundings of a person whose home this is.
    pub fn env(&self) -> Vec<(&'static str, PathBuf)> {
        let at = |name: &str| self.home.path().join(name);
        vec![
            ("HOME", self.home.path().into()),
            ("KUBECONFIG", at("kubeconfig")),
            ("XDG_STATE_HOME", at("state")),
            ("XDG_CONFIG_HOME", at("config")),
        ]
    }

    pub fn says(&self, args: &[&str]) -> Said {
        self.command(args).output().unwrap().into()
    }

    /// The same with something coming through the pipe.
    pub fn piped(&self, args: &[&str], input: &[u8]) -> Said {
        let mut child = self.spawn(self.command(args).stdin(Stdio::piped()));
        // The program may have had enough before the end.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap().into()
    }

    pub fn spawn(&self, command: &mut Command) -> Child {
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, is: impl Fn(&Ground) -> bool) {
        let began = Instant::now();
        while !is(self) {
            assert!(began.elapsed().as_secs() < 20, "it never came to this: {what}");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

/// Sends a signal to a process that the test started.
pub fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap().success());
}

/// A kubeconfig whose one context leads to that address.
pub fn kubeconfig(address: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: here\nclusters:\n- name: c\n  cluster: {{server: \"http://{address}\"}}\ncontexts:\n- name: here\n  context: {{cluster: c, user: u}}\nusers:\n- name: u\n  user: {{}}\n"
    )
}

/// Whether a text would move a cursor or change a colour.
pub fn has_escapes(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && c != '\n')
}

/// Every line of a text as JSON.
pub fn documents(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

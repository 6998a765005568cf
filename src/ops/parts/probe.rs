//! Probes.

use serde_json::{Value, json};

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeSort {
    /// Failing, the container is started anew.
    Liveness,
    /// Failing, it gets no traffic.
    Readiness,
    /// Until it succeeds, the others wait.
    Startup,
}

impl ProbeSort {
    /// In a word.
    pub fn word(self) -> &'static str {
        match self {
            ProbeSort::Liveness => "liveness",
            ProbeSort::Readiness => "readiness",
            ProbeSort::Startup => "startup",
        }
    }
    /// Its field.
    pub fn field(self) -> &'static str {
        match self {
            ProbeSort::Liveness => "livenessProbe",
            ProbeSort::Readiness => "readinessProbe",
            ProbeSort::Startup => "startupProbe",
        }
    }
}

/// A port by its number or its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Port {
    /// 1 to 65535.
    Number(u16),
    /// One of the container's, by its name.
    Named(String),
}

impl Port {
    pub(super) fn json(&self) -> Value {
        match self {
            Port::Number(n) => json!(n),
            Port::Named(name) => json!(name),
        }
    }
}

/// How it is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Check {
    /// A GET that has to be answered with 2xx or 3xx.
    Http {
        /// What is asked for; the server's own default is `/`.
        path: Option<String>,
        /// Where.
        port: Port,
        /// Over TLS, whose certificate nobody looks at.
        https: bool,
    },
    /// A connection that has to open.
    Tcp(Port),
    /// A command that has to end with 0.
    Exec(Vec<String>),
    /// gRPC's own health protocol.
    Grpc(u16),
}

/// The fields of the ways to ask.
const WAYS: [&str; 4] = ["httpGet", "tcpSocket", "exec", "grpc"];

impl Check {
    fn json(&self) -> (&'static str, Value) {
        match self {
            Check::Http { path, port, https } => {
                let mut get = json!({"port": port.json()});
                if let Some(path) = path {
                    get["path"] = json!(path);
                }
                if *https {
                    get["scheme"] = json!("HTTPS");
                }
                ("httpGet", get)
            }
            Check::Tcp(port) => ("tcpSocket", json!({"port": port.json()})),
            Check::Exec(command) => ("exec", json!({"command": command})),
            Check::Grpc(port) => ("grpc", json!({"port": port})),
        }
    }
}

/// One probe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Which.
    pub sort: ProbeSort,
    /// How it is asked.
    pub check: Check,
    /// Its numbers, by their fields: `periodSeconds`.
    pub numbers: Vec<(&'static str, u32)>,
}

impl Probe {
    /// Written into a container. What another way to ask has left there, in the live container, goes.
    pub(super) fn put(&self, container: &mut Value, live: Option<&Value>) {
        let (way, check) = self.check.json();
        let mut probe = json!({way: check});
        for (field, n) in &self.numbers {
            probe[*field] = json!(n);
        }
        let before = live.and_then(|live| live.get(self.sort.field()));
        for other in WAYS.into_iter().filter(|other| *other != way) {
            if before.is_some_and(|before| before.get(other).is_some_and(|there| !there.is_null())) {
                probe[other] = Value::Null;
            }
        }
        container[self.sort.field()] = probe;
    }
}

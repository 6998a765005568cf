//! A model's server that says what a test wrote down, on a loopback port: bytes as they are, pauses and broken connections too.

use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// One thing the server does with a connection.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Waits.
    Wait(Duration),
}

/// Everything it does with one connection; then it closes it.
pub type Script = Vec<Act>;

/// One request it got.
#[derive(Debug, Clone)]
pub struct Got {
    /// Request line and headers, in lower case.
    pub head: String,
    /// The body.
    pub body: Value,
}

/// The server. Ends with the test's runtime.
pub struct Scripted {
    /// What `OPENAI_BASE_URL` is to be.
    pub base: String,
    got: Arc<Mutex<Vec<Got>>>,
}

impl Scripted {
    /// The requests so far.
    pub fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }
}

/// Serves the scripts in order, one a connection; the last one again and again.
pub async fn serve(scripts: Vec<Script>) -> Scripted {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/v1", listener.local_addr().unwrap());
    let got = Arc::new(Mutex::new(Vec::new()));
    let scripted = Scripted { base, got: Arc::clone(&got) };
    let scripts = Arc::new(Mutex::new(VecDeque::from(scripts)));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (scripts, got) = (Arc::clone(&scripts), Arc::clone(&got));
            tokio::spawn(async move { answer(stream, &scripts, &got).await });
        }
    });
    scripted
}

async fn answer(mut stream: TcpStream, scripts: &Mutex<VecDeque<Script>>, got: &Mutex<Vec<Got>>) -> Option<()> {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        let mut piece = [0; 8192];
        let n = stream.read(&mut piece).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&piece[..n]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let length: usize = head.lines().find_map(|l| l.strip_prefix("content-length:")?.trim().parse().ok()).unwrap_or(0);
        if bytes.len() >= end + 4 + length {
            break (head, serde_json::from_slice(&bytes[end + 4..]).unwrap_or(Value::Null));
        }
    };
    got.lock().unwrap().push(Got { head, body });
    let script = {
        let mut scripts = scripts.lock().unwrap();
        if scripts.len() > 1 { scripts.pop_front() } else { scripts.front().cloned() }
    };
    for act in script? {
        match act {
            Act::Send(bytes) => stream.write_all(&bytes).await.ok()?,
            Act::Wait(time) => tokio::time::sleep(time).await,
        }
    }
    stream.shutdown().await.ok()
}

/// An answer with that status, content type and body.
pub fn status(line: &str, kind: &str, body: &str) -> Script {
    with_header(line, kind, "x-none: 1", body)
}

/// The same with one more header.
pub fn with_header(line: &str, kind: &str, header: &str, body: &str) -> Script {
    let head =
        format!("HTTP/1.1 {line}\r\ncontent-type: {kind}\r\n{header}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    vec![Act::Send(head.into_bytes())]
}

/// The beginning of an event stream that ends with the connection.
pub fn begins() -> Script {
    vec![Act::Send(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n".to_vec())]
}

/// An event stream of those frames, whole.
pub fn streams(frames: &[Value]) -> Script {
    let mut script = begins();
    for frame in frames {
        script.push(Act::Send(format!("data: {frame}\n\n").into_bytes()));
    }
    script.push(Act::Send(b"data: [DONE]\n\n".to_vec()));
    script
}

/// A frame with text.
pub fn text(text: &str) -> Value {
    json!({"choices": [{"index": 0, "delta": {"content": text}}]})
}

/// A frame that ends the reply.
pub fn ends(why: &str) -> Value {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": why}]})
}

/// A whole reply of text.
pub fn says(words: &str) -> Script {
    streams(&[text(words), ends("stop")])
}

/// A whole reply that calls tools, by name and arguments.
pub fn calls(calls: &[(&str, Value)]) -> Script {
    let calls: Vec<Value> = calls
        .iter()
        .enumerate()
        .map(|(n, (name, arguments))| {
            json!({"index": n, "id": format!("call-{n}"), "type": "function", "function": {"name": name, "arguments": arguments.to_string()}})
        })
        .collect();
    streams(&[json!({"choices": [{"index": 0, "delta": {"tool_calls": calls}}]}), ends("tool_calls")])
}

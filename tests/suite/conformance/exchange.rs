//! Raw requests in a file, and what comes back, made comparable.
use super::{
    ground::Ground,
    normal::{Known, normal},
};
use futures::StreamExt as _;
use http::Request;
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, path::Path, time::Duration};

/// The exchanges of one file.
pub struct Topic {
    pub name: String,
    exchanges: Vec<Exchange>,
}

/// One request. `{ns}` is the topic's namespace, `{node}` a node, `{word}` what an earlier exchange kept under that word.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    name: String,
    /// Method and path with query: `GET /api/v1/namespaces/{ns}/pods?limit=1`.
    ask: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Short for an Accept header: `Table`, `PartialObjectMetadata`, `PartialObjectMetadataList`.
    #[serde(rename = "as")]
    form: Option<String>,
    /// Short for a patch's Content-Type: `json`, `merge`, `strategic`, `apply`.
    patch: Option<String>,
    body: Option<Value>,
    /// A body that is no JSON.
    raw: Option<String>,
    /// Asked again until this place in the answer has this value (`/status/phase: Active`; `code: 404` for the answer's code).
    #[serde(default)]
    until: BTreeMap<String, Value>,
    /// Words for places in the answer, for later exchanges.
    #[serde(default)]
    keep: BTreeMap<String, String>,
    /// How many lines of a watch are read; without it, an answer is read to its end.
    watch: Option<usize>,
    /// The only places of the answer's body that are compared.
    only: Option<Vec<String>>,
    /// Places of the answer's body that are not compared.
    #[serde(default)]
    leave: Vec<String>,
    /// Whether who manages which field is compared as well.
    #[serde(default)]
    managed: bool,
}

/// Every topic of a folder, in the order of their names.
pub fn topics(folder: &Path) -> Vec<Topic> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path).unwrap();
        let mut exchanges: Vec<Exchange> = serde_saphyr::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        // Managers are what this topic is about.
        exchanges.iter_mut().for_each(|exchange| exchange.managed |= name == "apply");
        Topic { name, exchanges }
    };
    files.iter().map(|p| read(p)).collect()
}

const HEADERS: &[&str] = &["content-type", "warning", "retry-after", "location", "allow"];
const PATIENCE: Duration = Duration::from_secs(20);

impl Topic {
    /// Sends them all, in order; the answers, ready to be compared, by name.
    pub async fn play(&self, ground: &Ground) -> Map<String, Value> {
        let mut known = Known::new(&ground.ns, ground.node);
        let mut answers = Map::new();
        for exchange in &self.exchanges {
            let mut answer = exchange.carry_out(ground, &known).await;
            if !exchange.until.is_empty() {
                let waited = ground
                    .until(async || {
                        if exchange.until.iter().all(|(place, value)| at(&answer, place) == value) {
                            return true;
                        }
                        answer = exchange.carry_out(ground, &known).await;
                        false
                    })
                    .await;
                if !waited {
                    answer["waited"] = "in vain".into();
                }
            }
            for (word, place) in &exchange.keep {
                if let Some(text) = crate_text(at(&answer, place)) {
                    known.keep(word, &text);
                }
            }
            let mut answer = normal(&answer, &known);
            exchange.narrow(&mut answer);
            let before = answers.insert(exchange.name.clone(), answer);
            assert!(before.is_none(), "{}: two exchanges are named {:?}", self.name, exchange.name);
        }
        answers
    }
}

fn at<'a>(answer: &'a Value, place: &str) -> &'a Value {
    let found = if place == "code" { answer.get("code") } else { answer["body"].pointer(place) };
    found.unwrap_or(&Value::Null)
}

fn crate_text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

impl Exchange {
    async fn carry_out(&self, ground: &Ground, known: &Known) -> Value {
        let (method, path) = self.ask.split_once(' ').unwrap_or_else(|| panic!("{}: METHOD PATH", self.name));
        let mut request = Request::builder().method(method).uri(known.fill(path));
        if !self.headers.contains_key("user-agent") {
            request = request.header("user-agent", "conformance");
        }
        let kind = match self.patch.as_deref() {
            Some("json") => Some("application/json-patch+json"),
            Some("merge") => Some("application/merge-patch+json"),
            Some("strategic") => Some("application/strategic-merge-patch+json"),
            Some("apply") => Some("application/apply-patch+yaml"),
            Some(other) => panic!("{}: no patch is called {other:?}", self.name),
            None => (self.body.is_some() && !self.headers.contains_key("content-type")).then_some("application/json"),
        };
        if let Some(kind) = kind {
            request = request.header("content-type", kind);
        }
        if let Some(form) = &self.form {
            request = request.header("accept", format!("application/json;as={form};v=v1;g=meta.k8s.io"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, known.fill(value));
        }
        let body = match (&self.body, &self.raw) {
            (Some(body), _) => Body::from(known.fill(&body.to_string()).into_bytes()),
            (None, Some(raw)) => Body::from(known.fill(raw).into_bytes()),
            (None, None) => Body::empty(),
        };
        let sent = tokio::time::timeout(PATIENCE, ground.send(request.body(body).unwrap())).await;
        let response = sent.unwrap_or_else(|_| panic!("{}: no answer", self.name));
        let mut answer = json!({"code": response.status().as_u16()});
        for name in HEADERS {
            let values: Vec<Value> =
                response.headers().get_all(*name).iter().map(|v| String::from_utf8_lossy(v.as_bytes()).into()).collect();
            if let [one] = &values[..] {
                answer[name] = one.clone();
            } else if !values.is_empty() {
                answer[name] = values.into();
            }
        }
        let bytes = match self.watch {
            Some(lines) => lines_of(response.into_body(), lines).await,
            None => match tokio::time::timeout(PATIENCE, response.into_body().collect()).await {
                Ok(body) => body.map(|b| b.to_bytes().to_vec()).unwrap_or_default(),
                Err(_) => panic!("{}: the answer has no end", self.name),
            },
        };
        answer["body"] = parsed(&bytes);
        answer
    }

    fn narrow(&self, answer: &mut Value) {
        if !self.managed {
            forget_managed(answer);
        }
        if let Some(only) = &self.only {
            let body = answer["body"].take();
            answer["body"] = only.iter().map(|place| (place.clone(), body.pointer(place).cloned().unwrap_or_default())).collect();
        }
        for place in &self.leave {
            let keys: Vec<&str> = place.split('/').skip(1).collect();
            forget(&mut answer["body"], &keys);
        }
    }
}

fn forget_managed(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.remove("managedFields");
            map.values_mut().for_each(forget_managed);
        }
        Value::Array(list) => list.iter_mut().for_each(forget_managed),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Takes a place away; `*` stands for every member.
fn forget(value: &mut Value, keys: &[&str]) {
    let Some((key, rest)) = keys.split_first() else { return };
    let members: Vec<&mut Value> = match (&mut *value, rest.is_empty()) {
        (Value::Object(map), true) => {
            if *key == "*" {
                map.clear()
            } else {
                drop(map.remove(*key))
            }
            return;
        }
        (Value::Object(map), false) => map.iter_mut().filter(|(k, _)| *key == "*" || k == key).map(|(_, v)| v).collect(),
        (Value::Array(list), _) => {
            list.iter_mut().enumerate().filter(|(n, _)| *key == "*" || n.to_string() == *key).map(|(_, v)| v).collect()
        }
        _ => return,
    };
    members.into_iter().for_each(|member| forget(member, rest));
}

async fn lines_of(body: Body, count: usize) -> Vec<u8> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while bytes.iter().filter(|b| **b == b'\n').count() < count {
        match tokio::time::timeout(PATIENCE, stream.next()).await {
            Ok(Some(Ok(more))) => bytes.extend_from_slice(&more),
            Ok(Some(Err(_)) | None) | Err(_) => break,
        }
    }
    bytes
}

/// JSON where it is; the lines of a watch as a list; else text.
fn parsed(bytes: &[u8]) -> Value {
    if let Ok(value) = serde_json::from_slice(bytes) {
        return value;
    }
    let text = String::from_utf8_lossy(bytes);
    let lines: Result<Vec<Value>, _> = text.lines().map(serde_json::from_str).collect();
    match lines {
        Ok(lines) if !lines.is_empty() => lines.into(),
        _ => text.into_owned().into(),
    }
}

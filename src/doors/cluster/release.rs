//! Helm's releases, decoded inside the door: what leaves is a [`Release`] without the chart's files and without secret values.
//!
//! A release is kept as gzipped JSON in base64, and the base64 of a Secret around that (`pkg/storage/driver/util.go` of Helm). All of it is
//! bounded: a release that unpacks to more than [`MOST`] is not read.

use super::{redact, rejection, release_mask::Mask};
use crate::{
    facts::{Rejection, RejectionSort},
    ops::helm::{Chart, Hook, Release},
};
use base64::Engine as _;
use flate2::read::GzDecoder;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::io::Read as _;

/// The most that one release may unpack to, in bytes. What etcd holds is packed and smaller than 2 MiB.
const MOST: u64 = 32 << 20;

/// What gzip begins with.
const GZIP: [u8; 3] = [0x1f, 0x8b, 0x08];

/// The body of an answer about the objects that keep releases, as it may leave: one release, or `items` of them in brief.
pub(super) fn body(body: &[u8]) -> Result<Vec<u8>, Rejection> {
    let garbled = || rejection::own(RejectionSort::ServerTrouble, "the server's answer about a release is no JSON and is withheld");
    let answer: Answer = serde_json::from_slice(body).map_err(|_| garbled())?;
    let out = match answer.items {
        Some(items) => {
            let releases: Vec<Release> = items.iter().map(|kept| read(kept, Depth::Brief)).collect();
            json!({"metadata": answer.metadata.map(|m| m.rest), "items": releases})
        }
        None => json!(read(&Kept { metadata: answer.metadata, data: answer.data }, Depth::Whole)),
    };
    serde_json::to_vec(&out).map_err(|_| garbled())
}

/// How much of a release is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// What a table shows.
    Brief,
    Whole,
}

#[derive(Deserialize)]
struct Answer {
    items: Option<Vec<Kept>>,
    metadata: Option<Metadata>,
    data: Option<Data>,
}
#[derive(Deserialize)]
struct Kept {
    metadata: Option<Metadata>,
    data: Option<Data>,
}
#[derive(Deserialize, Default)]
#[serde(default)]
struct Metadata {
    name: String,
    namespace: String,
    labels: Labels,
    #[serde(flatten)]
    rest: Map<String, Value>,
}
#[derive(Deserialize, Default)]
#[serde(default)]
struct Labels {
    name: String,
    status: String,
    version: String,
}
#[derive(Deserialize)]
struct Data {
    release: Option<String>,
}

/// A release as the helm program writes it (`-o json`), as it may leave; `None` where it is none.
pub(in crate::doors) fn written(json: &[u8]) -> Option<Release> {
    serde_json::from_slice::<Whole>(json).ok().map(Whole::told)
}

/// A manifest as it may leave.
pub(in crate::doors) fn manifest(text: String) -> Release {
    Whole { manifest: Some(text), ..Whole::default() }.told()
}

/// What the helm program says to a person, without the secret values among those it was given.
pub(in crate::doors) fn words(text: &str, values: &[Value]) -> String {
    let mut mask = Mask::default();
    values.iter().for_each(|values| drop(mask.values(values.clone())));
    mask.text(text)
}

fn read(kept: &Kept, depth: Depth) -> Release {
    let none = Metadata::default();
    let metadata = kept.metadata.as_ref().unwrap_or(&none);
    // What its labels say is known even where the rest cannot be read.
    let labelled = || Release {
        name: metadata.labels.name.clone(),
        namespace: metadata.namespace.clone(),
        revision: metadata.labels.version.parse().unwrap_or_default(),
        status: metadata.labels.status.clone(),
        ..Release::default()
    };
    let packed = kept.data.as_ref().and_then(|data| data.release.as_deref());
    const NONE: &str = "it holds no release of Helm";
    let read = packed.ok_or(NONE).and_then(unpacked).and_then(|json| match depth {
        // What is no object is no release, even where it could be read as one.
        _ if !json.trim_ascii_start().starts_with(b"{") => Err(NONE),
        Depth::Brief => serde_json::from_slice::<Brief>(&json).map(Brief::told).map_err(|_| NONE),
        Depth::Whole => serde_json::from_slice::<Whole>(&json).map(Whole::told).map_err(|_| NONE),
    });
    match read {
        // Where and as what it is kept is what counts: whoever wrote it could have written another name into it.
        Ok(release) if release.name == metadata.labels.name => Release { namespace: metadata.namespace.clone(), ..release },
        Ok(_) => Release { trouble: Some("it is not the release that its labels name".into()), ..labelled() },
        Err(why) => Release { trouble: Some(why.into()), ..labelled() },
    }
}

/// The JSON inside. Base64 is taken off as long as there is some, at most twice.
pub(super) fn unpacked(text: &str) -> Result<Vec<u8>, &'static str> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..2 {
        if bytes.starts_with(&GZIP) || bytes.trim_ascii_start().starts_with(b"{") {
            break;
        }
        bytes = base64::engine::general_purpose::STANDARD.decode(bytes.trim_ascii()).map_err(|_| "it is no base64")?;
    }
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes);
    }
    let mut json = Vec::new();
    // One byte more than may be: a release of just that size is told from one that is cut.
    let read = GzDecoder::new(bytes.as_slice()).take(MOST + 1).read_to_end(&mut json);
    match read {
        Ok(_) if json.len() as u64 > MOST => Err("it unpacks to more than 32 MiB"),
        Ok(_) => Ok(json),
        Err(_) => Err("its gzip is broken"),
    }
}

/// Helm's own JSON, as far as a table needs it. Anything may be missing or null.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Brief {
    name: Option<String>,
    version: u64,
    info: Option<Info>,
    chart: Option<ChartOf>,
}
#[derive(Deserialize, Default)]
#[serde(default)]
struct Info {
    last_deployed: Option<String>,
    description: Option<String>,
    status: Option<String>,
    notes: Option<String>,
}
#[derive(Deserialize, Default)]
#[serde(default)]
struct ChartOf {
    metadata: Option<ChartMetadata>,
}
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ChartMetadata {
    name: Option<String>,
    version: Option<String>,
    app_version: Option<String>,
}

impl Brief {
    fn told(self) -> Release {
        let info = self.info.unwrap_or_default();
        let mut mask = Mask::default();
        Release {
            name: self.name.unwrap_or_default(),
            revision: self.version,
            status: info.status.unwrap_or_default(),
            updated: info.last_deployed.unwrap_or_default(),
            // What went wrong may quote a value: only the sentence before the quoting is in a table.
            description: mask.text(info.description.as_deref().unwrap_or_default()),
            chart: chart(self.chart.and_then(|c| c.metadata)),
            ..Release::default()
        }
    }
}

fn chart(metadata: Option<ChartMetadata>) -> Chart {
    let metadata = metadata.unwrap_or_default();
    Chart {
        name: metadata.name.unwrap_or_default(),
        version: metadata.version.unwrap_or_default(),
        app_version: metadata.app_version.unwrap_or_default(),
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Whole {
    name: Option<String>,
    version: u64,
    info: Option<Info>,
    chart: Option<WholeChart>,
    config: Option<Map<String, Value>>,
    manifest: Option<String>,
    hooks: Option<Vec<HookOf>>,
}
#[derive(Deserialize, Default)]
#[serde(default)]
struct WholeChart {
    metadata: Option<ChartMetadata>,
    values: Option<Map<String, Value>>,
    files: Option<Vec<ChartFile>>,
}
#[derive(Deserialize, Default)]
#[serde(default)]
struct ChartFile {
    name: Option<String>,
    data: Option<String>,
}

impl ChartFile {
    /// The kinds that it brings, if it is where charts have those. Source: `CRDObjects` in `pkg/chart/v2/chart.go` of Helm.
    fn kinds(&self) -> Vec<Value> {
        let name = self
            .name
            .as_deref()
            .filter(|name| name.starts_with("crds/") && [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end)));
        let bytes = name.and(self.data.as_deref()).and_then(|data| base64::engine::general_purpose::STANDARD.decode(data).ok());
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
        documents(&text).iter().filter_map(Document::safe).collect()
    }
}
#[derive(Deserialize, Default)]
#[serde(default)]
struct HookOf {
    name: Option<String>,
    kind: Option<String>,
    path: Option<String>,
    events: Option<Vec<String>>,
    manifest: Option<String>,
}

impl Whole {
    fn told(self) -> Release {
        let info = self.info.unwrap_or_default();
        let (chart_of, defaults, files) = self.chart.map(|c| (c.metadata, c.values, c.files)).unwrap_or_default();
        let mut mask = Mask::default();
        let written = documents(self.manifest.as_deref().unwrap_or_default());
        let hooks: Vec<(HookOf, Document)> = self
            .hooks
            .unwrap_or_default()
            .into_iter()
            .map(|mut hook| {
                let document = Document::of(&hook.manifest.take().unwrap_or_default());
                (hook, document)
            })
            .collect();
        for object in written.iter().chain(hooks.iter().map(|(_, document)| document)).filter_map(|d| d.object.as_ref()) {
            mask.learn(object);
        }
        let values = Value::Object(self.config.unwrap_or_default());
        let mut computed = Value::Object(defaults.unwrap_or_default());
        laid_over(&mut computed, &values);
        let values = mask.values(values);
        let computed = mask.values(computed);
        Release {
            name: self.name.unwrap_or_default(),
            namespace: String::new(),
            revision: self.version,
            status: info.status.unwrap_or_default(),
            updated: info.last_deployed.unwrap_or_default(),
            description: mask.text(info.description.as_deref().unwrap_or_default()),
            notes: mask.text(info.notes.as_deref().unwrap_or_default()),
            chart: chart(chart_of),
            values,
            computed,
            manifest: written.iter().map(|d| format!("---\n{}\n", d.shown().trim_end())).collect(),
            objects: written.iter().filter_map(Document::safe).collect(),
            hooks: hooks
                .into_iter()
                .map(|(hook, document)| Hook {
                    name: hook.name.unwrap_or_default(),
                    kind: hook.kind.unwrap_or_default(),
                    path: hook.path.unwrap_or_default(),
                    events: hook.events.unwrap_or_default(),
                    manifest: document.shown(),
                    object: document.safe().unwrap_or_default(),
                })
                .collect(),
            crds: files.iter().flatten().flat_map(ChartFile::kinds).collect(),
            trouble: None,
        }
    }
}

/// The values a person gave over the chart's own: maps merge, `null` takes a value away.
///
/// Source: `coalesceValues` in `pkg/chart/common/util/coalesce.go` of Helm.
fn laid_over(under: &mut Value, over: &Value) {
    let (Value::Object(under), Value::Object(over)) = (under, over) else { return };
    for (key, value) in over {
        match under.get_mut(key) {
            _ if value.is_null() => drop(under.remove(key)),
            Some(held @ Value::Object(_)) if value.is_object() => laid_over(held, value),
            Some(held) => held.clone_from(value),
            None => drop(under.insert(key.clone(), value.clone())),
        }
    }
}

/// One document of a manifest: as it stands there, and what it says.
struct Document {
    text: String,
    /// `None` where it is no YAML: then nobody can say whether it holds a Secret.
    object: Option<Value>,
}

/// The documents of a manifest.
fn documents(manifest: &str) -> Vec<Document> {
    let mut texts: Vec<String> = vec![String::new()];
    for line in manifest.lines() {
        if line == "---" || line.starts_with("--- ") {
            texts.push(String::new());
        } else if let Some(text) = texts.last_mut() {
            text.push_str(line);
            text.push('\n');
        }
    }
    texts.iter().filter(|text| !text.trim().is_empty()).map(|text| Document::of(text)).filter(|d| d.object != Some(Value::Null)).collect()
}

impl Document {
    fn of(text: &str) -> Document {
        let options = serde_saphyr::options! { legacy_octal_numbers: true };
        Document { object: serde_saphyr::from_str_with_options(text, options).ok(), text: text.to_string() }
    }

    /// The object without Secret values.
    fn safe(&self) -> Option<Value> {
        let mut object = self.object.clone()?;
        redact::redact(&mut object);
        Some(object)
    }

    /// The text without Secret values: as it is where it holds none, else written anew behind the comments it begins with.
    fn shown(&self) -> String {
        let comments: String = self.text.lines().take_while(|line| line.starts_with("# Source:")).map(|line| format!("{line}\n")).collect();
        match (self.safe(), &self.object) {
            (Some(safe), Some(object)) if safe == *object && !holds_secret(object) => self.text.clone(),
            (Some(safe), _) => format!("{comments}{}", serde_saphyr::to_string(&safe).unwrap_or_else(|_| safe.to_string())),
            (None, _) => format!("{comments}# (this part is no YAML and is withheld)\n"),
        }
    }
}

/// Whether a Secret stands in it: then its comments may hold values too.
fn holds_secret(object: &Value) -> bool {
    match object {
        Value::Object(map) => {
            map.get("kind").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("Secret")) || map.values().any(holds_secret)
        }
        Value::Array(list) => list.iter().any(holds_secret),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

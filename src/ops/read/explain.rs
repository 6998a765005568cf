//! `kubectl explain`: what a kind or one of its fields is for, from the server's own OpenAPI document.

mod told;

use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Kind, Lookup, Misuse, Namespace, ReadPath, Reply, Spec, Target, Verb,
    look::read,
    verb::{kind_named, refuse},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Explains a kind or a field of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Explain {
    /// the kind
    pub kind: Kind,
    /// the way to a field: spec, template, spec, containers; left out: the kind itself
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldName>,
    /// all fields below it, by name and type alone
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recursive: bool,
    /// another version of the kind's group: v1, apps/v1
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
}

/// The name of a field, as it stands in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct FieldName(String);

impl TryFrom<String> for FieldName {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let legal = |c: char| c.is_ascii_alphanumeric() || "-_$".contains(c);
        let fits = !text.is_empty() && text.len() <= 100 && text.chars().all(legal);
        if fits { Ok(FieldName(text)) } else { Err(format!("{:?} is no name of a field", text.chars().take(60).collect::<String>())) }
    }
}
impl From<FieldName> for String {
    fn from(name: FieldName) -> String {
        name.0
    }
}

impl Explain {
    fn path(&self) -> String {
        let fields = self.fields.iter().map(|field| field.0.as_str());
        std::iter::once(&*self.kind.plural()).chain(fields).collect::<Vec<_>>().join(".")
    }

    /// The group and version whose document is read.
    fn group_version(&self) -> (String, String) {
        let info = self.kind.info();
        match self.api_version.as_deref().map(|text| text.rsplit_once('/').unwrap_or(("", text))) {
            // A version alone is one of the kind's own group.
            Some(("", version)) => (info.group.to_string(), version.to_string()),
            Some((group, version)) => (group.to_string(), version.to_string()),
            None => (info.group.to_string(), info.version.to_string()),
        }
    }
}

impl Verb for Explain {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        format!("explain {}", self.path())
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let (group, version) = self.group_version();
        let root = if group.is_empty() { format!("api/{version}") } else { format!("apis/{group}/{version}") };
        let path = ReadPath::new(format!("/openapi/v3/{root}")).map_err(|e| CannotDo::new(e, ""))?;
        Ok(vec![Call::document(path)])
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(self.path());
        if let Some(version) = &self.api_version {
            argv = argv.flag("api-version", version);
        }
        argv.switch("recursive", self.recursive)
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let (Some(call), Some(reply)) = (calls.first(), replies.first()) else {
            return Err(CannotDo::new("the server gave no answer", ""));
        };
        let (group, version) = self.group_version();
        if reply.body == Lookup::Missing {
            let shown = if group.is_empty() { version } else { format!("{group}/{version}") };
            return Err(CannotDo::new(format!("the server does not describe {shown}"), "kubectl api-versions lists what it has"));
        }
        let document: Value = serde_json::from_slice(read(call, &reply.body)?)
            .map_err(|e| CannotDo::new(format!("the server's description could not be read: {e}"), ""))?;
        let fields: Vec<&str> = self.fields.iter().map(|field| field.0.as_str()).collect();
        let asked =
            told::Asked { group: &group, version: &version, kind: self.kind.info().kind, fields: &fields, recursive: self.recursive };
        told::tell(&document, &asked).map(|text| Answer::Text { text })
    }
}

impl Spec for Explain {
    const NAME: &'static str = "explain";
    const VERB: &'static [&'static str] = &["explain"];
    const ABOUT: &'static str = "Explain what a kind of object or one of its fields is for, as the cluster itself describes it.";
    const EXAMPLE: &'static str = "kubectl explain deployment.spec.strategy";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::switch("recursive").short('R'), Flag::value("api-version"), Flag::value("output").short('o')];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        if argv.get("output").is_some_and(|form| form != "plaintext") {
            refuse(argv, &[("output", "it is told as text; kubectl get --raw /openapi/v3/… gives the whole document")])?;
        }
        let [path] = &argv.places[..] else {
            return Err(Misuse::says("kubectl explain: one kind, with or without a field behind it: pod.spec.containers"));
        };
        // `deployments.apps.spec` or `pods.spec`: the longest beginning that is a kind is the kind.
        let words: Vec<&str> = path.trim_end_matches('.').split('.').collect();
        let known = (1..=words.len()).rev().find_map(|end| Some((Kind::find(&words[..end].join("."))?, end)));
        let (kind, end) = match known {
            Some(known) => known,
            None => (kind_named(words.first().copied().unwrap_or_default())?, 1),
        };
        let fields = words[end..].iter().map(|word| FieldName::try_from((*word).to_string()).map_err(Misuse::Says));
        let api_version = argv.get("api-version").filter(|text| !text.is_empty()).map(str::to_string);
        Ok(Explain { kind, fields: fields.collect::<Result<_, _>>()?, recursive: argv.on("recursive"), api_version })
    }
}

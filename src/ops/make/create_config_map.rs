//! `kubectl create configmap`: settings from values, files and lines of files.

use super::{
    data::{Data, FileSource, Loaded, alone, hash, printed, wanted},
    made::{Makes, dns_name, listed, pairs},
};
use crate::ops::{Argv, CannotDo, Contents, DataKey, DnsName, FilePath, Flag, Kind, Lookup, Misuse, Namespace, Spec};
use base64::Engine as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Creates a ConfigMap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateConfigMap {
    /// its name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// key to value
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub literals: BTreeMap<DataKey, String>,
    /// files a person named, each PATH or KEY=PATH
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileSource>,
    /// files of lines KEY=value that a person named; only alone
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env_files: Vec<FilePath>,
    /// put a hash of the data behind the name
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub append_hash: bool,
    /// What was loaded.
    #[serde(skip)]
    pub(super) loaded: Loaded,
}

impl CreateConfigMap {
    /// `data` and `binaryData`, as far as there are some.
    fn body(&self) -> Result<Value, CannotDo> {
        let mut all = Data::default();
        all.add_files(&self.files, &self.loaded)?;
        for (key, value) in &self.literals {
            all.add(key.clone(), value.clone().into_bytes())?;
        }
        all.add_env_files(&self.env_files, &self.loaded)?;
        let (mut data, mut binary) = (Map::new(), Map::new());
        for (key, value) in all.0 {
            match String::from_utf8(value) {
                Ok(text) => drop(data.insert(key.into(), json!(text))),
                Err(bytes) => drop(binary.insert(key.into(), json!(base64::engine::general_purpose::STANDARD.encode(bytes.as_bytes())))),
            }
        }
        let mut body = json!({});
        for (field, held) in [("data", data), ("binaryData", binary)] {
            if !held.is_empty() {
                body[field] = Value::Object(held);
            }
        }
        Ok(body)
    }

    fn named(&self) -> String {
        match (self.append_hash, self.body()) {
            (true, Ok(mut fields)) => {
                if let Some(map) = fields.as_object_mut() {
                    map.entry("data").or_insert_with(|| json!({}));
                    map.insert("kind".into(), json!("ConfigMap"));
                    map.insert("name".into(), json!(self.name));
                }
                format!("{}-{}", self.name, hash(&fields))
            }
            (false, _) | (true, Err(_)) => self.name.to_string(),
        }
    }
}

impl Makes for CreateConfigMap {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("configmaps"), self.named())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    fn wants(&self) -> Vec<String> {
        wanted(&self.files, &self.env_files)
    }
    fn takes(&mut self, file: &str, contents: Contents) {
        self.loaded.insert(file.to_string(), contents);
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        Ok(vec![self.body()?])
    }
    fn words(&self) -> Argv {
        let argv = printed(Argv::of(Self::VERB).place(&self.name), &self.files, &self.env_files);
        let argv = self.literals.iter().fold(argv, |argv, (key, value)| argv.flag("from-literal", format!("{key}={value}")));
        argv.switch("append-hash", self.append_hash)
    }
}

impl Spec for CreateConfigMap {
    const NAME: &'static str = "create_config_map";
    const VERB: &'static [&'static str] = &["create", "configmap"];
    const ABOUT: &'static str = "Create a config map from values or files.";
    const EXAMPLE: &'static str = "kubectl create configmap settings --from-literal=colour=blue";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] =
        &[Flag::value("from-literal"), Flag::value("from-file"), Flag::value("from-env-file"), Flag::switch("append-hash")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        alone(argv)?;
        let literals = argv.all("from-literal").map(str::to_string);
        Ok(CreateConfigMap {
            name: dns_name(argv)?,
            namespace: argv.named_namespace()?,
            literals: pairs(argv, "from-literal", literals, |value| Ok(value.to_string()))?,
            files: listed(argv, "from-file")?,
            env_files: listed(argv, "from-env-file")?,
            append_hash: argv.on("append-hash"),
            loaded: Loaded::new(),
        })
    }
}

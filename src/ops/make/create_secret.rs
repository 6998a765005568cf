//! `kubectl create secret generic`: values that are not shown, from the line, files and lines of files.

use super::{
    data::{Data, FileSource, Loaded, alone, bytes, hash, printed, wanted},
    made::{Makes, dns_name, listed, pairs},
};
use crate::ops::{Argv, CannotDo, Contents, DataKey, DnsName, FilePath, Flag, Kind, Lookup, Misuse, Namespace, Sensitive, Spec};
use base64::Engine as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Creates a Secret of any type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSecret {
    /// its name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// key to value, in the person's own words
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub literals: BTreeMap<DataKey, Sensitive>,
    /// files a person named, each PATH or KEY=PATH
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileSource>,
    /// files of lines KEY=value that a person named; only alone
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub env_files: Vec<FilePath>,
    /// its type; left out: Opaque
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<String>,
    /// put a hash of the data behind the name
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub append_hash: bool,
    /// What was loaded.
    #[serde(skip)]
    pub(super) loaded: Loaded,
}

impl CreateSecret {
    fn data(&self) -> Result<Data, CannotDo> {
        let mut data = Data::default();
        for (key, value) in &self.literals {
            data.add(key.clone(), bytes(value)?)?;
        }
        data.add_files(&self.files, &self.loaded)?;
        data.add_env_files(&self.env_files, &self.loaded)?;
        Ok(data)
    }
}

/// The Secret with that data; the values stand in it and nowhere else.
pub(super) fn body(data: Data, sort: Option<&str>) -> Value {
    let encoded = |value: Vec<u8>| json!(base64::engine::general_purpose::STANDARD.encode(value));
    let data: Map<String, Value> = data.0.into_iter().map(|(key, value)| (key.into(), encoded(value))).collect();
    let mut body = json!({});
    if !data.is_empty() {
        body["data"] = Value::Object(data);
    }
    if let Some(sort) = sort.filter(|sort| !sort.is_empty()) {
        body["type"] = json!(sort);
    }
    body
}

/// Its name, with the hash of its data where that is asked for and the data is known.
pub(super) fn named(name: &DnsName, append_hash: bool, data: Result<Data, CannotDo>, sort: Option<&str>) -> String {
    match (append_hash, data) {
        (true, Ok(data)) => {
            let mut fields = body(data, None);
            if let Some(map) = fields.as_object_mut() {
                map.entry("data").or_insert_with(|| json!({}));
                map.insert("kind".into(), json!("Secret"));
                map.insert("name".into(), json!(name));
                map.insert("type".into(), json!(sort.unwrap_or_default()));
            }
            format!("{name}-{}", hash(&fields))
        }
        (false, _) | (true, Err(_)) => name.to_string(),
    }
}

impl Makes for CreateSecret {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("secrets"), named(&self.name, self.append_hash, self.data(), self.sort.as_deref()))]
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
    fn values(&self) -> Vec<&Sensitive> {
        self.literals.values().collect()
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        Ok(vec![body(self.data()?, self.sort.as_deref())])
    }
    fn words(&self) -> Argv {
        let mut argv = printed(Argv::of(Self::VERB).place(&self.name), &self.files, &self.env_files);
        argv = self.literals.iter().fold(argv, |argv, (key, value)| argv.flag("from-literal", format!("{key}={value}")));
        if let Some(sort) = &self.sort {
            argv = argv.flag("type", sort);
        }
        argv.switch("append-hash", self.append_hash)
    }
}

impl Spec for CreateSecret {
    const NAME: &'static str = "create_secret";
    const VERB: &'static [&'static str] = &["create", "secret", "generic"];
    const ABOUT: &'static str = "Create a secret from values or files that the person gives.";
    const EXAMPLE: &'static str = "kubectl create secret generic db --from-file=password=password.txt";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[
        Flag::value("from-literal"),
        Flag::value("from-file"),
        Flag::value("from-env-file"),
        Flag::value("type"),
        Flag::switch("append-hash"),
    ];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        alone(argv)?;
        let literals = argv.all("from-literal").map(str::to_string);
        Ok(CreateSecret {
            name: dns_name(argv)?,
            namespace: argv.named_namespace()?,
            literals: pairs(argv, "from-literal", literals, |value| Ok(Sensitive::new(value)))?,
            files: listed(argv, "from-file")?,
            env_files: listed(argv, "from-env-file")?,
            sort: argv.parsed("type")?,
            append_hash: argv.on("append-hash"),
            loaded: Loaded::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;

    #[test]
    fn a_value_is_sent_and_nowhere_else() {
        let op = Op::from_line("kubectl create secret generic db --from-literal=password=hunter2 --from-literal=user=me -n dev").unwrap();
        let told = format!("{op:?} {} {} {}", op.line(), serde_json::to_string(&op).unwrap(), op.verb().title());
        assert!(!told.contains("hunter2"), "{told}");
        assert_eq!(
            op.line(),
            "kubectl create secret generic db --from-literal='password=<withheld>' --from-literal='user=<withheld>' -n dev"
        );
        let body = op.verb().calls(&[], Default::default()).unwrap()[0].body(None).unwrap();
        assert_eq!(body["data"]["password"], "aHVudGVyMg==");
        let read_back = Op::from_line(&op.line()).unwrap();
        assert!(read_back.verb().calls(&[], Default::default()).unwrap_err().sentence.contains("not on record"));
        let wrong = Op::from_line("kubectl create secret generic db --from-literal=hunter2").unwrap_err().to_string();
        assert!(!wrong.contains("hunter2"), "{wrong}");
        let shown = Op::from_line("kubectl create secret generic db --from-literal=a=hunter2 --dry-run=client -o yaml").unwrap();
        assert!(shown.verb().calls(&[], Default::default()).unwrap_err().sentence.contains("never shown"));
    }
}

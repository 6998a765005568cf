//! `kubectl version`: which Kubernetes the server is.

use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, ReadPath, Reply, Spec, Target, Verb,
    answer::ObjectForm,
    look::{first_object, text},
    verb::{no_places, refuse},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Tells the server's version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ServerVersion {
    /// json or yaml; left out: the version alone
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<ObjectForm>,
}

impl Verb for ServerVersion {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        "the cluster's version".into()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(vec![Call::document(ReadPath::known("/version"))])
    }
    fn print(&self) -> Argv {
        match self.output {
            Some(ObjectForm::Yaml) => Argv::of(Self::VERB).flag("output", "yaml"),
            Some(ObjectForm::Json | ObjectForm::Name) => Argv::of(Self::VERB).flag("output", "json"),
            None => Argv::of(Self::VERB),
        }
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let version = first_object(calls, replies)?;
        Ok(match self.output {
            Some(output) => Answer::Objects { output, items: vec![json!({"serverVersion": version})].into() },
            None => Answer::Text { text: format!("Server Version: {}\n", text(&version, "/gitVersion")) },
        })
    }
}

impl Spec for ServerVersion {
    const NAME: &'static str = "server_version";
    const VERB: &'static [&'static str] = &["version"];
    const ABOUT: &'static str = "Tell which version of Kubernetes the cluster runs.";
    const EXAMPLE: &'static str = "kubectl version";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("output").short('o'), Flag::switch("client"), Flag::switch("short")];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        no_places(argv)?;
        refuse(argv, &[("client", "there is no kubectl in between; aiops --version tells its own")])?;
        let output = match argv.get("output") {
            None | Some("") => None,
            Some("json") => Some(ObjectForm::Json),
            Some("yaml") => Some(ObjectForm::Yaml),
            Some(other) => return Err(Misuse::Says(format!("-o {other}: json or yaml"))),
        };
        Ok(ServerVersion { output })
    }
}

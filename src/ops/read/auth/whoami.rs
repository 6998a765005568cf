//! `kubectl auth whoami`: who the server takes one for.

use super::{answered, ask};
use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Kind, Lookup, Misuse, Namespace, Reply, Spec, Target, Verb,
    answer::{ObjectForm, Table},
    look::{list, plain, text},
    verb::no_places,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Tells who the server takes one for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Whoami {
    /// json or yaml; left out: a table
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<ObjectForm>,
}

impl Verb for Whoami {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        "who the cluster takes you for".into()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(vec![ask(Kind::built_in("selfsubjectreviews"), json!({}))])
    }
    fn print(&self) -> Argv {
        match self.output {
            Some(ObjectForm::Yaml) => Argv::of(Self::VERB).flag("output", "yaml"),
            Some(ObjectForm::Json | ObjectForm::Name) => Argv::of(Self::VERB).flag("output", "json"),
            None => Argv::of(Self::VERB),
        }
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let review = answered(calls, replies)?;
        if let Some(output) = self.output {
            return Ok(Answer::Objects { output, items: vec![review].into() });
        }
        let who = &review["status"]["userInfo"];
        let bracketed = |values: &[Value]| format!("[{}]", values.iter().map(plain).collect::<Vec<_>>().join(" "));
        let mut rows = Vec::new();
        for (name, field) in [("Username", "/username"), ("UID", "/uid")] {
            if !text(who, field).is_empty() {
                rows.push(vec![name.to_string(), text(who, field).to_string()]);
            }
        }
        if !list(who, "/groups").is_empty() {
            rows.push(vec!["Groups".into(), bracketed(list(who, "/groups"))]);
        }
        for (key, values) in who["extra"].as_object().into_iter().flatten() {
            rows.push(vec![format!("Extra: {key}"), bracketed(values.as_array().map_or(&[], Vec::as_slice))]);
        }
        let columns = vec!["Attribute".to_string(), "Value".to_string()];
        Ok(Answer::Tables { tables: vec![Table { title: "who you are".into(), columns, rows }] })
    }
}

impl Spec for Whoami {
    const NAME: &'static str = "whoami";
    const VERB: &'static [&'static str] = &["auth", "whoami"];
    const ABOUT: &'static str = "Tell who the cluster takes the person for: name and groups.";
    const EXAMPLE: &'static str = "kubectl auth whoami";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("output").short('o')];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        no_places(argv)?;
        let output = match argv.get("output") {
            None | Some("") => None,
            Some("json") => Some(ObjectForm::Json),
            Some("yaml") => Some(ObjectForm::Yaml),
            Some(other) => return Err(Misuse::Says(format!("-o {other}: json or yaml"))),
        };
        Ok(Whoami { output })
    }
}

//! `kubectl config get-contexts`: which contexts there are, and which is in use.

use super::entry;
use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Reply, Spec, Target, Verb,
    answer::Table,
    look::{first_object, list, text},
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Lists the contexts of the kubeconfig.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetContexts {
    /// these; left out: all of them
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contexts: Vec<String>,
    /// names alone
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub names: bool,
    /// rows without the columns' names
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_headers: bool,
}

impl Verb for GetContexts {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        "the contexts of the kubeconfig".into()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(vec![Call::kubeconfig()])
    }
    fn print(&self) -> Argv {
        let argv = self.contexts.iter().fold(Argv::of(Self::VERB), Argv::place);
        let argv = if self.names { argv.flag("output", "name") } else { argv };
        argv.switch("no-headers", self.no_headers)
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let config = first_object(calls, replies)?;
        let mut wanted: Vec<&str> = list(&config, "/contexts").iter().map(|one| text(one, "/name")).collect();
        if let Some(unknown) = self.contexts.iter().find(|name| !wanted.contains(&name.as_str())) {
            return Err(CannotDo::new(format!("there is no context {unknown:?}"), format!("there are: {}", wanted.join(", "))));
        }
        if !self.contexts.is_empty() {
            wanted = self.contexts.iter().map(String::as_str).collect();
        }
        wanted.sort_unstable();
        if self.names {
            return Ok(Answer::Text { text: wanted.iter().map(|name| format!("{name}\n")).collect() });
        }
        let row = |name: &&str| {
            let context = entry(&config, "/contexts", name).map_or(&Value::Null, |one| &one["context"]);
            let current = if text(&config, "/current-context") == *name { "*" } else { "" };
            let mut cells = vec![current.to_string(), (*name).to_string()];
            cells.extend(["/cluster", "/user", "/namespace"].map(|field| text(context, field).to_string()));
            cells
        };
        let columns = ["Current", "Name", "Cluster", "AuthInfo", "Namespace"].map(String::from).to_vec();
        let columns = if self.no_headers { Vec::new() } else { columns };
        Ok(Answer::Tables { tables: vec![Table { title: "contexts".into(), columns, rows: wanted.iter().map(row).collect() }] })
    }
}

impl Spec for GetContexts {
    const NAME: &'static str = "get_contexts";
    const VERB: &'static [&'static str] = &["config", "get-contexts"];
    const ABOUT: &'static str = "List the contexts that the kubeconfig knows, and which is in use.";
    const EXAMPLE: &'static str = "kubectl config get-contexts";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("output").short('o'), Flag::switch("no-headers")];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let names = match argv.get("output") {
            None | Some("") => false,
            Some("name") => true,
            Some(other) => return Err(Misuse::Says(format!("-o {other}: name, or nothing"))),
        };
        Ok(GetContexts { contexts: argv.places.clone(), names, no_headers: argv.on("no-headers") })
    }
}

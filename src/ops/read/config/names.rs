//! `kubectl config current-context`, `get-clusters`, `get-users`: names alone.

use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Reply, Spec, Target, Verb,
    answer::Table,
    look::{first_object, list, text},
    verb::no_places,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Tells which context is in use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CurrentContext {}

impl Verb for CurrentContext {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        "which context is in use".into()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(vec![Call::kubeconfig()])
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB)
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        Ok(Answer::Text { text: format!("{}\n", text(&first_object(calls, replies)?, "/current-context")) })
    }
}

impl Spec for CurrentContext {
    const NAME: &'static str = "current_context";
    const VERB: &'static [&'static str] = &["config", "current-context"];
    const ABOUT: &'static str = "Tell which context of the kubeconfig is in use.";
    const EXAMPLE: &'static str = "kubectl config current-context";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        no_places(argv)?;
        Ok(CurrentContext {})
    }
}

fn names(calls: &[Call], replies: &[Reply], of: &'static str, title: &str) -> Result<Answer, CannotDo> {
    let config = first_object(calls, replies)?;
    let mut rows: Vec<Vec<String>> = list(&config, of).iter().map(|one| vec![text(one, "/name").to_string()]).collect();
    rows.sort();
    Ok(Answer::Tables { tables: vec![Table { title: title.into(), columns: vec!["Name".into()], rows }] })
}

/// Lists the clusters of the kubeconfig.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetClusters {}

impl Verb for GetClusters {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        "the clusters of the kubeconfig".into()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(vec![Call::kubeconfig()])
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB)
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        names(calls, replies, "/clusters", "clusters")
    }
}

impl Spec for GetClusters {
    const NAME: &'static str = "get_clusters";
    const VERB: &'static [&'static str] = &["config", "get-clusters"];
    const ABOUT: &'static str = "List the clusters that the kubeconfig knows.";
    const EXAMPLE: &'static str = "kubectl config get-clusters";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        no_places(argv)?;
        Ok(GetClusters {})
    }
}

/// Lists the users of the kubeconfig.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetUsers {}

impl Verb for GetUsers {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        "the users of the kubeconfig".into()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(vec![Call::kubeconfig()])
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB)
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        names(calls, replies, "/users", "users")
    }
}

impl Spec for GetUsers {
    const NAME: &'static str = "get_users";
    const VERB: &'static [&'static str] = &["config", "get-users"];
    const ABOUT: &'static str = "List the users that the kubeconfig knows.";
    const EXAMPLE: &'static str = "kubectl config get-users";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        no_places(argv)?;
        Ok(GetUsers {})
    }
}

//! `kubectl api-versions`: every group and version the server has.

use super::{discovery_calls, told};
use crate::ops::{Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Reply, Spec, Target, Verb, verb::no_places};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;

/// Lists the groups and versions that the server has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiVersions {}

impl Verb for ApiVersions {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        "the API versions this cluster has".into()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(discovery_calls())
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB)
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let versions: BTreeSet<String> = told(calls, replies)?
            .into_iter()
            .map(|one| if one.group.is_empty() { one.version } else { format!("{}/{}", one.group, one.version) })
            .collect();
        Ok(Answer::Text { text: versions.into_iter().map(|version| version + "\n").collect() })
    }
}

impl Spec for ApiVersions {
    const NAME: &'static str = "api_versions";
    const VERB: &'static [&'static str] = &["api-versions"];
    const ABOUT: &'static str = "List the API groups and versions that the cluster has.";
    const EXAMPLE: &'static str = "kubectl api-versions";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        no_places(argv)?;
        Ok(ApiVersions {})
    }
}

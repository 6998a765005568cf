//! `kubectl create clusterrole`: what may be done in every namespace, and outside of them.
//!
//! Source: `kubectl/pkg/cmd/create/create_clusterrole.go`.

use super::{
    create_role::printed,
    made::{Makes, each, listed, only_name, pairs, texts},
    rules::{RuleResource, distinct, rules, verbs},
};
use crate::ops::{Argv, CannotDo, Flag, Kind, LabelKey, LabelValue, Lookup, Misuse, Name, Namespace, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Creates a ClusterRole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateClusterRole {
    /// its name
    pub name: Name,
    /// get, list, watch, create, update, patch, delete, …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<String>,
    /// what they may be done to: pods, deployments.apps, pods/log
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<RuleResource>,
    /// only to objects of these names
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
    /// paths of the API server that are no resources: /healthz, /logs/*
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub non_resource_urls: Vec<String>,
    /// instead of all that: the rules of every cluster role with these labels
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub aggregation_rule: BTreeMap<LabelKey, LabelValue>,
}

impl Makes for CreateClusterRole {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("clusterroles"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        None
    }
    fn fill(&mut self, _namespace: &Namespace) {}
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        let rules_said =
            !(self.verbs.is_empty() && self.resources.is_empty() && self.resource_names.is_empty() && self.non_resource_urls.is_empty());
        if !self.aggregation_rule.is_empty() {
            if rules_said {
                return Err(CannotDo::new(
                    "an aggregation rule stands instead of verbs, resources, names and paths",
                    "leave one of them out",
                ));
            }
            return Ok(vec![json!({"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": texts(&self.aggregation_rule)}]}})]);
        }
        if self.resources.is_empty() && self.non_resource_urls.is_empty() {
            return Err(CannotDo::new("one of resource or nonResourceURL must be specified", ""));
        }
        Ok(vec![json!({"rules": rules(&self.verbs, &self.resources, &self.resource_names, &self.non_resource_urls)?})])
    }
    fn words(&self) -> Argv {
        let mut argv = printed(Argv::of(Self::VERB).place(&self.name), &self.verbs, &self.resources, &self.resource_names);
        if !self.non_resource_urls.is_empty() {
            argv = argv.flag("non-resource-url", self.non_resource_urls.join(","));
        }
        if !self.aggregation_rule.is_empty() {
            let labels: Vec<_> = self.aggregation_rule.iter().map(|(key, value)| format!("{key}={value}")).collect();
            argv = argv.flag("aggregation-rule", labels.join(","));
        }
        argv
    }
}

impl Spec for CreateClusterRole {
    const NAME: &'static str = "create_cluster_role";
    const VERB: &'static [&'static str] = &["create", "clusterrole"];
    const ABOUT: &'static str = "Create a cluster role: what may be done in the whole cluster.";
    const EXAMPLE: &'static str = "kubectl create clusterrole node-reader --verb=get --resource=nodes";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[
        Flag::value("verb"),
        Flag::value("resource"),
        Flag::value("resource-name"),
        Flag::value("non-resource-url"),
        Flag::value("aggregation-rule"),
    ];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let labels = argv.all("aggregation-rule").flat_map(|said| said.split(',')).map(str::to_string);
        let role = CreateClusterRole {
            name: Name::new(only_name(argv)?)?,
            verbs: verbs(argv)?,
            resources: listed(argv, "resource")?,
            resource_names: distinct(each(argv, "resource-name")?),
            non_resource_urls: distinct_paths(listed(argv, "non-resource-url")?),
            aggregation_rule: pairs(argv, "aggregation-rule", labels, |value| Ok(LabelValue::new(value)?))?,
        };
        role.bodies(&[]).map_err(|why| Misuse::Says(format!("kubectl create clusterrole: {}", why.sentence)))?;
        Ok(role)
    }
}

fn distinct_paths(paths: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    paths.into_iter().for_each(|path| {
        if !kept.contains(&path) {
            kept.push(path);
        }
    });
    kept
}

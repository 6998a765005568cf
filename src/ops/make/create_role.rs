//! `kubectl create role`: what may be done in one namespace.

use super::{
    made::{Makes, each, listed, only_name},
    rules::{RuleResource, rules, verbs},
};
use crate::ops::{Argv, CannotDo, Flag, Kind, Lookup, Misuse, Name, Namespace, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Creates a Role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateRole {
    /// its name
    pub name: Name,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// get, list, watch, create, update, patch, delete, …
    pub verbs: Vec<String>,
    /// what they may be done to: pods, deployments.apps, pods/log
    pub resources: Vec<RuleResource>,
    /// only to objects of these names
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resource_names: Vec<String>,
}

impl Makes for CreateRole {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("roles"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        if self.resources.is_empty() {
            return Err(CannotDo::new("at least one resource must be specified", ""));
        }
        Ok(vec![json!({"rules": rules(&self.verbs, &self.resources, &self.resource_names, &[])?})])
    }
    fn words(&self) -> Argv {
        printed(Argv::of(Self::VERB).place(&self.name), &self.verbs, &self.resources, &self.resource_names)
    }
}

/// What roles of both sorts say on a line.
pub(super) fn printed(argv: Argv, verbs: &[String], resources: &[RuleResource], names: &[String]) -> Argv {
    let mut argv = argv;
    if !verbs.is_empty() {
        argv = argv.flag("verb", verbs.join(","));
    }
    if !resources.is_empty() {
        argv = argv.flag("resource", resources.iter().map(RuleResource::to_string).collect::<Vec<_>>().join(","));
    }
    names.iter().fold(argv, |argv, name| argv.flag("resource-name", name))
}

impl Spec for CreateRole {
    const NAME: &'static str = "create_role";
    const VERB: &'static [&'static str] = &["create", "role"];
    const ABOUT: &'static str = "Create a role: what may be done in one namespace.";
    const EXAMPLE: &'static str = "kubectl create role reader --verb=get,list --resource=pods";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[Flag::value("verb"), Flag::value("resource"), Flag::value("resource-name")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let role = CreateRole {
            name: Name::new(only_name(argv)?)?,
            namespace: argv.named_namespace()?,
            verbs: verbs(argv)?,
            resources: listed(argv, "resource")?,
            resource_names: super::rules::distinct(each(argv, "resource-name")?),
        };
        role.bodies(&[]).map_err(|why| Misuse::Says(format!("kubectl create role: {}", why.sentence)))?;
        Ok(role)
    }
}

//! The rules of a role, as `kubectl create role` and `clusterrole` take them.
//!
//! Source: `kubectl/pkg/cmd/create/create_role.go`.

use super::made::listed;
use crate::ops::{Argv, BadName, CannotDo, Kind, Misuse};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// Verbs that are about one group of resources and no other: verb, then plural and group.
const SPECIAL: &[(&str, &[(&str, &str)])] = &[
    ("use", &[("podsecuritypolicies", "policy"), ("podsecuritypolicies", "extensions")]),
    ("bind", &[("roles", "rbac.authorization.k8s.io"), ("clusterroles", "rbac.authorization.k8s.io")]),
    ("escalate", &[("roles", "rbac.authorization.k8s.io"), ("clusterroles", "rbac.authorization.k8s.io")]),
    ("impersonate", &[("users", ""), ("serviceaccounts", ""), ("groups", ""), ("userextras", "authentication.k8s.io")]),
];

/// What a rule is about: `pods`, `deployments.apps`, `pods/log`, `*`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct RuleResource {
    resource: String,
    group: Option<String>,
    subresource: Option<String>,
}

impl FromStr for RuleResource {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let (whole, subresource) = text.split_once('/').map_or((text, None), |(whole, sub)| (whole, Some(sub)));
        let (resource, group) = whole.split_once('.').map_or((whole, None), |(resource, group)| (resource, Some(group)));
        let legal = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-.*/_".contains(c));
        if !legal(resource) || !group.is_none_or(legal) || !subresource.is_none_or(legal) {
            return Err(BadName::new(text, "resource", "RESOURCE, RESOURCE.GROUP or RESOURCE/SUBRESOURCE was expected"));
        }
        Ok(RuleResource { resource: resource.to_string(), group: group.map(str::to_string), subresource: subresource.map(str::to_string) })
    }
}
impl TryFrom<String> for RuleResource {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}
impl From<RuleResource> for String {
    fn from(resource: RuleResource) -> String {
        resource.to_string()
    }
}
impl fmt::Display for RuleResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.resource)?;
        if let Some(group) = &self.group {
            write!(f, ".{group}")?;
        }
        match &self.subresource {
            Some(subresource) => write!(f, "/{subresource}"),
            None => Ok(()),
        }
    }
}

impl RuleResource {
    fn is_all(&self) -> bool {
        self.resource == "*" && self.group.is_none() && self.subresource.is_none()
    }

    /// Plural and group. A resource that is not known here has to say its group.
    fn plural(&self) -> Result<(&str, &str), String> {
        let group = self.group.as_deref().unwrap_or_default();
        if self.resource == "*" {
            return Ok(("*", group));
        }
        let word = match &self.group {
            Some(group) => format!("{}.{group}", self.resource),
            None => self.resource.clone(),
        };
        match (Kind::find(&word), &self.group) {
            (Some(kind), _) => Ok((kind.info().plural, kind.info().group)),
            (None, Some(group)) => Ok((&self.resource, group)),
            // Two that are no kinds and are spoken of in rules all the same.
            (None, None) if ["users", "groups"].contains(&self.resource.as_str()) => Ok((&self.resource, "")),
            (None, None) => Err(format!("the server has no resource type {:?} that is known here: say RESOURCE.GROUP", self.resource)),
        }
    }
}

/// A verb of RBAC.
pub(super) fn verbs(argv: &Argv) -> Result<Vec<String>, Misuse> {
    listed::<String>(argv, "verb").map(distinct)
}

/// Each once, in the order they were said; `*` stands for all of them.
pub(super) fn distinct(verbs: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for verb in verbs {
        if verb == "*" {
            return vec![verb];
        }
        if !kept.contains(&verb) {
            kept.push(verb);
        }
    }
    kept
}

/// The rules: one for each API group, in order of group; then one for paths that are no resources.
///
/// # Errors
/// [`CannotDo`] where a verb does not go with a resource, or a path is none.
pub(super) fn rules(verbs: &[String], resources: &[RuleResource], names: &[String], paths: &[String]) -> Result<Vec<Value>, CannotDo> {
    let says = |text: String| CannotDo::new(text, "");
    if verbs.is_empty() {
        return Err(says("at least one verb must be specified".into()));
    }
    // As kubectl, which reads no further behind it.
    let end = resources.iter().position(RuleResource::is_all);
    let resources = match end {
        Some(at) => &resources[at..=at],
        None => resources,
    };
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for resource in resources {
        let (plural, group) = resource.plural().map_err(says)?;
        for (verb, about) in SPECIAL.iter().filter(|(verb, _)| plural != "*" && verbs.iter().any(|v| v == verb)) {
            if !about.contains(&(plural, group)) {
                return Err(says(format!("can not perform '{verb}' on '{plural}' in group '{group}'")));
            }
        }
        let said = match &resource.subresource {
            Some(subresource) => format!("{plural}/{subresource}"),
            None => plural.to_string(),
        };
        let known = groups.entry(group).or_default();
        if !known.contains(&said) {
            known.push(said);
        }
    }
    let mut rules: Vec<Value> = Vec::new();
    for (group, resources) in groups {
        let mut rule = json!({"verbs": verbs, "apiGroups": [group], "resources": resources});
        if !names.is_empty() {
            rule["resourceNames"] = json!(names);
        }
        rules.push(rule);
    }
    if !paths.is_empty() {
        if let Some(verb) = verbs.iter().find(|v| !["*", "get", "post", "put", "delete", "patch", "head", "options"].contains(&v.as_str()))
        {
            return Err(says(format!("invalid verb: '{verb}' for nonResourceURL")));
        }
        let illegal = |path: &&String| !path.starts_with('/') || path.strip_suffix('*').unwrap_or(path).contains('*');
        if let Some(path) = paths.iter().filter(|path| *path != "*").find(illegal) {
            return Err(says(format!("nonResourceURL {path:?} should start with '/', with a '*' only at its end")));
        }
        rules.push(json!({"verbs": verbs, "nonResourceURLs": paths}));
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(verbs: &[&str], resources: &[&str]) -> Result<Vec<Value>, CannotDo> {
        let verbs: Vec<String> = verbs.iter().map(|v| (*v).to_string()).collect();
        let resources: Vec<RuleResource> = resources.iter().map(|r| r.parse().unwrap()).collect();
        rules(&verbs, &resources, &[], &[])
    }

    #[test]
    fn resources_are_grouped_and_named_in_full() {
        let rules = made(&["get"], &["po", "rs.apps", "deploy", "pods/log", "widgets.example.com"]).unwrap();
        assert_eq!(
            rules,
            [
                json!({"verbs": ["get"], "apiGroups": [""], "resources": ["pods", "pods/log"]}),
                json!({"verbs": ["get"], "apiGroups": ["apps"], "resources": ["replicasets", "deployments"]}),
                json!({"verbs": ["get"], "apiGroups": ["example.com"], "resources": ["widgets"]}),
            ]
        );
        assert!(made(&["get"], &["nosuchthings"]).unwrap_err().sentence.contains("RESOURCE.GROUP"));
        assert!(made(&["bind"], &["pods"]).is_err() && made(&["bind"], &["roles"]).is_ok());
        assert!("a b".parse::<RuleResource>().is_err());
    }
}

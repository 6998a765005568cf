//! `kubectl api-resources`: every kind the server has.

use super::{discovery_calls, told};
use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Impact, Lookup, Misuse, Namespace, Reply, Spec, Target, Verb, answer::Table, verb::no_places,
};
use crate::terms::discovery::{Served, preferred};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Lists the kinds that the server has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ApiResources {
    /// only this group: apps; empty for the core group
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_group: Option<String>,
    /// only kinds inside namespaces, or only those outside
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespaced: Option<bool>,
    /// only kinds that know all of these: list, delete
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verbs: Vec<String>,
    /// only kinds in all of these categories
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    /// verbs and categories too
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub wide: bool,
    /// names alone
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub names: bool,
    /// rows without the columns' names
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_headers: bool,
    /// name or kind; left out: by group
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<KindOrder>,
}

/// By what the kinds are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum KindOrder {
    /// Plural.
    Name,
    /// `Kind`.
    Kind,
}

impl std::str::FromStr for KindOrder {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "name" => Ok(KindOrder::Name),
            "kind" => Ok(KindOrder::Kind),
            _ => Err("name or kind"),
        }
    }
}

impl ApiResources {
    fn keeps(&self, one: &Served) -> bool {
        let all = |wanted: &[String], has: &[String]| wanted.iter().all(|word| has.contains(word));
        self.api_group.as_ref().is_none_or(|group| *group == one.group)
            && self.namespaced.is_none_or(|namespaced| namespaced == one.namespaced)
            && !one.verbs.is_empty()
            && all(&self.verbs, &one.verbs)
            && all(&self.categories, &one.categories)
    }
}

impl Verb for ApiResources {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        "the kinds this cluster has".into()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        Ok(discovery_calls())
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB);
        if let Some(group) = &self.api_group {
            argv = argv.flag("api-group", group);
        }
        if let Some(namespaced) = self.namespaced {
            argv = argv.flag("namespaced", namespaced);
        }
        if !self.verbs.is_empty() {
            argv = argv.flag("verbs", self.verbs.join(","));
        }
        if !self.categories.is_empty() {
            argv = argv.flag("categories", self.categories.join(","));
        }
        argv = match (self.wide, self.names) {
            (true, _) => argv.flag("output", "wide"),
            (false, true) => argv.flag("output", "name"),
            (false, false) => argv,
        };
        argv = match self.sort_by {
            Some(KindOrder::Name) => argv.flag("sort-by", "name"),
            Some(KindOrder::Kind) => argv.flag("sort-by", "kind"),
            None => argv,
        };
        argv.switch("no-headers", self.no_headers)
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let mut kinds: Vec<Served> = preferred(told(calls, replies)?).into_iter().filter(|one| self.keeps(one)).collect();
        kinds.sort_by(|a, b| match self.sort_by {
            Some(KindOrder::Name) => a.plural.cmp(&b.plural),
            Some(KindOrder::Kind) => a.kind.cmp(&b.kind),
            None => (&a.group, &a.plural).cmp(&(&b.group, &b.plural)),
        });
        let full = |one: &Served| if one.group.is_empty() { one.plural.clone() } else { format!("{}.{}", one.plural, one.group) };
        if self.names && !self.wide {
            return Ok(Answer::Text { text: kinds.iter().map(|one| full(one) + "\n").collect() });
        }
        let mut columns: Vec<String> = ["Name", "Shortnames", "APIVersion", "Namespaced", "Kind"].map(String::from).to_vec();
        if self.wide {
            columns.extend(["Verbs".to_string(), "Categories".to_string()]);
        }
        let row = |one: &Served| {
            let version = if one.group.is_empty() { one.version.clone() } else { format!("{}/{}", one.group, one.version) };
            let mut cells = vec![one.plural.clone(), one.short_names.join(","), version, one.namespaced.to_string(), one.kind.clone()];
            if self.wide {
                cells.extend([one.verbs.join(","), one.categories.join(",")]);
            }
            cells
        };
        let columns = if self.no_headers { Vec::new() } else { columns };
        Ok(Answer::Tables { tables: vec![Table { title: "kinds".into(), columns, rows: kinds.iter().map(row).collect() }] })
    }
}

impl Spec for ApiResources {
    const NAME: &'static str = "api_resources";
    const VERB: &'static [&'static str] = &["api-resources"];
    const ABOUT: &'static str = "List the kinds of objects that the cluster has, custom ones too.";
    const EXAMPLE: &'static str = "kubectl api-resources --namespaced=true";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[
        Flag::value("api-group"),
        Flag::switch("namespaced"),
        Flag::value("verbs"),
        Flag::value("categories"),
        Flag::value("output").short('o'),
        Flag::value("sort-by"),
        Flag::switch("no-headers"),
        Flag::switch("cached"),
    ];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        no_places(argv)?;
        let words =
            |flag: &'static str| argv.all(flag).flat_map(|all| all.split(',')).filter(|w| !w.is_empty()).map(str::to_string).collect();
        let (wide, names) = match argv.get("output") {
            None | Some("") => (false, false),
            Some("wide") => (true, false),
            Some("name") => (false, true),
            Some(other) => return Err(Misuse::Says(format!("-o {other}: wide or name"))),
        };
        Ok(ApiResources {
            api_group: argv.get("api-group").map(str::to_string),
            namespaced: argv.parsed("namespaced")?,
            verbs: words("verbs"),
            categories: words("categories"),
            wide,
            names,
            no_headers: argv.on("no-headers"),
            sort_by: argv.parsed("sort-by")?,
        })
    }
}

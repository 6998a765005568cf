//! `kubectl top`: what pods or nodes use now, from the metrics API.

mod figures;

use crate::ops::{
    Answer, Argv, BadName, Call, CannotDo, Flag, Impact, Kind, Lookup, Misuse, Name, Namespace, Reply, Spec, Target, Verb,
    look::{self, gathered},
    verb::kind_named,
};
use crate::terms::selector::LabelSelector;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Shows use of cpu and memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Top {
    /// pods or nodes
    pub what: TopWhat,
    /// one of them
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Name>,
    /// namespace of the pods; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// every namespace
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_namespaces: bool,
    /// label selector
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// each container on its own
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub containers: bool,
    /// cpu or memory, greatest first
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sort_by: Option<SortBy>,
}

/// Of what the use is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TopWhat {
    /// Pods.
    Pods,
    /// Nodes.
    Nodes,
}

/// By which figure rows are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SortBy {
    /// Cores.
    Cpu,
    /// Bytes.
    Memory,
}

impl std::str::FromStr for SortBy {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "cpu" => Ok(SortBy::Cpu),
            "memory" => Ok(SortBy::Memory),
            _ => Err("cpu or memory"),
        }
    }
}

impl Top {
    fn kind(&self) -> Kind {
        Kind::built_in(match self.what {
            TopWhat::Pods => "pods.metrics.k8s.io",
            TopWhat::Nodes => "nodes.metrics.k8s.io",
        })
    }

    fn target_of(&self, kind: Kind) -> Option<Result<Target, BadName>> {
        let name = self.name.clone()?;
        Some(Target::new(kind, name).map(|t| t.in_namespace(self.namespace.clone())))
    }

    fn read(&self, kind: Kind) -> Result<Call, CannotDo> {
        let namespace = self.namespace.as_ref().filter(|_| !self.all_namespaces);
        match self.target_of(kind) {
            Some(Ok(target)) => Ok(Call::get(&target)),
            Some(Err(e)) => Err(CannotDo::new(e.to_string(), "")),
            None => Ok(Call::list(kind, namespace).with("labelSelector", self.selector.clone().unwrap_or_default())),
        }
    }
}

/// The objects of an answer, one or many.
fn those(answer: Option<&Lookup<Value>>) -> Result<&[Value], &str> {
    match answer {
        Some(Lookup::Known(value)) if value["items"].is_array() => Ok(look::items(value)),
        Some(Lookup::Known(value)) => Ok(std::slice::from_ref(value)),
        Some(Lookup::Missing) => Err(""),
        Some(Lookup::NotChecked(why)) => Err(why),
        None => Ok(&[]),
    }
}

impl Verb for Top {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        if self.what == TopWhat::Pods && self.namespace.is_none() && !self.all_namespaces {
            self.namespace = Some(namespace.clone());
        }
    }
    fn targets(&self) -> Vec<Target> {
        let kind = Kind::built_in(match self.what {
            TopWhat::Pods => "pods",
            TopWhat::Nodes => "nodes",
        });
        self.target_of(kind).and_then(Result::ok).into_iter().collect()
    }
    fn title(&self) -> String {
        let what = match self.what {
            TopWhat::Pods => "pods",
            TopWhat::Nodes => "nodes",
        };
        match &self.name {
            Some(name) => format!("top {what} {name}"),
            None => format!("top {what}"),
        }
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if self.name.is_some() && (self.all_namespaces || self.selector.is_some()) {
            return Err(CannotDo::new("a name cannot be joined with a selector or with every namespace", ""));
        }
        let mut calls = vec![self.read(self.kind())?];
        if self.what == TopWhat::Nodes {
            calls.push(self.read(Kind::built_in("nodes"))?);
        }
        Ok(calls)
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(match self.what {
            TopWhat::Pods => "pods",
            TopWhat::Nodes => "nodes",
        });
        if let Some(name) = &self.name {
            argv = argv.place(name);
        }
        if let Some(selector) = &self.selector {
            argv = argv.flag("selector", selector);
        }
        argv = match self.sort_by {
            Some(SortBy::Cpu) => argv.flag("sort-by", "cpu"),
            Some(SortBy::Memory) => argv.flag("sort-by", "memory"),
            None => argv,
        };
        argv = argv.switch("containers", self.containers);
        if self.all_namespaces { argv.switch("all-namespaces", true) } else { argv.namespace(self.namespace.as_ref()) }
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        let gathered = gathered(calls, replies);
        let metrics = those(gathered.first()).map_err(|why| self.no_figures(why))?;
        let rows = match self.what {
            TopWhat::Pods => self.pod_rows(metrics),
            // Without the nodes themselves there are figures, only no shares.
            TopWhat::Nodes => Self::node_rows(metrics, those(gathered.get(1)).unwrap_or(&[])),
        };
        Ok(Answer::Tables { tables: vec![self.table(rows)] })
    }
}

impl Top {
    fn no_figures(&self, why: &str) -> CannotDo {
        const HINT: &str = "metrics-server serves them: kubectl get apiservice v1beta1.metrics.k8s.io";
        match (why, &self.name) {
            ("", Some(name)) => CannotDo::new(
                format!("there are no figures for {name}: it does not exist or is too young, or metrics-server is not there"),
                HINT,
            ),
            ("", None) => CannotDo::new("this cluster measures no use: metrics-server is not there", HINT),
            (why, _) => CannotDo::new(format!("the figures could not be read: {why}"), HINT),
        }
    }
}

impl Spec for Top {
    const NAME: &'static str = "top";
    const VERB: &'static [&'static str] = &["top"];
    const ABOUT: &'static str = "Show what pods or nodes use now (cpu, memory).";
    const EXAMPLE: &'static str = "kubectl top pods";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("selector").short('l'), Flag::value("sort-by"), Flag::switch("containers")];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let mut words = argv.places.iter().flat_map(|w| w.split('/'));
        let kind = kind_named(words.next().ok_or_else(|| Misuse::says("kubectl top: of pods or of nodes?"))?)?;
        let what = if kind == Kind::built_in("pods") {
            TopWhat::Pods
        } else if kind == Kind::built_in("nodes") {
            TopWhat::Nodes
        } else {
            return Err(Misuse::Says(format!("kubectl top: pods or nodes, not {}", kind.plural())));
        };
        let name = words.next().map(|name| Target::new(kind, Name::new(name)?)).transpose()?.map(|t| t.name().clone());
        if let Some(extra) = words.next() {
            return Err(Misuse::Says(format!("kubectl top: {extra:?} was not expected")));
        }
        let selector = argv.get("selector").map(|s| s.parse::<LabelSelector>().map(|_| s.to_string())).transpose();
        Ok(Top {
            what,
            name,
            namespace: argv.named_namespace()?.filter(|_| what == TopWhat::Pods),
            all_namespaces: argv.on("all-namespaces"),
            selector: selector.map_err(|e| Misuse::Says(format!("--selector: {e}")))?,
            containers: argv.on("containers"),
            sort_by: argv.parsed("sort-by")?,
        })
    }
}

#[cfg(test)]
mod tests;

//! `kubectl drain`: no new pods on a node, and those that are there moved away by eviction.
//!
//! Source of the rules (which pods stay, which need a word of their own): `kubectl/pkg/drain/filters.go`.

use super::cordon;
use crate::ops::{
    Argv, BadName, Call, CannotDo, Flag, Images, Impact, Kind, Lookup, Misuse, Name, Namespace, PatchKind, Spec, Target, Uncordon, Verb,
    Wait, Way, look,
};
use crate::terms::{duration::GoDuration, selector::LabelSelector};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// Empties nodes: marks them unschedulable and evicts their pods, as disruption budgets allow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Drain {
    /// the nodes
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nodes: Vec<Name>,
    /// the nodes with these labels: pool=old
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// only pods with these labels: app=web
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pod_selector: Option<String>,
    /// leave the pods of DaemonSets where they are, instead of refusing because of them
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ignore_daemonsets: bool,
    /// also end pods that lose the data of an emptyDir volume with it
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub delete_emptydir_data: bool,
    /// also end pods that nothing makes anew
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub force: bool,
    /// seconds a pod has to end; left out: its own
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace_period: Option<u32>,
    /// how long to wait for disruption budgets that allow nothing now: 5m; left out: such pods are named, and nothing is begun
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    /// The pods that go, once they are known.
    #[serde(skip)]
    pub pods: Vec<Target>,
}

/// What becomes of one pod.
enum Fate {
    Stays,
    Goes,
    /// It stands in the way, and the flag that would let it go.
    Hinders(&'static str, &'static str),
}

impl Drain {
    fn fate(&self, pod: &Value) -> Fate {
        let over = ["Succeeded", "Failed"].contains(&look::text(pod, "/status/phase"));
        // A static pod is the kubelet's own; the API server only mirrors it.
        if pod.pointer("/metadata/annotations").is_some_and(|notes| notes.get("kubernetes.io/config.mirror").is_some()) {
            return Fate::Stays;
        }
        let owner = look::controller(pod).map(|owner| look::text(owner, "/kind"));
        if owner == Some("DaemonSet") && !over {
            return if self.ignore_daemonsets {
                Fate::Stays
            } else {
                Fate::Hinders("its DaemonSet would put it back", "--ignore-daemonsets")
            };
        }
        let scratch = look::list(pod, "/spec/volumes").iter().any(|volume| volume.get("emptyDir").is_some());
        if scratch && !over && !self.delete_emptydir_data {
            return Fate::Hinders("it would lose what is in its emptyDir volume", "--delete-emptydir-data");
        }
        if owner.is_none() && !over && !self.force {
            return Fate::Hinders("nothing makes it anew elsewhere", "--force");
        }
        Fate::Goes
    }

    /// The pods that go, or every one that stands in the way with what would let it go.
    fn chosen(&self, pods: &[Value]) -> Result<Vec<Target>, CannotDo> {
        let kind = Kind::built_in("pods");
        let (mut going, mut hindering, mut flags) = (Vec::new(), Vec::new(), Vec::new());
        for pod in pods {
            let Some(target) = look::target_of(kind, pod) else { continue };
            match self.fate(pod) {
                Fate::Stays => {}
                Fate::Goes => going.push(target),
                Fate::Hinders(why, flag) => {
                    hindering.push(format!("{target}: {why}"));
                    if !flags.contains(&flag) {
                        flags.push(flag);
                    }
                }
            }
        }
        match hindering.is_empty() {
            true => Ok(going),
            false => Err(CannotDo::new(
                format!("the node is not drained, some of its pods stand in the way: {}", hindering.join("; ")),
                format!("add {} if that is meant", flags.join(" ")),
            )),
        }
    }

    /// The pods that a disruption budget holds back as things are.
    fn held(pods: &[Value], going: &[Target], budgets: &[Value]) -> Vec<String> {
        let held_by = |pod: &Value| {
            budgets.iter().find(|budget| {
                let allows = look::number(budget, "/status/disruptionsAllowed");
                let same = look::text(budget, "/metadata/namespace") == look::text(pod, "/metadata/namespace");
                let selector = budget.pointer("/spec/selector").and_then(|selector| LabelSelector::from_json(selector).ok());
                allows == 0 && same && selector.is_some_and(|s| s.matches_json(pod.pointer("/metadata/labels").unwrap_or(&Value::Null)))
            })
        };
        let kind = Kind::built_in("pods");
        let said = |pod: &Value| {
            let target = look::target_of(kind, pod).filter(|target| going.contains(target))?;
            Some(format!("{target} (pdb/{})", look::text(held_by(pod)?, "/metadata/name")))
        };
        pods.iter().filter_map(said).collect()
    }

    fn named(nodes: &[Name]) -> Result<Vec<Target>, BadName> {
        nodes.iter().map(|name| Target::new(Kind::built_in("nodes"), name.clone())).collect()
    }
}

impl Verb for Drain {
    fn impact(&self) -> Impact {
        Impact::Disrupts
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        cordon::targets(&self.nodes)
    }
    fn title(&self) -> String {
        let which = self.selector.as_ref().map(|selector| format!("drain the nodes with {selector}"));
        let pods = match self.pods.len() {
            0 => String::new(),
            1 => ", evicting 1 pod".to_string(),
            n => format!(", evicting {n} pods"),
        };
        which.unwrap_or_else(|| cordon::titled("drain", &self.nodes, None)) + &pods
    }
    /// First which nodes, then what is on them and which budgets guard it.
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        let nodes = Kind::built_in("nodes");
        if let (Some(selector), []) = (&self.selector, seen) {
            return vec![Call::list(nodes, None).with("labelSelector", selector.clone())];
        }
        let first = usize::from(self.selector.is_some());
        if seen.len() > first {
            return Vec::new();
        }
        let Ok(nodes) = self.nodes_of(seen) else { return Vec::new() };
        let pods = |name: &Name| {
            Call::list(Kind::built_in("pods"), None)
                .with("labelSelector", self.pod_selector.clone().unwrap_or_default())
                .with("fieldSelector", format!("spec.nodeName={name}"))
        };
        let budgets = Call::list(Kind::built_in("poddisruptionbudgets"), None);
        let there = Self::named(&nodes).unwrap_or_default();
        std::iter::once(budgets).chain(there.iter().map(Call::get)).chain(nodes.iter().map(pods)).collect()
    }
    fn expand(&self, seen: &[Lookup<Value>]) -> Result<Option<Vec<crate::ops::Op>>, CannotDo> {
        let nodes = self.nodes_of(seen)?;
        let seen = &seen[usize::from(self.selector.is_some()).min(seen.len())..];
        let budgets = look::listed(seen, 0, Kind::built_in("poddisruptionbudgets"))?;
        let (mut pods, mut objects) = (Vec::new(), Vec::new());
        for (at, node) in Self::named(&nodes).map_err(|e| CannotDo::new(e.to_string(), ""))?.iter().enumerate() {
            look::object(seen.get(1 + at..).unwrap_or_default(), node)?;
            let there = look::listed(seen, 1 + nodes.len() + at, Kind::built_in("pods"))?;
            pods.extend(self.chosen(there)?);
            objects.extend_from_slice(there);
        }
        let held = Self::held(&objects, &pods, budgets);
        if !held.is_empty() && self.timeout.is_none() {
            return Err(CannotDo::new(
                format!("these pods will not move, their disruption budgets allow nothing now: {}", held.join(", ")),
                "let their workload have more ready pods first, or say --timeout=5m to wait for them",
            ));
        }
        Ok(Some(vec![Drain { nodes, selector: None, pods, ..self.clone() }.into()]))
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if self.nodes.is_empty() {
            return Err(CannotDo::new("which node? none is named", "kubectl get nodes lists them"));
        }
        let nodes = Self::named(&self.nodes).map_err(|e| CannotDo::new(e.to_string(), ""))?;
        let cordon = nodes.iter().map(|node| Call::patch(node, PatchKind::Merge, json!({"spec": {"unschedulable": true}})));
        Ok(cordon.chain(self.pods.iter().map(|pod| Call::evict(pod, self.grace_period))).collect())
    }
    fn print(&self) -> Argv {
        let mut argv = self.nodes.iter().fold(Argv::of(Self::VERB), Argv::place);
        for (flag, value) in [("selector", &self.selector), ("pod-selector", &self.pod_selector)] {
            if let Some(value) = value {
                argv = argv.flag(flag, value);
            }
        }
        argv = argv.switch("ignore-daemonsets", self.ignore_daemonsets).switch("delete-emptydir-data", self.delete_emptydir_data);
        argv = argv.switch("force", self.force);
        if let Some(seconds) = self.grace_period {
            argv = argv.flag("grace-period", seconds);
        }
        match &self.timeout {
            Some(timeout) => argv.flag("timeout", timeout),
            None => argv,
        }
    }
    fn wait(&self) -> Wait {
        if self.pods.is_empty() { Wait::Nothing } else { Wait::Gone(self.pods.clone()) }
    }
    fn patience(&self) -> Option<Duration> {
        self.timeout.as_ref()?.parse::<GoDuration>().ok()?.to_std()
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        match cordon::moved(&self.nodes, images, false) {
            nodes if nodes.is_empty() => Way::None("the evicted pods are gone; their controllers made new ones elsewhere"),
            nodes => Way::Back(vec![Uncordon::of(nodes).into()]),
        }
    }
}

impl Drain {
    fn nodes_of(&self, seen: &[Lookup<Value>]) -> Result<Vec<Name>, CannotDo> {
        let Some(selector) = &self.selector else { return Ok(self.nodes.clone()) };
        let found = look::listed(seen, 0, Kind::built_in("nodes"))?.iter();
        let nodes: Vec<Name> = found.filter_map(|node| Name::new(look::text(node, "/metadata/name")).ok()).collect();
        if nodes.is_empty() { Err(CannotDo::new(format!("there are no nodes with {selector}"), "")) } else { Ok(nodes) }
    }
}

impl Spec for Drain {
    const NAME: &'static str = "drain";
    const VERB: &'static [&'static str] = &["drain"];
    const ABOUT: &'static str = "Empty a node: keep new pods off it and evict those that are there.";
    const EXAMPLE: &'static str = "kubectl drain node-1 --ignore-daemonsets";
    const BACK: &'static str = "uncordons the node; evicted pods stay where their controllers made them anew";
    const FLAGS: &'static [Flag] = &[
        Flag::value("selector").short('l'),
        Flag::value("pod-selector"),
        Flag::switch("ignore-daemonsets"),
        Flag::switch("delete-emptydir-data"),
        Flag::switch("force"),
        Flag::value("grace-period"),
        Flag::value("timeout"),
        Flag::switch("disable-eviction"),
        Flag::value("skip-wait-for-delete-timeout"),
        Flag::value("chunk-size"),
    ];
    const READS: bool = false;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        crate::ops::verb::refuse(
            argv,
            &[
                ("disable-eviction", "disruption budgets are not gone round; delete the pods by name if it must be"),
                ("skip-wait-for-delete-timeout", "every pod is waited for"),
            ],
        )?;
        let selector = |flag: &str| argv.get(flag).map(|s| s.parse::<LabelSelector>().map(|_| s.to_string())).transpose();
        let says = |flag: &str, e: &dyn std::fmt::Display| Misuse::Says(format!("kubectl drain --{flag}: {e}"));
        let (by_label, pods) =
            (selector("selector").map_err(|e| says("selector", &e))?, selector("pod-selector").map_err(|e| says("pod-selector", &e))?);
        let nodes = match &by_label {
            Some(_) if !argv.places.is_empty() => {
                return Err(Misuse::says("kubectl drain: a node's name and a selector cannot stand together"));
            }
            Some(_) => Vec::new(),
            None => cordon::on_line(argv)?.0,
        };
        let timeout: Option<GoDuration> = argv.parsed("timeout")?;
        // 0 is kubectl's way to say without end.
        let timeout = timeout.map(|_| argv.get("timeout").unwrap_or_default().to_string());
        // -1 is kubectl's way to say the pod's own.
        let grace = argv.parsed::<i64>("grace-period")?.and_then(|seconds| u32::try_from(seconds).ok());
        Ok(Drain {
            nodes,
            selector: by_label,
            pod_selector: pods,
            ignore_daemonsets: argv.on("ignore-daemonsets"),
            delete_emptydir_data: argv.on("delete-emptydir-data"),
            force: argv.on("force"),
            grace_period: grace,
            timeout,
            pods: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::{Value, json};

    fn pod(name: &str, owner: Option<&str>, volumes: Value) -> Value {
        let owners = owner.map(|kind| json!([{"kind": kind, "name": "o", "controller": true}]));
        json!({"metadata": {"name": name, "namespace": "a", "labels": {"app": name}, "ownerReferences": owners}, "spec": {"volumes": volumes}})
    }
    fn drained(line: &str, pods: Vec<Value>, budgets: Vec<Value>) -> Result<Vec<String>, CannotDo> {
        let op = Op::from_line(line).unwrap();
        assert_eq!(op.verb().looks(&[]).len(), 3, "budgets, the node, its pods");
        let list = |items: Vec<Value>| Lookup::Known(json!({"items": items}));
        let seen = [list(budgets), Lookup::Known(json!({"metadata": {"name": "n1"}})), list(pods)];
        let ops = op.verb().expand(&seen)?.unwrap();
        Ok(ops[0].verb().calls(&[], Default::default())?.iter().map(Call::path).collect())
    }

    #[test]
    fn what_stands_in_the_way_is_named_with_what_would_let_it_go() {
        let pods = || {
            vec![
                pod("web", Some("ReplicaSet"), json!([])),
                pod("log", Some("DaemonSet"), json!([])),
                pod("lone", None, json!([{"emptyDir": {}}])),
            ]
        };
        let e = drained("kubectl drain n1", pods(), vec![]).unwrap_err();
        assert!(e.sentence.contains("pod/log in a") && e.sentence.contains("pod/lone in a") && !e.sentence.contains("pod/web"), "{e:?}");
        assert_eq!(e.hint, "add --ignore-daemonsets --delete-emptydir-data if that is meant");
        let calls = drained("kubectl drain n1 --ignore-daemonsets --delete-emptydir-data --force", pods(), vec![]).unwrap();
        assert_eq!(calls, ["/api/v1/nodes/n1", "/api/v1/namespaces/a/pods/web/eviction", "/api/v1/namespaces/a/pods/lone/eviction"]);
    }

    #[test]
    fn what_a_budget_holds_back_is_named_before_anything_is_begun() {
        let budget = |allowed: u32| json!({"metadata": {"name": "b", "namespace": "a"}, "spec": {"selector": {"matchLabels": {"app": "web"}}}, "status": {"disruptionsAllowed": allowed}});
        let web = || vec![pod("web", Some("ReplicaSet"), json!([]))];
        let e = drained("kubectl drain n1", web(), vec![budget(0)]).unwrap_err();
        assert!(e.sentence.ends_with("pod/web in a (pdb/b)"), "{e:?}");
        assert!(drained("kubectl drain n1", web(), vec![budget(1)]).is_ok());
        assert!(drained("kubectl drain n1 --timeout=5m", web(), vec![budget(0)]).is_ok());
    }

    #[test]
    fn the_way_back_lets_pods_in_again() {
        let op = Op::from_line("kubectl drain n1 n2 --force").unwrap();
        let (free, kept) = (json!({"spec": {}}), json!({"spec": {"unschedulable": true}}));
        let images = [&free, &kept].map(|before| Images { before: Some(before), after: None });
        let Way::Back(ops) = op.verb().inverse(&images) else { panic!() };
        assert_eq!(ops[0].line(), "kubectl uncordon n1");
    }
}

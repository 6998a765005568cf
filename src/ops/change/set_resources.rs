//! `kubectl set resources`: what a workload's containers ask for, and what they may use at most.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Images, Impact, LabelKey, Lookup, Misuse, Namespace, Quantity, Spec, Target, Verb, Wait, Way, look,
    restore, template, verb::workload_place,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Sets requests and limits in a pod template; what is not named stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SetResources {
    /// the workload
    #[serde(flatten)]
    pub target: Target,
    /// resource to amount: what a container may use at most
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub limits: BTreeMap<LabelKey, Quantity>,
    /// resource to amount: what is set aside for a container
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub requests: BTreeMap<LabelKey, Quantity>,
    /// which containers: a name, `*` stands for any letters; left out: all, init containers too
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containers: Option<String>,
}

fn said(amounts: &BTreeMap<LabelKey, Quantity>) -> String {
    amounts.iter().map(|(resource, amount)| format!("{resource}={amount}")).collect::<Vec<_>>().join(",")
}

fn read(argv: &Argv, flag: &str) -> Result<BTreeMap<LabelKey, Quantity>, Misuse> {
    let mut amounts = BTreeMap::new();
    for pair in argv.get(flag).into_iter().flat_map(|text| text.split(',')) {
        let (resource, amount) =
            pair.split_once('=').ok_or_else(|| Misuse::Says(format!("--{flag}: {pair:?}: resource=amount was expected, like cpu=250m")))?;
        if amounts.insert(LabelKey::new(resource)?, Quantity::new(amount)?).is_some() {
            return Err(Misuse::Says(format!("--{flag}: {resource} is named twice")));
        }
    }
    Ok(amounts)
}

impl Verb for SetResources {
    fn impact(&self) -> Impact {
        Impact::Changes
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        let sorts = [("limits", &self.limits), ("requests", &self.requests)];
        let parts: Vec<String> = sorts.iter().filter(|(_, m)| !m.is_empty()).map(|(sort, m)| format!("{sort} {}", said(m))).collect();
        format!("set {} of {}", parts.join(" and "), self.target.slashed())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        if seen.is_empty() { vec![Call::get(&self.target)] } else { Vec::new() }
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let sorts = [("limits", &self.limits), ("requests", &self.requests)];
        let resources: Map<String, Value> = sorts
            .into_iter()
            .filter(|(_, amounts)| !amounts.is_empty())
            .map(|(sort, amounts)| (sort.to_string(), json!(amounts)))
            .collect();
        if resources.is_empty() {
            return Err(CannotDo::new(
                "which resource? no limit and no request is named",
                "say --limits=cpu=500m or --requests=memory=256Mi",
            ));
        }
        let chosen = template::chosen(&self.target, look::object(seen, &self.target)?, self.containers.as_deref())?;
        let fields = chosen.into_iter().map(|(list, name, _)| (list, json!({"name": name, "resources": resources}))).collect();
        Ok(vec![template::patch_containers(&self.target, fields)])
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(self.target.slashed());
        for (flag, amounts) in [("limits", &self.limits), ("requests", &self.requests)] {
            if !amounts.is_empty() {
                argv = argv.flag(flag, said(amounts));
            }
        }
        if let Some(containers) = &self.containers {
            argv = argv.flag("containers", containers);
        }
        argv.namespace(self.target.namespace())
    }
    fn wait(&self) -> Wait {
        template::settled(&self.target)
    }
    fn inverse(&self, images: &[Images<'_>]) -> Way {
        restore::way_back(&self.target, images)
    }
}

impl Spec for SetResources {
    const NAME: &'static str = "set_resources";
    const VERB: &'static [&'static str] = &["set", "resources"];
    const ABOUT: &'static str = "Set requests and limits of a workload's containers.";
    const EXAMPLE: &'static str = "kubectl set resources deployment/web --limits=cpu=500m";
    const BACK: &'static str = "puts the former amounts back";
    const FLAGS: &'static [Flag] = &[Flag::value("limits"), Flag::value("requests"), Flag::value("containers").short('c')];
    const READS: bool = false;
    const EACH: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let (limits, requests) = (read(argv, "limits")?, read(argv, "requests")?);
        if limits.is_empty() && requests.is_empty() {
            return Err(Misuse::says("kubectl set resources: how much? --limits or --requests is missing"));
        }
        let containers = argv.get("containers").filter(|pattern| *pattern != "*").map(str::to_string);
        Ok(SetResources { target: workload_place(argv)?, limits, requests, containers })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn the_containers_that_are_meant_and_the_resources_that_are_named() {
        let seen = [Lookup::Known(json!({"spec": {"template": {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}}}))];
        let op = Op::from_line("kubectl set resources deploy web --limits=cpu=200m,memory=512Mi --requests cpu=100m -c b").unwrap();
        let body = op.verb().calls(&seen, Default::default()).unwrap()[0].body(None).unwrap();
        let wanted = json!([{"name": "b", "resources": {"limits": {"cpu": "200m", "memory": "512Mi"}, "requests": {"cpu": "100m"}}}]);
        assert_eq!(body, json!({"spec": {"template": {"spec": {"containers": wanted}}}}));
        for bad in ["", "--limits=cpu", "--limits=cpu=lots", "--limits=cpu=1,cpu=2", "--requests=cpu=-1"] {
            assert!(Op::from_line(&format!("kubectl set resources deploy web {bad}")).is_err(), "{bad}");
        }
    }
}

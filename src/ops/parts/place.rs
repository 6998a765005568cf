//! On which nodes pods may run, and how they lie to each other.

use crate::ops::{LabelKey, LabelValue};
use serde_json::{Value, json};

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// What a taint does, and a toleration forgives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// No new pods.
    NoSchedule,
    /// Rather no new pods.
    PreferNoSchedule,
    /// No new pods, and those that are there go.
    NoExecute,
}

impl Effect {
    /// By its word, in any case.
    pub fn of(word: &str) -> Option<Effect> {
        let all = [Effect::NoSchedule, Effect::PreferNoSchedule, Effect::NoExecute];
        all.into_iter().find(|effect| effect.word().eq_ignore_ascii_case(word))
    }
    /// As it stands in an object.
    pub fn word(self) -> &'static str {
        match self {
            Effect::NoSchedule => "NoSchedule",
            Effect::PreferNoSchedule => "PreferNoSchedule",
            Effect::NoExecute => "NoExecute",
        }
    }
}

/// Which taints are no hindrance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toleration {
    /// The taint's key; `None` is every taint.
    pub key: Option<LabelKey>,
    /// Its value; `None` is any.
    pub value: Option<LabelValue>,
    /// Its effect; `None` is any.
    pub effect: Option<Effect>,
    /// How long, of `NoExecute`.
    pub seconds: Option<u32>,
}

impl Toleration {
    fn json(&self) -> Value {
        let mut one = json!({"operator": if self.value.is_some() { "Equal" } else { "Exists" }});
        if let Some(key) = &self.key {
            one["key"] = json!(key);
        }
        if let Some(value) = &self.value {
            one["value"] = json!(value);
        }
        if let Some(effect) = self.effect {
            one["effect"] = json!(effect.word());
        }
        if let Some(seconds) = self.seconds {
            one["tolerationSeconds"] = json!(seconds);
        }
        one
    }
}

/// A condition on the nodes, stronger than a selector's or only a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeRule {
    /// The label.
    pub key: LabelKey,
    /// One of these; empty: it is there at all.
    pub values: Vec<LabelValue>,
    /// A wish: pods go elsewhere where it cannot be.
    pub wish: bool,
}

/// Over what pods are spread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topology {
    /// Nodes.
    Node,
    /// Zones.
    Zone,
    /// Another label of the nodes.
    Other(LabelKey),
}

impl Topology {
    /// The label of the nodes. Source: kubernetes.io/docs/reference/labels-annotations-taints.
    pub fn key(&self) -> &str {
        match self {
            Topology::Node => "kubernetes.io/hostname",
            Topology::Zone => "topology.kubernetes.io/zone",
            Topology::Other(key) => key.as_str(),
        }
    }
}

/// Evenly over a topology.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spread {
    /// Over what.
    pub over: Topology,
    /// How uneven it may be.
    pub skew: u32,
    /// A wish: pods are placed where it cannot be kept.
    pub wish: bool,
}

/// No two of them in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// What a place is.
    pub over: Topology,
    /// A wish.
    pub wish: bool,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placing {
    /// Taints that are no hindrance.
    Toleration(Toleration),
    /// A label that nodes must have.
    Selector(LabelKey, LabelValue),
    /// The same, said as an affinity.
    Rule(NodeRule),
    /// Evenly.
    Spread(Spread),
    /// Apart.
    Apart(Apart),
}

impl Placing {
    pub(super) fn replaces(&self) -> &'static [&'static str] {
        match self {
            Placing::Toleration(_) => &["tolerations"],
            Placing::Rule(_) | Placing::Apart(_) => &["affinity"],
            Placing::Selector(..) | Placing::Spread(_) => &[],
        }
    }

    /// Whether the pods' own labels stand in it.
    pub fn needs_labels(&self) -> bool {
        matches!(self, Placing::Spread(_) | Placing::Apart(_))
    }

    /// Written into a pod spec; `own` is the selector of the pods themselves.
    pub(super) fn put(&self, spec: &mut Value, own: &Value) {
        match self {
            Placing::Toleration(toleration) => push(&mut spec["tolerations"], toleration.json()),
            Placing::Selector(key, value) => spec["nodeSelector"][key.as_str()] = json!(value),
            Placing::Rule(rule) => {
                let expression = match rule.values.is_empty() {
                    true => json!({"key": rule.key, "operator": "Exists"}),
                    false => json!({"key": rule.key, "operator": "In", "values": rule.values}),
                };
                let term = json!({"matchExpressions": [expression]});
                let affinity = field(&mut spec["affinity"], "nodeAffinity");
                if rule.wish {
                    let wish = json!({"weight": 1, "preference": term});
                    push(field(affinity, PREFERRED), wish);
                    return;
                }
                let terms = field(field(affinity, REQUIRED), "nodeSelectorTerms");
                // Terms are alternatives: what is asked for beside what is there has to hold in each of them.
                match terms.as_array_mut().filter(|terms| !terms.is_empty()) {
                    Some(terms) => terms.iter_mut().for_each(|term| push(field(term, "matchExpressions"), expression.clone())),
                    None => *terms = json!([term]),
                }
            }
            Placing::Spread(spread) => {
                let when = if spread.wish { "ScheduleAnyway" } else { "DoNotSchedule" };
                let one =
                    json!({"maxSkew": spread.skew, "topologyKey": spread.over.key(), "whenUnsatisfiable": when, "labelSelector": own});
                push(&mut spec["topologySpreadConstraints"], one);
            }
            Placing::Apart(apart) => {
                let term = json!({"topologyKey": apart.over.key(), "labelSelector": own});
                let affinity = field(&mut spec["affinity"], "podAntiAffinity");
                match apart.wish {
                    true => push(field(affinity, PREFERRED), json!({"weight": 100, "podAffinityTerm": term})),
                    false => push(field(affinity, REQUIRED), term),
                }
            }
        }
    }
}

/// A field, whatever stood in its place before.
pub(super) fn field<'a>(of: &'a mut Value, name: &str) -> &'a mut Value {
    if !of.is_object() {
        *of = json!({});
    }
    &mut of[name]
}

/// One more element, unless it is there already.
pub(super) fn push(list: &mut Value, one: Value) {
    match list.as_array_mut() {
        Some(there) if there.contains(&one) => {}
        Some(there) => there.push(one),
        None => *list = json!([one]),
    }
}

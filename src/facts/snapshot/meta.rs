//! What every object has: names, labels, owners, conditions; and references between objects.

use super::lenient::{Lenient, When, lenient};
use std::collections::BTreeMap;

/// Labels, annotations, selectors.
pub type Map = BTreeMap<Box<str>, Box<str>>;

lenient! {
    /// `metadata`, without managedFields and resourceVersion.
    pub struct Meta {
        name: Box<str> = "name",
        generate_name: Box<str> = "generateName",
        namespace: Box<str> = "namespace",
        uid: Box<str> = "uid",
        labels: Map = "labels",
        annotations: Annotations = "annotations",
        created: When = "creationTimestamp",
        deleted: When = "deletionTimestamp",
        grace: Option<i64> = "deletionGracePeriodSeconds",
        finalizers: Vec<Box<str>> = "finalizers",
        owners: Vec<Owner> = "ownerReferences",
        generation: i64 = "generation",
        changed: Changed = "managedFields",
    }
    /// One owner.
    pub struct Owner {
        kind: Box<str> = "kind",
        name: Box<str> = "name",
        uid: Box<str> = "uid",
        controller: bool = "controller",
    }
    /// One condition.
    pub struct Condition {
        kind: Box<str> = "type",
        status: Box<str> = "status",
        reason: Box<str> = "reason",
        message: Box<str> = "message",
        since: When = "lastTransitionTime",
        updated: When = "lastUpdateTime",
        beat: When = "lastHeartbeatTime",
    }
    /// `{name: …}`.
    pub struct Named { name: Box<str> = "name", }
    /// Another object, as `scaleTargetRef`, `involvedObject` or `claimRef` name one.
    pub struct Pointed {
        api: Box<str> = "apiVersion",
        kind: Box<str> = "kind",
        namespace: Box<str> = "namespace",
        name: Box<str> = "name",
        uid: Box<str> = "uid",
        field: Box<str> = "fieldPath",
    }
    /// A label selector of the newer form.
    pub struct Selector {
        labels: Map = "matchLabels",
        expressions: Vec<Requirement> = "matchExpressions",
    }
    /// One requirement of it, or of a node selector.
    pub struct Requirement {
        key: Box<str> = "key",
        operator: Box<str> = "operator",
        values: Vec<Box<str>> = "values",
    }
}

/// Annotations that are short: what a rule may read. The long ones (`last-applied-configuration`) are copies of the object.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Annotations(pub Map);

const LONGEST: usize = 256;

impl Lenient for Annotations {
    fn of_map<'de, A: serde::de::MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let mut all = Map::of_map(map)?;
        all.retain(|key, value| value.len() <= LONGEST && &**key != "kubectl.kubernetes.io/last-applied-configuration");
        Ok(Annotations(all))
    }
}

/// When somebody last set a field, and which program that was, by managedFields; what else stands there is not kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changed(pub When, pub Box<str>);

lenient! {
    /// One entry of managedFields.
    pub struct Managed {
        time: When = "time",
        part: Box<str> = "subresource",
        manager: Box<str> = "manager",
    }
}

impl Lenient for Changed {
    fn of_seq<'de, A: serde::de::SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut newest = Changed::default();
        while let Some(entry) = seq.next_element_seed(super::lenient::Any::<Managed>::new())? {
            // Kubernetes' own controllers write down what they did themselves. Of two at one moment always the same one, whichever came first.
            if entry.part.is_empty() && &*entry.manager != "kube-controller-manager" && (entry.time, &entry.manager) > (newest.0, &newest.1)
            {
                newest = Changed(entry.time, entry.manager);
            }
        }
        Ok(newest)
    }
}

impl Meta {
    /// The name; of an object that was given only a prefix, that.
    pub fn name(&self) -> &str {
        if self.name.is_empty() { self.generate_name.trim_end_matches('-') } else { &self.name }
    }
    /// An annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.0.get(key).map(|v| &**v)
    }
    /// A label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(|v| &**v)
    }
    /// Whether it is being deleted.
    pub fn going(&self) -> bool {
        self.deleted.0.is_some()
    }
    /// When somebody deleted it. What stands in `deletionTimestamp` is when its grace ends.
    ///
    /// Source: `ObjectMeta` in `k8s.io/apimachinery/pkg/apis/meta/v1/types.go`.
    pub fn asked_to_go(&self) -> Option<jiff::Timestamp> {
        let ends = self.deleted.0?;
        let grace = jiff::SignedDuration::from_secs(self.grace.unwrap_or(0).clamp(0, 86_400 * 365));
        Some(ends.checked_sub(grace).unwrap_or(ends))
    }
    /// The owner that controls it, or the only one there is.
    pub fn controller(&self) -> Option<&Owner> {
        self.owners.iter().find(|o| o.controller).or_else(|| self.owners.first())
    }
}

impl Condition {
    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.status.eq_ignore_ascii_case("true")
    }
    /// Whether it is said not to hold (`Unknown` is neither).
    pub fn fails(&self) -> bool {
        self.status.eq_ignore_ascii_case("false")
    }
    /// `Ready=False (ContainersNotReady): containers with unready status: [app]`
    pub fn quoted(&self) -> String {
        let reason = if self.reason.is_empty() { String::new() } else { format!(" ({})", self.reason) };
        let message = if self.message.is_empty() { String::new() } else { format!(": {}", self.message.trim()) };
        format!("{}={}{reason}{message}", self.kind, self.status)
    }
}

/// The condition of a type.
pub fn condition<'a>(all: &'a [Condition], kind: &str) -> Option<&'a Condition> {
    all.iter().find(|c| &*c.kind == kind)
}

impl Selector {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.expressions.is_empty()
    }
    /// Whether these labels fit; an empty selector fits all.
    pub fn fits(&self, labels: &Map) -> bool {
        self.labels.iter().all(|(k, v)| labels.get(k) == Some(v)) && self.expressions.iter().all(|e| e.fits(labels))
    }
}

impl Requirement {
    /// Whether these labels meet it; `staging/src/k8s.io/apimachinery/pkg/labels/selector.go`, with `Gt` and `Lt` of node selectors.
    pub fn fits(&self, labels: &Map) -> bool {
        let value = labels.get(&self.key);
        let number = |text: &str| text.parse::<i64>().ok();
        let wanted = || self.values.first().and_then(|v| number(v));
        match &*self.operator {
            "In" => value.is_some_and(|v| self.values.contains(v)),
            "NotIn" => value.is_none_or(|v| !self.values.contains(v)),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            "Gt" => value.and_then(|v| number(v)).zip(wanted()).is_some_and(|(has, than)| has > than),
            "Lt" => value.and_then(|v| number(v)).zip(wanted()).is_some_and(|(has, than)| has < than),
            // An operator of tomorrow is not judged.
            _ => true,
        }
    }
    /// `zone in (a, b)`.
    pub fn told(&self) -> String {
        match &*self.operator {
            "In" if self.values.len() == 1 => format!("{}={}", self.key, self.values[0]),
            "Exists" => self.key.to_string(),
            operator => format!("{} {} ({})", self.key, operator, self.values.join(", ")),
        }
    }
}

/// `a=b,c=d`.
pub fn told(labels: &Map) -> String {
    labels.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(",")
}

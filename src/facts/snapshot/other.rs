//! Objects of any kind that has no struct of its own: what nearly all of them say of how they are.

use super::{
    lenient::{Lenient, When, lenient},
    meta::{Condition, Meta, Pointed, Selector},
    storage::StorageError,
    workload::Template,
};

lenient! {
    /// An object of any kind.
    pub struct Other {
        api: Box<str> = "apiVersion",
        kind: Box<str> = "kind",
        meta: Meta = "metadata",
        spec: OtherSpec = "spec",
        status: OtherStatus = "status",
        provisioner: Box<str> = "provisioner",
        handler: Box<str> = "handler",
        privileged: bool = "allowPrivilegedContainer",
    }
    /// What some of them ask for.
    pub struct OtherSpec {
        suspended: bool = "suspend",
        paused: bool = "paused",
        policy: Box<str> = "policyName",
        class: Box<str> = "gatewayClassName",
        source: Pointed = "sourceRef",
        secret: Box<str> = "secretName",
        selector: Selector = "selector",
        namespaces: NamespaceNames = "namespaceSelector",
        replicas: Option<i64> = "replicas",
        template: Option<Box<Template>> = "template",
    }
    /// Which namespaces a monitor looks into.
    pub struct NamespaceNames {
        any: bool = "any",
        names: Vec<Box<str>> = "matchNames",
    }
    /// How they are.
    pub struct OtherStatus {
        phase: Box<str> = "phase",
        state: State = "state",
        reason: Box<str> = "reason",
        message: Box<str> = "message",
        health: State = "health",
        sync: State = "sync",
        operation: Operation = "operationState",
        conditions: Vec<Condition> = "conditions",
        listeners: Vec<Listener> = "listeners",
        parents: Vec<Listener> = "parents",
        observed: i64 = "observedGeneration",
        error: StorageError = "error",
        allocation: super::lenient::Present = "allocation",
        ready_to_use: Option<bool> = "readyToUse",
        not_after: When = "notAfter",
        last_attempted: Box<str> = "lastAttemptedRevision",
        last_applied: Box<str> = "lastAppliedRevision",
        failures: i64 = "failures",
    }
    /// Argo CD's last operation.
    pub struct Operation {
        phase: Box<str> = "phase",
        message: Box<str> = "message",
    }
    /// A Gateway's listener, or a route's parent, with its own conditions.
    pub struct Listener {
        name: Box<str> = "name",
        parent: Pointed = "parentRef",
        conditions: Vec<Condition> = "conditions",
    }
}

/// A state in one word: `Degraded`, or `{status: Degraded, message: …}`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State {
    /// The word.
    pub word: Box<str>,
    /// What is said beside it.
    pub message: Box<str>,
}

impl Lenient for State {
    fn of_text(text: &str) -> Self {
        State { word: Box::<str>::of_text(text), message: Box::default() }
    }
    fn of_map<'de, A: serde::de::MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let long = Long::of_map(map)?;
        Ok(State { word: long.status, message: long.message })
    }
}

lenient! {
    /// The longer form of a state.
    pub struct Long {
        status: Box<str> = "status",
        message: Box<str> = "message",
    }
}

//! Who may do what: roles and their bindings.

use super::{
    lenient::lenient,
    meta::{Meta, Pointed},
};

lenient! {
    /// A Role or ClusterRole.
    pub struct Role {
        /// Set by the snapshot.
        kind: Box<str> = "kind",
        meta: Meta = "metadata",
        rules: Vec<PolicyRule> = "rules",
    }
    /// What is allowed.
    pub struct PolicyRule {
        groups: Vec<Box<str>> = "apiGroups",
        resources: Vec<Box<str>> = "resources",
        verbs: Vec<Box<str>> = "verbs",
        names: Vec<Box<str>> = "resourceNames",
    }
    /// A RoleBinding or ClusterRoleBinding.
    pub struct Binding {
        /// Set by the snapshot.
        kind: Box<str> = "kind",
        meta: Meta = "metadata",
        role: Pointed = "roleRef",
        subjects: Vec<Pointed> = "subjects",
    }
}

//! Nodes, namespaces, and what the control plane is set up with.

use super::{
    lenient::{Lenient, Present, When, lenient},
    meta::{Condition, Map, Meta, Pointed, Selector},
};

lenient! {
    /// A Node.
    pub struct Node {
        meta: Meta = "metadata",
        spec: NodeSpec = "spec",
        status: NodeStatus = "status",
    }
    /// What is asked of it.
    pub struct NodeSpec {
        unschedulable: bool = "unschedulable",
        taints: Vec<Taint> = "taints",
        cidr: Box<str> = "podCIDR",
    }
    /// A taint.
    pub struct Taint {
        key: Box<str> = "key",
        value: Box<str> = "value",
        effect: Box<str> = "effect",
        since: When = "timeAdded",
    }
    /// How it is.
    pub struct NodeStatus {
        conditions: Vec<Condition> = "conditions",
        allocatable: Map = "allocatable",
        capacity: Map = "capacity",
        info: NodeInfo = "nodeInfo",
    }
    /// What runs on it.
    pub struct NodeInfo {
        kubelet: Box<str> = "kubeletVersion",
        architecture: Box<str> = "architecture",
    }
    /// A Namespace.
    pub struct NamespaceObject {
        meta: Meta = "metadata",
        status: NamespaceStatus = "status",
    }
    /// How it is.
    pub struct NamespaceStatus {
        phase: Box<str> = "phase",
        conditions: Vec<Condition> = "conditions",
    }
    /// A mutating or validating webhook configuration.
    pub struct Webhooks {
        kind: Box<str> = "kind",
        meta: Meta = "metadata",
        webhooks: Vec<Webhook> = "webhooks",
    }
    /// One webhook.
    pub struct Webhook {
        name: Box<str> = "name",
        client: WebhookClient = "clientConfig",
        policy: Box<str> = "failurePolicy",
        rules: Vec<WebhookRule> = "rules",
        namespaces: Selector = "namespaceSelector",
    }
    /// Where it is asked.
    pub struct WebhookClient {
        service: Option<Pointed> = "service",
        ca: Pem = "caBundle",
    }
    /// What it is asked about.
    pub struct WebhookRule {
        resources: Vec<Box<str>> = "resources",
        operations: Vec<Box<str>> = "operations",
    }
    /// An APIService.
    pub struct ApiService {
        meta: Meta = "metadata",
        spec: ApiServiceSpec = "spec",
        status: Conditions = "status",
    }
    /// Who serves it.
    pub struct ApiServiceSpec { service: Option<Pointed> = "service", }
    /// Just conditions.
    pub struct Conditions { conditions: Vec<Condition> = "conditions", }
    /// A CustomResourceDefinition.
    pub struct Definition {
        meta: Meta = "metadata",
        status: Conditions = "status",
    }
    /// A CertificateSigningRequest.
    pub struct SigningRequest {
        meta: Meta = "metadata",
        spec: SigningSpec = "spec",
        status: SigningStatus = "status",
    }
    /// Who asks whom.
    pub struct SigningSpec {
        signer: Box<str> = "signerName",
        user: Box<str> = "username",
    }
    /// What became of it.
    pub struct SigningStatus {
        conditions: Vec<Condition> = "conditions",
        certificate: Present = "certificate",
    }
    /// A ServiceAccount.
    pub struct Account {
        meta: Meta = "metadata",
        pull_secrets: Vec<super::meta::Named> = "imagePullSecrets",
        secrets: Vec<super::meta::Named> = "secrets",
        token: Option<bool> = "automountServiceAccountToken",
    }
    /// A Lease.
    pub struct Lease {
        meta: Meta = "metadata",
        spec: LeaseSpec = "spec",
    }
    /// Who holds it.
    pub struct LeaseSpec {
        holder: Box<str> = "holderIdentity",
        renewed: When = "renewTime",
        seconds: i64 = "leaseDurationSeconds",
    }
}

/// What the certificates in a base64 text say; the text itself is not kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pem {
    /// Whether any text stands there.
    pub set: bool,
    /// What its first certificate says; `None` where it cannot be read as one.
    pub certificate: Option<crate::terms::certificate::Certificate>,
}

impl Lenient for Pem {
    fn of_text(text: &str) -> Self {
        Pem { set: !text.trim().is_empty(), certificate: decoded(text).and_then(|bytes| crate::terms::certificate::of_pem(&bytes)) }
    }
}

/// The bytes of a base64 text with any white space in it.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    let tight: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    base64::engine::general_purpose::STANDARD.decode(tight).ok()
}

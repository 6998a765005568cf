//! Whose line it is: the program that a person would type the same operation to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A program whose lines are understood and printed. None is run because a line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Program {
    /// Kubernetes' own.
    #[default]
    Kubectl,
    /// Helm, for releases.
    Helm,
    /// This one, for what no other program asks in one line.
    Aiops,
}

impl Program {
    /// As it stands at the head of a line.
    pub fn word(self) -> &'static str {
        match self {
            Program::Kubectl => "kubectl",
            Program::Helm => "helm",
            Program::Aiops => "aiops",
        }
    }

    /// The program that the first word of a line names, in any case; `k` is what people call kubectl.
    pub fn named(word: &str) -> Option<Program> {
        match word.to_ascii_lowercase().as_str() {
            "kubectl" | "k" => Some(Program::Kubectl),
            "helm" => Some(Program::Helm),
            "aiops" => Some(Program::Aiops),
            _ => None,
        }
    }

    /// Its flags that would change who is asking, or whom: fixed when aiops starts, refused inside a request.
    pub(super) fn outward(self) -> &'static [&'static str] {
        match self {
            // What fixes who asks is said in the same words to both.
            Program::Kubectl | Program::Aiops => OF_KUBECTL,
            Program::Helm => OF_HELM,
        }
    }
}

const OF_KUBECTL: &[&str] = &[
    "kubeconfig",
    "context",
    "cluster",
    "user",
    "server",
    "s",
    "token",
    "as",
    "as-group",
    "as-uid",
    "as-user-extra",
    "insecure-skip-tls-verify",
    "certificate-authority",
    "client-certificate",
    "client-key",
    "tls-server-name",
    "username",
    "password",
    "cache-dir",
    "profile",
    "profile-output",
    "kuberc",
];

/// Source: `pkg/cli/environment.go` of Helm, `AddFlags`.
const OF_HELM: &[&str] = &[
    "kubeconfig",
    "kube-context",
    "kube-apiserver",
    "kube-token",
    "kube-as-user",
    "kube-as-group",
    "kube-ca-file",
    "kube-tls-server-name",
    "kube-insecure-skip-tls-verify",
    "registry-config",
    "repository-config",
    "repository-cache",
    "content-cache",
    "burst-limit",
    "qps",
];

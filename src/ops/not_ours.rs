//! Which of kubectl's verbs have no operation here, and why.

use super::Misuse;

/// kubectl's words, and what is said instead.
const VERBS: &[(&[&str], &str)] = &[
    (&["proxy"], "it would open the API server to everything on this machine; say what you want to read"),
    (&["plugin"], "it runs programs, and aiops runs none"),
    (&["completion"], "it is for a shell: aiops completions SHELL prints aiops' own"),
    (&["kustomize"], "it builds manifests on this machine: build them first and name the file"),
    (&["kuberc"], "it is kubectl's own configuration"),
    (&["options"], "aiops --help lists the flags"),
    (&["help"], "aiops --help, or ask: what can you do"),
    (&["alpha"], "it may change with every version of kubectl"),
    (&["apply", "edit-last-applied"], "apply is server-side here: the server keeps who set what, and there is no last-applied to edit"),
    (&["apply", "set-last-applied"], "apply is server-side here: the server keeps who set what, and there is no last-applied to set"),
    (&["apply", "view-last-applied"], "apply is server-side here: kubectl get -o yaml --show-managed-fields shows who set what"),
    (&["auth", "reconcile"], "apply the roles and bindings instead: their difference is shown first"),
    (&["cluster-info", "dump"], "it writes a folder of everything; aiops demo --from reads such a folder"),
    (&["create", "token"], "what it answers is a credential, and those are never shown here: do it by hand"),
    (&["config", "set"], "the kubeconfig is yours to write"),
    (&["config", "unset"], "the kubeconfig is yours to write"),
    (&["config", "set-cluster"], "the kubeconfig is yours to write"),
    (&["config", "set-credentials"], "the kubeconfig is yours to write, and credentials are not said in requests"),
    (&["config", "delete-cluster"], "the kubeconfig is yours to write"),
    (&["config", "delete-context"], "the kubeconfig is yours to write"),
    (&["config", "delete-user"], "the kubeconfig is yours to write"),
    (&["config", "rename-context"], "the kubeconfig is yours to write"),
];

/// Why the verb that these words begin with is not taken; `None` where it is unknown. The more particular word counts.
pub(super) fn why(words: &[String]) -> Option<Misuse> {
    let begins = |verb: &&[&str]| verb.len() <= words.len() && verb.iter().zip(words).all(|(verb, word)| *verb == word);
    let (verb, why) = VERBS.iter().filter(|(verb, _)| begins(verb)).max_by_key(|(verb, _)| verb.len())?;
    Some(Misuse::Says(format!("kubectl {}: {why}", verb.join(" "))))
}

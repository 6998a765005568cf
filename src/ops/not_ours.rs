//! Which of the programs' verbs have no operation here, and why.

use super::{Misuse, Program};

/// kubectl's words, and what is said instead.
const OF_KUBECTL: &[(&[&str], &str)] = &[
    (&["proxy"], "it would open the API server to everything on this machine; say what you want to read"),
    (&["plugin"], "it runs programs, and aiops runs none"),
    (&["completion"], "it is for a shell: aiops completions SHELL prints aiops' own"),
    (&["kuberc"], "it is kubectl's own configuration"),
    (&["options"], "aiops --help lists the flags"),
    (&["help"], "aiops --help, or ask: what can you do"),
    (&["alpha"], "it may change with every version of kubectl"),
    (&["apply", "edit-last-applied"], "apply is server-side here: the server keeps who set what, and there is no last-applied to edit"),
    (&["apply", "set-last-applied"], "apply is server-side here: the server keeps who set what, and there is no last-applied to set"),
    (&["apply", "view-last-applied"], "apply is server-side here: kubectl get -o yaml --show-managed-fields shows who set what"),
    (&["auth", "reconcile"], "apply the roles and bindings instead: their difference is shown first"),
    (&["cluster-info", "dump"], "it writes a folder of everything; aiops demo --from reads such a folder"),
    (
        &["config", "use-context"],
        "context, server and user are fixed when aiops starts, and shown with every question: aiops --context NAME; for good, by hand",
    ),
    (
        &["config", "set-context"],
        "--current --namespace=NAME is taken for the session; the rest, and for good, is the kubeconfig's, which is yours to write",
    ),
    (&["config", "set"], "the kubeconfig is yours to write"),
    (&["config", "unset"], "the kubeconfig is yours to write"),
    (&["config", "set-cluster"], "the kubeconfig is yours to write"),
    (&["config", "set-credentials"], "the kubeconfig is yours to write, and credentials are not said in requests"),
    (&["config", "delete-cluster"], "the kubeconfig is yours to write"),
    (&["config", "delete-context"], "the kubeconfig is yours to write"),
    (&["config", "delete-user"], "the kubeconfig is yours to write"),
    (&["config", "rename-context"], "the kubeconfig is yours to write"),
];

/// helm's words, and what is said instead.
const OF_HELM: &[(&[&str], &str)] = &[
    (&["plugin"], "a plugin is a program of its own, and none is run from here"),
    (&["repo"], "which repositories helm knows is yours to say: do it by hand"),
    (&["registry"], "logging in to a registry is done by hand"),
    (&["search"], "it looks for charts and not at the cluster"),
    (&["show"], "it looks at a chart and not at the cluster"),
    (&["pull"], "it fetches a chart to this machine"),
    (&["push"], "it publishes a chart"),
    (&["package"], "it builds a chart on this machine"),
    (&["create"], "it writes a chart on this machine"),
    (&["dependency"], "it fetches charts to this machine"),
    (&["verify"], "it looks at a chart and not at the cluster"),
    (&["env"], "aiops gives helm an environment of its own"),
    (&["completion"], "it is for a shell: aiops completions SHELL prints aiops' own"),
    (&["version"], "aiops doctor tells which programs are there"),
    (&["help"], "aiops --help, or ask: what can you do"),
    (&["test"], "it runs the chart's own pods: kubectl get pods shows those of a test that was run"),
    (&["get", "all"], "ask for one of them: helm get values, manifest, hooks or notes; helm status tells the rest"),
    (&["get", "metadata"], "helm status NAME tells it"),
    (&["diff", "upgrade"], "helm upgrade --dry-run shows what it would change, object by object"),
    (&["diff", "rollback"], "helm rollback --dry-run shows what it would change; helm diff revision NAME A B compares as well"),
    (&["diff", "release"], "helm diff revision NAME A B compares revisions of one release"),
];

/// Why the verb that these words begin with is not taken; `None` where it is unknown. The more particular word counts.
pub(super) fn why(program: Program, words: &[String]) -> Option<Misuse> {
    let begins = |verb: &&[&str]| verb.len() <= words.len() && verb.iter().zip(words).all(|(verb, word)| *verb == word);
    let verbs = match program {
        Program::Kubectl => OF_KUBECTL,
        Program::Helm => OF_HELM,
        Program::Aiops => &[],
    };
    let (verb, why) = verbs.iter().filter(|(verb, _)| begins(verb)).max_by_key(|(verb, _)| verb.len())?;
    Some(Misuse::Says(format!("{} {}: {why}", program.word(), verb.join(" "))))
}

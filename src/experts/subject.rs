//! Which object of a snapshot a person means.

use crate::{
    facts::snapshot::{Ref, Snapshot},
    ops::Kind,
    problem::{Problem, Sort},
};

/// Which object a person means by `kind/name` or by a name alone; the name in the namespace given, or the sole one of that name.
///
/// # Errors
/// [`Problem`] where it is no kind, or no object of that name was read.
pub fn target(text: &str, namespace: Option<&str>, s: &Snapshot) -> Result<Ref, Problem> {
    let usage = |why: String| Problem::new(Sort::Usage, why).hint("for example: deployment/backend");
    let (kinds, name): (Vec<&'static str>, &str) = match text.split_once('/') {
        Some((word, name)) => {
            (vec![Kind::find(word).ok_or_else(|| usage(format!("{word:?} is no kind that is known here")))?.info().kind], name)
        }
        None => (
            vec![
                "Deployment",
                "StatefulSet",
                "DaemonSet",
                "CronJob",
                "Job",
                "Service",
                "Pod",
                "Ingress",
                "Node",
                "PersistentVolumeClaim",
                "Namespace",
                "ConfigMap",
                "Secret",
                "HorizontalPodAutoscaler",
                "NetworkPolicy",
                "ServiceAccount",
                "PersistentVolume",
                "StorageClass",
            ],
            text,
        ),
    };
    let all = kinds
        .iter()
        .flat_map(|kind| s.named(kind, name))
        .filter(|r| namespace.is_none_or(|n| r.namespace.is_empty() || *r.namespace == *n));
    // The first kind of the list is the one that is meant; two namespaces are a question.
    let mut found: Vec<Ref> = all.collect();
    let first = found.first().map(|r| r.kind.clone());
    found.retain(|r| Some(&r.kind) == first.as_ref());
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(usage(format!("there is no {text} in what was read")).hint(near(s, &kinds, name))),
        _ => {
            let places = found.iter().map(|r| &*r.namespace).collect::<Vec<_>>().join(", ");
            Err(Problem::new(Sort::Question, format!("{text} is in several namespaces: {places}")).hint("say which with -n"))
        }
    }
}

/// That the namespace exists, as far as it is known which there are: one that does not has nothing in it, and nothing wrong.
///
/// # Errors
/// [`Problem`] where all namespaces were read and none is called so, with those that are called alike.
pub fn place(namespace: &str, s: &Snapshot) -> Result<(), Problem> {
    if s.clock.loose || s.namespaces.is_empty() || !s.knows("Namespace", "") || s.namespaces.iter().any(|n| n.meta.name() == namespace) {
        return Ok(());
    }
    let mut like: Vec<(usize, &str)> = s
        .namespaces
        .iter()
        .map(|n| (strsim::damerau_levenshtein(n.meta.name(), namespace), n.meta.name()))
        .filter(|(far, _)| *far <= 2)
        .collect();
    like.sort_unstable();
    let hint = match like.as_slice() {
        [] => "kubectl get namespaces lists those there are".to_string(),
        some => format!("did you mean {}?", some.iter().take(3).map(|(_, name)| *name).collect::<Vec<_>>().join(", ")),
    };
    Err(Problem::new(Sort::Usage, format!("there is no namespace {namespace}")).hint(hint))
}

fn near(s: &Snapshot, kinds: &[&str], name: &str) -> String {
    let like: Vec<String> = kinds
        .iter()
        .flat_map(|kind| s.names(kind))
        .filter(|r| r.name.contains(name) || name.contains(&*r.name))
        .take(3)
        .map(|r| format!("{} in {}", r.told(), r.namespace))
        .collect();
    if like.is_empty() { String::new() } else { format!("did you mean {}?", like.join(", ")) }
}

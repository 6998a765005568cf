//! The doors: the only places that reach outside, one outside each.
//!
//! Owns: [`cluster`] (the Kubernetes API, by way of `kube`), [`files`] (manifests on disk and on standard input), and
//! [`gather`], which answers every [`Need`] through the door that fits.
//! Does not own: what is asked and why (the road), or what an answer means.
//! Invariants: a door decides nothing; what comes through one is a value or a reason, never a guess. What cannot be looked
//! at reads as `NotChecked`.

pub mod cluster;
pub mod files;
pub mod model;

use crate::{
    facts::{Facts, Need},
    ops::Lookup,
    problem::Problem,
};
use cluster::Cluster;

/// Answers all needs: files here, the rest by the cluster. Without a cluster its needs are `NotChecked`.
pub async fn gather(cluster: Option<&Cluster>, needs: &[Need]) -> Facts {
    let mut facts = match cluster {
        Some(cluster) => cluster.gather(needs).await,
        None => without_cluster(needs),
    };
    for need in needs {
        match need {
            Need::File(path) if facts.file(path).is_none() => facts.add_file(path.clone(), from_disk(path, files::load).await),
            Need::Contents(path) if facts.contents(path).is_none() => {
                facts.add_contents(path.clone(), from_disk(path, files::contents).await);
            }
            Need::File(_) | Need::Contents(_) | Need::Look(_) | Need::Names(..) | Need::Access(_) | Need::Kinds => {}
        }
    }
    facts
}

async fn from_disk<T: Send + 'static>(path: &str, read: fn(&str) -> Result<T, Problem>) -> Lookup<T> {
    let wanted = path.to_string();
    match tokio::task::spawn_blocking(move || read(&wanted)).await {
        Ok(Ok(known)) => Lookup::Known(known),
        Ok(Err(problem)) => Lookup::NotChecked(problem.sentence),
        Err(_) => Lookup::NotChecked(format!("reading {path} broke off")),
    }
}

fn without_cluster(needs: &[Need]) -> Facts {
    const NO_CLUSTER: &str = "there is no cluster to ask";
    let mut facts = Facts::default();
    for need in needs {
        match need.clone() {
            Need::Look(call) => facts.add_look(call, Lookup::NotChecked(NO_CLUSTER.into())),
            Need::Names(kind, namespace) => facts.add_names(kind, namespace, Lookup::NotChecked(NO_CLUSTER.into())),
            Need::Access(review) => facts.add_access(review, Lookup::NotChecked(NO_CLUSTER.into())),
            Need::Kinds => facts.add_kinds(Lookup::NotChecked(NO_CLUSTER.into())),
            Need::File(_) | Need::Contents(_) => {}
        }
    }
    facts
}

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
};
use cluster::Cluster;

/// Answers all needs: files here, the rest by the cluster. Without a cluster its needs are `NotChecked`.
pub async fn gather(cluster: Option<&Cluster>, needs: &[Need]) -> Facts {
    let mut facts = match cluster {
        Some(cluster) => cluster.gather(needs).await,
        None => without_cluster(needs),
    };
    for need in needs {
        let Need::File(path) = need else { continue };
        if facts.file(path).is_some() {
            continue;
        }
        let wanted = path.clone();
        let answer = match tokio::task::spawn_blocking(move || files::load(&wanted)).await {
            Ok(Ok(documents)) => Lookup::Known(documents),
            Ok(Err(problem)) => Lookup::NotChecked(problem.sentence),
            Err(_) => Lookup::NotChecked(format!("reading {path} broke off")),
        };
        facts.add_file(path.clone(), answer);
    }
    facts
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
            Need::File(_) => {}
        }
    }
    facts
}

//! The doors: the only places that reach outside, one outside each.
//!
//! Owns: [`cluster`] (the Kubernetes API, by way of `kube`), [`files`] (manifests on disk and on standard input), [`web`] (manifests at an address),
//! [`helm`] (the program of that name), `kustomize` (kustomizations, built by a program), and [`gather`], which answers every [`Need`] through the door that fits.
//! Does not own: what is asked and why (the road), or what an answer means.
//! Invariants: a door decides nothing; what comes through one is a value or a reason, never a guess. What cannot be looked
//! at reads as `NotChecked`.

pub mod cluster;
pub mod files;
pub mod helm;
mod kustomize;
pub mod model;
mod program;
pub mod web;

use crate::{
    facts::{Facts, Need},
    ops::{Action, Call, Documents, Lookup, helm::Errand, kustomization_of},
    problem::Problem,
    world::World,
};
use cluster::Cluster;
use helm::Helm;

/// Answers all needs: files here, the helm program's by that, the rest by the cluster. Without a cluster or the program theirs are `NotChecked`.
pub async fn gather(cluster: Option<&Cluster>, helm: Option<&Helm>, needs: &[Need], world: &World) -> Facts {
    let (errands, needs): (Vec<Need>, Vec<Need>) = needs.iter().cloned().partition(|need| errand(need).is_some());
    let needs = needs.as_slice();
    let told = async {
        let mut told = Vec::with_capacity(errands.len());
        for need in &errands {
            if let Some((call, errand)) = errand(need) {
                let answer = match helm {
                    Some(helm) => helm.look(cluster, errand).await,
                    None => Lookup::NotChecked("the helm program is not used here".into()),
                };
                told.push((call.clone(), answer));
            }
        }
        told
    };
    let asked = async {
        match cluster {
            Some(cluster) => cluster.gather(needs).await,
            None => without_cluster(needs),
        }
    };
    let (told, mut facts) = tokio::join!(told, asked);
    told.into_iter().for_each(|(call, answer)| facts.add_look(call, answer));
    for need in needs {
        match need {
            Need::File(path) if facts.file(path).is_none() => facts.add_file(path.clone(), documents(path, world).await),
            Need::Contents(path) if facts.contents(path).is_none() => {
                facts.add_contents(path.clone(), from_disk(path, files::contents).await);
            }
            Need::File(_) | Need::Contents(_) | Need::Edit(_) | Need::Look(_) | Need::Names(..) | Need::Access(_) | Need::Kinds => {}
        }
    }
    facts
}

/// What the helm program is to be asked, where that is what is needed.
fn errand(need: &Need) -> Option<(&Call, &Errand)> {
    match need {
        Need::Look(call) => match &call.action {
            Action::Program(errand) => Some((call, errand)),
            _ => None,
        },
        Need::Names(..) | Need::Access(_) | Need::Kinds | Need::File(_) | Need::Contents(_) | Need::Edit(_) => None,
    }
}

/// The documents of a file, of standard input where something is piped into it, of an address, of a kustomization.
async fn documents(path: &str, world: &World) -> Lookup<Documents> {
    if path == "-" && !world.sources.piped {
        return Lookup::NotChecked("nothing is piped into aiops: name a file, or say it as aiops \"kubectl apply -f -\" < FILE".into());
    }
    if !path.contains("://") {
        return from_disk(path, files::load).await;
    }
    let documents = match kustomization_of(path) {
        Some(folder) => kustomize::built(folder, world).await,
        None => web::fetch(path, world.sources.private_hosts).await.and_then(|bytes| files::parse(path, &bytes)),
    };
    match documents {
        Ok(documents) => Lookup::Known(documents),
        Err(problem) => {
            let hints = problem.hints.iter().map(|hint| format!("; {hint}")).collect::<String>();
            Lookup::NotChecked(format!("{}{hints}", problem.sentence))
        }
    }
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
            Need::File(_) | Need::Contents(_) | Need::Edit(_) => {}
        }
    }
    facts
}

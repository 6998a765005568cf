//! The door to the helm program: the one place that runs it.
//!
//! Owns: finding it and asking its version, the copy of a chart that is rehearsed and then run, the arguments, the surroundings it runs in
//! (an environment of its own, a kubeconfig of the context in use), its bounds in time and output, and that no Secret value leaves.
//! Does not own: which [`Errand`]s there are and who may send them (ops, vet), what came of one (execute reads the release).
//! Invariants: no shell; an argument that somebody chose never stands where a flag could; no plugin, post-renderer, repository or login of
//! the person's own is within its reach; what is run is the copy that was rehearsed, and only while it renders to what was shown.

mod arguments;
mod bundle;
mod find;
mod run;
mod stable;

use super::{
    cluster::{Cluster, release},
    program::Own,
};
use crate::{
    ops::{
        Lookup,
        helm::{Errand, Recipe, Release, Work},
    },
    problem::Problem,
    world::World,
};
use bundle::Bundle;
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

/// The helm program. Nothing is looked for before it is needed; clones share what was found and copied.
#[derive(Clone)]
pub struct Helm(Arc<Inner>);

struct Inner {
    world: World,
    /// The newest last; what was asked about long ago goes.
    bundles: Mutex<VecDeque<Arc<Bundle>>>,
}

/// How many copies of charts are kept at a time.
const KEPT: usize = 16;

/// What came of sending it out to change something. What became of the release, the release says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ran {
    /// It says it is done.
    Done,
    /// It was not run: the chart renders to something else by now, or the copy is gone.
    Differs(String),
    /// It says why not.
    Failed(String),
}

impl Helm {
    /// The program of that world.
    pub fn new(world: &World) -> Helm {
        Helm(Arc::new(Inner { world: world.clone(), bundles: Mutex::default() }))
    }

    /// Answers an errand that only looks: `{"version"}`, a [`Release`] with the `bundle` it was rendered from, or what was said.
    pub async fn look(&self, cluster: Option<&Cluster>, errand: &Errand) -> Lookup<Value> {
        self.looked(cluster, errand).await.unwrap_or_else(|problem| {
            let hints = problem.hints.iter().map(|hint| format!("; {hint}")).collect::<String>();
            Lookup::NotChecked(format!("{}{hints}", problem.sentence))
        })
    }

    /// The same for a read's own call.
    pub async fn reply(&self, errand: &Errand) -> Lookup<Vec<u8>> {
        match self.look(None, errand).await {
            Lookup::Known(value) => Lookup::Known(value.to_string().into_bytes()),
            Lookup::Missing => Lookup::Missing,
            Lookup::NotChecked(why) => Lookup::NotChecked(why),
        }
    }

    async fn looked(&self, cluster: Option<&Cluster>, errand: &Errand) -> Result<Lookup<Value>, Problem> {
        if errand.mutates() {
            return Err(Problem::failed("helm was to be asked something that would change the cluster"));
        }
        let program = find::found(&self.0.world).await?;
        match &errand.work {
            Work::Version => Ok(Lookup::Known(json!({"version": program.version}))),
            Work::Rehearse(recipe, _) => {
                let cluster = cluster.ok_or_else(|| Problem::failed("there is no cluster to ask"))?;
                let bundle = self.bundle(&program, recipe).await?;
                // Twice: what a chart makes anew each time shows by being another the second time.
                let (first, second) =
                    tokio::join!(self.rendered(&program, cluster, errand, &bundle), self.rendered(&program, cluster, errand, &bundle));
                let mut whole = json!(stable::laid_together(first?, second?));
                whole["bundle"] = json!(bundle.digest);
                Ok(Lookup::Known(whole))
            }
            Work::Template(recipe) | Work::Lint(recipe) => {
                let bundle = self.bundle(&program, recipe).await?;
                let own = Own::make(&self.0.world, "helm")?;
                let ran = run::run(&program, &own, &bundle, None, errand, &self.0.world).await?;
                let said = release::words(&format!("{}{}", String::from_utf8_lossy(&ran.out), ran.words), &bundle.given);
                match &errand.work {
                    Work::Template(_) if !ran.ok => Err(refused(&ran.words, &bundle)),
                    Work::Template(_) => {
                        let manifest = release::manifest(String::from_utf8_lossy(&ran.out).into_owned());
                        Ok(Lookup::Known(json!({"manifest": manifest.manifest, "objects": manifest.objects})))
                    }
                    _ => Ok(Lookup::Known(json!({"sound": ran.ok, "said": said.trim()}))),
                }
            }
            Work::Apply { .. } | Work::Rollback { .. } | Work::Uninstall { .. } => Ok(Lookup::Missing),
        }
    }

    /// What an upgrade or an installation would make, as the cluster is.
    async fn rendered(&self, program: &find::Program, cluster: &Cluster, errand: &Errand, bundle: &Bundle) -> Result<Release, Problem> {
        let own = Own::make(&self.0.world, "helm")?;
        let kubeconfig = cluster.lent().await?;
        let ran = run::run(program, &own, bundle, Some(&kubeconfig), errand, &self.0.world).await?;
        if !ran.ok {
            return Err(refused(&ran.words, bundle));
        }
        release::written(&ran.out).ok_or_else(|| Problem::failed("what helm rendered could not be understood"))
    }

    /// Sends it out to change something.
    ///
    /// # Errors
    /// [`Problem`] where it was not run, or was stopped; then nobody but the release knows how far it came.
    pub async fn carry(&self, cluster: &Cluster, errand: &Errand) -> Result<Ran, Problem> {
        let program = find::found(&self.0.world).await?;
        let bundle = match &errand.work {
            Work::Apply { recipe, onto, bundle } => {
                let Some(bundle) = self.known(bundle) else { return Ok(Ran::Differs("the copy of the chart is gone".into())) };
                let again = Errand { work: Work::Rehearse(recipe.clone(), *onto), ..errand.clone() };
                let now = self.rendered(&program, cluster, &again, &bundle).await?;
                if let Some(place) = stable::differs(&errand.shown.objects, &now) {
                    return Ok(Ran::Differs(format!("the chart renders to something else by now: {place}")));
                }
                bundle
            }
            _ => Arc::new(Bundle::none()),
        };
        let own = Own::make(&self.0.world, "helm")?;
        let kubeconfig = cluster.lent().await?;
        let ran = run::run(&program, &own, &bundle, Some(&kubeconfig), errand, &self.0.world).await?;
        if ran.ok { Ok(Ran::Done) } else { Ok(Ran::Failed(refused(&ran.words, &bundle).sentence)) }
    }

    fn known(&self, digest: &str) -> Option<Arc<Bundle>> {
        // Nothing panics under the lock, so a poisoned one still holds whole bundles.
        self.0.bundles.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|bundle| bundle.digest == digest).cloned()
    }

    /// A copy of the chart and the values that a person named.
    async fn bundle(&self, program: &find::Program, recipe: &Recipe) -> Result<Arc<Bundle>, Problem> {
        let bundle = bundle::gather(program, recipe, &self.0.world).await?;
        let bundle = self.known(&bundle.digest).unwrap_or_else(|| Arc::new(bundle));
        let mut bundles = self.0.bundles.lock().unwrap_or_else(PoisonError::into_inner);
        bundles.retain(|known| known.digest != bundle.digest);
        bundles.push_back(Arc::clone(&bundle));
        while bundles.len() > KEPT {
            bundles.pop_front();
        }
        Ok(bundle)
    }
}

impl std::fmt::Debug for Helm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Helm")
    }
}

/// Why it would not, in its own words.
fn refused(words: &str, bundle: &Bundle) -> Problem {
    let words = words.trim().trim_start_matches("Error: ");
    let short: String = release::words(words, &bundle.given).chars().take(1200).collect();
    Problem::failed(format!("helm says: {}", if short.is_empty() { "nothing" } else { short.trim() }))
}

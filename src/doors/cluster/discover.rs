//! Which kinds this cluster serves beyond those every cluster has.
//!
//! Aggregated discovery (two requests, Kubernetes 1.30 on), else group by group.

use super::{
    Cluster,
    pages::AT_ONCE,
    rejection,
    send::Answer,
    wire::{self, Outgoing},
};
use crate::{
    facts::{Rejection, RejectionSort},
    ops::Kind,
    terms::{
        discovery::{self, Served},
        kinds::{self, KindInfo, Usage},
    },
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde::{Deserialize, de::DeserializeOwned};

/// The answer of a server that does not aggregate: the plain list of groups.
#[derive(Deserialize)]
struct Groups {
    groups: Vec<PlainGroup>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlainGroup {
    name: String,
    preferred_version: PlainVersion,
}
#[derive(Deserialize)]
struct PlainVersion {
    version: String,
}
#[derive(Deserialize)]
struct PlainResources {
    #[serde(default)]
    resources: Vec<PlainResource>,
}
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PlainResource {
    name: String,
    kind: String,
    #[serde(default)]
    namespaced: bool,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    short_names: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
}

impl Cluster {
    /// The kinds that this cluster serves and the built-in table does not know, each in the version that the server prefers.
    /// Asking again is safe: a kind already told of is not kept twice.
    ///
    /// # Errors
    /// As [`Cluster::send`]. A group whose own server is down is left out.
    pub async fn discover(&self) -> Result<Vec<Kind>, Rejection> {
        let body = self.ask(&Outgoing::path("/apis", wire::DISCOVERY)).await.and_then(Answer::accepted)?;
        let served = match (discovery::served(&body), serde_json::from_slice::<Groups>(&body)) {
            (Some(served), _) => discovery::preferred(served),
            (None, Ok(groups)) => self.group_by_group(groups.groups).await?,
            (None, Err(_)) => return Err(rejection::own(RejectionSort::ServerTrouble, "the server does not tell what it serves")),
        };
        Ok(self.remember(served))
    }

    async fn group_by_group(&self, groups: Vec<PlainGroup>) -> Result<Vec<Served>, Rejection> {
        let answers: Vec<Vec<Served>> = stream::iter(groups)
            .map(|group| async move {
                let version = group.preferred_version.version;
                match self.told::<PlainResources>(&format!("/apis/{}/{version}", group.name), wire::JSON).await {
                    Ok(list) => Ok(plain(&group.name, &version, list.resources)),
                    // An aggregated API whose server is down or gone.
                    Err(e) if [RejectionSort::ServerTrouble, RejectionSort::NotFound].contains(&e.sort) => Ok(Vec::new()),
                    Err(e) => Err(e),
                }
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(answers.into_iter().flatten().collect())
    }

    async fn told<T: DeserializeOwned>(&self, path: &str, accept: &'static str) -> Result<T, Rejection> {
        let body = self.ask(&Outgoing::path(path, accept)).await.and_then(Answer::accepted)?;
        serde_json::from_slice(&body)
            .map_err(|e| rejection::own(RejectionSort::ServerTrouble, format!("what the server says about {path} cannot be read: {e}")))
    }

    /// Turns what is new into kinds, which live as long as the program.
    fn remember(&self, served: Vec<Served>) -> Vec<Kind> {
        // Nothing in here panics half-way, so a poisoned lock still holds whole kinds.
        let mut known = self.0.kinds.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut found = Vec::new();
        for one in served {
            if kinds::find(&format!("{}.{}", one.plural, one.group)).is_some() {
                continue;
            }
            let old = known.iter().find(|k| k.is(&one.plural, &one.group) && k.info().version == one.version).copied();
            let kind = old.unwrap_or_else(|| {
                let kind = Kind::discovered(leaked(one));
                known.push(kind);
                kind
            });
            if !found.contains(&kind) {
                found.push(kind);
            }
        }
        found
    }
}

fn leaked(one: Served) -> KindInfo {
    fn text(text: String) -> &'static str {
        Box::leak(text.into_boxed_str())
    }
    fn texts(all: Vec<String>) -> &'static [&'static str] {
        Box::leak(all.into_iter().map(text).collect::<Vec<_>>().into_boxed_slice())
    }
    let does = |verb: &str| one.verbs.iter().any(|v| v == verb);
    let usage = match (does("create"), does("get") || does("list")) {
        (true, false) => Usage::Asked,
        (false, true) => Usage::Computed,
        (true, true) | (false, false) => Usage::Stored,
    };
    KindInfo {
        group: text(one.group),
        version: text(one.version),
        kind: text(one.kind),
        plural: text(one.plural),
        short_names: texts(one.short_names),
        namespaced: one.namespaced,
        subresources: texts(one.subresources),
        categories: texts(one.categories),
        usage,
    }
}

fn plain(group: &str, version: &str, resources: Vec<PlainResource>) -> Vec<Served> {
    let (subs, mains): (Vec<_>, Vec<_>) = resources.into_iter().partition(|r| r.name.contains('/'));
    let subs_of =
        |plural: &str| subs.iter().filter_map(|s| s.name.strip_prefix(plural)?.strip_prefix('/')).map(str::to_string).collect::<Vec<_>>();
    mains
        .into_iter()
        .map(|one| Served {
            group: group.to_string(),
            version: version.to_string(),
            subresources: subs_of(&one.name),
            kind: one.kind,
            plural: one.name,
            namespaced: one.namespaced,
            verbs: one.verbs,
            short_names: one.short_names,
            categories: one.categories,
        })
        .collect()
}

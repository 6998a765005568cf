//! What happened, and what stands on what, of the living cluster: everything that tells of it, then the account, beside the event loop.

use super::{Shared, diagnose};
use crate::{
    doors::cluster::Cluster,
    experts::{
        depends::{self, Side},
        subject, timeline,
    },
    facts::snapshot::{Ref, Snapshot},
    ops::{Kind, Namespace},
    problem::Problem,
    road::RunId,
    session::{Event, Recounted, Teller},
};
use jiff::Timestamp;
use std::sync::Arc;

/// What is asked, and of what.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What.
    pub teller: Teller,
    /// The object, as a person names it; `None`: all that is in the namespace.
    pub of: Option<String>,
    /// Where it is looked for; `None`: everywhere.
    pub namespace: Option<Namespace>,
    /// What is read beside that which all namespaces share; `None`: all of them.
    pub within: Option<Namespace>,
}

/// The objects that tell of it; logs too, where they may name what is called.
pub async fn snapshot(cluster: &Cluster, asked: &Asked, now: Timestamp) -> Snapshot {
    match asked.teller {
        Teller::Timeline(_) => cluster.snapshot(asked.within.as_ref(), now).await,
        Teller::Depends(_) => diagnose::snapshot(cluster, asked.within.as_ref(), now).await,
    }
}

/// The account.
///
/// # Errors
/// [`Problem`] where there is no such object, or several.
pub fn recount(s: &Snapshot, asked: &Asked) -> Result<Recounted, Problem> {
    let namespace = asked.namespace.as_ref().map(Namespace::as_str);
    let about = match &asked.of {
        Some(text) => Some(subject::target(text, namespace, s).or_else(|problem| unseen(s, asked, text).ok_or(problem))?),
        None => namespace.map(|n| Ref::new("Namespace", "", n)),
    };
    Ok(match (asked.teller, about) {
        (Teller::Timeline(span), about) => Recounted::Timeline(timeline::timeline(s, about.as_ref(), span)),
        (Teller::Depends(side), Some(about)) => Recounted::Dependencies(depends::depends(s, &about, side)),
        (Teller::Depends(_), None) => {
            let problem = Problem::new(crate::problem::Sort::Usage, "what depends on what is told of one object, and none was named");
            return Err(problem.hint("for example: aiops diagnose --depends deployment/backend"));
        }
    })
}

/// An object that is not there, or was not read, and on which others may stand all the same: a Secret that is missing, a kind that may not be listed.
fn unseen(s: &Snapshot, asked: &Asked, text: &str) -> Option<Ref> {
    let (word, name) = text.split_once('/')?;
    let kind = Kind::find(word)?;
    let namespace = match (kind.namespaced(), &asked.namespace) {
        (false, _) => "",
        (true, Some(namespace)) => namespace.as_str(),
        (true, None) => return None,
    };
    let at = Ref::new(kind.info().kind, namespace, name);
    let told_of = match asked.teller {
        // Events outlive what they are about.
        Teller::Timeline(_) => {
            s.events.iter().any(|e| *e.about.kind == *at.kind && *e.about.name == *name && *e.about.namespace == *namespace)
        }
        Teller::Depends(_) => {
            let found = depends::depends(s, &at, Side::Both);
            !found.on.is_empty() || !found.of.is_empty()
        }
    };
    (told_of || !s.knows(&at.kind, namespace)).then_some(at)
}

pub(super) async fn look(shared: Arc<Shared>, run: RunId, asked: Asked) -> Event {
    let cluster = match shared.link.cluster().await {
        Ok(cluster) => cluster,
        Err(problem) => return Event::Failed { run, problem },
    };
    let snapshot = snapshot(&cluster, &asked, shared.world.now()).await;
    let told = tokio::task::spawn_blocking(move || recount(&snapshot, &asked)).await;
    diagnose::came(told, run, |run, told| match told {
        Ok(told) => Event::Recounted { run, told: Box::new(told) },
        Err(problem) => Event::Failed { run, problem },
    })
}

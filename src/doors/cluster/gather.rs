//! Answering needs: objects, names, permissions, in parallel.

use super::{
    Cluster, Sending,
    pages::AT_ONCE,
    wire::{METADATA, Outgoing},
};
use crate::{
    facts::{Brief, Facts, Need, Rejection, RejectionSort, Review},
    ops::{Action, Call, Form, Kind, Lookup, Name, Namespace, ReleaseName, Target, helm},
};
use futures::{StreamExt as _, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What a refused read is: 404 missing, all else not checked.
pub(super) fn unanswered<T>(rejection: Rejection) -> Lookup<T> {
    match rejection.sort {
        RejectionSort::NotFound => Lookup::Missing,
        RejectionSort::AlreadyExists
        | RejectionSort::Conflict
        | RejectionSort::Unauthorized
        | RejectionSort::Forbidden
        | RejectionSort::Invalid
        | RejectionSort::TooManyRequests
        | RejectionSort::Gone
        | RejectionSort::NotAllowed
        | RejectionSort::ServerTrouble
        | RejectionSort::Unreachable
        | RejectionSort::TimedOut
        | RejectionSort::AnswerLost => Lookup::NotChecked(rejection.message),
    }
}

fn garbled(e: &serde_json::Error) -> String {
    // The error's own text may quote what it stumbled over.
    format!("the server's answer could not be read as JSON (line {}, column {})", e.line(), e.column())
}

enum Found {
    Look(Call, Lookup<Value>),
    Names(Kind, Option<Namespace>, Lookup<Vec<Brief>>),
    Access(Review, Lookup<bool>),
    Kinds(Lookup<()>),
}

impl Cluster {
    /// Answers needs, at most 16 requests at a time. Files are left to [`crate::doors::gather`].
    pub async fn gather(&self, needs: &[Need]) -> Facts {
        let mut wanted: Vec<&Need> = Vec::new();
        for need in needs {
            if !matches!(need, Need::File(_) | Need::Contents(_) | Need::Edit(_)) && !wanted.contains(&need) {
                wanted.push(need);
            }
        }
        let mut facts = Facts::default();
        let looks: Vec<&Call> = wanted.iter().filter_map(|need| if let Need::Look(call) = need { Some(call) } else { None }).collect();
        let known = self.together(&looks).await;
        for (at, answer) in known {
            facts.add_look(looks[at].clone(), answer);
        }
        wanted.retain(|need| !matches!(need, Need::Look(call) if facts.looked(call)));
        // Collected first: a stream that maps borrowed items is not `Send` enough to be spawned (rust-lang/rust#102211).
        let asked: Vec<_> = wanted.into_iter().map(|need| self.answer(need)).collect();
        let found: Vec<Found> = stream::iter(asked).buffer_unordered(AT_ONCE).filter_map(std::future::ready).collect().await;
        for one in found {
            match one {
                Found::Look(call, answer) => facts.add_look(call, answer),
                Found::Names(kind, namespace, answer) => facts.add_names(kind, namespace, answer),
                Found::Access(review, answer) => facts.add_access(review, answer),
                Found::Kinds(answer) => facts.add_kinds(answer),
            }
        }
        facts
    }

    async fn answer(&self, need: &Need) -> Option<Found> {
        match need {
            Need::Look(call) => Some(Found::Look(call.clone(), self.object(call).await)),
            Need::Names(kind, namespace) => Some(Found::Names(*kind, namespace.clone(), self.names(*kind, namespace.as_ref()).await)),
            Need::Access(review) => Some(Found::Access(review.clone(), self.may(review).await)),
            Need::Kinds => Some(Found::Kinds(self.discover().await.map_or_else(unanswered, |_| Lookup::Known(())))),
            Need::File(_) | Need::Contents(_) | Need::Edit(_) => None,
        }
    }

    /// One read, as JSON: an object; a list as `{"items": […]}` (a table as its columns and all rows); text as a string.
    pub(super) async fn object(&self, call: &Call) -> Lookup<Value> {
        if call.action == Action::List {
            return self.list(call).await;
        }
        if let (Action::Get, Some(release)) = (&call.action, call.target().filter(|target| target.kind().is_release())) {
            return Box::pin(self.release(&release)).await;
        }
        match self.send(call, Sending::Read).await {
            Ok(body) if matches!(call.form, Form::Text | Form::Raw) => {
                Lookup::Known(Value::String(String::from_utf8_lossy(&body).into_owned()))
            }
            Ok(body) => serde_json::from_slice(&body).map_or_else(|e| Lookup::NotChecked(garbled(&e)), Lookup::Known),
            Err(rejection) => unanswered(rejection),
        }
    }

    /// A release's head, from its newest revision.
    async fn release(&self, target: &Target) -> Lookup<Value> {
        let Ok(name) = ReleaseName::new(target.name().as_str()) else { return Lookup::Missing };
        let looks: Vec<_> = helm::revisions(&name, target.namespace()).into_iter().collect();
        let mut seen = Vec::with_capacity(looks.len());
        for look in &looks {
            seen.push(self.object(look).await);
        }
        let kept = match helm::found(&name, target.namespace(), &seen) {
            Ok(kept) => kept,
            Err(_) if seen.first().is_some_and(|secrets| secrets.known().is_some()) => return Lookup::Missing,
            Err(cannot) => return Lookup::NotChecked(cannot.sentence),
        };
        let Some(last) = kept.last() else { return Lookup::Missing };
        match self.object(&helm::get(last)).await {
            Lookup::Known(whole) => match serde_json::from_value::<helm::Release>(whole) {
                Ok(release) => Lookup::Known(release.head(&last.version, helm::deployed(&kept).map(|kept| kept.revision))),
                Err(e) => Lookup::NotChecked(garbled(&e)),
            },
            other => other,
        }
    }

    async fn list(&self, call: &Call) -> Lookup<Value> {
        let key = if call.form == Form::Table { "rows" } else { "items" };
        let pages = match Outgoing::call(call, Sending::Read) {
            Ok(outgoing) => self.all_pages(&outgoing).await,
            Err(rejection) => Err(rejection),
        };
        let pages = match pages {
            Ok(pages) => pages,
            Err(rejection) => return unanswered(rejection),
        };
        let mut all = json!({});
        let mut items = Vec::new();
        for page in pages {
            let mut page: Value = match serde_json::from_slice(&page) {
                Ok(page) => page,
                Err(e) => return Lookup::NotChecked(garbled(&e)),
            };
            if let Some(Value::Array(more)) = page.get_mut(key).map(Value::take) {
                items.extend(more);
            }
            if key == "rows" && all.get("columnDefinitions").is_none() {
                all["columnDefinitions"] = page["columnDefinitions"].take();
            }
        }
        all[key] = Value::Array(items);
        Lookup::Known(all)
    }

    /// Names, labels and controlling owners of a kind's objects. An object whose name no operation could carry is left out.
    async fn names(&self, kind: Kind, namespace: Option<&Namespace>) -> Lookup<Vec<Brief>> {
        let asked = Outgoing::call(&Call::list(kind, namespace), Sending::Read).map(|o| Outgoing { accept: METADATA, ..o });
        let pages = match asked {
            Ok(outgoing) => self.all_pages(&outgoing).await,
            Err(rejection) => Err(rejection),
        };
        let pages = match pages {
            Ok(pages) => pages,
            Err(rejection) => return unanswered(rejection),
        };
        let mut briefs = Vec::new();
        for page in pages {
            match serde_json::from_slice::<Page>(&page) {
                Ok(page) => briefs.extend(page.items.unwrap_or_default().into_iter().filter_map(|item| brief(item.metadata))),
                Err(e) => return Lookup::NotChecked(garbled(&e)),
            }
        }
        Lookup::Known(briefs)
    }

    /// Asks the server's authorizer.
    async fn may(&self, review: &Review) -> Lookup<bool> {
        let Some(kind) = Kind::find("selfsubjectaccessreviews") else {
            return Lookup::NotChecked("access reviews are unknown here".into());
        };
        let info = review.kind.info();
        let mut attributes = json!({"verb": review.verb, "group": info.group, "version": info.version, "resource": info.plural});
        let optional = [
            ("subresource", (!review.subresource.is_empty()).then(|| review.subresource.clone())),
            ("namespace", review.namespace.as_ref().map(|n| n.as_str().to_string())),
            ("name", review.name.as_ref().map(|n| n.as_str().to_string())),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                attributes[key] = Value::String(value);
            }
        }
        let body = json!({
            "apiVersion": kind.api_version(), "kind": "SelfSubjectAccessReview", "spec": {"resourceAttributes": attributes},
        });
        match self.object(&Call::create(kind, None, body)).await {
            Lookup::Known(answer) => match (answer.pointer("/status/allowed"), answer.pointer("/status/evaluationError")) {
                (Some(Value::Bool(true)), _) => Lookup::Known(true),
                (_, Some(Value::String(why))) if !why.is_empty() => Lookup::NotChecked(why.clone()),
                (Some(Value::Bool(false)), _) => Lookup::Known(false),
                (Some(_) | None, _) => Lookup::NotChecked("the server did not say whether it is allowed".into()),
            },
            // No such review here: nobody could say.
            Lookup::Missing => Lookup::NotChecked("the server answers no access reviews".into()),
            Lookup::NotChecked(why) => Lookup::NotChecked(why),
        }
    }
}

#[derive(Deserialize)]
struct Page {
    items: Option<Vec<Item>>,
}
#[derive(Deserialize)]
struct Item {
    metadata: Metadata,
}
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    name: String,
    namespace: Option<String>,
    labels: Option<BTreeMap<String, String>>,
    owner_references: Option<Vec<Owner>>,
}
#[derive(Deserialize)]
struct Owner {
    kind: String,
    name: String,
    #[serde(default)]
    controller: Option<bool>,
}

fn brief(metadata: Metadata) -> Option<Brief> {
    Some(Brief {
        name: Name::new(metadata.name).ok()?,
        namespace: metadata.namespace.and_then(|n| Namespace::new(n).ok()),
        labels: metadata.labels.unwrap_or_default(),
        owner: metadata
            .owner_references
            .unwrap_or_default()
            .into_iter()
            .find(|o| o.controller == Some(true))
            .map(|o| format!("{}/{}", o.kind.to_ascii_lowercase(), o.name)),
    })
}

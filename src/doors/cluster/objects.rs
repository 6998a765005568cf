//! Whole objects of some kinds, one after the other: for rules that may look at any field.

use super::Cluster;
use crate::{
    facts::{RejectionSort, snapshot::NotRead},
    ops::{Call, Kind, Namespace},
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    items: Vec<Value>,
}

impl Cluster {
    /// Shows every object of these kinds (kubectl's words) to `each`, with its version and kind: of a namespace with what all namespaces share, or of all
    /// of them. The values of Secrets are masked. What could not be read comes back.
    pub async fn objects(
        &self,
        words: &BTreeSet<String>,
        namespace: Option<&Namespace>,
        each: &mut (dyn FnMut(&str, &str, &Value) + Send),
    ) -> Vec<NotRead> {
        let mut not_read = Vec::new();
        let note = |what: String, why: &str| NotRead { what: what.into(), why: why.into() };
        if words.iter().any(|word| Kind::find(word).is_none())
            && let Err(why) = self.discover().await
        {
            not_read.push(note("custom resources".into(), &why.message));
        }
        let mut kinds: Vec<Kind> = Vec::new();
        for word in words {
            match Kind::find(word) {
                Some(kind) => kinds.push(kind),
                None => not_read.push(note(word.clone(), "the cluster serves no such kind")),
            }
        }
        kinds.sort();
        kinds.dedup();
        for kind in kinds {
            let (api, name) = (kind.api_version(), kind.info().kind);
            let mut broken = false;
            let call = Call::list(kind, namespace.filter(|_| kind.namespaced()));
            let read = self
                .pages(&call, |page| match serde_json::from_slice::<Page>(&page) {
                    Ok(page) => page.items.iter().for_each(|item| each(&api, name, item)),
                    Err(_) => broken = true,
                })
                .await;
            match read {
                Ok(()) if broken => not_read.push(note(kind.plural().into_owned(), "a page of the list is broken")),
                Ok(()) => {}
                Err(why) if why.sort == RejectionSort::NotFound => {
                    not_read.push(note(kind.plural().into_owned(), "the cluster serves no such kind"));
                }
                Err(why) => not_read.push(note(kind.plural().into_owned(), &why.message)),
            }
        }
        not_read
    }
}

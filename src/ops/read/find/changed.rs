//! When the image of a Deployment's pods was changed: by its revisions, which are its ReplicaSets.
//!
//! Source: the Deployment controller makes one ReplicaSet for each pod template, numbers it by the annotation
//! `deployment.kubernetes.io/revision`, and numbers it anew where a rollback takes it up again.

use crate::ops::look::{controller, list, text, time};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// One revision: its number, when it was made, its images.
struct Revision {
    number: u64,
    made: Timestamp,
    images: Vec<String>,
}

/// The revisions of Deployments, by namespace and name.
#[derive(Default)]
pub(super) struct Images(BTreeMap<(String, String), Vec<Revision>>);

impl Images {
    /// Reads the revisions out of a list of ReplicaSets.
    pub fn of(sets: &[Value]) -> Images {
        let mut all: BTreeMap<(String, String), Vec<Revision>> = BTreeMap::new();
        for set in sets {
            let Some(owner) = controller(set).filter(|owner| text(owner, "/kind") == "Deployment") else { continue };
            let number = text(set, "/metadata/annotations/deployment.kubernetes.io~1revision").parse().ok();
            let (Some(number), Some(made)) = (number, time(text(set, "/metadata/creationTimestamp"))) else { continue };
            let containers = ["/initContainers", "/containers"].iter().flat_map(|at| list(&set["spec"]["template"]["spec"], at));
            let images = containers.map(|one| text(one, "/image").to_string()).collect();
            let key = (text(set, "/metadata/namespace").to_string(), text(owner, "/name").to_string());
            all.entry(key).or_default().push(Revision { number, made, images });
        }
        all.values_mut().for_each(|revisions| revisions.sort_by_key(|one| std::cmp::Reverse(one.number)));
        Images(all)
    }

    /// When its image became what it is; none where no earlier revision with another image is known. A revision that was taken up again
    /// says when it was first made: then it is not earlier than the one it took the place of.
    pub fn changed(&self, deployment: &Value) -> Option<Timestamp> {
        let key = (text(deployment, "/metadata/namespace").to_string(), text(deployment, "/metadata/name").to_string());
        let revisions = self.0.get(&key)?;
        let now = &revisions.first()?.images;
        let same = revisions.iter().take_while(|one| one.images == *now).count();
        let before = revisions.get(same)?;
        let since = revisions[..same].iter().map(|one| one.made).min()?;
        Some(since.max(before.made))
    }
}

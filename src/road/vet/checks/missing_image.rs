//! Whether an image that must not be pulled is on a node at all.
//! Source: <https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy>; nodes tell of their images in `status.images`.

use super::super::policy::whole_image;
use super::{Findings, Sight, body, list, template_of, text, touches};
use crate::{
    facts::Facts,
    ops::{Call, Kind, Lookup},
};
use serde_json::Value;

/// A node tells of no more than this (`nodeStatusMaxImages` of the kubelet's configuration).
const TOLD_AT_MOST: usize = 50;

fn nodes() -> Call {
    Call::list(Kind::built_in("nodes"), None)
}

/// Where the pod spec of that kind is.
fn pod_spec(kind: Kind) -> Option<String> {
    if kind.is("pods", "") { Some("/spec".into()) } else { template_of(kind).map(|template| format!("{template}/spec")) }
}

fn containers(spec: &Value) -> impl Iterator<Item = &Value> {
    ["containers", "initContainers"].into_iter().flat_map(|list| spec[list].as_array()).flatten()
}

fn never(container: &&Value) -> bool {
    container["imagePullPolicy"] == "Never"
}

pub(super) fn looks(call: &Call, facts: &Facts) -> Vec<Call> {
    let Some(place) = call.kind().and_then(pod_spec).filter(|place| touches(call, place)) else { return Vec::new() };
    let says_never = |object: &Value| object.pointer(&place).is_some_and(|spec| containers(spec).any(|c| never(&c)));
    if body(call).is_some_and(says_never) {
        return vec![nodes()];
    }
    let Some(target) = call.target().filter(|_| call.name().is_some()) else { return Vec::new() };
    let mut looks = vec![Call::get(&target)];
    if let Lookup::Known(object) = facts.object(&target)
        && says_never(&object)
    {
        looks.push(nodes());
    }
    looks
}

pub(super) fn says(sight: &Sight<'_>, findings: &mut Findings) {
    let Some(spec) = sight.call.kind().and_then(pod_spec).filter(|place| touches(sight.call, place)).and_then(|p| sight.after?.pointer(&p))
    else {
        return;
    };
    let wanted: Vec<&Value> = containers(spec).filter(never).collect();
    if wanted.is_empty() {
        return;
    }
    let Some(nodes) = findings.known(sight.facts.look(&nodes()), "whether a node has its image, which is not pulled") else { return };
    let images = |node| list(node, "/status/images");
    let names = list(&nodes, "/items").iter().flat_map(images).flat_map(|image| list(image, "/names")).filter_map(Value::as_str);
    let there: std::collections::BTreeSet<String> = names.map(whole_image).collect();
    let more = list(&nodes, "/items").iter().any(|node| images(node).len() >= TOLD_AT_MOST);
    for container in wanted.into_iter().filter(|c| !there.contains(&whole_image(text(c, "/image")))) {
        let (name, image) = (text(container, "/name"), text(container, "/image"));
        let hedge = if more { " (nodes tell of their 50 largest images only)" } else { "" };
        findings.warn("image-missing", format!("no node says that it has {image}, and container {name} never pulls it{hedge}"));
    }
}

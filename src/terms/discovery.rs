//! What a server says it serves, in the aggregated form (`apidiscovery.k8s.io/v2`): every group, version and kind in two documents.
//!
//! Source: KEP-3352; <https://kubernetes.io/docs/concepts/overview/kubernetes-api/#aggregated-discovery>.

use serde::Deserialize;

/// One kind as a cluster tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Empty for the core group.
    pub group: String,
    pub version: String,
    pub kind: String,
    pub plural: String,
    pub namespaced: bool,
    pub verbs: Vec<String>,
    pub short_names: Vec<String>,
    pub categories: Vec<String>,
    pub subresources: Vec<String>,
}

#[derive(Deserialize)]
struct Groups {
    items: Vec<Group>,
}
#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: GroupName,
    #[serde(default)]
    versions: Vec<Version>,
}
#[derive(Deserialize, Default)]
struct GroupName {
    #[serde(default)]
    name: String,
}
#[derive(Deserialize)]
struct Version {
    version: String,
    #[serde(default)]
    resources: Vec<Resource>,
}
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    resource: String,
    response_kind: Option<ResponseKind>,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    short_names: Vec<String>,
    #[serde(default)]
    categories: Vec<String>,
    #[serde(default)]
    subresources: Vec<Subresource>,
}
#[derive(Deserialize)]
struct ResponseKind {
    kind: String,
}
#[derive(Deserialize)]
struct Subresource {
    subresource: String,
}

/// Every kind of every version that a document tells of, in the server's order: the version it prefers comes first. `None` where it is
/// no such document (an older server gives the bare list of groups).
pub fn served(document: &[u8]) -> Option<Vec<Served>> {
    let groups: Groups = serde_json::from_slice(document).ok()?;
    let mut all = Vec::new();
    for group in groups.items {
        for version in group.versions {
            for one in version.resources {
                let Some(kind) = one.response_kind.map(|k| k.kind).filter(|k| !k.is_empty()) else { continue };
                all.push(Served {
                    group: group.metadata.name.clone(),
                    version: version.version.clone(),
                    kind,
                    plural: one.resource,
                    namespaced: one.scope == "Namespaced",
                    verbs: one.verbs,
                    short_names: one.short_names,
                    categories: one.categories,
                    subresources: one.subresources.into_iter().map(|s| s.subresource).collect(),
                });
            }
        }
    }
    Some(all)
}

/// The same with each kind once, in the version that the server prefers for it.
pub fn preferred(mut all: Vec<Served>) -> Vec<Served> {
    let mut once = std::collections::HashSet::new();
    all.retain(|one| once.insert((one.group.clone(), one.plural.clone())));
    all
}

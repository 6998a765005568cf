//! The four kinds of patch, each turning an object into another.
use super::Ask;
use crate::simulator::{refusal::Refusal, registry::Resource};
use crate::terms::{
    merge::{self, BadPatch},
    schema::Shape,
};
use serde_json::Value;

/// Which kind of patch a request carries, by its content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PatchKind {
    Json,
    Merge,
    Strategic,
    Apply,
}

impl PatchKind {
    pub(super) fn of(ask: &Ask, resource: &Resource) -> Result<Self, Refusal> {
        let media = ask.content_type.split(';').next().unwrap_or_default().trim();
        Ok(match media {
            "application/json-patch+json" => PatchKind::Json,
            "application/merge-patch+json" => PatchKind::Merge,
            "application/strategic-merge-patch+json" if !resource.custom => PatchKind::Strategic,
            "application/apply-patch+yaml" => PatchKind::Apply,
            other => {
                let known = "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
                return Err(Refusal::unsupported_media(other, known));
            }
        })
    }
}

/// What an object becomes by a JSON, merge or strategic merge patch.
pub(super) fn patched(kind: PatchKind, object: &Value, patch: &Value, shape: Option<Shape>) -> Result<Value, Refusal> {
    let mut new = object.clone();
    match kind {
        PatchKind::Json => {
            let patch: json_patch::Patch =
                serde_json::from_value(patch.clone()).map_err(|why| Refusal::bad_request(format!("error decoding patch: {why}")))?;
            json_patch::patch(&mut new, &patch).map_err(|why| {
                Refusal::new(422, "Invalid", format!("the server rejected our request due to an error in our request: {why}"))
            })?;
        }
        PatchKind::Merge if !patch.is_object() => {
            return Err(Refusal::bad_request("error decoding patch: a merge patch must be an object"));
        }
        PatchKind::Merge | PatchKind::Apply => merge::merge_patch(&mut new, patch),
        PatchKind::Strategic => {
            let shape = shape.ok_or_else(|| Refusal::beyond_us("a strategic merge patch of a kind whose structure is not known"))?;
            merge::strategic(&mut new, patch, shape).map_err(bad_patch)?;
        }
    }
    Ok(new)
}

/// Source: `interpretStrategicMergePatchError` in `apiserver/pkg/endpoints/handlers/patch.go`.
fn bad_patch(why: BadPatch) -> Refusal {
    match why {
        BadPatch::PrimitiveList | BadPatch::RetainKeys | BadPatch::ElementOrder => Refusal::bad_request(why.to_string()),
        BadPatch::ListOfLists => Refusal::new(422, "", why.to_string()),
        BadPatch::Other(_) => Refusal::new(500, "", why.to_string()),
    }
}

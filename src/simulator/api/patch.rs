//! The four kinds of patch, each turning an object into another.
use super::{Ask, body};
use crate::simulator::{refusal::Refusal, registry::Resource};
use crate::terms::{
    merge::{self, BadPatch},
    schema::Shape,
};
use serde_json::{Value, json};

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
            "application/strategic-merge-patch+json" => {
                let known = "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";
                return Err(Refusal::unsupported_media(known));
            }
            _ => {
                let why = "415: Unsupported Media Type";
                return Err(Refusal { details: json!({}), ..Refusal::new(415, "UnsupportedMediaType", why) });
            }
        })
    }

    /// The patch in a body.
    ///
    /// # Errors
    /// What the API server says of JSON that is no patch of this kind.
    pub(super) fn read(self, ask: &Ask) -> Result<Value, Refusal> {
        let json = String::from_utf8_lossy(&ask.body);
        let (prefix, wanted) = match self {
            PatchKind::Json => ("error decoding patch: ", "[]handlers.jsonPatchOp"),
            PatchKind::Merge => ("error decoding patch: ", "map[string]interface {}"),
            PatchKind::Strategic | PatchKind::Apply => ("", "map[string]interface {}"),
        };
        let refused = |why: String| Refusal::bad_request(format!("{prefix}{why}"));
        let patch: Value = serde_json::from_str(&json).map_err(|why| refused(body::syntax(&json, &why)))?;
        if if self == PatchKind::Json { patch.is_array() } else { patch.is_object() } {
            return Ok(patch);
        }
        Err(refused(format!("json: cannot unmarshal {} into Go value of type {wanted}", body::json_kind(&patch))))
    }
}

/// What an object becomes by a JSON, merge or strategic merge patch.
pub(super) fn patched(kind: PatchKind, object: &Value, patch: &Value, shape: Option<Shape>) -> Result<Value, Refusal> {
    let mut new = object.clone();
    match kind {
        PatchKind::Json => {
            let refused = || {
                let why = "the server rejected our request due to an error in our request";
                Refusal { details: json!({}), ..Refusal::new(422, "Invalid", why) }
            };
            let patch: json_patch::Patch = serde_json::from_value(patch.clone()).map_err(|_| refused())?;
            json_patch::patch(&mut new, &patch).map_err(|_| refused())?;
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

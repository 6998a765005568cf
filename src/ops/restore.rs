//! The way back from a change that has no verb of its own: a JSON patch that undoes exactly the places that moved.

use super::{Images, Op, Patch, Target, Way, pin::is_noise};
use crate::terms::{
    diff::{Change, diff},
    path::{Path, Segment},
};
use serde_json::{Value, json};

/// Why a Secret has no way back.
pub(super) const SECRET: &str = "the values of a Secret are never read, so they cannot be put back";

/// The operation that makes `after` into `before` again; `Ok(None)` where nothing moved.
///
/// A place inside a list is guarded by a `test` of what stands there, so that a list reordered meanwhile is refused by the server
/// and not patched at the wrong element.
///
/// # Errors
/// A sentence where there is no way back: an image is missing, or the object is a Secret.
pub(super) fn patch_back(target: &Target, images: &Images<'_>) -> Result<Option<Op>, &'static str> {
    let (Some(before), Some(after)) = (images.before, images.after) else { return Err("what was there before is not known") };
    if target.kind().is("secrets", "") {
        return Err(SECRET);
    }
    let steps = steps_back(before, after).ok_or("the former lists cannot be put back piece by piece")?;
    if steps.is_empty() {
        return Ok(None);
    }
    Ok(Some(Patch::json(target.clone(), steps).into()))
}

/// The way back from a change to one object, as the patch that undoes what its first call moved.
pub(super) fn way_back(target: &Target, images: &[Images<'_>]) -> Way {
    match images.first().map(|images| patch_back(target, images)) {
        Some(Ok(Some(op))) => Way::Back(vec![op]),
        Some(Ok(None)) => Way::None("it changed nothing"),
        Some(Err(why)) => Way::None(why),
        None => Way::None("what was there before is not known"),
    }
}

pub(super) fn steps_back(before: &Value, after: &Value) -> Option<Vec<Value>> {
    steps_where(before, after, is_noise)
}

/// The steps that make `after` into `before` again, but for the places that do not count.
pub(super) fn steps_where(before: &Value, after: &Value, is_noise: impl Fn(&Path) -> bool) -> Option<Vec<Value>> {
    let mut now = after.clone();
    let mut steps = Vec::new();
    // A second pass is needed only where elements came back in another order: then the whole list is one change.
    for _ in 0..3 {
        let changes: Vec<Change> = diff(&now, before).into_iter().filter(|c| !is_noise(&c.path)).collect();
        if changes.is_empty() {
            return Some(steps);
        }
        // Removals from the end first: an index stays true while those behind it go.
        let (gone, rest): (Vec<&Change>, Vec<&Change>) = changes.iter().partition(|c| c.after.is_none());
        for change in gone.into_iter().rev().chain(rest) {
            let pointer = change.path.to_pointer(&now)?;
            steps.extend(guards(&change.path, &now));
            let step = match (&change.before, &change.after) {
                (Some(_), None) => json!({"op": "remove", "path": pointer}),
                (Some(_), Some(value)) => json!({"op": "replace", "path": pointer, "value": value}),
                (None, Some(value)) => json!({"op": "add", "path": pointer, "value": value}),
                (None, None) => continue,
            };
            let patch: json_patch::Patch = serde_json::from_value(json!([step])).ok()?;
            json_patch::patch(&mut now, &patch).ok()?;
            steps.push(step);
        }
    }
    None
}

/// Tests that the list elements a path goes through are still the ones meant.
fn guards(path: &Path, now: &Value) -> Vec<Value> {
    let mut guards = Vec::new();
    for (at, segment) in path.0.iter().enumerate() {
        let element = Path(path.0[..=at].to_vec());
        let (Some(pointer), Some(value)) = (element.to_pointer(now), element.get(now)) else { continue };
        match segment {
            Segment::Field(_) => {}
            Segment::Key { key, .. } => guards.push(json!({"op": "test", "path": format!("{pointer}/{key}"), "value": value[key]})),
            Segment::Index(_) => guards.push(json!({"op": "test", "path": pointer, "value": value})),
        }
    }
    guards
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{Kind, Name};
    use proptest::prelude::*;

    fn back(before: Value, after: Value) -> Value {
        let target = Target::new(Kind::built_in("deployment"), Name::new("web").unwrap()).unwrap();
        match patch_back(&target, &Images { before: Some(&before), after: Some(&after) }).unwrap() {
            Some(Op::Patch(patch)) => patch.patch,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_what_moved_is_put_back() {
        let object = |image: &str, version: &str| {
            json!({"apiVersion": "apps/v1", "kind": "Deployment",
                   "metadata": {"resourceVersion": version, "annotations": {"deployment.kubernetes.io/revision": version}},
                   "spec": {"template": {"spec": {"containers": [{"name": "a", "image": "x"}, {"name": "b", "image": image}]}}},
                   "status": {"replicas": version, "conditions": [{"type": "Available", "lastUpdateTime": version}]}})
        };
        assert_eq!(
            back(object("y:1", "1"), object("y:2", "2")),
            json!([{"op": "test", "path": "/spec/template/spec/containers/1/name", "value": "b"},
                   {"op": "replace", "path": "/spec/template/spec/containers/1/image", "value": "y:1"}])
        );
    }

    #[test]
    fn what_was_added_goes_and_what_was_removed_comes_back() {
        let before = json!({"metadata": {"labels": {"a/b": "1"}}});
        let after = json!({"metadata": {"labels": {"c": "2"}}});
        assert_eq!(
            back(before, after),
            json!([{"op": "remove", "path": "/metadata/labels/c"}, {"op": "add", "path": "/metadata/labels/a~1b", "value": "1"}])
        );
    }

    fn spec() -> impl Strategy<Value = Value> {
        let container = ("[a-c]", "[x-z]", prop::collection::btree_map("[A-C]", "[0-1]", 0..3));
        let element = container.prop_map(|(name, image, env)| {
            let env: Vec<Value> = env.iter().map(|(k, v)| json!({"name": k, "value": v})).collect();
            json!({"name": name, "image": image, "env": env})
        });
        let rules = prop::collection::vec("[a-c]".prop_map(|host| json!({"host": host})), 0..4);
        (prop::collection::vec(element, 0..4), rules, prop::option::of(0..3_u8)).prop_map(|(containers, rules, n)| {
            let mut spec = json!({"spec": {"containers": containers, "rules": rules}});
            if let Some(n) = n {
                spec["spec"]["n"] = n.into();
            }
            spec
        })
    }

    proptest! {
        #[test]
        fn the_patch_makes_the_former_object(before in spec(), after in spec()) {
            let mut now = after.clone();
            if let Some(steps) = steps_back(&before, &after) {
                let patch: json_patch::Patch = serde_json::from_value(Value::Array(steps)).unwrap();
                json_patch::patch(&mut now, &patch).unwrap();
                prop_assert_eq!(now, before);
            } else {
                prop_assert!(false, "no way back");
            }
        }
    }
}

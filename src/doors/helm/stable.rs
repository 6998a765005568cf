//! What a chart renders to every time, and what it makes anew each time.

use crate::ops::helm::{Release, UNSTABLE, compare};
use serde_json::Value;

/// Two renderings of one chart as one: what is not the same in both is [`UNSTABLE`].
pub(super) fn laid_together(mut first: Release, second: Release) -> Release {
    if first.objects.len() == second.objects.len() && first.hooks.len() == second.hooks.len() {
        first.objects.iter_mut().zip(&second.objects).for_each(|(one, other)| lay(one, other));
        first.hooks.iter_mut().zip(&second.hooks).for_each(|(one, other)| lay(&mut one.object, &other.object));
    } else {
        // Not even as many: nothing of it can be relied on.
        first.objects.iter_mut().for_each(|object| object["metadata"]["name"] = Value::String(UNSTABLE.into()));
    }
    first
}

fn lay(one: &mut Value, other: &Value) {
    match (&mut *one, other) {
        (Value::Object(map), Value::Object(others)) if map.keys().eq(others.keys()) => {
            map.iter_mut().zip(others.values()).for_each(|((_, one), other)| lay(one, other));
        }
        (Value::Array(list), Value::Array(others)) if list.len() == others.len() => {
            list.iter_mut().zip(others).for_each(|(one, other)| lay(one, other));
        }
        (one, other) if *one == *other => {}
        (one, _) => *one = Value::String(UNSTABLE.into()),
    }
}

/// Where a rendering is not what was shown; `None` where it is.
pub(super) fn differs(shown: &[Value], now: &Release) -> Option<String> {
    let now: Vec<&Value> = now.objects.iter().chain(now.hooks.iter().map(|hook| &hook.object)).collect();
    if shown.len() != now.len() {
        return Some(format!("{} objects, and it was {}", now.len(), shown.len()));
    }
    shown.iter().zip(now).find(|(shown, now)| !same(shown, now)).map(|(_, now)| compare::named(now))
}

fn same(shown: &Value, now: &Value) -> bool {
    match (shown, now) {
        (Value::String(text), _) if text == UNSTABLE => true,
        (Value::Object(a), Value::Object(b)) => a.keys().eq(b.keys()) && a.values().zip(b.values()).all(|(a, b)| same(a, b)),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn of(objects: &[Value]) -> Release {
        Release { objects: objects.to_vec(), ..Release::default() }
    }

    #[test]
    fn what_is_made_anew_is_marked_and_passes_and_nothing_else_does() {
        let with = |sum: &str, replicas: u32| json!({"kind": "Deployment", "metadata": {"name": "web", "annotations": {"sum": sum}}, "spec": {"replicas": replicas}});
        let shown = laid_together(of(&[with("a", 1)]), of(&[with("b", 1)])).objects;
        assert_eq!(shown, [with(UNSTABLE, 1)]);
        assert_eq!(differs(&shown, &of(&[with("c", 1)])), None);
        assert_eq!(differs(&shown, &of(&[with("c", 2)])).as_deref(), Some("Deployment/web"));
        assert!(differs(&shown, &of(&[])).is_some() && differs(&[], &of(&shown)).is_some());
    }

    proptest! {
        #[test]
        fn either_rendering_is_what_both_were_laid_together_to(a in "[ab]{0,2}", b in "[ab]{0,2}", n in 0u32..3) {
            let (one, other) = (json!({"kind": "X", "metadata": {"name": "x"}, "d": [a, n]}), json!({"kind": "X", "metadata": {"name": "x"}, "d": [b, n]}));
            let shown = laid_together(of(std::slice::from_ref(&one)), of(std::slice::from_ref(&other))).objects;
            prop_assert_eq!(differs(&shown, &of(&[one])), None);
            prop_assert_eq!(differs(&shown, &of(&[other])), None);
        }
    }
}

//! What the changes of releases share: which revision counts, what happens object by object, what a person should know besides.

use super::{
    compare,
    errand::{Carried, Errand, Storage},
    live::Live,
    release::{self, Hook, Kept, Release},
};
use crate::ops::{Call, CannotDo, Kind, Lookup, Name, Namespace, ReleaseName, Reply, Target, look};
use crate::terms::duration::GoDuration;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Stands where a chart renders something else each time.
pub const UNSTABLE: &str = "<made anew each time>";

/// How long helm waits for each thing where nobody says.
const PATIENCE: u64 = 300;

/// The revision whose objects are the ones in the cluster, where it is not the newest: the newest one failed.
pub fn deployed(kept: &[Kept]) -> Option<&Kept> {
    let last = kept.last().filter(|last| last.status == "failed")?;
    kept.iter().rev().find(|kept| kept.status == "deployed" && kept.revision != last.revision)
}

/// To which revision the way back leads, from a head.
pub(super) fn stood_at(head: &Value) -> Option<u64> {
    head["deployed"].as_u64().or_else(|| head["revision"].as_u64())
}

/// The release as an object.
pub(super) fn target(name: &ReleaseName, namespace: Option<&Namespace>) -> Vec<Target> {
    let target = Name::new(name.as_str()).ok().and_then(|name| Target::new(Kind::release(), name).ok());
    target.map(|target| target.in_namespace(namespace.cloned())).into_iter().collect()
}

/// `--timeout` in seconds.
pub(super) fn seconds(timeout: Option<&str>) -> u64 {
    let said = timeout.and_then(|text| text.parse::<GoDuration>().ok()).and_then(|d| u64::try_from(d.secs()).ok());
    said.filter(|n| *n > 0).unwrap_or(PATIENCE)
}

/// In what a revision is kept.
pub(super) fn storage(kept: &Kept) -> Storage {
    if kept.target.kind().is("configmaps", "") { Storage::ConfigMap } else { Storage::Usual }
}

/// A change of it is under way, or broke off in the middle.
pub(super) fn is_pending(kept: &Kept) -> bool {
    kept.status.starts_with("pending-") || kept.status == "uninstalling"
}

/// Whether nothing of it is in the cluster any more.
pub(super) fn is_gone(kept: &Kept) -> bool {
    kept.status == "uninstalled"
}

/// The document an errand that only looks came back with.
///
/// # Errors
/// [`CannotDo`] with the reason.
pub(super) fn told(answer: Option<&Lookup<Value>>) -> Result<&Value, CannotDo> {
    match answer {
        Some(Lookup::Known(value)) => Ok(value),
        Some(Lookup::NotChecked(why)) => Err(CannotDo::new(why.clone(), "")),
        Some(Lookup::Missing) | None => Err(CannotDo::new("the helm program gave no answer", "")),
    }
}

/// What the program answered a read.
///
/// # Errors
/// As [`told`].
pub(super) fn answered(calls: &[Call], replies: &[Reply]) -> Result<Value, CannotDo> {
    told(look::gathered(calls, replies).first()).cloned()
}

/// A release that came back whole.
///
/// # Errors
/// [`CannotDo`] where it could not be read.
pub(super) fn whole(name: &ReleaseName, answer: Option<&Lookup<Value>>) -> Result<Release, CannotDo> {
    release::whole(name, answer.unwrap_or(&Lookup::Missing))
}

/// What comes of a change of a release, besides the release.
pub(super) struct Course {
    /// What happens to each object that changes.
    pub calls: Vec<Call>,
    /// What happens to objects whose kinds nobody here knows, before and after, by their names.
    others: (Map<String, Value>, Map<String, Value>),
    /// What a person should know.
    pub told: Vec<(&'static str, String)>,
}

/// One object by what it is known again.
fn key(object: &Value, namespace: Option<&Namespace>) -> (String, String, String) {
    let group = object["apiVersion"].as_str().and_then(|v| v.split_once('/')).map_or("", |(group, _)| group);
    let place = object.pointer("/metadata/namespace").and_then(Value::as_str).or(namespace.map(|ns| ns.as_str())).unwrap_or_default();
    (format!("{group}/{}", look::text(object, "/kind")), place.to_string(), look::text(object, "/metadata/name").to_string())
}

/// Whether helm leaves the object where it is when the release no longer has it.
fn stays(object: &Value) -> bool {
    object.pointer("/metadata/annotations/helm.sh~1resource-policy").and_then(Value::as_str).is_some_and(|policy| policy.trim() == "keep")
}

pub(super) fn target_of(object: &Value, namespace: Option<&Namespace>) -> Option<Target> {
    let kind = Kind::of_object(look::text(object, "/apiVersion"), look::text(object, "/kind"))?;
    let said = object.pointer("/metadata/namespace").and_then(Value::as_str).filter(|ns| !ns.is_empty());
    let namespace = match said {
        Some(said) => Some(Namespace::new(said).ok()?),
        None => namespace.cloned(),
    };
    Some(Target::new(kind, Name::new(look::text(object, "/metadata/name")).ok()?).ok()?.in_namespace(namespace))
}

impl Course {
    /// From the objects before, as they stand in the cluster, to those after; those that are the same in both are left out.
    ///
    /// # Errors
    /// [`CannotDo`] where an object has no name that can be told beforehand.
    pub fn between(before: &[Value], after: &[Value], namespace: Option<&Namespace>, live: &Live<'_>) -> Result<Course, CannotDo> {
        let mut pairs: BTreeMap<_, (Option<&Value>, Option<&Value>)> = BTreeMap::new();
        before.iter().for_each(|object| pairs.entry(key(object, namespace)).or_default().0 = Some(object));
        after.iter().for_each(|object| pairs.entry(key(object, namespace)).or_default().1 = Some(object));
        let mut course = Course { calls: Vec::new(), others: Default::default(), told: Vec::new() };
        let (mut kept, mut set_back, mut made_again) = (Vec::new(), Vec::new(), Vec::new());
        for (before, after) in pairs.into_values() {
            let Some(object) = after.or(before) else { continue };
            let target = target_of(object, namespace);
            let now = match (&target, before) {
                (Some(target), Some(before)) => live.laid_over(target, before),
                (_, before) => before.cloned(),
            };
            match (before, now.as_ref(), after) {
                (_, None, None) => {}
                (_, Some(now), Some(after)) if now == after => {}
                (_, Some(now), None) if stays(now) => kept.push(compare::named(now)),
                (Some(before), now, Some(_)) => {
                    match now {
                        Some(now) if now != before => set_back.push(compare::named(before)),
                        Some(_) => {}
                        None => made_again.push(compare::named(before)),
                    }
                    course.happens(object, now, after, namespace)?;
                }
                (_, now, after) => course.happens(object, now, after, namespace)?,
            }
        }
        course.tells("helm-keeps", "these stay, because the chart says so (helm.sh/resource-policy: keep)", &kept);
        course.tells("helm-sets-back", "these were changed by hand since, and are set to what the chart says", &set_back);
        course.tells("helm-makes-again", "these were deleted since, and are made again", &made_again);
        course.tells(
            "helm-live",
            "whether these were changed by hand since could not be looked at; that would be set back",
            &live.unknown(),
        );
        Ok(course)
    }

    fn happens(
        &mut self,
        object: &Value,
        before: Option<&Value>,
        after: Option<&Value>,
        namespace: Option<&Namespace>,
    ) -> Result<(), CannotDo> {
        let name = look::text(object, "/metadata/name");
        if name.is_empty() || name.contains(UNSTABLE) {
            return Err(CannotDo::new(
                format!("{} is named anew each time the chart is rendered, so what would be made cannot be shown", compare::named(object)),
                "run helm by hand",
            ));
        }
        match target_of(object, namespace) {
            Some(target) => self.calls.push(Call::carried(&target, Carried { before: before.cloned(), after: after.cloned() })),
            None => {
                let named = compare::named(object);
                before.into_iter().for_each(|before| drop(self.others.0.insert(named.clone(), before.clone())));
                after.into_iter().for_each(|after| drop(self.others.1.insert(named.clone(), after.clone())));
            }
        }
        Ok(())
    }

    /// The hooks that run at those moments: each makes its object.
    ///
    /// # Errors
    /// As [`Course::between`].
    pub fn runs(&mut self, hooks: &[Hook], moments: &[&str], namespace: Option<&Namespace>) -> Result<(), CannotDo> {
        let mut said = Vec::new();
        for hook in hooks {
            let here: Vec<&str> = hook.events.iter().map(String::as_str).filter(|event| moments.contains(event)).collect();
            if here.is_empty() {
                continue;
            }
            said.push(format!("{} ({})", compare::named(&hook.object), here.join(", ")));
            self.happens(&hook.object, None, Some(&hook.object), namespace)?;
        }
        self.tells("helm-hooks", "its hooks run, and what they do is not taken back by undo", &said);
        Ok(())
    }

    /// Puts a sentence and what it is about among what is told; nothing where it is about nothing.
    pub fn tells(&mut self, id: &'static str, sentence: &str, about: &[String]) {
        if !about.is_empty() {
            self.told.push((id, format!("{sentence}: {}", about.join(", "))));
        }
    }

    /// The calls, the program's own first; its images get what has no call of its own.
    pub fn calls(self, mut errand: Errand) -> Vec<Call> {
        let (before, after) = self.others;
        for (image, others) in [(&mut errand.shown.before, before), (&mut errand.shown.after, after)] {
            if let (Some(image), false) = (image, others.is_empty()) {
                image["objects"] = Value::Object(others);
            }
        }
        errand.shown.told.extend(self.told);
        let mut calls = vec![Call::program(errand)];
        calls.extend(self.calls);
        calls
    }
}

/// A release's head as it will be.
pub(super) fn head_after(name: &ReleaseName, namespace: Option<&Namespace>, revision: u64, of: &Release, state: &str) -> Value {
    let mut after = Release {
        name: name.to_string(),
        namespace: namespace.map(ToString::to_string).unwrap_or_default(),
        revision,
        chart: of.chart.clone(),
        ..Release::default()
    };
    after.status = state.to_string();
    after.head("", None)
}

/// The namespace as it is made.
pub(super) fn namespace_made(namespace: &Namespace) -> Option<Call> {
    let target = Target::new(Kind::built_in("namespaces"), Name::new(namespace.as_str()).ok()?).ok()?;
    let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}});
    Some(Call::carried(&target, Carried { before: None, after: Some(object) }))
}

/// Where in an object something is made anew each time.
pub(super) fn unstable(object: &Value) -> bool {
    match object {
        Value::String(text) => text == UNSTABLE,
        Value::Array(list) => list.iter().any(unstable),
        Value::Object(map) => map.values().any(unstable),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

//! Things built from words: parts of a pod template as a patch of what is there or in a manifest of something new; policies, storage,
//! canaries as manifests.

mod new;
mod release;
mod storage;
mod taken;
mod there;
mod traffic;

use super::{
    super::{
        Step,
        lexicon::Act,
        making::{Lack, Loaded, Releasing, Request, Storage, Taking, Traffic, Verb},
        slots::{Place, Slots},
    },
    Builder, Out,
};
use crate::{
    facts::Facts,
    ops::{Apply, Namespace, Op, SetEnv, parts::Part},
    road::plan::Scope,
};
use serde_json::{Value, json};

/// What a request for parts comes to. `later` is what was answered since.
pub fn parts(mut r: Request, later: &Slots, scope: &Scope, facts: &Facts) -> Step {
    if r.about.object.is_none() && r.new.is_none() {
        r.about.object = later.objects.first().cloned();
    }
    if r.new.is_some() {
        r.name = r.name.or_else(|| later.objects.first().and_then(|object| object.names.first().cloned()));
        r.image = r.image.or_else(|| later.image.clone());
    }
    r.about.container = r.about.container.or_else(|| later.container.clone());
    built(r.about.place.clone().map(Place::Named), later, scope, facts, |b| {
        let ops = if r.new.is_some() { b.new_object(&r)? } else { b.added(&r)? };
        if r.verb == Verb::None {
            let lines = ops.iter().map(Op::line).collect();
            return Err(Step::ask("what", "I understood what would be added, but not that it shall be; shall it?".into(), lines));
        }
        Ok(ops)
    })
}

/// What a request comes to that takes parts off, or changes a probe.
pub fn taking(mut r: Taking, later: &Slots, scope: &Scope, facts: &Facts) -> Step {
    if r.about.object.is_none() {
        r.about.object = later.objects.first().cloned();
    }
    r.about.container = r.about.container.or_else(|| later.container.clone());
    built(r.about.place.clone().map(Place::Named), later, scope, facts, |b| b.taken(&r))
}

/// What a request comes to that makes variables of all keys of something.
pub fn loaded(l: &Loaded, later: &Slots, scope: &Scope, facts: &Facts) -> Step {
    built(l.about.place.clone().map(Place::Named), later, scope, facts, |b| {
        let Some(object) = &l.about.object else { return Ok(Vec::new()) };
        let containers = l.about.container.as_ref().map(|name| name.to_lowercase());
        let targets = b.with_template(object)?;
        let one = |target| SetEnv {
            target,
            set: Vec::new(),
            remove: Vec::new(),
            from: Some(l.source.clone()),
            prefix: l.prefix.clone(),
            containers: containers.clone(),
            keep_existing: false,
        };
        Ok(targets.into_iter().map(|target| one(target).into()).collect())
    })
}

/// What a request about traffic comes to.
pub fn traffic(t: &Traffic, later: &Slots, scope: &Scope, facts: &Facts) -> Step {
    built(t.place.clone().map(Place::Named), later, scope, facts, |b| b.traffic(t))
}

/// What a request for storage comes to.
pub fn storage(s: &Storage, later: &Slots, scope: &Scope, facts: &Facts) -> Step {
    built(s.place.clone().map(Place::Named), later, scope, facts, |b| b.storage(s))
}

/// What a release in steps comes to.
pub fn release(r: &Releasing, later: &Slots, scope: &Scope, facts: &Facts) -> Step {
    built(r.place.clone().map(Place::Named), later, scope, facts, |b| b.released(r))
}

/// Runs a builder for a step of its own reading.
pub(super) fn built(
    place: Option<Place>,
    later: &Slots,
    scope: &Scope,
    facts: &Facts,
    make: impl FnOnce(&mut Builder<'_>) -> Out<Vec<Op>>,
) -> Step {
    let slots = Slots { place: place.or_else(|| later.place.clone()), ..Slots::default() };
    let built = Builder::new(Act::Set, &slots, scope, facts).and_then(|mut b| make(&mut b).map(|ops| (ops, b.find.assumed)));
    match built {
        Ok((ops, _)) if ops.is_empty() => Step::Unknown,
        Ok((ops, assumed)) => Step::Ops(ops, assumed),
        Err(step) => *step,
    }
}

impl Builder<'_> {
    /// The parts of a request, or the question for what is missing.
    fn parts(&mut self, r: &Request) -> Out<Vec<(Option<usize>, bool, Part)>> {
        if !r.unread.is_empty() {
            return Err(self.not_understood(&r.unread));
        }
        let mut all = Vec::new();
        for (of, head) in &r.heads {
            let parts = head.parts(&mut self.find.assumed).map_err(|lack| self.lacks(lack))?;
            all.extend(parts.into_iter().map(|part| (*of, head.of_all(), part)));
        }
        Ok(all)
    }

    pub(super) fn lacks(&self, lack: Lack) -> Box<Step> {
        self.ask(lack.missing, format!("I understood a part of it; {}", lack.text))
    }

    pub(super) fn not_understood(&self, words: &[String]) -> Box<Step> {
        let words = words.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ");
        self.ask("meaning", format!("I understood a part of it, but not {words}; nothing is done. Please say it in other words."))
    }

    /// New objects, applied as a manifest that is shown.
    pub(super) fn applied(&self, mut objects: Vec<Value>) -> Vec<Op> {
        for object in &mut objects {
            let placed = object["metadata"]["namespace"].is_string();
            if let (Some(namespace), false) = (&self.namespace, placed) {
                object["metadata"]["namespace"] = json!(namespace);
            }
        }
        vec![Apply { namespace: self.namespace.clone(), ..Apply::of(objects) }.into()]
    }

    /// The same of objects without a namespace.
    pub(super) fn applied_anywhere(objects: Vec<Value>) -> Vec<Op> {
        vec![Apply::of(objects).into()]
    }

    /// A namespace by its name.
    pub(super) fn namespace_of(&self, name: &str) -> Out<Namespace> {
        Namespace::new(name.to_lowercase()).map_err(|e| self.ask("namespace", format!("I understood a part of it, and {e}.")))
    }
}

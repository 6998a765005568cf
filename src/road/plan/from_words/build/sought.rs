//! A question that was taken out of a step, and the objects that were left in it, as `find` or `who-can`.

use super::{
    super::{Step, find, lexicon::Act, seek::Sought, slots::Object},
    Builder, Out, READABLE, WORKLOADS, is,
    reads::phase,
};
use crate::ops::{
    Find, Kind, Name, Op, Target, WhoCan,
    find::{Condition, Field, Show},
};

/// Kinds that have what is asked for, likeliest first, where a name was said and no kind.
fn likely(show: &[Show]) -> &'static [&'static str] {
    match show.first() {
        Some(Show::ExternalIp | Show::Type) => &["service"],
        Some(Show::Owner | Show::Node | Show::Restarts) => &["pod"],
        Some(Show::ImageAge) => &["deployment"],
        Some(Show::UsedBy) => &["secret", "configmap", "service", "persistentvolumeclaim", "serviceaccount"],
        Some(Show::Age) => READABLE,
        Some(_) | None => WORKLOADS,
    }
}

impl Builder<'_> {
    /// The operations a question comes to: one for each kind it is about.
    pub(super) fn sought(&mut self, sought: &Sought) -> Out<Vec<Op>> {
        if !sought.who_can.is_empty() {
            return self.who_can(sought);
        }
        if sought.unnamed_registry {
            return Err(self.ask(
                "registry",
                "I understood that images of another registry than yours are looked for; which is yours, for example ghcr.io/acme?",
            ));
        }
        let named: Vec<Object> = self.s.objects.iter().filter(|o| !o.names.is_empty() || o.this).cloned().collect();
        let single_out = !sought.conditions.is_empty() || sought.order.is_some();
        let unnamed: Vec<&Object> = self.s.objects.iter().filter(|o| o.names.is_empty() && !o.this).collect();
        if unnamed.iter().skip(1).any(|o| !o.joined) {
            return Err(Box::new(Step::Unknown));
        }
        if !named.is_empty() || self.s.it {
            // "limits of the pods of web": whose pods those are is another question.
            if single_out || !unnamed.is_empty() || !self.s.states.is_empty() || !self.s.pairs.is_empty() || self.all_namespaces() {
                return Err(Box::new(Step::Unknown));
            }
            return self.parts_of(sought, &named);
        }
        let mut kinds: Vec<Kind> = unnamed.iter().flat_map(|o| o.kinds.iter().copied()).collect();
        if kinds.is_empty() {
            kinds.clone_from(&sought.kinds);
        }
        if kinds.is_empty() && !single_out {
            let default = match sought.show.first() {
                Some(Show::Image | Show::Restarts) => Some("pod"),
                Some(Show::ExternalIp) => Some("service"),
                Some(_) | None => None,
            };
            kinds.extend(default.and_then(find::kind));
        }
        if kinds.is_empty() {
            return Err(Box::new(Step::Unknown));
        }
        kinds.into_iter().map(|kind| self.of_kind(sought, kind)).collect()
    }

    /// All of a kind that meet the conditions.
    fn of_kind(&self, sought: &Sought, kind: Kind) -> Out<Op> {
        let s = self.s;
        let unknown = || Box::new(Step::Unknown);
        let mut conditions = sought.conditions.clone();
        for (state, denied) in &s.states {
            let phase = phase(*state).filter(|_| is(kind, "pods")).ok_or_else(unknown)?;
            conditions.push(Condition { not: *denied, ..Condition::reads(Field::Phase, phase).map_err(|_| unknown())? });
        }
        if let Some(node) = &s.node {
            conditions.push(Condition::reads(Field::Node, node).map_err(|_| unknown())?);
        }
        let mut terms = s.pairs.clone();
        terms.extend(s.label_key.iter().map(|key| s.label_value.as_ref().map_or(key.clone(), |value| format!("{key}={value}"))));
        let selector = (!terms.is_empty()).then(|| terms.join(","));
        if let Some(selector) = &selector {
            selector.parse::<crate::terms::selector::LabelSelector>().map_err(|_| unknown())?;
        }
        // Pods of one node are looked for in every namespace, as elsewhere.
        let everywhere = self.all_namespaces() || self.namespace.is_none() && (s.cluster || s.node.is_some());
        let find = Find {
            namespace: self.namespace.clone().filter(|_| kind.namespaced()),
            all_namespaces: kind.namespaced() && everywhere,
            selector,
            conditions,
            show: sought.show.clone(),
            order: sought.order,
            ..Find::all(kind)
        };
        find.fits().map_err(|e| self.ask("kind", format!("I understood a question about {}, and {e}.", kind.plural())))?;
        Ok(find.into())
    }

    /// Parts of objects by name.
    fn parts_of(&mut self, sought: &Sought, named: &[Object]) -> Out<Vec<Op>> {
        let mut found: Vec<Target> = Vec::new();
        for object in named {
            // "the backend pods": their workload has what is asked for, unless it is the pods' own.
            let kinds = if object.kinds.is_empty() { likely(&sought.show) } else { READABLE };
            self.of_object(object, kinds, &|_| None, &mut found)?;
        }
        if found.is_empty() {
            found.push(self.last(None)?);
        }
        let mut finds: Vec<Find> = Vec::new();
        for target in found {
            let same = |find: &&mut Find| find.kind == target.kind() && find.namespace.as_ref() == target.namespace();
            match finds.iter_mut().find(same) {
                Some(find) => find.names.push(target.name().clone()),
                None => finds.push(Find {
                    names: vec![target.name().clone()],
                    namespace: target.namespace().cloned(),
                    show: sought.show.clone(),
                    ..Find::all(target.kind())
                }),
            }
        }
        for find in &finds {
            find.fits().map_err(|e| self.ask("kind", format!("I understood a question about {}, and {e}.", find.kind.plural())))?;
        }
        Ok(finds.into_iter().map(Op::from).collect())
    }

    /// Who can do each of the verbs to the kind that was said.
    fn who_can(&mut self, sought: &Sought) -> Out<Vec<Op>> {
        let unknown = || Box::new(Step::Unknown);
        let s = self.s;
        if s.it || !s.pairs.is_empty() || s.label_key.is_some() || !s.states.is_empty() || s.node.is_some() {
            return Err(unknown());
        }
        let [object] = s.objects.as_slice() else {
            return Err(if s.objects.is_empty() { self.ask("kind", "Who can do that to which kind of object?") } else { unknown() });
        };
        if object.kinds.is_empty() || object.names.len() > 1 {
            return Err(self.ask("kind", "Who can do that to which kind of object?"));
        }
        let name = object.names.first().map(|name| Name::new(name.to_lowercase())).transpose().map_err(|_| unknown())?;
        let (namespace, everywhere) = (self.namespace.clone(), self.all_namespaces() || s.cluster && self.namespace.is_none());
        let one = |kind: &Kind, (verb, part): &(String, Option<&'static str>)| -> Op {
            WhoCan {
                verb: verb.clone(),
                kind: *kind,
                name: name.clone(),
                subresource: part.map(String::from),
                namespace: namespace.clone().filter(|_| kind.namespaced()),
                all_namespaces: kind.namespaced() && everywhere,
            }
            .into()
        };
        Ok(object
            .kinds
            .iter()
            .flat_map(|kind| sought.who_can.iter().map(move |verb| (kind, verb)))
            .map(|(kind, verb)| one(kind, verb))
            .collect())
    }
}

/// Builds a question; `None` where what was left of the step is none.
pub fn sought(sought: &Sought, s: &super::Slots, scope: &super::Scope, facts: &super::Facts) -> Option<Step> {
    let mut b = match Builder::new(Act::Find, s, scope, facts) {
        Ok(b) => b,
        Err(step) => return Some(*step),
    };
    match b.sought(sought) {
        Ok(ops) if ops.is_empty() => None,
        Ok(ops) => Some(Step::Ops(ops, b.find.assumed)),
        Err(step) => match *step {
            Step::Unknown => None,
            other => Some(other),
        },
    }
}

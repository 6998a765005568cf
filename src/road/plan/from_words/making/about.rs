//! Of what something is said: the object, the container, the namespace.

use super::super::phrases::{List, list};
use super::{super::slots::Object, walk::Walk};
use crate::ops::Kind;

/// What a request is about.
#[derive(Debug, Clone, Default)]
pub struct About {
    pub object: Option<Object>,
    pub container: Option<String>,
    pub place: Option<String>,
}

const PREPOSITIONS: &List = &List::of("to|of|in|for|on|from|into|inside|inside of|within");

/// A kind whose objects have a pod template, or are pods.
pub fn has_pods(kind: Kind) -> bool {
    kind.rolls_out()
        || [("pods", ""), ("jobs", "batch"), ("cronjobs", "batch"), ("replicasets", "apps")]
            .iter()
            .any(|(plural, group)| kind.is(plural, group))
}

fn is_place(kind: Kind) -> bool {
    kind.is("namespaces", "")
}

impl About {
    /// One thing that something is said of, if it stands here.
    pub fn read(&mut self, w: &mut Walk) -> bool {
        w.attempt(|w| self.one(w)).is_some()
    }

    fn one(&mut self, w: &mut Walk) -> Option<()> {
        if w.eat(list!("-n|--namespace|--namespace:")) {
            return self.placed(w.name()?);
        }
        if let Some(name) = w.one(|said| said.strip_prefix("--namespace=").or_else(|| said.strip_prefix("-n=")).map(String::from)) {
            return self.placed(name);
        }
        let inward = w.sees(list!("in")).is_some();
        let led = w.eat(PREPOSITIONS);
        w.eat(list!("the|my|our|that|this|existing"));
        w.eat(list!("existing|running"));
        // "to the pods of web": its template is what they are made of.
        if w.eat(list!("pods of|pod of|containers of|container of|pod template of|replicas of|template of|pod spec of|spec of")) {
            w.eat(list!("the"));
        }
        if w.eat(list!("container|containers named|container named|container called")) {
            return self.contained(w.name()?);
        }
        if let Some((kind, name)) = w.slashed() {
            return self.is(vec![kind], name).filter(|()| has_pods(kind));
        }
        if let Some((kind, plural)) = w.kind() {
            w.eat(list!("named|called|with name|with the name"));
            let name = w.name()?;
            if is_place(kind) {
                return self.placed(name);
            }
            return self.is(vec![kind], name).filter(|()| has_pods(kind) && !plural);
        }
        if led && w.eat(list!("it|itself|them")) {
            return self.it();
        }
        let name = w.name()?;
        if w.eat(list!("container")) {
            return self.contained(name);
        }
        if let Some((kind, plural)) = w.kind() {
            if is_place(kind) {
                return self.placed(name);
            }
            // "the web pods": their workload.
            let pods = plural && kind.is("pods", "");
            return self.is(if pods { Vec::new() } else { vec![kind] }, name).filter(|()| has_pods(kind) && (!plural || pods));
        }
        if led && self.object.is_none() {
            return self.is(Vec::new(), name);
        }
        if inward { self.placed(name) } else { None }
    }

    /// What stands right behind a verb: `make web run as …`, `pin deployment web to …`.
    pub fn subject(&mut self, w: &mut Walk) -> bool {
        w.attempt(|w| {
            w.eat(list!("the|my|our|that|this|all"));
            if w.eat(list!("pods of|pod of|containers of|replicas of|the pods of")) {
                w.eat(list!("the"));
            }
            if w.eat(list!("it|them")) {
                return self.it();
            }
            if let Some((kind, name)) = w.slashed() {
                return self.is(vec![kind], name).filter(|()| has_pods(kind));
            }
            if let Some((kind, false)) = w.kind() {
                w.eat(list!("named|called"));
                return self.is(vec![kind], w.name()?).filter(|()| has_pods(kind));
            }
            let name = w.name()?;
            let kinds = match w.kind() {
                Some((kind, false)) if has_pods(kind) => vec![kind],
                Some((kind, true)) if kind.is("pods", "") => Vec::new(),
                Some(_) => return None,
                None => Vec::new(),
            };
            self.is(kinds, name)
        })
        .is_some()
    }

    fn it(&mut self) -> Option<()> {
        if self.object.is_some() {
            return None;
        }
        self.object = Some(Object { this: true, ..Object::default() });
        Some(())
    }
    fn is(&mut self, kinds: Vec<Kind>, name: String) -> Option<()> {
        if self.object.is_some() {
            return None;
        }
        self.object = Some(Object { kinds, names: vec![name], ..Object::default() });
        Some(())
    }
    fn placed(&mut self, name: String) -> Option<()> {
        if self.place.is_some() {
            return None;
        }
        self.place = Some(name);
        Some(())
    }
    fn contained(&mut self, name: String) -> Option<()> {
        if self.container.is_some() {
            return None;
        }
        self.container = Some(name);
        Some(())
    }
}

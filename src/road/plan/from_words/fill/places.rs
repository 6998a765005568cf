//! Where: namespaces and nodes, and the words that lead to an object.

use super::{
    super::{
        lexicon::{Act, Sense as S},
        slots::{Amount, Given, Place},
        tag::Is,
    },
    Reader,
};

impl Reader<'_> {
    /// "connected to the database": whether it is, is seen from the side that was named first.
    pub(super) fn reach(&mut self) {
        self.out.reach = true;
        let asked = self.out.ask.is_some() || self.out.show || self.out.probe;
        self.out.health |= asked && !self.out.objects.is_empty();
        while asked && !self.out.objects.is_empty() {
            match self.is(self.at) {
                Some(Is::Word | Is::Quoted | Is::Sense(S::Det | S::To | S::Filler | S::With | S::Of | S::New) | Is::Kind(..)) => {
                    self.at += 1
                }
                _ => return,
            }
        }
    }

    /// `in`, `of`, `on`: a namespace, a node, or only the way to an object.
    pub(super) fn place(&mut self, prep: S) {
        let at = self.past_small(self.at);
        let all = self.tokens[self.at..at].iter().any(|t| t.means(S::All));
        // "for a new namespace": what is made is no place yet.
        let made = self.tokens[self.at..at].iter().any(|t| t.means(S::New));
        if self.is_namespace(at) && !made {
            let then =
                if self.means(at + 1, S::Named) || self.means(at + 1, S::Of) && self.name(at + 2).is_some() { at + 2 } else { at + 1 };
            let plural = self.kind(at).is_some_and(|(_, p)| p);
            let place = match self.name(then) {
                Some(name) => {
                    self.at = then + 1;
                    Place::Named(name)
                }
                None => {
                    self.at = at + 1;
                    if all || plural { Place::All } else { Place::Here }
                }
            };
            self.set_place(place);
            return;
        }
        // "in the ingress namespace"
        if let (Some((_, false)), true) = (self.kind(at), self.is_namespace(at + 1) && self.name(at + 2).is_none()) {
            let name = self.tokens[at].said.to_lowercase();
            self.at = at + 2;
            self.set_place(Place::Named(name.into()));
            return;
        }
        // "expose web inside the cluster"
        if self.out.acts == [Act::Expose] && self.means(at, S::Cluster) {
            self.at = at + 1;
            return;
        }
        if let Some(name) = self.name(at) {
            if self.is_namespace(at + 1) {
                self.at = at + 2;
                self.set_place(Place::Named(name));
                return;
            }
            if prep == S::On && self.kind(at + 1).is_some_and(|(k, _)| k.is("nodes", "")) {
                self.at = at + 2;
                self.out.node = Some(name);
                return;
            }
            // "a pod from busybox"
            let from = self.tokens[self.at - 1].said.eq_ignore_ascii_case("from");
            let makes = self.out.acts.iter().any(|act| matches!(act, Act::Create | Act::Run));
            let runs = |k: &crate::ops::Kind| ["pods", "jobs", "cronjobs", "deployments"].contains(&k.info().plural);
            if from
                && makes
                && self.out.image.is_none()
                && self.kind(at + 1).is_none()
                && self.out.objects.first().is_some_and(|o| o.kinds.iter().any(runs))
            {
                self.at = at + 1;
                self.out.image = Some(name);
                return;
            }
            // "in ruby-container from pod web-1"
            if prep == S::In && name.ends_with("-container") && self.means(at + 1, S::Of) {
                self.at = at + 1;
                self.out.container = Some(name);
                return;
            }
            let leads_on = matches!(self.is(at + 1), Some(Is::Kind(..) | Is::Sense(S::Container | S::Topic(_) | S::Role("api-group"))))
                || (matches!(self.is(at + 1), Some(Is::Sense(S::And) | Is::Comma)) && self.name(at + 2).is_some());
            if prep == S::In && !leads_on {
                self.at = at + 1;
                self.set_place(Place::Named(name));
                return;
            }
        }
        // "in release named x": a namespace, or a word that says something else; nothing is done elsewhere because of it.
        let value_comes = self.name(at + 1).is_some() || self.number(at + 1).is_some();
        let other = match self.is(at) {
            Some(Is::Sense(S::Tag)) => !value_comes,
            Some(Is::Sense(S::Given("follow", _) | S::Goal(_) | S::Topic(Act::Usage))) => true,
            Some(_) | None => false,
        };
        if prep == S::In && at == self.at && other {
            self.out.leftover.push(self.tokens[at].said.to_string());
        }
        // "put label gpu=true on node n1": the node is what gets it.
        let gets = self.out.alter.is_some() && self.out.labels || self.out.says("taint");
        if prep == S::On && !gets && self.kind(at).is_some_and(|(k, _)| k.is("nodes", "")) {
            let then = if self.means(at + 1, S::Named) { at + 2 } else { at + 1 };
            if let Some(name) = self.name(then) {
                self.at = then + 1;
                self.out.node = Some(name);
                return;
            }
        }
        self.prep = Some(prep);
    }

    pub(super) fn set_place(&mut self, place: Place) {
        if self.out.place.as_ref().is_some_and(|p| *p != Place::Here && *p != place) {
            self.out.leftover.push("a second namespace".into());
        }
        self.out.place = Some(place);
    }

    /// `to`: how many, which image or revision, which value, or the way to an object.
    pub(super) fn to(&mut self) {
        let at = self.past_small(self.at);
        // "wait up to 60 seconds"
        if let (true, Some((length, took))) = (self.out.acts.contains(&Act::Wait), self.time(at)) {
            self.out.given.push(Given { role: "timeout", values: vec![length] });
            self.at = at + took;
            return;
        }
        if self.is_namespace(at) || self.name(at).is_some() && self.is_namespace(at + 1) {
            self.place(S::Of);
        } else if self.amount_of.is_some() && matches!(self.is(at), Some(Is::Number(_) | Is::Amount | Is::Duration)) {
            self.at = at;
        } else if self.means(at, S::Replicas) && self.tokens[self.at..at].iter().any(|t| t.said.eq_ignore_ascii_case("single")) {
            self.out.amount = Some(Amount::To(1));
            self.at = at;
            self.skip_replicas();
        } else if let Some(n) = self.number(at) {
            self.out.amount = Some(Amount::To(n));
            self.at = at + 1;
            self.skip_replicas();
        } else if self.means(at, S::Last)
            && self.tokens[at].said.eq_ignore_ascii_case("latest")
            && !matches!(self.is(at + 1), Some(Is::Sense(S::Revision)))
        {
            self.out.tag = Some("latest".into());
            self.at = at + 1;
            while matches!(self.is(self.at), Some(Is::Sense(S::Tag | S::Image))) {
                self.at += 1;
            }
        } else if let (Some(name), Some(account)) = (
            self.name(at),
            self.out.objects.iter_mut().rev().find(|o| o.names.is_empty() && o.kinds.iter().any(|k| k.is("serviceaccounts", ""))),
        ) {
            account.names.push(name);
            self.at = at + 1;
        } else if self.name(at).is_some() && self.kind(at + 1).is_none() && !self.means(at + 1, S::Container) {
            self.out.to_word = self.name(at);
            self.at = at + 1;
        } else {
            self.prep = Some(S::Of);
        }
    }
}

//! How many and how long: replicas, lines, times.

use super::{
    super::{
        lexicon::{Act, Sense as S},
        slots::{Amount, Given},
        tag::{Is, day},
    },
    Reader,
};

impl Reader<'_> {
    pub(super) fn skip_replicas(&mut self) {
        loop {
            match self.is(self.at) {
                Some(Is::Sense(S::Replicas)) => {
                    self.out.replicas = true;
                    self.out.instances |= self.tokens[self.at].said.to_lowercase().starts_with("instance");
                }
                Some(Is::Kind(kind, _)) if kind.is("pods", "") && self.name(self.at + 1).is_none() => self.out.replicas = true,
                _ => return,
            }
            self.at += 1;
        }
    }

    /// "3-12" of an autoscaler. Says whether it was one.
    pub(super) fn range(&mut self) -> bool {
        let Some((least, most)) = self.tokens[self.at].said.split_once('-') else { return false };
        if !self.out.acts.contains(&Act::Autoscale) || [least, most].iter().any(|n| n.parse::<u32>().is_err()) {
            return false;
        }
        let [least, most] = [least, most].map(String::from);
        self.between(["min", "max"], [least, most], 1);
        true
    }

    /// Two numbers for two roles, `took` tokens long. Replicas behind them were counted by them.
    fn between(&mut self, roles: [&'static str; 2], numbers: [String; 2], took: usize) {
        self.out.given.extend(roles.into_iter().zip(numbers).map(|(role, n)| Given { role, values: vec![n] }));
        self.at += took;
        if roles == ["min", "max"] {
            self.skip_replicas();
            self.out.replicas = false;
        }
    }

    /// "3 to 9 replicas" of an autoscaler, "8080 to 80" of a port. Says whether it was one.
    pub(super) fn bounds(&mut self, n: u64) -> bool {
        let scales = self.out.acts.contains(&Act::Autoscale) || self.out.speaks_of("horizontalpodautoscalers", "autoscaling");
        let forwards = self.out.acts.contains(&Act::Forward);
        let (true, Some(most)) = (self.means(self.at + 1, S::To), self.number(self.at + 2)) else { return false };
        if !(scales || forwards) {
            return false;
        }
        let roles = if scales { ["min", "max"] } else { ["port", "port"] };
        self.between(roles, [n, most].map(|n| n.to_string()), 3);
        true
    }

    pub(super) fn amount(&mut self, n: u64) {
        let next = self.at + 1;
        match self.is(next) {
            Some(Is::Sense(S::More)) => {
                self.out.amount = Some(Amount::By(n));
                if ["fewer", "less"].contains(&self.tokens[next].said.to_lowercase().as_str()) {
                    self.out.direction = -1;
                }
                self.at = next + 1;
                self.skip_replicas();
            }
            Some(Is::Sense(S::Replicas)) | Some(Is::Kind(..)) if self.counts(next) => {
                self.out.amount = Some(Amount::To(n));
                self.at = next;
                self.skip_replicas();
            }
            Some(Is::Sense(S::Lines)) => {
                self.out.tail = Some(n);
                self.at = next + 1;
            }
            Some(Is::Sense(S::Unit(_))) => {
                if let Some((since, took)) = self.time(self.at) {
                    self.out.since = Some(since);
                    self.at += took;
                    if self.means(self.at, S::Ago) {
                        self.at += 1;
                    }
                } else {
                    self.leave();
                }
            }
            _ => self.leave(),
        }
    }

    /// Whether a number before it counts replicas: `3 replicas`, `3 pods`.
    pub(super) fn counts(&self, at: usize) -> bool {
        match self.is(at) {
            Some(Is::Sense(S::Replicas)) => true,
            Some(Is::Kind(kind, _)) => kind.is("pods", ""),
            _ => false,
        }
    }

    /// `last 50 lines`, `last hour`, `latest 20`; alone it says only that the newest comes first.
    pub(super) fn last(&mut self, here: usize) {
        if let Some((since, n)) = self.time(self.at) {
            self.out.since = Some(since);
            self.at += n;
        } else if let Some(n) = self.number(self.at) {
            self.out.tail = Some(n);
            self.at += 1;
            if self.means(self.at, S::Lines) {
                self.at += 1;
            }
        } else if let Some(Is::Sense(S::Unit(unit))) = self.is(self.at) {
            self.out.since = Some(length(1, unit));
            self.at += 1;
        } else if matches!(self.is(self.at), Some(Is::Sense(S::Revision | S::Tag))) {
            // "the last revision" is not the one before: that is asked about.
            self.out.leftover.push(self.tokens[here].said.to_string());
        }
    }

    /// A length of time: `10m`, `10 minutes`.
    pub(super) fn time(&self, at: usize) -> Option<(String, usize)> {
        match (self.is(at)?, self.is(at + 1)) {
            (Is::Duration, _) => {
                let said = self.tokens[at].said.to_lowercase();
                Some((day(&said).map_or_else(|| said.to_string(), |hours| format!("{hours}h")), 1))
            }
            (Is::Number(n), Some(Is::Sense(S::Unit(unit)))) => Some((length(*n, unit), 2)),
            _ => None,
        }
    }
}

fn length(n: u64, unit: &str) -> String {
    match unit {
        "d" => format!("{}h", n.saturating_mul(24)),
        unit => format!("{n}{unit}"),
    }
}

/// `50%`: 50.
pub(super) fn share(said: &str) -> Option<u64> {
    said.strip_suffix('%')?.parse().ok()
}

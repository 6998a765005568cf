//! A taint in words: its key, its value, its effect, and whether it comes or goes.

use super::{
    super::{
        lexicon::{Act, Sense as S},
        parts::{Part, off},
        slots::Given,
        tag::{Is, Token},
    },
    Reader,
};

impl Reader<'_> {
    /// "a taint with key a, value b and effect NoSchedule", "all the taints with key a": behind a verb that adds or removes. Says whether
    /// it was one.
    pub(super) fn taint(&mut self) -> bool {
        if off(Part::Taints) {
            return false;
        }
        let removes = self.out.acts.contains(&Act::Delete);
        // "place a taint key=value on node n1"
        let noun = self.at > 0 && self.means(self.at, S::Act(Act::Taint)) && self.means(self.at - 1, S::Det);
        if !(removes || noun || self.out.alter.is_some() || self.out.acts.contains(&Act::Taint)) {
            return false;
        }
        let (mut key, mut value, mut effect) = (None, None, None);
        let mut at = self.at + usize::from(!self.means(self.at, S::Role("key")));
        let from = at;
        // "the taint dedicated", "the taint dedicated=x:NoSchedule"
        let whole = at + usize::from(self.means(at, S::Named));
        if let Some(said) = self.tokens.get(whole).filter(|t| matches!(t.is, Is::Word | Is::Quoted | Is::Pair(_) | Is::Address | Is::Image))
        {
            key = Some(said.said.to_string());
            at = whole + 1;
        }
        while let Some(token) = self.tokens.get(at) {
            let next = self.any_word(at + 1).or_else(|| self.quoted(at + 1));
            at += match &token.is {
                Is::Sense(S::Role("key")) => {
                    key = next;
                    2
                }
                Is::Sense(S::Value) => {
                    value = next;
                    2
                }
                Is::Word if token.said.eq_ignore_ascii_case("effect") => 1,
                Is::Word | Is::Quoted if an_effect(&token.said).is_some() => {
                    effect = an_effect(&token.said);
                    1
                }
                // "and no value"
                Is::Sense(S::Not) if self.means(at + 1, S::Value) => 2,
                Is::Sense(S::With | S::And | S::Det | S::Of) | Is::Comma
                    if key.is_none() || self.tokens[at + 1..].iter().take(4).any(of_a_taint) =>
                {
                    1
                }
                _ => break,
            };
        }
        let Some(key) = key.filter(|_| at > from) else { return false };
        let value = value.filter(|_| !removes).map_or_else(String::new, |value| format!("={value}"));
        let effect = effect.map_or_else(String::new, |effect| format!(":{effect}"));
        let end = if removes { "-" } else { "" };
        self.out.given.push(Given { role: "taint", values: vec![format!("{key}{value}{effect}{end}")] });
        self.out.acts.retain(|act| *act != Act::Delete);
        if !self.out.acts.contains(&Act::Taint) {
            self.out.acts.push(Act::Taint);
        }
        // "all the taints with that key"
        self.out.all = false;
        self.at = at;
        true
    }
}

impl Reader<'_> {
    /// "remove the dedicated=x:NoSchedule taint", "the maintenance NoSchedule taint": what stands before its noun. Says whether it was one.
    pub(super) fn taint_behind(&mut self) -> bool {
        if !self.out.acts.contains(&Act::Delete) {
            return false;
        }
        let effect = self.tokens.get(self.at + 1).and_then(|t| an_effect(&t.said));
        let noun = self.at + 1 + usize::from(effect.is_some());
        if !self.means(noun, S::Act(Act::Taint)) {
            return false;
        }
        let key = &self.tokens[self.at].said;
        // "the maintenance NoSchedule taint", of which the first word was taken for something else.
        if an_effect(key).is_some() {
            return false;
        }
        let effect = effect.map_or_else(String::new, |effect| format!(":{effect}"));
        self.out.given.push(Given { role: "taint", values: vec![format!("{key}{effect}-")] });
        self.out.acts.retain(|act| *act != Act::Delete);
        self.out.acts.push(Act::Taint);
        self.at = noun + 1;
        true
    }
}

/// `dedicated:NoSchedule`.
pub(super) fn ends_with_effect(said: &str) -> bool {
    said.rsplit_once(':').is_some_and(|(_, effect)| an_effect(effect).is_some())
}

/// The effect of a taint as Kubernetes writes it.
fn an_effect(said: &str) -> Option<&'static str> {
    ["NoSchedule", "PreferNoSchedule", "NoExecute"].into_iter().find(|effect| effect.eq_ignore_ascii_case(said))
}

fn of_a_taint(token: &Token) -> bool {
    matches!(token.is, Is::Sense(S::Role("key") | S::Value | S::Not))
        || token.said.eq_ignore_ascii_case("effect")
        || an_effect(&token.said).is_some()
}

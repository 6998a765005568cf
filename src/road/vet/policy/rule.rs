//! One rule, as it stands in `policy.toml`: what it speaks of, what it needs, and lines it must and must not match.

use super::{
    Circumstances, Deed,
    hours::Window,
    image::{Image, Power},
    pattern::{Glob, Patterns, VerbPattern},
    subject::{About, Subject},
};
use crate::{
    ops::{Impact, Op},
    road::{plan::Source, vet::Verdict},
};
use serde::Deserialize;

/// A rule. Everything it gives as a condition has to hold; of a list, one.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub struct Rule {
    pub(super) id: String,
    pub(super) why: String,
    pub(super) need: Need,
    pub(super) matches: Vec<String>,
    pub(super) spares: Vec<String>,
    verbs: Patterns<VerbPattern>,
    about: About,
    contexts: Patterns<Glob>,
    impact: Impact,
    by: Vec<By>,
    impersonating: Option<bool>,
    objects: Option<Bounds>,
    replicas: Option<Bounds>,
    images: Patterns<Glob>,
    gives: Vec<Power>,
    when: Vec<Window>,
}

/// The same as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    id: String,
    why: String,
    need: Need,
    #[serde(default)]
    verbs: Patterns<VerbPattern>,
    #[serde(default)]
    kinds: Patterns<super::pattern::KindPattern>,
    #[serde(default)]
    namespaces: Patterns<Glob>,
    #[serde(default)]
    names: Patterns<Glob>,
    #[serde(default)]
    contexts: Patterns<Glob>,
    #[serde(default)]
    impact: Depth,
    #[serde(default)]
    by: Vec<By>,
    #[serde(default)]
    impersonating: Option<bool>,
    #[serde(default)]
    objects: Option<Bounds>,
    #[serde(default)]
    replicas: Option<Bounds>,
    #[serde(default)]
    images: Patterns<Glob>,
    #[serde(default)]
    gives: Vec<Power>,
    #[serde(default)]
    when: Vec<Window>,
    #[serde(default)]
    matches: Vec<String>,
    #[serde(default)]
    spares: Vec<String>,
}

/// What has to happen first.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Need {
    /// Nothing.
    Allow,
    /// A yes.
    Confirm,
    /// The name, typed.
    ConfirmTyped,
    /// It is not done.
    Forbid,
    /// `--reason TEXT`, and a yes.
    Reason,
    /// A reason in which this pattern is found, and a yes.
    Ticket(Ticket),
}

/// What a ticket looks like.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Ticket(regex::Regex);

impl TryFrom<String> for Ticket {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if text.is_empty() {
            return Err("an empty pattern is in every reason".into());
        }
        regex::Regex::new(&text).map(Ticket).map_err(|e| format!("{text:?} is no pattern: {e}"))
    }
}

/// How deep an operation has to cut at least.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Depth {
    Reads,
    #[default]
    Changes,
    Disrupts,
    Destroys,
}

/// Who proposed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum By {
    /// Words, a kubectl line, the way back from a run.
    Person,
    Model,
    Playbook,
    /// A rule that found what is wrong.
    Diagnosis,
}

/// Fewer than, or more than.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "WrittenBounds")]
struct Bounds {
    below: u64,
    above: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenBounds {
    below: Option<u64>,
    above: Option<u64>,
}

impl TryFrom<WrittenBounds> for Bounds {
    type Error = &'static str;
    fn try_from(written: WrittenBounds) -> Result<Self, &'static str> {
        match (written.below, written.above) {
            (None, None) => Err("below = N, above = N, or both"),
            (below, above) => Ok(Bounds { below: below.unwrap_or(0), above: above.unwrap_or(u64::MAX) }),
        }
    }
}

impl Bounds {
    fn broken_by(self, n: u64) -> bool {
        n < self.below || n > self.above
    }
}

impl TryFrom<Written> for Rule {
    type Error = String;
    fn try_from(w: Written) -> Result<Self, String> {
        if w.id.is_empty() || !w.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-') {
            return Err(format!("{:?} is no id: lower-case letters, digits and '-'", w.id));
        }
        if w.why.trim().is_empty() {
            return Err(format!("rule {} says no `why`, and a person will be asked because of it", w.id));
        }
        let impact = match w.impact {
            Depth::Reads => Impact::Reads,
            Depth::Changes => Impact::Changes,
            Depth::Disrupts => Impact::Disrupts,
            Depth::Destroys => Impact::Destroys,
        };
        if impact == Impact::Reads && !matches!(w.need, Need::Forbid) {
            return Err(format!("rule {} speaks of reads: nobody is asked about those, they can only be forbidden", w.id));
        }
        Ok(Rule {
            id: w.id,
            why: w.why,
            need: w.need,
            matches: w.matches,
            spares: w.spares,
            verbs: w.verbs,
            about: About { kinds: w.kinds, namespaces: w.namespaces, names: w.names },
            contexts: w.contexts,
            impact,
            by: w.by,
            impersonating: w.impersonating,
            objects: w.objects,
            replicas: w.replicas,
            images: w.images,
            gives: w.gives,
            when: w.when,
        })
    }
}

impl Rule {
    /// What it asks for under these circumstances, and what is missing, if it is a reason.
    pub(super) fn verdict(&self, circumstances: &Circumstances) -> (Verdict, Option<String>) {
        let reason = circumstances.reason.as_deref().filter(|reason| !reason.trim().is_empty());
        match &self.need {
            Need::Allow => (Verdict::Allow, None),
            Need::Confirm => (Verdict::Confirm, None),
            Need::ConfirmTyped => (Verdict::ConfirmTyped, None),
            Need::Forbid => (Verdict::Forbid, None),
            Need::Reason if reason.is_some() => (Verdict::Confirm, None),
            Need::Ticket(Ticket(pattern)) if reason.is_some_and(|reason| pattern.is_match(reason)) => (Verdict::Confirm, None),
            Need::Reason => (Verdict::Forbid, Some("it needs a reason: --reason TEXT".into())),
            Need::Ticket(Ticket(pattern)) => {
                (Verdict::Forbid, Some(format!("it needs a reason with a ticket like {pattern}: --reason TEXT")))
            }
        }
    }

    /// Whether it looks into objects, so that only the dry run has the last word.
    pub(super) fn looks_inside(&self) -> bool {
        self.replicas.is_some() || !self.images.is_empty() || !self.gives.is_empty()
    }

    /// Whether it speaks of that operation, as far as what is inside its objects does not matter.
    pub(super) fn fits(&self, deed: &Deed<'_>, subjects: &[Subject], circumstances: Option<&Circumstances>) -> bool {
        let what = match deed.op {
            Op::Each(each) => each.what(),
            other => other,
        };
        what.verb().impact() >= self.impact
            && (self.verbs.is_empty() || self.verbs.means(|pattern| pattern.fits(what.entry())))
            && (self.about.is_empty() || subjects.iter().any(|subject| self.about.means(subject)))
            && self.objects.is_none_or(|bounds| deed.objects.is_some_and(|n| bounds.broken_by(n as u64)))
            && circumstances.is_none_or(|circumstances| self.fits_now(deed, circumstances))
    }

    fn fits_now(&self, deed: &Deed<'_>, circumstances: &Circumstances) -> bool {
        let by = match deed.source {
            Source::Words | Source::Line | Source::Undo { .. } => By::Person,
            Source::Model { .. } => By::Model,
            Source::Playbook { .. } => By::Playbook,
            Source::Diagnosis { .. } => By::Diagnosis,
        };
        let there = self.contexts.is_empty()
            || circumstances.context.as_ref().is_some_and(|context| self.contexts.means(|glob| glob.fits(context)));
        there
            && (self.by.is_empty() || self.by.contains(&by))
            && self.impersonating.is_none_or(|wanted| wanted == circumstances.acting_as.is_some())
            && (self.when.is_empty() || self.when.iter().any(|window| window.holds(deed.now)))
    }

    /// What it says of an object, where it looks into objects; `None` where it does not speak of it.
    pub(super) fn seen_in(&self, image: &Image<'_>) -> Option<String> {
        let mut said = Vec::new();
        if let Some(bounds) = self.replicas {
            said.push(format!("{} replicas", image.replicas().filter(|n| bounds.broken_by(*n))?));
        }
        if !self.images.is_empty() {
            said.push(image.images().into_iter().find(|name| self.images.means(|glob| glob.fits(name)))?);
        }
        let gained: Vec<_> = image.gives().into_iter().filter(|(power, _)| self.gives.contains(power)).map(|(_, words)| words).collect();
        if !self.gives.is_empty() {
            if gained.is_empty() {
                return None;
            }
            // The power itself says more than the rule can.
            return Some(gained.join("; "));
        }
        Some(format!("{} ({})", self.why, said.join(", ")))
    }
}

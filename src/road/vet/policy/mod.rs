//! Which operations need how much caution: rules as data, in layers, each with lines it must and must not match.
//!
//! Owns: the language of `policy.toml`, the built-in rules (`../policy.toml`, in the same language), how layers are joined, and the
//! judgement of an operation and of the dry run's answer. Does not own: where files are looked for (config), the checks.
//! Invariants: the strictest matching rule wins; rules speak of operations and objects, never of text; a change is asked about
//! whatever the files say; only the person's own file can replace a built-in rule; a policy that cannot be read forbids changes.

mod examples;
mod explain;
mod hours;
mod image;
mod layers;
mod pattern;
mod rule;
mod subject;

pub use examples::{Checked, check};
pub use explain::{Explained, explain};
pub(super) use image::whole as whole_image;
pub use layers::{Layer, Whose, object_rules};
pub use rule::Rule;

use super::{Reason, Verdict};
use crate::{
    ops::{Action, Call, Impact, ObjectRule, Op, PatchKind, Target},
    road::plan::Source,
};
use image::Image;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;
use subject::Subject;

/// The rule that no file can take away: a change asks at least for a yes.
pub const EVERY_CHANGE: &str = "change";

/// The rules in force, and the circumstances they are asked in. Values of this type exist only where they could be read; see
/// [`Policy::closed`] for when they could not.
#[derive(Debug, Clone)]
pub struct Policy {
    rules: Arc<Vec<Held>>,
    object_rules: Arc<Vec<ObjectRule>>,
    circumstances: Circumstances,
    read_only: bool,
    unreadable: Option<String>,
}

/// A rule, and the file it stands in.
#[derive(Debug, Clone)]
struct Held {
    rule: Rule,
    /// `None`: built in.
    file: Option<String>,
}

/// What is the same for everything that is done in one life of the program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// kubeconfig context, where there is one.
    pub context: Option<String>,
    /// The user acted as (`--as`), if it is another.
    pub acting_as: Option<String>,
    /// `--reason TEXT`.
    pub reason: Option<String>,
}

/// An operation that is to be judged, with all that is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Deed<'a> {
    /// The operation.
    pub op: &'a Op,
    /// Who proposed it.
    pub source: &'a Source,
    /// What it lowers to, as far as that is known yet.
    pub calls: &'a [Call],
    /// How many objects the whole run changes, where that is known.
    pub objects: Option<usize>,
    /// When.
    pub now: Timestamp,
}

/// What an operation lowers to where nothing has to be known of the cluster for it; else nothing.
fn calls_unseen(op: &Op, now: Timestamp) -> Vec<Call> {
    let verb = op.verb();
    let blind = verb.files().is_empty() && verb.looks(&[]).is_empty();
    if blind { verb.calls(&[], now).unwrap_or_default() } else { Vec::new() }
}

impl Policy {
    /// The built-in rules; with `read_only`, every change is forbidden.
    pub fn built_in(read_only: bool) -> Policy {
        match layers::joined(&[]) {
            Ok(rules) => Policy {
                rules: Arc::new(rules),
                object_rules: Arc::default(),
                circumstances: Circumstances::default(),
                read_only,
                unreadable: None,
            },
            Err(why) => Policy::closed(why),
        }
    }

    /// The built-in rules with the files' laid over them.
    ///
    /// # Errors
    /// A sentence with the file and the line, where one cannot be read: take [`Policy::closed`] then.
    pub fn of_layers(files: &[Layer], read_only: bool) -> Result<Policy, String> {
        let rules = Arc::new(layers::joined(files)?);
        let object_rules = Arc::new(object_rules(files)?);
        Ok(Policy { rules, object_rules, circumstances: Circumstances::default(), read_only, unreadable: None })
    }

    /// What is in force when a policy could not be read: reads go on, changes are forbidden.
    pub fn closed(why: impl Into<String>) -> Policy {
        Policy {
            rules: Arc::default(),
            object_rules: Arc::default(),
            circumstances: Circumstances::default(),
            read_only: true,
            unreadable: Some(why.into()),
        }
    }

    /// The same policy in these circumstances.
    #[must_use]
    pub fn under(mut self, circumstances: Circumstances) -> Policy {
        self.circumstances = circumstances;
        self
    }

    /// What an audit asks beside its own checks.
    pub fn object_rules(&self) -> &[ObjectRule] {
        &self.object_rules
    }

    /// Whether changes are forbidden altogether.
    pub fn read_only(&self) -> bool {
        self.read_only
    }

    /// Why changes are wanted, in the person's own words (`--reason`).
    pub fn reason(&self) -> Option<&str> {
        self.circumstances.reason.as_deref()
    }

    /// What one operation needs before anything of the cluster is known.
    pub fn judge_unseen(&self, op: &Op, source: &Source, now: Timestamp) -> (Verdict, Vec<Reason>) {
        self.judge(&Deed { op, source, calls: &calls_unseen(op, now), objects: None, now })
    }

    /// What one operation needs, and why; the strictest rule first.
    pub fn judge(&self, deed: &Deed<'_>) -> (Verdict, Vec<Reason>) {
        let mut reasons = self.judge_about(deed, &Subject::all(deed.op, deed.calls));
        // A patch says what it sets. What an apply comes to is for the dry run to say: it names much that stays as it is.
        for call in deed.calls {
            if let Action::Create(body) | Action::Patch(PatchKind::Merge | PatchKind::Strategic, body) = &call.action {
                reasons.extend(self.judge_image(deed, call, None, body));
            }
        }
        sorted(reasons)
    }

    fn judge_about(&self, deed: &Deed<'_>, subjects: &[Subject]) -> Vec<Reason> {
        let changes = deed.op.verb().impact() > Impact::Reads;
        let speaks = |held: &&Held| !held.rule.looks_inside() && held.rule.fits(deed, subjects, Some(&self.circumstances));
        let mut reasons: Vec<Reason> = self.rules.iter().filter(speaks).map(|held| self.said(held, held.rule.why.clone())).collect();
        if changes && !reasons.iter().any(|r| r.verdict >= Verdict::Confirm) {
            reasons.push(Reason::own(EVERY_CHANGE, Verdict::Confirm, "it changes the cluster"));
        }
        if self.read_only && changes {
            let sentence = match &self.unreadable {
                Some(why) => format!("the policy could not be read ({why}), so nothing may be changed"),
                None => "aiops was started read-only".into(),
            };
            reasons.push(Reason::own("read-only", Verdict::Forbid, sentence));
        }
        reasons
    }

    fn said(&self, held: &Held, why: String) -> Reason {
        let (verdict, lacking) = held.rule.verdict(&self.circumstances);
        let sentence = lacking.map_or_else(|| why.clone(), |lacking| format!("{why}; {lacking}"));
        Reason { id: held.rule.id.clone(), verdict, sentence, rule_of: Some(held.file.clone().unwrap_or_default()) }
    }

    /// The object whose name has to be typed for an operation that needs one: of several, the first that needs it by itself.
    pub fn named(&self, deed: &Deed<'_>) -> Option<Target> {
        let targets = deed.op.verb().targets();
        let alone = |target: &&Target| {
            let subject = [Subject::of_target(target)];
            self.judge_about(deed, &subject).iter().any(|r| r.verdict >= Verdict::ConfirmTyped)
        };
        targets.iter().find(alone).or(targets.first()).cloned()
    }

    /// What the dry run's answer to one call needs beyond the verb: what an object has afterwards is seen here whichever verb
    /// sets it.
    pub fn judge_image(&self, deed: &Deed<'_>, call: &Call, before: Option<&Value>, after: &Value) -> Vec<Reason> {
        let (image, subjects) = (Image { before, after }, Vec::from_iter(Subject::of_call(call)));
        let speaking = self.rules.iter().filter(|held| held.rule.looks_inside());
        let speaking = speaking.filter(|held| held.rule.fits(deed, &subjects, Some(&self.circumstances)));
        speaking.filter_map(|held| Some(self.said(held, held.rule.seen_in(&image)?))).collect()
    }
}

/// Each rule once, the strictest first.
fn sorted(mut reasons: Vec<Reason>) -> (Verdict, Vec<Reason>) {
    let mut known = std::collections::HashSet::new();
    reasons.retain(|reason| known.insert((reason.id.clone(), reason.sentence.clone())));
    reasons.sort_by_key(|r| std::cmp::Reverse(r.verdict));
    (reasons.first().map_or(Verdict::Allow, |r| r.verdict), reasons)
}

#[cfg(test)]
mod tests;

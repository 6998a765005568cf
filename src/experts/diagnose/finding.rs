//! What a rule is, and what it finds.

pub use crate::terms::severity::Severity;
use crate::{experts::timeline::Moment, facts::snapshot::Ref, ops::Op};
use jiff::Timestamp;

/// How near to the root of things a rule looks: of two findings as bad as each other the nearer one comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// What the whole cluster hangs on.
    ControlPlane,
    /// Nodes and what runs on each of them.
    Node,
    /// What pods refer to: volumes, Secrets, images, quotas.
    Supply,
    /// Pods and containers themselves.
    Pod,
    /// What makes pods.
    Workload,
    /// What leads to pods.
    Network,
    /// What somebody else's controller says of its own objects.
    Custom,
    /// What is only seen, not understood.
    Symptom,
}

/// One rule, as data: its entry in the table.
#[derive(Debug)]
pub struct Rule {
    /// Stable.
    pub id: &'static str,
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// How bad it is unless said otherwise.
    pub severity: Severity,
    /// Of a hundred such findings so many are right.
    pub confidence: u8,
    /// Where it stands.
    pub layer: Layer,
    /// The fields and events that it reads.
    pub reads: &'static [&'static str],
    /// A title of it.
    pub example: &'static str,
    /// What others call the check.
    pub same_as: &'static [&'static str],
}

/// One table of rules: `NAME = "id" Severity confidence Layer "meaning" reads [..] like "example" same_as [..];`.
macro_rules! rules {
    ($($Name:ident = $id:literal $severity:ident $confidence:literal $layer:ident $meaning:literal reads [$($reads:literal),*] like $example:literal $(same_as [$($same:literal),*])?;)*) => {
        $(pub(in crate::experts::diagnose) static $Name: $crate::experts::diagnose::finding::Rule = $crate::experts::diagnose::finding::Rule {
            id: $id,
            meaning: $meaning,
            severity: $crate::experts::diagnose::finding::Severity::$severity,
            confidence: $confidence,
            layer: $crate::experts::diagnose::finding::Layer::$layer,
            reads: &[$($reads),*],
            example: $example,
            same_as: &[$($($same),*)?],
        };)*
        /// Every rule of this family.
        pub(in crate::experts::diagnose) static RULES: &[&$crate::experts::diagnose::finding::Rule] = &[$(&$Name),*];
    };
}
pub(super) use rules;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Which rule found it.
    pub rule: &'static Rule,
    /// How bad.
    pub severity: Severity,
    /// Of a hundred such findings so many are right.
    pub confidence: u8,
    /// The object that it is about.
    pub subject: Ref,
    /// The cause in one sentence.
    pub title: String,
    /// What it was seen by: fields, events, log lines.
    pub evidence: Vec<String>,
    /// Other objects that suffer from it.
    pub explains: Vec<Ref>,
    /// kubectl lines to look for oneself.
    pub by_hand: Vec<String>,
    /// Operations that would mend it.
    pub fix: Vec<Op>,
    /// Since when, as far as is known.
    pub since: Option<Timestamp>,
    /// What changed in it or around it shortly before, the nearest first: facts, no claim that they are the cause.
    pub changed: Vec<Moment>,
    /// What stands in front of the sentence where it is about several: `{who} cannot start: …`.
    pub(super) what: String,
    /// Two findings of a rule with the same key are one.
    pub(super) key: String,
    /// The objects of which a finding, if there is one, explains this one.
    pub(super) after: Vec<Ref>,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Rule) -> bool {
        self.id == other.id
    }
}

/// Lines longer than this are cut.
const LONGEST: usize = 400;

impl Finding {
    /// Whether it is more than worth knowing, and names what would mend it.
    pub fn proposes(&self) -> bool {
        !self.fix.is_empty() && self.severity > Severity::Info
    }
    /// A finding of a rule about an object; `what` goes on where the object's name ended: `cannot start: …`. An `(s)` in it is kept for one object and
    /// left out for several (`keep(s) crashing`).
    pub(in crate::experts) fn new(rule: &'static Rule, subject: Ref, what: impl Into<String>) -> Finding {
        let what = super::super::signals::words::cut(&what.into().replace(['\n', '\r'], " "), LONGEST);
        Finding {
            rule,
            severity: rule.severity,
            confidence: rule.confidence,
            title: title(&subject.told(), &what, true),
            key: format!("{subject:?}"),
            subject,
            evidence: Vec::new(),
            explains: Vec::new(),
            by_hand: Vec::new(),
            fix: Vec::new(),
            since: None,
            changed: Vec::new(),
            what,
            after: Vec::new(),
        }
    }
    /// With one more thing that it was seen by; empty ones and repetitions are left out.
    #[must_use]
    pub(in crate::experts) fn saw(mut self, line: impl Into<String>) -> Finding {
        let line = super::super::signals::words::cut(&line.into().replace(['\n', '\r'], " "), LONGEST);
        if !line.trim().is_empty() && !self.evidence.contains(&line) {
            self.evidence.push(line);
        }
        self
    }
    /// The same with several.
    #[must_use]
    pub(in crate::experts) fn saw_all(self, lines: impl IntoIterator<Item = String>) -> Finding {
        lines.into_iter().fold(self, Finding::saw)
    }
    /// With a kubectl line.
    #[must_use]
    pub(in crate::experts) fn by_hand(mut self, line: impl Into<String>) -> Finding {
        self.by_hand.push(line.into());
        self
    }
    /// One with all others of this rule that have the same key.
    #[must_use]
    pub(in crate::experts) fn one_for(mut self, key: impl Into<String>) -> Finding {
        self.key = key.into();
        self
    }
    /// Explained by a finding about one of these, if there is one.
    #[must_use]
    pub(super) fn after(mut self, objects: impl IntoIterator<Item = Ref>) -> Finding {
        self.after.extend(objects);
        self
    }
    /// Explains these.
    #[must_use]
    pub(super) fn explains(mut self, objects: impl IntoIterator<Item = Ref>) -> Finding {
        self.explains.extend(objects);
        self
    }
    /// With what would mend it; none where it could not be made.
    #[must_use]
    pub(in crate::experts) fn fix(mut self, op: Option<Op>) -> Finding {
        self.fix.extend(op);
        self
    }
    /// As bad as that.
    #[must_use]
    pub(in crate::experts) fn severity(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }
    /// As sure as that.
    #[must_use]
    pub(in crate::experts) fn confidence(mut self, confidence: u8) -> Finding {
        self.confidence = confidence;
        self
    }
    /// Since then.
    #[must_use]
    pub(super) fn since(mut self, since: Option<Timestamp>) -> Finding {
        self.since = since;
        self
    }
}

/// `pod web-1 keeps crashing: …`, `3 pods keep crashing: …`.
pub(super) fn title(who: &str, what: &str, one: bool) -> String {
    let what = what.replace("(s)", if one { "s" } else { "" });
    let many = [("is ", "are "), ("has ", "have "), ("was ", "were ")];
    let what = many
        .iter()
        .find_map(|(one_word, word)| what.strip_prefix(one_word).filter(|_| !one).map(|rest| format!("{word}{rest}")))
        .unwrap_or(what);
    if what.starts_with(':') { format!("{who}{what}") } else { format!("{who} {what}") }
}

//! The words of the trade and the small words of English that matter to it, in one table: what a phrase may mean.
//!
//! The data is `rows.rs`. A phrase is written as its words in lower case; the longest that fits is taken.
//! Kinds of objects are not here: [`crate::ops::Kind::find`] knows them.

mod rows;

use foldhash::fast::RandomState;
pub use rows::ROWS;
use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

/// What a person wants done. Each has one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Act {
    Get,
    Describe,
    Logs,
    Events,
    Status,
    History,
    Usage,
    Scale,
    SetImage,
    Restart,
    RollBack,
    Delete,
    Label,
    Unlabel,
    Cordon,
    Uncordon,
    Create,
    /// A Deployment, or a release where a chart is spoken of.
    Deploy,
    Apply,
    /// What the noun by itself says: these words of kubectl's ([`super::lines`]).
    Line(&'static str),
    /// A weak verb: what is set says which operation it is.
    Set,
    CanI,
    Expose,
    Run,
    /// A job of a cron job's, now.
    Trigger,
    Annotate,
    Taint,
    Drain,
    Pause,
    Resume,
    Autoscale,
    Exec,
    /// A command line inside of a container.
    Shell,
    Attach,
    /// Files into a container or out of it.
    Copy,
    /// A container beside those of a pod, to look around.
    Debug,
    Forward,
    Wait,
    Approve,
    Deny,
    Replace,
    Edit,
    Diff,
    Explain,
    Investigate,
    /// Objects that meet conditions, parts of objects ([`super::seek`]).
    Find,
    Undo,
    Help,
}

impl Act {
    /// Whether many objects are one operation, as in kubectl's line: nothing has to be waited for between them, and nothing on it is secret.
    pub fn names_many(self) -> bool {
        matches!(self, Act::Label | Act::Unlabel | Act::Annotate | Act::SetImage | Act::Pause | Act::Resume | Act::Taint)
    }
    /// Whether it changes anything.
    pub fn changes(self) -> bool {
        matches!(
            self,
            Act::Scale
                | Act::SetImage
                | Act::Restart
                | Act::RollBack
                | Act::Delete
                | Act::Label
                | Act::Unlabel
                | Act::Cordon
                | Act::Uncordon
                | Act::Create
                | Act::Deploy
                | Act::Apply
                | Act::Set
                | Act::Expose
                | Act::Run
                | Act::Trigger
                | Act::Annotate
                | Act::Taint
                | Act::Drain
                | Act::Pause
                | Act::Resume
                | Act::Autoscale
                | Act::Exec
                | Act::Shell
                | Act::Attach
                | Act::Copy
                | Act::Debug
                | Act::Approve
                | Act::Deny
                | Act::Replace
                | Act::Edit
                | Act::Undo
        )
    }
}

/// A condition objects are in, as a field selector can ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Running,
    Pending,
    Failed,
    Succeeded,
    Unschedulable,
    Schedulable,
}

/// What somebody wants of a cluster without saying by which operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Goal {
    /// More load is to be borne.
    Load,
    /// CPU and memory are to fit what is used.
    Resources,
    /// It shall cost less.
    Cost,
    /// It is slow, or might be.
    Performance,
    /// What room is left.
    Capacity,
    /// It shall be hard to break into.
    Security,
    /// It shall survive the loss of a pod or a node.
    Reliability,
    /// What reaches what.
    Network,
    /// What runs where.
    Placement,
    /// It shall be set up as it should be.
    Configuration,
    /// What is likely to go wrong.
    Risk,
}

/// What a word or phrase means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sense {
    /// A verb that says by itself what is wanted.
    Act(Act),
    /// A noun that says what a weak verb is about: logs, events, usage.
    Topic(Act),
    /// Show, get, list: to look, at what the topic says.
    Show,
    /// Set, update, increase: to change what the topic says; the sign is the direction.
    Alter(i8),
    /// Give me, I want: to look or to change, as the rest says.
    Want,
    /// `label`: a verb at the start of a step, else a noun.
    Label,
    HowMany,
    Which,
    /// Is, are, does: a question when it stands first.
    Be,
    Why,
    /// How do I, what is a: about the world, not about this cluster.
    Lesson,
    /// Healthy, ready, fine.
    Health,
    /// Failing, broken, wrong.
    Trouble,
    /// Analyze, diagnose, debug.
    Probe,
    State(State),
    In,
    On,
    Of,
    To,
    By,
    With,
    As,
    Named,
    Det,
    New,
    This,
    It,
    All,
    Everything,
    EveryNamespace,
    HereNamespace,
    WholeCluster,
    Cluster,
    And,
    Or,
    Then,
    Not,
    Condition,
    Because,
    Up,
    Down,
    More,
    Most,
    Times(u8),
    Replicas,
    Lines,
    Container,
    AllContainers,
    Value,
    Last,
    Previous,
    First,
    Since,
    Ago,
    /// A unit of time, in its short form.
    Unit(&'static str),
    Cpu,
    Memory,
    Resource,
    Image,
    Tag,
    Revision,
    Output(&'static str),
    /// `format`, `output`: the word before or behind it says which.
    Format,
    Labels,
    Timestamps,
    Overwrite,
    SortedByName,
    SortedByTime,
    Warning,
    Normal,
    Type,
    Mark,
    /// A noun that says what a value is: `port`, `schedule`, `user`. The word is kubectl's flag for it, where it has one.
    Role(&'static str),
    /// A word that says a role and its value at once: `NodePort`.
    Given(&'static str, &'static str),
    /// "that runs", "based on": what follows is an image, or says so itself.
    Runs,
    /// What is wanted, without an operation: "security", "more load".
    Goal(Goal),
    /// Optimise, improve, secure: to change, by an operation that is not said.
    Wish,
    /// Suggest, review, audit: to look, and to hear what could be better.
    Advise,
    /// "is connected to": what follows is the other side of what is spoken of.
    Reach,
    /// Stop: Kubernetes has no such thing, and scaling to none is near.
    Halt,
    /// Start, as the way back from that.
    Start,
    /// Goods of the trade that no operation here deals in.
    Foreign,
    /// Images, their building, and containers outside of a cluster.
    Docker,
    /// Says nothing that changes the request.
    Filler,
}

use Sense as S;

/// Phrases by their first word; longer ones first.
type Phrases = HashMap<&'static str, Vec<(Vec<&'static str>, Sense)>, RandomState>;

static TABLE: LazyLock<Phrases> = LazyLock::new(|| {
    let mut table = Phrases::default();
    for (sense, phrases) in ROWS {
        for phrase in phrases.split('|') {
            let mut words = phrase.split(' ');
            let first = words.next().unwrap_or_default();
            table.entry(first).or_default().push((words.collect(), *sense));
        }
    }
    for phrases in table.values_mut() {
        phrases.sort_by_key(|(rest, _)| std::cmp::Reverse(rest.len()));
    }
    table
});

/// The longest phrase that stands at the beginning of `words`: how many words it takes, and what it means.
pub fn phrase<'a>(mut word: impl FnMut(usize) -> Option<&'a str>) -> Option<(usize, Sense)> {
    let first = word(0)?;
    TABLE
        .get(first)?
        .iter()
        .find(|(rest, _)| rest.iter().enumerate().all(|(i, w)| word(i + 1) == Some(w)))
        .map(|(rest, s)| (rest.len() + 1, *s))
}

/// Every word of every phrase.
static WORDS: LazyLock<HashSet<&'static str, RandomState>> =
    LazyLock::new(|| ROWS.iter().flat_map(|(_, phrases)| phrases.split(['|', ' '])).collect());

/// Whether a word is a part of any phrase.
pub fn has(word: &str) -> bool {
    WORDS.contains(word)
}

/// Single words of five letters and more that are worth mending when misspelt: they carry meaning, they are no small talk.
pub fn mendable() -> impl Iterator<Item = (&'static str, Sense)> {
    let carries = |s: &Sense| {
        matches!(
            s,
            S::Act(_)
                | S::Topic(_)
                | S::Show
                | S::Alter(_)
                | S::Label
                | S::Labels
                | S::Replicas
                | S::Container
                | S::AllContainers
                | S::Image
                | S::Revision
                | S::Previous
                | S::Resource
                | S::Cluster
                | S::Foreign
                | S::Probe
                | S::Goal(_)
                | S::Wish
                | S::Advise
                | S::Trouble
                | S::State(_)
                | S::Memory
        )
    };
    ROWS.iter().filter(move |(s, _)| carries(s)).flat_map(|(s, words)| {
        // What is wanted is said in everyday words, and short ones are too near to names: "store" is no "score".
        let least = if matches!(s, S::Goal(_) | S::Wish | S::Advise) { 8 } else { 5 };
        words.split('|').filter(move |w| w.len() >= least && !w.contains(' ')).map(|w| (w, *s))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn no_phrase_means_two_things() {
        let mut seen: BTreeMap<&str, Sense> = BTreeMap::new();
        let mut twice = Vec::new();
        for (sense, phrases) in ROWS {
            for phrase in phrases.split('|') {
                assert_eq!(phrase.to_lowercase(), phrase);
                assert!(!phrase.contains("  ") && phrase.trim() == phrase, "{phrase:?}");
                if seen.insert(phrase, *sense).is_some() {
                    twice.push(phrase);
                }
            }
        }
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn no_phrase_hides_a_kind() {
        for (sense, phrases) in ROWS {
            for phrase in phrases.split('|').filter(|p| crate::ops::Kind::find(p).is_some()) {
                let known = matches!(
                    sense,
                    Sense::Topic(Act::Events) | Sense::Act(Act::Deploy) | Sense::Foreign | Sense::Not | Sense::Role("limits" | "class")
                );
                assert!(known, "{phrase} is a kind, and {sense:?} hides it");
            }
        }
    }

    #[test]
    fn the_longest_phrase_is_taken() {
        let words = ["rollout", "history", "of"];
        assert_eq!(phrase(|i| words.get(i).copied()), Some((2, Sense::Topic(Act::History))));
        let words = ["rollout"];
        assert_eq!(phrase(|i| words.get(i).copied()), Some((1, Sense::Topic(Act::Status))));
    }
}

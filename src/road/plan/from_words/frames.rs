//! What each intent is called, and what can be said with it. Data: a frame takes what its operation has a place for.

use super::{lexicon::Act, lines::LINES};

/// What a step may say beside its verb and its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    Place,
    EveryNamespace,
    Amount,
    Pairs,
    Minus,
    LabelWord,
    Labels,
    Overwrite,
    Container,
    AllContainers,
    Tail,
    Since,
    Previous,
    Timestamps,
    Output,
    Image,
    Revision,
    Files,
    States,
    Types,
    Trouble,
    Usage,
    Node,
    SortedByName,
    SortedByTime,
    ToWord,
    All,
    Cluster,
    Direction,
    It,
    New,
    Goal,
    Reach,
    Advise,
    Docker,
    Role(&'static str),
}

use Slot as T;

/// One intent: what it takes, and the words for it.
pub struct Frame {
    /// Which.
    pub act: Act,
    /// The verb as a question says it: `restart`.
    pub verb: &'static str,
    /// What may be said with it.
    pub takes: &'static [Slot],
}

/// Every frame, one an act.
pub const FRAMES: &[Frame] = &[
    Frame {
        act: Act::Get,
        verb: "show",
        takes: &[
            T::Place,
            T::EveryNamespace,
            T::Pairs,
            T::LabelWord,
            T::Labels,
            T::Output,
            T::States,
            T::Node,
            T::SortedByName,
            T::All,
            T::Cluster,
            T::Trouble,
            T::Role("sort-by"),
            T::Role("show-labels"),
            T::Role("key"),
        ],
    },
    Frame { act: Act::Describe, verb: "describe", takes: &[T::Place, T::EveryNamespace, T::Output] },
    Frame {
        act: Act::Logs,
        verb: "show the logs of",
        takes: &[
            T::Place,
            T::EveryNamespace,
            T::Container,
            T::AllContainers,
            T::Tail,
            T::Since,
            T::Previous,
            T::Timestamps,
            T::Trouble,
            T::All,
            T::Output,
            T::Pairs,
            T::Labels,
            T::Role("follow"),
            T::Role("prefix"),
            T::Role("all-pods"),
            T::Role("limit-bytes"),
            T::Role("ignore-errors"),
            T::Role("max-log-requests"),
            T::Role("pod-running-timeout"),
        ],
    },
    Frame {
        act: Act::Events,
        verb: "show the events of",
        takes: &[T::Place, T::EveryNamespace, T::Types, T::SortedByTime, T::Output, T::All, T::Cluster],
    },
    Frame { act: Act::Status, verb: "show the rollout of", takes: &[T::Place] },
    Frame { act: Act::History, verb: "show the rollout history of", takes: &[T::Place, T::Revision] },
    Frame {
        act: Act::Usage,
        verb: "show the resource usage of",
        takes: &[T::Place, T::EveryNamespace, T::Pairs, T::Usage, T::AllContainers, T::All, T::Cluster, T::Labels, T::Role("sort-by")],
    },
    Frame { act: Act::Scale, verb: "scale", takes: &[T::Place, T::Amount, T::Direction] },
    Frame {
        act: Act::SetImage,
        verb: "set the image of",
        takes: &[T::New, T::Place, T::Image, T::Container, T::AllContainers, T::ToWord, T::Pairs],
    },
    Frame { act: Act::Restart, verb: "restart", takes: &[T::Place] },
    Frame { act: Act::RollBack, verb: "roll back", takes: &[T::Place, T::Revision, T::Previous, T::Amount] },
    Frame {
        act: Act::Delete,
        verb: "delete",
        takes: &[
            T::Role("grace-period"),
            T::Role("force"),
            T::Role("ignore-not-found"),
            T::Role("now"),
            T::Pairs,
            T::Labels,
            T::States,
            T::LabelWord,
            T::Place,
        ],
    },
    Frame {
        act: Act::Label,
        verb: "label",
        takes: &[T::New, T::Place, T::Pairs, T::Minus, T::LabelWord, T::Labels, T::Overwrite, T::ToWord],
    },
    Frame {
        act: Act::Unlabel,
        verb: "remove a label from",
        takes: &[T::Role("ignore-not-found"), T::Place, T::Minus, T::LabelWord, T::Labels, T::Pairs],
    },
    Frame { act: Act::Cordon, verb: "cordon", takes: &[T::States, T::Node] },
    Frame { act: Act::Uncordon, verb: "uncordon", takes: &[T::States, T::Node] },
    Frame { act: Act::Create, verb: "create", takes: &[T::Files, T::Usage, T::Output, T::Place, T::New] },
    Frame { act: Act::Apply, verb: "apply", takes: &[T::Output, T::Place, T::Files] },
    Frame {
        act: Act::Investigate,
        verb: "look into",
        takes: &[
            T::Place,
            T::EveryNamespace,
            T::States,
            T::Trouble,
            T::All,
            T::Cluster,
            T::Direction,
            T::Types,
            T::Reach,
            T::Advise,
            T::Role("exit-code"),
        ],
    },
    Frame {
        act: Act::Find,
        verb: "look at",
        takes: &[T::Place, T::EveryNamespace, T::Pairs, T::LabelWord, T::Labels, T::States, T::Node, T::All, T::Cluster],
    },
    Frame { act: Act::Undo, verb: "undo", takes: &[T::Previous, T::All] },
    Frame { act: Act::Help, verb: "help", takes: &[] },
];

/// The frame of an act.
pub fn frame(act: Act) -> &'static Frame {
    FRAMES.iter().find(|f| f.act == act).unwrap_or(&FRAMES[0])
}

/// How a question says the verbs that are lines.
const VERBS: &[(Act, &str)] = &[
    (Act::Set, "change"),
    (Act::Deploy, "deploy"),
    (Act::Create, "create"),
    (Act::Run, "run"),
    (Act::Shell, "open a shell in"),
    (Act::Exec, "run a command in"),
    (Act::Attach, "attach to"),
    (Act::Forward, "forward a port of"),
    (Act::Pause, "pause the rollout of"),
    (Act::Resume, "resume the rollout of"),
    (Act::CanI, "know whether you may do"),
    (Act::Approve, "approve"),
    (Act::Deny, "deny"),
];

/// The verb as a question says it.
pub fn verb(act: Act) -> &'static str {
    let line = || LINES.iter().find(|line| line.act == act).map(|line| line.words);
    let said = || VERBS.iter().find(|(of, _)| *of == act).map(|(_, verb)| *verb);
    FRAMES.iter().find(|f| f.act == act).map(|f| f.verb).or_else(said).or_else(line).unwrap_or("change")
}

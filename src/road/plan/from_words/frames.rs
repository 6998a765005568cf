//! Fourth step: which operation a step asks for, and whether its frame has room for everything that was said. A frame says what it
//! can take; what it cannot take is never dropped silently.

use super::{
    goals,
    lexicon::{Act, Goal, State},
    lines::{self, LINES, Line, Subject},
    slots::{Amount, Ask, Place, Slots},
};

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
            T::Role("sort-by"),
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
            T::Role("pod-running-timeout"),
            T::Role("max-log-requests"),
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
        takes: &[T::Place, T::EveryNamespace, T::Pairs, T::Usage, T::AllContainers, T::All, T::Cluster, T::Labels],
    },
    Frame { act: Act::Scale, verb: "scale", takes: &[T::Place, T::Amount, T::Direction] },
    Frame { act: Act::SetImage, verb: "set the image of", takes: &[T::New, T::Place, T::Image, T::Container, T::ToWord, T::Pairs] },
    Frame { act: Act::Restart, verb: "restart", takes: &[T::Place] },
    Frame { act: Act::RollBack, verb: "roll back", takes: &[T::Place, T::Revision, T::Previous, T::Amount] },
    Frame {
        act: Act::Delete,
        verb: "delete",
        takes: &[
            T::Role("grace-period"),
            T::Role("force"),
            T::Role("ignore-not-found"),
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
        takes: &[T::Place, T::EveryNamespace, T::States, T::Trouble, T::All, T::Cluster, T::Direction, T::Types, T::Reach, T::Advise],
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

/// What a step comes to, before its objects are looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It asks for this.
    Do(Act),
    /// It is understood and will not be done so; one sentence, and what to do instead.
    Refuse(&'static str, &'static str),
    /// A change of which a part is not understood: the act, and the words.
    Unclear(Act, Vec<String>),
    /// It asks for a change and does not say of what.
    Vague(&'static str),
    /// It says what is wanted and no operation; whether it wishes for a change.
    Goal(Goal, bool),
    /// The grammar does not know it.
    Unknown,
}

/// Which act a step asks for.
pub fn decide(s: &Slots) -> Decision {
    if s.lesson {
        return Decision::Unknown;
    }
    let changes = changing_acts(s);
    if let Some((goal, change)) = goals::wanted(s, &changes) {
        return Decision::Goal(goal, change);
    }
    // A chart that does not exist yet is written by hand, or by a model.
    if changes.contains(&Act::Create) && lines::says(s, "helm") {
        return Decision::Unclear(Act::Create, vec!["chart".into()]);
    }
    if changes.contains(&Act::Create) && !(s.from_file && s.objects.is_empty()) && lines::chosen(s, Act::Create).is_none() {
        return Decision::Unknown;
    }
    if let Some(act) = changes.first() {
        return decide_change(s, *act, &changes);
    }
    if s.acts.contains(&Act::Help) {
        let alone = s.objects.is_empty() && s.topics.is_empty() && s.leftover.is_empty() && s.foreign.is_empty();
        return if alone { Decision::Do(Act::Help) } else { Decision::Unknown };
    }
    if !s.foreign.is_empty() || s.docker {
        return Decision::Unknown;
    }
    if let Some(halt) = s.halt {
        let named = s.objects.iter().filter(|o| !o.names.is_empty()).count() == 1 && s.leftover.is_empty();
        let orders = s.acts.is_empty() && s.alter.is_none() && s.ask.is_none() && !s.show && !s.not && !s.condition && !s.everything;
        return if named && orders { Decision::Vague(if halt { "stop" } else { "start" }) } else { Decision::Unknown };
    }
    // "what is wrong with my chart", "why does the helm upgrade fail": what helm says of it.
    if let (Some(act), true) = (helm_act(s), left_over_of_helm(s)) {
        return Decision::Do(act);
    }
    if s.alter.is_some() || s.mark {
        return vague_change(s);
    }
    let Some(act) = read_act(s) else { return Decision::Unknown };
    let mut left = left_over(s, act);
    // Two objects that nothing joins: one of them is not what it looks like.
    let named = s.objects.iter().filter(|o| !o.names.is_empty());
    left.extend(named.skip(1).filter(|o| !o.joined).flat_map(|o| o.names.clone()));
    // A person who asks why may tell a story around the object; the answer begins with the object.
    let story = s.ask == Some(Ask::Why) && s.objects.iter().any(|o| !o.names.is_empty() || !o.kinds.is_empty());
    if act == Act::Investigate && s.objects.len() > 1 {
        left.extend(
            s.objects
                .iter()
                .skip(1)
                .filter(|o| !o.joined && !o.kinds.iter().all(|k| k.is("pods", "")))
                .map(|_| "a second object".to_string()),
        );
    }
    let everything = s.everything && !matches!(act, Act::CanI | Act::Line(_));
    let denied = s.not && act != Act::Investigate || s.condition || s.or && s.types.len() < 2;
    if denied || everything && act != Act::Investigate || !left.is_empty() && !story { Decision::Unknown } else { Decision::Do(act) }
}

/// What is asked of a chart or a release in other words than helm's.
fn helm_act(s: &Slots) -> Option<Act> {
    let asks = s.ask == Some(Ask::Why) || s.probe || s.advise;
    match (s.says("chart") || s.given.iter().any(|g| g.role == "helm"), asks, s.topics.is_empty()) {
        (true, true, true) if s.ask == Some(Ask::Why) => Some(Act::Line("helm status")),
        (true, true, true) => Some(Act::Line("helm lint")),
        _ => None,
    }
}

fn left_over_of_helm(s: &Slots) -> bool {
    s.leftover.is_empty() && !s.not && !s.condition && !s.docker
}

fn vague_change(s: &Slots) -> Decision {
    let named = s.objects.iter().any(|o| !o.names.is_empty() || !o.kinds.is_empty()) || s.it;
    let clear = s.leftover.is_empty() && s.foreign.is_empty() && !s.not && !s.condition;
    let amount = (s.cpu || s.memory) && s.alter.is_some() && s.ask.is_none() && !s.show && named && !s.not && !s.condition;
    if amount {
        return Decision::Vague("limits");
    }
    let named = named || !s.given.is_empty();
    if named && clear && s.alter.is_some() && s.ask.is_none() && !s.show { Decision::Vague("what") } else { Decision::Unknown }
}

fn decide_change(s: &Slots, act: Act, changes: &[Act]) -> Decision {
    if let Some(ask) = s.ask {
        // "why did web restart" asks, it does not order.
        let why = ask == Ask::Why && s.foreign.is_empty() && !s.docker;
        return if why { Decision::Do(Act::Investigate) } else { Decision::Unknown };
    }
    if s.not {
        return Decision::Refuse("it says what not to do, and aiops does not guess what is left", "say only what shall be done");
    }
    // "if it has 2 replicas now": kubectl's own precondition.
    if s.condition && !(act == Act::Scale && s.says("current-replicas") && s.amount.is_some()) {
        return Decision::Refuse(
            "it depends on a condition or on a time, and aiops does what is asked now or not at all",
            "say the first step alone; its outcome is shown, and the next can follow",
        );
    }
    if s.everything || s.place == Some(Place::All) && act != Act::Undo {
        return Decision::Refuse(
            "it would change everything at once, and aiops changes only objects that are named",
            "name the objects, or list them first",
        );
    }
    if !s.foreign.is_empty() || s.docker || s.show && !s.says("dry-run") {
        return Decision::Unknown;
    }
    // "not unschedulable: cordon n1": the verb and the state say two things.
    if s.acts.iter().any(|act| matches!(act, Act::Cordon | Act::Uncordon)) && s.states.iter().any(|(_, denied)| *denied) {
        return Decision::Unclear(act, vec!["not".into()]);
    }
    if changes.len() > 1 {
        return Decision::Unclear(act, changes[1..].iter().map(|a| verb(*a).to_string()).collect());
    }
    if s.or {
        return Decision::Unclear(act, vec!["or".into()]);
    }
    let left = left_over(s, act);
    if left.is_empty() { Decision::Do(act) } else { Decision::Unclear(act, left) }
}

/// The changes a step names: by verbs of their own, or by a weak verb and its topic.
fn changing_acts(s: &Slots) -> Vec<Act> {
    let mut acts: Vec<Act> = Vec::new();
    let mut push = |act| {
        if !acts.contains(&act) {
            acts.push(act);
        }
    };
    // "undo run 0199…": the noun.
    let undoes = s.acts.contains(&Act::Undo);
    for act in s.acts.iter().filter(|a| a.changes() && !(undoes && **a == Act::Run)) {
        // "remove the env label from …" takes a label away; "delete pods with label a=b" does not.
        let unlabels = *act == Act::Delete && s.labels && s.pairs.is_empty() || *act == Act::Delete && !s.minus.is_empty();
        // "run the command date in pod web-1": in one that is there.
        let inside = *act == Act::Run
            && s.image.is_none()
            && s.says("command")
            && s.objects
                .iter()
                .any(|o| !o.names.is_empty() && o.prep.is_some() && o.kinds.iter().any(|k| k.is("pods", "") || k.rolls_out()));
        push(match act {
            _ if unlabels => Act::Unlabel,
            _ if inside => Act::Exec,
            act => *act,
        });
    }
    let inside =
        s.objects.iter().any(|o| !o.names.is_empty() && o.prep.is_some() && o.kinds.iter().any(|k| k.is("pods", "") || k.rolls_out()));
    if s.acts.is_empty() && s.alter.is_none() && s.says("command") && inside && !s.show && s.ask.is_none() {
        push(Act::Exec);
    }
    // "the YAML for a new namespace without creating it"
    if s.acts.is_empty() && s.new && s.says("dry-run") && !s.objects.is_empty() {
        push(Act::Create);
    }
    let altered = s.alter.is_some();
    let sets = s.acts.is_empty() && altered && s.ask.is_none() && !s.show;
    if sets && let Some(line) = lines::chosen(s, Act::Set) {
        push(line.act);
        return acts;
    }
    let counted = matches!(s.amount, Some(Amount::To(_) | Amount::By(_) | Amount::Double | Amount::Half | Amount::Share(_)));
    let imaged = s.image.is_some() || s.tag.is_some() || s.image_said;
    if s.acts.is_empty() && altered && imaged
        || s.acts.is_empty() && altered && s.to_word.as_deref().is_some_and(super::slots::looks_like_tag)
    {
        push(Act::SetImage);
    } else if s.acts.is_empty() && (altered || s.want && counted) && s.replicas {
        push(Act::Scale);
    } else if s.acts.is_empty() && altered && s.labels || s.acts.is_empty() && s.overwrite && s.labels {
        push(Act::Label);
    } else if s.acts.is_empty() && (s.alter == Some(0) || s.new) && s.ask.is_none() && !s.show && s.objects.len() == 1 && a_namespace(s) {
        push(Act::Create);
    } else if s.acts.is_empty() && (altered || s.mark) && s.states.len() == 1 && s.ask.is_none() {
        match s.states[0] {
            (State::Unschedulable, false) | (State::Schedulable, true) => push(Act::Cordon),
            (State::Schedulable, false) | (State::Unschedulable, true) => push(Act::Uncordon),
            (State::Running | State::Pending | State::Failed | State::Succeeded, _) => {}
        }
    }
    acts
}

fn a_namespace(s: &Slots) -> bool {
    s.objects.iter().all(|o| o.kinds.len() == 1 && o.kinds[0].is("namespaces", "") && !o.names.is_empty() && !o.before)
}

fn read_act(s: &Slots) -> Option<Act> {
    let has = |act| s.topics.contains(&act);
    let spoken = !s.objects.is_empty() || s.it;
    if s.tail.is_some() && s.topics.is_empty() && s.acts.is_empty() && !s.objects.is_empty() {
        return Some(Act::Logs);
    }
    if let Some(act) = s.acts.iter().find(|act| matches!(act, Act::Explain | Act::Wait | Act::Forward | Act::Diff)) {
        return s.topics.is_empty().then_some(*act);
    }
    if s.acts.contains(&Act::Describe) {
        return s.topics.is_empty().then_some(Act::Describe);
    }
    if s.ask == Some(Ask::Why) {
        return Some(Act::Investigate);
    }
    let asks_how = s.ask == Some(Ask::Be) && (s.direction != 0 || s.states.iter().any(|(state, _)| *state == State::Running) && spoken);
    let asks_how = asks_how || s.be && s.direction < 0 && spoken;
    let ill = s.trouble || s.health || s.probe || asks_how;
    if has(Act::Logs) {
        // "the errors in the logs of web": they are read there.
        let read = !ill || s.trouble && !s.health && !s.probe && s.ask.is_none();
        return (read && s.topics.iter().all(|t| *t == Act::Logs)).then_some(Act::Logs);
    }
    let mut topics: Vec<Act> = s.topics.clone();
    topics.dedup();
    // "all resources with label a=b"
    if topics.is_empty() && s.everything && !s.pairs.is_empty() && !ill {
        topics.push(Act::Line("get all"));
    }
    let of_kinds = s.says("namespaced") && s.resource || s.everything && (s.says("api-group") || s.says("verb"));
    if topics.is_empty() && of_kinds {
        topics.push(Act::Line("api-resources"));
    }
    match topics.as_slice() {
        [] => {}
        [Act::Status] if ill => return Some(Act::Investigate),
        [Act::History] | [Act::Events] if ill => return None,
        [Act::Status] => {
            let many = s.all || s.objects.iter().any(|o| o.plural || o.kinds.iter().any(|k| !k.rolls_out()));
            return Some(if many { Act::Get } else { Act::Status });
        }
        [Act::Line(words)] => return Some(Act::Line(words)),
        [one] if !ill => return Some(*one),
        [Act::Status, Act::History] | [Act::History, Act::Status] => return Some(Act::History),
        _ => return None,
    }
    if s.cpu || s.memory {
        return (!ill && (s.show || s.ask.is_some() || !s.objects.is_empty())).then_some(Act::Usage);
    }
    if ill {
        let subject = spoken || s.cluster || s.everything || s.place.is_some() || s.ask.is_some() || s.health || s.probe && s.trouble;
        return subject.then_some(Act::Investigate);
    }
    if !s.types.is_empty() {
        return Some(Act::Events);
    }
    let kinds = s.objects.iter().any(|o| !o.kinds.is_empty());
    let looks = s.show || s.ask.is_some();
    // "labels of the pods"
    (kinds || looks && spoken || s.labels && spoken).then_some(Act::Get)
}

/// Whether a line has room for what fills a slot.
fn line_takes(line: &Line, slot: Slot) -> bool {
    let has = |role: &str| line.roles.iter().any(|(r, _)| *r == role) || line.with.contains(&role);
    match slot {
        T::Place | T::New | T::It => true,
        T::EveryNamespace => line.subject == Subject::None,
        T::Amount => has("replicas"),
        T::Pairs => ["pairs", "labels", "hard", "selector", "env", "annotation"].into_iter().any(has),
        T::Minus => has("minus"),
        T::Labels => has("pairs") || has("value"),
        // A key without a value narrows what is meant, and no line has a flag for it.
        T::LabelWord => has("value"),
        T::Container | T::AllContainers => has("container"),
        T::Since => has("since"),
        T::Output => has("output"),
        T::Image => has("image"),
        T::Files => has("files"),
        T::Overwrite => has("overwrite"),
        T::Node => line.subject == Subject::Bare(&["node"]) || line.subject == Subject::Apart(&["node"]),
        T::Cluster => line.subject == Subject::None,
        T::SortedByName => line.words == "api-resources",
        // "a resource specified in x.yaml": of whatever kind.
        T::Trouble => matches!(line.act, Act::Line(_)),
        T::Usage => line.words == "api-resources" || line.with.contains(&"files"),
        T::Role(role) => has(role) || line.with.iter().any(|with| with.split(':').next() == Some(role)),
        T::Revision => has("revision"),
        T::Previous => has("previous"),
        T::All => line.act == Act::Wait || has("kinds") || has("all") || has("every"),
        T::States => has("states"),
        _ => false,
    }
}

/// Words and slots that the act's frame has no room for.
pub fn left_over(s: &Slots, act: Act) -> Vec<String> {
    let takes = frame(act).takes;
    let line = lines::chosen(s, act);
    let mut left = s.leftover.clone();
    for (slot, word) in filled(s) {
        if !line.map_or_else(|| takes.contains(&slot), |line| line_takes(line, slot)) {
            left.push(word);
        }
    }
    if let Some(line) = line {
        let role = |o: &&super::slots::Object| {
            line.roles.iter().any(|(role, _)| match role.strip_prefix("kind:") {
                Some(plural) => o.kinds.iter().any(|k| k.info().plural == plural),
                None => *role == "kinds" && o.names.is_empty() || *role == "names" && o.kinds.is_empty(),
            })
        };
        let by_file = line.with.contains(&"files");
        let about = s.objects.iter().filter(|o| !(role(o) || by_file && o.names.is_empty()));
        // "a deployment for backend": the name stands behind.
        let named_behind = line.with.contains(&"for") || line.subject == Subject::New && lines::says(s, "for");
        let spare = match line.subject {
            Subject::None => 0,
            _ if named_behind => 2,
            _ => 1,
        };
        left.extend(about.skip(spare).filter(|o| !o.joined).map(|o| o.names.first().cloned().unwrap_or_else(|| "a second object".into())));
        if s.asides && act.changes() {
            left.push("what stands in brackets".into());
        }
        return left;
    }
    if s.asides && act.changes() {
        left.push("what stands in brackets".into());
    }
    // "delete pod a from deployment b": the second object is no object of the change. A label's key may stand before its object.
    if act.changes() {
        let key_first = matches!(act, Act::Label | Act::Unlabel) && s.objects.first().is_some_and(|o| o.kinds.is_empty());
        let rest = s.objects.iter().skip(1 + usize::from(key_first)).filter(|o| !o.joined);
        // "echo delete namespace dev": what stands before the verb is not what it is done to.
        let early = s.objects.iter().filter(|o| o.early);
        left.extend(
            early
                .chain(rest)
                .map(|o| o.names.first().cloned().or_else(|| o.kinds.first().map(|k| k.word().into_owned())).unwrap_or_default()),
        );
    }
    // A topic that a change has no use for: "restart the logs".
    if act.changes() && !s.topics.is_empty() && act != Act::RollBack && act != Act::Undo {
        left.extend(s.topics.iter().map(|t| format!("{t:?}").to_lowercase()));
    }
    left
}

/// The slots that hold something, each with a word for it.
pub fn filled(s: &Slots) -> Vec<(Slot, String)> {
    let mut out: Vec<(Slot, String)> = Vec::new();
    // That it is only rehearsed is said of the whole request.
    for given in s.given.iter().filter(|given| given.role != "dry-run") {
        out.push((
            Slot::Role(given.role),
            if given.values.is_empty() { given.role.to_string() } else { format!("{} {}", given.role, given.values.join(" ")) },
        ));
    }
    let mut put = |on: bool, slot: Slot, word: &str| {
        if on {
            out.push((slot, word.to_string()));
        }
    };
    put(matches!(s.place, Some(Place::Named(_) | Place::Here)), T::Place, "the namespace");
    put(s.place == Some(Place::All), T::EveryNamespace, "all namespaces");
    put(s.amount.is_some(), T::Amount, "the number");
    put(!s.pairs.is_empty(), T::Pairs, &s.pairs.join(","));
    put(!s.minus.is_empty(), T::Minus, &s.minus.join(","));
    put(s.label_key.is_some() || s.label_value.is_some(), T::LabelWord, "the label");
    put(s.labels, T::Labels, "labels");
    put(s.overwrite, T::Overwrite, "overwrite");
    put(s.container.is_some(), T::Container, "the container");
    put(s.all_containers, T::AllContainers, "all containers");
    put(s.tail.is_some(), T::Tail, "the number of lines");
    put(s.since.is_some(), T::Since, "the length of time");
    put(s.previous, T::Previous, "previous");
    put(s.timestamps, T::Timestamps, "timestamps");
    put(s.output.is_some() && !s.says("dry-run"), T::Output, "the output format");
    put(s.image.is_some() || s.tag.is_some() || s.image_said, T::Image, s.image.as_deref().or(s.tag.as_deref()).unwrap_or("image"));
    put(s.revision.is_some() || s.revision_said, T::Revision, "the revision");
    put(!s.files.is_empty(), T::Files, &s.files.join(" "));
    put(!s.states.is_empty(), T::States, "the state");
    put(!s.types.is_empty(), T::Types, "warnings");
    put(s.trouble || s.health || s.probe, T::Trouble, "health");
    put(s.cpu || s.memory || s.most || s.resource, T::Usage, "resources");
    put(s.node.is_some(), T::Node, "the node");
    put(s.sorted_by_name, T::SortedByName, "sorting");
    put(s.sorted_by_time, T::SortedByTime, "sorting");
    // "add 2 more replicas to web", "scale to web": behind `to` stands the object where there is no other.
    let object = s.to_word.is_some() && s.objects.is_empty() && matches!(s.amount, Some(Amount::By(_)));
    put(s.to_word.is_some() && !object, T::ToWord, s.to_word.as_deref().unwrap_or_default());
    put(s.all && !s.objects.is_empty() && s.objects.iter().all(|o| !o.names.is_empty()), T::All, "all");
    put(s.cluster, T::Cluster, "cluster");
    put(s.it && !s.objects.is_empty(), T::It, "it");
    put(s.new, T::New, "new");
    put(!s.goals.is_empty() || s.wish, T::Goal, "what it is for");
    put(s.reach, T::Reach, "connect");
    put(s.advise, T::Advise, "advice");
    put(s.halt.is_some(), T::Docker, "stop or start");
    put(s.docker, T::Docker, "images outside of a cluster");
    put(s.direction != 0, T::Direction, if s.direction > 0 { "up" } else { "down" });
    out
}

#[cfg(test)]
mod tests {
    use super::{
        super::{fill, normalise::normalise, tag},
        *,
    };

    fn decided(text: &str) -> Decision {
        decide(&fill::fill(&tag::tag(&normalise(text))))
    }

    #[test]
    fn every_act_has_one_frame() {
        for f in FRAMES {
            assert_eq!(FRAMES.iter().filter(|g| g.act == f.act).count(), 1, "{:?}", f.act);
        }
    }

    #[test]
    fn which_act_a_step_asks_for() {
        for (text, act) in [
            ("scale backend to 3", Act::Scale),
            ("give me 5 replicas of web", Act::Scale),
            ("set replicas for backend deployment to 5", Act::Scale),
            ("reduce backend replicas to 1", Act::Scale),
            ("bump web to v2", Act::SetImage),
            ("update backend image to todo-backend:v2", Act::SetImage),
            ("mark node foo as unschedulable", Act::Cordon),
            ("Mark my-node as schedulable", Act::Uncordon),
            ("which nodes are unschedulable", Act::Get),
            ("show backend logs", Act::Logs),
            ("is the backend rolled out", Act::Status),
            ("Show the history of deployment web", Act::History),
            ("why did web restart", Act::Investigate),
            ("is my cluster healthy", Act::Investigate),
            ("what is wrong in todo-chatbot", Act::Investigate),
            ("how many pods are in dev", Act::Get),
            ("show CPU and memory usage", Act::Usage),
            ("Update pod 'foo' with the label 'unhealthy' and the value 'true'", Act::Label),
            ("remove the label bar from pod foo", Act::Unlabel),
            ("help", Act::Help),
        ] {
            assert_eq!(decided(text), Decision::Do(act), "{text}");
        }
    }

    #[test]
    fn what_is_never_taken_for_a_change() {
        for text in [
            "how do I delete a pod",
            "show me how to scale web to 3",
            "what does kubectl delete do",
            "did you delete the pod",
            "is web scaled to 3",
        ] {
            assert_eq!(decided(text), Decision::Unknown, "{text}");
        }
        for text in [
            "don't restart web",
            "restart web if it fails",
            "delete everything",
            "scale everything to zero",
            "restart all deployments in all namespaces",
        ] {
            assert!(matches!(decided(text), Decision::Refuse(..)), "{text}: {:?}", decided(text));
        }
        for text in ["restart web or api", "scale web to 3 wholeheartedly", "restart web with helmish"] {
            assert!(matches!(decided(text), Decision::Unclear(..)), "{text}: {:?}", decided(text));
        }
    }
}

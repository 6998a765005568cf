//! Whether a frame or a line has room for everything that was said. What it cannot take is never dropped silently.

use super::{
    frames::{Slot, Slot as T, frame},
    lexicon::Act,
    lines::{self, Line, Subject},
    slots::{Amount, Place, Slots, subject_sort},
};

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
        T::Files => has("files") || has("folder"),
        T::Overwrite => has("overwrite"),
        T::Node => line.subject == Subject::Bare(&["node"]) || line.subject == Subject::Apart(&["node"]),
        T::Cluster => line.subject == Subject::None,
        T::SortedByName => line.words == "api-resources",
        // "a resource specified in x.yaml": of whatever kind.
        T::Trouble => matches!(line.act, Act::Line(_)),
        T::Usage => line.words == "api-resources" || line.words == "explain" || line.with.contains(&"files"),
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
        // "from an env file, game.env": a role whose value was not found there takes nothing, and nothing is made without it.
        let flagged = |role: &str| line.roles.iter().any(|(of, flag)| *of == role && *flag != "-" && *flag != "--");
        const VALUED: &[&str] =
            &["from-env-file", "external-name", "cert", "user", "group", "duration", "audience", "schedule", "description"];
        let empty = s.given.iter().filter(|given| given.values.is_empty() && VALUED.contains(&given.role) && flagged(given.role));
        let told = |role: &str| s.given.iter().any(|given| given.role == role && !given.values.is_empty());
        left.extend(empty.filter(|given| act.changes() && !told(given.role)).map(|given| given.role.to_string()));
        // Whose names say who they are: the subjects of a binding.
        let binds = line.roles.iter().any(|(role, _)| *role == "user") && line.act == Act::Create;
        let role = |o: &&super::slots::Object| {
            line.roles.iter().any(|(role, _)| match role.strip_prefix("kind:") {
                Some(plural) => o.kinds.iter().any(|k| k.info().plural == plural),
                None => *role == "kinds" && o.names.is_empty() || *role == "names" && o.kinds.is_empty(),
            })
        };
        let by_file = line.with.contains(&"files");
        let subject = |o: &&super::slots::Object| binds && o.kinds.is_empty() && o.names.iter().all(|name| subject_sort(name).is_some());
        let about = s.objects.iter().filter(|o| !(role(o) || subject(o) || by_file && o.names.is_empty()));
        // "a deployment for backend": the name stands behind.
        let named_behind = line.with.contains(&"for") || line.subject == Subject::New && lines::says(s, "for");
        let spare = match line.subject {
            Subject::None => 0,
            Subject::Kind => 4,
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

//! A kubectl line with something else in it: its object, its namespace, a number, an output.

use super::slots::{Amount, Place, Slots};
use crate::ops::{Op, Program, argv};

/// The line of an operation with these slots in it; `None` where one has no place on it.
pub fn relined(op: &Op, slots: &Slots) -> Option<String> {
    // What is withheld from its line cannot be said by it again.
    if !op.verb().sensitive().is_empty() {
        return None;
    }
    let line = op.line();
    let mut words = argv::split(&line).ok()?;
    if words.iter().any(|w| w == "--") || !matches!(words.first()?.as_str(), "kubectl" | "helm") {
        return None;
    }
    let mut set = 0;
    if let Some(object) = slots.objects.first() {
        let targets = op.verb().targets();
        let ([target], [name], true) = (targets.as_slice(), object.names.as_slice(), slots.objects.len() == 1) else {
            return renamed(op, slots, words);
        };
        let kind = object.kinds.first().copied().unwrap_or(target.kind());
        let at = words.iter().position(|w| *w == target.slashed())?;
        words[at] = format!("{}/{name}", kind.word());
        set += 1;
    }
    if let Some(place) = &slots.place {
        words.retain(|w| w != "-A" && w != "--all-namespaces");
        if let Some(at) = words.iter().position(|w| w == "-n") {
            words.drain(at..(at + 2).min(words.len()));
        }
        match place {
            Place::Named(name) => words.extend(["-n".to_string(), name.clone()]),
            Place::All => words.push("-A".into()),
            Place::Here => return None,
        }
        set += 1;
    }
    match slots.amount {
        Some(Amount::To(n)) => set += flag(&mut words, "--replicas", &n.to_string())?,
        Some(Amount::By(_) | Amount::Double | Amount::Half | Amount::Share(_)) => return None,
        None => {}
    }
    if let Some(tail) = slots.tail {
        set += flag(&mut words, "--tail", &tail.to_string())?;
    }
    if let Some(since) = &slots.since {
        set += flag(&mut words, "--since", since)?;
    }
    if let Some(output) = &slots.output {
        words.retain(|w| !w.starts_with("--output"));
        if let Some(at) = words.iter().position(|w| w == "-o") {
            words.drain(at..(at + 2).min(words.len()));
        }
        words.extend(["-o".to_string(), output.to_string()]);
        set += 1;
    }
    for (on, name) in [(slots.previous, "--previous"), (slots.timestamps, "--timestamps"), (slots.all_containers, "--all-containers")] {
        if on {
            words.push(name.into());
            set += 1;
        }
    }
    if let (Some(image), Op::SetImage(_)) = (&slots.image, op) {
        let at = words.iter().rposition(|w| w.contains('='))?;
        let container = words[at].split_once('=')?.0.to_string();
        words[at] = format!("{container}={image}");
        set += 1;
    }
    if let (Some(tag), Op::SetImage(_)) = (&slots.tag, op) {
        let at = words.iter().rposition(|w| w.contains('='))?;
        let (repository, old) = words[at].rsplit_once(':')?;
        if old.contains('/') {
            return None;
        }
        words[at] = format!("{repository}:{tag}");
        set += 1;
    }
    let rest = slots.tag.is_some() && !matches!(op, Op::SetImage(_))
        || slots.container.is_some()
        || slots.labels
        || slots.revision.is_some()
        || !slots.states.is_empty()
        || !slots.types.is_empty();
    (set > 0 && !rest && !slots.pairs.iter().any(|_| true)).then(|| written(&words))
}

/// A listing of another kind, or of other names.
fn renamed(op: &Op, slots: &Slots, words: Vec<String>) -> Option<String> {
    let (Op::Get(get), [object]) = (op, slots.objects.as_slice()) else { return None };
    let [kind] = get.kinds.as_slice() else { return None };
    let at = words.iter().position(|w| *w == *kind.plural() || *w == *kind.word())?;
    let mut words = words;
    words.drain(at + 1..at + 1 + get.names.len());
    words[at] = object.kinds.first().unwrap_or(kind).plural().into_owned();
    for (n, name) in object.names.iter().enumerate() {
        words.insert(at + 1 + n, name.clone());
    }
    let others = Slots { objects: Vec::new(), ..slots.clone() };
    let line = written(&words);
    if others.place.is_none() && others.output.is_none() {
        return Some(line);
    }
    relined(&Op::from_line(&line).ok()?, &others)
}

/// Sets a flag that takes a value.
fn flag(words: &mut Vec<String>, name: &str, value: &str) -> Option<usize> {
    let new = format!("{name}={value}");
    match words.iter().position(|w| w == name || w.split_once('=').is_some_and(|(flag, _)| flag == name)) {
        Some(at) if words[at] == name => {
            words.drain(at..(at + 2).min(words.len()));
            words.push(new);
        }
        Some(at) => words[at] = new,
        None => words.push(new),
    }
    // Whether the verb has such a flag says its own grammar.
    Op::from_words(Program::named(words.first()?)?, &words[1..]).ok().map(|_| 1)
}

fn written(words: &[String]) -> String {
    words.iter().map(|w| argv::quoted(w)).collect::<Vec<_>>().join(" ")
}

//! A question about objects that nothing else answers: what kubectl shows of what it names. Words that say which column is meant, or
//! nothing that is known here, are passed over, and the answer says so; nothing that may be a change is looked at this way.

use super::{
    Scope, Step, Thread, alone, build, everyday,
    lexicon::{Act, Sense},
    slots::{Ask, Object, Place, Slots},
    tag::{Is, Token},
};
use crate::{
    facts::Facts,
    ops::{Kind, Output},
    road::plan::{Assumed, Reading},
};

/// What of one object stands in its description and in no column of its row.
const DESCRIBED: &[&str] = &[
    "taint",
    "taints",
    "tolerations",
    "toleration",
    "volume",
    "volumes",
    "mount",
    "mounts",
    "mounted",
    "env",
    "variable",
    "variables",
    "environment",
    "annotation",
    "annotations",
    "condition",
    "conditions",
    "probe",
    "probes",
    "limit",
    "limits",
    "request",
    "requests",
    "selector",
    "selects",
    "capacity",
    "allocatable",
    "keys",
    "rules",
    "subjects",
    "strategy",
    "lifecycle",
    "affinity",
    "events",
    "owner",
    "owns",
    "provisioner",
    "backend",
    "backends",
    "used",
    "entrypoint",
    "command",
    "args",
];

/// What stands in the columns that only `-o wide` shows.
const WIDE: &[&str] = &[
    "where",
    "ip",
    "ips",
    "address",
    "addresses",
    "node",
    "nodes",
    "host",
    "land",
    "landed",
    "image",
    "images",
    "kernel",
    "os",
    "runtime",
];

/// A look at what the request names; `None` where it does not only ask.
pub(super) fn read(thread: &Thread, tokens: &[Token], scope: &Scope, facts: &Facts) -> Option<Reading> {
    if !asks(thread, tokens) {
        return None;
    }
    let (mut slots, passed) = looked_at(tokens)?;
    let named = slots.objects.iter().any(|o| !o.names.is_empty());
    let says = |list: &[&str]| tokens.iter().any(|t| list.contains(&t.said.to_lowercase().as_str()));
    let rolls = slots.objects.iter().all(|o| o.kinds.iter().any(|k| k.rolls_out()));
    let rollout = tokens.iter().any(|t| t.means(Sense::Topic(Act::Status)));
    let act = if named && rolls && rollout {
        Act::Status
    } else if rollout {
        return None;
    } else if named && says(DESCRIBED) && slots.objects.iter().all(|o| !o.plural) {
        Act::Describe
    } else {
        Act::Get
    };
    if act == Act::Get && slots.output.is_none() && named && says(WIDE) {
        slots.output = Some(Output::Wide);
    }
    let step = build::build(act, &slots, scope, facts);
    let reading = match step {
        Step::Ops(..) | Step::Needs(_) => alone(thread.text(), step, scope),
        Step::Aside(_) | Step::Question(_) | Step::Refused(_) | Step::Unknown => return None,
    };
    match reading {
        Reading::Plan(plan) if plan.ops().iter().all(|op| op.entry().reads) => {
            let why = "it is looked at whole".to_string();
            let told = (!passed.is_empty()).then(|| Assumed { said: passed.join(" "), taken: "nothing".into(), why });
            Some(Reading::Plan(plan.taking(told.into_iter().collect::<Vec<_>>())))
        }
        Reading::Needs(needs) => Some(Reading::Needs(needs)),
        _ => None,
    }
}

/// Whether it is a question, or names what to look at and nothing besides, and holds no word that might be a change, a condition or advice.
fn asks(thread: &Thread, tokens: &[Token]) -> bool {
    // "was pod web-1 deleted", "when did job x last run": of what is over.
    let past = tokens.first().is_some_and(|t| {
        let said = t.said.to_lowercase();
        said.starts_with("when ") || ["did", "has", "have", "was", "were"].contains(&said.as_str())
    });
    let elsewhere = |(at, t): (usize, &Token)| {
        let aspect = DESCRIBED.contains(&t.said.to_lowercase().as_str());
        !aspect
            && match &t.is {
                Is::Sense(Sense::Act(act)) => act.changes() && !past,
                // "which variables are set on web"
                Is::Sense(Sense::Alter(_)) if at.checked_sub(1).is_some_and(|n| tokens[n].means(Sense::Be)) => false,
                Is::Sense(Sense::Topic(Act::Status)) => false,
                Is::Sense(Sense::Condition) => true,
                Is::Sense(
                    Sense::Alter(_)
                    | Sense::Mark
                    | Sense::Lesson
                    | Sense::Why
                    | Sense::Probe
                    | Sense::Trouble
                    | Sense::Goal(_)
                    | Sense::Wish
                    | Sense::Advise
                    | Sense::Reach
                    | Sense::Docker
                    | Sense::Halt
                    | Sense::Start
                    | Sense::Foreign
                    | Sense::Not
                    | Sense::Or
                    | Sense::Then
                    | Sense::Topic(_)
                    | Sense::Role("user" | "group" | "verb"),
                )
                | Is::Strange
                | Is::Flag(..)
                | Is::Minus(_)
                | Is::File
                | Is::Image => true,
                _ => false,
            }
    };
    if tokens.iter().enumerate().any(elsewhere) || tokens.iter().filter(|t| t.is == Is::Stop).count() > 1 {
        return false;
    }
    let head = tokens.iter().find(|t| !t.means(Sense::Filler) && !matches!(t.is, Is::Sense(Sense::On | Sense::In | Sense::To | Sense::Of)));
    let opens = head.is_some_and(|t| {
        let word = t.said.to_lowercase();
        matches!(t.is, Is::Sense(Sense::Which | Sense::HowMany | Sense::Be | Sense::Show))
            || ["where", "when", "who", "whose", "for", "at", "any"].contains(&word.as_str())
    });
    let bare = tokens.len() <= 6 && matches!(head.map(|t| &t.is), Some(Is::Kind(..)));
    let queried = thread.text().trim_end().ends_with('?') && head.is_some_and(|t| !t.nameable());
    opens || bare || queried
}

/// The kinds, names, place and labels that it speaks of, and the words that no part of the answer holds. `None` where no kind is named.
fn looked_at(tokens: &[Token]) -> Option<(Slots, Vec<String>)> {
    let mut slots = Slots { ask: Some(Ask::Which), show: true, ..Slots::default() };
    let mut used = vec![false; tokens.len()];
    // "a budget protecting anything", "pods deleted": a participle is no name.
    let participle = |t: &Token| t.is == Is::Word && (t.said.ends_with("ing") || t.said.ends_with("ed")) && !t.said.contains('-');
    let names = |at: usize| {
        tokens
            .get(at)
            .is_some_and(|t| t.nameable() && !participle(t) && !everyday::is(&t.said) && !said_of(&t.said) && !t.said.contains(' '))
    };
    for (at, token) in tokens.iter().enumerate() {
        match &token.is {
            Is::Slashed(kind, name) => {
                slots.objects.push(Object { kinds: vec![*kind], names: vec![name.to_string()], ..Object::default() });
                used[at] = true;
            }
            Is::Kind(kind, plural) => {
                used[at] = true;
                let free = |n: &usize| names(*n) && !used.get(*n).copied().unwrap_or(true);
                let behind = Some(at + 1).filter(|n| !plural && free(n));
                let before = at.checked_sub(1).filter(|n| free(n) && (!plural || kind.is("namespaces", "")));
                let name = behind.or(before);
                if let Some(n) = name {
                    used[n] = true;
                }
                let name = name.map(|n| tokens[n].said.to_lowercase().to_string());
                match name {
                    Some(name) if kind.is("namespaces", "") && tokens.iter().any(|t| of_another_kind(t, *kind)) => {
                        slots.place = Some(Place::Named(name));
                    }
                    name => put(&mut slots, *kind, *plural, name),
                }
            }
            Is::Pair(pair) => {
                slots.pairs.push(pair.to_string());
                used[at] = true;
            }
            Is::Sense(Sense::State(state)) => {
                slots.states.push((*state, false));
                used[at] = true;
            }
            Is::Sense(Sense::EveryNamespace) => {
                slots.place = Some(Place::All);
                used[at] = true;
            }
            Is::Sense(Sense::Output(how)) => {
                slots.output = how.parse().ok();
                used[at] = true;
            }
            Is::Number(1) if token.said == "one" => used[at] = true,
            Is::Sense(_) | Is::Comma | Is::Stop => used[at] = true,
            // What no part of the answer holds: passed over below, or in the way.
            Is::Number(_)
            | Is::Minus(_)
            | Is::Image
            | Is::File
            | Is::Duration
            | Is::Amount
            | Is::Address
            | Is::Flag(..)
            | Is::Word
            | Is::Quoted
            | Is::Strange
            | Is::Aside => {}
        }
    }
    if slots.objects.is_empty() {
        return None;
    }
    // A name that belongs to nothing may be what the question is about.
    let lost = (0..tokens.len()).any(|at| !used[at] && !matches!(tokens[at].is, Is::Word | Is::Aside));
    let passed: Vec<String> = (0..tokens.len()).filter(|at| !used[*at]).map(|at| tokens[at].said.to_string()).collect();
    let dashed = passed.iter().any(|said| said.contains(['-', '.', '/']) || said.bytes().any(|b| b.is_ascii_digit()));
    (!lost && !dashed && passed.len() <= 4).then_some((slots, passed))
}

/// Whether a word says what of an object is asked.
fn said_of(word: &str) -> bool {
    let word = word.to_lowercase();
    DESCRIBED.contains(&word.as_str()) || WIDE.contains(&word.as_str())
}

fn of_another_kind(token: &Token, than: Kind) -> bool {
    match &token.is {
        Is::Kind(kind, _) => *kind != than,
        Is::Slashed(..) => true,
        _ => false,
    }
}

fn put(slots: &mut Slots, kind: Kind, plural: bool, name: Option<String>) {
    let known = slots.objects.iter().any(|o| o.kinds == [kind] && (name.is_none() || o.names.is_empty()));
    // "the endpoints behind service web" are called as it is.
    let of_service = |o: &&mut Object| o.names.is_empty() && o.kinds.iter().all(|k| k.info().plural == "endpoints");
    if let (Some(name), true) = (&name, kind.is("services", ""))
        && let Some(object) = slots.objects.iter_mut().find(of_service)
    {
        object.names.push(name.clone());
        return;
    }
    match name {
        // "which node is pod web-1 on": a kind beside a named object says what is asked of it.
        None if known || slots.objects.iter().any(|o| !o.names.is_empty()) => {}
        name => {
            if name.is_some() {
                slots.objects.retain(|o| !o.names.is_empty());
            }
            slots.objects.push(Object { kinds: vec![kind], names: name.into_iter().collect(), plural, ..Object::default() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines(text: &str) -> String {
        let scope = super::super::tests::scope(false);
        let thread = Thread::whole(text, &scope);
        match read(&thread, thread.tokens(), &scope, &Facts::default()) {
            Some(Reading::Plan(plan)) => plan.ops().iter().map(crate::ops::Op::line).collect::<Vec<_>>().join(" + "),
            Some(other) => format!("{other:?}"),
            None => String::new(),
        }
    }

    #[test]
    fn what_a_question_looks_at() {
        for (text, line) in [
            ("which nodes carry disk=ssd", "kubectl get nodes --selector=disk=ssd"),
            ("are there any taints on the node n1?", "kubectl describe node/n1"),
            ("where did pod web-0 land", "kubectl get pod web-0 -o wide -n default"),
            ("which storage class is the default here?", "kubectl get storageclasses"),
            ("what volumes does the pod db-0 mount in namespace dev?", "kubectl describe pod/db-0 -n dev"),
            ("for which hosts does ingress shop answer?", "kubectl get ingress shop -n default"),
            ("does the dev namespace have a resource quota?", "kubectl get resourcequotas -n dev"),
            ("on which port is service web listening", "kubectl get service web -n default"),
        ] {
            assert_eq!(lines(text), line, "{text}");
        }
    }

    #[test]
    fn what_is_not_only_a_question_is_left_alone() {
        for text in [
            "blow up pod web-0",
            "which pods shall I delete",
            "if pod web-0 is up",
            "where is web",
            "which pods are not in dev",
            "zap deployment web, will you?",
        ] {
            assert_eq!(lines(text), "", "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_is_changed(words in proptest::collection::vec("[a-z]{2,9}|pod|pods|delete|web|in|namespace|which|is|node|scale|3", 1..9)) {
            let text = format!("{}?", words.join(" "));
            let scope = super::super::tests::scope(false);
            let thread = Thread::whole(&text, &scope);
            if let Some(Reading::Plan(plan)) = read(&thread, thread.tokens(), &scope, &Facts::default()) {
                prop_assert!(plan.ops().iter().all(|op| op.entry().reads), "{text}");
            }
        }
    }
}

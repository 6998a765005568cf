//! Requests for an account in plain words: what happened to it, what changed, what stands on it, what breaks without it. Each is one of a closed set of
//! sentences with an object, a time and a place in it at most, so that every word is accounted for; it only looks.

use super::{
    Aside, Scope,
    audits::{Place, led, placed, plain},
};
use crate::{
    ops::{Kind, Name, Namespace},
    terms::since::Since,
};
use std::sync::LazyLock;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inquiry {
    /// What happened, in the order of time.
    Timeline {
        /// From when on.
        since: Option<Since>,
        /// Only what was changed, and not what came of it.
        changes: bool,
    },
    /// What stands on it, or what it stands on.
    Depends(Side),
}

/// Which side of an object is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What stands on it.
    On,
    /// What it stands on.
    Of,
    /// Both.
    Both,
    /// What stands on it, as if it were deleted now.
    Loss,
}

impl Inquiry {
    /// For a sentence.
    pub fn told(self, of: Option<&str>) -> String {
        let it = of.unwrap_or("everything");
        match self {
            Inquiry::Timeline { changes: false, .. } => format!("tell what happened to {it}, in the order of time"),
            Inquiry::Timeline { changes: true, .. } => format!("tell what was changed of {it}, in the order of time"),
            Inquiry::Depends(Side::On) => format!("tell what depends on {it}"),
            Inquiry::Depends(Side::Of) => format!("tell what {it} depends on"),
            Inquiry::Depends(Side::Both) => format!("tell what depends on {it}, and what it depends on"),
            Inquiry::Depends(Side::Loss) => format!("tell what would break without {it}; nothing is deleted"),
        }
    }
}

/// What is asked by a sentence.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    Happened,
    /// The same where a time is said; without one it is a question for the events.
    HappenedSince,
    Changed,
    Depends(Side),
}

const USES: &str = "what/who uses/is_using IT";

/// The sentences: `/` parts alternatives of one word, `_` joins the words of one, what stands in parentheses may be left out, `IT` is an
/// object.
const SENTENCES: &[(&str, Asks)] = &[
    ("(show/give/get/draw/tell) (me) (the/a) timeline", Asks::Happened),
    ("(show/give/get/draw/tell) (me) (the/a) timeline of/for IT", Asks::Happened),
    ("(show/give/get/tell) (me) (the/a) IT timeline", Asks::Happened),
    ("what happened/has_happened/was_happening", Asks::HappenedSince),
    ("what happened/has_happened/was_happening to/with IT", Asks::HappenedSince),
    ("(show/give/get) (me) (the) history of (the/all) events of/for/about IT", Asks::Happened),
    ("(show/give/get) (me) (the) event/events history of/for IT", Asks::Happened),
    ("what changed/has_changed/was_changed/got_changed/has_been_changed", Asks::Changed),
    ("what changed/has_changed/was_changed/got_changed/has_been_changed on/with/about/around/for IT", Asks::Changed),
    ("what (was/has_been) changed around/near IT", Asks::Changed),
    ("what changes were_made", Asks::Changed),
    ("what changes were_made to/on/around IT", Asks::Changed),
    ("(show/list/give/get) (me) (the/all) recent/latest/last changes", Asks::Changed),
    ("(show/list/give/get) (me) (the/all) recent/latest/last changes to/of/on/around IT", Asks::Changed),
    ("who/what changed IT", Asks::Changed),
    ("who/what last changed/edited/touched IT", Asks::Changed),
    ("when was IT (last) changed/edited", Asks::Changed),
    ("what/who/which_things depends/depend/relies/rely on/upon IT", Asks::Depends(Side::On)),
    (
        "which/what pods/services/deployments/workloads/apps/applications/objects/resources depend/rely/depends/relies on/upon IT",
        Asks::Depends(Side::On),
    ),
    ("what is/are depending/relying on IT", Asks::Depends(Side::On)),
    ("(show/list/get/tell) (me) (the/all) dependents of IT", Asks::Depends(Side::On)),
    ("what/who needs/requires IT", Asks::Depends(Side::On)),
    (USES, Asks::Depends(Side::On)),
    ("who/what talks/connects to IT", Asks::Depends(Side::On)),
    ("who/what calls IT", Asks::Depends(Side::On)),
    ("what does IT depend/rely on/upon", Asks::Depends(Side::Of)),
    ("what IT depends/relies on/upon", Asks::Depends(Side::Of)),
    ("on what does IT depend/rely", Asks::Depends(Side::Of)),
    ("what does IT need/require", Asks::Depends(Side::Of)),
    ("what does IT need/require to run/start/work", Asks::Depends(Side::Of)),
    ("what (are) (the) dependencies of IT", Asks::Depends(Side::Of)),
    ("(show/list/get/tell) (me) (the/all) dependencies of/for IT", Asks::Depends(Side::Of)),
    ("(show/draw/get) (me) (the/a) dependency graph/tree/map of/for IT", Asks::Depends(Side::Both)),
    (
        "what breaks/fails/stops/happens/would_break/would_fail/would_happen/will_break/will_fail/will_happen/is_affected/would_be_affected/will_be_affected/stops_working/goes_down/is_lost/do_i_lose/do_we_lose if/when i/we/someone/somebody delete/deleted/deletes/remove/removed/removes/drain/drained/drains/lose/lost/loses IT",
        Asks::Depends(Side::Loss),
    ),
    (
        "what breaks/fails/stops/happens/would_break/would_fail/would_happen/will_break/will_fail/will_happen/is_affected/would_be_affected/will_be_affected/stops_working/goes_down/is_lost if/when IT is/was/gets/were deleted/removed/drained/gone/lost/down",
        Asks::Depends(Side::Loss),
    ),
    (
        "what breaks/fails/stops/happens/would_break/would_fail/would_happen/will_break/will_fail/will_happen/is_affected/would_be_affected/will_be_affected/stops_working if/when IT goes_down/goes_away/dies/fails/breaks/disappears",
        Asks::Depends(Side::Loss),
    ),
    ("what breaks/would_break/will_break/fails/stops_working without IT", Asks::Depends(Side::Loss)),
    ("is it safe to delete/remove/drain IT", Asks::Depends(Side::Loss)),
    ("(what_is/show) (me) (the) impact/effect of deleting/removing/draining/losing IT", Asks::Depends(Side::Loss)),
    ("(what_is) (the) blast_radius of (deleting/removing/draining/losing) IT", Asks::Depends(Side::Loss)),
];

/// Kinds whose users `aiops find` lists: "what uses secret db" is its question.
const FOUND: &[&str] = &["secrets", "configmaps"];

/// The account that a request asks for, if it is one of the sentences, whole.
pub(super) fn read(text: &str, scope: &Scope) -> Option<Aside> {
    let plain = plain(text)?;
    let words: Vec<&str> = plain.split_whitespace().collect();
    let led = led(&words);
    // "in prod since 10am", "since 10am in prod".
    let (rest, since) = timed(led);
    // "delete namespace dev": the place is the object.
    let bare = matches!(rest, [.., "in", _]);
    let (matched, since, place) = match sentence(rest, scope) {
        Some(matched) => (matched, since, Place::Unsaid),
        None => {
            let (rest, place) = placed(rest)?;
            let (rest, since) = if since.is_none() { timed(rest) } else { (rest, since) };
            (sentence(rest, scope)?, since, place)
        }
    };
    let (sentence, asks, of) = matched;
    let kind = of.as_deref().and_then(|of| Some(of.split_once('/')?.0));
    if sentence == USES && kind.and_then(Kind::find).is_some_and(|k| FOUND.iter().any(|plural| k.plural() == *plural)) {
        return None;
    }
    let asks = match asks {
        Asks::HappenedSince if since.is_none() || words.iter().any(|word| ["recently", "lately"].contains(word)) => return None,
        // "in web": a namespace, or a workload?
        Asks::Changed if of.is_none() && since.is_none() && bare => return None,
        Asks::Happened | Asks::HappenedSince => Inquiry::Timeline { since, changes: false },
        Asks::Changed => Inquiry::Timeline { since, changes: true },
        // What stands on what is so now.
        Asks::Depends(_) if since.is_some() => return None,
        Asks::Depends(side) => Inquiry::Depends(side),
    };
    let namespace = match place {
        Place::Named(name) => Some(Namespace::new(name).ok()?),
        Place::Everywhere => None,
        Place::Unsaid if scope.everywhere && of.is_none() => None,
        Place::Here | Place::Unsaid => Some(scope.namespace.clone()),
    };
    Some(Aside::Account { asks, of, namespace })
}

/// The sentence that the words are, and the object in it.
fn sentence(words: &[&str], scope: &Scope) -> Option<(&'static str, Asks, Option<String>)> {
    let first = words.first()?;
    TABLE.iter().filter(|sentence| sentence.may_begin(first)).find_map(|sentence| match follow(&sentence.parts, words)? {
        None => Some((sentence.text, sentence.asks, None)),
        Some(of) => Some((sentence.text, sentence.asks, Some(object(of, scope)?))),
    })
}

/// A sentence of the table, taken apart.
struct Sentence {
    text: &'static str,
    asks: Asks,
    parts: Vec<Part>,
    /// The words it may begin with; `None` where that may be its object.
    begins: Option<Vec<&'static str>>,
}

impl Sentence {
    fn may_begin(&self, word: &str) -> bool {
        self.begins.as_ref().is_none_or(|begins| begins.contains(&word))
    }
}

/// One place of a sentence.
enum Part {
    /// The object.
    It,
    /// One of these ways to say it, each in its words; whether it may be left out.
    Said(Vec<Vec<&'static str>>, bool),
}

static TABLE: LazyLock<Vec<Sentence>> = LazyLock::new(|| {
    let taken_apart = |(text, asks): &(&'static str, Asks)| {
        let parts: Vec<Part> = text.split_whitespace().map(Part::of).collect();
        let mut begins = Some(Vec::new());
        for part in &parts {
            let Part::Said(ways, may) = part else {
                begins = None;
                break;
            };
            begins.iter_mut().for_each(|begins| begins.extend(ways.iter().filter_map(|way| way.first().copied())));
            if !may {
                break;
            }
        }
        Sentence { text, asks: *asks, parts, begins }
    };
    SENTENCES.iter().map(taken_apart).collect()
});

impl Part {
    fn of(part: &'static str) -> Part {
        if part == "IT" {
            return Part::It;
        }
        let inside = part.strip_prefix('(').and_then(|part| part.strip_suffix(')'));
        let ways = inside.unwrap_or(part).split('/').map(|way| way.split('_').collect()).collect();
        Part::Said(ways, inside.is_some())
    }
}

/// The words without the time at their end.
fn timed<'a, 'b>(words: &'a [&'b str]) -> (&'a [&'b str], Option<Since>) {
    const LEADS: &[&str] = &["since", "in", "over", "during", "within", "for", "from"];
    for at in 0..words.len() {
        let (head, tail) = words.split_at(at);
        let alone = matches!(tail, ["today" | "yesterday" | "recently" | "lately"] | ["this", "morning"]);
        let read = match tail {
            _ if alone => Since::read(&tail.join(" ")),
            ["since" | "from", time @ ..] => Since::read(&time.join(" ")),
            // "in the last hour" and not "in 10:30".
            [lead, "the", "last" | "past", ..] if LEADS.contains(lead) => Since::read(&tail[1..].join(" ")),
            ["last" | "past", _, ..] | ["the", "last" | "past", _, ..] => Since::read(&tail.join(" ")).filter(|_| at > 0),
            [lead, "last" | "past", ..] if LEADS.contains(lead) => Since::read(&tail[1..].join(" ")),
            _ => None,
        };
        if read.is_some() {
            return (head, read);
        }
    }
    (words, None)
}

/// So many words name an object.
const NAMING: usize = 4;

/// The object's words where a sentence fits, from the first word to the last; `Some(None)` where it names none.
fn follow<'a, 'b>(parts: &[Part], words: &'a [&'b str]) -> Option<Option<&'a [&'b str]>> {
    let Some((part, more)) = parts.split_first() else { return words.is_empty().then_some(None) };
    match part {
        Part::It => (1..=words.len().min(NAMING)).find_map(|n| follow(more, &words[n..]).map(|_| Some(&words[..n]))),
        Part::Said(ways, may) => {
            let taken = ways.iter().filter(|way| words.starts_with(way)).find_map(|way| follow(more, &words[way.len()..]));
            taken.or_else(|| if *may { follow(more, words) } else { None })
        }
    }
}

/// Words that name nothing by themselves.
const NOTHING: &[&str] = &[
    "the",
    "a",
    "an",
    "my",
    "our",
    "all",
    "any",
    "everything",
    "anything",
    "something",
    "nothing",
    "cluster",
    "namespace",
    "us",
    "me",
    "you",
    "them",
    "these",
    "those",
    "what",
    "who",
    "there",
    "here",
    "and",
    "or",
    "not",
    "no",
    "to",
    "of",
    "in",
    "on",
    "if",
    "when",
    "is",
    "are",
    "be",
    "i",
    "we",
    "so",
    "too",
];

/// `redis`, `service/redis`: the one object that these words name.
fn object(words: &[&str], scope: &Scope) -> Option<String> {
    let words = match words {
        ["the" | "my" | "our", rest @ ..] => rest,
        all => all,
    };
    let name = |word: &str| {
        (!NOTHING.contains(&word) && Kind::find(word).is_none() && Name::new(word.to_string()).is_ok()).then(|| word.to_string())
    };
    let of = |kind: &str, word: &str| {
        let kind = Kind::find(kind)?;
        let legal = !NOTHING.contains(&word) && Name::new(word.to_string()).is_ok();
        legal.then(|| format!("{}/{word}", kind.info().kind.to_lowercase()))
    };
    match words {
        ["it" | "this" | "that"] => scope.last.as_ref().map(|t| t.slashed()),
        ["this" | "that", kind] => {
            let kind = Kind::find(kind)?;
            scope.last.as_ref().filter(|t| t.kind() == kind).map(|t| t.slashed())
        }
        [one] => match one.split_once('/') {
            Some((kind, word)) => of(kind, word),
            None => name(one),
        },
        [kind, word] if Kind::find(kind).is_some() => of(kind, word),
        [word, kind] if Kind::find(kind).is_some() => of(kind, word),
        ["config", "map", word] => of("configmap", word),
        [kind, "named" | "called", word] => of(kind, word),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scope() -> Scope {
        let last = crate::ops::Target::new(Kind::find("service").unwrap(), Name::new("redis".to_string()).unwrap()).ok();
        Scope { namespace: Namespace::new("here").unwrap(), last, everywhere: false, cluster: true }
    }

    fn said(text: &str) -> Option<String> {
        match read(text, &scope())? {
            Aside::Account { asks, of, namespace } => {
                let side = match asks {
                    Inquiry::Timeline { since, changes } => {
                        let since = since.map_or_else(String::new, |s| format!(" {s:?}"));
                        format!("{}{since}", if changes { "changes" } else { "timeline" })
                    }
                    Inquiry::Depends(side) => format!("{side:?}"),
                };
                let at = namespace.map_or_else(|| "everywhere".to_string(), |n| n.to_string());
                Some(format!("{side} of {} in {at}", of.unwrap_or_else(|| "all".into())))
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn sentences_that_ask_for_an_account() {
        for (text, want) in [
            ("timeline of backend", "timeline of backend in here"),
            ("show me the timeline of deployment backend in prod", "timeline of deployment/backend in prod"),
            ("show the backend timeline", "timeline of backend in here"),
            ("timeline", "timeline of all in here"),
            ("timeline of namespace prod", "timeline of namespace/prod in here"),
            ("timeline in namespace prod since 2h", "timeline Ago(7200) of all in prod"),
            ("What happened to backend since 10am?", "timeline Clock(600) of backend in here"),
            ("what happened to the backend deployment in the last 30 minutes", "timeline Ago(1800) of deployment/backend in here"),
            ("what happened with it since noon", "timeline Clock(720) of service/redis in here"),
            ("what happened in the last hour in all namespaces", "timeline Ago(3600) of all in everywhere"),
            ("history of events of web", "timeline of web in here"),
            ("event history for deployment/web", "timeline of deployment/web in here"),
            ("what changed in the last hour", "changes Ago(3600) of all in here"),
            ("what changed in the last hour in prod", "changes Ago(3600) of all in prod"),
            ("what changed in prod in the last hour", "changes Ago(3600) of all in prod"),
            ("what changed recently", "changes Ago(86400) of all in here"),
            ("what changed since yesterday", "changes Day(1) of all in here"),
            ("what has changed today in the cluster", "changes Day(0) of all in everywhere"),
            ("what changed around web in the past 2 days", "changes Ago(172800) of web in here"),
            ("recent changes to configmap app-config", "changes of configmap/app-config in here"),
            ("who changed the configmap app-config", "changes of configmap/app-config in here"),
            ("what depends on redis", "On of redis in here"),
            ("which services depend on the redis service in prod", "On of service/redis in prod"),
            ("what uses pvc data", "On of persistentvolumeclaim/data in here"),
            ("who uses redis", "On of redis in here"),
            ("what does backend depend on", "Of of backend in here"),
            ("what does the deployment backend need to start", "Of of deployment/backend in here"),
            ("list the dependencies of deploy/backend", "Of of deployment/backend in here"),
            ("dependency graph of backend", "Both of backend in here"),
            ("what breaks if I delete service redis", "Loss of service/redis in here"),
            ("what would happen if i delete secret db-creds in prod?", "Loss of secret/db-creds in prod"),
            ("what breaks when node n1 goes down", "Loss of node/n1 in here"),
            ("what happens if i drain node n1", "Loss of node/n1 in here"),
            ("what will be affected if namespace dev is deleted", "Loss of namespace/dev in here"),
            ("what breaks without pvc data", "Loss of persistentvolumeclaim/data in here"),
            ("is it safe to delete configmap app-config", "Loss of configmap/app-config in here"),
            ("blast radius of deleting it", "Loss of service/redis in here"),
        ] {
            assert_eq!(said(text).as_deref(), Some(want), "{text}");
        }
    }

    #[test]
    fn what_says_more_or_something_else_is_left_to_others() {
        for text in [
            // The events of it.
            "what happened to deployment web",
            "what happened in dev",
            "what happened recently in namespace dev",
            "what changed in web",
            // A rollout's history, a release's revisions.
            "what changed in the last release",
            "what changed in the last rollout of web",
            "what changed between revision 2 and 3 of web",
            "history of web",
            "rollout history of backend",
            // `aiops find` lists these.
            "what uses the configmap app-config",
            "who uses secret db-creds",
            "what uses the most memory",
            "what uses most cpu",
            // Changes, and questions about more than one thing.
            "delete service redis",
            "delete what depends on redis",
            "what depends on redis and delete it",
            "what depends on redis and postgres",
            "what breaks if i delete all pods",
            "what breaks if i delete the service redis and restart backend",
            "what breaks if i scale backend to 0",
            "what depends on redis since 10am",
            "what happened since the release",
            "what happened to everything",
            "what happens if a pod crashes",
            "what does crashloopbackoff mean",
            "what changed the",
            "timeline of",
            "of",
            "",
            "label deployment web timeline=of",
        ] {
            assert_eq!(said(text), None, "{text}");
        }
    }

    #[test]
    fn every_sentence_is_reached() {
        for (sentence, asks) in SENTENCES {
            for last in [false, true] {
                let word = |part: &str| {
                    let inside = part.trim_start_matches('(').trim_end_matches(')');
                    let mut ways = inside.split('/');
                    let way = if last { ways.next_back() } else { ways.next() };
                    way.unwrap_or_default().replace('_', " ").replace("IT", "service redis")
                };
                let words: Vec<String> = sentence.split(' ').filter(|p| last || !p.starts_with('(')).map(word).collect();
                let time = if *asks == Asks::HappenedSince { " since 10am" } else { "" };
                assert!(said(&format!("{}{time}", words.join(" "))).is_some(), "{}", words.join(" "));
            }
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "\\PC{0,80}", n in 0..SENTENCES.len()) {
            let _ = said(&text);
            let _ = said(&format!("{} {text}", SENTENCES[n].0));
        }
    }
}

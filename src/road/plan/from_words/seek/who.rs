//! "who can delete pods in prod": the verbs of the API that the words mean.

use super::super::phrases::{List, list};
use super::phrase::Phrases;

const WHO: &List = &List::of(
    "who can|who may|who is allowed to|who are allowed to|who is able to|who has permission to|who has permissions to|who has the right to|who has rights to|which users can|\
    which user can|what users can|which users may|which users are allowed to|which subjects can|which service accounts can|which serviceaccounts can|which groups can|who could|list who can|the users who can|users who can|users that can|list the users who can|show who can|show me who can|tell me who can|find who can|\
    find out who can|list users who can|list users that can|show users who can|show users that can|check who can|see who can|who all can|who has access to",
);

/// What people say, the verbs, and the part of the object that is meant.
const VERBS: &[(List, &[&str], Option<&str>)] = &[
    (List::of("delete|remove|kill|destroy"), &["delete"], None),
    (List::of("create|make|add"), &["create"], None),
    (List::of("get|read|see|view|show|look at|access"), &["get"], None),
    (List::of("list"), &["list"], None),
    (List::of("watch"), &["watch"], None),
    (List::of("update|change|modify|edit"), &["update"], None),
    (List::of("patch"), &["patch"], None),
    (List::of("scale"), &["update"], Some("scale")),
    (List::of("exec into|exec in|execute in|get a shell in|open a shell in|exec"), &["create"], Some("exec")),
    (
        List::of("read the logs of|read logs of|see the logs of|view the logs of|get logs of|get the logs of|read logs from"),
        &["get"],
        Some("log"),
    ),
    (List::of("port-forward to|port forward to|forward ports to"), &["create"], Some("portforward")),
    (List::of("evict"), &["create"], Some("eviction")),
    (List::of("impersonate"), &["impersonate"], None),
    (List::of("bind"), &["bind"], None),
    (List::of("escalate"), &["escalate"], None),
    (List::of("use"), &["use"], None),
];

/// The verbs of the API that what stands here means, the part of the object, and how many words it takes.
pub fn doing(words: &Phrases<'_>, at: usize) -> Option<(&'static [&'static str], Option<&'static str>, usize)> {
    VERBS.iter().filter_map(|(said, verbs, part)| Some((*verbs, *part, words.any(at, said)?))).max_by_key(|(.., n)| *n)
}

/// A verb of the API, and the part of the object it is done to.
pub type Doing = (String, Option<&'static str>);

/// The verbs of a question that begins so, where it begins, and how many words they take.
pub fn verbs(words: &Phrases<'_>) -> Option<(Vec<Doing>, usize, usize)> {
    // Where it is asked may stand before: "in namespace dev, who can …".
    let (begin, lead) = (0..words.len().min(9)).find_map(|at| Some((at, at + words.any(at, WHO)?)))?;
    if words.phrase(begin, "who has access to").is_some() {
        return words.whole(begin, lead - begin).then(|| (vec![("get".to_string(), None)], begin, lead - begin));
    }
    let mut found = Vec::new();
    let mut at = lead;
    while let Some((verbs, part, n)) = doing(words, at) {
        found.extend(verbs.iter().map(|verb| ((*verb).to_string(), part)));
        at += n;
        let joint = words.any(at, list!("and|or|,|, and|, or")).filter(|joint| doing(words, at + joint).is_some());
        match joint {
            Some(joint) => at += joint,
            None => break,
        }
    }
    (!found.is_empty() && words.whole(begin, at - begin)).then_some((found, begin, at - begin))
}

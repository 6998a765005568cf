//! Ways to word a sentence that come to an order: where it is to happen, said beside it ("…, namespace shop"; "in namespace shop: …"),
//! and what must be, in place of what to do ("a config map x is needed", "the CSR y must be denied").
//!
//! Invariant: words change their place or lead to the verb they mean; none is lost but signs and "must be".

use super::{
    lexicon::{self, Sense},
    manner::fits,
    normalise::Word,
    parts::{Part, off},
    phrases::list,
    placed, stems,
    tag::{Is, kind_of, tag},
};

/// One sentence, worded as an order where it means one.
pub fn plainly(words: &mut Vec<Word>) {
    if off(Part::Wording) {
        return;
    }
    owners(words);
    placed::named(words);
    what_runs(words);
    needed(words);
    beside(words);
    counted(words);
}

/// "the deployment mysqls current size is 2, scale mysql to 3": what is spoken of without the `s` has lost an apostrophe.
fn owners(words: &mut [Word]) {
    let owned =
        list!("current|image|images|replicas|replica|labels|label|logs|service|pods|size|memory|cpu|status|env|port|ports|selector");
    for at in 0..words.len().saturating_sub(1) {
        let named = |base: &&str| base.len() > 2 && !lexicon::has(base) && kind_of(base).is_none();
        let base = words[at].low.strip_suffix('s').filter(|base| !words[at].quoted && owned.has(&words[at + 1]) && named(base));
        let Some(owner) = base.and_then(|base| words.iter().find(|w| w.low == base)).cloned() else { continue };
        words[at] = owner;
    }
}

/// "what is running in prod": pods are what runs.
fn what_runs(words: &mut Vec<Word>) {
    if fits(words, "what is running").is_some() && words.get(3).is_none_or(|w| ["in", "on", "here", "inside"].iter().any(|at| w.is(at))) {
        words.splice(..3, ["list", "the", "pods"].map(Word::plain));
    }
}

/// "two literals: a=b and c=d": how many are listed is seen.
fn counted(words: &mut Vec<Word>) {
    const NOUNS: &[&str] = &["literals", "keys", "values", "labels", "annotations", "variables", "entries", "pairs", "files"];
    const NUMBERS: &[&str] = &["two", "three", "four", "five", "six", "2", "3", "4", "5", "6"];
    let lists = |at: usize| {
        let listed = words.get(at + 2).is_some_and(|w| [":", ","].iter().any(|s| w.is(s)) || w.said.contains('='));
        NUMBERS.iter().any(|n| words[at].is(n)) && words.get(at + 1).is_some_and(|w| NOUNS.iter().any(|n| w.is(n))) && listed
    };
    if let Some(at) = (0..words.len()).find(|at| lists(*at)) {
        words.remove(at);
    }
}

/// What stands behind `namespace` and is no name.
const NO_NAME: &[&str] = &[
    "and", "or", "with", "where", "that", "which", "is", "are", "has", "named", "called", "of", "on", "in", "for", "to", "by", "as", "at",
    "from", "the", "this", "a", "an", "it", "its", "so", "then", "only", "quota", "quotas", "please", "name", "names", "labels", "label",
    "admin",
];

/// "…, namespace shop" and "namespace shop: …" are "in namespace shop"; the word behind is a name, whatever it means elsewhere.
fn beside(words: &mut Vec<Word>) {
    let sign = |w: &Word| [",", ":", ";"].iter().any(|sign| w.is(sign));
    let mut at = 0;
    while at + 1 < words.len() {
        let place = ["namespace", "ns"].iter().any(|w| words[at].is(w));
        let name = &words[at + 1];
        let named = name.quoted || name.low.starts_with(|c: char| c.is_ascii_alphanumeric()) && !NO_NAME.iter().any(|no| name.is(no));
        if !place || !named {
            at += 1;
            continue;
        }
        let leads = at > 0 && ["in", "of", "from", "for", "to", "on", "within", "inside", "into"].iter().any(|prep| words[at - 1].is(prep));
        let the =
            at > 1 && words[at - 1].is("the") && ["in", "of", "from", "for", "to", "within", "inside"].iter().any(|p| words[at - 2].is(p));
        let first = at == 0 || leads && at == 1 || the && at == 2;
        let parted = at > 0 && sign(&words[at - 1]);
        let ends = words.get(at + 2).is_none_or(|w| sign(w) || w.is("."));
        if leads || the || parted || first {
            words[at + 1].quoted |= means_something(&words[at + 1]) && (ends || words.get(at + 2).is_none_or(|w| !kind(w)));
        }
        if first && words.get(at + 2).is_some_and(sign) && words.len() > at + 3 {
            words.remove(at + 2);
            // The order first, and then where.
            let mut place: Vec<Word> = words.drain(..at + 2).collect();
            if at == 0 {
                place.insert(0, Word::plain("in"));
            }
            words.append(&mut place);
            at = 0;
            if words.iter().filter(|w| ["namespace", "ns"].iter().any(|ns| w.is(ns))).count() > 1 {
                return;
            }
            continue;
        } else if parted && ends {
            words[at - 1] = Word::plain("in");
        }
        at += 2;
    }
}

fn means_something(word: &Word) -> bool {
    !word.quoted && (lexicon::phrase(|i| (i == 0).then_some(word.low.as_str())).is_some() || kind(word))
}

fn kind(word: &Word) -> bool {
    matches!(tag(std::slice::from_ref(word)).as_slice(), [token] if matches!(token.is, Is::Kind(..)))
}

/// "A config map x is needed", "the CSR y must be denied", "statefulset db should have 3 replicas": what must be is what is ordered.
fn needed(words: &mut Vec<Word>) {
    // A sentence that begins with a verb is an order already, and one that asks is none.
    let first = words.first().map(|w| lexicon::phrase(|i| (i == 0).then_some(w.low.as_str())));
    let thing =
        first.is_some_and(|sense| sense.is_none_or(|(_, sense)| matches!(sense, Sense::Det | Sense::New | Sense::This | Sense::Given(..))));
    if !thing || words.iter().any(|w| list!("if|when|not|why|?").has(w)) {
        return;
    }
    // What any of the phrases below begins with.
    if !words.iter().any(|w| list!("must|should|has|have|needs|need|shall|is|are").has(w)) {
        return;
    }
    let find = |phrase: &str| (1..words.len()).find_map(|at| fits(&words[at..], phrase).map(|n| (at, n)));
    let obliges = ["must be", "should be", "has to be", "have to be", "needs to be", "need to be", "shall be", "is to be", "are to be"];
    for phrase in obliges {
        let Some((at, n)) = find(phrase) else { continue };
        let Some(verb) = words.get(at + n).and_then(|w| base(&w.low)) else { continue };
        words[at + n] = Word::plain(verb);
        let verb = words.remove(at + n);
        words.drain(at..at + n);
        words.insert(0, verb);
        return;
    }
    for phrase in [
        "is needed",
        "are needed",
        "is required",
        "is wanted",
        "must exist",
        "should exist",
        "has to exist",
        "shall exist",
        "needs to exist",
    ] {
        let Some((at, n)) = find(phrase) else { continue };
        // What is needed is of a kind.
        if tag(&words[..at]).iter().any(|t| matches!(t.is, Is::Kind(_, false))) {
            words.drain(at..at + n);
            words.insert(0, Word::plain("create"));
            return;
        }
    }
    for phrase in ["should have", "must have", "shall have", "has to have", "needs to have"] {
        let Some((at, n)) = find(phrase) else { continue };
        let counted = words.get(at + n + 1).is_some_and(|w| ["replicas", "replica", "instances", "copies", "pods"].iter().any(|r| w.is(r)));
        if counted {
            words.splice(at..at + n, [Word::plain("to")]);
            words.insert(0, Word::plain("scale"));
            return;
        }
    }
}

/// The verb of "denied", "deleted", "scaled", where it is one of the language.
fn base(low: &str) -> Option<String> {
    let stem = low.strip_suffix("ed")?;
    let verb = |word: &String| {
        lexicon::phrase(|i| (i == 0).then_some(word.as_str()))
            .is_some_and(|(_, sense)| matches!(sense, Sense::Act(_) | Sense::Alter(_) | Sense::Label | Sense::Mark))
    };
    stems::of(stem).find(verb)
}

#[cfg(test)]
mod tests {
    use super::{super::normalise::with_colons, *};

    fn worded(text: &str) -> String {
        let mut words = with_colons(text);
        plainly(&mut words);
        words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn orders_in_other_words() {
        for (text, want) in [
            ("get the logs of web, namespace mars", "get the logs of web in namespace mars"),
            ("in namespace orion, make a pod", "make a pod in namespace orion"),
            ("namespace shop: restart web", "restart web in namespace shop"),
            ("get pods in namespace jobs", "get pods in namespace \"jobs\""),
            ("describe pod w in ns events", "describe pod w in ns \"events\""),
            ("the csr intruder-7 must be denied", "deny the csr intruder-7"),
            ("a configmap ui must exist in namespace portal", "create a configmap ui in namespace portal"),
            ("the statefulset mongo should have 3 replicas", "scale the statefulset mongo to 3 replicas"),
            ("list the namespaces", "list the namespaces"),
            ("create namespace dev and deploy web there", "create namespace dev and deploy web there"),
            ("restart web, it must be fast", "restart web , it must be fast"),
        ] {
            assert_eq!(worded(text), want, "{text}");
        }
    }
}

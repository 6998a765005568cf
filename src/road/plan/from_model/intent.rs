//! What a person's own words ask for, as far as it can be said without understanding them: whether they only ask to look, whether they
//! name an object, whether they speak of what an operation does. The one place for these word lists.

use crate::ops::{Impact, Op};

/// A person's words, taken apart.
#[derive(Debug)]
pub(super) struct Words {
    text: String,
    /// Lower case, without punctuation at the edges.
    tokens: Vec<String>,
}

/// Words that ask for a change. Inexact on the cautious side: what is not here is taken for a wish to look, and a change that is
/// proposed then says so first.
const CHANGING: &str = "add adjust annotate apply assign attach autoscale block bounce bump change clean clear configure convert cordon create cut \
    decrease delete deploy destroy detach disable double downgrade downsize drain drop edit eliminate enable ensure evict expand \
    expose extend fix free give grant grow halt halve heal increase install kick kill label lower make mend migrate modify move must \
    need needs nuke patch pause promote provision prune purge put quadruple raise reboot recreate recycle redeploy reduce refresh \
    relabel release remove rename repair replace reset resize resolve restart restore resume retire revert revoke roll rollback rotate \
    scale schedule set ship should shrink shut spin start stop suspend swap switch taint terminate toggle triple turn unblock uncordon \
    undo uninstall unlabel unpause untaint update upgrade upscale want wants wipe";

/// Words that ask to look, at the beginning of a sentence.
const LOOKING: &str = "analyze analyse any anything are ask check compare count debug describe diagnose did display do does examine explain fetch find \
    get give has have help how inspect investigate is list log logs look monitor print query read report retrieve search see show \
    status summarize summarise tail tell there top verify view was watch were what what's whats when where which who whose why";

/// Words that say nothing before a verb.
const FILLERS: &str = "a also and asap but can carefully could finally first go hey hi i i'd i'll immediately just kindly let let's lets like me next now \
    ok okay please pls quickly so then to us we will would you";

/// Other words for what an operation does, by its name in the catalogue: beginnings of words.
const OTHER_WORDS: &[(&str, &[&str])] = &[
    ("scale", &["scal", "replica", "zero", "stop", "shut", "down", "pause", "off"]),
    ("set_image", &["image", "updat", "upgrad", "deploy", "version"]),
    ("rollout_restart", &["restart", "bounc", "recycl", "reboot", "redeploy"]),
    ("rollout_undo", &["undo", "roll", "revert", "back", "former", "previous"]),
    ("delete", &["delet", "remov", "kill", "destroy", "purg", "wip", "nuk", "drop", "clean", "rid", "terminat", "prun"]),
];

impl Words {
    pub(super) fn new(text: &str) -> Words {
        let edge = |c: char| !c.is_alphanumeric();
        let apart = |c: char| c.is_whitespace() || ",;!?()[]{}\"`<>|".contains(c);
        let tokens = text.split(apart).map(|w| w.trim_matches(edge).to_lowercase()).filter(|w| !w.is_empty()).collect();
        Words { text: text.to_string(), tokens }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether they name this, as a word or as one side of `kind/name`.
    pub(super) fn name(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.tokens.iter().any(|word| *word == name || word.split(['/', '=']).any(|part| part == name))
    }

    /// Whether they hold this path, as a word.
    pub(super) fn hold(&self, path: &str) -> bool {
        !path.is_empty() && self.text.split_whitespace().map(|w| w.trim_matches(['"', '\'', '`', ',', ';'])).any(|w| w == path)
    }

    /// Whether they speak of what was talked about before.
    pub(super) fn point_back(&self) -> bool {
        self.tokens.iter().any(|w| ["it", "its", "that", "this", "same", "one", "them"].contains(&w.as_str()))
    }

    /// Whether they speak of what this operation does. Asked only of what disrupts or destroys.
    pub(super) fn speak_of(&self, op: &Op) -> bool {
        if op.verb().impact() <= Impact::Changes {
            return true;
        }
        let entry = op.entry();
        let others = OTHER_WORDS.iter().find(|(name, _)| *name == entry.name).map_or(&[][..], |(_, words)| words);
        let said = |beginning: &str| self.tokens.iter().any(|w| w.starts_with(beginning));
        others.iter().any(|w| said(w)) || entry.verb.last().is_some_and(|w| said(w))
    }

    /// Whether they ask only to look: no clause begins with a changing verb, and either the first begins with a looking word or there
    /// is no changing verb at all.
    pub(super) fn ask_to_look(&self) -> bool {
        let lower = self.text.to_lowercase();
        let clauses = lower.split([',', ';', ':', '!', '?', '\n']).flat_map(|c| c.split(". "));
        let clauses: Vec<Vec<&str>> = clauses.flat_map(|c| parts(c.split_whitespace().collect())).collect();
        let heads: Vec<&[&str]> = clauses.iter().map(|c| head(c)).filter(|c| !c.is_empty()).collect();
        if heads.iter().any(|clause| orders(clause)) {
            return false;
        }
        heads.first().is_some_and(|clause| clause.first().is_some_and(|w| is_in(LOOKING, bare(w))))
            || !self.tokens.iter().any(|w| is_in(CHANGING, w))
    }
}

/// `show the pods and delete them` is two clauses.
fn parts(words: Vec<&str>) -> Vec<Vec<&str>> {
    words.split(|w| ["and", "then", "but", "also", "so", "afterwards"].contains(w)).map(<[&str]>::to_vec).collect()
}

fn is_in(list: &str, word: &str) -> bool {
    list.split(' ').any(|w| w == word)
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric())
}

/// The clause without what says nothing before its verb.
fn head<'a>(clause: &'a [&'a str]) -> &'a [&'a str] {
    let begins = clause.iter().position(|w| !is_in(FILLERS, bare(w))).unwrap_or(clause.len());
    &clause[begins..]
}

/// Whether a clause, its fillers aside, begins with a changing verb.
fn orders(clause: &[&str]) -> bool {
    let word = |n: usize| clause.get(n).map_or("", |w| bare(w));
    match (word(0), word(1)) {
        // `give me the logs` looks, `give it more memory` does not; `get rid of` is no `get`; `set up` and `top up` aside.
        ("give", "me" | "us") => false,
        ("get", "rid") | ("take", "down" | "out" | "away" | "back") | ("bring", "down" | "up" | "back") => true,
        (first, _) => is_in(CHANGING, first),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_is_told_from_changing() {
        for look in [
            "show pods",
            "why did the autoscaler remove my node",
            "what changed since yesterday",
            "how do I delete a pod",
            "can you tell me why backend restarts",
            "is it possible to scale the backend",
            "give me the logs of worker",
            "pods in kube-system",
            "did the rollout restart finish?",
            "what should I do about worker",
            "which deployments need more memory",
            "please show me the last restart, and the events",
        ] {
            assert!(Words::new(look).ask_to_look(), "{look}");
        }
        for change in [
            "delete the failed pods",
            "please bump backend to three",
            "can you restart backend",
            "show the failed pods and delete them",
            "why is worker failing? fix it",
            "get rid of the old replica sets",
            "the backend needs more memory",
            "i want backend to have 3 replicas",
            "let's drain node n1",
            "worker is stuck, kick it",
            "backend should have 3 replicas",
            "Bring down the frontend",
        ] {
            assert!(!Words::new(change).ask_to_look(), "{change}");
        }
    }

    #[test]
    fn names_are_whole_words() {
        let words = Words::new("restart Deployment/backend, and `worker`!");
        assert!(words.name("backend") && words.name("worker"));
        assert!(!words.name("back") && !words.name("work") && !words.name("end"));
        assert!(Words::new("apply ./k8s/app.yaml").hold("./k8s/app.yaml"));
        assert!(!Words::new("apply ./k8s/app.yaml").hold("k8s/app.yaml"));
        assert!(!Words::new("what is in /etc/passwd-like files").hold("/etc/passwd"));
    }
}

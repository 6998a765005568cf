//! Second step: words become tokens, each with one meaning: a phrase of the lexicon, a kind, or something by its shape (a number,
//! `key=value`, `kind/name`, an image, a file). What means nothing stays a plain word: it may be a name.

mod kinds;
mod shape;
mod spelling;

pub use kinds::kind_of;

pub use shape::day;

use super::{
    lexicon::{self, Act, Sense},
    normalise::Word,
    parts::{Part, off},
};
use crate::ops::Kind;
use compact_str::CompactString;
use kinds::kind_phrase;
use shape::{NUMBERS, flag, legal_shape, quoted, shape};
use spelling::spelt;

/// One token: what was said, and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The words as they were said.
    pub said: CompactString,
    /// Their meaning.
    pub is: Is,
    /// The word it was mended to, where it was misspelt.
    pub mended: Option<&'static str>,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub enum Is {
    /// A phrase of the lexicon.
    Sense(Sense),
    /// A kind of object, and whether it was said in the plural.
    Kind(Kind, bool),
    /// A whole number.
    Number(u64),
    /// `key=value`, `key!=value`.
    Pair(CompactString),
    /// `key-`: take that label away.
    Minus(CompactString),
    /// `kind/name`.
    Slashed(Kind, CompactString),
    /// An image reference with a tag, a digest or a path.
    Image,
    /// A manifest's path.
    File,
    /// `10m`, `2h`.
    Duration,
    /// A quantity or a share: `500Mi`, `80%`, `0.5`.
    Amount,
    /// A host, an address, a path: `foo.com/bar`, `https://…`, `svc:8080`.
    Address,
    /// `--tail=5`, `-n`: name and value.
    Flag(&'static str, Option<CompactString>),
    /// May be a name.
    Word,
    /// In quotes: a name or a value.
    Quoted,
    /// No name, no word of the language.
    Strange,
    /// `,`
    Comma,
    /// `.` or `;`: one sentence ends.
    Stop,
    /// What stood in brackets.
    Aside,
}

impl Token {
    /// Whether it has that sense.
    pub fn means(&self, sense: Sense) -> bool {
        self.is == Is::Sense(sense)
    }
    /// Whether it can be a name.
    pub fn nameable(&self) -> bool {
        matches!(self.is, Is::Word | Is::Quoted)
    }
}

/// The tokens that `words` make.
pub fn tag(words: &[Word]) -> Vec<Token> {
    let (words, mended) = spelt(opened(words));
    let mut tokens: Vec<Token> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let (mut token, took) = one(&words, at, &tokens);
        let took = took.max(1);
        if matches!(token.is, Is::Sense(_) | Is::Kind(..)) {
            token.mended = mended[at..(at + took).min(words.len())].iter().find_map(|word| *word);
        }
        tokens.push(token);
        at += took;
    }
    parted_verb(&mut tokens);
    tokens
}

/// Words as they were said.
fn said(words: &[Word]) -> CompactString {
    let Some((first, rest)) = words.split_first() else { return CompactString::default() };
    rest.iter().fold(first.said.clone(), |said, word| said + " " + &word.said)
}

/// Brackets that hold a part of the request, "(label app=web)", "(namespace dev)", taken away; what else stands in brackets is an aside.
fn opened(words: &[Word]) -> Vec<Word> {
    const LEAD: &[&str] =
        &["label", "labels", "labelled", "labeled", "selector", "namespace", "ns", "image", "container", "port", "named", "called"];
    let mut gone = vec![false; words.len()];
    let mut from = if off(Part::Brackets) { words.len() } else { 0 };
    while let Some(open) = (from..words.len()).find(|at| words[*at].is("(")) {
        let Some(close) = (open + 1..words.len()).find(|at| words[*at].is(")")) else { break };
        let inside = &words[open + 1..close];
        let pair = |w: &Word| matches!(shape(&w.said, &w.low), Is::Pair(_));
        let leads = inside.first().is_some_and(|w| LEAD.iter().any(|lead| w.is(lead))) && inside.len() > 1;
        if !inside.iter().any(|w| w.is("(")) && (leads || matches!(inside, [one] if pair(one))) {
            gone[open] = true;
            gone[close] = true;
        }
        from = close + 1;
    }
    words.iter().zip(gone).filter(|(_, gone)| !gone).map(|(word, _)| word.clone()).collect()
}

/// "roll web back": a verb in two parts.
fn parted_verb(tokens: &mut Vec<Token>) {
    let Some(roll) = tokens.iter().position(|t| t.is == Is::Word && t.said.eq_ignore_ascii_case("roll")) else { return };
    let Some(back) = tokens[roll..].iter().take(6).position(|t| t.said.to_lowercase().starts_with("back")).map(|n| n + roll) else {
        return;
    };
    tokens[roll].is = Is::Sense(Sense::Act(Act::RollBack));
    if tokens[back].is == Is::Word {
        tokens.remove(back);
    }
}

/// Words of other trades that workloads are often named after: behind or before a kind they are names.
const NAMELIKE: &[&str] = &[
    "proxy", "backup", "migrate", "scan", "build", "restore", "audit", "alerts", "export", "import", "env", "version", "nightly", "daily",
    "view", "edit", "admin",
];

fn one(words: &[Word], at: usize, before: &[Token]) -> (Token, usize) {
    let word = &words[at];
    let plain = |is: Is| (Token { said: word.said.clone(), is, mended: None }, 1);
    if word.quoted {
        if let (Ok(n), false) = (word.said.parse::<u64>(), before.last().is_some_and(|t| t.means(Sense::Named))) {
            return plain(Is::Number(n));
        }
        // A `Deployment`: no name begins with a capital letter, and a kind does.
        if word.said.starts_with(|c: char| c.is_ascii_uppercase())
            && !before.last().is_some_and(|t| t.means(Sense::Named))
            && let Some((kind, plural)) = kind_of(&word.low)
            && kind.word().eq_ignore_ascii_case(&word.said) | (plural && kind.plural().eq_ignore_ascii_case(&word.said))
        {
            return plain(Is::Kind(kind, plural));
        }
        return plain(quoted(&word.said));
    }
    let sign = match word.low.as_str() {
        "," => Some(plain(Is::Comma)),
        "." | ";" | ":" => Some(plain(Is::Stop)),
        ")" => Some(plain(Is::Strange)),
        "(" => {
            let mut depth = 0i32;
            let closes = |w: &Word| {
                depth += i32::from(w.is("(")) - i32::from(w.is(")"));
                depth == 0
            };
            let end = words[at..].iter().position(closes).map_or(words.len(), |n| at + n + 1);
            Some((Token { said: said(&words[at..end]), is: Is::Aside, mended: None }, end - at))
        }
        _a_word => None,
    };
    if let Some(sign) = sign {
        return sign;
    }
    if let Some((said, took)) = super::quantities::quantity(words, at) {
        return (Token { said: said.into(), is: Is::Amount, mended: None }, took);
    }
    // An ingress for what no other rule takes is called so.
    if word.low == "catch" && words.get(at + 1).is_some_and(|next| next.is("all")) {
        return (Token { said: "catch-all".into(), is: Is::Word, mended: None }, 2);
    }
    if word.low.starts_with('-') && word.low.len() > 1 && word.low != "->" {
        return flag(words, at);
    }
    if before.last().is_some_and(|t| t.means(Sense::Named))
        && kind_phrase(words, at).is_none_or(|(_, _, n)| n == 1)
        && legal_shape(&word.low)
    {
        return plain(Is::Word);
    }
    // "container sidecar", "container proxy": a name, whatever the word is elsewhere.
    const BEHIND_A_CONTAINER: &[&str] = &[
        "of",
        "in",
        "on",
        "from",
        "named",
        "called",
        "image",
        "images",
        "logs",
        "log",
        "that",
        "which",
        "and",
        "or",
        "port",
        "ports",
        "is",
        "are",
        "to",
        "with",
        "for",
        "name",
        "names",
        "has",
        "have",
        "by",
        "was",
        "should",
        "running",
        "crashing",
        "failing",
        "restarts",
        "restart",
        "status",
        "startup",
        "states",
        "state",
        "memory",
        "cpu",
        "keeps",
        "using",
        "use",
        "uses",
        "security",
        "resources",
        "a",
        "the",
    ];
    if before.last().is_some_and(|t| t.means(Sense::Container) && t.said.eq_ignore_ascii_case("container"))
        && legal_shape(&word.low)
        && !BEHIND_A_CONTAINER.contains(&word.low.as_str())
        && (lexicon::has(&word.low) || kind_of(&word.low).is_some())
        && words
            .get(at + 1)
            .is_none_or(|next| ["in", "of", "on", "from", "to", "for", "and", ",", ".", "last", "as"].iter().any(|w| next.is(w)))
    {
        return plain(Is::Word);
    }
    // "the variable DEBUG", "container two": whatever the word is elsewhere.
    let capitals = word.said.len() > 1 && word.said.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    let of_env = words.get(at + 1).is_some_and(|next| ["env", "environment"].iter().any(|env| next.is(env)));
    if capitals && of_env {
        return plain(Is::Word);
    }
    if before
        .last()
        .is_some_and(|t| t.means(Sense::Role("env")) && capitals || t.means(Sense::Container) && NUMBERS.contains(&word.low.as_str()))
    {
        return plain(Is::Word);
    }
    // "why is report failing": between the two stands what fails, whatever the word is elsewhere.
    if asked_why(words, at, before) {
        return plain(Is::Word);
    }
    // "labels a and b", "pod a in dev": an article has something behind it.
    let article = ["a", "an"].contains(&word.low.as_str());
    if article && words.get(at + 1).is_none_or(|n| ["and", ",", "from", "to", "in", "of", "on", "or", "by", "."].iter().any(|p| n.is(p))) {
        return plain(Is::Word);
    }
    if NAMELIKE.contains(&word.low.as_str()) && stands_for_a_name(words, at, before) {
        return plain(Is::Word);
    }
    let low = |i: usize| words.get(at + i).filter(|w| !w.quoted).map(|w| w.low.as_str());
    let phrase = lexicon::phrase(low);
    // "create namespace dev and run a pod web": another step, and no command.
    let runs_a_kind = || (2..=3).any(|behind| kind_phrase(words, at + behind).is_some());
    if matches!(phrase, Some((2, Sense::Role("command")))) && word.low == "and" && runs_a_kind() {
        return plain(Is::Sense(Sense::And));
    }
    // "test the health of web": as a verb only where a request begins, since much is called so.
    if word.low == "test" && at == 0 && words.len() > 1 && phrase.is_none() {
        return plain(Is::Sense(Sense::Probe));
    }
    // A registry's user and password are spoken of where a Secret is made; elsewhere a server is what is called so.
    let credential = matches!(phrase, Some((_, Sense::Role(role))) if role.starts_with("docker-"));
    if credential && !before.iter().any(|t| t.means(Sense::Act(Act::Create)) || t.means(Sense::Alter(0))) {
        return plain(shape(&word.said, &word.low));
    }
    // "set the variable LOG_LEVEL to debug"
    let content =
        matches!(phrase, Some((1, Sense::Probe | Sense::Foreign | Sense::Trouble | Sense::Health | Sense::State(_) | Sense::Role(_))));
    if content && before.last().is_some_and(|t| t.means(Sense::To)) && before.iter().any(|t| t.means(Sense::Role("env"))) {
        return plain(Is::Word);
    }
    let kind = kind_phrase(words, at);
    // "in namespace dev deploy web"
    let placed = before.len() > 1
        && before.iter().all(|t| !matches!(t.is, Is::Sense(Sense::Act(_) | Sense::Alter(_) | Sense::Show | Sense::Topic(_) | Sense::Mark)))
        && before.last().is_some_and(Token::nameable)
        && matches!(&before[before.len() - 2].is, Is::Kind(kind, _) if kind.is("namespaces", ""));
    let starts =
        placed || before.last().is_none_or(|t| t.is == Is::Stop || t.means(Sense::Then) || t.means(Sense::And) || t.means(Sense::Filler));
    match (phrase, kind) {
        // `deploy` is a verb where a step begins, and a deployment elsewhere.
        (Some((1, Sense::Foreign | Sense::Act(Act::Deploy))), Some((kind, plural, 1))) if !starts || plural => {
            return plain(Is::Kind(kind, plural));
        }
        (Some((n, sense)), kind) if kind.is_none_or(|(_, _, k)| k <= n) => {
            return (Token { said: said(&words[at..at + n]), is: Is::Sense(sense), mended: None }, n);
        }
        (_, Some((kind, plural, n))) => {
            return (Token { said: said(&words[at..at + n]), is: Is::Kind(kind, plural), mended: None }, n);
        }
        (_, None) => {}
    }
    plain(shape(&word.said, &word.low))
}

/// "why is report failing": behind `why is`, before what is wrong with it.
fn asked_why(words: &[Word], at: usize, before: &[Token]) -> bool {
    let [.., why, be] = before else { return false };
    if !(why.means(Sense::Why) && be.means(Sense::Be) && legal_shape(&words[at].low)) {
        return false;
    }
    let sense = |at: usize| lexicon::phrase(|i| words.get(at + i).filter(|w| !w.quoted).map(|w| w.low.as_str())).map(|(_, sense)| sense);
    let names =
        |sense: Sense| matches!(sense, Sense::Act(_) | Sense::Advise | Sense::Show | Sense::Alter(_) | Sense::Wish | Sense::Role(_));
    let ails = |sense: Sense| matches!(sense, Sense::Trouble | Sense::Health | Sense::State(_) | Sense::Not);
    sense(at).is_some_and(names) && sense(at + 1).is_some_and(ails)
}

/// "job backup", "the backup job", "remove label env from", "the env label".
fn stands_for_a_name(words: &[Word], at: usize, before: &[Token]) -> bool {
    let next = words.get(at + 1);
    let next_kind = kind_phrase(words, at + 1).is_some_and(|(_, plural, _)| !plural);
    let word = &words[at].low;
    let key = word == "env" || word == "version";
    if ["view", "edit", "admin"].contains(&word.as_str()) {
        let of_roles = |kind: &Kind| kind.info().plural.ends_with("roles");
        return matches!(before.last(), Some(Token { is: Is::Kind(kind, false), .. }) if of_roles(kind))
            || !before.is_empty() && kind_phrase(words, at + 1).is_some_and(|(kind, plural, _)| !plural && of_roles(&kind));
    }
    match before.last() {
        Some(last) if key => {
            let label = matches!(last.is, Is::Sense(Sense::Act(Act::Unlabel) | Sense::Label));
            label && next.is_none_or(|n| ["from", "of", "on", "to", "and", "with"].iter().any(|p| n.is(p)))
                || next.is_some_and(|n| n.is("label"))
        }
        Some(last) => {
            matches!(last.is, Is::Kind(_, false) | Is::Sense(Sense::Container))
                || next_kind && !matches!(last.is, Is::Stop | Is::Sense(Sense::And | Sense::Then))
        }
        None => false,
    }
}

/// What each token was taken for, for a person.
pub fn explain(tokens: &[Token]) -> Vec<(String, String)> {
    tokens
        .iter()
        .map(|t| {
            let mut text = match &t.is {
                Is::Sense(Sense::Act(act)) => format!("verb: {}", act_word(*act)),
                Is::Sense(Sense::Topic(act)) => format!("about: {}", act_word(*act)),
                Is::Sense(sense) => format!("{sense:?}").to_lowercase(),
                Is::Kind(kind, plural) => format!("kind: {}", if *plural { kind.plural() } else { kind.word() }),
                Is::Number(n) => format!("number: {n}"),
                Is::Pair(p) => format!("label: {p}"),
                Is::Minus(key) => format!("label to remove: {key}"),
                Is::Slashed(kind, name) => format!("object: {}/{name}", kind.word()),
                Is::Flag(name, _) => format!("flag: --{name}"),
                other => format!("{other:?}").to_lowercase(),
            };
            if let Some(word) = t.mended {
                text.push_str(&format!(" (taken for {word:?})"));
            }
            (t.said.to_string(), text)
        })
        .collect()
}

fn act_word(act: Act) -> String {
    format!("{act:?}").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::{super::normalise::normalise, *};

    fn tags(text: &str) -> Vec<Is> {
        tag(&normalise(text)).into_iter().map(|t| t.is).collect()
    }
    fn kind(word: &str) -> Kind {
        Kind::find(word).unwrap()
    }

    #[test]
    fn phrases_kinds_and_shapes() {
        assert_eq!(tags("scale web to 3"), [Is::Sense(Sense::Act(Act::Scale)), Is::Word, Is::Sense(Sense::To), Is::Number(3)]);
        assert_eq!(tags("persistent volume claims"), [Is::Kind(kind("pvc"), true)]);
        assert_eq!(tags("pvcs"), [Is::Kind(kind("pvc"), true)]);
        assert_eq!(tags("replica set"), [Is::Kind(kind("rs"), false)]);
        assert_eq!(tags("deploy/web"), [Is::Slashed(kind("deploy"), "web".into())]);
        assert_eq!(tags("nginx:1.27"), [Is::Image]);
        assert_eq!(tags("k8s/web.yaml"), [Is::File]);
        assert_eq!(tags("app=web"), [Is::Pair("app=web".into())]);
        assert_eq!(tags("three"), [Is::Number(3)]);
        assert_eq!(tags("10m"), [Is::Duration]);
        assert_eq!(tags("web-"), [Is::Minus("web".into())]);
        assert_eq!(tags("-n dev"), [Is::Flag("namespace", Some("dev".into()))]);
        assert_eq!(tags("\u{7f51}\u{7ad9}"), [Is::Strange]);
        assert_eq!(tags("https://a.b/c.yaml"), [Is::Address]);
    }

    #[test]
    fn the_same_word_as_verb_and_as_kind() {
        assert_eq!(tags("deploy web")[0], Is::Sense(Sense::Act(Act::Deploy)));
        assert_eq!(tags("restart deploy web")[1], Is::Kind(kind("deployment"), false));
    }

    #[test]
    fn misspelt_words_but_no_names() {
        assert_eq!(tags("restrat web")[0], Is::Sense(Sense::Act(Act::Restart)));
        assert_eq!(tags("get deploymnets")[1], Is::Kind(kind("deployment"), true));
        assert_eq!(tags("describe pod servicer")[2], Is::Word);
        assert_eq!(tags("logs of scaler")[2], Is::Word);
        assert_eq!(tags("scale deployment named events to 3")[3], Is::Word);
    }
}

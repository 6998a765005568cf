//! Second step: words become tokens, each with one meaning: a phrase of the lexicon, a kind, or something by its shape (a number,
//! `key=value`, `kind/name`, an image, a file). What means nothing stays a plain word: it may be a name.

use super::{
    lexicon::{self, Act, Sense},
    normalise::Word,
    typos,
};
use crate::ops::Kind;

/// One token: what was said, and what it means.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The words as they were said.
    pub said: String,
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
    Pair(String),
    /// `key-`: take that label away.
    Minus(String),
    /// `kind/name`.
    Slashed(Kind, String),
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
    Flag(String, Option<String>),
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

const NUMBERS: &[&str] = &[
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// Kinds as people say them beside their Kubernetes names.
const KIND_WORDS: &[(&str, &str)] = &[
    ("autoscaler", "hpa"),
    ("autoscalers", "hpa"),
    ("claim", "pvc"),
    ("claims", "pvc"),
    ("cronjobs", "cronjobs"),
    ("endpoint", "endpoints"),
    ("volumeclaims", "pvc"),
    ("volumeclaim", "pvc"),
    ("microservice", "deployment"),
    ("ps", "pods"),
    ("microservices", "deployments"),
    ("workload", "deployment"),
    ("workloads", "deployments"),
    ("application", "deployment"),
    ("applications", "deployments"),
    ("component", "deployment"),
    ("components", "deployments"),
    ("autoscalingstatus", "hpa"),
    ("tlssecret", "secret"),
    ("disruptionbudgets", "pdb"),
    ("disruptionbudget", "pdb"),
    ("customresources", "crd"),
    ("quotas", "quota"),
];

/// Short names of kinds that are also words of the language.
const NO_KINDS: &[&str] = &["no", "limits", "ip", "pc", "cs"];

/// The tokens that `words` make.
pub fn tag(words: &[Word]) -> Vec<Token> {
    let (words, mended) = spelt(words);
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
        return plain(quoted(&word.said));
    }
    match word.low.as_str() {
        "," => return plain(Is::Comma),
        "." | ";" => return plain(Is::Stop),
        ")" => return plain(Is::Strange),
        "(" => {
            let mut depth = 0i32;
            let closes = |w: &Word| {
                depth += i32::from(w.is("(")) - i32::from(w.is(")"));
                depth == 0
            };
            let end = words[at..].iter().position(closes).map_or(words.len(), |n| at + n + 1);
            let said = words[at..end].iter().map(|w| w.said.as_str()).collect::<Vec<_>>().join(" ");
            return (Token { said, is: Is::Aside, mended: None }, end - at);
        }
        _ => {}
    }
    if let Some((said, took)) = super::quantities::quantity(words, at) {
        return (Token { said, is: Is::Amount, mended: None }, took);
    }
    // An ingress for what no other rule takes is called so.
    if word.low == "catch" && words.get(at + 1).is_some_and(|next| next.is("all")) {
        return (Token { said: "catch-all".into(), is: Is::Word, mended: None }, 2);
    }
    if word.low.starts_with('-') && word.low.len() > 1 {
        return flag(words, at);
    }
    if before.last().is_some_and(|t| t.means(Sense::Named))
        && kind_phrase(words, at).is_none_or(|(_, _, n)| n == 1)
        && legal_shape(&word.low)
    {
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
    // "test the health of web": as a verb only where a request begins, since much is called so.
    if word.low == "test" && at == 0 && words.len() > 1 && phrase.is_none() {
        return plain(Is::Sense(Sense::Probe));
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
        (Some((1, Sense::Foreign | Sense::Act(Act::Deploy))), Some((kind, plural, 1))) if !starts => return plain(Is::Kind(kind, plural)),
        (Some((n, sense)), kind) if kind.is_none_or(|(_, _, k)| k <= n) => {
            let said = words[at..at + n].iter().map(|w| w.said.as_str()).collect::<Vec<_>>().join(" ");
            return (Token { said, is: Is::Sense(sense), mended: None }, n);
        }
        (_, Some((kind, plural, n))) => {
            let said = words[at..at + n].iter().map(|w| w.said.as_str()).collect::<Vec<_>>().join(" ");
            return (Token { said, is: Is::Kind(kind, plural), mended: None }, n);
        }
        (_, None) => {}
    }
    plain(shape(&word.said, &word.low))
}

/// What stands in quotes, by its form: a pair, a file, or a name or value.
fn quoted(said: &str) -> Is {
    let file = !said.contains([' ', '=']) && [".yaml", ".yml", ".json"].iter().any(|end| said.to_lowercase().ends_with(end));
    match said.split_once(": ") {
        _ if file => Is::File,
        _ if said.contains('=') && !said.contains(' ') => Is::Pair(said.into()),
        // "owner: marketing", as YAML has it.
        Some((key, value)) if legal_shape(&key.to_lowercase()) && !value.contains([' ', ':']) => Is::Pair(format!("{key}={value}")),
        Some(_) | None => Is::Quoted,
    }
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
            matches!(last.is, Is::Kind(_, false)) || next_kind && !matches!(last.is, Is::Stop | Is::Sense(Sense::And | Sense::Then))
        }
        None => false,
    }
}

/// The words as they were meant, where one of the trade is misspelt, and which was mended to what. A name's place is left alone, and a
/// verb is mended only where a verb may stand, or where it is a part of a phrase ("sorted by resatrt count").
fn spelt(words: &[Word]) -> (Vec<Word>, Vec<Option<&'static str>>) {
    let mut words = words.to_vec();
    let mut mended = vec![None; words.len()];
    for at in 0..words.len() {
        if words[at].quoted || known(&words[at].low) || names_place(&words, at) {
            continue;
        }
        let Some(word) = typos::mend(&words[at].low) else { continue };
        let verb = |sense: &Sense| matches!(sense, Sense::Act(_) | Sense::Alter(_) | Sense::Show | Sense::Foreign);
        let alone = lexicon::phrase(|i| (i == 0).then_some(word)).is_some_and(|(_, sense)| verb(&sense));
        let said = std::mem::replace(&mut words[at].low, word.into());
        if alone && !verb_place(&words[..at]) && !within_a_phrase(&words, at) {
            words[at].low = said;
        } else {
            mended[at] = Some(word);
        }
    }
    (words, mended)
}

/// Whether a word means something as it stands.
fn known(low: &str) -> bool {
    shape(low, low) != Is::Word || lexicon::has(low) || Kind::find(low).is_some() || KIND_WORDS.iter().any(|(said, _)| *said == low)
}

/// Whether a phrase of several words holds the one at that place.
fn within_a_phrase(words: &[Word], at: usize) -> bool {
    (at.saturating_sub(3)..=at).any(|from| {
        lexicon::phrase(|i| words.get(from + i).filter(|w| !w.quoted).map(|w| w.low.as_str())).is_some_and(|(n, _)| n > 1 && from + n > at)
    })
}

/// Whether a step may begin there.
fn verb_place(before: &[Word]) -> bool {
    let small = |w: &Word| {
        [",", ".", ";"].iter().any(|sign| w.is(sign))
            || lexicon::phrase(|i| (i == 0).then_some(w.low.as_str()))
                .is_some_and(|(_, sense)| matches!(sense, Sense::Then | Sense::And | Sense::Filler | Sense::Det))
    };
    let parts = |w: &Word| !matches!(w.low.as_str(), "a" | "an" | "the") && small(w);
    before.last().is_none_or(parts) || before.iter().all(small)
}

/// Behind a kind in the singular, `named` or `container` stands a name, and behind `in` a namespace; names are never mended.
fn names_place(words: &[Word], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).map(|i| &words[i]).filter(|w| !w.quoted) else { return false };
    let followed =
        words.get(at + 1).is_some_and(|next| next.quoted || shape(&next.said, &next.low) == Is::Word && !lexicon::has(&next.low));
    match before.low.as_str() {
        "named" | "called" | "container" => true,
        "in" => !followed,
        low => kind_of(low).is_some_and(|(_, plural)| !plural) && kind_phrase(words, at - 1).is_some_and(|(_, _, n)| n == 1),
    }
}

/// The kind that up to four words name together: `persistent volume claims`. The longest wins.
fn kind_phrase(words: &[Word], at: usize) -> Option<(Kind, bool, usize)> {
    let first = words.get(at).filter(|w| !w.quoted)?;
    if !first.low.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-') || NO_KINDS.contains(&first.low.as_str()) {
        return None;
    }
    let mut joined = String::new();
    let mut best = None;
    for (n, word) in words[at..].iter().take(4).enumerate() {
        if word.quoted || !word.low.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-') {
            break;
        }
        joined.push_str(&word.low);
        if let Some((kind, plural)) = kind_of(&joined) {
            best = Some((kind, plural, n + 1));
        }
    }
    best
}

/// A word as a kind, and whether it is a plural.
pub fn kind_of(low: &str) -> Option<(Kind, bool)> {
    let known = KIND_WORDS.iter().find(|(said, _)| *said == low).map_or(low, |(_, kind)| kind);
    if known.contains('-') {
        return None;
    }
    if let Some(kind) = Kind::find(known) {
        let info = kind.info();
        let plural = low == info.plural
            || low.split('.').next() == Some(info.plural)
            || (low.ends_with('s') && !info.short_names.contains(&low) && low != info.singular())
            || low == "crds";
        return Some((kind, plural));
    }
    // `pvcs`, `svcs`, `hpas`: a short name's plural.
    let short = known.strip_suffix('s')?;
    let kind = Kind::find(short).filter(|k| k.info().short_names.contains(&short) && !NO_KINDS.contains(&short))?;
    Some((kind, true))
}

fn flag(words: &[Word], at: usize) -> (Token, usize) {
    const VALUED: &[(&str, &str)] = &[
        ("-n", "namespace"),
        ("--namespace", "namespace"),
        ("-l", "selector"),
        ("--selector", "selector"),
        ("-c", "container"),
        ("--container", "container"),
        ("-o", "output"),
        ("--output", "output"),
        ("--tail", "tail"),
        ("--since", "since"),
        ("--replicas", "replicas"),
        ("-f", "filename"),
        ("--filename", "filename"),
        ("--to-revision", "to-revision"),
    ];
    const SWITCHES: &[(&str, &str)] = &[
        ("-a", "all-namespaces"),
        ("--all-namespaces", "all-namespaces"),
        ("-p", "previous"),
        ("--previous", "previous"),
        ("--all-containers", "all-containers"),
        ("--timestamps", "timestamps"),
        ("--show-labels", "show-labels"),
        ("--overwrite", "overwrite"),
    ];
    let word = &words[at];
    let (name, value) = match word.low.split_once('=') {
        Some((name, _)) => (name, word.said.split_once('=').map(|(_, v)| v.to_string())),
        None => (word.low.as_str(), None),
    };
    let token = |is: Is, n: usize| {
        let said = words[at..at + n].iter().map(|w| w.said.as_str()).collect::<Vec<_>>().join(" ");
        (Token { said, is, mended: None }, n)
    };
    if let Some((_, long)) = SWITCHES.iter().find(|(f, _)| *f == name).filter(|_| value.is_none()) {
        return token(Is::Flag((*long).into(), None), 1);
    }
    match (VALUED.iter().find(|(f, _)| *f == name), value, words.get(at + 1)) {
        (Some((_, long)), Some(value), _) => token(Is::Flag((*long).into(), Some(value)), 1),
        (Some((_, long)), None, Some(next)) => token(Is::Flag((*long).into(), Some(next.said.clone())), 2),
        _ => token(Is::Strange, 1),
    }
}

fn legal_shape(low: &str) -> bool {
    low.starts_with(|c: char| c.is_ascii_alphanumeric())
        && low.ends_with(|c: char| c.is_ascii_alphanumeric())
        && low.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
}

/// What a word is by its shape alone.
fn shape(said: &str, low: &str) -> Is {
    if let Ok(n) = low.parse::<u64>() {
        return Is::Number(n);
    }
    if let Some(n) = NUMBERS.iter().position(|w| *w == low) {
        return Is::Number(n as u64);
    }
    if let Some(n) = low.strip_suffix('x').and_then(|n| n.parse::<u64>().ok()) {
        return if n == 2 { Is::Sense(Sense::Times(2)) } else { Is::Strange };
    }
    if low.starts_with("http://") || low.starts_with("https://") {
        return Is::Address;
    }
    let digits = low.trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == '%');
    if digits.len() < low.len()
        && digits.parse::<f64>().is_ok()
        && ["%", "ki", "mi", "gi", "ti", "k", "g", "t", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib"].contains(&&low[digits.len()..])
    {
        return Is::Amount;
    }
    if let Some((key, _)) = said.split_once('=') {
        return if key.is_empty() || said.ends_with('=') { Is::Strange } else { Is::Pair(said.to_string()) };
    }
    if [".yaml", ".yml", ".json"].iter().any(|end| low.ends_with(end))
        || low.starts_with("./")
        || low.starts_with('/')
        || low.starts_with("../")
    {
        return Is::File;
    }
    if let Some((kind, name)) = said.split_once('/')
        && let Some((kind, _)) = kind_of(&kind.to_lowercase()).filter(|_| legal_shape(&name.to_lowercase()))
    {
        return Is::Slashed(kind, name.to_string());
    }
    if low.starts_with(|c: char| c.is_ascii_digit()) && low.parse::<crate::terms::duration::GoDuration>().is_ok() || day(low).is_some() {
        return Is::Duration;
    }
    if (low.contains(':') || low.contains('/')) && crate::ops::Image::new(said).is_ok() {
        return Is::Image;
    }
    if let Some(key) = low.strip_suffix('-').filter(|k| legal_shape(k)) {
        return Is::Minus(key.to_string());
    }
    if legal_shape(low) { Is::Word } else { Is::Strange }
}

/// `2d` in hours: Go's durations know no days.
pub fn day(low: &str) -> Option<u64> {
    low.strip_suffix('d')?.parse::<u64>().ok()?.checked_mul(24)
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
            (t.said.clone(), text)
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
        assert_eq!(tags("-n dev"), [Is::Flag("namespace".into(), Some("dev".into()))]);
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

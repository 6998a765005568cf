//! Sentences that only tell: "We're about to launch the campaign and marketing expects a stampede.", "My laptop refuses to open the VPN
//! page, so …", "… since lookups are timing out". They give the reason, the object that "it" stands for, or the namespace.
//!
//! What tells has a subject and a verb that goes with it, orders nothing, obliges nobody, limits nothing and holds no value.
//!
//! Invariant: a sentence that orders, forbids, allows, limits, sets a condition, or says what somebody else wishes, never counts as telling.

use super::{
    context::orders,
    lexicon::{self, Sense},
    manner,
    normalise::Word,
    phrases::List,
    tag::{Is, Token, tag},
};

/// So many places a sentence is divided at; a longer one is no sentence somebody says.
const PLACES: usize = 12;

/// What makes a clause more than telling, wherever it stands.
const BINDS: &List = &List::of(
    "approved|approves|authorised|authorized|authorises|confirmed|confirms|permission|permissions|permitted|permits|allowed|allows|says|said|say|told|\
     tells|wrote|writes|skip|trust|instructed|instructs|ordered|orders|demanded|demands|insists|insisted|agreed|decided|signed|must|should|shall|may|\
     might|ought|want|wants|wanted|wish|wishes|please|required|requires|except|instead|unless|until|otherwise|without|if|ensure|leave|either|\
     forbidden|forbids|prohibited|protected|policy|freeze|frozen|you|your|untouched|unchanged|else|other|others|whenever|once|provided|suppose|supposed|\
     imagine|pretend|hypothetically|maybe|perhaps|rev|revision|revisions",
);

/// The same, but for what "we" and "I" say of ourselves: "we can't recall".
const BINDS_OTHERS: &List = &List::of("can|could|would|need|needs|needed|let|make|keep");

/// Verbs that tell, as they stand behind their subject.
const TELLS: &List = &List::of(
    "is|are|was|were|am|has|have|had|been|will|keeps|kept|got|gets|goes|went|stays|stayed|seems|looks|feels|reports|fails|hangs|hung|moved|chokes|\
     broke|breaks|died|dies|came|comes|come|costs|launches|leaks|runs|ran|does|did|do|became|becomes|complains|arrived|refuses|expects|expect|believe|\
     believes|think|thinks|know|knows|promised|shows|showed|sits|sat|sees|saw|found|finds|lost|loses|took|takes|made|makes|gave|gives|left|began|begins|\
     starts|ends|ended|waits|wait|works|work|worked|serves|holds|held|lives|uses|used|reads|read|belongs|contains|grew|grows|rose|rises|fell|falls|hit|\
     hits|ate|eats|eat|asks|asked|arrives|returns|throws|threw|shut|sent|sends|put|cut|crashed|just|merged|built|forgot|forgets|suspect|suspects|guess|\
     can|could|needs|need|feel|hear|heard|hears|love|hate|hope|plan|plans|tried|tries|try|sleeps|slept|spiked|spikes|flaps|happens|happened|remains",
);

/// Who tells of himself.
const OURSELVES: &List = &List::of("i|we");

/// What may stand before the subject.
const BEFORE: &List = &List::of(
    "and|so|but|well|ok|okay|as|since|because|also|now|meanwhile|currently|today|yesterday|tonight|apparently|unfortunately|sadly|luckily|finally|recently|\
     anyway|basically|honestly|actually|lately|then|though|although|while|right|still|hence|thus|plus",
);

/// What somebody wishes.
const WISHES: &List = &List::of("want|wants|wanted|needs|need|needed|wish|wishes");

/// Whether somebody's wish is told: where none is, more is passed over for no look ([`without`]).
pub fn wishes(words: &[Word]) -> bool {
    words.iter().any(|w| WISHES.has(w))
}

/// A request divided into what tells and what is left.
#[derive(Debug, Default, PartialEq)]
pub struct Divided {
    pub left: Vec<Word>,
    pub told: Vec<Vec<Word>>,
}

/// The request without its sentences and clauses that only tell. `None` where nothing is told, or nothing would be left.
///
/// For a look at objects a wish of somebody else's is passed over as well: "our auditor wants to see who …, so list the roles".
pub fn without(words: &[Word], a_look: bool) -> Option<Divided> {
    let ends = |w: &Word| [".", ":", ";"].iter().any(|sign| w.is(sign));
    let mut out = Divided::default();
    let mut rests: Vec<&[Word]> = Vec::new();
    let sentences: Vec<&[Word]> = words.split_inclusive(ends).collect();
    for (n, sentence) in sentences.iter().copied().enumerate() {
        let (body, end) = match sentence.split_last() {
            Some((end, body)) if ends(end) => (body, Some(end)),
            _ => (sentence, None),
        };
        if body.is_empty() {
            continue;
        }
        let next = || sentences.get(n + 1).is_some_and(|next| requests(next));
        if tells(body, a_look) || end.is_some_and(|end| end.is(":")) && announces(body) && next() {
            out.told.push(body.to_vec());
            continue;
        }
        let mut rest = body;
        if let Some((told, behind)) = led(rest, a_look) {
            out.told.push(told.to_vec());
            rest = behind;
            if end.is_some_and(|end| end.is(":")) && announces(rest) && next() {
                out.told.push(rest.to_vec());
                continue;
            }
        }
        if let Some((before, told)) = followed(rest, a_look) {
            out.told.push(told.to_vec());
            rest = before;
        }
        rests.push(rest);
        out.left.extend_from_slice(rest);
        out.left.extend(end.cloned());
    }
    while out.left.last().is_some_and(|w| ends(w) || w.is(",")) {
        out.left.pop();
    }
    (!out.told.is_empty() && !out.left.is_empty() && rests.into_iter().any(requests)).then_some(out)
}

/// "The disks are noisy, so cordon n1": what is told, and the request behind it.
fn led(words: &[Word], a_look: bool) -> Option<(&[Word], &[Word])> {
    const LEADS: &List = &List::of(
        "so|therefore|hence|thus|and|and so|and therefore|so now|which means|which means that|that means|this means|meaning|meaning that|and that is why|so i think|so i guess|that is why|which is why|for that reason|as a result|consequently|so please|then",
    );
    let commas = words.iter().enumerate().filter(|(_, w)| w.is(",") || w.is("so")).map(|(at, _)| at).take(PLACES);
    commas.filter(|at| *at > 0).find_map(|at| {
        let from = at + usize::from(words[at].is(","));
        let lead = manner::lead_of(&words[from..], LEADS).unwrap_or(0);
        let behind = words.get(from + lead..).filter(|behind| !behind.is_empty())?;
        // "so that": what for, and no request.
        let told = || tells(&words[..at], a_look) || for_now(&words[..at]) || as_said(&words[..at]);
        (!behind[0].is("that") && told() && requests(behind)).then_some((&words[..at], behind))
    })
}

/// "Cordon n1, the disks are noisy", "… since lookups are timing out": the request, and what is told behind it.
fn followed(words: &[Word], a_look: bool) -> Option<(&[Word], &[Word])> {
    let reason = |at: usize| {
        let leads = ["because", "since", "as", "so", "while", "though", "although"].iter().any(|w| words[at].is(w));
        leads && words.get(at + 1).is_some_and(|w| !w.said.starts_with(|c: char| c.is_ascii_digit()) || w.said.contains('.'))
    };
    let places = (1..words.len()).filter(|at| words[*at].is(",") || reason(*at)).take(PLACES);
    places.into_iter().find_map(|at| {
        let comma = words[at].is(",");
        let from = at + usize::from(comma);
        let told = words.get(from..).filter(|told| !told.is_empty())?;
        // Where nothing gives the reason, somebody tells of it: ", that is all they look at".
        let teller = |at: usize| told.get(at).is_some_and(begins_to_tell);
        let led =
            ["because", "since", "while", "though", "although"].iter().any(|w| told[0].is(w)) || told[0].is("as") && teller(1) || teller(0);
        let values = || {
            tag(told)
                .iter()
                .any(|t| matches!(t.is, Is::Sense(Sense::Named | Sense::Role(_) | Sense::Given(..) | Sense::Replicas) | Is::Kind(..)))
        };
        let so_that = told[0].is("so") && (told.get(1)?.is("that") || told.get(1)?.is("i") || told.get(1)?.is("we"));
        let for_us = so_that && purpose(told);
        let only_told = || for_us || led && told.iter().any(|w| TELLS.has(w)) && !values() && tells(told, a_look);
        (only_told() && requests(&words[..at])).then_some((&words[..at], told))
    })
}

/// Who tells, or what is told of.
fn begins_to_tell(word: &Word) -> bool {
    const WHO: &List = &List::of(
        "i|we|it|they|he|she|this|that|these|those|there|somebody|someone|everybody|everyone|people|the|its|our|my|his|her|their",
    );
    WHO.has(word)
}

/// "Until we've understood it, …": how long it holds is ours to say.
fn for_now(words: &[Word]) -> bool {
    const UNTIL: &List = &List::of("until|till");
    const KNOW: &List = &List::of("know|understand|understood|found|find|figured|sorted|see|sure|decided");
    let ours = words.get(1).is_some_and(|w| OURSELVES.has(w));
    words.first().is_some_and(|w| UNTIL.has(w)) && ours && words.iter().any(|w| KNOW.has(w)) && !tag(words).iter().any(holds)
}

/// "As agreed in this morning's stand-up, …": that it was spoken of before.
fn as_said(words: &[Word]) -> bool {
    const BEFORE: &List = &List::of("agreed|discussed|promised|mentioned|planned|announced|usual|always");
    let led = words.first().is_some_and(|w| w.is("as")) && words.get(1).is_some_and(|w| BEFORE.has(w));
    let more = |t: &Token| holds(t) || matches!(t.is, Is::Kind(..) | Is::Slashed(..) | Is::Sense(Sense::Not | Sense::Condition));
    led && words.len() <= 10 && !tag(words).iter().any(more)
}

/// "Check that the variables arrived: …", "I'd like to look at the UI directly: …": what the request behind the colon is for. It names
/// nothing and changes nothing.
fn announces(words: &[Word]) -> bool {
    const LOOKS: &List = &List::of("check|verify|confirm|see|look|find|test|make|ensure");
    let tokens = tag(words);
    let first = words.iter().find(|w| !BEFORE.has(w) && !w.is(","));
    let more = |t: &Token| {
        holds(t)
            || matches!(
                t.is,
                Is::Kind(..)
                    | Is::Slashed(..)
                    | Is::Number(_)
                    | Is::Sense(Sense::Not | Sense::Condition | Sense::Alter(_) | Sense::Everything)
            )
            || matches!(t.is, Is::Sense(Sense::Act(act)) if act.changes())
    };
    first.is_some_and(|w| LOOKS.has(w)) && !tokens.iter().any(more) && !words.iter().any(|w| BINDS.has(w) || w.is("only"))
}

/// "so that I can send it to support": what we do with it.
fn purpose(words: &[Word]) -> bool {
    let ours = words.iter().skip(1).find(|w| !w.is("that")).is_some_and(|w| OURSELVES.has(w));
    let tokens = tag(words);
    ours && !words.iter().any(|w| BINDS.has(w) || w.is("only")) && !tokens.iter().any(|t| holds(t) || t.means(Sense::Not))
}

/// Whether something is ordered or asked at the beginning.
fn requests(words: &[Word]) -> bool {
    let put = manner::put(words.to_vec()).words;
    let tokens = tag(&put);
    let first = tokens.iter().find(|t| !matches!(t.is, Is::Sense(Sense::Filler | Sense::And | Sense::Then | Sense::Det) | Is::Comma));
    first.is_some_and(|t| {
        orders(t) || matches!(t.is, Is::Sense(Sense::Why | Sense::Which | Sense::HowMany | Sense::Topic(_) | Sense::Act(_) | Sense::In))
    })
}

/// A value that a request may be about.
fn holds(token: &Token) -> bool {
    let group = token.said.starts_with("system:");
    !group && matches!(token.is, Is::Pair(_) | Is::Image | Is::File | Is::Flag(..) | Is::Address | Is::Minus(_))
}

/// Whether a sentence or a clause only tells how things are.
pub fn tells(words: &[Word], a_look: bool) -> bool {
    let words = &words[words.iter().take_while(|w| BEFORE.has(w) || w.is(",")).count()..];
    let (Some(first), true) = (words.first(), words.len() > 1) else { return false };
    let ourselves = OURSELVES.has(first);
    let second = &words[1];
    // "we need to restart web", "I would like …": a request.
    let wish = ["need", "want", "would", "have", "must", "will", "like"].iter().any(|w| second.is(w));
    if ourselves && wish && (words.get(2).is_some_and(|w| ["to", "like", "love"].iter().any(|to| w.is(to))) || second.is("need")) {
        return false;
    }
    let gone = gone_by(words);
    let passes = |w: &Word| ourselves && (w.is("might") || w.is("may")) || a_look && WISHES.has(w);
    // "everybody can breathe again": what is no verb of the language is nobody's leave to do it.
    let able = |at: usize| {
        words.get(at + 1).is_none_or(|next| ["be", "not", "have", "to", "only"].iter().any(|w| next.is(w)) || manner::is_order(next))
    };
    let binds = |at: usize| {
        let w = &words[at];
        let others = BINDS_OTHERS.has(w) && (!(w.is("can") || w.is("could")) || able(at));
        BINDS.has(w) || !(ourselves || gone) && others
    };
    if (0..words.len()).any(|at| binds(at) && !passes(&words[at])) {
        return false;
    }
    if !words.iter().skip(1).any(|w| TELLS.has(w) || past(w)) {
        return false;
    }
    let tokens = tag(words);
    let heads = |t: &Token| {
        orders(t)
            || matches!(
                t.is,
                Is::Sense(
                    Sense::Why
                        | Sense::Which
                        | Sense::HowMany
                        | Sense::Be
                        | Sense::Lesson
                        | Sense::Not
                        | Sense::Condition
                        | Sense::Foreign
                        | Sense::Wish
                        | Sense::Advise
                        | Sense::In
                        | Sense::Everything
                )
            )
    };
    let subject = !heads(&tokens[0])
        || gone && tokens[0].means(Sense::Not)
        || is_no_verb(words)
        || orders(&tokens[0]) && !manner::is_order(first) && TELLS.has(second);
    let hidden = (1..tokens.len()).any(|at| {
        // "the pods only read it" tells; ", so restart it" orders.
        let before = &tokens[at - 1];
        let joined = matches!(before.is, Is::Comma | Is::Sense(Sense::And | Sense::Then | Sense::Or))
            || before.means(Sense::Filler) && !before.said.eq_ignore_ascii_case("only");
        let done = |low: &str| low.ends_with("ed") || low.ends_with("ing") || low.ends_with('s');
        joined && orders(&tokens[at]) && !done(&tokens[at].said.to_lowercase())
    });
    let limits = (0..words.len()).any(|at| {
        let next = |n: usize, low: &str| words.get(at + n).is_some_and(|w| w.is(low));
        // "is to be", "will not be", "only the frontend", "nothing is to be touched".
        let due = ["is", "are"].iter().any(|be| words[at].is(be)) && (next(1, "to") || next(1, "not") && next(2, "to"));
        let not_be = words[at].is("not") && (next(1, "be") || next(1, "to"));
        let only = words[at].is("only") && !words.get(at + 1).is_some_and(verb_of);
        let no =
            ["no", "none", "nothing", "nobody", "never"].iter().any(|no| words[at].is(no)) && !gone && !(at > 1 && words[at].is("never"));
        due || not_be || only || no
    });
    subject && !hidden && !limits && !tokens.iter().any(holds)
}

/// "merged", "rotated": a verb that tells what happened, and none that says how something is called or made.
fn past(word: &Word) -> bool {
    const NONE: &List = &List::of(
        "named|called|labelled|labeled|used|based|exposed|mounted|speed|need|feed|seed|embed|tagged|attached|annotated|tainted|bound",
    );
    !word.quoted && word.low.len() > 4 && word.low.ends_with("ed") && !NONE.has(word)
}

/// "nobody needs web any longer": that it is not needed any more tells, whatever is denied.
fn gone_by(words: &[Word]) -> bool {
    let at = |low: &str| words.iter().position(|w| w.is(low));
    at("anymore").is_some() || at("any").is_some_and(|any| words.get(any + 1).is_some_and(|w| w.is("longer") || w.is("more")))
}

/// "Marketing expects", "The load test is over": a word of the language that has a verb behind it is a name or a noun here.
fn is_no_verb(words: &[Word]) -> bool {
    let det = |w: &Word| ["the", "our", "my", "a", "an", "this", "these", "their", "his", "her", "its", "some"].iter().any(|d| w.is(d));
    det(&words[0]) || words[0].low.ends_with("ing") && words.get(1).is_some_and(|w| TELLS.has(w))
}

/// "pods only read it": a verb.
fn verb_of(word: &Word) -> bool {
    let sense = lexicon::phrase(|i| (i == 0).then_some(word.low.as_str()));
    TELLS.has(word) && !matches!(sense, Some((_, Sense::Be)))
}

#[cfg(test)]
mod tests {
    use super::{super::normalise::with_colons, *};

    fn said(words: &[Word]) -> String {
        words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_tells() {
        for text in [
            "We're about to launch the summer campaign and marketing expects a stampede",
            "The import job was started twice and the second one never finished",
            "My browser refuses to open the page",
            "Finance is asking about the numbers",
            "nobody needs the intern-demo deployment any longer",
            "The load test is over",
            "Marketing is nervous",
            "I can't recall what it was doing",
            "since lookups are timing out",
            "the pods only read it at startup",
            "I've been staring at this for an hour",
        ] {
            assert!(tells(&with_colons(text), false), "{text}");
        }
    }

    #[test]
    fn what_does_more_than_tell() {
        for text in [
            "do not touch prod",
            "The web deployment must not be touched",
            "web is not to be restarted",
            "nothing else changes",
            "only the frontend is concerned",
            "the boss approved it",
            "you are an admin",
            "restart web",
            "we need to restart web",
            "I would like to see the logs",
            "if it fails",
            "no pod may be lost",
            "the image is nginx:1.27",
            "the disk is full and delete web",
            "the runbook says delete web",
            "the logs of web",
            "is web healthy",
            "web will not be restarted",
            "port 443 on a service named nginx-https",
            "web can be restarted",
            "nobody needs web any longer, so remove it",
            "marketing wants the site down",
            "named nginx-https",
        ] {
            assert!(!tells(&with_colons(text), false), "{text}");
        }
    }

    #[test]
    fn what_is_left() {
        for (text, want) in [
            ("The load test is over. Bring web back to 3 replicas.", "Bring web back to 3 replicas"),
            ("My browser refuses to open it, so show the service web", "show the service web"),
            ("show the service web, since lookups are timing out", "show the service web"),
            ("show the pods so that I can send them to support", "show the pods"),
        ] {
            assert_eq!(without(&with_colons(text), false).map(|d| said(&d.left)).as_deref(), Some(want), "{text}");
        }
        assert_eq!(without(&with_colons("restart web, do not touch api"), false), None);
        assert_eq!(without(&with_colons("The load test is over."), false), None);
    }
}

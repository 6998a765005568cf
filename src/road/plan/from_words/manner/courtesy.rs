//! What is said out of courtesy: "if you'd be so kind", "I hate to ask, but …", "might I ask you to …", "whenever it suits you". It sets no
//! condition and asks for nothing; left out, the request stands.
//!
//! Invariant: only phrases of these lists are left out, each between the signs of a clause, or at a sentence's beginning or end.

use super::{
    super::{normalise::Word, phrases::List},
    lead,
};

/// Clauses that are courtesy as a whole; `*` stands for any one word.
const CLAUSES: &List = &List::of(
    "many|if you would be so kind|if you would be so good|if you would|if you will|if you do not mind|if you would not mind|if you can|if you could|\
     if possible|if at all possible|if it is possible|if that is possible|if i may|if i may ask|if that is ok|if that is okay|if that is all right|\
     if that is alright|if it is ok|if it is okay|if that works for you|if that works|if it is not too much trouble|\
     if it is not too much to ask|if it is not too much to ask for|if that is not too much trouble|if that is not too much to ask|\
     if it is no trouble|if it is not a bother|if you have a minute|if you have a moment|if you have a second|if you have a sec|\
     if you have the time|if you have time|if you are not too busy|if you are not busy|if you get a chance|if you get the chance|\
     when you have a minute|when you have a moment|when you have a second|when you have a sec|when you have a spare moment|when you have time|\
     when you have the time|when you get a chance|when you get the chance|when you get a minute|when you get a moment|when you can|\
     when it suits you|whenever it suits you|whenever you have a minute|whenever you have a moment|whenever you have time|whenever you can|\
     whenever you get a chance|whenever you get the chance|whenever it is convenient|whenever you are ready|whenever you get to it|\
     at your convenience|at your earliest convenience|at your leisure|no rush|no rush at all|no hurry|no hurry at all|there is no rush|\
     there is no rush at all|there is no hurry|and there is no rush|and there is no rush at all|and there is no hurry|\
     many thanks|many thanks in advance|a thousand thanks|a lot|in advance|in advance for your help|for your help|for the help|\
     for the help earlier|for your help earlier|for earlier|ever so much|so much|very much|a million|much appreciated|\
     much obliged|that would be great|that would be lovely|that would be nice|that would be wonderful|that would be awesome|\
     that would be much appreciated|that would be perfect|that would help|that would help a lot|that would be very helpful|\
     that would be a great help|that would be really helpful|it would be much appreciated|it would be a great help|\
     i would appreciate it|i would really appreciate it|i would be grateful|i would be very grateful|i would be most grateful|\
     good morning|good afternoon|good evening|good day|dear assistant|dear *|dear all|dear team|there|again|hello there|hi there|hey there|\
     to bother you|to bother you again|sorry to bother you|sorry to bother you again|sorry for bothering you|\
     sorry for bothering you again|sorry to disturb you|sorry for the trouble|sorry for the interruption|sorry to interrupt|\
     excuse me|pardon me|forgive me|one more thing|one last thing|one other thing|another thing|quick question|a quick question|\
     quick one|quick favour|quick favor|small favour|small favor|a small favour|a quick favour|a favour|a favor|by the way|\
     cheers|ta|bless you|have a nice day|have a good day|best regards|kind regards|regards|best|all the best|\
     i hope that is ok|i hope you are well|hope you are well|hope you are doing well|i hope you are doing well|hope that is ok|\
     i hate to ask|i hate to ask you|i hate to ask you this|i hate to bother you|i am sorry to bother you|i am sorry to ask|i hate to be a pain|\
     not sure if this is the right place|long story|as always|as usual|if you please|be so kind|\
     you are a star|you are the best|you rock|so kind of you",
);

/// What leads to a request behind it, whatever that is.
const LEADS: &List = &List::of(
    "i hate to ask but|i hate to bother you but|i am sorry to ask but|sorry to ask but|sorry but|\
     might i ask you to|may i ask you to|can i ask you to|could i ask you to|might i trouble you to|could i trouble you to|can i trouble you to|\
     might i bother you to|could i bother you to|may i trouble you to|i must ask you to|i have to ask you to|i am asking you to|\
     i would ask you to|i would kindly ask you to|i kindly ask you to|be willing to|be able to|be so kind as to|be kind enough to|be so good as to|you be willing to|you be able to|you be so kind as to|\
     you be so kind and|you be so kind to|you be kind enough to|you be so good as to|you mind|be so kind and|\
     do me a favour and|do me a favor and|do me the favour and|do me the favor and|do me the favour of|do us a favour and|do us a favor and|\
     i was wondering if you could|i was wondering whether you could|i am wondering if you could|i wonder if you could|i wonder whether you could|\
     i was hoping you could|i was hoping that you could|i hope you can|i was going to ask you to|any chance you could|is there any chance you could|\
     is there a chance you could|any chance that you could|i would be grateful if you could|i would be very grateful if you could|\
     i would be grateful if you would|i would be glad if you could|i would appreciate it if you could|i would really appreciate it if you could|\
     it would be great if you could|it would be nice if you could|it would be lovely if you could|\
     it would be good if you could|it would be wonderful if you could|it would be helpful if you could|it would help if you could|\
     it would be awesome if you could|would be great if you could|would be nice if you could|\
     i would love you to|i would love for you to|i would love it if you could|i would like to ask you to|we would like to ask you to|\
     i would love to|we would love to|we would like you to|i would much like to|please be so kind as to|go ahead and please|to ask you to",
);

/// Leaves the courtesy out.
pub fn without(words: &mut Vec<Word>) {
    // What is left may be courtesy again; each round takes words away.
    while once(words) {}
}

fn once(words: &mut Vec<Word>) -> bool {
    let sign = |w: &Word| [",", ".", ";", ":", "(", ")"].iter().any(|sign| w.is(sign));
    let joint = |w: &Word| ["and", "so", "but", "then"].iter().any(|joint| w.is(joint));
    for at in 0..words.len() {
        let begins = at == 0 || sign(&words[at - 1]);
        let begun = begins || joint(&words[at - 1]);
        let ends = |at: usize| words.get(at).is_none_or(sign);
        // Behind the sign that ends it: ", if you would be so kind", "whenever it suits you".
        let timed = || ["when", "whenever", "if", "at"].iter().any(|w| words[at].is(w));
        let clause = if begins || timed() { lead(&words[at..], CLAUSES).filter(|n| ends(at + n)) } else { None };
        if let Some(n) = clause.filter(|n| *n < words.len()) {
            let (mut from, mut to) = (at, at + n);
            // One of the signs around it goes with it; in brackets both.
            let bracketed = from > 0 && words[from - 1].is("(") && words.get(to).is_some_and(|w| w.is(")"));
            let comma = |at: usize| words.get(at).is_some_and(|w| w.is(","));
            if bracketed {
                (from, to) = (from - 1, to + 1);
            } else if from > 0 && comma(from - 1) {
                from -= 1;
            } else if words.get(to).is_some_and(|w| sign(w) && !w.is(")")) {
                to += 1;
            }
            if to - from < words.len() {
                words.drain(from..to);
                return true;
            }
        }
        let lead = if begun { lead(&words[at..], LEADS) } else { None };
        if let Some(n) = lead.filter(|n| at + n < words.len()) {
            words.drain(at..at + n);
            return true;
        }
        // "I hate to ask on a Friday, but …": to where the request begins.
        let hates = ["hate", "sorry", "know"].iter().any(|w| words.get(at + 1).is_some_and(|word| word.is(w)));
        if at == 0 && (words[0].is("i") && hates || words[0].is("sorry")) {
            let but = words.iter().take_while(|w| !w.is(".") && !w.is(";")).position(|w| w.is("but"));
            if let Some(but) = but.filter(|but| *but <= 12 && words[but - 1].is(",") && but + 1 < words.len()) {
                words.drain(..=but);
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{super::super::normalise::with_colons, *};

    fn left(text: &str) -> String {
        let mut words = with_colons(text);
        without(&mut words);
        words.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn courtesy_is_left_out() {
        for (text, want) in [
            ("restart web, if you'd be so kind", "restart web"),
            ("restart web whenever it suits you", "restart web"),
            ("If it isn't too much trouble, restart web, many thanks!", "restart web"),
            ("I hate to ask on a Sunday, but restart web", "restart web"),
            ("Might I ask you to restart web?", "restart web"),
            ("Good morning! I was wondering if you could restart web.", "restart web"),
            ("scale web to 3 (no rush)", "scale web to 3"),
            ("Would you be willing to restart web when you get a chance?", "restart web"),
        ] {
            assert_eq!(left(text), want, "{text}");
        }
    }

    #[test]
    fn what_sets_a_condition_is_kept() {
        for text in [
            "restart web if you have proof that it hangs",
            "restart web when you have drained n1",
            "if possible problems show, restart web",
            "restart web whenever it fails",
            "do not restart web",
            "restart web if it is not ready",
        ] {
            assert_eq!(left(text), with_colons(text).iter().map(ToString::to_string).collect::<Vec<_>>().join(" "), "{text}");
        }
    }
}

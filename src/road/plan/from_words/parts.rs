//! The parts of the grammar that can be left out to see what each earns: only a test does so, and only on its own thread.

/// A part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Misspelt words of the trade.
    Typos,
    /// "how do I", "this command lists".
    Manner,
    /// `:pods`, "use namespace dev".
    Dialects,
    /// Questions over objects.
    Seek,
    /// Wishes without an operation.
    Goals,
    /// What goes on from the request before.
    FollowUp,
    /// Several steps.
    Steps,
    /// Verbless sentences that say more of what is made.
    Attributes,
    /// Quantities as people say them.
    Quantities,
    /// Schedules as people say them.
    Schedule,
    /// Taints in words.
    Taints,
    /// What stands in brackets.
    Brackets,
    /// "please", "could you".
    Politeness,
    /// `<pod>` in a text that was copied.
    Placeholders,
    /// Expressions behind "where".
    Expressions,
    /// What is told beside a request.
    Context,
    /// Orders in other words, and where it is to be said beside them.
    Wording,
    /// Everyday words passed over in a look at objects.
    Everyday,
    /// What a request is about, where nothing else understood it.
    Themes,
    /// Kinds as people say them beside their names.
    KindWords,
}

#[cfg(not(test))]
pub const fn off(_: Part) -> bool {
    false
}

#[cfg(test)]
pub use switch::off;

#[cfg(test)]
mod switch {
    use super::Part;
    use std::cell::Cell;

    thread_local! {
        static OFF: Cell<Option<Part>> = const { Cell::new(None) };
    }

    pub fn off(part: Part) -> bool {
        OFF.get() == Some(part)
    }

    const ALL: &[Part] = &[
        Part::Typos,
        Part::Manner,
        Part::Dialects,
        Part::Seek,
        Part::Goals,
        Part::FollowUp,
        Part::Steps,
        Part::Attributes,
        Part::Quantities,
        Part::Schedule,
        Part::Taints,
        Part::Brackets,
        Part::Politeness,
        Part::Placeholders,
        Part::Expressions,
        Part::Context,
        Part::Wording,
        Part::Everyday,
        Part::Themes,
        Part::KindWords,
    ];

    /// Prints how many rows of each list are still read right with each part left out; with files named in the environment it also answers
    /// a batch so, once for each part: `AIOPS_BATCH_IN=rows.jsonl AIOPS_BATCH_OUT=out cargo test --lib -- --ignored each_part_left_out
    /// --nocapture` (`benches/ablation` does it and scores them).
    #[test]
    #[ignore = "run by hand: what each part of the grammar earns"]
    fn each_part_left_out() {
        use super::super::tests;
        let lists =
            [("phrasings", include_str!("phrasings.txt")), ("plain", include_str!("plain.txt")), ("asked", include_str!("seek/asked.txt"))];
        let batch = std::env::var("AIOPS_BATCH_IN").ok().zip(std::env::var("AIOPS_BATCH_OUT").ok());
        let here = crate::ops::Namespace::new("default").unwrap();
        for part in std::iter::once(None).chain(ALL.iter().copied().map(Some)) {
            OFF.set(part);
            let name = part.map_or("nothing".to_string(), |part| format!("{part:?}"));
            let mut said = name.clone();
            for (list, rows) in lists {
                let (right, all) = tests::right(rows);
                said.push_str(&format!(" {list}={right}/{all}"));
            }
            if let Some((from, to)) = &batch {
                let input = std::fs::read_to_string(from).unwrap();
                let out: Vec<String> = input.lines().map(|line| crate::road::plan::batch::answer(line, &here, &|_| "confirm")).collect();
                std::fs::write(format!("{to}.{name}"), out.join("\n") + "\n").unwrap();
            }
            eprintln!("{said}");
        }
        OFF.set(None);
    }
}

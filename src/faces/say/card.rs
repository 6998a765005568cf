//! A question, whole: what would change, on which object, how far it reaches, what the way back is.

use super::{Here, Line, Role, value::difference, wrap::wrapped};
use crate::road::{
    preview::{Basis, Blast, Card, CardStep, Gone, Line as CardLine},
    vet::{ASKED_TO_LOOK, EVERY_CHANGE, Verdict},
};

/// All lines of a question, without the keys that answer it.
pub fn card(card: &Card, here: &Here, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    // Before anything else: the person wanted to look, and this is a change.
    if let Some(reason) = card.steps.iter().flat_map(|s| &s.reasons).find(|r| r.id == ASKED_TO_LOOK) {
        lines.extend(wrapped(&reason.sentence, Role::Bad, width, "▲ ", 2));
    }
    let several = card.steps.len() > 1;
    if several {
        lines.push(Line::of(format!("{} steps, in this order:", card.steps.len()), Role::Strong));
    }
    for assumed in &card.assumed {
        let text = format!("{} is taken for {}: {}", assumed.said, assumed.taken, assumed.why);
        lines.extend(wrapped(&text, Role::Warn, width, "? ", 2));
    }
    for (n, step) in card.steps.iter().enumerate() {
        let number = if several { format!("{}. ", n + 1) } else { String::new() };
        lines.extend(heading(step, here, &number, width));
        lines.extend(wrapped(&step.kubectl, Role::Dim, width, "", 0));
        lines.extend(body(step, width));
        lines.extend(reach(step, width));
        for reason in step.reasons.iter().filter(|r| (r.verdict > Verdict::Confirm || r.id != EVERY_CHANGE) && r.id != ASKED_TO_LOOK) {
            lines.extend(wrapped(&reason.said(), Role::Warn, width, "▲ ", 2));
        }
        for unchecked in &step.unchecked {
            lines.extend(wrapped(&format!("not checked: {unchecked}"), Role::Warn, width, "? ", 2));
        }
    }
    lines
}

/// A few words on what a preview rests on, for a panel's edge.
pub fn basis(card: &Card) -> String {
    let said = |b: Basis| match b {
        Basis::ServerDryRun => "server dry run".to_string(),
        Basis::Rendered => "rendered by helm".to_string(),
        Basis::Computed => "worked out here: this has no dry run".to_string(),
        Basis::AfterStep(n) => format!("rehearsed after step {n}"),
    };
    let mut all: Vec<String> = Vec::new();
    for text in card.steps.iter().map(|s| said(s.basis)) {
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all.join(", ")
}

fn heading(step: &CardStep, here: &Here, number: &str, width: usize) -> Vec<Line> {
    let title = format!("{number}{}", title(step));
    let place = if step.namespace.is_empty() {
        format!("context {} · cluster-wide", here.context)
    } else {
        format!("context {} · namespace {}", here.context, step.namespace)
    };
    let title = Line::of(title, Role::Strong);
    let gap = width.saturating_sub(title.width() + Line::plain(&place).width());
    if gap >= 3 {
        // Far apart reads badly on a wide terminal: the place stands at column 44 where the title leaves room.
        let gap = gap.min(44usize.saturating_sub(title.width()).max(3));
        vec![title.and(" ".repeat(gap), Role::Plain).and(place, Role::Accent)]
    } else {
        std::iter::once(title).chain(wrapped(&place, Role::Accent, width, "", 0)).collect()
    }
}

/// The operation's title; where one value says it all, with what it is now.
pub fn title(step: &CardStep) -> String {
    let only = match step.lines.as_slice() {
        [CardLine::Differs(change)] => change,
        _ => return step.title.clone(),
    };
    let (Some(before), Some(after)) = (&only.before, &only.after) else { return step.title.clone() };
    let plain = |v: &serde_json::Value| match v {
        serde_json::Value::String(s) => Some(s.clone()),
        serde_json::Value::Number(n) => Some(n.to_string()),
        serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Array(_) | serde_json::Value::Object(_) => None,
    };
    match (plain(before), plain(after)) {
        (Some(before), Some(after)) => match step.title.strip_suffix(&format!(" to {after}")) {
            Some(head) => format!("{head} {before} → {after}"),
            None => step.title.clone(),
        },
        _ => step.title.clone(),
    }
}

fn body(step: &CardStep, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let longest = step.lines.iter().filter_map(|l| match l {
        CardLine::Differs(c) => Some(Line::plain(c.path.to_string()).width()),
        CardLine::Object { .. } | CardLine::Made { .. } | CardLine::Ends { .. } | CardLine::Takes { .. } => None,
    });
    let column = longest.max().unwrap_or(0).min(48);
    for line in &step.lines {
        match line {
            CardLine::Object { object } => lines.push(Line::of(format!("  {object}"), Role::Strong)),
            CardLine::Made { object } => lines.push(Line::of(format!("  + {object}"), Role::Added)),
            CardLine::Ends { object } => lines.push(Line::of(format!("  - {object}"), Role::Removed)),
            CardLine::Takes { field, from } if field.is_empty() => {
                let text = format!("what {from} applied before is aiops' from now on, and its last-applied annotation goes");
                lines.extend(wrapped(&text, Role::Warn, width, "    ", 4));
            }
            CardLine::Takes { field, from } => {
                lines.extend(wrapped(&format!("{field} is taken from {from}, who set it"), Role::Warn, width, "    ", 4));
            }
            CardLine::Differs(change) => lines.extend(difference(change, column, width)),
        }
    }
    lines
}

fn reach(step: &CardStep, width: usize) -> Vec<Line> {
    let mut sentences: Vec<String> = step.blasts.iter().flat_map(blast).collect();
    sentences.dedup();
    match &step.way_back {
        Ok(back) => sentences.push(format!("Way back: {}.", back.join(", then "))),
        Err(why) => sentences.push(format!("No way back: {why}.")),
    }
    match step.basis {
        Basis::ServerDryRun => {}
        Basis::Rendered => sentences.push("Helm rendered it against this cluster.".into()),
        Basis::Computed => sentences.push("The server cannot rehearse this; it was worked out here.".into()),
        Basis::AfterStep(n) => sentences.push(format!("Rehearsed when step {n} is done; it stops and asks if it would differ.")),
    }
    wrapped(&sentences.join(" "), Role::Plain, width, "", 0)
}

fn blast(blast: &Blast) -> Vec<String> {
    let mut said = Vec::new();
    let pods = |n: u64| if n == 1 { "One pod".to_string() } else { format!("{n} pods") };
    let n = blast.pods.unsigned_abs();
    let (more, what) = if blast.pods > 0 { ("more", "requested") } else { ("fewer", "freed") };
    if blast.pods != 0 {
        let requests = if blast.total.is_empty() { String::new() } else { format!(": {} {what}", blast.total) };
        let order = if blast.replaced == 0 { course(blast) } else { String::new() };
        said.push(format!("{} {more}{requests}{order}.", pods(n)));
    }
    match blast.replaced {
        0 => {}
        1 => said.push(format!("One pod is replaced{}.", course(blast))),
        n => said.push(format!("{n} pods are replaced{}.", course(blast))),
    }
    if !blast.gone.is_empty() {
        said.push(format!(
            "With it end{} {}.",
            if blast.gone.iter().map(|g| g.names.len()).sum::<usize>() == 1 { "s" } else { "" },
            gone(&blast.gone)
        ));
    }
    if let Some(beyond) = &blast.beyond {
        let mut text = beyond.clone();
        if let Some(first) = text.get_mut(0..1) {
            first.make_ascii_uppercase();
        }
        said.push(format!("{text}."));
    }
    said
}

/// `, one at a time, the highest number first; each has 30 s to end`.
fn course(blast: &Blast) -> String {
    let order = if blast.order.is_empty() { String::new() } else { format!(", {}", blast.order) };
    let time = if blast.time.is_empty() { String::new() } else { format!("; {}", blast.time) };
    order + &time
}

/// How many names of one kind are said.
const NAMED: usize = 10;

/// `2 pods (a, b) and 1 service (front)`.
fn gone(all: &[Gone]) -> String {
    let said = |gone: &Gone| {
        let n = gone.names.len();
        let some: Vec<&str> = gone.names.iter().take(NAMED).map(String::as_str).collect();
        let more = if n > NAMED { format!(" and {} more", n - NAMED) } else { String::new() };
        format!("{n} {} ({}{more})", counted(&gone.kind, n), some.join(", "))
    };
    let (last, first) = match all {
        [first @ .., last] => (said(last), first.iter().map(said).collect::<Vec<_>>().join(", ")),
        [] => return String::new(),
    };
    if first.is_empty() { last } else { format!("{first} and {last}") }
}

fn counted(kind: &str, n: usize) -> String {
    match kind {
        kind if n == 1 => kind.to_string(),
        kind if kind.ends_with('s') => format!("{kind}es"),
        kind => match kind.strip_suffix("cy") {
            Some(stem) => format!("{stem}cies"),
            None => format!("{kind}s"),
        },
    }
}

//! What stands on what: what needs it, how that is known, and what would become of each without it.

use super::{
    Line, Role,
    diagnosis::{code, escape},
    wrap::wrapped,
};
use crate::{
    experts::depends::{Dependencies, Hop, Side, Without},
    ops::Kind,
};

/// So many links of a side are told.
const MOST: usize = 40;

/// What a program may know that no object tells.
const BLIND: &str = "values in ConfigMaps, Secrets and code are not seen: who finds another by them is not told here";

/// One line of an answer, for both forms.
struct Told {
    text: String,
    depth: usize,
    role: Role,
}

/// All lines of it.
pub fn dependencies(found: &Dependencies, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    for told in all(found) {
        let mark = ["", "  ", "      "][told.depth.min(2)];
        lines.extend(wrapped(&told.text, told.role, width, mark, mark.len() + 2));
    }
    for unchecked in &found.not_checked {
        lines.extend(wrapped(&format!("not checked: {unchecked}"), Role::Warn, width, "  ? ", 4));
    }
    lines
}

/// The same as Markdown.
pub fn dependencies_markdown(found: &Dependencies) -> String {
    let mut text = String::from("# Dependencies\n\n");
    for told in all(found) {
        match told.depth {
            0 => text.push_str(&format!("\n{}\n\n", escape(&told.text))),
            depth => text.push_str(&format!("{}- {}\n", "  ".repeat(depth - 1), code(&told.text))),
        }
    }
    if !found.not_checked.is_empty() {
        text.push_str("\n## Not checked\n\n");
        found.not_checked.iter().for_each(|n| text.push_str(&format!("- {}\n", escape(n))));
    }
    text
}

/// `1 ReplicaSet`, `3 replicasets`.
fn many(kind: &str, n: usize) -> String {
    let plural = Kind::find(&kind.to_lowercase()).map_or_else(|| format!("{kind}s"), |k| k.plural().into_owned());
    if n == 1 { format!("1 {kind}") } else { format!("{n} {plural}") }
}

fn all(found: &Dependencies) -> Vec<Told> {
    let mut lines = Vec::new();
    let place = if found.about.namespace.is_empty() { String::new() } else { format!(" in {}", found.about.namespace) };
    let it = format!("{}{place}", found.about.told());
    let say = |text: String, depth: usize, role: Role| Told { text, depth, role };
    match found.there {
        Some(true) => {}
        Some(false) => lines.push(say(format!("{it} is not there"), 0, Role::Warn)),
        None => lines.push(say(format!("{it}: whether it is there is not known"), 0, Role::Warn)),
    }
    let asked_on = matches!(found.side, Side::On | Side::Both | Side::Loss);
    if asked_on {
        let lost = found.side == Side::Loss;
        let head = match (found.on.is_empty(), lost) {
            (true, true) => format!("nothing that is known would break without {it}"),
            (true, false) => format!("nothing is known to depend on {it}"),
            (false, true) => format!("without {it}:"),
            (false, false) => format!("on {it} depend:"),
        };
        lines.push(say(head, 0, Role::Strong));
        hops(&found.on, true, &mut lines);
        let goes: Vec<String> = found.goes.iter().map(|(kind, n)| many(kind, *n)).collect();
        if !goes.is_empty() {
            lines.push(say(format!("deleted with it: {}", goes.join(", ")), 1, Role::Plain));
        }
        lines.extend(found.notes.iter().map(|note| say(note.clone(), 1, Role::Plain)));
    }
    if matches!(found.side, Side::Of | Side::Both) {
        let head = if found.of.is_empty() { format!("{it} is not known to depend on anything") } else { format!("{it} depends on:") };
        lines.push(say(head, 0, Role::Strong));
        hops(&found.of, false, &mut lines);
    }
    lines.push(say(BLIND.into(), 0, Role::Dim));
    lines
}

fn hops(all: &[Hop], up: bool, lines: &mut Vec<Told>) {
    for hop in all.iter().take(MOST) {
        let link = &hop.link;
        let other = if up { &link.from } else { &link.to };
        let pods = match link.pods {
            0 => String::new(),
            1 => " (1 pod)".into(),
            n => format!(" ({n} pods)"),
        };
        let missing = if !up && hop.there == Some(false) { ", which is not there" } else { "" };
        let through = hop.through.as_ref().map_or_else(String::new, |at| format!(", through {}", at.told()));
        let role = match link.without {
            Without::Gone | Without::NoStart | Without::Restart | Without::Traffic | Without::Calls | Without::Refused => Role::Warn,
            Without::Moves | Without::Unguarded | Without::Idle | Without::Optional | Without::Unknown => Role::Plain,
        };
        let who = if up { pods } else { String::new() };
        lines.push(Told { text: format!("{}{who}{missing}{through}: {}", other.told(), without(link.without)), depth: 1, role });
        lines.push(Told { text: format!("known by {}", link.seen.join("; ")), depth: 2, role: Role::Dim });
    }
    if all.len() > MOST {
        lines.push(Told { text: format!("and {} more", all.len() - MOST), depth: 1, role: Role::Dim });
    }
}

/// What becomes of the one that needs it.
fn without(without: Without) -> &'static str {
    match without {
        Without::Gone => "without it, gone with it",
        Without::NoStart => "without it, does not start",
        Without::Restart => "without it, runs on until it is restarted, and does not start then",
        Without::Traffic => "without it, its traffic is lost",
        Without::Calls => "without it, its calls there fail",
        Without::Refused => "without it, requests are refused",
        Without::Moves => "without it, its pods there are made anew elsewhere, if there is room",
        Without::Unguarded => "without it, goes on, and lacks what it does",
        Without::Idle => "without it, has nothing to act on",
        Without::Optional => "without it, starts all the same (optional)",
        Without::Unknown => "without it, nothing is known",
    }
}

//! `docs/operations.md` says of every operation what the code says. `AIOPS_RECORD=operations` writes it anew.

use aiops::{
    ops::{CATALOGUE, Impact, Op, Wait},
    road::{
        plan::Source,
        vet::{Policy, explain},
    },
};
use std::fmt::Write as _;

const PAPER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operations.md");

const HEAD: &str = "# Operations

Everything aiops does to a cluster or asks of one. The table is written by `AIOPS_RECORD=operations cargo test --test all catalogue`, and a test holds it to the code.

- **Asks**: what the built-in [policy](policy.md) wants before the example is carried out in the namespace `default`. Other objects, namespaces or contents may ask for more: `aiops plan` tells.
- **Preview**: changes are rehearsed by the server (dry run) and its own difference is shown; an eviction that a disruption budget holds back waits for it.
- **Waits for**: what has to hold before a change is called done. `Ctrl-C` stops the watching, never the change.
- **Several**: kubectl's other forms are taken too: several names, `-l`, `--field-selector`, `--all`, `-f`. Each object is a step of its own, named before the question.
- **Way back**: what `undo` does, as far as the object's image allows.
";

fn said(impact: Impact) -> &'static str {
    match impact {
        Impact::Reads => "reads",
        Impact::Changes => "changes",
        Impact::Disrupts => "disrupts",
        Impact::Destroys => "destroys",
    }
}

fn waits(op: &Op) -> &'static str {
    match (op.verb().impact(), op.verb().wait()) {
        (Impact::Reads, _) => "",
        (_, Wait::RolledOut(_)) => "the rollout",
        (_, Wait::Gone(_)) => "its end",
        (_, Wait::There(_)) => "the object, and its rollout",
        (_, _) => "the server's answer",
    }
}

/// How the change is looked at before: what has no dry run is computed, and what nobody can know is said so.
fn preview(op: &Op) -> &'static str {
    match (op.verb().impact(), op) {
        (Impact::Reads, _) => "",
        (_, Op::Exec(_) | Op::Attach(_)) => "the words as they are sent",
        (_, Op::Drain(_)) => "computed, and the cordon rehearsed",
        (_, _) => "dry run",
    }
}

fn table() -> String {
    let policy = Policy::built_in(false);
    let mut text = format!(
        "{HEAD}\n| operation | line | impact | asks | preview | waits for | several | way back |\n|---|---|---|---|---|---|---|---|\n"
    );
    let mut entries: Vec<_> = CATALOGUE.iter().filter(|entry| entry.name != "each").collect();
    entries.sort_by_key(|entry| (!entry.reads, entry.name));
    for entry in entries {
        let mut op = Op::from_line(entry.example).unwrap_or_else(|e| panic!("{}: {e}", entry.example));
        op.verb_mut().place(&"default".parse().unwrap());
        let asks = match explain(&policy, &op, &Source::Line, jiff::Timestamp::UNIX_EPOCH).verdict.word() {
            "allow" => "",
            other => other,
        };
        let cells = [
            format!("`{}`", entry.name),
            format!("`{}`", entry.example.replace('|', "\\|")),
            said(op.verb().impact()).into(),
            asks.into(),
            preview(&op).into(),
            waits(&op).into(),
            if entry.each { "yes" } else { "" }.into(),
            entry.back.into(),
        ];
        writeln!(text, "| {} |", cells.join(" | ")).unwrap();
    }
    text
}

#[test]
fn the_paper_says_what_the_code_says() {
    let table = table();
    if std::env::var("AIOPS_RECORD").is_ok_and(|what| what == "operations") {
        std::fs::write(PAPER, &table).unwrap();
    }
    let paper = std::fs::read_to_string(PAPER).unwrap_or_default();
    assert!(paper == table, "docs/operations.md is out of date: AIOPS_RECORD=operations cargo test --test all catalogue");
}

//! `docs/operations.md` says of every operation what the code says, and `docs/checks.md` of every rule. `AIOPS_RECORD=operations` and
//! `AIOPS_RECORD=checks` write them anew.

use aiops::{
    experts::{
        audit,
        diagnose::{self, Rule, Severity},
    },
    ops::{CATALOGUE, Impact, Op, Program, Wait},
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
        _ if op.entry().program == Program::Helm => "what helm waits for",
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
        (_, Op::HelmInstall(_) | Op::HelmUpgrade(_)) => "rendered by helm, held against the release and the live objects",
        (_, Op::HelmRollback(_) | Op::HelmUninstall(_)) => "computed from the release's revisions and the live objects",
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

const CHECKS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/checks.md");

/// Where the part of `docs/checks.md` begins that is written by the code; what stands before it is written by hand.
const RULES: &str = "## What a diagnosis looks for

`aiops diagnose` and questions such as \"why is the backend crashing\" ask all of these rules. One finding stands for one cause; what follows from it stands under it as \"explains\". `aiops diagnose --explain RULE` tells of one. The table is written by
`AIOPS_RECORD=checks cargo test --test all catalogue`, and a test holds it to the code.
";

/// The same of an audit, behind it.
const AUDIT: &str = "## What an audit looks for

`aiops audit` and questions such as \"are there misconfigurations\" ask all of these checks, of the cluster or of files. `aiops audit --explain CHECK` tells of one, `aiops audit --check CHECK` shows every object that it speaks of.
What several tools check is named as they name it.
";

fn rules() -> String {
    let of_diagnosis = tabled(RULES, diagnose::rules().into_values());
    format!("{of_diagnosis}\n{}", tabled(AUDIT, audit::rules().into_values()))
}

fn tabled(head: &str, rules: impl Iterator<Item = &'static Rule>) -> String {
    let mut text = format!("{head}\n| rule | severity | meaning | reads | for example | same as |\n|---|---|---|---|---|---|\n");
    let code = |all: &[&str]| all.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
    for rule in rules {
        let severity = match rule.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        let cells =
            [code(&[rule.id]), severity.into(), rule.meaning.into(), code(rule.reads), rule.example.into(), rule.same_as.join(", ")];
        // A placeholder is no HTML, and a bar ends no cell.
        writeln!(text, "| {} |", cells.map(|cell| cell.replace('|', "\\|").replace('<', "&lt;")).join(" | ")).unwrap();
    }
    text
}

#[test]
fn the_paper_tells_of_every_rule() {
    let paper = std::fs::read_to_string(CHECKS).unwrap();
    let head = RULES.lines().next().unwrap();
    let by_hand = paper.split(head).next().unwrap().trim_end();
    let meant = format!("{by_hand}\n\n{}", rules());
    if std::env::var("AIOPS_RECORD").is_ok_and(|what| what == "checks") {
        std::fs::write(CHECKS, &meant).unwrap();
        return;
    }
    assert!(paper == meant, "docs/checks.md is out of date: AIOPS_RECORD=checks cargo test --test all catalogue");
}

//! The papers say what is so: what AIOPS.md tells to say is understood, what stands beside it by hand is the same operation,
//! commands exist, and links lead somewhere.

use aiops::{
    faces::args::Cli,
    facts::Facts,
    ops::{Namespace, Op},
    road::plan::{self, Aside, Plan, Reading, Scope, Source},
};
use clap::{CommandFactory as _, Parser as _};
use std::path::{Path, PathBuf};

/// What marks a row whose by-hand lines are no single operation.
const NO_OPERATION: char = '†';

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn paper(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// README, AIOPS, CHANGELOG and everything below `docs/`.
fn papers() -> Vec<PathBuf> {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|e| e == "md") {
                into.push(path);
            }
        }
    }
    let mut found: Vec<PathBuf> = ["README.md", "AIOPS.md", "CHANGELOG.md"].map(|name| root().join(name)).into();
    walk(&root().join("docs"), &mut found);
    found
}

/// The code spans of a piece of Markdown.
fn spans(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The cells of a table row.
fn cells(line: &str) -> Option<Vec<&str>> {
    Some(line.strip_prefix("| ")?.trim_end().strip_suffix('|')?.split(" | ").map(str::trim).collect())
}

/// One row of AIOPS.md.
struct Example {
    say: String,
    by_hand: Vec<String>,
    one_operation_each: bool,
}

/// The rows of the tables whose head is `| you say | by hand |` and maybe more.
fn examples() -> Vec<Example> {
    let text = paper("AIOPS.md");
    let mut inside = false;
    let mut found = Vec::new();
    for line in text.lines() {
        let Some(cells) = cells(line) else {
            inside = inside && line.starts_with("|-");
            continue;
        };
        if cells.starts_with(&["you say", "by hand"]) || cells.starts_with(&["you say", "the line"]) {
            inside = true;
        } else if inside {
            let say = spans(cells[0]);
            assert_eq!(say.len(), 1, "one request a row: {line}");
            found.push(Example {
                say: say[0].to_string(),
                by_hand: spans(cells[1]).into_iter().map(str::to_string).collect(),
                one_operation_each: !cells[1].starts_with(NO_OPERATION),
            });
        }
    }
    found
}

fn scope() -> Scope {
    Scope { namespace: Namespace::new("todo-chatbot").unwrap(), last: None, everywhere: false, cluster: false }
}

/// The operations of kubectl lines, placed as a plan places them.
fn placed(lines: &[String]) -> Vec<Op> {
    let ops = lines.iter().map(|line| Op::from_line(line).unwrap_or_else(|e| panic!("{line}: {e}"))).collect();
    Plan::new("by hand", Source::Line, ops, Vec::new(), &scope()).unwrap().ops().to_vec()
}

#[test]
fn what_the_operators_sheet_tells_to_say_is_understood_and_the_line_beside_it_is_the_same() {
    let examples = examples();
    assert!(examples.len() > 30, "the tables are read: {}", examples.len());
    for Example { say, by_hand, one_operation_each } in &examples {
        match plan::read(say, &scope(), &Facts::default()) {
            Reading::Plan(plan) => {
                assert!(one_operation_each, "{say:?} is marked as no operation");
                assert_eq!(plan.ops(), placed(by_hand), "{say:?} by hand");
                assert!(plan.assumed().is_empty(), "{say:?} takes something for granted: {:?}", plan.assumed());
            }
            Reading::Aside(Aside::Undo(_) | Aside::Investigate { .. } | Aside::Account { .. } | Aside::Help) => {
                assert!(!one_operation_each, "{say:?} has no single line by hand: mark it");
                let kubectl = by_hand.iter().filter(|line| line.starts_with("kubectl "));
                for line in kubectl {
                    Op::from_line(line).unwrap_or_else(|e| panic!("{line}: {e}"));
                }
            }
            other => panic!("{say:?} is not understood: {other:?}"),
        }
    }
}

#[test]
fn the_operators_sheet_has_every_operation_that_words_can_ask_for() {
    // Ways back are made of these, or they stand on a line for others; nobody asks for them in words.
    let for_ways_back = [
        "patch",
        "create",
        "each",
        "exec",
        "attach",
        "port_forward",
        "edit",
        "debug",
        "cp",
        "create_token",
        "diff",
        "drain",
        "replace",
        "wait_for",
        "certificate_approve",
        "certificate_deny",
        "api_resources",
        "api_versions",
        "server_version",
        "cluster_info",
        "explain",
        "can_i",
        "whoami",
        "replace",
        "wait_for",
        "certificate_approve",
        "certificate_deny",
        "config_view",
        "current_context",
        "get_contexts",
        "get_clusters",
        "get_users",
    ];
    let shown: Vec<&str> =
        examples().iter().filter(|e| e.one_operation_each).flat_map(|e| placed(&e.by_hand)).map(|op| op.entry().name).collect();
    for entry in aiops::ops::CATALOGUE.iter().filter(|e| !for_ways_back.contains(&e.name)) {
        assert!(shown.contains(&entry.name), "no example of {}", entry.name);
    }
}

/// One word of a command line, and whether it was quoted.
#[derive(Debug, PartialEq)]
struct Word(String, bool);

/// A command line into words; quotes only, as much of a shell as the papers use.
fn words(line: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut open = None;
    let mut fresh = true;
    for c in line.chars() {
        match (open, c) {
            (None, ' ') => fresh = true,
            (None, '"' | '\'') => {
                open = Some(c);
                if std::mem::take(&mut fresh) {
                    found.push(Word(String::new(), true));
                }
            }
            (Some(quote), c) if c == quote => open = None,
            (_, c) => {
                if std::mem::take(&mut fresh) {
                    found.push(Word(String::new(), false));
                }
                found.last_mut().unwrap().0.push(c);
            }
        }
    }
    found
}

/// Every command of ours that a paper shows: in a code span, in an indented or fenced block; what follows `cargo run … --` too.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced || line.starts_with("    ") {
            found.push(line.trim().trim_start_matches("$ ").to_string());
        } else {
            found.extend(spans(line).into_iter().map(str::to_string));
        }
    }
    let ours = found.into_iter().filter_map(|line| {
        let line = line.split("  #").next().unwrap_or_default().trim().to_string();
        let of_cargo = line.strip_prefix("cargo run ").and_then(|l| l.split_once("-- ")).map(|(_, rest)| format!("aiops {rest}"));
        of_cargo.or_else(|| (line == "aiops" || line.starts_with("aiops ")).then_some(line))
    });
    // The status line of the picture begins with the program's name as well.
    ours.filter(|line| !line.contains('▸')).collect()
}

#[test]
fn every_command_that_a_paper_shows_exists() {
    let cli = Cli::command();
    let known: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
    let mut seen = 0;
    for path in papers() {
        for line in commands(&std::fs::read_to_string(&path).unwrap()) {
            let words = words(&line);
            let takes_value = |flag: &str| {
                cli.get_arguments().any(|a| {
                    let named =
                        a.get_long().is_some_and(|l| flag == format!("--{l}")) || a.get_short().is_some_and(|s| flag == format!("-{s}"));
                    named && a.get_action().takes_values()
                })
            };
            let mut rest = words.iter().skip(1);
            let mut first = None;
            while let Some(word) = rest.next() {
                if word.0.starts_with('-') {
                    if takes_value(&word.0) {
                        rest.next();
                    }
                } else {
                    first = Some(word);
                    break;
                }
            }
            seen += 1;
            if let Some(Word(name, false)) = first {
                assert!(known.contains(&name.as_str()), "{}: {line:?}: there is no command {name:?}", path.display());
            }
            let parsed = Cli::try_parse_from(words.iter().map(|w| w.0.as_str()));
            if let Err(e) = parsed {
                use clap::error::ErrorKind;
                let shows = matches!(e.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
                // Named alone in a sentence, without the word that follows: `aiops journal`.
                let named_alone = words.len() == 2 && e.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
                assert!(shows || named_alone, "{}: {line:?}: {e}", path.display());
            }
        }
    }
    assert!(seen > 20, "commands are read: {seen}");
}

#[test]
fn the_readme_begins_with_commands_that_work() {
    let readme = paper("README.md");
    let demo = r#"cargo run --release -- demo --yes "scale backend to 3" "why is worker not ready" "undo""#;
    assert!(readme.lines().any(|l| l.trim() == demo), "the first command");
    // `.ci/run` runs the first line that begins so.
    let test = readme.lines().find(|l| l.trim_start().starts_with("cargo test")).expect("a line `cargo test`");
    assert_eq!(test.trim(), "cargo test");
}

#[test]
fn every_link_leads_somewhere() {
    let anchor = |heading: &str| -> String {
        let kept = heading.trim_start_matches('#').trim().to_lowercase();
        kept.chars().filter_map(|c| if c == ' ' { Some('-') } else { (c.is_alphanumeric() || c == '-' || c == '_').then_some(c) }).collect()
    };
    let mut seen = 0;
    for path in papers() {
        let text = std::fs::read_to_string(&path).unwrap();
        for part in text.split("](").skip(1) {
            let Some((link, _)) = part.split_once(')') else { continue };
            if link.contains("://") {
                continue;
            }
            seen += 1;
            let (file, section) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link}", path.display());
            if !section.is_empty() {
                let there = std::fs::read_to_string(&target).unwrap();
                let found = there.lines().filter(|l| l.starts_with('#')).any(|l| anchor(l) == section);
                assert!(found, "{}: no heading for {link}", path.display());
            }
        }
    }
    assert!(seen > 10, "links are read: {seen}");
}

/// Files and folders of the repository that a paper names in a code span.
#[test]
fn every_file_that_a_paper_names_is_there() {
    let tops = ["src/", "tests/", "docs/", "examples/", "playbooks/", "prompts/", "benches/", ".ci/"];
    for path in papers() {
        for named in spans(&std::fs::read_to_string(&path).unwrap()) {
            if tops.iter().any(|top| named.starts_with(top)) && !named.contains([' ', '*', '…']) {
                assert!(root().join(named).exists(), "{}: {named}", path.display());
            }
        }
    }
}

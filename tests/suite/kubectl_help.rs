//! Every example of kubectl's own help is read as an operation, or refused for a reason that is said. `kubectl_help.txt` lists them.
//!
//! `AIOPS_RECORD=help` writes the list anew from the kubectl of `AIOPS_TEST_KUBECTL`.

use aiops::ops::{Misuse, Op};
use std::{fmt::Write as _, path::Path, process::Command};

const LIST: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/kubectl_help.txt");

/// How a line is taken: `= ` and the line of the operation, `! ` and why not.
fn taken(line: &str) -> String {
    // An answer piped into kubectl, or into another program, is a shell's work: said as such.
    let begins = line.split_whitespace().next() == Some("kubectl");
    match Op::from_line(line) {
        Ok(op) => format!("= {}", op.line()),
        Err(Misuse::UnknownVerb(verb)) => format!("? {verb} is unknown"),
        Err(_) if !begins => "! it begins with another program".to_string(),
        Err(why) => format!("! {why}"),
    }
}

/// The example lines of one command's help and of those below it, as a person would type them.
fn examples(kubectl: &Path, path: &[String], into: &mut Vec<String>) {
    let out = Command::new(kubectl).args(path).arg("--help").output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let mut section = "";
    let mut open = String::new();
    let mut below = Vec::new();
    for line in text.lines() {
        if !line.starts_with(' ') && line.ends_with(':') {
            section = line;
            continue;
        }
        let said = line.trim();
        if section == "Examples:" {
            let whole = std::mem::take(&mut open) + said;
            if let Some(begun) = whole.strip_suffix('\\') {
                open = begun.to_string();
            } else if whole.contains("kubectl") && !whole.starts_with('#') {
                into.push(whole.split_whitespace().collect::<Vec<_>>().join(" "));
            }
        } else if section.contains("Commands") && line.starts_with("  ") {
            below.extend(said.split_whitespace().next().map(str::to_string));
        }
    }
    for word in below {
        examples(kubectl, &[path, &[word]].concat(), into);
    }
}

fn listed() -> Vec<(String, String)> {
    let text = std::fs::read_to_string(LIST).unwrap_or_default();
    let mut lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
    std::iter::from_fn(|| Some((lines.next()?.to_string(), lines.next()?.trim().to_string()))).collect()
}

fn write(lines: &[String]) {
    let mut text =
        "# The examples of kubectl's help, each with how it is taken: = the operation's own line, ! why it is refused, ? not yet.\n"
            .to_string();
    for line in lines {
        write!(text, "{line}\n  {}\n", taken(line)).unwrap();
    }
    std::fs::write(LIST, text).unwrap();
}

fn recording() -> bool {
    std::env::var("AIOPS_RECORD").is_ok_and(|what| what == "help")
}

#[test]
fn each_is_taken_as_it_is_listed() {
    let listed = listed();
    if recording() {
        return write(&listed.into_iter().map(|(line, _)| line).collect::<Vec<_>>());
    }
    assert!(listed.len() > 350, "{} lines are listed", listed.len());
    let other: Vec<String> = listed
        .iter()
        .filter(|(line, want)| taken(line) != *want)
        .map(|(line, want)| format!("{line}\n  {}\n  listed: {want}", taken(line)))
        .collect();
    assert!(other.is_empty(), "{}\nAIOPS_RECORD=help writes the list anew", other.join("\n"));
    let of = |mark: char| listed.iter().filter(|(_, want)| want.starts_with(mark)).count();
    println!(
        "of {} examples of kubectl's help {} are operations, {} refused with a reason, {} unknown",
        listed.len(),
        of('='),
        of('!'),
        of('?')
    );
}

#[test]
fn the_list_has_every_example_of_the_real_kubectl() {
    let Ok(kubectl) = std::env::var("AIOPS_TEST_KUBECTL") else {
        eprintln!("skipped: AIOPS_TEST_KUBECTL names no kubectl");
        return;
    };
    let mut lines = Vec::new();
    examples(Path::new(&kubectl), &[], &mut lines);
    let mut known = std::collections::HashSet::new();
    lines.retain(|line| known.insert(line.clone()));
    if recording() {
        write(&lines);
    }
    let listed: Vec<String> = listed().into_iter().map(|(line, _)| line).collect();
    assert_eq!(listed, lines);
}

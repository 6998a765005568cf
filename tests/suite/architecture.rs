//! The arrows between the rooms: who may name whom. `docs/architecture.md` draws them.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// A room, and the rooms it may name beside those that all may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("config", &[]),
    ("terms", &[]),
    ("problem", &[]),
    ("world", &[]),
    ("ops", &[]),
    ("facts", &["ops"]),
    ("experts", &["ops", "facts"]),
    ("doors", &["ops", "facts"]),
    ("road/run", &[]),
    ("road/plan", &["ops", "facts", "experts/playbook", "doors/model", "road/run"]),
    ("road/vet", &["ops", "facts", "road/plan", "road/run"]),
    ("road/preview", &["ops", "facts", "road/plan", "road/vet", "road/run"]),
    ("road/approve", &["ops", "facts", "road/plan", "road/vet", "road/preview", "road/run"]),
    ("road/journal", &["ops", "facts", "road/plan", "road/vet", "road/preview", "road/approve", "road/run"]),
    ("road/undo", &["ops", "facts", "road/plan", "road/journal", "road/run"]),
    (
        "road/execute",
        &[
            "ops",
            "facts",
            "doors/cluster",
            "doors/helm",
            "doors/files",
            "road/plan",
            "road/vet",
            "road/preview",
            "road/approve",
            "road/journal",
            "road/run",
        ],
    ),
    ("session", &["ops", "facts", "experts", "road", "doors/model"]),
    ("drive", &["ops", "facts", "doors", "road", "session", "experts"]),
    ("faces", &["ops", "facts", "experts", "road", "session", "drive", "config"]),
    ("simulator", &[]),
];

/// Rooms that name nothing of ours and that everyone may name.
const GROUND: &[&str] = &["terms", "problem", "world"];

/// A crate, and the only rooms that may name it.
const FOREIGN: &[(&str, &[&str])] = &[
    ("kube::", &["doors/cluster"]),
    ("k8s_openapi::", &["doors/cluster"]),
    ("async_openai::", &["doors/model"]),
    ("ratatui::", &["faces/tui"]),
    ("crossterm::", &["faces/tui"]),
    ("tui_textarea::", &["faces/tui"]),
    ("reqwest::", &["doors"]),
    ("axum::", &["simulator"]),
    ("clap::", &["faces"]),
];

/// A file longer than this answers more than one question.
const LONGEST: usize = 800;

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, into: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, into);
            } else if path.extension().is_some_and(|e| e == "rs") {
                into.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files
        .into_iter()
        .filter(|path| !path.components().any(|c| c.as_os_str() == "tests") && path.file_name().is_none_or(|n| n != "tests.rs"))
        .map(|path| {
            let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
            let text = std::fs::read_to_string(&path).unwrap();
            (name, text)
        })
        .collect()
}

/// The text without comments and without its tests: what the program itself names.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// `road/plan/mod.rs` -> `road/plan`; `facts/need.rs` -> `facts`; `main.rs` has none.
fn room(file: &str) -> Option<String> {
    let parts: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    match parts.as_slice() {
        ["main" | "lib"] => None,
        ["road", "mod"] => None,
        ["road", stage, ..] => Some(format!("road/{stage}")),
        [room, ..] => Some((*room).to_string()),
        [] => None,
    }
}

/// Every `crate::a::b` in the text, with grouped imports opened, as `a/b`.
fn named(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = text;
    while let Some(at) = rest.find("crate::") {
        rest = &rest[at + "crate::".len()..];
        collect(rest, "", &mut found, 0);
    }
    found
}

/// Reads one path or group; returns how many bytes it took.
fn collect(text: &str, before: &str, found: &mut BTreeSet<String>, depth: usize) -> usize {
    let bytes = text.as_bytes();
    if bytes.first() == Some(&b'{') {
        let mut at = 1;
        while at < bytes.len() && bytes[at] != b'}' {
            if bytes[at].is_ascii_alphabetic() || bytes[at] == b'_' || bytes[at] == b'{' {
                at += collect(&text[at..], before, found, depth);
            } else {
                at += 1;
            }
        }
        return (at + 1).min(bytes.len());
    }
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    let word = &text[..end];
    let path = if before.is_empty() { word.to_string() } else { format!("{before}/{word}") };
    if depth < 2 && text[end..].starts_with("::") {
        found.insert(path.clone());
        return end + 2 + collect(&text[end + 2..], &path, found, depth + 1);
    }
    found.insert(path);
    end.max(1)
}

#[test]
fn rooms_name_only_the_rooms_they_may() {
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let Some(room) = room(&file) else { continue };
        let top = room.split('/').next().unwrap().to_string();
        let Some(may) = allowed.get(room.as_str()).or_else(|| allowed.get(top.as_str())) else {
            wrong.push(format!("{file}: room {room} is in no arrow"));
            continue;
        };
        for path in named(&code(&text)) {
            let first = path.split('/').next().unwrap();
            // Types re-exported by a room's own mod (`crate::road::RunId`) belong to that room.
            if first == top
                && (top != "road"
                    || path.split('/').nth(1).is_none_or(|p| p.starts_with(char::is_uppercase) || format!("road/{p}") == room))
            {
                continue;
            }
            let fits = |arrow: &&str| {
                path == **arrow
                    || path.starts_with(&format!("{arrow}/"))
                    || (arrow.contains('/') && path == first && arrow.starts_with(&format!("{first}/")))
            };
            if !GROUND.contains(&first) && !may.iter().any(fits) {
                wrong.push(format!("{file}: {room} names {path}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn foreign_crates_stay_behind_their_doors() {
    let mut wrong = Vec::new();
    for (file, text) in sources() {
        let text = code(&text);
        for (krate, rooms) in FOREIGN {
            let names =
                text.match_indices(krate).any(|(at, _)| !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':'));
            if names && file != "main.rs" && !rooms.iter().any(|room| file.starts_with(&format!("{room}/"))) {
                wrong.push(format!("{file} names {krate}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn no_file_is_the_one_that_everything_is_added_to() {
    let long: Vec<String> = sources()
        .into_iter()
        .map(|(file, text)| (text.lines().count(), file))
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, file)| format!("{file}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}

#[test]
fn every_room_says_what_it_owns() {
    let silent: Vec<String> = sources()
        .into_iter()
        .filter(|(file, _)| file.ends_with("/mod.rs"))
        .filter(|(_, text)| !text.starts_with("//!"))
        .map(|(file, _)| file)
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

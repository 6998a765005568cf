//! Dumped objects and logs as a snapshot.

use super::{dump, parse};
use crate::{
    facts::snapshot::{Documents, Snapshot, Watcher},
    problem::Problem,
};
use jiff::Timestamp;
use serde_json::Value;
use std::path::PathBuf;

/// Reads files and folders: YAML and JSON as objects, logs by their paths. A file, or a document of it, that cannot be read is noted in the snapshot, and
/// the others are taken. Blocks. `-` is standard input.
///
/// # Errors
/// A path is not there, or cannot be read at all.
pub fn snapshot(paths: &[PathBuf], today: Timestamp) -> Result<Snapshot, Problem> {
    gathered(paths, Documents::new(today))
}

/// The same, with each object shown whole to `watcher`.
///
/// # Errors
/// As [`snapshot`].
pub fn snapshot_shown(paths: &[PathBuf], today: Timestamp, watcher: Watcher<'_>) -> Result<Snapshot, Problem> {
    gathered(paths, Documents::new(today).shown_to(watcher))
}

fn gathered(paths: &[PathBuf], mut documents: Documents<'_>) -> Result<Snapshot, Problem> {
    for path in paths {
        if path.as_os_str() == "-" {
            documents.below("");
            let bytes = super::limited(std::io::stdin().lock(), "standard input")?;
            one(&mut documents, "standard input", &bytes);
            continue;
        }
        // A file's place is its name, a folder's what stands below it: the way there is what the person wrote.
        let above = if path.is_dir() { Some(path.as_path()) } else { path.parent() };
        documents.below(&above.map_or_else(String::new, |root| root.display().to_string()));
        dump(path, |place, read| match read {
            Ok(bytes) => one(&mut documents, place, &bytes),
            Err(why) => documents.leave_out(place, &why),
        })?;
    }
    Ok(documents.finish())
}

fn one(into: &mut Documents<'_>, place: &str, bytes: &[u8]) {
    if place.ends_with(".log") || place.ends_with(".txt") {
        return into.log(place, &String::from_utf8_lossy(bytes));
    }
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes));
    if text.trim_start().starts_with(['{', '[']) {
        let mut read = 0;
        for document in serde_json::Deserializer::from_str(&text).into_iter::<Value>() {
            match document {
                Ok(value) => {
                    into.take(place, value);
                    read += 1;
                }
                // Flow style YAML begins so too; what is cut off is neither.
                Err(e) if read > 0 => return into.leave_out(place, &format!("it is broken at line {}, column {}", e.line(), e.column())),
                Err(_) => break,
            }
        }
        if read > 0 {
            return;
        }
    }
    match parse(place, text.as_bytes()) {
        Ok(held) => held.values.into_iter().for_each(|value| into.take(place, value)),
        Err(_) => parted(into, place, &text),
    }
}

/// Document by document, so that a broken one does not hide the others.
fn parted(into: &mut Documents<'_>, place: &str, text: &str) {
    let mut part = String::new();
    let mut number = 0;
    let mut each = |part: &str| {
        if part.trim().is_empty() {
            return;
        }
        number += 1;
        match parse(place, part.as_bytes()) {
            Ok(held) => held.values.into_iter().for_each(|value| into.take(place, value)),
            Err(problem) => into.leave_out(&format!("{place}, document {number}"), &problem.sentence),
        }
    };
    for line in text.lines() {
        if line.trim_end() == "---" || line.starts_with("--- ") {
            each(&part);
            part.clear();
        } else {
            part.push_str(line);
            part.push('\n');
        }
    }
    each(&part);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_broken_is_noted_and_the_rest_is_read() {
        let home = tempfile::tempdir().unwrap();
        let at = home.path();
        let pod = |name: &str| {
            format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{containers: [{{name: app}}]}}\n")
        };
        std::fs::write(at.join("a.yaml"), format!("{}---\nkind: [broken\n---\n{}", pod("one"), pod("two"))).unwrap();
        std::fs::write(
            at.join("list.json"),
            r#"[{"kind": "PodList", "apiVersion": "v1", "items": [{"metadata": {"name": "three", "namespace": "shop"}}]}, [[]]]"#,
        )
        .unwrap();
        std::fs::create_dir(at.join("one")).unwrap();
        std::fs::write(at.join("one/app.log"), "hello\nFATAL: no config\n").unwrap();
        let s = snapshot(&[at.to_path_buf()], "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
        assert_eq!(s.pods.iter().map(|p| &*p.meta.name).collect::<Vec<_>>(), ["one", "three", "two"]);
        assert_eq!(s.not_read.len(), 1, "{:?}", s.not_read);
        let (lines, previous) = s.log_of(&s.pods[0].meta, "app").unwrap();
        assert_eq!((lines.len(), previous), (2, false));
    }
}

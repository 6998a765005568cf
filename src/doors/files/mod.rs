//! The door to files: manifests that a person named, as JSON values.
//!
//! Owns: reading a file, a folder of them or standard input; YAML and JSON; size limits; saying where something is wrong.
//! Does not own: what a document means (`ops`), flattening of Lists, or writing anything.
//! Invariants: only a path that was handed in is read; an error names file, document and line, and never quotes the text
//! (it may be a Secret's).

mod manifest;

use crate::problem::{Problem, Sort};
use serde_json::Value;
use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

/// The largest input that is read, in bytes.
pub const LARGEST: u64 = 64 << 20;

/// Loads the documents of a file, of every `*.yaml`, `*.yml` and `*.json` in a folder (in order of name, not deeper), or of
/// standard input (`-`). Blocks; empty documents are left out.
///
/// # Errors
/// A sentence with file, document number and line: not there, not readable, too large, no text, broken.
pub fn load(path: &str) -> Result<Vec<Value>, Problem> {
    if path == "-" {
        return parse("standard input", &limited(std::io::stdin().lock(), "standard input")?);
    }
    let at = Path::new(path);
    if !at.is_dir() {
        return parse(path, &read(at)?);
    }
    let mut documents = Vec::new();
    let files = manifests_in(at)?;
    if files.is_empty() {
        return Err(Problem::new(Sort::Usage, format!("there is no *.yaml, *.yml or *.json in {path}")));
    }
    for file in files {
        documents.extend(parse(&file.display().to_string(), &read(&file)?)?);
    }
    Ok(documents)
}

/// Reads documents out of bytes that came from `place`, a name for sentences.
///
/// # Errors
/// As [`load`].
pub fn parse(place: &str, bytes: &[u8]) -> Result<Vec<Value>, Problem> {
    manifest::documents(place, bytes)
}

fn manifests_in(folder: &Path) -> Result<Vec<PathBuf>, Problem> {
    let entries = std::fs::read_dir(folder).map_err(|e| unread(folder, &e))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| unread(folder, &e))?.path();
        let manifest = path.extension().and_then(|e| e.to_str()).is_some_and(|e| ["yaml", "yml", "json"].contains(&e));
        if manifest && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let file = std::fs::File::open(path).map_err(|e| unread(path, &e))?;
    limited(file, &path.display().to_string())
}

fn limited(from: impl std::io::Read, place: &str) -> Result<Vec<u8>, Problem> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes).map_err(|e| Problem::failed(format!("{place} cannot be read: {e}")))?;
    if bytes.len() as u64 > LARGEST {
        return Err(Problem::failed(format!("{place} is larger than {} MiB", LARGEST >> 20)).hint("split it into several files"));
    }
    Ok(bytes)
}

fn unread(path: &Path, e: &std::io::Error) -> Problem {
    let shown = path.display();
    match e.kind() {
        std::io::ErrorKind::NotFound => Problem::new(Sort::Usage, format!("there is no file {shown}")),
        std::io::ErrorKind::PermissionDenied => Problem::failed(format!("{shown} may not be read (permission denied)")),
        _ => Problem::failed(format!("{shown} cannot be read: {e}")),
    }
}

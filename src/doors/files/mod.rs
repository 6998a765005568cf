//! The door to files that a person named: manifests as JSON values, other files as bytes.
//!
//! Owns: reading a file, a folder of them or standard input; the person's editor; what is copied into a container and out of one; walking the tree of a dump; YAML and JSON; size limits; saying where something is wrong.
//! Does not own: what a document means (`ops`), flattening of Lists.
//! Invariants: nothing is written but the file that is edited, which goes, and what is copied to a place that a person named; only a path that was handed in is read; an error names file, document and line, and never quotes the text
//! (it may be a Secret's).

mod archive;
mod dump;
mod editor;
mod manifest;
mod snapshot;

pub use archive::{Copied, base_name, pack, unpack};
pub use dump::dump;
pub use editor::Editor;
pub use snapshot::{snapshot, snapshot_shown};

use crate::{
    ops::{Contents, Documents, Sensitive},
    problem::{Problem, Sort},
};
use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

/// The largest input that is read, in bytes.
pub const LARGEST: u64 = 64 << 20;

/// Loads the documents of a file, of every `*.yaml`, `*.yml` and `*.json` in a folder (in order of name; deeper where `/**` ends the path), or of
/// standard input (`-`). Blocks; empty documents are left out.
///
/// # Errors
/// A sentence with file, document number and line: not there, not readable, too large, no text, broken.
pub fn load(path: &str) -> Result<Documents, Problem> {
    if path == "-" {
        return parse("standard input", &limited(std::io::stdin().lock(), "standard input")?);
    }
    let (path, deep) = path.strip_suffix("/**").map_or((path, false), |path| (path, true));
    let at = Path::new(path);
    if !at.is_dir() {
        return parse(path, &read(at)?);
    }
    let mut documents = Documents::default();
    let mut files = Vec::new();
    manifests_in(at, deep, 0, &mut files)?;
    files.sort();
    if files.is_empty() {
        return Err(Problem::new(Sort::Usage, format!("there is no *.yaml, *.yml or *.json in {path}")));
    }
    for file in files {
        let held = parse(&file.display().to_string(), &read(&file)?)?;
        documents.values.extend(held.values);
        documents.texts.extend(held.texts);
    }
    Ok(documents)
}

/// Reads a file as it is, or each file of a folder (in order of name, not deeper). Blocks. Only what can be read to an end is read:
/// no pipe, no device.
///
/// # Errors
/// A sentence: not there, not readable, too large, no file.
pub fn contents(path: &str) -> Result<Contents, Problem> {
    let at = Path::new(path);
    let what = std::fs::metadata(at).map_err(|e| unread(at, &e))?;
    if what.is_file() {
        return Ok(Contents::File(Sensitive::of_bytes(read(at)?)));
    }
    if !what.is_dir() {
        return Err(Problem::new(Sort::Usage, format!("{path} is neither a file nor a folder")));
    }
    let mut held = Vec::new();
    for entry in std::fs::read_dir(at).map_err(|e| unread(at, &e))? {
        let entry = entry.map_err(|e| unread(at, &e))?;
        // As kubectl: a link in a folder is passed over, whatever it leads to.
        if entry.file_type().is_ok_and(|sort| sort.is_file()) {
            let name = entry.file_name().into_string().map_err(|_| Problem::failed(format!("a name in {path} is no text")))?;
            held.push((name, Sensitive::of_bytes(read(&entry.path())?)));
        }
    }
    held.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(Contents::Folder(held))
}

/// Reads documents out of bytes that came from `place`, a name for sentences.
///
/// # Errors
/// As [`load`].
pub fn parse(place: &str, bytes: &[u8]) -> Result<Documents, Problem> {
    manifest::documents(place, bytes)
}

/// How deep folders are gone into, and how many files are taken.
const DEEPEST: usize = 16;
const MOST_FILES: usize = 10_000;

fn manifests_in(folder: &Path, deep: bool, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Problem> {
    let entries = std::fs::read_dir(folder).map_err(|e| unread(folder, &e))?;
    for entry in entries {
        let entry = entry.map_err(|e| unread(folder, &e))?;
        let path = entry.path();
        // A link to a folder is not gone through: it may lead round in a circle.
        if deep && entry.file_type().is_ok_and(|what| what.is_dir()) {
            if depth == DEEPEST {
                return Err(Problem::failed(format!("{} is more than {DEEPEST} folders deep", path.display())));
            }
            manifests_in(&path, deep, depth + 1, files)?;
        }
        let manifest = path.extension().and_then(|e| e.to_str()).is_some_and(|e| ["yaml", "yml", "json"].contains(&e));
        if manifest && path.is_file() {
            files.push(path);
        }
        if files.len() > MOST_FILES {
            return Err(Problem::failed(format!("more than {MOST_FILES} manifests are in {}", folder.display())));
        }
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn broken(text: &str) -> String {
        parse("web.yaml", text.as_bytes()).unwrap_err().sentence
    }

    #[test]
    fn reads_documents_as_kubectl_does_and_skips_empty_ones() {
        let text = "# only a comment\n---\nkind: ConfigMap\ndata: {mode: 0644, on: yes, quoted: \"0644\", big: 1e3}\n---\n---\nkind: Secret\n...\n";
        let documents = parse("web.yaml", text.as_bytes()).unwrap().values;
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[0]["data"]["mode"], json!(420));
        assert_eq!(documents[0]["data"]["quoted"], json!("0644"));
        assert!(parse("a.yaml", b"").unwrap().values.is_empty());
        assert_eq!(parse("a.yaml", b"\xEF\xBB\xBFkind: Pod\n").unwrap().values[0]["kind"], "Pod");
        assert_eq!(parse("a.json", b"{\"kind\": \"Pod\"}\n{\"kind\": \"Node\"}").unwrap().values.len(), 2);
        assert_eq!(parse("-", b"{\"kind\": \"Pod\"}").unwrap().values.len(), 1);
    }

    #[test]
    fn an_error_names_file_document_and_line_and_quotes_nothing() {
        let sentence = broken("kind: Secret\n---\nkind: Secret\nstringData: {password: sw0rdfish\nmetadata: {}\n");
        assert!(sentence.starts_with("web.yaml: document 2 is broken at line ") && !sentence.contains("sw0rdfish"), "{sentence}");
        let sentence = broken("---\na: 1\na: 2\n");
        assert_eq!(sentence, "web.yaml: document 1 is broken at line 3, column 1: a key stands there twice");
        assert!(broken("kind: Pod\n---\n- a\n").contains("document 2 is no Kubernetes object"), "{}", broken("kind: Pod\n---\n- a\n"));
        let json = parse("web.json", b"{\"kind\": \"Pod\"}\n{\"kind\": ]").unwrap_err().sentence;
        assert!(json.starts_with("web.json: document 2 is broken at line 2"), "{json}");
        let binary = parse("web.yaml", b"kind: \xFF\xFE").unwrap_err().sentence;
        assert!(binary.starts_with("web.yaml: it is no text"), "{binary}");
    }

    #[test]
    fn a_folder_is_read_in_order_and_not_deeper() {
        let home = tempfile::tempdir().unwrap();
        let at = home.path();
        for (name, text) in [("b.yml", "kind: B"), ("a.yaml", "kind: A"), ("c.json", "{\"kind\": \"C\"}"), ("notes.txt", "no: [yaml")] {
            std::fs::write(at.join(name), text).unwrap();
        }
        std::fs::create_dir(at.join("d.yaml")).unwrap();
        std::fs::write(at.join("d.yaml").join("deep.yaml"), "kind: Deep").unwrap();
        let kinds: Vec<serde_json::Value> = load(at.to_str().unwrap()).unwrap().values.into_iter().map(|d| d["kind"].clone()).collect();
        assert_eq!(kinds, ["A", "B", "C"]);
        let deeper = load(&format!("{}/**", at.display())).unwrap();
        assert_eq!(deeper.values.iter().map(|d| d["kind"].as_str().unwrap()).collect::<Vec<_>>(), ["A", "B", "C", "Deep"]);
        assert_eq!(load(&format!("{}/a.yaml/**", at.display())).unwrap().values.len(), 1);
        assert!(load(at.join("none.yaml").to_str().unwrap()).unwrap_err().sentence.starts_with("there is no file"));
        std::fs::create_dir(at.join("bare")).unwrap();
        assert!(load(at.join("bare").to_str().unwrap()).unwrap_err().sentence.contains("no *.yaml"));
    }

    #[test]
    fn bytes_are_read_as_they_are() {
        let home = tempfile::tempdir().unwrap();
        let at = home.path();
        std::fs::write(at.join("b"), b"\xff\x00\r\n").unwrap();
        std::fs::write(at.join("a"), "x").unwrap();
        std::fs::create_dir(at.join("c")).unwrap();
        std::os::unix::fs::symlink(at.join("a"), at.join("d")).unwrap();
        let Contents::File(bytes) = contents(at.join("b").to_str().unwrap()).unwrap() else { panic!("no file") };
        assert_eq!(bytes.reveal(), Some(b"\xff\x00\r\n".as_slice()));
        let Contents::Folder(files) = contents(at.to_str().unwrap()).unwrap() else { panic!("no folder") };
        assert_eq!(files.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(contents("/dev/null").unwrap_err().sentence.ends_with("neither a file nor a folder"));
        assert!(contents(at.join("none").to_str().unwrap()).unwrap_err().sentence.starts_with("there is no file"));
    }

    #[test]
    fn what_is_too_large_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("large.yaml");
        std::fs::File::create(&path).unwrap().set_len(LARGEST + 1).unwrap();
        assert!(load(path.to_str().unwrap()).unwrap_err().sentence.ends_with("is larger than 64 MiB"));
    }

    /// Manifests of real projects, where they lie next to the checkout.
    #[test]
    fn real_manifests_are_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases/manifests");
        if !folder.is_dir() {
            eprintln!("skipped: there is no {}", folder.display());
            return;
        }
        let mut waiting = vec![folder];
        let (mut files, mut refused) = (0, Vec::new());
        while let Some(at) = waiting.pop() {
            for path in std::fs::read_dir(at).unwrap().map(|e| e.unwrap().path()) {
                if path.is_dir() {
                    waiting.push(path);
                } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml" || e == "json") {
                    files += 1;
                    if let Err(problem) = load(path.to_str().unwrap()) {
                        refused.push(problem.sentence);
                    }
                }
            }
        }
        eprintln!("{files} manifests, refused: {refused:#?}");
        assert!(refused.len() * 50 <= files, "{refused:#?}");
    }
}

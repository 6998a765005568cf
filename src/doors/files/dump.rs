//! The files of a dumped cluster: one file, or everything below a folder.

use super::{LARGEST, limited, unread};
use crate::problem::{Problem, Sort};
use std::path::Path;

/// How much is read of one dump: folders below folders, files, bytes in all.
const DEEPEST: usize = 16;
const MOST_FILES: usize = 50_000;
const MOST_BYTES: u64 = 1 << 30;

/// What stands below a dump's root, in order of name. Files that are no YAML, JSON, `*.log` or `logs.txt` are passed over.
///
/// `each` gets a path below the root, with `/`, and the bytes of the file, or why they were not read. Symbolic links are never followed (but the root may
/// be one: the person named it), so that nothing in a dump leads out of it.
///
/// # Errors
/// The root is not there or cannot be read.
pub fn dump(root: &Path, mut each: impl FnMut(&str, Result<Vec<u8>, String>)) -> Result<(), Problem> {
    let known = std::fs::metadata(root).map_err(|e| unread(root, &e))?;
    if !known.is_dir() {
        let name = root.file_name().map_or_else(|| root.display().to_string(), |n| n.to_string_lossy().into_owned());
        each(&name, Ok(super::read(root)?));
        return Ok(());
    }
    let mut walk = Walk { files: 0, bytes: 0, full: false, each };
    walk.folder(root, "", 0).map_err(|e| unread(root, &e))?;
    match walk.files {
        0 => Err(Problem::new(Sort::Usage, format!("there is no *.yaml, *.yml, *.json or log in {}", root.display()))),
        _ => Ok(()),
    }
}

struct Walk<F> {
    files: usize,
    bytes: u64,
    full: bool,
    each: F,
}

impl<F: FnMut(&str, Result<Vec<u8>, String>)> Walk<F> {
    fn folder(&mut self, folder: &Path, place: &str, depth: usize) -> std::io::Result<()> {
        let mut entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            if self.full {
                return Ok(());
            }
            let name = entry.file_name().to_string_lossy().into_owned();
            let inside = if place.is_empty() { name.clone() } else { format!("{place}/{name}") };
            let sort = entry.file_type()?;
            if sort.is_symlink() {
                (self.each)(&inside, Err("a symbolic link, which is not followed".into()));
            } else if sort.is_dir() {
                if depth == DEEPEST {
                    (self.each)(&inside, Err(format!("more than {DEEPEST} folders deep")));
                } else if let Err(e) = self.folder(&entry.path(), &inside, depth + 1) {
                    (self.each)(&inside, Err(e.to_string()));
                }
            } else if sort.is_file() && wanted(&name) {
                self.file(&entry, &inside);
            }
        }
        Ok(())
    }

    fn file(&mut self, entry: &std::fs::DirEntry, place: &str) {
        let size = entry.metadata().map_or(0, |m| m.len());
        self.full = self.files == MOST_FILES || self.bytes.saturating_add(size) > MOST_BYTES;
        if self.full {
            let most = MOST_BYTES >> 20;
            (self.each)(place, Err(format!("this and what comes after it: more than {MOST_FILES} files or {most} MiB are not read")));
            return;
        }
        if size > LARGEST {
            (self.each)(place, Err(format!("larger than {} MiB", LARGEST >> 20)));
            return;
        }
        let read = std::fs::File::open(entry.path()).map_err(|e| e.to_string()).and_then(|f| limited(f, place).map_err(|p| p.sentence));
        self.files += 1;
        self.bytes += read.as_ref().map_or(0, |bytes| bytes.len() as u64);
        (self.each)(place, read);
    }
}

fn wanted(name: &str) -> bool {
    name == "logs.txt" || name.rsplit_once('.').is_some_and(|(_, end)| ["yaml", "yml", "json", "log"].contains(&end))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_tree_is_walked_and_links_are_not_followed() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("dump");
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(home.path().join("secret.yaml"), "outside").unwrap();
        for file in ["a/b/pods.json", "a/one.yaml", "a/logs.txt", "a/picture.png"] {
            std::fs::write(root.join(file), file).unwrap();
        }
        std::os::unix::fs::symlink("../../secret.yaml", root.join("a/link.yaml")).unwrap();
        std::os::unix::fs::symlink("/", root.join("out")).unwrap();
        std::os::unix::fs::symlink(".", root.join("loop")).unwrap();
        let mut seen = Vec::new();
        super::dump(&root, |place, read| seen.push(format!("{place}: {}", read.map_or_else(|e| e, |b| String::from_utf8(b).unwrap()))))
            .unwrap();
        let link = "a symbolic link, which is not followed";
        assert_eq!(
            seen,
            [
                "a/b/pods.json: a/b/pods.json".to_owned(),
                format!("a/link.yaml: {link}"),
                "a/logs.txt: a/logs.txt".into(),
                "a/one.yaml: a/one.yaml".into(),
                format!("loop: {link}"),
                format!("out: {link}"),
            ]
        );
        let mut one = Vec::new();
        super::dump(&root.join("a/one.yaml"), |place, _| one.push(place.to_owned())).unwrap();
        assert_eq!(one, ["one.yaml"]);
        assert!(super::dump(&home.path().join("nowhere"), |_, _| ()).is_err());
    }

    #[test]
    fn depth_has_an_end() {
        let home = tempfile::tempdir().unwrap();
        let deep: std::path::PathBuf = std::iter::repeat_n("d", 40).collect();
        std::fs::create_dir_all(home.path().join(&deep)).unwrap();
        std::fs::write(home.path().join(deep).join("x.yaml"), "x").unwrap();
        std::fs::write(home.path().join("y.yaml"), "y").unwrap();
        let mut seen = Vec::new();
        super::dump(home.path(), |place, read| seen.push((place.len(), read.is_ok()))).unwrap();
        assert_eq!(seen, [(33, false), (6, true)]);
    }
}

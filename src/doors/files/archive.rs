//! A tar stream and files of this machine: packed for a container, unpacked from one.
//!
//! What comes out of a container is not trusted: nothing is written but below the destination that the person named, no link is made, none is gone
//! through. Compare `untarAll` in `kubectl/pkg/cmd/cp/cp.go`.

use crate::problem::{Problem, Sort};
use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    path::{Component, Path, PathBuf},
};

/// The most that is unpacked, in bytes.
const LARGEST: u64 = 8 << 30;
/// The most files and folders that are unpacked.
const MOST: u64 = 200_000;
/// Of what was left out no more than this is told by name.
const TOLD: usize = 10;

/// What was copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Copied {
    /// Files.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// What was left out, and why; the first few.
    pub left_out: Vec<String>,
    /// How many were left out.
    pub more: u64,
}

impl Copied {
    fn leaves_out(&mut self, path: &str, why: &str) {
        self.more += 1;
        if self.left_out.len() < TOLD {
            self.left_out.push(format!("{path}: {why}"));
        }
    }
}

/// Packs a file or a folder under a name. Links stay links. Blocks.
///
/// # Errors
/// [`Problem`] where it is not there, cannot be read, or the other end is gone.
pub fn pack(from: &str, name: &str, into: impl Write) -> Result<Copied, Problem> {
    let path = Path::new(from);
    let what = fs::symlink_metadata(path).map_err(|e| super::unread(path, &e))?;
    let failed = |e: io::Error| Problem::failed(format!("{from} cannot be copied: {e}"));
    let counting = Counting { into, bytes: 0 };
    let mut archive = tar::Builder::new(counting);
    archive.follow_symlinks(false);
    let mut copied = Copied::default();
    if what.is_dir() {
        archive.append_dir_all(name, path).map_err(failed)?;
        copied.files = count(path, 0);
    } else {
        archive.append_path_with_name(path, name).map_err(failed)?;
        copied.files = 1;
    }
    let mut counted = archive.into_inner().map_err(failed)?;
    counted.flush().map_err(failed)?;
    copied.bytes = counted.bytes;
    Ok(copied)
}

/// The last part of a path on this machine, as it is called in a folder that takes it in.
///
/// # Errors
/// [`Problem`] where nothing is there.
pub fn base_name(from: &str) -> Result<String, Problem> {
    let path = Path::new(from);
    let whole = fs::canonicalize(path).map_err(|e| super::unread(path, &e))?;
    let own = path.file_name().or_else(|| whole.file_name());
    own.and_then(|name| name.to_str())
        .map(str::to_string)
        .ok_or_else(|| Problem::new(Sort::Usage, format!("{from} has no name to be copied under")))
}

fn count(folder: &Path, depth: u32) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| if depth < 64 && entry.file_type().is_ok_and(|what| what.is_dir()) { count(&entry.path(), depth + 1) } else { 1 })
        .sum()
}

struct Counting<W> {
    into: W,
    bytes: u64,
}

impl<W: Write> Write for Counting<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.into.write(bytes)?;
        self.bytes += n as u64;
        Ok(n)
    }
    fn flush(&mut self) -> io::Result<()> {
        self.into.flush()
    }
}

/// Unpacks what stands below `prefix` to a file or folder on this machine; into it, where it is a folder already. Blocks.
///
/// # Errors
/// [`Problem`] where it is no tar stream, too much, or cannot be written.
pub fn unpack(stream: impl Read, prefix: &str, to: &str, tell: &mut dyn FnMut(&Copied)) -> Result<Copied, Problem> {
    let prefix = parts(Path::new(prefix)).ok_or_else(|| Problem::new(Sort::Usage, format!("{prefix} leads out of itself")))?;
    let mut root = PathBuf::from(to);
    if root.is_dir()
        && let Some(last) = prefix.last()
    {
        root.push(last);
    }
    let mut copied = Copied::default();
    let mut archive = tar::Archive::new(stream);
    let broken = |e: io::Error| Problem::failed(format!("what the container sent is no tar stream: {e}"));
    for entry in archive.entries().map_err(broken)? {
        let mut entry = entry.map_err(broken)?;
        let said = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let below = entry.path().ok().and_then(|path| parts(&path)).and_then(|path| Some(path.strip_prefix(prefix.as_slice())?.to_vec()));
        let Some(below) = below else {
            copied.leaves_out(&said, "it leads out of the folder that was asked for");
            continue;
        };
        if copied.files + copied.more >= MOST {
            return Err(Problem::failed(format!("more than {MOST} files come; what came until then is in {}", root.display())));
        }
        let kind = entry.header().entry_type();
        if !(kind.is_file() || kind.is_dir()) {
            copied.leaves_out(&said, "it is a link or a device, and none is made here");
            continue;
        }
        let folder = if kind.is_dir() { below.as_slice() } else { below.split_last().map_or(&[][..], |(_, folders)| folders) };
        // Where the file itself was asked for, its folder is the one that the person named.
        let first = if below.is_empty() && !kind.is_dir() { root.parent().map(Path::to_path_buf) } else { Some(root.clone()) };
        let first = first.filter(|path| !path.as_os_str().is_empty()).unwrap_or_else(|| PathBuf::from("."));
        if let Err(why) = folders(&first, folder) {
            copied.leaves_out(&said, &why);
            continue;
        }
        if kind.is_dir() {
            continue;
        }
        let path = below.iter().fold(root.clone(), |path, part| path.join(part));
        match fs::symlink_metadata(&path) {
            Ok(there) if !there.is_file() => {
                copied.leaves_out(&said, "something else than a file has its name here");
                continue;
            }
            Ok(_) | Err(_) => {}
        }
        let failed = |e: io::Error| Problem::failed(format!("{} cannot be written: {e}", path.display()));
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&path).map_err(failed)?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let n = entry.read(&mut buffer).map_err(broken)?;
            if n == 0 {
                break;
            }
            copied.bytes += n as u64;
            if copied.bytes > LARGEST {
                return Err(Problem::failed(format!(
                    "more than {} GiB come; what came until then is in {}",
                    LARGEST >> 30,
                    root.display()
                )));
            }
            file.write_all(&buffer[..n]).map_err(failed)?;
        }
        copied.files += 1;
        tell(&copied);
    }
    Ok(copied)
}

/// The parts of a path; `None` where it leads upwards. A leading `/` or `./` says nothing.
fn parts(path: &Path) -> Option<Vec<PathBuf>> {
    let mut parts = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(part) => parts.push(PathBuf::from(part)),
            Component::CurDir | Component::RootDir => {}
            Component::ParentDir | Component::Prefix(_) => return None,
        }
    }
    Some(parts)
}

/// Makes folders below one that the person named, which may be a link; those below may not.
fn folders(first: &Path, below: &[PathBuf]) -> Result<(), String> {
    fs::create_dir_all(first).map_err(|e| format!("{} cannot be made: {e}", first.display()))?;
    let mut at = first.to_path_buf();
    for part in below {
        at.push(part);
        match fs::symlink_metadata(&at) {
            Ok(there) if there.is_dir() => {}
            Ok(_) => return Err(format!("{} is no folder here", at.display())),
            Err(_) => fs::create_dir(&at).map_err(|e| format!("{} cannot be made: {e}", at.display()))?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream with these entries, whatever they are called.
    fn stream(entries: &[(&str, tar::EntryType, &str)]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (name, kind, content) in entries {
            let mut header = tar::Header::new_gnu();
            // Past the checks that a builder makes of names.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_mode(0o4777);
            let content = if kind.is_file() { *content } else { "" };
            if !kind.is_file() {
                header.as_old_mut().linkname[..5].copy_from_slice(b"/etc/");
            }
            header.set_size(content.len() as u64);
            header.set_cksum();
            archive.append(&header, content.as_bytes()).unwrap();
        }
        archive.into_inner().unwrap()
    }

    fn tree(at: &Path) -> Vec<String> {
        fn walk(at: &Path, root: &Path, all: &mut Vec<String>) {
            for entry in fs::read_dir(at).unwrap().flatten() {
                all.push(entry.path().strip_prefix(root).unwrap().display().to_string());
                if entry.file_type().unwrap().is_dir() {
                    walk(&entry.path(), root, all);
                }
            }
        }
        let mut all = Vec::new();
        walk(at, at, &mut all);
        all.sort();
        all
    }

    #[test]
    fn a_hostile_stream_writes_nothing_outside() {
        use tar::EntryType::{Char, Directory, Fifo, Link, Regular, Symlink};
        let home = tempfile::tempdir().unwrap();
        let to = home.path().join("to");
        fs::create_dir(&to).unwrap();
        std::os::unix::fs::symlink("/etc", to.join("outward")).unwrap();
        std::os::unix::fs::symlink(home.path().join("victim"), to.join("file")).unwrap();
        let bytes = stream(&[
            ("data/good", Regular, "good"),
            ("data/../../evil", Regular, "x"),
            ("../evil", Regular, "x"),
            ("/data/../evil", Regular, "x"),
            ("/etc/evil", Regular, "x"),
            ("other/evil", Regular, "x"),
            ("data/link", Symlink, ""),
            ("data/link/evil", Regular, "under a link that was not made"),
            ("data/hard", Link, ""),
            ("data/device", Char, ""),
            ("data/pipe", Fifo, ""),
            ("data/outward/evil", Regular, "x"),
            ("data/file", Regular, "x"),
            ("data/deep/er", Directory, ""),
        ]);
        // Into the folder that is there: below its own name.
        std::os::unix::fs::symlink(&to, to.join("data")).unwrap_or(());
        fs::remove_file(to.join("data")).unwrap();
        let copied = unpack(bytes.as_slice(), "data", to.join("x").to_str().unwrap(), &mut |_| {}).unwrap();
        assert_eq!(tree(&to.join("x")), ["deep", "deep/er", "file", "good", "link", "link/evil", "outward", "outward/evil"]);
        assert_eq!((copied.files, copied.more), (4, 9));
        assert!(!home.path().join("evil").exists() && !home.path().join("victim").exists() && !Path::new("/etc/evil").exists());
        // Links that were there before are not gone through.
        fs::rename(&to, home.path().join("data")).unwrap();
        let copied = unpack(bytes.as_slice(), "data", home.path().to_str().unwrap(), &mut |_| {}).unwrap();
        assert!(!home.path().join("victim").exists() && !Path::new("/etc/evil").exists());
        assert_eq!(copied.more, 11, "{copied:?}");
        // No mode of theirs is taken.
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(home.path().join("data/good")).unwrap().permissions().mode() & 0o7111, 0);
    }

    #[test]
    fn one_file_goes_where_it_was_sent_and_a_folder_below_itself() {
        let home = tempfile::tempdir().unwrap();
        let file = stream(&[("etc/hosts", tar::EntryType::Regular, "hosts")]);
        let to = |name: &str| home.path().join(name).display().to_string();
        unpack(file.as_slice(), "etc/hosts", &to("mine"), &mut |_| {}).unwrap();
        unpack(file.as_slice(), "etc/hosts", &to("new/folder/mine"), &mut |_| {}).unwrap();
        unpack(file.as_slice(), "etc/hosts", home.path().to_str().unwrap(), &mut |_| {}).unwrap();
        assert_eq!(tree(home.path()), ["hosts", "mine", "new", "new/folder", "new/folder/mine"]);
        assert_eq!(fs::read_to_string(to("mine")).unwrap(), "hosts");
        assert!(unpack(&b"no tar at all, but text that goes on and on"[..], "x", &to("y"), &mut |_| {}).is_err());
        assert_eq!(unpack(&b""[..], "x", &to("y"), &mut |_| {}).unwrap().files, 0);
    }

    #[test]
    fn what_is_packed_unpacks() {
        let home = tempfile::tempdir().unwrap();
        let from = home.path().join("from");
        fs::create_dir_all(from.join("a/b")).unwrap();
        fs::write(from.join("a/b/f"), "text").unwrap();
        std::os::unix::fs::symlink("/etc", from.join("link")).unwrap();
        let mut bytes = Vec::new();
        let packed = pack(from.to_str().unwrap(), "name", &mut bytes).unwrap();
        assert_eq!(packed.files, 2);
        let to = home.path().join("to");
        let copied = unpack(bytes.as_slice(), "name", to.to_str().unwrap(), &mut |_| {}).unwrap();
        assert_eq!((copied.files, copied.more), (1, 1));
        assert_eq!(tree(&to), ["a", "a/b", "a/b/f"]);
        assert!(pack("/nowhere/at/all", "x", Vec::new()).unwrap_err().sentence.contains("there is no file"));
        assert_eq!(base_name(&format!("{}/.", from.display())).unwrap(), "from");
    }
}

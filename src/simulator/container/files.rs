//! The files in a container: what its volumes mount, what the kubelet writes, and the usual folders. Sources: `pkg/volume/util/atomic_writer.go`,
//! `nodeHostsFileContent` in `pkg/kubelet/kubelet_pods.go`.
use super::{environment, field, hostname, mode, programs, resource};
use crate::simulator::{
    cluster::Cluster,
    json::{list, text, time},
    store::Key,
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// One entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    Folder { mode: u32 },
    File { mode: u32, bytes: Vec<u8> },
    Link { to: String },
}

/// Why a path leads nowhere, in the C library's words.
pub(super) const NOT_THERE: &str = "No such file or directory";
pub(super) const NO_FOLDER: &str = "Not a directory";
const TOO_MANY_LINKS: &str = "Too many levels of symbolic links";

/// A tree of files: every path from the root, the root itself being the empty one.
#[derive(Debug)]
pub(super) struct Files {
    entries: BTreeMap<String, Entry>,
    /// When all of it was written.
    pub(super) written: Timestamp,
}

/// A file in a volume: its path there, its mode, its content.
type Content = (String, u32, Vec<u8>);

impl Files {
    /// The files of a container.
    pub(super) fn of(cluster: &Cluster, pod: &Value, container: &Value) -> Files {
        let written = time(pod, "/status/startTime").unwrap_or(cluster.now);
        let mut files = Files { entries: BTreeMap::new(), written };
        for folder in ["bin", "dev", "etc", "proc", "root", "run", "sbin", "sys", "tmp", "usr", "var"] {
            files.folder(&format!("/{folder}"), 0o755);
        }
        for program in programs::NAMES {
            files.file(&format!("/bin/{program}"), 0o755, Vec::new());
        }
        let (name, address) = (hostname(pod), text(pod, "/status/podIP"));
        let hosts = format!(
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n{address}\t{name}\n"
        );
        let domain = "svc.cluster.local";
        let search = format!("{}.{domain} {domain} cluster.local", text(pod, "/metadata/namespace"));
        files.file("/etc/hosts", 0o644, hosts.into());
        files.file("/etc/hostname", 0o644, format!("{name}\n").into());
        files.file("/etc/resolv.conf", 0o644, format!("search {search}\nnameserver 10.96.0.10\noptions ndots:5\n").into());
        for mount in list(container, "/volumeMounts") {
            let named = |v: &&Value| text(v, "/name") == text(mount, "/name");
            if let Some(volume) = list(pod, "/spec/volumes").iter().find(named) {
                files.mount(cluster, pod, mount, volume);
            }
        }
        files.folder(if text(container, "/workingDir").is_empty() { "/" } else { text(container, "/workingDir") }, 0o755);
        files
    }

    fn mount(&mut self, cluster: &Cluster, pod: &Value, mount: &Value, volume: &Value) {
        let at = text(mount, "/mountPath").trim_end_matches('/').to_owned();
        let inner = text(mount, "/subPath").trim_matches('/').to_owned();
        let Some(contents) = contents(cluster, pod, volume) else {
            self.folder(&at, 0o777);
            return;
        };
        if !inner.is_empty() {
            for (path, mode, bytes) in contents {
                if path == inner {
                    self.file(&at, mode, bytes);
                } else if let Some(rest) = path.strip_prefix(&format!("{inner}/")) {
                    self.file(&format!("{at}/{rest}"), mode, bytes);
                }
            }
            return;
        }
        self.folder(&at, if volume.get("configMap").is_some() { 0o777 } else { 0o1777 });
        let stamp = self.written.strftime("..%Y_%m_%d_%H_%M_%S").to_string();
        let number = text(pod, "/metadata/uid").bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let folder = format!("{stamp}.{number:010}");
        self.folder(&format!("{at}/{folder}"), 0o755);
        for (path, mode, bytes) in contents {
            let top = path.split('/').next().unwrap_or_default();
            self.entries.insert(format!("{at}/{top}"), Entry::Link { to: format!("..data/{top}") });
            self.file(&format!("{at}/{folder}/{path}"), mode, bytes);
        }
        self.entries.insert(format!("{at}/..data"), Entry::Link { to: folder });
    }

    /// Makes a folder and those above it.
    fn folder(&mut self, path: &str, mode: u32) {
        let path = path.trim_end_matches('/');
        for (at, _) in path.match_indices('/') {
            self.entries.entry(path[..at].to_owned()).or_insert(Entry::Folder { mode: 0o755 });
        }
        self.entries.entry(path.to_owned()).or_insert(Entry::Folder { mode });
    }

    fn file(&mut self, path: &str, mode: u32, bytes: Vec<u8>) {
        self.folder(path.rsplit_once('/').map_or("", |(above, _)| above), 0o755);
        self.entries.insert(path.to_owned(), Entry::File { mode, bytes });
    }

    /// Where a path ends, links followed; the last of them only if `through`.
    ///
    /// # Errors
    /// The C library's words.
    pub(super) fn find(&self, from: &str, path: &str, through: bool) -> Result<(String, &Entry), &'static str> {
        let mut at = String::new();
        let mut left: Vec<String> = Vec::new();
        let whole = if path.starts_with('/') { path.to_owned() } else { format!("{from}/{path}") };
        left.extend(whole.rsplit('/').map(str::to_owned));
        let mut links = 0;
        while let Some(part) = left.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => at.truncate(at.rfind('/').unwrap_or(0)),
                name => {
                    let next = format!("{at}/{name}");
                    let entry = self.entries.get(&next).ok_or(NOT_THERE)?;
                    let last = left.iter().all(|rest| rest.is_empty());
                    match entry {
                        Entry::Link { to } if through || !last => {
                            links += 1;
                            if links > 40 {
                                return Err(TOO_MANY_LINKS);
                            }
                            if to.starts_with('/') {
                                at.clear();
                            }
                            left.extend(to.rsplit('/').map(str::to_owned));
                        }
                        Entry::File { .. } if !left.is_empty() => return Err(NO_FOLDER),
                        Entry::File { .. } | Entry::Folder { .. } | Entry::Link { .. } => at = next,
                    }
                }
            }
        }
        let entry = self.entries.get(&at).ok_or(NOT_THERE)?;
        Ok((at, entry))
    }

    /// The names in a folder, sorted, and what each is.
    pub(super) fn inside<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = (&'a str, &'a Entry)> {
        let prefix = format!("{folder}/");
        let start = prefix.clone();
        self.entries.range(start..).take_while(move |(path, _)| path.starts_with(&prefix)).filter_map(move |(path, entry)| {
            let name = &path[folder.len() + 1..];
            (!name.is_empty() && !name.contains('/')).then_some((name, entry))
        })
    }
}

/// What a volume holds, where the kubelet writes it from the API; None for a volume of another sort, which is empty here.
fn contents(cluster: &Cluster, pod: &Value, volume: &Value) -> Option<Vec<Content>> {
    if let Some(projected) = volume.get("projected") {
        let usual = i64::from(mode(projected, "/defaultMode", 0o644));
        return Some(
            list(projected, "/sources").iter().flat_map(|source| written(cluster, pod, source, usual).unwrap_or_default()).collect(),
        );
    }
    written(cluster, pod, volume, 0o644)
}

/// What one source writes.
fn written(cluster: &Cluster, pod: &Value, holder: &Value, usual: i64) -> Option<Vec<Content>> {
    let namespace = text(pod, "/metadata/namespace");
    for (word, kind) in [("configMap", cluster.kinds.config_map), ("secret", cluster.kinds.secret)] {
        let Some(source) = holder.get(word) else { continue };
        let name = source.get("secretName").or_else(|| source.get("name")).and_then(Value::as_str).unwrap_or_default();
        let usual = i64::from(mode(source, "/defaultMode", usual));
        let object = cluster.get(&Key::new(kind, namespace, name)).unwrap_or_default();
        let items = list(source, "/items");
        let place = |key: &str| match items.iter().find(|item| text(item, "/key") == key) {
            Some(item) => Some((text(item, "/path").to_owned(), mode(item, "/mode", usual))),
            None => items.is_empty().then(|| (key.to_owned(), mode(source, "/defaultMode", usual))),
        };
        let files = environment::data(&object).filter_map(|(key, bytes)| place(key).map(|(path, mode)| (path, mode, bytes)));
        return Some(files.collect());
    }
    if let Some(source) = holder.get("downwardAPI") {
        let usual = i64::from(mode(source, "/defaultMode", usual));
        let file = |item: &Value| {
            let bytes = match item.get("resourceFieldRef") {
                Some(reference) => {
                    let name = text(reference, "/containerName");
                    let container = list(pod, "/spec/containers").iter().find(|c| text(c, "/name") == name).unwrap_or(&Value::Null);
                    resource(cluster, pod, container, reference)
                }
                None => field(cluster, pod, text(item, "/fieldRef/fieldPath"), ""),
            };
            (text(item, "/path").to_owned(), mode(item, "/mode", usual), bytes.unwrap_or_default().into_bytes())
        };
        return Some(list(source, "/items").iter().map(file).collect());
    }
    let token = holder.get("serviceAccountToken")?;
    // Nobody would accept one.
    Some(vec![(text(token, "/path").to_owned(), 0o644, b"the built-in cluster issues no tokens".to_vec())])
}

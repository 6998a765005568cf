//! The files in a container: what its volumes mount, what the kubelet writes, and the usual folders. Source: `nodeHostsFileContent` in
//! `pkg/kubelet/kubelet_pods.go`.
use super::{environment, field, hostname, programs, resource};
use crate::simulator::{
    cluster::Cluster,
    json::{list, text},
    store::Key,
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Why a path leads nowhere, in the C library's words.
pub(super) const NOT_THERE: &str = "No such file or directory";
pub(super) const NO_FOLDER: &str = "Not a directory";

/// Every path from the root, the root itself being the empty one, and what the file holds; None: it is a folder.
#[derive(Debug, Default)]
pub(super) struct Files(BTreeMap<String, Option<Vec<u8>>>);

impl Files {
    /// The files of a container.
    pub(super) fn of(cluster: &Cluster, pod: &Value, container: &Value) -> Files {
        let mut files = Files::default();
        for folder in ["bin", "dev", "etc", "proc", "root", "run", "sbin", "sys", "tmp", "usr", "var"] {
            files.folder(&format!("/{folder}"));
        }
        for program in programs::NAMES {
            files.file(&format!("/bin/{program}"), Vec::new());
        }
        let (name, address) = (hostname(pod), text(pod, "/status/podIP"));
        let hosts = format!(
            "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nfe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n{address}\t{name}\n"
        );
        let domain = "svc.cluster.local";
        let search = format!("{}.{domain} {domain} cluster.local", text(pod, "/metadata/namespace"));
        files.file("/etc/hosts", hosts.into());
        files.file("/etc/hostname", format!("{name}\n").into());
        files.file("/etc/resolv.conf", format!("search {search}\nnameserver 10.96.0.10\noptions ndots:5\n").into());
        for mount in list(container, "/volumeMounts") {
            let named = |v: &&Value| text(v, "/name") == text(mount, "/name");
            if let Some(volume) = list(pod, "/spec/volumes").iter().find(named) {
                files.mount(mount, contents(cluster, pod, volume));
            }
        }
        files.folder(text(container, "/workingDir"));
        files
    }

    fn mount(&mut self, mount: &Value, contents: Vec<Content>) {
        let (at, inner) = (text(mount, "/mountPath").trim_end_matches('/'), text(mount, "/subPath").trim_matches('/'));
        for (path, bytes) in contents {
            let place = match path.strip_prefix(inner) {
                Some(_) if inner.is_empty() => format!("{at}/{path}"),
                Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("{at}{rest}"),
                Some(_) | None => continue,
            };
            self.file(&place, bytes);
        }
        self.folder(at);
    }

    /// Makes a folder and those above it, unless they are there.
    fn folder(&mut self, path: &str) {
        let path = path.trim_end_matches('/');
        for above in path.match_indices('/').map(|(at, _)| &path[..at]).chain([path]) {
            self.0.entry(above.to_owned()).or_default();
        }
    }

    fn file(&mut self, path: &str, bytes: Vec<u8>) {
        self.folder(path.rsplit_once('/').map_or("", |(above, _)| above));
        self.0.insert(path.to_owned(), Some(bytes));
    }

    /// Where a path leads, and what the file there holds; None: it is a folder.
    ///
    /// # Errors
    /// The C library's words.
    pub(super) fn find(&self, from: &str, path: &str) -> Result<(String, Option<&[u8]>), &'static str> {
        let whole = if path.starts_with('/') { path.to_owned() } else { format!("{from}/{path}") };
        let (mut at, mut here) = (String::new(), None);
        for part in whole.split('/').filter(|part| !matches!(*part, "" | ".")) {
            if here.is_some() {
                return Err(NO_FOLDER);
            }
            match part {
                ".." => at.truncate(at.rfind('/').unwrap_or(0)),
                name => at = format!("{at}/{name}"),
            }
            here = self.0.get(&at).ok_or(NOT_THERE)?.as_deref();
        }
        Ok((at, here))
    }

    /// The names in a folder, sorted.
    pub(super) fn inside(&self, folder: &str) -> impl Iterator<Item = &str> {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        let below = self.0.range(prefix.clone()..).map_while(move |(path, _)| path.strip_prefix(&prefix));
        below.filter(|name| !name.is_empty() && !name.contains('/'))
    }
}

/// A file in a volume: its path there, its content.
type Content = (String, Vec<u8>);

/// What a volume holds that the kubelet writes from the API; volumes of another sort are empty here.
fn contents(cluster: &Cluster, pod: &Value, volume: &Value) -> Vec<Content> {
    let sources = list(volume, "/projected/sources").iter().chain([volume]);
    sources.flat_map(|source| written(cluster, pod, source)).collect()
}

/// What one source writes.
fn written(cluster: &Cluster, pod: &Value, holder: &Value) -> Vec<Content> {
    for (word, kind) in [("configMap", cluster.kinds.config_map), ("secret", cluster.kinds.secret)] {
        let Some(source) = holder.get(word) else { continue };
        let name = source.get("secretName").or_else(|| source.get("name")).and_then(Value::as_str).unwrap_or_default();
        let object = cluster.get(&Key::new(kind, text(pod, "/metadata/namespace"), name)).unwrap_or_default();
        let items = list(source, "/items");
        let place = |key: &str| match items.iter().find(|item| text(item, "/key") == key) {
            Some(item) => Some(text(item, "/path").to_owned()),
            None => items.is_empty().then(|| key.to_owned()),
        };
        return environment::data(&object).filter_map(|(key, bytes)| Some((place(key)?, bytes))).collect();
    }
    let file = |item: &Value| {
        let bytes = match item.get("resourceFieldRef") {
            Some(reference) => {
                let name = text(reference, "/containerName");
                let container = list(pod, "/spec/containers").iter().find(|c| text(c, "/name") == name);
                resource(cluster, pod, container.unwrap_or(&Value::Null), reference)
            }
            None => field(cluster, pod, text(item, "/fieldRef/fieldPath"), ""),
        };
        (text(item, "/path").to_owned(), bytes.unwrap_or_default().into_bytes())
    };
    // Nobody would accept a token.
    let token = holder.get("serviceAccountToken");
    let token = token.map(|token| (text(token, "/path").to_owned(), b"the built-in cluster issues no tokens".to_vec()));
    list(holder, "/downwardAPI/items").iter().map(file).chain(token).collect()
}

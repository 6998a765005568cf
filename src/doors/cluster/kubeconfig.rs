//! Which kubeconfig, which context: from `--kubeconfig`, `KUBECONFIG`, or `~/.kube/config`, in kubectl's order.

use super::Connect;
use crate::{
    problem::{Problem, Sort},
    world::World,
};
use kube::config::{Kubeconfig, KubeconfigError, LoadDataError};
use std::path::{Path, PathBuf};

/// A kubeconfig and the context that was chosen in it.
pub(super) struct Chosen {
    pub kubeconfig: Kubeconfig,
    pub context: String,
    /// Where it was read from, for sentences.
    pub place: String,
}

fn unreachable(sentence: impl Into<String>) -> Problem {
    Problem::new(Sort::Unreachable, sentence)
}

/// Reads and merges the kubeconfig. `None`: there is none anywhere, and nobody named one.
pub(super) fn read(connect: &Connect, world: &World) -> Result<Option<(Kubeconfig, String)>, Problem> {
    let (paths, named) = match &connect.kubeconfig {
        Some(path) => (vec![path.clone()], true),
        None => match world.var("KUBECONFIG") {
            Some(list) => (std::env::split_paths(list).filter(|p| !p.as_os_str().is_empty()).collect::<Vec<PathBuf>>(), false),
            None => match world.var("HOME") {
                Some(home) => (vec![Path::new(home).join(".kube").join("config")], false),
                None => (Vec::new(), false),
            },
        },
    };
    let place = paths.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ");
    let mut merged: Option<Kubeconfig> = None;
    for path in &paths {
        // As kubectl does it: of a list, files that are not there are passed over.
        if !named && !path.exists() {
            continue;
        }
        if is_half_a_letter(path) {
            return Err(unreachable(format!("the kubeconfig {} is no text", path.display())));
        }
        let next = Kubeconfig::read_from(path).map_err(|e| unread(path, e))?;
        merged = Some(match merged {
            None => next,
            Some(first) => first.merge(next).map_err(|e| unread(path, e))?,
        });
    }
    Ok(merged.map(|kubeconfig| (kubeconfig, place)))
}

/// Whether a file begins as UTF-16 and has an odd number of bytes: reading it makes kube panic (kube-client 5.0, `read_path`).
fn is_half_a_letter(path: &Path) -> bool {
    use std::io::Read as _;
    let odd = std::fs::metadata(path).is_ok_and(|m| m.is_file() && m.len() % 2 == 1);
    let mut mark = [0; 2];
    odd && std::fs::File::open(path).and_then(|mut file| file.read_exact(&mut mark)).is_ok() && matches!(mark, [0xff, 0xfe] | [0xfe, 0xff])
}

/// Chooses the context.
pub(super) fn choose(kubeconfig: Kubeconfig, place: String, connect: &Connect) -> Result<Chosen, Problem> {
    let known: Vec<&str> = kubeconfig.contexts.iter().map(|c| c.name.as_str()).collect();
    let asked = connect.context.as_deref().filter(|c| !c.is_empty());
    let current = kubeconfig.current_context.as_deref().filter(|c| !c.is_empty());
    let list = |names: &[&str]| {
        let shown = names.iter().take(8).copied().collect::<Vec<_>>().join(", ");
        let more = names.len().saturating_sub(8);
        if more > 0 { format!("{shown} and {more} more") } else { shown }
    };
    let Some(context) = asked.or(current) else {
        let problem = unreachable(format!("the kubeconfig {place} has no current context"));
        return Err(if known.is_empty() {
            problem.hint("it holds no contexts at all: fetch a new one from your cluster's provider")
        } else {
            problem.hint(format!("choose one: kubectl config use-context NAME, or --context NAME; there are: {}", list(&known)))
        });
    };
    if !known.contains(&context) {
        let mut nearest = known.clone();
        nearest.sort_by_key(|name| distance(name, context));
        let problem = Problem::new(
            if asked.is_some() { Sort::Usage } else { Sort::Unreachable },
            format!("there is no context {context:?} in the kubeconfig {place}"),
        );
        return Err(match nearest.first() {
            None => problem.hint("it holds no contexts at all"),
            Some(near) if distance(near, context) <= 3 => problem.hint(format!("did you mean {near:?}? There are: {}", list(&nearest))),
            Some(_) => problem.hint(format!("there are: {}", list(&nearest))),
        });
    }
    let context = context.to_string();
    Ok(Chosen { kubeconfig, context, place })
}

/// No kubeconfig and no account of a pod.
pub(super) fn nowhere(place: &str) -> Problem {
    let looked = if place.is_empty() { "HOME is not set".to_string() } else { format!("looked at {place}") };
    unreachable(format!("there is no kubeconfig ({looked})"))
        .hint("name one with --kubeconfig FILE or KUBECONFIG")
        .hint("`aiops demo` runs on a built-in cluster")
}

fn unread(path: &Path, error: KubeconfigError) -> Problem {
    let shown = path.display();
    match error {
        KubeconfigError::ReadConfig(io, _) => match io.kind() {
            std::io::ErrorKind::NotFound => unreachable(format!("the kubeconfig {shown} does not exist")),
            std::io::ErrorKind::PermissionDenied => {
                unreachable(format!("the kubeconfig {shown} may not be read (permission denied)")).hint(format!("ls -l {shown}"))
            }
            std::io::ErrorKind::InvalidData => unreachable(format!("the kubeconfig {shown} is no text")),
            _ => unreachable(format!("the kubeconfig {shown} cannot be read: {io}")),
        },
        // The parser's own words may quote a token.
        KubeconfigError::Parse(e) => {
            let at = e.location().map(|l| format!(" (line {}, column {})", l.line(), l.column())).unwrap_or_default();
            unreachable(format!("the kubeconfig {shown} is broken{at}")).hint("kubectl config view shows what kubectl makes of it")
        }
        other => unusable(&shown.to_string(), other),
    }
}

/// What is wrong with a context's cluster or user.
pub(super) fn unusable(place: &str, error: KubeconfigError) -> Problem {
    match error {
        KubeconfigError::LoadClusterOfContext(cluster) => {
            unreachable(format!("the context names the cluster {cluster:?}, which the kubeconfig {place} does not have"))
        }
        KubeconfigError::MissingClusterUrl => unreachable(format!("the context's cluster has no `server` in the kubeconfig {place}")),
        KubeconfigError::ParseClusterUrl(e) => unreachable(format!("the `server` in the kubeconfig {place} is no address: {e}")),
        KubeconfigError::ParseProxyUrl(e) => unreachable(format!("the proxy's address is none: {e}")).hint("see proxy-url and HTTPS_PROXY"),
        KubeconfigError::LoadCertificateAuthority(e) => unloaded("certificate authority", place, &e),
        KubeconfigError::LoadClientCertificate(e) => unloaded("client certificate", place, &e),
        KubeconfigError::LoadClientKey(e) => unloaded("client key", place, &e),
        KubeconfigError::ParseCertificates(_) => unreachable(format!("a certificate in the kubeconfig {place} is no PEM text")),
        other => unreachable(format!("the kubeconfig {place} cannot be used: {other}")),
    }
}

fn unloaded(what: &str, place: &str, error: &LoadDataError) -> Problem {
    match error {
        LoadDataError::ReadFile(io, path) => {
            unreachable(format!("the {what} {} that the kubeconfig {place} names cannot be read: {io}", path.display()))
        }
        LoadDataError::DecodeBase64(_) => unreachable(format!("the {what} in the kubeconfig {place} is not base64")),
        LoadDataError::NoBase64DataOrFile => unreachable(format!("the kubeconfig {place} has no {what}")),
    }
}

/// How many letters have to be changed, added or left out.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let changed = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

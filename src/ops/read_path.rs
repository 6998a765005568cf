//! Which documents of the API server may be read by their path: the ones that only tell something.
//!
//! An allow-list, since some of the server's paths run or reach other things even by GET: `proxy` speaks with what stands behind it, `exec` and
//! `attach` run, `portforward` opens a way in, and a Secret's address gives its values.
//! Paths: <https://kubernetes.io/docs/reference/using-api/api-concepts/>, <https://kubernetes.io/docs/reference/using-api/health-checks/>.

use super::Kind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where documents stand that are neither objects nor doors to others.
const TREES: &[&str] = &["api", "apis", "healthz", "livez", "metrics", "openapi", "openid", "readyz", "version", ".well-known"];
/// Words that make a path more than a document, with what is to be said.
const NOT_READ: &[(&str, &str)] = &[
    ("proxy", "a proxy speaks with what stands behind it; only the server's own documents are read"),
    ("exec", "exec runs something; only documents are read"),
    ("attach", "attach joins a process; only documents are read"),
    ("portforward", "it opens a way into the cluster; only documents are read"),
    ("secrets", "Secret values stay in the cluster; kubectl get secrets shows their names and sizes"),
    ("watch", "it never ends; read the list itself"),
];
/// Query parameters that make an answer endless.
const ENDLESS: &[&str] = &["watch", "follow"];

/// The path of a document on the API server, with its query.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct ReadPath(#[schemars(extend("examples" = ["/readyz?verbose", "/apis/apps/v1"]))] String);

/// What a path says of the objects that stand there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathObjects<'a> {
    /// Their kind; `None` where it is not known here.
    pub kind: Option<Kind>,
    /// Their namespace; `None` where they have none, or all are meant.
    pub namespace: Option<&'a str>,
    /// The one that is meant.
    pub name: Option<&'a str>,
}

impl ReadPath {
    /// Takes a path that begins with `/` and names a document to read.
    ///
    /// # Errors
    /// A sentence saying why it is not read.
    pub fn new(text: impl Into<String>) -> Result<ReadPath, String> {
        let text = text.into();
        let says = |why: &str| Err(format!("{:?} is not read: {why}", text.chars().take(120).collect::<String>()));
        let (path, query) = text.split_once('?').unwrap_or((&text, ""));
        let Some(inner) = path.strip_prefix('/') else { return says("a path begins with /") };
        let legal = |c: char| c.is_ascii_alphanumeric() || "-._~:@/".contains(c);
        // An escape could hide a word that is refused below.
        if !path.chars().all(legal) {
            return says("letters, digits and -._~:@ may stand between its slashes");
        }
        if text.len() > 2048 || !query.chars().all(|c| c.is_ascii_graphic() && c != '#') {
            return says("its query holds what no query may hold, or is too long");
        }
        let segments: Vec<&str> = inner.trim_end_matches('/').split('/').collect();
        if segments.iter().any(|part| matches!(*part, "" | "." | "..")) {
            return says("it has an empty part, or one that leads elsewhere");
        }
        if !segments.first().is_some_and(|tree| TREES.contains(tree)) {
            return says("only /api, /apis, /version, /openapi, /healthz, /livez, /readyz, /metrics and the like hold documents");
        }
        if let Some((_, why)) = NOT_READ.iter().find(|(word, _)| segments.iter().any(|part| part.eq_ignore_ascii_case(word))) {
            return says(why);
        }
        // A name that is escaped in the query reads the same to the server.
        let plain = |part: &str| percent(part.split('=').next().unwrap_or_default());
        if query.split('&').any(|part| ENDLESS.contains(&plain(part).as_str())) {
            return says("its answer would not end");
        }
        Ok(ReadPath(text))
    }

    /// A path that stands in this program's own text.
    #[allow(clippy::expect_used)]
    pub(crate) fn known(text: &'static str) -> ReadPath {
        ReadPath::new(text).expect("every path given here is one that is read")
    }

    /// The objects that stand there; `None` for a document that tells of none: `/version`, `/apis/apps/v1`.
    pub fn objects(&self) -> Option<PathObjects<'_>> {
        let segments: Vec<&str> = self.path().trim_matches('/').split('/').collect();
        let (group, rest) = match segments[..] {
            ["api", _, ref rest @ ..] => ("", rest),
            ["apis", group, _, ref rest @ ..] => (group, rest),
            [..] => return None,
        };
        let (namespace, rest) = match rest {
            [] => return None,
            // The namespace itself and its own parts, else what is in it.
            ["namespaces", _, "status" | "finalize"] | ["namespaces"] | ["namespaces", _] => (None, rest),
            ["namespaces", namespace, rest @ ..] => (Some(*namespace), rest),
            rest => (None, rest),
        };
        let plural = rest.first().copied().unwrap_or_default();
        let kind = Kind::find(&format!("{plural}.{group}")).or_else(|| Kind::find(plural)).filter(|kind| kind.is(plural, group));
        Some(PathObjects { kind, namespace, name: rest.get(1).copied() })
    }

    /// Without its query.
    pub fn path(&self) -> &str {
        self.0.split_once('?').map_or(&self.0, |(path, _)| path)
    }

    /// What follows the `?`, as it was given; empty where nothing does.
    pub fn query(&self) -> &str {
        self.0.split_once('?').map_or("", |(_, query)| query)
    }
}

/// `%77atch` -> `watch`; what is no escape stays as it is.
fn percent(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let escaped = (*byte == b'%').then(|| text.get(at + 1..at + 3)).flatten().and_then(|code| u8::from_str_radix(code, 16).ok());
        out.push(escaped.unwrap_or(*byte));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

impl TryFrom<String> for ReadPath {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        ReadPath::new(text)
    }
}
impl std::str::FromStr for ReadPath {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        ReadPath::new(text)
    }
}
impl From<ReadPath> for String {
    fn from(path: ReadPath) -> String {
        path.0
    }
}
impl fmt::Display for ReadPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_which_objects_stand_there() {
        for (path, want) in [
            ("/version", None),
            ("/apis/apps/v1", None),
            ("/api/v1/pods?limit=5", Some(("pods", None, None))),
            ("/api/v1/namespaces/dev", Some(("namespaces", None, Some("dev")))),
            ("/api/v1/namespaces/dev/configmaps/a/", Some(("configmaps", Some("dev"), Some("a")))),
            ("/apis/apps/v1/namespaces/dev/deployments/web/scale", Some(("deployments", Some("dev"), Some("web")))),
            ("/apis/nobody.example/v1/namespaces/dev/things", Some(("", Some("dev"), None))),
        ] {
            let read = ReadPath::new(path).unwrap();
            let plural = |kind: Option<Kind>| kind.map_or("", |kind| kind.info().plural);
            assert_eq!(read.objects().map(|found| (plural(found.kind), found.namespace, found.name)), want, "{path}");
        }
    }

    #[test]
    fn only_documents_are_read() {
        for good in [
            "/version",
            "/readyz?verbose",
            "/apis/apps/v1/namespaces/dev/deployments?limit=5",
            "/openapi/v3/apis/apps/v1?hash=AB%2F",
            "/api/v1/namespaces/dev/pods/web/log?tailLines=5",
            "/.well-known/openid-configuration",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node",
        ] {
            assert!(ReadPath::new(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "version",
            "/",
            "//version",
            "/version/../api/v1/namespaces/dev/secrets",
            "/api/v1/namespaces/dev/secrets",
            "/api/v1/secrets/",
            "/api/v1/namespaces/dev/secret%73",
            "/api/v1/namespaces/dev/SECRETS",
            "/api/v1/nodes/a/proxy/metrics",
            "/api/v1/namespaces/dev/services/web/proxy/",
            "/api/v1/namespaces/dev/pods/web/exec?command=id",
            "/api/v1/namespaces/dev/pods/web/portforward",
            "/api/v1/watch/pods",
            "/api/v1/pods?watch=1",
            "/api/v1/pods?%77atch=1",
            "/api/v1/namespaces/dev/pods/web/log?follow=true",
            "/logs/kube-apiserver.log",
            "/debug/pprof/heap",
            "http://elsewhere/version",
            "/version#a",
            "/ver sion",
        ] {
            assert!(ReadPath::new(bad).is_err(), "{bad}");
        }
    }
}

//! An image reference taken apart: registry, path, tag, digest.
//!
//! Source: `distribution/reference`, `splitDockerDomain`: the first part is a host where it holds a dot or a colon, or is `localhost`;
//! what names none comes from docker.io, and one word alone from its `library`.

/// The parts of a reference.
pub(super) struct Parts<'a> {
    /// `ghcr.io`; docker.io where none is named.
    pub registry: &'a str,
    /// `acme/web`.
    pub path: &'a str,
    /// `1.27`, where one is named.
    pub tag: Option<&'a str>,
    /// `sha256:…`, where one is named.
    pub digest: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Of a reference.
    pub fn of(image: &'a str) -> Parts<'a> {
        let (named, digest) = match image.split_once('@') {
            Some((named, digest)) => (named, Some(digest)),
            None => (image, None),
        };
        let last = named.rfind('/').map_or(0, |at| at + 1);
        let (repository, tag) = match named[last..].find(':') {
            Some(colon) => (&named[..last + colon], Some(&named[last + colon + 1..])),
            None => (named, None),
        };
        let (registry, path) = match repository.split_once('/') {
            Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
            Some(_) | None => ("docker.io", repository),
        };
        Parts { registry: if registry == "index.docker.io" { "docker.io" } else { registry }, path, tag, digest }
    }

    /// The tag that is pulled: `latest` where neither tag nor digest is named.
    pub fn pulled(&self) -> Option<&'a str> {
        self.tag.or_else(|| self.digest.is_none().then_some("latest"))
    }

    /// Whether a person means it by `said`: the whole of it, its path, or its last name, each with a tag or without.
    pub fn is_meant(&self, said: &str) -> bool {
        let wanted = Parts::of(said);
        let hosted = said.split_once('/').is_some_and(|(host, _)| host.contains(['.', ':']) || host == "localhost");
        let library = self.path.strip_prefix("library/").unwrap_or(self.path);
        let wanted_path = wanted.path.strip_prefix("library/").unwrap_or(wanted.path);
        let path = library == wanted_path || !hosted && library.ends_with(&format!("/{wanted_path}"));
        path && (!hosted || self.registry == wanted.registry)
            && wanted.tag.is_none_or(|tag| self.pulled() == Some(tag))
            && wanted.digest.is_none_or(|digest| self.digest == Some(digest))
    }

    /// Whether it comes from there: a registry, or one with a part of the path (`ghcr.io/acme`).
    pub fn is_from(&self, registry: &str) -> bool {
        let (host, path) = registry.trim_end_matches('/').split_once('/').unwrap_or((registry.trim_end_matches('/'), ""));
        self.registry == host && (path.is_empty() || self.path == path || self.path.starts_with(&format!("{path}/")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_come_apart() {
        for (image, registry, path, tag, digest) in [
            ("nginx", "docker.io", "nginx", Some("latest"), None),
            ("nginx:1.27", "docker.io", "nginx", Some("1.27"), None),
            ("acme/web:v2", "docker.io", "acme/web", Some("v2"), None),
            ("ghcr.io/acme/web", "ghcr.io", "acme/web", Some("latest"), None),
            ("localhost:5000/web:a", "localhost:5000", "web", Some("a"), None),
            ("nginx@sha256:ab", "docker.io", "nginx", None, Some("sha256:ab")),
            ("nginx:1@sha256:ab", "docker.io", "nginx", Some("1"), Some("sha256:ab")),
        ] {
            let parts = Parts::of(image);
            assert_eq!((parts.registry, parts.path, parts.pulled(), parts.digest), (registry, path, tag, digest), "{image}");
        }
    }

    #[test]
    fn what_is_meant_by_a_name() {
        let is = |image: &str, said: &str| Parts::of(image).is_meant(said);
        assert!(is("nginx:1.27", "nginx") && is("ghcr.io/acme/nginx:2", "nginx") && is("docker.io/library/nginx", "nginx:latest"));
        assert!(!is("my-nginx:1", "nginx") && !is("nginx:1.27", "nginx:1.28") && !is("ghcr.io/acme/nginx", "quay.io/acme/nginx"));
        let from = |image: &str, registry: &str| Parts::of(image).is_from(registry);
        assert!(from("nginx", "docker.io") && from("ghcr.io/acme/web", "ghcr.io/acme") && !from("ghcr.io/acmes/web", "ghcr.io/acme"));
    }
}

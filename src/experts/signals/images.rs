//! Why an image does not come.

/// What keeps an image away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It is not on the node, and nobody may pull it.
    Never,
    /// Its name is no image name.
    Name,
    /// An image policy rejects it.
    Policy,
    /// The registry limits how often one may pull.
    Rate,
    /// It does not exist, or credentials are missing: the registry does not tell which.
    Hidden,
    /// The registry refuses the credentials, or none were sent.
    Access,
    /// The registry's certificate is not trusted.
    Certificate,
    /// The registry speaks plain HTTP.
    Plain,
    /// The registry's name cannot be resolved.
    Host,
    /// It does not exist there.
    Missing,
    /// It is made for another architecture.
    Architecture,
    /// The registry cannot be reached.
    Unreachable,
    /// Nothing tells.
    Unknown,
}

/// What keeps it away, by the kubelet's reason and the registry's sentence. Order: never pulled, name, policy, rate, access, certificate, name
/// resolution, time, not found, architecture; a registry that says "denied" may mean that the repository does not exist.
pub fn class(reason: &str, message: &str) -> Class {
    let said = message.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|w| said.contains(w));
    let table: &[(Class, bool)] = &[
        (Class::Never, reason == "ErrImageNeverPull" || any(&["pull policy of never", "imagepullpolicy never"])),
        (Class::Name, reason == "InvalidImageName" || any(&["invalid reference format"])),
        (Class::Policy, any(&["rejected by policy", "denied by policy", "image policy"])),
        (Class::Rate, any(&["toomanyrequests", "429", "rate limit"])),
        (Class::Hidden, any(&["pull access denied", "repository does not exist or may require"])),
        (Class::Access, any(&["401", "403", "denied", "unauthorized", "no basic auth", "authentication required", "authorization failed"])),
        (Class::Certificate, any(&["x509", "certificate"])),
        (Class::Plain, any(&["server gave http response to https"])),
        (Class::Host, any(&["no such host", "name resolution", "server misbehaving"])),
        (Class::Architecture, any(&["no match for platform", "no matching manifest"])),
        (Class::Missing, any(&["manifest unknown", "not found", "notfound", "does not exist", "404", "name unknown"])),
        (
            Class::Unreachable,
            any(&[
                "timeout",
                "timed out",
                "deadline exceeded",
                "connection refused",
                "i/o timeout",
                "connection reset",
                "no route to host",
            ]),
        ),
    ];
    table.iter().find(|(_, fits)| *fits).map_or(Class::Unknown, |(class, _)| *class)
}

/// The same in words.
pub fn cause(reason: &str, message: &str, image: &str) -> String {
    let registry = registry(image);
    match class(reason, message) {
        Class::Never => format!("image {image} is not on the node, and imagePullPolicy is Never"),
        Class::Name => format!("{image} is no legal image name"),
        Class::Policy => format!("image {image} is rejected by an image policy"),
        Class::Rate => format!("{registry} limits how often one may pull"),
        Class::Hidden => format!("image {image} does not exist, or {registry} wants credentials for it"),
        Class::Access => format!("{registry} does not let the cluster pull {image}: credentials are missing or wrong"),
        Class::Certificate => format!("the certificate of {registry} is not trusted"),
        Class::Plain => format!("{registry} answers plain HTTP where HTTPS was expected"),
        Class::Host => format!("the registry's name {registry} cannot be resolved"),
        Class::Missing => format!("image {image} does not exist in {registry}"),
        Class::Architecture => format!("image {image} is not made for the node's architecture"),
        Class::Unreachable => format!("{registry} cannot be reached"),
        Class::Unknown => format!("image {image} cannot be pulled"),
    }
}

/// The registry that an image name means.
pub fn registry(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        Some(_) | None => "docker.io",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_cause() {
        for (reason, message, image, says) in [
            ("ErrImageNeverPull", "", "todo:1", "imagePullPolicy is Never"),
            (
                "ErrImagePull",
                "rpc error: manifest for nginx:9 not found: manifest unknown",
                "nginx:9",
                "nginx:9 does not exist in docker.io",
            ),
            ("ErrImagePull", "401 Unauthorized", "ghcr.io/a/b:1", "ghcr.io does not let the cluster pull"),
            ("ErrImagePull", "toomanyrequests: You have reached", "a", "limits"),
            ("ErrImagePull", "dial tcp: lookup r.io: no such host", "r.io/x", "r.io cannot be resolved"),
            (
                "ErrImagePull",
                "pull access denied, repository does not exist or may require authorization",
                "x",
                "does not exist, or docker.io wants",
            ),
            ("InvalidImageName", "", "A:b:c", "no legal image name"),
            ("ImagePullBackOff", "Back-off pulling image", "x", "cannot be pulled"),
        ] {
            assert!(cause(reason, message, image).contains(says), "{message}: {}", cause(reason, message, image));
        }
    }
}

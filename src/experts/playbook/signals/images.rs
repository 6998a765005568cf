//! Why an image does not come.

/// The cause in words, from the kubelet's or the registry's sentence. Order: never pulled, name, access, rate, certificate,
/// name resolution, time, not found, architecture; a registry that says "denied" may mean that the repository does not exist.
pub fn cause(reason: &str, message: &str, image: &str) -> String {
    let said = message.to_lowercase();
    let any = |words: &[&str]| words.iter().any(|w| said.contains(w));
    let registry = registry(image);
    if reason == "ErrImageNeverPull" || any(&["pull policy of never", "imagepullpolicy never"]) {
        return format!("image {image} is not on the node, and imagePullPolicy is Never");
    }
    if reason == "InvalidImageName" || any(&["invalid reference format"]) {
        return format!("{image} is no legal image name");
    }
    if any(&["toomanyrequests", "429", "rate limit"]) {
        return format!("{registry} limits how often one may pull");
    }
    if any(&["pull access denied", "repository does not exist or may require"]) {
        return format!("image {image} does not exist, or {registry} wants credentials for it");
    }
    if any(&["401", "403", "denied", "unauthorized", "no basic auth", "authentication required", "authorization failed"]) {
        return format!("{registry} does not let the cluster pull {image}: credentials are missing or wrong");
    }
    if any(&["x509", "certificate"]) {
        return format!("the certificate of {registry} is not trusted");
    }
    if any(&["server gave http response to https"]) {
        return format!("{registry} answers plain HTTP where HTTPS was expected");
    }
    if any(&["no such host", "name resolution", "server misbehaving"]) {
        return format!("the registry's name {registry} cannot be resolved");
    }
    if any(&["manifest unknown", "not found", "does not exist", "404", "name unknown"]) {
        return format!("image {image} does not exist in {registry}");
    }
    if any(&["no match for platform", "no matching manifest"]) {
        return format!("image {image} is not made for the node's architecture");
    }
    if any(&["timeout", "timed out", "deadline exceeded", "connection refused", "i/o timeout", "connection reset", "no route to host"]) {
        return format!("{registry} cannot be reached");
    }
    format!("image {image} cannot be pulled")
}

/// The registry that an image name means.
fn registry(image: &str) -> &str {
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

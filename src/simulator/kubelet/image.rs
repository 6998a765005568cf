//! Images: what their names mean, and whether a node has them. Source: `pkg/kubelet/images/image_manager.go`, `github.com/distribution/reference`.
use std::collections::BTreeSet;

/// The images that were fetched, with the node they are on.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Images(BTreeSet<(String, String)>);

/// What became of the wish for an image.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pull {
    Present,
    Fetched,
    Never,
    Invalid(String),
    Failed(String),
}

/// Has an image on a node, by its pull policy. `missing`: what its registry says instead of giving it.
pub(super) fn pull(images: &mut Images, node: &str, image: &str, policy: &str, missing: Option<&str>) -> Pull {
    if let Some(why) = invalid(image) {
        return Pull::Invalid(format!("Failed to apply default image tag {image:?}: couldn't parse image name {image:?}: {why}"));
    }
    match (missing, policy) {
        (Some(_), "Never") => Pull::Never,
        (Some(why), _) => {
            let full = full_name(image);
            let (code, why) = if why == "not found" { ("NotFound", format!("{full}: {why}")) } else { ("Unknown", why.to_owned()) };
            let begin = format!("failed to pull and unpack image {full:?}: failed to resolve reference {full:?}");
            Pull::Failed(format!("rpc error: code = {code} desc = {begin}: {why}"))
        }
        (None, "Never") => Pull::Present,
        (None, policy) => {
            let new = images.0.insert((node.to_owned(), full_name(image)));
            if new || policy == "Always" { Pull::Fetched } else { Pull::Present }
        }
    }
}

/// The registry in an image's name (none: Docker Hub's), and the rest.
fn split(image: &str) -> (Option<&str>, &str) {
    match image.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" || first.to_lowercase() != first => (Some(first), rest),
        Some(_) | None => (None, image),
    }
}

fn invalid(image: &str) -> Option<String> {
    let (_, rest) = split(image);
    let path = rest.split(['@', ':']).next().unwrap_or_default();
    let tag = rest.split_once('@').map_or(rest, |(name, _)| name).split_once(':').map(|(_, tag)| tag);
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if path.to_lowercase() != path && path.chars().all(|c| word(c) || c == '/') {
        return Some(format!("invalid reference format: repository name ({path}) must be lowercase"));
    }
    let good = |part: &str| part.starts_with(|c: char| c.is_ascii_alphanumeric()) && part.ends_with(|c: char| c.is_ascii_alphanumeric());
    let fits =
        path.split('/').all(|part| good(part) && part.chars().all(word)) && tag.is_none_or(|tag| !tag.is_empty() && tag.chars().all(word));
    (!fits).then(|| "invalid reference format".to_owned())
}

/// An image with the registry that is meant when none is named, and a tag.
pub(super) fn full_name(image: &str) -> String {
    let (registry, rest) = split(image);
    let tagged = if rest.contains([':', '@']) { rest.to_owned() } else { format!("{rest}:latest") };
    match registry {
        Some(registry) => format!("{registry}/{tagged}"),
        None if rest.contains('/') => format!("docker.io/{tagged}"),
        None => format!("docker.io/library/{tagged}"),
    }
}

/// The name without tag or digest, as a digest is put behind it.
pub(super) fn repository(full: &str) -> &str {
    let tail = full.rfind('/').map_or(0, |at| at + 1);
    full[tail..].find([':', '@']).map_or(full, |at| &full[..tail + at])
}

#[cfg(test)]
mod tests {
    use super::{Images, Pull, full_name, invalid, pull, repository};

    #[test]
    fn names_are_completed_and_refused() {
        for (image, full) in [
            ("nginx", "docker.io/library/nginx:latest"),
            ("shop/web:2", "docker.io/shop/web:2"),
            ("localhost:5000/web", "localhost:5000/web:latest"),
            ("ghcr.io/a/b@sha256:0", "ghcr.io/a/b@sha256:0"),
        ] {
            assert_eq!(full_name(image), full);
            assert_eq!(invalid(image), None, "{image}");
        }
        for image in ["", "web:", "a//b", "web:a b", "Web"] {
            assert!(invalid(image).is_some(), "{image}");
        }
        assert_eq!(repository("localhost:5000/web:1"), "localhost:5000/web");
    }

    #[test]
    fn an_image_is_fetched_once_for_each_node() {
        let mut images = Images::default();
        let mut on = |node: &str, policy: &str| pull(&mut images, node, "web:1", policy, None);
        assert_eq!(
            [on("a", "IfNotPresent"), on("a", "IfNotPresent"), on("b", "IfNotPresent"), on("b", "Always")],
            [Pull::Fetched, Pull::Present, Pull::Fetched, Pull::Fetched]
        );
    }
}

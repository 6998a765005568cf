//! The one container that `kubectl create` and `kubectl run` put into a pod.

use crate::ops::{Argv, Image};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// A container that runs an image, with a command where one is given.
pub(super) fn container(name: &str, image: &Image, command: &[String]) -> Value {
    let mut container = json!({"name": name, "image": image});
    if !command.is_empty() {
        container["command"] = json!(command);
    }
    container
}

/// The container's name that kubectl takes from an image: its last part, without tag and digest. Where `.` or `_` have to go, kubectl
/// adds five random letters; these here follow from the image, so that the same line makes the same object.
///
/// Source: `buildPodSpec` and `sanitizeAndUniquify` in `kubectl/pkg/cmd/create/create_deployment.go`; letters of `apimachinery/pkg/util/rand`.
pub(super) fn name_of(image: &Image) -> String {
    const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let last = image.as_str().rsplit('/').next().unwrap_or_default();
    let name = last.split([':', '@']).next().unwrap_or_default();
    if !name.contains(['.', '_']) {
        return name.to_string();
    }
    let digest = Sha256::digest(image.as_str());
    let letters: String = digest.iter().take(5).map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect();
    format!("{}-{letters}", name.replace(['.', '_'], "-"))
}

/// The same line with a command behind `--`.
pub(super) fn with_command(mut argv: Argv, command: &[String]) -> Argv {
    argv.tail = command.to_vec();
    argv
}

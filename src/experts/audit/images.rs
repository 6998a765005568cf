//! Which image runs, and whether it is the same one tomorrow.

use super::{fixes, table::checks, unit::Unit};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::Snapshot;

checks! {
    TAG = "image-tag-not-fixed" Error 95 "An image without a tag, or with latest, is another one after the next push: nobody can say what runs, nor go back to it." reads ["containers.image"] like "Deployment web runs images without a fixed tag: container app" same_as ["polaris/tagNotSpecified", "kube-linter/latest-tag"];
    PULL = "pull-policy-not-always" Info 75 "The pull policy is not Always, so that a node may run an old image under a tag that moved, and without asking for credentials." reads ["containers.imagePullPolicy"] like "Deployment web does not pull always: container app" same_as ["polaris/pullPolicyNotAlways"];
    DIGEST = "image-without-digest" Info 70 "A tag can be moved; only a digest always means the same image." reads ["containers.image"] like "Deployment web runs images without a digest: container app" same_as [];
}

/// The tag of an image, if it has one: after the last `:` of the last part of its path.
fn tag(image: &str) -> Option<&str> {
    let name = image.split('@').next().unwrap_or(image);
    let last = name.rsplit('/').next().unwrap_or(name);
    last.split_once(':').map(|(_, tag)| tag).filter(|tag| !tag.is_empty())
}

pub(super) fn find(_: &Snapshot, units: &[Unit<'_>], out: &mut Vec<Finding>) {
    for u in units {
        let named = || u.spec.all().filter(|c| !c.image.is_empty());
        let fixed = |image: &str| image.contains("@sha256:") || tag(image).is_some_and(|t| t != "latest");
        out.extend(u.each(&TAG, "runs images without a fixed tag", named(), |c| (!fixed(&c.image)).then(|| format!("image {}", c.image))));
        let often = u.each(&PULL, "does not always pull", named(), |c| {
            // Unset means Always for latest and for no tag, else IfNotPresent (`kubernetes.io/docs/concepts/containers/images`).
            let policy = if c.pull.is_empty() { "not set" } else { &*c.pull };
            (policy != "Always").then(|| format!("imagePullPolicy is {policy}"))
        });
        out.extend(often.map(|f| f.fix(fixes::pull_always(u))));
        out.extend(u.each(&DIGEST, "runs images without a digest", named(), |c| {
            (fixed(&c.image) && !c.image.contains("@sha256:")).then(|| format!("image {}", c.image))
        }));
    }
}

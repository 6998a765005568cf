//! What the API server serves and what it is: `kubectl api-resources`, `api-versions`, `version`, `cluster-info`.

mod cluster_info;
mod resources;
mod version;
mod versions;

pub use cluster_info::ClusterInfo;
pub use resources::ApiResources;
pub use version::ServerVersion;
pub use versions::ApiVersions;

use crate::ops::{Call, CannotDo, Form, ReadPath, Reply, look::read};
use crate::terms::discovery::{self, Served};

/// The two documents that tell of every kind.
fn discovery_calls() -> Vec<Call> {
    ["/api", "/apis"].into_iter().map(|path| Call::document(ReadPath::known(path)).shaped(Form::Discovery)).collect()
}

/// What they tell, the core group first.
fn told(calls: &[Call], replies: &[Reply]) -> Result<Vec<Served>, CannotDo> {
    let mut all = Vec::new();
    for reply in replies {
        let Some(call) = calls.get(reply.call) else { continue };
        let old = || {
            let sentence = "the server is too old to tell everything it serves at once (Kubernetes 1.27 and later do)";
            CannotDo::new(sentence, "kubectl get --raw /apis lists its groups")
        };
        all.extend(discovery::served(read(call, &reply.body)?).ok_or_else(old)?);
    }
    Ok(all)
}

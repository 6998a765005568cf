//! `kubectl config`: the contexts, clusters and users of the kubeconfig that was loaded. Reads only; nothing is asked of a cluster.

mod contexts;
mod names;
mod view;

pub use contexts::GetContexts;
pub use names::{CurrentContext, GetClusters, GetUsers};
pub use view::ConfigView;

use crate::ops::look::{list, text};
use serde_json::Value;

/// The entry of that name in one of the kubeconfig's lists.
fn entry<'a>(config: &'a Value, of: &str, name: &str) -> Option<&'a Value> {
    list(config, of).iter().find(|one| text(one, "/name") == name)
}

//! The one connection to the cluster, made when it is first needed and kept.

use crate::{
    doors::cluster::{Cluster, Connect},
    problem::Problem,
    world::World,
};
use std::sync::Arc;
use tokio::sync::OnceCell;

/// A connection that is made when it is first asked for. Clones share it.
#[derive(Clone)]
pub struct Link {
    made: Arc<OnceCell<Cluster>>,
    how: Option<Arc<(Connect, World)>>,
}

impl Link {
    /// One that is there already.
    pub fn ready(cluster: Cluster) -> Link {
        Link { made: Arc::new(OnceCell::new_with(Some(cluster))), how: None }
    }

    /// One to be made when it is first needed.
    pub fn later(connect: Connect, world: World) -> Link {
        Link { made: Arc::new(OnceCell::new()), how: Some(Arc::new((connect, world))) }
    }

    /// The cluster. A connection that could not be made is tried anew the next time.
    ///
    /// # Errors
    /// Why it cannot be made: no kubeconfig, no such context, a login that fails.
    pub async fn cluster(&self) -> Result<Cluster, Problem> {
        let made = self.made.get_or_try_init(|| async {
            match &self.how {
                Some(how) => Cluster::connect(&how.0, &how.1).await,
                None => Err(Problem::failed("there is no cluster to talk to")),
            }
        });
        made.await.cloned()
    }
}

//! stub
use crate::{facts::*, ops::*};
#[derive(Clone)]
pub struct Cluster;
pub enum Sending<'a> {
    Read,
    DryRun(Option<&'a Pin>),
    Write(Option<&'a Pin>),
}
pub struct Identity {
    pub context: String,
    pub server: String,
    pub user: String,
    pub namespace: Namespace,
    pub cluster_uid: Option<String>,
}
pub struct Connect {}
impl Cluster {
    pub fn identity(&self) -> &Identity {
        todo!()
    }
    pub async fn cluster_uid(&self) -> Lookup<String> {
        todo!()
    }
    pub async fn connect(_: &Connect, _: &crate::world::World) -> Result<Cluster, crate::problem::Problem> {
        todo!()
    }
    pub async fn send(&self, _: &Call, _: Sending<'_>) -> Result<Vec<u8>, Rejection> {
        todo!()
    }
    pub async fn replies(&self, _: &[Call]) -> Vec<Reply> {
        todo!()
    }
    pub async fn gather(&self, _: &[Need]) -> Facts {
        todo!()
    }
    pub async fn dry_run(&self, _: &[Call]) -> Vec<DryRun> {
        todo!()
    }
}

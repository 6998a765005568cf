//! The verbs that make new objects: one file each.
//!
//! Owns: the manifest that each of them stands for. Does not own: manifests that a person brings (`manifest`), applying them (`change`).

mod container;
mod create;
mod create_cluster_role;
mod create_cluster_role_binding;
mod create_config_map;
mod create_cron_job;
mod create_deployment;
mod create_ingress;
mod create_job;
mod create_namespace;
mod create_pod_disruption_budget;
mod create_priority_class;
mod create_quota;
mod create_role;
mod create_role_binding;
mod create_secret;
mod create_secret_docker_registry;
mod create_secret_tls;
mod create_service;
mod create_service_account;
mod data;
mod expose;
mod made;
mod rules;
mod run;
mod show_manifest;
mod subjects;

pub use create::Create;
pub use create_cluster_role::CreateClusterRole;
pub use create_cluster_role_binding::CreateClusterRoleBinding;
pub use create_config_map::CreateConfigMap;
pub use create_cron_job::{CreateCronJob, JobRestart};
pub use create_deployment::CreateDeployment;
pub use create_ingress::{CreateIngress, IngressRule, ServicePort};
pub use create_job::CreateJob;
pub use create_namespace::CreateNamespace;
pub use create_pod_disruption_budget::{CreatePodDisruptionBudget, Share};
pub use create_priority_class::{CreatePriorityClass, Preemption};
pub use create_quota::CreateQuota;
pub use create_role::CreateRole;
pub use create_role_binding::CreateRoleBinding;
pub use create_secret::CreateSecret;
pub use create_secret_docker_registry::CreateSecretDockerRegistry;
pub use create_secret_tls::CreateSecretTls;
pub use create_service::{CreateService, PortPair, PortRef, ServiceType};
pub use create_service_account::CreateServiceAccount;
pub use data::FileSource;
pub use expose::{Affinity, Expose, Protocol};
pub(super) use made::MANNER;
pub use made::Makes;
pub use rules::RuleResource;
pub use run::{EnvPair, PodRestart, PullPolicy, Run};
pub use show_manifest::ShowManifest;
pub use subjects::AccountRef;

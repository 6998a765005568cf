//! What makes pods, and what decides how many there are.

use super::{
    lenient::{When, lenient},
    meta::{Condition, Map, Meta, Pointed, Selector},
    pod::PodSpec,
    storage::ClaimSpec,
};

lenient! {
    /// A Deployment, ReplicaSet, StatefulSet, DaemonSet or ReplicationController; [`Workload::kind`] says which.
    pub struct Workload {
        /// Set by the snapshot.
        kind: Box<str> = "kind",
        api: Box<str> = "apiVersion",
        meta: Meta = "metadata",
        spec: WorkloadSpec = "spec",
        status: WorkloadStatus = "status",
    }
    /// What is asked for.
    pub struct WorkloadSpec {
        replicas: Option<i64> = "replicas",
        selector: Selector = "selector",
        template: Template = "template",
        paused: bool = "paused",
        deadline: Option<i64> = "progressDeadlineSeconds",
        strategy: Strategy = "strategy",
        update: Strategy = "updateStrategy",
        service: Box<str> = "serviceName",
        claims: Vec<ClaimTemplate> = "volumeClaimTemplates",
    }
    /// A pod template.
    pub struct Template {
        meta: Meta = "metadata",
        spec: PodSpec = "spec",
    }
    /// How it is rolled out.
    pub struct Strategy {
        kind: Box<str> = "type",
        rolling: Rolling = "rollingUpdate",
    }
    /// The numbers of a rolling update.
    pub struct Rolling { partition: i64 = "partition", }
    /// A claim that each pod gets.
    pub struct ClaimTemplate {
        meta: Meta = "metadata",
        spec: ClaimSpec = "spec",
    }
    /// What became of it; the DaemonSet's own numbers stand beside the others'.
    pub struct WorkloadStatus {
        replicas: i64 = "replicas",
        ready: i64 = "readyReplicas",
        available: i64 = "availableReplicas",
        updated: i64 = "updatedReplicas",
        unavailable: i64 = "unavailableReplicas",
        observed: i64 = "observedGeneration",
        current_revision: Box<str> = "currentRevision",
        update_revision: Box<str> = "updateRevision",
        wanted: Option<i64> = "desiredNumberScheduled",
        scheduled: i64 = "currentNumberScheduled",
        number_ready: i64 = "numberReady",
        number_available: i64 = "numberAvailable",
        number_updated: i64 = "updatedNumberScheduled",
        misplaced: i64 = "numberMisscheduled",
        conditions: Vec<Condition> = "conditions",
    }
    /// A Job.
    pub struct Job {
        meta: Meta = "metadata",
        spec: JobSpec = "spec",
        status: JobStatus = "status",
    }
    /// What is asked for.
    pub struct JobSpec {
        parallelism: Option<i64> = "parallelism",
        completions: Option<i64> = "completions",
        backoff_limit: Option<i64> = "backoffLimit",
        deadline: Option<i64> = "activeDeadlineSeconds",
        suspended: bool = "suspend",
        ttl: Option<i64> = "ttlSecondsAfterFinished",
        template: Template = "template",
    }
    /// What became of it.
    pub struct JobStatus {
        active: i64 = "active",
        failed: i64 = "failed",
        succeeded: i64 = "succeeded",
        failed_indexes: Box<str> = "failedIndexes",
        started: When = "startTime",
        completed: When = "completionTime",
        conditions: Vec<Condition> = "conditions",
    }
    /// A CronJob.
    pub struct CronJob {
        api: Box<str> = "apiVersion",
        meta: Meta = "metadata",
        spec: CronSpec = "spec",
        status: CronStatus = "status",
    }
    /// What is asked for.
    pub struct CronSpec {
        schedule: Box<str> = "schedule",
        suspended: bool = "suspend",
        policy: Box<str> = "concurrencyPolicy",
        job: JobTemplate = "jobTemplate",
    }
    /// The Job that is made.
    pub struct JobTemplate { spec: JobSpec = "spec", }
    /// What became of it.
    pub struct CronStatus {
        last: When = "lastScheduleTime",
        succeeded: When = "lastSuccessfulTime",
        active: Vec<Pointed> = "active",
    }
    /// A HorizontalPodAutoscaler.
    pub struct Autoscaler {
        api: Box<str> = "apiVersion",
        meta: Meta = "metadata",
        spec: AutoscalerSpec = "spec",
        status: AutoscalerStatus = "status",
    }
    /// What is asked for.
    pub struct AutoscalerSpec {
        target: Pointed = "scaleTargetRef",
        min: Option<i64> = "minReplicas",
        max: i64 = "maxReplicas",
    }
    /// What became of it.
    pub struct AutoscalerStatus {
        current: i64 = "currentReplicas",
        desired: i64 = "desiredReplicas",
        conditions: Vec<Condition> = "conditions",
    }
    /// A PodDisruptionBudget.
    pub struct Budget {
        api: Box<str> = "apiVersion",
        meta: Meta = "metadata",
        spec: BudgetSpec = "spec",
        status: BudgetStatus = "status",
    }
    /// What is asked for.
    pub struct BudgetSpec {
        selector: Selector = "selector",
        min: Box<str> = "minAvailable",
        max: Box<str> = "maxUnavailable",
        unhealthy: Box<str> = "unhealthyPodEvictionPolicy",
    }
    /// What became of it.
    pub struct BudgetStatus {
        allowed: Option<i64> = "disruptionsAllowed",
        healthy: i64 = "currentHealthy",
        wanted: i64 = "desiredHealthy",
        expected: i64 = "expectedPods",
        conditions: Vec<Condition> = "conditions",
    }
    /// A ResourceQuota.
    pub struct Quota {
        meta: Meta = "metadata",
        status: QuotaStatus = "status",
    }
    /// What is used of what.
    pub struct QuotaStatus {
        hard: Map = "hard",
        used: Map = "used",
    }
}

/// A workload's numbers, whichever kind it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers {
    /// Asked for.
    pub wanted: i64,
    /// Made.
    pub made: i64,
    /// Made from the newest template.
    pub updated: i64,
    /// Ready.
    pub ready: i64,
    /// Ready for long enough.
    pub available: i64,
}

impl Workload {
    /// Its numbers.
    pub fn numbers(&self) -> Numbers {
        let s = &self.status;
        match &*self.kind {
            "DaemonSet" => Numbers {
                wanted: s.wanted.unwrap_or_default(),
                made: s.scheduled,
                updated: s.number_updated,
                ready: s.number_ready,
                available: s.number_available,
            },
            "Deployment" | "StatefulSet" => Numbers {
                wanted: self.spec.replicas.unwrap_or(1),
                made: s.replicas,
                updated: s.updated,
                ready: s.ready,
                // Older servers do not count a StatefulSet's available pods.
                available: if &*self.kind == "StatefulSet" { s.available.max(s.ready) } else { s.available },
            },
            _ => {
                let wanted = self.spec.replicas.unwrap_or(s.replicas);
                Numbers { wanted, made: s.replicas, updated: s.replicas, ready: s.ready, available: s.available }
            }
        }
    }
    /// The revision of a ReplicaSet or Deployment (`deployment.kubernetes.io/revision`).
    pub fn revision(&self) -> i64 {
        self.meta.annotation("deployment.kubernetes.io/revision").and_then(|r| r.parse().ok()).unwrap_or_default()
    }
}

//! What somebody wants without saying an operation: "handle more load", "is it secure", "make it cheaper". The answer is what the
//! cluster shows about it; where a change is wished for, the operations that could bring it about and a question which. No number
//! is made up: what it takes is asked for.

use super::{
    frames::Slot as T,
    lexicon::{Act, Goal, Sense},
    parts::{Part, off},
    room::filled,
    slots::{Ask, Slots},
};

/// What may be said with a goal.
const TAKES: &[T] = &[
    T::Place,
    T::EveryNamespace,
    T::All,
    T::Cluster,
    T::Trouble,
    T::Usage,
    T::Goal,
    T::Advise,
    T::Direction,
    T::New,
    T::Types,
    T::Since,
    T::Role("limits"),
    T::Role("requests"),
];

/// Whether all that was said has its place: every word, and every name stands where a subject stands.
fn settled(s: &Slots) -> bool {
    let subject = |o: &super::slots::Object| {
        o.names.is_empty()
            || !o.kinds.is_empty()
            || o.led
            || o.joined
            || s.wish && !s.advise
            || matches!(o.prep, Some(Sense::Of | Sense::In))
    };
    s.leftover.is_empty() && s.objects.iter().all(subject) && filled(s).iter().all(|(slot, _)| TAKES.contains(slot))
}

/// A goal: what shows how things are about it, and what can be done.
pub struct Aim {
    pub goal: Goal,
    /// It as a question repeats it: "… shall bear more load".
    pub shall: &'static str,
    /// What to look at, as lines of kubectl's without a namespace.
    pub evidence: &'static [&'static str],
    /// What to look at besides when the whole cluster is spoken of.
    pub of_the_cluster: &'static [&'static str],
    /// Requests that could bring it about for one workload; `{it}` is its name.
    pub ways: &'static [&'static str],
}

const REQUESTS: &str = "get pods -o custom-columns=POD:.metadata.name,CONTAINER:.spec.containers[*].name,CPU_REQUEST:.spec.containers[*].resources.requests.cpu,\
     CPU_LIMIT:.spec.containers[*].resources.limits.cpu,MEMORY_REQUEST:.spec.containers[*].resources.requests.memory,MEMORY_LIMIT:.spec.containers[*].resources.limits.memory";
const PRIVILEGES: &str = "get pods -o custom-columns=POD:.metadata.name,NONROOT:.spec.securityContext.runAsNonRoot,USER:.spec.securityContext.runAsUser,\
     PRIVILEGED:.spec.containers[*].securityContext.privileged,ESCALATION:.spec.containers[*].securityContext.allowPrivilegeEscalation,\
     HOSTPATH:.spec.volumes[*].hostPath.path,HOSTNETWORK:.spec.hostNetwork,ACCOUNT:.spec.serviceAccountName";
const ROOM: &str = "get nodes -o custom-columns=NODE:.metadata.name,CPU:.status.allocatable.cpu,MEMORY:.status.allocatable.memory,PODS:.status.allocatable.pods,CORDONED:.spec.unschedulable";
const PROBES: &str = "get deployments -o custom-columns=DEPLOYMENT:.metadata.name,REPLICAS:.spec.replicas,READINESS:.spec.template.spec.containers[*].readinessProbe.periodSeconds,\
     LIVENESS:.spec.template.spec.containers[*].livenessProbe.periodSeconds,IMAGES:.spec.template.spec.containers[*].image,MEMORY_LIMIT:.spec.template.spec.containers[*].resources.limits.memory";

const RESIZE: &[&str] =
    &["set the cpu request of {it} to …", "set the memory request of {it} to …", "set the memory limit of {it} to …", "scale {it} to …"];

/// Every goal.
pub const AIMS: &[Aim] = &[
    Aim {
        goal: Goal::Load,
        shall: "bear more load",
        evidence: &["top pods", "get deployments,horizontalpodautoscalers"],
        of_the_cluster: &["top nodes"],
        ways: &["scale {it} to …", "autoscale {it} at 70% cpu with a minimum of … and a maximum of …", "set the cpu limit of {it} to …"],
    },
    Aim {
        goal: Goal::Resources,
        shall: "fit what it uses",
        evidence: &["top pods", REQUESTS],
        of_the_cluster: &["top nodes"],
        ways: RESIZE,
    },
    Aim { goal: Goal::Cost, shall: "cost less", evidence: &["top pods", REQUESTS], of_the_cluster: &["top nodes", ROOM], ways: RESIZE },
    Aim {
        goal: Goal::Performance,
        shall: "become faster",
        evidence: &["top pods --sort-by=cpu", REQUESTS, "events --types=Warning"],
        of_the_cluster: &["top nodes"],
        ways: &["scale {it} to …", "set the cpu limit of {it} to …", "show the logs of {it}", "why is {it} slow"],
    },
    Aim { goal: Goal::Capacity, shall: "have room", evidence: &["top pods", REQUESTS], of_the_cluster: &["top nodes", ROOM], ways: RESIZE },
    Aim {
        goal: Goal::Security,
        shall: "become safer",
        evidence: &[PRIVILEGES, "get networkpolicies,rolebindings"],
        of_the_cluster: &["get clusterrolebindings -o wide"],
        ways: &["edit deployment {it}", "set the service account of {it} to …", "describe {it}"],
    },
    Aim {
        goal: Goal::Reliability,
        shall: "survive the loss of a pod or a node",
        evidence: &["get deployments,statefulsets,poddisruptionbudgets", PROBES, "get pods -o wide"],
        of_the_cluster: &["get nodes"],
        ways: &["scale {it} to …", "create a pod disruption budget named {it} for app={it} with min available 1", "edit deployment {it}"],
    },
    Aim {
        goal: Goal::Network,
        shall: "be reached",
        evidence: &["get services,endpoints,ingresses,networkpolicies", "events --types=Warning"],
        of_the_cluster: &[],
        ways: &["why is {it} failing", "describe {it}", "show the logs of {it}"],
    },
    Aim {
        goal: Goal::Placement,
        shall: "run elsewhere",
        evidence: &["get pods -o wide"],
        of_the_cluster: &["get nodes -o wide"],
        ways: &["edit deployment {it}", "restart {it}"],
    },
    Aim {
        goal: Goal::Configuration,
        shall: "be set up better",
        evidence: &[PROBES, REQUESTS],
        of_the_cluster: &[],
        ways: &["edit deployment {it}", "set the memory limit of {it} to …", "describe {it}"],
    },
    Aim {
        goal: Goal::Risk,
        shall: "not fail",
        evidence: &["get deployments,statefulsets,poddisruptionbudgets", "events --types=Warning", PROBES],
        of_the_cluster: &["get nodes", "top nodes"],
        ways: &["why is {it} failing", "describe {it}", "edit deployment {it}"],
    },
];

/// What is known of a goal.
pub fn aim(goal: Goal) -> &'static Aim {
    AIMS.iter().find(|aim| aim.goal == goal).unwrap_or(&AIMS[0])
}

/// The goal a step is about, and whether it wishes for a change; `None` where it says an operation, or something else besides.
pub fn wanted(s: &Slots, changes: &[Act]) -> Option<(Goal, bool)> {
    if off(Part::Goals) || s.lesson || s.docker || s.condition || s.not || !s.foreign.is_empty() || s.it || s.ask == Some(Ask::Why) {
        return None;
    }
    let said = s.goals.iter().min().copied();
    match changes {
        // "scale web to bear more load": how many is what is missing.
        [Act::Scale] if s.amount.is_none() && said.is_some() => {
            return (s.leftover.is_empty() || s.leftover == ["more"]).then_some((Goal::Load, true));
        }
        [] => {}
        _ => return None,
    }
    if !s.acts.is_empty() || !s.topics.iter().all(|topic| *topic == Act::Usage) {
        return None;
    }
    let looks = s.advise || s.probe || s.show || s.ask.is_some() || s.want || !s.topics.is_empty();
    let sized = s.cpu || s.memory || s.resource || s.says("limits") || s.says("requests") || s.topics.contains(&Act::Usage);
    let goal = match said {
        Some(goal) => goal,
        None if (s.wish || s.advise || s.trouble && looks) && sized => Goal::Resources,
        None if s.health || s.trouble => return None,
        None if s.wish || s.advise => Goal::Configuration,
        None => return None,
    };
    settled(s).then_some((goal, (s.wish || s.alter.is_some()) && !looks))
}

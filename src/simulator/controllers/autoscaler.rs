//! HorizontalPodAutoscaler, for CPU and memory of pods. Source: `pkg/controller/podautoscaler/horizontal.go`, `replica_calculator.go`.
use super::{
    conditions::{self, Condition},
    events, requests,
};
use crate::simulator::{
    agenda::Controller,
    cluster::Cluster,
    json::{list, number, set, text, time},
    kubelet,
    store::{Key, Tree},
};
use crate::terms::{quantity::Quantity, selector::LabelSelector};
use serde_json::{Value, json};

/// Seconds between two looks. Source: `--horizontal-pod-autoscaler-sync-period`.
const PERIOD: i64 = 15;
/// Seconds that a lower figure must hold. Source: `--horizontal-pod-autoscaler-downscale-stabilization`.
const STEADY: i64 = 300;

pub(super) fn look(cluster: &mut Cluster, key: &Key) {
    let Some(scaler) = cluster.get(key) else { return };
    // A look that another change brought about is one too many.
    let due = cluster.now.as_second() / PERIOD * PERIOD + PERIOD;
    cluster.later(due - cluster.now.as_second(), Controller::Autoscaler, key);
    let kind = cluster.registry.of_object(&json!({
        "apiVersion": scaler["spec"]["scaleTargetRef"]["apiVersion"], "kind": scaler["spec"]["scaleTargetRef"]["kind"],
    }));
    let target = kind.map(|r| Key::new(r.id, &key.namespace, text(&scaler, "/spec/scaleTargetRef/name")));
    let Some((target, object)) = target.and_then(|k| Some((k.clone(), cluster.get(&k)?))) else {
        missing(cluster, key, &scaler);
        return;
    };
    put(cluster, key, "AbleToScale", "True", "SucceededGetScale", "the HPA controller was able to get the target's current scale");
    let current = number(&object, "/spec/replicas", 1);
    let (least, most) = (number(&scaler, "/spec/minReplicas", 1), number(&scaler, "/spec/maxReplicas", 1));
    let (wanted, reason) = if current == 0 && least != 0 {
        put(cluster, key, "ScalingActive", "False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero");
        (0, String::new())
    } else if current > most {
        (most, "Current number of replicas above Spec.MaxReplicas".to_owned())
    } else if current < least {
        (least, "Current number of replicas below Spec.MinReplicas".to_owned())
    } else {
        match measure(cluster, key, &scaler, &object, current) {
            Some((proposed, above)) => {
                let bounded = bound(cluster, key, &scaler, current, proposed);
                let reason = if bounded > current { format!("{above} above target") } else { "All metrics below target".to_owned() };
                (bounded, reason)
            }
            None => {
                cluster.modify(key, |s| {
                    set(s, "/status/currentReplicas", current);
                    set(s, "/status/desiredReplicas", number(s, "/status/desiredReplicas", 0));
                    set(s, "/status/currentMetrics", json!([{"type": ""}]));
                });
                return;
            }
        }
    };
    if wanted != current {
        rescale(cluster, key, &target, wanted, &reason);
    }
    cluster.modify(key, |s| {
        set(s, "/status/currentReplicas", current);
        set(s, "/status/desiredReplicas", wanted);
    });
}

fn say(cluster: &mut Cluster, key: &Key, said: events::Said) {
    if let Some(scaler) = cluster.get(key) {
        events::record(cluster, key, &scaler, events::from("horizontal-pod-autoscaler"), said);
    }
}

fn put(cluster: &mut Cluster, key: &Key, kind: &str, status: &str, reason: &str, message: &str) {
    let now = cluster.stamp();
    cluster.modify(key, |s| {
        conditions::put(s, &now, &Condition { kind, status, reason, message }, false);
    });
}

fn missing(cluster: &mut Cluster, key: &Key, scaler: &Value) {
    let (kind, name) = (text(scaler, "/spec/scaleTargetRef/kind"), text(scaler, "/spec/scaleTargetRef/name"));
    let known = cluster.registry.all().find(|r| r.kind == kind);
    let plural = known
        .map_or_else(|| kind.to_lowercase(), |r| if r.group.is_empty() { r.plural.clone() } else { format!("{}.{}", r.plural, r.group) });
    let message = format!("{plural} {name:?} not found");
    say(cluster, key, events::warning("FailedGetScale", &message));
    let message = format!("the HPA controller was unable to get the target's current scale: {message}");
    put(cluster, key, "AbleToScale", "False", "FailedGetScale", &message);
    cluster.modify(key, |s| {
        set(s, "/status/desiredReplicas", 0);
        set(s, "/status/currentMetrics", Value::Null);
    });
}

/// The most that any metric asks for, and the name of that metric; None where one cannot be had.
fn measure(cluster: &mut Cluster, key: &Key, scaler: &Value, target: &Value, current: i64) -> Option<(i64, String)> {
    let selector = LabelSelector::from_json(&target["spec"]["selector"]).ok()?;
    let chosen: Vec<Tree> = cluster
        .store
        .of_kind(cluster.kinds.pod, Some(&key.namespace))
        .filter(|(_, s)| !s.deleting && selector.matches(|k| s.label(k)))
        .map(|(k, s)| cluster.store.tree(k, s))
        .filter(|p| text(p, "/status/phase") == "Running")
        .collect();
    let mut best: Option<(i64, String)> = None;
    let mut figures = Vec::new();
    for metric in list(scaler, "/spec/metrics") {
        let resource = text(metric, "/resource/name");
        match figure(cluster, metric, resource, &chosen, current) {
            Ok((proposed, name, now)) => {
                figures.push(json!({"type": "Resource", "resource": {"name": resource, "current": now}}));
                if best.as_ref().is_none_or(|(most, _)| proposed > *most) {
                    best = Some((proposed, name));
                }
            }
            Err(why) => {
                let how = if metric.pointer("/resource/target/averageUtilization").is_some() {
                    format!("failed to get {resource} utilization: ")
                } else {
                    String::new()
                };
                let why = format!("{how}{why}");
                say(cluster, key, events::warning("FailedGetResourceMetric", &why));
                let all = list(scaler, "/spec/metrics").len();
                let message = format!(
                    "invalid metrics (1 invalid out of {all}), first error is: failed to get {resource} resource metric value: {why}"
                );
                say(cluster, key, events::warning("FailedComputeMetricsReplicas", &message));
                let message = format!("the HPA was unable to compute the replica count: {why}");
                put(cluster, key, "ScalingActive", "False", "FailedGetResourceMetric", &message);
                return None;
            }
        }
    }
    let (proposed, name) = best?;
    let message = format!("the HPA was able to successfully calculate a replica count from {name}");
    put(cluster, key, "ScalingActive", "True", "ValidMetricFound", &message);
    cluster.modify(key, |s| set(s, "/status/currentMetrics", figures));
    Some((proposed, name))
}

/// How many pods one metric asks for, what it is called, and its present value.
fn figure(cluster: &Cluster, metric: &Value, resource: &str, chosen: &[Tree], current: i64) -> Result<(i64, String, Value), String> {
    let (mut used, mut asked, mut measured) = (0, 0, 0);
    for pod in chosen {
        let mut known = false;
        for container in list(pod, "/spec/containers") {
            let Some((cpu, memory)) = kubelet::usage(cluster, pod, container) else { continue };
            known = true;
            used += if resource == "cpu" { cpu.as_milli() } else { memory.as_milli() };
            match requests(&json!({"spec": {"containers": [container]}})).get(resource) {
                Some(request) => asked += request,
                None if metric.pointer("/resource/target/averageUtilization").is_none() => {}
                None => {
                    let (name, pod) = (text(container, "/name"), text(pod, "/metadata/name"));
                    return Err(format!("missing request for {resource} in container {name} of Pod {pod}"));
                }
            }
        }
        measured += i64::from(known);
    }
    if measured == 0 {
        return Err(format!("unable to get metrics for resource {resource}: no metrics returned from resource metrics API"));
    }
    let average = if resource == "cpu" { Quantity::milli(used / measured) } else { Quantity::bytes(used / measured / 1000) };
    let propose = |value: i64, target: i64| {
        // A tenth more or less is no reason to change anything.
        let off = (value - target).abs() * 10 > target;
        if off { (value * measured + target - 1) / target.max(1) } else { current }
    };
    match metric.pointer("/resource/target/averageUtilization").and_then(Value::as_i64) {
        Some(target) => {
            let percent = used * 100 / asked.max(1);
            let now = json!({"averageUtilization": percent, "averageValue": average.to_string()});
            Ok((propose(percent, target), format!("{resource} resource utilization (percentage of request)"), now))
        }
        None => {
            let target = metric.pointer("/resource/target/averageValue").and_then(Value::as_str).and_then(|t| t.parse::<Quantity>().ok());
            let target = target.map_or(1, |t| t.as_milli());
            Ok((propose(used / measured, target), format!("{resource} resource"), json!({"averageValue": average.to_string()})))
        }
    }
}

/// Keeps a proposal within the limits, and says which one it met. Source: `normalizeDesiredReplicas`, `stabilizeRecommendation`.
fn bound(cluster: &mut Cluster, key: &Key, scaler: &Value, current: i64, proposed: i64) -> i64 {
    let (least, most) = (number(scaler, "/spec/minReplicas", 1), number(scaler, "/spec/maxReplicas", 1));
    let steady = scaler.pointer("/spec/behavior/scaleDown/stabilizationWindowSeconds").and_then(Value::as_i64).unwrap_or(STEADY);
    let last = time(scaler, "/status/lastScaleTime").or_else(|| time(scaler, "/metadata/creationTimestamp"));
    let held = proposed < current && last.is_some_and(|at| cluster.now.as_second() - at.as_second() < steady);
    if held {
        let message = "recent recommendations were higher than current one, applying the highest recent recommendation";
        put(cluster, key, "AbleToScale", "True", "ScaleDownStabilized", message);
    } else {
        put(cluster, key, "AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size");
    }
    let proposed = if held { current } else { proposed };
    let fastest = (current * 2).max(4);
    let (status, reason, message) = if proposed > most.min(fastest) {
        if most <= fastest {
            ("True", "TooManyReplicas", "the desired replica count is more than the maximum replica count")
        } else {
            ("True", "ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
        }
    } else if proposed < least {
        ("True", "TooFewReplicas", "the desired replica count is less than the minimum replica count")
    } else {
        ("False", "DesiredWithinRange", "the desired count is within the acceptable range")
    };
    put(cluster, key, "ScalingLimited", status, reason, message);
    proposed.clamp(least, most.min(fastest).max(least))
}

fn rescale(cluster: &mut Cluster, key: &Key, target: &Key, wanted: i64, reason: &str) {
    cluster.modify(target, |t| {
        set(t, "/spec/replicas", wanted);
        set(t, "/metadata/generation", number(t, "/metadata/generation", 1) + 1);
    });
    say(cluster, key, events::normal("SuccessfulRescale", &format!("New size: {wanted}; reason: {reason}")));
    put(
        cluster,
        key,
        "AbleToScale",
        "True",
        "SucceededRescale",
        &format!("the HPA controller was able to update the target scale to {wanted}"),
    );
    let now = cluster.stamp();
    cluster.modify(key, |s| set(s, "/status/lastScaleTime", now));
}

//! Crashes together with what their logs say and what they could not reach.

use super::*;

/// Each crash with `log` (see [`logs::cause`]), `why` and `title`. `logs` and `more` are what `for_each` reads over crashes gave;
/// a container without a log of its own is told by that of its workload's other pods.
pub fn told(crashes: &Value, logs: &Value, more: &Value) -> Value {
    let heard: Vec<(&Value, Value)> = all(logs)
        .iter()
        .chain(all(more))
        .map(|l| (at(l, "of"), logs::cause(at(l, "answer"))))
        .filter(|(_, cause)| !cause.is_null())
        .collect();
    let same = |a: &Value, b: &Value, fields: &[&str]| fields.iter().all(|f| at(a, f) == at(b, f));
    let each = all(crashes).iter().map(|crash| {
        let own = heard.iter().find(|(of, _)| same(of, crash, &["pod", "container", "namespace"]));
        let alike = || heard.iter().find(|(of, _)| same(of, crash, &["workload", "container", "namespace", "exit"]));
        let log = own.or_else(alike).map_or(&NULL, |(_, cause)| cause);
        let why = if yes(crash, "own_words") && yes(log, "sure") { text(log, "cause") } else { text(crash, "cause") };
        let mut crash = crash.clone();
        let title = title(&crash, why);
        let by_hand = by_hand(&crash);
        if let Some(map) = crash.as_object_mut() {
            map.insert("why".into(), why.into());
            map.insert("title".into(), title.into());
            map.insert("log".into(), log.clone());
            map.insert(
                "log_line".into(),
                if text(log, "line").is_empty() { String::new() } else { format!("log  {}", text(log, "line")) }.into(),
            );
            map.insert("by_hand".into(), by_hand.into());
            map.insert("service".into(), "".into());
        }
        crash
    });
    Value::Array(each.collect())
}

fn title(crash: &Value, why: &str) -> String {
    let name = text(crash, "workload");
    if text(crash, "state") == "recovered" {
        let ago = int(crash, "ago");
        return format!(
            "{name} runs again after {}; the last was {} ago: {why}",
            counted(int(crash, "restarts"), "restart"),
            times::span(ago)
        );
    }
    if yes(crash, "init") {
        return format!("{name} cannot start: init container {} fails: {why}", text(crash, "container"));
    }
    let container = if yes(crash, "only") || text(crash, "container") == name {
        String::new()
    } else {
        format!(" (container {})", text(crash, "container"))
    };
    let does = match (yes(crash, "oom") || yes(crash, "probe"), at(crash, "exit").as_i64(), yes(crash, "at_start")) {
        (true, ..) => "is killed again and again",
        (false, Some(0), _) => "ends again and again",
        (false, _, true) => "crashes at start",
        (false, _, false) => "crashes",
    };
    format!("{name}{container} {does}: {why}")
}

fn by_hand(crash: &Value) -> String {
    let (kind, name) = (text(crash, "kind"), text(crash, "workload"));
    let of = if ["deployment", "statefulset", "daemonset", "replicaset", "job"].contains(&kind) {
        format!("{kind}/{name}")
    } else {
        text(crash, "pod").to_string()
    };
    let container = if yes(crash, "only") { String::new() } else { format!(" -c {}", text(crash, "container")) };
    let previous = if int(crash, "restarts") > 0 { " --previous" } else { "" };
    format!("kubectl logs {of}{container}{previous} -n {}", text(crash, "namespace"))
}

/// The same with `service`: what there is to say on the Service that their log failed to reach. Empty where the log names none.
pub fn with_services(told: &Value, services: &Value, slices: &Value) -> Value {
    let each = all(told).iter().map(|crash| {
        let mut crash = crash.clone();
        let said = on_service(&crash, services, slices);
        if let Some(map) = crash.as_object_mut() {
            map.insert("service".into(), said.into());
        }
        crash
    });
    Value::Array(each.collect())
}

fn on_service(crash: &Value, services: &Value, slices: &Value) -> String {
    let host = text(crash, "log.host");
    if host.is_empty() || services.is_null() {
        return String::new();
    }
    let service = services::service_of(at(crash, "log.host"), services, at(crash, "namespace"));
    let name = text(&service, "metadata.name");
    if service.is_null() {
        // Only a name without a domain can be said to be missing here.
        let local = !host.contains('.') && host != "localhost" && !all(services).is_empty();
        return if local { format!("there is no service {host} in {}", text(crash, "namespace")) } else { String::new() };
    }
    let port = text(crash, "log.port").parse::<i64>().ok();
    let ports: Vec<i64> = items(&service, "spec.ports").iter().map(|p| int(p, "port")).collect();
    if let Some(port) = port.filter(|p| !ports.is_empty() && !ports.contains(p)) {
        let has = ports.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        return format!("service {name} has no port {port}, only {has}");
    }
    let mine = |s: &&Value| {
        at(s, "metadata.labels").get("kubernetes.io/service-name").and_then(Value::as_str) == Some(name)
            && text(s, "metadata.namespace") == text(&service, "metadata.namespace")
    };
    let ready =
        all(slices).iter().filter(mine).flat_map(|s| items(s, "endpoints")).any(|e| at(e, "conditions.ready").as_bool().unwrap_or(true));
    if ready || slices.is_null() { format!("that is service {name}") } else { format!("service {name} has no ready endpoints") }
}

//! Why the API server would not let a controller create a pod.

use super::words::cut;

/// The class of a refusal (`quota`, `policy`, `account`, `webhook`, `priority`, `other`) and its cause in words.
pub fn of(message: &str) -> (&'static str, String) {
    if let Some((_, quota)) = message.split_once("exceeded quota: ") {
        let name = quota.split(',').next().unwrap_or(quota);
        let part = |key: &str| quota.split_once(key).map(|(_, r)| r.split(", ").next().unwrap_or(r)).unwrap_or_default();
        return (
            "quota",
            format!(
                "quota {name} is used up: requested {}, used {}, limited to {}",
                part("requested: "),
                part("used: "),
                part("limited: ")
            ),
        );
    }
    if let Some((_, quota)) = message.split_once("failed quota: ") {
        return ("quota", format!("quota {}", cut(quota, 140)));
    }
    if let Some((_, rest)) = message.split_once("violates PodSecurity ") {
        return ("policy", format!("the namespace's Pod Security level forbids its pods: {}", cut(rest, 140)));
    }
    if let Some((_, rest)) = message.split_once("serviceaccount \"") {
        return ("account", format!("service account {} does not exist", rest.split('"').next().unwrap_or(rest)));
    }
    if let Some((_, rest)) = message.split_once("failed calling webhook \"") {
        return ("webhook", format!("admission webhook {} does not answer", rest.split('"').next().unwrap_or(rest)));
    }
    if let Some((_, rest)) = message.split_once("admission webhook \"") {
        let name = rest.split('"').next().unwrap_or(rest);
        let said = rest.split_once("denied the request: ").map(|(_, s)| s).unwrap_or_default();
        return ("webhook", format!("admission webhook {name} forbids its pods: {}", cut(said, 120)));
    }
    if let Some((_, rest)) = message.split_once("no PriorityClass with name ") {
        return ("priority", format!("priority class {} does not exist", rest.split_whitespace().next().unwrap_or(rest)));
    }
    ("other", cut(message.trim_start_matches("Error creating: "), 160))
}

/// What stands between two marks.
pub fn between<'a>(text: &'a str, from: &str, to: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(from)?;
    rest.split_once(to).map(|(between, _)| between)
}

//! The scheduler's sentence, clause by clause.

use super::words::one_line;

/// `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}. preemption: …` clause by clause.
pub fn clauses(message: &str) -> Vec<String> {
    let message = one_line(message);
    let message = message.split(" preemption:").next().unwrap_or(message);
    // Since 1.34 it says so each time that dynamic resources are on.
    let message = message.split(" no new claims to deallocate").next().unwrap_or(message).trim_end_matches(['.', ',', ' ']);
    let body = match message.split_once(" nodes are available: ") {
        Some((_, body)) => body,
        None => return other(message),
    };
    split(body).iter().map(|clause| in_words(clause)).collect()
}

/// At commas that are in no braces.
fn split(body: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    for c in body.chars() {
        if c == ',' && depth == 0 {
            parts.push(String::new());
            continue;
        }
        if "{(".contains(c) {
            depth += 1;
        } else if "})".contains(c) {
            depth = depth.saturating_sub(1);
        }
        if let Some(last) = parts.last_mut() {
            last.push(c);
        }
    }
    parts.iter().map(|p| p.trim().trim_end_matches('.').to_string()).filter(|p| !p.is_empty()).collect()
}

fn in_words(clause: &str) -> String {
    let (number, rest) = clause.split_once(' ').unwrap_or(("", clause));
    let (number, rest) = if number.parse::<u32>().is_ok() { (number, rest) } else { ("", clause) };
    let rest = rest.trim_start_matches("node(s) ");
    let on = match number {
        "" => String::new(),
        "1" => "1 node ".into(),
        n => format!("{n} nodes "),
    };
    let has = if number == "1" { "has" } else { "have" };
    if let Some(resource) = rest.strip_prefix("Insufficient ") {
        return format!("{on}{has} too little {resource}");
    }
    if let Some((_, taint)) = rest.split_once("taint {") {
        let taint = taint.split('}').next().unwrap_or(taint).trim().trim_end_matches(':').trim();
        return format!("{on}{has} the taint {taint}, which the pod does not tolerate");
    }
    let fixed = [
        (
            "didn't match Pod's node affinity/selector",
            "do not match the pod's node selector or affinity",
            "does not match the pod's node selector or affinity",
        ),
        (
            "didn't match pod anti-affinity rules",
            "already hold a pod it must not stand beside",
            "already holds a pod it must not stand beside",
        ),
        ("didn't match pod affinity rules", "hold no pod it must stand beside", "holds no pod it must stand beside"),
        ("didn't match pod topology spread constraints", "would break its topology spread", "would break its topology spread"),
        ("had untolerated taint(s)", "have taints that the pod does not tolerate", "has taints that the pod does not tolerate"),
        ("were unschedulable", "are cordoned", "is cordoned"),
        ("didn't have free ports", "have no free host port for it", "has no free host port for it"),
        ("had volume node affinity conflict", "cannot reach its volume (another zone)", "cannot reach its volume (another zone)"),
        ("Too many pods", "hold as many pods as they may", "holds as many pods as it may"),
    ];
    for (said, many, one) in fixed {
        if rest.contains(said) {
            return format!("{on}{}", if number == "1" { one } else { many });
        }
    }
    other(clause).into_iter().next().unwrap_or_else(|| clause.to_string())
}

fn other(clause: &str) -> Vec<String> {
    if clause.contains("unbound immediate PersistentVolumeClaims") {
        return vec!["its volume claim is not bound".into()];
    }
    if let Some((_, rest)) = clause.split_once("persistentvolumeclaim \"") {
        let name = rest.split('"').next().unwrap_or(rest);
        return vec![format!(
            "persistentvolumeclaim {name} {}",
            if clause.contains("not found") { "does not exist" } else { "is not usable" }
        )];
    }
    if clause.contains("no nodes available") {
        return vec!["the cluster has no nodes".into()];
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clause_by_clause() {
        let said = clauses(
            "0/6 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 3 node(s) didn't match Pod's node affinity/selector. preemption: 0/6 nodes are available: 6 Preemption is not helpful.",
        );
        assert_eq!(
            said,
            [
                "1 node has too little cpu",
                "2 nodes have the taint node.kubernetes.io/unreachable, which the pod does not tolerate",
                "3 nodes do not match the pod's node selector or affinity"
            ]
        );
        assert_eq!(
            clauses("0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims."),
            ["its volume claim is not bound"]
        );
        assert_eq!(clauses("persistentvolumeclaim \"data\" not found"), ["persistentvolumeclaim data does not exist"]);
    }
}

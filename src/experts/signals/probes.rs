//! The telling part of the kubelet's sentence on a probe.

use super::words::cut;

/// The telling part of the kubelet's sentence on a probe.
pub fn said(message: &str) -> String {
    let (_, said) = message.split_once(": ").unwrap_or(("", message));
    let lower = said.to_lowercase();
    let url = said.split('"').nth(1).map(|u| u.trim_start_matches("http://").trim_start_matches("https://")).unwrap_or_default();
    let path = url.split_once('/').map(|(host, path)| (host, format!("/{path}")));
    if let Some(code) = lower.split("statuscode: ").nth(1) {
        return format!("it answers HTTP {}", code.trim());
    }
    if lower.contains("connection refused") {
        let port = said.split("dial tcp ").nth(1).and_then(|r| r.split(": ").next()).and_then(|a| a.rsplit(':').next()).unwrap_or_default();
        let asked = path.map(|(_, p)| format!(" (asked for {p})")).unwrap_or_default();
        return if port.is_empty() {
            "nothing listens there (connection refused)".into()
        } else {
            format!("nothing listens on port {port}{asked}")
        };
    }
    if lower.contains("deadline exceeded") || lower.contains("timeout") || lower.contains("timed out") {
        return "it does not answer in time".into();
    }
    cut(said, 120)
}

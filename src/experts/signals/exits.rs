//! What an exit code, and the runtime's sentence beside it, tell.

use super::words::cut;

/// What an exit code means, as far as it tells.
pub fn meaning(exit: Option<i64>, reason: &str, message: &str, limit: &str) -> String {
    if reason == "OOMKilled" {
        return if limit.is_empty() { "it runs out of memory".into() } else { format!("it runs out of memory (limit {limit})") };
    }
    if no_command(message) {
        return format!("its command cannot be run: {}", cut(short_start_error(message), 120));
    }
    match exit {
        None => "it ends, and nothing tells how".into(),
        Some(0) => "it ends with exit 0: its work is done, and the pod starts it again".into(),
        Some(126) => "its command is not executable (exit 126)".into(),
        Some(127) => "its command was not found (exit 127)".into(),
        Some(128) => "its command could not be started (exit 128)".into(),
        Some(134) => "it aborts itself (exit 134, SIGABRT)".into(),
        Some(137) => "it is killed from outside (exit 137, SIGKILL): memory of the node, a probe, or by hand".into(),
        Some(139) => "it crashes with a segmentation fault (exit 139)".into(),
        Some(143) => "it is asked to end (exit 143, SIGTERM)".into(),
        Some(code) => format!("it ends with exit {code}"),
    }
}

/// Whether the runtime says that the command itself is at fault.
pub fn no_command(message: &str) -> bool {
    ["executable file not found", "no such file or directory", "permission denied", "exec format error"].iter().any(|w| message.contains(w))
        && (message.contains("exec") || message.contains("starting container"))
}

/// The telling end of `failed to create containerd task: … exec: "x": executable file not found in $PATH: unknown`.
pub fn short_start_error(message: &str) -> &str {
    let from = message.rfind("exec: ").unwrap_or(0);
    message[from..].trim_end_matches(": unknown")
}

//! Credential plugins: the program that a kubeconfig's user names, run with a time limit and an end.
//!
//! Run here and not by `kube`, which has no time limit, cannot stop a plugin that hangs, and runs it while the client is built.
//! Protocol: <https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins>.

use crate::problem::{Problem, Sort};
use base64::Engine as _;
use jiff::Timestamp;
use kube::config::{AuthInfo, ExecConfig, ExecInteractiveMode};
use serde::Deserialize;
use serde_json::json;
use std::{process::Stdio, time::Duration};
use tokio::process::Command;

/// How long a plugin may take that cannot ask anybody, where nobody said.
pub(super) const PATIENCE: Duration = Duration::from_secs(60);
/// How long it may take where a person may have to answer it, in a browser perhaps.
const PATIENCE_WITH_A_PERSON: Duration = Duration::from_secs(300);

#[derive(Deserialize)]
struct Credential {
    status: Option<Status>,
}
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Status {
    expiration_timestamp: Option<String>,
    token: Option<String>,
    client_certificate_data: Option<String>,
    client_key_data: Option<String>,
}

/// Runs the user's plugin, if it has one that counts, and puts what it gives in its place. Gives when that runs out.
pub(super) async fn log_in(auth: &mut AuthInfo, interactive: bool, patience: Option<Duration>) -> Result<Option<Timestamp>, Problem> {
    // What a kubeconfig holds itself comes before a plugin.
    let settled = auth.token.is_some() || auth.token_file.is_some() || auth.auth_provider.is_some() || auth.username.is_some();
    let Some(exec) = auth.exec.take().filter(|_| !settled) else { return Ok(None) };
    let name = exec.command.clone().unwrap_or_default();
    let interactive = interactive && exec.interactive_mode != Some(ExecInteractiveMode::Never);
    let patience = if interactive { PATIENCE_WITH_A_PERSON } else { patience.unwrap_or(PATIENCE) };
    let output = run(&exec, &name, interactive, patience).await?;
    let garbled = || {
        problem(format!("the credential plugin {name} printed no credentials"))
            .hint("run it by hand: it has to print an ExecCredential in JSON")
    };
    let status = serde_json::from_slice::<Credential>(&output).ok().and_then(|c| c.status).ok_or_else(garbled)?;
    match (status.client_certificate_data, status.client_key_data) {
        (Some(certificate), Some(key)) => {
            let base64 = &base64::engine::general_purpose::STANDARD;
            auth.client_certificate_data = Some(base64.encode(certificate));
            auth.client_key_data = Some(base64.encode(key).into());
            auth.token = status.token.map(Into::into);
        }
        (Some(_), None) | (None, Some(_)) => return Err(garbled()),
        (None, None) => auth.token = Some(status.token.filter(|t| !t.is_empty()).ok_or_else(garbled)?.into()),
    }
    // An end that cannot be read counts as none: the 401 at the end will do.
    Ok(status.expiration_timestamp.and_then(|t| t.parse().ok()))
}

fn problem(sentence: String) -> Problem {
    Problem::new(Sort::Unreachable, sentence)
}

async fn run(exec: &ExecConfig, name: &str, interactive: bool, patience: Duration) -> Result<Vec<u8>, Problem> {
    if name.is_empty() {
        return Err(problem("the kubeconfig's user has a credential plugin without a command".into()));
    }
    let mut info = json!({"kind": "ExecCredential", "apiVersion": exec.api_version, "spec": {"interactive": interactive}});
    if exec.provide_cluster_info {
        info["spec"]["cluster"] = serde_json::to_value(&exec.cluster).unwrap_or_default();
    }
    let mut command = Command::new(name);
    command
        .args(exec.args.iter().flatten())
        .envs(exec.env.iter().flatten().filter_map(|e| Some((e.get("name")?, e.get("value")?))))
        .env("KUBERNETES_EXEC_INFO", info.to_string())
        .stdin(if interactive { Stdio::inherit() } else { Stdio::null() })
        .stderr(if interactive { Stdio::inherit() } else { Stdio::piped() })
        .stdout(Stdio::piped())
        .kill_on_drop(true);
    let child = command.spawn().map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => problem(format!("the credential plugin {name} is not installed (not found on PATH)"))
            .hint(exec.install_hint.clone().unwrap_or_default().trim()),
        _ => problem(format!("the credential plugin {name} cannot be started: {e}")),
    })?;
    let output = match tokio::time::timeout(patience, child.wait_with_output()).await {
        Ok(output) => output.map_err(|e| problem(format!("the credential plugin {name} broke off: {e}")))?,
        Err(_) => {
            let slow = problem(format!("the credential plugin {name} gave no answer within {} s and was stopped", patience.as_secs_f32()));
            return Err(if interactive {
                slow
            } else {
                slow.hint(format!(
                    "it may want to ask something: run it once in a terminal ({name} {})",
                    exec.args.iter().flatten().cloned().collect::<Vec<_>>().join(" ")
                ))
            });
        }
    };
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let last: String = said
        .lines()
        .rev()
        .map(str::trim)
        .find(|l| !l.is_empty())
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(300)
        .collect();
    let why = if last.is_empty() { output.status.to_string() } else { last };
    Err(problem(format!("the credential plugin {name} failed: {why}")))
}

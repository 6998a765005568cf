//! Running it: in an environment of its own, bounded in time and output, out of reach of the terminal's signals.

use super::{arguments, bundle::Bundle, find::Program, own::Own};
use crate::{
    ops::helm::{Errand, Storage},
    problem::{Problem, Sort},
    world::World,
};
use std::{path::Path, process::Stdio, time::Duration};
use tokio::{io::AsyncReadExt as _, process::Command};

/// The most that is taken of what it writes, in bytes: a release and its chart.
const MOST: u64 = 64 << 20;
/// The most of what it says to a person.
const MOST_WORDS: u64 = 256 << 10;
/// What is handed on of the person's environment: the way out of a network that has but one.
const HANDED_ON: &[&str] =
    &["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"];

/// What it left.
pub(super) struct Left {
    pub ok: bool,
    pub out: Vec<u8>,
    /// What it says to a person.
    pub words: String,
}

/// Its version, asked for with nothing at hand.
pub(super) async fn version(path: &Path) -> Result<String, Problem> {
    let mut command = Command::new(path);
    command.args(["version", "--template={{.Version}}"]).env_clear().env("HELM_NO_PLUGINS", "1").env("HOME", "/nonexistent");
    let left = bounded(command, path, Duration::from_secs(20)).await?;
    Ok(String::from_utf8_lossy(&left.out).trim().chars().take(60).collect())
}

/// Runs an errand inside the bundle's folder; `own` is the home it has.
pub(super) async fn run(
    program: &Program,
    own: &Own,
    bundle: &Bundle,
    kubeconfig: Option<&str>,
    errand: &Errand,
    world: &World,
) -> Result<Left, Problem> {
    let mut command = surrounded(program, own, world);
    command.args(arguments::of(errand, bundle)).current_dir(bundle.folder().unwrap_or(own.path()));
    match kubeconfig {
        Some(text) => command.env("KUBECONFIG", own.write(Path::new("kubeconfig"), text.as_bytes())?),
        // One that is not there: none of the person's own is read instead.
        None => command.env("KUBECONFIG", own.path().join("none")),
    };
    let usual = world.var("HELM_DRIVER").filter(|driver| ["configmap", "configmaps"].contains(driver));
    if errand.storage == Storage::ConfigMap || usual.is_some() && errand.recipe().is_some() {
        command.env("HELM_DRIVER", "configmap");
    }
    // Hooks before, what is waited for, hooks behind: each has that long.
    let patience = Duration::from_secs(errand.timeout.saturating_mul(3).saturating_add(60));
    bounded(command, &program.path, patience).await
}

/// Fetches a chart into the folder.
pub(super) async fn pull(program: &Program, own: &Own, words: Vec<String>, world: &World) -> Result<Left, Problem> {
    let mut command = surrounded(program, own, world);
    command.args(words).current_dir(own.path()).env("KUBECONFIG", own.path().join("none"));
    bounded(command, &program.path, Duration::from_secs(120)).await
}

fn surrounded(program: &Program, own: &Own, world: &World) -> Command {
    let mut command = Command::new(&program.path);
    command.env_clear();
    for name in HANDED_ON {
        if let Some(value) = world.var(name) {
            command.env(name, value);
        }
    }
    let home = own.path().join("home");
    for name in [
        "HOME",
        "HELM_CACHE_HOME",
        "HELM_CONFIG_HOME",
        "HELM_DATA_HOME",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "DOCKER_CONFIG",
    ] {
        command.env(name, &home);
    }
    for (name, below) in [
        ("HELM_PLUGINS", "plugins"),
        ("HELM_REGISTRY_CONFIG", "registry.json"),
        ("HELM_REPOSITORY_CONFIG", "repositories.yaml"),
        ("HELM_REPOSITORY_CACHE", "repositories"),
    ] {
        command.env(name, home.join(below));
    }
    command.env("HELM_NO_PLUGINS", "1").env("TMPDIR", own.path());
    command
}

async fn bounded(mut command: Command, path: &Path, patience: Duration) -> Result<Left, Problem> {
    // In a process group of its own a Ctrl-C at the terminal does not reach it: a change is not broken off in the middle.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).process_group(0);
    let shown = path.display();
    let mut child = command.spawn().map_err(|e| Problem::failed(format!("{shown} cannot be started: {e}")))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let ran = tokio::time::timeout(patience, async {
        let (mut bytes, mut words) = (Vec::new(), Vec::new());
        let read = async {
            match out {
                Some(out) => out.take(MOST + 1).read_to_end(&mut bytes).await,
                None => Ok(0),
            }
        };
        let heard = async {
            match err {
                Some(err) => err.take(MOST_WORDS).read_to_end(&mut words).await,
                None => Ok(0),
            }
        };
        let (read, heard) = tokio::join!(read, heard);
        read?;
        heard?;
        child.wait().await.map(|status| (status, bytes, words))
    });
    match ran.await {
        Ok(Ok((_, bytes, _))) if bytes.len() as u64 > MOST => Err(Problem::failed(format!("{shown} writes more than 64 MiB"))),
        Ok(Ok((status, out, words))) => Ok(Left { ok: status.success(), out, words: String::from_utf8_lossy(&words).into_owned() }),
        Ok(Err(e)) => Err(Problem::failed(format!("{shown} broke off: {e}"))),
        Err(_) => {
            let sentence = format!("{shown} did not end within {} s and was stopped", patience.as_secs());
            Err(Problem::new(Sort::OutcomeUnknown, sentence))
        }
    }
}

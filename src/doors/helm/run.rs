//! Running it in an environment of its own.

use super::{arguments, bundle::Bundle, find::Program};
use crate::{
    doors::program::{Left, Own, bounded},
    ops::helm::{Errand, Storage},
    problem::Problem,
    world::World,
};
use std::{path::Path, time::Duration};
use tokio::process::Command;

/// What is handed on of the person's environment: the way out of a network that has but one.
const HANDED_ON: &[&str] =
    &["HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "https_proxy", "http_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"];

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

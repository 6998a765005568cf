//! The door to kustomize: the one place that builds a kustomization.
//!
//! Owns: finding the program that builds (`kubectl kustomize`, else `kustomize build`), the look at all kustomizations before it runs
//! ([`walk`]), the surroundings it runs in, and that no Secret's value stands in what it says when it fails.
//! Does not own: what the documents mean (ops), who may have one built (vet).
//! Invariants: no shell; no flag but the folder; nothing that is named in a kustomization is fetched or run; no plugin, no chart, no git.

mod walk;

use super::{
    files,
    program::{self, Own, bounded},
};
use crate::{ops::Documents, problem::Problem, world::World};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use tokio::process::Command;

/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(60);
/// The most that is told of why it would not.
const MOST_TOLD: usize = 1_200;
/// Where nothing listens: what would be fetched all the same does not come.
const NOWHERE: &str = "http://127.0.0.1:9";

/// A program that builds kustomizations, and its word for that.
#[derive(Debug)]
struct Program {
    path: PathBuf,
    verb: &'static str,
}

/// The documents that the kustomization in a folder is built to.
///
/// # Errors
/// A sentence: no program, no kustomization, something in it that is not on this machine or would run a program, or kustomize's own reason.
pub(super) async fn built(folder: &str, world: &World) -> Result<Documents, Problem> {
    let program = found(world)?;
    let at = world.work_dir.as_deref().map_or_else(|| PathBuf::from(folder), |here| here.join(folder));
    let root = at.clone();
    let walked = tokio::task::spawn_blocking(move || walk::walked(&root)).await;
    let secrets = walked.map_err(|_| Problem::failed(format!("reading {folder} broke off")))??;
    let own = Own::make(world, "kustomize")?;
    let left = bounded(surrounded(&program, &own, &at), &program.path, PATIENCE).await?;
    if !left.ok {
        return Err(Problem::failed(format!("kustomize says of {folder}: {}", told(&left.words, &secrets))));
    }
    let documents = files::parse(&format!("what {folder} is built to"), &left.out)?;
    // A line of what was built stands in no file of the person's.
    Ok(Documents { texts: Vec::new(), ..documents })
}

/// The program that is named, or the first on the PATH; kubectl before kustomize, as a person has it with the cluster.
fn found(world: &World) -> Result<Program, Problem> {
    const KUBECTL: &str = "kustomize";
    const KUSTOMIZE: &str = "build";
    for (variable, verb) in [("AIOPS_KUSTOMIZE", KUSTOMIZE), ("AIOPS_KUBECTL", KUBECTL)] {
        if let Some(path) = program::named(world, variable)? {
            return Ok(Program { path, verb });
        }
    }
    let on_path = [("kubectl", KUBECTL), ("kustomize", KUSTOMIZE)];
    let found = on_path.into_iter().find_map(|(name, verb)| program::on_path(world, name).map(|path| Program { path, verb }));
    found.ok_or_else(|| {
        Problem::failed("a kustomization is built by kubectl or kustomize, and neither is on the PATH")
            .hint("install one (https://kubernetes.io/docs/tasks/tools), or name it by AIOPS_KUBECTL or AIOPS_KUSTOMIZE")
    })
}

fn surrounded(program: &Program, own: &Own, at: &Path) -> Command {
    let mut command = Command::new(&program.path);
    command.env_clear().arg(program.verb).arg("--").arg(at).current_dir(own.path());
    for name in ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "KUSTOMIZE_PLUGIN_HOME"] {
        command.env(name, own.path().join("home"));
    }
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        command.env(name, NOWHERE);
    }
    // Without a PATH it finds no git, and no program that a kustomization names.
    command.env("PATH", "").env("KUBECONFIG", own.path().join("none")).env("KUBERC", "off").env("TMPDIR", own.path());
    command
}

/// Why it would not, in its own words, without what its secrets are made from.
fn told(words: &str, secrets: &[String]) -> String {
    let mut words = words.trim().trim_start_matches("Error: ").trim_start_matches("error: ").to_string();
    for secret in secrets {
        words = words.replace(secret.as_str(), "<redacted>");
    }
    match words.trim() {
        "" => "nothing".into(),
        words => words.chars().take(MOST_TOLD).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn world(home: &Path, env: &[(&str, &str)]) -> World {
        let env = env.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect();
        let mut world = World::fixed(jiff::Timestamp::UNIX_EPOCH, home.into());
        world.env = std::sync::Arc::new(env);
        world
    }

    fn program(folder: &Path, name: &str, text: &str) -> PathBuf {
        std::fs::create_dir_all(folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn the_program_that_is_named_comes_first_and_none_is_taken_from_where_one_stands() {
        let home = tempfile::tempdir().unwrap();
        let (a, b) = (home.path().join("a"), home.path().join("b"));
        let kustomize = program(&a, "kustomize", "");
        let kubectl = program(&b, "kubectl", "");
        let path = format!("relative:{}:{}", a.display(), b.display());
        let found_in = |env: &[(&str, &str)]| found(&world(home.path(), env)).map(|program| (program.path, program.verb));
        assert_eq!(found_in(&[("PATH", &path)]).unwrap(), (kubectl.clone(), "kustomize"));
        let named = kustomize.to_str().unwrap();
        assert_eq!(found_in(&[("PATH", &path), ("AIOPS_KUSTOMIZE", named)]).unwrap(), (kustomize, "build"));
        assert!(found_in(&[("AIOPS_KUBECTL", "kubectl")]).unwrap_err().hints[0].contains("whole path"));
        assert!(found_in(&[("PATH", "relative")]).unwrap_err().hints[0].contains("install one"));
    }

    #[tokio::test]
    async fn it_runs_with_nothing_of_the_persons_and_its_reason_has_no_secret() {
        let home = tempfile::tempdir().unwrap();
        let log = home.path().join("log");
        let text = format!(
            "#!/bin/sh\n{{ for word in \"$@\"; do echo \"arg $word\"; done; /usr/bin/env; }} >{}\necho 'Error: invalid literal hunter2' >&2\nexit 1\n",
            log.display()
        );
        let kubectl = program(&home.path().join("bin"), "kubectl", &text);
        let base = home.path().join("-base");
        std::fs::create_dir(&base).unwrap();
        std::fs::write(base.join("kustomization.yaml"), "secretGenerator: [{name: a, literals: [k=hunter2]}]").unwrap();
        let world = world(home.path(), &[("AIOPS_KUBECTL", kubectl.to_str().unwrap()), ("LD_PRELOAD", "/evil.so"), ("PATH", "/usr/bin")]);
        let why = built("-base", &world).await.unwrap_err();
        assert_eq!(why.sentence, "kustomize says of -base: invalid literal <redacted>");
        let said = std::fs::read_to_string(&log).unwrap();
        assert!(said.starts_with(&format!("arg kustomize\narg --\narg {}\n", base.display())), "{said}");
        for gone in ["LD_PRELOAD", "/usr/bin\n", "AIOPS_KUBECTL"] {
            assert!(!said.contains(gone), "{gone}: {said}");
        }
        assert!(std::fs::read_dir(home.path().join("state/kustomize")).unwrap().next().is_none());
    }
}

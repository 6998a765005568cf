//! Settings in layers: defaults < `config.toml` < environment < flags, ending in one validated [`Config`].
//!
//! Owns: what can be set and where it may come from. Does not own: what a policy means (vet): here it is only text.
//! Invariants: an unknown key is an error with its line; a file that cannot be read forbids changes and lets reads go on.

use crate::{
    problem::{Problem, Sort},
    terms::duration::GoDuration,
    world::World,
};
use serde::Deserialize;
use std::{path::PathBuf, time::Duration};

/// What is in force.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// Every change is forbidden.
    pub read_only: bool,
    /// No model is asked.
    pub offline: bool,
    /// How long to wait until a change holds.
    pub patience: Duration,
    /// The model, if one is set.
    pub model: ModelConfig,
    /// Why the file could not be read, if it could not: changes are forbidden then.
    pub unreadable: Option<String>,
    /// The policy files there are, the person's own first.
    pub policies: Vec<PolicyFile>,
}

/// A policy file. What stands in it is for vet to understand.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyFile {
    /// Whether it is the person's own, and not the project's.
    pub own: bool,
    /// Where it is.
    pub path: PathBuf,
    /// Its text, or why it could not be read.
    pub text: Result<String, String>,
}

/// Which model to ask.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ModelConfig {
    /// `OPENAI_BASE_URL`: an OpenAI-compatible endpoint.
    pub base_url: Option<String>,
    /// `AIOPS_MODEL`.
    pub name: Option<String>,
    /// How much of the cluster it is shown: `names`, `status`, `logs`.
    pub sharing: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct File {
    read_only: Option<bool>,
    offline: Option<bool>,
    patience: Option<String>,
    #[serde(default)]
    model: ModelFile,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct ModelFile {
    base_url: Option<String>,
    name: Option<String>,
    sharing: Option<String>,
}

impl Config {
    /// The settings of this world, flags still aside. Never fails: what could not be read is in [`Config::unreadable`].
    pub fn of(world: &World) -> Config {
        let path = path(world);
        let (file, mut unreadable) = match std::fs::read_to_string(&path) {
            Ok(text) => match toml::from_str::<File>(&text) {
                Ok(file) => (file, None),
                Err(e) => (File::default(), Some(format!("{}: {}", path.display(), e.to_string().trim().replace('\n', " ")))),
            },
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => (File::default(), None),
            Err(e) => (File::default(), Some(format!("{}: {e}", path.display()))),
        };
        let patience = match file.patience.as_deref().map(duration) {
            None => Duration::from_secs(300),
            Some(Ok(patience)) => patience,
            Some(Err(problem)) => {
                unreadable.get_or_insert(format!("{}: patience: {}", path.display(), problem.sentence));
                Duration::from_secs(300)
            }
        };
        let env = |name: &str| world.var(name).map(str::to_string);
        Config {
            read_only: file.read_only.unwrap_or(false),
            offline: file.offline.unwrap_or(false),
            patience,
            model: ModelConfig {
                base_url: env("OPENAI_BASE_URL").or(file.model.base_url),
                name: env("AIOPS_MODEL").or(file.model.name),
                sharing: file.model.sharing,
            },
            unreadable,
            policies: policies(world),
        }
    }
}

/// The person's own policy, and the one of the folder they work in: the nearest `.aiops/policy.toml` there or above.
fn policies(world: &World) -> Vec<PolicyFile> {
    let read = |own: bool, path: PathBuf| match std::fs::read_to_string(&path) {
        Err(e) if [std::io::ErrorKind::NotFound, std::io::ErrorKind::NotADirectory].contains(&e.kind()) => None,
        text => Some(PolicyFile { own, path, text: text.map_err(|e| e.to_string()) }),
    };
    let mine = read(true, world.config_dir.join("policy.toml"));
    let above = world.work_dir.as_deref().into_iter().flat_map(|folder| folder.ancestors());
    let project = above.into_iter().find_map(|folder| read(false, folder.join(".aiops").join("policy.toml")));
    mine.into_iter().chain(project).collect()
}

/// Where the file is looked for.
pub fn path(world: &World) -> PathBuf {
    world.config_dir.join("config.toml")
}

/// `90s`, `5m`, `1h30m`; a bare number is seconds, as kubectl has it.
///
/// # Errors
/// [`Problem`] with sort `Usage`.
pub fn duration(text: &str) -> Result<Duration, Problem> {
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok(Duration::from_secs(seconds));
    }
    let parsed = text.parse::<GoDuration>().ok().and_then(GoDuration::to_std);
    parsed.ok_or_else(|| Problem::new(Sort::Usage, format!("{text:?} is no length of time")).hint("for example: 30s, 5m, 1h30m"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Config {
        let home = tempfile::tempdir().unwrap();
        let world = World::fixed(jiff::Timestamp::UNIX_EPOCH, home.path().into());
        std::fs::create_dir_all(&world.config_dir).unwrap();
        std::fs::write(path(&world), text).unwrap();
        Config::of(&world)
    }

    #[test]
    fn the_nearest_project_s_policy_counts() {
        let home = tempfile::tempdir().unwrap();
        let mut world = World::fixed(jiff::Timestamp::UNIX_EPOCH, home.path().into());
        let below = home.path().join("a/b");
        std::fs::create_dir_all(home.path().join("a/.aiops")).unwrap();
        std::fs::create_dir_all(&below).unwrap();
        std::fs::create_dir_all(&world.config_dir).unwrap();
        std::fs::write(home.path().join("a/.aiops/policy.toml"), "project").unwrap();
        std::fs::write(world.config_dir.join("policy.toml"), b"\xff").unwrap();
        world.work_dir = Some(below);
        let policies = Config::of(&world).policies;
        assert!(policies[0].own && policies[0].text.is_err(), "what is no text is not taken for none");
        assert_eq!((policies[1].own, &policies[1].text), (false, &Ok("project".to_string())));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_told_with_its_line() {
        assert_eq!(with("read_only = true\npatience = \"90s\"").patience, Duration::from_secs(90));
        for bad in ["read_only = maybe", "readonly = true", "patience = \"soon\"", "[model]\nkey = \"x\""] {
            assert!(with(bad).unreadable.is_some(), "{bad}");
        }
        assert!(with("readonly = true").unreadable.unwrap().contains("line 1"));
    }
}

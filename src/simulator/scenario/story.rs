//! `scenario.yaml` and `scripts.yaml`, as they are read.
use super::Scenario;
use crate::{
    simulator::{Match, Script, manifest},
    terms::duration::GoDuration,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use std::time::Duration;

/// A scenario that cannot be told: where, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct Broken {
    pub place: String,
    pub why: String,
}

const HEAD: &str = "scenario.yaml";
pub(super) const SCRIPTS: &str = "scripts.yaml";

/// `scenario.yaml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    about: String,
    namespace: String,
    past: Vec<Step>,
}

/// One step of a past; what is not told happens of itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Step {
    /// Time passes: `48h`, `10m`.
    Wait(String),
    /// The objects of a file are created, or merged into those that are there.
    Apply(String),
    /// The objects of a file are deleted.
    Delete(String),
    /// Status and events that nobody here writes are put down as they were on a real cluster.
    Record(String),
    /// Containers that start from here on play the scripts of a file.
    Play(String),
    /// The kubelet of a node says and does nothing more.
    Silence(String),
}

/// A scenario that was read.
#[derive(Debug)]
pub(super) struct Story {
    pub(super) scenario: Scenario,
    pub(super) about: String,
    pub(super) namespace: String,
    /// What happens, and how long after the beginning.
    pub(super) past: Vec<(Duration, Step)>,
    pub(super) length: Duration,
}

impl Story {
    pub(super) fn of(scenario: Scenario) -> Result<Self, Broken> {
        let place = format!("scenarios/{}/{HEAD}", scenario.name());
        let text = scenario.file(HEAD).ok_or_else(|| broken(&place, "is not there"))?;
        let head: Head = read(&place, text)?;
        let (mut past, mut length) = (Vec::new(), Duration::ZERO);
        for step in head.past {
            match step {
                Step::Wait(time) => {
                    let time = time.parse::<GoDuration>().map_err(|e| broken(&place, e))?;
                    length += time.to_std().unwrap_or_default();
                }
                Step::Apply(_) | Step::Delete(_) | Step::Record(_) | Step::Play(_) | Step::Silence(_) => past.push((length, step)),
            }
        }
        Ok(Story { scenario, about: head.about, namespace: head.namespace, past, length })
    }

    /// The scripts of one of its files, most particular first; only [`SCRIPTS`] may be absent.
    pub(super) fn scripts(&self, file: &str) -> Result<Vec<(Match, Script)>, Broken> {
        match self.scenario.file(file) {
            Some(text) => read_scripts(&format!("scenarios/{}/{file}", self.scenario.name()), text),
            None if file == SCRIPTS => Ok(Vec::new()),
            None => Err(self.broken(file, "is not there")),
        }
    }

    /// The objects of one of its files.
    pub(super) fn objects(&self, file: &str) -> Result<Vec<Value>, Broken> {
        let text = self.scenario.file(file).ok_or_else(|| self.broken(file, "is not there"))?;
        manifest::all(text).map_err(|e| self.broken(file, e))
    }

    pub(super) fn broken(&self, file: &str, why: impl ToString) -> Broken {
        broken(&format!("scenarios/{}/{file}", self.scenario.name()), why)
    }
}

/// The scripts of every cluster: tags that people try when they want to see a rollout fail.
pub(super) fn common() -> Result<Vec<(Match, Script)>, Broken> {
    super::FOLDERS
        .get_file(SCRIPTS)
        .and_then(|f| f.contents_utf8())
        .map_or(Ok(Vec::new()), |text| read_scripts("scenarios/scripts.yaml", text))
}

fn read_scripts(place: &str, text: &str) -> Result<Vec<(Match, Script)>, Broken> {
    Script::from_yaml(text).map_err(|why| broken(place, why))
}

fn broken(place: &str, why: impl ToString) -> Broken {
    Broken { place: place.to_owned(), why: why.to_string() }
}

fn read<T: DeserializeOwned>(place: &str, text: &str) -> Result<T, Broken> {
    serde_saphyr::from_str(text).map_err(|e| broken(place, e))
}

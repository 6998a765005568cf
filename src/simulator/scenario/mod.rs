//! Clusters to start with: each a folder of `scenarios/`, built in, with manifests, scripts for what runs in them, and the past that led to today.
//!
//! Owns: the registry of these folders, their format (`scenarios/README.md`), and playing their past. Does not own: what comes of it (controllers, kubelet).
//! Invariants: a scenario's namespaced objects are in its own namespace, and its scripts fit pods of that namespace only, so that any of them start together.
mod past;
mod story;

pub use story::Broken;

use super::{Settings, Simulator};
use include_dir::{Dir, include_dir};
use story::Story;

static FOLDERS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");
/// The example application, which scenarios may apply as `example/FILE`.
static EXAMPLE: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/examples/todo-chatbot/k8s");

/// The scenario that a demo starts with when none is named.
pub const DEFAULT: &str = "todo-chatbot";

/// One folder of `scenarios/`.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    folder: &'static Dir<'static>,
}

impl Scenario {
    /// Every scenario, in order of name.
    pub fn all() -> impl Iterator<Item = Scenario> {
        FOLDERS.dirs().map(|folder| Scenario { folder })
    }

    /// The scenario of a name.
    pub fn find(name: &str) -> Option<Self> {
        Scenario::all().find(|s| s.name() == name)
    }

    /// The name users give: the folder's.
    pub fn name(self) -> &'static str {
        self.folder.path().to_str().unwrap_or_default()
    }

    /// What its operator sees, in one line.
    ///
    /// # Errors
    /// As [`Scenario::namespace`].
    pub fn about(self) -> Result<String, Broken> {
        Ok(Story::of(self)?.about)
    }

    /// The namespace its workloads are in.
    ///
    /// # Errors
    /// A `scenario.yaml` that is absent or cannot be read.
    pub fn namespace(self) -> Result<String, Broken> {
        Ok(Story::of(self)?.namespace)
    }

    /// The text of one of its files; `example/FILE` is one of the example application's.
    pub fn file(self, name: &str) -> Option<&'static str> {
        let file = match name.strip_prefix("example/") {
            Some(name) => EXAMPLE.get_file(name),
            None => self.folder.get_file(self.folder.path().join(name)),
        };
        file?.contents_utf8()
    }

    /// Starts it alone; see [`start`].
    ///
    /// # Errors
    /// As [`start`].
    pub fn start(self, settings: Settings) -> Result<Simulator, Broken> {
        start(&[self], settings)
    }
}

/// One cluster with all of these in it. Their past has happened already when this returns, so that the first look sees a settled cluster.
///
/// # Errors
/// A file that is absent or cannot be read, or an object that is refused; the sentence names scenario and file.
pub fn start(scenarios: &[Scenario], settings: Settings) -> Result<Simulator, Broken> {
    let stories = scenarios.iter().map(|s| Story::of(*s)).collect::<Result<Vec<_>, _>>()?;
    past::play(&stories, settings)
}

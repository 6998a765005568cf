//! What the program takes from its surroundings: clock, ids, folders, environment, width. Handed in, so that nothing else asks.

use jiff::Timestamp;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// The surroundings. Cheap to clone; two clones share clock and ids.
#[derive(Clone)]
pub struct World {
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    ids: Arc<dyn Fn() -> String + Send + Sync>,
    /// The environment as it was at the start.
    pub env: Arc<BTreeMap<String, String>>,
    /// Where settings are read: `$XDG_CONFIG_HOME/aiops`.
    pub config_dir: PathBuf,
    /// Where the journal lives: `$XDG_STATE_HOME/aiops`.
    pub state_dir: PathBuf,
    /// Where one works: the project's policy is looked for there and above. `None` where there is no such folder any more.
    pub work_dir: Option<PathBuf>,
    /// Columns of the terminal; 100 where there is none.
    pub width: u16,
    /// Who is at the keyboard, as the system names them.
    pub user: String,
    /// Where manifests may come from besides files.
    pub sources: Sources,
}

/// Where manifests may come from besides files; nothing, unless the person said so when the program was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sources {
    /// Something is piped in that is no list of requests.
    pub piped: bool,
    /// Addresses in private networks.
    pub private_hosts: bool,
}

impl World {
    /// The real surroundings.
    ///
    /// # Errors
    /// A sentence where no home folder can be found.
    pub fn of_this_machine() -> Result<World, crate::problem::Problem> {
        use etcetera::BaseStrategy as _;
        let dirs = etcetera::base_strategy::Xdg::new().map_err(|e| {
            crate::problem::Problem::failed(format!("no home folder was found: {e}"))
                .hint("set HOME, or XDG_CONFIG_HOME and XDG_STATE_HOME")
        })?;
        let env: BTreeMap<String, String> =
            std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))).collect();
        let user = env.get("USER").or_else(|| env.get("LOGNAME")).cloned().unwrap_or_else(|| "unknown".into());
        Ok(World {
            clock: Arc::new(Timestamp::now),
            ids: Arc::new(|| uuid::Uuid::now_v7().to_string()),
            env: Arc::new(env),
            config_dir: dirs.config_dir().join("aiops"),
            state_dir: dirs.state_dir().unwrap_or_else(|| dirs.data_dir()).join("aiops"),
            work_dir: std::env::current_dir().ok(),
            width: 100,
            user,
            sources: Sources::default(),
        })
    }

    /// A made-up world for tests: a clock that stands at `at`, ids that count, folders below `home`, an empty environment.
    pub fn fixed(at: Timestamp, home: PathBuf) -> World {
        let count = AtomicU64::new(0);
        World {
            clock: Arc::new(move || at),
            ids: Arc::new(move || format!("0199-{:04}", count.fetch_add(1, Ordering::Relaxed) + 1)),
            env: Arc::new(BTreeMap::new()),
            config_dir: home.join("config"),
            state_dir: home.join("state"),
            work_dir: Some(home),
            width: 100,
            user: "tester".into(),
            sources: Sources::default(),
        }
    }

    /// The same world with another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> World {
        self.clock = Arc::new(clock);
        self
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// A new id, later ones sorting after earlier ones.
    pub fn id(&self) -> String {
        (self.ids)()
    }

    /// One variable of the environment; empty counts as absent.
    pub fn var(&self, name: &str) -> Option<&str> {
        self.env.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }
}

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World").field("config_dir", &self.config_dir).field("state_dir", &self.state_dir).finish_non_exhaustive()
    }
}

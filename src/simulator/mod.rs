//! A Kubernetes API server in memory: what `aiops demo` runs on, and what tests stand on.
//!
//! Owns: objects and their versions, the HTTP answers a client gets for them, the controllers and the kubelet that bring them to life, time in it,
//! and the scenarios it can start with. Does not own: clients, listeners, anything of the assistant. It speaks HTTP and names nothing of ours but `terms`.
//!
//! Invariants: everything happens under one lock, and nothing waits while it holds it; every write a client makes passes admission; the same seed,
//! clock and requests give the same cluster; what it cannot do it refuses in words (501). An idle cluster does no work.
mod admit;
mod agenda;
mod api;
mod cluster;
mod container;
mod controllers;
mod decode;
pub mod dump;
mod entropy;
mod ground;
mod json;
mod kubelet;
mod manifest;
mod owners;
mod rbac;
mod refusal;
mod registry;
pub mod scenario;
mod serving;
mod store;

pub use api::access::Deny;
pub use kubelet::script::{Answers, Behaviour, Match, Need, Probes, Script, Stops, Tick, Usage, When};
pub use refusal::Refusal;
pub use serving::serve;

use cluster::Cluster;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::Key;
use tokio::sync::{Notify, watch};

/// A clock that is read from outside.
pub type Now = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Where a cluster's time comes from.
#[derive(Clone)]
pub enum Clock {
    /// Stands still until [`Simulator::step`].
    Virtual(Timestamp),
    /// Follows a clock.
    Real(Now),
}

/// What a new cluster is made from.
#[derive(Clone)]
pub struct Settings {
    pub clock: Clock,
    /// Names and uids come from it.
    pub seed: u64,
}

impl Settings {
    /// A cluster whose time stands still at this moment until it is stepped.
    pub fn still_at(time: Timestamp) -> Self {
        Settings { clock: Clock::Virtual(time), seed: 1 }
    }

    /// A cluster that follows a clock.
    pub fn following(now: Now) -> Self {
        Settings { clock: Clock::Real(now), seed: 1 }
    }
}

/// The built-in cluster. Clones are the same cluster.
#[derive(Clone)]
pub struct Simulator {
    inner: Arc<Inner>,
}

struct Inner {
    cluster: Mutex<Cluster>,
    clock: Mutex<Clock>,
    /// The newest version, for those who wait for one.
    changed: watch::Sender<u64>,
    /// The agenda may have an earlier entry now.
    stirred: Notify,
}

/// The longest that [`Simulator::run`] sleeps when nothing is due.
const LONGEST_NAP: Duration = Duration::from_secs(3600);

impl Simulator {
    /// A new cluster with three nodes and the namespaces of the system.
    ///
    /// # Errors
    /// Only if the objects every cluster has were refused by this one.
    pub fn new(settings: Settings) -> Result<Self, Refusal> {
        let now = match &settings.clock {
            Clock::Virtual(time) => *time,
            Clock::Real(now) => now(),
        };
        Self::begun_at(settings, now)
    }

    /// A new cluster whose history began at `then`; a following clock takes over at the first request.
    pub(crate) fn begun_at(settings: Settings, then: Timestamp) -> Result<Self, Refusal> {
        let mut cluster = Cluster::new(then, settings.seed);
        ground::lay(&mut cluster)?;
        Ok(Self::of(cluster, settings.clock))
    }

    fn of(cluster: Cluster, clock: Clock) -> Self {
        let (changed, _) = watch::channel(cluster.store.version());
        Simulator { inner: Arc::new(Inner { cluster: Mutex::new(cluster), clock: Mutex::new(clock), changed, stirred: Notify::new() }) }
    }

    /// The API server, ready to be given requests (`kube::Client::new(simulator.router(), "default")`) or served on a listener.
    pub fn router(&self) -> axum::Router {
        let simulator = self.clone();
        axum::Router::new().fallback(move |request| api::handle(simulator.clone(), request))
    }

    /// Creates every object of a YAML stream, in its order; one that is there already is replaced.
    ///
    /// # Errors
    /// YAML that cannot be read, a kind that is not served, or an object that is refused. What came before it stays.
    pub fn load_yaml(&self, text: &str) -> Result<(), Refusal> {
        let objects = manifest::all(text).map_err(|why| Refusal::bad_request(why.to_string()))?;
        objects.into_iter().try_for_each(|object| self.put(object).map(drop))
    }

    /// Creates or replaces one object; without a namespace it goes into `default`. Gives it as stored.
    ///
    /// # Errors
    /// A kind that is not served, or an object that is refused.
    pub fn put(&self, object: Value) -> Result<Value, Refusal> {
        self.with(|cluster| {
            let resource = cluster.registry.of_object(&object).ok_or_else(Refusal::no_such_path)?;
            let (kind, namespaced) = (resource.id, resource.namespaced);
            let namespace = match json::text(&object, "/metadata/namespace") {
                "" if namespaced => "default".to_owned(),
                given => given.to_owned(),
            };
            let key = Key::new(kind, if namespaced { &namespace } else { "" }, json::text(&object, "/metadata/name"));
            // What comes with its managers keeps them.
            let managed = !cluster.controllers || object.pointer("/metadata/managedFields").is_some();
            cluster.writer = (!managed).then(|| owners::Writer::new("kubectl-create", ""));
            if cluster.store.stored(&key).is_some() {
                cluster.update(&key, object, admit::Part::Main, false)
            } else {
                cluster.create(kind, &namespace, object, false)
            }
        })
    }

    /// Tells the kubelets what containers do that `which` fits. A later script goes before an earlier one; pods that run already go on as they are.
    pub fn script(&self, which: Match, script: Script) {
        self.with(|cluster| cluster.kubelet.learn(which, script));
    }

    /// Forbids something: requests for it get 403, reviews say no.
    pub fn deny(&self, deny: Deny) {
        self.with(|cluster| cluster.denied.push(deny));
    }

    /// Whether the controllers and kubelets work. Off, objects stay as they are put, status included (dumps).
    pub fn set_controllers(&self, on: bool) {
        self.with(|cluster| cluster.controllers = on);
    }

    /// The time in the cluster.
    pub fn now(&self) -> Timestamp {
        self.with(|cluster| cluster.now)
    }

    /// Lets time pass in a cluster whose clock stands still; what was due in between has happened in its order. A following clock is not moved.
    pub fn step(&self, by: Duration) {
        {
            let mut clock = self.inner.clock.lock().unwrap_or_else(PoisonError::into_inner);
            if let Clock::Virtual(time) = &mut *clock {
                let by = SignedDuration::try_from(by).unwrap_or(SignedDuration::MAX);
                *time = time.saturating_add(by).unwrap_or(*time);
            }
        }
        self.with(|_| ());
    }

    /// Gives the cluster another clock, from now on.
    pub(crate) fn follow(&self, clock: Clock) {
        *self.inner.clock.lock().unwrap_or_else(PoisonError::into_inner) = clock;
        self.with(|_| ());
    }

    /// Keeps a cluster that follows a clock moving, so that watches hear of what time brings. Never ends; sleeps while nothing is due.
    pub async fn run(&self) {
        loop {
            let stirred = self.inner.stirred.notified();
            let (now, next) = self.with(|cluster| (cluster.now, cluster.agenda.next_time()));
            let nap =
                next.map_or(LONGEST_NAP, |next| Duration::try_from(next.duration_since(now)).unwrap_or(Duration::ZERO).min(LONGEST_NAP));
            tokio::select! {
                () = tokio::time::sleep(nap.max(Duration::from_millis(1))) => {}
                () = stirred => {}
            }
        }
    }

    /// Works on the cluster: first what is due is done, then the work, then what the controllers make of it.
    pub(in crate::simulator) fn with<R>(&self, work: impl FnOnce(&mut Cluster) -> R) -> R {
        let clock = self.inner.clock.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let time = match clock {
            Clock::Virtual(time) => time,
            Clock::Real(now) => now(),
        };
        let mut cluster = self.lock();
        cluster.advance(time);
        let next = cluster.agenda.next_time();
        let result = work(&mut cluster);
        cluster.advance(time);
        let version = cluster.store.version();
        let stirs = cluster.agenda.next_time() != next;
        drop(cluster);
        self.inner.changed.send_if_modified(|known| std::mem::replace(known, version) != version);
        if stirs {
            self.inner.stirred.notify_waiters();
        }
        result
    }

    fn lock(&self) -> MutexGuard<'_, Cluster> {
        // A panic in one request leaves objects that are each whole; the cluster goes on.
        self.inner.cluster.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn subscribe(&self) -> watch::Receiver<u64> {
        self.inner.changed.subscribe()
    }
}

impl fmt::Debug for Simulator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Simulator").finish_non_exhaustive()
    }
}

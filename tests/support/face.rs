//! A person at the one-shot face, on any cluster: requests in, text and exit codes out.

use super::wire::Wire;
use aiops::{
    doors::{
        cluster::{Cluster, Connect, Identity},
        model::Model,
    },
    drive::{self, Link},
    experts::playbook::Library,
    faces::{
        args::Global,
        headless::{Headless, Paint},
        say::Here,
    },
    ops::{Call, Kind, Name, Namespace, Target},
    road::{
        RunId,
        approve::{Answer, Given},
        execute::Manner,
        plan::{Scope, from_model::Sharing},
        vet::Policy,
    },
    session::{Effect, Event, ModelSettings, Session, Settings, Tell},
    simulator::{self, Simulator},
    world::World,
};
use serde_json::Value;
use std::{
    collections::VecDeque,
    io::Write,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

/// One cluster and one person's home; several requests share both.
pub struct Person {
    pub cluster: Cluster,
    pub world: World,
    home: tempfile::TempDir,
    _life: Option<tokio::task::JoinHandle<()>>,
}

/// What came of requests.
#[derive(Debug)]
pub struct Heard {
    pub code: u8,
    pub text: String,
}

#[derive(Clone, Default)]
struct Ear(Arc<Mutex<Vec<u8>>>);

impl Write for Ear {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Requests that take longer hang: every wait of the program is bounded.
const HANGS: Duration = Duration::from_secs(300);

/// The real cluster's kubeconfig, where one is given; says in words when it is not.
pub fn real_kubeconfig(test: &str) -> Option<PathBuf> {
    match std::env::var_os("AIOPS_TEST_KUBECONFIG") {
        Some(path) if !path.is_empty() => Some(path.into()),
        Some(_) | None => {
            eprintln!("{test}: skipped on the real cluster: AIOPS_TEST_KUBECONFIG is not set (tests/cluster/up prints one)");
            None
        }
    }
}

impl Person {
    /// On an empty built-in cluster whose time goes thirty times as fast.
    pub async fn on_built_in() -> Person {
        Person::over_a_wire().await.0
    }

    /// The same, with the cluster to reach into from behind, and a wire in between that can be made to misbehave.
    pub async fn over_a_wire() -> (Person, Simulator, Wire) {
        provider();
        let began = Instant::now();
        let base = jiff::Timestamp::now();
        let clock = move || base + jiff::SignedDuration::try_from(began.elapsed() * 30).unwrap();
        let simulator = Simulator::new(simulator::Settings::following(Arc::new(clock))).unwrap();
        let living = simulator.clone();
        let life = tokio::spawn(async move { living.run().await });
        let identity = Identity {
            context: "built-in".into(),
            server: "built-in".into(),
            user: "tester".into(),
            namespace: "default".parse().unwrap(),
            cluster_uid: None,
        };
        let wire = Wire::default();
        let mut person = Person::of(Cluster::over(wire.to(simulator.router()), identity));
        person._life = Some(life);
        (person, simulator, wire)
    }

    /// On the real one.
    pub async fn on_real(kubeconfig: PathBuf) -> Person {
        provider();
        let connect = Connect { kubeconfig: Some(kubeconfig), ..Connect::default() };
        let world = World::of_this_machine().unwrap();
        Person::of(Cluster::connect(&connect, &world).await.unwrap())
    }

    /// On an empty built-in cluster that other programs reach too, over a loopback port.
    pub async fn on_served() -> (Person, PathBuf) {
        provider();
        let began = Instant::now();
        let base = jiff::Timestamp::now();
        let clock = move || base + jiff::SignedDuration::try_from(began.elapsed() * 30).unwrap();
        let simulator = Simulator::new(simulator::Settings::following(Arc::new(clock))).unwrap();
        let living = simulator.clone();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = simulator.router();
        let life = tokio::spawn(async move {
            let served = simulator::serve(listener, router, std::future::pending());
            let (_, served) = tokio::join!(living.run(), served);
            served.unwrap();
        });
        let home = tempfile::tempdir().unwrap().keep();
        let kubeconfig = home.join("kubeconfig");
        let text = format!(
            "apiVersion: v1\nkind: Config\ncurrent-context: here\nclusters:\n- name: c\n  cluster: {{server: \"http://{address}\"}}\n\
             contexts:\n- name: here\n  context: {{cluster: c, user: u}}\nusers:\n- name: u\n  user: {{}}\n"
        );
        std::fs::write(&kubeconfig, text).unwrap();
        let mut person = Person::on_real(kubeconfig.clone()).await;
        person._life = Some(life);
        (person, kubeconfig)
    }

    /// The same person with this in their environment.
    #[must_use]
    pub fn with_env(mut self, name: &str, value: &str) -> Person {
        let mut env = (*self.world.env).clone();
        env.insert(name.into(), value.into());
        self.world.env = Arc::new(env);
        self
    }

    /// On any cluster.
    pub fn of(cluster: Cluster) -> Person {
        let home = tempfile::tempdir().unwrap();
        let mut world = World::of_this_machine().unwrap();
        // Nothing is asked of a model that the developer's own environment names.
        let ours = |name: &String| !name.starts_with("OPENAI_") && !name.starts_with("AIOPS_");
        world.env = Arc::new(world.env.iter().filter(|(name, _)| ours(name)).map(|(k, v)| (k.clone(), v.clone())).collect());
        world.state_dir = home.path().join("state");
        world.config_dir = home.path().join("config");
        Person { cluster, world, home, _life: None }
    }

    /// Somebody else on the same cluster, with a journal of their own.
    pub fn another(&self) -> Person {
        Person::of(self.cluster.clone())
    }

    /// The same person with a model at that address.
    #[must_use]
    pub fn with_model(mut self, base: &str) -> Person {
        let vars = [("OPENAI_BASE_URL", base), ("AIOPS_MODEL", "scripted"), ("OPENAI_API_KEY", "sk-testkey")];
        let mut env = (*self.world.env).clone();
        env.extend(vars.iter().map(|(k, v)| ((*k).to_string(), (*v).to_string())));
        self.world.env = Arc::new(env);
        self
    }

    /// Says these, one after the other, in a namespace, answering yes to what may be answered so.
    pub async fn says(&self, namespace: &str, requests: &[&str]) -> Heard {
        self.says_with(namespace, requests, Global { yes: true, ..Global::default() }).await
    }

    /// One request after the other in one session, whatever comes of them: what each said.
    pub async fn talks(&self, namespace: &str, turns: &[&str], flags: Global) -> Vec<String> {
        let (mut face, ear) = self.face(namespace, flags);
        let mut heard = Vec::with_capacity(turns.len());
        for turn in turns {
            face.request(turn).await;
            heard.push(String::from_utf8(std::mem::take(&mut *ear.0.lock().unwrap())).unwrap());
        }
        heard
    }

    /// One request after the other in one session, with a person's yes to every question (a name, where one is asked for): what each told.
    pub async fn agrees(&self, namespace: &str, turns: &[&str]) -> Vec<Vec<Tell>> {
        let (face, _) = self.face(namespace, Global::default());
        let Headless { mut session, mut drive, mut inbox, world, .. } = face;
        let mut all = Vec::new();
        for turn in turns {
            let (mut told, mut over) = (Vec::new(), false);
            let asked = Event::Asked { run: RunId::new(world.id()), text: (*turn).to_string() };
            let mut events = VecDeque::from([asked]);
            while !over || !events.is_empty() {
                let event = match events.pop_front() {
                    Some(event) => event,
                    None => tokio::time::timeout(HANGS, inbox.recv()).await.unwrap_or_else(|_| panic!("{turn:?} hangs: {told:?}")).unwrap(),
                };
                for effect in session.step(event, world.now()) {
                    match drive.carry(effect) {
                        Some(Effect::Tell(tell)) => told.push(tell),
                        Some(Effect::Ask(card)) => {
                            let given = card.name_to_type.clone().map_or(Given::Yes, Given::Typed);
                            events.push_back(Event::Answered(Answer { to: card.preview.clone(), given }));
                        }
                        Some(Effect::Over { .. }) => over = true,
                        Some(_) | None => {}
                    }
                }
            }
            all.push(told);
        }
        all
    }

    /// The same with other flags.
    pub async fn says_with(&self, namespace: &str, requests: &[&str], flags: Global) -> Heard {
        let (mut face, ear) = self.face(namespace, flags);
        let requests: Vec<String> = requests.iter().map(|r| (*r).to_string()).collect();
        let code = tokio::time::timeout(HANGS, face.requests(&requests)).await;
        let text = String::from_utf8(ear.0.lock().unwrap().clone()).unwrap();
        let code = code.unwrap_or_else(|_| panic!("{requests:?} did not come to an end in {HANGS:?}; said until then: {text}"));
        Heard { code, text }
    }

    fn face(&self, namespace: &str, flags: Global) -> (Headless<Ear>, Ear) {
        let ear = Ear::default();
        let policy = Policy::built_in(flags.read_only);
        let manner = Manner {
            patience: Duration::from_secs(60),
            pause: Duration::from_millis(100),
            follow: flags.request_timeout.as_deref().map(|t| aiops::config::duration(t).unwrap()),
        };
        let (drive, inbox) = drive::start(Link::ready(self.cluster.clone()), policy.clone(), self.world.clone(), manner);
        let model = if flags.offline { None } else { Model::from_world(&self.world) };
        let shown = model.as_ref().map(|m| ModelSettings { host: m.host().to_string(), sharing: Sharing::Logs });
        let drive = drive.with_model(model);
        let wishes = drive.lends();
        let scope = Scope { namespace: namespace.parse().unwrap(), last: None, everywhere: flags.all_namespaces, cluster: true };
        let session = Session::new(Settings { policy, scope, playbooks: Library::built_in(), model: shown });
        let face = Headless {
            session,
            drive,
            inbox,
            world: self.world.clone(),
            here: Here { context: self.cluster.identity().context.clone() },
            out: Paint::new(ear.clone(), false),
            wishes,
            lively: false,
            flags: Global { output: flags.output, ..flags },
        };
        (face, ear)
    }

    /// One request, its results as JSON.
    pub async fn json(&self, namespace: &str, request: &str) -> Value {
        let flags = Global { yes: true, output: aiops::faces::args::Form::Json, ..Global::default() };
        let heard = self.says_with(namespace, &[request], flags).await;
        serde_json::from_str(&heard.text).unwrap_or_else(|e| panic!("{e}: {}", heard.text))
    }

    /// An object as it is now; `None` where there is none.
    pub async fn object(&self, kind: &str, name: &str, namespace: &str) -> Option<Value> {
        let target = Target::new(Kind::find(kind).unwrap(), Name::new(name).unwrap()).unwrap().in_namespace(Namespace::new(namespace).ok());
        let call = Call::get(&target);
        self.cluster.gather(&[aiops::facts::Need::Look(call.clone())]).await.look(&call).into_known()
    }

    /// Makes the objects of a manifest, in this namespace, and waits until they hold.
    pub async fn applies(&self, namespace: &str, manifest: &str) {
        let file = self.home.path().join(format!("{namespace}.yaml"));
        std::fs::write(&file, manifest).unwrap();
        let heard = self.says(namespace, &[&format!("kubectl apply --server-side -f {}", file.display())]).await;
        assert_eq!(heard.code, 0, "{}", heard.text);
    }

    /// Where the person's own files lie.
    pub fn home(&self) -> &std::path::Path {
        self.home.path()
    }

    /// Writes a file into the person's home and gives its path.
    pub fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A fresh namespace.
    pub async fn namespace(&self, name: &str) {
        let heard = self.says("default", &[&format!("kubectl create namespace {name}")]).await;
        assert_eq!(heard.code, 0, "{}", heard.text);
    }

    /// The journal's folder.
    pub fn journal(&self) -> PathBuf {
        self.world.state_dir.join("journal/journal.jsonl")
    }
}

pub fn provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

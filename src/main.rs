//! Arguments to a [`World`] to a face; the only place that ends the process.

use aiops::{
    config::{self, Config},
    doors::{
        cluster::{Cluster, Connect, Identity},
        files,
        model::Model,
    },
    drive::{self, Link},
    experts::{
        audit::{Judge, Judged},
        depends, diagnose,
        playbook::Library,
        subject, timeline,
    },
    faces::{
        args::{AccountArgs, AuditArgs, Cli, Command, ConfigCommand, DiagnoseArgs, Form, Global, PlaybookCommand},
        headless::{self, Asks, Headless, Paint},
        say::{self, Here},
        tui,
    },
    facts::snapshot::{Ref, Snapshot},
    ops::{Namespace, argv},
    problem::{Problem, Sort},
    road::{
        execute::Manner,
        plan::{Scope, from_model::Sharing},
        vet::{Circumstances, Layer, Policy, Whose},
    },
    session::{ModelSettings, Session, Settings, Teller, within},
    simulator::{
        self, Simulator,
        dump::Dump,
        scenario::{self, Scenario},
    },
    terms::since::Since,
    world::World,
};
use clap::{CommandFactory as _, Parser as _};
use std::{
    io::{IsTerminal as _, Read as _},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

/// Requests from a pipe are read up to this many bytes.
const MOST_PIPED: u64 = 1 << 20;

/// Whether what goes there may be coloured.
fn colour(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let form = cli.global.output;
    match run(cli, colour(std::io::stdout().is_terminal())) {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            let code = problem.sort.exit_code();
            if form == Form::Json {
                let told = serde_json::json!({"exit": code, "results": [{"problem": problem}]});
                Paint::new(std::io::stdout(), false).json(&told.to_string());
            } else {
                Paint::new(std::io::stderr(), colour(std::io::stderr().is_terminal())).lines(&say::problem(&problem, 100));
            }
            ExitCode::from(code)
        }
    }
}

fn run(cli: Cli, colour: bool) -> Result<u8, Problem> {
    let mut world = World::of_this_machine()?;
    if let Some((columns, _)) = columns() {
        world.width = columns.clamp(40, 160);
    }
    let config = Config::of(&world);
    let flags = cli.global;
    world.sources.private_hosts = flags.allow_private_hosts;
    let out = || Paint::new(std::io::BufWriter::new(std::io::stdout()), colour);
    let audits = match &cli.command {
        Some(Command::Audit(_)) => true,
        Some(Command::Demo { request, .. }) => request.first().is_some_and(|word| word == "audit"),
        Some(_) | None => false,
    };
    if matches!(flags.output, Form::Sarif | Form::Junit) && !audits {
        return Err(Problem::new(Sort::Usage, "only an audit is written as SARIF or JUnit").hint("aiops audit -o sarif"));
    }
    match cli.command {
        Some(Command::Plan { text, batch, explain }) => {
            let (policy, scope) = (policy(&config, &flags, flags.context.as_deref()), scope(&flags, None)?);
            let now = world.now();
            match batch {
                true => headless::plan_batch(&scope.namespace, &policy, now, &mut std::io::stdin().lock(), &mut std::io::stdout().lock()),
                false => headless::plan(&text.join(" "), &scope, &policy, now, (flags.output, explain), &mut out()),
            }
        }
        Some(Command::Journal { what }) => headless::journal(&what, &world, flags.output, &mut out()),
        Some(Command::Config { what: ConfigCommand::Policy { what } }) => {
            let context = runtime()?.block_on(async { connect(&flags, false)?.identity(&world).await }).ok().map(|i| i.context);
            let context = flags.context.clone().or(context);
            let policy = policy(&config, &flags, context.as_deref());
            let namespace = scope(&flags, None)?.namespace;
            let asked = headless::Asked { policy: &policy, files: &layers(&config), namespace, context, now: world.now() };
            headless::policy(&what, &asked, flags.output, &mut out())
        }
        Some(Command::Playbook { what }) => match headless::playbook(&what, flags.output, &mut out()) {
            Some(done) => done,
            None => run_playbook(&what, &flags, &config, world, colour),
        },
        Some(Command::Diagnose { of, watch, every, account }) => {
            run_looking(&Looking::diagnosis(of, watch, &every, &account)?, &flags, &config, &world, &mut out())
        }
        Some(Command::Audit(what)) => run_looking(&Looking::Audit(what), &flags, &config, &world, &mut out()),
        Some(Command::Find(find)) => on_a_cluster(vec![find.request()], &flags, &config, world, colour),
        Some(Command::WhoCan { words, subresource }) => {
            let part = subresource.map_or_else(String::new, |part| argv::quoted(&format!("--subresource={part}")));
            let words: Vec<String> = words.iter().map(|word| argv::quoted(word)).collect();
            on_a_cluster(vec![format!("aiops who-can {} {part}", words.join(" "))], &flags, &config, world, colour)
        }
        Some(Command::Undo { list: true, .. }) => headless::undoable(&world, flags.output, &mut out()),
        Some(Command::Undo { run, list: false }) => {
            let connect = connect(&flags, std::io::stdin().is_terminal())?;
            runtime()?.block_on(async {
                let cluster = Cluster::connect(&connect, &world).await?;
                Ok(face(cluster, &flags, &config, world, colour)?.undo(run).await)
            })
        }
        Some(Command::Demo { list: true, .. }) => list_scenarios(flags.output, &mut out()),
        Some(Command::Demo { request, serve: None, scenario, from: None, list: false })
            if request.first().is_some_and(|w| w == "diagnose" || w == "audit") =>
        {
            demo_looking(&request, &scenario, &flags, &config, &world, &mut out())
        }
        Some(Command::Demo { request, serve, scenario, from, list: false }) => {
            let ground = match from {
                Some(path) => Ground::of_dump(&path, &mut world, flags.output, colour)?,
                None => Ground::of_scenarios(&scenario, &world)?,
            };
            world.sources.piped = !request.is_empty() && !std::io::stdin().is_terminal();
            demo(ground, request, serve, &flags, &config, world, colour)
        }
        None => {
            let requests = if cli.request.is_empty() { piped()? } else { vec![cli.request.join(" ")] };
            if requests.is_empty() && !std::io::stdin().is_terminal() {
                Cli::command().print_help().map_err(|e| Problem::failed(e.to_string()))?;
                return Ok(Sort::Usage.exit_code());
            }
            // What is piped in is a manifest where the request is given as an argument.
            world.sources.piped = !cli.request.is_empty() && !std::io::stdin().is_terminal();
            on_a_cluster(requests, &flags, &config, world, colour)
        }
    }
}

/// Which of the two is asked, and how.
enum Looking {
    /// What is diagnosed, and how long between two looks where it is watched.
    Diagnosis(DiagnoseArgs, Option<Duration>),
    /// Of what an account is given, and which.
    Account(DiagnoseArgs, Teller),
    Audit(AuditArgs),
}

impl Looking {
    fn of(&self) -> (Asks, &DiagnoseArgs) {
        match self {
            Looking::Diagnosis(what, _) | Looking::Account(what, _) => (Asks::Diagnosis, what),
            Looking::Audit(what) => (Asks::Audit, &what.of),
        }
    }
    fn mends(&self) -> bool {
        match self {
            Looking::Audit(what) => what.fix,
            Looking::Diagnosis(..) | Looking::Account(..) => false,
        }
    }
    /// How long between two looks, where more than one is wanted.
    fn watches(&self) -> Option<Duration> {
        match self {
            Looking::Diagnosis(_, every) => *every,
            Looking::Audit(_) | Looking::Account(..) => None,
        }
    }
    /// A diagnosis, once or again and again; or an account.
    fn diagnosis(of: DiagnoseArgs, watch: bool, every: &str, account: &AccountArgs) -> Result<Looking, Problem> {
        let since = match &account.since {
            None => None,
            Some(text) => Some(Since::read(text).ok_or_else(|| {
                Problem::new(Sort::Usage, format!("--since: {text:?} is no time")).hint("for example: 1h, 10:30, yesterday")
            })?),
        };
        if account.depends {
            return Ok(Looking::Account(of, Teller::Depends(depends::Side::Both)));
        }
        if account.timeline || account.changes {
            return Ok(Looking::Account(of, Teller::Timeline(timeline::Span { since, changes: account.changes })));
        }
        if since.is_some() {
            return Err(Problem::new(Sort::Usage, "--since is a timeline's").hint("aiops diagnose --timeline --since 1h"));
        }
        let every = aiops::config::duration(every).map_err(|e| Problem::new(Sort::Usage, format!("--every: {e}")))?;
        Ok(Looking::Diagnosis(of, watch.then_some(every)))
    }
}

/// `aiops diagnose --watch`: all at first, then what appears and what goes away, until Ctrl-C.
async fn watch(
    looking: &Looking,
    every: Duration,
    cluster: Cluster,
    (flags, config): (&Global, &Config),
    world: &World,
    out: &mut Paint<impl std::io::Write>,
) -> Result<u8, Problem> {
    let mut before = None;
    loop {
        let began = world.now();
        let (snapshot, _) = read_snapshot(looking, &cluster, flags, config, world).await?;
        let found = diagnose::diagnose(&snapshot, target(looking, flags, &snapshot)?.as_ref());
        match &before {
            None => {
                headless::diagnosed(&found, millis(world, began), None, flags.output, world.width, out);
            }
            Some(before) => headless::moved(before, &found, world.now(), flags.output, world.width, out),
        }
        before = Some(found);
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            _ = tokio::signal::ctrl_c() => return Ok(0),
        }
    }
}

/// `aiops audit --fix`: what was found is looked at again, and what would mend it takes the road of any change.
async fn mend(
    looking: &Looking,
    cluster: Cluster,
    flags: &Global,
    config: &Config,
    world: &World,
    out: &mut Paint<impl std::io::Write>,
) -> Result<u8, Problem> {
    let Looking::Audit(what) = looking else { return Ok(0) };
    let (snapshot, judged) = read_snapshot(looking, &cluster, flags, config, world).await?;
    let target = target(looking, flags, &snapshot)?;
    let found = headless::audit(what, &snapshot, judged, target.as_ref());
    let (ops, lines) = headless::fixes(&found, target.is_some());
    if flags.output != Form::Json {
        out.lines(&lines);
    }
    if ops.is_empty() {
        return Ok(0);
    }
    let checks: String = what.checks.iter().map(|id| format!(" --check {id}")).collect();
    Ok(face(cluster, flags, config, world.clone(), colour(std::io::stdout().is_terminal()))?
        .mend(&format!("audit --fix{checks}"), ops)
        .await)
}

/// The object or the namespace that is asked about.
fn target(looking: &Looking, flags: &Global, snapshot: &Snapshot) -> Result<Option<Ref>, Problem> {
    let namespace = flags.namespace.as_deref().filter(|_| !flags.all_namespaces);
    if let Some(namespace) = namespace {
        subject::place(namespace, snapshot)?;
    }
    Ok(match (&looking.of().1.target, namespace) {
        (Some(text), _) => Some(subject::target(text, namespace, snapshot)?),
        (None, Some(namespace)) => Some(Ref::new("Namespace", "", namespace)),
        (None, None) => None,
    })
}

/// What was read, and what came of rules of one's own: of none, where a diagnosis is asked for.
type Seen = (Snapshot, Judged);

/// `aiops diagnose` and `aiops audit`: from dumped objects, or from the cluster.
fn run_looking(
    looking: &Looking,
    flags: &Global,
    config: &Config,
    world: &World,
    out: &mut Paint<impl std::io::Write>,
) -> Result<u8, Problem> {
    let (asks, what) = looking.of();
    if let Some(rule) = &what.explain {
        return headless::explained(asks, rule, flags.output, world.width, out);
    }
    let began = world.now();
    if what.from.is_empty() {
        let connect = connect(flags, std::io::stdin().is_terminal())?;
        return runtime()?.block_on(async {
            let cluster = Cluster::connect(&connect, world).await?;
            if looking.mends() {
                return mend(looking, cluster, flags, config, world, out).await;
            }
            if let Some(every) = looking.watches() {
                return watch(looking, every, cluster, (flags, config), world, out).await;
            }
            let seen = read_snapshot(looking, &cluster, flags, config, world).await?;
            let home = Some(cluster.identity().namespace.clone());
            tell_looking(looking, (flags, home), world, began, seen, out)
        });
    }
    let seen = match looking {
        Looking::Diagnosis(..) | Looking::Account(..) => (files::snapshot(&what.from, began)?, Judge::new(Vec::new(), began).finish()),
        Looking::Audit(audit) => {
            let mut judge = headless::judge(audit, &layers(config), began)?;
            let snapshot = files::snapshot_shown(&what.from, began, &mut |api, kind, object| judge.look(api, kind, object))?;
            (snapshot, judge.finish())
        }
    };
    tell_looking(looking, (flags, None), world, began, seen, out)
}

/// The objects that are asked about, and the logs of containers that fail.
async fn read_snapshot(looking: &Looking, cluster: &Cluster, flags: &Global, config: &Config, world: &World) -> Result<Seen, Problem> {
    let named = flags.namespace.as_deref().map(namespace).transpose()?;
    // A target is looked for where one stands; nothing named means everything.
    let scope = match (named, &looking.of().1.target) {
        _ if flags.all_namespaces => None,
        (Some(named), _) => Some(named),
        (None, Some(_)) => Some(cluster.identity().namespace.clone()),
        (None, None) => None,
    };
    // What depends on an object may live in other namespaces than where one stands.
    let scope = match looking {
        Looking::Account(what, teller) => within(*teller, what.target.as_deref(), scope.as_ref()),
        Looking::Diagnosis(..) | Looking::Audit(_) => scope,
    };
    Ok(match looking {
        Looking::Audit(what) => {
            let judge = headless::judge(what, &layers(config), world.now())?;
            drive::audit::read(cluster, scope.as_ref(), judge, !what.rules.is_empty(), world.now()).await
        }
        Looking::Diagnosis(..) | Looking::Account(..) => {
            (drive::diagnose::snapshot(cluster, scope.as_ref(), world.now()).await, Judge::new(Vec::new(), world.now()).finish())
        }
    })
}

/// How long it took since then.
fn millis(world: &World, began: jiff::Timestamp) -> u128 {
    world.now().as_millisecond().saturating_sub(began.as_millisecond()).max(0).unsigned_abs().into()
}

fn tell_looking(
    looking: &Looking,
    (flags, home): (&Global, Option<Namespace>),
    world: &World,
    began: jiff::Timestamp,
    (snapshot, judged): Seen,
    out: &mut Paint<impl std::io::Write>,
) -> Result<u8, Problem> {
    if let Looking::Account(what, teller) = looking {
        let named = flags.namespace.as_deref().filter(|_| !flags.all_namespaces).map(namespace).transpose()?;
        // Where one stands, a name is looked for; what names nothing means everything, as in a diagnosis.
        let home = home.filter(|_| what.target.is_some() && !flags.all_namespaces);
        let asked = drive::recount::Asked { teller: *teller, of: what.target.clone(), namespace: named.or(home), within: None };
        let told = drive::recount::recount(&snapshot, &asked)?;
        return Ok(headless::recounted(&told, flags.output, world.width, out));
    }
    let target = target(looking, flags, &snapshot)?;
    Ok(match looking {
        Looking::Account(..) => 0,
        Looking::Diagnosis(what, _) => {
            let found = diagnose::diagnose(&snapshot, target.as_ref());
            headless::diagnosed(&found, millis(world, began), what.fail_on, flags.output, world.width, out)
        }
        Looking::Audit(what) => {
            let found = headless::audit(what, &snapshot, judged, target.as_ref());
            headless::audited(&found, what, &snapshot.places, millis(world, began), flags.output, world.width, out)
        }
    })
}

/// Requests that come through a pipe, one a line.
fn piped() -> Result<Vec<String>, Problem> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Ok(Vec::new());
    }
    let mut bytes = Vec::new();
    stdin
        .lock()
        .take(MOST_PIPED + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Problem::failed(format!("standard input cannot be read: {e}")))?;
    if bytes.len() as u64 > MOST_PIPED {
        return Err(Problem::new(Sort::Usage, "more than 1 MiB came through the pipe")
            .hint("one request a line; to apply a manifest: aiops \"apply FILE\""));
    }
    let text = String::from_utf8(bytes).map_err(|_| Problem::new(Sort::Usage, "what came through the pipe is no text"))?;
    Ok(text.lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_string).collect())
}

fn connect(flags: &Global, interactive: bool) -> Result<Connect, Problem> {
    Ok(Connect {
        kubeconfig: flags.kubeconfig.clone(),
        context: flags.context.clone(),
        namespace: flags.namespace.as_deref().map(namespace).transpose()?,
        as_user: flags.as_user.clone(),
        as_groups: flags.as_group.clone(),
        request_timeout: flags.request_timeout.as_deref().map(config::duration).transpose()?,
        interactive,
    })
}

fn on_a_cluster(requests: Vec<String>, flags: &Global, config: &Config, world: World, colour: bool) -> Result<u8, Problem> {
    let connect = connect(flags, !requests.is_empty() && std::io::stdin().is_terminal())?;
    let runtime = runtime()?;
    let code = runtime.block_on(async {
        if requests.is_empty() {
            // The kubeconfig says where one stands; the login waits until it is needed.
            let identity = connect.identity(&world).await?;
            let link = Link::later(connect, world.clone());
            return tui(link, &identity, flags, config, world, colour).await;
        }
        // The namespace and the context stand in the kubeconfig: the connection says them, without a request yet.
        let cluster = Cluster::connect(&connect, &world).await?;
        carry(&requests, cluster, flags, config, world, colour).await
    });
    // Not dropped: that would wait for the thread that still listens to the terminal after Ctrl-C at a question.
    runtime.shutdown_background();
    code
}

fn run_playbook(what: &PlaybookCommand, flags: &Global, config: &Config, world: World, colour: bool) -> Result<u8, Problem> {
    let PlaybookCommand::Run { name, subject } = what else { return Ok(0) };
    let connect = connect(flags, std::io::stdin().is_terminal())?;
    runtime()?.block_on(async {
        let cluster = Cluster::connect(&connect, &world).await?;
        let scope = scope(flags, Some(&cluster))?;
        face(cluster, flags, config, world, colour)?.run_playbook(name, subject.as_deref(), &scope).await
    })
}

async fn carry(requests: &[String], cluster: Cluster, flags: &Global, config: &Config, world: World, colour: bool) -> Result<u8, Problem> {
    Ok(face(cluster, flags, config, world, colour)?.requests(requests).await)
}

/// How execution goes about it. A read that goes on ends after `--request-timeout`, as with kubectl.
fn manner(config: &Config, flags: &Global) -> Result<Manner, Problem> {
    let follow = flags.request_timeout.as_deref().map(config::duration).transpose()?.filter(|time| !time.is_zero());
    Ok(Manner { patience: config.patience, follow, ..Manner::default() })
}

/// The one-shot face on a cluster.
fn face(
    cluster: Cluster,
    flags: &Global,
    config: &Config,
    world: World,
    colour: bool,
) -> Result<Headless<impl std::io::Write + use<>>, Problem> {
    let here = Here { context: cluster.identity().context.clone() };
    let scope = scope(flags, Some(&cluster))?;
    let policy = policy(config, flags, Some(&here.context));
    let manner = manner(config, flags)?;
    let (model, shown) = model(config, flags, &world)?;
    let (drive, inbox) = drive::start(Link::ready(cluster), policy.clone(), world.clone(), manner);
    let drive = drive.with_model(model);
    let wishes = drive.lends();
    let session = Session::new(Settings { policy, scope, playbooks: Library::built_in(), model: shown });
    let lively = std::io::stderr().is_terminal();
    let out = Paint::new(std::io::BufWriter::new(std::io::stdout()), colour);
    Ok(Headless { session, drive, inbox, world, flags: flags.clone(), here, out, wishes, lively })
}

/// What a demo stands on.
struct Ground {
    simulator: Simulator,
    /// What stands where a kubeconfig's context would.
    context: String,
    namespace: Namespace,
    /// Whether changes come to anything: the controllers of a dump are off.
    alive: bool,
}

impl Ground {
    fn of_scenarios(names: &[String], world: &World) -> Result<Ground, Problem> {
        let known = |name: &str| {
            Scenario::find(name).ok_or_else(|| Problem::new(Sort::Usage, format!("there is no scenario {name}")).hint("aiops demo --list"))
        };
        let scenarios = match names {
            [] => vec![known(scenario::DEFAULT)?],
            names => names.iter().map(|name| known(name)).collect::<Result<_, _>>()?,
        };
        let clock = world.clone();
        let broken = |e: scenario::Broken| Problem::failed(format!("the built-in cluster did not start: {e}"));
        let simulator = scenario::start(&scenarios, simulator::Settings::following(Arc::new(move || clock.now()))).map_err(broken)?;
        let namespace = namespace(&scenarios[0].namespace().map_err(broken)?)?;
        Ok(Ground { simulator, context: "demo".into(), namespace, alive: true })
    }

    /// The world's clock goes back to when the dump was taken, so that ages are what they were.
    fn of_dump(path: &std::path::Path, world: &mut World, form: Form, colour: bool) -> Result<Ground, Problem> {
        let mut dump = Dump::default();
        files::dump(path, |place, read| match read {
            Ok(bytes) => dump.add(place, &bytes),
            Err(why) => dump.leave_out(place, &why),
        })?;
        let clock = world.clone();
        let loaded = dump.finish(Arc::new(move || clock.now()));
        let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        if loaded.objects == 0 {
            let why = loaded.left_out.first().map_or_else(String::new, |first| format!(": {first}"));
            return Err(Problem::new(Sort::Usage, format!("there is no Kubernetes object in {name}{why}")));
        }
        if form == Form::Text {
            let age = world.now().as_second() - loaded.taken.as_second();
            Paint::new(std::io::stderr(), colour).lines(&say::dump(
                &name,
                loaded.objects,
                &loaded.taken.strftime("%Y-%m-%d %H:%M:%SZ").to_string(),
                age,
                &loaded.left_out,
                100,
            ));
        }
        let of_dump = loaded.simulator.clone();
        *world = world.clone().with_clock(move || of_dump.now());
        Ok(Ground {
            simulator: loaded.simulator,
            context: format!("{name}, a copy in memory"),
            namespace: namespace(&loaded.namespace)?,
            alive: false,
        })
    }
}

fn demo(
    ground: Ground,
    requests: Vec<String>,
    serve: Option<std::net::SocketAddr>,
    flags: &Global,
    config: &Config,
    mut world: World,
    colour: bool,
) -> Result<u8, Problem> {
    let Ground { simulator, context, namespace: home, alive } = ground;
    let mut config = config.clone();
    if !alive {
        config.patience = std::time::Duration::ZERO;
    }
    let config = &config;
    // The demo's runs are no part of the person's own record: they end with the cluster they were made on.
    let folder = tempdir(&world)?;
    world.state_dir.clone_from(&folder.0);
    let mut flags = flags.clone();
    let namespace = namespace(flags.namespace.get_or_insert_with(|| home.to_string()))?;
    let runtime = runtime()?;
    let code = runtime.block_on(async {
        let living = simulator.clone();
        let life = tokio::spawn(async move { living.run().await });
        let result = match serve {
            Some(address) => serve_demo(&simulator, address, namespace, &folder.0, colour).await,
            None => {
                let identity = Identity { context, server: "built-in".into(), user: "demo".into(), namespace, cluster_uid: None };
                let cluster = Cluster::over(simulator.router(), identity.clone());
                if requests.is_empty() {
                    tui(Link::ready(cluster), &identity, &flags, config, world, colour).await
                } else {
                    carry(&requests, cluster, &flags, config, world, colour).await
                }
            }
        };
        life.abort();
        result
    });
    runtime.shutdown_background();
    code
}

/// `aiops demo diagnose [TARGET]`, `aiops demo audit [TARGET]`: the same on the built-in cluster.
fn demo_looking(
    request: &[String],
    scenarios: &[String],
    flags: &Global,
    config: &Config,
    world: &World,
    out: &mut Paint<impl std::io::Write>,
) -> Result<u8, Problem> {
    let words = ["aiops"].into_iter().map(String::from).chain(request.iter().cloned());
    let asked = Cli::try_parse_from(words).map_err(|e| Problem::new(Sort::Usage, e.to_string()))?;
    let looking = match asked.command {
        Some(Command::Diagnose { of, account, .. }) => Looking::diagnosis(of, false, "10s", &account)?,
        Some(Command::Audit(what)) => Looking::Audit(what),
        Some(_) | None => return Err(Problem::new(Sort::Usage, "aiops demo diagnose|audit [TARGET]")),
    };
    let what = looking.of().1;
    if !what.from.is_empty() || what.explain.is_some() {
        return run_looking(&looking, flags, config, world, out);
    }
    let Ground { simulator, context, namespace: home, .. } = Ground::of_scenarios(scenarios, world)?;
    let began = world.now();
    let mut flags = flags.clone();
    flags.namespace = flags.namespace.or(asked.global.namespace);
    let identity = Identity { context, server: "built-in".into(), user: "demo".into(), namespace: home, cluster_uid: None };
    let runtime = runtime()?;
    if looking.mends() {
        // The demo's runs are no part of the person's own record: they end with the cluster they were made on.
        let folder = tempdir(world)?;
        let mut world = world.clone();
        world.state_dir.clone_from(&folder.0);
        let code = runtime.block_on(async {
            let cluster = Cluster::over(simulator.router(), identity);
            let life = tokio::spawn(async move { simulator.run().await });
            let result = mend(&looking, cluster, &flags, config, &world, out).await;
            life.abort();
            result
        });
        runtime.shutdown_background();
        return code;
    }
    let home = Some(identity.namespace.clone());
    let seen = runtime.block_on(async {
        let cluster = Cluster::over(simulator.router(), identity);
        read_snapshot(&looking, &cluster, &flags, config, world).await
    })?;
    tell_looking(&looking, (&flags, home), world, began, seen, out)
}

fn list_scenarios(form: Form, out: &mut Paint<impl std::io::Write>) -> Result<u8, Problem> {
    let mut rows = Vec::new();
    for scenario in Scenario::all() {
        rows.push((scenario.name(), scenario.about().map_err(|e| Problem::failed(e.to_string()))?));
    }
    if form == Form::Json {
        let rows: Vec<_> = rows.iter().map(|(name, about)| serde_json::json!({"name": name, "about": about})).collect();
        out.json(&serde_json::json!(rows).to_string());
        return Ok(0);
    }
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines: Vec<_> = rows.iter().map(|(name, about)| say::Line::plain(format!("{name:width$}  {about}"))).collect();
    out.lines(&lines);
    Ok(0)
}

/// Serves the built-in cluster until Ctrl-C, and says how to talk to it.
async fn serve_demo(
    simulator: &Simulator,
    address: std::net::SocketAddr,
    namespace: Namespace,
    folder: &std::path::Path,
    colour: bool,
) -> Result<u8, Problem> {
    if !address.ip().is_loopback() {
        return Err(Problem::new(
            Sort::Usage,
            format!("{address} is not on loopback: anyone who reaches it could change the built-in cluster"),
        )
        .hint("aiops demo --serve 127.0.0.1:8001"));
    }
    let listener = tokio::net::TcpListener::bind(address).await.map_err(|e| Problem::failed(format!("{address}: {e}")))?;
    let address = listener.local_addr().map_err(|e| Problem::failed(e.to_string()))?;
    let kubeconfig = folder.join("kubeconfig");
    let text = format!(
        "apiVersion: v1\nkind: Config\ncurrent-context: demo\nclusters:\n- name: demo\n  cluster: {{server: \"http://{address}\"}}\ncontexts:\n- name: demo\n  context: {{cluster: demo, user: demo, namespace: {namespace}}}\nusers:\n- name: demo\n  user: {{}}\n"
    );
    write_private(&kubeconfig, &text)?;
    Paint::new(std::io::stdout(), colour).lines(&[
        say::Line::plain(format!("the built-in cluster is at http://{address}; Ctrl-C ends it")),
        say::Line::of(format!("export KUBECONFIG={}", kubeconfig.display()), say::Role::Accent),
    ]);
    simulator::serve(listener, simulator.router(), async {
        // Ctrl-C that cannot be heard leaves the process to be ended from outside.
        let _ = tokio::signal::ctrl_c().await;
    })
    .await
    .map_err(|e| Problem::failed(format!("serving ended: {e}")))?;
    Ok(0)
}

/// A folder of this run's own below the state folder; gone when it is dropped.
struct Own(std::path::PathBuf);

impl Drop for Own {
    fn drop(&mut self) {
        // Left behind, it is a folder nobody reads.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn tempdir(world: &World) -> Result<Own, Problem> {
    use std::os::unix::fs::DirBuilderExt as _;
    let path = world.state_dir.join(format!("demo-{}", world.id()));
    let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&path);
    made.map_err(|e| Problem::failed(format!("{} cannot be made: {e}", path.display())))?;
    Ok(Own(path))
}

fn write_private(path: &std::path::Path, text: &str) -> Result<(), Problem> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let file = std::fs::OpenOptions::new().create_new(true).write(true).mode(0o600).open(path);
    file.and_then(|mut f| f.write_all(text.as_bytes())).map_err(|e| Problem::failed(format!("{} cannot be written: {e}", path.display())))
}

async fn tui(link: Link, identity: &Identity, flags: &Global, config: &Config, world: World, colours: bool) -> Result<u8, Problem> {
    if flags.output == Form::Json {
        return Err(Problem::new(Sort::Usage, "-o json goes with a request").hint("aiops -o json \"get pods\""));
    }
    if flags.to_files.is_some() {
        let hint = "aiops --to-files patches \"scale web to 3\"";
        return Err(Problem::new(Sort::Usage, "--to-files goes with a request").hint(hint));
    }
    let policy = policy(config, flags, Some(&identity.context));
    let (model, talks_to) = model(config, flags, &world)?;
    let shown = tui::Shown {
        context: identity.context.clone(),
        namespace: identity.namespace.to_string(),
        model: talks_to.as_ref().and(config.model.name.clone()),
        read_only: policy.read_only(),
    };
    let scope = Scope { namespace: identity.namespace.clone(), last: None, everywhere: flags.all_namespaces, cluster: true };
    let manner = manner(config, flags)?;
    let (drive, inbox) = drive::start(link, policy.clone(), world.clone(), manner);
    let drive = drive.with_model(model);
    let session = Session::new(Settings { policy, scope, playbooks: Library::built_in(), model: talks_to });
    tui::run(tui::Start { session, drive, inbox, world, shown, colours }).await
}

/// The model that may be asked, and what the brain has to know of it.
fn model(config: &Config, flags: &Global, world: &World) -> Result<(Option<Model>, Option<ModelSettings>), Problem> {
    if flags.offline || config.offline {
        return Ok((None, None));
    }
    let sharing = match (&config.unreadable, config.model.sharing.as_deref()) {
        // What the file would have kept back is not known.
        (Some(_), _) => Sharing::Names,
        (None, None) => Sharing::default(),
        (None, Some(word)) => word.parse().map_err(|e: String| Problem::new(Sort::Usage, format!("model.sharing: {e}")))?,
    };
    let model = Model::set_up(config.model.base_url.as_deref(), config.model.name.as_deref(), world);
    let shown = model.as_ref().map(|m| ModelSettings { host: m.host().to_string(), sharing });
    Ok((model, shown))
}

/// The policy in force, in these circumstances; one that forbids changes where a file of it could not be read.
fn policy(config: &Config, flags: &Global, context: Option<&str>) -> Policy {
    let policy = match &config.unreadable {
        Some(why) => Policy::closed(why.clone()),
        None => Policy::of_layers(&layers(config), config.read_only || flags.read_only).unwrap_or_else(Policy::closed),
    };
    let acting_as = flags.as_user.clone().or_else(|| flags.as_group.first().cloned());
    policy.under(Circumstances { context: context.map(str::to_string), acting_as, reason: flags.reason.clone() })
}

fn layers(config: &Config) -> Vec<Layer> {
    let whose = |own| if own { Whose::User } else { Whose::Project };
    let layer = |p: &config::PolicyFile| Layer { whose: whose(p.own), file: p.path.display().to_string(), text: p.text.clone() };
    config.policies.iter().map(layer).collect()
}

fn scope(flags: &Global, cluster: Option<&Cluster>) -> Result<Scope, Problem> {
    let named = flags.namespace.as_deref().map(namespace).transpose()?;
    let of_cluster = cluster.map(|c| c.identity().namespace.clone());
    let namespace = match named.or(of_cluster) {
        Some(namespace) => namespace,
        None => namespace("default")?,
    };
    Ok(Scope { namespace, last: None, everywhere: flags.all_namespaces, cluster: cluster.is_some() })
}

fn namespace(text: &str) -> Result<Namespace, Problem> {
    Namespace::new(text).map_err(|e| Problem::new(Sort::Usage, e.to_string()))
}

fn runtime() -> Result<tokio::runtime::Runtime, Problem> {
    // A second provider would be a second set of roots and code; every client here uses this one. It is set once, here.
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|e| Problem::failed(format!("no runtime: {e}")))
}

fn columns() -> Option<(u16, u16)> {
    rustix::termios::tcgetwinsize(std::io::stdout()).ok().map(|size| (size.ws_col, size.ws_row)).filter(|(columns, _)| *columns > 0)
}

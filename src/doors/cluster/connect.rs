//! Logging in: from a kubeconfig or a pod's own account to a client, once at the start and again when a login runs out.

use super::{
    Identity, kubeconfig, plugin, proxy,
    send::{Ends, Live},
};
use crate::{
    ops::Namespace,
    problem::{Problem, Sort},
    terms::certificate,
    world::World,
};
use base64::Engine as _;
use jiff::{SignedDuration, Timestamp};
use kube::config::{Config, KubeConfigOptions};
use std::{path::PathBuf, time::Duration};

/// Where a pod finds its account's token.
const TOKEN_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";
/// How long a connection may take to come about; less than an answer may take, so that the two can be told apart.
const CONNECTING: Duration = Duration::from_secs(10);

/// What a person said about where to connect.
#[derive(Debug, Clone, Default)]
pub struct Connect {
    /// `--kubeconfig`; else `KUBECONFIG`, else `~/.kube/config`.
    pub kubeconfig: Option<PathBuf>,
    /// `--context`; else the kubeconfig's current one.
    pub context: Option<String>,
    /// `--namespace`; else the context's, else `default`.
    pub namespace: Option<Namespace>,
    /// `--as`.
    pub as_user: Option<String>,
    /// `--as-group`.
    pub as_groups: Vec<String>,
    /// `--request-timeout`: how long each answer may take; zero for ever, `None` 30 seconds.
    pub request_timeout: Option<Duration>,
    /// Whether a credential plugin may use the terminal to ask something. Never while the TUI has it.
    pub interactive: bool,
}

impl Connect {
    /// Who and where one would be, from the kubeconfig alone: nothing is asked, no credential plugin runs.
    ///
    /// # Errors
    /// As [`super::Cluster::connect`], as far as the kubeconfig goes.
    pub async fn identity(&self, world: &World) -> Result<Identity, Problem> {
        Ok(Login::new(self, world)?.config(self.context.as_deref()).await?.1)
    }
}

/// How to log in, kept for the next time.
pub(super) struct Login {
    connect: Connect,
    world: World,
}

impl Login {
    pub fn new(connect: &Connect, world: &World) -> Result<Login, Problem> {
        if connect.as_user.is_none() && !connect.as_groups.is_empty() {
            return Err(Problem::new(Sort::Usage, "--as-group needs --as as well"));
        }
        Ok(Login { connect: connect.clone(), world: world.clone() })
    }

    /// Whether a login ends within the next half minute.
    pub fn runs_out(&self, at: Timestamp) -> bool {
        self.world.now() + SignedDuration::from_secs(30) >= at
    }

    /// Whether that moment has come.
    pub fn is_past(&self, at: Timestamp) -> bool {
        self.world.now() >= at
    }

    /// What was asked for at the start.
    pub fn asked(&self) -> &Connect {
        &self.connect
    }

    /// The world it was asked in.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The first login: who we are, and a client.
    pub async fn first(&self) -> Result<(Identity, Live), Problem> {
        let (config, identity) = self.config(self.connect.context.as_deref()).await?;
        let (client, ends) = self.client(config).await?;
        Ok((identity, Live::new(client, ends)))
    }

    /// A later one, from the kubeconfig as it is now: another tool may have renewed what stands in it. Context and server stay.
    pub async fn again(&self, identity: &Identity) -> Result<(kube::Client, Ends), Problem> {
        let (config, now) = self.config(Some(&identity.context)).await?;
        same_server(&now, identity)?;
        self.client(config).await
    }

    /// What a program needs to stand where we stand: the configuration, logged in. A credential plugin runs, and may ask nobody.
    pub async fn lent(&self, identity: &Identity) -> Result<Config, Problem> {
        let (mut config, now) = self.config(Some(&identity.context)).await?;
        same_server(&now, identity)?;
        let patience = self.connect.request_timeout.filter(|t| !t.is_zero());
        plugin::log_in(&mut config.auth_info, false, patience).await?;
        Ok(config)
    }

    /// The configuration that the kubeconfig, or a pod's account, gives for a context.
    async fn config(&self, context: Option<&str>) -> Result<(Config, Identity), Problem> {
        let (mut config, mut identity, own_proxy) = match kubeconfig::read(&self.connect, &self.world)? {
            Some((kubeconfig, place)) => self.by_kubeconfig(kubeconfig, place, context).await?,
            None if self.world.var("KUBERNETES_SERVICE_HOST").is_some() && std::path::Path::new(TOKEN_FILE).exists() => {
                let (config, identity) = self.by_account()?;
                (config, identity, None)
            }
            None => return Err(kubeconfig::nowhere(&self.looked_at())),
        };
        if let Some(user) = &self.connect.as_user {
            config.auth_info.impersonate = Some(user.clone());
            config.auth_info.impersonate_groups = (!self.connect.as_groups.is_empty()).then(|| self.connect.as_groups.clone());
        }
        if let Some(user) = &config.auth_info.impersonate {
            identity.user.clone_from(user);
        }
        config.default_retry = false;
        config.connect_timeout = Some(self.connect.request_timeout.filter(|t| !t.is_zero()).map_or(CONNECTING, |t| CONNECTING.min(t / 2)));
        config.proxy_url = proxy::of(&config.cluster_url, own_proxy.as_deref(), &self.world)?;
        config.disable_compression |= proxy::is_near(&config.cluster_url);
        Ok((config, identity))
    }

    async fn by_kubeconfig(
        &self,
        kubeconfig: kube::config::Kubeconfig,
        place: String,
        context: Option<&str>,
    ) -> Result<(Config, Identity, Option<String>), Problem> {
        let connect = Connect { context: context.map(str::to_string), ..self.connect.clone() };
        let chosen = kubeconfig::choose(kubeconfig, place, &connect)?;
        let named =
            chosen.kubeconfig.contexts.iter().find(|c| c.name == chosen.context).and_then(|c| c.context.clone()).unwrap_or_default();
        let cluster = chosen.kubeconfig.clusters.iter().find(|c| c.name == named.cluster).and_then(|c| c.cluster.as_ref());
        let own_proxy = cluster.and_then(|c| c.proxy_url.clone());
        let namespace = match (&connect.namespace, named.namespace.as_deref().filter(|n| !n.is_empty())) {
            (Some(said), _) => said.clone(),
            (None, Some(text)) => namespace(text)?,
            (None, None) => namespace("default")?,
        };
        let options = KubeConfigOptions { context: Some(chosen.context.clone()), ..KubeConfigOptions::default() };
        let config =
            Config::from_custom_kubeconfig(chosen.kubeconfig, &options).await.map_err(|e| kubeconfig::unusable(&chosen.place, e))?;
        let identity = Identity {
            context: chosen.context,
            server: config.cluster_url.to_string().trim_end_matches('/').to_string(),
            user: named.user.unwrap_or_default(),
            namespace,
            cluster_uid: None,
        };
        Ok((config, identity, own_proxy))
    }

    fn by_account(&self) -> Result<(Config, Identity), Problem> {
        let config =
            Config::incluster_env().map_err(|e| Problem::new(Sort::Unreachable, format!("this pod's own account cannot be used: {e}")))?;
        let user = std::fs::read_to_string(TOKEN_FILE).ok().and_then(|t| subject(&t)).unwrap_or_else(|| "this pod's account".into());
        let namespace = match &self.connect.namespace {
            Some(said) => said.clone(),
            None => namespace(config.default_namespace.trim())?,
        };
        let server = config.cluster_url.to_string().trim_end_matches('/').to_string();
        Ok((config, Identity { context: "in-cluster".into(), server, user, namespace, cluster_uid: None }))
    }

    /// Runs the credential plugin if there is one, then builds the client (which reads the system's certificates).
    async fn client(&self, mut config: Config) -> Result<(kube::Client, Ends), Problem> {
        let patience = self.connect.request_timeout.filter(|t| !t.is_zero());
        let expires = plugin::log_in(&mut config.auth_info, self.connect.interactive, patience).await?;
        let (certificate, built) = tokio::task::spawn_blocking(move || (certificate_end(&config), kube::Client::try_from(config)))
            .await
            .map_err(|_| Problem::failed("building the connection broke off"))?;
        Ok((built.map_err(unbuilt)?, Ends { login: expires, certificate }))
    }

    fn looked_at(&self) -> String {
        match (self.world.var("KUBECONFIG"), self.world.var("HOME")) {
            (Some(list), _) => list.to_string(),
            (None, Some(home)) => format!("{home}/.kube/config"),
            (None, None) => String::new(),
        }
    }
}

/// Refuses a kubeconfig that leads elsewhere by now.
fn same_server(now: &Identity, identity: &Identity) -> Result<(), Problem> {
    if now.server == identity.server {
        return Ok(());
    }
    let sentence = format!("the context {} now leads to {} and no longer to {}", identity.context, now.server, identity.server);
    Err(Problem::new(Sort::Unreachable, sentence).hint("start aiops anew to work there"))
}

/// When the user's client certificate ends, if there is one.
fn certificate_end(config: &Config) -> Option<Timestamp> {
    let pem = match (&config.auth_info.client_certificate_data, &config.auth_info.client_certificate) {
        (Some(data), _) => base64::engine::general_purpose::STANDARD.decode(data.trim()).ok()?,
        (None, Some(file)) => std::fs::read(file).ok()?,
        (None, None) => return None,
    };
    certificate::end_of(&pem)
}

fn namespace(text: &str) -> Result<Namespace, Problem> {
    Namespace::new(text).map_err(|e| Problem::new(Sort::Unreachable, format!("the context's namespace: {e}")))
}

/// `system:serviceaccount:NAMESPACE:NAME` out of a token, unverified: it is only shown.
fn subject(token: &str) -> Option<String> {
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.trim().split('.').nth(1)?).ok()?;
    let claims: serde_json::Value = serde_json::from_slice(&claims).ok()?;
    Some(claims.get("sub")?.as_str()?.to_string())
}

fn unbuilt(error: kube::Error) -> Problem {
    use kube::client::AuthError;
    let says = |sentence: String| Problem::new(Sort::Unreachable, sentence);
    match error {
        kube::Error::Auth(AuthError::ReadTokenFile(io, path)) => {
            says(format!("the token file {} that the kubeconfig names cannot be read: {io}", path.display()))
        }
        // Its own words quote what the command printed.
        kube::Error::Auth(AuthError::AuthExecRun { cmd, out }) => says(format!("the credential command {cmd} failed ({})", out.status)),
        kube::Error::InferKubeconfig(e) => kubeconfig::unusable("(client certificate)", e),
        kube::Error::RustlsTls(e) => says(format!("the kubeconfig's certificates cannot be used: {e}"))
            .hint("client-certificate-data and client-key-data have to belong together; certificate-authority-data has to be PEM"),
        kube::Error::ProxyProtocolUnsupported { proxy_url } => {
            says(format!("a proxy of the kind {} is not understood", proxy_url.scheme_str().unwrap_or("?")))
                .hint("http, https and socks5 are")
        }
        other => says(format!("no connection can be set up: {other}")),
    }
}

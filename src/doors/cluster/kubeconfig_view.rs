//! The kubeconfig as it may be shown: which contexts, clusters and users there are, never what they log in with.
//!
//! What is shown is chosen field by field, so that a field nobody thought of stays in.
//! Compare `RedactSecrets` and `ShortenConfig` in `client-go/tools/clientcmd/api/helpers.go`.

use super::{Cluster, kubeconfig, rejection};
use crate::facts::{Rejection, RejectionSort};
use kube::config::{AuthInfo, Kubeconfig};
use serde_json::{Map, Value, json};

/// Stands for certificates where they are not asked for, and for keys always.
const OMITTED: &str = "DATA+OMITTED";
/// Stands for what one logs in with.
const REDACTED: &str = "REDACTED";

impl Cluster {
    /// The kubeconfig that was loaded, as a `v1` Config without credentials; its current context is the one in use. No request is sent.
    /// Where there is none (the built-in cluster, a pod's own account), one that says where we are. `certificates`: as they stand in it.
    pub(super) fn kubeconfig(&self, certificates: bool) -> Result<Vec<u8>, Rejection> {
        let identity = &self.0.identity;
        let read = self.0.login.as_ref().map(|login| kubeconfig::read(login.asked(), login.world())).transpose();
        let read = read.map_err(|problem| rejection::own(RejectionSort::Invalid, problem.sentence))?.flatten();
        let mut view = match read {
            Some((kubeconfig, _)) => shown(&kubeconfig, certificates),
            None => json!({
                "clusters": [{"name": identity.context, "cluster": {"server": without_login(&identity.server)}}],
                "contexts": [{"name": identity.context,
                    "context": {"cluster": identity.context, "namespace": identity.namespace, "user": identity.user}}],
                "users": [{"name": identity.user, "user": {}}],
            }),
        };
        view["apiVersion"] = json!("v1");
        view["kind"] = json!("Config");
        view["preferences"] = json!({});
        view["current-context"] = json!(identity.context);
        Ok(view.to_string().into_bytes())
    }
}

fn shown(kubeconfig: &Kubeconfig, certificates: bool) -> Value {
    let certificate = |data: &Option<String>| data.as_ref().map(|data| if certificates { data.clone() } else { OMITTED.into() });
    let clusters = kubeconfig.clusters.iter().map(|named| {
        let mut map = Map::new();
        if let Some(cluster) = &named.cluster {
            put(&mut map, "server", cluster.server.as_deref().map(without_login));
            put(&mut map, "certificate-authority", cluster.certificate_authority.clone());
            put(&mut map, "certificate-authority-data", certificate(&cluster.certificate_authority_data));
            put(&mut map, "insecure-skip-tls-verify", cluster.insecure_skip_tls_verify.filter(|skips| *skips));
            put(&mut map, "proxy-url", cluster.proxy_url.as_deref().map(without_login));
            put(&mut map, "tls-server-name", cluster.tls_server_name.clone());
        }
        json!({"name": named.name, "cluster": map})
    });
    let contexts = kubeconfig.contexts.iter().map(|named| {
        let mut map = Map::new();
        if let Some(context) = &named.context {
            put(&mut map, "cluster", Some(context.cluster.clone()));
            put(&mut map, "namespace", context.namespace.clone().filter(|ns| !ns.is_empty()));
            put(&mut map, "user", context.user.clone());
        }
        json!({"name": named.name, "context": map})
    });
    let users = kubeconfig.auth_infos.iter().map(|named| {
        let login = named.auth_info.as_ref().map_or_else(Map::new, |user| logs_in_by(user, certificate(&user.client_certificate_data)));
        json!({"name": named.name, "user": login})
    });
    json!({"clusters": clusters.collect::<Vec<_>>(), "contexts": contexts.collect::<Vec<_>>(), "users": users.collect::<Vec<_>>()})
}

/// In which way a user logs in. A certificate is no secret (it is sent to whom one calls); its key is.
fn logs_in_by(user: &AuthInfo, certificate: Option<String>) -> Map<String, Value> {
    let mut map = Map::new();
    put(&mut map, "client-certificate", user.client_certificate.clone());
    put(&mut map, "client-certificate-data", certificate);
    put(&mut map, "client-key", user.client_key.clone());
    put(&mut map, "client-key-data", user.client_key_data.as_ref().map(|_| OMITTED));
    put(&mut map, "username", user.username.clone());
    put(&mut map, "password", user.password.as_ref().map(|_| REDACTED));
    put(&mut map, "token", user.token.as_ref().map(|_| REDACTED));
    put(&mut map, "tokenFile", user.token_file.clone());
    put(&mut map, "as", user.impersonate.clone());
    if let Some(provider) = &user.auth_provider {
        put(&mut map, "auth-provider", Some(json!({"name": provider.name, "config": REDACTED})));
    }
    if let Some(exec) = &user.exec {
        // Arguments and environment of a credential plugin may hold what it logs in with.
        let mut plugin = Map::new();
        put(&mut plugin, "apiVersion", exec.api_version.clone());
        put(&mut plugin, "command", exec.command.clone());
        put(&mut plugin, "args", exec.args.as_ref().map(|_| REDACTED));
        put(&mut plugin, "env", exec.env.as_ref().map(|_| REDACTED));
        put(&mut map, "exec", Some(Value::Object(plugin)));
    }
    map
}

fn put(map: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        map.insert(name.into(), value.into());
    }
}

/// An address without `user:password@`.
fn without_login(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
            let (place, path) = rest.split_at(end);
            format!("{scheme}://{}{path}", place.rsplit('@').next().unwrap_or(place))
        }
        None => address.rsplit('@').next().unwrap_or(address).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_logs_in_with_stays_in() {
        let text = "
apiVersion: v1
kind: Config
current-context: a
clusters: [{name: c, cluster: {server: 'https://u:HIDDEN@host:6443/x', certificate-authority-data: SElEREVO, proxy-url: 'http://me:HIDDEN@proxy'}}]
contexts: [{name: a, context: {cluster: c, user: u, namespace: dev}}]
users:
- name: u
  user: {token: HIDDEN, username: me, password: HIDDEN, client-key-data: SElEREVO, client-certificate-data: U0hPV04=}
- name: plugin
  user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: login, args: [--secret, HIDDEN], env: [{name: A, value: HIDDEN}]}}
- name: old
  user: {auth-provider: {name: oidc, config: {id-token: HIDDEN}}}
";
        let kubeconfig = Kubeconfig::from_yaml(text).unwrap();
        let view = shown(&kubeconfig, false);
        let said = view.to_string();
        assert!(!said.contains("HIDDEN") && !said.contains("SElEREVO") && !said.contains("U0hPV04="), "{said}");
        assert_eq!(view["clusters"][0]["cluster"]["server"], "https://host:6443/x");
        assert_eq!(view["users"][0]["user"]["token"], REDACTED);
        assert_eq!(view["users"][1]["user"]["exec"]["command"], "login");
        assert_eq!(view["contexts"][0]["context"]["namespace"], "dev");
        let raw = shown(&kubeconfig, true);
        assert_eq!(raw["clusters"][0]["cluster"]["certificate-authority-data"], "SElEREVO");
        assert_eq!(raw["users"][0]["user"]["client-certificate-data"], "U0hPV04=");
        assert_eq!((&raw["users"][0]["user"]["client-key-data"], &raw["users"][0]["user"]["token"]), (&json!(OMITTED), &json!(REDACTED)));
        assert!(!raw.to_string().contains("HIDDEN"));
    }
}

//! A kubeconfig for a program that is to work where we work: this one context, logged in, and nothing else.

use super::Cluster;
use crate::problem::{Problem, Sort};
use base64::Engine as _;
use serde_json::{Map, Value, json};

impl Cluster {
    /// The text of such a kubeconfig. It holds what one logs in with: it is written where nobody else reads, and taken away afterwards.
    ///
    /// # Errors
    /// [`Problem`] where there is no address a program could go to (the built-in cluster), or no login that it could take over.
    pub(in crate::doors) async fn lent(&self) -> Result<String, Problem> {
        let Some(login) = &self.0.login else {
            let problem = Problem::new(Sort::Failed, "the built-in cluster is inside aiops, where no other program reaches it");
            return Err(problem.hint("aiops demo --serve ADDRESS opens it to programs on this machine"));
        };
        let identity = &self.0.identity;
        let config = login.lent(identity).await?;
        if config.auth_info.auth_provider.is_some() {
            let sentence = format!("the context {} logs in by an auth-provider, and that cannot be lent to a program", identity.context);
            return Err(Problem::new(Sort::Failed, sentence).hint("run helm by hand, or log in by a credential plugin (exec)"));
        }
        let mut cluster = Map::new();
        cluster.insert("server".into(), json!(identity.server));
        if let Some(certificates) = &config.root_cert {
            let pem: String = certificates.iter().map(|der| pem(der)).collect();
            cluster.insert("certificate-authority-data".into(), json!(base64::engine::general_purpose::STANDARD.encode(pem)));
        }
        if config.accept_invalid_certs {
            cluster.insert("insecure-skip-tls-verify".into(), json!(true));
        }
        if let Some(name) = &config.tls_server_name {
            cluster.insert("tls-server-name".into(), json!(name));
        }
        if let Some(proxy) = &config.proxy_url {
            cluster.insert("proxy-url".into(), json!(proxy.to_string()));
        }
        let user = serde_json::to_value(&config.auth_info).unwrap_or(Value::Null);
        let whole = json!({
            "apiVersion": "v1", "kind": "Config", "current-context": "lent",
            "clusters": [{"name": "lent", "cluster": cluster}],
            "users": [{"name": "lent", "user": user}],
            "contexts": [{"name": "lent", "context": {"cluster": "lent", "user": "lent", "namespace": identity.namespace}}],
        });
        Ok(whole.to_string())
    }
}

/// A certificate as text.
fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<String> = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

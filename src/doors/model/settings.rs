//! Which endpoint, which model, which key: checked without a connection.

use super::wire::ModelTrouble;
use reqwest::Url;
use secrecy::SecretString;
use std::time::Duration;

const OPENAI: &str = "https://api.openai.com/v1";

/// How long each part of a request may take, and how much may come back.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) connect: Duration,
    /// Between two pieces of an answer, keep-alives counted.
    pub(super) idle: Duration,
    pub(super) total: Duration,
    /// Longest pause before the one retry; a server that asks for more is not waited for.
    pub(super) retry: Duration,
    /// Bytes of text and arguments together.
    pub(super) reply: usize,
    /// Bytes on the wire, frames and all.
    pub(super) wire: usize,
    pub(super) calls: usize,
    pub(super) arguments: usize,
    /// Tokens an answer may have.
    pub(super) tokens: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            total: Duration::from_secs(300),
            retry: Duration::from_secs(2),
            reply: 256 * 1024,
            // A frame of one token is some 300 bytes around 4 of text.
            wire: 32 * 1024 * 1024,
            calls: 16,
            arguments: 64 * 1024,
            tokens: 4096,
        }
    }
}

/// An endpoint as it was set up. The key has no Debug and no Display.
#[derive(Clone)]
pub(super) struct Endpoint {
    /// Without a slash at its end.
    pub(super) base: String,
    pub(super) host: String,
    pub(super) model: String,
    pub(super) key: Option<SecretString>,
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The address is left out: a user and a password may stand in it.
        f.debug_struct("Endpoint").field("host", &self.host).field("model", &self.model).finish_non_exhaustive()
    }
}

/// The endpoint that is named: `None` where none is. A key alone names none: it may be there for another program, and
/// nothing of a cluster is sent anywhere that nobody chose.
pub(super) fn endpoint(base: Option<&str>, model: Option<&str>, key: Option<&str>) -> Option<(String, Result<Endpoint, ModelTrouble>)> {
    if base.is_none() && model.is_none() {
        return None;
    }
    let wrong = |what: &str| Err(ModelTrouble::NotConfigured(what.into()));
    let base = base.unwrap_or(OPENAI).trim().trim_end_matches('/');
    let host = match host(base) {
        Some(host) => host,
        None => return Some(("?".into(), wrong("OPENAI_BASE_URL is no http or https address"))),
    };
    let key = key.map(str::trim);
    let endpoint = match (model, key) {
        (None, _) => wrong("AIOPS_MODEL names no model"),
        (Some(_), Some(key)) if key.chars().any(|c| c.is_control() || !c.is_ascii()) => {
            wrong("OPENAI_API_KEY holds characters that no key has")
        }
        (Some(_), None) if base == OPENAI => wrong("OPENAI_API_KEY is not set"),
        (Some(model), key) => Ok(Endpoint {
            base: base.to_string(),
            host: host.clone(),
            model: model.trim().to_string(),
            key: key.map(|k| SecretString::from(k.to_string())),
        }),
    };
    Some((host, endpoint))
}

/// The host as a person is shown it, with what they should know of the way there.
fn host(base: &str) -> Option<String> {
    let url = Url::parse(base).ok()?;
    let name = url.host_str()?;
    let place = match url.port() {
        Some(port) => format!("{name}:{port}"),
        None => name.to_string(),
    };
    match url.scheme() {
        "https" => Some(place),
        "http" if ["localhost", "127.0.0.1", "[::1]"].contains(&name) => Some(place),
        "http" => Some(format!("{place} (not encrypted)")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;
    use std::{collections::BTreeMap, sync::Arc};

    fn world(vars: &[(&str, &str)]) -> World {
        let mut world = World::fixed(jiff::Timestamp::UNIX_EPOCH, std::path::PathBuf::from("/nowhere"));
        world.env = Arc::new(vars.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect::<BTreeMap<String, String>>());
        world
    }

    fn of(world: &World) -> Option<(String, Result<Endpoint, ModelTrouble>)> {
        endpoint(world.var("OPENAI_BASE_URL"), world.var("AIOPS_MODEL"), world.var("OPENAI_API_KEY"))
    }

    #[test]
    fn a_key_alone_names_no_model() {
        assert!(of(&world(&[])).is_none());
        assert!(of(&world(&[("OPENAI_API_KEY", "sk-1")])).is_none());
    }

    #[test]
    fn what_is_missing_is_said() {
        let said = |vars: &[(&str, &str)]| match of(&world(vars)).unwrap().1 {
            Ok(_) => String::new(),
            Err(trouble) => trouble.to_string(),
        };
        assert!(said(&[("OPENAI_BASE_URL", "http://localhost:1")]).contains("AIOPS_MODEL"));
        assert!(said(&[("AIOPS_MODEL", "m")]).contains("OPENAI_API_KEY"));
        assert!(said(&[("OPENAI_BASE_URL", "localhost"), ("AIOPS_MODEL", "m")]).contains("OPENAI_BASE_URL"));
        assert!(said(&[("OPENAI_API_KEY", "sk\n1"), ("AIOPS_MODEL", "m")]).contains("OPENAI_API_KEY"));
        assert_eq!(said(&[("OPENAI_BASE_URL", "http://localhost:1/v1/"), ("AIOPS_MODEL", "m")]), "");
    }

    #[test]
    fn the_host_is_shown_without_what_is_secret_in_the_address() {
        assert_eq!(host("https://me:pass@llm.corp/v1").unwrap(), "llm.corp");
        assert_eq!(host("http://127.0.0.1:11434/v1").unwrap(), "127.0.0.1:11434");
        assert_eq!(host("http://llm.corp:8080").unwrap(), "llm.corp:8080 (not encrypted)");
        assert_eq!(host("file:///etc/passwd"), None);
    }

    #[test]
    fn the_key_is_in_no_debug() {
        let vars = [("OPENAI_API_KEY", "sk-verysecret"), ("AIOPS_MODEL", "m"), ("OPENAI_BASE_URL", "https://u:alsosecret@h/v1")];
        assert!(!format!("{:?}", of(&world(&vars))).contains("secret"));
    }
}

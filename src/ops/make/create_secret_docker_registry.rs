//! `kubectl create secret docker-registry`: who one is to a registry of images.
//!
//! Source: `kubectl/pkg/cmd/create/create_secret_docker.go`.

use super::{
    create_secret::{body, named},
    data::{Data, FileSource, Loaded, as_go_writes, bytes, printed, wanted},
    made::{Makes, dns_name, listed},
};
use crate::ops::{Argv, CannotDo, Contents, DataKey, DnsName, Flag, Kind, Lookup, Misuse, Namespace, Sensitive, Spec};
use base64::Engine as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const TYPE: &str = "kubernetes.io/dockerconfigjson";
const KEY: &str = ".dockerconfigjson";

/// Creates a Secret that lets pods pull images from a registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSecretDockerRegistry {
    /// its name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// the registry's address; left out: Docker Hub
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// the user's name there
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// the password, in the person's own words
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Sensitive>,
    /// an address for mail
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// a file that a person named, such as ~/.docker/config.json, instead of the rest
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileSource>,
    /// put a hash of the data behind the name
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub append_hash: bool,
    /// What was loaded.
    #[serde(skip)]
    pub(super) loaded: Loaded,
}

impl CreateSecretDockerRegistry {
    fn data(&self) -> Result<Data, CannotDo> {
        let key = || DataKey::new(KEY).map_err(|e| CannotDo::new(e.to_string(), ""));
        let mut data = Data::default();
        if !self.files.is_empty() {
            let under_its_key =
                |source: &FileSource| Ok(FileSource { key: Some(source.key.clone().map_or_else(key, Ok)?), ..source.clone() });
            let files = self.files.iter().map(under_its_key).collect::<Result<Vec<_>, CannotDo>>()?;
            data.add_files(&files, &self.loaded)?;
            return Ok(data);
        }
        let (Some(username), Some(password)) = (&self.username, &self.password) else {
            return Err(CannotDo::new("a user and a password are needed, or a file that has them", "--docker-username, --docker-password"));
        };
        let password = String::from_utf8(bytes(password)?).map_err(|_| CannotDo::new("the password is no text", ""))?;
        // The order of the fields and what is left out are kubectl's, so that the hash of it is too.
        #[derive(Serialize)]
        struct Entry<'a> {
            username: &'a str,
            password: &'a str,
            #[serde(skip_serializing_if = "str::is_empty")]
            email: &'a str,
            auth: String,
        }
        let auth = base64::engine::general_purpose::STANDARD.encode(format!("{username}:{password}"));
        let entry = Entry { username, password: &password, email: self.email.as_deref().unwrap_or_default(), auth };
        let registry = self.registry.as_deref().unwrap_or(HUB);
        let entry = serde_json::to_string(&entry).map_err(|_| CannotDo::new("the password cannot be written down", ""))?;
        data.add(key()?, as_go_writes(&format!("{{\"auths\":{{{}:{entry}}}}}", json!(registry))).into_bytes())?;
        Ok(data)
    }
}

/// What kubectl takes where no registry is named.
const HUB: &str = "https://index.docker.io/v1/";

impl Makes for CreateSecretDockerRegistry {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("secrets"), named(&self.name, self.append_hash, self.data(), Some(TYPE)))]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    fn wants(&self) -> Vec<String> {
        wanted(&self.files, &[])
    }
    fn takes(&mut self, file: &str, contents: Contents) {
        self.loaded.insert(file.to_string(), contents);
    }
    fn values(&self) -> Vec<&Sensitive> {
        self.password.iter().collect()
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        Ok(vec![body(self.data()?, Some(TYPE))])
    }
    fn words(&self) -> Argv {
        let mut argv = printed(Argv::of(Self::VERB).place(&self.name), &self.files, &[]);
        for (flag, value) in [("docker-server", &self.registry), ("docker-username", &self.username), ("docker-email", &self.email)] {
            if let Some(value) = value {
                argv = argv.flag(flag, value);
            }
        }
        if let Some(password) = &self.password {
            argv = argv.flag("docker-password", password);
        }
        argv.switch("append-hash", self.append_hash)
    }
}

impl Spec for CreateSecretDockerRegistry {
    const NAME: &'static str = "create_secret_docker_registry";
    const VERB: &'static [&'static str] = &["create", "secret", "docker-registry"];
    const ABOUT: &'static str = "Create a secret that lets pods pull images from a registry.";
    const EXAMPLE: &'static str = "kubectl create secret docker-registry pull --from-file=config.json";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[
        Flag::value("docker-server"),
        Flag::value("docker-username"),
        Flag::value("docker-password"),
        Flag::value("docker-email"),
        Flag::value("from-file"),
        Flag::switch("append-hash"),
    ];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let files: Vec<FileSource> = listed(argv, "from-file")?;
        let filled = |flag: &str| argv.get(flag).is_some_and(|value| !value.is_empty());
        if files.is_empty() && !(filled("docker-username") && filled("docker-password")) {
            return Err(Misuse::says(
                "kubectl create secret docker-registry: either --from-file or the combination of --docker-username, --docker-password and --docker-server is required",
            ));
        }
        Ok(CreateSecretDockerRegistry {
            name: dns_name(argv)?,
            namespace: argv.named_namespace()?,
            registry: argv.parsed("docker-server")?,
            username: argv.parsed("docker-username")?,
            password: argv.get("docker-password").map(Sensitive::new),
            email: argv.parsed("docker-email")?,
            files,
            append_hash: argv.on("append-hash"),
            loaded: Loaded::new(),
        })
    }
}

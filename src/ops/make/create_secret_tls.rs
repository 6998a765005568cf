//! `kubectl create secret tls`: a certificate and its key.

use super::{
    create_secret::{body, named},
    data::{Data, Loaded, bytes},
    made::{Makes, dns_name, needed},
};
use crate::ops::{Argv, CannotDo, Contents, DataKey, DnsName, FilePath, Flag, Kind, Lookup, Misuse, Namespace, Spec};
use rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    sign::CertifiedKey,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

const TYPE: &str = "kubernetes.io/tls";

/// Creates a Secret that holds a certificate and its private key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSecretTls {
    /// its name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// file with the certificate in PEM, that a person named
    pub cert: FilePath,
    /// file with its private key in PEM, that a person named
    pub key: FilePath,
    /// put a hash of the data behind the name
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub append_hash: bool,
    /// What was loaded.
    #[serde(skip)]
    pub(super) loaded: Loaded,
}

impl CreateSecretTls {
    fn data(&self) -> Result<Data, CannotDo> {
        let read = |path: &FilePath| match self.loaded.get(path.as_str()) {
            Some(Contents::File(value)) => bytes(value),
            Some(Contents::Folder(_)) => Err(CannotDo::new(format!("{path} is a folder"), "name the file")),
            None => Err(CannotDo::new(format!("{path} is not loaded"), "")),
        };
        let (cert, key) = (read(&self.cert)?, read(&self.key)?);
        belong_together(&cert, &key).map_err(|why| CannotDo::new(format!("{} and {}: {why}", self.cert, self.key), ""))?;
        let mut data = Data::default();
        for (name, value) in [("tls.crt", cert), ("tls.key", key)] {
            data.add(DataKey::new(name).map_err(|e| CannotDo::new(e.to_string(), ""))?, value)?;
        }
        Ok(data)
    }
}

/// Whether that is a certificate with its own key, as kubectl asks before it sends them.
fn belong_together(cert: &[u8], key: &[u8]) -> Result<(), &'static str> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(cert).collect::<Result<_, _>>().map_err(|_| "the certificate is no PEM")?;
    if chain.is_empty() {
        return Err("there is no certificate in PEM");
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| "there is no private key in PEM")?;
    match CertifiedKey::from_der(chain, key, &rustls::crypto::ring::default_provider()) {
        Ok(_) => Ok(()),
        Err(rustls::Error::InconsistentKeys(_)) => Err("the private key is not that of the certificate"),
        Err(_) => Err("the certificate or the key is of no sort that is known"),
    }
}

impl Makes for CreateSecretTls {
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
        vec![self.cert.to_string(), self.key.to_string()]
    }
    fn takes(&mut self, file: &str, contents: Contents) {
        self.loaded.insert(file.to_string(), contents);
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        Ok(vec![body(self.data()?, Some(TYPE))])
    }
    fn words(&self) -> Argv {
        let argv = Argv::of(Self::VERB).place(&self.name).flag("cert", &self.cert).flag("key", &self.key);
        argv.switch("append-hash", self.append_hash)
    }
}

impl Spec for CreateSecretTls {
    const NAME: &'static str = "create_secret_tls";
    const VERB: &'static [&'static str] = &["create", "secret", "tls"];
    const ABOUT: &'static str = "Create a secret of a certificate and its key, from files the person names.";
    const EXAMPLE: &'static str = "kubectl create secret tls web-tls --cert=tls.crt --key=tls.key";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[Flag::value("cert"), Flag::value("key"), Flag::switch("append-hash")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        Ok(CreateSecretTls {
            name: dns_name(argv)?,
            namespace: argv.named_namespace()?,
            cert: needed(argv, "cert")?,
            key: needed(argv, "key")?,
            append_hash: argv.on("append-hash"),
            loaded: Loaded::new(),
        })
    }
}

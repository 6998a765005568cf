//! ConfigMaps and Secrets: keys and sizes, never a value; of a certificate its dates and hosts, of registry credentials the hosts.

use super::{
    cluster::{Pem, decoded},
    lenient::{Any, Lenient, When, lenient},
    meta::Meta,
};
use serde::de::MapAccess;

lenient! {
    /// A ConfigMap.
    pub struct ConfigMap {
        meta: Meta = "metadata",
        data: Keys = "data",
        binary: Keys = "binaryData",
        immutable: bool = "immutable",
    }
    /// A Secret.
    pub struct Secret {
        meta: Meta = "metadata",
        kind: Box<str> = "type",
        data: Sealed = "data",
        text: Keys = "stringData",
    }
}

/// Keys, with the size of each value; and those of them whose value holds a private key (RFC 7468).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Keys(pub Vec<(Box<str>, usize)>, pub Vec<Box<str>>);

#[derive(Default)]
struct Size(usize, bool);
impl Lenient for Size {
    fn of_text(text: &str) -> Self {
        let private =
            text.split("-----BEGIN ").skip(1).any(|t| t.lines().next().is_some_and(|line| line.trim_end().ends_with("PRIVATE KEY-----")));
        Size(text.len(), private)
    }
}

impl Lenient for Keys {
    fn of_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let (mut keys, mut private) = (Vec::new(), Vec::new());
        while let Some(key) = map.next_key_seed(Any::<Box<str>>::new())? {
            let value = map.next_value_seed(Any::<Size>::new())?;
            if value.1 {
                private.push(key.clone());
            }
            keys.push((key, value.0));
        }
        keys.sort();
        private.sort();
        Ok(Keys(keys, private))
    }
}

/// A Secret's data, as far as it may be known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sealed {
    /// Keys, with the size of each value as it is sent.
    pub keys: Keys,
    /// What `tls.crt` says.
    pub certificate: Option<Pem>,
    /// Whether each value could be decoded at all, by key; only those that could not.
    pub garbled: Vec<Box<str>>,
    /// For which registries `.dockerconfigjson` holds credentials; `None` where it is not there, an error where it is none.
    pub registries: Option<Result<Vec<Box<str>>, &'static str>>,
    /// Until when a bootstrap token holds (`expiration`).
    pub until: When,
}

/// A value that is looked at and dropped.
#[derive(Default)]
struct Glance {
    size: usize,
    garbled: bool,
    pem: Pem,
    registries: Option<Vec<Box<str>>>,
    time: When,
}

impl Lenient for Glance {
    fn of_text(text: &str) -> Self {
        let bytes = decoded(text);
        let pem = if bytes.as_ref().is_some_and(|b| b.starts_with(b"-----BEGIN")) {
            Pem::of_text(text)
        } else {
            Pem { set: !text.is_empty(), certificate: None }
        };
        let registries = bytes.as_ref().filter(|b| b.starts_with(b"{")).and_then(|b| registries(b));
        let time = bytes.as_ref().and_then(|b| std::str::from_utf8(b).ok()).map(When::of_text).unwrap_or_default();
        Glance { size: text.len(), garbled: bytes.is_none(), pem, registries, time }
    }
}

/// The hosts under `auths` of a docker configuration.
fn registries(bytes: &[u8]) -> Option<Vec<Box<str>>> {
    let value: serde_json::Value = serde_json::from_slice(bytes).ok()?;
    Some(value.get("auths")?.as_object()?.keys().map(|k| Box::from(k.as_str())).collect())
}

impl Lenient for Sealed {
    fn of_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut read = Sealed::default();
        while let Some(key) = map.next_key_seed(Any::<Box<str>>::new())? {
            let glance = map.next_value_seed(Any::<Glance>::new())?;
            if &*key == "tls.crt" {
                read.certificate = Some(glance.pem);
            } else if &*key == ".dockerconfigjson" {
                read.registries = Some(glance.registries.ok_or("no docker configuration with \"auths\" stands there"));
            } else if &*key == "expiration" {
                read.until = glance.time;
            }
            if glance.garbled {
                read.garbled.push(key.clone());
            }
            read.keys.0.push((key, glance.size));
        }
        read.keys.0.sort();
        Ok(read)
    }
}

impl Keys {
    /// Whether the key is there.
    pub fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(k, _)| &**k == key)
    }
    /// The keys, for a sentence.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(k, _)| &**k)
    }
}

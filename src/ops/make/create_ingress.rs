//! `kubectl create ingress`: which host and path leads to which service.
//!
//! Source: `kubectl/pkg/cmd/create/create_ingress.go`.

use super::made::{Makes, dns_name, each, pairs, texts};
use crate::ops::{Argv, BadName, CannotDo, DnsName, Flag, Kind, LabelKey, Lookup, Misuse, Namespace, Spec};
use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, fmt, str::FromStr, sync::LazyLock};

/// `host/path*=service:port,tls=secret`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct IngressRule {
    host: String,
    path: String,
    service: ServicePort,
    /// Whether there is TLS, and with which secret.
    tls: Option<Option<String>>,
}

#[allow(clippy::expect_used)]
static RULE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?P<host>[\w*.-]*)(?P<path>/[^=,]*)=(?P<service>[\w-]+:[\w-]+)(?P<tls>,tls(=(?P<secret>[\w-]+)?)?)?$")
        .expect("the pattern stands here and never changes")
});

impl FromStr for IngressRule {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || {
            BadName::new(text, "ingress rule", "HOST/PATH=SERVICE:PORT was expected, with ,tls or ,tls=SECRET behind it where it has TLS")
        };
        let found = RULE.captures(text).ok_or_else(bad)?;
        let tls = found.name("tls").map(|_| found.name("secret").map(|secret| secret.as_str().to_string()));
        Ok(IngressRule { host: found["host"].to_string(), path: found["path"].to_string(), service: found["service"].parse()?, tls })
    }
}
impl TryFrom<String> for IngressRule {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}
impl From<IngressRule> for String {
    fn from(rule: IngressRule) -> String {
        rule.to_string()
    }
}
impl fmt::Display for IngressRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}={}", self.host, self.path, self.service)?;
        match &self.tls {
            None => Ok(()),
            Some(None) => f.write_str(",tls"),
            Some(Some(secret)) => write!(f, ",tls={secret}"),
        }
    }
}

/// `service:port`, the port by number or name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct ServicePort {
    service: String,
    port: String,
}

impl FromStr for ServicePort {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        match text.split_once(':') {
            Some((service, port)) if !service.is_empty() && !port.is_empty() && !port.contains(':') && !text.contains(['=', ',', ' ']) => {
                Ok(ServicePort { service: service.to_string(), port: port.to_string() })
            }
            Some(_) | None => Err(BadName::new(text, "service and port", "SERVICE:PORT was expected")),
        }
    }
}
impl TryFrom<String> for ServicePort {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}
impl From<ServicePort> for String {
    fn from(port: ServicePort) -> String {
        port.to_string()
    }
}
impl fmt::Display for ServicePort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service, self.port)
    }
}
impl ServicePort {
    fn backend(&self) -> Value {
        let port = self.port.parse::<i32>().map_or_else(|_| json!({"name": self.port}), |number| json!({"number": number}));
        json!({"service": {"name": self.service, "port": port}})
    }
}

/// Creates an Ingress.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateIngress {
    /// its name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// rules, each host/path=service:port; with ,tls=secret for TLS; a path that ends in * holds for all below it
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<IngressRule>,
    /// the ingress class
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<DnsName>,
    /// where everything else leads, service:port
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_backend: Option<ServicePort>,
    /// annotations
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<LabelKey, String>,
}

impl Makes for CreateIngress {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("ingresses"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        if self.rules.is_empty() && self.default_backend.is_none() {
            return Err(CannotDo::new(
                "an ingress needs a rule or a default backend",
                "--rule=HOST/PATH=SERVICE:PORT, --default-backend=SERVICE:PORT",
            ));
        }
        let mut spec = json!({});
        if let Some(class) = &self.class {
            spec["ingressClassName"] = json!(class);
        }
        if let Some(backend) = &self.default_backend {
            spec["defaultBackend"] = backend.backend();
        }
        for (field, list) in [("tls", tls(&self.rules)), ("rules", hosts(&self.rules))] {
            if !list.is_empty() {
                spec[field] = Value::Array(list);
            }
        }
        let mut body = json!({"spec": spec});
        if !self.annotations.is_empty() {
            body["metadata"] = json!({"annotations": texts(&self.annotations)});
        }
        Ok(vec![body])
    }
    fn words(&self) -> Argv {
        let mut argv = self.rules.iter().fold(Argv::of(Self::VERB).place(&self.name), |argv, rule| argv.flag("rule", rule));
        if let Some(class) = &self.class {
            argv = argv.flag("class", class);
        }
        if let Some(backend) = &self.default_backend {
            argv = argv.flag("default-backend", backend);
        }
        self.annotations.iter().fold(argv, |argv, (key, value)| argv.flag("annotation", format!("{key}={value}")))
    }
}

/// The rules by host, in the order hosts were first named.
fn hosts(rules: &[IngressRule]) -> Vec<Value> {
    let mut hosts: Vec<(&str, Vec<Value>)> = Vec::new();
    for rule in rules {
        let (path, sort) = rule.path.strip_suffix('*').map_or((rule.path.as_str(), "Exact"), |path| (path, "Prefix"));
        let path = json!({"path": path, "pathType": sort, "backend": rule.service.backend()});
        match hosts.iter_mut().find(|(host, _)| *host == rule.host) {
            Some((_, paths)) => paths.push(path),
            None => hosts.push((&rule.host, vec![path])),
        }
    }
    let one = |(host, paths): (&str, Vec<Value>)| match host {
        "" => json!({"http": {"paths": paths}}),
        host => json!({"host": host, "http": {"paths": paths}}),
    };
    hosts.into_iter().map(one).collect()
}

/// The hosts with TLS, by secret; a host counts once, with the first that is said of it.
fn tls(rules: &[IngressRule]) -> Vec<Value> {
    let mut seen: Vec<&str> = Vec::new();
    let mut secrets: Vec<(&str, Vec<&str>)> = Vec::new();
    for rule in rules {
        let Some(secret) = &rule.tls else { continue };
        if seen.contains(&rule.host.as_str()) {
            continue;
        }
        seen.push(&rule.host);
        let secret = secret.as_deref().unwrap_or_default();
        match secrets.iter_mut().find(|(known, _)| *known == secret) {
            Some((_, hosts)) => hosts.push(&rule.host),
            None if secret.is_empty() && rule.host.is_empty() => {}
            None => secrets.push((secret, if rule.host.is_empty() { Vec::new() } else { vec![&rule.host] })),
        }
    }
    let one = |(secret, hosts): (&str, Vec<&str>)| {
        let mut one = json!({});
        if !hosts.is_empty() {
            one["hosts"] = json!(hosts);
        }
        if !secret.is_empty() {
            one["secretName"] = json!(secret);
        }
        one
    };
    secrets.into_iter().map(one).collect()
}

impl Spec for CreateIngress {
    const NAME: &'static str = "create_ingress";
    const VERB: &'static [&'static str] = &["create", "ingress"];
    const ABOUT: &'static str = "Create an ingress: which host and path leads to which service.";
    const EXAMPLE: &'static str = "kubectl create ingress web --rule='web.example.com/*=web:80,tls=web-tls'";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[Flag::value("rule"), Flag::value("class"), Flag::value("default-backend"), Flag::value("annotation")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let annotations = argv.all("annotation").map(str::to_string);
        let ingress = CreateIngress {
            name: dns_name(argv)?,
            namespace: argv.named_namespace()?,
            rules: each(argv, "rule")?,
            class: argv.parsed("class")?,
            default_backend: argv.parsed("default-backend")?,
            annotations: pairs(argv, "annotation", annotations, |value| Ok(value.to_string()))?,
        };
        ingress.bodies(&[]).map_err(|why| Misuse::Says(format!("kubectl create ingress: {}", why.sentence)))?;
        Ok(ingress)
    }
}

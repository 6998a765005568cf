//! `kubectl create service`: a name and an address for the pods with the label app=NAME, or for a name elsewhere.
//!
//! Source: `kubectl/pkg/cmd/create/create_service.go`.

use super::made::{Makes, listed};
use crate::ops::{Argv, BadName, CannotDo, DnsName, Flag, Kind, Lookup, Misuse, Namespace, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

/// Which of the four sorts of service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ServiceType {
    /// an address inside the cluster
    ClusterIP,
    /// a port on every node as well
    NodePort,
    /// an address outside as well
    LoadBalancer,
    /// another name for a host elsewhere
    ExternalName,
}

impl ServiceType {
    /// As it stands in a Service.
    pub(super) fn word(self) -> &'static str {
        match self {
            ServiceType::ClusterIP => "ClusterIP",
            ServiceType::NodePort => "NodePort",
            ServiceType::LoadBalancer => "LoadBalancer",
            ServiceType::ExternalName => "ExternalName",
        }
    }
}

impl std::str::FromStr for ServiceType {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let all = [ServiceType::ClusterIP, ServiceType::NodePort, ServiceType::LoadBalancer, ServiceType::ExternalName];
        let found = all.into_iter().find(|sort| sort.word().eq_ignore_ascii_case(word));
        found.ok_or("clusterip, nodeport, loadbalancer or externalname was expected")
    }
}

/// The number or the name of a port of a container, from 1 to 65535.
///
/// Source: `IsValidPortNum` and `IsValidPortName` in `apimachinery/pkg/util/validation`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub enum PortRef {
    /// `8080`
    Number(u16),
    /// `http`
    Name(String),
}

impl std::str::FromStr for PortRef {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let bad = || BadName::new(text, "port", "a number from 1 to 65535, or a name of at most 15 lower-case letters, digits and '-'");
        if text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_digit()) {
            return text.parse().ok().filter(|n| *n > 0).map(PortRef::Number).ok_or_else(bad);
        }
        let legal = text.len() <= 15
            && !text.contains("--")
            && text.chars().any(|c| c.is_ascii_lowercase())
            && super::super::names::is_dns_label(text);
        if legal { Ok(PortRef::Name(text.to_string())) } else { Err(bad()) }
    }
}
impl TryFrom<String> for PortRef {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}
impl From<PortRef> for String {
    fn from(port: PortRef) -> String {
        port.to_string()
    }
}
impl fmt::Display for PortRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PortRef::Number(n) => write!(f, "{n}"),
            PortRef::Name(name) => f.write_str(name),
        }
    }
}
impl PortRef {
    /// As it stands in an object: a number or a text.
    pub(super) fn json(&self) -> Value {
        match self {
            PortRef::Number(n) => json!(n),
            PortRef::Name(name) => json!(name),
        }
    }
}

/// `5678:8080`: the service's port and the pods'.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct PortPair {
    port: u16,
    target: Option<PortRef>,
}

impl std::str::FromStr for PortPair {
    type Err = BadName;
    fn from_str(text: &str) -> Result<Self, BadName> {
        let (port, target) = text.split_once(':').map_or((text, None), |(port, target)| (port, Some(target)));
        let number = port.parse().map_err(|_| BadName::new(text, "port pair", "PORT or PORT:TARGET was expected, as in 80:8080"))?;
        Ok(PortPair { port: number, target: target.map(str::parse).transpose()? })
    }
}
impl TryFrom<String> for PortPair {
    type Error = BadName;
    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}
impl From<PortPair> for String {
    fn from(pair: PortPair) -> String {
        pair.to_string()
    }
}
impl fmt::Display for PortPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            Some(target) => write!(f, "{}:{target}", self.port),
            None => write!(f, "{}", self.port),
        }
    }
}

/// Creates a Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateService {
    /// which sort
    #[serde(rename = "type")]
    pub sort: ServiceType,
    /// its name; it is for the pods with the label app=name
    pub name: DnsName,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// ports, each PORT or PORT:TARGET-PORT
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tcp: Vec<PortPair>,
    /// an address of one's own choice, or None for a headless service; only for ClusterIP
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_ip: Option<String>,
    /// the port on the nodes; only for NodePort
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_port: Option<u16>,
    /// the host it is another name for; only for ExternalName
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_name: Option<DnsName>,
}

impl CreateService {
    /// What does not fit together, as kubectl judges it.
    fn misfit(&self) -> Option<&'static str> {
        let headless = self.cluster_ip.as_deref() == Some("None");
        match self.sort {
            ServiceType::ExternalName if self.external_name.is_none() => Some("--external-name is missing"),
            ServiceType::ClusterIP | ServiceType::NodePort | ServiceType::LoadBalancer if self.tcp.is_empty() && !headless => {
                Some("at least one --tcp=PORT:TARGET is needed")
            }
            sort if self.cluster_ip.is_some() && sort != ServiceType::ClusterIP => Some("--clusterip is for clusterip services"),
            sort if self.node_port.is_some() && sort != ServiceType::NodePort => Some("--node-port is for nodeport services"),
            sort if self.external_name.is_some() && sort != ServiceType::ExternalName => {
                Some("--external-name is for externalname services")
            }
            ServiceType::ClusterIP | ServiceType::NodePort | ServiceType::LoadBalancer | ServiceType::ExternalName => None,
        }
    }
}

impl Makes for CreateService {
    fn made(&self) -> Vec<(Kind, String)> {
        vec![(Kind::built_in("services"), self.name.to_string())]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.namespace.as_ref()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.namespace = Some(namespace.clone());
    }
    fn bodies(&self, _seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        if let Some(why) = self.misfit() {
            return Err(CannotDo::new(format!("service {}: {why}", self.name), ""));
        }
        let port = |pair: &PortPair| {
            let target = pair.target.as_ref().map_or_else(|| json!(pair.port), PortRef::json);
            let mut port = json!({"name": pair.to_string().replace(':', "-"), "port": pair.port, "targetPort": target, "protocol": "TCP"});
            if let Some(node_port) = self.node_port.filter(|n| *n > 0) {
                port["nodePort"] = json!(node_port);
            }
            port
        };
        let labels = json!({"app": self.name});
        let mut spec = json!({"type": self.sort.word(), "selector": labels});
        if !self.tcp.is_empty() {
            spec["ports"] = self.tcp.iter().map(port).collect();
        }
        if let Some(address) = &self.cluster_ip {
            spec["clusterIP"] = json!(address);
        }
        if let Some(host) = &self.external_name {
            spec["externalName"] = json!(host);
        }
        Ok(vec![json!({"metadata": {"labels": labels}, "spec": spec})])
    }
    fn words(&self) -> Argv {
        let argv = Argv::of(Self::VERB).place(self.sort.word().to_ascii_lowercase()).place(&self.name);
        let mut argv = self.tcp.iter().fold(argv, |argv, pair| argv.flag("tcp", pair));
        if let Some(address) = &self.cluster_ip {
            argv = argv.flag("clusterip", address);
        }
        if let Some(port) = self.node_port {
            argv = argv.flag("node-port", port);
        }
        if let Some(host) = &self.external_name {
            argv = argv.flag("external-name", host);
        }
        argv
    }
}

impl Spec for CreateService {
    const NAME: &'static str = "create_service";
    const VERB: &'static [&'static str] = &["create", "service"];
    const ABOUT: &'static str = "Create a service for the pods with the label app=NAME.";
    const EXAMPLE: &'static str = "kubectl create service clusterip web --tcp=80:8080";
    const BACK: &'static str = "deletes it";
    const FLAGS: &'static [Flag] = &[Flag::value("tcp"), Flag::value("clusterip"), Flag::value("node-port"), Flag::value("external-name")];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let says = |text: &str| Misuse::Says(format!("kubectl create service: {text}"));
        let (sort, name) = match (argv.places.as_slice(), argv.tail.is_empty()) {
            ([sort, name], true) => (sort.parse().map_err(says)?, DnsName::new(name.as_str())?),
            _ => return Err(says("its type and its name were expected: clusterip, nodeport, loadbalancer or externalname, then NAME")),
        };
        let service = CreateService {
            sort,
            name,
            namespace: argv.named_namespace()?,
            tcp: listed(argv, "tcp")?,
            cluster_ip: argv.parsed("clusterip")?,
            node_port: argv.parsed("node-port")?,
            external_name: argv.parsed("external-name")?,
        };
        match service.misfit() {
            Some(why) => Err(says(why)),
            None => Ok(service),
        }
    }
}

//! `kubectl expose`: a service for the pods that something has, or that it is.
//!
//! Source: `kubectl/pkg/cmd/expose/expose.go`, `kubectl/pkg/polymorphichelpers/{mapbasedselector,multiprotocols,ports}forobject.go`.

use super::{
    create_service::{PortRef, ServiceType},
    made::{Makes, listed, pairs, texts},
};
use crate::ops::{
    Argv, Call, CannotDo, DnsName, Flag, Kind, LabelKey, LabelValue, Lookup, Misuse, Namespace, Spec, Target, look, template,
    verb::{refuse, workload_place},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{collections::BTreeMap, str::FromStr};

/// What is spoken at a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[allow(clippy::upper_case_acronyms)]
pub enum Protocol {
    /// TCP
    TCP,
    /// UDP
    UDP,
    /// SCTP
    SCTP,
}

impl Protocol {
    fn word(self) -> &'static str {
        match self {
            Protocol::TCP => "TCP",
            Protocol::UDP => "UDP",
            Protocol::SCTP => "SCTP",
        }
    }
}

impl FromStr for Protocol {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "TCP" => Ok(Protocol::TCP),
            "UDP" => Ok(Protocol::UDP),
            "SCTP" => Ok(Protocol::SCTP),
            _ => Err("TCP, UDP or SCTP was expected"),
        }
    }
}

/// Whether one client keeps one pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Affinity {
    /// it does not
    None,
    /// by its address
    ClientIP,
}

impl Affinity {
    fn word(self) -> &'static str {
        match self {
            Affinity::None => "None",
            Affinity::ClientIP => "ClientIP",
        }
    }
}

impl FromStr for Affinity {
    type Err = &'static str;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "None" => Ok(Affinity::None),
            "ClientIP" => Ok(Affinity::ClientIP),
            _ => Err("None or ClientIP was expected"),
        }
    }
}

/// Makes a Service for a pod, a service, a deployment, a replica set or a replication controller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expose {
    /// what is exposed: a pod, service, deployment, replicaset or replicationcontroller
    #[serde(flatten)]
    pub target: Target,
    /// the service's ports; left out: those of the containers
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<u16>,
    /// the pods' port, by number or name; left out: the same
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_port: Option<PortRef>,
    /// left out: as the containers say, or TCP
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<Protocol>,
    /// which sort of service; left out: ClusterIP
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub sort: Option<ServiceType>,
    /// the service's name; left out: that of what is exposed
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service_name: Option<DnsName>,
    /// labels of the pods; left out: as what is exposed finds its own
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub selector: BTreeMap<LabelKey, LabelValue>,
    /// labels of the service; left out: those of what is exposed
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<LabelKey, LabelValue>,
    /// one more address at which it is to be reached
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_ip: Option<String>,
    /// the address of the load balancer
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_balancer_ip: Option<String>,
    /// whether one client keeps one pod
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_affinity: Option<Affinity>,
    /// an address of one's own choice, or None for a headless service
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_ip: Option<String>,
}

impl Expose {
    fn selected(&self, object: &Value) -> Result<Value, CannotDo> {
        if !self.selector.is_empty() {
            return Ok(texts(&self.selector));
        }
        let kind = self.target.kind();
        let none = |why: &str| CannotDo::new(format!("{} {why}", self.target), "say which pods: --selector=KEY=VALUE");
        let pointer = if kind.is("pods", "") {
            "/metadata/labels"
        } else if kind.info().group == "apps" {
            if !look::list(object, "/spec/selector/matchExpressions").is_empty() {
                return Err(none("finds its pods by more than labels that are equal, and a service cannot"));
            }
            "/spec/selector/matchLabels"
        } else {
            "/spec/selector"
        };
        let labels = object.pointer(pointer).filter(|labels| labels.as_object().is_some_and(|map| !map.is_empty()));
        labels.cloned().ok_or_else(|| none("has no labels to find pods by, and cannot be exposed"))
    }

    /// Ports with what is spoken at each, once each, in order.
    fn offered(&self, object: &Value) -> Vec<(u64, Vec<String>)> {
        let said: Vec<(u64, String)> = if self.target.kind().is("services", "") {
            look::list(object, "/spec/ports").iter().map(|port| spoken(port, "port")).collect()
        } else {
            let pod = template::pod_spec(self.target.kind(), object);
            let containers = pod.map_or(&[][..], |pod| look::list(pod, "/containers"));
            containers.iter().flat_map(|container| look::list(container, "/ports")).map(|port| spoken(port, "containerPort")).collect()
        };
        let mut ports: Vec<(u64, Vec<String>)> = Vec::new();
        for (port, protocol) in said {
            match ports.iter_mut().find(|(known, _)| *known == port) {
                Some((_, protocols)) if protocols.contains(&protocol) => {}
                Some((_, protocols)) => protocols.push(protocol),
                None => ports.push((port, vec![protocol])),
            }
        }
        ports
    }

    fn ports(&self, object: &Value) -> Result<Vec<Value>, CannotDo> {
        let offered = self.offered(object);
        let wanted: Vec<u64> = match self.ports.as_slice() {
            [] => offered.iter().map(|(port, _)| *port).collect(),
            some => some.iter().map(|port| u64::from(*port)).collect(),
        };
        if wanted.is_empty() && self.cluster_ip.as_deref() != Some("None") {
            return Err(CannotDo::new(format!("no container of {} names a port", self.target), "say --port=PORT"));
        }
        let one = |name: Option<String>, port: u64, protocol: &str| {
            let target = self.target_port.as_ref().map_or_else(|| json!(port), PortRef::json);
            let mut body = json!({"port": port, "protocol": protocol, "targetPort": target});
            if let Some(name) = name {
                body["name"] = json!(name);
            }
            body
        };
        let mut ports = Vec::new();
        for (at, port) in wanted.iter().enumerate() {
            let name = (wanted.len() > 1).then(|| format!("port-{}", at + 1));
            let known = offered.iter().find(|(known, _)| known == port).map(|(_, protocols)| protocols.as_slice());
            match (self.protocol, known) {
                (Some(protocol), _) => ports.push(one(name, *port, protocol.word())),
                (None, Some([protocol])) => ports.push(one(name, *port, protocol)),
                (None, None | Some([])) => ports.push(one(name, *port, "TCP")),
                (None, Some(several)) => ports.extend(
                    several.iter().map(|protocol| one(Some(format!("port-{}-{}", at + 1, protocol.to_lowercase())), *port, protocol)),
                ),
            }
        }
        Ok(ports)
    }
}

fn spoken(port: &Value, field: &str) -> (u64, String) {
    (port[field].as_u64().unwrap_or_default(), port["protocol"].as_str().unwrap_or("TCP").to_string())
}

impl Makes for Expose {
    fn made(&self) -> Vec<(Kind, String)> {
        // The name of a service is a DNS-1035 label, and what is exposed may have a longer one.
        let name = self.service_name.as_ref().map_or_else(|| self.target.name().as_str().chars().take(63).collect(), DnsName::to_string);
        vec![(Kind::built_in("services"), name)]
    }
    fn namespace(&self) -> Option<&Namespace> {
        self.target.namespace()
    }
    fn fill(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn looks_first(&self) -> Vec<Call> {
        vec![Call::get(&self.target)]
    }
    fn bodies(&self, seen: &[Lookup<Value>]) -> Result<Vec<Value>, CannotDo> {
        exposable(self.target.kind()).map_err(|why| CannotDo::new(why, "name what has the pods, or a pod"))?;
        let object = look::object(seen, &self.target)?;
        let mut spec = json!({"selector": self.selected(object)?});
        let ports = self.ports(object)?;
        if !ports.is_empty() {
            spec["ports"] = Value::Array(ports);
        }
        if let Some(address) = &self.external_ip {
            spec["externalIPs"] = json!([address]);
        }
        if let Some(sort) = self.sort {
            spec["type"] = json!(sort.word());
        }
        if let (Some(ServiceType::LoadBalancer), Some(address)) = (self.sort, &self.load_balancer_ip) {
            spec["loadBalancerIP"] = json!(address);
        }
        if let Some(affinity) = self.session_affinity {
            spec["sessionAffinity"] = json!(affinity.word());
        }
        if let Some(address) = &self.cluster_ip {
            spec["clusterIP"] = json!(address);
        }
        let labels = match self.labels.is_empty() {
            true => object.pointer("/metadata/labels").cloned(),
            false => Some(texts(&self.labels)),
        };
        Ok(vec![match labels.filter(|labels| labels.as_object().is_some_and(|map| !map.is_empty())) {
            Some(labels) => json!({"metadata": {"labels": labels}, "spec": spec}),
            None => json!({"spec": spec}),
        }])
    }
    fn words(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB).place(self.target.slashed());
        if !self.ports.is_empty() {
            argv = argv.flag("port", self.ports.iter().map(u16::to_string).collect::<Vec<_>>().join(","));
        }
        if let Some(port) = &self.target_port {
            argv = argv.flag("target-port", port);
        }
        if let Some(protocol) = self.protocol {
            argv = argv.flag("protocol", protocol.word());
        }
        if let Some(sort) = self.sort {
            argv = argv.flag("type", sort.word());
        }
        if let Some(name) = &self.service_name {
            argv = argv.flag("name", name);
        }
        for (flag, labels) in [("selector", &self.selector), ("labels", &self.labels)] {
            if !labels.is_empty() {
                argv = argv.flag(flag, labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(","));
            }
        }
        for (flag, value) in
            [("external-ip", &self.external_ip), ("load-balancer-ip", &self.load_balancer_ip), ("cluster-ip", &self.cluster_ip)]
        {
            if let Some(value) = value {
                argv = argv.flag(flag, value);
            }
        }
        match self.session_affinity {
            Some(affinity) => argv.flag("session-affinity", affinity.word()),
            None => argv,
        }
    }
}

/// Source: `canBeExposed` in `kubectl/pkg/polymorphichelpers/canbeexposed.go`.
fn exposable(kind: Kind) -> Result<(), String> {
    let can = ["pods", "services", "replicationcontrollers"].iter().any(|plural| kind.is(plural, ""))
        || ["deployments", "replicasets"].iter().any(|plural| kind.is(plural, "apps"));
    if can { Ok(()) } else { Err(format!("cannot expose a {}", kind.word())) }
}

impl Spec for Expose {
    const NAME: &'static str = "expose";
    const VERB: &'static [&'static str] = &["expose"];
    const ABOUT: &'static str = "Make a service for the pods of a workload, for a pod, or like another service.";
    const EXAMPLE: &'static str = "kubectl expose deployment/web --port=80 --target-port=8080";
    const BACK: &'static str = "deletes the service";
    const FLAGS: &'static [Flag] = &[
        Flag::value("port"),
        Flag::value("target-port"),
        Flag::value("protocol"),
        Flag::value("type"),
        Flag::value("name"),
        Flag::value("selector"),
        Flag::value("labels").short('l'),
        Flag::value("external-ip"),
        Flag::value("load-balancer-ip"),
        Flag::value("session-affinity"),
        Flag::value("cluster-ip"),
        Flag::value("overrides"),
        Flag::value("override-type"),
        Flag::value("filename").short('f'),
    ];
    const READS: bool = false;
    const MAKES: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        let by_manifest = "write a manifest and name it with kubectl create -f";
        refuse(argv, &[("overrides", by_manifest), ("override-type", by_manifest), ("filename", "name the object: kind/name")])?;
        let labels = |flag: &'static str| {
            let said = argv.get(flag).into_iter().flat_map(|said| said.split(',')).map(str::to_string);
            pairs(argv, flag, said, |value| Ok(LabelValue::new(value)?))
        };
        let target = workload_place(argv)?;
        exposable(target.kind()).map_err(Misuse::Says)?;
        Ok(Expose {
            target,
            ports: listed(argv, "port")?,
            target_port: argv.parsed("target-port")?,
            protocol: argv.parsed("protocol")?,
            sort: argv.parsed("type")?,
            service_name: argv.parsed("name")?,
            selector: labels("selector")?,
            labels: labels("labels")?,
            external_ip: argv.parsed("external-ip")?,
            load_balancer_ip: argv.parsed("load-balancer-ip")?,
            session_affinity: argv.parsed("session-affinity")?,
            cluster_ip: argv.parsed("cluster-ip")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::{Value, json};

    fn service(line: &str, object: Value) -> Result<Value, CannotDo> {
        let op = Op::from_line(line).unwrap();
        Ok(op.verb().calls(&[Lookup::Known(object)], Default::default())?[0].body(None).unwrap())
    }

    #[test]
    fn selector_ports_and_labels_are_those_of_what_is_exposed() {
        let ports = json!([{"containerPort": 53, "protocol": "UDP"}, {"containerPort": 53, "protocol": "TCP"}, {"containerPort": 80}]);
        let deployment = json!({"metadata": {"name": "dns", "labels": {"a": "b"}}, "spec": {"selector": {"matchLabels": {"app": "dns"}},
            "template": {"spec": {"containers": [{"name": "dns", "ports": ports}]}}}});
        let made = service("kubectl expose deployment dns -n dev", deployment.clone()).unwrap();
        assert_eq!(made["metadata"], json!({"name": "dns", "namespace": "dev", "labels": {"a": "b"}}));
        assert_eq!(made["spec"]["selector"], json!({"app": "dns"}));
        assert_eq!(
            made["spec"]["ports"],
            json!([
                {"name": "port-1-udp", "port": 53, "protocol": "UDP", "targetPort": 53},
                {"name": "port-1-tcp", "port": 53, "protocol": "TCP", "targetPort": 53},
                {"name": "port-2", "port": 80, "protocol": "TCP", "targetPort": 80},
            ])
        );
        let made = service("kubectl expose deploy/dns --port=8000 --target-port=http --name=web --type=NodePort", deployment).unwrap();
        assert_eq!(made["metadata"]["name"], "web");
        assert_eq!(made["spec"]["ports"], json!([{"port": 8000, "protocol": "TCP", "targetPort": "http"}]));
        assert_eq!(made["spec"]["type"], "NodePort");
    }

    #[test]
    fn what_has_no_pods_to_find_is_said() {
        assert!(Op::from_line("kubectl expose statefulset/db").unwrap_err().to_string().contains("cannot expose"));
        let bare = json!({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "a"}]}});
        assert!(service("kubectl expose pod a --port=80", bare).unwrap_err().sentence.contains("no labels"));
        let silent = json!({"metadata": {"name": "a", "labels": {"a": "b"}}, "spec": {"containers": [{"name": "a"}]}});
        assert!(service("kubectl expose pod a", silent.clone()).unwrap_err().hint.contains("--port"));
        assert!(service("kubectl expose pod a --cluster-ip=None", silent).unwrap()["spec"]["ports"].is_null());
    }
}

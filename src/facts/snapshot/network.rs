//! What leads to pods: Services, their endpoints, Ingresses, policies.

use super::{
    lenient::{Present, lenient},
    meta::{Condition, Map, Meta, Pointed, Selector},
};

lenient! {
    /// A Service.
    pub struct Service {
        meta: Meta = "metadata",
        spec: ServiceSpec = "spec",
        /// None where it was never given to a server.
        status: Option<ServiceStatus> = "status",
    }
    /// What is asked for.
    pub struct ServiceSpec {
        kind: Box<str> = "type",
        selector: Map = "selector",
        ports: Vec<ServicePort> = "ports",
        cluster_ip: Box<str> = "clusterIP",
        external_name: Box<str> = "externalName",
        publish_unready: bool = "publishNotReadyAddresses",
    }
    /// A port.
    pub struct ServicePort {
        name: Box<str> = "name",
        port: i64 = "port",
        target: Box<str> = "targetPort",
        node_port: i64 = "nodePort",
        protocol: Box<str> = "protocol",
    }
    /// What became of it.
    pub struct ServiceStatus {
        balancer: Balancer = "loadBalancer",
        conditions: Vec<Condition> = "conditions",
    }
    /// Its address outside.
    pub struct Balancer { ingress: Vec<Present> = "ingress", }
    /// An EndpointSlice.
    pub struct Slice {
        meta: Meta = "metadata",
        endpoints: Vec<SliceEndpoint> = "endpoints",
    }
    /// One endpoint of it.
    pub struct SliceEndpoint {
        addresses: Vec<Box<str>> = "addresses",
        conditions: EndpointConditions = "conditions",
        target: Pointed = "targetRef",
    }
    /// Its conditions; nothing said means ready.
    pub struct EndpointConditions { ready: Option<bool> = "ready", }
    /// An Endpoints object.
    pub struct Endpoints {
        meta: Meta = "metadata",
        subsets: Vec<Subset> = "subsets",
    }
    /// A part of it.
    pub struct Subset {
        ready: Vec<Address> = "addresses",
        unready: Vec<Address> = "notReadyAddresses",
    }
    /// One address.
    pub struct Address {
        ip: Box<str> = "ip",
        target: Pointed = "targetRef",
    }
    /// An Ingress, of any version.
    pub struct Ingress {
        api: Box<str> = "apiVersion",
        meta: Meta = "metadata",
        spec: IngressSpec = "spec",
        status: ServiceStatus = "status",
    }
    /// What is asked for.
    pub struct IngressSpec {
        class: Box<str> = "ingressClassName",
        default: Option<Backend> = "defaultBackend",
        tls: Vec<Tls> = "tls",
        rules: Vec<IngressRule> = "rules",
    }
    /// A certificate for hosts.
    pub struct Tls {
        hosts: Vec<Box<str>> = "hosts",
        secret: Box<str> = "secretName",
    }
    /// Paths of a host.
    pub struct IngressRule {
        host: Box<str> = "host",
        http: Paths = "http",
    }
    /// Its paths.
    pub struct Paths { paths: Vec<Path> = "paths", }
    /// One path.
    pub struct Path {
        path: Box<str> = "path",
        backend: Backend = "backend",
    }
    /// Where it leads, in the form of networking.k8s.io/v1 and in that before it.
    pub struct Backend {
        service: Option<ServiceBackend> = "service",
        old_service: Box<str> = "serviceName",
        old_port: Box<str> = "servicePort",
    }
    /// A Service's port.
    pub struct ServiceBackend {
        name: Box<str> = "name",
        port: BackendPort = "port",
    }
    /// By name or by number.
    pub struct BackendPort {
        name: Box<str> = "name",
        number: Box<str> = "number",
    }
    /// A NetworkPolicy.
    pub struct NetworkPolicy {
        meta: Meta = "metadata",
        spec: PolicySpec = "spec",
    }
    /// What it lets through.
    pub struct PolicySpec {
        pods: Selector = "podSelector",
        kinds: Vec<Box<str>> = "policyTypes",
        ingress: Option<Vec<PolicyRule>> = "ingress",
        egress: Option<Vec<PolicyRule>> = "egress",
    }
    /// One rule.
    pub struct PolicyRule {
        from: Vec<Peer> = "from",
        to: Vec<Peer> = "to",
        ports: Vec<PolicyPort> = "ports",
    }
    /// With whom.
    pub struct Peer {
        pods: Option<Selector> = "podSelector",
        namespaces: Option<Selector> = "namespaceSelector",
        block: Present = "ipBlock",
    }
    /// On which port.
    pub struct PolicyPort {
        port: Box<str> = "port",
        end: i64 = "endPort",
        protocol: Box<str> = "protocol",
    }
}

impl Service {
    /// Its addresses outside.
    pub fn addresses(&self) -> &[Present] {
        self.status.as_ref().map_or(&[], |s| &s.balancer.ingress)
    }
}

impl Backend {
    /// Service and port, if it leads to one.
    pub fn service(&self) -> Option<(&str, &str)> {
        if let Some(s) = &self.service {
            return Some((&s.name, if s.port.name.is_empty() { &s.port.number } else { &s.port.name }));
        }
        (!self.old_service.is_empty()).then_some((&*self.old_service, &*self.old_port))
    }
}

impl Ingress {
    /// Each backend with the place it serves: `example.com/api`.
    pub fn backends(&self) -> impl Iterator<Item = (String, &str, &str)> {
        let default = self.spec.default.iter().filter_map(|b| b.service().map(|(s, p)| ("everything else".to_string(), s, p)));
        let ruled = self.spec.rules.iter().flat_map(|r| r.http.paths.iter().map(move |p| (r, p))).filter_map(|(rule, path)| {
            let (service, port) = path.backend.service()?;
            Some((format!("{}{}", rule.host, if path.path.is_empty() { "/" } else { &path.path }), service, port))
        });
        default.chain(ruled)
    }
    /// Its class, by field or by the annotation from before.
    pub fn class(&self) -> Option<&str> {
        let old = self.meta.annotation("kubernetes.io/ingress.class");
        (!self.spec.class.is_empty()).then_some(&*self.spec.class).or(old)
    }
}

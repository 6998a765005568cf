//! `kubectl port-forward`: ports of this machine that lead to ports of one pod. It changes nothing in the cluster.
//!
//! Which port of a Service means which of a pod: `translateServicePortToTargetPort` in `kubectl/pkg/cmd/portforward`.

use crate::ops::{
    Argv, Call, CannotDo, Flag, Follow, Impact, Lookup, Misuse, Namespace, Spec, Target, Verb,
    look::{list, number, text},
    one_pod,
    verb::refuse,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Forwards local ports to one pod; only a person can.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortForward {
    /// a pod, a workload or a service that has pods
    #[serde(flatten)]
    pub target: Target,
    /// 8080:80 (here:there), 80 (the same on both sides), :80 (any free port here)
    pub ports: Vec<String>,
}

/// A port here, 0 for any that is free, and what it leads to: a number or a name.
fn pair(text: &str) -> Result<(u16, &str), String> {
    let (here, there) = text.split_once(':').unwrap_or((text, text));
    let fits = |name: &str| !name.is_empty() && name.len() <= 15 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !fits(there) || there.parse::<u64>().is_ok_and(|n| n == 0 || n > 65_535) {
        return Err(format!("{text:?}: behind the colon a port of the pod was expected"));
    }
    match here {
        "" => Ok((0, there)),
        // A name has no number here.
        name if !text.contains(':') && name.parse::<u16>().is_err() => Ok((0, there)),
        number => number.parse().map(|n| (n, there)).map_err(|_| format!("{text:?}: before the colon a port of this machine was expected")),
    }
}

impl PortForward {
    /// The number of a pod's port by what was said.
    fn port(&self, said: &str, seen: &[Lookup<Value>], pod: &Value) -> Result<u16, CannotDo> {
        let mut wanted = said.to_string();
        if self.target.kind().is("services", "")
            && let Some(Lookup::Known(service)) = seen.first()
        {
            let ports = list(service, "/spec/ports");
            let found = ports.iter().find(|p| text(p, "/name") == said || said.parse().is_ok_and(|n: u64| n == number(p, "/port")));
            let port = found.ok_or_else(|| {
                let there: Vec<String> = ports.iter().map(|p| p["port"].to_string()).collect();
                CannotDo::new(format!("{} has no port {said}", self.target.slashed()), format!("it has: {}", there.join(", ")))
            })?;
            wanted = match &port["targetPort"] {
                Value::String(name) => name.clone(),
                Value::Number(number) => number.to_string(),
                _ => number(port, "/port").to_string(),
            };
        }
        if let Ok(number) = wanted.parse() {
            return Ok(number);
        }
        let ports = list(pod, "/spec/containers").iter().flat_map(|c| list(c, "/ports"));
        let named = ports.filter(|p| text(p, "/name") == wanted).find_map(|p| u16::try_from(number(p, "/containerPort")).ok());
        named.ok_or_else(|| {
            CannotDo::new(format!("no container of pod/{} has a port named {wanted:?}", text(pod, "/metadata/name")), "give its number")
        })
    }
}

impl Verb for PortForward {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        self.target.place(namespace);
    }
    fn targets(&self) -> Vec<Target> {
        vec![self.target.clone()]
    }
    fn title(&self) -> String {
        format!("forward {} to {}", self.ports.join(", "), self.target.slashed())
    }
    fn looks(&self, seen: &[Lookup<Value>]) -> Vec<Call> {
        one_pod::looks(&self.target, seen)
    }
    fn calls(&self, seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let (pod, object) = one_pod::found(&self.target, seen)?;
        if text(object, "/status/phase") != "Running" {
            return Err(CannotDo::new(format!("{} does not run ({})", pod.slashed(), text(object, "/status/phase")), ""));
        }
        let mut call = Call::talk(&pod, "portforward");
        for said in &self.ports {
            let (here, there) = pair(said).map_err(|e| CannotDo::new(e, "for example 8080:80"))?;
            call = call.with("ports", format!("{here}:{}", self.port(there, seen, object)?));
        }
        if self.ports.is_empty() {
            return Err(CannotDo::new("which ports are to be forwarded?", "for example 8080:80"));
        }
        Ok(vec![call])
    }
    fn print(&self) -> Argv {
        let argv = Argv::of(Self::VERB).place(one_pod::word(&self.target));
        self.ports.iter().fold(argv, Argv::place).namespace(self.target.namespace())
    }
    fn follows(&self) -> Option<Follow> {
        Some(Follow::Ports)
    }
    fn interactive(&self) -> bool {
        true
    }
}

impl Spec for PortForward {
    const NAME: &'static str = "port_forward";
    const VERB: &'static [&'static str] = &["port-forward"];
    const ABOUT: &'static str = "Forward ports of this machine to a pod, until it is stopped.";
    const EXAMPLE: &'static str = "kubectl port-forward service/web 8080:80";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("address"), Flag::value("pod-running-timeout")];
    const READS: bool = true;
    const PERSONAL: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        refuse(argv, &[("pod-running-timeout", "kubectl wait pod/NAME --for=condition=Ready comes before it")])?;
        if let Some(address) = argv.get("address").filter(|a| !["localhost", "127.0.0.1", "::1"].contains(a)) {
            let sentence =
                format!("kubectl port-forward --address={address}: ports are opened on localhost only; others could reach them there");
            return Err(Misuse::Says(sentence));
        }
        let mut places = argv.places.iter();
        let Some(pod) = places.next() else { return Err(Misuse::says("kubectl port-forward: to which pod? its name is missing")) };
        let ports: Vec<String> = places.cloned().collect();
        if ports.is_empty() {
            return Err(Misuse::says("kubectl port-forward: which ports? for example 8080:80"));
        }
        for port in &ports {
            pair(port).map_err(|e| Misuse::Says(format!("kubectl port-forward: {e}")))?;
        }
        Ok(PortForward { target: one_pod::named(pod, argv.named_namespace()?)?, ports })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Op;
    use serde_json::json;

    #[test]
    fn ports_of_a_service_are_those_of_its_pods() {
        let op = Op::from_line("kubectl port-forward svc/web 8443:https :80 -n dev").unwrap();
        let service = json!({"metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}, "ports": [
            {"name": "https", "port": 443, "targetPort": "tls"}, {"name": "http", "port": 80, "targetPort": 8000}]}});
        let pod = json!({"metadata": {"name": "web-1"}, "status": {"phase": "Running"},
            "spec": {"containers": [{"name": "a", "ports": [{"name": "tls", "containerPort": 8443}]}]}});
        let seen = [Lookup::Known(service), Lookup::Known(json!({"items": [pod]}))];
        let calls = op.verb().calls(&seen, Timestamp::UNIX_EPOCH).unwrap();
        assert_eq!(calls[0].path(), "/api/v1/namespaces/dev/pods/web-1/portforward");
        assert_eq!(calls[0].asked("ports").collect::<Vec<_>>(), ["8443:8443", "0:8000"]);
        assert!(!calls[0].mutates());
        for line in [
            "kubectl port-forward web",
            "kubectl port-forward web 0",
            "kubectl port-forward web 80:99999",
            "kubectl port-forward web x:80",
            "kubectl port-forward web 80 --address 0.0.0.0",
        ] {
            assert!(Op::from_line(line).is_err(), "{line}");
        }
    }
}

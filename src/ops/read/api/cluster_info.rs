//! `kubectl cluster-info`: what cluster this is: version, health of the server, nodes, and the services that call themselves the cluster's.

use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Form, Impact, Kind, Lookup, Misuse, Namespace, ReadPath, Reply, Spec, Target, Verb,
    answer::Table,
    look::{gathered, items, list, text},
    verb::no_places,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Tells what cluster this is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClusterInfo {}

fn ready(node: &Value) -> bool {
    list(node, "/status/conditions").iter().any(|c| text(c, "/type") == "Ready" && text(c, "/status") == "True")
}

/// One line on a reading: what it says, or why it could not be read.
fn said(answer: Option<&Lookup<Value>>, say: impl Fn(&Value) -> String) -> String {
    match answer {
        Some(Lookup::Known(value)) => say(value),
        Some(Lookup::NotChecked(why)) => format!("not read: {why}"),
        Some(Lookup::Missing) | None => "not there".into(),
    }
}

impl Verb for ClusterInfo {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, _namespace: &Namespace) {}
    fn targets(&self) -> Vec<Target> {
        Vec::new()
    }
    fn title(&self) -> String {
        "what cluster this is".into()
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        let system = Namespace::new("kube-system").map_err(|e| CannotDo::new(e.to_string(), ""))?;
        Ok(vec![
            Call::document(ReadPath::known("/version")),
            Call::list(Kind::built_in("nodes"), None),
            Call::list(Kind::built_in("services"), Some(&system)).with("labelSelector", "kubernetes.io/cluster-service=true"),
            Call::document(ReadPath::known("/readyz")).shaped(Form::Raw),
        ])
    }
    fn print(&self) -> Argv {
        Argv::of(Self::VERB)
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], _now: Timestamp) -> Result<Answer, CannotDo> {
        // The last of them is text, so only the first three are taken as objects.
        let objects = gathered(&calls[..calls.len().min(3)], replies);
        let health = replies.iter().find(|reply| reply.call == 3).map(|reply| match &reply.body {
            Lookup::Known(text) if text.trim_ascii() == b"ok" => "ready".to_string(),
            Lookup::Known(text) => String::from_utf8_lossy(text).trim().to_string(),
            Lookup::Missing => "it does not say".to_string(),
            Lookup::NotChecked(why) => format!("not ready, or not read: {why}"),
        });
        let nodes = |value: &Value| format!("{} of {} ready", items(value).iter().filter(|n| ready(n)).count(), items(value).len());
        let mut rows = vec![
            vec!["Kubernetes".to_string(), said(objects.first(), |v| text(v, "/gitVersion").to_string())],
            vec!["API server".to_string(), health.unwrap_or_else(|| "it does not say".into())],
            vec!["Nodes".to_string(), said(objects.get(1), nodes)],
        ];
        for service in objects.get(2).and_then(Lookup::known).map_or(&[][..], |found| items(found)) {
            let name = text(service, "/metadata/labels/kubernetes.io~1name");
            let name = if name.is_empty() { text(service, "/metadata/name") } else { name };
            rows.push(vec![name.to_string(), format!("service/{} in kube-system", text(service, "/metadata/name"))]);
        }
        Ok(Answer::Tables { tables: vec![Table { title: "cluster".into(), columns: Vec::new(), rows }] })
    }
}

impl Spec for ClusterInfo {
    const NAME: &'static str = "cluster_info";
    const VERB: &'static [&'static str] = &["cluster-info"];
    const ABOUT: &'static str = "Tell what cluster this is: its version, whether the API server and the nodes are ready, its own services.";
    const EXAMPLE: &'static str = "kubectl cluster-info";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        if argv.places.first().is_some_and(|word| word == "dump") {
            return Err(Misuse::says(
                "kubectl cluster-info dump: a dump of everything is not made; read what you need with get, describe and logs",
            ));
        }
        no_places(argv)?;
        Ok(ClusterInfo {})
    }
}

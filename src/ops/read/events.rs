//! `kubectl events`: what happened, newest last, of one object or of a namespace.

use crate::ops::{
    Answer, Argv, Call, CannotDo, Flag, Follow, Impact, Kind, Lookup, Misuse, Name, Namespace, Reply, Spec, Target, Verb,
    answer::Table,
    look::{self, gathered, number, since, text},
    verb::kind_named,
};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Lists events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// of this object only
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// namespace; left out: the current one
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<Namespace>,
    /// every namespace
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub all_namespaces: bool,
    /// only these types: Warning, Normal
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub types: Vec<String>,
    /// goes on with every event from now on; a model or a playbook gets what comes within 20 seconds
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub watch: bool,
}

/// The events of one object. Those of objects outside namespaces can stand in any (a node's in `default`), so all are asked.
///
/// The object's uid tells it from a former one of its name; nodes have none here, since the kubelet writes its node's name for it.
pub(in crate::ops) fn call_for(target: &Target, uid: Option<&str>) -> Call {
    let mut fields = vec![format!("involvedObject.name={}", target.name()), format!("involvedObject.kind={}", target.kind().info().kind)];
    if let Some(ns) = target.namespace() {
        fields.push(format!("involvedObject.namespace={ns}"));
    }
    if let Some(uid) = uid.filter(|_| !target.kind().is("nodes", "")) {
        fields.push(format!("involvedObject.uid={uid}"));
    }
    Call::list(Kind::built_in("events"), target.namespace()).with("fieldSelector", fields.join(","))
}

/// When an event was last seen: the series' last time, else the last time, else its own.
fn last_seen(event: &Value) -> &str {
    let places = ["/series/lastObservedTime", "/lastTimestamp", "/eventTime", "/firstTimestamp", "/metadata/creationTimestamp"];
    places.iter().map(|p| text(event, p)).find(|t| !t.is_empty()).unwrap_or_default()
}

/// Sorts events as kubectl does: newest last.
pub(in crate::ops) fn newest_last(events: &mut [&Value]) {
    events.sort_by_cached_key(|event| when(event));
}

fn when(event: &Value) -> (Option<Timestamp>, String) {
    (look::time(last_seen(event)), text(event, "/metadata/name").to_string())
}

/// `3m`, `3m (x5 over 10m)`: `getInterval` in `kubectl/pkg/cmd/events/event_printer.go`.
pub(in crate::ops) fn interval(event: &Value, now: Timestamp) -> String {
    let own = text(event, "/eventTime");
    let first = since(if own.is_empty() { text(event, "/firstTimestamp") } else { own }, now);
    if event["series"].is_object() {
        let last = since(text(event, "/series/lastObservedTime"), now);
        return format!("{last} (x{} over {first})", number(event, "/series/count"));
    }
    match number(event, "/count") {
        count @ 2.. => format!("{} (x{count} over {first})", since(text(event, "/lastTimestamp"), now)),
        0 | 1 => first,
    }
}

impl Events {
    fn kept(&self, event: &Value) -> bool {
        self.types.is_empty() || self.types.iter().any(|t| t.eq_ignore_ascii_case(text(event, "/type")))
    }
}

impl Verb for Events {
    fn impact(&self) -> Impact {
        Impact::Reads
    }
    fn place(&mut self, namespace: &Namespace) {
        match &mut self.target {
            Some(target) => {
                *target = target.clone().in_namespace(target.namespace().or(self.namespace.as_ref()).cloned());
                target.place(namespace);
                self.namespace = None;
            }
            None if self.namespace.is_none() && !self.all_namespaces => self.namespace = Some(namespace.clone()),
            None => {}
        }
    }
    fn targets(&self) -> Vec<Target> {
        self.target.iter().cloned().collect()
    }
    fn title(&self) -> String {
        match &self.target {
            Some(target) => format!("events of {}", target.slashed()),
            None => "events".into(),
        }
    }
    fn calls(&self, _seen: &[Lookup<Value>], _now: Timestamp) -> Result<Vec<Call>, CannotDo> {
        if let Some(odd) = self.types.iter().find(|t| !["normal", "warning"].contains(&t.to_ascii_lowercase().as_str())) {
            return Err(CannotDo::new(format!("{odd:?} is no type of event"), "valid types are Normal and Warning"));
        }
        let namespace = self.namespace.as_ref().filter(|_| !self.all_namespaces);
        Ok(vec![match &self.target {
            Some(target) => call_for(target, None),
            None => Call::list(Kind::built_in("events"), namespace),
        }])
    }
    fn print(&self) -> Argv {
        let mut argv = Argv::of(Self::VERB);
        if let Some(target) = &self.target {
            argv = argv.flag("for", target.slashed());
        }
        if !self.types.is_empty() {
            argv = argv.flag("types", self.types.join(","));
        }
        let namespace = self.target.as_ref().and_then(Target::namespace).or(self.namespace.as_ref());
        argv = argv.switch("watch", self.watch);
        if self.all_namespaces { argv.switch("all-namespaces", true) } else { argv.namespace(namespace) }
    }
    fn follows(&self) -> Option<Follow> {
        self.watch.then_some(Follow::Changes { first: true })
    }
    fn answer(&self, calls: &[Call], replies: &[Reply], now: Timestamp) -> Result<Answer, CannotDo> {
        let everywhere = self.all_namespaces;
        let mut columns: Vec<String> = ["Last Seen", "Type", "Reason", "Object", "Message"].map(String::from).to_vec();
        if everywhere {
            columns.insert(0, "Namespace".into());
        }
        let row = |e: &Value| {
            let mut cells = vec![
                interval(e, now),
                text(e, "/type").to_string(),
                text(e, "/reason").to_string(),
                format!("{}/{}", text(e, "/involvedObject/kind").to_ascii_lowercase(), text(e, "/involvedObject/name")),
                text(e, "/message").trim().to_string(),
            ];
            if everywhere {
                cells.insert(0, text(e, "/metadata/namespace").to_string());
            }
            cells
        };
        let mut rows = Vec::new();
        // Page by page: of an event only its row is kept.
        for page in replies.chunks(1) {
            let page = gathered(calls, page);
            let events = look::listed(&page, 0, Kind::built_in("events"))?;
            rows.extend(events.iter().filter(|e| self.kept(e)).map(|e| (when(e), row(e))));
        }
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        let rows = rows.into_iter().map(|(_, cells)| cells).collect();
        Ok(Answer::Tables { tables: vec![Table { title: "events".into(), columns, rows }] })
    }
}

impl Spec for Events {
    const NAME: &'static str = "events";
    const VERB: &'static [&'static str] = &["events"];
    const ABOUT: &'static str = "List events, newest last, of a namespace or of one object.";
    const EXAMPLE: &'static str = "kubectl events --for=pod/web-1";
    const BACK: &'static str = "";
    const FLAGS: &'static [Flag] = &[Flag::value("for"), Flag::value("types"), Flag::switch("watch").short('w')];
    const READS: bool = true;

    fn parse(argv: &Argv) -> Result<Self, Misuse> {
        if let Some(extra) = argv.places.first() {
            return Err(Misuse::Says(format!("kubectl events: {extra:?} was not expected; say --for kind/name")));
        }
        let namespace = argv.named_namespace()?;
        let target = match argv.get("for").map(|word| word.split_once('/').ok_or(word)) {
            Some(Ok((kind, name))) => Some(Target::new(kind_named(kind)?, Name::new(name)?)?.in_namespace(namespace.clone())),
            Some(Err(word)) => return Err(Misuse::Says(format!("--for={word}: kind/name was expected"))),
            None => None,
        };
        let types = argv.all("types").flat_map(|t| t.split(',')).map(str::to_string).collect();
        let namespace = namespace.filter(|_| target.is_none());
        Ok(Events { target, namespace, all_namespaces: argv.on("all-namespaces"), types, watch: argv.on("watch") })
    }
}

#[cfg(test)]
mod tests {
    use crate::ops::*;
    use serde_json::json;

    #[test]
    fn sorted_counted_and_filtered() {
        let op = Op::from_line("kubectl events --for pod/web --types=Warning -n dev").unwrap();
        let calls = op.verb().calls(&[], Default::default()).unwrap();
        let fields = "involvedObject.name=web,involvedObject.kind=Pod,involvedObject.namespace=dev";
        assert_eq!(calls[0].query, [("fieldSelector".to_string(), fields.to_string())]);
        let object = json!({"kind": "Pod", "name": "web"});
        let event = |kind: &str, last: &str, count: u32| {
            json!({"type": kind, "reason": "BackOff", "involvedObject": object, "message": " m\n", "count": count,
                   "firstTimestamp": "2026-01-01T00:00:00Z", "lastTimestamp": last})
        };
        let list = json!({"items": [event("Warning", "2026-01-01T00:09:00Z", 5), event("Normal", "2026-01-01T00:01:00Z", 1),
                                    event("Warning", "2026-01-01T00:05:00Z", 1)]});
        let replies = [Reply { call: 0, body: Lookup::Known(list.to_string().into_bytes()) }];
        let now = "2026-01-01T00:10:00Z".parse().unwrap();
        let Answer::Tables { tables } = op.verb().answer(&calls, &replies, now).unwrap() else { panic!() };
        assert_eq!(tables[0].rows.len(), 2);
        assert_eq!(tables[0].rows[1], ["60s (x5 over 10m)", "Warning", "BackOff", "pod/web", "m"]);
        assert!(Op::from_line("kubectl events --types=Odd").unwrap().verb().calls(&[], now).is_err());
    }

    #[test]
    fn events_of_a_node_are_asked_everywhere() {
        let op = Op::from_line("kubectl events --for node/n1").unwrap();
        assert_eq!(op.verb().calls(&[], Default::default()).unwrap()[0].path(), "/api/v1/events");
    }
}

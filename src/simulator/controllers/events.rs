//! Events, counted as the real recorder counts them: the same thing said again raises `count` instead of adding an object.
use crate::simulator::{
    agenda::Controller,
    cluster::Cluster,
    json::{map_mut, number, set, text, time},
    store::Key,
};
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc};

/// Seconds after its last time that an event is forgotten. Source: `--event-ttl` of the API server.
const KEPT_FOR: i64 = 3600;
/// So many events that differ in their message alone, and the next ones become one. Source: `EventAggregator` in `client-go/tools/record`.
const ALIKE: usize = 10;
const COMBINED: &str = "(combined from similar events): ";

/// So many events of one source about one object at once, and then one in so many seconds: the others are counted and not written.
/// Source: `EventSourceObjectSpamFilter` in `client-go/tools/record`.
const BURST: i64 = 25;
const REFILL: i64 = 300;

/// What the recorders remember of what they have said lately.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Recorders {
    /// By source and the object's uid: the seconds of budget that are left, and since when.
    budgets: HashMap<(Box<str>, Box<str>), (i64, i64)>,
    /// What was said so many times and not written.
    unwritten: HashMap<Statement, i64>,
}

/// The object's uid, the reason, the message.
type Statement = (Box<str>, Box<str>, Box<str>);

/// So many objects are remembered.
const REMEMBERED: usize = 4096;

impl Recorders {
    /// Whether this may be written now; if not it is counted.
    fn allow(&mut self, source: Source, uid: &str, said: Said, now: i64) -> bool {
        if self.budgets.len() > REMEMBERED {
            self.budgets.retain(|_, (left, since)| *left + now - *since < BURST * REFILL);
            self.unwritten.clear();
        }
        let (left, since) = self.budgets.entry((source.component.into(), uid.into())).or_insert((BURST * REFILL, now));
        (*left, *since) = ((*left + now - *since).min(BURST * REFILL), now);
        let allowed = *left >= REFILL;
        if allowed {
            *left -= REFILL;
        } else {
            *self.unwritten.entry((uid.into(), said.reason.into(), said.message.into())).or_default() += 1;
        }
        allowed
    }

    fn take_unwritten(&mut self, uid: &str, said: Said) -> i64 {
        self.unwritten.remove(&(uid.into(), said.reason.into(), said.message.into())).unwrap_or_default()
    }
}

/// Who says it: component, and the node it runs on.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulator) struct Source<'a> {
    pub(in crate::simulator) component: &'a str,
    pub(in crate::simulator) host: &'a str,
    /// What it was doing, where it writes events of the newer form (`events.k8s.io`): those have a series in the place of a count.
    pub(in crate::simulator) action: &'a str,
}

/// A source without a node.
pub(in crate::simulator) const fn from(component: &str) -> Source<'_> {
    Source { component, host: "", action: "" }
}

/// What is said.
#[derive(Debug, Clone, Copy)]
pub(in crate::simulator) struct Said<'a> {
    pub(in crate::simulator) warning: bool,
    pub(in crate::simulator) reason: &'a str,
    pub(in crate::simulator) message: &'a str,
    /// `spec.containers{name}`, or empty.
    pub(in crate::simulator) field: &'a str,
}

/// Records an event about the object at `about`.
pub(in crate::simulator) fn record(cluster: &mut Cluster, about: &Key, object: &Value, source: Source, said: Said) {
    let namespace = if about.namespace.is_empty() { "default" } else { &about.namespace };
    let uid = text(object, "/metadata/uid");
    if source.action.is_empty() && !cluster.recorders.allow(source, uid, said, cluster.now.as_second()) {
        return;
    }
    let unwritten = cluster.recorders.take_unwritten(uid, said);
    let kind = cluster.kinds.event;
    let alike = |event: &Value| {
        text(event, "/involvedObject/uid") == uid
            && text(event, "/reason") == said.reason
            && text(event, "/involvedObject/fieldPath") == said.field
            && text(event, "/reportingComponent") == source.component
    };
    // Names begin with the object's, so the search stays among its own events.
    let prefix = format!("{}.", about.name);
    let own = cluster.store.named_from(kind, namespace, &prefix).take_while(|(key, _)| key.name.starts_with(&prefix));
    let known: Vec<(Key, Arc<Value>)> =
        own.map(|(key, stored)| (key.clone(), cluster.store.tree(key, stored))).filter(|(_, event)| alike(event)).collect();
    let now = cluster.stamp();
    let precise = cluster.now.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
    let said_before = known.iter().find(|(_, event)| text(event, "/message") == said.message);
    let combined = format!("{COMBINED}{}", said.message);
    let too_many = said_before.is_none() && known.len() >= ALIKE;
    let message = if too_many { combined.as_str() } else { said.message };
    let again = said_before.or_else(|| known.iter().find(|(_, event)| too_many && text(event, "/message").starts_with(COMBINED)));
    if let Some((again, _)) = again {
        cluster.modify(again, |event| {
            if !source.action.is_empty() {
                set(event, "/series", json!({"count": number(event, "/series/count", 1) + 1, "lastObservedTime": precise}));
                return;
            }
            set(event, "/count", number(event, "/count", 1) + 1 + unwritten);
            set(event, "/lastTimestamp", now.as_str());
            set(event, "/message", message);
        });
        return;
    }
    let resource = cluster.registry.get(about.kind);
    let mut involved = json!({"kind": resource.kind, "name": *about.name, "uid": uid, "apiVersion": resource.api_version()});
    if !about.namespace.is_empty() {
        set(&mut involved, "/namespace", &*about.namespace);
    }
    set(&mut involved, "/resourceVersion", text(object, "/metadata/resourceVersion"));
    if !said.field.is_empty() {
        set(&mut involved, "/fieldPath", said.field);
    }
    let name = format!("{prefix}{:016x}", 0x1800_0000_0000_0000_u64 + cluster.store.version());
    let mut event = json!({
        "metadata": {"name": name, "namespace": namespace, "uid": cluster.entropy.uid(), "creationTimestamp": now},
        "involvedObject": involved, "reason": said.reason, "message": message, "type": if said.warning { "Warning" } else { "Normal" },
        "reportingComponent": source.component, "reportingInstance": source.host,
    });
    let form = if source.action.is_empty() {
        let from = if source.host.is_empty() {
            json!({"component": source.component})
        } else {
            json!({"component": source.component, "host": source.host})
        };
        json!({"source": from, "firstTimestamp": now, "lastTimestamp": now, "count": 1, "eventTime": null})
    } else {
        json!({"source": {}, "firstTimestamp": null, "lastTimestamp": null, "eventTime": precise, "action": source.action})
    };
    map_mut(&mut event).extend(form.as_object().cloned().unwrap_or_default());
    let key = Key::new(kind, namespace, &name);
    // A namespace that goes takes no more events.
    if cluster.store.stored(&Key::new(cluster.kinds.namespace, "", namespace)).is_some_and(|n| !n.deleting) {
        cluster.later(KEPT_FOR, Controller::Garbage, &key);
        cluster.store.put(key, event);
    }
}

/// A normal event without a field.
pub(in crate::simulator) fn normal<'a>(reason: &'a str, message: &'a str) -> Said<'a> {
    Said { warning: false, reason, message, field: "" }
}

/// A warning without a field.
pub(in crate::simulator) fn warning<'a>(reason: &'a str, message: &'a str) -> Said<'a> {
    Said { warning: true, reason, message, field: "" }
}

/// Forgets an event whose time is over, or comes back when it will be.
pub(super) fn expire(cluster: &mut Cluster, key: &Key) {
    let Some(event) = cluster.get(key) else { return };
    let times = ["/series/lastObservedTime", "/lastTimestamp", "/eventTime"];
    let Some(last) = times.iter().find_map(|at| time(&event, at)) else { return };
    let age = cluster.now.as_second() - last.as_second();
    if age >= KEPT_FOR {
        cluster.store.remove(key);
    } else {
        cluster.later(KEPT_FOR - age, Controller::Garbage, key);
    }
}

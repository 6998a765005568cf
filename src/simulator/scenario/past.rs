//! Playing pasts: several scenarios on one cluster, each begun so long ago that all arrive at the same now.
use super::story::{self, Broken, Step, Story};
use crate::{
    simulator::{
        Clock, Refusal, Settings, Simulator,
        admit::{DeleteOptions, Part},
        cluster::Cluster,
        controllers::{self, events},
        json::{set, stamp, text},
        owners::Writer,
        store::Key,
    },
    terms::{duration::GoDuration, merge, schema::Table},
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

/// How old the cluster is, unless a scenario's past is longer.
const AGE: Duration = Duration::from_secs(9 * 24 * 3600);

pub(super) fn play(stories: &[Story], settings: Settings) -> Result<Simulator, Broken> {
    let now = match &settings.clock {
        Clock::Virtual(time) => *time,
        Clock::Real(now) => now(),
    };
    let age = stories.iter().map(|s| s.length).fold(AGE, Duration::max);
    let then = now.checked_sub(age).unwrap_or(now);
    let began = Simulator::begun_at(Settings { clock: Clock::Virtual(then), seed: settings.seed }, then);
    let simulator = began.map_err(|why| Broken { place: "the ground of every scenario".to_owned(), why: why.to_string() })?;
    for (which, script) in story::common()?.into_iter().rev() {
        simulator.script(which, script);
    }
    let mut steps = Vec::new();
    for story in stories {
        learn(&simulator, story, story::SCRIPTS)?;
        steps.extend(story.past.iter().map(|(at, step)| (age - story.length + *at, story, step)));
    }
    // Stable: what one scenario does at one moment stays in its order.
    steps.sort_by_key(|(at, ..)| *at);
    let mut passed = Duration::ZERO;
    for (at, story, step) in steps {
        simulator.step(at - passed);
        passed = at;
        carry_out(&simulator, story, step)?;
    }
    simulator.step(age - passed);
    simulator.follow(settings.clock);
    Ok(simulator)
}

/// Scripts for the pods of the scenario that begin from now on.
fn learn(simulator: &Simulator, story: &Story, file: &str) -> Result<(), Broken> {
    for (which, script) in story.scripts(file)?.into_iter().rev() {
        simulator.script(which.within(&story.namespace), script);
    }
    Ok(())
}

/// What a step does with one object.
type Work = fn(&mut Cluster, &Key, Value) -> Result<(), Refusal>;

fn carry_out(simulator: &Simulator, story: &Story, step: &Step) -> Result<(), Broken> {
    let (work, file): (Work, _) = match step {
        Step::Wait(_) => return Ok(()),
        Step::Play(file) => return learn(simulator, story, file),
        Step::Silence(node) => {
            simulator.with(|cluster| {
                controllers::renew(cluster);
                cluster.kubelet.mute(node);
            });
            return Ok(());
        }
        Step::Apply(file) => (apply, file),
        Step::Record(file) => (record, file),
        Step::Delete(file) => (|cluster, key, _| cluster.delete(key, &DeleteOptions::default()).map(drop), file),
    };
    let refused = |refusal: Refusal| story.broken(file, refusal);
    simulator.with(|cluster| settle_in(cluster, &story.namespace)).map_err(refused)?;
    for object in story.objects(file)? {
        let done = simulator.with(|cluster| {
            let (key, mut object) = place(cluster, object, &story.namespace)?;
            date(&mut object, cluster.now);
            meant(cluster, &key).into_iter().try_for_each(|key| work(cluster, &key, object.clone()))
        });
        done.map_err(refused)?;
    }
    Ok(())
}

/// The scenario's namespace is there before anything in it.
fn settle_in(cluster: &mut Cluster, namespace: &str) -> Result<(), Refusal> {
    let kind = cluster.kinds.namespace;
    if cluster.get(&Key::new(kind, "", namespace)).is_none() {
        cluster.create(kind, "", json!({"metadata": {"name": namespace}}), false)?;
    }
    Ok(())
}

/// Where an object belongs, and the object with what a manifest cannot know: the scenario's namespace, the uids of its owners.
fn place(cluster: &Cluster, mut object: Value, namespace: &str) -> Result<(Key, Value), Refusal> {
    let resource = cluster.registry.of_object(&object).ok_or_else(Refusal::no_such_path)?;
    let (kind, namespaced) = (resource.id, resource.namespaced);
    if namespaced {
        set(&mut object, "/metadata/namespace", namespace);
    }
    for owner in object.pointer_mut("/metadata/ownerReferences").and_then(Value::as_array_mut).into_iter().flatten() {
        let found = cluster.registry.of_object(owner).map(|r| Key::new(r.id, namespace, text(owner, "/name")));
        if let Some(owner_now) = found.and_then(|key| cluster.get(&key)) {
            owner["uid"] = owner_now["metadata"]["uid"].clone();
        }
    }
    let key = Key::new(kind, text(&object, "/metadata/namespace"), text(&object, "/metadata/name"));
    Ok((key, object))
}

/// The object of a name, or all those that are there and begin as a name with `*` at its end does.
fn meant(cluster: &Cluster, key: &Key) -> Vec<Key> {
    match key.name.strip_suffix('*') {
        None => vec![key.clone()],
        Some(begin) => {
            let fits = |k: &&Key| k.name.starts_with(begin);
            cluster.store.of_kind(key.kind, Some(&key.namespace)).map(|(k, _)| k).filter(fits).cloned().collect()
        }
    }
}

fn apply(cluster: &mut Cluster, key: &Key, object: Value) -> Result<(), Refusal> {
    // A person did it, and not the controller that wrote last.
    cluster.writer = Some(Writer::new("kubectl-client-side-apply", ""));
    match cluster.get(key) {
        None => cluster.create(key.kind, &key.namespace, object, false),
        Some(old) => {
            let new = merged(cluster, key, &old, object)?;
            cluster.update(key, new, Part::Main, false)
        }
    }
    .map(drop)
}

/// An object with what a file says of it, as a strategic merge patch does it where the kind's structure is known.
fn merged(cluster: &Cluster, key: &Key, old: &Value, mut patch: Value) -> Result<Value, Refusal> {
    let mut new = old.clone();
    set(&mut patch, "/metadata/name", &*key.name);
    let resource = cluster.registry.get(key.kind);
    match Table::kubernetes().kind(&resource.group, &resource.version, &resource.kind) {
        Some(shape) => merge::strategic(&mut new, &patch, shape).map_err(|why| Refusal::bad_request(format!("{why:?}")))?,
        None => merge::merge_patch(&mut new, &patch),
    }
    Ok(new)
}

/// Puts something down past admission.
fn record(cluster: &mut Cluster, key: &Key, object: Value) -> Result<(), Refusal> {
    if key.kind == cluster.kinds.event {
        return event(cluster, key, &object);
    }
    if cluster.get(key).is_none() {
        cluster.create(key.kind, &key.namespace, object.clone(), false)?;
    }
    let new = merged(cluster, key, &cluster.fetch(key)?, object)?;
    cluster.modify(key, |kept| *kept = new);
    Ok(())
}

/// An event about objects that are there: `involvedObject` by kind and name, `reason`, `message`, `type`, `source`, and if it was said more than once
/// `count` and `firstTimestamp`.
fn event(cluster: &mut Cluster, key: &Key, event: &Value) -> Result<(), Refusal> {
    let involved = json!({
        "apiVersion": event["involvedObject"]["apiVersion"], "kind": event["involvedObject"]["kind"],
        "metadata": {"name": event["involvedObject"]["name"]},
    });
    let (about, _) = place(cluster, involved, &key.namespace)?;
    for about in meant(cluster, &about) {
        let object = cluster.fetch(&about)?;
        let message = text(event, "/message").replace("{name}", &about.name);
        let said = events::Said {
            warning: text(event, "/type") == "Warning",
            reason: text(event, "/reason"),
            message: &message,
            field: text(event, "/involvedObject/fieldPath"),
        };
        let source = events::Source {
            component: text(event, "/source/component"),
            host: text(event, "/source/host"),
            action: text(event, "/action"),
        };
        events::record(cluster, &about, &object, source, said);
        let uid = text(&object, "/metadata/uid");
        let same = |kept: &Value| {
            text(kept, "/involvedObject/uid") == uid && kept["reason"] == event["reason"] && kept["message"] == message.as_str()
        };
        let written = cluster.store.of_kind(key.kind, None).find(|(_, kept)| same(&kept.tree())).map(|(key, _)| key.clone());
        let Some(written) = written else { continue };
        for field in ["count", "firstTimestamp"] {
            if let Some(value) = event.get(field) {
                cluster.modify(&written, |kept| kept[field] = value.clone());
            }
        }
    }
    Ok(())
}

/// Every `now` and `now-DURATION` in an object as the time it means.
fn date(value: &mut Value, now: Timestamp) {
    match value {
        Value::String(word) => {
            let ago = word.strip_prefix("now").map(|rest| rest.strip_prefix('-').unwrap_or("0s").to_owned());
            if let Some(ago) = ago.and_then(|ago| ago.parse::<GoDuration>().ok()) {
                *word = stamp(now.saturating_sub(SignedDuration::from_secs(ago.secs())).unwrap_or(now));
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|v| date(v, now)),
        Value::Object(map) => map.values_mut().for_each(|v| date(v, now)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

//! What happened, in the order of time: rollouts, edits, ends of containers, conditions, nodes, events.
//!
//! Owns: which moments the objects and events of a snapshot tell of, which of them are one, which stand around an object, and what changed before a
//! finding began. Does not own: what is wrong (`experts/diagnose`), how a moment is shown (`faces/say`).
//! Invariants: pure, no clock but the snapshot's; a moment says what happened and never that it is a cause; no value of a Secret or of a variable is
//! quoted; the order of objects never changes the answer; what lies in the future is left out and counted.

mod before;
mod edits;
mod objects;
mod rollouts;
#[cfg(test)]
mod tests;

pub(super) use before::{before, began};

use crate::experts::{
    diagnose::around,
    signals::words::{counted, cut},
};
use crate::facts::snapshot::{Ref, Snapshot, event::Event};
use crate::terms::since::Since;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What sort of thing happened. At one moment the earlier sort goes first: what somebody did before what came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// An object came to be.
    Made,
    /// Its fields were written.
    Edit,
    /// Another template is rolled out.
    Rollout,
    /// How many there shall be is another number.
    Scale,
    /// A node came, went, or is held back.
    Node,
    /// An object is being deleted.
    Going,
    /// A pod came to be.
    Pod,
    /// A condition turned.
    Condition,
    /// A container ended, or began anew.
    Container,
    /// An event said so.
    Event,
}

impl Sort {
    /// Whether somebody or something changed what is asked for, or what it stands on; the others are what came of it.
    pub fn changes(self) -> bool {
        match self {
            Sort::Made | Sort::Edit | Sort::Rollout | Sort::Scale | Sort::Node | Sort::Going => true,
            Sort::Pod | Sort::Condition | Sort::Container | Sort::Event => false,
        }
    }
}

/// One thing that happened, however often.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Moment {
    /// When; of several the first.
    pub at: Timestamp,
    /// When it was seen last.
    pub until: Timestamp,
    /// How often.
    pub times: i64,
    /// To which object; of several like it, to what makes them.
    pub object: Ref,
    /// To how many objects.
    pub objects: usize,
    /// What sort of thing.
    pub sort: Sort,
    /// What, where the object's name ended: `was rolled out (revision 7): image web:1.4 → web:1.5`.
    pub what: String,
    /// Whether it is trouble.
    pub warning: bool,
}

/// So many characters of what an event says are kept.
const LONGEST: usize = 240;

impl Moment {
    fn new(at: Timestamp, object: Ref, sort: Sort, what: impl Into<String>) -> Moment {
        let what = cut(&what.into().replace(|c: char| c.is_control(), " "), LONGEST);
        Moment { at, until: at, times: 1, object, objects: 1, sort, what, warning: false }
    }
    fn trouble(self, warning: bool) -> Moment {
        Moment { warning, ..self }
    }
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// From when on; `None`: as far back as anything tells.
    pub since: Option<Since>,
    /// Only what was changed, and not what came of it.
    pub changes: bool,
}

/// What happened around an object, in a namespace, or everywhere.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Timeline {
    /// What was asked about: an object, or a namespace; `None`: everything.
    pub about: Option<Ref>,
    /// From when on.
    pub since: Option<Timestamp>,
    /// Whether only changes were asked for.
    pub changes: bool,
    /// Now; of a dump, the newest moment that stands in it.
    pub now: Timestamp,
    /// The oldest first.
    pub moments: Vec<Moment>,
    /// How many are left out before the first.
    pub earlier: usize,
    /// What could not be looked at, and why.
    pub not_checked: Vec<String>,
}

/// So many are told.
const MOST: usize = 60;
/// Of the same thing the next one goes with the one before if no more seconds lie between them.
const APART: i64 = 600;
/// Clocks of several machines differ by no more than that.
const AHEAD: i64 = 60;

/// What happened around it.
pub fn timeline(s: &Snapshot, about: Option<&Ref>, span: Span) -> Timeline {
    let now = s.clock.now;
    let since = span.since.map(|since| since.before(now));
    let wanted = Wanted::of(s, about);
    let mut all = Vec::new();
    for at in s.refs() {
        if wanted.has(at) {
            objects::of(s, at, &mut all);
        }
    }
    if !span.changes {
        all.extend(s.events.iter().filter(|e| wanted.event(e)).filter_map(told));
    }
    all.retain(|m| !span.changes || m.sort.changes());
    // What a node was before anything of this began is its own story.
    if let Some(first) =
        all.iter().filter(|m| m.sort != Sort::Node).map(|m| m.at).min().filter(|_| about.is_some_and(|at| &*at.kind != "Node"))
    {
        all.retain(|m| m.sort != Sort::Node || m.until >= first);
    }
    let (mut moments, future): (Vec<Moment>, Vec<Moment>) =
        all.into_iter().partition(|m| m.at.as_second().saturating_sub(now.as_second()) <= AHEAD);
    moments = folded(moments, s);
    moments.retain(|m| since.is_none_or(|since| m.until >= since));
    // What goes on longest is not what is left out.
    moments.sort_by(|a, b| b.until.cmp(&a.until).then_with(|| order(a, b)));
    let earlier = moments.len().saturating_sub(MOST);
    moments.truncate(MOST);
    moments.sort_by(order);
    let mut not_checked: Vec<String> = s.not_read.iter().map(|n| format!("{}: {}", n.what, n.why)).collect();
    if !future.is_empty() {
        not_checked.push(format!(
            "{} in the future: left out, a clock is wrong",
            counted(i64::try_from(future.len()).unwrap_or(i64::MAX), "moment")
        ));
    }
    if let Some(at) = about.filter(|at| &*at.kind != "Namespace" && !s.has(at)) {
        not_checked.push(format!("{}: there is no such object in what was read", at.told()));
    }
    Timeline { about: about.cloned(), since, changes: span.changes, now, moments, earlier, not_checked }
}

fn order(a: &Moment, b: &Moment) -> std::cmp::Ordering {
    (a.at, a.sort, &a.object, &a.what, a.until, a.times).cmp(&(b.at, b.sort, &b.object, &b.what, b.until, b.times))
}

/// What is around the object that is asked about.
enum Wanted<'a> {
    Everything,
    /// What lives there, and the nodes on which it runs.
    Namespace(&'a str, BTreeSet<Box<str>>),
    /// These, and pods of these ReplicaSets and Jobs that are no more.
    These(BTreeSet<Ref>, Vec<Ref>),
}

impl Wanted<'_> {
    fn of<'a>(s: &Snapshot, about: Option<&'a Ref>) -> Wanted<'a> {
        let Some(at) = about else { return Wanted::Everything };
        if &*at.kind == "Namespace" {
            let nodes = s.pods_in(&at.name).map(|p| p.spec.node.clone()).filter(|n| !n.is_empty()).collect();
            return Wanted::Namespace(&at.name, nodes);
        }
        let these = surroundings(s, at);
        let makers = these.iter().filter(|r| ["ReplicaSet", "Job", "DaemonSet", "StatefulSet"].contains(&&*r.kind)).cloned().collect();
        Wanted::These(these, makers)
    }
    fn has(&self, at: &Ref) -> bool {
        match self {
            Wanted::Everything => true,
            Wanted::Namespace(name, nodes) => match &*at.kind {
                "Namespace" => *at.name == **name,
                "Node" => nodes.contains(&at.name),
                _ => *at.namespace == **name,
            },
            Wanted::These(these, _) => these.contains(at),
        }
    }
    fn event(&self, e: &Event) -> bool {
        let at = Ref::new(&e.about.kind, &e.about.namespace, &e.about.name);
        let made_by =
            |maker: &Ref| maker.namespace == at.namespace && at.name.strip_prefix(&*maker.name).is_some_and(|rest| rest.starts_with('-'));
        self.has(&at) || matches!(self, Wanted::These(_, makers) if &*at.kind == "Pod" && makers.iter().any(made_by))
    }
}

/// An object with everything that it stands on or that stands on it, and what bounds it: who scales it, its namespace, quotas, what leads to it.
fn surroundings(s: &Snapshot, at: &Ref) -> BTreeSet<Ref> {
    let mut all = around(at, s);
    let leads = |service: &str| all.contains(&Ref::new("Service", &at.namespace, service));
    let here = |namespace: &str| *namespace == *at.namespace;
    let mut more = Vec::new();
    for x in s.autoscalers.iter().filter(|x| here(&x.meta.namespace)) {
        if all.contains(&Ref::new(&x.spec.target.kind, &at.namespace, &x.spec.target.name)) {
            more.push(Ref::of("HorizontalPodAutoscaler", &x.meta));
        }
    }
    // A node or a volume is no reason to look at all that is on it.
    if !at.namespace.is_empty() {
        more.extend(
            s.ingresses
                .iter()
                .filter(|x| here(&x.meta.namespace) && x.backends().any(|(_, service, _)| leads(service)))
                .map(|x| Ref::of("Ingress", &x.meta)),
        );
        more.extend(s.quotas.iter().filter(|x| here(&x.meta.namespace)).map(|x| Ref::of("ResourceQuota", &x.meta)));
        let pods: Vec<_> = all.iter().filter(|r| &*r.kind == "Pod").filter_map(|r| s.pod(&r.namespace, &r.name)).collect();
        let selects = |labels: &crate::facts::snapshot::meta::Map, selector: &crate::facts::snapshot::meta::Selector| selector.fits(labels);
        more.extend(
            s.policies
                .iter()
                .filter(|x| here(&x.meta.namespace) && pods.iter().any(|p| selects(&p.meta.labels, &x.spec.pods)))
                .map(|x| Ref::of("NetworkPolicy", &x.meta)),
        );
        let services = s.services.iter().filter(|x| here(&x.meta.namespace) && !x.spec.selector.is_empty());
        more.extend(
            services
                .filter(|x| pods.iter().any(|p| x.spec.selector.iter().all(|(k, v)| p.meta.labels.get(k) == Some(v))))
                .map(|x| Ref::of("Service", &x.meta)),
        );
    }
    all.extend(more);
    all
}

/// What an event says.
fn told(e: &Event) -> Option<Moment> {
    let at = Ref::new(&e.about.kind, &e.about.namespace, &e.about.name);
    let last = e.last.or(e.first)?;
    let first = e.first.unwrap_or(last).min(last);
    let sort = match &*e.reason {
        "ScalingReplicaSet" | "SuccessfulRescale" => Sort::Scale,
        "NodeNotReady" | "NodeReady" | "Rebooted" | "NodeNotSchedulable" | "NodeSchedulable" | "RemovingNode" | "RegisteredNode" => {
            Sort::Node
        }
        _ => Sort::Event,
    };
    let message = if e.message.is_empty() { String::new() } else { format!(": {}", e.message) };
    let moment = Moment::new(first, at, sort, format!("{}{message}", e.reason)).trouble(e.warning);
    Some(Moment { until: last, times: e.count, ..moment })
}

/// The same of the same at about the same time is one: also of several pods that one object makes.
fn folded(all: Vec<Moment>, s: &Snapshot) -> Vec<Moment> {
    let mut alike: BTreeMap<(Ref, Sort, String), Vec<Moment>> = BTreeMap::new();
    for m in all {
        let unit = match &*m.object.kind {
            "Pod" => s.meta(&m.object).map_or_else(|| maker(&m.object), |meta| s.top("Pod", meta)),
            _ => m.object.clone(),
        };
        alike.entry((unit, m.sort, gist(&m))).or_default().push(m);
    }
    let mut kept = Vec::new();
    for ((unit, ..), mut same) in alike {
        same.sort_by(order);
        let mut objects: BTreeSet<Ref> = BTreeSet::new();
        let mut open: Option<Moment> = None;
        for next in same {
            match &mut open {
                Some(one) if next.at.as_second().saturating_sub(one.until.as_second()) <= APART => {
                    one.until = one.until.max(next.until);
                    one.times = one.times.saturating_add(next.times);
                    one.warning |= next.warning;
                    objects.insert(next.object);
                    one.objects = objects.len();
                    if one.objects > 1 {
                        one.object = unit.clone();
                    }
                }
                _ => {
                    objects = BTreeSet::from([next.object.clone()]);
                    kept.extend(open.replace(next));
                }
            }
        }
        kept.extend(open);
    }
    kept
}

/// What makes pods of that name, by the name alone: `web-7d4b9c-x2x1z` is one of `web`.
fn maker(pod: &Ref) -> Ref {
    let name = &*pod.name;
    let cut = name.rsplit_once('-').map_or(name, |(head, _)| head);
    let set = cut.rsplit_once('-').filter(|(_, hash)| (6..=10).contains(&hash.len()) && hash.chars().any(|c| c.is_ascii_digit()));
    Ref::new("Deployment", &pod.namespace, set.map_or(cut, |(head, _)| head))
}

/// What makes two moments the same: all of it, but for what an event says of one pod or of one time.
fn gist(m: &Moment) -> String {
    if m.sort != Sort::Event {
        return m.what.clone();
    }
    let (reason, message) = m.what.split_once(':').unwrap_or((&m.what, ""));
    // An ordinary event is one of a step that every pod takes.
    if !m.warning && &*m.object.kind == "Pod" {
        return reason.to_string();
    }
    let message = message.replace(&*m.object.name, "");
    format!("{reason}:{}", message.chars().filter(|c| !c.is_ascii_digit()).take(40).collect::<String>())
}

//! What changed in or around an object shortly before a finding about it began: facts beside the cause, not claims of a cause.

use super::{Moment, Sort, objects, surroundings, told};
use crate::experts::diagnose::Finding;
use crate::facts::snapshot::{Ref, Snapshot, meta::Condition};
use jiff::Timestamp;

/// So many are told, the nearest first.
const MOST: usize = 3;
/// So many seconds before count as shortly before.
const SHORTLY: i64 = 2 * 3_600;
/// What is seen is seen a little late: a change within so many seconds of it still lies before.
const SLACK: i64 = 5;
/// What came to be up to so many seconds after an object came together with it, and is no change for it.
const TOGETHER: i64 = 60;
/// Of what a finding explains so many objects are asked when it began.
const ASKED: usize = 20;

/// When it began, as far as its objects tell: the first warning that is still told, or the condition that fails.
pub(in crate::experts) fn began(s: &Snapshot, finding: &Finding) -> Option<Timestamp> {
    let objects = std::iter::once(&finding.subject).chain(finding.explains.iter().take(ASKED));
    objects.filter_map(|at| of_object(s, at)).min().filter(|then| *then <= s.clock.now)
}

fn of_object(s: &Snapshot, at: &Ref) -> Option<Timestamp> {
    let meta = s.meta(at)?;
    let warned =
        s.events_of(&at.kind, meta).into_iter().filter(|e| e.warning && s.clock.within(e.last, 3_600)).filter_map(|e| e.first).min();
    let failing =
        |all: &[Condition], kinds: &[&str]| all.iter().filter(|c| kinds.contains(&&*c.kind) && !c.holds()).filter_map(|c| c.since.0).min();
    let turned = match &*at.kind {
        "Pod" => {
            s.pod(&at.namespace, &at.name).filter(|p| !p.over()).and_then(|p| failing(&p.status.conditions, &["Ready", "PodScheduled"]))
        }
        "Node" => s.node(&at.name).and_then(|n| failing(&n.status.conditions, &["Ready"])),
        _ => s.workload(at).and_then(|w| failing(&w.status.conditions, &["Available", "Progressing"])),
    };
    // An event from before the object came to be is about another of its name.
    [warned, turned].into_iter().flatten().min().map(|then| meta.created.0.map_or(then, |made| then.max(made)))
}

/// The changes before it, the nearest first; none where nothing is known.
pub(in crate::experts) fn before(s: &Snapshot, finding: &Finding) -> Vec<Moment> {
    let Some(since) = finding.since else { return Vec::new() };
    let top = s.meta(&finding.subject).map(|meta| s.top(&finding.subject.kind, meta));
    let born = top.as_ref().and_then(|top| s.meta(top)).and_then(|meta| meta.created.0);
    let mut all: Vec<Moment> = Vec::new();
    for at in surroundings(s, &finding.subject) {
        let from = all.len();
        // Pods come and go by what is asked for elsewhere.
        if &*at.kind != "Pod" {
            objects::of(s, &at, &mut all);
            if let Some(meta) = s.meta(&at) {
                all.extend(s.events_of(&at.kind, meta).into_iter().filter_map(told));
            }
        }
        let known = all.split_off(from);
        all.extend(known.into_iter().filter(|m| m.sort.changes() && !its_own(m, &finding.subject, top.as_ref(), born)));
    }
    let ago = |m: &Moment| since.as_second().saturating_sub(m.at.as_second());
    all.retain(|m| (-SLACK..=SHORTLY).contains(&ago(m)));
    // How many there are follows from the rollout that is told already.
    let rolled_out: Vec<(Ref, Timestamp)> = all.iter().filter(|m| m.sort == Sort::Rollout).map(|m| (m.object.clone(), m.at)).collect();
    all.retain(|m| m.sort != Sort::Scale || !rolled_out.iter().any(|(object, _)| *object == m.object));
    // Of two as near as each other, what somebody did to what the finding is about.
    all.sort_by(|a, b| {
        let key = |m: &Moment| (ago(m).max(0), Some(&m.object) != top.as_ref(), m.sort);
        key(a).cmp(&key(b)).then_with(|| super::order(a, b))
    });
    all.dedup_by(|a, b| a.object == b.object && a.what == b.what);
    all.truncate(MOST);
    all
}

/// What is the finding itself, or was so already when what it is about came to be.
fn its_own(m: &Moment, subject: &Ref, top: Option<&Ref>, born: Option<Timestamp>) -> bool {
    let own = m.object == *subject || Some(&m.object) == top;
    let so_already = born.is_some_and(|born| m.at.as_second().saturating_sub(born.as_second()) <= TOGETHER);
    match m.sort {
        Sort::Made => own || so_already,
        // A node that is not ready is what was found, and no change before it.
        Sort::Node => m.object == *subject,
        Sort::Edit | Sort::Scale => so_already,
        Sort::Rollout | Sort::Going | Sort::Pod | Sort::Condition | Sort::Container | Sort::Event => false,
    }
}

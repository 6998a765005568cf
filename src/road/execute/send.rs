//! Sending one approved call: with its pin, pinned anew where only noise moved, and read back where the answer was lost.

use crate::{
    doors::cluster::{Cluster, Sending},
    facts::{Need, Rejection, RejectionSort},
    ops::{Action, Call, Lookup, Op, PatchKind, Pin, Target, without_noise},
    problem::Problem,
    road::preview::{Basis, Send, refused},
};
use serde_json::Value;

/// Pauses, in milliseconds, before each look at an object whose write was not answered. That it was done shows at the first look;
/// that it was not is believed only at the last: a request can still be on its way when its connection has gone.
const READING_BACK: &[u64] = &[200, 500, 1000, 1500];

/// What came of it.
pub(super) enum Sent {
    /// The server did it; the object as it answered.
    Done(Option<Value>),
    /// The server would not.
    Rejected(Rejection, Problem),
    /// The object is not the one that was approved any more.
    Moved,
    /// Nobody knows.
    Unknown(Rejection),
}

/// How often a pin is taken anew because only noise had moved.
const REPINS: usize = 6;

/// Sends one call. `earlier` is the state an earlier step of this very run left the object in.
pub(super) async fn send(cluster: &Cluster, op: &Op, send: &Send, earlier: Option<Pin>) -> Sent {
    if let Basis::AfterStep(_) = send.basis
        && let Some(sent) = rehearse_now(cluster, op, send).await
    {
        return sent;
    }
    let target = send.call.target();
    if earlier.is_none()
        && let Some(sent) = taken(cluster, op, send, target.as_ref()).await
    {
        return sent;
    }
    let mut pin = earlier.or_else(|| send.pin.clone());
    for _ in 0..REPINS {
        match cluster.send(&send.call, Sending::Write(pin.as_ref())).await {
            Ok(body) => match answered(&send.call, &body, target.as_ref(), cluster).await {
                Some(after) => return Sent::Done(Some(after)),
                None if send.call.action.ends() => return Sent::Done(None),
                // Something said yes, and it is not known to what.
                None => return read_back(cluster, send, target.as_ref(), unreadable()).await,
            },
            Err(rejection) => match rejection.sort {
                RejectionSort::Conflict => match (&pin, &target) {
                    (Some(old), Some(target)) => match look(cluster, target).await {
                        Lookup::Known(now) => match Pin::of(&now) {
                            Some(new) if new.uid == old.uid && new.digest == old.digest && new.resource_version != old.resource_version => {
                                // Who set which field is no part of the digest: what is taken has to be what was shown.
                                if !takes_the_same(cluster, send).await {
                                    return Sent::Moved;
                                }
                                pin = Some(new);
                            }
                            // Nothing moved and it is a conflict all the same: another manager owns a field.
                            Some(new) if new == *old => return Sent::Rejected(rejection.clone(), refused(op, &send.call, &rejection)),
                            Some(_) | None => return Sent::Moved,
                        },
                        Lookup::Missing => return Sent::Moved,
                        Lookup::NotChecked(_) => return Sent::Rejected(rejection.clone(), refused(op, &send.call, &rejection)),
                    },
                    (_, _) => return Sent::Rejected(rejection.clone(), refused(op, &send.call, &rejection)),
                },
                // What was to go is gone.
                RejectionSort::NotFound if matches!(send.call.action, Action::Evict { .. }) => return Sent::Done(None),
                RejectionSort::NotFound if pin.is_some() => return Sent::Moved,
                RejectionSort::AlreadyExists => return Sent::Moved,
                RejectionSort::AnswerLost => return read_back(cluster, send, target.as_ref(), rejection).await,
                RejectionSort::NotFound
                | RejectionSort::Unauthorized
                | RejectionSort::Forbidden
                | RejectionSort::Invalid
                | RejectionSort::TooManyRequests
                | RejectionSort::Gone
                | RejectionSort::NotAllowed
                | RejectionSort::ServerTrouble
                | RejectionSort::Unreachable
                | RejectionSort::TimedOut => return Sent::Rejected(rejection.clone(), refused(op, &send.call, &rejection)),
            },
        }
    }
    Sent::Rejected(
        Rejection { sort: RejectionSort::Conflict, message: "the object keeps moving".into(), causes: Vec::new() },
        Problem::failed(format!("{}: its status moves faster than the change can be sent; nothing was changed", op.verb().title()))
            .hint("try again"),
    )
}

/// Whether an apply by force would still take the fields that it was approved to take, and no others.
async fn takes_the_same(cluster: &Cluster, send: &Send) -> bool {
    if !matches!(send.call.action, Action::Patch(PatchKind::Apply { force: true }, _)) {
        return true;
    }
    let rehearsal = cluster.dry_run(std::slice::from_ref(&send.call)).await.into_iter().next();
    let takes = rehearsal.and_then(|run| run.contested).map_or_else(Vec::new, |contested| contested.conflicts);
    takes.iter().all(|conflict| send.takes.contains(conflict))
}

/// An apply that was approved as making a new object must not be merged into one that somebody made meanwhile. The server has no
/// precondition for that, so it is looked at once more, as late as possible.
async fn taken(cluster: &Cluster, op: &Op, send: &Send, target: Option<&Target>) -> Option<Sent> {
    let makes = matches!(send.call.action, Action::Patch(PatchKind::Apply { .. }, _)) && send.before.is_none();
    let target = target.filter(|_| makes)?;
    match look(cluster, target).await {
        Lookup::Missing => None,
        Lookup::Known(_) => Some(Sent::Moved),
        Lookup::NotChecked(why) => {
            let problem = Problem::failed(format!("{}: whether {target} is there by now could not be read: {why}", op.verb().title()))
                .hint("nothing was changed; try again");
            let rejection = Rejection { sort: RejectionSort::ServerTrouble, message: why, causes: Vec::new() };
            Some(Sent::Rejected(rejection, problem))
        }
    }
}

/// A step that needed an earlier one is rehearsed now that its turn has come; what it would do has to be what was approved.
async fn rehearse_now(cluster: &Cluster, op: &Op, send: &Send) -> Option<Sent> {
    let rehearsal = cluster.dry_run(std::slice::from_ref(&send.call)).await.into_iter().next()?;
    match rehearsal.after {
        Err(rejection) => Some(Sent::Rejected(rejection.clone(), refused(op, &send.call, &rejection))),
        Ok(Some(after)) if matches!(rehearsal.before, Lookup::Missing) => {
            let approved = send.after.as_ref().unwrap_or(&Value::Null);
            (!holds_all_of(&after, approved)).then_some(Sent::Moved)
        }
        Ok(_) => Some(Sent::Moved),
    }
}

/// Whether `whole` has every field that `part` has, with the same value; what the server adds by default may stand beside.
/// Quantities and the like that the server writes in its own way count by their own meaning only where they are texts that are
/// equal once parsed.
fn holds_all_of(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(k, v)| v.is_null() || k == "creationTimestamp" || whole.get(k).map_or_else(|| is_empty(v), |w| holds_all_of(w, v))),
        (Value::Array(whole), Value::Array(part)) => whole.len() == part.len() && whole.iter().zip(part).all(|(w, p)| holds_all_of(w, p)),
        (Value::String(w), Value::String(p)) if w != p => {
            use crate::terms::quantity::Quantity;
            // Secret values are redacted on their way in, so they can only be compared with themselves.
            w.starts_with("<redacted") || matches!((w.parse::<Quantity>(), p.parse::<Quantity>()), (Ok(a), Ok(b)) if a.nanos() == b.nanos())
        }
        (w, p) => w == p,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(b) => !b,
        Value::Number(_) => false,
    }
}

/// The object as the server answered; for a subresource the object itself is read, since its own document is no image of it.
async fn answered(call: &Call, body: &[u8], target: Option<&Target>, cluster: &Cluster) -> Option<Value> {
    if call.action.ends() {
        return None;
    }
    if !call.subresource().is_empty()
        && let Some(target) = target
    {
        return look(cluster, target).await.into_known();
    }
    let object: Value = serde_json::from_slice(body).ok()?;
    // The answer to a write is the object: with a uid, or it is something else that stands in its place.
    object.pointer("/metadata/uid").is_some_and(Value::is_string).then_some(object)
}

fn unreadable() -> Rejection {
    Rejection {
        sort: RejectionSort::AnswerLost,
        message: "what was answered is not the object: the change may or may not have been made".into(),
        causes: Vec::new(),
    }
}

/// A write was sent and no answer came: the object says whether it was done.
async fn read_back(cluster: &Cluster, send: &Send, target: Option<&Target>, rejection: Rejection) -> Sent {
    let Some(target) = target else { return Sent::Unknown(rejection) };
    let mut not_yet = None;
    for pause in READING_BACK {
        tokio::time::sleep(std::time::Duration::from_millis(*pause)).await;
        let now = look(cluster, target).await;
        match (&send.call.action, now) {
            (_, Lookup::NotChecked(_)) => {}
            (Action::Delete { .. } | Action::Evict { .. }, Lookup::Missing) => return Sent::Done(None),
            (Action::Delete { .. } | Action::Evict { .. }, Lookup::Known(now)) => {
                let another = send.pin.as_ref().is_some_and(|p| now.pointer("/metadata/uid").and_then(Value::as_str) != Some(&p.uid));
                if another || now.pointer("/metadata/deletionTimestamp").is_some() {
                    return Sent::Done(None);
                }
                not_yet = Some(not_done(send, &now, rejection.clone()));
            }
            (Action::Create(_), Lookup::Missing) => not_yet = Some(not_done_at_all(rejection.clone())),
            (Action::Create(body), Lookup::Known(now)) => {
                return if holds_all_of(&now, body) { Sent::Done(Some(now)) } else { Sent::Unknown(rejection) };
            }
            (Action::Patch(..) | Action::Replace(_), Lookup::Missing) if send.before.is_none() => {
                not_yet = Some(not_done_at_all(rejection.clone()))
            }
            (Action::Patch(..) | Action::Replace(_), Lookup::Missing) => return Sent::Unknown(rejection),
            (Action::Patch(..) | Action::Replace(_), Lookup::Known(now)) => {
                let done = send.after.as_ref().is_some_and(|after| without_noise(after) == without_noise(&now));
                let touched = !send.changes.is_empty() && send.changes.iter().all(|c| c.path.get(&now) == c.after.as_ref());
                if done || touched {
                    return Sent::Done(Some(now));
                }
                not_yet = Some(not_done(send, &now, rejection.clone()));
            }
            (Action::Get | Action::List | Action::Talk | Action::Program(_) | Action::Carried(_), _) => return Sent::Unknown(rejection),
        }
    }
    not_yet.unwrap_or(Sent::Unknown(rejection))
}

/// The object is there, and not as it should be: it was not done if it is still just as it was approved, else nobody knows.
fn not_done(send: &Send, now: &Value, rejection: Rejection) -> Sent {
    match (&send.pin, Pin::of(now)) {
        (Some(pin), Some(now)) if pin.resource_version == now.resource_version => not_done_at_all(rejection),
        (_, _) => Sent::Unknown(rejection),
    }
}

fn not_done_at_all(rejection: Rejection) -> Sent {
    let problem = Problem::failed(format!("the answer was lost ({rejection}); the object was read back, and the change was not made"))
        .hint("try again");
    Sent::Rejected(rejection, problem)
}

async fn look(cluster: &Cluster, target: &Target) -> Lookup<Value> {
    let call = Call::get(target);
    cluster.gather(&[Need::Look(call.clone())]).await.look(&call)
}

//! The helm program at work: sent out once, and what came of it is read from the release, not from what it says.

use super::{
    super::{journal::StepEnd, preview::Send},
    Outside,
    outcome::Done,
};
use crate::{
    doors::{
        cluster::Cluster,
        helm::{Helm, Ran},
    },
    facts::{Need, Rejection, RejectionSort},
    ops::{
        Action, Call, Lookup, Reply,
        helm::{Errand, Work},
    },
    problem::{Problem, Sort},
};
use serde_json::Value;
use std::time::Duration;

/// What came of an errand.
pub(super) struct Went {
    /// For the record.
    pub end: StepEnd,
    /// What ends the run, if it does.
    pub done: Option<Done>,
    /// In a few words.
    pub state: String,
}

/// How often it is told that the program is still at work.
const BEAT: Duration = Duration::from_secs(2);

/// Answers reads, those of the program among them.
pub(super) async fn replies(cluster: &Cluster, helm: &Helm, calls: &[Call]) -> Vec<Reply> {
    if !calls.iter().any(|call| matches!(call.action, Action::Program(_))) {
        return cluster.replies(calls).await;
    }
    let mut replies = Vec::with_capacity(calls.len());
    for (n, call) in calls.iter().enumerate() {
        match &call.action {
            Action::Program(errand) => replies.push(Reply { call: n, body: helm.reply(errand).await }),
            _ => replies.extend(cluster.replies(std::slice::from_ref(call)).await.into_iter().map(|reply| Reply { call: n, ..reply })),
        }
    }
    replies
}

/// Sends it out, if the release is still as it was when it was approved.
pub(super) async fn carry(
    outside: Outside<'_>,
    send: &Send,
    errand: &Errand,
    title: &str,
    tell: &mut (dyn FnMut(String) + std::marker::Send),
) -> Went {
    let before = match release(outside.cluster, &send.call).await {
        Ok(before) => before,
        Err(why) => return rejected(&format!("{title}: the release could not be read: {why}"), "nothing was changed"),
    };
    if !same(send.before.as_ref(), before.as_ref()) {
        return Went { end: StepEnd::Moved, done: None, state: String::new() };
    }
    let mut work = std::pin::pin!(outside.helm.carry(outside.cluster, errand));
    let mut seconds = 0;
    let ran = loop {
        tokio::select! {
            ran = &mut work => break ran,
            () = tokio::time::sleep(BEAT) => {
                seconds += BEAT.as_secs();
                tell(format!("helm is at work, for {seconds} s"));
            }
        }
    };
    let said = match ran {
        Ok(Ran::Done) => None,
        Ok(Ran::Differs(why)) => {
            return rejected(&format!("{title}: {why}"), "nothing was changed; say it again to see what it would be now");
        }
        Ok(Ran::Failed(words)) => Some(words),
        Err(problem) => Some(problem.sentence),
    };
    match release(outside.cluster, &send.call).await {
        Ok(after) => came(errand, before.as_ref(), after, said, title),
        Err(why) => unknown(format!("{title}: helm was run, and what came of it could not be read: {why}")),
    }
}

/// The release now; `None` where there is none.
async fn release(cluster: &Cluster, call: &Call) -> Result<Option<Value>, String> {
    let Some(target) = call.target() else { return Err("it has no name".into()) };
    let look = Call::get(&target);
    match cluster.gather(&[Need::Look(look.clone())]).await.look(&look) {
        Lookup::Known(head) => Ok(Some(head)),
        Lookup::Missing => Ok(None),
        Lookup::NotChecked(why) => Err(why),
    }
}

/// Whether it is the same revision in the same state.
fn same(approved: Option<&Value>, now: Option<&Value>) -> bool {
    match (approved, now) {
        (Some(approved), Some(now)) => approved["revision"] == now["revision"] && approved["state"] == now["state"],
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// What the release says.
fn came(errand: &Errand, before: Option<&Value>, after: Option<Value>, said: Option<String>, title: &str) -> Went {
    let words = said.as_deref().unwrap_or("it says that it is done");
    let state = |head: &Value| head["state"].as_str().unwrap_or_default().to_string();
    let gone = after.as_ref().is_none_or(|head| state(head) == "uninstalled");
    if let Work::Uninstall { .. } = errand.work {
        return match &after {
            _ if gone => Went { end: StepEnd::Done { after }, done: None, state: "it is gone".into() },
            Some(_) if same(before, after.as_ref()) => rejected(&format!("{title}: {words}"), "nothing was changed"),
            Some(head) => {
                let sentence = format!("{title}: it is {} still: {words}", state(head));
                let problem = Problem::failed(sentence).hint("say it again to take away what is left");
                Went { end: StepEnd::Done { after }, done: Some(Done::Failed(problem)), state: String::new() }
            }
            None => unknown(format!("{title}: {words}")),
        };
    }
    let Some(head) = after.as_ref().filter(|_| !same(before, after.as_ref())) else {
        return match said {
            Some(words) => rejected(&format!("{title}: {words}"), "nothing was changed"),
            None => unknown(format!("{title}: {words}, and the release is as it was")),
        };
    };
    let revision = head["revision"].to_string();
    match state(head).as_str() {
        "deployed" if said.is_none() => {
            Went { state: format!("revision {revision} is deployed"), end: StepEnd::Done { after }, done: None }
        }
        pending if pending.starts_with("pending-") => unknown(format!(
            "{title}: revision {revision} is {pending}: {words}; helm history tells how it goes on, helm rollback takes it back"
        )),
        other => {
            let problem = Problem::failed(format!("{title}: revision {revision} is {other}: {words}")).hint("aiops undo takes it back");
            Went { end: StepEnd::Done { after: after.clone() }, done: Some(Done::Failed(problem)), state: String::new() }
        }
    }
}

fn rejected(sentence: &str, hint: &str) -> Went {
    let rejection = Rejection { sort: RejectionSort::Invalid, message: sentence.to_string(), causes: Vec::new() };
    let problem = Problem::failed(sentence).hint(hint);
    Went { end: StepEnd::Rejected { rejection }, done: Some(Done::Failed(problem)), state: String::new() }
}

fn unknown(sentence: String) -> Went {
    let rejection = Rejection { sort: RejectionSort::AnswerLost, message: sentence.clone(), causes: Vec::new() };
    let problem = Problem::new(Sort::OutcomeUnknown, sentence).hint("look at the release before you try again: helm status NAME");
    Went { end: StepEnd::Unknown { rejection }, done: Some(Done::Unknown(problem)), state: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::Op;
    use serde_json::json;

    fn head(revision: u64, state: &str) -> Value {
        json!({"revision": revision, "state": state})
    }

    fn errand(work: Work) -> Errand {
        let op = Op::from_line("helm lint ./x").unwrap();
        match op.verb().calls(&[], jiff::Timestamp::UNIX_EPOCH).unwrap().remove(0).action {
            Action::Program(errand) => Errand { work, ..*errand },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_came_of_it_is_what_the_release_says() {
        let roll = errand(Work::Rollback { to: 1, no_hooks: false });
        let gone = errand(Work::Uninstall { keep_history: false, no_hooks: false });
        let was = head(2, "deployed");
        let failed = || Some("it failed".to_string());
        let ended = |errand: &Errand, after: Option<Value>, said: Option<String>| {
            let went = came(errand, Some(&was), after, said, "t");
            let done = match went.done {
                None => "holds",
                Some(Done::Failed(_)) => "failed",
                Some(Done::Unknown(_)) => "unknown",
                Some(_) => "else",
            };
            (matches!(went.end, StepEnd::Done { .. }), done)
        };
        assert_eq!(ended(&roll, Some(head(3, "deployed")), None), (true, "holds"));
        // It says that it failed, and the release is there: what is there may be undone.
        assert_eq!(ended(&roll, Some(head(3, "failed")), failed()), (true, "failed"));
        assert_eq!(ended(&roll, Some(head(3, "deployed")), failed()), (true, "failed"));
        assert_eq!(ended(&roll, Some(head(3, "pending-rollback")), failed()), (false, "unknown"));
        assert_eq!(ended(&roll, Some(was.clone()), failed()), (false, "failed"));
        assert_eq!(ended(&roll, Some(was.clone()), None), (false, "unknown"));
        assert_eq!(ended(&gone, None, None), (true, "holds"));
        assert_eq!(ended(&gone, Some(head(2, "uninstalled")), failed()), (true, "holds"));
        assert_eq!(ended(&gone, Some(head(2, "uninstalling")), failed()), (true, "failed"));
        assert_eq!(ended(&gone, Some(was.clone()), failed()), (false, "failed"));
    }

    #[test]
    fn a_release_that_moved_is_another() {
        assert!(same(Some(&head(2, "deployed")), Some(&head(2, "deployed"))) && same(None, None));
        for now in [Some(head(3, "deployed")), Some(head(2, "failed")), None] {
            assert!(!same(Some(&head(2, "deployed")), now.as_ref()), "{now:?}");
        }
        assert!(!same(None, Some(&head(1, "deployed"))));
    }
}

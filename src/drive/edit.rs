//! Editing: the person's editor with one object in it, opened again with the reason while what they left cannot be taken.

use super::Shared;
use crate::{
    doors::files::{self, Editor},
    facts::{Rejection, RejectionSort},
    ops::{Draft, Op},
    problem::{Problem, Sort},
    road::execute::{Borrow, Terminal, Wish},
};
use jiff::Timestamp;
use tokio::sync::oneshot;

/// How often it is opened at most: an editor that is a script may go on for ever.
const TRIES: usize = 50;

/// The operation that the person means; `None` where they changed nothing, or gave up.
pub(super) async fn edited(shared: &Shared, draft: &Draft) -> Result<Option<Op>, Problem> {
    let editor = Editor::of(&shared.world)?;
    let mut text = draft.text();
    for _ in 0..TRIES {
        let left = {
            // Given back before the next look at it, so that what is told in between is seen.
            let screen = borrowed(shared).await;
            if screen.is_none() && !editor.named() {
                let sentence = format!("{} cannot be edited: there is no terminal for an editor", draft.target().slashed());
                return Err(Problem::new(Sort::Usage, sentence)
                    .hint("KUBE_EDITOR, VISUAL or EDITOR names a program that needs none; or say kubectl patch"));
            }
            editor.edit(&draft.file_name(), &text, &shared.world.id(), screen.is_some()).await?
        };
        if Draft::is_empty(&left) || Draft::body(&left) == Draft::body(&text) {
            return Ok(None);
        }
        let name = draft.file_name();
        let meant =
            files::parse(&name, Draft::body(&left).as_bytes()).map_err(|problem| problem.sentence).and_then(|read| draft.read(read.values));
        let why = match meant {
            Ok(None) => return Ok(None),
            Ok(Some(op)) => match refusal(shared, &op).await? {
                None => return Ok(Some(op)),
                Some(refused) if refused.causes.is_empty() => vec![refused.message],
                Some(refused) => refused.causes,
            },
            Err(why) => vec![why],
        };
        text = draft.again(&left, &why);
    }
    let sentence = format!("{}: what the editor left could not be taken {TRIES} times; nothing was changed", draft.target().slashed());
    Err(Problem::failed(sentence))
}

/// The terminal, for as long as it is held; `None`: there is none.
async fn borrowed(shared: &Shared) -> Option<Terminal> {
    let (give, given) = oneshot::channel();
    shared.lender.get()?.send(Borrow { what: Wish::Screen, give }).await.ok()?;
    given.await.ok()
}

/// Why the server would not take it, where a person can mend that in the text.
async fn refusal(shared: &Shared, op: &Op) -> Result<Option<Rejection>, Problem> {
    let Ok(calls) = op.verb().calls(&[], Timestamp::UNIX_EPOCH) else { return Ok(None) };
    let rehearsed = shared.link.cluster().await?.dry_run(&calls).await;
    let refused = rehearsed.into_iter().find_map(|run| run.after.err());
    Ok(refused.filter(|refused| refused.sort == RejectionSort::Invalid))
}

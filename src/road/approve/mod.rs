//! Previewed + an answer that names it -> [`Approved`], or why not.
//!
//! Owns: which answers count. Does not own: how the question is put (faces) or what is done with a yes (execute).
//! Invariants: an answer to another preview is no answer; silence, Enter and a wrong name are no; `--yes` answers `confirm` and
//! nothing stricter, and nothing that was taken for granted.

use super::{
    plan::{Assumed, Source},
    preview::{PreviewId, Previewed, PreviewedStep},
    run::RunId,
    vet::Verdict,
};
use serde::{Deserialize, Serialize};

/// What was answered to one preview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The preview it answers.
    pub to: PreviewId,
    /// What was said.
    pub given: Given,
}

/// What was said, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// No.
    No,
    /// A person's yes.
    Yes,
    /// A person typed this name.
    Typed(String),
    /// `--yes` on the command line.
    YesFlag,
    /// `--confirm NAME` on the command line.
    ConfirmFlag(String),
}

/// Who approved, for the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovedBy {
    /// Nobody had to: the verdict is allow.
    NotAsked,
    /// This answer.
    Answer(Given),
}

/// A preview somebody said yes to, or that needed no yes. Made only here.
#[derive(Debug)]
pub struct Approved {
    run: RunId,
    preview: PreviewId,
    words: String,
    source: Source,
    assumed: Vec<Assumed>,
    steps: Vec<PreviewedStep>,
    verdict: Verdict,
    by: ApprovedBy,
}

/// Why there is no approval.
#[derive(Debug)]
pub enum NotApproved {
    /// The answer is to another preview; this one still stands and still asks.
    OtherPreview(Previewed),
    /// More caution is needed than this answer has; the preview still stands.
    NotEnough(Previewed, Lacking),
    /// A no: the preview is gone.
    Declined(RunId),
}

/// What an answer lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lacking {
    /// A plain yes; a name is none.
    Yes,
    /// This name has to be typed.
    Name(String),
    /// A person has to say it; a flag cannot.
    Person,
}

/// Takes a preview whose verdict is allow.
///
/// # Errors
/// Gives the preview back where somebody has to be asked.
pub fn allowed(previewed: Previewed) -> Result<Approved, Box<Previewed>> {
    if previewed.verdict() == Verdict::Allow { Ok(make(previewed, ApprovedBy::NotAsked)) } else { Err(Box::new(previewed)) }
}

/// Takes a preview and the answer to it.
///
/// # Errors
/// [`NotApproved`] with the preview where it still stands.
pub fn approve(previewed: Previewed, answer: &Answer) -> Result<Approved, Box<NotApproved>> {
    if answer.to != *previewed.id() {
        return Err(Box::new(NotApproved::OtherPreview(previewed)));
    }
    let by_flag = matches!(answer.given, Given::YesFlag | Given::ConfirmFlag(_));
    if by_flag && previewed.needs_person() {
        return Err(Box::new(NotApproved::NotEnough(previewed, Lacking::Person)));
    }
    let enough = match (&answer.given, previewed.verdict()) {
        (Given::No, _) | (_, Verdict::Forbid) => return Err(Box::new(NotApproved::Declined(previewed.run().clone()))),
        (_, Verdict::Allow) | (Given::Yes | Given::YesFlag, Verdict::Confirm) => true,
        // A name was given for something else that asks for one: it is no plain yes.
        (Given::Typed(_) | Given::ConfirmFlag(_), Verdict::Confirm) => false,
        (Given::Typed(name) | Given::ConfirmFlag(name), Verdict::ConfirmTyped) => previewed.name_to_type().as_deref() == Some(name.trim()),
        (Given::Yes | Given::YesFlag, Verdict::ConfirmTyped) => false,
    };
    if enough {
        Ok(make(previewed, ApprovedBy::Answer(answer.given.clone())))
    } else {
        let lacking = previewed.name_to_type().map_or(Lacking::Yes, Lacking::Name);
        Err(Box::new(NotApproved::NotEnough(previewed, lacking)))
    }
}

fn make(previewed: Previewed, by: ApprovedBy) -> Approved {
    let verdict = previewed.verdict();
    let (run, preview, words, source, assumed, steps) = previewed.into_parts();
    Approved { run, preview, words, source, assumed, steps, verdict, by }
}

/// An approval's parts, for the journal alone.
pub(in crate::road) struct Parts {
    pub(in crate::road) run: RunId,
    pub(in crate::road) preview: PreviewId,
    pub(in crate::road) words: String,
    pub(in crate::road) source: Source,
    pub(in crate::road) assumed: Vec<Assumed>,
    pub(in crate::road) steps: Vec<PreviewedStep>,
    pub(in crate::road) verdict: Verdict,
    pub(in crate::road) by: ApprovedBy,
}

impl Approved {
    /// Which run.
    pub fn run(&self) -> &RunId {
        &self.run
    }
    /// Which preview was approved.
    pub fn preview(&self) -> &PreviewId {
        &self.preview
    }
    /// Whether it changes anything.
    pub fn changes(&self) -> bool {
        self.verdict > Verdict::Allow
    }
    /// How it was approved.
    pub fn by(&self) -> &ApprovedBy {
        &self.by
    }
    pub(in crate::road) fn into_parts(self) -> Parts {
        Parts {
            run: self.run,
            preview: self.preview,
            words: self.words,
            source: self.source,
            assumed: self.assumed,
            steps: self.steps,
            verdict: self.verdict,
            by: self.by,
        }
    }
}

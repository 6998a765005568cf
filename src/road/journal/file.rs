//! Appending: one line at a time under a file lock, synced where it matters, with the head kept apart.

use super::{
    chain::{Hash, Head, Link},
    record::{Body, CallRecord, End, Record, StepEnd, StepRecord},
};
use crate::{
    ops::redacted,
    problem::Problem,
    road::{
        approve::{Approved, Parts},
        plan::Source,
        preview::PreviewedStep,
        run::RunId,
    },
    world::World,
};
use std::{
    fs::{File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

/// The journal in one folder. Cheap to clone; holds no open file.
#[derive(Debug, Clone)]
pub struct Journal {
    folder: PathBuf,
    world: World,
}

/// Who acts, and where; the same for every record of a program's life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// kubeconfig context.
    pub context: String,
    /// API server address.
    pub server: String,
    /// The user the server sees.
    pub user: String,
    /// kube-system's uid, where it may be read.
    pub cluster: Option<String>,
}

/// A run whose opening is on disk (or, for a read, may go without). Made only by [`Journal::open`], consumed by execute.
#[derive(Debug)]
pub struct Opened {
    journal: Journal,
    who: Who,
    run: RunId,
    words: String,
    steps: Vec<PreviewedStep>,
    changes: bool,
    /// Whether a person asked for it and looks on.
    attended: bool,
    /// Held locked while the run is under way, so that another process does not take it for one left behind.
    alive: Option<File>,
}

impl Journal {
    /// The journal below the world's state folder. Nothing is touched yet.
    pub fn at(world: &World) -> Journal {
        Journal { folder: world.state_dir.join("journal"), world: world.clone() }
    }

    /// The file of records.
    pub fn path(&self) -> PathBuf {
        self.folder.join("journal.jsonl")
    }

    pub(super) fn head_path(&self) -> PathBuf {
        self.folder.join("head.json")
    }

    /// Opens a run; `reason` is why the person wants it, in their own words. A change's opening is written and synced; a read needs none.
    ///
    /// # Errors
    /// [`Problem`] where the journal cannot be written: the change is not made. Reads never fail here.
    pub fn open(&self, approved: Approved, who: &Who, reason: Option<&str>) -> Result<Opened, Problem> {
        let changes = approved.changes();
        let Parts { run, preview, words, source, assumed, steps, verdict, by } = approved.into_parts();
        let mut alive = None;
        let attended = match &source {
            Source::Words | Source::Line | Source::Undo { .. } | Source::Diagnosis { .. } => true,
            Source::Model { .. } | Source::Playbook { .. } => false,
        };
        if changes {
            let unwritable = |e: std::io::Error| {
                Problem::failed(format!("the journal at {} cannot be written: {e}", self.path().display()))
                    .hint("nothing was changed: a change that is not on record is not made; reads go on")
            };
            alive = Some(self.mark_alive(&run).map_err(unwritable)?);
            let body = Body::Opened {
                person: self.world.user.clone(),
                context: who.context.clone(),
                server: who.server.clone(),
                user: who.user.clone(),
                cluster: who.cluster.clone(),
                words: words.clone(),
                reason: reason.map(Box::from),
                source,
                assumed,
                preview,
                verdict,
                by,
                steps: steps.iter().map(step_record).collect(),
            };
            self.append(&run, body, true).map_err(unwritable)?;
        }
        Ok(Opened { journal: self.clone(), who: who.clone(), run, words, steps, changes, attended, alive })
    }

    /// Closes a run that was found open.
    ///
    /// # Errors
    /// The file's own, in words.
    pub fn close_found(&self, run: &RunId, sentence: String) -> Result<(), Problem> {
        self.append(run, Body::Ended { end: End::FoundOpen { sentence } }, true)
            .map_err(|e| Problem::failed(format!("the journal cannot be written: {e}")))?;
        self.unmark(run);
        Ok(())
    }

    fn mark_alive(&self, run: &RunId) -> std::io::Result<File> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(self.folder.join("alive"))?;
        let mark = private(&self.mark(run))?;
        mark.lock()?;
        Ok(mark)
    }

    fn mark(&self, run: &RunId) -> PathBuf {
        self.folder.join("alive").join(run.as_str())
    }

    /// Runs with a mark that nobody holds any more: their process ended before they did.
    pub(super) fn left_behind(&self) -> Vec<RunId> {
        let marks = std::fs::read_dir(self.folder.join("alive")).into_iter().flatten().flatten();
        let free = marks.filter(|mark| File::open(mark.path()).is_ok_and(|file| file.try_lock().is_ok()));
        free.filter_map(|mark| Some(RunId::new(mark.file_name().into_string().ok()?))).collect()
    }

    /// Takes a run's mark away. One that stays does no harm: its run is found ended.
    pub(super) fn unmark(&self, run: &RunId) {
        let _ = std::fs::remove_file(self.mark(run));
    }

    pub(super) fn append(&self, run: &RunId, body: Body, sync: bool) -> std::io::Result<()> {
        self.append_all(run, vec![body], sync)
    }

    /// Appends records in their order, written and synced together: two hundred objects of one apply would else wait for four
    /// hundred syncs.
    fn append_all(&self, run: &RunId, bodies: Vec<Body>, sync: bool) -> std::io::Result<()> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let lock = private(&self.folder.join("lock"))?;
        lock.lock()?;
        let mut file = private(&self.path())?;
        let mut head = self.last_link(&mut file)?;
        let mut lines = Vec::new();
        for body in bodies {
            let text = serde_json::to_string(&Record { at: self.world.now(), run: run.clone(), body })?;
            let (seq, hash) = (head.seq + 1, head.hash.next(&text));
            let link = Link { seq, prev: head.hash, hash: hash.clone(), body: serde_json::value::RawValue::from_string(text)? };
            serde_json::to_writer(&mut lines, &link)?;
            lines.push(b'\n');
            head = Head { seq, hash };
        }
        file.seek(SeekFrom::End(0))?;
        file.write_all(&lines)?;
        if sync {
            file.sync_data()?;
        }
        self.write_head(&head, sync)
    }

    /// The last whole link. A torn line (the machine stopped while it was written) is moved out of the chain's way into a file
    /// of its own: the chain goes on from the last whole link.
    fn last_link(&self, file: &mut File) -> std::io::Result<Head> {
        let size = file.seek(SeekFrom::End(0))?;
        if size == 0 {
            return Ok(Head { seq: 0, hash: Hash::start() });
        }
        // The last line is found from the end, so that appending does not read a year of records.
        let mut span: u64 = 64 * 1024;
        loop {
            let from = size.saturating_sub(span);
            file.seek(SeekFrom::Start(from))?;
            let mut tail = Vec::new();
            file.read_to_end(&mut tail)?;
            let whole = tail.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
            let torn = &tail[whole..];
            let lines = &tail[..whole];
            let start = lines.len().checked_sub(1).and_then(|end| lines[..end].iter().rposition(|b| *b == b'\n')).map(|at| at + 1);
            match (start, from) {
                (Some(start), _) => return self.settle(file, from + start as u64, &lines[start..], torn, from + whole as u64),
                (None, 0) => return self.settle(file, 0, lines, torn, whole as u64),
                (None, _) => span *= 4,
            }
        }
    }

    fn settle(&self, file: &mut File, _at: u64, line: &[u8], torn: &[u8], whole: u64) -> std::io::Result<Head> {
        if !torn.is_empty() {
            let mut aside = private(&self.folder.join("torn.jsonl"))?;
            aside.seek(SeekFrom::End(0))?;
            aside.write_all(torn)?;
            aside.write_all(b"\n")?;
            aside.sync_data()?;
            file.set_len(whole)?;
        }
        if line.is_empty() {
            return Ok(Head { seq: 0, hash: Hash::start() });
        }
        let link: Link = serde_json::from_slice(line)
            .map_err(|e| std::io::Error::other(format!("its last record cannot be read ({e}): aiops journal verify tells more")))?;
        Ok(Head { seq: link.seq, hash: link.hash })
    }

    fn write_head(&self, head: &Head, sync: bool) -> std::io::Result<()> {
        let fresh = self.folder.join("head.json.new");
        let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(&serde_json::to_vec(head)?)?;
        if sync {
            file.sync_data()?;
        }
        std::fs::rename(&fresh, self.head_path())
    }
}

fn private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().create(true).read(true).append(true).mode(0o600).open(path)
}

fn step_record(step: &PreviewedStep) -> StepRecord {
    // What a program does to objects meanwhile is no call of ours: the release's own revisions hold it.
    let ours = step.sends.iter().filter(|send| !matches!(send.call.action, crate::ops::Action::Carried(_)));
    let calls = ours.map(|send| CallRecord {
        call: hidden(&send.call),
        pin: send.pin.clone(),
        before: send.before.clone().map(trimmed),
        changes: send.changes.clone(),
        basis: send.basis,
    });
    StepRecord::of(&step.op, calls.collect())
}

fn hidden(call: &crate::ops::Call) -> crate::ops::Call {
    use crate::ops::Action;
    let mut call = call.clone();
    call.action = match call.action {
        Action::Create(body) => Action::Create(redacted(body)),
        Action::Patch(how, body) => Action::Patch(how, redacted(body)),
        Action::Replace(body) => Action::Replace(redacted(body)),
        other @ (Action::Get
        | Action::List
        | Action::Delete { .. }
        | Action::Evict { .. }
        | Action::Talk
        | Action::Program(_)
        | Action::Carried(_)) => other,
    };
    call
}

/// An image as it is kept: whole but for managedFields, Secret values taken out.
fn trimmed(object: serde_json::Value) -> serde_json::Value {
    let mut object = redacted(object);
    if let Some(metadata) = object.get_mut("metadata").and_then(serde_json::Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    object
}

impl Opened {
    /// Which run.
    pub fn run(&self) -> &RunId {
        &self.run
    }
    pub(in crate::road) fn changes(&self) -> bool {
        self.changes
    }
    /// Whether a person asked for it and looks on; a model or a playbook does not.
    pub(in crate::road) fn attended(&self) -> bool {
        self.attended
    }
    pub(in crate::road) fn take_steps(&mut self) -> Vec<PreviewedStep> {
        std::mem::take(&mut self.steps)
    }
    pub(in crate::road) fn words(&self) -> &str {
        &self.words
    }
    /// Writes what came of one call.
    pub(in crate::road) fn sent(&self, step: usize, call: usize, end: StepEnd) -> Result<(), Problem> {
        self.sent_all(step, vec![(call, end)])
    }
    /// Writes what came of several calls of a step, in that order.
    pub(in crate::road) fn sent_all(&self, step: usize, ends: Vec<(usize, StepEnd)>) -> Result<(), Problem> {
        if !self.changes || ends.is_empty() {
            return Ok(());
        }
        let kept = |end| match end {
            StepEnd::Done { after } => StepEnd::Done { after: after.map(trimmed) },
            other @ (StepEnd::Rejected { .. } | StepEnd::Moved | StepEnd::Unknown { .. }) => other,
        };
        let bodies = ends.into_iter().map(|(call, end)| Body::Sent { step, call, end: kept(end) });
        self.journal
            .append_all(&self.run, bodies.collect(), true)
            .map_err(|e| Problem::failed(format!("the change was made, and the journal could not be written: {e}")))
    }
    /// Writes the end. A read's is not synced and not insisted on.
    pub(in crate::road) fn ended(&self, end: End, lines: Vec<String>) -> Result<(), Problem> {
        let body = if self.changes {
            Body::Ended { end }
        } else {
            Body::Read { context: self.who.context.clone(), words: self.words.clone(), lines, end }
        };
        let written = self.journal.append(&self.run, body, self.changes);
        if self.alive.is_some() && written.is_ok() {
            self.journal.unmark(&self.run);
        }
        match written {
            Err(e) if self.changes => Err(Problem::failed(format!("the run is over, and the journal could not be written: {e}"))),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

//! Reading back, and whether the chain holds: a byte changed, a tail cut, two records swapped are told from a torn last line.

use super::{
    Journal,
    chain::{Hash, Head, Link},
    record::{Body, Record},
};
use crate::{problem::Problem, road::run::RunId};
use serde::Serialize;
use std::io::{BufRead as _, BufReader};

/// What is wrong with a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "flaw", rename_all = "snake_case")]
pub enum Flaw {
    /// A whole line is no record, or its hash is not that of its text.
    Altered {
        /// Line, from 1.
        line: u64,
    },
    /// A record does not hang on the one before it: something was taken out, put in, or swapped.
    Broken {
        /// Line, from 1.
        line: u64,
    },
    /// The file ends earlier than its head says.
    Cut {
        /// Records there are.
        have: u64,
        /// Records the head knows of.
        head: u64,
    },
    /// The head is missing, unreadable or names another record than the file ends with.
    Head,
}

/// What verifying gave.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Whole records.
    pub records: u64,
    /// What is wrong; empty where the chain holds.
    pub flaws: Vec<Flaw>,
    /// Whether the last line is torn: writing it was interrupted. No tampering, and nothing sent depended on it.
    pub torn: bool,
    /// The last record's hash, to compare with one kept elsewhere.
    pub head: Hash,
}

impl Report {
    /// Whether the chain holds.
    pub fn holds(&self) -> bool {
        self.flaws.is_empty()
    }
}

impl Journal {
    /// Walks the whole chain.
    ///
    /// # Errors
    /// [`Problem`] where the file is there and cannot be read. No file at all is an empty journal.
    pub fn verify(&self) -> Result<Report, Problem> {
        let mut flaws = Vec::new();
        let (mut seq, mut hash, mut torn, mut number) = (0u64, Hash::start(), false, 0u64);
        self.lines(|line, whole| {
            number += 1;
            if !whole {
                torn = true;
                return;
            }
            match serde_json::from_slice::<Link>(line) {
                Err(_) => flaws.push(Flaw::Altered { line: number }),
                Ok(link) => {
                    if link.prev.next(link.body.get()) != link.hash || serde_json::from_str::<Record>(link.body.get()).is_err() {
                        flaws.push(Flaw::Altered { line: number });
                    } else if link.prev != hash || link.seq != seq + 1 {
                        flaws.push(Flaw::Broken { line: number });
                    }
                    seq = link.seq;
                    hash = link.hash;
                }
            }
        })?;
        let whole = number - u64::from(torn);
        match std::fs::read(self.head_path()).ok().and_then(|b| serde_json::from_slice::<Head>(&b).ok()) {
            None if whole == 0 => {}
            None => flaws.push(Flaw::Head),
            Some(head) if head.seq > seq => flaws.push(Flaw::Cut { have: seq, head: head.seq }),
            // One behind: the program stopped between writing the record and the head.
            Some(head) if head.seq + 1 == seq => {}
            Some(head) if head.seq != seq || head.hash != hash => {
                if flaws.is_empty() {
                    flaws.push(Flaw::Head);
                }
            }
            Some(_) => {}
        }
        Ok(Report { records: whole, flaws, torn, head: hash })
    }

    /// Every record that can be read, oldest first.
    ///
    /// # Errors
    /// As [`Journal::verify`].
    pub fn records(&self) -> Result<Vec<Record>, Problem> {
        let mut records = Vec::new();
        self.lines(|line, whole| {
            if whole
                && let Ok(link) = serde_json::from_slice::<Link>(line)
                && let Ok(record) = serde_json::from_str::<Record>(link.body.get())
            {
                records.push(record);
            }
        })?;
        Ok(records)
    }

    /// Runs that were opened, never ended, and are carried out by no living process. Costs nothing where none is marked.
    ///
    /// # Errors
    /// As [`Journal::verify`].
    pub fn left_open(&self) -> Result<Vec<RunId>, Problem> {
        let marked = self.left_behind();
        if marked.is_empty() {
            return Ok(marked);
        }
        let records = self.records()?;
        let has = |run: &RunId, ended: bool| {
            records
                .iter()
                .any(|r| r.run == *run && if ended { matches!(r.body, Body::Ended { .. }) } else { matches!(r.body, Body::Opened { .. }) })
        };
        let (open, over): (Vec<RunId>, Vec<RunId>) = marked.into_iter().partition(|run| has(run, false) && !has(run, true));
        over.iter().for_each(|run| self.unmark(run));
        Ok(open)
    }

    fn lines(&self, mut each: impl FnMut(&[u8], bool)) -> Result<(), Problem> {
        let path = self.path();
        let failed = |e: std::io::Error| Problem::failed(format!("the journal at {} cannot be read: {e}", path.display()));
        let file = match std::fs::File::open(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(failed(e)),
        };
        let mut reader = BufReader::new(file);
        let mut line = Vec::new();
        loop {
            line.clear();
            if reader.read_until(b'\n', &mut line).map_err(failed)? == 0 {
                return Ok(());
            }
            let whole = line.last() == Some(&b'\n');
            each(line.strip_suffix(b"\n").unwrap_or(&line), whole);
        }
    }
}

//! `aiops journal`: what was done, by whom, before and after; and whether the record still holds.

use super::Paint;
use crate::{
    faces::{
        args::{Form, JournalCommand},
        say::{self, Line, Role},
    },
    ops::answer::Table,
    problem::Problem,
    road::{
        journal::{Body, End, Flaw, Journal, Record, StepEnd},
        undo::{self, Standing, Undoable},
    },
    terms::age,
    world::World,
};
use std::io::Write;

/// Carries one journal command out.
///
/// # Errors
/// [`Problem`] where the journal cannot be read, or no such run is in it.
pub fn journal<W: Write>(what: &JournalCommand, world: &World, form: Form, out: &mut Paint<W>) -> Result<u8, Problem> {
    let journal = Journal::at(world);
    match what {
        JournalCommand::List => list(&journal, world, form, out),
        JournalCommand::Show { run } => show(&journal, run, form, out),
        JournalCommand::Verify => verify(&journal, form, out),
    }
}

fn list<W: Write>(journal: &Journal, world: &World, form: Form, out: &mut Paint<W>) -> Result<u8, Problem> {
    let records = journal.records()?;
    if form == Form::Json {
        for record in &records {
            out.json(&serde_json::to_string(record).unwrap_or_default());
        }
        return Ok(0);
    }
    let mut table =
        Table { title: "runs".into(), columns: ["Run", "Age", "Context", "Ended", "Words"].map(String::from).to_vec(), rows: Vec::new() };
    for record in &records {
        let (context, words, ended) = match &record.body {
            Body::Opened { context, words, .. } => {
                let end = records.iter().find_map(|r| match &r.body {
                    Body::Ended { end } if r.run == record.run => Some(word(end)),
                    Body::Ended { .. } | Body::Opened { .. } | Body::Sent { .. } | Body::Read { .. } => None,
                });
                (context, words, end.unwrap_or("open"))
            }
            Body::Read { context, words, end, .. } => (context, words, word(end)),
            Body::Sent { .. } | Body::Ended { .. } => continue,
        };
        let seconds = world.now().duration_since(record.at).as_secs();
        table.rows.push(vec![record.run.to_string(), age::human(seconds), context.clone(), ended.into(), words.clone()]);
    }
    if table.rows.is_empty() {
        out.lines(&[Line::of("the journal is empty", Role::Dim)]);
    } else {
        out.lines(&say::table(&table, usize::from(world.width)));
    }
    Ok(0)
}

/// Lists the runs that changed something, and how it stands with the way back of each.
///
/// # Errors
/// [`Problem`] where the journal cannot be read.
pub fn undoable<W: Write>(world: &World, form: Form, out: &mut Paint<W>) -> Result<u8, Problem> {
    let runs = undo::list(&Journal::at(world).records()?);
    if form == Form::Json {
        runs.iter().for_each(|run| out.json(&serde_json::to_string(run).unwrap_or_default()));
        return Ok(0);
    }
    if runs.is_empty() {
        out.lines(&[Line::of("there is nothing to undo: no run that changed something is on record", Role::Dim)]);
        return Ok(0);
    }
    let columns = ["Run", "Age", "Context", "Words", "Way back"].map(String::from).to_vec();
    let row = |run: &Undoable| {
        let back = match &run.standing {
            Standing::Open { lines } => lines.join("; "),
            Standing::Undone { by } => format!("undone by {}", by.short()),
            Standing::None { why } => format!("none: {why}"),
        };
        let seconds = world.now().duration_since(run.at).as_secs();
        vec![run.run.short(), age::human(seconds), run.context.clone(), run.words.clone(), back]
    };
    let table = Table { title: "runs that changed something".into(), columns, rows: runs.iter().map(row).collect() };
    out.lines(&say::table(&table, usize::from(world.width)));
    Ok(0)
}

fn word(end: &End) -> &'static str {
    match end {
        End::Done => "done",
        End::NotHolding { .. } => "sent",
        End::Failed { .. } => "failed",
        End::Moved => "moved",
        End::Unknown { .. } => "unknown",
        End::FoundOpen { .. } => "cut off",
    }
}

fn show<W: Write>(journal: &Journal, said: &str, form: Form, out: &mut Paint<W>) -> Result<u8, Problem> {
    let records: Vec<Record> = journal.records()?.into_iter().filter(|r| r.run.is_meant_by(said)).collect();
    if records.is_empty() {
        return Err(Problem::failed(format!("no run in the journal is called {said:?}")).hint("aiops journal list shows them"));
    }
    if form == Form::Json {
        out.json(&serde_json::to_string(&records).unwrap_or_default());
        return Ok(0);
    }
    for record in &records {
        out.lines(&told(record));
    }
    Ok(0)
}

fn told(record: &Record) -> Vec<Line> {
    let at = record.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    let stamped = |text: String, role| Line::of(format!("{at}  "), Role::Dim).and(text, role);
    match &record.body {
        Body::Opened { person, context, server, user, cluster, words, reason, verdict, by, steps, preview, .. } => {
            let mut lines = vec![
                Line::of(format!("run {}", record.run), Role::Strong),
                stamped(format!("{words:?}, approved by {person}"), Role::Plain),
                Line::of(format!("  on {context} ({server}) as {user}; cluster {}", cluster.as_deref().unwrap_or("not known")), Role::Dim),
                Line::of(
                    format!(
                        "  asked for: {}; answered: {}; preview {}",
                        verdict.word(),
                        serde_json::to_string(by).unwrap_or_default(),
                        preview.as_str().chars().take(12).collect::<String>()
                    ),
                    Role::Dim,
                ),
            ];
            lines.extend(reason.as_ref().map(|reason| Line::plain(format!("  because: {reason}"))));
            for step in steps {
                lines.push(Line::of(format!("  {}", step.line), Role::Accent));
                for change in step.calls.iter().flat_map(|c| &c.changes) {
                    let text = |v: &Option<serde_json::Value>| {
                        v.as_ref().map_or("(nothing)".into(), |v| v.to_string().chars().take(200).collect::<String>())
                    };
                    lines.push(Line::plain(format!("    {}   {} → {}", change.path, text(&change.before), text(&change.after))));
                }
            }
            lines
        }
        Body::Sent { step, call, end } => {
            let (text, role) = match end {
                StepEnd::Done { .. } => ("done".to_string(), Role::Good),
                StepEnd::Rejected { rejection } => (format!("the server refused: {rejection}"), Role::Bad),
                StepEnd::Moved => ("not sent: the object had moved".into(), Role::Warn),
                StepEnd::Unknown { rejection } => (format!("no answer, and reading back did not settle it: {rejection}"), Role::Bad),
            };
            vec![stamped(format!("step {}, call {}: {text}", step + 1, call + 1), role)]
        }
        Body::Ended { end } | Body::Read { end, .. } => {
            let (text, role) = match end {
                End::Done => ("done, and it holds".to_string(), Role::Good),
                End::NotHolding { state } => (format!("sent; not waited to the end: {state}"), Role::Warn),
                End::Failed { sentence } | End::Unknown { sentence } => (sentence.clone(), Role::Bad),
                End::Moved => ("the object had moved; it was asked anew".into(), Role::Warn),
                End::FoundOpen { sentence } => (sentence.clone(), Role::Warn),
            };
            vec![stamped(text, role)]
        }
    }
}

fn verify<W: Write>(journal: &Journal, form: Form, out: &mut Paint<W>) -> Result<u8, Problem> {
    let report = journal.verify()?;
    let code = u8::from(!report.holds());
    if form == Form::Json {
        out.json(&serde_json::to_string(&report).unwrap_or_default());
        return Ok(code);
    }
    let mut lines = Vec::new();
    for flaw in &report.flaws {
        let text = match flaw {
            Flaw::Altered { line } => format!("line {line} has been altered: its text and its hash do not belong together"),
            Flaw::Broken { line } => format!("line {line} does not follow the one before it: a record was taken out, put in, or swapped"),
            Flaw::Cut { have, head } => format!("the end is missing: {have} records are there, and there were {head}"),
            Flaw::Head => "the head kept beside the journal does not belong to it".into(),
        };
        lines.push(Line::of(format!("✗ {text}"), Role::Bad));
    }
    if report.torn {
        lines.push(Line::of("· the last line is torn: writing it was interrupted; nothing was sent on its strength", Role::Warn));
    }
    if report.holds() {
        lines.push(Line::of(format!("✓ the chain holds: {} records, head {}", report.records, report.head.as_str()), Role::Good));
    }
    out.lines(&lines);
    Ok(code)
}

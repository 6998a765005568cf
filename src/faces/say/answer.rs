//! What a read found: tables, objects, logs, descriptions, rollouts.

use super::{
    Line, Role,
    objects::objects,
    value::{difference, yaml},
    wrap::wrapped,
};
use crate::ops::{
    Answer,
    answer::{Block, Description, Found, LogLine, Rollout, RolloutState, Table},
    helm::compare::{Difference, What},
};
use unicode_width::UnicodeWidthStr as _;

/// All lines of an answer. Tables are as wide as they are; the face cuts or scrolls.
pub fn answer(answer: &Answer, width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    answer_to(answer, width, &mut |some| lines.extend(some));
    lines
}

/// The same, handed to `sink` in parts: the lines of many objects need not be there all at once.
pub fn answer_to(answer: &Answer, width: usize, sink: &mut dyn FnMut(Vec<Line>)) {
    let lines = match answer {
        Answer::Objects { output, items } => return objects(*output, items, sink),
        Answer::Tables { tables } => {
            let several = tables.iter().filter(|t| !t.rows.is_empty()).count() > 1;
            if tables.iter().all(|t| t.rows.is_empty()) {
                let what: Vec<&str> = tables.iter().map(|t| t.title.as_str()).collect();
                return sink(vec![Line::of(format!("no {} found", what.join(", ")), Role::Dim)]);
            }
            let mut lines = Vec::new();
            for one in tables.iter().filter(|t| !t.rows.is_empty()) {
                if !lines.is_empty() {
                    lines.push(Line::empty());
                }
                if several {
                    lines.push(Line::of(&one.title, Role::Strong));
                }
                lines.extend(table(one, width));
            }
            lines
        }
        Answer::Found(one) => found(one, width),
        Answer::Log { lines, truncated } => log(lines, *truncated),
        Answer::Description(description) => told(description, width),
        Answer::Rollout(one) => vec![rollout(one)],
        Answer::Text { text } => text.lines().map(Line::plain).collect(),
        Answer::Differences { objects } => differences(objects, width),
    };
    sink(lines);
}

/// The question, its rows, and what could not be told.
fn found(found: &Found, width: usize) -> Vec<Line> {
    let many = found.table.rows.len();
    let count = if many == 0 { format!("none of {}", found.of) } else { String::new() };
    let mut lines = wrapped(&found.asked, Role::Strong, width, "", 2);
    if many == 0 {
        lines.push(Line::of(count, Role::Dim));
    } else {
        lines.extend(table(&found.table, width));
    }
    lines.extend(found.notes.iter().flat_map(|note| wrapped(note, Role::Dim, width, "", 2)));
    lines
}

/// Rows under upper-case columns, three spaces apart, as kubectl prints them.
pub fn table(table: &Table, width: usize) -> Vec<Line> {
    widened(table, &mut Vec::new(), width)
}

/// The same with columns at least as wide as they were; how wide they are now stays there.
pub(super) fn widened(table: &Table, widths: &mut Vec<usize>, width: usize) -> Vec<Line> {
    // Rows without a heading have columns all the same.
    widths.resize(table.rows.first().map_or(0, Vec::len).max(table.columns.len()).max(widths.len()), 0);
    for (widest, column) in widths.iter_mut().zip(&table.columns) {
        *widest = (*widest).max(column.width());
    }
    for row in &table.rows {
        for (n, cell) in row.iter().enumerate() {
            if let Some(widest) = widths.get_mut(n) {
                *widest = (*widest).max(cell.width());
            }
        }
    }
    let all: usize = widths.iter().sum();
    // A table that is only just too wide stands closer together.
    let between = if all + 3 * widths.len().saturating_sub(1) > width { 2 } else { 3 };
    let laid = |cells: &mut dyn Iterator<Item = String>| {
        let mut text = String::new();
        let mut cells = cells.enumerate().peekable();
        while let Some((n, cell)) = cells.next() {
            text.push_str(&cell);
            if cells.peek().is_some() {
                let gap = widths.get(n).copied().unwrap_or(0).saturating_sub(cell.width()) + between;
                text.extend(std::iter::repeat_n(' ', gap));
            }
        }
        text
    };
    let head = (!table.columns.is_empty()).then(|| Line::of(laid(&mut table.columns.iter().map(|c| c.to_uppercase())), Role::Dim));
    let rows = table.rows.iter().map(|row| Line::plain(laid(&mut row.iter().map(|c| super::clean(c)))));
    head.into_iter().chain(rows).collect()
}

fn differences(objects: &[Difference], width: usize) -> Vec<Line> {
    if objects.is_empty() {
        return vec![Line::of("nothing differs", Role::Dim)];
    }
    let mut lines = Vec::new();
    for one in objects {
        match &one.what {
            What::Added { object } => {
                lines.push(Line::of(format!("+ {}", one.object), Role::Added));
                lines.extend(yaml(object).lines().map(|text| Line::of(text, Role::Added).indented(4)));
            }
            What::Removed => lines.push(Line::of(format!("- {}", one.object), Role::Removed)),
            What::Changed { changes } => {
                lines.push(Line::of(&one.object, Role::Strong));
                let column = changes.iter().map(|c| Line::plain(c.path.to_string()).width()).max().unwrap_or(0).min(48);
                lines.extend(changes.iter().flat_map(|change| difference(change, column, width)));
            }
        }
    }
    lines
}

fn log(lines: &[LogLine], truncated: bool) -> Vec<Line> {
    let mut out = Vec::with_capacity(lines.len() + 1);
    if truncated {
        out.push(Line::of("… earlier lines are left out; --tail or \"last 100 lines\" chooses", Role::Dim));
    }
    if lines.is_empty() {
        out.push(Line::of("the log is empty", Role::Dim));
    }
    for line in lines {
        let mut said = Line::empty();
        if !line.source.is_empty() {
            said = said.and(format!("[{}] ", line.source), Role::Dim);
        }
        out.push(said.and(&line.text, Role::Plain));
    }
    out
}

fn told(description: &Description, width: usize) -> Vec<Line> {
    let mut lines = vec![Line::of(description.target.to_string(), Role::Strong)];
    for block in &description.blocks {
        match block {
            Block::Fields { title, fields } => {
                if !title.is_empty() {
                    lines.push(Line::of(title, Role::Strong));
                }
                let column = fields.iter().map(|(name, _)| name.width()).max().unwrap_or(0).min(32);
                for (name, value) in fields {
                    let pad = column.saturating_sub(name.width()) + 2;
                    let mark = format!("  {name}{}", " ".repeat(pad));
                    let hang = mark.width();
                    lines.extend(wrapped(value, Role::Plain, width, &mark, hang.min(width / 2)));
                }
            }
            Block::Table { title, table: rows } => {
                if rows.rows.is_empty() {
                    continue;
                }
                lines.push(Line::of(title, Role::Strong));
                lines.extend(table(rows, width.saturating_sub(2)).into_iter().map(|l| l.indented(2)));
            }
        }
    }
    lines
}

fn rollout(rollout: &Rollout) -> Line {
    let counts = format!("{} of {} updated, {} available", rollout.updated, rollout.desired, rollout.available);
    let (glyph, word, role) = match rollout.state {
        RolloutState::Complete => ("✓", "rolled out", Role::Good),
        RolloutState::Progressing => ("…", "rolling out", Role::Plain),
        RolloutState::Stuck => ("▲", "stuck", Role::Bad),
        RolloutState::Paused => ("‖", "paused", Role::Warn),
    };
    let line = Line::of(format!("{glyph} {} {word}", rollout.target), role).and(format!(" · {counts}"), Role::Plain);
    if rollout.message.is_empty() { line } else { line.and(format!(" · {}", rollout.message), Role::Dim) }
}

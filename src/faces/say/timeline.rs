//! What happened: one line a moment, the newest last.

use super::{
    Line, Role,
    diagnosis::{code, escape},
    wrap::wrapped,
};
use crate::experts::timeline::{Moment, Sort, Timeline};
use jiff::{Timestamp, tz::TimeZone};

/// With no more seconds between them a time of day is enough.
const DAY: i64 = 20 * 3_600;

/// All lines of a timeline.
pub fn timeline(told: &Timeline, width: usize) -> Vec<Line> {
    let mut lines = wrapped(&headline(told), Role::Strong, width, "", 2);
    if told.earlier > 0 {
        lines.push(Line::of(format!("  … {} earlier {}", told.earlier, if told.earlier == 1 { "one" } else { "ones" }), Role::Dim));
    }
    for m in &told.moments {
        let (mark, role) = match (m.warning, m.sort.changes()) {
            (true, _) => ("▲ ", Role::Warn),
            (false, true) => ("● ", Role::Plain),
            (false, false) => ("· ", Role::Dim),
        };
        lines.extend(wrapped(&moment(m, told.now), role, width, mark, 4));
    }
    for unchecked in &told.not_checked {
        lines.extend(wrapped(&format!("not checked: {unchecked}"), Role::Warn, width, "  ? ", 4));
    }
    lines
}

/// The same as Markdown.
pub fn timeline_markdown(told: &Timeline) -> String {
    let mut text = format!("# Timeline\n\n{}\n\n", escape(&headline(told)));
    if told.earlier > 0 {
        text.push_str(&format!("- … {} earlier\n", told.earlier));
    }
    told.moments.iter().for_each(|m| text.push_str(&format!("- {}\n", code(&moment(m, told.now)))));
    if !told.not_checked.is_empty() {
        text.push_str("\n## Not checked\n\n");
        told.not_checked.iter().for_each(|n| text.push_str(&format!("- {}\n", escape(n))));
    }
    text
}

fn headline(told: &Timeline) -> String {
    let about = match &told.about {
        Some(at) if at.namespace.is_empty() => format!(" of {}", at.told()),
        Some(at) => format!(" of {} in {}", at.told(), at.namespace),
        None => " of everything".into(),
    };
    let since = told.since.map_or_else(String::new, |since| format!(" since {}", clock(since, told.now)));
    let what = if told.changes { "changes" } else { "timeline" };
    let none = match (told.moments.is_empty(), told.changes) {
        (false, _) => String::new(),
        (true, true) => ": nothing is known to have changed".into(),
        (true, false) => ": nothing is known to have happened".into(),
    };
    format!("{what}{about}{since}, times in UTC, now {}{none}", clock(told.now, told.now))
}

/// `11:46:00`, or with its day where that is another one.
pub(super) fn clock(at: Timestamp, now: Timestamp) -> String {
    let far = now.as_second().saturating_sub(at.as_second()).abs() > DAY;
    at.to_zoned(TimeZone::UTC).strftime(if far { "%Y-%m-%d %H:%M:%S" } else { "%H:%M:%S" }).to_string()
}

/// `11:46:00 Deployment web was rolled out (revision 7): image web:1.4 → web:1.5`.
fn moment(m: &Moment, now: Timestamp) -> String {
    let until = if m.until == m.at { String::new() } else { format!("–{}", clock(m.until, now)) };
    format!("{}{until} {}", clock(m.at, now), occurrence(m))
}

/// The same without its time.
pub(super) fn occurrence(m: &Moment) -> String {
    let who = match m.objects {
        0 | 1 => m.object.told(),
        n => format!("{n} pods of {}", m.object.told()),
    };
    let n = i64::try_from(m.objects).unwrap_or(i64::MAX);
    let times = if m.times > n.max(1) { format!(" ×{}", m.times) } else { String::new() };
    let what = match (n, m.what.strip_prefix("was "), m.what.strip_prefix("is ")) {
        (2.., Some(rest), _) => format!("were {rest}"),
        (2.., None, Some(rest)) => format!("are {rest}"),
        _ => m.what.clone(),
    };
    // What an event or a condition says is no sentence about the object.
    let colon =
        matches!(m.sort, Sort::Event | Sort::Condition | Sort::Container) || what.contains(": ") && what.starts_with(char::is_uppercase);
    format!("{who}{} {what}{times}", if colon { ":" } else { "" })
}

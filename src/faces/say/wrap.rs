//! Breaking text into lines of a width, at spaces where there are some; nothing is ever left out.

use super::{Line, Role, clean};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// The text as lines at most `width` columns wide; the first begins with `mark`, the others are `hang` columns further in.
pub fn wrapped(text: &str, role: Role, width: usize, mark: &str, hang: usize) -> Vec<Line> {
    let first = format!("{mark}{}", clean(text));
    let mut lines = Vec::new();
    for (n, line) in broken(&first, width.max(8), hang).into_iter().enumerate() {
        let line = if n == 0 { line } else { format!("{}{line}", " ".repeat(hang)) };
        lines.push(Line::of(line, role));
    }
    lines
}

/// A command as lines of about that width, each but the last with the sign by which a shell reads on, so that it can be copied: broken
/// at spaces outside of quotes alone, a word longer than a line stays whole.
pub fn command(text: &str, role: Role, width: usize, mark: &str, hang: usize) -> Vec<Line> {
    const GOES_ON: &str = " \\";
    let text = clean(text);
    let mut lines = vec![mark.to_string()];
    let mut bare = true;
    let mut words = outside_quotes(&text).peekable();
    while let Some(word) = words.next() {
        let line = lines.last_mut().map_or(0, |line| line.width());
        let needs = word.width() + usize::from(!bare) + if words.peek().is_some() { GOES_ON.len() } else { 0 };
        if !bare && line + needs > width {
            push(&mut lines, GOES_ON);
            lines.push(" ".repeat(hang));
            bare = true;
        }
        if !bare {
            push(&mut lines, " ");
        }
        push(&mut lines, word);
        bare = false;
    }
    lines.into_iter().map(|line| Line::of(line, role)).collect()
}

/// Lines with those that are too wide broken, where nothing may stand beyond the edge.
pub fn fitted(lines: Vec<Line>, width: usize) -> Vec<Line> {
    let role = |line: &Line| line.0.first().map_or(Role::Plain, super::Span::role);
    let fit = |line: Line| match line.width() > width {
        true => wrapped(&line.text(), role(&line), width, "", 11),
        false => vec![line],
    };
    lines.into_iter().flat_map(fit).collect()
}

/// The pieces between spaces that stand in no quotes.
fn outside_quotes(text: &str) -> impl Iterator<Item = &str> {
    let mut open = None;
    text.split(move |c: char| {
        match (open, c) {
            (None, '\'' | '"') => open = Some(c),
            (Some(quote), c) if quote == c => open = None,
            (_, _) => {}
        }
        open.is_none() && c == ' '
    })
    .filter(|word| !word.is_empty())
}

/// Plain text broken into pieces of at most `width` columns, all but the first `hang` columns shorter.
pub fn broken(text: &str, width: usize, hang: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut room = width;
    for word in spaces_apart(text) {
        let wide = word.width();
        if wide <= room {
            push(&mut lines, word);
            room -= wide;
            continue;
        }
        let fresh = width.saturating_sub(hang).max(1);
        if word.trim().is_empty() {
            lines.push(String::new());
            room = fresh;
        } else if wide <= fresh {
            trim_last(&mut lines);
            lines.push(word.to_string());
            room = fresh - wide;
        } else {
            for cluster in word.graphemes(true) {
                let wide = cluster.width();
                if wide > room {
                    lines.push(String::new());
                    room = fresh;
                }
                push(&mut lines, cluster);
                room = room.saturating_sub(wide);
            }
        }
    }
    trim_last(&mut lines);
    lines
}

/// Runs of spaces and what stands between them: names and values are broken only where they are longer than a line.
fn spaces_apart(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let space = rest.chars().next()?.is_whitespace();
        let end = rest.find(|c: char| c.is_whitespace() != space).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

fn push(lines: &mut [String], text: &str) {
    if let Some(last) = lines.last_mut() {
        last.push_str(text);
    }
}

fn trim_last(lines: &mut [String]) {
    if let Some(last) = lines.last_mut() {
        last.truncate(last.trim_end().len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_is_left_out_and_nothing_is_too_wide(text in "[a-zA-Z0-9/=., 世界é-]{0,200}", width in 8usize..60) {
            let lines = broken(&text, width, 2);
            for line in &lines {
                prop_assert!(line.width() <= width, "{line:?}");
            }
            let squeeze = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(squeeze(&lines.concat()), squeeze(&text));
        }

        #[test]
        fn a_command_reads_on_as_it_was(text in "[a-zA-Z0-9/=.,'\" -]{0,200}", width in 8usize..60) {
            let Ok(words) = crate::ops::argv::split(&text) else { return Ok(()) };
            let lines = command(&text, Role::Plain, width, "", 2);
            let whole = lines.iter().map(Line::text).collect::<Vec<_>>().join("\n").replace(" \\\n", " ");
            prop_assert_eq!(crate::ops::argv::split(&whole).ok(), Some(words), "{}", whole);
        }
    }
}

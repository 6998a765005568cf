//! Which words of a long text differ: what is the same stays plain, `{-gone-}` and `{+new+}` stand where they belong.
//!
//! Nothing that differs is left out. Of many equal lines in a row the middle is counted instead of shown.

use super::{Line, Role, wrap::wrapped};
use similar::{ChangeTag, TextDiff};

/// Below this share of equal words two texts are better shown one below the other.
const ALIKE: f32 = 0.4;
/// Equal lines shown before and after one that differs.
const AROUND: usize = 2;
const MARKS: [&str; 4] = ["{-", "-}", "{+", "+}"];

/// The two texts as one, at most `width` columns wide; `None` where they have too little in common, or where a mark stands in one
/// of them and nobody could tell it from ours.
pub fn compared(before: &str, after: &str, width: usize) -> Option<Vec<Line>> {
    if MARKS.iter().any(|mark| before.contains(mark) || after.contains(mark)) {
        return None;
    }
    let words = TextDiff::from_words(before, after);
    if words.ratio() < ALIKE || words.old_slices().len() < 4 {
        return None;
    }
    let mut runs: Vec<(ChangeTag, String)> = Vec::new();
    for change in words.iter_all_changes() {
        match runs.last_mut() {
            Some((tag, run)) if *tag == change.tag() => run.push_str(change.value()),
            Some(_) | None => runs.push((change.tag(), change.value().to_string())),
        }
    }
    let mut text = String::new();
    for (tag, run) in runs {
        let (open, close) = match tag {
            ChangeTag::Equal => ("", ""),
            ChangeTag::Delete => (MARKS[0], MARKS[1]),
            ChangeTag::Insert => (MARKS[2], MARKS[3]),
        };
        // A mark around each line of it, so that every line says by itself what it is.
        for (n, part) in run.split('\n').enumerate() {
            if n > 0 {
                text.push('\n');
            }
            if !part.is_empty() {
                text.push_str(&format!("{open}{part}{close}"));
            }
        }
        if tag != ChangeTag::Equal && run.contains('\n') && run.trim().is_empty() {
            text.push_str(&format!("{open}line break{close}"));
        }
    }
    Some(shortened(&text).into_iter().flat_map(|line| coloured(&line, width)).collect())
}

/// The lines, with the middle of long equal stretches counted.
fn shortened(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let differs: Vec<bool> = lines.iter().map(|line| MARKS.iter().any(|mark| line.contains(mark))).collect();
    let near = |at: usize| (at.saturating_sub(AROUND)..=at + AROUND).any(|other| differs.get(other) == Some(&true));
    let mut shown = Vec::new();
    let mut same = 0;
    for (at, line) in lines.iter().enumerate() {
        if near(at) {
            shown.extend(counted(same));
            same = 0;
            shown.push((*line).to_string());
        } else {
            same += 1;
        }
    }
    shown.extend(counted(same));
    shown
}

fn counted(same: usize) -> Option<String> {
    match same {
        0 => None,
        1 => Some("… 1 line is the same".into()),
        n => Some(format!("… {n} lines are the same")),
    }
}

/// A line as wide as that, what is gone and what is new in their colours.
fn coloured(text: &str, width: usize) -> Vec<Line> {
    let mut role = Role::Plain;
    let mut lines = Vec::new();
    for line in wrapped(text, Role::Plain, width, "  ", 2) {
        let mut coloured = Line::default();
        let plain = line.text();
        let mut rest = plain.as_str();
        while !rest.is_empty() {
            let next = |mark: &str| rest.find(mark);
            let (end, after) = match role {
                Role::Removed => (next(MARKS[1]).map(|at| at + 2), Role::Plain),
                Role::Added => (next(MARKS[3]).map(|at| at + 2), Role::Plain),
                _ => match (next(MARKS[0]), next(MARKS[2])) {
                    (Some(gone), new) if new.is_none_or(|new| gone < new) => (Some(gone), Role::Removed),
                    (_, Some(new)) => (Some(new), Role::Added),
                    (_, None) => (None, Role::Plain),
                },
            };
            let (part, left) = rest.split_at(end.unwrap_or(rest.len()));
            coloured = coloured.and(part, role);
            if end.is_some() {
                role = after;
            }
            rest = left;
        }
        lines.push(coloured);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(before: &str, after: &str, width: usize) -> Option<Vec<String>> {
        compared(before, after, width).map(|lines| lines.iter().map(|line| line.text().trim_start().to_string()).collect())
    }

    #[test]
    fn only_the_words_that_differ_are_marked() {
        let lines = compared("--level info --port 80 --name web", "--level debug --port 80 --name web", 100).unwrap();
        assert_eq!(lines[0].text().trim(), "--level {-info-}{+debug+} --port 80 --name web");
        let roles: Vec<Role> = lines[0].0.iter().map(|span| span.role()).collect();
        assert!(roles.contains(&Role::Removed) && roles.contains(&Role::Added));
        assert_eq!(said("one two", "three four", 80), None, "nothing in common");
        assert_eq!(said("a b c d {+e+} f", "a b c d e f", 80), None, "marks in the text itself");
    }

    #[test]
    fn of_many_equal_lines_the_middle_is_counted_and_nothing_that_differs_is_left_out() {
        let file = |changed: &str| {
            (0..40).map(|n| if n == 20 { format!("listen {changed};\n") } else { format!("line {n};\n") }).collect::<String>()
        };
        let lines = said(&file("80"), &file("8080"), 80).unwrap();
        assert_eq!(
            lines,
            [
                "… 18 lines are the same",
                "line 18;",
                "line 19;",
                "listen {-80;-}{+8080;+}",
                "line 21;",
                "line 22;",
                "… 17 lines are the same"
            ]
        );
        let longer = said(&file("80"), &(file("80") + "one more line\n"), 80).unwrap();
        assert!(longer.iter().any(|line| line.contains("{+one more line+}")), "{longer:?}");
    }

    #[test]
    fn a_broken_line_keeps_its_colours() {
        let before = "a b c d e f g h i j k l";
        let after = "a b c x1 x2 x3 x4 g h i j k l";
        let lines = compared(before, after, 12).unwrap();
        assert!(lines.len() > 2);
        let new: String = lines.iter().flat_map(|line| &line.0).filter(|span| span.role() == Role::Added).map(|span| span.text()).collect();
        assert_eq!(new.replace(['{', '}', '+', ' '], ""), "x1x2x3x4");
    }
}

//! Lines into a width: folded at blanks, never cut, by the columns that characters really take.

use crate::faces::say::{Line, Role, Span};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// The line in pieces at most `width` columns wide; all but the first stand two columns further in than the first began.
pub fn fold(line: &Line, width: usize) -> Vec<Line> {
    fold_by(line, width, 2)
}

/// The same, all but the first so many columns further in.
pub fn fold_by(line: &Line, width: usize, further: usize) -> Vec<Line> {
    let width = width.max(1);
    if line.width() <= width {
        return vec![line.clone()];
    }
    let clusters: Vec<(&str, Role)> = line.0.iter().flat_map(|span| span.text().graphemes(true).map(move |g| (g, span.role()))).collect();
    let margin = clusters.iter().take_while(|(g, _)| *g == " ").count();
    let hang = (margin + further).min(width / 2);
    let mut pieces = Vec::new();
    let mut rest = clusters.as_slice();
    let mut room = width;
    while !rest.is_empty() {
        let mut columns = 0;
        let fits = rest.iter().take_while(|(g, _)| {
            columns += g.width();
            columns <= room
        });
        // At least one, however wide: what never fits must not loop for ever.
        let mut end = fits.count().max(1);
        if end < rest.len() {
            let lead = if pieces.is_empty() { margin } else { 0 };
            let blank = rest[..=end.min(rest.len() - 1)].iter().rposition(|(g, _)| *g == " ").filter(|at| *at > lead.max(end / 3));
            end = blank.unwrap_or(end);
        }
        let piece = joined(&rest[..end]);
        pieces.push(if pieces.is_empty() { piece } else { piece.indented(hang) });
        rest = &rest[end..];
        let blanks = rest.iter().take_while(|(g, _)| *g == " ").count();
        rest = &rest[blanks..];
        room = width - hang;
    }
    pieces
}

/// As much of the text as fits, with `…` where something is left out. For panels that are glanced at, never for a question.
pub fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_string();
    }
    let mut out = String::new();
    let mut room = width.saturating_sub(1);
    for cluster in text.graphemes(true) {
        let wide = cluster.width();
        if wide > room {
            break;
        }
        room -= wide;
        out.push_str(cluster);
    }
    if width > 0 {
        out.push('…');
    }
    out
}

fn joined(clusters: &[(&str, Role)]) -> Line {
    let mut spans: Vec<(String, Role)> = Vec::new();
    for (text, role) in clusters {
        match spans.last_mut() {
            Some((last, same)) if same == role => last.push_str(text),
            Some(_) | None => spans.push(((*text).to_string(), *role)),
        }
    }
    Line(spans.into_iter().map(|(text, role)| Span::new(text, role)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_wide(text in "[ a-z/=世界é]{0,120}", width in 4usize..50) {
            let pieces = fold(&Line::plain(&text).and(" end", Role::Bad), width);
            for piece in &pieces {
                prop_assert!(piece.width() <= width, "{piece:?}");
            }
            let squeeze = |s: &str| s.replace(' ', "");
            prop_assert_eq!(squeeze(&pieces.iter().map(Line::text).collect::<String>()), squeeze(&format!("{text}end")));
        }
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("CrashLoopBackOff", 8), "CrashLo…");
        assert_eq!(cut("世界世界", 4), "世…");
        assert_eq!(cut("ok", 8), "ok");
    }
}

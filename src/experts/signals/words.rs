//! Counting, cutting, spans of time: what every sentence is made with.

/// `1 pod`, `3 pods`.
pub fn counted(n: i64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// At most so many characters, with `…` where something was left out.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        text.to_string()
    } else {
        format!("{}…", text.chars().take(most.saturating_sub(1)).collect::<String>())
    }
}

/// The first line, without surrounding spaces.
pub fn one_line(text: &str) -> &str {
    text.trim().lines().next().unwrap_or_default().trim()
}

/// A span in words: `40 s`, `4 min`, `3 h`, `2 d`.
pub fn span(seconds: i64) -> String {
    match seconds {
        ..120 => format!("{} s", seconds.max(0)),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        172_800.. => format!("{} d", seconds / 86_400),
    }
}

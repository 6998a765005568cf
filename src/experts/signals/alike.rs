//! Whether two words are nearly the same.

/// Whether one word is the other with a part more, or differs in two letters at most.
pub fn alike(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    (short.len() >= 3 && long.contains(short)) || distance(a, b) <= 2.min(short.len().saturating_sub(1))
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut left = i + 1;
        let mut diagonal = row[0];
        row[0] = left;
        for (j, cb) in b.iter().enumerate() {
            let up = row[j + 1];
            left = (up + 1).min(left + 1).min(diagonal + usize::from(ca != *cb));
            diagonal = up;
            row[j + 1] = left;
        }
    }
    row[b.len()]
}

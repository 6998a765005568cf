//! What a verb was before its ending: "getting" and "denied" of "get" and "deny".

/// The verbs that a word may be of, without its "-ing" or "-ed": the stem, the stem with an `e`, with its last letter once ("getting"),
/// with a `y` ("denied").
pub fn of(stem: &str) -> impl Iterator<Item = String> {
    let mut ends = stem.chars().rev();
    let single = match (ends.next(), ends.next()) {
        (Some(last), Some(before)) if last == before => stem.strip_suffix(last).map(String::from),
        _ => None,
    };
    let in_y = stem.strip_suffix('i').map(|stem| format!("{stem}y"));
    [Some(stem.to_string()), Some(format!("{stem}e")), single, in_y].into_iter().flatten()
}

#[cfg(test)]
mod tests {
    #[test]
    fn stems_of_verbs() {
        for (word, ending, verb) in
            [("getting", "ing", "get"), ("scaling", "ing", "scale"), ("denied", "ed", "deny"), ("stopped", "ed", "stop")]
        {
            assert!(super::of(word.strip_suffix(ending).unwrap()).any(|stem| stem == verb), "{word}");
        }
        assert_eq!(super::of("").count(), 2);
    }
}

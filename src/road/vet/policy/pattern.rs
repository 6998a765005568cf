//! Which names, kinds and verbs a rule means: globs, with `!` for what it does not mean.

use crate::ops::{CATALOGUE, Entry, Kind};
use serde::Deserialize;

/// A list of patterns. It holds where one of them fits and none of those with `!` does; of a list that only has `!`, where none fits.
#[derive(Debug, Clone, Deserialize)]
#[serde(from = "Vec<Signed<P>>", bound = "P: TryFrom<String, Error = String>")]
pub(super) struct Patterns<P> {
    wanted: Vec<P>,
    spared: Vec<P>,
}

/// One pattern, with or without its `!`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String", bound = "P: TryFrom<String, Error = String>")]
struct Signed<P>(bool, P);

impl<P: TryFrom<String, Error = String>> TryFrom<String> for Signed<P> {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.strip_prefix('!') {
            Some(rest) => Ok(Signed(false, P::try_from(rest.to_string())?)),
            None => Ok(Signed(true, P::try_from(text)?)),
        }
    }
}

impl<P> From<Vec<Signed<P>>> for Patterns<P> {
    fn from(signed: Vec<Signed<P>>) -> Self {
        let mut patterns = Patterns::default();
        for Signed(wanted, pattern) in signed {
            if wanted { patterns.wanted.push(pattern) } else { patterns.spared.push(pattern) }
        }
        patterns
    }
}

impl<P> Default for Patterns<P> {
    fn default() -> Self {
        Patterns { wanted: Vec::new(), spared: Vec::new() }
    }
}

impl<P> Patterns<P> {
    /// Whether nothing is asked for.
    pub(super) fn is_empty(&self) -> bool {
        self.wanted.is_empty() && self.spared.is_empty()
    }

    /// Whether something is meant that `fits` says of a pattern. An empty list means everything.
    pub(super) fn means(&self, fits: impl Fn(&P) -> bool) -> bool {
        (self.wanted.is_empty() || self.wanted.iter().any(&fits)) && !self.spared.iter().any(&fits)
    }
}

/// `*` stands for any text, `?` for one character; case does not count.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Glob(String);

impl TryFrom<String> for Glob {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.trim().is_empty() {
            true => Err("an empty pattern means nothing".into()),
            false => Ok(Glob(text.to_lowercase())),
        }
    }
}

impl Glob {
    pub(super) fn fits(&self, text: &str) -> bool {
        let (pattern, text): (Vec<char>, Vec<char>) = (self.0.chars().collect(), text.to_lowercase().chars().collect());
        let (mut p, mut t) = (0, 0);
        // Where the last `*` stood, and how much of the text it has taken so far.
        let mut star: Option<(usize, usize)> = None;
        while t < text.len() {
            match pattern.get(p) {
                Some('*') => {
                    star = Some((p, t));
                    p += 1;
                }
                Some(c) if *c == '?' || *c == text[t] => {
                    p += 1;
                    t += 1;
                }
                Some(_) | None => match star {
                    Some((at, taken)) => {
                        star = Some((at, taken + 1));
                        p = at + 1;
                        t = taken + 1;
                    }
                    None => return false,
                },
            }
        }
        pattern[p..].iter().all(|c| *c == '*')
    }
}

/// A kind in any of kubectl's spellings, or a glob over `plural.group`: `*.rbac.authorization.k8s.io`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) enum KindPattern {
    Known(Kind),
    Glob(Glob),
}

impl TryFrom<String> for KindPattern {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match Kind::find(&text) {
            Some(kind) => Ok(KindPattern::Known(kind)),
            None if text.contains(['*', '?', '.']) => Glob::try_from(text).map(KindPattern::Glob),
            None => Err(format!("no kind {text:?} is known; one that only a cluster knows is written plural.group")),
        }
    }
}

impl KindPattern {
    pub(super) fn fits(&self, kind: Kind) -> bool {
        match self {
            KindPattern::Known(known) => *known == kind,
            KindPattern::Glob(glob) => {
                let info = kind.info();
                let full = if info.group.is_empty() { info.plural.to_string() } else { format!("{}.{}", info.plural, info.group) };
                glob.fits(&full)
            }
        }
    }
}

/// kubectl's words for a verb, as a glob: `delete`, `rollout *`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct VerbPattern(Glob);

impl TryFrom<String> for VerbPattern {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let pattern = VerbPattern(Glob::try_from(text.replace('_', " "))?);
        match CATALOGUE.iter().any(|entry| pattern.fits(entry)) {
            true => Ok(pattern),
            // A rule that can never speak would be thought to protect.
            false => Err(format!("there is no verb {text:?}")),
        }
    }
}

impl VerbPattern {
    pub(super) fn fits(&self, entry: &Entry) -> bool {
        !entry.verb.is_empty() && self.0.fits(&entry.verb.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (glob, fits, not) in [
            ("*prod*", &["prod", "eu-PROD-1", "reproduce"][..], &["dev", "pro-d"][..]),
            ("kube-*", &["kube-system", "kube-"], &["kube", "my-kube-x"]),
            ("a?c*e", &["abce", "abcde", "a-ceee"], &["ace", "abcd"]),
            ("*:latest", &["docker.io/library/nginx:latest"], &["nginx:1"]),
            ("x", &["x"], &["", "xx"]),
        ] {
            let glob = Glob::try_from(glob.to_string()).unwrap();
            assert!(fits.iter().all(|t| glob.fits(t)), "{glob:?}");
            assert!(not.iter().all(|t| !glob.fits(t)), "{glob:?}");
        }
        assert!(Glob::try_from(" ".to_string()).is_err());
    }

    #[test]
    fn what_is_spared_counts_last() {
        let list = |texts: &[&str]| {
            let signed: Vec<Signed<Glob>> = texts.iter().map(|t| Signed::try_from((*t).to_string()).unwrap()).collect();
            Patterns::from(signed)
        };
        let means = |p: &Patterns<Glob>, text: &str| p.means(|g| g.fits(text));
        assert!(means(&list(&[]), "x"));
        assert!(means(&list(&["*prod*", "!nonprod"]), "prod") && !means(&list(&["*prod*", "!nonprod"]), "nonprod"));
        assert!(means(&list(&["!dev"]), "prod") && !means(&list(&["!dev"]), "dev"));
    }
}

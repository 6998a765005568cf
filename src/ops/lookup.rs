//! What a look at the cluster gave: known, missing, or not checked and why.

use serde::Serialize;

/// The answer to one look. A 404 is `Missing`; a 403, a time-out or having no cluster at all is `NotChecked`, never a guess.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lookup<T> {
    /// It is there, and this is it.
    Known(T),
    /// It is not there.
    Missing,
    /// Nobody could say; the sentence says why.
    NotChecked(String),
}

impl<T> Lookup<T> {
    /// The value, where it is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Lookup::Known(value) => Some(value),
            Lookup::Missing | Lookup::NotChecked(_) => None,
        }
    }

    /// The value itself, where it is known.
    pub fn into_known(self) -> Option<T> {
        match self {
            Lookup::Known(value) => Some(value),
            Lookup::Missing | Lookup::NotChecked(_) => None,
        }
    }

    /// The same look with its value turned into another.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Lookup<U> {
        match self {
            Lookup::Known(value) => Lookup::Known(f(value)),
            Lookup::Missing => Lookup::Missing,
            Lookup::NotChecked(why) => Lookup::NotChecked(why),
        }
    }
}

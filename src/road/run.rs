//! Which run: the id that one request keeps from its words to its outcome, and in the journal after it.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A run's id. Later runs sort after earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(String);

impl RunId {
    /// The id, as [`crate::world::World::id`] gave it.
    pub fn new(id: impl Into<String>) -> RunId {
        RunId(id.into())
    }
    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
    /// Its beginning and end, enough to tell runs apart on a screen: `0199…7c2e`.
    pub fn short(&self) -> String {
        let chars: Vec<char> = self.0.chars().collect();
        match chars.len() {
            0..=9 => self.0.clone(),
            n => format!("{}…{}", chars[..4].iter().collect::<String>(), chars[n - 4..].iter().collect::<String>()),
        }
    }
    /// Whether a person who typed `said` may mean this run: the whole id, its end, its beginning, or its short form.
    pub fn is_meant_by(&self, said: &str) -> bool {
        let said = said.trim();
        match said.split_once('…').or_else(|| said.split_once("...")) {
            Some((head, tail)) => self.0.starts_with(head) && self.0.ends_with(tail.trim_start_matches('-')),
            None => said.len() >= 4 && (self.0 == said || self.0.ends_with(said) || self.0.starts_with(said)),
        }
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

//! How records hold on to one another: each one's hash is over the one before it and its own text.
//!
//! SHA-256, so that a chain can be checked with coreutils: `printf '%s%s' "$PREV" "$BODY" | sha256sum`.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// SHA-256 in hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hash(String);

impl Hash {
    /// What the first record hangs on.
    pub fn start() -> Hash {
        Hash("0".repeat(64))
    }
    /// The hash of a record whose text is `body`, hanging on `self`.
    pub fn next(&self, body: &str) -> Hash {
        let mut hash = Sha256::new();
        hash.update(self.0.as_bytes());
        hash.update(body.as_bytes());
        Hash(hex::encode(hash.finalize()))
    }
    /// The hex text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One line of the file. `body` is the record's exact text: the hash is over these bytes, not over a reading of them.
#[derive(Serialize, Deserialize)]
pub(super) struct Link {
    pub(super) seq: u64,
    pub(super) prev: Hash,
    pub(super) hash: Hash,
    pub(super) body: Box<serde_json::value::RawValue>,
}

/// The end of the chain as it was last written, kept apart from the file it describes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) hash: Hash,
}

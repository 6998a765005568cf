//! A value that only its owner and the server may see: sent, and nowhere else.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{borrow::Cow, fmt};

/// What stands for a value on a line, in JSON and in the record.
pub const WITHHELD: &str = "<withheld>";

/// A value that a person supplied for a Secret. It is printed and written down as [`WITHHELD`], and what is read back from there
/// is a value that nobody knows any more: it cannot be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Sensitive(Option<Vec<u8>>);

impl Sensitive {
    /// A value as it was said.
    pub fn new(text: &str) -> Sensitive {
        Sensitive((text != WITHHELD).then(|| text.as_bytes().to_vec()))
    }
    /// A value as it was read.
    pub fn of_bytes(bytes: Vec<u8>) -> Sensitive {
        Sensitive(Some(bytes))
    }
    /// A value that is known no more.
    pub fn withheld() -> Sensitive {
        Sensitive(None)
    }
    /// The value, to be put into what is sent; `None` where it was read back from a record.
    pub fn reveal(&self) -> Option<&[u8]> {
        self.0.as_deref()
    }
}

impl fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(WITHHELD)
    }
}
impl fmt::Display for Sensitive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(WITHHELD)
    }
}
impl Serialize for Sensitive {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(WITHHELD)
    }
}
impl<'de> Deserialize<'de> for Sensitive {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Ok(Sensitive::new(&String::deserialize(d)?))
    }
}
impl JsonSchema for Sensitive {
    fn schema_name() -> Cow<'static, str> {
        "Sensitive".into()
    }
    fn inline_schema() -> bool {
        true
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "description": "a secret value in the person's own words; it is never shown again"})
    }
}

/// What was read from a file, or from a folder's files, as it is: bytes, not documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Contents {
    /// One file.
    File(Sensitive),
    /// The files of a folder by name, in order of name; folders in it are left out.
    Folder(Vec<(String, Sensitive)>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_nowhere_but_where_it_is_asked_for() {
        let value = Sensitive::new("hunter2");
        assert_eq!(value.reveal(), Some(b"hunter2".as_slice()));
        let said = format!("{value:?} {value} {} {:?}", serde_json::to_string(&value).unwrap(), Contents::File(value.clone()));
        assert!(!said.contains("hunter2"), "{said}");
        assert_eq!(serde_json::from_str::<Sensitive>("\"<withheld>\"").unwrap(), Sensitive::withheld());
        assert_eq!(Sensitive::withheld().reveal(), None);
    }
}

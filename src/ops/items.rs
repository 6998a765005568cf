//! Objects as text, for answers that hold many: as a tree of values an object takes ten times the room.

use serde::{
    Serialize, Serializer,
    ser::{Error as _, SerializeSeq as _},
};
use serde_json::{Value, value::RawValue};

/// Objects in order, each as its JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Items(Vec<Box<str>>);

impl Items {
    /// Adds one at the end.
    pub fn push(&mut self, object: &Value) {
        self.0.push(object.to_string().into_boxed_str());
    }
    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    /// Adds these at the end.
    pub fn extend(&mut self, more: Items) {
        self.0.extend(more.0);
    }
    /// Each as a value, unpacked when its turn comes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Value> {
        // What was written from a value reads back as it.
        self.0.iter().map(|text| serde_json::from_str(text).unwrap_or_default())
    }
}

impl FromIterator<Value> for Items {
    fn from_iter<I: IntoIterator<Item = Value>>(objects: I) -> Items {
        let mut items = Items::default();
        objects.into_iter().for_each(|object| items.push(&object));
        items
    }
}

impl From<Vec<Value>> for Items {
    fn from(objects: Vec<Value>) -> Items {
        objects.into_iter().collect()
    }
}

impl Serialize for Items {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.0.len()))?;
        for text in &self.0 {
            list.serialize_element(serde_json::from_str::<&RawValue>(text).map_err(S::Error::custom)?)?;
        }
        list.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_packed_comes_out_as_it_went_in() {
        let objects = vec![json!({"a": [1, 2.5, -3, null, "x\u{202e}\n"]}), json!({"b": {"c": u64::MAX, "d": ""}})];
        let items = Items::from(objects.clone());
        assert_eq!(items.iter().collect::<Vec<_>>(), objects);
        assert_eq!(serde_json::to_value(&items).unwrap(), json!(objects));
        assert_eq!(serde_json::to_string(&items).unwrap(), json!(objects).to_string());
    }
}

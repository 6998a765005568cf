//! Decoding that loses no object over one field: a value of a wrong type reads as the field's default, a null and an unknown key as nothing.
//!
//! Straight from any serde format, without a tree in between; a text where a number was expected is read as one and the other way round, since
//! people write YAML by hand (`status: True`).

use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::{collections::BTreeMap, fmt, marker::PhantomData};

/// A text longer than this is cut while it is read: no rule reads further, and nobody may fill our memory with one annotation.
const LONGEST: usize = 4096;

/// What can be read from whatever stands there.
pub trait Lenient: Default {
    /// From a text.
    fn of_text(_: &str) -> Self {
        Self::default()
    }
    /// From a whole number.
    fn of_int(_: i64) -> Self {
        Self::default()
    }
    /// From true or false.
    fn of_flag(_: bool) -> Self {
        Self::default()
    }
    /// From a list.
    ///
    /// # Errors
    /// Only those of the format itself: broken syntax, too deep.
    fn of_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
    /// From a mapping.
    ///
    /// # Errors
    /// As [`Lenient::of_seq`].
    fn of_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

/// Reads a `T` from any deserializer that describes itself (JSON, YAML, a value).
///
/// # Errors
/// Only those of the format itself.
pub fn read<'de, T: Lenient, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    Any::<T>::new().deserialize(from)
}

/// The seed and visitor for all of them.
pub struct Any<T>(PhantomData<T>);

impl<T> Any<T> {
    /// The one there is.
    pub fn new() -> Self {
        Any(PhantomData)
    }
}

impl<'de, T: Lenient> DeserializeSeed<'de> for Any<T> {
    type Value = T;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de, T: Lenient> Visitor<'de> for Any<T> {
    type Value = T;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::of_text(text))
    }
    fn visit_i64<E>(self, n: i64) -> Result<T, E> {
        Ok(T::of_int(n))
    }
    fn visit_u64<E>(self, n: u64) -> Result<T, E> {
        Ok(T::of_int(i64::try_from(n).unwrap_or(i64::MAX)))
    }
    fn visit_f64<E>(self, n: f64) -> Result<T, E> {
        Ok(T::of_text(&n.to_string()))
    }
    fn visit_bool<E>(self, flag: bool) -> Result<T, E> {
        Ok(T::of_flag(flag))
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_none<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        self.deserialize(from)
    }
    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<T, D::Error> {
        self.deserialize(from)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<T, A::Error> {
        T::of_seq(seq)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::of_map(map)
    }
}

fn head(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

impl Lenient for Box<str> {
    fn of_text(text: &str) -> Self {
        head(text).into()
    }
    fn of_int(n: i64) -> Self {
        n.to_string().into()
    }
    fn of_flag(flag: bool) -> Self {
        flag.to_string().into()
    }
}

impl Lenient for i64 {
    fn of_text(text: &str) -> Self {
        text.trim().parse().unwrap_or_default()
    }
    fn of_int(n: i64) -> Self {
        n
    }
}

impl Lenient for bool {
    fn of_text(text: &str) -> Self {
        text.eq_ignore_ascii_case("true")
    }
    fn of_flag(flag: bool) -> Self {
        flag
    }
}

/// A moment, or none where none that can be read stands there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct When(pub Option<Timestamp>);

impl Lenient for When {
    fn of_text(text: &str) -> Self {
        When(text.parse().ok())
    }
}

impl<T: Lenient> Lenient for Option<T> {
    fn of_text(text: &str) -> Self {
        Some(T::of_text(text))
    }
    fn of_int(n: i64) -> Self {
        Some(T::of_int(n))
    }
    fn of_flag(flag: bool) -> Self {
        Some(T::of_flag(flag))
    }
    fn of_seq<'de, A: SeqAccess<'de>>(seq: A) -> Result<Self, A::Error> {
        T::of_seq(seq).map(Some)
    }
    fn of_map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::of_map(map).map(Some)
    }
}

/// What is rare and large stands behind a pointer.
impl<T: Lenient> Lenient for Box<T> {
    fn of_text(text: &str) -> Self {
        Box::new(T::of_text(text))
    }
    fn of_int(n: i64) -> Self {
        Box::new(T::of_int(n))
    }
    fn of_flag(flag: bool) -> Self {
        Box::new(T::of_flag(flag))
    }
    fn of_seq<'de, A: SeqAccess<'de>>(seq: A) -> Result<Self, A::Error> {
        T::of_seq(seq).map(Box::new)
    }
    fn of_map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        T::of_map(map).map(Box::new)
    }
}

impl<T: Lenient> Lenient for Vec<T> {
    fn of_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        let mut all = Vec::new();
        while let Some(one) = seq.next_element_seed(Any::<T>::new())? {
            all.push(one);
        }
        Ok(all)
    }
}

impl<T: Lenient> Lenient for BTreeMap<Box<str>, T> {
    fn of_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut all = BTreeMap::new();
        while let Some(key) = map.next_key_seed(Any::<Box<str>>::new())? {
            all.insert(key, map.next_value_seed(Any::<T>::new())?);
        }
        Ok(all)
    }
}

/// Whether anything at all stands there; what it is is not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Present(pub bool);

impl Lenient for Present {
    fn of_text(_: &str) -> Self {
        Present(true)
    }
    fn of_int(_: i64) -> Self {
        Present(true)
    }
    fn of_flag(_: bool) -> Self {
        Present(true)
    }
    fn of_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Present(true))
    }
    fn of_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Present(true))
    }
}

/// Structs whose every field is [`Lenient`], each with the key it has in JSON. All else in the mapping is passed over.
macro_rules! lenient {
    ($($(#[$about:meta])* pub struct $Name:ident { $($(#[$told:meta])* $field:ident: $Type:ty = $key:literal,)* })*) => {$(
        $(#[$about])*
        #[derive(Debug, Clone, Default, PartialEq)]
        #[allow(missing_docs, reason = "a field is what the API's reference says of the key beside it")]
        pub struct $Name { $($(#[$told])* pub $field: $Type,)* }
        impl $crate::facts::snapshot::lenient::Lenient for $Name {
            fn of_map<'de, A: serde::de::MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
                use $crate::facts::snapshot::lenient::Any;
                let mut read = Self::default();
                while let Some(key) = map.next_key_seed(Any::<Box<str>>::new())? {
                    match &*key {
                        $($key => read.$field = map.next_value_seed(Any::<$Type>::new())?,)*
                        _ => { map.next_value::<serde::de::IgnoredAny>()?; }
                    }
                }
                Ok(read)
            }
        }
    )*};
}
pub(super) use lenient;

#[cfg(test)]
mod tests {
    use super::*;

    lenient! {
        pub struct Thing { name: Box<str> = "name", size: i64 = "size", on: bool = "on", parts: Vec<Thing> = "parts", at: When = "at", }
    }

    #[test]
    fn a_wrong_type_costs_its_field_only() {
        let text = r#"{"name": 7, "size": {"a": [1]}, "on": "true", "parts": ["x", {"name": "y"}], "at": 3, "else": [[{}]]}"#;
        let thing: Thing = read(&mut serde_json::Deserializer::from_str(text)).unwrap();
        assert_eq!((&*thing.name, thing.size, thing.on, thing.at), ("7", 0, true, When(None)));
        assert_eq!(thing.parts.iter().map(|p| &*p.name).collect::<Vec<_>>(), ["", "y"]);
    }
}

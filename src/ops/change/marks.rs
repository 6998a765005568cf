//! What `label` and `annotate` share: keys to values in an object's `metadata`, set or taken away.

use crate::ops::{Argv, CannotDo, Images, LabelKey, Lookup, Misuse, Target, Way, look, verb::target_and_rest};
use serde_json::Value;
use std::{collections::BTreeMap, fmt::Display, str::FromStr};

/// Keys to values; `None` takes the key away.
pub(super) type Marks<V> = BTreeMap<LabelKey, Option<V>>;

/// What kind of marks: the field of `metadata` they stand in, and what one of them is called.
pub(super) struct Sort {
    /// `labels`.
    pub field: &'static str,
    /// `label`.
    pub one: &'static str,
}

impl Sort {
    fn of<'a>(&self, object: &'a Value, key: &LabelKey) -> Option<&'a str> {
        object.get("metadata")?.get(self.field)?.get(key.as_str())?.as_str()
    }

    /// A mark that has another value is not replaced unasked: `validateNoOverwrites` and `validateNoAnnotationOverwrites` in
    /// `kubectl/pkg/cmd/label` and `…/annotate`.
    ///
    /// # Errors
    /// [`CannotDo`] where no mark is named, where a value stands there and `overwrite` is off, or the object could not be read.
    pub(super) fn check<V: AsRef<str>>(
        &self,
        marks: &Marks<V>,
        overwrite: bool,
        seen: &[Lookup<Value>],
        target: &Target,
    ) -> Result<(), CannotDo> {
        if marks.is_empty() {
            return Err(CannotDo::new(format!("which {}? at least one is needed", self.one), "say key=value, or key- to remove one"));
        }
        if !may_clash(marks, overwrite) {
            return Ok(());
        }
        let object = look::object(seen, target)?;
        for (key, wanted) in marks {
            if let (Some(wanted), Some(have)) = (wanted, self.of(object, key))
                && have != wanted.as_ref()
            {
                let have: String = have.chars().take(200).collect();
                return Err(CannotDo::new(
                    format!("'{key}' already has a value ({have}) on {}, and --overwrite is false", target.slashed()),
                    "add --overwrite to replace it",
                ));
            }
        }
        Ok(())
    }

    /// The former values of the marks that moved.
    ///
    /// # Errors
    /// The way back itself, where there is none.
    pub(super) fn former<V: AsRef<str> + FromStr>(&self, marks: &Marks<V>, images: &[Images<'_>]) -> Result<Marks<V>, Way> {
        let Some(before) = images.first().and_then(|i| i.before) else { return Err(Way::None("what there was before is not known")) };
        let moved = marks.iter().filter(|(key, value)| self.of(before, key) != value.as_ref().map(AsRef::as_ref));
        let former = moved.map(|(key, _)| match self.of(before, key) {
            None => Some((key.clone(), None)),
            Some(have) => Some((key.clone(), Some(V::from_str(have).ok()?))),
        });
        match former.collect::<Option<Marks<V>>>() {
            Some(marks) if marks.is_empty() => Err(Way::None("it changed nothing")),
            Some(marks) => Ok(marks),
            None => Err(Way::None("a former value is no legal value")),
        }
    }

    /// The object and the marks on a line.
    ///
    /// # Errors
    /// [`Misuse`] for a word that is neither `key=value` nor `key-`, a mark named twice, or none.
    pub(super) fn on_line<V: FromStr>(&self, argv: &Argv) -> Result<(Target, Marks<V>), Misuse>
    where
        V::Err: Display,
    {
        let (target, rest) = target_and_rest(argv)?;
        let mut marks = Marks::new();
        for word in rest {
            let (key, value) = match (word.split_once('='), word.strip_suffix('-')) {
                (Some((key, value)), _) => {
                    let value = V::from_str(value).map_err(|e| Misuse::Says(format!("{word:?}: {e}")))?;
                    (LabelKey::new(key)?, Some(value))
                }
                (None, Some(key)) => (LabelKey::new(key)?, None),
                (None, None) => return Err(Misuse::Says(format!("{word:?}: key=value or key- was expected"))),
            };
            if marks.insert(key, value).is_some() {
                return Err(Misuse::Says(format!("{word:?}: that {} is named twice", self.one)));
            }
        }
        if marks.is_empty() {
            return Err(Misuse::Says(format!("kubectl {}: which {}? key=value or key- is missing", argv.verb.join(" "), self.one)));
        }
        Ok((target, marks))
    }
}

/// Whether a value could stand there that is not to be replaced, so that the object has to be looked at first.
pub(super) fn may_clash<V>(marks: &Marks<V>, overwrite: bool) -> bool {
    !overwrite && marks.values().any(Option::is_some)
}

/// `key=value` and `key-`, as on a line.
pub(super) fn words<V: Display>(marks: &Marks<V>) -> impl Iterator<Item = String> {
    marks.iter().map(|(key, value)| match value {
        Some(value) => format!("{key}={value}"),
        None => format!("{key}-"),
    })
}

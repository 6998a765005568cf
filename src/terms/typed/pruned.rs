//! What goes when somebody who set fields sets them no longer.

use super::{Type, Wrongs, set_of, with_named_fields, without};
use crate::terms::fields::FieldSet;
use serde_json::Value;

/// The value without what `last` has and nobody has now; `owned` is what everybody has now. Source: `prune` in
/// `structured-merge-diff/v6/merge/update.go`.
///
/// # Errors
/// [`Wrongs`] where the value does not fit the type.
pub fn pruned(of: Type<'_>, value: Value, last: &FieldSet, owned: &FieldSet) -> Result<Value, Wrongs> {
    if last.is_empty() {
        return Ok(value);
    }
    let named = |set: &FieldSet| with_named_fields(Some(of), set);
    let (all, last) = (named(&set_of(of, &value)?), named(last));
    // What goes with a field that goes may be another's: that comes back, and so does what this manager never had.
    let left = without(of, &value, &last);
    let kept = named(&set_of(of, &left)?).union(named(owned));
    let left = without(of, &value, &all.clone().difference(&kept));
    let gone = all.difference(&named(&set_of(of, &left)?));
    Ok(without(of, &value, &gone.intersection(&last)))
}

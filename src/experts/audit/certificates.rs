//! Certificates that end: the rules of a diagnosis, which an audit asks before they have.

use super::unit::Unit;
use crate::experts::diagnose::{Finding, Rule, certificates};
use crate::facts::snapshot::Snapshot;

pub(super) static RULES: &[&Rule] = certificates::EXPIRY;

pub(super) fn find(s: &Snapshot, _: &[Unit<'_>], out: &mut Vec<Finding>) {
    out.extend(certificates::ending(s));
}

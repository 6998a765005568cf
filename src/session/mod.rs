//! The brain: one event at a time in, effects out. Pure: no clock, no I/O, no async.
//!
//! Owns: what phase each run is in, who is asked what and when, what "it" means, that at most one change is under way.
//! Does not own: carrying effects out (drive), drawing (faces), judging (vet and policy).
//! Invariants: a change is carried out only after `allow` or a yes to that very preview; a (phase, event) pair that makes no
//! sense becomes a [`Effect::Note`]; a read can never gain a change; a model is asked only where the grammar does not understand,
//! and the person is told first where their data goes.

mod auditing;
mod effect;
mod event;
mod looking;
mod mending;
mod phase;
mod recounting;
mod step;
mod thinking;

pub use effect::{Effect, Mended, Tell};
pub use event::Event;
pub use recounting::{Recounted, Teller, within};
pub use step::{Session, Settings};
pub use thinking::ModelSettings;

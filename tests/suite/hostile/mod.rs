//! The holes that others have, each held shut by a test.

mod model;

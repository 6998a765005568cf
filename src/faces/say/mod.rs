//! Values into words: the same sentences for every face, as lines of roles that a face colours in its own way.
//!
//! Owns: wording and alignment. Does not own: colours (each face's theme), scrolling, questions' keys.
//! Invariants: no line holds a control character, whatever the cluster sent; state is said by glyph and word, never by role alone.

mod line;

pub use line::{Line, Role, Span, clean};

//! How much of a log is kept: its end, within bounds.

use crate::ops::answer::LogLine;

/// More lines than these are not kept; the last ones are.
pub(super) const MOST_LINES: usize = 5_000;
/// Nor more bytes.
const MOST_BYTES: usize = 2 << 20;

/// The last bytes that are kept, from the beginning of a line on.
pub(super) fn last_part(bytes: &[u8]) -> (&[u8], bool) {
    if bytes.len() <= MOST_BYTES {
        return (bytes, false);
    }
    let tail = &bytes[bytes.len() - MOST_BYTES..];
    let start = tail.iter().position(|b| *b == b'\n').map_or(0, |at| at + 1);
    (&tail[start..], true)
}

/// Drops the first lines until the rest is within bounds; whether any went.
pub(super) fn keep_last(lines: &mut Vec<LogLine>) -> bool {
    let mut bytes = 0;
    let fits = lines.iter().rev().take(MOST_LINES).take_while(|l| {
        bytes += l.text.len() + 1;
        // The line that is alone too long has been cut to the limit before.
        bytes <= MOST_BYTES + 1
    });
    let first = lines.len() - fits.count();
    lines.drain(..first);
    first > 0
}

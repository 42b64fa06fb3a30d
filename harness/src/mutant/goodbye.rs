//! How a mutant's end reports that it closes and wasn't killed.

/// The last message of an end that closes. No case sends it.
pub(super) const GOODBYE: &[u8] = b"\xffgoodbye, says an end of a mutant\xff";

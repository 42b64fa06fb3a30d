//! How a mutant's end says that it closes, and isn't killed.

/// What no case ever sends: the last message of an end that closes.
pub(super) const GOODBYE: &[u8] = b"\xffgoodbye, says an end of a mutant\xff";

//! The failures of encoding and decoding, for backends that add both to a library that moves bytes.

use super::{Failure, Outcome};

/// The message for an item that can't be encoded. No text is like it, because it is no UTF-8.
pub(crate) const UNSENDABLE: &[u8] = b"u\xffunsendable";
/// The message for an item that can't be decoded.
pub(crate) const UNDECODABLE: &[u8] = b"d\xffundecodable";

/// Refuses the message for an item that can't be encoded.
pub(crate) fn check_encoding(message: &[u8]) -> Result<(), Failure> {
    if message == UNSENDABLE {
        return Err(Failure::refused("this item can't be encoded"));
    }
    Ok(())
}

/// Returns an error for the message for an item that can't be decoded.
pub(crate) fn check_decoding(message: &[u8]) -> Result<(), Failure> {
    if message == UNDECODABLE {
        return Err(Failure::new(Outcome::Error, "this item can't be decoded"));
    }
    Ok(())
}

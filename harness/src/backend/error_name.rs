//! What the operating system or a library called an error, short enough for a record of the log.

use std::fmt;
use std::io::ErrorKind;

use serde::{Deserialize, Serialize};

/// The most bytes of a name.
const LONGEST: usize = 23;

/// What a library's language calls a sort of errors: a Rust [`ErrorKind`], a Python exception's
/// class. Names longer than 23 bytes are cut.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ErrorName {
    // Behind the name there are only zeros, so that equality is that of names.
    bytes: [u8; LONGEST],
    length: u8,
}

impl ErrorName {
    /// The name itself.
    pub fn as_str(&self) -> &str {
        // It was cut from a text at a boundary of characters.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// The kind of an error of the standard library; none for those that only a code tells apart.
    pub fn of_kind(kind: ErrorKind) -> Option<ErrorName> {
        name(kind).map(ErrorName::from)
    }

    /// A small number for the names of the standard library's kinds, from 1; for the log.
    pub(crate) fn number(self) -> Option<u8> {
        let place = KINDS.iter().position(|(_, name)| *name == self.as_str())?;
        u8::try_from(place + 1).ok()
    }

    pub(crate) fn from_number(number: u8) -> Option<ErrorName> {
        let (_, name) = KINDS.get(usize::from(number).checked_sub(1)?)?;
        Some(ErrorName::from(*name))
    }
}

const KINDS: &[(ErrorKind, &str)] = &[
    (ErrorKind::NotFound, "NotFound"),
    (ErrorKind::PermissionDenied, "PermissionDenied"),
    (ErrorKind::ConnectionRefused, "ConnectionRefused"),
    (ErrorKind::ConnectionReset, "ConnectionReset"),
    (ErrorKind::ConnectionAborted, "ConnectionAborted"),
    (ErrorKind::NotConnected, "NotConnected"),
    (ErrorKind::AddrInUse, "AddrInUse"),
    (ErrorKind::AddrNotAvailable, "AddrNotAvailable"),
    (ErrorKind::BrokenPipe, "BrokenPipe"),
    (ErrorKind::AlreadyExists, "AlreadyExists"),
    (ErrorKind::WouldBlock, "WouldBlock"),
    (ErrorKind::InvalidInput, "InvalidInput"),
    (ErrorKind::InvalidData, "InvalidData"),
    (ErrorKind::TimedOut, "TimedOut"),
    (ErrorKind::WriteZero, "WriteZero"),
    (ErrorKind::Interrupted, "Interrupted"),
    (ErrorKind::Unsupported, "Unsupported"),
    (ErrorKind::UnexpectedEof, "UnexpectedEof"),
    (ErrorKind::OutOfMemory, "OutOfMemory"),
    (ErrorKind::ResourceBusy, "ResourceBusy"),
    (ErrorKind::StorageFull, "StorageFull"),
    (ErrorKind::Other, "Other"),
];

fn name(kind: ErrorKind) -> Option<&'static str> {
    let known = KINDS.iter().find(|(known, _)| *known == kind);
    known.map(|(_, name)| *name)
}

impl From<&str> for ErrorName {
    fn from(name: &str) -> ErrorName {
        let name = &name[..name.floor_char_boundary(LONGEST)];
        let mut bytes = [0; LONGEST];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        ErrorName {
            bytes,
            length: name.len() as u8,
        }
    }
}

impl From<String> for ErrorName {
    fn from(name: String) -> ErrorName {
        name.as_str().into()
    }
}

impl From<ErrorName> for String {
    fn from(name: ErrorName) -> String {
        name.as_str().to_owned()
    }
}

impl fmt::Display for ErrorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for ErrorName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What the operating system or the library called an error; shown, never compared with a golden.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RawError {
    /// What sort of error it was, in the words of the library's language: `BrokenPipe`, `EOFError`.
    pub kind: Option<ErrorName>,
    /// `errno`, `GetLastError`, or a number of the library's own.
    pub code: Option<i32>,
}

/// As reports and divergences write it: `BrokenPipe (32)`.
impl fmt::Display for RawError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, self.code) {
            (Some(kind), Some(code)) => write!(f, "{kind} ({code})"),
            (Some(kind), None) => write!(f, "{kind}"),
            (None, Some(code)) => write!(f, "code {code}"),
            (None, None) => f.write_str("an error without a name"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_number_that_leads_back_to_it() {
        for (kind, name) in KINDS {
            let of_kind = ErrorName::of_kind(*kind).unwrap();
            assert_eq!(of_kind.as_str(), *name);
            assert_eq!(
                of_kind.number().and_then(ErrorName::from_number),
                Some(of_kind)
            );
            assert_eq!(format!("{kind:?}"), *name, "named as Rust names it");
        }
    }

    #[test]
    fn a_name_of_another_language_has_no_number() {
        assert_eq!(ErrorName::from("EOFError").number(), None);
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let name = ErrorName::from("é".repeat(40).as_str());
        assert_eq!(name.as_str(), "é".repeat(11));
    }
}

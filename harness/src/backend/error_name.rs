//! The names that operating systems and libraries give to errors, short enough for a log record.

use std::fmt;
use std::io::ErrorKind;

use serde::{Deserialize, Serialize};

/// The largest number of bytes in a name.
const LONGEST: usize = 23;

/// The name of an error in the library's language, such as a Rust [`ErrorKind`] or the class of a
/// Python exception. Names longer than 23 bytes are cut.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct ErrorName {
    // The rest is zeros, so that equal names are equal bytes.
    bytes: [u8; LONGEST],
    length: u8,
}

impl ErrorName {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        // It was cut at a character boundary.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// Returns the name of a kind of standard library error; `None` for kinds without a stable name.
    pub fn of_kind(kind: ErrorKind) -> Option<ErrorName> {
        name(kind).map(ErrorName::from)
    }

    /// Returns the number of a standard library kind in the log, from 1.
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

/// What the operating system or the library calls an error. Reports show it; goldens don't.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RawError {
    /// The error's name in the library's language: `BrokenPipe`, `EOFError`.
    pub kind: Option<ErrorName>,
    /// `errno`, `GetLastError`, or the library's own number.
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
    fn every_kind_is_found_again_by_its_number() {
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
    fn an_error_name_of_another_language_has_no_number() {
        assert_eq!(ErrorName::from("EOFError").number(), None);
    }

    #[test]
    fn a_long_error_name_is_cut_between_characters() {
        let name = ErrorName::from("é".repeat(40).as_str());
        assert_eq!(name.as_str(), "é".repeat(11));
    }
}

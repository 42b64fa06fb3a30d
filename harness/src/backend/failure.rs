//! Anything but success, as a library reported it.

use std::io;

use super::{ErrorName, Outcome, RawError};

/// Anything but success, as the library reported it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{outcome}: {message}")]
pub struct Failure {
    /// What it came to, in the case language's words.
    pub outcome: Outcome,
    /// What the operating system or the library called it.
    pub raw: Option<RawError>,
    /// Whether a put can't have had any effect.
    pub definite: bool,
    /// What the library said, for people.
    pub message: String,
}

impl Failure {
    /// A failure with this outcome. `empty`, `full`, `refused` and `closed` are definite.
    pub fn new(outcome: Outcome, message: impl Into<String>) -> Failure {
        let definite = matches!(
            outcome,
            Outcome::Empty | Outcome::Full | Outcome::Refused | Outcome::Closed | Outcome::Timeout
        );
        Failure {
            outcome,
            raw: None,
            definite,
            message: message.into(),
        }
    }

    /// A failure that an operating-system error caused, and what that error means here.
    pub fn from_io(outcome: Outcome, error: &io::Error) -> Failure {
        let raw = RawError {
            kind: ErrorName::of_kind(error.kind()),
            code: error.raw_os_error(),
        };
        Failure {
            raw: Some(raw),
            ..Failure::new(outcome, error.to_string())
        }
    }

    /// The library doesn't do this.
    pub fn refused(message: impl Into<String>) -> Failure {
        Failure::new(Outcome::Refused, message)
    }

    /// The end of the stream.
    pub fn end() -> Failure {
        Failure::new(Outcome::End, "end of stream")
    }

    /// The same failure, but the put may still have its effect.
    pub fn indefinite(self) -> Failure {
        Failure {
            definite: false,
            ..self
        }
    }
}

/// An error that nobody has documented a meaning for.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::from_io(Outcome::Error, &error)
    }
}

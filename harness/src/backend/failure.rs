//! Anything but success, as a library reported it.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{ErrorName, Outcome, RawError};

/// Anything but success, as the library reported it.
///
/// [`Outcome`] says what a library's error means. The conversion from [`io::Error`], which `?`
/// uses, is for errors without a documented meaning: its outcome is [`Outcome::Error`], and a case
/// that expects another outcome fails. Use [`Failure::from_io`] for documented errors.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{outcome}: {message}")]
pub struct Failure {
    /// What the error means, in the case language's words.
    pub outcome: Outcome,
    /// What the operating system or the library calls the error.
    pub raw: Option<RawError>,
    /// Whether the operation certainly had no effect. If not, an item whose put failed may still
    /// arrive.
    pub definite: bool,
    /// The library's own words, for people.
    pub message: String,
}

impl Failure {
    /// Returns a failure with this outcome. It is definite if the outcome is `empty`, `full`,
    /// `timeout`, `refused` or `closed`.
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

    /// Returns the failure that this error means.
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

    /// Returns the failure of a request that the library doesn't support.
    pub fn refused(message: impl Into<String>) -> Failure {
        Failure::new(Outcome::Refused, message)
    }

    /// Returns the failure that means end of stream.
    pub fn end() -> Failure {
        Failure::new(Outcome::End, "end of stream")
    }

    /// Calls code of a backend outside any operation. A panic in it is a failure like any other.
    pub(crate) fn of_panic<T>(call: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        // What a panic left half done is never used: the trial is over.
        catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|panic| {
            let text = panic.downcast_ref::<&str>().copied();
            let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
            let text = text.unwrap_or("it doesn't say why");
            Err(Failure::new(Outcome::Error, format!("it panicked: {text}")))
        })
    }

    /// Returns the library's own words, and then what this means for a call outside any operation.
    pub(crate) fn said_at(&self, place: &str) -> String {
        format!("{}; so {place} ({})", self.message, self.outcome)
    }

    /// Returns the same failure of an operation that may still have its effect.
    pub fn indefinite(self) -> Failure {
        Failure {
            definite: false,
            ..self
        }
    }
}

/// An error without a documented meaning.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::from_io(Outcome::Error, &error)
    }
}

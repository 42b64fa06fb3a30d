//! Errors that end the program.

use std::fmt::Display;
use std::io;

use crate::corpus::CaseFolderError;
use crate::event::ExitCode;
use crate::runner::SessionError;

/// An error that ends the program early.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) code: ExitCode,
    /// The message; empty if there is nothing to print.
    pub(super) what: String,
}

impl Problem {
    pub(super) fn new(code: ExitCode, what: impl Display) -> Problem {
        let what = what.to_string();
        Problem { code, what }
    }
}

impl From<CaseFolderError> for Problem {
    fn from(error: CaseFolderError) -> Problem {
        Problem::new(error.code, error.what)
    }
}

impl From<SessionError> for Problem {
    fn from(error: SessionError) -> Problem {
        Problem::new(ExitCode::Harness, error)
    }
}

/// Standard output can't be written, for example because the disk is full.
impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Problem {
        match error.kind() {
            // The reader stopped reading, as in `… | head`. That is no error.
            io::ErrorKind::BrokenPipe => Problem::new(ExitCode::AsExpected, ""),
            _ => Problem::new(ExitCode::Harness, format_args!("can't write: {error}")),
        }
    }
}

//! Errors of try and timed forms.

use std::io::{self, ErrorKind};

/// Returns an error if an operation ran out of time.
pub(crate) fn in_time(was: bool) -> io::Result<()> {
    if was {
        Ok(())
    } else {
        Err(ErrorKind::TimedOut.into())
    }
}

/// Returns the error of a form that the library doesn't have.
pub(crate) fn no_such_form(lacking: &str) -> io::Error {
    io::Error::new(
        ErrorKind::Unsupported,
        format!("this library has {lacking}"),
    )
}

//! The errors of try and timed forms.

use std::io::{self, ErrorKind};

/// The error of an operation that may have run out of time.
pub(crate) fn in_time(was: bool) -> io::Result<()> {
    if was {
        Ok(())
    } else {
        Err(ErrorKind::TimedOut.into())
    }
}

/// The error of a form that this library doesn't have.
pub(crate) fn no_such_form(lacking: &str) -> io::Error {
    io::Error::new(
        ErrorKind::Unsupported,
        format!("this library has {lacking}"),
    )
}

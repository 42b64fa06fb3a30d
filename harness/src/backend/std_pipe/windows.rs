use std::io::{self, ErrorKind, PipeReader};
use std::time::Duration;

/// An anonymous pipe can't be waited for.
pub(super) fn is_readable(_pipe: &PipeReader, _within: Option<Duration>) -> io::Result<bool> {
    Err(ErrorKind::Unsupported.into())
}

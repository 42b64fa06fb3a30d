use std::io;
use std::time::Duration;

use crate::backends::transport::forms::no_such_form;

/// What can be waited for: nothing.
pub(crate) trait Waitable {}

impl<T> Waitable for T {}

/// An anonymous pipe can't be waited for.
pub(crate) fn is_readable<T>(_of: &T, _within: Option<Duration>) -> io::Result<bool> {
    Err(no_such_form("neither poll nor try and timed forms here"))
}

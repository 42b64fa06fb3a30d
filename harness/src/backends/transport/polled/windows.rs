use std::io;
use std::time::Duration;

use crate::backends::transport::forms::no_such_form;

/// A handle that can be polled. On Windows none can.
pub(crate) trait Waitable {}

impl<T> Waitable for T {}

/// Fails, because an anonymous pipe can't be polled.
pub(crate) fn is_readable<T>(_of: &T, _within: Option<Duration>) -> io::Result<bool> {
    Err(no_such_form("neither poll nor try and timed forms here"))
}

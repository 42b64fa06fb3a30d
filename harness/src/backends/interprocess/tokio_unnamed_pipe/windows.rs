use std::io;
use std::time::Duration;

use interprocess::unnamed_pipe;

use crate::backends::transport::handles::OneWay;
use crate::backends::transport::polled::no_such_form;

/// Makes a pipe by the library's blocking half. In its asynchronous half, `TryFrom<Sender> for
/// OwnedHandle` takes the handle out of a sender and then drops the sender with it (interprocess 2.4.7,
/// src/os/windows/unnamed_pipe/tokio.rs), which may end the process.
pub(super) fn pipe() -> io::Result<OneWay> {
    let (to, from) = unnamed_pipe::pipe()?;
    Ok(OneWay::from((from, to)))
}

/// Refuses try and timed forms: an operation runs on a thread that can't be interrupted, and the runtime
/// waits for it.
pub(super) fn check_form(within: Option<Duration>) -> io::Result<()> {
    match within {
        None => Ok(()),
        Some(_) => Err(no_such_form("no try and timed forms here")),
    }
}

use std::io;
use std::time::Duration;

use interprocess::unnamed_pipe;

use crate::backends::transport::handles::OneWay;
use crate::backends::transport::polled::no_such_form;

/// Made by the library's blocking half: in its asynchronous one, `TryFrom<Sender> for OwnedHandle`
/// takes the handle out of a sender and then drops the sender with it (interprocess 2.4.7,
/// src/os/windows/unnamed_pipe/tokio.rs), which no process survives for certain.
pub(super) fn pipe() -> io::Result<OneWay> {
    let (to, from) = unnamed_pipe::pipe()?;
    Ok(OneWay::from((from, to)))
}

/// What was begun goes on on a thread that nothing interrupts, and the runtime waits for it.
pub(super) fn check_form(within: Option<Duration>) -> io::Result<()> {
    match within {
        None => Ok(()),
        Some(_) => Err(no_such_form("no try and timed forms here")),
    }
}

use std::io;
use std::time::Duration;

use interprocess::local_socket::tokio::Stream;

use crate::backend::{Channel, Failure, Handle, Host, Opened};
use crate::backends::interprocess::local_socket::Local;
use crate::backends::transport::Transport;
use crate::backends::transport::polled::no_such_form;

/// Makes the ends by the library's blocking half. A handle is tied to one completion port, so a named
/// pipe belongs to the first runtime that uses it, for all processes. This must be the runtime of the
/// process that has the end.
pub(super) fn open(channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
    Local::open(channel, host)
}

pub(super) fn from_handle(handle: Handle) -> io::Result<Stream> {
    let stream = handle.try_into().map_err(io::Error::from)?;
    Ok(Stream::NamedPipe(stream))
}

/// Returns the stream itself, because a named pipe can't be polled.
pub(super) fn waitable(stream: &Stream) -> &Stream {
    stream
}

pub(super) fn shutdown(_stream: &Stream) -> io::Result<()> {
    Err(no_such_form("no way to close one direction here"))
}

/// Refuses try and timed forms: there is always room for one write, so a write never waits.
pub(super) fn check_writing(within: Option<Duration>) -> io::Result<()> {
    match within {
        None => Ok(()),
        Some(_) => Err(no_such_form("no try and timed forms of writing here")),
    }
}

use std::io;
use std::time::Duration;

use interprocess::local_socket::tokio::Stream;

use crate::backend::{Channel, Failure, Handle, Host, Opened};
use crate::backends::interprocess::local_socket::Local;
use crate::backends::transport::Transport;
use crate::backends::transport::polled::no_such_form;

/// A named pipe that a runtime has used is that runtime's for good, in every process: a handle is
/// tied to one completion port. So the ends are made by the library's blocking half, and each is
/// first used by whoever was given it.
pub(super) fn open(channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
    Local::open(channel, host)
}

pub(super) fn from_handle(handle: Handle) -> io::Result<Stream> {
    let stream = handle.try_into().map_err(io::Error::from)?;
    Ok(Stream::NamedPipe(stream))
}

/// A named pipe can't be waited for.
pub(super) fn waitable(stream: &Stream) -> &Stream {
    stream
}

pub(super) fn shutdown(_stream: &Stream) -> io::Result<()> {
    Err(no_such_form("no way to close one direction here"))
}

/// There is always room for one write, so no form of writing has anything to wait for.
pub(super) fn check_writing(within: Option<Duration>) -> io::Result<()> {
    match within {
        None => Ok(()),
        Some(_) => Err(no_such_form("no try and timed forms of writing here")),
    }
}

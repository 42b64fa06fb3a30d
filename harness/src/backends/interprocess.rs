//! The crate `interprocess`, a library under test like any other.

use std::io::{self, ErrorKind};

#[cfg(unix)]
mod fifo;
mod local_endpoint;
mod local_socket;
#[cfg(windows)]
mod named_pipe;
#[cfg(feature = "tokio")]
mod runtime;
#[cfg(feature = "tokio")]
mod tokio_local_socket;
#[cfg(feature = "tokio")]
mod tokio_unnamed_pipe;
mod unnamed_pipe;

#[cfg(unix)]
pub(crate) use self::fifo::Fifo;
pub(crate) use self::local_endpoint::LocalEndpoint;
pub(crate) use self::local_socket::LocalSocket;
#[cfg(windows)]
pub(crate) use self::named_pipe::{NamedPipe, NamedPipeMessages};
#[cfg(feature = "tokio")]
pub(crate) use self::tokio_local_socket::TokioLocalSocket;
#[cfg(feature = "tokio")]
pub(crate) use self::tokio_unnamed_pipe::TokioUnnamedPipe;
pub(crate) use self::unnamed_pipe::UnnamedPipe;

/// Makes a call in the library's nonblocking mode. Every duplicate of the handle shares the mode, so it
/// lasts only for the call.
fn without_blocking<H, T>(
    handle: &mut H,
    set: impl Fn(&H, bool) -> io::Result<()>,
    call: impl FnOnce(&mut H) -> io::Result<T>,
) -> io::Result<T> {
    set(handle, true)?;
    let done = call(handle);
    set(handle, false)?;
    done.map_err(timed_out)
}

/// Maps the library's error of a call that ran out of time.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WouldBlock => ErrorKind::TimedOut.into(),
        _ => error,
    }
}

use std::io;
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::Path;

use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{GenericFilePath, Name};

use crate::backend::Handle;

/// Returns the name of a socket file in this folder.
pub(crate) fn name(folder: &Path, channel: &str) -> io::Result<Name<'static>> {
    folder.join(channel).to_fs_name::<GenericFilePath>()
}

pub(super) fn into_handle(stream: LocalSocketStream) -> Handle {
    let LocalSocketStream::UdSocket(stream) = stream;
    stream.into()
}

pub(super) fn from_handle(handle: Handle) -> io::Result<LocalSocketStream> {
    Ok(LocalSocketStream::UdSocket(handle.into()))
}

/// Returns the socket inside the library's stream.
pub(super) fn waitable(stream: &LocalSocketStream) -> &UnixStream {
    let LocalSocketStream::UdSocket(stream) = stream;
    stream.inner()
}

pub(super) fn shutdown(stream: &LocalSocketStream) -> io::Result<()> {
    waitable(stream).shutdown(Shutdown::Write)
}

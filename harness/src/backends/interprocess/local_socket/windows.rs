use std::io;
use std::path::Path;

use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{GenericNamespaced, Name};

use crate::backend::Handle;
use crate::backends::transport::polled::no_such_form;

/// Returns a name made of the folder's name, which is unique to this run. Named pipes aren't files.
pub(crate) fn name(folder: &Path, channel: &str) -> io::Result<Name<'static>> {
    let unique = folder.to_string_lossy().replace(['\\', '/', ':'], "-");
    format!("{unique}-{channel}").to_ns_name::<GenericNamespaced>()
}

pub(super) fn into_handle(stream: LocalSocketStream) -> Handle {
    let LocalSocketStream::NamedPipe(stream) = stream;
    stream.into()
}

pub(super) fn from_handle(handle: Handle) -> io::Result<LocalSocketStream> {
    let stream = handle.try_into().map_err(io::Error::from)?;
    Ok(LocalSocketStream::NamedPipe(stream))
}

/// Returns the stream itself, because a named pipe can't be polled.
pub(super) fn waitable(stream: &LocalSocketStream) -> &LocalSocketStream {
    stream
}

pub(super) fn shutdown(_stream: &LocalSocketStream) -> io::Result<()> {
    Err(no_such_form("no way to close one direction here"))
}

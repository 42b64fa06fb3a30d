use std::io;
use std::time::Duration;

use interprocess::local_socket::ListenerOptions;
use interprocess::local_socket::tokio::Stream;
use interprocess::local_socket::tokio::prelude::*;
use rustix::net::Shutdown;
use tokio::net::UnixStream;

use crate::backend::{Channel, Failure, Handle, Host, Opened};
use crate::backends::interprocess::local_socket;
use crate::backends::interprocess::runtime::Runtime;
use crate::backends::transport::handles::Pair;
use crate::os::spawn_lock;

pub(super) fn open(channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
    let _making = spawn_lock::making();
    let name = local_socket::name(host.folder(), &channel.name)?;
    let connecting = async {
        let listener = ListenerOptions::new().name(name.borrow()).create_tokio()?;
        let a = Stream::connect(name.borrow()).await?;
        Ok((a, listener.accept().await?))
    };
    let (a, b) = Runtime::new()?.complete(connecting, None)?;
    Ok(Box::new(Pair {
        duplex: channel.duplex,
        a: into_handle(a)?,
        b: into_handle(b)?,
    }))
}

fn into_handle(stream: Stream) -> io::Result<Handle> {
    let Stream::UdSocket(stream) = stream;
    stream.try_into()
}

pub(super) fn from_handle(handle: Handle) -> io::Result<Stream> {
    Ok(Stream::UdSocket(handle.try_into()?))
}

/// Returns the socket inside the library's stream.
pub(super) fn waitable(stream: &Stream) -> &UnixStream {
    let Stream::UdSocket(stream) = stream;
    stream.inner()
}

/// Shuts down the writing direction. The library's own shutdown does nothing, as documented.
pub(super) fn shutdown(stream: &Stream) -> io::Result<()> {
    Ok(rustix::net::shutdown(waitable(stream), Shutdown::Write)?)
}

/// Accepts every form: a write can be dropped when its time is over.
pub(super) fn check_writing(_within: Option<Duration>) -> io::Result<()> {
    Ok(())
}

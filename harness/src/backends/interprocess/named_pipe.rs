//! `interprocess::os::windows::named_pipe`: pipes with names, of bytes or of messages.
//!
//! The process that makes the channel listens, connects, and hands both ends over. The name goes with
//! the listener.

use std::io;

use crate::backend::{Channel, Handle, Host};
use crate::backends::transport::handles::Pair;

mod bytes;
mod messages;

pub(crate) use self::bytes::NamedPipe;
pub(crate) use self::messages::NamedPipeMessages;

/// Returns a name made of the folder's name, which is unique to this run.
fn path(channel: &Channel, host: &mut dyn Host) -> String {
    let unique = host.folder().to_string_lossy();
    let unique = unique.replace(['\\', '/', ':'], "-");
    format!(r"\\.\pipe\{unique}-{}", channel.name)
}

/// Returns the channel of these two streams.
fn pair<S: TryInto<Handle>>(channel: &Channel, a: S, b: S) -> io::Result<Pair> {
    let into_handle = |stream: S| {
        let shared = |_| io::Error::other("a new end is shared");
        stream.try_into().map_err(shared)
    };
    Ok(Pair {
        duplex: channel.duplex,
        a: into_handle(a)?,
        b: into_handle(b)?,
    })
}

//! `interprocess::os::windows::named_pipe`: pipes with names, of bytes or of messages.
//!
//! Whoever makes the channel listens and connects, and hands both ends over. The name goes with the
//! listener.

use std::io;

use crate::backend::{Channel, Handle, Host};
use crate::backends::transport::handles::Pair;

mod bytes;
mod messages;

pub use self::bytes::{NamedPipe, NamedPipeBytes};
pub use self::messages::NamedPipeMessages;

/// A name that nobody else has: the folder lends its own, which is this run's alone.
fn path(channel: &Channel, host: &mut dyn Host) -> String {
    let unique = host.folder().to_string_lossy();
    let unique = unique.replace(['\\', '/', ':'], "-");
    format!(r"\\.\pipe\{unique}-{}", channel.name)
}

/// The channel of these two streams.
fn pair<S: TryInto<Handle>>(channel: &Channel, a: S, b: S) -> io::Result<Pair> {
    let into_handle = |stream: S| {
        let shared = |_| io::Error::other("an end that nobody has shared is shared");
        stream.try_into().map_err(shared)
    };
    Ok(Pair {
        duplex: channel.duplex,
        a: into_handle(a)?,
        b: into_handle(b)?,
    })
}

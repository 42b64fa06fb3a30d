//! libuv: a read that fills its buffer is followed by one that blocks.
//!
//! <https://github.com/joyent/libuv/issues/941>, "uv__read() blocks sometimes when reading from a
//! pipe": after a read that fills the entire buffer, libuv reads again at once. If the other side has
//! written exactly as much as the buffer holds, this read blocks on an empty pipe, and the data isn't
//! delivered. It happened again on Windows in 1.49: <https://github.com/libuv/libuv/issues/4738>. The
//! buffer there has 64 KiB; here it is one page, which a socket accepts in one piece.

use std::os::unix::net::UnixStream;

use ipc_conformance::backend::{Failure, PipeEnd, Wait};

use super::bug::{Bug, Version, both};
use super::sockets::{self, OverSockets, SocketEnd};

pub(crate) const BUG: Bug = Bug {
    name: ReadToTheBrim::NAME,
    link: "https://github.com/joyent/libuv/issues/941",
    permutation: "pipe/full-buffer[size=4092]",
    clause: "pipe.frame.exact-read-buffer",
    invariant: "boundary",
    backends: |registry| both(registry, OverSockets::<ReadToTheBrim>::of),
};

const BUFFER: usize = 4096;

struct ReadToTheBrim {
    socket: UnixStream,
    version: Version,
    read: Vec<u8>,
}

impl SocketEnd for ReadToTheBrim {
    const NAME: &'static str = "full-buffer";

    fn over(socket: UnixStream, version: Version) -> ReadToTheBrim {
        ReadToTheBrim {
            socket,
            version,
            read: Vec::new(),
        }
    }
}

impl PipeEnd for ReadToTheBrim {
    fn send(&mut self, message: &[u8], _wait: Wait) -> Result<(), Failure> {
        sockets::send(&self.socket, message)
    }

    fn recv(&mut self, message: &mut Vec<u8>, _wait: Wait) -> Result<(), Failure> {
        loop {
            if let Some(next) = sockets::take_first(&mut self.read) {
                *message = next;
                return Ok(());
            }
            loop {
                let piece = sockets::read_some(&self.socket, BUFFER)?;
                let seems_more = piece.len() == BUFFER;
                self.read.extend(piece);
                if !seems_more || self.version == Version::Mended {
                    break;
                }
            }
        }
    }
}

//! Node.js: a header that arrives in two pieces is never read.
//!
//! <https://github.com/nodejs/node/issues/55834>, "Hang up with 'advanced' IPC deserialization": the
//! receiver keeps the data that it has read as a list of buffers, and looks for the length of the next
//! message only in the first buffer. After a message, the rest of a read can be shorter than the four
//! bytes of a length. Then the list grows, and no message is delivered any more. The report says that
//! this is rare, "after several hours of high rate messaging".

use std::ops::Range;
use std::os::unix::net::UnixStream;

use ipc_conformance::backend::{Failure, PipeEnd, Wait};

use super::bug::{Bug, Version, both};
use super::sockets::{self, HEADER, OverSockets, SocketEnd, length};

pub(crate) const BUG: Bug = Bug {
    name: ReadInPieces::NAME,
    link: "https://github.com/nodejs/node/issues/55834",
    permutation: "pipe/half-a-header",
    clause: "pipe.frame.fragmented-header",
    invariant: "wire",
    backends: |registry| both(registry, OverSockets::<ReadInPieces>::of),
};

/// The maximum number of bytes of one read.
const READ: usize = 65_536;

struct ReadInPieces {
    socket: UnixStream,
    version: Version,
    pieces: Vec<Vec<u8>>,
}

impl SocketEnd for ReadInPieces {
    const NAME: &'static str = "fragmented-header";
    const HAS_RAW: bool = true;

    fn over(socket: UnixStream, version: Version) -> ReadInPieces {
        ReadInPieces {
            socket,
            version,
            pieces: Vec::new(),
        }
    }
}

impl ReadInPieces {
    /// Returns the next message, if it is complete.
    fn next(&mut self) -> Option<Vec<u8>> {
        if self.version == Version::Mended && self.pieces.len() > 1 {
            self.pieces = vec![self.pieces.concat()];
        }
        let whole = HEADER + length(self.pieces.first()?)?;
        let there: usize = self.pieces.iter().map(Vec::len).sum();
        if there < whole {
            return None;
        }
        let mut message = self.pieces.concat();
        let rest = message.split_off(whole);
        self.pieces.clear();
        if !rest.is_empty() {
            self.pieces.push(rest);
        }
        Some(message.split_off(HEADER))
    }
}

impl PipeEnd for ReadInPieces {
    fn send(&mut self, message: &[u8], _wait: Wait) -> Result<(), Failure> {
        sockets::send(&self.socket, message)
    }

    fn recv(&mut self, message: &mut Vec<u8>, _wait: Wait) -> Result<(), Failure> {
        loop {
            if let Some(next) = self.next() {
                *message = next;
                return Ok(());
            }
            self.pieces.push(sockets::read_some(&self.socket, READ)?);
        }
    }

    fn raw(&mut self, length: Option<i64>, bytes: &[u8], part: Range<u64>) -> Result<(), Failure> {
        sockets::send_part(&self.socket, length, bytes, part)
    }
}

//! WebKit: a wait that a signal interrupts is reported as a failure of the connection.
//!
//! <https://github.com/WebKit/WebKit/pull/34268>, "Handle EINTR in recvmsg() in IPC socket on Linux":
//! "recvmsg() may fail with EINTR in case it is interrupted by a signal", and as "recvmsg invocation
//! has no handling for EINTR it will fail, bringing down whole application with it". The same is
//! suspected in <https://github.com/servo/ipc-channel/issues/252>. Handlers decide which calls a
//! signal interrupts. `epoll_wait` always fails after its process is stopped and continued
//! (signal(7)), so this backend waits in it.

use std::io;
use std::os::unix::net::UnixStream;

use ipc_conformance::backend::{Failure, PipeEnd, Wait};
use rustix::event::epoll;
use rustix::io::Errno;

use super::bug::{Bug, Version, both};
use super::sockets::{self, OverSockets, SocketEnd};

pub(crate) const BUG: Bug = Bug {
    name: Interrupted::NAME,
    link: "https://github.com/WebKit/WebKit/pull/34268",
    permutation: "pipe/paused-while-waiting",
    clause: "pipe.frame.boundaries-preserved",
    invariant: "expectation",
    backends: |registry| both(registry, OverSockets::<Interrupted>::of),
};

struct Interrupted {
    socket: UnixStream,
    version: Version,
    read: Vec<u8>,
}

impl SocketEnd for Interrupted {
    const NAME: &'static str = "interrupted-wait";

    fn over(socket: UnixStream, version: Version) -> Interrupted {
        Interrupted {
            socket,
            version,
            read: Vec::new(),
        }
    }
}

impl Interrupted {
    /// Waits until there are bytes to read.
    fn wait(&self) -> io::Result<()> {
        let poller = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let data = epoll::EventData::new_u64(0);
        epoll::add(&poller, &self.socket, data, epoll::EventFlags::IN)?;
        loop {
            let mut events = [epoll::Event {
                flags: epoll::EventFlags::empty(),
                data,
            }];
            match epoll::wait(&poller, &mut events, None) {
                Err(Errno::INTR) if self.version == Version::Mended => {}
                waited => return waited.map(drop).map_err(io::Error::from),
            }
        }
    }
}

impl PipeEnd for Interrupted {
    fn send(&mut self, message: &[u8], _wait: Wait) -> Result<(), Failure> {
        sockets::send(&self.socket, message)
    }

    fn recv(&mut self, message: &mut Vec<u8>, _wait: Wait) -> Result<(), Failure> {
        loop {
            if let Some(next) = sockets::take_first(&mut self.read) {
                *message = next;
                return Ok(());
            }
            self.wait()?;
            self.read.extend(sockets::read_some(&self.socket, 4096)?);
        }
    }
}

//! WebKit: a wait that a signal interrupts is taken for a failure of the connection.
//!
//! <https://github.com/WebKit/WebKit/pull/34268>, "Handle EINTR in recvmsg() in IPC socket on Linux":
//! "recvmsg() may fail with EINTR in case it is interrupted by a signal", and as "recvmsg invocation has
//! no handling for EINTR it will fail, bringing down whole application with it". The same is suspected
//! in <https://github.com/servo/ipc-channel/issues/252>. Which calls a signal interrupts depends on
//! handlers; `epoll_wait` fails so whenever its process was stopped and goes on (signal(7)), so it is
//! what waits here.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;

use ipc_conformance::backend::{Failure, PipeEnd};
use ipc_conformance::plan::Wait;
use rustix::event::epoll;
use rustix::io::Errno;

use crate::bug::{Bug, Version};
use crate::sockets::{self, OverSockets, SocketEnd, failure, length};

pub(crate) const BUG: Bug = Bug {
    name: Interrupted::NAME,
    link: "https://github.com/WebKit/WebKit/pull/34268",
    permutation: "pipe/paused-while-waiting",
    clause: "pipe.frame.boundaries-preserved",
    invariant: "expectation",
    backends: |registry| {
        registry
            .with(OverSockets::<Interrupted>::of(Version::Published))
            .with(OverSockets::<Interrupted>::of(Version::Mended))
    },
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
    /// Waits until there is something to read.
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
            let whole = length(&self.read).map(|length| sockets::HEADER + length);
            if let Some(whole) = whole.filter(|whole| *whole <= self.read.len()) {
                let rest = self.read.split_off(whole);
                *message = std::mem::replace(&mut self.read, rest).split_off(sockets::HEADER);
                return Ok(());
            }
            self.wait()?;
            let mut piece = [0; 4096];
            let count = self.socket.read(&mut piece).map_err(failure)?;
            if count == 0 {
                return Err(Failure::end());
            }
            self.read.extend_from_slice(&piece[..count]);
        }
    }
}

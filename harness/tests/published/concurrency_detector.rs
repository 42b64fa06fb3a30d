//! interprocess: receiving in one thread and sending in another panics.
//!
//! <https://github.com/kotauskas/interprocess/issues/89>: 2.3.0 has a detector of concurrent I/O,
//! which panics if a thread writes to one half of a split local socket while another waits in a read
//! of the other half: "concurrent I/O with a local socket attempted". It should prevent a deadlock of
//! Windows named pipes, but also panics on Unix, where such use is correct.

use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ipc_conformance::backend::{Failure, PipeEnd, Wait};

use super::bug::{Bug, Version, both};
use super::sockets::{self, OverSockets, SocketEnd, failure};

pub(crate) const BUG: Bug = Bug {
    name: Detecting::NAME,
    link: "https://github.com/kotauskas/interprocess/issues/89",
    permutation: "pipe/read-and-write-at-once",
    clause: "pipe.dir.concurrent-read-write",
    invariant: "exit",
    backends: |registry| both(registry, OverSockets::<Detecting>::of),
};

struct Detecting {
    socket: Arc<UnixStream>,
    /// Whether a thread is in a call; none in the fixed version.
    detector: Option<Arc<AtomicBool>>,
}

impl SocketEnd for Detecting {
    const NAME: &'static str = "concurrency-detector";

    fn over(socket: UnixStream, version: Version) -> Detecting {
        Detecting {
            socket: Arc::new(socket),
            detector: (version == Version::Published).then(Arc::default),
        }
    }
}

impl Detecting {
    fn alone<T>(&self, call: impl FnOnce(&UnixStream) -> T) -> T {
        let Some(busy) = &self.detector else {
            return call(&self.socket);
        };
        if busy.swap(true, Ordering::SeqCst) {
            panic!("concurrent I/O with a local socket attempted");
        }
        let done = call(&self.socket);
        busy.store(false, Ordering::SeqCst);
        done
    }
}

impl PipeEnd for Detecting {
    fn send(&mut self, message: &[u8], _wait: Wait) -> Result<(), Failure> {
        self.alone(|socket| sockets::send(socket, message))
    }

    fn recv(&mut self, message: &mut Vec<u8>, _wait: Wait) -> Result<(), Failure> {
        self.alone(|socket| sockets::read_framed(socket, message).map_err(failure))
    }

    fn share(&self) -> Result<Box<dyn PipeEnd>, Failure> {
        Ok(Box::new(Detecting {
            socket: Arc::clone(&self.socket),
            detector: self.detector.clone(),
        }))
    }
}

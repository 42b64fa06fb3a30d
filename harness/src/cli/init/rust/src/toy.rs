//! A toy library: a queue between processes. It has one bug; replace it by your own.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;

/// Bytes of the longest item.
pub const LONGEST: usize = 2048;

/// A queue over a pair of Unix datagram sockets: one to put into, and one to get from.
pub struct Queue(UnixDatagram, UnixDatagram);

impl Queue {
    pub fn new() -> io::Result<Queue> {
        let (tx, rx) = UnixDatagram::pair()?;
        Ok(Queue(tx, rx))
    }

    /// Returns handles for another process.
    pub fn share(&self) -> io::Result<[OwnedFd; 2]> {
        Ok([self.0.try_clone()?.into(), self.1.try_clone()?.into()])
    }

    /// Makes a queue from the handles of `share`.
    pub fn from_handles([tx, rx]: [OwnedFd; 2]) -> Queue {
        Queue(tx.into(), rx.into())
    }

    pub fn put(&self, item: &[u8]) -> io::Result<()> {
        // The bug: an empty item is lost.
        if !item.is_empty() {
            self.0.send(item)?;
        }
        Ok(())
    }

    pub fn get(&self) -> io::Result<Vec<u8>> {
        let mut item = vec![0; LONGEST];
        let length = self.1.recv(&mut item)?;
        item.truncate(length);
        Ok(item)
    }
}

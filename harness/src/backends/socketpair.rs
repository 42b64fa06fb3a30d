//! Pairs of connected Unix sockets, by the system's own calls.

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::io::{Errno, retry_on_intr};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, Shutdown, SocketFlags, SocketType};

use super::transport::bytes::{ByteSink, ByteSource};
use super::transport::handles::Pair;
use super::transport::polled::{in_time, is_readable, is_writable};
use crate::os::spawn_lock;

// macOS has no such sockets.
#[cfg(target_os = "linux")]
mod seqpacket;
mod stream;

#[cfg(target_os = "linux")]
pub(crate) use self::seqpacket::SeqpacketSocketpair;
pub(crate) use self::stream::StreamSocketpair;

/// A send without a receiver is an error and raises no signal.
#[cfg(not(target_vendor = "apple"))]
const SENDING: SendFlags = SendFlags::NOSIGNAL;
/// [`pair`] sets an option for this instead.
#[cfg(target_vendor = "apple")]
const SENDING: SendFlags = SendFlags::empty();

#[cfg(target_os = "linux")]
const MAKING: SocketFlags = SocketFlags::CLOEXEC;
#[cfg(not(target_os = "linux"))]
const MAKING: SocketFlags = SocketFlags::empty();

fn pair(of: SocketType, duplex: bool) -> io::Result<Pair> {
    let _making = spawn_lock::making();
    let (a, b) = rustix::net::socketpair(AddressFamily::UNIX, of, MAKING, None)?;
    #[cfg(not(target_os = "linux"))]
    for socket in [&a, &b] {
        rustix::io::fcntl_setfd(socket, rustix::io::FdFlags::CLOEXEC)?;
        #[cfg(target_vendor = "apple")]
        rustix::net::sockopt::set_socket_nosigpipe(socket, true)?;
    }
    Ok(Pair { duplex, a, b })
}

/// One socket of a pair.
#[derive(Clone, Debug)]
struct Socket(Arc<OwnedFd>);

impl Socket {
    fn new(handle: OwnedFd) -> Socket {
        Socket(Arc::new(handle))
    }

    fn receive(
        &self,
        buffer: &mut [u8],
        flags: RecvFlags,
        within: Option<Duration>,
    ) -> io::Result<usize> {
        let call = |dont_wait: bool| {
            let more = if dont_wait {
                RecvFlags::DONTWAIT
            } else {
                RecvFlags::empty()
            };
            rustix::net::recv(&self.0, &mut *buffer, flags | more).map(|(_, count)| count)
        };
        patiently(within, call, |left| is_readable(&self.0, left))
    }

    fn send(&self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize> {
        let call = |dont_wait: bool| {
            let more = if dont_wait {
                SendFlags::DONTWAIT
            } else {
                SendFlags::empty()
            };
            rustix::net::send(&self.0, bytes, SENDING | more)
        };
        patiently(within, call, |left| is_writable(&self.0, left))
    }
}

impl ByteSource for Socket {
    fn read(&mut self, buffer: &mut [u8], within: Option<Duration>) -> io::Result<usize> {
        self.receive(buffer, RecvFlags::empty(), within)
    }

    fn poll(&mut self, within: Option<Duration>) -> io::Result<()> {
        in_time(is_readable(&self.0, within)?)
    }

    fn handle(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}

impl ByteSink for Socket {
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize> {
        self.send(bytes, within)
    }

    fn close(&mut self) -> io::Result<()> {
        Ok(rustix::net::shutdown(&self.0, Shutdown::Write)?)
    }
}

/// Repeats a call until it doesn't have to wait or the time is over. Another process may take what made
/// the socket ready.
fn patiently(
    within: Option<Duration>,
    mut call: impl FnMut(bool) -> Result<usize, Errno>,
    ready: impl Fn(Option<Duration>) -> io::Result<bool>,
) -> io::Result<usize> {
    let Some(within) = within else {
        return Ok(retry_on_intr(|| call(false))?);
    };
    let begun = Instant::now();
    loop {
        match retry_on_intr(|| call(true)) {
            Err(Errno::AGAIN) => in_time(ready(Some(within.saturating_sub(begun.elapsed())))?)?,
            done => return Ok(done?),
        }
    }
}

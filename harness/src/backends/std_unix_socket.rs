//! Endpoints over [`std::os::unix::net`]: the reference on Unix, which needs only std.
//!
//! std's listener leaves its name behind, and has no timeout, keys, access mode or backlog. The adapter
//! adds these.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use self::name::BoundName;
use super::endpoint::{self, EndpointBackend, EndpointTransport};
use super::transport::Halves;
use super::transport::bytes::{ByteSink, ByteSource};
use super::transport::polled::{in_time, is_readable, no_such_form};
use crate::backend::{
    About, Accepted, Capabilities, Capability, Channel, Endpoint, Failure, PipeEnd, System, Wait,
};
use crate::backends::versions;
use crate::os::spawn_lock;

mod challenge;
mod name;

/// The backend `endpoint:std/unix-socket`.
pub(crate) type StdUnixSocket = EndpointBackend<UnixSocket>;

/// [`UnixListener`] and [`UnixStream`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct UnixSocket;

impl EndpointTransport for UnixSocket {
    const NAME: &'static str = "std/unix-socket";

    fn about() -> About {
        versions::std("os::unix::net")
    }

    fn capabilities(system: System) -> Option<Capabilities> {
        let capabilities = Capabilities::new()
            .native([
                Capability::TryAccept,
                Capability::HalfClose,
                Capability::EndOnClose,
                Capability::SnapshotAtPut,
                Capability::SeveralChannels,
                Capability::Backpressure,
                Capability::Spawn,
                Capability::Signals,
                Capability::Fork,
            ])
            .composed([
                Capability::TimedAccept,
                Capability::ReplaceName,
                Capability::UnlinksName,
                Capability::AccessMode,
                Capability::Backlog,
                Capability::Raw,
                Capability::Authentication,
                Capability::Poll,
                Capability::PollSeveral,
                Capability::TryGet,
                Capability::TimedGet,
                Capability::Threads,
            ]);
        let capabilities = match system {
            System::Linux => capabilities.composed([Capability::PeerIdentity]),
            _ => capabilities,
        };
        system.is_unix().then_some(capabilities)
    }

    fn endpoint(folder: &Path, channel: &Channel) -> Box<dyn Endpoint> {
        Box::new(UnixEndpoint {
            name: folder.join(endpoint::name(channel)),
            mode: channel.endpoint.mode,
            backlog: channel.endpoint.backlog,
            key: channel.endpoint.key.clone(),
            listening: None,
        })
    }
}

/// An endpoint in one process.
struct UnixEndpoint {
    name: PathBuf,
    mode: Option<u32>,
    backlog: Option<u64>,
    key: Option<String>,
    listening: Option<Listening>,
}

struct Listening {
    listener: UnixListener,
    // Dropped after the listener.
    _name: BoundName,
}

impl Endpoint for UnixEndpoint {
    fn listen(&mut self, replace: bool) -> Result<(), Failure> {
        if replace {
            match fs::remove_file(&self.name) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(endpoint::listen_failure(error));
                }
                _ => {}
            }
        }
        let _making = spawn_lock::making();
        let (listener, name) =
            name::bind(&self.name, self.mode).map_err(endpoint::listen_failure)?;
        endpoint::set_backlog(&listener, self.backlog)?;
        self.listening = Some(Listening {
            listener,
            _name: name,
        });
        Ok(())
    }

    fn accept(&mut self, wait: Wait) -> Result<Accepted, Failure> {
        let listener = &self
            .listening
            .as_ref()
            .ok_or_else(endpoint::not_listening)?
            .listener;
        let stream =
            accept(listener, wait).map_err(|error| endpoint::accept_failure(error, wait))?;
        if let Some(key) = &self.key {
            challenge::of_the_listener(&stream, key)?;
        }
        Ok(Accepted {
            peer: peer(&stream),
            connection: connection(stream)?,
        })
    }

    fn connect(&mut self, key: Option<&str>, wait: Wait) -> Result<Box<dyn PipeEnd>, Failure> {
        let making = spawn_lock::making();
        let stream = match wait {
            Wait::Deadline => UnixStream::connect(&self.name),
            _ => Err(no_such_form("no try or timed form of connecting")),
        };
        // The rest makes no handle, and may wait for the listener.
        drop(making);
        let stream = stream.map_err(|error| endpoint::connect_failure(error, wait))?;
        if let Some(key) = key {
            challenge::of_the_client(&stream, key)?;
        }
        connection(stream)
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.listening
            .take()
            .map(drop)
            .ok_or_else(endpoint::not_listening)
    }
}

/// Accepts a connection. The try form is std's nonblocking mode; the timed form polls first.
fn accept(listener: &UnixListener, wait: Wait) -> io::Result<UnixStream> {
    let _making = spawn_lock::making();
    let Some(within) = wait.limit() else {
        return Ok(listener.accept()?.0);
    };
    in_time(is_readable(listener, Some(within))?)?;
    listener.set_nonblocking(true)?;
    let accepted = listener.accept();
    listener.set_nonblocking(false)?;
    let (stream, _) = accepted?;
    // On some systems the accepted stream has the listener's mode.
    stream.set_nonblocking(false)?;
    Ok(stream)
}

/// Returns the number of the process that connected. std has no stable call for this.
#[cfg(target_os = "linux")]
fn peer(stream: &UnixStream) -> Option<u32> {
    let credentials = rustix::net::sockopt::socket_peercred(stream).ok()?;
    u32::try_from(credentials.pid.as_raw_nonzero().get()).ok()
}

#[cfg(not(target_os = "linux"))]
fn peer(_stream: &UnixStream) -> Option<u32> {
    None
}

fn connection(stream: UnixStream) -> Result<Box<dyn PipeEnd>, Failure> {
    let stream = Arc::new(stream);
    endpoint::connection(Halves::both(|| UnixHalf(Arc::clone(&stream))))
}

/// One direction of a stream. A shared reference reads and writes too.
struct UnixHalf(Arc<UnixStream>);

impl ByteSource for UnixHalf {
    fn read(&mut self, buffer: &mut [u8], within: Option<Duration>) -> io::Result<usize> {
        if within.is_some() {
            self.poll(within)?;
        }
        (&*self.0).read(buffer)
    }

    fn poll(&mut self, within: Option<Duration>) -> io::Result<()> {
        in_time(is_readable(&self.0, within)?)
    }

    fn handle(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }
}

impl ByteSink for UnixHalf {
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize> {
        match within {
            None => (&*self.0).write(bytes),
            Some(_) => Err(no_such_form("no try or timed form of writing")),
        }
    }

    fn close(&mut self) -> io::Result<()> {
        self.0.shutdown(Shutdown::Write)
    }
}

//! Endpoints over [`std::os::unix::net`]: the reference on Unix, which needs nothing but std.
//!
//! std's listener leaves its name behind, has no timeout and no say in who may connect: what is
//! said of those is ours.

use std::fs;
use std::io::{self, ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use self::name::Bound;
use super::meeting::{self, Named};
use super::transport::polled::{in_time, is_readable, no_such_form};
use super::transport::{Halves, Sink, Source, framed, several, within};
use super::{Accepted, Attached, Backend, Endpoint, Failure, Host, Key, Opened, Parcel, PipeEnd};
use crate::capability::{Capabilities, Capability};
use crate::channel::Kind;
use crate::inheritance;
use crate::plan::{Channel, GivenEnd, Wait};
use crate::system::System;

mod name;

/// The backend `endpoint:std/unix-socket`.
#[derive(Clone, Copy, Debug, Default)]
pub struct StdUnixSocket;

impl Backend for StdUnixSocket {
    fn key(&self) -> Key {
        Key::new(Kind::Endpoint, "std/unix-socket")
    }

    fn about(&self) -> String {
        "std::os::unix::net, with messages framed by the harness".to_owned()
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let capabilities = Capabilities::new()
            .native([
                Capability::TryAccept,
                Capability::HalfClose,
                Capability::EndOnClose,
                Capability::SnapshotAtPut,
                Capability::SeveralChannels,
                Capability::Backpressure,
                Capability::Spawn,
                Capability::Fork,
            ])
            .composed([
                Capability::TimedAccept,
                Capability::ReplaceName,
                Capability::UnlinksName,
                Capability::AccessMode,
                Capability::Raw,
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
        system.is_unix().then(|| framed(capabilities))
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        Named::open(channel, host)
    }

    fn attach(
        &self,
        channel: &Channel,
        _given: GivenEnd,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        Ok(Attached::Endpoint(Box::new(Here {
            name: meeting::file(channel, &parcel)?,
            mode: channel.mode,
            listening: None,
        })))
    }

    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        several::poll_ends(ends, wait)
    }
}

/// What a process has of the endpoint.
struct Here {
    name: PathBuf,
    mode: Option<u32>,
    listening: Option<Listening>,
}

struct Listening {
    listener: UnixListener,
    // Dropped behind the listener.
    _name: Bound,
}

impl Endpoint for Here {
    fn listen(&mut self, replace: bool) -> Result<(), Failure> {
        if replace {
            match fs::remove_file(&self.name) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(meeting::listen_failure(error));
                }
                _ => {}
            }
        }
        let _making = inheritance::making();
        let (listener, name) =
            name::bind(&self.name, self.mode).map_err(meeting::listen_failure)?;
        self.listening = Some(Listening {
            listener,
            _name: name,
        });
        Ok(())
    }

    fn accept(&mut self, wait: Wait) -> Result<Accepted, Failure> {
        let listener = &self.listening.as_ref().ok_or_else(meeting::deaf)?.listener;
        let stream =
            accept(listener, wait).map_err(|error| meeting::accept_failure(error, wait))?;
        Ok(Accepted {
            peer: peer(&stream),
            connection: connection(stream)?,
        })
    }

    fn connect(&mut self, wait: Wait) -> Result<Box<dyn PipeEnd>, Failure> {
        let _making = inheritance::making();
        let stream = match wait {
            Wait::Deadline => UnixStream::connect(&self.name),
            _ => Err(no_such_form("no try or timed form of connecting")),
        };
        connection(stream.map_err(|error| meeting::connect_failure(error, wait))?)
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.listening.take().map(drop).ok_or_else(meeting::deaf)
    }
}

/// The try form is std's nonblocking mode; before it, the timed one asks the system to wait.
fn accept(listener: &UnixListener, wait: Wait) -> io::Result<UnixStream> {
    let _making = inheritance::making();
    let Some(within) = within(wait) else {
        return Ok(listener.accept()?.0);
    };
    in_time(is_readable(listener, Some(within))?)?;
    listener.set_nonblocking(true)?;
    let accepted = listener.accept();
    listener.set_nonblocking(false)?;
    let (stream, _) = accepted?;
    // Some systems hand the mode on to what was accepted.
    stream.set_nonblocking(false)?;
    Ok(stream)
}

/// std doesn't say yet who connected.
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
    meeting::connection(Halves {
        from: Some(Box::new(Shared(Arc::clone(&stream)))),
        to: Some(Box::new(Shared(stream))),
    })
}

/// A stream for one of its directions: a shared one reads and writes too.
struct Shared(Arc<UnixStream>);

impl Source for Shared {
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

impl Sink for Shared {
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

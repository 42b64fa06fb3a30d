//! Endpoints over `interprocess::local_socket`: Unix sockets, or Windows named pipes.

use std::io;
use std::path::{Path, PathBuf};

use interprocess::ConnectWaitMode;
use interprocess::local_socket::prelude::*;
use interprocess::local_socket::traits::StreamCommon;
use interprocess::local_socket::{
    ConnectOptions, Listener, ListenerNonblockingMode, ListenerOptions, Name,
};

use super::local_socket::{self, halves_of};
use crate::backend::{
    About, Accepted, Capabilities, Capability, Channel, Endpoint, Failure, Outcome, PipeEnd,
    System, Wait,
};
use crate::backends::endpoint::{self, EndpointBackend, EndpointTransport};
use crate::backends::transport::polled::no_such_form;
use crate::backends::versions;
use crate::os::spawn_lock;

/// The backend `endpoint:interprocess/local-socket`.
pub(crate) type LocalEndpoint = EndpointBackend<LocalName>;

/// The library's [`Listener`] and [`LocalSocketStream`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocalName;

impl EndpointTransport for LocalName {
    const NAME: &'static str = "interprocess/local-socket";

    fn about() -> About {
        versions::interprocess("local_socket")
    }

    fn capabilities(system: System) -> Option<Capabilities> {
        let mut capabilities = Capabilities::new()
            .native([
                Capability::TryAccept,
                Capability::UnlinksName,
                Capability::TryGet,
                Capability::EndOnClose,
                Capability::SnapshotAtPut,
                Capability::Threads,
                Capability::SeveralChannels,
                Capability::Backpressure,
                Capability::Spawn,
            ])
            .composed([Capability::Raw]);
        if system.is_unix() {
            capabilities = capabilities
                .native([
                    Capability::ReplaceName,
                    Capability::TimedConnect,
                    Capability::TimedGet,
                    Capability::Signals,
                    Capability::Fork,
                ])
                .composed([
                    Capability::Backlog,
                    Capability::Poll,
                    Capability::PollSeveral,
                    Capability::HalfClose,
                ]);
        }
        capabilities = match system {
            System::Linux => {
                capabilities.native([Capability::AccessMode, Capability::PeerIdentity])
            }
            System::Windows => capabilities.native([Capability::PeerIdentity]),
            System::Macos => capabilities,
        };
        Some(capabilities)
    }

    fn endpoint(folder: &Path, channel: &Channel) -> Box<dyn Endpoint> {
        Box::new(LocalSocketEndpoint {
            folder: folder.to_owned(),
            name: endpoint::name(channel),
            mode: channel.endpoint.mode,
            backlog: channel.endpoint.backlog,
            key: channel.endpoint.key.clone(),
            listener: None,
        })
    }
}

/// An endpoint in one process.
struct LocalSocketEndpoint {
    folder: PathBuf,
    name: String,
    mode: Option<u32>,
    backlog: Option<u64>,
    key: Option<String>,
    listener: Option<Listener>,
}

impl LocalSocketEndpoint {
    fn name(&self) -> io::Result<Name<'static>> {
        local_socket::name(&self.folder, &self.name)
    }

    fn options(&self, replace: bool) -> io::Result<ListenerOptions<'static>> {
        let options = ListenerOptions::new()
            .name(self.name()?)
            .try_overwrite(replace);
        match self.mode {
            Some(mode) => with_mode(options, mode),
            None => Ok(options),
        }
    }
}

#[cfg(target_os = "linux")]
fn with_mode(options: ListenerOptions<'static>, mode: u32) -> io::Result<ListenerOptions<'static>> {
    use interprocess::os::unix::local_socket::ListenerOptionsExt;
    Ok(options.mode(mode))
}

/// Refuses a mode: on other systems the library supports none, or only some versions do.
#[cfg(not(target_os = "linux"))]
fn with_mode(
    _options: ListenerOptions<'static>,
    _mode: u32,
) -> io::Result<ListenerOptions<'static>> {
    Err(no_such_form("no modes here"))
}

#[cfg(unix)]
fn set_backlog(listener: &Listener, backlog: Option<u64>) -> Result<(), Failure> {
    let Listener::UdSocket(listener) = listener;
    endpoint::set_backlog(listener, backlog)
}

/// Refuses a backlog: a named pipe has one instance ready at a time.
#[cfg(windows)]
fn set_backlog(_listener: &Listener, backlog: Option<u64>) -> Result<(), Failure> {
    match backlog {
        None => Ok(()),
        Some(_) => Err(Failure::refused("named pipes have no backlog")),
    }
}

impl Endpoint for LocalSocketEndpoint {
    fn listen(&mut self, replace: bool) -> Result<(), Failure> {
        without_key(self.key.as_deref())?;
        let _making = spawn_lock::making();
        let listener = self.options(replace).and_then(ListenerOptions::create_sync);
        let listener = listener.map_err(listen_failure)?;
        set_backlog(&listener, self.backlog)?;
        self.listener = Some(listener);
        Ok(())
    }

    fn accept(&mut self, wait: Wait) -> Result<Accepted, Failure> {
        let listener = self.listener.as_ref().ok_or_else(endpoint::not_listening)?;
        let _making = spawn_lock::making();
        let stream =
            accept(listener, wait).map_err(|error| endpoint::accept_failure(error, wait))?;
        Ok(Accepted {
            peer: peer(&stream),
            connection: endpoint::connection(halves_of(stream))?,
        })
    }

    fn connect(&mut self, key: Option<&str>, wait: Wait) -> Result<Box<dyn PipeEnd>, Failure> {
        without_key(key)?;
        let _making = spawn_lock::making();
        let failure = |error| endpoint::connect_failure(error, wait);
        let options = ConnectOptions::new().name(self.name().map_err(failure)?);
        let stream = match wait {
            Wait::Deadline => options.connect_sync(),
            Wait::For(time) => options
                .wait_mode(ConnectWaitMode::Timeout(time))
                .connect_sync(),
            Wait::Never => Err(no_such_form("no try form of connecting")),
        };
        endpoint::connection(halves_of(stream.map_err(failure)?))
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.listener
            .take()
            .map(drop)
            .ok_or_else(endpoint::not_listening)
    }
}

fn accept(listener: &Listener, wait: Wait) -> io::Result<LocalSocketStream> {
    match wait {
        Wait::Deadline => listener.accept(),
        Wait::For(_) => Err(no_such_form("no timed form of accepting")),
        Wait::Never => {
            listener.set_nonblocking(ListenerNonblockingMode::Accept)?;
            let accepted = listener.accept();
            listener.set_nonblocking(ListenerNonblockingMode::Neither)?;
            accepted
        }
    }
}

/// Refuses a key, because the library has no authentication.
fn without_key(key: Option<&str>) -> Result<(), Failure> {
    match key {
        None => Ok(()),
        Some(_) => Err(Failure::refused("this library has no authentication")),
    }
}

/// Returns what an error of listening means. By its documentation, Windows denies permission if another
/// process has the first instance of a named pipe.
fn listen_failure(error: io::Error) -> Failure {
    let taken = cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied;
    if taken {
        Failure::from_io(Outcome::Taken, &error)
    } else {
        endpoint::listen_failure(error)
    }
}

fn peer(stream: &LocalSocketStream) -> Option<u32> {
    let pid = stream.peer_creds().ok()?.pid()?;
    u32::try_from(pid).ok()
}

//! Named pipes of bytes.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use interprocess::os::windows::named_pipe::{
    DuplexPipeStream, PipeListenerOptions, PipeMode, pipe_mode,
};

use super::{pair, path};
use crate::backend::{
    About, Capabilities, Capability, Channel, Failure, Host, Kind, Opened, Parcel, Side, System,
};
use crate::backends::interprocess::without_blocking;
use crate::backends::transport::bytes::{ByteSink, ByteSource};
use crate::backends::transport::polled::no_such_form;
use crate::backends::transport::{ByteBackend, Halves, Transport};
use crate::backends::versions;

/// The backends `pipe:interprocess/named-pipe-bytes` and `stream:interprocess/named-pipe-bytes`.
pub(crate) type NamedPipe = ByteBackend<NamedPipeBytes>;

type Stream = DuplexPipeStream<pipe_mode::Bytes>;

/// The library's [`DuplexPipeStream`] of bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NamedPipeBytes;

impl Transport for NamedPipeBytes {
    const NAME: &'static str = "interprocess/named-pipe-bytes";

    fn about() -> About {
        versions::interprocess("named_pipe with pipe_mode::Bytes")
    }

    fn capabilities(kind: Kind, system: System) -> Option<Capabilities> {
        let mut capabilities = Capabilities::new().native([
            Capability::TryGet,
            Capability::Duplex,
            Capability::EndOnClose,
            Capability::SnapshotAtPut,
            Capability::Threads,
            Capability::SeveralChannels,
            Capability::Backpressure,
            Capability::OpenInPeer,
            Capability::Spawn,
        ]);
        if kind == Kind::Stream {
            capabilities = capabilities.native([Capability::TryPut]);
        }
        (system == System::Windows).then_some(capabilities)
    }

    fn open(channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let path = path(channel, host);
        let options = PipeListenerOptions::new().path(path.as_str());
        let listener = options.mode(PipeMode::Bytes).create_duplex()?;
        let a = Stream::connect_by_path(path.as_str())?;
        let b: Stream = listener.accept()?;
        Ok(Box::new(pair(channel, a, b)?))
    }

    fn halves(side: Side, parcel: Parcel) -> Result<Halves, Failure> {
        let [handle] = parcel.into_handles()?;
        let stream = Arc::new(Stream::try_from(handle).map_err(io::Error::from)?);
        Ok(Halves::at(side, || NamedPipeHalf(Arc::clone(&stream))))
    }
}

/// One direction of a stream. A shared reference reads and writes too.
struct NamedPipeHalf(Arc<Stream>);

impl ByteSource for NamedPipeHalf {
    fn read(&mut self, buffer: &mut [u8], within: Option<Duration>) -> io::Result<usize> {
        let mut stream = &*self.0;
        match within {
            None => stream.read(buffer),
            Some(Duration::ZERO) => without_blocking(
                &mut stream,
                |stream, on| stream.set_nonblocking(on),
                |stream| stream.read(buffer),
            ),
            Some(_) => Err(no_such_form("no timed form of reading")),
        }
    }

    fn poll(&mut self, _within: Option<Duration>) -> io::Result<()> {
        Err(no_such_form("no poll"))
    }
}

impl ByteSink for NamedPipeHalf {
    fn write(&mut self, bytes: &[u8], within: Option<Duration>) -> io::Result<usize> {
        let mut stream = &*self.0;
        match within {
            None => stream.write(bytes),
            Some(Duration::ZERO) => without_blocking(
                &mut stream,
                |stream, on| stream.set_nonblocking(on),
                |stream| stream.write(bytes),
            ),
            Some(_) => Err(no_such_form("no timed form of writing")),
        }
    }

    fn close(&mut self) -> io::Result<()> {
        Err(no_such_form("no way to close one direction"))
    }
}

//! Pipes over a pair of connected sockets, which most of the bugs need.

use std::io::{self, ErrorKind, Read, Write};
use std::marker::PhantomData;
use std::ops::Range;
use std::os::unix::net::UnixStream;

use ipc_conformance::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Host, Key, Kind,
    Opened, Outcome, Parcel, PipeEnd, Side, System,
};

use super::bug::Version;

/// An end with a bug, or fixed.
pub(crate) trait SocketEnd: PipeEnd + Sized {
    /// The bug's name.
    const NAME: &'static str;

    /// Whether it has [`PipeEnd::raw`].
    const HAS_RAW: bool = false;

    /// Makes an end of one of the two sockets.
    fn over(socket: UnixStream, version: Version) -> Self;
}

/// A pipe with such ends.
pub(crate) struct OverSockets<E> {
    version: Version,
    ends: PhantomData<fn() -> E>,
}

impl<E> OverSockets<E> {
    pub(crate) fn of(version: Version) -> OverSockets<E> {
        OverSockets {
            version,
            ends: PhantomData,
        }
    }
}

impl<E: SocketEnd> Backend for OverSockets<E> {
    fn key(&self) -> Key {
        Key::new(Kind::Pipe, self.version.name(E::NAME))
    }

    fn about(&self) -> About {
        format!("{:?}: {}", self.version, E::NAME).into()
    }

    fn capabilities(&self, _system: System) -> Option<Capabilities> {
        let native = Capabilities::new().native([
            Capability::Boundaries,
            Capability::Duplex,
            Capability::EndOnClose,
            Capability::Backpressure,
            Capability::ZeroLength,
            Capability::SnapshotAtPut,
            Capability::Threads,
            Capability::Spawn,
        ]);
        let native = match E::HAS_RAW {
            true => native.native([Capability::Raw]),
            false => native,
        };
        Some(native.composed([Capability::Values]))
    }

    fn open(&self, _channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let (a, b) = UnixStream::pair()?;
        Ok(Box::new(Sockets { a, b }))
    }

    fn attach(
        &self,
        _channel: &Channel,
        _grant: Grant,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        let handle = parcel.handles.into_iter().next();
        let handle = handle.ok_or_else(|| Failure::refused("a parcel without its socket"))?;
        let end = E::over(handle.into(), self.version);
        Ok(Attached::Pipe(Box::new(end)))
    }
}

struct Sockets {
    a: UnixStream,
    b: UnixStream,
}

impl Opened for Sockets {
    fn grant(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        let socket = match grant.side {
            Side::A | Side::Tx => &self.a,
            Side::B | Side::Rx => &self.b,
            Side::Queue | Side::Name => unreachable!("these are pipes"),
        };
        Ok(Parcel::of([socket.try_clone()?.into()]))
    }
}

/// The length of a header, which contains the length of the message.
pub(crate) const HEADER: usize = 4;

/// Returns a message with its header.
pub(crate) fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).expect("messages of cases are short");
    [&length.to_le_bytes()[..], message].concat()
}

/// Returns the length that a header contains.
pub(crate) fn length(header: &[u8]) -> Option<usize> {
    let header = header.first_chunk::<HEADER>()?;
    usize::try_from(u32::from_le_bytes(*header)).ok()
}

/// Sends a message in one write.
pub(crate) fn send(mut socket: &UnixStream, message: &[u8]) -> Result<(), Failure> {
    socket.write_all(&framed(message)).map_err(failure)
}

/// Sends this part of a header, if there is one, and the bytes after it.
pub(crate) fn send_part(
    mut socket: &UnixStream,
    length: Option<i64>,
    bytes: &[u8],
    part: Range<u64>,
) -> Result<(), Failure> {
    let header = length.map(|length| u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    let header = header.into_iter().flatten();
    let index = |at| usize::try_from(at).unwrap_or(usize::MAX);
    let (from, to) = (index(part.start), index(part.end));
    let whole = header.chain(bytes.iter().copied());
    let bytes: Vec<u8> = whole.take(to).skip(from).collect();
    socket.write_all(&bytes).map_err(failure)
}

/// Returns the bytes of one read. Waits until there is at least one.
pub(crate) fn read_some(mut socket: &UnixStream, most: usize) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; most];
    let count = socket.read(&mut bytes).map_err(failure)?;
    if count == 0 {
        return Err(Failure::end());
    }
    bytes.truncate(count);
    Ok(bytes)
}

/// Removes and returns the first message of the read bytes, if it is complete.
pub(crate) fn take_first(read: &mut Vec<u8>) -> Option<Vec<u8>> {
    let whole = HEADER + length(read)?;
    if read.len() < whole {
        return None;
    }
    let rest = read.split_off(whole);
    Some(std::mem::replace(read, rest).split_off(HEADER))
}

/// Reads one message, however long it takes.
pub(crate) fn read_framed(mut from: impl Read, message: &mut Vec<u8>) -> io::Result<()> {
    let mut header = [0; HEADER];
    from.read_exact(&mut header)?;
    message.clear();
    message.resize(length(&header).unwrap_or(0), 0);
    from.read_exact(message)
}

/// Returns the failure that an error means for the other side.
pub(crate) fn failure(error: io::Error) -> Failure {
    match error.kind() {
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => {
            Failure::from_io(Outcome::Gone, &error)
        }
        ErrorKind::UnexpectedEof => Failure::end(),
        _ => Failure::from(error),
    }
}

//! A pipe whose messages are in files, and whose order is that of slips in a system's pipe.
//!
//! Each sender appends messages to its own file, and writes a slip with the message's place to the pipe. A
//! slip is short enough to be written in one piece, so slips of several senders don't mix. A sender that
//! dies inside a message has sent no slip, so that message never arrives. End of stream is the pipe's.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fs::File;
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ipc_conformance::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Handle, Host, Key,
    Kind, Opened, Outcome, Parcel, PipeEnd, Side, System, Wait,
};

use crate::janitor::{self, Lease, files_of};

mod slip;

use slip::Slip;

/// The backend.
pub struct Spool;

impl Backend for Spool {
    fn key(&self) -> Key {
        Key::new(Kind::Pipe, "paper/spool")
    }

    fn about(&self) -> About {
        About {
            library: Some("paper-trail".to_owned()),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            mechanism: "slips over files".to_owned(),
            ..About::default()
        }
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let capabilities = Capabilities::new()
            .native([
                Capability::Boundaries,
                Capability::Duplex,
                Capability::EndOnClose,
                Capability::HalfClose,
                Capability::SnapshotAtPut,
                Capability::Spawn,
                Capability::ZeroLength,
            ])
            .composed([Capability::Values]);
        // Only POSIX promises that a short write to a pipe stays in one piece.
        Some(if system.is_unix() {
            capabilities.native([Capability::SeveralProducers])
        } else {
            capabilities
        })
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let files = files_of(channel, host)?;
        Ok(Box::new(OpenSpool {
            forward: io::pipe()?,
            backward: channel.duplex.then(io::pipe).transpose()?,
            lease: Lease::from_janitor(&files, host)?,
            files,
            granted: 0,
        }))
    }

    fn attach(
        &self,
        _channel: &Channel,
        grant: Grant,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        let (number, files) = decode(&parcel.data)?;
        let mut handles = parcel.handles.into_iter();
        let mut next = || {
            handles
                .next()
                .ok_or_else(|| Failure::refused("a handle is missing from this parcel"))
        };
        let mut end = SpoolEnd {
            sender: None,
            receiver: None,
            _lease: next()?,
        };
        if grant.side != Side::Rx {
            end.sender = Some(Sender {
                slips: next()?.into(),
                number,
                path: file_of(&files, number),
                file: None,
            });
        }
        if grant.side != Side::Tx {
            end.receiver = Some(Receiver {
                slips: next()?.into(),
                files,
                opened: HashMap::new(),
            });
        }
        Ok(Attached::Pipe(Box::new(end)))
    }

    fn help(&self, parcel: Parcel) -> io::Result<()> {
        janitor::clean(parcel)
    }
}

/// A spool whose ends aren't handed out yet.
struct OpenSpool {
    forward: (PipeReader, PipeWriter),
    backward: Option<(PipeReader, PipeWriter)>,
    lease: Lease,
    /// The beginning of the senders' files' names.
    files: String,
    /// The number of granted ends, which is the next end's number.
    granted: u64,
}

impl Opened for OpenSpool {
    fn grant(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        let (reader, writer) = &self.forward;
        let (outgoing, incoming) = match (grant.side, &self.backward) {
            (Side::Tx, None) => (Some(writer), None),
            (Side::Rx, None) => (None, Some(reader)),
            (Side::A, Some((reader, _))) => (Some(writer), Some(reader)),
            (Side::B, Some((_, writer))) => (Some(writer), Some(reader)),
            _ => return Err(Failure::refused("this spool has no such end")),
        };
        let mut parcel = Parcel {
            data: encode(self.granted, &self.files),
            handles: vec![self.lease.to_handle()?],
        };
        if let Some(writer) = outgoing {
            parcel.handles.push(Handle::from(writer.try_clone()?));
        }
        if let Some(reader) = incoming {
            parcel.handles.push(Handle::from(reader.try_clone()?));
        }
        self.granted += 1;
        Ok(parcel)
    }
}

/// Returns a parcel's data: an end's number in eight bytes, then the beginning of the files' names.
fn encode(number: u64, files: &str) -> Vec<u8> {
    [&number.to_le_bytes(), files.as_bytes()].concat()
}

fn decode(data: &[u8]) -> Result<(u64, PathBuf), Failure> {
    let malformed = || Failure::refused("this isn't a spool's parcel");
    let (number, files) = data.split_first_chunk().ok_or_else(malformed)?;
    let files = str::from_utf8(files).map_err(|_| malformed())?;
    Ok((u64::from_le_bytes(*number), files.into()))
}

fn file_of(files: &Path, number: u64) -> PathBuf {
    files.with_extension(format!("{number}.spool"))
}

/// One process's end.
struct SpoolEnd {
    sender: Option<Sender>,
    receiver: Option<Receiver>,
    _lease: Handle,
}

struct Sender {
    slips: PipeWriter,
    /// The number of this sender's file.
    number: u64,
    path: PathBuf,
    /// Made with the first message.
    file: Option<File>,
}

struct Receiver {
    slips: PipeReader,
    files: PathBuf,
    /// The files of senders from which a message came.
    opened: HashMap<u64, File>,
}

impl PipeEnd for SpoolEnd {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        wait.require_blocking()?;
        let sender = self
            .sender
            .as_mut()
            .ok_or_else(|| Failure::new(Outcome::Closed, "this end doesn't send"))?;
        sender.send(message)
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        wait.require_blocking()?;
        let receiver = self
            .receiver
            .as_mut()
            .ok_or_else(|| Failure::refused("this end doesn't receive"))?;
        receiver.recv(message)
    }

    fn half_close(&mut self) -> Result<(), Failure> {
        let sender = self.sender.take();
        sender
            .map(drop)
            .ok_or_else(|| Failure::new(Outcome::Closed, "this end doesn't send"))
    }
}

impl Sender {
    fn send(&mut self, message: &[u8]) -> Result<(), Failure> {
        let file = match &mut self.file {
            Some(file) => file,
            empty => empty.insert(File::create_new(&self.path)?),
        };
        let slip = Slip {
            number: self.number,
            offset: file.stream_position()?,
            length: message.len() as u64,
        };
        file.write_all(message)?;
        self.slips
            .write_all(&slip.to_bytes())
            .map_err(|error| match error.kind() {
                ErrorKind::BrokenPipe => Failure::from_io(Outcome::Gone, &error),
                _ => Failure::from(error).indefinite(),
            })
    }
}

impl Receiver {
    fn recv(&mut self, message: &mut Vec<u8>) -> Result<(), Failure> {
        let slip = self.next_slip()?;
        let file = match self.opened.entry(slip.number) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(File::open(file_of(&self.files, slip.number))?),
        };
        file.seek(SeekFrom::Start(slip.offset))?;
        message.clear();
        let length = file.take(slip.length).read_to_end(message)? as u64;
        if length < slip.length {
            return Err(Failure::new(
                Outcome::Error,
                format!("{length} bytes where a slip says {}", slip.length),
            ));
        }
        Ok(())
    }

    fn next_slip(&mut self) -> Result<Slip, Failure> {
        let mut bytes = [0; Slip::SIZE];
        let mut filled = 0;
        while filled < bytes.len() {
            match self.slips.read(&mut bytes[filled..]) {
                Ok(0) if filled == 0 => return Err(Failure::end()),
                Ok(0) => return Err(Failure::new(Outcome::Error, "a slip was cut short")),
                Ok(count) => filled += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Slip::from_bytes(bytes))
    }
}

//! `interprocess::os::unix::fifo_file`: a pipe with a name, which the library makes and processes open
//! as a file.
//!
//! Opening one side waits for the other side, and a process has its ends before its first step. So the
//! process that makes the channel opens both sides and hands them over. Then it removes the name.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use interprocess::os::unix::fifo_file::create_fifo;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::backend::{
    About, Capabilities, Capability, Channel, Failure, Host, Kind, Opened, Parcel, Side, System,
};
use crate::backends::transport::handles::{self, OneWay, Pipes};
use crate::backends::transport::polled::{BlockingOnly, Polled};
use crate::backends::transport::{ByteBackend, Halves, Transport};
use crate::backends::versions;
use crate::os::spawn_lock;

/// The backends `pipe:interprocess/fifo` and `stream:interprocess/fifo`.
pub(crate) type Fifo = ByteBackend<FifoFile>;

/// The library's [`create_fifo`], and [`File`]s.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FifoFile;

impl Transport for FifoFile {
    const NAME: &'static str = "interprocess/fifo";

    fn about() -> About {
        versions::interprocess("fifo_file")
    }

    fn capabilities(_kind: Kind, system: System) -> Option<Capabilities> {
        let capabilities = Capabilities::new()
            .native([
                Capability::EndOnClose,
                Capability::SnapshotAtPut,
                Capability::SeveralChannels,
                Capability::Backpressure,
                Capability::OpenInPeer,
                Capability::Spawn,
                Capability::Signals,
                Capability::Fork,
            ])
            .composed([
                Capability::Poll,
                Capability::PollSeveral,
                Capability::TryGet,
                Capability::TimedGet,
            ]);
        system.is_unix().then_some(capabilities)
    }

    fn open(channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        if channel.duplex {
            return Err(Failure::refused("a FIFO goes one way"));
        }
        let _making = spawn_lock::making();
        let name = host.folder().join(&channel.name);
        create_fifo(&name, 0o600)?;
        let both = open_both(&name);
        fs::remove_file(&name)?;
        Ok(Box::new(Pipes::new(both?, None)))
    }

    fn halves(side: Side, parcel: Parcel) -> Result<Halves, Failure> {
        let (from, to) = handles::directions(side, parcel)?;
        let halves = Halves {
            from: from.map(|from| Box::new(Polled(File::from(from))) as _),
            to: to.map(|to| Box::new(BlockingOnly(File::from(to))) as _),
        };
        Ok(halves)
    }
}

/// Opens both sides. The reader comes first, and in nonblocking mode it doesn't wait for the writer.
fn open_both(name: &Path) -> io::Result<OneWay> {
    let without_waiting = OFlags::NONBLOCK.bits() as i32;
    let from = (File::options().read(true))
        .custom_flags(without_waiting)
        .open(name)?;
    let to = File::options().write(true).open(name)?;
    fcntl_setfl(&from, fcntl_getfl(&from)? - OFlags::NONBLOCK)?;
    Ok(OneWay::from((from, to)))
}

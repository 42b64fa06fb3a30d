//! `interprocess::os::unix::fifo_file`: a pipe with a name, which the library makes and whoever
//! knows it opens as a file.
//!
//! An open waits for one at the other side, and a process has its ends before its first step; so
//! whoever makes the channel opens both, and hands them over. Then the name goes.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use interprocess::os::unix::fifo_file::create_fifo;
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

use crate::backend::transport::handles::{self, OneWay, Pipes};
use crate::backend::transport::polled::{Blocking, Polled};
use crate::backend::transport::several;
use crate::backend::transport::{Halves, check_kind, with_framing};
use crate::backend::{Attached, Backend, Failure, Host, Key, Opened, Parcel};
use crate::capability::{Capabilities, Capability};
use crate::channel::Kind;
use crate::inheritance;
use crate::plan::{Channel, GivenEnd, Wait};
use crate::system::System;

/// The backends `pipe:interprocess/fifo` and `stream:interprocess/fifo`.
#[derive(Clone, Copy, Debug)]
pub struct Fifo {
    kind: Kind,
}

impl Fifo {
    /// Whole messages, framed by us.
    pub fn pipe() -> Fifo {
        Fifo { kind: Kind::Pipe }
    }

    /// Bytes.
    pub fn stream() -> Fifo {
        Fifo { kind: Kind::Stream }
    }
}

impl Backend for Fifo {
    fn key(&self) -> Key {
        Key::new(self.kind, "interprocess/fifo")
    }

    fn about(&self) -> String {
        match self.kind {
            Kind::Pipe => "interprocess 2.4: fifo_file, with messages framed by the harness",
            _ => "interprocess 2.4: fifo_file",
        }
        .to_owned()
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        let capabilities = Capabilities::new()
            .native([
                Capability::EndOnClose,
                Capability::SnapshotAtPut,
                Capability::SeveralChannels,
                Capability::Backpressure,
                Capability::OpenInPeer,
                Capability::Spawn,
                Capability::Fork,
            ])
            .composed([
                Capability::Poll,
                Capability::PollSeveral,
                Capability::TryGet,
                Capability::TimedGet,
            ]);
        system
            .is_unix()
            .then(|| with_framing(self.kind, capabilities))
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        check_kind(self.kind, channel)?;
        if channel.duplex {
            return Err(Failure::refused("a FIFO goes one way"));
        }
        let _making = inheritance::making();
        let name = host.folder().join(&channel.name);
        create_fifo(&name, 0o600)?;
        let both = open_both(&name);
        fs::remove_file(&name)?;
        Ok(Box::new(Pipes::new(both?, None)))
    }

    fn attach(
        &self,
        channel: &Channel,
        given: GivenEnd,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        check_kind(self.kind, channel)?;
        let (from, to) = handles::directions(given.end.side, parcel.handles)?;
        let halves = Halves {
            from: from.map(|from| Box::new(Polled(File::from(from))) as _),
            to: to.map(|to| Box::new(Blocking(File::from(to))) as _),
        };
        Ok(halves.attach(self.kind))
    }

    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        several::poll_ends(ends, wait)
    }
}

/// Only a reader that needn't wait for a writer can be there before it.
fn open_both(name: &Path) -> io::Result<OneWay> {
    let without_waiting = OFlags::NONBLOCK.bits() as i32;
    let from = (File::options().read(true))
        .custom_flags(without_waiting)
        .open(name)?;
    let to = File::options().write(true).open(name)?;
    fcntl_setfl(&from, fcntl_getfl(&from)? - OFlags::NONBLOCK)?;
    Ok(OneWay::from((from, to)))
}

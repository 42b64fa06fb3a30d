//! Backends that leave what they shouldn't.

use std::fs::{self, File};
use std::io;
use std::mem;
use std::process::Stdio;
use std::thread;

use ipc_conformance::backend::std_pipe::StdPipe;
use ipc_conformance::backend::{Attached, Backend, Failure, Host, Key, Opened, Parcel, PipeEnd};
use ipc_conformance::capability::Capabilities;
use ipc_conformance::channel::Kind;
use ipc_conformance::plan::{Channel, GivenEnd, Wait};
use ipc_conformance::registry::Registry;
use ipc_conformance::system::System;
use rustix::process::{Signal, getpid, kill_process};

use crate::stand_in::StandIn;

/// The backends of this crate, and the wrong ones.
pub(crate) fn registry() -> Registry {
    Manner::ALL
        .into_iter()
        .fold(Registry::builtin(), |registry, manner| {
            registry.with(Wrong(manner))
        })
}

/// A sound pipe but for one thing.
struct Wrong(Manner);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Its process dies in its second send.
    Dies,
    /// It closes descriptors that aren't its own, and then waits for ever.
    ClosesAll,
    /// It starts a process, in that of the receiver, and forgets it.
    LeavesProcess,
    /// It opens a file, in the process of the receiver, and forgets it.
    LeaksDescriptor,
    /// It makes a file in the run's folder and forgets it.
    LeavesName,
    /// Its helper waits for ever.
    HelperStays,
}

impl Manner {
    const ALL: [Manner; 6] = [
        Manner::Dies,
        Manner::ClosesAll,
        Manner::LeavesProcess,
        Manner::LeaksDescriptor,
        Manner::LeavesName,
        Manner::HelperStays,
    ];

    fn name(self) -> &'static str {
        match self {
            Manner::Dies => "wrong/dies",
            Manner::ClosesAll => "wrong/closes-all",
            Manner::LeavesProcess => "wrong/leaves-process",
            Manner::LeaksDescriptor => "wrong/leaks-descriptor",
            Manner::LeavesName => "wrong/leaves-name",
            Manner::HelperStays => "wrong/helper-stays",
        }
    }
}

impl Backend for Wrong {
    fn key(&self) -> Key {
        Key::new(Kind::Pipe, self.0.name())
    }

    fn about(&self) -> String {
        "wrong on purpose".to_owned()
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        StdPipe::pipe().capabilities(system)
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        if self.0 == Manner::LeavesName {
            fs::write(host.folder().join("left"), "")?;
        }
        if self.0 == Manner::HelperStays {
            host.start_helper(Parcel::default())?;
        }
        StdPipe::pipe().open(channel, host)
    }

    fn help(&self, _parcel: Parcel) -> io::Result<()> {
        loop {
            thread::park();
        }
    }

    fn attach(
        &self,
        channel: &Channel,
        given: GivenEnd,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        let attached = StdPipe::pipe().attach(channel, given, parcel)?;
        match self.0 {
            Manner::LeavesProcess if given.gets => {
                let quiet = Stdio::null;
                let mut command = StandIn::Lingering.command();
                command.stdin(quiet()).stdout(quiet()).stderr(quiet());
                command.spawn()?;
            }
            Manner::LeaksDescriptor if given.gets => mem::forget(File::open("/dev/null")?),
            Manner::Dies | Manner::ClosesAll if given.puts => {
                if let Attached::Pipe(sound) = attached {
                    let (manner, sent) = (self.0, 0);
                    return Ok(Attached::Pipe(Box::new(WrongEnd {
                        sound,
                        manner,
                        sent,
                    })));
                }
            }
            _ => {}
        }
        Ok(attached)
    }
}

/// A sending end whose second send isn't what it should be.
struct WrongEnd {
    sound: Box<dyn PipeEnd>,
    manner: Manner,
    sent: u32,
}

impl PipeEnd for WrongEnd {
    fn send(&mut self, message: &[u8], wait: Wait) -> Result<(), Failure> {
        self.sent += 1;
        if self.sent < 2 {
            return self.sound.send(message, wait);
        }
        match self.manner {
            Manner::Dies => kill_process(getpid(), Signal::KILL).map_err(io::Error::from)?,
            _ => close_all(),
        }
        loop {
            thread::park();
        }
    }

    fn recv(&mut self, message: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        self.sound.recv(message, wait)
    }
}

#[expect(
    unsafe_code,
    reason = "closing what one doesn't own is what this is about"
)]
fn close_all() {
    for descriptor in 3..100 {
        // SAFETY: nothing in this process uses a descriptor any more: it only waits to be killed.
        unsafe { libc::close(descriptor) };
    }
}

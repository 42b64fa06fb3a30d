//! Backends that leave processes, descriptors or files, or exit too early.

use std::fs;
use std::io::{self, Write};
use std::process::{self, Stdio};
use std::thread;

use ipc_conformance::backend::{
    About, Attached, Backend, Capabilities, Channel, Failure, Grant, Host, Key, Kind, Opened,
    Parcel, PipeEnd, System, Wait,
};
use ipc_conformance::internals::{StdPipe, supervisor};
use ipc_conformance::registry::Registry;

use super::scene::{Ended, Scene};
use super::stand_in::StandIn;

/// Returns the backends of this crate, and the wrong ones.
pub(crate) fn registry() -> Registry {
    Manner::ALL
        .iter()
        .fold(Registry::builtin(), |registry, manner| {
            registry.with(Wrong(*manner))
        })
}

/// Runs the first case of pipes on this backend, and returns after the run has ended.
pub(crate) fn end_on(scene: &Scene, backend: &str) -> Ended {
    let backend = format!("--backend={backend}");
    let arguments = ["run", "--format=json", "seed/pipe", &backend];
    scene.start_as(StandIn::CommandLine, arguments).end()
}

/// A pipe with one fault.
struct Wrong(Manner);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Its process dies in its second send.
    Dies,
    /// Its process is interrupted in its second send; then its parent is interrupted too.
    #[cfg(unix)]
    Interrupted,
    /// Closes descriptors that it doesn't own, and then waits forever.
    ClosesAll,
    /// Its process writes to standard error for ever.
    Floods,
    /// Starts a process from the receiver and never ends it.
    LeavesProcess,
    /// Starts a process from the receiver that leaves its session and has no environment.
    #[cfg(target_os = "linux")]
    LeavesSession,
    /// Opens a file in the receiver and never closes it.
    #[cfg(unix)]
    LeaksDescriptor,
    /// Makes a file in the run's folder and never removes it.
    LeavesName,
    /// Its helper waits forever.
    HelperStays,
}

impl Manner {
    const ALL: &[Manner] = &[
        Manner::Dies,
        #[cfg(unix)]
        Manner::Interrupted,
        Manner::ClosesAll,
        Manner::Floods,
        Manner::LeavesProcess,
        #[cfg(target_os = "linux")]
        Manner::LeavesSession,
        #[cfg(unix)]
        Manner::LeaksDescriptor,
        Manner::LeavesName,
        Manner::HelperStays,
    ];

    fn name(self) -> &'static str {
        match self {
            Manner::Dies => "wrong/dies",
            #[cfg(unix)]
            Manner::Interrupted => "wrong/interrupted",
            Manner::ClosesAll => "wrong/closes-all",
            Manner::Floods => "wrong/floods",
            Manner::LeavesProcess => "wrong/leaves-process",
            #[cfg(target_os = "linux")]
            Manner::LeavesSession => "wrong/leaves-session",
            #[cfg(unix)]
            Manner::LeaksDescriptor => "wrong/leaks-descriptor",
            Manner::LeavesName => "wrong/leaves-name",
            Manner::HelperStays => "wrong/helper-stays",
        }
    }

    fn shows_in_sends(self) -> bool {
        match self {
            Manner::Dies | Manner::ClosesAll | Manner::Floods => true,
            #[cfg(unix)]
            Manner::Interrupted => true,
            _ => false,
        }
    }
}

impl Backend for Wrong {
    fn key(&self) -> Key {
        Key::new(Kind::Pipe, self.0.name())
    }

    fn about(&self) -> About {
        "wrong on purpose".into()
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

    fn attach(&self, channel: &Channel, grant: Grant, parcel: Parcel) -> Result<Attached, Failure> {
        let attached = StdPipe::pipe().attach(channel, grant, parcel)?;
        match self.0 {
            Manner::LeavesProcess if grant.gets => {
                let quiet = Stdio::null;
                let mut command = StandIn::Lingering.command();
                command.stdin(quiet()).stdout(quiet()).stderr(quiet());
                command.spawn()?;
            }
            #[cfg(target_os = "linux")]
            Manner::LeavesSession if grant.gets => {
                let mut shell = process::Command::new("sh");
                shell.args(["-c", "env -i setsid sleep 3600 >/dev/null 2>&1 &"]);
                shell.stdin(Stdio::null()).status()?;
            }
            #[cfg(unix)]
            Manner::LeaksDescriptor if grant.gets => {
                std::mem::forget(fs::File::open("/dev/null")?);
            }
            manner if manner.shows_in_sends() && grant.puts => {
                if let Attached::Pipe(sound) = attached {
                    return Ok(Attached::Pipe(Box::new(WrongEnd {
                        sound,
                        manner,
                        sent: 0,
                    })));
                }
            }
            _ => {}
        }
        Ok(attached)
    }
}

/// A sending end with a wrong second send.
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
            Manner::Dies => {
                let _ = supervisor::kill(process::id());
            }
            Manner::Floods => loop {
                io::stderr().write_all(&[b'x'; 1 << 16])?;
            },
            #[cfg(unix)]
            Manner::Interrupted => interrupt_both()?,
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

/// Interrupts this process, and then its parent after that has noticed: a terminal interrupts both at
/// once, and either may notice it first.
#[cfg(unix)]
fn interrupt_both() -> io::Result<()> {
    use std::os::unix::process::{CommandExt, parent_id};
    let (this, starter) = (process::id(), parent_id());
    let script = format!(
        "kill -INT {this}; while kill -0 {this} 2>/dev/null; do :; done; kill -INT {starter}"
    );
    let mut shell = process::Command::new("sh");
    // A process in the group of this one would be killed with it.
    shell.args(["-c", &script]).process_group(0);
    shell
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    shell.spawn().map(drop)
}

#[expect(
    unsafe_code,
    reason = "the test closes descriptors that it doesn't own"
)]
fn close_all() {
    #[cfg(unix)]
    for descriptor in 3..100 {
        // SAFETY: no code in this process uses a descriptor any more; the process only waits to be
        // killed.
        unsafe { libc::close(descriptor) };
    }
    // On Windows, the link isn't only standard input, and handles are multiples of four.
    #[cfg(windows)]
    for handle in (4..400).step_by(4) {
        // SAFETY: as above. A number that isn't a handle gives an error.
        unsafe {
            windows_sys::Win32::Foundation::CloseHandle(std::ptr::without_provenance_mut(handle))
        };
    }
}

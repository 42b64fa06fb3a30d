//! Real processes: started, killed, reaped, and nothing of them left.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, Stdio};

use crate::backend::Handle;
use crate::history::Exit;
use crate::os::inheritance;

mod birth;
pub mod crash;
pub mod kernel;
pub mod pause;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use birth::lead_group_from_birth;
#[cfg(unix)]
pub(crate) use system::wait_for_child;
pub use system::{Group, is_busy, kill, with_variable};
pub(crate) use system::{end_together, exit_of, is_interruption, lead_group};

/// The environment variable that makes this executable one of ours: see [`Role`].
pub const ROLE: &str = "IPC_CONFORMANCE_ROLE";

/// What an executable of ours is started as. Looked at before arguments are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A process of a plan.
    Peer,
    /// A backend's helper.
    Helper,
    /// The one that cleans up when the harness dies.
    Guard,
    /// Nothing: it exits at once. What a bare process costs, for comparison.
    Nothing,
}

impl Role {
    const ALL: [Role; 4] = [Role::Peer, Role::Helper, Role::Guard, Role::Nothing];

    fn word(self) -> &'static str {
        match self {
            Role::Peer => "peer",
            Role::Helper => "helper",
            Role::Guard => "guard",
            Role::Nothing => "nothing",
        }
    }

    /// The role that this process was started as; none for an ordinary start.
    pub fn of_this_process() -> Option<Role> {
        let word = std::env::var_os(ROLE)?;
        Role::ALL.into_iter().find(|role| word == role.word())
    }
}

/// The executable that processes execute: one that looks at its [`Role`] first.
#[derive(Clone, Debug)]
pub struct Program {
    /// Where it is.
    pub path: PathBuf,
}

impl Program {
    /// The executable of this process.
    ///
    /// # Errors
    /// Where the system doesn't tell.
    pub fn current() -> io::Result<Program> {
        Ok(Program {
            path: std::env::current_exe()?,
        })
    }

    /// How to start it in a role, with nothing of ours inherited.
    pub fn command(&self, role: Role) -> Command {
        let mut command = Command::new(&self.path);
        command.env(ROLE, OsString::from(role.word()));
        command.stdin(Stdio::null());
        command
    }
}

impl From<&Path> for Program {
    fn from(path: &Path) -> Program {
        Program {
            path: path.to_owned(),
        }
    }
}

/// What a process is started with.
#[derive(Debug)]
pub struct Stdio3 {
    /// Its end of its control link.
    pub link: Handle,
    /// Where its standard output goes.
    pub stdout: Handle,
    /// Where its standard error goes.
    pub stderr: Handle,
}

/// Starts a process of ours, in a group of its own where `group` is none, else in the caller's.
///
/// # Errors
/// As starting a process does.
pub fn spawn(program: &Program, role: Role, stdio: Stdio3) -> io::Result<std::process::Child> {
    let mut command = program.command(role);
    command
        .stdin(stdio.link)
        .stdout(stdio.stdout)
        .stderr(stdio.stderr);
    let _starting = inheritance::starting();
    system::start(&mut command)
}

/// Starts a process of ours that leads a group of its own.
///
/// # Errors
/// As starting a process does.
pub fn spawn_leader(program: &Program, role: Role, stdio: Stdio3) -> io::Result<Running> {
    let mut command = program.command(role);
    command
        .stdin(stdio.link)
        .stdout(stdio.stdout)
        .stderr(stdio.stderr);
    lead(command)
}

/// Starts any program as the leader of a group of its own.
///
/// # Errors
/// As starting a process does.
pub fn lead(mut command: Command) -> io::Result<Running> {
    lead_group(&mut command);
    let child = {
        let _starting = inheritance::starting();
        system::start(&mut command)?
    };
    let group = Group::of(&child)?;
    Ok(Running { child, group })
}

/// A process that the harness started, and the group that it leads.
#[derive(Debug)]
pub struct Running {
    child: std::process::Child,
    /// All processes that descend from it.
    pub group: Group,
}

impl Running {
    /// Its number in the operating system.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills this one process.
    pub fn kill(&mut self) {
        // The only error is that it has exited, which is as well.
        let _ = self.child.kill();
    }

    /// The pipes to its standard handles, where it was started with such.
    pub fn pipes(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>) {
        let child = &mut self.child;
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    }

    /// How it exited, if it has. Its number stays taken.
    ///
    /// # Errors
    /// As waiting does.
    pub fn exited(&mut self) -> io::Result<Option<Exit>> {
        system::exited(&mut self.child)
    }

    /// Waits for its exit, which must be near. Its number, which is its group's, isn't given to
    /// another process before it is reaped.
    ///
    /// # Errors
    /// As waiting does.
    pub fn wait(&mut self) -> io::Result<Exit> {
        system::wait(&mut self.child)
    }

    /// Waits for its exit, and gives its number back.
    ///
    /// # Errors
    /// As waiting does.
    pub fn reap(&mut self) -> io::Result<()> {
        self.child.wait().map(drop)
    }
}

//! Starts, stops, kills and reaps real processes and their process groups.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ChildStderr, ChildStdin, ChildStdout, Command, Stdio};

use crate::backend::Handle;
use crate::history::Exit;
use crate::os::spawn_lock;

mod birth;
pub mod crash;
mod exit_wait;
pub mod kernel;
mod member;
pub mod pause;
pub mod signal;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

pub(crate) use birth::lead_group_from_birth;
use birth::lead_session_from_birth;
pub(crate) use exit_wait::child_exits_within;
#[cfg(unix)]
pub(crate) use exit_wait::exits_within;
pub use member::Member;
pub(crate) use system::is_stopped;
use system::lead_group;
#[cfg(unix)]
pub(crate) use system::wait_for_child;
pub use system::{ProcessGroup, is_busy, kill};
pub(crate) use system::{end_together, exit_of, is_interruption, is_pid};
#[cfg(target_os = "linux")]
pub(crate) use system::{has_exited, parent_of, processes, state_of};

/// The environment variable that holds a process's [`ProcessRole`].
pub const ROLE: &str = "IPC_CONFORMANCE_ROLE";

/// What one of our executables is started as. It looks at this before it looks at its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProcessRole {
    /// A process of a plan.
    Peer,
    /// A backend's helper.
    Helper,
    /// The process that cleans up when the harness dies.
    Guard,
    /// Exits at once. Benchmarks use it as the cost of a bare process.
    Nothing,
}

impl ProcessRole {
    const ALL: [ProcessRole; 4] = [
        ProcessRole::Peer,
        ProcessRole::Helper,
        ProcessRole::Guard,
        ProcessRole::Nothing,
    ];

    fn word(self) -> &'static str {
        match self {
            ProcessRole::Peer => "peer",
            ProcessRole::Helper => "helper",
            ProcessRole::Guard => "guard",
            ProcessRole::Nothing => "nothing",
        }
    }

    /// Returns the role that this process was started in, or `None` for an ordinary start.
    pub fn of_this_process() -> Option<ProcessRole> {
        let word = std::env::var_os(ROLE)?;
        ProcessRole::ALL
            .into_iter()
            .find(|role| word == role.word())
    }
}

/// The executable that processes execute. It must look at its [`ProcessRole`] first.
#[derive(Clone, Debug)]
pub struct Program {
    /// The path of the executable.
    pub path: PathBuf,
}

impl Program {
    /// Returns the executable of this process.
    ///
    /// # Errors
    /// If the system doesn't report it.
    pub fn current() -> io::Result<Program> {
        Ok(Program {
            path: std::env::current_exe()?,
        })
    }

    /// Returns a command that starts the executable in a role, with an empty standard input.
    pub fn command(&self, role: ProcessRole) -> Command {
        let mut command = Command::new(&self.path);
        command.env(ROLE, OsString::from(role.word()));
        command.stdin(Stdio::null());
        command
    }

    /// Returns a command that starts the executable in a role, with these handles.
    fn given(&self, role: ProcessRole, stdio: Stdio3) -> Command {
        let mut command = self.command(role);
        command
            .stdin(stdio.link)
            .stdout(stdio.stdout)
            .stderr(stdio.stderr);
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

/// The handles that a process is started with.
#[derive(Debug)]
pub struct Stdio3 {
    /// The process's end of its control link.
    pub link: Handle,
    /// The process's standard output.
    pub stdout: Handle,
    /// The process's standard error.
    pub stderr: Handle,
}

/// Starts one of our executables in the process group of the caller.
///
/// # Errors
/// If the process can't be started.
pub fn spawn(
    program: &Program,
    role: ProcessRole,
    stdio: Stdio3,
) -> io::Result<std::process::Child> {
    let mut command = program.given(role, stdio);
    let _starting = spawn_lock::starting();
    system::start(&mut command)
}

/// Starts one of our executables as the leader of a process group of its own.
///
/// # Errors
/// If the process can't be started.
pub fn spawn_leader(program: &Program, role: ProcessRole, stdio: Stdio3) -> io::Result<Running> {
    lead(program.given(role, stdio))
}

/// The same for an executable that may exit before its descendants do. While it leads a session of its
/// own, the system does nothing to those of them that are stopped then.
///
/// # Errors
/// If the process can't be started.
pub fn spawn_starter(program: &Program, role: ProcessRole, stdio: Stdio3) -> io::Result<Running> {
    let mut command = program.given(role, stdio);
    lead_session_from_birth(&mut command);
    started(command)
}

/// Starts any program as the leader of a process group of its own.
///
/// # Errors
/// If the process can't be started.
pub fn lead(mut command: Command) -> io::Result<Running> {
    lead_group(&mut command);
    started(command)
}

fn started(mut command: Command) -> io::Result<Running> {
    let child = {
        let _starting = spawn_lock::starting();
        system::start(&mut command)?
    };
    let group = ProcessGroup::of(&child)?;
    Ok(Running { child, group })
}

/// A process that the harness started, and the process group that it leads.
#[derive(Debug)]
pub struct Running {
    child: std::process::Child,
    /// The process and its descendants.
    pub group: ProcessGroup,
}

impl Running {
    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Kills this process, but not its descendants.
    pub fn kill(&mut self) {
        // The only error is that it has already exited.
        let _ = self.child.kill();
    }

    /// Takes the pipes to the standard handles that were requested as pipes.
    pub fn pipes(&mut self) -> (Option<ChildStdin>, Option<ChildStdout>, Option<ChildStderr>) {
        let child = &mut self.child;
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    }

    /// Returns how the process exited, if it has. Doesn't reap it: its process id stays reserved.
    ///
    /// # Errors
    /// If the system call fails.
    pub fn exited(&mut self) -> io::Result<Option<Exit>> {
        system::exited(&mut self.child)
    }

    /// Waits until the process exits; call it only if the exit is near. Doesn't reap the process: its
    /// process id, which is also its group's, stays reserved.
    ///
    /// # Errors
    /// If the system call fails.
    pub fn wait(&mut self) -> io::Result<Exit> {
        system::wait(&mut self.child)
    }

    /// Waits until the process exits, and reaps it: its process id may then be used again.
    ///
    /// # Errors
    /// If the system call fails.
    pub fn reap(&mut self) -> io::Result<()> {
        self.child.wait().map(drop)
    }
}

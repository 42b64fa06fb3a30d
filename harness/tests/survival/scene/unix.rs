use std::io::PipeWriter;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::{Ended, Harness};

/// The environment variable for the folder of temporary files.
pub(super) const TEMPORARY: &str = "TMPDIR";

/// Starts the command in its own group, as a shell does, because Ctrl-C is sent to a group.
pub(super) fn as_a_shell_does(command: &mut Command) {
    command.process_group(0);
}

/// Makes this end inheritable, so that later children and their descendants hold it.
pub(super) fn have_inherited(end: &PipeWriter) {
    fcntl_setfd(end, FdFlags::empty()).expect("the descriptor is open");
}

pub(super) fn is_killed(status: ExitStatus) -> bool {
    status.signal() == Some(Signal::KILL.as_raw())
}

impl Harness {
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the process isn't reaped yet");
    }

    /// Sends a signal to the group, as a terminal does.
    pub(crate) fn signal_group(&self, signal: Signal) {
        kill_process_group(self.pid(), signal).expect("its leader isn't reaped yet");
    }

    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.process)
    }
}

impl Ended {
    /// Returns the signal that killed the harness.
    pub(crate) fn signal(&self) -> Option<i32> {
        self.status.signal()
    }
}

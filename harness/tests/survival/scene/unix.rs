use std::io::PipeWriter;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus};

use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::{Ended, Harness};

/// The variable that says where temporary files are.
pub(super) const TEMPORARY: &str = "TMPDIR";

/// Ctrl-C goes to a whole group.
pub(super) fn as_a_shell_does(command: &mut Command) {
    command.process_group(0);
}

/// Has whoever is started from here on inherit this end, and their descendants.
pub(super) fn have_inherited(end: &PipeWriter) {
    fcntl_setfd(end, FdFlags::empty()).expect("an open descriptor");
}

pub(super) fn is_killed(status: ExitStatus) -> bool {
    status.signal() == Some(Signal::KILL.as_raw())
}

impl Harness {
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("it isn't reaped yet");
    }

    /// As a terminal does it.
    pub(crate) fn signal_group(&self, signal: Signal) {
        kill_process_group(self.pid(), signal).expect("its leader isn't reaped yet");
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.process)
    }
}

impl Ended {
    /// What it was killed by.
    pub(crate) fn signal(&self) -> Option<i32> {
        self.status.signal()
    }
}

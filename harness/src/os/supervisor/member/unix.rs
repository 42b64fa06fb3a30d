use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::OwnedFd;

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};
#[cfg(target_os = "linux")]
use rustix::process::{PidfdFlags, pidfd_open, pidfd_send_signal};

use crate::os::supervisor::ProcessGroup;

/// A living process of a group.
#[derive(Debug)]
pub struct Member {
    pid: Pid,
    /// Stands for the process, even after another one has taken over its number. None if the kernel has
    /// no such descriptors, or none is left.
    #[cfg(target_os = "linux")]
    descriptor: Option<OwnedFd>,
}

impl Member {
    /// Returns the process with this process id if it is in the group and hasn't exited.
    pub fn of(group: &ProcessGroup, pid: u32) -> Option<Member> {
        let number = i32::try_from(pid).ok().and_then(Pid::from_raw)?;
        let member = Member {
            pid: number,
            // Opened before the group is looked at: what is known of the group holds for this process.
            #[cfg(target_os = "linux")]
            descriptor: pidfd_open(number, PidfdFlags::empty()).ok(),
        };
        group.has(pid).then_some(member)
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.pid.as_raw_nonzero().get().unsigned_abs()
    }

    /// Kills the process. Returns `false` if it has exited.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn kill(&self) -> io::Result<bool> {
        self.receive(Signal::KILL)
    }

    /// Asks the process to end. Returns `false` if it has exited.
    ///
    /// # Errors
    /// If the system refuses.
    pub(crate) fn terminate(&self) -> io::Result<bool> {
        self.receive(Signal::TERM)
    }

    /// Sends the process a signal. Returns `false` if it has exited.
    pub(crate) fn receive(&self, signal: Signal) -> io::Result<bool> {
        match self.send(signal) {
            Ok(()) => Ok(true),
            Err(Errno::SRCH) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    #[cfg(target_os = "linux")]
    fn send(&self, signal: Signal) -> Result<(), Errno> {
        match &self.descriptor {
            Some(descriptor) => pidfd_send_signal(descriptor, signal),
            None => kill_process(self.pid, signal),
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn send(&self, signal: Signal) -> Result<(), Errno> {
        kill_process(self.pid, signal)
    }
}

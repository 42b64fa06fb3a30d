use std::io;

use crate::os::supervisor::{ProcessGroup, kill};

/// A living process of a group.
#[derive(Debug)]
pub struct Member {
    pid: u32,
}

impl Member {
    /// Returns the process with this process id if it is in the group and hasn't exited.
    pub fn of(group: &ProcessGroup, pid: u32) -> Option<Member> {
        group.has(pid).then_some(Member { pid })
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Kills the process. Returns `false` if it has exited.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn kill(&self) -> io::Result<bool> {
        kill(self.pid)
    }

    /// Kills the process: no other process can ask it to end here.
    pub(crate) fn terminate(&self) -> io::Result<bool> {
        self.kill()
    }
}

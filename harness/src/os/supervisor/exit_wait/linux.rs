use std::io;
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags};
use rustix::process::{Pid, PidfdFlags, pidfd_open};

use crate::os::poll::poll_until;

/// Returns whether this child exits in this time.
pub(crate) fn child_exits_within(child: &Child, time: Duration) -> io::Result<bool> {
    exits_within(child.id(), time)
}

/// Returns whether the child with this process id, which isn't reaped, exits in this time.
pub(crate) fn exits_within(pid: u32, time: Duration) -> io::Result<bool> {
    let deadline = Instant::now().checked_add(time);
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or(io::ErrorKind::NotFound)?;
    // Readable once the process has exited.
    let exit = pidfd_open(pid, PidfdFlags::empty())?;
    let ready = poll_until(&mut [PollFd::new(&exit, PollFlags::IN)], deadline)?;
    Ok(ready > 0)
}

use std::io;
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, pidfd_open};

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
    loop {
        let timeout = deadline.map(|deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            Timespec {
                tv_sec: left.as_secs() as i64,
                tv_nsec: left.subsec_nanos().into(),
            }
        });
        match poll(&mut [PollFd::new(&exit, PollFlags::IN)], timeout.as_ref()) {
            Ok(ready) => return Ok(ready > 0),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// The longest single wait. Some systems count milliseconds in 32 bits.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// A handle that can be polled.
pub(crate) trait Waitable: AsFd {}

impl<T: AsFd> Waitable for T {}

/// Waits no longer than `within` until a read wouldn't block, and returns whether it wouldn't. `None`
/// waits without limit.
///
/// The handle stays in blocking mode, because every duplicate of it shares the mode.
pub(crate) fn is_readable(of: &impl AsFd, within: Option<Duration>) -> io::Result<bool> {
    Ok(are_ready(&[of.as_fd()], PollFlags::IN, within)? == [true])
}

/// Waits until at least one of several handles can be read without blocking.
pub(crate) fn are_readable(
    of: &[BorrowedFd<'_>],
    within: Option<Duration>,
) -> io::Result<Vec<bool>> {
    are_ready(of, PollFlags::IN, within)
}

/// Waits until a write wouldn't block: there is room, or no reader is left.
pub(crate) fn is_writable(of: &impl AsFd, within: Option<Duration>) -> io::Result<bool> {
    Ok(are_ready(&[of.as_fd()], PollFlags::OUT, within)? == [true])
}

fn are_ready(
    of: &[BorrowedFd<'_>],
    event: PollFlags,
    within: Option<Duration>,
) -> io::Result<Vec<bool>> {
    // A time too far away for the clock is no limit.
    let until = within.and_then(|within| Instant::now().checked_add(within));
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let wait = left.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
        let timeout = Timespec {
            tv_sec: wait.as_secs() as i64,
            tv_nsec: wait.subsec_nanos().into(),
        };
        let fds = of.iter().map(|fd| PollFd::from_borrowed_fd(*fd, event));
        let mut fds: Vec<PollFd<'_>> = fds.collect();
        let ready = match poll(&mut fds, Some(&timeout)) {
            Err(Errno::INTR) => 0,
            done => done?,
        };
        if ready > 0 || left == Some(Duration::ZERO) {
            return Ok(fds
                .iter()
                .map(|fd| ready > 0 && !fd.revents().is_empty())
                .collect());
        }
    }
}

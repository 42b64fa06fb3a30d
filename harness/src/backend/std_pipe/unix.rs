use std::io::{self, PipeReader};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

/// No single wait is longer: some systems count milliseconds in 32 bits.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// Waits until something can be read or the end has come, and says whether it has. It may also
/// come back before the time is over: a signal does that.
///
/// The pipe itself stays a blocking one, for that it is so is shared with every duplicate of it.
pub(super) fn is_readable(pipe: &PipeReader, within: Option<Duration>) -> io::Result<bool> {
    Ok(are_readable(&[pipe], within)? == [true])
}

/// The same of several, as soon as it is so of one of them.
pub(super) fn are_readable(
    pipes: &[&PipeReader],
    within: Option<Duration>,
) -> io::Result<Vec<bool>> {
    let wait = within.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT);
    let timeout = Timespec {
        tv_sec: wait.as_secs() as i64,
        tv_nsec: wait.subsec_nanos().into(),
    };
    let fds = pipes.iter().map(|pipe| PollFd::new(*pipe, PollFlags::IN));
    let mut fds: Vec<PollFd<'_>> = fds.collect();
    match poll(&mut fds, Some(&timeout)) {
        Ok(_) => Ok(fds.iter().map(|fd| !fd.revents().is_empty()).collect()),
        Err(Errno::INTR) => Ok(vec![false; pipes.len()]),
        Err(error) => Err(error.into()),
    }
}

use std::io;

use super::Forked;
use crate::os::supervisor::Stdio3;

/// Makes a copy of this process, which has one thread.
#[expect(unsafe_code, reason = "no safe crate forks")]
pub(super) fn fork(kit: Stdio3) -> io::Result<Forked> {
    // SAFETY: a peer's threads are joined before its next step, and none of theirs forks: nobody can
    // hold a lock that the copy would wait for.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            rustix::stdio::dup2_stdout(&kit.stdout)?;
            rustix::stdio::dup2_stderr(&kit.stderr)?;
            Ok(Forked::Child(kit))
        }
        pid => Ok(Forked::Starter(pid.unsigned_abs())),
    }
}

use std::io;

use super::forked::Forked;
use crate::os::supervisor::Stdio3;

/// Forks this process, which has one thread, and redirects the child's output.
#[expect(unsafe_code, reason = "no safe crate forks")]
pub(super) fn fork(stdio: Stdio3) -> io::Result<Forked> {
    // SAFETY: a peer joins its threads before the next step, and no step of theirs forks. So no other
    // thread can hold a lock that the child would wait for.
    match unsafe { libc::fork() } {
        -1 => Err(io::Error::last_os_error()),
        0 => {
            rustix::stdio::dup2_stdout(&stdio.stdout)?;
            rustix::stdio::dup2_stderr(&stdio.stderr)?;
            Ok(Forked::Child(stdio))
        }
        pid => Ok(Forked::Starter(pid.unsigned_abs())),
    }
}

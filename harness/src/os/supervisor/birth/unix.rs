use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::setpgid;

/// Has the process lead a group, and live through a Ctrl-C that comes before it does.
///
/// It is of our group for a moment. One that is spawned in the quick way has no handler of ours then,
/// and such a signal kills it; one that is forked has, and passes the signal on to us.
#[expect(unsafe_code, reason = "only with a hook is a process forked")]
pub(crate) fn lead_group_from_birth(command: &mut Command) {
    let lead = || setpgid(None, None).map_err(Into::into);
    // SAFETY: all that it does is one system call, and making an error of a number.
    unsafe { command.pre_exec(lead) };
}

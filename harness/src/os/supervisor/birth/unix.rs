use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::setpgid;

/// Makes the command's process lead a group, so that a Ctrl-C doesn't kill it even while it starts.
///
/// For a moment the new process is still in our group. A process from a quick spawn has no signal
/// handler then, and the Ctrl-C kills it. A forked process has our handler, which passes the signal on
/// to us; `pre_exec` makes the standard library fork.
#[expect(unsafe_code, reason = "only a command with a hook forks")]
pub(crate) fn lead_group_from_birth(command: &mut Command) {
    let lead = || setpgid(None, None).map_err(Into::into);
    // SAFETY: the closure makes one system call and converts a number into an error; both are allowed
    // between fork and exec.
    unsafe { command.pre_exec(lead) };
}

use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::process::{setpgid, setsid};

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

/// Makes the command's process lead a group in a session of its own.
///
/// A system sends a hang-up, which kills, to the stopped processes of a group that becomes orphaned: its last
/// process exits whose parent is in another group of the same session. A group alone in its session
/// never becomes orphaned, because it always was. So its leader can exit while another process of it is
/// stopped.
#[expect(unsafe_code, reason = "the standard library can't do this yet")]
pub(crate) fn lead_session_from_birth(command: &mut Command) {
    let lead = || setsid().map(drop).map_err(Into::into);
    // SAFETY: as above.
    unsafe { command.pre_exec(lead) };
}

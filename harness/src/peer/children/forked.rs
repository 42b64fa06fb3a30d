//! The two returns of a fork.

use crate::os::supervisor::Stdio3;

/// In which of the two processes a fork has returned.
#[cfg_attr(windows, expect(dead_code, reason = "Windows has no fork"))]
pub(crate) enum Forked {
    /// In the process that called it, with the child's process id.
    Starter(u32),
    /// In the child, with its own link and outputs.
    Child(Stdio3),
}

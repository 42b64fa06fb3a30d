use std::io;

use super::forked::Forked;
use crate::os::supervisor::Stdio3;

/// Returns an error: Windows has no fork, and no plan for Windows has one.
pub(super) fn fork(_stdio: Stdio3) -> io::Result<Forked> {
    Err(io::ErrorKind::Unsupported.into())
}

use std::io;

use super::Forked;
use crate::os::supervisor::Stdio3;

/// There is no fork here, and no plan asks for one.
pub(super) fn fork(_kit: Stdio3) -> io::Result<Forked> {
    Err(io::ErrorKind::Unsupported.into())
}

use std::io;

use super::waiting::Runtime;

/// Returns a runtime for one end: the system has the written bytes.
pub(super) fn going_on() -> io::Result<Runtime> {
    Runtime::new()
}

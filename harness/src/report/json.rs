//! The event log as JSON lines. `--format json` prints the same bytes that `--log` writes.

#[cfg(feature = "cli")]
mod reading;

use std::io::{self, Write};

use crate::event::Event;

#[cfg(feature = "cli")]
pub(crate) use reading::is_compressed;
#[cfg(feature = "cli")]
pub use reading::{LogError, read, read_file};

/// Writes one event as one line.
pub fn write(event: &Event, out: &mut dyn Write) -> io::Result<()> {
    let mut line = serde_json::to_vec(event)?;
    line.push(b'\n');
    out.write_all(&line)?;
    // A program that follows the log sees each event at once.
    out.flush()
}

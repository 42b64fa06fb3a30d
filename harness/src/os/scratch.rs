//! Files without a name: logs, plans, and what processes print. Nobody can leave them behind.

use std::fs::File;
use std::io;

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// A new empty file without a name. Its handle isn't inheritable.
///
/// # Errors
/// Where the system has no room, or no more handles, for it.
pub fn file() -> io::Result<File> {
    system::file()
}

/// All that is in a file, wherever its cursor stands; the cursor, which may be shared with other
/// processes, stays there.
///
/// # Errors
/// As reading does.
pub fn contents(file: &File) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX)];
    let mut filled = 0;
    while filled < bytes.len() {
        match system::read_at(file, &mut bytes[filled..], filled as u64)? {
            0 => break,
            read => filled += read,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Writes at a place without moving the cursor.
pub(crate) fn write_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = system::write_at(file, bytes, offset)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
        offset += written as u64;
    }
    Ok(())
}

//! Files without a name, for logs, plans and the output of processes. The system deletes them when
//! their last handle closes.

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

/// Creates an empty file without a name. Its handle isn't inheritable.
///
/// # Errors
/// If the system has no room or no handles left.
pub(crate) fn file() -> io::Result<File> {
    system::file()
}

/// Reads the whole file. The cursor, which other processes may share, is neither used nor moved.
///
/// # Errors
/// If reading fails.
pub(crate) fn contents(file: &File) -> io::Result<Vec<u8>> {
    from(file, 0)
}

/// Reads at most so many bytes at the end of the file. If there are more before them, a notice says so.
///
/// # Errors
/// If reading fails.
pub(crate) fn end(file: &File, most: u64) -> io::Result<Vec<u8>> {
    let before = file.metadata()?.len().saturating_sub(most);
    let mut bytes = from(file, before)?;
    if before > 0 {
        let notice = format!("({before} bytes before this were cut)\n");
        bytes.splice(0..0, notice.into_bytes());
    }
    Ok(bytes)
}

fn from(file: &File, offset: u64) -> io::Result<Vec<u8>> {
    let length = file.metadata()?.len().saturating_sub(offset);
    let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
    let mut filled = 0;
    while filled < bytes.len() {
        match system::read_at(file, &mut bytes[filled..], offset + filled as u64)? {
            0 => break,
            read => filled += read,
        }
    }
    bytes.truncate(filled);
    Ok(bytes)
}

/// Writes all bytes at this offset. The cursor is neither used nor moved.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_long_file_begins_with_a_notice() {
        let file = file().unwrap();
        write_at(&file, b"one\ntwo\n", 0).unwrap();
        assert_eq!(end(&file, 8).unwrap(), b"one\ntwo\n");
        assert_eq!(
            end(&file, 4).unwrap(),
            b"(4 bytes before this were cut)\ntwo\n"
        );
    }
}

use std::fs::File;
use std::io;
use std::os::windows::fs::FileExt;

/// Opens a temporary file that the system deletes when its last handle closes.
pub(super) fn file() -> io::Result<File> {
    tempfile::tempfile()
}

pub(super) fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    file.seek_read(bytes, offset)
}

pub(super) fn write_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<usize> {
    file.seek_write(bytes, offset)
}

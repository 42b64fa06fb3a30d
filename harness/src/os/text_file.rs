//! Files that people write.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

/// The largest case, list of divergences or description of an adapter in bytes.
pub(crate) const LARGEST: u64 = 1 << 20;

/// Reads a whole file of at most this many bytes. Doesn't wait for the other end of a named pipe.
///
/// # Errors
/// If it isn't a file, is larger, or can't be read.
pub(crate) fn read(path: &Path, largest: u64) -> io::Result<Vec<u8>> {
    let found = fs::metadata(path)?;
    let wrong = |what| Err(io::Error::new(ErrorKind::InvalidInput, what));
    if found.is_dir() {
        return wrong("it is a folder".to_owned());
    }
    if !found.is_file() {
        return wrong("it isn't a file".to_owned());
    }
    if found.len() > largest {
        let length = found.len();
        return wrong(format!(
            "it has {length} bytes, and at most {largest} are allowed"
        ));
    }
    fs::read(path)
}

/// Reads a text file of at most [`LARGEST`] bytes.
///
/// # Errors
/// As [`read`], and if it isn't UTF-8.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    read_text_of(path, LARGEST)
}

/// Reads a text file of at most this many bytes.
///
/// # Errors
/// As [`read_text`].
pub(crate) fn read_text_of(path: &Path, largest: u64) -> io::Result<String> {
    let bytes = read(path, largest)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(ErrorKind::InvalidData, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "text").unwrap();
        assert_eq!(read(&file, 4).unwrap(), b"text");
        let error = read(&file, 3).unwrap_err().to_string();
        assert_eq!(error, "it has 4 bytes, and at most 3 are allowed");
    }

    #[test]
    fn a_folder_is_no_file() {
        let folder = tempfile::TempDir::new().unwrap();
        let error = read_text(folder.path()).unwrap_err().to_string();
        assert_eq!(error, "it is a folder");
    }

    #[cfg(unix)]
    #[test]
    fn a_named_pipe_is_no_file() {
        let folder = tempfile::TempDir::new().unwrap();
        let pipe = folder.path().join("pipe");
        let mut make = std::process::Command::new("mkfifo");
        assert!(make.arg(&pipe).status().unwrap().success());
        let error = read_text(&pipe).unwrap_err().to_string();
        assert_eq!(error, "it isn't a file");
    }
}

//! Golden files. They have insta's format, so that its tools can review them.

use std::io;
use std::path::{Path, PathBuf};

use super::{Golden, GoldenError};
use crate::os::text_file;

/// The largest golden in bytes.
const LARGEST: u64 = 64 << 20;

const FENCE: &str = "---";

/// A golden file that can't be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GoldenFileError {
    /// The file can't be read.
    #[error("can't read {}: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The error.
        error: io::Error,
    },
    /// The header has no end.
    #[error("{} has no contents: its header has no closing `---`", path.display())]
    NoContents {
        /// The file.
        path: PathBuf,
    },
    /// The contents are not a golden.
    #[error("{}: its contents' {error}", path.display())]
    Wrong {
        /// The file.
        path: PathBuf,
        /// The mistake.
        error: GoldenError,
    },
}

/// Reads a golden; returns `None` if there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<Golden>, GoldenFileError> {
    let text = match text_file::read_text_of(path, LARGEST) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            let path = path.to_owned();
            return Err(GoldenFileError::Unreadable { path, error });
        }
    };
    parse(path, &text).map(Some)
}

/// Returns the golden with this text. `path` is for errors.
pub(crate) fn parse(path: &Path, text: &str) -> Result<Golden, GoldenFileError> {
    let contents = contents(text).ok_or_else(|| GoldenFileError::NoContents {
        path: path.to_owned(),
    })?;
    Golden::parse(contents).map_err(|error| GoldenFileError::Wrong {
        path: path.to_owned(),
        error,
    })
}

/// Returns the text after a snapshot's header, or the whole text without a header. Returns `None` if
/// the header has no end.
pub(crate) fn contents(text: &str) -> Option<&str> {
    let Some(header) = text.strip_prefix(FENCE) else {
        return Some(text);
    };
    let mut rest = header;
    loop {
        let (_, after) = rest.split_once('\n')?;
        rest = after;
        let line = rest.lines().next()?;
        if line.trim_end() == FENCE {
            return Some(rest[FENCE.len()..].trim_start_matches(['\r', '\n']));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::as_insta_writes("---\nsource: a.rs\nexpression: b\n---\nreader\n", Some("reader\n"))]
    #[case::no_header("reader\n", Some("reader\n"))]
    #[case::dashes_in_the_contents("---\na: b\n---\nx\n---\n", Some("x\n---\n"))]
    #[case::with_carriage_returns("---\r\na: b\r\n---\r\nx\r\n", Some("x\r\n"))]
    #[case::never_closed("---\nsource: a.rs\n", None)]
    #[case::no_contents("---\na: b\n---\n", Some(""))]
    fn contents_follow_the_header(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(contents(text), expected);
    }

    #[test]
    fn a_case_without_a_golden_is_no_error() {
        assert!(read(Path::new("no/such/golden.snap")).unwrap().is_none());
    }
}

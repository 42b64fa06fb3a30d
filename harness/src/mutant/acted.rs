//! The note that a fault acted, which the self-test reads.
//!
//! The note is a file with the time at which the fault first acted. Its path travels in the parcels of a
//! mutant that has one, so that every process of a run can leave it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::backend::Parcel;
use crate::os::clock;

/// Where this process leaves its note: a process of a run uses one backend.
static NOTE: OnceLock<PathBuf> = OnceLock::new();

/// Notes that the fault acted in this process, if anyone asked for that.
pub(super) fn note() {
    if let Some(path) = NOTE.get() {
        leave(path);
    }
}

/// Leaves a note at this path. A note that can't be left is missing, so the run doesn't count.
pub(super) fn leave(path: &Path) {
    if !path.exists() {
        let _ = fs::write(path, clock::now().to_string());
    }
}

/// Returns whether a note was left at this path before the harness began to end the run, if it did. After
/// that, no process sees what a fault does.
pub(crate) fn acted_in_time(path: &Path, ended: Option<u64>) -> bool {
    let noted = fs::read_to_string(path).ok();
    let acted: Option<u64> = noted.and_then(|noted| noted.parse().ok());
    acted.is_some_and(|acted| ended.is_none_or(|ended| acted < ended))
}

/// Puts the path of the note before the data of a parcel.
pub(super) fn put_into(parcel: &mut Parcel, note: Option<&Path>) {
    let path = note.and_then(Path::to_str).unwrap_or_default();
    let length = u16::try_from(path.len()).unwrap_or(0);
    let path = &path.as_bytes()[..usize::from(length)];
    let bytes = length.to_le_bytes().into_iter().chain(path.iter().copied());
    parcel.data.splice(..0, bytes);
}

/// Takes the path of the note out of a parcel, and leaves the note there from now on.
pub(super) fn take_from(parcel: &mut Parcel) {
    let Some((length, rest)) = parcel.data.split_first_chunk::<2>() else {
        return;
    };
    let length = usize::from(u16::from_le_bytes(*length));
    if let Some(path) = rest.get(..length)
        && let Ok(path) = std::str::from_utf8(path)
        && !path.is_empty()
    {
        // All parcels of a run have the same path.
        let _ = NOTE.set(PathBuf::from(path));
    }
    parcel.data.drain(..(2 + length).min(parcel.data.len()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taking_the_path_restores_the_other_data() {
        for note in [None, Some(Path::new("/a/note"))] {
            let mut parcel = Parcel {
                data: vec![1, 2, 3],
                handles: Vec::new(),
            };
            put_into(&mut parcel, note);
            take_from(&mut parcel);
            assert_eq!(parcel.data, [1, 2, 3]);
        }
    }

    #[test]
    fn a_fault_acts_in_time_before_the_run_is_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        let begin = clock::now();
        assert!(!acted_in_time(&path, None), "it left no note");
        leave(&path);
        let ended = clock::now() + 1;
        leave(&path);
        assert!(acted_in_time(&path, None));
        assert!(acted_in_time(&path, Some(ended)));
        assert!(!acted_in_time(&path, Some(begin)));
    }
}

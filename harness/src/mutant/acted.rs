//! The note that a fault acted, which the self-test reads.
//!
//! The note is a file. Its path travels in the parcels of a mutant that has one, so that every process of a run
//! can leave it.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::backend::Parcel;

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
        let _ = File::create(path);
    }
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
    fn a_note_is_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("note");
        leave(&path);
        leave(&path);
        assert!(path.exists());
    }
}

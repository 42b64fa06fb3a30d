//! Removes a channel's files after its last end.
//!
//! Every end holds the writing end of a pipe to a helper process. When the last of these closes, also by
//! the death of its process, the helper sees end of stream and removes the files.

use std::fs;
use std::io::{self, PipeReader, PipeWriter, Read};
use std::path::Path;

use ipc_conformance::backend::{Channel, Failure, Handle, Host, Parcel};

/// The writing end of the pipe to the helper. It is held while the files may be needed.
pub(crate) struct Lease(PipeWriter);

impl Lease {
    /// Starts a helper that removes the files whose names begin with `files`.
    pub(crate) fn from_janitor(files: &str, host: &mut dyn Host) -> Result<Lease, Failure> {
        let (end, lease) = io::pipe()?;
        host.start_helper(Parcel {
            data: files.into(),
            handles: vec![end.into()],
        })?;
        Ok(Lease(lease))
    }

    pub(crate) fn to_handle(&self) -> io::Result<Handle> {
        Ok(self.0.try_clone()?.into())
    }
}

/// Returns the beginning of the names of a channel's files.
pub(crate) fn files_of(channel: &Channel, host: &dyn Host) -> Result<String, Failure> {
    host.folder()
        .join(&channel.name)
        .into_os_string()
        .into_string()
        .map_err(|_| Failure::refused("the run's folder has a name that isn't Unicode"))
}

/// Runs the helper.
pub(crate) fn clean(parcel: Parcel) -> io::Result<()> {
    let malformed = || io::Error::other("this isn't a janitor's parcel");
    let handle = parcel.handles.into_iter().next().ok_or_else(malformed)?;
    let files = Path::new(str::from_utf8(&parcel.data).map_err(|_| malformed())?);
    let folder = files.parent().ok_or_else(malformed)?;
    let stem = files.file_name().ok_or_else(malformed)?;

    PipeReader::from(handle).read_to_end(&mut Vec::new())?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // A channel's name has no dot, so it ends before the first dot of a file's name.
        if path.file_prefix() == Some(stem) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

//! Takes a channel's files away behind its last end.
//!
//! Every end holds a line to a helper process. When the last has let go of it, be it by dying, the
//! helper hears the end of the line and removes the files.

use std::fs;
use std::io::{self, PipeReader, PipeWriter, Read};
use std::path::Path;

use ipc_conformance::backend::{Channel, Failure, Handle, Host, Parcel};

/// The end of the line that those hold who may still need the files.
pub(crate) struct Line(PipeWriter);

impl Line {
    /// Starts a helper that is to remove the files whose names begin like this.
    pub(crate) fn to_janitor(files: &str, host: &mut dyn Host) -> Result<Line, Failure> {
        let (end, line) = io::pipe()?;
        host.start_helper(Parcel {
            data: files.into(),
            handles: vec![end.into()],
        })?;
        Ok(Line(line))
    }

    pub(crate) fn to_handle(&self) -> io::Result<Handle> {
        Ok(self.0.try_clone()?.into())
    }
}

/// What the names of a channel's files begin with.
pub(crate) fn files_of(channel: &Channel, host: &dyn Host) -> Result<String, Failure> {
    host.folder()
        .join(&channel.name)
        .into_os_string()
        .into_string()
        .map_err(|_| Failure::refused("the run's folder has a name that is no Unicode"))
}

/// What the helper does.
pub(crate) fn clean(parcel: Parcel) -> io::Result<()> {
    let malformed = || io::Error::other("this parcel is none of a janitor's");
    let handle = parcel.handles.into_iter().next().ok_or_else(malformed)?;
    let files = Path::new(str::from_utf8(&parcel.data).map_err(|_| malformed())?);
    let folder = files.parent().ok_or_else(malformed)?;
    let stem = files.file_name().ok_or_else(malformed)?;

    PipeReader::from(handle).read_to_end(&mut Vec::new())?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        // A channel's name has no dot in it, so what stands before the first is that name.
        if path.file_prefix() == Some(stem) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

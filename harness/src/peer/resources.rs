//! The resources of a process that its threads don't share.

use std::path::PathBuf;

use super::children::Children;
use crate::registry::Registry;

/// What only the process's first thread has.
pub(super) struct ProcessResources {
    pub(super) registry: Registry,
    /// The folder for names and files of channels that this process opens.
    pub(super) folder: PathBuf,
    pub(super) children: Children,
    pub(super) descriptors_before: Option<u64>,
}

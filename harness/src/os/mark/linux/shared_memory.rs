//! Shared memory and semaphores with names, which are files in one folder and outlive their processes.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::process::getuid;

use crate::os::supervisor::processes;

const FOLDER: &str = "/dev/shm/";
/// The kernel writes this after the path of a removed file.
const REMOVED: &str = " (deleted)";

/// Returns the names that a process has mapped or opened.
pub(super) fn names_of(pid: u32) -> impl Iterator<Item = PathBuf> {
    let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
    let mapped: Vec<PathBuf> = maps
        .lines()
        .filter_map(|line| line.find(FOLDER).map(|start| PathBuf::from(&line[start..])))
        .collect();
    let open = fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten();
    let open = open
        .flatten()
        .filter_map(|one| fs::read_link(one.path()).ok());
    mapped
        .into_iter()
        .chain(open)
        .filter(|path| path.starts_with(FOLDER) && !path.to_string_lossy().ends_with(REMOVED))
}

/// Removes those of these names that this user made since then and that only killed processes use.
pub(super) fn remove(mut names: BTreeSet<PathBuf>, since: SystemTime, killed: &BTreeSet<u32>) {
    names.retain(|name| is_ours(name, since));
    if names.is_empty() {
        return;
    }
    for pid in processes().into_iter().filter(|pid| !killed.contains(pid)) {
        for used in names_of(pid) {
            names.remove(&used);
        }
    }
    for name in names {
        // Another process may have removed it.
        let _ = fs::remove_file(name);
    }
}

fn is_ours(name: &Path, since: SystemTime) -> bool {
    fs::symlink_metadata(name).is_ok_and(|found| {
        let is_new = found.created().is_ok_and(|made| made >= since);
        found.is_file() && found.uid() == getuid().as_raw() && is_new
    })
}

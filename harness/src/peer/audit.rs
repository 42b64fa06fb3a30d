//! How many descriptors (Unix) or handles (Windows) this process has open.

#[cfg(unix)]
pub(super) fn open_descriptors() -> Option<u64> {
    let folder = if cfg!(target_os = "linux") {
        "/proc/self/fd"
    } else {
        "/dev/fd"
    };
    let names = std::fs::read_dir(folder).ok()?;
    Some(names.count() as u64)
}

/// Windows counts handles that its own libraries open when they like: no evidence.
#[cfg(windows)]
pub(super) fn open_descriptors() -> Option<u64> {
    None
}

//! A process group that exists before an interruption can reach its leader.

#[cfg(unix)]
mod unix;

#[cfg(unix)]
pub(crate) use unix::lead_group_from_birth;

/// Windows has no such process groups.
#[cfg(windows)]
pub(crate) fn lead_group_from_birth(_command: &mut std::process::Command) {}

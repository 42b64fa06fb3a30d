//! A process that is born in the moment of an interruption.

#[cfg(unix)]
mod unix;

#[cfg(unix)]
pub(crate) use unix::lead_group_from_birth;

/// There are no such groups.
#[cfg(windows)]
pub(crate) fn lead_group_from_birth(_command: &mut std::process::Command) {}

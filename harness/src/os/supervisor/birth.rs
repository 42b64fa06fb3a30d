//! A process group or a session that a process leads from its birth.

#[cfg(unix)]
mod unix;

#[cfg(unix)]
pub(crate) use unix::{lead_group_from_birth, lead_session_from_birth};

/// Windows has no such process groups.
#[cfg(windows)]
pub(crate) fn lead_group_from_birth(_command: &mut std::process::Command) {}

/// Windows has no such sessions.
#[cfg(windows)]
pub(crate) fn lead_session_from_birth(_command: &mut std::process::Command) {}

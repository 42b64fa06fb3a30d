//! Promises about processes: exits, kills, pauses, separate memory, and what is left after the run.

pub(super) mod exit;
pub(super) mod isolation;
pub(super) mod join;
pub(super) mod kill;
pub(super) mod pause;
pub(super) mod residue;

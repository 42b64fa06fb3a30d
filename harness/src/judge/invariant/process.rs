//! What processes do to one another: exits, kills, pauses, memory, and what they leave.

pub(super) mod exit;
pub(super) mod isolation;
pub(super) mod kill;
pub(super) mod pause;
pub(super) mod peer_gone;
pub(super) mod residue;

use crate::backend::Emulation;

/// Programs that emulate Unix aren't recognized.
pub(super) fn emulation() -> Option<Emulation> {
    None
}

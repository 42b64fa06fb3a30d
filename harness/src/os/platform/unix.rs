use crate::backend::Emulation;

/// Nothing that runs programs of Unix elsewhere is told apart from it.
pub(super) fn emulation() -> Option<Emulation> {
    None
}

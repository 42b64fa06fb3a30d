use crate::backend::Emulation;

/// Programs that emulate Unix aren't recognized.
pub(super) fn emulation() -> Option<Emulation> {
    None
}

pub(super) fn kernel() -> String {
    let names = rustix::system::uname();
    let [system, release] = [names.sysname(), names.release()].map(|name| name.to_string_lossy());
    format!("{system} {release}")
}

use crate::os::patience::hindrance::Hindrance;

/// Returns nothing: this system doesn't report it.
pub(in crate::os::patience) fn hindrance(_pid: u32) -> Option<Hindrance> {
    None
}

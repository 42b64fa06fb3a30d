use crate::os::patience::hindrance::Hindrance;

/// Returns nothing: this system doesn't report it.
pub(crate) fn hindrance(_pid: u32) -> Option<Hindrance> {
    None
}

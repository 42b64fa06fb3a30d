use std::time::Duration;

use crate::os::patience::hindrance::Hindrance;

/// Returns nothing: this system doesn't report it.
pub(crate) fn hindrance(_pid: u32) -> Option<Hindrance> {
    None
}

/// Returns nothing: this system doesn't report it.
pub(crate) fn own_delay() -> Duration {
    Duration::ZERO
}

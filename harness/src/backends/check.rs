//! Checks of a channel that built-in backends share.

use crate::backend::{Channel, Failure, Kind};

/// Refuses a channel whose kind isn't the backend's.
pub(super) fn check_kind(ours: Kind, channel: &Channel) -> Result<(), Failure> {
    if channel.kind == ours {
        return Ok(());
    }
    Err(Failure::refused(format!(
        "\"{}\" is a {}, and this backend makes only {ours}s",
        channel.name, channel.kind
    )))
}

/// Refuses a channel that isn't a queue, and a queue that could never hold an item.
pub(super) fn check_queue(channel: &Channel) -> Result<(), Failure> {
    check_kind(Kind::Queue, channel)?;
    if channel.capacity == Some(0) {
        return Err(Failure::refused(
            "a queue with a capacity of 0 could never hold an item",
        ));
    }
    Ok(())
}

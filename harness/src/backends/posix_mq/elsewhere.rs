//! Systems without these queues.

use super::limits::MqLimits;
use crate::backend::{Attached, Failure, Opened, Parcel};

pub(super) fn limits() -> Option<MqLimits> {
    None
}

pub(super) fn open(_capacity: Option<u64>) -> Result<Box<dyn Opened>, Failure> {
    Err(nowhere())
}

pub(super) fn attach(_parcel: Parcel) -> Result<Attached, Failure> {
    Err(nowhere())
}

fn nowhere() -> Failure {
    Failure::refused("this system has no POSIX message queues")
}

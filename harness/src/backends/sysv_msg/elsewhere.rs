//! Systems without these queues, or without declarations of their calls.

use std::io;

use super::limits::MsgLimits;
use crate::backend::{Attached, Failure, Host, Opened, Parcel};

const NOWHERE: &str = "System V message queues are called on Linux only";

pub(super) fn limits() -> Option<MsgLimits> {
    None
}

pub(super) fn open(_host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
    Err(Failure::refused(NOWHERE))
}

pub(super) fn attach(_parcel: Parcel) -> Result<Attached, Failure> {
    Err(Failure::refused(NOWHERE))
}

pub(super) fn help(_parcel: Parcel) -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, NOWHERE))
}

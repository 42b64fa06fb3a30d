//! One direction of a live end, which may be closed or missing.

use std::io::ErrorKind;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::bytes::{ByteSink, ByteSource};
use crate::backend::{Failure, Outcome};

pub(super) type ReadHalf = OneDirection<Box<dyn ByteSource>>;
pub(super) type WriteHalf = OneDirection<Box<dyn ByteSink>>;

pub(crate) const ONLY_SENDS: &str = "this end only sends";
pub(crate) const ONLY_RECEIVES: &str = "this end only receives";

/// One direction of an end.
#[derive(Clone)]
pub(crate) enum OneDirection<T> {
    Open(T),
    Closed,
    /// This side never had this direction, for this reason.
    Absent(&'static str),
}

impl<T> OneDirection<T> {
    pub(crate) fn of(half: Option<T>, absent: &'static str) -> OneDirection<T> {
        half.map_or(OneDirection::Absent(absent), OneDirection::Open)
    }

    pub(crate) fn get(&mut self) -> Result<&mut T, Failure> {
        match self {
            OneDirection::Open(half) => Ok(half),
            OneDirection::Closed => {
                Err(Failure::new(Outcome::Closed, "this end was closed before"))
            }
            OneDirection::Absent(why) => Err(Failure::refused(*why)),
        }
    }
}

impl<S: ByteSink + ?Sized> OneDirection<Box<S>> {
    pub(crate) fn half_close(&mut self) -> Result<(), Failure> {
        self.get()?.close().map_err(|error| match error.kind() {
            ErrorKind::Unsupported => Failure::refused(error.to_string()),
            _ => error.into(),
        })?;
        *self = OneDirection::Closed;
        Ok(())
    }
}

/// Locks one direction of an end. Threads that share the end wait here only if they use the same
/// direction.
pub(crate) fn lock<T>(direction: &Mutex<T>) -> MutexGuard<'_, T> {
    direction.lock().unwrap_or_else(PoisonError::into_inner)
}

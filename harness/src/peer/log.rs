//! The record of what one process did, which survives its death.
//!
//! A log is a shared mapping of fixed records. A record is written in two phases: what is about to
//! be done, then state 1; after the call what came of it, then state 2. No system call stands
//! between, and whoever holds the file can read it after a SIGKILL: what is in state 1 is what the
//! process was waiting in.
//!
//! Space is reserved, by writing zeros, and prefaulted in chunks, so that a full disk is an error
//! of [`Log::begin`] and not a SIGBUS.

mod memory;
mod record;
mod store;

pub use memory::{Begun, Log};
pub use record::{Begin, Return};
pub use store::{Glance, Recorded};

use std::fs::File;
use std::io;

use crate::os::scratch;

/// A new log's file, with its first chunk reserved.
///
/// # Errors
/// Where there is no room for it.
pub fn create() -> io::Result<File> {
    let file = scratch::file()?;
    memory::reserve(&file, 0)?;
    Ok(file)
}

/// Everything recorded so far; safe while the process is still writing.
///
/// # Errors
/// As mapping the file does.
pub fn read(file: &File) -> io::Result<Recorded> {
    Ok(store::decode(memory::words(file)?.as_words()))
}

/// What is under way by now; quick, for it goes on where an earlier glance ended.
///
/// # Errors
/// As mapping the file does.
pub fn glance(file: &File, earlier: &Glance) -> io::Result<Glance> {
    Ok(store::glance(memory::words(file)?.as_words(), earlier))
}

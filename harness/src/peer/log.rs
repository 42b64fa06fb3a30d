//! The log of one process's operations, which outlives the process.
//!
//! A log is a file that several processes map into memory. It consists of records of a fixed size,
//! which are written in two phases: before the call the operation and state 1, after the call its
//! result and state 2. Recording makes no system call. Any process that has the file can read it after
//! a SIGKILL: the records in state 1 are the operations that the killed process was in.
//!
//! Space is allocated in chunks, by writing zeros, and the chunks' pages are prefaulted. So a full
//! disk is an error of [`LogWriter::begin`], not a SIGBUS.

mod memory;
mod reader;
mod record;
mod store;

pub use memory::{Begun, LogWriter};
pub use reader::{Glance, LogContents};
pub use record::{BeginRecord, ReturnRecord};

use std::fs::File;
use std::io;

use crate::os::scratch;

/// Creates the file of a new log, and allocates its first chunk.
///
/// # Errors
/// If there is no room for it.
pub fn create() -> io::Result<File> {
    let file = scratch::file()?;
    memory::reserve(&file, 0)?;
    Ok(file)
}

/// Reads everything that is recorded so far. The process may still be writing.
///
/// # Errors
/// If mapping the file fails.
pub fn read(file: &File) -> io::Result<LogContents> {
    Ok(reader::decode(memory::words(file)?.as_words()))
}

/// Reads only which operations haven't returned. It is quick, because it continues from an `earlier`
/// glance.
///
/// # Errors
/// If mapping the file fails.
pub fn glance(file: &File, earlier: &Glance) -> io::Result<Glance> {
    Ok(reader::glance(memory::words(file)?.as_words(), earlier))
}

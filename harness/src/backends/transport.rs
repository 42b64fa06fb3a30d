//! Pipes and streams over a library that moves bytes.
//!
//! A [`Transport`] says how the library opens, reads and writes, by a [`ByteSource`] and a
//! [`ByteSink`]. [`ByteBackend`] makes two backends of it: one of streams, and one of pipes, whose
//! message boundaries the adapter adds by a length before each message.

mod byte_backend;
mod byte_end;
mod bytes;
pub(crate) mod chunks;
mod forms;
mod half;
mod halves;
pub(super) mod handles;
mod message_end;
pub(super) mod polled;
#[cfg(unix)]
pub(super) mod several;
mod timed_source;

pub use self::byte_backend::ByteBackend;
pub(super) use self::byte_backend::{Transport, framed};
pub(super) use self::bytes::{ByteSink, ByteSource, read_failure, within, write_failure};
pub(super) use self::half::{ONLY_RECEIVES, ONLY_SENDS, OneDirection, lock};
pub(super) use self::halves::Halves;

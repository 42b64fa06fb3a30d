//! What all backends have in common whose library moves bytes from one end to the other.
//!
//! A [`Transport`] says how the library reads and writes, as a [`ByteSource`] and a [`ByteSink`]; two
//! backends, one of pipes and one of streams, and their ends are made of those here. Messages need
//! boundaries, and these are ours: a length before each.

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
pub(super) use self::half::{Half, ONLY_RECEIVES, ONLY_SENDS, lock};
pub(super) use self::halves::Halves;

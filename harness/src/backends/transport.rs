//! Pipes and streams over a library that moves bytes.
//!
//! A [`Transport`] says how the library opens, reads and writes, by a
//! [`ByteSource`](bytes::ByteSource) and a [`ByteSink`](bytes::ByteSink). [`ByteBackend`] makes two
//! backends of it: one of streams, and one of pipes, whose message boundaries the adapter adds by a
//! length before each message.

mod byte_backend;
mod byte_end;
pub(super) mod bytes;
pub(crate) mod chunks;
mod forms;
pub(super) mod half;
mod halves;
pub(super) mod handles;
mod message_end;
pub(super) mod polled;
#[cfg(unix)]
pub(super) mod several;
mod timed_source;

pub(crate) use self::byte_backend::ByteBackend;
pub(super) use self::byte_backend::{Transport, framed, with_framing};
pub(super) use self::halves::Halves;

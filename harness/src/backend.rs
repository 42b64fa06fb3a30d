//! The contract between the harness and a backend: what the author of a library implements.
//!
//! In: a [`Channel`] that a case asks for. Out: the ends that processes use. This room names no
//! other room, so that an author needs nothing else to understand it.
//!
//! # What to implement
//!
//! | trait | required methods |
//! | --- | --- |
//! | [`Backend`] | [`key`](Backend::key), [`capabilities`](Backend::capabilities), [`open`](Backend::open), [`attach`](Backend::attach) |
//! | [`Opened`] | [`grant`](Opened::grant) |
//! | for a queue, [`QueueEnd`] | [`put`](QueueEnd::put), [`get`](QueueEnd::get) |
//! | for a pipe of messages, [`PipeEnd`] | [`send`](PipeEnd::send), [`recv`](PipeEnd::recv) |
//! | for a byte stream, [`StreamEnd`] | [`write`](StreamEnd::write), [`read`](StreamEnd::read) |
//! | for a name to connect to, [`Endpoint`] | [`listen`](Endpoint::listen), [`accept`](Endpoint::accept), [`connect`](Endpoint::connect), [`close`](Endpoint::close) |
//!
//! Every other method has a default. Override it if the library can do what the method is for, and
//! declare the [`Capability`]. The [crate's documentation](crate) opens with a complete backend. A library
//! whose two ends are two types often needs no trait: see the [`prelude`].
//!
//! # The order of calls
//!
//! 1. One process calls [`Backend::open`], and then [`Opened::grant`] once for each process and
//!    side. It calls [`Opened::ready`], which drops the channel.
//! 2. Each process that has an end receives the [`Parcel`] and calls [`Backend::attach`].
//! 3. The process uses its end from one thread, in the order of its steps. It closes the end with
//!    `close`, or drops it. A process may also exit or be killed at any moment.
//! 4. A process that exits in an orderly way calls [`Backend::at_exit`].
//!
//! # Waiting
//!
//! Each operation has a [`Wait`]: block until it is done, try once, or wait no longer than a
//! [`Duration`](std::time::Duration). The harness uses try and timed forms only if the backend
//! declares them ([`Capability::TryGet`], [`Capability::TimedPut`], …).
//! [`Wait::require_blocking`] refuses them for a library that only blocks. An operation that
//! never returns is found and reported; don't add timeouts of your own.
//!
//! # Errors
//!
//! A [`Failure`] has an [`Outcome`], which says what the library's error means, by the library's
//! own documentation. An undocumented error is [`Outcome::Error`], and `?` turns an
//! [`io::Error`](std::io::Error) into it. Report no error as success, and don't repeat failed calls.
//!
//! # Honesty
//!
//! **An adapter never makes a library look better than it is, nor worse**: it calls the library as
//! documented, and reports what the library said. Anything that the backend adds to the library,
//! such as message boundaries, is declared as [composed](Capabilities::composed).

mod about;
mod capability;
mod channel;
mod contract;
pub(crate) mod encoding;
mod ends;
mod error_name;
mod failure;
mod key;
mod outcome;
pub mod prelude;
mod schema;
mod system;
mod wait;

pub use about::About;
pub use capability::{Capabilities, Capability, LargestDepth, Support};
pub use channel::{Channel, EndpointOptions, Grant, Kind, Side};
pub use contract::{Attached, Backend, Handle, Host, Opened, Parcel};
pub use ends::{Accepted, Endpoint, PipeEnd, QueueEnd, StreamEnd};
pub use error_name::{ErrorName, RawError};
pub use failure::Failure;
pub use key::Key;
pub use outcome::Outcome;
pub(crate) use schema::with_schema;
pub use system::{Emulation, Platform, System};
pub use wait::Wait;

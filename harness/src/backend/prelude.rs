//! A backend of a few closures, for a library whose two ends are two types.
//!
//! ```no_run
//! # mod toy {
//! #     use std::io::{self, PipeReader, PipeWriter, Read, Write};
//! #     pub fn channel() -> io::Result<(PipeWriter, PipeReader)> { io::pipe().map(|(rx, tx)| (tx, rx)) }
//! #     pub fn send(tx: &mut PipeWriter, message: &[u8]) -> io::Result<()> { tx.write_all(message) }
//! #     pub fn recv(rx: &mut PipeReader) -> io::Result<Vec<u8>> { Ok(Vec::new()) }
//! # }
//! use std::io::{Error, ErrorKind};
//!
//! use ipc_conformance::prelude::*;
//!
//! ipc_conformance::conformance! {
//!     pipe("toy")
//!         .given(toy::channel)
//!         .send(toy::send)
//!         .recv(toy::recv)
//!         .error(|error: &Error| match error.kind() {
//!             ErrorKind::UnexpectedEof => Outcome::End,
//!             ErrorKind::BrokenPipe => Outcome::Gone,
//!             _ => Outcome::Error,
//!         })
//!         .can([Capability::EndOnClose])
//! }
//! ```
//!
//! [`pipe`], [`queue`] and [`stream`] begin a backend. One word says how an end comes to its process:
//!
//! | word | the library's ends |
//! | --- | --- |
//! | [`given`](Named::given) | are made together, and each is one handle, which the harness passes on |
//! | [`inherited`](Named::inherited) | are the same, and a forked process has those of its parent |
//! | [`named`](Named::named) | are opened by a name, which is a path |
//!
//! The methods of [`Simple`] then say how the library is called. What they can't say needs the traits of
//! [`backend`](crate::backend), over which this is a layer.

mod calls;
mod end;
mod handover;
mod simple;

use std::path::Path;

pub use super::{Capability, Failure, Outcome, System};
use super::{Handle, Key, Kind};
use calls::AnyError;
use handover::Handover;
pub use simple::Simple;

/// Begins a backend for a pipe: whole messages from one end to the other.
pub fn pipe(name: impl Into<String>) -> Named {
    Named(Key::new(Kind::Pipe, name))
}

/// Begins a backend for a queue: whole items, which any process puts and gets.
pub fn queue(name: impl Into<String>) -> Named {
    Named(Key::new(Kind::Queue, name))
}

/// Begins a backend for a stream: bytes without boundaries.
pub fn stream(name: impl Into<String>) -> Named {
    Named(Key::new(Kind::Stream, name))
}

/// A channel that has a kind and a name. Next comes how its ends get to their processes.
#[derive(Clone, Debug)]
pub struct Named(Key);

impl Named {
    /// `open` makes both ends. Each is one handle, which the harness passes on to other processes.
    pub fn given<T, R, E>(
        self,
        open: impl Fn() -> Result<(T, R), E> + Send + Sync + 'static,
    ) -> Simple<T, R>
    where
        T: Into<Handle> + From<Handle> + 'static,
        R: Into<Handle> + From<Handle> + 'static,
        E: Into<AnyError>,
    {
        Simple::new(self.0, Handover::given(open))
    }

    /// As [`given`](Named::given). A forked process has the ends of its parent, and a process of a case
    /// may open the channel and pass the ends on.
    pub fn inherited<T, R, E>(
        self,
        open: impl Fn() -> Result<(T, R), E> + Send + Sync + 'static,
    ) -> Simple<T, R>
    where
        T: Into<Handle> + From<Handle> + 'static,
        R: Into<Handle> + From<Handle> + 'static,
        E: Into<AnyError>,
    {
        self.given(open).inherited()
    }

    /// `create` makes the channel that has this path as its name, before any process has an end. `tx` and
    /// `rx` open an end of it in a process. The harness removes the folder of the path after the run.
    pub fn named<T, R, E, F, G>(
        self,
        create: impl Fn(&Path) -> Result<(), E> + Send + Sync + 'static,
        tx: impl Fn(&Path) -> Result<T, F> + Send + Sync + 'static,
        rx: impl Fn(&Path) -> Result<R, G> + Send + Sync + 'static,
    ) -> Simple<T, R>
    where
        T: 'static,
        R: 'static,
        E: Into<AnyError>,
        F: Into<AnyError>,
        G: Into<AnyError>,
    {
        Simple::new(self.0, Handover::named(create, tx, rx))
    }
}

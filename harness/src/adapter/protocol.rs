//! The adapter protocol: the messages between the harness and an adapter.
//!
//! Each message is a line of JSON: an object with one key, the message's name. The harness writes to
//! the adapter's standard input and reads its standard output. The [`Plan`](crate::plan::Plan) contains
//! everything else that a run needs; what the case expects is never sent.

pub mod account;
mod breach;
mod hosted;
mod message;
mod operation;
mod parts;
pub mod schema;

pub use breach::Breach;
pub use hosted::{Declared, Hosted};
pub(crate) use message::MOST_OUTPUT;
pub use message::{EARLIER_VERSION, FromAdapter, LONGEST_LINE, ToAdapter, VERSION};
pub use operation::{LibraryError, OperationBegan, OperationReturned};
pub use parts::{Ask, Bytes, Exited, OutputStream, RunNumber};

//! What a backend of endpoints writes beside its ends.

use std::any::Any;

use super::{Failure, PipeEnd};
use crate::backend::Wait;

/// What a process has of an endpoint. It is given to every process that listens or connects there,
/// and nothing is bound before one of them listens. Dropping it closes its listener.
pub trait Endpoint: Any + Send {
    /// Has the name lead here from now on; taken where it leads to another listener.
    /// With `replace` the name is taken over, by whatever means the library has for that.
    fn listen(&mut self, replace: bool) -> Result<(), Failure>;

    /// Takes the next connection; empty or timeout where there is none, denied where the channel has
    /// a key and whoever connected doesn't know it.
    fn accept(&mut self, wait: Wait) -> Result<Accepted, Failure>;

    /// Connects, knowing this key; absent where nobody listens, denied where this process may not,
    /// or where not both sides know the same key. Only who declares
    /// [`Authentication`](crate::backend::Capability::Authentication) is asked for a key.
    fn connect(&mut self, key: Option<&str>, wait: Wait) -> Result<Box<dyn PipeEnd>, Failure>;

    /// Stops listening, as the library says.
    fn close(&mut self) -> Result<(), Failure>;
}

/// A connection that somebody else made.
pub struct Accepted {
    /// This process's end of it.
    pub connection: Box<dyn PipeEnd>,
    /// The number of the process that connected, where the library says it.
    pub peer: Option<u32>,
}

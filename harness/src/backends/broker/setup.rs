//! What the server of a queue is started with.

use serde::{Deserialize, Serialize};

/// The queue and its clients, as the server receives them at its start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ServerSetup {
    /// The largest number of items in the queue; `None` for no bound.
    pub(super) capacity: Option<u64>,
    /// The role of each client, in the order of their pipes.
    pub(super) clients: Vec<ClientRole>,
}

/// What a client is expected to do. It may do the other too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClientRole {
    /// Whether it puts. The queue hasn't ended while such a client is left.
    pub(crate) puts: bool,
    /// Whether it gets. A full queue may get room while such a client is left.
    pub(crate) gets: bool,
}

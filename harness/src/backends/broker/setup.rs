//! What the server of a queue must know before it starts.

use serde::{Deserialize, Serialize};

/// What the server has to know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ServerSetup {
    /// The most items that it holds; none for as many as there is room for.
    pub(super) capacity: Option<u64>,
    /// One for each line, in their order.
    pub(super) clients: Vec<ClientRole>,
}

/// What a client is there for. It may still do the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClientRole {
    /// The queue hasn't ended as long as such a client is there.
    pub(crate) puts: bool,
    /// A full queue may get room as long as such a client is there.
    pub(crate) gets: bool,
}

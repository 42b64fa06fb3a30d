//! What a backend can do, by the library's own means or by ours, and what a case needs of it.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::backend::Kind;

/// Something that a library's own interface offers, or doesn't.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Asking whether something can be received.
    Poll,
    /// Forms of getting, receiving, reading and polling that return at once.
    TryGet,
    /// Forms of putting, sending and writing that return at once.
    TryPut,
    /// Forms of getting, receiving, reading and polling that take a timeout.
    TimedGet,
    /// Forms of putting, sending and writing that take a timeout.
    TimedPut,
    /// Both ends send.
    Duplex,
    /// Closing one direction only.
    HalfClose,
    /// Message boundaries are kept.
    Boundaries,
    /// An empty message is a message.
    ZeroLength,
    /// A bound on the number of items that a case chooses.
    Capacity,
    /// Several processes may put, send or write to one end.
    SeveralProducers,
    /// Several processes may get, receive or read from one end.
    SeveralConsumers,
    /// Closed by all who put and drained, a get says so.
    EndOnClose,
    /// Empty is only said of an empty channel.
    StrictEmpty,
    /// All operations together behave as one queue, one after the other.
    Linearizable,
    /// What is changed after a put isn't changed in the message.
    SnapshotAtPut,
    /// Values other than bytes.
    Values,
    /// Several threads of a process may use one end at once, each for its own direction or, where
    /// several processes may, for the same.
    Threads,
    /// Asking of several ends at once whether something can be received.
    PollSeveral,
    /// A process may hold ends of several channels.
    SeveralChannels,
    /// A send waits where there is no room, and room there is only so much of.
    Backpressure,
    /// What a process puts after it has seen another's put done isn't got before that one's item.
    Causal,
    /// A process other than the supervisor can open the channel, and hand its ends over.
    OpenInPeer,
    /// Accepting at an endpoint without waiting for a connection.
    TryAccept,
    /// Accepting at an endpoint with a timeout.
    TimedAccept,
    /// Connecting to an endpoint without waiting for room among those that are not accepted yet.
    TryConnect,
    /// Connecting to an endpoint with a timeout.
    TimedConnect,
    /// Listening at a name that another listener left behind, or still has.
    ReplaceName,
    /// A listener that is closed takes its name with it.
    UnlinksName,
    /// Who may connect to an endpoint, as Unix writes it.
    AccessMode,
    /// How many clients may wait to be accepted at an endpoint, as a case chooses.
    Backlog,
    /// Whoever accepts is told which process connected.
    PeerIdentity,
    /// Writing bytes beneath the messages of a connection.
    Raw,
    /// Whoever connects proves to know a key before anything else, and so does the listener.
    Authentication,
    /// Processes that are fresh images of the program.
    Spawn,
    /// Processes that are copies of their starter.
    Fork,
    /// Processes that are copies of a fresh server.
    Forkserver,
}

impl Capability {
    /// Every capability.
    pub const ALL: [Capability; 37] = [
        Capability::Poll,
        Capability::TryGet,
        Capability::TryPut,
        Capability::TimedGet,
        Capability::TimedPut,
        Capability::Duplex,
        Capability::HalfClose,
        Capability::Boundaries,
        Capability::ZeroLength,
        Capability::Capacity,
        Capability::SeveralProducers,
        Capability::SeveralConsumers,
        Capability::EndOnClose,
        Capability::StrictEmpty,
        Capability::Linearizable,
        Capability::SnapshotAtPut,
        Capability::Values,
        Capability::Threads,
        Capability::PollSeveral,
        Capability::SeveralChannels,
        Capability::Backpressure,
        Capability::Causal,
        Capability::OpenInPeer,
        Capability::TryAccept,
        Capability::TimedAccept,
        Capability::TryConnect,
        Capability::TimedConnect,
        Capability::ReplaceName,
        Capability::UnlinksName,
        Capability::AccessMode,
        Capability::Backlog,
        Capability::PeerIdentity,
        Capability::Raw,
        Capability::Authentication,
        Capability::Spawn,
        Capability::Fork,
        Capability::Forkserver,
    ];

    /// The word for it in case files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Capability::Poll => "poll",
            Capability::TryGet => "try-get",
            Capability::TryPut => "try-put",
            Capability::TimedGet => "timed-get",
            Capability::TimedPut => "timed-put",
            Capability::Duplex => "duplex",
            Capability::HalfClose => "half-close",
            Capability::Boundaries => "boundaries",
            Capability::ZeroLength => "zero-length",
            Capability::Capacity => "capacity",
            Capability::SeveralProducers => "several-producers",
            Capability::SeveralConsumers => "several-consumers",
            Capability::EndOnClose => "end-on-close",
            Capability::StrictEmpty => "strict-empty",
            Capability::Linearizable => "linearizable",
            Capability::SnapshotAtPut => "snapshot-at-put",
            Capability::Values => "values",
            Capability::Threads => "threads",
            Capability::PollSeveral => "poll-several",
            Capability::SeveralChannels => "several-channels",
            Capability::Backpressure => "backpressure",
            Capability::Causal => "causal",
            Capability::OpenInPeer => "open-in-peer",
            Capability::TryAccept => "try-accept",
            Capability::TimedAccept => "timed-accept",
            Capability::TryConnect => "try-connect",
            Capability::TimedConnect => "timed-connect",
            Capability::ReplaceName => "replace-name",
            Capability::UnlinksName => "unlinks-name",
            Capability::AccessMode => "access-mode",
            Capability::Backlog => "backlog",
            Capability::PeerIdentity => "peer-identity",
            Capability::Raw => "raw",
            Capability::Authentication => "authentication",
            Capability::Spawn => "spawn",
            Capability::Fork => "fork",
            Capability::Forkserver => "forkserver",
        }
    }

    /// The capability with this word.
    pub fn from_word(word: &str) -> Option<Capability> {
        Capability::ALL
            .into_iter()
            .find(|capability| capability.word() == word)
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// Whose merit a capability is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// The library's own.
    Native,
    /// Ours: an adapter adds it. Never counts for the library.
    Composed,
}

/// What a backend declares on one operating system.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    supported: BTreeMap<Capability, Support>,
    /// The longest message in bytes that it takes; none where it says no limit.
    pub largest_message: Option<u64>,
    /// The largest capacity that a case may ask for; none where it says no limit.
    pub largest_capacity: Option<u64>,
    /// How much a queue holds for which no capacity is asked.
    #[serde(default)]
    pub largest_depth: LargestDepth,
}

/// How much waits in a queue at most; none where it says no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LargestDepth {
    /// Items.
    pub items: Option<u64>,
    /// Bytes of all of them together.
    pub bytes: Option<u64>,
}

impl Capabilities {
    /// Nothing yet.
    pub fn new() -> Capabilities {
        Capabilities::default()
    }

    /// These too, as the library's own.
    pub fn native(self, capabilities: impl IntoIterator<Item = Capability>) -> Capabilities {
        self.with(capabilities, Support::Native)
    }

    /// These too, added by the adapter.
    pub fn composed(self, capabilities: impl IntoIterator<Item = Capability>) -> Capabilities {
        self.with(capabilities, Support::Composed)
    }

    fn with(
        mut self,
        capabilities: impl IntoIterator<Item = Capability>,
        support: Support,
    ) -> Capabilities {
        self.supported.extend(
            capabilities
                .into_iter()
                .map(|capability| (capability, support)),
        );
        self
    }

    /// Whose merit this capability is; none where it is missing.
    pub fn support(&self, capability: Capability) -> Option<Support> {
        self.supported.get(&capability).copied()
    }

    /// Whether it is there, by whatever means.
    pub fn has(&self, capability: Capability) -> bool {
        self.supported.contains_key(&capability)
    }

    /// All that is declared, in the order of [`Capability::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Capability, Support)> {
        self.supported
            .iter()
            .map(|(capability, support)| (*capability, *support))
    }
}

/// One thing that a permutation needs of a backend.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Requirement {
    /// A channel of this kind.
    Kind(Kind),
    /// This capability.
    Capability(Capability),
    /// A message of so many bytes.
    Message(u64),
    /// A capacity of so many items.
    CapacityOf(u64),
    /// Room for what waits at once in a queue for which no capacity is asked.
    Depth {
        /// So many items.
        items: u64,
        /// So many bytes of all of them together.
        bytes: u64,
    },
}

impl Requirement {
    /// Why a backend with these capabilities can't do it; `None` if it can.
    pub fn missing(&self, kind: Kind, has: &Capabilities) -> Option<String> {
        match self {
            Requirement::Kind(wanted) if *wanted != kind => Some(format!("it is no {wanted}")),
            Requirement::Capability(wanted) if !has.has(*wanted) => Some(format!("no {wanted}")),
            Requirement::Message(size) => has
                .largest_message
                .filter(|largest| largest < size)
                .map(|largest| format!("no message over {largest} bytes")),
            Requirement::CapacityOf(wanted) => has
                .largest_capacity
                .filter(|largest| largest < wanted)
                .map(|largest| format!("no capacity over {largest}")),
            Requirement::Depth { items, bytes } => {
                let LargestDepth {
                    items: most,
                    bytes: most_bytes,
                } = has.largest_depth;
                let items = most
                    .filter(|most| most < items)
                    .map(|most| format!("no more than {most} items at once"));
                items.or_else(|| {
                    most_bytes
                        .filter(|most| most < bytes)
                        .map(|most| format!("no more than {most} bytes at once"))
                })
            }
            _ => None,
        }
    }
}

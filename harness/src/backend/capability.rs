//! What a backend can do, natively or with an adapter's help, and what a case requires.

use std::collections::BTreeMap;
use std::fmt;

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use super::schema::with_schema;

/// Something that a library's own interface offers.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// Asks whether something can be received: `poll`.
    Poll,
    /// Try forms of `get`, `recv`, `read` and `poll`, which return at once.
    TryGet,
    /// Try forms of `put`, `send` and `write`, which return at once.
    TryPut,
    /// Timed forms of `get`, `recv`, `read` and `poll`.
    TimedGet,
    /// Timed forms of `put`, `send` and `write`.
    TimedPut,
    /// Both ends of a pipe or stream send and receive.
    Duplex,
    /// One direction can be closed alone: `half_close`.
    HalfClose,
    /// Each receive returns one whole message, as it was sent.
    Boundaries,
    /// An empty message arrives as an empty message.
    ZeroLength,
    /// A case can choose the largest number of items in the channel.
    Capacity,
    /// Several processes may put, send or write to one end.
    SeveralProducers,
    /// Several processes may get, receive or read from one end.
    SeveralConsumers,
    /// Each item of a queue is for whichever consumer gets first: no consumer has a buffer of items that
    /// the others can't get, and that are lost if it is killed.
    SharedItems,
    /// After every sending end has closed and all is received, a receive returns end of stream.
    EndOnClose,
    /// A try form reports `empty` only while the channel is empty.
    StrictEmpty,
    /// All operations together behave as one FIFO queue that does one operation at a time.
    Linearizable,
    /// A change of the caller's buffer after a put doesn't change the message.
    SnapshotAtPut,
    /// A process exits at once although its items are still in the queue, however many they are.
    FreeExit,
    /// A queue has room for items also before its first consumer is there.
    RoomWithoutConsumers,
    /// A put that waits for room returns `gone` when the last consumer is gone.
    GoneWithoutConsumers,
    /// A queue counts the items that aren't marked as done: `task-done` and `join-queue`. Only adapters can
    /// declare this.
    Joinable,
    /// A queue says how many items it holds: `size`. Only adapters can declare this and the next two.
    Size,
    /// A queue says whether it is empty: `is-empty`.
    IsEmpty,
    /// A queue says whether it is full: `is-full`.
    IsFull,
    /// Values of every kind other than bytes. An adapter adds it by an encoding. A library that refuses
    /// or changes some kind declares [`PlainValues`](Capability::PlainValues) instead, and the other
    /// kinds that it carries.
    Values,
    /// None, true and false, integers from -2^53 to 2^53, and text without U+0000.
    PlainValues,
    /// Text that contains U+0000.
    TextWithNul,
    /// Integers of any size.
    LargeIntegers,
    /// Floats, also NaN, the infinities and -0.0.
    Floats,
    /// Lists and maps, inside one another and empty.
    NestedValues,
    /// Encodes the values of items itself, and reports it if that or the decoding fails: `$unsendable` and
    /// `$undecodable`. The traits carry bytes, so only adapters of libraries can offer it.
    Encoding,
    /// Receives a message into a buffer of the caller: `buffer`. The traits have no such form, so only adapters
    /// of libraries can offer it.
    Buffer,
    /// Several threads of a process may use one end at once: each its own direction, and the same
    /// direction where several processes may.
    Threads,
    /// Polls several ends at once: [`Backend::poll_several`](super::Backend::poll_several).
    PollSeveral,
    /// A process may hold ends of several channels.
    SeveralChannels,
    /// A send waits while there is no room, and the room is limited.
    Backpressure,
    /// An item that a process puts after it saw another process's put return arrives after that
    /// process's item.
    Causal,
    /// A process of the case, and not only the harness, can open the channel and hand its ends over.
    OpenInPeer,
    /// A try form of `accept`.
    TryAccept,
    /// A timed form of `accept`.
    TimedAccept,
    /// A try form of `connect`, which doesn't wait for room in the backlog.
    TryConnect,
    /// A timed form of `connect`.
    TimedConnect,
    /// A process can listen at a name that an earlier listener left, or still has.
    ReplaceName,
    /// A listener removes its name when it closes.
    UnlinksName,
    /// A case can choose which users may connect, by Unix permissions.
    AccessMode,
    /// A case can choose how many clients may wait to be accepted.
    Backlog,
    /// `accept` reports which process connected.
    PeerIdentity,
    /// A process can write bytes below the message layer of a connection: `raw`.
    Raw,
    /// Both sides of a connection prove that they know a key before anything else.
    Authentication,
    /// Processes may be sent signals that they handle: `signal`.
    Signals,
    /// A join of a process can give up: `join` with `wait`. For a library that starts no processes, the harness or
    /// the adapter joins.
    TimedJoin,
    /// Processes may be fresh images of the program.
    Spawn,
    /// Processes may be forked copies of the process that starts them.
    Fork,
    /// Processes may be forked copies of a fresh server.
    Forkserver,
}

impl Capability {
    /// Every capability.
    pub const ALL: [Capability; 54] = [
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
        Capability::SharedItems,
        Capability::EndOnClose,
        Capability::StrictEmpty,
        Capability::Linearizable,
        Capability::SnapshotAtPut,
        Capability::FreeExit,
        Capability::RoomWithoutConsumers,
        Capability::GoneWithoutConsumers,
        Capability::Joinable,
        Capability::Size,
        Capability::IsEmpty,
        Capability::IsFull,
        Capability::Values,
        Capability::PlainValues,
        Capability::TextWithNul,
        Capability::LargeIntegers,
        Capability::Floats,
        Capability::NestedValues,
        Capability::Encoding,
        Capability::Buffer,
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
        Capability::Signals,
        Capability::TimedJoin,
        Capability::Spawn,
        Capability::Fork,
        Capability::Forkserver,
    ];

    /// Returns the word for it in case files and reports.
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
            Capability::SharedItems => "shared-items",
            Capability::EndOnClose => "end-on-close",
            Capability::StrictEmpty => "strict-empty",
            Capability::Linearizable => "linearizable",
            Capability::SnapshotAtPut => "snapshot-at-put",
            Capability::FreeExit => "free-exit",
            Capability::RoomWithoutConsumers => "room-without-consumers",
            Capability::GoneWithoutConsumers => "gone-without-consumers",
            Capability::Joinable => "joinable",
            Capability::Size => "size",
            Capability::IsEmpty => "is-empty",
            Capability::IsFull => "is-full",
            Capability::Values => "values",
            Capability::PlainValues => "plain-values",
            Capability::TextWithNul => "text-with-nul",
            Capability::LargeIntegers => "large-integers",
            Capability::Floats => "floats",
            Capability::NestedValues => "nested-values",
            Capability::Encoding => "encoding",
            Capability::Buffer => "buffer",
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
            Capability::Signals => "signals",
            Capability::TimedJoin => "timed-join",
            Capability::Spawn => "spawn",
            Capability::Fork => "fork",
            Capability::Forkserver => "forkserver",
        }
    }

    /// Whether it is one kind of the [`Values`](Capability::Values).
    pub(crate) fn is_kind_of_value(self) -> bool {
        use Capability::{Floats, LargeIntegers, NestedValues, PlainValues, TextWithNul};
        matches!(
            self,
            PlainValues | TextWithNul | LargeIntegers | Floats | NestedValues
        )
    }

    /// Returns the capability with this word.
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

/// Whether the library or an adapter provides a capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// The library provides it.
    Native,
    /// An adapter adds it. It never counts for the library.
    Composed,
}

/// What a backend declares on one operating system.
///
/// A case that requires an undeclared capability isn't run on the backend. A declared capability
/// that the backend doesn't deliver is a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    supported: BTreeMap<Capability, Support>,
    /// The longest message in bytes; `None` if the library documents no limit.
    pub largest_message: Option<u64>,
    /// The largest capacity that a case may choose; `None` if the library documents no limit.
    pub largest_capacity: Option<u64>,
    /// How much fits into a queue for which a case chooses no capacity.
    #[serde(default)]
    pub largest_depth: LargestDepth,
}

/// How much fits into a queue; `None` if the library documents no limit.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LargestDepth {
    /// The number of items.
    pub items: Option<u64>,
    /// The bytes of all items together.
    pub bytes: Option<u64>,
}

impl Capabilities {
    /// Returns capabilities of which none is declared.
    pub fn new() -> Capabilities {
        Capabilities::default()
    }

    /// Declares these too, as the library's own.
    pub fn native(self, capabilities: impl IntoIterator<Item = Capability>) -> Capabilities {
        self.with(capabilities, Support::Native)
    }

    /// Declares these too, as added by the adapter.
    pub fn composed(self, capabilities: impl IntoIterator<Item = Capability>) -> Capabilities {
        self.with(capabilities, Support::Composed)
    }

    /// Declares that a message has at most this many bytes.
    pub fn largest_message(self, bytes: u64) -> Capabilities {
        Capabilities {
            largest_message: Some(bytes),
            ..self
        }
    }

    /// Declares that a queue holds at most this many items.
    pub fn largest_depth(mut self, items: u64) -> Capabilities {
        self.largest_depth.items = Some(items);
        self
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

    /// Returns how this capability is supported; `None` if it isn't.
    pub fn support(&self, capability: Capability) -> Option<Support> {
        let of = |capability| self.supported.get(&capability).copied();
        let every_kind = || of(Capability::Values).filter(|_| capability.is_kind_of_value());
        of(capability).or_else(every_kind)
    }

    /// Returns whether this capability is supported, natively or not.
    pub fn has(&self, capability: Capability) -> bool {
        self.support(capability).is_some()
    }

    /// Whether the backend says that it carries some kinds of values and not all.
    pub(crate) fn limits_values(&self) -> bool {
        let mut declared = self.supported.keys();
        !self.has(Capability::Values) && declared.any(|one| one.is_kind_of_value())
    }

    /// Returns all declared capabilities, in the order of [`Capability::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (Capability, Support)> {
        self.supported
            .iter()
            .map(|(capability, support)| (*capability, *support))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn every_capability_is_listed_once_under_its_own_word() {
        for (index, capability) in Capability::ALL.into_iter().enumerate() {
            assert_eq!(Capability::from_word(capability.word()), Some(capability));
            assert!(
                !Capability::ALL[..index].contains(&capability),
                "{capability}"
            );
        }
    }

    #[rstest]
    #[case::every_kind(&[Capability::Values], Some(Support::Composed), false)]
    #[case::this_kind(&[Capability::PlainValues, Capability::Floats], Some(Support::Composed), true)]
    #[case::another_kind(&[Capability::PlainValues], None, true)]
    #[case::no_kind(&[Capability::Poll], None, false)]
    fn values_are_declared_as_a_whole_or_by_kind(
        #[case] declared: &[Capability],
        #[case] floats: Option<Support>,
        #[case] limits: bool,
    ) {
        let capabilities = Capabilities::new().composed(declared.iter().copied());
        assert_eq!(capabilities.support(Capability::Floats), floats);
        assert_eq!(capabilities.limits_values(), limits);
    }
}

//! Channels as an author sees them.

use std::fmt;

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use super::schema::with_schema;

/// A channel as a case asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its name in the case file: ASCII letters, digits, `-` and `_`. It is unique in a run, so a
    /// file in [`Host::folder`](super::Host::folder) can have this name.
    pub name: String,
    /// Its kind, which is the kind of the backend's key.
    pub kind: Kind,
    /// The largest number of items that it holds at once; `None` for no bound. Only a backend that
    /// declares [`Capability::Capacity`](super::Capability::Capacity) sees a bound.
    pub capacity: Option<u64>,
    /// Whether both ends send. If so, its sides are [`Side::A`] and [`Side::B`], else [`Side::Tx`]
    /// and [`Side::Rx`].
    pub duplex: bool,
    /// What else a case asks of an endpoint; nothing for other kinds.
    pub endpoint: EndpointOptions,
}

impl Channel {
    /// Returns a channel for which a case asks nothing more: one-way and without a bound.
    pub fn new(name: impl Into<String>, kind: Kind) -> Channel {
        Channel {
            name: name.into(),
            kind,
            capacity: None,
            duplex: false,
            endpoint: EndpointOptions::default(),
        }
    }
}

/// What a case asks of an endpoint. A backend sees only those for which it declares a capability.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointOptions {
    /// Permissions to connect, as Unix writes them (`0o600`); `None` for the library's default.
    pub mode: Option<u32>,
    /// The smallest number of bytes in the last part of the endpoint's name: a shorter name gets a
    /// prefix. `None` for the channel's name as it is.
    pub name_length: Option<u64>,
    /// The number of clients that may wait to be accepted; `None` for the library's default.
    pub backlog: Option<u64>,
    /// The key that the listener and its clients must prove to know; `None` for no proof.
    pub key: Option<String>,
}

/// What a channel promises. Each backend implements one kind.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Whole items, many producers and consumers, optionally bounded.
    Queue,
    /// Whole messages between two ends, one-way or duplex.
    Pipe,
    /// Bytes between two ends, without boundaries.
    Stream,
    /// A name at which processes listen and to which they connect; each connection is a duplex pipe.
    Endpoint,
    /// No channel at all: the processes themselves, and that they share no memory.
    Process,
}

impl Kind {
    /// Every kind, in the order of reports.
    pub const ALL: [Kind; 5] = [
        Kind::Queue,
        Kind::Pipe,
        Kind::Stream,
        Kind::Endpoint,
        Kind::Process,
    ];

    /// Returns the word for it in case files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Queue => "queue",
            Kind::Pipe => "pipe",
            Kind::Stream => "stream",
            Kind::Endpoint => "endpoint",
            Kind::Process => "process",
        }
    }

    /// Returns the kind with this word.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// One side of a channel.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// A queue's only side. Producers and consumers have the same end.
    Queue,
    /// The sending end of a one-way pipe or stream.
    Tx,
    /// The receiving end of a one-way pipe or stream.
    Rx,
    /// One end of a duplex pipe or stream, and the accepted end of a connection.
    A,
    /// The other end of a duplex pipe or stream, and the connecting end of a connection.
    B,
    /// An endpoint's only side: the name, to listen at and to connect to.
    Name,
}

impl Side {
    /// Returns what follows the channel's name in a case file, as in `p.tx`; nothing for a queue
    /// or an endpoint.
    pub fn suffix(self) -> &'static str {
        match self {
            Side::Queue | Side::Name => "",
            Side::Tx => ".tx",
            Side::Rx => ".rx",
            Side::A => ".a",
            Side::B => ".b",
        }
    }

    /// Returns the side that receives what this side sends.
    pub fn opposite(self) -> Side {
        match self {
            Side::Queue => Side::Queue,
            Side::Name => Side::Name,
            Side::Tx => Side::Rx,
            Side::Rx => Side::Tx,
            Side::A => Side::B,
            Side::B => Side::A,
        }
    }
}

/// One process's end of a channel, and what the process does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The side.
    pub side: Side,
    /// Whether the process puts, sends or writes.
    pub puts: bool,
    /// Whether the process gets, receives, reads or polls.
    pub gets: bool,
}

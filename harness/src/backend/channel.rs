//! Channels as cases name them: kinds, sides, and the words for what is done to them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a channel promises; which backends can be it follows from this.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
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
    /// All of them, as reports order them.
    pub const ALL: [Kind; 5] = [
        Kind::Queue,
        Kind::Pipe,
        Kind::Stream,
        Kind::Endpoint,
        Kind::Process,
    ];

    /// The word for it in case files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Queue => "queue",
            Kind::Pipe => "pipe",
            Kind::Stream => "stream",
            Kind::Endpoint => "endpoint",
            Kind::Process => "process",
        }
    }

    /// The kind with this word.
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
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// A queue has one: who may do what isn't the end's business.
    Queue,
    /// The sending end of a one-way pipe or stream.
    Tx,
    /// The receiving end of a one-way pipe or stream.
    Rx,
    /// One end of a duplex pipe or stream.
    A,
    /// The other end of it.
    B,
    /// What a process has of an endpoint: its name, to listen at and to connect to.
    Name,
}

impl Side {
    /// What stands behind the channel's name in a case file, as in `p.tx`; nothing for a queue.
    pub fn suffix(self) -> &'static str {
        match self {
            Side::Queue | Side::Name => "",
            Side::Tx => ".tx",
            Side::Rx => ".rx",
            Side::A => ".a",
            Side::B => ".b",
        }
    }

    /// The side where what is sent from here arrives.
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

/// A channel's end, by the channel's place in [`crate::plan::Plan::channels`].
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
pub struct End {
    /// Which channel.
    pub channel: usize,
    /// Which side of it.
    pub side: Side,
}

impl End {
    /// The lane on which this end sends: items put here are got at [`Lane::receiver`].
    pub fn sends_on(self) -> Lane {
        Lane {
            channel: self.channel,
            sender: self.side,
        }
    }

    /// The lane from which this end receives.
    pub fn receives_from(self) -> Lane {
        Lane {
            channel: self.channel,
            sender: self.side.opposite(),
        }
    }
}

/// One direction of a channel; a duplex pipe has two, everything else one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lane {
    /// Which channel.
    pub channel: usize,
    /// The side that sends.
    pub sender: Side,
}

impl Lane {
    /// The end that sends what this lane carries.
    pub fn sending(self) -> End {
        End {
            channel: self.channel,
            side: self.sender,
        }
    }

    /// The end that receives what this lane carries.
    pub fn receiver(self) -> End {
        End {
            channel: self.channel,
            side: self.sender.opposite(),
        }
    }
}

//! The ends and directions of a plan's channels. The harness uses these; an author sees a
//! [`Grant`] instead.

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use crate::backend::{Grant, Side, with_schema};

/// A channel's end, by the channel's index in the plan.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct End {
    /// The channel's index.
    pub channel: usize,
    /// The side of the channel.
    pub side: Side,
}

impl End {
    /// Returns the lane on which this end sends. Its items arrive at [`Lane::receiver`].
    pub fn sends_on(self) -> Lane {
        Lane {
            channel: self.channel,
            sender: self.side,
        }
    }

    /// Returns the lane from which this end receives.
    pub fn receives_from(self) -> Lane {
        Lane {
            channel: self.channel,
            sender: self.side.opposite(),
        }
    }
}

/// One direction of a channel. A duplex channel has two, every other channel has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Lane {
    /// The channel's index.
    pub channel: usize,
    /// The side that sends.
    pub sender: Side,
}

impl Lane {
    /// Returns the end that sends on this lane.
    pub fn sending(self) -> End {
        End {
            channel: self.channel,
            side: self.sender,
        }
    }

    /// Returns the end that receives from this lane.
    pub fn receiver(self) -> End {
        End {
            channel: self.channel,
            side: self.sender.opposite(),
        }
    }
}

/// An end that a process is given, and what its steps do with it.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GivenEnd {
    /// The end.
    pub end: End,
    /// Whether a step puts, sends or writes to it.
    pub puts: bool,
    /// Whether a step gets, receives, reads or polls from it.
    pub gets: bool,
}

impl From<GivenEnd> for Grant {
    fn from(given: GivenEnd) -> Grant {
        Grant {
            side: given.end.side,
            puts: given.puts,
            gets: given.gets,
        }
    }
}

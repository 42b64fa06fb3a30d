//! The parsed form of a case file: every part with its position, before axes are filled in.
//!
//! Many types here have a namesake in [`crate::plan`], as `Step` and `plan::Step`: the step as it is
//! written in the file, and the step as a process runs it. A file that needs both imports the parsed
//! form by name and writes `plan::Step` for the other.

use std::time::Duration;

use crate::backend::{Capability, Side, System};
use crate::clause::ClauseId;
pub(crate) use crate::plan::{Crash, Injection, Moment, Piece};
use crate::plan::{ExpectedExit, Item, Start};

use super::diagnostic::Spanned;

mod step;

pub(crate) use step::{
    Action, ConnectionSetup, Event, ExpectedOutcome, Get, Join, Limit, Listen, OperationOptions,
    Poll, Put, QueueCall, RawWrite, Repeat, SignalStep, Source, Step, Until, every_step,
};

/// The deadline of a case that has none of its own.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// The number of random moments of a sweep that states none.
pub(crate) const MOMENTS: u64 = 8;

/// One case file.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// A short sentence that says what the case shows.
    pub title: Spanned<String>,
    /// Why that matters, for readers of the case and of its failures.
    pub why: Option<Spanned<String>>,
    /// The clauses that it tests.
    pub clauses: Vec<Spanned<ClauseId>>,
    /// Capabilities that a backend needs in addition to those that the steps imply.
    pub requires: Vec<Spanned<Capability>>,
    /// The operating systems that it runs on; empty for all.
    pub systems: Vec<Spanned<System>>,
    /// The time limit of a run, even while it makes progress.
    pub deadline: Spanned<Duration>,
    /// Tied axes: each row gives a value to every name.
    pub rows: Vec<Spanned<Vec<Binding<Item>>>>,
    /// Free axes: every combination of their values.
    pub axes: Vec<Binding<Vec<Spanned<Item>>>>,
    /// Random values to draw for many runs.
    pub property: Option<Spanned<PropertyTable>>,
    /// A fault to inject at every operation of one process.
    pub sweep: Option<Spanned<Sweep>>,
    /// The variables of every process, with their first values.
    pub vars: Vec<Binding<Item>>,
    /// The channels, in file order.
    pub channels: Vec<Channel>,
    /// The processes, in file order.
    pub processes: Vec<Process>,
}

/// A name and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding<T> {
    /// The name.
    pub name: Spanned<String>,
    /// The value.
    pub value: Spanned<T>,
}

/// A literal value, or a reference to one: `"$x"`.
#[derive(Clone, Debug, PartialEq)]
pub enum Term<T> {
    /// A literal value.
    Literal(T),
    /// The name of an axis or a variable, or `item`, `n` or `i`.
    Reference(String),
}

/// `[property]`: random values to draw for many runs.
#[derive(Clone, Debug, PartialEq)]
pub struct PropertyTable {
    /// The number of runs.
    pub runs: Spanned<Term<u64>>,
    /// The names to draw a value for in each run.
    pub draw: Vec<Binding<Draw>>,
}

/// The values that a draw chooses from.
#[derive(Clone, Debug, PartialEq)]
pub enum Draw {
    /// A range of integers, including both bounds.
    Range {
        /// The smallest integer.
        from: i64,
        /// The largest integer.
        to: i64,
    },
    /// These items.
    OneOf(Vec<Spanned<Item>>),
}

/// `[sweep]`: one permutation for each operation of a process and each moment of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// The fault to inject.
    pub fault: Injection,
    /// The process to inject it into.
    pub process: Spanned<Target>,
    /// The moments of each operation at which to inject it.
    pub at: Vec<Spanned<Moment>>,
    /// The number of random moments while the process runs; [`MOMENTS`] by default.
    pub moments: Option<Spanned<u64>>,
}

/// A channel: `[channels.C]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// The name, C.
    pub name: Spanned<String>,
    /// Its kind, which decides what it promises.
    pub kind: Spanned<ChannelKind>,
    /// The most items that a queue holds; none for no limit but the library's own.
    pub capacity: Option<Spanned<Term<u64>>>,
    /// Whether both ends send; false by default.
    pub duplex: Option<Spanned<bool>>,
    /// The Unix permission bits of an endpoint: 0600 lets only its owner connect.
    pub mode: Option<Spanned<u32>>,
    /// The length of an endpoint's name in bytes; by default the length of the channel's name.
    pub length: Option<Spanned<Term<u64>>>,
    /// The number of clients that may wait to be accepted at an endpoint; the library's default if
    /// none.
    pub backlog: Option<Spanned<Term<u64>>>,
    /// The key with which clients authenticate to an endpoint; none for no authentication.
    pub key: Option<Spanned<String>>,
}

impl Channel {
    /// Returns whether both ends send.
    pub(super) fn is_duplex(&self) -> bool {
        self.duplex.as_ref().is_some_and(|duplex| duplex.value)
    }
}

/// The kind of a channel, as case files write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChannelKind {
    /// Carries items between many producers and consumers.
    Queue,
    /// Carries messages between two ends.
    Pipe,
    /// Carries bytes between two ends.
    Stream,
    /// A name at which processes listen and to which others connect; each connection is a duplex pipe.
    Endpoint,
}

/// A process: `[processes.P]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    /// The name, P.
    pub name: Spanned<String>,
    /// The number of replicas; one by default.
    pub count: Option<Spanned<Term<u64>>>,
    /// The start method; spawn by default.
    pub start: Option<Spanned<Term<Start>>>,
    /// Ends that it holds open although none of its steps names them.
    pub holds: Vec<Spanned<EndName>>,
    /// How it must exit; with code 0 by default, or as its `crash` step implies.
    pub exit: Option<Spanned<Term<ExpectedExit>>>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

/// An end as a file names it: `q`, `p.tx`, or a name bound by `accept` or `connect`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndName {
    /// The channel, or the bound name.
    pub channel: String,
    /// The side; [`Side::Queue`] if the file names none.
    pub side: Side,
}

impl std::fmt::Display for EndName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.channel, self.side.suffix())
    }
}

/// The process that a step refers to: all its replicas, or one of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The name.
    pub process: String,
    /// The number of the replica, as in `P#1`; none for all.
    pub replica: Option<u64>,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.replica {
            Some(replica) => write!(f, "{}#{replica}", self.process),
            None => f.write_str(&self.process),
        }
    }
}

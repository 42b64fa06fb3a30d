//! A case as its file says it: whole, unexpanded, each part with its place.

use std::time::Duration;

use crate::backend::{Capability, Side, System};
use crate::clause::ClauseId;
pub use crate::plan::{Crash, Fault, Moment};
use crate::plan::{ExpectedExit, Item, Start};

use super::diagnostic::Spanned;

mod step;

pub use step::{
    Action, Event, Expect, Get, Limit, Listen, Manner, Meeting, Piece, Poll, Put, Raw, Repeat,
    Source, Step, Until,
};

/// How long a case may take that doesn't say so itself.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// One case file.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What it shows, as a short sentence.
    pub title: Spanned<String>,
    /// Why that matters, for those who read the case or see it fail.
    pub why: Option<Spanned<String>>,
    /// The clauses that it puts to the test.
    pub clauses: Vec<Spanned<ClauseId>>,
    /// What a backend must be able to do beyond what the steps imply.
    pub requires: Vec<Spanned<Capability>>,
    /// The systems that it runs on; empty for all.
    pub systems: Vec<Spanned<System>>,
    /// How long it may take, whatever moves.
    pub deadline: Spanned<Duration>,
    /// Tied axes: each row gives values to all of its names.
    pub rows: Vec<Spanned<Vec<Binding<Item>>>>,
    /// Free axes: every combination of their values.
    pub axes: Vec<Binding<Vec<Spanned<Item>>>>,
    /// Random values, drawn for many runs.
    pub property: Option<Spanned<Property>>,
    /// A fault at every operation of one process.
    pub sweep: Option<Spanned<Sweep>>,
    /// What every fresh process image begins with.
    pub vars: Vec<Binding<Item>>,
    /// The channels, in file order.
    pub channels: Vec<Channel>,
    /// The processes, in file order.
    pub processes: Vec<Process>,
}

/// A name and what it is bound to.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding<T> {
    /// The name.
    pub name: Spanned<String>,
    /// What it is bound to.
    pub value: Spanned<T>,
}

/// A value as it stands, or the name of one: `"$x"`.
#[derive(Clone, Debug, PartialEq)]
pub enum Term<T> {
    /// This value.
    Literal(T),
    /// What the name refers to.
    Reference(String),
}

/// `[property]`: random values, drawn for many runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    /// How many runs.
    pub runs: Spanned<Term<u64>>,
    /// What is drawn for each.
    pub draw: Vec<Binding<Draw>>,
}

/// What a value is drawn from.
#[derive(Clone, Debug, PartialEq)]
pub enum Draw {
    /// The integers from one to another, both included.
    Range {
        /// The least.
        from: i64,
        /// The largest.
        to: i64,
    },
    /// These items.
    OneOf(Vec<Spanned<Item>>),
}

/// `[sweep]`: one permutation for each operation of a process and each moment of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    /// What is done to the process.
    pub fault: Fault,
    /// To which.
    pub process: Spanned<Target>,
    /// When.
    pub at: Vec<Spanned<Moment>>,
}

/// `[channels.C]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// C.
    pub name: Spanned<String>,
    /// What it promises.
    pub kind: Spanned<ChannelKind>,
    /// The most items that it holds; none for as many as there is room for.
    pub capacity: Option<Spanned<Term<u64>>>,
    /// Whether both ends send; false where the file says nothing.
    pub duplex: Option<Spanned<bool>>,
    /// Who may connect to an endpoint, as Unix writes it: 0600 for its owner alone.
    pub mode: Option<Spanned<u32>>,
    /// How many bytes an endpoint's name has; as many as the channel's where the file says nothing.
    pub length: Option<Spanned<Term<u64>>>,
    /// How many clients may wait to be accepted at an endpoint; as many as the library has room for
    /// where the file says nothing.
    pub backlog: Option<Spanned<Term<u64>>>,
    /// What whoever connects to an endpoint must know; nothing where the file says nothing.
    pub key: Option<Spanned<String>>,
}

impl Channel {
    /// Whether both ends send.
    pub fn is_duplex(&self) -> bool {
        self.duplex.as_ref().is_some_and(|duplex| duplex.value)
    }
}

/// A word for a channel's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChannelKind {
    /// Whole items, many producers and consumers.
    Queue,
    /// Whole messages between two ends.
    Pipe,
    /// Bytes between two ends.
    Stream,
    /// A name that processes listen at and connect to; each connection is a duplex pipe.
    Endpoint,
}

/// `[processes.P]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    /// P.
    pub name: Spanned<String>,
    /// How many replicas of it there are; one where the file says nothing.
    pub count: Option<Spanned<Term<u64>>>,
    /// How it comes to life; spawned where the file says nothing.
    pub start: Option<Spanned<Term<Start>>>,
    /// Ends that it holds though no step of it names them.
    pub holds: Vec<Spanned<EndName>>,
    /// How it is to exit; with code 0 where the file says nothing.
    pub exit: Option<Spanned<Term<ExpectedExit>>>,
    /// What it does.
    pub steps: Vec<Step>,
}

/// An end as a file names it: `q`, `p.tx`, or a name bound by `accept` or `connect`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EndName {
    /// The channel, or the bound name.
    pub channel: String,
    /// The side; [`Side::Queue`] where the file names none.
    pub side: Side,
}

impl std::fmt::Display for EndName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.channel, self.side.suffix())
    }
}

/// A process as a step names it: all its replicas, or one of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// The name.
    pub process: String,
    /// Which replica, as in `P#1`.
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

//! The steps of every process of one permutation, and the results that its case expects.
//!
//! In: nothing but the words of [`crate::backend`] and [`crate::clause`]; [`crate::case`] builds the
//! plans. Out: the [`Plan`], which every peer and adapter receives whole and which holds no expected
//! result; the [`Permutation`], which adds what only the harness may know; and the [`Item`]s that
//! messages carry, with their encoding. This room reads no file, no clock and no environment, and
//! knows neither case files nor histories.

use std::collections::BTreeMap;
use std::time::Duration;

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use crate::backend::{Wait, with_schema};

mod channel;
mod content;
mod end;
mod hint;
mod injection;
mod item;
mod permutation;
mod raw;
mod requirement;
mod signal;
mod start;
mod walk;

pub use channel::PlannedChannel;
pub use content::codec::Codec;
pub(crate) use content::codec::ValueKind;
pub(crate) use content::payload;
pub use content::{Content, content_of};
pub(crate) use end::Lane;
pub use end::{End, GivenEnd};
pub(crate) use hint::Hint;
pub(crate) use injection::{Crash, Injection, InjectionPoint, Moment};
pub use item::Item;
pub(crate) use item::hex;
pub(crate) use permutation::{DRAWN, trace};
pub use permutation::{Expected, ExpectedExit, Permutation};
pub(crate) use raw::RawWrite;
pub use requirement::Requirement;
pub(crate) use signal::Signal;
pub use start::Start;
pub(crate) use walk::{flat, set_by};

/// All processes and channels of one permutation.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The channels, in file order.
    pub channels: Vec<PlannedChannel>,
    /// The processes, in file order; replicas follow one another.
    pub processes: Vec<Process>,
    /// The time limit of the whole run, even while it makes progress.
    pub deadline: Duration,
    /// The seed of random delays; 0 for no delays.
    pub seed: u64,
    /// Where a sweep kills or pauses a process; only in permutations of a sweep.
    #[serde(default)]
    pub fault: Option<InjectionPoint>,
}

/// An index into [`Plan::processes`].
pub type ProcessIndex = usize;

/// The number of a step, unique in a plan.
pub type StepId = u32;

/// The id of operations that no step asks for: the exit after the last step.
pub const NO_STEP: StepId = StepId::MAX;

/// One process of a plan.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Process {
    /// Its name in the case file, as in `producer`. All replicas share it.
    pub group: String,
    /// The number of the replica, from 0; none if the case has only one.
    pub replica: Option<u64>,
    /// Its start method.
    pub start: Start,
    /// The process that starts it; none if the supervisor does.
    pub starter: Option<ProcessIndex>,
    /// The values of its variables in a fresh image of the program.
    pub vars: BTreeMap<String, Item>,
    /// The ends that it receives: those that its steps name, and those that it only holds open.
    pub ends: Vec<GivenEnd>,
    /// Its steps, in order.
    pub steps: Vec<Step>,
}

impl Process {
    /// Returns the name with the replica's number, as in `producer` or `producer#1`.
    pub fn name(&self) -> String {
        match self.replica {
            Some(replica) => format!("{}#{replica}", self.group),
            None => self.group.clone(),
        }
    }
}

/// One step of a process.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Its number, by which records refer to it.
    pub id: StepId,
    /// Whether the peer must report when its operations start and return, because another process
    /// awaits that.
    pub watched: bool,
    /// Its action.
    pub action: Action,
}

/// The action of a step.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Put, send or write: one operation for each item, until one returns anything but ok.
    Put {
        /// The sending end.
        end: End,
        /// The items.
        source: Source,
        /// How long each operation may wait.
        wait: Wait,
    },
    /// Get, receive or read until the limit; stops early if an operation returns anything but ok.
    Get {
        /// The receiving end.
        end: End,
        /// When to stop.
        limit: Limit,
        /// The steps to do for each item, with `$item` bound to it; not for the last item of
        /// [`Limit::Until`].
        each: Vec<Step>,
        /// The variable that stores the last item.
        into: Option<String>,
        /// The caller's buffer for each message; none if the library makes room for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        buffer: Option<Buffer>,
        /// How long each operation may wait.
        wait: Wait,
    },
    /// Poll ends: wait until at least one of them has something to receive.
    Poll {
        /// The ends: one operation for each, in this order. All return at the same time.
        ends: Vec<End>,
        /// How long to wait.
        wait: Wait,
    },
    /// Mark one item that was got from a joinable queue as done.
    TaskDone {
        /// The queue.
        end: End,
    },
    /// Wait until every item that was put on a joinable queue is marked as done.
    JoinQueue {
        /// The queue.
        end: End,
    },
    /// Ask a queue about its content.
    Hint {
        /// The queue.
        end: End,
        /// The question.
        hint: Hint,
    },
    /// Close an end.
    Close {
        /// The end.
        end: End,
    },
    /// Close the sending direction of an end.
    HalfClose {
        /// The end.
        end: End,
    },
    /// Open a channel, and pass its ends to the processes that have them in the plan.
    Open {
        /// The index of the channel.
        channel: usize,
    },
    /// Listen at an endpoint: connections to its name reach this process.
    Listen {
        /// The endpoint.
        end: End,
        /// Whether to take over a name that is in use, by the library's own option.
        replace: bool,
    },
    /// Accept the next connection to the endpoint.
    Accept {
        /// The endpoint.
        end: End,
        /// The end that stands for the connection from now on.
        into: End,
        /// How long to wait for a connection.
        wait: Wait,
    },
    /// Connect to an endpoint.
    Connect {
        /// The endpoint.
        end: End,
        /// The end that stands for the connection from now on.
        into: End,
        /// The key with which this process authenticates, which may differ from the endpoint's; none
        /// for no authentication.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        /// How long to wait until the connection is made.
        wait: Wait,
    },
    /// Write bytes to a pipe below the layer that frames messages.
    Raw(RawWrite),
    /// Start processes.
    Start {
        /// The processes: replicas of one process of the case.
        processes: Vec<ProcessIndex>,
    },
    /// Wait until processes that this one started have exited: one operation for each.
    Join {
        /// The processes: replicas of one process of the case.
        processes: Vec<ProcessIndex>,
        /// How long each operation may wait. The outcome is a timeout if the process is alive then, also if
        /// the operation doesn't wait.
        #[serde(default, skip_serializing_if = "Wait::is_deadline")]
        wait: Wait,
    },
    /// Kill processes.
    Kill {
        /// The processes: replicas of one process of the case.
        processes: Vec<ProcessIndex>,
        /// Whether by a signal that asks a process to end, and that none of them handles: SIGTERM. Other kills
        /// can't be handled.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        terminates: bool,
    },
    /// Suspend processes until they are resumed.
    Pause {
        /// The processes: replicas of one process of the case.
        processes: Vec<ProcessIndex>,
    },
    /// Resume suspended processes.
    Resume {
        /// The processes: replicas of one process of the case.
        processes: Vec<ProcessIndex>,
    },
    /// Send processes a signal that they handle.
    Signal {
        /// The processes: replicas of one process of the case.
        processes: Vec<ProcessIndex>,
        /// The signal.
        signal: Signal,
    },
    /// Exit immediately.
    Exit {
        /// The exit code.
        code: i32,
    },
    /// Crash: end without the cleanup of an orderly exit.
    Crash {
        /// How it crashes.
        how: Crash,
    },
    /// Wait at a barrier until every process that names it has reached it.
    Barrier {
        /// The name of the barrier.
        name: String,
    },
    /// Wait for an event in other processes.
    Await {
        /// The event.
        event: Event,
    },
    /// Do nothing for a time. Cases use it to shape load, never to synchronise.
    Idle {
        /// How long; none for ever.
        time: Option<Duration>,
    },
    /// Repeat steps, with `$n` bound to the number of the round, from 0.
    Repeat {
        /// The number of rounds.
        count: u64,
        /// The steps of each round.
        steps: Vec<Step>,
    },
    /// Run several sequences of steps at the same time, each on a thread of this process. The step is
    /// done when all of them are.
    Threads {
        /// The steps of each thread.
        threads: Vec<Vec<Step>>,
    },
    /// Set variables.
    Set {
        /// The new value of each.
        vars: BTreeMap<String, Value>,
    },
    /// Write a line to the standard output.
    Print {
        /// The pieces of the line.
        text: Vec<Piece>,
    },
}

/// A piece of a text to print.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Piece {
    /// Literal text.
    Text(String),
    /// The current value of `item`, `n` or a variable.
    Reference(String),
}

/// An item, or a reference that the peer resolves when the step runs.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// This item.
    Literal(Item),
    /// The current value of `item`, `n` or a variable.
    Reference(String),
    /// A payload with a number that a reference gives.
    Sized {
        /// The number of the payload.
        number: Box<Value>,
        /// The length of the payload in bytes.
        size: u64,
    },
}

/// The items of a put.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// These items.
    Items(Vec<Value>),
    /// Consecutive integers; with a size, the payloads with these numbers.
    Count {
        /// The first integer.
        from: i64,
        /// The number of integers.
        count: u64,
        /// The length of each payload in bytes.
        size: Option<u64>,
    },
}

/// A buffer that a message is received into.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Buffer {
    /// Its length in bytes.
    pub bytes: u64,
    /// The length of its elements in bytes.
    pub element: u64,
}

/// The point at which a get stops.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// After this number of items.
    Count(u64),
    /// At one of these items, or at the end of the stream. The case expects one of the two; the
    /// other is a finding.
    Until(Vec<Value>),
}

/// An event that a process can await.
#[apply(with_schema)]
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// All these steps have started their first operation.
    Started(Vec<StepId>),
    /// All these steps have started an operation that hasn't returned within the settling time.
    Blocked(Vec<StepId>),
    /// All these steps are done.
    Done(Vec<StepId>),
    /// All these processes have exited.
    Exited(Vec<ProcessIndex>),
}

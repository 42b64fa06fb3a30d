//! What the processes of one permutation are to do: static, complete, and free of expected results.
//!
//! A plan is what a peer is given, whole. What the case expects of it stays with the harness, in
//! [`crate::plan::Permutation`].

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::backend::{End, GivenEnd, Wait};

mod channel;
pub mod content;
mod fault;
pub mod item;
pub mod permutation;
mod walk;

pub use channel::Channel;
pub use fault::{Crash, Fault, FaultPoint, Moment};
pub use item::{Digits, Float, Item};
pub use permutation::{Expected, ExpectedExit, Permutation};
pub use walk::{flat, set_by};

/// All processes and channels of one permutation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// The channels, in file order.
    pub channels: Vec<Channel>,
    /// The processes, in file order; replicas follow one another.
    pub processes: Vec<Process>,
    /// How long the whole run may take, whatever moves.
    pub deadline: Duration,
    /// What delays follow from; 0 for none.
    pub seed: u64,
    /// What happens to one process at one of its operations, where the case sweeps over them.
    #[serde(default)]
    pub fault: Option<FaultPoint>,
}

/// A process's place in [`Plan::processes`].
pub type ProcessIndex = usize;

/// A step's number, unique in a plan.
pub type StepId = u32;

/// The step of operations that no step asks for: the exit behind the last one.
pub const NO_STEP: StepId = StepId::MAX;

/// One process of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Process {
    /// The name in the case file, as in `producer`.
    pub group: String,
    /// Which of several replicas, from 0; none where the case has just one.
    pub replica: Option<u64>,
    /// How it comes to life.
    pub start: Start,
    /// The process that starts it; none for the supervisor.
    pub starter: Option<ProcessIndex>,
    /// What its variables are in a fresh image.
    pub vars: BTreeMap<String, Item>,
    /// The ends that it is given: those its steps name, and those it merely holds.
    pub ends: Vec<GivenEnd>,
    /// What it does.
    pub steps: Vec<Step>,
}

impl Process {
    /// The name of this one process, as in `producer` or `producer#1`.
    pub fn name(&self) -> String {
        match self.replica {
            Some(replica) => format!("{}#{replica}", self.group),
            None => self.group.clone(),
        }
    }
}

/// How a process comes to life.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Start {
    /// A fresh image of the program.
    Spawn,
    /// A copy of the starter.
    Fork,
    /// A copy of a server that was started fresh.
    Forkserver,
}

impl Start {
    /// The word for it in case files and reports.
    pub fn word(self) -> &'static str {
        match self {
            Start::Spawn => "spawn",
            Start::Fork => "fork",
            Start::Forkserver => "forkserver",
        }
    }
}

/// One thing that a peer is told to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Its number.
    pub id: StepId,
    /// Whether the supervisor must be told when its operations start and return, because some
    /// process awaits that.
    pub watched: bool,
    /// What to do.
    pub action: Action,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Put, send or write, one operation for each item, until one doesn't return ok.
    Put {
        /// Where to.
        end: End,
        /// What.
        source: Source,
        /// How long.
        wait: Wait,
    },
    /// Get, receive or read until the limit; stops early at whatever isn't ok.
    Get {
        /// Where from.
        end: End,
        /// How many, or until what.
        limit: Limit,
        /// What to do with each item but the last of [`Limit::Until`], with `$item` bound.
        each: Vec<Step>,
        /// The variable that keeps the last item.
        into: Option<String>,
        /// How long each may take.
        wait: Wait,
    },
    /// Ask whether something can be received; of several ends, wait until of at least one.
    Poll {
        /// Of which ends: one operation each, in this order, all of which return at once.
        ends: Vec<End>,
        /// How long to wait for it.
        wait: Wait,
    },
    /// Close an end.
    Close {
        /// Which.
        end: End,
    },
    /// Close the sending direction of an end.
    HalfClose {
        /// Which.
        end: End,
    },
    /// Make a channel, and hand its ends to the processes that the plan gives them to.
    Open {
        /// Which.
        channel: usize,
    },
    /// Make this process the one that an endpoint's name leads to.
    Listen {
        /// Which.
        end: End,
        /// Whether to take the name over from whoever has it, by the library's own option.
        replace: bool,
    },
    /// Take the next connection that was made to the endpoint.
    Accept {
        /// Which endpoint.
        end: End,
        /// What the connection is from now on.
        into: End,
        /// How long to wait for one.
        wait: Wait,
    },
    /// Connect to an endpoint.
    Connect {
        /// Which.
        end: End,
        /// What the connection is from now on.
        into: End,
        /// The key that is proved to be known, which needn't be the endpoint's; none for none.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        key: Option<String>,
        /// How long it may take.
        wait: Wait,
    },
    /// Write bytes to a connection, beneath whatever makes messages of them.
    Raw {
        /// Which.
        end: End,
        /// What.
        #[serde(with = "crate::plan::item::hex")]
        #[schemars(with = "String")]
        bytes: Vec<u8>,
    },
    /// Start processes.
    Start {
        /// Which: all replicas of one.
        processes: Vec<ProcessIndex>,
    },
    /// Wait for processes that this one started to exit.
    Join {
        /// Which: all replicas of one.
        processes: Vec<ProcessIndex>,
    },
    /// Have processes killed.
    Kill {
        /// Which: all replicas of one.
        processes: Vec<ProcessIndex>,
    },
    /// Have processes stopped, until they are resumed.
    Pause {
        /// Which: all replicas of one.
        processes: Vec<ProcessIndex>,
    },
    /// Have stopped processes go on.
    Resume {
        /// Which: all replicas of one.
        processes: Vec<ProcessIndex>,
    },
    /// Exit at once with this code.
    Exit {
        /// The code.
        code: i32,
    },
    /// End without any of the care that an exit takes.
    Crash {
        /// How.
        how: Crash,
    },
    /// Wait for all processes with this barrier.
    Barrier {
        /// Its name.
        name: String,
    },
    /// Wait for something to happen elsewhere.
    Await {
        /// What.
        event: Event,
    },
    /// Do nothing: load, never synchronisation.
    Idle {
        /// For how long; none for ever.
        time: Option<Duration>,
    },
    /// Do steps again and again, with `$n` bound to the round.
    Repeat {
        /// How often.
        count: u64,
        /// What.
        steps: Vec<Step>,
    },
    /// Do several sequences of steps at once, each on a thread of this process; done when all are.
    Threads {
        /// One for each thread.
        threads: Vec<Vec<Step>>,
    },
    /// Change variables.
    Set {
        /// To what.
        vars: BTreeMap<String, Value>,
    },
    /// Write a line to the standard output.
    Print {
        /// What, in pieces.
        text: Vec<Piece>,
    },
}

/// A part of a text to print.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// What the name refers to.
    Reference(String),
}

/// An item, or what stands for one until the step runs: `item`, `n` or a variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// This item.
    Literal(Item),
    /// What the name refers to.
    Reference(String),
    /// A payload that carries the number that the value is.
    Sized {
        /// The number.
        number: Box<Value>,
        /// The payload's length in bytes.
        size: u64,
    },
}

/// The items of a put.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// These.
    Items(Vec<Value>),
    /// The integers from `from`, each padded to a payload where there is a size.
    Count {
        /// The first.
        from: i64,
        /// How many.
        count: u64,
        /// The payload's length in bytes.
        size: Option<u64>,
    },
}

/// When a get has enough.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// After so many items.
    Count(u64),
    /// At one of these items, or at the end of the stream: either is what the case waits for, or
    /// a finding.
    Until(Vec<Value>),
}

/// Something that a process can wait for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// All these steps have started their first operation.
    Started(Vec<StepId>),
    /// All these steps have started an operation and not returned from it within the settling time.
    Blocked(Vec<StepId>),
    /// All these steps are done.
    Done(Vec<StepId>),
    /// All these processes have exited.
    Exited(Vec<ProcessIndex>),
}

//! What every process of a run did and saw, on one monotonic clock.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::backend::{End, Outcome, RawError};
use crate::plan::content::Content;
use crate::plan::{Action, ProcessIndex, StepId};

pub mod connections;
pub mod fate;
pub mod holders;
pub mod kernel;
pub mod naming;
pub mod pairing;
pub mod rest;

pub use kernel::{Descriptor, KernelView};

/// Everything that was recorded of one run; the only thing that judges look at.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// One for each process of the plan, in its order.
    pub processes: Vec<ProcessHistory>,
    /// How the run came to its end.
    pub ending: Ending,
    /// When the harness ended it, on the clock of the operations; none for a completed run. What
    /// killing one process made others do after that is not recorded here.
    pub ended: Option<u64>,
    /// When processes of the plan were stopped.
    #[serde(default)]
    pub stops: Vec<Stop>,
    /// What the operating system said that processes were doing when the harness ended the run.
    #[serde(default)]
    pub kernel: Vec<KernelView>,
    /// What was still there when all processes of the plan had gone.
    pub residue: Vec<Residue>,
}

/// A time for which a process was stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Which.
    pub process: ProcessIndex,
    /// It was surely stopped from then on.
    pub from: u64,
    /// It was surely stopped until then; none if it never went on.
    pub until: Option<u64>,
    /// By how much, in nanoseconds, the harness itself was late at most, meanwhile: a machine that
    /// keeps it waiting keeps the others waiting, too.
    pub late: u64,
}

/// How a run came to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Every process exited by itself or by the case's own kill.
    #[default]
    Completed,
    /// Nothing had moved for the stall limit, or for a short time where nothing was expected to any
    /// more, and the harness ended it.
    Stalled,
    /// The case's deadline passed, and the harness ended it.
    DeadlinePassed,
}

/// What one process did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProcessHistory {
    /// Its operations in the order in which they started; those of one thread one after the other.
    pub operations: Vec<Operation>,
    /// What was kept of long messages that weren't as they were made.
    #[serde(default)]
    pub asides: Vec<Aside>,
    /// How it exited; none if it never came to life.
    pub exit: Option<Exit>,
    /// What it wrote to its standard output, as bytes.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error, as bytes; for people only.
    pub stderr: Vec<u8>,
}

/// An operation's name: its process, and its place among that process's operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OperationId {
    /// The process.
    pub process: ProcessIndex,
    /// The place in [`ProcessHistory::operations`].
    pub index: usize,
}

/// The recorded begin and end of one thing that a process did.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// The step that asked for it.
    pub step: StepId,
    /// Which thread of the process did it: 0 outside `threads`, else from 1.
    #[serde(default)]
    pub thread: u16,
    /// What kind of operation it was.
    pub kind: OperationKind,
    /// The end that it was done to, where there is one.
    pub end: Option<End>,
    /// When it started, in nanoseconds of a monotonic clock, taken before the call.
    pub start: u64,
    /// When it returned, taken after the call; none if it never did.
    pub returned: Option<u64>,
    /// What it came to; none if it never returned.
    pub outcome: Option<Outcome>,
    /// The item that was put, whether or not that succeeded, or got.
    pub content: Option<Content>,
    /// What the operating system or the library called the error.
    pub raw: Option<RawError>,
    /// Whether an unsuccessful put can't have had any effect.
    pub definite: bool,
}

impl Operation {
    /// Whether it had not returned when its process, or the run, ended.
    pub fn is_pending(&self) -> bool {
        self.returned.is_none()
    }

    /// Whether it and another operation of its process are one after the other, in the order in which
    /// they started, whatever the resolution of the clock: no two threads did them at once.
    pub fn is_in_turn_with(&self, other: &Operation) -> bool {
        in_turn(self.thread, other.thread)
    }

    /// Whether it surely returned before the other started. Equal stamps are concurrent.
    pub fn precedes(&self, other: &Operation) -> bool {
        self.returned.is_some_and(|returned| returned < other.start)
    }
}

/// Some bytes of a message that a process got, from the first on that isn't as it was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// The place in [`ProcessHistory::operations`] of what got it.
    pub operation: usize,
    /// Where in the message they stand.
    pub offset: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// What an operation does, whatever the kind of channel.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum OperationKind {
    /// Put, send or write.
    Put = 1,
    /// Get, receive or read.
    Get,
    /// Ask whether something can be received.
    Poll,
    /// Close an end, by a step.
    Close,
    /// Close the sending direction of an end.
    HalfClose,
    /// Open a channel.
    Open,
    /// Start a process.
    Start,
    /// Join a process.
    Join,
    /// Kill a process.
    Kill,
    /// Pause a process.
    Pause,
    /// Resume a process.
    Resume,
    /// Crash.
    Crash,
    /// Wait at a barrier.
    Barrier,
    /// Wait for an event.
    Await,
    /// Do nothing.
    Idle,
    /// Write a line to the standard output.
    Print,
    /// Exit. Behind the last step the ends that are still open close now, each as the library
    /// says; its content is how many descriptors too many were open then. By a step it never
    /// returns: the operating system closes them.
    Exit,
    /// Make this process the one that an endpoint's name leads to. Its content is who may connect,
    /// where the name is a file that says so.
    Listen,
    /// Take a connection. Its content is the number of the process that made it, where the library
    /// says that.
    Accept,
    /// Connect. Its content is the number of this process.
    Connect,
    /// Write bytes beneath a connection's messages.
    Raw,
}

impl OperationKind {
    /// Every kind.
    pub const ALL: [OperationKind; 21] = [
        OperationKind::Put,
        OperationKind::Get,
        OperationKind::Poll,
        OperationKind::Close,
        OperationKind::HalfClose,
        OperationKind::Open,
        OperationKind::Start,
        OperationKind::Join,
        OperationKind::Kill,
        OperationKind::Pause,
        OperationKind::Resume,
        OperationKind::Crash,
        OperationKind::Barrier,
        OperationKind::Await,
        OperationKind::Idle,
        OperationKind::Print,
        OperationKind::Exit,
        OperationKind::Listen,
        OperationKind::Accept,
        OperationKind::Connect,
        OperationKind::Raw,
    ];

    /// The kind of a step's operations; none for those that only hold others, or only change variables.
    pub(crate) fn of(action: &Action) -> Option<OperationKind> {
        Some(match action {
            Action::Put { .. } => OperationKind::Put,
            Action::Get { .. } => OperationKind::Get,
            Action::Poll { .. } => OperationKind::Poll,
            Action::Close { .. } => OperationKind::Close,
            Action::HalfClose { .. } => OperationKind::HalfClose,
            Action::Open { .. } => OperationKind::Open,
            Action::Listen { .. } => OperationKind::Listen,
            Action::Accept { .. } => OperationKind::Accept,
            Action::Connect { .. } => OperationKind::Connect,
            Action::Raw { .. } => OperationKind::Raw,
            Action::Start { .. } => OperationKind::Start,
            Action::Join { .. } => OperationKind::Join,
            Action::Kill { .. } => OperationKind::Kill,
            Action::Pause { .. } => OperationKind::Pause,
            Action::Resume { .. } => OperationKind::Resume,
            Action::Exit { .. } => OperationKind::Exit,
            Action::Crash { .. } => OperationKind::Crash,
            Action::Barrier { .. } => OperationKind::Barrier,
            Action::Await { .. } => OperationKind::Await,
            Action::Idle { .. } => OperationKind::Idle,
            Action::Print { .. } => OperationKind::Print,
            Action::Repeat { .. } | Action::Threads { .. } | Action::Set { .. } => return None,
        })
    }

    pub(crate) fn from_number(number: u8) -> Option<OperationKind> {
        OperationKind::ALL
            .into_iter()
            .find(|kind| *kind as u8 == number)
    }

    /// The word of the case language for it on a channel of this kind.
    pub fn word(self, kind: crate::backend::Kind) -> &'static str {
        use crate::backend::Kind;
        match (self, kind) {
            (OperationKind::Put, Kind::Pipe) => "send",
            (OperationKind::Put, Kind::Stream) => "write",
            (OperationKind::Put, _) => "put",
            (OperationKind::Get, Kind::Pipe) => "recv",
            (OperationKind::Get, Kind::Stream) => "read",
            (OperationKind::Get, _) => "get",
            (OperationKind::Poll, _) => "poll",
            (OperationKind::Close, _) => "close",
            (OperationKind::HalfClose, _) => "half-close",
            (OperationKind::Open, _) => "open",
            (OperationKind::Start, _) => "start",
            (OperationKind::Join, _) => "join",
            (OperationKind::Kill, _) => "kill",
            (OperationKind::Pause, _) => "pause",
            (OperationKind::Resume, _) => "resume",
            (OperationKind::Crash, _) => "crash",
            (OperationKind::Barrier, _) => "barrier",
            (OperationKind::Await, _) => "await",
            (OperationKind::Idle, _) => "idle",
            (OperationKind::Print, _) => "print",
            (OperationKind::Exit, _) => "exit",
            (OperationKind::Listen, _) => "listen",
            (OperationKind::Accept, _) => "accept",
            (OperationKind::Connect, _) => "connect",
            (OperationKind::Raw, _) => "raw",
        }
    }
}

/// How a process exited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exit {
    /// With this code.
    Code(i32),
    /// By a kill that the case asked for.
    Killed,
    /// By a signal that nobody here sent.
    Signal(i32),
    /// Nobody could see how: its starter was gone.
    Unseen,
    /// The harness ended it, because the run stalled or its deadline passed.
    Ended,
}

/// Something that was left behind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Residue {
    /// A process that no step started, still alive when all of the plan's had exited.
    Process {
        /// The plan's process in whose group it was; none for a backend's own helper.
        of: Option<ProcessIndex>,
    },
    /// Descriptors (Unix) or handles (Windows) still open after every end was closed.
    Descriptors {
        /// In which process.
        process: ProcessIndex,
        /// How many more than before the first end was attached.
        count: u64,
    },
    /// A name in the run's folder.
    Name {
        /// The file's name.
        name: String,
    },
}

/// Whether operations of these two threads of a process are one after the other. What the process
/// does outside `threads` is before or behind all of them.
fn in_turn(one: u16, other: u16) -> bool {
    one == other || one == 0 || other == 0
}

impl History {
    /// Whether the first operation was surely over when the second started: by the order of their
    /// process, or by the clock.
    pub fn is_before(&self, first: OperationId, second: OperationId) -> bool {
        let in_order = first.index < second.index && self.are_in_turn(first, second);
        in_order || self.operation(first).precedes(self.operation(second))
    }

    /// Whether one process did both, one after the other: see [`Operation::is_in_turn_with`].
    pub fn are_in_turn(&self, one: OperationId, other: OperationId) -> bool {
        let in_turn = || self.operation(one).is_in_turn_with(self.operation(other));
        one.process == other.process && in_turn()
    }

    /// The operation with this id.
    pub fn operation(&self, id: OperationId) -> &Operation {
        &self.processes[id.process].operations[id.index]
    }

    /// All operations with their ids, process by process.
    pub fn operations(&self) -> impl Iterator<Item = (OperationId, &Operation)> {
        self.processes
            .iter()
            .enumerate()
            .flat_map(|(process, history)| {
                let id = move |index| OperationId { process, index };
                history
                    .operations
                    .iter()
                    .enumerate()
                    .map(move |(index, op)| (id(index), op))
            })
    }
}

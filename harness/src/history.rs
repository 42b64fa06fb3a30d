//! What every process of a run did and saw, on one monotonic clock.
//!
//! In: records of operations, and the plan that they belong to. Out: the [`History`] that invariants
//! judge, and views of it that several of them share: which get returned which put's item
//! ([`pairing`]), what happened to each item ([`fate`]), which process held which end until when
//! ([`holders`]), which connections were made ([`connections`]), and the items' names ([`naming`]).
//! It decides nothing, and touches no clock, file or process.

use serde::{Deserialize, Serialize};

use crate::backend::{Outcome, RawError};
use crate::plan::{Content, End, ProcessIndex, StepId};

pub(crate) mod connections;
pub(crate) mod delay;
pub(crate) mod fate;
pub(crate) mod holders;
pub(crate) mod kernel;
pub(crate) mod naming;
mod operation_kind;
pub(crate) mod pairing;
pub(crate) mod quote;
pub(crate) mod rest;
pub(crate) mod step_turns;
pub(crate) mod tasks;

pub(crate) use delay::Delay;
pub(crate) use kernel::KernelView;
pub use operation_kind::OperationKind;
pub(crate) use quote::LibraryText;

/// Everything that was recorded of one run. Invariants judge this and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// One for each process of the plan, in the plan's order.
    pub processes: Vec<ProcessHistory>,
    /// How the run ended.
    pub ending: Ending,
    /// When the harness ended it, on the clock of the operations; none for a completed run. What
    /// processes did after that, because the harness killed others, isn't recorded.
    pub ended: Option<u64>,
    /// The times for which processes of the plan were stopped.
    #[serde(default)]
    pub stops: Vec<Stop>,
    /// The times in which the machine kept processes from running, in order.
    #[serde(default)]
    pub delays: Vec<Delay>,
    /// What processes were doing when the harness ended the run, as the operating system reports it.
    #[serde(default)]
    pub kernel: Vec<KernelView>,
    /// What was still there after all processes of the plan had exited.
    pub residue: Vec<Residue>,
}

/// A time for which a process was stopped, in nanoseconds on the clock of the operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The process.
    pub process: ProcessIndex,
    /// It was certainly stopped from this moment on.
    pub from: u64,
    /// It was certainly stopped until this moment; none if it was never resumed.
    pub until: Option<u64>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// Every process exited by itself, or the case killed it.
    #[default]
    Completed,
    /// The harness ended the run because nothing had moved for the stall limit, or for a short time
    /// after which nothing more was expected.
    Stalled,
    /// The harness ended the run because the case's deadline had passed.
    DeadlinePassed,
    /// The harness ended the run because the machine kept its processes from running for so long
    /// that its end shows nothing.
    TooSlow,
}

/// What one process did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProcessHistory {
    /// Its operations, in the order in which they started. Those of one thread never overlap.
    pub operations: Vec<Operation>,
    /// The differing parts of long messages that arrived changed.
    #[serde(default)]
    pub asides: Vec<Aside>,
    /// The library's own words for failed operations. Reports show them; nothing is judged by them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<LibraryText>,
    /// How it exited; none if it never started.
    pub exit: Option<Exit>,
    /// What it wrote to its standard output, as bytes.
    pub stdout: Vec<u8>,
    /// What it wrote to its standard error, as bytes. Reports show it; nothing is judged by it.
    pub stderr: Vec<u8>,
}

impl ProcessHistory {
    /// How many more descriptors or handles it had open at its exit than before its first end; 0 if it
    /// didn't count them.
    pub(crate) fn handles_left(&self) -> u64 {
        let last = self.operations.last();
        let exit = last.filter(|last| last.kind == OperationKind::Exit);
        let content = exit.and_then(|exit| exit.content);
        content.map_or(0, |count| {
            count.head().try_into().map_or(0, u64::from_le_bytes)
        })
    }
}

impl History {
    /// Adds what processes had open at their exits to what the run left.
    pub(crate) fn add_handles_left(&mut self) {
        for (process, history) in self.processes.iter().enumerate() {
            let count = history.handles_left();
            if count > 0 {
                self.residue.push(Residue::Descriptors { process, count });
            }
        }
    }
}

/// Identifies an operation: its process, and its index among that process's operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OperationId {
    /// The process.
    pub process: ProcessIndex,
    /// The index in [`ProcessHistory::operations`].
    pub index: usize,
}

/// The recorded begin and end of one thing that a process did.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operation {
    /// The step that asked for it.
    pub step: StepId,
    /// The thread that did it: 0 outside `threads`, else counted from 1.
    #[serde(default)]
    pub thread: u16,
    /// Its kind.
    pub kind: OperationKind,
    /// The end that it used, if any.
    pub end: Option<End>,
    /// When it started, in nanoseconds on a monotonic clock, read before the call.
    pub start: u64,
    /// When it returned, read after the call; none if it never did.
    pub returned: Option<u64>,
    /// Its outcome; none if it never returned.
    pub outcome: Option<Outcome>,
    /// The item that was got, or put, whether or not the put succeeded.
    pub content: Option<Content>,
    /// The error's name in the operating system or the library.
    pub raw: Option<RawError>,
    /// Whether an unsuccessful put certainly had no effect.
    pub definite: bool,
}

impl Operation {
    /// Whether it had not returned when its process, or the run, ended.
    pub fn is_pending(&self) -> bool {
        self.returned.is_none()
    }

    /// Returns the number of items that a queue said it holds.
    pub(crate) fn size(&self) -> Option<u64> {
        let is_it = (self.kind, self.outcome) == (OperationKind::Size, Some(Outcome::Ok));
        let bytes = self.content.filter(|_| is_it)?.head();
        bytes.try_into().ok().map(u64::from_le_bytes)
    }

    /// Whether this and another operation of the same process ran one after the other, in the order
    /// in which they started, whatever their stamps say: no two threads ran them at once.
    pub fn is_in_turn_with(&self, other: &Operation) -> bool {
        in_turn(self.thread, other.thread)
    }

    /// Whether it certainly returned before the other started. Equal stamps count as concurrent.
    pub fn precedes(&self, other: &Operation) -> bool {
        self.returned.is_some_and(|returned| returned < other.start)
    }
}

/// Some bytes of a message that a process received, from the first byte that differs from what was
/// sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Aside {
    /// The index in [`ProcessHistory::operations`] of the receive.
    pub operation: usize,
    /// Their offset in the message.
    pub offset: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// How a process exited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exit {
    /// With this code.
    Code(i32),
    /// By a kill that the case asked for.
    Killed,
    /// By a signal that neither the case nor the harness sent.
    Signal(i32),
    /// Unknown: the process that started it had exited before.
    Unseen,
    /// The harness ended it, because the run stalled or its deadline passed.
    Ended,
}

/// Something that a run left.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Residue {
    /// A process that no step started, still alive when all of the plan's had exited.
    Process {
        /// The plan's process to whose group it belonged; none for a backend's own helper.
        of: Option<ProcessIndex>,
    },
    /// Descriptors (Unix) or handles (Windows) still open after every end was closed.
    Descriptors {
        /// The process.
        process: ProcessIndex,
        /// How many more were open than before the first end was attached.
        count: u64,
    },
    /// A name in the run's folder.
    Name {
        /// The file's name.
        name: String,
    },
}

/// Whether operations of these two threads of a process run one after the other. What the process
/// does outside `threads` comes before or after all of them.
fn in_turn(one: u16, other: u16) -> bool {
    one == other || one == 0 || other == 0
}

impl History {
    /// Whether the first operation had certainly returned when the second started, by the order of
    /// their process or by the clock.
    pub fn is_before(&self, first: OperationId, second: OperationId) -> bool {
        let in_order = first.index < second.index && self.are_in_turn(first, second);
        in_order || self.operation(first).precedes(self.operation(second))
    }

    /// Whether one process did both, one after the other; see [`Operation::is_in_turn_with`].
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

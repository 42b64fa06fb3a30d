//! The kinds of operations.

use macro_rules_attribute::apply;
use serde::{Deserialize, Serialize};

use crate::backend::{Kind, with_schema};
use crate::plan::{Action, Hint};

/// What an operation does, whatever the kind of channel.
#[apply(with_schema)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// Exit. After the last step, the ends that are still open are closed first, as the library
    /// documents; the content is then the number of descriptors left open that shouldn't be. The
    /// exit of an `exit` step never returns: the operating system closes the ends.
    Exit,
    /// Start listening at an endpoint's name. Its content is the name's file mode, where the name is a
    /// file.
    Listen,
    /// Accept a connection. Its content is the process id of the client, where the library reports
    /// it.
    Accept,
    /// Connect. Its content is this process's id.
    Connect,
    /// Write bytes beneath a connection's messages.
    Raw,
    /// Send a signal to a process.
    Signal,
    /// Mark an item of a joinable queue as done.
    TaskDone,
    /// Wait until all items of a joinable queue are done.
    JoinQueue,
    /// Ask a queue how many items it holds. Its content is the number.
    Size,
    /// Ask a queue whether it holds no item.
    IsEmpty,
    /// Ask a queue whether it has no room.
    IsFull,
}

impl OperationKind {
    /// Every kind.
    pub const ALL: [OperationKind; 27] = [
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
        OperationKind::Signal,
        OperationKind::TaskDone,
        OperationKind::JoinQueue,
        OperationKind::Size,
        OperationKind::IsEmpty,
        OperationKind::IsFull,
    ];

    /// The kind of a step's operations; none for steps that only contain others or set variables.
    pub(crate) fn of(action: &Action) -> Option<OperationKind> {
        Some(match action {
            Action::Put { .. } => OperationKind::Put,
            Action::Get { .. } => OperationKind::Get,
            Action::Poll { .. } => OperationKind::Poll,
            Action::TaskDone { .. } => OperationKind::TaskDone,
            Action::JoinQueue { .. } => OperationKind::JoinQueue,
            Action::Hint { hint, .. } => match hint {
                Hint::Size => OperationKind::Size,
                Hint::IsEmpty => OperationKind::IsEmpty,
                Hint::IsFull => OperationKind::IsFull,
            },
            Action::Close { .. } => OperationKind::Close,
            Action::HalfClose { .. } => OperationKind::HalfClose,
            Action::Open { .. } => OperationKind::Open,
            Action::Listen { .. } => OperationKind::Listen,
            Action::Accept { .. } => OperationKind::Accept,
            Action::Connect { .. } => OperationKind::Connect,
            Action::Raw(_) => OperationKind::Raw,
            Action::Start { .. } => OperationKind::Start,
            Action::Join { .. } => OperationKind::Join,
            Action::Kill { .. } => OperationKind::Kill,
            Action::Pause { .. } => OperationKind::Pause,
            Action::Resume { .. } => OperationKind::Resume,
            Action::Signal { .. } => OperationKind::Signal,
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

    /// The case language's word for it on a channel of this kind.
    pub fn word(self, kind: Kind) -> &'static str {
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
            (OperationKind::Signal, _) => "signal",
            (OperationKind::TaskDone, _) => "task-done",
            (OperationKind::JoinQueue, _) => "join-queue",
            (OperationKind::Size, _) => "size",
            (OperationKind::IsEmpty, _) => "is-empty",
            (OperationKind::IsFull, _) => "is-full",
        }
    }
}

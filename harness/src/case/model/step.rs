//! The parsed form of steps.

use std::time::Duration;

use super::{EndName, Target, Term};
use crate::backend::{Kind, Outcome, Side, Wait};
use crate::case::{Binding, Span, Spanned};
use crate::plan::{Crash, Hint, Item, Piece, Signal};

/// One step: a table with exactly one key.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The position of the whole step.
    pub span: Span,
    /// The action, by the key of the table.
    pub action: Action,
}

/// The action of a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// `put`, `send`, `write`.
    Put(Put),
    /// `get`, `recv`, `read`.
    Get(Get),
    /// `poll`.
    Poll(Poll),
    /// `task-done`.
    TaskDone(QueueCall),
    /// `join-queue`.
    JoinQueue(QueueCall),
    /// `size`, `is-empty`, `is-full`.
    Hint(Hint, QueueCall),
    /// `close`.
    Close(Spanned<EndName>),
    /// `half-close`.
    HalfClose(Spanned<EndName>),
    /// `open`.
    Open(Spanned<String>),
    /// `listen`.
    Listen(Listen),
    /// `accept`.
    Accept(ConnectionSetup),
    /// `connect`.
    Connect(ConnectionSetup),
    /// `raw`.
    Raw(RawWrite),
    /// `start`.
    Start(Spanned<Target>),
    /// `join`.
    Join(Join),
    /// `kill`.
    Kill(Spanned<Target>),
    /// `terminate`.
    Terminate(Spanned<Target>),
    /// `pause`.
    Pause(Spanned<Target>),
    /// `resume`.
    Resume(Spanned<Target>),
    /// `signal`.
    Signal(SignalStep),
    /// `exit`.
    Exit(Spanned<i32>),
    /// `crash`.
    Crash(Spanned<Term<Crash>>),
    /// `barrier`.
    Barrier(Spanned<String>),
    /// `await`.
    Await(Event),
    /// `idle`; none for `"forever"`.
    Idle(Spanned<Option<Duration>>),
    /// `repeat`.
    Repeat(Repeat),
    /// `threads`.
    Threads(Vec<Vec<Step>>),
    /// `set`.
    Set(Vec<Binding<Term<Item>>>),
    /// `print`.
    Print(Spanned<Vec<Piece>>),
}

/// The fields that all operations on ends have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OperationOptions {
    /// How long each operation may wait; until the deadline by default.
    pub wait: Option<Spanned<Term<Wait>>>,
    /// The expected outcomes; if empty, they are derived.
    pub expect: Vec<Spanned<Term<ExpectedOutcome>>>,
    /// The name by which other processes await the step.
    pub label: Option<Spanned<String>>,
}

/// `put`, `send`, `write`.
#[derive(Clone, Debug, PartialEq)]
pub struct Put {
    /// The key of the step, as the kind of channel that it is for.
    pub word: Spanned<Kind>,
    /// The sending end.
    pub on: Spanned<EndName>,
    /// The items.
    pub source: Source,
    /// The length in bytes to which each number is padded.
    pub size: Option<Spanned<Term<u64>>>,
    /// Wait, expected outcomes and label.
    pub options: OperationOptions,
}

/// The items of a put.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `item`.
    Item(Spanned<Term<Item>>),
    /// `items`.
    Items(Vec<Spanned<Term<Item>>>),
    /// `count`: the integers from `from`.
    Count {
        /// The number of integers.
        count: Spanned<Term<u64>>,
        /// The first integer; 0 by default.
        from: Option<Spanned<Term<u64>>>,
    },
}

/// `get`, `recv`, `read`.
#[derive(Clone, Debug, PartialEq)]
pub struct Get {
    /// The key of the step, as the kind of channel that it is for.
    pub word: Spanned<Kind>,
    /// The receiving end.
    pub on: Spanned<EndName>,
    /// When to stop.
    pub limit: Limit,
    /// The length in bytes to which each expected number is padded.
    pub size: Option<Spanned<Term<u64>>>,
    /// The length in bytes of the buffer that each message is received into; none if the library makes
    /// room for it.
    pub buffer: Option<Spanned<Term<u64>>>,
    /// The length in bytes of the buffer's elements; 1 by default.
    pub element: Option<Spanned<Term<u64>>>,
    /// The steps to do for each item.
    pub each: Vec<Step>,
    /// The variable that stores the last item.
    pub into: Option<Spanned<String>>,
    /// Wait, expected outcomes and label.
    pub options: OperationOptions,
}

/// The point at which a get stops, and the items that it must receive.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// After any one item.
    One,
    /// After this number of items.
    Count(Spanned<Term<u64>>),
    /// At one of these items, or at the end of the stream.
    Until(Vec<Spanned<Until>>),
    /// After one item, which must be this one.
    Item(Spanned<Term<Item>>),
    /// After these items, in this order.
    Items(Vec<Spanned<Term<Item>>>),
}

/// An element of `until`.
#[derive(Clone, Debug, PartialEq)]
pub enum Until {
    /// `"$end"`.
    End,
    /// This item.
    Item(Term<Item>),
}

/// `poll`.
#[derive(Clone, Debug, PartialEq)]
pub struct Poll {
    /// The ends.
    pub on: Vec<Spanned<EndName>>,
    /// Wait, expected outcomes and label.
    pub options: OperationOptions,
}

/// `task-done`, `join-queue`, `size`, `is-empty`, `is-full`: a call of a queue that counts its items.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueCall {
    /// The queue.
    pub on: Spanned<EndName>,
    /// Expected outcomes and label.
    pub options: OperationOptions,
}

/// `listen`.
#[derive(Clone, Debug, PartialEq)]
pub struct Listen {
    /// The endpoint.
    pub on: Spanned<String>,
    /// Whether to take over a name that is in use; false by default.
    pub replace: Option<Spanned<bool>>,
    /// Wait, expected outcomes and label.
    pub options: OperationOptions,
}

/// `accept`, `connect`.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionSetup {
    /// The endpoint.
    pub on: Spanned<String>,
    /// The name of this process's end of the connection.
    pub into: Spanned<String>,
    /// For `connect`, the key to authenticate with, or `"$none"`; the endpoint's key by default.
    pub key: Option<Spanned<Option<String>>>,
    /// Wait, expected outcomes and label.
    pub options: OperationOptions,
}

/// `raw`: bytes below the layer that frames messages.
#[derive(Clone, Debug, PartialEq)]
pub struct RawWrite {
    /// The sending end.
    pub on: Spanned<EndName>,
    /// The length that the library's header before the bytes states; no header if none.
    pub length: Option<Spanned<Term<i64>>>,
    /// The bytes; none by default.
    pub bytes: Option<Spanned<Vec<u8>>>,
    /// The first byte that is written, of the header and the bytes together; 0 by default.
    pub from: Option<Spanned<Term<u64>>>,
    /// The byte after the last one that is written; all of the rest by default.
    pub to: Option<Spanned<Term<u64>>>,
}

/// `join`: the process, or a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// The process.
    pub of: Spanned<Target>,
    /// Wait, expected outcomes and label.
    pub options: OperationOptions,
}

/// `signal`: a signal that the process handles.
#[derive(Clone, Debug, PartialEq)]
pub struct SignalStep {
    /// The process.
    pub to: Spanned<Target>,
    /// The signal.
    pub name: Spanned<Term<Signal>>,
}

/// `repeat`.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    /// The number of rounds.
    pub count: Spanned<Term<u64>>,
    /// The steps of each round.
    pub steps: Vec<Step>,
}

/// An element of `expect`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpectedOutcome {
    /// This one.
    Outcome(Outcome),
    /// Any outcome.
    Any,
}

/// The event that a process awaits.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The labelled steps have started.
    Started(Spanned<String>),
    /// The labelled steps have started and are blocked.
    Blocked(Spanned<String>),
    /// The labelled steps are done.
    Done(Spanned<String>),
    /// The processes have exited.
    Exited(Spanned<Target>),
}

impl Action {
    /// Returns the side of a connection that `accept` or `connect` binds.
    pub(crate) fn bound_side(&self) -> Side {
        match self {
            Action::Accept(_) => Side::A,
            _ => Side::B,
        }
    }

    /// Returns the ends that it operates on, without those of nested steps.
    pub(crate) fn ends(&self) -> &[Spanned<EndName>] {
        match self {
            Action::Put(Put { on, .. })
            | Action::Get(Get { on, .. })
            | Action::Raw(RawWrite { on, .. })
            | Action::TaskDone(QueueCall { on, .. })
            | Action::JoinQueue(QueueCall { on, .. })
            | Action::Hint(_, QueueCall { on, .. })
            | Action::Close(on)
            | Action::HalfClose(on) => std::slice::from_ref(on),
            Action::Poll(poll) => &poll.on,
            _ => &[],
        }
    }

    /// Returns the label of the step.
    pub(crate) fn label(&self) -> Option<&Spanned<String>> {
        let options = match self {
            Action::Put(put) => &put.options,
            Action::Get(get) => &get.options,
            Action::Poll(poll) => &poll.options,
            Action::TaskDone(call) | Action::JoinQueue(call) | Action::Hint(_, call) => {
                &call.options
            }
            Action::Listen(listen) => &listen.options,
            Action::Accept(setup) | Action::Connect(setup) => &setup.options,
            Action::Join(join) => &join.options,
            _ => return None,
        };
        options.label.as_ref()
    }
}

/// Calls `visit` for every step. Nested steps follow the step that they are nested in.
pub(crate) fn every_step<'c>(steps: &'c [Step], visit: &mut impl FnMut(&'c Step)) {
    for step in steps {
        visit(step);
        match &step.action {
            Action::Get(get) => every_step(&get.each, visit),
            Action::Repeat(repeat) => every_step(&repeat.steps, visit),
            Action::Threads(threads) => threads.iter().for_each(|steps| every_step(steps, visit)),
            _ => {}
        }
    }
}

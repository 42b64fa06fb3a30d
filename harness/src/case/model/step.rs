//! Steps of a process, as the file says them.

use std::time::Duration;

use super::{EndName, Target, Term};
use crate::backend::{Kind, Outcome, Wait};
use crate::case::model::Binding;
use crate::case::{Span, Spanned};
use crate::plan::{Crash, Item};

/// One step: a table with exactly one key.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Where the whole step stands.
    pub span: Span,
    /// What to do.
    pub action: Action,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// `put`, `send`, `write`.
    Put(Put),
    /// `get`, `recv`, `read`.
    Get(Get),
    /// `poll`.
    Poll(Poll),
    /// `close`.
    Close(Spanned<EndName>),
    /// `half-close`.
    HalfClose(Spanned<EndName>),
    /// `open`.
    Open(Spanned<String>),
    /// `listen`.
    Listen(Listen),
    /// `accept`.
    Accept(Meeting),
    /// `connect`.
    Connect(Meeting),
    /// `raw`.
    Raw(Raw),
    /// `start`.
    Start(Spanned<Target>),
    /// `join`.
    Join(Spanned<Target>),
    /// `kill`.
    Kill(Spanned<Target>),
    /// `pause`.
    Pause(Spanned<Target>),
    /// `resume`.
    Resume(Spanned<Target>),
    /// `exit`.
    Exit(Spanned<i32>),
    /// `crash`.
    Crash(Spanned<Term<Crash>>),
    /// `barrier`.
    Barrier(Spanned<String>),
    /// `await`.
    Await(Event),
    /// `idle`; none for ever.
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

/// What operations on ends have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Manner {
    /// How long each may take; until the deadline where the file says nothing.
    pub wait: Option<Spanned<Term<Wait>>>,
    /// The outcomes that are right; derived where empty.
    pub expect: Vec<Spanned<Term<Expect>>>,
    /// The name by which others await it.
    pub label: Option<Spanned<String>>,
}

/// `put`, `send`, `write`.
#[derive(Clone, Debug, PartialEq)]
pub struct Put {
    /// The word, by the kind of channel that it is for.
    pub word: Spanned<Kind>,
    /// Where to.
    pub on: Spanned<EndName>,
    /// What.
    pub source: Source,
    /// The length in bytes to which each number is padded.
    pub size: Option<Spanned<Term<u64>>>,
    /// How.
    pub manner: Manner,
}

/// What a put puts.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// `item`.
    Item(Spanned<Term<Item>>),
    /// `items`.
    Items(Vec<Spanned<Term<Item>>>),
    /// `count`: the integers from `from`.
    Count {
        /// How many.
        count: Spanned<Term<u64>>,
        /// The first; 0 where the file says nothing.
        from: Option<Spanned<Term<u64>>>,
    },
}

/// `get`, `recv`, `read`.
#[derive(Clone, Debug, PartialEq)]
pub struct Get {
    /// The word, by the kind of channel that it is for.
    pub word: Spanned<Kind>,
    /// Where from.
    pub on: Spanned<EndName>,
    /// How many, or until what.
    pub limit: Limit,
    /// The length in bytes to which each expected number is padded.
    pub size: Option<Spanned<Term<u64>>>,
    /// What to do with each.
    pub each: Vec<Step>,
    /// The variable that keeps the last.
    pub into: Option<Spanned<String>>,
    /// How.
    pub manner: Manner,
}

/// When a get has enough.
#[derive(Clone, Debug, PartialEq)]
pub enum Limit {
    /// After one item, whatever it is.
    One,
    /// After so many.
    Count(Spanned<Term<u64>>),
    /// At one of these.
    Until(Vec<Spanned<Until>>),
    /// After one, which is to be this.
    Item(Spanned<Term<Item>>),
    /// After as many as these, which they are to be.
    Items(Vec<Spanned<Term<Item>>>),
}

/// What a get waits for.
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
    /// Which ends.
    pub on: Vec<Spanned<EndName>>,
    /// How.
    pub manner: Manner,
}

/// `listen`.
#[derive(Clone, Debug, PartialEq)]
pub struct Listen {
    /// At which endpoint.
    pub on: Spanned<String>,
    /// Whether to take the name over from whoever has it; not where the file says nothing.
    pub replace: Option<Spanned<bool>>,
    /// How.
    pub manner: Manner,
}

/// `accept`, `connect`.
#[derive(Clone, Debug, PartialEq)]
pub struct Meeting {
    /// At which endpoint.
    pub on: Spanned<String>,
    /// The name of this process's end of the connection.
    pub into: Spanned<String>,
    /// The key that `connect` knows, or that it knows none; the endpoint's where the file says
    /// nothing, and always that of an `accept`.
    pub key: Option<Spanned<Option<String>>>,
    /// How.
    pub manner: Manner,
}

/// `raw`: bytes past all framing.
#[derive(Clone, Debug, PartialEq)]
pub struct Raw {
    /// Where to.
    pub on: Spanned<EndName>,
    /// What.
    pub bytes: Spanned<Vec<u8>>,
}

/// `repeat`.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    /// How often.
    pub count: Spanned<Term<u64>>,
    /// What.
    pub steps: Vec<Step>,
}

/// An outcome that a case expects, or any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// This one.
    Outcome(Outcome),
    /// Whatever it is.
    Any,
}

/// What a process awaits.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// The labelled steps have started.
    Started(Spanned<String>),
    /// The labelled steps have started and don't return.
    Blocked(Spanned<String>),
    /// The labelled steps are done.
    Done(Spanned<String>),
    /// The processes have exited.
    Exited(Spanned<Target>),
}

/// A part of a text to print.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// What the name refers to.
    Reference(String),
}

//! Histories of one queue, and whether they could be those of a single FIFO queue.
//!
//! A history here is bare: who put and got which item from when to when. What a run of ours recorded
//! becomes one ([`crate::judge::invariant`]), and so does what others recorded. Items are distinct; equal
//! stamps count as concurrent, which can weaken a judgement, and never raises a false alarm.

mod capacity;
mod completion;
mod empty;
mod end;
pub mod generate;
mod order;
pub mod recorded;
mod search;
mod sentence;
mod sorting;
pub mod spoil;
mod violation;
pub mod watch;

pub use sentence::{Names, Numbers};
pub use violation::{Pattern, Violation};

use completion::Completion;
use violation::Found;

/// When an operation that never returned returned.
pub const NEVER: u64 = u64::MAX;

/// All operations on one queue, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// Who did what, when.
    pub operations: Vec<Operation>,
    /// How many different items there are: each [`Operation::item`] is less.
    pub items: u32,
}

/// One put, get or close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    /// When it started, taken before the call; in units of any monotonic clock.
    pub start: u64,
    /// When it returned, taken after the call; [`NEVER`] if it didn't.
    pub end: u64,
    /// What was put, or got; [`Operation::NO_ITEM`] for a get that got nothing, and for a close.
    pub item: u32,
    /// Who did it.
    pub peer: u32,
    /// What it did.
    pub kind: Kind,
    /// What it came to.
    pub outcome: Outcome,
}

impl Operation {
    /// No item at all.
    pub const NO_ITEM: u32 = u32::MAX;

    /// Whether it names an item: what it was to put, or what it got.
    pub(crate) fn has_item(&self) -> bool {
        match self.kind {
            Kind::Put => true,
            Kind::Get => self.outcome == Outcome::Ok,
            Kind::Close => false,
        }
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Puts an item at the tail.
    Put,
    /// Gets the item at the head.
    Get,
    /// Closes the peer's end: it puts nothing more.
    Close,
}

impl Kind {
    /// Whether such an operation can come to this at all.
    pub(crate) fn can_come_to(self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Pending | Outcome::Ok | Outcome::Error { .. } => true,
            Outcome::Timeout => self != Kind::Close,
            Outcome::Full => self == Kind::Put,
            Outcome::Empty | Outcome::End => self == Kind::Get,
        }
    }
}

/// What an operation came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It never returned: its effect may have come, may still come, or may never.
    Pending,
    /// It was done.
    Ok,
    /// A get found the queue empty.
    Empty,
    /// A put found the queue full.
    Full,
    /// It ran out of time, and had no effect.
    Timeout,
    /// A get was told that nothing will ever come again.
    End,
    /// It failed.
    Error {
        /// Whether it can't have had any effect; else it is as open as one that is pending.
        definite: bool,
    },
}

impl Outcome {
    /// Whether nobody knows if the operation had its effect.
    pub(crate) fn is_open(self) -> bool {
        matches!(self, Outcome::Pending | Outcome::Error { definite: false })
    }

    /// Whether the operation had its effect, or may have had it.
    pub(crate) fn may_have_effect(self) -> bool {
        self == Outcome::Ok || self.is_open()
    }

    /// Whether a get that came to this says that the queue was empty.
    fn says_empty(self, claimed: Option<Empty>) -> bool {
        match self {
            Outcome::Empty => claimed.is_some(),
            Outcome::Timeout => claimed == Some(Empty::Timeout),
            _ => false,
        }
    }
}

/// What a queue claims, and is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claims {
    /// In which order items come out.
    pub order: Order,
    /// The most items that it holds, at least one; none where it makes no promise about that, and
    /// "full" isn't judged.
    pub capacity: Option<u64>,
    /// Which gets without an item say that the queue was empty.
    pub empty: Option<Empty>,
}

/// In which order a queue says that items come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// As one FIFO queue: linearizable.
    Fifo,
    /// Those of one producer in its order, at each consumer and over all of them.
    PerProducer,
    /// In any.
    Unordered,
}

/// Which outcomes of a get say that there was a moment during it when the queue was empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Empty {
    /// [`Outcome::Empty`].
    Strict,
    /// [`Outcome::Empty`] and [`Outcome::Timeout`].
    Timeout,
}

/// What a history comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Whether it could be one of a queue that keeps its claims.
    pub verdict: Verdict,
    /// Why it couldn't, the first few of each pattern ([`MOST_VIOLATIONS`]); where the verdict is
    /// unknown, what made it so ([`Pattern::is_of_the_history`]).
    pub violations: Vec<Violation>,
}

/// Whether a history could be one of a queue that keeps its claims.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It could.
    Pass,
    /// It couldn't.
    Fail,
    /// It can't be told: the history itself makes no sense, or the search was given up.
    Unknown,
}

/// The most violations of one pattern that are told.
pub const MOST_VIOLATIONS: usize = 16;

/// Judges a history by what the queue claims.
///
/// That takes O(n log n), and is exact. Only for queues with a capacity, and for killed consumers of
/// a queue that keeps the order of each producer, some histories are left that have to be searched;
/// after [`MOST_STEPS`] of those that is given up.
pub fn judge(history: &History, claims: &Claims) -> Judgement {
    let capacity = claims.capacity.map(|capacity| capacity.max(1));
    let claims = &Claims {
        capacity,
        ..*claims
    };
    let mut found = Found::default();
    let mut completion = Completion::of(history, claims, &mut found);
    if !found.is_empty() {
        return Judgement::of(found);
    }
    end::check(history, &mut completion, &mut found);
    let by_put_end = completion.by_put_end();
    order::check(history, &completion, claims.order, &by_put_end, &mut found);
    let mut undecided = capacity.is_some();
    let mut empty = Found::default();
    empty::check(&completion, &by_put_end, &mut empty);
    if claims.order == Order::PerProducer && completion.has_choice() && !empty.is_empty() {
        undecided = true;
    } else {
        found.append(empty);
    }
    drop(by_put_end);
    if let Some(capacity) = capacity
        && found.is_empty()
    {
        capacity::reject(&completion, claims.order, capacity, &mut found);
        undecided = !capacity::accepts(&completion, capacity);
    }
    if found.is_empty() && undecided {
        match search::search(history, &completion, claims, MOST_STEPS) {
            search::Outcome::Possible => {}
            search::Outcome::Impossible(operation) => found.add(Pattern::Together, [operation]),
            search::Outcome::GivenUp => found.add(Pattern::GivenUp, []),
        }
    }
    Judgement::of(found)
}

/// How many choices a search makes at most.
pub const MOST_STEPS: u64 = 2_000_000;

impl Judgement {
    fn of(found: Found) -> Judgement {
        let violations = found.into_violations();
        let mut patterns = violations.iter().map(|violation| violation.pattern);
        let verdict = if violations.is_empty() {
            Verdict::Pass
        } else if patterns.any(Pattern::is_of_the_history) {
            Verdict::Unknown
        } else {
            Verdict::Fail
        };
        Judgement {
            verdict,
            violations,
        }
    }
}

#[cfg(test)]
mod tests;

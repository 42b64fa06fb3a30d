//! What is wrong with a history.

use super::history::NO_OPERATION;

/// The most violations of one pattern that a judgement lists.
pub const MOST_VIOLATIONS: usize = 16;

/// A few operations that no queue with these claims could have performed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The kind of violation.
    pub pattern: Pattern,
    /// The operations that prove it, as indexes into
    /// [`History::operations`](super::History::operations), in the order in which the sentence names
    /// them.
    pub operations: Vec<u32>,
}

/// The kinds of violations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// An operation is impossible: it ends before it starts, lacks its item, or has an outcome that
    /// its kind can't have.
    Malformed,
    /// An item was put twice, so it is unknown which of the two was got.
    TwicePut,
    /// An item was got that was never put, or was got before its put began.
    Fresh,
    /// An item was got twice.
    Repeat,
    /// An item was got although its put certainly failed.
    Resurrected,
    /// The put of an item returned before the put of another began, but the get of the other returned
    /// before the get of the first began, or the first was never got.
    Order,
    /// A get reported "empty" while the queue certainly held an item.
    Empty,
    /// An item was put and never got, although a get reported the end of the stream.
    Lost,
    /// A get reported the end of the stream before all writers had closed.
    EarlyEnd,
    /// An item was got after a get had reported the end of the stream.
    AfterEnd,
    /// A put reported "full" while the queue certainly had room.
    Full,
    /// The queue certainly held more items than its capacity.
    Capacity,
    /// No order of all operations fits a queue with this capacity, and no simpler pattern shows why.
    Together,
    /// The search reached [`MOST_STEPS`](super::MOST_STEPS) before it found an order or ruled out
    /// all.
    GivenUp,
}

impl Pattern {
    /// Every pattern.
    pub const ALL: [Pattern; 14] = [
        Pattern::Malformed,
        Pattern::TwicePut,
        Pattern::Fresh,
        Pattern::Repeat,
        Pattern::Resurrected,
        Pattern::Order,
        Pattern::Empty,
        Pattern::Lost,
        Pattern::EarlyEnd,
        Pattern::AfterEnd,
        Pattern::Full,
        Pattern::Capacity,
        Pattern::Together,
        Pattern::GivenUp,
    ];

    /// Returns the pattern's name in reports.
    pub fn word(self) -> &'static str {
        match self {
            Pattern::Malformed => "malformed",
            Pattern::TwicePut => "twice-put",
            Pattern::Fresh => "fresh",
            Pattern::Repeat => "repeat",
            Pattern::Resurrected => "resurrected",
            Pattern::Order => "order",
            Pattern::Empty => "empty",
            Pattern::Lost => "lost",
            Pattern::EarlyEnd => "early-end",
            Pattern::AfterEnd => "after-end",
            Pattern::Full => "full",
            Pattern::Capacity => "capacity",
            Pattern::Together => "together",
            Pattern::GivenUp => "given-up",
        }
    }

    /// Whether the pattern is about the record or the search, and says nothing about the queue: the
    /// verdict is then [`Unknown`](super::Verdict::Unknown).
    pub fn is_inconclusive(self) -> bool {
        matches!(
            self,
            Pattern::Malformed | Pattern::TwicePut | Pattern::GivenUp
        )
    }
}

/// The violations found so far, of each pattern the first few.
#[derive(Debug, Default)]
pub(super) struct Found {
    violations: Vec<Violation>,
    count: [usize; Pattern::ALL.len()],
}

impl Found {
    /// Adds a violation with these operations, except [`NO_OPERATION`]. The iterator isn't consumed if
    /// there are [`MOST_VIOLATIONS`] of this pattern already.
    pub(super) fn add(&mut self, pattern: Pattern, operations: impl IntoIterator<Item = u32>) {
        let count = &mut self.count[pattern as usize];
        *count += 1;
        if *count <= MOST_VIOLATIONS {
            let operations = operations
                .into_iter()
                .filter(|index| *index != NO_OPERATION);
            self.violations.push(Violation {
                pattern,
                operations: operations.collect(),
            });
        }
    }

    /// Adds one more operation to the n-th violation, from 0.
    pub(super) fn add_to(&mut self, n: usize, operation: u32) {
        self.violations[n].operations.push(operation);
    }

    pub(super) fn len(&self) -> usize {
        self.violations.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.violations.is_empty()
    }

    pub(super) fn append(&mut self, others: Found) {
        for violation in others.violations {
            self.add(violation.pattern, violation.operations);
        }
    }

    pub(super) fn into_violations(self) -> Vec<Violation> {
        self.violations
    }
}

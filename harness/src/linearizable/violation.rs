//! What shows that a history can't be that of a queue.

use super::MOST_VIOLATIONS;
use super::completion::NOBODY;

/// A handful of operations that no queue with these claims could have done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// In which way it is wrong.
    pub pattern: Pattern,
    /// The operations that show it, as indexes into [`super::History::operations`], in the order in
    /// which the sentence names them.
    pub operations: Vec<u32>,
}

/// The ways in which a history can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// An operation that can't be: it ends before it starts, has no item where it must, or an
    /// outcome that its kind can't have.
    Malformed,
    /// An item that was put twice, so that nobody can tell which one was got.
    TwicePut,
    /// An item was got that was never put, or before it was.
    Fresh,
    /// An item was got twice.
    Repeat,
    /// An item was got although its put had surely failed.
    Resurrected,
    /// An item was put wholly before another, and got wholly after it, or never.
    Order,
    /// A get was told "empty" while the queue surely wasn't.
    Empty,
    /// An item was put and never got, though the end of the stream was told.
    Lost,
    /// The end of the stream was told before it was.
    EarlyEnd,
    /// An item was got behind the end of the stream.
    AfterEnd,
    /// A put was told "full" while the queue surely wasn't.
    Full,
    /// More items were surely inside than the queue holds.
    Capacity,
    /// Each operation by itself may be right, and all of them together aren't: no order of them is
    /// one of a queue with this capacity.
    Together,
    /// There was no telling within the steps that the search was given.
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

    /// The word for it in reports.
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

    /// Whether it says something about the record, or the search, and nothing about the queue: the
    /// verdict is unknown.
    pub fn is_of_the_history(self) -> bool {
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
    /// Adds what these operations show, without those that there never were. They are only asked for
    /// if they are told.
    pub(super) fn add(&mut self, pattern: Pattern, operations: impl IntoIterator<Item = u32>) {
        let count = &mut self.count[pattern as usize];
        *count += 1;
        if *count <= MOST_VIOLATIONS {
            let operations = operations.into_iter().filter(|index| *index != NOBODY);
            self.violations.push(Violation {
                pattern,
                operations: operations.collect(),
            });
        }
    }

    /// Adds one more operation to the violation that was the n-th to be told, from 0.
    pub(super) fn add_to(&mut self, n: usize, operation: u32) {
        self.violations[n].operations.push(operation);
    }

    /// How many are told.
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

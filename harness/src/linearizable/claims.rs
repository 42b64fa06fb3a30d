//! What a queue claims about itself.

use super::history::Outcome;

/// What a queue claims, and is judged by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claims {
    /// The order in which items come out.
    pub order: Order,
    /// The most items that the queue holds; 0 counts as 1. With `None` the queue claims no limit, and
    /// [`Outcome::Full`] isn't judged.
    pub capacity: Option<u64>,
    /// Which gets without an item claim that the queue was empty; with `None` no get does.
    pub empty: Option<Empty>,
}

/// The order in which items come out of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// The order of one FIFO queue: the history must be linearizable.
    Fifo,
    /// Items of one producer keep their order, at each consumer and across all consumers.
    PerProducer,
    /// Any order.
    Unordered,
}

/// Which outcomes of a get claim that the queue was empty at some moment of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Empty {
    /// [`Outcome::Empty`].
    Strict,
    /// [`Outcome::Empty`] and [`Outcome::Timeout`].
    Timeout,
}

impl Claims {
    /// Whether a get with this outcome claims that the queue was empty.
    pub(super) fn is_empty_claim(&self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Empty => self.empty.is_some(),
            Outcome::Timeout => self.empty == Some(Empty::Timeout),
            _ => false,
        }
    }
}

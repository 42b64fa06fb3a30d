//! The operations on one queue.

/// The end of an operation that never returned.
pub const NEVER: u64 = u64::MAX;

/// The index of an operation that doesn't exist.
pub(super) const NO_OPERATION: u32 = u32::MAX;

/// All operations on one queue, in any order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The operations. Violations refer to them by index.
    pub operations: Vec<Operation>,
    /// The number of different items: each [`Operation::item`] is less.
    pub items: u32,
}

/// One put, get or close.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Operation {
    /// The stamp read before the call, in units of any monotonic clock.
    pub start: u64,
    /// The stamp read after the call; [`NEVER`] if it didn't return.
    pub end: u64,
    /// The item that was put or got; [`Operation::NO_ITEM`] for a close, and for a get that returned
    /// no item.
    pub item: u32,
    /// The process or thread that made the call.
    pub peer: u32,
    /// What the call does.
    pub kind: Kind,
    /// How the call ended.
    pub outcome: Outcome,
}

impl Operation {
    /// Stands for no item.
    pub const NO_ITEM: u32 = u32::MAX;

    /// Whether it names an item: the one that it tried to put, or the one that it got.
    pub(super) fn has_item(&self) -> bool {
        match self.kind {
            Kind::Put => true,
            Kind::Get => self.outcome == Outcome::Ok,
            Kind::Close => false,
        }
    }

    /// Whether its fields fit together, in a history with this many items.
    pub(super) fn is_well_formed(&self, items: u32) -> bool {
        let never_returned = self.end == NEVER;
        self.start <= self.end
            && (self.outcome == Outcome::Pending) == never_returned
            && self.kind.can_have(self.outcome)
            && (!self.has_item() || self.item < items)
    }
}

/// What an operation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Puts an item at the tail.
    Put,
    /// Gets the item at the head.
    Get,
    /// Closes the peer's end: the peer puts nothing more.
    Close,
}

impl Kind {
    /// Whether an operation of this kind can have this outcome.
    pub(super) fn can_have(self, outcome: Outcome) -> bool {
        match outcome {
            Outcome::Pending | Outcome::Ok | Outcome::Error { .. } => true,
            Outcome::Timeout => self != Kind::Close,
            Outcome::Full => self == Kind::Put,
            Outcome::Empty | Outcome::End => self == Kind::Get,
        }
    }
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It never returned: it may have had its effect, may have it later, or may never have it.
    Pending,
    /// It succeeded.
    Ok,
    /// A get found the queue empty.
    Empty,
    /// A put found the queue full.
    Full,
    /// It timed out, and had no effect.
    Timeout,
    /// A get reported the end of the stream: no item will ever come again.
    End,
    /// It returned an error.
    Error {
        /// Whether it certainly had no effect. Otherwise it may have had one, as if it were pending.
        definite: bool,
    },
}

impl Outcome {
    /// Whether the outcome doesn't tell if the operation had its effect.
    pub(super) fn is_open(self) -> bool {
        matches!(self, Outcome::Pending | Outcome::Error { definite: false })
    }

    /// Whether the operation had its effect, or may have had it.
    pub(super) fn may_have_effect(self) -> bool {
        self == Outcome::Ok || self.is_open()
    }
}

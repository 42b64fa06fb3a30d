//! The violations found so far, with the operations that prove them.

use super::numbered::NumberedOperation;
use crate::linearizable::judgement::Judgement;
use crate::linearizable::violation::{Found, Pattern};

/// The judgement on all operations that were added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnlineJudgement {
    /// The judgement. Its violations refer to operations by their index in
    /// [`OnlineJudgement::witnesses`].
    pub judgement: Judgement,
    /// The operations that prove the violations.
    pub witnesses: Vec<NumberedOperation>,
}

/// Collects violations and their witnesses.
#[derive(Debug, Default)]
pub(super) struct WitnessedViolations {
    found: Found,
    witnesses: Vec<NumberedOperation>,
    /// Items that were overtaken and may be got later, with the number of their violation.
    overtaken: Vec<(u32, usize)>,
}

impl WitnessedViolations {
    /// Adds a violation with these operations, if there aren't too many of its pattern yet.
    pub(super) fn add(
        &mut self,
        pattern: Pattern,
        witnesses: impl IntoIterator<Item = NumberedOperation>,
    ) {
        let kept = &mut self.witnesses;
        let operations = witnesses.into_iter().map(|witness| {
            kept.push(witness);
            kept.len() as u32 - 1
        });
        self.found.add(pattern, operations);
    }

    /// Adds a violation of order: an item was put and got although another had entered before.
    pub(super) fn add_overtaken(
        &mut self,
        overtaken: NumberedOperation,
        put: NumberedOperation,
        got: NumberedOperation,
    ) {
        let number = self.found.len();
        self.add(Pattern::Order, [overtaken, put, got]);
        if number < self.found.len() {
            self.overtaken.push((overtaken.1.item, number));
        }
    }

    /// Adds the get of an item to the violations in which that item was overtaken.
    pub(super) fn got(&mut self, get: NumberedOperation) {
        if self.overtaken.is_empty() {
            return;
        }
        let index = self.witnesses.len() as u32;
        let overtaken = self
            .overtaken
            .extract_if(.., |(item, _)| *item == get.1.item);
        let extended = overtaken.map(|(_, number)| self.found.add_to(number, index));
        if extended.count() > 0 {
            self.witnesses.push(get);
        }
    }

    pub(super) fn finish(self) -> OnlineJudgement {
        OnlineJudgement {
            judgement: Judgement::of(self.found),
            witnesses: self.witnesses,
        }
    }
}

//! What was found wrong, and the operations that prove it.

use super::super::violation::Found;
use super::super::{Judgement, Pattern};
use super::{Watched, Witness};

#[derive(Debug, Default)]
pub(super) struct Proof {
    found: Found,
    witnesses: Vec<Witness>,
    /// Items that others have passed by, and which violation says so: they may be got yet.
    passed_by: Vec<(u32, usize)>,
}

impl Proof {
    /// Adds what these operations show, the first few of each pattern.
    pub(super) fn add(&mut self, pattern: Pattern, witnesses: impl IntoIterator<Item = Witness>) {
        let kept = &mut self.witnesses;
        let operations = witnesses.into_iter().map(|witness| {
            kept.push(witness);
            kept.len() as u32 - 1
        });
        self.found.add(pattern, operations);
    }

    /// Adds that an item was put and got, and one that was inside before it was passed by.
    pub(super) fn passed_by(&mut self, passed: Witness, put: Witness, got: Witness) {
        let told = self.found.len();
        self.add(Pattern::Order, [passed, put, got]);
        if told < self.found.len() {
            self.passed_by.push((passed.1.item, told));
        }
    }

    /// Adds the get of an item where that was passed by.
    pub(super) fn got(&mut self, get: Witness) {
        if self.passed_by.is_empty() {
            return;
        }
        let index = self.witnesses.len() as u32;
        let passed = self
            .passed_by
            .extract_if(.., |(item, _)| *item == get.1.item);
        let told = passed.map(|(_, told)| self.found.add_to(told, index));
        if told.count() > 0 {
            self.witnesses.push(get);
        }
    }

    pub(super) fn finish(self) -> Watched {
        Watched {
            judgement: Judgement::of(self.found),
            witnesses: self.witnesses,
        }
    }
}

//! What was found wrong, and the operations that prove it.

use super::super::violation::Found;
use super::super::{Judgement, MOST_VIOLATIONS, Pattern, Violation};
use super::{Watched, Witness};

#[derive(Debug, Default)]
pub(super) struct Proof {
    violations: Vec<Violation>,
    witnesses: Vec<Witness>,
    /// Items that others have passed by, and which violation says so: they may be got yet.
    passed_by: Vec<(u32, usize)>,
}

impl Proof {
    /// Adds what these operations show, the first few of each pattern.
    pub(super) fn add(&mut self, pattern: Pattern, witnesses: impl IntoIterator<Item = Witness>) {
        let alike = self
            .violations
            .iter()
            .filter(|told| told.pattern == pattern);
        if alike.count() >= MOST_VIOLATIONS {
            return;
        }
        let first = self.witnesses.len() as u32;
        self.witnesses.extend(witnesses);
        let operations = (first..self.witnesses.len() as u32).collect();
        self.violations.push(Violation {
            pattern,
            operations,
        });
    }

    /// Adds that an item was put and got, and one that was inside before it was passed by.
    pub(super) fn passed_by(&mut self, passed: Witness, put: Witness, got: Witness) {
        let told = self.violations.len();
        self.add(Pattern::Order, [passed, put, got]);
        if told < self.violations.len() {
            self.passed_by.push((passed.1.item, told));
        }
    }

    /// Adds the get of an item where that was passed by.
    pub(super) fn got(&mut self, get: Witness) {
        if self.passed_by.is_empty() {
            return;
        }
        let index = self.witnesses.len() as u32;
        let violations = &mut self.violations;
        let passed = self
            .passed_by
            .extract_if(.., |(item, _)| *item == get.1.item);
        let told = passed.map(|(_, told)| violations[told].operations.push(index));
        if told.count() > 0 {
            self.witnesses.push(get);
        }
    }

    pub(super) fn finish(self) -> Watched {
        let mut found = Found::default();
        for violation in self.violations {
            found.add(violation.pattern, violation.operations);
        }
        Watched {
            judgement: Judgement::of(found),
            witnesses: self.witnesses,
        }
    }
}

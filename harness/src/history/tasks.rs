//! How many items of a joinable queue were certainly put, and how many may have been marked as done.

use super::{History, Operation, OperationKind};
use crate::backend::Outcome;
use crate::plan::End;

/// The calls that count the items of one queue.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tasks {
    puts: Calls,
    dones: Calls,
}

/// When calls began that may have had an effect, and when those returned that certainly had it. Both sorted.
#[derive(Clone, Debug, Default)]
struct Calls {
    began: Vec<u64>,
    returned: Vec<u64>,
}

impl Tasks {
    /// Returns those of this queue.
    pub(crate) fn of(history: &History, queue: End) -> Tasks {
        let mut tasks = Tasks::default();
        for (_, operation) in history.operations() {
            if operation.end != Some(queue) {
                continue;
            }
            match operation.kind {
                OperationKind::Put => tasks.puts.add(operation),
                OperationKind::TaskDone => tasks.dones.add(operation),
                _ => {}
            }
        }
        tasks.puts.sort();
        tasks.dones.sort();
        tasks
    }

    /// Returns how many items certainly weren't marked as done, at the moment of this time at which they were
    /// fewest.
    pub(crate) fn fewest_unfinished(&self, from: u64, until: u64) -> u64 {
        // Only a mark makes them fewer.
        let later = self.dones.began.iter().copied();
        let moments = later.filter(|began| (from..=until).contains(began));
        let unfinished = moments
            .chain([from])
            .map(|moment| self.unfinished_at(moment));
        unfinished.min().unwrap_or(0)
    }

    fn unfinished_at(&self, moment: u64) -> u64 {
        let put = self.puts.certainly_before(moment);
        put.saturating_sub(self.dones.possibly_until(moment))
    }

    /// Whether every item that may have been put until then was certainly marked as done before.
    pub(crate) fn are_all_done(&self, moment: u64) -> bool {
        self.puts.possibly_until(moment) <= self.dones.certainly_before(moment)
    }

    /// Returns how many items were certainly put before this moment.
    pub(crate) fn put_before(&self, moment: u64) -> u64 {
        self.puts.certainly_before(moment)
    }

    /// Whether more items were certainly marked as done until this moment than may have been put.
    pub(crate) fn are_overdone(&self, moment: u64) -> bool {
        self.dones.certainly_before(moment + 1) > self.puts.possibly_until(moment)
    }

    /// Whether this mark, which was refused, certainly had an item to mark. It isn't among the marks.
    pub(crate) fn had_one_to_mark(&self, mark: &Operation) -> bool {
        let until = mark.returned.unwrap_or(u64::MAX);
        self.puts.certainly_before(mark.start) > self.dones.possibly_until(until)
    }
}

impl Calls {
    fn add(&mut self, call: &Operation) {
        let has_none = call.outcome.is_some_and(|outcome| outcome != Outcome::Ok) && call.definite;
        if has_none || call.outcome == Some(Outcome::Refused) {
            return;
        }
        self.began.push(call.start);
        if call.outcome == Some(Outcome::Ok) {
            self.returned.extend(call.returned);
        }
    }

    fn sort(&mut self) {
        self.began.sort_unstable();
        self.returned.sort_unstable();
    }

    fn certainly_before(&self, moment: u64) -> u64 {
        self.returned.partition_point(|returned| *returned < moment) as u64
    }

    fn possibly_until(&self, moment: u64) -> u64 {
        self.began.partition_point(|began| *began <= moment) as u64
    }
}

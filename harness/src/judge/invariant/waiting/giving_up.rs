//! Who gives up loses nothing: what it waited for goes to a later receive, and what it couldn't send
//! doesn't arrive, not even in part.

use std::collections::BTreeMap;

use crate::backend::{Kind, Outcome};
use crate::history::fate::{Because, Fates};
use crate::history::pairing::{Entry, Traffic};
use crate::judge::Finding;
use crate::judge::invariant::queue::delivery;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::{Evidence, Invariant};
use crate::plan::ProcessIndex;

pub(in crate::judge::invariant) const CANCEL: &str = "async.cancel-safe";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "giving-up",
    about: "a call that gives up takes nothing along and leaves nothing half done",
    clauses: &[CANCEL],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    // Of a stream's bytes the judge of streams knows which are missing.
    let of_items = |(traffic, _): &(&Traffic, &Fates)| traffic.kind != Kind::Stream;
    for (traffic, fates) in evidence.lanes().filter(of_items) {
        receives(evidence, &mut tally, traffic, fates);
        sends(evidence, &mut tally, traffic, fates);
    }
    tally.findings()
}

/// Whether this is a call that came back because of the time alone.
fn gave_up(evidence: &Evidence<'_>, call: &Entry) -> bool {
    matches!(
        evidence.operation(call.id()).outcome,
        Some(Outcome::Timeout | Outcome::Empty | Outcome::Full)
    )
}

/// When receives of a lane began, those that gave up and those that got something.
pub(in crate::judge::invariant) struct GivenUp {
    in_vain: Vec<u64>,
    with_success: Vec<u64>,
}

impl GivenUp {
    /// None where nobody gave up.
    pub(in crate::judge::invariant) fn of(
        evidence: &Evidence<'_>,
        traffic: &Traffic,
    ) -> Option<GivenUp> {
        let given_up = traffic.misses.iter().filter(|get| gave_up(evidence, get));
        let in_vain: Vec<u64> = given_up.map(|get| get.start).collect();
        if in_vain.is_empty() {
            return None;
        }
        let mut with_success: Vec<u64> = traffic.gets.iter().map(|get| get.start).collect();
        with_success.sort_unstable();
        Some(GivenUp {
            in_vain,
            with_success,
        })
    }

    /// Whether some gave up before this, and none got anything in between: only what they were
    /// waiting for can they have taken along.
    pub(in crate::judge::invariant) fn right_before(&self, start: u64) -> bool {
        let last = |starts: &[u64]| {
            let before = starts.partition_point(|one| *one < start);
            before.checked_sub(1).map(|at| starts[at])
        };
        last(&self.in_vain) > last(&self.with_success)
    }
}

fn receives(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, fates: &Fates) {
    let Some(given_up) = GivenUp::of(evidence, traffic) else {
        return;
    };
    for lost in &fates.lost {
        let shown_by = match lost.because {
            Because::Overtaken { got, .. } => got,
            Because::Ended(end) => end,
        };
        if given_up.right_before(evidence.operation(shown_by).start) {
            tally.broken(CANCEL, || delivery::lost(evidence, lost));
        }
    }
    for (put, get) in &fates.changed {
        if given_up.right_before(get.start) {
            tally.broken(CANCEL, || delivery::changed(evidence, put, get));
        }
    }
    let behind = |get: &&Entry| given_up.right_before(get.start);
    tally.upheld(CANCEL, traffic.gets.iter().filter(behind).count() as u64);
}

fn sends(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, fates: &Fates) {
    for (put, get) in &fates.resurrected {
        if gave_up(evidence, put) {
            tally.broken(CANCEL, || delivery::resurrected(evidence, put, get));
        }
    }
    let delivered = traffic.groups();
    let puts = last(delivered.flat_map(|group| &group.puts[..group.paired()]));
    let is_followed = |put: &&Entry| puts.get(&put.process()) > Some(&put.start);
    let given_up = traffic.refused.iter().filter(|put| gave_up(evidence, put));
    tally.upheld(CANCEL, given_up.filter(is_followed).count() as u64);
}

/// When each process began the last of these.
fn last<'a>(entries: impl Iterator<Item = &'a Entry>) -> BTreeMap<ProcessIndex, u64> {
    let mut last = BTreeMap::new();
    for entry in entries {
        let start = last.entry(entry.process()).or_insert(entry.start);
        *start = entry.start.max(*start);
    }
    last
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::backend::Wait;
    use crate::test_support::histories::{Expect, Run, pipe, queue};

    const TIMED: Wait = Wait::For(std::time::Duration::from_millis(1));

    /// A receive that gave up from 10 to 11, while the first of three messages was being sent.
    fn received(items: &[i64]) -> Run {
        let run = pipe().process("w").put(1).ok(0, 20).put(2).ok(21, 22);
        let run = run.put(3).ok(23, 24).process("r");
        let mut run = run.ask().waiting(TIMED).gives(Outcome::Timeout, 10, 11);
        for (at, item) in (30..).step_by(2).zip(items) {
            run = run.get(*item).ok(at, at + 1);
        }
        run
    }

    #[rstest]
    #[case::all_comes(&[1, 2, 3], Expect::Upheld(1))]
    #[case::it_took_one_along(&[2, 3], Expect::Broken(1))]
    #[case::what_is_late_may_come(&[1, 2], Expect::Upheld(1))]
    #[case::one_came_in_part(&[7, 2, 3], Expect::Broken(1))]
    #[case::one_is_lost_that_it_did_not_wait_for(&[1, 3], Expect::Upheld(1))]
    #[case::nobody_asks_again(&[], Expect::Untried)]
    fn judges_receives(#[case] items: &[i64], #[case] expect: Expect) {
        received(items).check(&INVARIANT, CANCEL, expect);
    }

    #[test]
    fn what_was_lost_before_is_not_charged() {
        let run = pipe().process("w").put(1).ok(0, 1).put(2).ok(2, 3);
        let run = run.process("r").get(2).ok(4, 5);
        let run = run.ask().waiting(TIMED).gives(Outcome::Timeout, 10, 11);
        run.check(&INVARIANT, CANCEL, Expect::Untried);
    }

    fn sent(then: impl FnOnce(Run) -> Run) -> Run {
        let run = queue().capacity(1).process("p").put(1).ok(0, 1);
        let run = run.put(2).waiting(TIMED).gives(Outcome::Timeout, 2, 3);
        then(run.put(3).ok(10, 11).process("c").get(1).ok(4, 5))
    }

    #[rstest]
    #[case::the_next_comes(sent(|run| run.get(3).ok(12, 13)), Expect::Upheld(1))]
    #[case::it_comes_all_the_same(
        sent(|run| run.get(2).ok(12, 13).get(3).ok(14, 15)), Expect::Broken(1)
    )]
    #[case::nothing_comes(sent(|run| run), Expect::Untried)]
    fn judges_sends(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, CANCEL, expect);
    }
}

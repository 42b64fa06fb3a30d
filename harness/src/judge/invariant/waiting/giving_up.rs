//! A call that gives up loses nothing: a later receive returns the whole message, and a message whose
//! send gave up never arrives, not even in part.

use std::collections::BTreeMap;

use crate::backend::Kind;
use crate::history::fate::Fates;
use crate::history::pairing::{Entry, Traffic};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::given_up::{CANCEL, GivenUp, gave_up};
use crate::judge::invariant::support::misdelivery;
use crate::judge::invariant::support::tally::Tally;
use crate::plan::ProcessIndex;

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "giving-up",
    about: "a call that gives up loses nothing, and a message whose send gave up never arrives",
    clauses: &[CANCEL],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    // The invariant `stream` judges bytes.
    let of_items = |(traffic, _): &(&Traffic, &Fates)| traffic.kind != Kind::Stream;
    for (traffic, fates) in evidence.lanes().filter(of_items) {
        receives(evidence, &mut tally, traffic, fates);
        sends(evidence, &mut tally, traffic, fates);
    }
    tally.findings()
}

fn receives(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, fates: &Fates) {
    let Some(given_up) = GivenUp::of(evidence, traffic) else {
        return;
    };
    for lost in &fates.lost {
        if given_up.right_before(evidence.operation(lost.because.shown_by()).start) {
            tally.broken(CANCEL, || misdelivery::lost(evidence, lost));
        }
    }
    for (put, get) in &fates.changed {
        if given_up.right_before(get.start) {
            tally.broken(CANCEL, || misdelivery::changed(evidence, put, get));
        }
    }
    let after = |get: &&Entry| given_up.right_before(get.start);
    tally.upheld(CANCEL, traffic.gets.iter().filter(after).count() as u64);
}

fn sends(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, fates: &Fates) {
    for (put, get) in &fates.resurrected {
        if gave_up(evidence, put) {
            tally.broken(CANCEL, || misdelivery::resurrected(evidence, put, get));
        }
    }
    let delivered = traffic.groups();
    let puts = last(delivered.flat_map(|group| &group.puts[..group.paired()]));
    let is_followed = |put: &&Entry| puts.get(&put.process()) > Some(&put.start);
    let given_up = traffic.refused.iter().filter(|put| gave_up(evidence, put));
    tally.upheld(CANCEL, given_up.filter(is_followed).count() as u64);
}

/// Returns, for each process, when its last entry started.
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
    use crate::backend::{Outcome, Wait};
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue};

    const TIMED: Wait = Wait::For(std::time::Duration::from_millis(1));

    /// A receive gave up between 10 and 11, during the send of the first of three messages.
    fn received(items: &[i64]) -> HistoryBuilder {
        let run = pipe().process("w").put(1).ok(0, 20).put(2).ok(21, 22);
        let run = run.put(3).ok(23, 24).process("r");
        let mut run = run.ask().waiting(TIMED).gives(Outcome::Timeout, 10, 11);
        for (at, item) in (30..).step_by(2).zip(items) {
            run = run.get(*item).ok(at, at + 1);
        }
        run
    }

    #[rstest]
    #[case::all_arrive(&[1, 2, 3], Expect::Upheld(1))]
    #[case::it_took_one(&[2, 3], Expect::Broken(1))]
    #[case::the_last_may_be_late(&[1, 2], Expect::Upheld(1))]
    #[case::one_arrives_changed(&[7, 2, 3], Expect::Broken(1))]
    #[case::another_is_lost(&[1, 3], Expect::Upheld(1))]
    #[case::no_later_receive(&[], Expect::Untried)]
    fn judges_receives(#[case] items: &[i64], #[case] expect: Expect) {
        received(items).check(&INVARIANT, CANCEL, expect);
    }

    #[test]
    fn an_earlier_loss_is_not_charged() {
        let run = pipe().process("w").put(1).ok(0, 1).put(2).ok(2, 3);
        let run = run.process("r").get(2).ok(4, 5);
        let run = run.ask().waiting(TIMED).gives(Outcome::Timeout, 10, 11);
        run.check(&INVARIANT, CANCEL, Expect::Untried);
    }

    fn sent(then: impl FnOnce(HistoryBuilder) -> HistoryBuilder) -> HistoryBuilder {
        let run = queue().capacity(1).process("p").put(1).ok(0, 1);
        let run = run.put(2).waiting(TIMED).gives(Outcome::Timeout, 2, 3);
        then(run.put(3).ok(10, 11).process("c").get(1).ok(4, 5))
    }

    #[rstest]
    #[case::the_next_arrives(sent(|run| run.get(3).ok(12, 13)), Expect::Upheld(1))]
    #[case::it_arrives(
        sent(|run| run.get(2).ok(12, 13).get(3).ok(14, 15)), Expect::Broken(1)
    )]
    #[case::none_arrives(sent(|run| run), Expect::Untried)]
    fn judges_sends(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, CANCEL, expect);
    }
}

//! Every operation returns unless its case expects that it doesn't, and a waiting consumer receives an
//! item while the queue holds some.

use crate::backend::{Capability, Kind};
use crate::history::fate::Fates;
use crate::history::pairing::Traffic;
use crate::history::rest::{Standing, is_rest};
use crate::history::{Ending, Exit, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{NOTHING_CAME, witness};
use crate::judge::untried;

const DEADLINE: &str = "live.deadline";
const SERVED: &str = "queue.mpmc.progress";
const FLOOD: &str = "pipe.dir.mutual-flood";

/// The most pending operations that a witness shows.
const MOST: usize = 4;

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "progress",
    about: "every operation returns, unless its case expects that it doesn't",
    clauses: &[DEADLINE, SERVED, FLOOD],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let returned: usize = evidence
        .history
        .processes
        .iter()
        .map(|process| process.operations.len())
        .sum();
    let ending = match evidence.history.ending {
        Ending::Completed => None,
        Ending::Stalled if hangs_as_expected(evidence) => None,
        Ending::Stalled => Some("the run stalled"),
        Ending::DeadlinePassed => Some("the deadline passed"),
        // What is upheld in such a run is taken back, with the figures.
        Ending::TooSlow => None,
    };
    match ending {
        None => tally.upheld(DEADLINE, returned as u64),
        Some(ending) => tally.broken(DEADLINE, || {
            let pending = shown_pending(evidence);
            let names: Vec<_> = pending
                .iter()
                .map(|id| evidence.name_with_caller(*id))
                .collect();
            let actual = match &names[..] {
                [] => format!("{ending}, and no operation was pending"),
                names => format!("{ending}; {} never returned", names.join(" and ")),
            };
            witness(pending, "every operation returns", actual)
        }),
    }
    for (traffic, fates) in evidence.lanes() {
        if traffic.kind == Kind::Queue {
            served(evidence, &mut tally, traffic, fates);
        }
    }
    floods(evidence, &mut tally);
    tally.findings()
}

/// Judges that a waiting consumer receives an item while the queue holds some.
fn served(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, fates: &Fates) {
    let end = traffic.lane.receiver();
    let processes = &evidence.permutation.plan.processes;
    let gets = |process: &&crate::plan::Process| {
        let mut ends = process.ends.iter();
        ends.any(|given| given.end == end && given.gets)
    };
    if processes.iter().filter(gets).count() < 2 {
        tally.untried(SERVED, untried::ONE_CONSUMER);
        return;
    }
    if !evidence.shares_items(traffic.lane) {
        tally.untried(SERVED, untried::not_declared(Capability::SharedItems));
        return;
    }
    tally.upheld(SERVED, fates.delivered);
    // A process that was killed during a get may have held a lock. Another clause is about that.
    let mut consumers = evidence.history.processes.iter().zip(processes);
    if consumers.any(|(history, process)| gets(&process) && history.exit == Some(Exit::Killed)) {
        return;
    }
    let left = fates.missing.len() - fates.changed.len();
    let asleep = traffic.takers.iter().find(|get| {
        let operation = evidence.operation(get.id());
        evidence.was_ended(get.process()) && !evidence.may_stay_pending(operation)
    });
    // Each get that never returned may have taken an item.
    if let (Some(put), Some(get), true) = (
        fates.missing.last(),
        asleep,
        evidence.history.ending == Ending::Stalled && left > traffic.takers.len(),
    ) {
        tally.broken(SERVED, || {
            let item = evidence.item_of(put.id());
            let expected = format!("one of the {left} items inside, such as {item}");
            witness([put.id(), get.id()], expected, NOTHING_CAME)
        });
    }
}

/// Counts the duplex pipes on which both ends wait until the other receives. A case can expect this
/// deadlock; the harness then reports it and ends the run.
fn floods(evidence: &Evidence<'_>, tally: &mut Tally<'_>) {
    if evidence.history.ending != Ending::Stalled || !hangs_as_expected(evidence) {
        return;
    }
    // When the harness ends one process, the other may go on and exit by itself.
    let history = evidence.history;
    let sending: Vec<_> = (history.processes.iter())
        .filter(|process| process.exit != Some(Exit::Killed))
        .filter_map(|process| process.operations.last())
        .filter(|op| op.is_pending() && op.kind == OperationKind::Put)
        .filter(|op| evidence.kind(op) == Kind::Pipe)
        .filter_map(|op| op.end)
        .collect();
    let facing = sending.iter().filter(|end| {
        let other = end.sends_on().receiver();
        sending.contains(&other)
    });
    tally.upheld(FLOOD, facing.count() as u64 / 2);
}

/// Returns the operations that were pending when the harness ended the run: first those that waited
/// for a channel, then those that waited for processes.
fn shown_pending(evidence: &Evidence<'_>) -> Vec<OperationId> {
    let mut shown: Vec<_> = pending(evidence).collect();
    shown.sort_by_key(|id| evidence.operation(*id).end.is_none());
    shown.truncate(MOST);
    shown
}

/// Returns the pending operations of processes that the harness ended.
fn pending(evidence: &Evidence<'_>) -> impl Iterator<Item = OperationId> {
    let operations = evidence.history.operations();
    let pending = operations.filter(|(_, operation)| operation.is_pending());
    let pending = pending.map(|(id, _)| id);
    pending.filter(|id| evidence.was_ended(id.process))
}

/// Whether every pending operation is expected never to return, or waits for a process.
fn hangs_as_expected(evidence: &Evidence<'_>) -> bool {
    is_rest(pending(evidence).map(|id| {
        let operation = evidence.operation(id);
        let may_stay = evidence.may_stay_pending(operation);
        Standing::of(operation, may_stay, evidence.is_stopped(id.process))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Outcome, Side};
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue};
    use rstest::rstest;

    fn hung() -> HistoryBuilder {
        let run = pipe().process("r").exits(Exit::Ended).ask().pending(5);
        run.ending(Ending::Stalled)
    }

    #[rstest]
    #[case::all_returned(pipe().process("w").put(1).ok(0, 1), Expect::Upheld(1))]
    #[case::no_operations(pipe().process("w"), Expect::Untried)]
    #[case::killed_while_waiting(
        pipe().process("r").exits(Exit::Killed).ask().pending(5), Expect::Upheld(1)
    )]
    #[case::stalled(hung(), Expect::Broken(1))]
    #[case::stalled_as_expected(hung().expecting(Outcome::Pending), Expect::Upheld(1))]
    #[case::a_join_waits_for_a_process_that_hangs_as_expected(
        hung().expecting(Outcome::Pending)
            .process("m").exits(Exit::Ended).join("r").pending(6),
        Expect::Upheld(2)
    )]
    #[case::another_process_hangs_too(
        hung().expecting(Outcome::Pending)
            .process("w").exits(Exit::Ended).put(1).pending(6),
        Expect::Broken(1)
    )]
    #[case::one_thread_hangs_as_expected_and_another_too(
        pipe().process("r").exits(Exit::Ended)
            .thread(1).ask().pending(5).expecting(Outcome::Pending)
            .thread(2).put(1).pending(4)
            .ending(Ending::Stalled),
        Expect::Broken(1)
    )]
    #[case::one_thread_hangs_as_expected_and_another_is_done(
        pipe().process("r").exits(Exit::Ended)
            .thread(1).ask().pending(5).expecting(Outcome::Pending)
            .thread(2).put(1).ok(6, 7)
            .ending(Ending::Stalled),
        Expect::Upheld(2)
    )]
    #[case::at_the_deadline(
        hung().expecting(Outcome::Pending).ending(Ending::DeadlinePassed), Expect::Broken(1)
    )]
    fn judges(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, DEADLINE, expect);
    }

    /// Two consumers never return, although `left` items are left.
    fn starved(left: u64) -> HistoryBuilder {
        let mut run = queue().process("p").put(0).ok(0, 1);
        for n in 1..=left {
            run = run.put(n as i64).ok(2 * n, 2 * n + 1);
        }
        let run = run
            .process("c")
            .get(0)
            .ok(2, 3)
            .exits(Exit::Ended)
            .ask()
            .pending(50);
        let run = run.process("d").exits(Exit::Ended).ask().pending(51);
        run.ending(Ending::Stalled)
    }

    #[rstest]
    #[case::no_item_is_left(starved(0), Expect::Upheld(1))]
    #[case::as_many_as_they_may_have_taken(starved(2), Expect::Upheld(1))]
    #[case::one_more_than_they_may_have_taken(starved(3), Expect::Broken(1))]
    #[case::in_a_completed_run(
        starved(3).ending(Ending::Completed), Expect::Upheld(1)
    )]
    #[case::beside_a_killed_consumer(
        starved(3).process("k").exits(Exit::Killed).ask().pending(4), Expect::Upheld(1)
    )]
    #[case::one_consumer(
        queue().process("p").put(0).ok(0, 1).process("c").get(0).ok(2, 3), Expect::Untried
    )]
    #[case::with_buffers_of_their_own(starved(3).declares_nothing(), Expect::Untried)]
    fn judges_service(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, SERVED, expect);
    }

    fn flood(second: Side) -> HistoryBuilder {
        let run = pipe()
            .duplex()
            .process("a")
            .exits(Exit::Ended)
            .put_on(Side::A, 1);
        let run = run.pending(0).expecting(Outcome::Pending).process("b");
        let run = run.exits(Exit::Ended).put_on(second, 2).pending(1);
        run.expecting(Outcome::Pending).ending(Ending::Stalled)
    }

    #[rstest]
    #[case::from_both_ends(flood(Side::B), Expect::Upheld(1))]
    #[case::one_exits_when_the_other_is_ended(
        flood(Side::B).process("b").exits(Exit::Code(0)), Expect::Upheld(1)
    )]
    #[case::from_the_same_end(flood(Side::A), Expect::Untried)]
    #[case::no_send_waits(
        pipe().duplex().process("a").put_on(Side::A, 1).ok(0, 1), Expect::Untried
    )]
    fn judges_floods(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, FLOOD, expect);
    }

    #[test]
    fn the_witness_names_each_thread() {
        let run = pipe().process("r").exits(Exit::Ended);
        let run = run.thread(1).ask().pending(5).thread(2).put(1).pending(6);
        let witness = run.ending(Ending::Stalled).witness(&INVARIANT, DEADLINE);
        let expected = "the run stalled; r/1: recv p.rx and r/2: send p.tx 1 never returned";
        assert_eq!(witness.actual, expected);
    }

    #[test]
    fn the_witness_names_the_process_and_its_operation() {
        let witness = hung().witness(&INVARIANT, DEADLINE);
        let expected = "the run stalled; r: recv p.rx never returned";
        assert_eq!(witness.actual, expected);
    }
}

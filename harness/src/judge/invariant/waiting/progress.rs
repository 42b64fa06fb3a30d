//! Every run comes to its end by itself.

use crate::backend::Kind;
use crate::history::fate::Fates;
use crate::history::pairing::Traffic;
use crate::history::rest::{Standing, is_rest};
use crate::history::{Ending, Exit, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};

const DEADLINE: &str = "live.deadline";
const SERVED: &str = "queue.mpmc.progress";
const FLOOD: &str = "pipe.dir.mutual-flood";

/// The most pending operations that a witness shows.
const MOST: usize = 4;

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "progress",
    about: "every operation returns, unless the case expects that it doesn't",
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
        Ending::Stalled => Some("nothing moved any more"),
        Ending::DeadlinePassed => Some("the deadline passed"),
    };
    match ending {
        None => tally.upheld(DEADLINE, returned as u64),
        Some(ending) => tally.broken(DEADLINE, || {
            let waiting = waiting(evidence);
            let names: Vec<_> = waiting.iter().map(|id| evidence.whole_name(*id)).collect();
            let actual = match &names[..] {
                [] => format!("{ending}, and no operation was under way"),
                names => format!("{ending}; {} never returned", names.join(" and ")),
            };
            seen(waiting, "every operation returns", actual)
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

/// As long as items are left, some consumer that waits gets one.
fn served(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic, fates: &Fates) {
    let end = traffic.lane.receiver();
    let processes = &evidence.permutation.plan.processes;
    let gets = |process: &&crate::plan::Process| {
        let mut ends = process.ends.iter();
        ends.any(|given| given.end == end && given.gets)
    };
    if processes.iter().filter(gets).count() < 2 {
        tally.untried(SERVED, "only one process gets from the queue");
        return;
    }
    tally.upheld(SERVED, fates.delivered);
    // Who was killed in a get may have taken a lock along: what that does is another promise.
    let mut getting = evidence.history.processes.iter().zip(processes);
    if getting.any(|(seen, process)| gets(&process) && seen.exit == Some(Exit::Killed)) {
        return;
    }
    let left = fates.missing.len() - fates.changed.len();
    let asleep = traffic.takers.iter().find(|get| {
        let operation = evidence.operation(get.id());
        evidence.was_ended(get.process()) && !evidence.may_stay_pending(operation)
    });
    // Each get that never returned may have taken one.
    if let (Some(put), Some(get), true) = (
        fates.missing.last(),
        asleep,
        evidence.history.ending == Ending::Stalled && left > traffic.takers.len(),
    ) {
        tally.broken(SERVED, || {
            let item = evidence.item_of(put.id());
            let expected = format!("one of {left} items that are left, as {item}");
            seen(
                [put.id(), get.id()],
                expected,
                "nothing, for as long as the run lasted",
            )
        });
    }
}

/// Both ends of a duplex pipe wait for the other to receive: a deadlock that a case may want to
/// see. The harness says so and ends the run.
fn floods(evidence: &Evidence<'_>, tally: &mut Tally<'_>) {
    if evidence.history.ending != Ending::Stalled || !hangs_as_expected(evidence) {
        tally.untried(FLOOD, "the two ends took all that was sent");
        return;
    }
    // Ended first, one lets the other go on: it may well have exited by itself in the end.
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

/// What was under way when the harness ended the run: first what waits for a channel, then what
/// waits for other processes.
fn waiting(evidence: &Evidence<'_>) -> Vec<OperationId> {
    let mut waiting: Vec<_> = pending(evidence).collect();
    waiting.sort_by_key(|id| evidence.operation(*id).end.is_none());
    waiting.truncate(MOST);
    waiting
}

/// What the processes that the harness ended were in: the last operation of each of their threads,
/// where it hadn't returned.
fn pending(evidence: &Evidence<'_>) -> impl Iterator<Item = OperationId> {
    let operations = evidence.history.operations();
    let pending = operations.filter(|(_, operation)| operation.is_pending());
    let pending = pending.map(|(id, _)| id);
    pending.filter(|id| evidence.was_ended(id.process))
}

/// Whether all that was under way is expected never to return, or waits for a process.
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
    use crate::test_support::histories::{Expect, Run, pipe, queue};
    use rstest::rstest;

    fn hung() -> Run {
        let run = pipe().process("r").exits(Exit::Ended).ask().pending(5);
        run.ending(Ending::Stalled)
    }

    #[rstest]
    #[case::done(pipe().process("w").put(1).ok(0, 1), Expect::Upheld(1))]
    #[case::nothing_to_do(pipe().process("w"), Expect::Untried)]
    #[case::killed_while_waiting(
        pipe().process("r").exits(Exit::Killed).ask().pending(5), Expect::Upheld(1)
    )]
    #[case::hung(hung(), Expect::Broken(1))]
    #[case::hung_as_expected(hung().expecting(Outcome::Pending), Expect::Upheld(1))]
    #[case::joined_what_hung_as_expected(
        hung().expecting(Outcome::Pending)
            .process("m").exits(Exit::Ended).join("r").pending(6),
        Expect::Upheld(2)
    )]
    #[case::another_hung_too(
        hung().expecting(Outcome::Pending)
            .process("w").exits(Exit::Ended).put(1).pending(6),
        Expect::Broken(1)
    )]
    #[case::hung_as_expected_while_another_thread_hung(
        pipe().process("r").exits(Exit::Ended)
            .thread(1).ask().pending(5).expecting(Outcome::Pending)
            .thread(2).put(1).pending(4)
            .ending(Ending::Stalled),
        Expect::Broken(1)
    )]
    #[case::one_thread_hung_as_expected_and_the_other_is_done(
        pipe().process("r").exits(Exit::Ended)
            .thread(1).ask().pending(5).expecting(Outcome::Pending)
            .thread(2).put(1).ok(6, 7)
            .ending(Ending::Stalled),
        Expect::Upheld(2)
    )]
    #[case::too_late(
        hung().expecting(Outcome::Pending).ending(Ending::DeadlinePassed), Expect::Broken(1)
    )]
    fn judges(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, DEADLINE, expect);
    }

    /// Two consumers that never return, beside so many items that nobody got.
    fn starved(left: u64) -> Run {
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
    #[case::nothing_is_left(starved(0), Expect::Upheld(1))]
    #[case::as_many_as_they_may_have_taken(starved(2), Expect::Upheld(1))]
    #[case::one_more(starved(3), Expect::Broken(1))]
    #[case::of_a_run_that_came_to_its_end(
        starved(3).ending(Ending::Completed), Expect::Upheld(1)
    )]
    #[case::beside_a_killed_consumer(
        starved(3).process("k").exits(Exit::Killed).ask().pending(4), Expect::Upheld(1)
    )]
    #[case::one_consumer(
        queue().process("p").put(0).ok(0, 1).process("c").get(0).ok(2, 3), Expect::Untried
    )]
    fn judges_service(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, SERVED, expect);
    }

    fn flood(second: Side) -> Run {
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
    #[case::against_each_other(flood(Side::B), Expect::Upheld(1))]
    #[case::one_exits_once_the_other_is_ended(
        flood(Side::B).process("b").exits(Exit::Code(0)), Expect::Upheld(1)
    )]
    #[case::side_by_side(flood(Side::A), Expect::Untried)]
    #[case::nobody_waits(
        pipe().duplex().process("a").put_on(Side::A, 1).ok(0, 1), Expect::Untried
    )]
    fn judges_floods(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, FLOOD, expect);
    }

    #[test]
    fn the_witness_names_each_thread() {
        let run = pipe().process("r").exits(Exit::Ended);
        let run = run.thread(1).ask().pending(5).thread(2).put(1).pending(6);
        let witness = run.ending(Ending::Stalled).witness(&INVARIANT, DEADLINE);
        let expected = "nothing moved any more; r/1: recv p.rx and r/2: send p.tx 1 never returned";
        assert_eq!(witness.actual, expected);
    }

    #[test]
    fn the_witness_says_who_waits_in_what() {
        let witness = hung().witness(&INVARIANT, DEADLINE);
        let expected = "nothing moved any more; r: recv p.rx never returned";
        assert_eq!(witness.actual, expected);
    }
}

//! Every run comes to its end by itself.

use super::tally::{Tally, seen};
use super::{Evidence, Invariant};
use crate::finding::Finding;
use crate::history::{Ending, OperationId, OperationKind};

const DEADLINE: &str = "live.deadline";

/// The most pending operations that a witness shows.
const MOST: usize = 4;

pub(super) const INVARIANT: Invariant = Invariant {
    name: "progress",
    about: "every operation returns, unless the case expects that it doesn't",
    clauses: &[DEADLINE],
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
    tally.findings()
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

/// Whether all that was under way is either expected never to return, or waits for a process.
fn hangs_as_expected(evidence: &Evidence<'_>) -> bool {
    let waits_for_others = |kind| {
        // A process that exits waits for those that it started.
        use OperationKind::{Await, Barrier, Exit, Idle, Join};
        matches!(kind, Join | Await | Barrier | Idle | Exit)
    };
    let (mut expected, mut other) = (0, 0);
    for id in pending(evidence) {
        let operation = evidence.operation(id);
        if evidence.may_stay_pending(operation) {
            expected += 1;
        } else if !waits_for_others(operation.kind) {
            other += 1;
        }
    }
    expected > 0 && other == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Exit;
    use crate::outcome::Outcome;
    use crate::testing::histories::{Expect, Run, pipe};
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
    #[case::too_late(
        hung().expecting(Outcome::Pending).ending(Ending::DeadlinePassed), Expect::Broken(1)
    )]
    fn judges(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, DEADLINE, expect);
    }

    #[test]
    fn the_witness_says_who_waits_in_what() {
        let witness = hung().witness(&INVARIANT, DEADLINE);
        let expected = "nothing moved any more; r: recv p.rx never returned";
        assert_eq!(witness.actual, expected);
    }
}

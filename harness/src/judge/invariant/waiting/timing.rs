//! A call that doesn't wait returns at once, and a timed call gives up no earlier than its timeout.

use std::time::Duration;

use crate::backend::{Kind, Outcome, Wait};
use crate::history::{Operation, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{BLOCKED, RESOLUTION, witness};

const TRY_PUT: &str = "queue.put.nowait";
const TIMED_PUT: &str = "queue.put.timeout";
const TRY_GET: &str = "queue.get.nowait";
const TIMED_GET: &str = "queue.get.timeout";
const TIMED_RECV: &str = "pipe.poll.lower-bound";
const TRY_ACCEPT: &str = "name.accept.nonblocking";
const TIMED_ACCEPT: &str = "name.accept.cancellable";
const TIMED_CONNECT: &str = "name.connect.bounded";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "timing",
    about: "a call that doesn't wait returns at once, and a timed call gives up no earlier than asked",
    clauses: &[
        TRY_PUT,
        TIMED_PUT,
        TRY_GET,
        TIMED_GET,
        TIMED_RECV,
        TRY_ACCEPT,
        TIMED_ACCEPT,
        TIMED_CONNECT,
    ],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (id, operation) in evidence.history.operations() {
        if operation.end.is_none() || operation.outcome == Some(Outcome::Ok) {
            continue;
        }
        match evidence.wait(operation) {
            Some(Wait::Never) => at_once(evidence, &mut tally, id, operation),
            Some(Wait::For(time)) => long_enough(evidence, &mut tally, id, operation, time),
            Some(Wait::Deadline) | None => {}
        }
    }
    tally.findings()
}

/// Judges that a call that doesn't wait returns, and reports full or empty rather than a timeout.
fn at_once(evidence: &Evidence<'_>, tally: &mut Tally<'_>, id: OperationId, operation: &Operation) {
    let (clause, cannot) = match (evidence.kind(operation), operation.kind) {
        (Kind::Queue, OperationKind::Put) => (TRY_PUT, Outcome::Full),
        (Kind::Queue, OperationKind::Get) => (TRY_GET, Outcome::Empty),
        (Kind::Endpoint, OperationKind::Accept) => (TRY_ACCEPT, Outcome::Empty),
        _ => return,
    };
    let expected = || format!("ok or {cannot}, at once");
    match operation.outcome {
        Some(outcome) if outcome == cannot => tally.upheld(clause, 1),
        Some(Outcome::Timeout) => {
            tally.broken(clause, || witness([id], expected(), "timeout"));
        }
        None if evidence.hangs(id) => tally.broken(clause, || witness([id], expected(), BLOCKED)),
        _ => {}
    }
}

/// Judges that a timed call doesn't give up too early.
fn long_enough(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    id: OperationId,
    operation: &Operation,
    time: Duration,
) {
    let clause = match (evidence.kind(operation), operation.kind) {
        (Kind::Queue, OperationKind::Put) => TIMED_PUT,
        (Kind::Queue, OperationKind::Get) => TIMED_GET,
        (Kind::Endpoint, OperationKind::Accept) => TIMED_ACCEPT,
        (Kind::Endpoint, OperationKind::Connect) => TIMED_CONNECT,
        (Kind::Pipe, OperationKind::Get | OperationKind::Poll) => TIMED_RECV,
        _ => return,
    };
    let (Some(returned), Some(Outcome::Timeout)) = (operation.returned, operation.outcome) else {
        return;
    };
    let waited = Duration::from_nanos(returned.saturating_sub(operation.start));
    if waited + RESOLUTION >= time {
        tally.upheld(clause, 1);
    } else {
        tally.broken(clause, || {
            let expected = format!("a timeout after {time:?}");
            witness([id], expected, format!("a timeout after {waited:?}"))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Ending, Exit};
    use crate::test_support::histories::{Expect, HistoryBuilder, endpoint, pipe, queue};
    use rstest::rstest;

    const TIME: Wait = Wait::For(Duration::from_millis(200));

    fn get(run: HistoryBuilder, wait: Wait) -> HistoryBuilder {
        run.process("c").ask().waiting(wait)
    }

    fn put(wait: Wait) -> HistoryBuilder {
        queue().capacity(1).process("p").put(1).waiting(wait)
    }

    fn connect(wait: Wait) -> HistoryBuilder {
        endpoint().process("c").connect("c").waiting(wait)
    }

    #[rstest]
    #[case(get(queue(), TIME).gives(Outcome::Timeout, 0, 200_000_000), TIMED_GET, Expect::Upheld(1))]
    #[case(get(queue(), TIME).gives(Outcome::Timeout, 0, 150_000_000), TIMED_GET, Expect::Broken(1))]
    #[case(get(queue(), TIME).gives(Outcome::Timeout, 0, 9_000_000_000), TIMED_GET, Expect::Upheld(1))]
    #[case(get(queue(), TIME).pending(0), TIMED_GET, Expect::Untried)]
    #[case(put(TIME).gives(Outcome::Timeout, 0, 200_000_000), TIMED_PUT, Expect::Upheld(1))]
    #[case(put(TIME).gives(Outcome::Timeout, 0, 100), TIMED_PUT, Expect::Broken(1))]
    #[case(put(TIME).ok(0, 100), TIMED_PUT, Expect::Untried)]
    #[case(get(pipe(), TIME).gives(Outcome::Timeout, 0, 200_000_000), TIMED_RECV, Expect::Upheld(1))]
    #[case(get(pipe(), TIME).gives(Outcome::Timeout, 0, 100), TIMED_RECV, Expect::Broken(1))]
    #[case(get(pipe(), TIME).gives(Outcome::End, 0, 100), TIMED_RECV, Expect::Untried)]
    #[case(connect(TIME).gives(Outcome::Timeout, 0, 200_000_000), TIMED_CONNECT, Expect::Upheld(1))]
    #[case(connect(TIME).gives(Outcome::Timeout, 0, 100), TIMED_CONNECT, Expect::Broken(1))]
    #[case(connect(TIME).ok(0, 100), TIMED_CONNECT, Expect::Untried)]
    #[case(connect(Wait::Deadline).gives(Outcome::Timeout, 0, 100), TIMED_CONNECT, Expect::Untried)]
    #[case(get(queue(), Wait::Never).gives(Outcome::Empty, 0, 1), TRY_GET, Expect::Upheld(1))]
    #[case(get(queue(), Wait::Never).gives(Outcome::Timeout, 0, 1), TRY_GET, Expect::Broken(1))]
    #[case(put(Wait::Never).gives(Outcome::Full, 0, 1), TRY_PUT, Expect::Upheld(1))]
    #[case(put(Wait::Never).ok(0, 1), TRY_PUT, Expect::Untried)]
    fn judges(#[case] run: HistoryBuilder, #[case] clause: &str, #[case] expect: Expect) {
        run.check(&INVARIANT, clause, expect);
    }

    #[rstest]
    #[case::in_a_stalled_run(Exit::Ended, Ending::Stalled, Expect::Broken(1))]
    #[case::in_a_killed_process(Exit::Killed, Ending::Completed, Expect::Untried)]
    fn a_try_that_blocks(#[case] exit: Exit, #[case] ending: Ending, #[case] expect: Expect) {
        let run = put(Wait::Never).exits(exit).pending(0).ending(ending);
        run.check(&INVARIANT, TRY_PUT, expect);
    }

    #[test]
    fn a_timeout_may_be_early_by_the_resolution_of_the_clock() {
        let early = 200_000_000 - RESOLUTION.as_nanos() as u64;
        let run = get(queue(), TIME).gives(Outcome::Timeout, 0, early);
        run.check(&INVARIANT, TIMED_GET, Expect::Upheld(1));
        let run = get(queue(), TIME).gives(Outcome::Timeout, 0, early - 1);
        run.check(&INVARIANT, TIMED_GET, Expect::Broken(1));
    }
}

//! What a process sent before it started the receivers is received.

use std::collections::BTreeSet;

use crate::backend::Kind;
use crate::history::fate::Fates;
use crate::history::pairing::{Entry, Traffic};
use crate::history::{Exit, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::misdelivery;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{NOTHING_CAME, witness};
use crate::plan::{Action, ProcessIndex};

const ITEMS: &str = "queue.put.before-consumers";
const MESSAGES: &str = "pipe.send.before-receiver";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "readiness",
    about: "what was sent before any receiver was ready is received",
    clauses: &[ITEMS, MESSAGES],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (traffic, fates) in evidence.lanes() {
        match traffic.kind {
            Kind::Queue => judge_lane(evidence, &mut tally, ITEMS, traffic, fates),
            Kind::Pipe => judge_lane(evidence, &mut tally, MESSAGES, traffic, fates),
            Kind::Stream | Kind::Endpoint | Kind::Process => {}
        }
    }
    tally.findings()
}

fn judge_lane(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    clause: &'static str,
    traffic: &Traffic,
    fates: &Fates,
) {
    let receives = [
        &traffic.gets,
        &traffic.takers,
        &traffic.ends,
        &traffic.misses,
    ];
    let receivers = receives.into_iter().flatten().map(Entry::process);
    let receivers: BTreeSet<ProcessIndex> = receivers.collect();
    let starts = receivers.into_iter().map(|one| start_of(evidence, one));
    let Some(starts) = starts.collect::<Option<Vec<OperationId>>>() else {
        return;
    };
    // What another process sent before the start is left out: whether it did differs from run to run.
    let is_early = |put: &&Entry| {
        let comes_before = |start: &OperationId| {
            put.id().index < start.index && evidence.history.are_in_turn(put.id(), *start)
        };
        put.certain && !starts.is_empty() && starts.iter().all(comes_before)
    };
    let sent = traffic.puts.iter().filter(is_early).count();
    let missing: Vec<&Entry> = fates.missing.iter().filter(is_early).collect();
    if fates.ambiguous == 0 {
        tally.upheld(clause, (sent - missing.len()) as u64);
    }
    for lost in fates.lost.iter().filter(|lost| is_early(&&lost.put)) {
        tally.broken(clause, || misdelivery::lost(evidence, lost));
    }
    let asleep = traffic.takers.iter().find(|get| evidence.hangs(get.id()));
    if let (Some(put), Some(get)) = (missing.first(), asleep)
        && !was_disturbed(evidence)
    {
        tally.broken(clause, || {
            let expected = format!("{}, which was there before", evidence.item_of(put.id()));
            witness([put.id(), get.id()], expected, NOTHING_CAME)
        });
    }
}

/// Returns the operation that started this process; none if the harness started it.
fn start_of(evidence: &Evidence<'_>, process: ProcessIndex) -> Option<OperationId> {
    let starter = evidence.permutation.plan.processes[process].starter?;
    let starts_it = |action: &Action| matches!(action, Action::Start { processes } if processes.contains(&process));
    let mut operations = evidence.history.processes[starter].operations.iter();
    let index = operations.position(|operation| {
        let step = evidence.step(operation.step);
        operation.kind == OperationKind::Start && step.is_some_and(|step| starts_it(&step.action))
    })?;
    Some(OperationId {
        process: starter,
        index,
    })
}

/// Whether a process was killed or paused. It may have stopped in the middle of a message, and what was sent
/// before that then waits for the rest of that message.
fn was_disturbed(evidence: &Evidence<'_>) -> bool {
    let history = evidence.history;
    let mut processes = history.processes.iter();
    !history.stops.is_empty() || processes.any(|process| process.exit == Some(Exit::Killed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Outcome;
    use crate::history::Ending;
    use crate::plan::Start;
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue};
    use rstest::rstest;

    /// A process puts two items, and then starts a receiver.
    fn put_two(run: HistoryBuilder) -> HistoryBuilder {
        let run = run.process("p").process("c");
        let run = run.started_by("p", Start::Spawn).process("p");
        let run = run.put(1).ok(0, 1).put(2).ok(2, 3).start("c").ok(3, 4);
        run.process("c")
    }

    fn hangs(run: HistoryBuilder) -> HistoryBuilder {
        run.pending(8).exits(Exit::Ended).ending(Ending::Stalled)
    }

    #[rstest]
    #[case::both_arrive(put_two(queue()).get(1).ok(5, 6).get(2).ok(6, 7), Expect::Upheld(2))]
    #[case::the_first_is_lost(put_two(queue()).get(2).ok(5, 6), Expect::Broken(1))]
    #[case::none_arrives(hangs(put_two(queue()).ask()), Expect::Broken(1))]
    #[case::none_arrives_beside_a_killed_process(
        hangs(put_two(queue()).ask()).process("k").exits(Exit::Killed), Expect::Untried
    )]
    #[case::the_harness_started_another_consumer(
        put_two(queue()).get(2).ok(5, 6).process("d").ask().gives(Outcome::Empty, 7, 8),
        Expect::Untried
    )]
    #[case::put_after_the_start(
        put_two(queue()).process("p").put(3).ok(4, 5).process("c").get(3).ok(6, 7).get(1).ok(7, 8)
            .get(2).ok(8, 9),
        Expect::Upheld(2)
    )]
    #[case::no_consumer_gets(put_two(queue()), Expect::Untried)]
    fn judges_queues(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, ITEMS, expect);
    }

    #[rstest]
    #[case::both_arrive(put_two(pipe()).get(1).ok(5, 6).get(2).ok(6, 7), Expect::Upheld(2))]
    #[case::the_end_instead(put_two(pipe()).ask().gives(Outcome::End, 5, 6), Expect::Broken(2))]
    fn judges_pipes(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, MESSAGES, expect);
    }
}

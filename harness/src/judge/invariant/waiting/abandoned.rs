//! A call that waits on a channel returns when the last process is gone that could end its wait.
//!
//! This is the invariant `wake`. That a receive returns the end soon after the last close is for
//! [`super::prompt_end`].

use crate::backend::{Capability, Kind, Outcome};
use crate::history::holders::Holder;
use crate::history::pairing::{Entry, Traffic};
use crate::history::{Exit, OperationId};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{BLOCKED, NOTHING_CAME, witness};
use crate::judge::untried;
use crate::plan::ProcessIndex;

const WRITER: &str = "pipe.peer.blocked-writer-wakes";
const READERS: &str = "pipe.eof.wakes-all-readers";
const PRODUCER: &str = "fault.kill.blocked-on-dead-consumer";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "wake",
    about: "a call that waits returns when the last process is gone that could end its wait",
    clauses: &[WRITER, READERS, PRODUCER],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (traffic, _) in evidence.lanes() {
        match traffic.kind {
            Kind::Pipe => {
                blocked_sends(evidence, &mut tally, traffic);
                blocked_receives(evidence, &mut tally, traffic);
            }
            Kind::Queue => blocked_puts(evidence, &mut tally, traffic),
            Kind::Stream | Kind::Endpoint | Kind::Process => {}
        }
    }
    tally.findings()
}

fn puts(traffic: &Traffic) -> impl Iterator<Item = &Entry> {
    traffic.puts.iter().chain(&traffic.refused)
}

/// Judges that a blocked send returns when the last reader closes or dies.
fn blocked_sends(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic) {
    let receivers = evidence.holders().of_end(traffic.lane.receiver());
    let Some(last) = receivers.iter().map(|reader| reader.until).max() else {
        return;
    };
    let released = |reader: &Holder| reader.released && reader.until <= evidence.ended();
    let all_are_gone = receivers.iter().all(released);
    for put in puts(traffic) {
        match evidence.operation(put.id()).outcome {
            Some(Outcome::Gone | Outcome::Error) if put.start < last => tally.upheld(WRITER, 1),
            None if all_are_gone && evidence.hangs(put.id()) => tally.broken(WRITER, || {
                let name = evidence.end_name(traffic.lane.receiver());
                let expected = format!("it returns, since no process holds {name} any more");
                witness([put.id()], expected, BLOCKED)
            }),
            _ => {}
        }
    }
}

/// Judges that, if one reader sees the end, all blocked readers do.
fn blocked_receives(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic) {
    let writers = evidence.holders().writers(traffic.lane.sending());
    let last = writers.map(|writer| writer.until).max().unwrap_or(0);
    let mut woken: Vec<&Entry> = Vec::new();
    for end in traffic.ends.iter().filter(|end| end.start < last) {
        if woken.iter().all(|other| other.process() != end.process()) {
            woken.push(end);
        }
    }
    if woken.len() > 1 {
        tally.upheld(READERS, woken.len() as u64);
    }
    for get in traffic.takers.iter().filter(|get| evidence.hangs(get.id())) {
        let other = traffic
            .ends
            .iter()
            .find(|end| end.process() != get.process());
        if let Some(other) = other {
            tally.broken(READERS, || {
                let name = evidence.process(other.process());
                let expected = format!("the end, as {name} sees it");
                witness([other.id(), get.id()], expected, NOTHING_CAME)
            });
        }
    }
}

/// Judges that a put that waits for room returns when the last consumer is killed.
fn blocked_puts(evidence: &Evidence<'_>, tally: &mut Tally<'_>, traffic: &Traffic) {
    let Some(killed) = killed_consumers(evidence, traffic) else {
        return;
    };
    if !evidence.capabilities.has(Capability::GoneWithoutConsumers) {
        let lacks = untried::not_declared(Capability::GoneWithoutConsumers);
        return tally.untried(PRODUCER, lacks);
    }
    for put in puts(traffic) {
        match evidence.operation(put.id()).outcome {
            Some(Outcome::Gone | Outcome::Error) => tally.upheld(PRODUCER, 1),
            None if evidence.hangs(put.id()) => tally.broken(PRODUCER, || {
                let names: Vec<_> = killed.iter().map(|one| evidence.process(*one)).collect();
                let expected = format!("it returns, since {} was killed", names.join(" and "));
                let last = killed
                    .iter()
                    .filter_map(|one| last_operation(evidence, *one));
                let shown = last.chain([put.id()]);
                witness(shown, expected, BLOCKED)
            }),
            _ => {}
        }
    }
}

/// Returns the consumers of the queue if all of them were killed.
fn killed_consumers(evidence: &Evidence<'_>, traffic: &Traffic) -> Option<Vec<ProcessIndex>> {
    let processes = evidence.permutation.plan.processes.iter().enumerate();
    let consumers = processes.filter(|(_, process)| {
        let mut ends = process.ends.iter();
        ends.any(|given| given.gets && given.end.receives_from() == traffic.lane)
    });
    let consumers: Vec<ProcessIndex> = consumers.map(|(index, _)| index).collect();
    let all = |process: &ProcessIndex| evidence.exit(*process) == Some(Exit::Killed);
    (!consumers.is_empty() && consumers.iter().all(all)).then_some(consumers)
}

fn last_operation(evidence: &Evidence<'_>, process: ProcessIndex) -> Option<OperationId> {
    let operations = &evidence.history.processes[process].operations;
    let index = operations.iter().rposition(|op| op.end.is_some())?;
    Some(OperationId { process, index })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Side;
    use crate::history::Ending;
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue};
    use rstest::rstest;

    /// The reader closes between 10 and 12.
    fn closes() -> HistoryBuilder {
        pipe().process("r").close(Side::Rx).ok(10, 12).process("w")
    }

    fn hangs(run: HistoryBuilder) -> HistoryBuilder {
        run.pending(2).exits(Exit::Ended).ending(Ending::Stalled)
    }

    #[rstest]
    #[case::returns(closes().put(1).gives(Outcome::Gone, 2, 13), Expect::Upheld(1))]
    #[case::never_returns(hangs(closes().put(1)), Expect::Broken(1))]
    #[case::never_returns_as_expected(
        hangs(closes().put(1)).expecting(Outcome::Pending), Expect::Untried
    )]
    #[case::started_later(closes().put(1).gives(Outcome::Gone, 14, 15), Expect::Untried)]
    #[case::another_reader_holds_its_end(
        hangs(closes().put(1)).process("h").exits(Exit::Ended).holds(Side::Rx), Expect::Untried
    )]
    fn judges_blocked_sends(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, WRITER, expect);
    }

    /// The writer closes between 10 and 12; a blocked reader sees the end.
    fn woken() -> HistoryBuilder {
        let run = pipe().process("w").close(Side::Tx).ok(10, 12);
        run.process("r").ask().gives(Outcome::End, 2, 13)
    }

    #[rstest]
    #[case::both(woken().process("s").ask().gives(Outcome::End, 3, 14), Expect::Upheld(2))]
    #[case::only_one_waited(woken().process("s").ask().gives(Outcome::End, 15, 16), Expect::Untried)]
    #[case::one_stays_blocked(hangs(woken().process("s").ask()), Expect::Broken(1))]
    fn judges_blocked_receives(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, READERS, expect);
    }

    fn killed() -> HistoryBuilder {
        let run = queue().capacity(1).process("c").exits(Exit::Killed);
        run.ask().pending(0).process("p")
    }

    #[rstest]
    #[case::returns(killed().put(1).gives(Outcome::Gone, 2, 13), Expect::Upheld(1))]
    #[case::never_returns(hangs(killed().put(1)), Expect::Broken(1))]
    #[case::another_consumer_may_still_get(
        hangs(killed().put(1)).process("d").ask().pending(1).exits(Exit::Ended),
        Expect::Untried
    )]
    #[case::there_was_room(killed().put(1).ok(2, 3), Expect::Untried)]
    fn judges_blocked_puts(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, PRODUCER, expect);
    }
}

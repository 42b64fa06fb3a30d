//! Items that a process put arrive although it has closed the queue or exited since, and a process
//! that has finished exits although its items are still in the queue.

use crate::backend::{Capability, Kind, Outcome};
use crate::history::fate::{Because, Fates};
use crate::history::pairing::{Entry, Traffic};
use crate::history::{Ending, Exit, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{NOTHING_CAME, witness};
use crate::judge::untried;
use crate::plan::{End, GivenEnd, ProcessIndex};

const CLOSE: &str = "queue.close.flushes";
const RETURN: &str = "queue.flush.normal-exit";
const CALL: &str = "queue.flush.exit-call";
const UNDRAINED: &str = "queue.exit.undrained";
const READER_GONE: &str = "queue.feeder.reader-gone";

const CLAUSES: &[&str] = &[CLOSE, RETURN, CALL, UNDRAINED, READER_GONE];

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "flush",
    about: "items arrive after their producer has closed the queue or exited, and it does exit",
    clauses: CLAUSES,
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (traffic, fates) in evidence.lanes() {
        if traffic.kind != Kind::Queue {
            continue;
        }
        let queue = FlushedQueue {
            evidence,
            traffic,
            fates,
            end: traffic.lane.receiver(),
        };
        if queue.lost_a_holder() {
            for clause in CLAUSES {
                tally.untried(clause, untried::HOLDER_KILLED);
            }
            continue;
        }
        if !evidence.shares_items(traffic.lane) {
            for clause in CLAUSES {
                tally.untried(clause, untried::not_declared(Capability::SharedItems));
            }
            continue;
        }
        if !evidence.capabilities.has(Capability::FreeExit) {
            let lacks = untried::not_declared(Capability::FreeExit);
            tally.untried(READER_GONE, lacks);
        }
        for process in 0..evidence.history.processes.len() {
            queue.arrival(&mut tally, process);
            queue.departure(&mut tally, process);
        }
    }
    tally.findings()
}

/// One queue, judged process by process.
struct FlushedQueue<'a> {
    evidence: &'a Evidence<'a>,
    traffic: &'a Traffic,
    fates: &'a Fates,
    end: End,
}

impl FlushedQueue<'_> {
    /// Whether a process died while it held the queue. That may have caused losses and hangs.
    fn lost_a_holder(&self) -> bool {
        let holders = self.evidence.holders().of_end(self.end).iter();
        holders
            .filter_map(|holder| self.evidence.exit(holder.process))
            .any(|exit| matches!(exit, Exit::Killed | Exit::Signal(_)))
    }

    /// Judges that everything arrives that a process put before it left the queue in an orderly way.
    fn arrival(&self, tally: &mut Tally<'_>, process: ProcessIndex) {
        let Some((clause, leaving)) = self.leaving(process) else {
            return;
        };
        let put = self.puts_of(process).filter(|put| put.certain).count();
        let missing = self.missing_of(process);
        tally.upheld(clause, (put - missing.len()) as u64);
        if !self.case_lists(clause) {
            return;
        }
        let lost = self.fates.lost.iter();
        let lost = lost.filter(|lost| lost.put.process() == process);
        let shown = lost.map(|lost| match lost.because {
            Because::Ended(get) => (lost.put, get, "the end"),
            Because::Overtaken { got, .. } => (lost.put, got, "an item put later"),
        });
        let starved = missing.first().copied().zip(self.starved_get());
        let starved = starved.map(|(put, get)| (put, get, NOTHING_CAME));
        if let Some((put, get, actual)) = shown.into_iter().chain(starved).next() {
            tally.broken(clause, || {
                let item = self.evidence.item_of(put.id());
                let name = self.evidence.process(process);
                let expected = format!("{item}, which {name} had put");
                witness([put.id(), leaving, get], expected, actual)
            });
        }
    }

    /// Judges that a process that has finished its steps exits: at the latest when its items have
    /// been received, or when no process is left to receive them.
    fn departure(&self, tally: &mut Tally<'_>, process: ProcessIndex) {
        let last_put = self.puts_of(process).max_by_key(|put| put.returned);
        let (Some(last_put), Some(exit)) = (last_put, self.exit(process)) else {
            return;
        };
        let is_drained = self.missing_of(process).is_empty();
        let is_alone = self.all_others_have_left(process);
        if self.evidence.operation(exit).returned.is_some() {
            tally.upheld(UNDRAINED, self.got_after(process, last_put.returned));
            tally.upheld(READER_GONE, u64::from(is_alone && !is_drained));
        } else if self.evidence.was_ended(process)
            && self.has_stalled()
            && !self.has_started(process)
        {
            let is_free = self.evidence.capabilities.has(Capability::FreeExit);
            let (clause, why) = match (is_drained, is_alone) {
                (true, _) => (UNDRAINED, "all its items were received"),
                (false, true) if is_free => {
                    (READER_GONE, "no process is left to receive its items")
                }
                (false, _) => return,
            };
            tally.broken(clause, || {
                let name = self.evidence.process(process);
                let expected = format!("{name} exits, since {why}");
                witness([last_put.id(), exit], expected, "it never exited")
            });
        }
    }

    /// Whether the process started others, for which it may wait when it exits.
    fn has_started(&self, process: ProcessIndex) -> bool {
        let plans = &self.evidence.permutation.plan.processes;
        plans.iter().any(|plan| plan.starter == Some(process))
    }

    /// Whether all other consumers have left the queue.
    fn all_others_have_left(&self, process: ProcessIndex) -> bool {
        let processes = self.evidence.permutation.plan.processes.iter().enumerate();
        let mut others = processes.filter(|(other, plan)| {
            let gets = |given: &GivenEnd| given.end == self.end && given.gets;
            *other != process && plan.ends.iter().any(gets)
        });
        others.all(|(other, _)| self.leaving(other).is_some())
    }

    /// Returns the clause for the way in which a process left the queue in order, and the operation by
    /// which it left.
    fn leaving(&self, process: ProcessIndex) -> Option<(&'static str, OperationId)> {
        let operations = &self.evidence.history.processes[process].operations;
        let close = operations.iter().position(|op| {
            let ok = op.outcome == Some(Outcome::Ok);
            op.kind == OperationKind::Close && op.end == Some(self.end) && ok
        });
        if let Some(index) = close {
            return Some((CLOSE, OperationId { process, index }));
        }
        let exit = self.exit(process)?;
        if self.evidence.operation(exit).returned.is_some() {
            return Some((RETURN, exit));
        }
        // An exit step never returns. The process is gone, and it wasn't killed.
        let gone = matches!(self.evidence.exit(process), Some(Exit::Code(_)));
        gone.then_some((CALL, exit))
    }

    fn exit(&self, process: ProcessIndex) -> Option<OperationId> {
        let operations = &self.evidence.history.processes[process].operations;
        let index = operations.len().checked_sub(1)?;
        let is_exit = operations[index].kind == OperationKind::Exit;
        is_exit.then_some(OperationId { process, index })
    }

    fn puts_of(&self, process: ProcessIndex) -> impl Iterator<Item = &Entry> {
        let puts = self.traffic.puts.iter();
        puts.filter(move |put| put.process() == process)
    }

    fn missing_of(&self, process: ProcessIndex) -> Vec<Entry> {
        let missing = self.fates.missing.iter().copied();
        missing.filter(|put| put.process() == process).collect()
    }

    /// Counts the items of this process whose gets started after this time.
    fn got_after(&self, process: ProcessIndex, stamp: u64) -> u64 {
        let groups = self.traffic.groups();
        let own = groups.filter(|group| group.puts.iter().any(|put| put.process() == process));
        own.flat_map(|group| group.gets)
            .filter(|get| get.start > stamp)
            .count() as u64
    }

    fn has_stalled(&self) -> bool {
        self.evidence.history.ending == Ending::Stalled
    }

    /// Whether the case lists the clause. Otherwise the leaving may have nothing to do with it: a
    /// get that hangs looks the same as a get for which no item came.
    fn case_lists(&self, clause: &str) -> bool {
        let listed = &self.evidence.permutation.clauses;
        listed.iter().any(|one| one.as_str() == clause)
    }

    /// Returns a get that waited until the run stalled, which shows that a missing item won't come.
    /// Returns none if gets that never returned may have taken all missing items.
    fn starved_get(&self) -> Option<OperationId> {
        let takers = &self.traffic.takers;
        if !self.has_stalled() || self.fates.missing.len() <= takers.len() {
            return None;
        }
        takers.iter().map(Entry::id).find(|id| {
            let operation = self.evidence.operation(*id);
            let expected = self.evidence.may_stay_pending(operation);
            operation.is_pending() && self.evidence.was_ended(id.process) && !expected
        })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::backend::Side;
    use crate::plan::Start;
    use crate::test_support::histories::{Expect, HistoryBuilder, queue};

    /// How a producer leaves the queue.
    #[derive(Clone, Copy)]
    enum Leaving {
        Close,
        Return,
        Call,
        Nothing,
    }

    /// A producer that puts two items.
    fn producer(leaving: Leaving) -> HistoryBuilder {
        let run = queue().process("p").put(1).ok(0, 1).put(2).ok(0, 1);
        match leaving {
            Leaving::Close => run.close(Side::Queue).ok(2, 3),
            Leaving::Return => run.exit().ok(2, 3),
            Leaving::Call => run.exit().pending(2),
            Leaving::Nothing => run,
        }
    }

    fn starved(run: HistoryBuilder) -> HistoryBuilder {
        let run = run.process("c").exits(Exit::Ended).ask().pending(5);
        run.ending(Ending::Stalled)
    }

    #[rstest]
    #[case::close(Leaving::Close, CLOSE)]
    #[case::normal_exit(Leaving::Return, RETURN)]
    #[case::exit_call(Leaving::Call, CALL)]
    fn items_put_before_leaving_arrive(#[case] leaving: Leaving, #[case] clause: &str) {
        let got = producer(leaving)
            .process("c")
            .get(1)
            .ok(4, 5)
            .get(2)
            .ok(6, 7);
        got.check(&INVARIANT, clause, Expect::Upheld(2));
        let lost = starved(producer(leaving));
        lost.check(&INVARIANT, clause, Expect::Broken(1));
        let ended = producer(leaving)
            .process("c")
            .ask()
            .gives(Outcome::End, 4, 5);
        ended.check(&INVARIANT, clause, Expect::Broken(1));
        let overtaken = producer(leaving).process("c").get(2).ok(4, 5);
        overtaken.check(&INVARIANT, clause, Expect::Broken(1));
    }

    #[rstest]
    #[case::no_get(producer(Leaving::Return))]
    #[case::a_get_timed_out(
        producer(Leaving::Return).process("c").ask().gives(Outcome::Timeout, 4, 5)
    )]
    #[case::no_put(queue().process("p").exit().ok(2, 3))]
    #[case::a_hanging_get_may_have_taken_it(starved(
        queue().process("p").put(1).ok(0, 1).exit().ok(2, 3)
    ))]
    #[case::the_producer_lives_on(starved(producer(Leaving::Nothing)))]
    #[case::the_producer_was_killed(starved(producer(Leaving::Call).exits(Exit::Killed)))]
    #[case::another_process_was_killed(starved(
        producer(Leaving::Return).process("k").exits(Exit::Killed).put(3).ok(0, 1)
    ))]
    #[case::the_get_is_expected_to_hang(starved(producer(Leaving::Return)).expecting(Outcome::Pending))]
    fn a_loss_is_uncertain(#[case] run: HistoryBuilder) {
        run.check(&INVARIANT, RETURN, Expect::Untried);
    }

    #[test]
    fn a_hanging_get_breaks_a_clause_only_if_the_case_lists_it() {
        let lost = starved(producer(Leaving::Return));
        assert_eq!(lost.broken(), ["live.deadline"]);
        assert!(lost.lists(RETURN).broken().contains(&RETURN.to_owned()));
    }

    #[test]
    fn the_first_way_of_leaving_counts() {
        let run = producer(Leaving::Close).exit().ok(4, 5);
        let run = run.process("c").get(1).ok(6, 7);
        run.clone().check(&INVARIANT, CLOSE, Expect::Upheld(1));
        run.check(&INVARIANT, RETURN, Expect::Untried);
    }

    fn got() -> HistoryBuilder {
        queue().process("c").get(1).ok(4, 5).process("p")
    }

    #[rstest]
    #[case::exits(got().put(1).ok(0, 1).exit().ok(2, 3), Expect::Upheld(1))]
    #[case::exits_after_the_get(got().put(1).ok(0, 1).exit().ok(2, 6), Expect::Upheld(1))]
    #[case::its_item_was_received_before_its_put_returned(got().put(1).ok(0, 9).exit().ok(10, 11), Expect::Untried)]
    #[case::never_exits(
        got().put(1).ok(0, 1).exit().pending(2).exits(Exit::Ended).ending(Ending::Stalled),
        Expect::Broken(1)
    )]
    #[case::waits_for_its_child(
        got().put(1).ok(0, 1).exit().pending(2).exits(Exit::Ended)
            .process("child").started_by("p", Start::Spawn).ending(Ending::Stalled),
        Expect::Untried
    )]
    #[case::waits_for_an_item_to_be_received(
        got().put(2).ok(0, 1).exit().pending(2).exits(Exit::Ended).ending(Ending::Stalled),
        Expect::Untried
    )]
    fn a_producer_that_has_finished_exits(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, UNDRAINED, expect);
    }

    /// A consumer that exits after the first of two items.
    fn without_consumers() -> HistoryBuilder {
        let run = queue().process("c").get(1).ok(4, 5).exit().ok(6, 7);
        run.process("p").put(1).ok(0, 1).put(2).ok(2, 3)
    }

    #[rstest]
    #[case::exits(without_consumers().exit().ok(8, 9), Expect::Upheld(1))]
    #[case::never_exits(
        without_consumers().exit().pending(8).exits(Exit::Ended).ending(Ending::Stalled),
        Expect::Broken(1)
    )]
    #[case::another_received_the_rest(
        without_consumers().process("d").get(2).ok(4, 5).exit().ok(6, 7).process("p").exit().ok(8, 9),
        Expect::Untried
    )]
    #[case::another_consumer_may_still_get(
        without_consumers().exit().pending(8).exits(Exit::Ended)
            .process("d").exits(Exit::Ended).ask().pending(9).ending(Ending::Stalled),
        Expect::Untried
    )]
    fn a_producer_without_consumers_exits(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, READER_GONE, expect);
    }

    #[test]
    fn the_witness_is_the_put_the_leaving_and_the_get() {
        let lost = starved(producer(Leaving::Return));
        let lost = lost.lists(RETURN);
        let witness = lost.witness(&INVARIANT, RETURN);
        assert_eq!(witness.operations.len(), 3);
        assert_eq!(witness.expected, "1, which p had put");
        assert_eq!(witness.actual, NOTHING_CAME);
    }
}

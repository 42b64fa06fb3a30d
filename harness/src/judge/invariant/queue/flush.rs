//! What a process has put comes, though it has closed the queue since, or exited; and it does exit.

use crate::backend::{End, GivenEnd, Kind, Outcome};
use crate::history::fate::{Because, Fates};
use crate::history::pairing::{Entry, Traffic};
use crate::history::{Ending, Exit, OperationId, OperationKind};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};
use crate::plan::ProcessIndex;

const CLOSE: &str = "queue.close.flushes";
const RETURN: &str = "queue.flush.normal-exit";
const CALL: &str = "queue.flush.exit-call";
const UNDRAINED: &str = "queue.exit.undrained";
const READER_GONE: &str = "queue.feeder.reader-gone";

const CLAUSES: &[&str] = &[CLOSE, RETURN, CALL, UNDRAINED, READER_GONE];

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "flush",
    about: "what a process has put comes though it has closed the queue or exited, and it does exit",
    clauses: CLAUSES,
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (traffic, fates) in evidence.lanes() {
        if traffic.kind != Kind::Queue {
            continue;
        }
        let queue = Queue {
            evidence,
            traffic,
            fates,
            end: traffic.lane.receiver(),
        };
        if queue.was_hurt() {
            for clause in CLAUSES {
                tally.untried(clause, "a process that held the queue was killed");
            }
            continue;
        }
        for process in 0..evidence.history.processes.len() {
            queue.arrival(&mut tally, process);
            queue.departure(&mut tally, process);
        }
    }
    tally.findings()
}

struct Queue<'a> {
    evidence: &'a Evidence<'a>,
    traffic: &'a Traffic,
    fates: &'a Fates,
    end: End,
}

impl Queue<'_> {
    /// Whether somebody died with the queue in hand: then losses and hangs may be its doing.
    fn was_hurt(&self) -> bool {
        let holders = self.evidence.holders().of_end(self.end).iter();
        holders
            .filter_map(|holder| self.evidence.exit(holder.process))
            .any(|exit| matches!(exit, Exit::Killed | Exit::Signal(_)))
    }

    /// All that a process had put when it let go of the queue in good order comes.
    fn arrival(&self, tally: &mut Tally<'_>, process: ProcessIndex) {
        let Some((clause, leaving)) = self.leaving(process) else {
            return;
        };
        let put = self.puts_of(process).filter(|put| put.certain).count();
        let missing = self.missing_of(process);
        tally.upheld(clause, (put - missing.len()) as u64);
        if !self.is_about(clause) {
            return;
        }
        let lost = self.fates.lost.iter();
        let lost = lost.filter(|lost| lost.put.process() == process);
        let shown = lost.map(|lost| match lost.because {
            Because::Ended(get) => (lost.put, get, "the end"),
            Because::Overtaken { got, .. } => (lost.put, got, "an item put later"),
        });
        let in_vain = missing.first().copied().zip(self.waiting_in_vain());
        let in_vain =
            in_vain.map(|(put, get)| (put, get, "nothing, for as long as the run lasted"));
        if let Some((put, get, actual)) = shown.into_iter().chain(in_vain).next() {
            tally.broken(clause, || {
                let item = self.evidence.item_of(put.id());
                let name = self.evidence.process(process);
                let expected = format!("{item}, which {name} had put");
                seen([put.id(), leaving, get], expected, actual)
            });
        }
    }

    /// A process that is done with all its steps exits, at the latest when its items have been got,
    /// or can't be any more.
    fn departure(&self, tally: &mut Tally<'_>, process: ProcessIndex) {
        let last_put = self.puts_of(process).max_by_key(|put| put.returned);
        let (Some(last_put), Some(exit)) = (last_put, self.exit(process)) else {
            return;
        };
        let is_drained = self.missing_of(process).is_empty();
        let is_alone = self.nobody_gets_but(process);
        if self.evidence.operation(exit).returned.is_some() {
            tally.upheld(UNDRAINED, self.got_after(process, last_put.returned));
            tally.upheld(READER_GONE, u64::from(is_alone && !is_drained));
        } else if self.evidence.was_ended(process)
            && self.has_stalled()
            && !self.has_started(process)
        {
            let (clause, why) = match (is_drained, is_alone) {
                (true, _) => (UNDRAINED, "all that it put was got"),
                (false, true) => (READER_GONE, "nobody is left to get what it put"),
                (false, false) => return,
            };
            tally.broken(clause, || {
                let name = self.evidence.process(process);
                let expected = format!("{name} exits, since {why}");
                seen([last_put.id(), exit], expected, "it never did")
            });
        }
    }

    /// Whether it may wait at its exit for processes that it started.
    fn has_started(&self, process: ProcessIndex) -> bool {
        let plans = &self.evidence.permutation.plan.processes;
        plans.iter().any(|plan| plan.starter == Some(process))
    }

    /// Whether all others that were there to get have let go of the queue.
    fn nobody_gets_but(&self, process: ProcessIndex) -> bool {
        let processes = self.evidence.permutation.plan.processes.iter().enumerate();
        let mut others = processes.filter(|(other, plan)| {
            let gets = |given: &GivenEnd| given.end == self.end && given.gets;
            *other != process && plan.ends.iter().any(gets)
        });
        others.all(|(other, _)| self.leaving(other).is_some())
    }

    /// How a process let go of the queue in good order, and the operation that did it.
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
        // By a step it never returns; and yet the process is gone, and not by anybody's kill.
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

    /// How many items of this process were asked for only after this.
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

    /// Whether the case is. A get that hangs looks the same as one for which nothing came, so where
    /// it isn't, nobody can tell that it was for the leaving.
    fn is_about(&self, clause: &str) -> bool {
        let listed = &self.evidence.permutation.clauses;
        listed.iter().any(|one| one.as_str() == clause)
    }

    /// A get that shows that what is missing won't come: it waited for it until nothing moved any
    /// more. None where each missing item may be one that a get has taken and not returned: then it
    /// is the get that hangs.
    fn waiting_in_vain(&self) -> Option<OperationId> {
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
    use crate::test_support::histories::{Expect, Run, queue};

    /// How a producer lets go of the queue.
    #[derive(Clone, Copy)]
    enum Lets {
        Close,
        Return,
        Call,
        Nothing,
    }

    /// A producer that puts two items.
    fn producer(lets: Lets) -> Run {
        let run = queue().process("p").put(1).ok(0, 1).put(2).ok(0, 1);
        match lets {
            Lets::Close => run.close(Side::Queue).ok(2, 3),
            Lets::Return => run.exit().ok(2, 3),
            Lets::Call => run.exit().pending(2),
            Lets::Nothing => run,
        }
    }

    fn waits_in_vain(run: Run) -> Run {
        let run = run.process("c").exits(Exit::Ended).ask().pending(5);
        run.ending(Ending::Stalled)
    }

    #[rstest]
    #[case::close(Lets::Close, CLOSE)]
    #[case::normal_exit(Lets::Return, RETURN)]
    #[case::exit_call(Lets::Call, CALL)]
    fn what_was_put_before_comes(#[case] lets: Lets, #[case] clause: &str) {
        let got = producer(lets).process("c").get(1).ok(4, 5).get(2).ok(6, 7);
        got.check(&INVARIANT, clause, Expect::Upheld(2));
        let lost = waits_in_vain(producer(lets));
        lost.check(&INVARIANT, clause, Expect::Broken(1));
        let ended = producer(lets).process("c").ask().gives(Outcome::End, 4, 5);
        ended.check(&INVARIANT, clause, Expect::Broken(1));
        let overtaken = producer(lets).process("c").get(2).ok(4, 5);
        overtaken.check(&INVARIANT, clause, Expect::Broken(1));
    }

    #[rstest]
    #[case::nobody_asked(producer(Lets::Return))]
    #[case::found_nothing_yet(
        producer(Lets::Return).process("c").ask().gives(Outcome::Timeout, 4, 5)
    )]
    #[case::nothing_was_put(queue().process("p").exit().ok(2, 3))]
    #[case::the_get_may_have_taken_it_and_hang(waits_in_vain(
        queue().process("p").put(1).ok(0, 1).exit().ok(2, 3)
    ))]
    #[case::it_lives_on(waits_in_vain(producer(Lets::Nothing)))]
    #[case::it_was_killed(waits_in_vain(producer(Lets::Call).exits(Exit::Killed)))]
    #[case::another_was_killed(waits_in_vain(
        producer(Lets::Return).process("k").exits(Exit::Killed).put(3).ok(0, 1)
    ))]
    #[case::it_may_wait_for_ever(waits_in_vain(producer(Lets::Return)).expecting(Outcome::Pending))]
    fn nothing_is_known_where(#[case] run: Run) {
        run.check(&INVARIANT, RETURN, Expect::Untried);
    }

    #[test]
    fn a_case_about_something_else_leaves_open_why_a_get_waits() {
        let lost = waits_in_vain(producer(Lets::Return));
        assert_eq!(lost.broken(), ["live.deadline"]);
        assert!(lost.lists(RETURN).broken().contains(&RETURN.to_owned()));
    }

    #[test]
    fn the_first_way_of_letting_go_counts() {
        let run = producer(Lets::Close).exit().ok(4, 5);
        let run = run.process("c").get(1).ok(6, 7);
        run.clone().check(&INVARIANT, CLOSE, Expect::Upheld(1));
        run.check(&INVARIANT, RETURN, Expect::Untried);
    }

    fn got() -> Run {
        queue().process("c").get(1).ok(4, 5).process("p")
    }

    #[rstest]
    #[case::exits(got().put(1).ok(0, 1).exit().ok(2, 3), Expect::Upheld(1))]
    #[case::exits_behind_the_get(got().put(1).ok(0, 1).exit().ok(2, 6), Expect::Upheld(1))]
    #[case::all_was_got_before(got().put(1).ok(0, 9).exit().ok(10, 11), Expect::Untried)]
    #[case::never_exits(
        got().put(1).ok(0, 1).exit().pending(2).exits(Exit::Ended).ending(Ending::Stalled),
        Expect::Broken(1)
    )]
    #[case::waits_for_its_child(
        got().put(1).ok(0, 1).exit().pending(2).exits(Exit::Ended)
            .process("child").started_by("p", Start::Spawn).ending(Ending::Stalled),
        Expect::Untried
    )]
    #[case::waits_for_what_nobody_gets(
        got().put(2).ok(0, 1).exit().pending(2).exits(Exit::Ended).ending(Ending::Stalled),
        Expect::Untried
    )]
    fn whoever_is_done_exits(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, UNDRAINED, expect);
    }

    /// A consumer that leaves behind the first of two items.
    fn left_alone() -> Run {
        let run = queue().process("c").get(1).ok(4, 5).exit().ok(6, 7);
        run.process("p").put(1).ok(0, 1).put(2).ok(2, 3)
    }

    #[rstest]
    #[case::exits(left_alone().exit().ok(8, 9), Expect::Upheld(1))]
    #[case::never_exits(
        left_alone().exit().pending(8).exits(Exit::Ended).ending(Ending::Stalled),
        Expect::Broken(1)
    )]
    #[case::all_was_got(
        left_alone().process("d").get(2).ok(4, 5).exit().ok(6, 7).process("p").exit().ok(8, 9),
        Expect::Untried
    )]
    #[case::somebody_may_still_come(
        left_alone().exit().pending(8).exits(Exit::Ended)
            .process("d").exits(Exit::Ended).ask().pending(9).ending(Ending::Stalled),
        Expect::Untried
    )]
    fn whoever_is_left_alone_exits(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, READER_GONE, expect);
    }

    #[test]
    fn the_witness_tells_item_leaving_and_who_waits() {
        let lost = waits_in_vain(producer(Lets::Return));
        let lost = lost.lists(RETURN);
        let witness = lost.witness(&INVARIANT, RETURN);
        assert_eq!(witness.operations.len(), 3);
        assert_eq!(witness.expected, "1, which p had put");
        assert_eq!(witness.actual, "nothing, for as long as the run lasted");
    }
}

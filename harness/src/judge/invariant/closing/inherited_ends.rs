//! End of stream arrives once all copies of the writing end are closed: the copies that the case gave to
//! processes or that forks made, and no others.
//!
//! This is the invariant `inheritance`.

use super::lane_end::{self, LaneEnd};
use crate::backend::{Kind, Outcome};
use crate::history::holders::Holder;
use crate::history::pairing::{Entry, NEVER};
use crate::history::{OperationKind, ProcessHistory};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::witness;
use crate::plan::{ProcessIndex, Start};

const OWN_COPY: &str = "pipe.eof.own-writer-copy";
const ORPHAN: &str = "proc.orphan.sees-eof";
const UNRELATED: &str = "pipe.inherit.cloexec-default";
const GRANDCHILD: &str = "pipe.inherit.grandchild";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "inheritance",
    about: "end of stream arrives once all copies of the writing end are closed, and no others exist",
    clauses: &[OWN_COPY, ORPHAN, UNRELATED, GRANDCHILD],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for lane in lane_end::lanes(evidence) {
        if lane.traffic.kind != Kind::Pipe {
            continue;
        }
        let copies = CopiedEnd { evidence, lane };
        copies.ends(&mut tally);
        copies.misses(&mut tally);
        copies.overdue(&mut tally);
    }
    tally.findings()
}

/// One lane, and the copies of its writing end.
struct CopiedEnd<'a> {
    evidence: &'a Evidence<'a>,
    lane: LaneEnd<'a>,
}

impl<'a> CopiedEnd<'a> {
    /// Returns the receiving process's own copy of the writing end.
    fn own(&self, get: &Entry) -> Option<&'a Holder> {
        let process = get.process();
        self.lane.writers().find(|holder| holder.process == process)
    }

    /// Judges receives that returned the end.
    fn ends(&self, tally: &mut Tally<'_>) {
        for end in &self.lane.traffic.ends {
            if let Some(own) = self.own(end).filter(|own| own.until > end.returned) {
                tally.broken(OWN_COPY, || {
                    let name = self.evidence.process(own.process);
                    let held = self.evidence.end_name(self.lane.sender);
                    let expected = format!("no end while {name} itself holds {held}");
                    witness([end.id()], expected, "the end")
                });
            }
            if self.left_by_dying(end.process()) {
                tally.upheld(ORPHAN, 1);
            }
            if self.unrelated(end).is_some() {
                tally.upheld(UNRELATED, 1);
            }
        }
    }

    /// Judges receives that rightly didn't return the end, because the last copy was their own or a
    /// grandchild's.
    fn misses(&self, tally: &mut Tally<'_>) {
        for get in &self.lane.traffic.misses {
            let outcome = self.evidence.operation(get.id()).outcome;
            if !matches!(outcome, Some(Outcome::Empty | Outcome::Timeout)) {
                continue;
            }
            let keeps = |holder: &&Holder| holder.gone >= get.start;
            let mut keepers = self.lane.writers().filter(keeps);
            let (Some(keeper), None) = (keepers.next(), keepers.next()) else {
                continue;
            };
            if keeper.process == get.process() && keeper.until > get.returned {
                tally.upheld(OWN_COPY, 1);
            } else if self.is_copy_of_copy(keeper) && self.lives(keeper.process, get) {
                tally.upheld(GRANDCHILD, 1);
            }
        }
    }

    /// Judges receives that should have returned the end.
    fn overdue(&self, tally: &mut Tally<'_>) {
        for (get, actual) in self.lane.overdue() {
            if self.left_by_dying(get.process()) {
                tally.broken(ORPHAN, || {
                    witness([get.id()], "the end, since the parent is gone", actual)
                });
            }
            if let Some(unrelated) = self.unrelated(get) {
                tally.broken(UNRELATED, || {
                    let name = self.evidence.process(unrelated);
                    let expected = format!("the end, since {name} was given no copy");
                    witness([get.id()], expected, actual)
                });
            }
        }
    }

    /// Whether the process was started by a writer that died without closing its end.
    fn left_by_dying(&self, process: ProcessIndex) -> bool {
        let plan = &self.evidence.permutation.plan;
        let Some(starter) = plan.processes[process].starter else {
            return false;
        };
        // Ends that it held only for its children are closed when it has started them.
        let given = plan.processes[starter].ends.iter();
        let mut given = given.filter(|given| given.end == self.lane.sender);
        let ProcessHistory { operations, .. } = &self.evidence.history.processes[starter];
        let lets_go = |op: &crate::history::Operation| {
            let closes = matches!(op.kind, OperationKind::Close | OperationKind::HalfClose);
            // After its last step a process closes all open ends, as the library requires.
            closes && op.end == Some(self.lane.sender)
                || op.kind == OperationKind::Exit && op.returned.is_some()
        };
        given.next().is_some() && !operations.iter().any(lets_go)
    }

    /// Returns a spawned process without a copy that was started by the creator of the channel and was
    /// alive during the receive.
    fn unrelated(&self, get: &Entry) -> Option<ProcessIndex> {
        let plan = &self.evidence.permutation.plan;
        let opener = plan.channels[self.lane.traffic.lane.channel].opener?;
        let holders = self.evidence.holders();
        // A receive that never returned has only its start.
        let until = Some(get.returned).filter(|returned| *returned != NEVER);
        let until = until.unwrap_or(get.start);
        let bystanders = holders.bystanders(self.lane.sender, get.start, until);
        let mut started = bystanders.filter(|bystander| {
            let process = &plan.processes[*bystander];
            process.starter == Some(opener) && process.start == Start::Spawn
        });
        started.next()
    }

    /// Whether the copy went from a forked process to one that it forked.
    fn is_copy_of_copy(&self, holder: &Holder) -> bool {
        let processes = &self.evidence.permutation.plan.processes;
        let forked = |process: ProcessIndex| processes[process].start == Start::Fork;
        let starter = processes[holder.process].starter;
        forked(holder.process) && starter.is_some_and(forked)
    }

    fn lives(&self, process: ProcessIndex, get: &Entry) -> bool {
        let life = self.evidence.holders().life(process);
        life.from < get.start && get.returned < life.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Side, Wait};
    use crate::history::{Ending, Exit};
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe};
    use rstest::rstest;

    const NOT_YET: Outcome = Outcome::Timeout;

    /// The writer closes between 2 and 3; the reader holds the writing end too.
    fn holding() -> HistoryBuilder {
        let run = pipe().process("w").close(Side::Tx).ok(2, 3).process("r");
        run.holds(Side::Tx)
    }

    #[rstest]
    #[case::no_end_yet(holding().ask().waiting(Wait::Never).gives(NOT_YET, 4, 5), Expect::Upheld(1))]
    #[case::the_end(holding().ask().gives(Outcome::End, 4, 5), Expect::Broken(1))]
    #[case::the_end_after_its_own_close(
        holding().close(Side::Tx).ok(4, 5).ask().gives(Outcome::End, 6, 7), Expect::Untried
    )]
    #[case::another_holds_it_too(
        holding().ask().waiting(Wait::Never).gives(NOT_YET, 4, 5)
            .process("h").holds(Side::Tx).idle().ok(0, 9),
        Expect::Untried
    )]
    fn judges_the_readers_own_copy(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        let run = run.process("r").idle().ok(8, 9);
        run.check(&INVARIANT, OWN_COPY, expect);
    }

    /// A writer starts a reader and then dies.
    fn orphan(exit: Exit) -> HistoryBuilder {
        let run = pipe().process("w").exits(exit).put(1).ok(0, 1).process("r");
        let run = run
            .started_by("w", Start::Spawn)
            .process("w")
            .start("r")
            .ok(2, 3);
        run.process("r").get(1).ok(4, 5)
    }

    #[rstest]
    #[case::sees_the_end(orphan(Exit::Code(3)).ask().gives(Outcome::End, 6, 7), Expect::Upheld(1))]
    #[case::does_not_see_the_end(
        orphan(Exit::Code(3)).exits(Exit::Ended).ask().pending(6).ending(Ending::Stalled),
        Expect::Broken(1)
    )]
    #[case::of_a_parent_that_closed(
        orphan(Exit::Code(0)).ask().gives(Outcome::End, 6, 7)
            .process("w").close(Side::Tx).ok(4, 5),
        Expect::Untried
    )]
    #[case::of_a_parent_that_exited_in_order(
        orphan(Exit::Code(0)).ask().gives(Outcome::End, 6, 7).process("w").exit().ok(4, 5),
        Expect::Untried
    )]
    fn judges_orphans(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, ORPHAN, expect);
    }

    /// `m` creates the pipe, starts `b`, and closes between 5 and 6.
    fn with_child(start: Start) -> HistoryBuilder {
        let run = pipe()
            .process("m")
            .put(1)
            .ok(0, 1)
            .process("b")
            .started_by("m", start);
        let run = run.idle().ok(4, 99).opened_by("m").process("m");
        let run = run.start("b").ok(2, 3).close(Side::Tx).ok(5, 6);
        run.process("r").get(1).ok(7, 8)
    }

    #[rstest]
    #[case::a_spawned_process_has_none(
        with_child(Start::Spawn).ask().gives(Outcome::End, 9, 10), Expect::Upheld(1)
    )]
    #[case::a_spawned_process_has_one(
        with_child(Start::Spawn).ask().waiting(Wait::Never).gives(NOT_YET, 9, 10), Expect::Broken(1)
    )]
    #[case::a_spawned_process_has_one_for_ever(
        with_child(Start::Spawn).exits(Exit::Ended).ask().pending(9).ending(Ending::Stalled),
        Expect::Broken(1)
    )]
    #[case::a_forked_process_has_one(
        with_child(Start::Fork).ask().waiting(Wait::Never).gives(NOT_YET, 9, 10), Expect::Untried
    )]
    fn judges_copies_that_were_not_given(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, UNRELATED, expect);
    }

    /// `m` forks `c`, which forks `g` and exits.
    fn grandchild(until: u64) -> HistoryBuilder {
        let run = pipe().process("m").put(1).ok(0, 1).process("c");
        let run = run.started_by("m", Start::Fork).process("g");
        let run = run.started_by("c", Start::Fork).idle().ok(9, until);
        let run = run.process("m").start("c").ok(2, 3).process("c");
        let run = run.start("g").ok(4, 5).exit().ok(6, 7).process("m");
        let run = run.join("c").ok(8, 9).close(Side::Tx).ok(10, 11);
        run.process("r")
            .get(1)
            .ok(12, 13)
            .ask()
            .waiting(Wait::Never)
    }

    #[rstest]
    #[case::delays_the_end(99, NOT_YET, Expect::Upheld(1))]
    #[case::had_closed_its_copy(99, Outcome::End, Expect::Untried)]
    #[case::had_exited(14, NOT_YET, Expect::Untried)]
    fn judges_a_copy_of_a_copy(
        #[case] until: u64,
        #[case] outcome: Outcome,
        #[case] expect: Expect,
    ) {
        let run = grandchild(until).gives(outcome, 15, 16);
        run.check(&INVARIANT, GRANDCHILD, expect);
    }
}

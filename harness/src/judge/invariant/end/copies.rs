//! Who comes by a copy of a writing end, and who doesn't: copies keep the end from coming.

use super::arrival::{self, LaneEnd};
use crate::backend::{Kind, Outcome};
use crate::history::holders::Holder;
use crate::history::pairing::{Entry, NEVER};
use crate::history::{OperationKind, ProcessHistory};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};
use crate::plan::{ProcessIndex, Start};

const OWN_COPY: &str = "pipe.eof.own-writer-copy";
const ORPHAN: &str = "proc.orphan.sees-eof";
const UNRELATED: &str = "pipe.inherit.cloexec-default";
const GRANDCHILD: &str = "pipe.inherit.grandchild";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "inheritance",
    about: "the end comes once all copies are closed: those a process was given, and no others",
    clauses: &[OWN_COPY, ORPHAN, UNRELATED, GRANDCHILD],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for lane in arrival::lanes(evidence) {
        if lane.traffic.kind != Kind::Pipe {
            continue;
        }
        let lane = Copies { evidence, lane };
        lane.told(&mut tally);
        lane.not_told(&mut tally);
        lane.overdue(&mut tally);
    }
    tally.findings()
}

struct Copies<'a> {
    evidence: &'a Evidence<'a>,
    lane: LaneEnd<'a>,
}

impl<'a> Copies<'a> {
    /// The hold of the getting process itself on the writing end.
    fn own(&self, get: &Entry) -> Option<&'a Holder> {
        let process = get.process();
        self.lane.writers().find(|holder| holder.process == process)
    }

    /// Gets that were told of the end.
    fn told(&self, tally: &mut Tally<'_>) {
        for end in &self.lane.traffic.ends {
            if let Some(own) = self.own(end).filter(|own| own.until > end.returned) {
                tally.broken(OWN_COPY, || {
                    let name = self.evidence.process(own.process);
                    let held = self.evidence.end_name(self.lane.sender);
                    let expected = format!("no end while {name} itself holds {held}");
                    seen([end.id()], expected, "the end")
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

    /// Gets that weren't, since a copy was still held that only they or a descendant had.
    fn not_told(&self, tally: &mut Tally<'_>) {
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

    /// Gets that should have been.
    fn overdue(&self, tally: &mut Tally<'_>) {
        for (get, actual) in self.lane.overdue() {
            if self.left_by_dying(get.process()) {
                tally.broken(ORPHAN, || {
                    seen([get.id()], "the end, since who started it is gone", actual)
                });
            }
            if let Some(unrelated) = self.unrelated(get) {
                tally.broken(UNRELATED, || {
                    let name = self.evidence.process(unrelated);
                    let expected = format!("the end, since {name} was given no copy");
                    seen([get.id()], expected, actual)
                });
            }
        }
    }

    /// Whether this process was started by a writer that never closed its end, and died.
    fn left_by_dying(&self, process: ProcessIndex) -> bool {
        let plan = &self.evidence.permutation.plan;
        let Some(starter) = plan.processes[process].starter else {
            return false;
        };
        // What it held for its children alone, it lets go of when it has started them.
        let given = plan.processes[starter].ends.iter();
        let mut given = given.filter(|given| given.end == self.lane.sender);
        let ProcessHistory { operations, .. } = &self.evidence.history.processes[starter];
        let lets_go = |op: &crate::history::Operation| {
            let closes = matches!(op.kind, OperationKind::Close | OperationKind::HalfClose);
            // Behind its last step it closes all that is open, as the library says.
            closes && op.end == Some(self.lane.sender)
                || op.kind == OperationKind::Exit && op.returned.is_some()
        };
        given.next().is_some() && !operations.iter().any(lets_go)
    }

    /// A fresh process that who made the channel started meanwhile, and gave no copy.
    fn unrelated(&self, get: &Entry) -> Option<ProcessIndex> {
        let plan = &self.evidence.permutation.plan;
        let opener = plan.channels[self.lane.traffic.lane.channel].opener?;
        let holders = self.evidence.holders();
        // Of a get that never returned, only its start was surely seen by others.
        let until = Some(get.returned).filter(|returned| *returned != NEVER);
        let until = until.unwrap_or(get.start);
        let bystanders = holders.bystanders(self.lane.sender, get.start, until);
        let mut started = bystanders.filter(|bystander| {
            let process = &plan.processes[*bystander];
            process.starter == Some(opener) && process.start == Start::Spawn
        });
        started.next()
    }

    /// Whether what it holds is a fork's copy of a fork's copy.
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
    use crate::test_support::histories::{Expect, Run, pipe};
    use rstest::rstest;

    const NOT_YET: Outcome = Outcome::Timeout;

    /// The writer has closed between 2 and 3; the reader holds the writing end itself.
    fn holding() -> Run {
        let run = pipe().process("w").close(Side::Tx).ok(2, 3).process("r");
        run.holds(Side::Tx)
    }

    #[rstest]
    #[case::no_end(holding().ask().waiting(Wait::Never).gives(NOT_YET, 4, 5), Expect::Upheld(1))]
    #[case::an_end(holding().ask().gives(Outcome::End, 4, 5), Expect::Broken(1))]
    #[case::an_end_once_it_has_closed_too(
        holding().close(Side::Tx).ok(4, 5).ask().gives(Outcome::End, 6, 7), Expect::Untried
    )]
    #[case::another_holds_it_too(
        holding().ask().waiting(Wait::Never).gives(NOT_YET, 4, 5)
            .process("h").holds(Side::Tx).idle().ok(0, 9),
        Expect::Untried
    )]
    fn judges_a_copy_of_ones_own(#[case] run: Run, #[case] expect: Expect) {
        let run = run.process("r").idle().ok(8, 9);
        run.check(&INVARIANT, OWN_COPY, expect);
    }

    /// A writer that starts a reader and then dies.
    fn orphan(exit: Exit) -> Run {
        let run = pipe().process("w").exits(exit).put(1).ok(0, 1).process("r");
        let run = run
            .started_by("w", Start::Spawn)
            .process("w")
            .start("r")
            .ok(2, 3);
        run.process("r").get(1).ok(4, 5)
    }

    #[rstest]
    #[case::is_told(orphan(Exit::Code(3)).ask().gives(Outcome::End, 6, 7), Expect::Upheld(1))]
    #[case::is_not_told(
        orphan(Exit::Code(3)).exits(Exit::Ended).ask().pending(6).ending(Ending::Stalled),
        Expect::Broken(1)
    )]
    #[case::of_a_starter_that_closed(
        orphan(Exit::Code(0)).ask().gives(Outcome::End, 6, 7)
            .process("w").close(Side::Tx).ok(4, 5),
        Expect::Untried
    )]
    #[case::of_a_starter_that_left_in_order(
        orphan(Exit::Code(0)).ask().gives(Outcome::End, 6, 7).process("w").exit().ok(4, 5),
        Expect::Untried
    )]
    fn judges_orphans(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, ORPHAN, expect);
    }

    /// `m` makes the pipe, starts `b`, and closes between 5 and 6.
    fn beside(start: Start) -> Run {
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
    #[case::a_fresh_process_has_none(
        beside(Start::Spawn).ask().gives(Outcome::End, 9, 10), Expect::Upheld(1)
    )]
    #[case::a_fresh_process_has_one(
        beside(Start::Spawn).ask().waiting(Wait::Never).gives(NOT_YET, 9, 10), Expect::Broken(1)
    )]
    #[case::a_fresh_process_has_one_for_ever(
        beside(Start::Spawn).exits(Exit::Ended).ask().pending(9).ending(Ending::Stalled),
        Expect::Broken(1)
    )]
    #[case::a_fork_has_one(
        beside(Start::Fork).ask().waiting(Wait::Never).gives(NOT_YET, 9, 10), Expect::Untried
    )]
    fn judges_copies_that_nobody_gave(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, UNRELATED, expect);
    }

    /// `m` forks `c`, which forks `g` and exits.
    fn grandchild(until: u64) -> Run {
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
    #[case::hides_the_end(99, NOT_YET, Expect::Upheld(1))]
    #[case::had_closed_its_copy(99, Outcome::End, Expect::Untried)]
    #[case::was_gone(14, NOT_YET, Expect::Untried)]
    fn judges_a_copy_of_a_copy(#[case] until: u64, #[case] told: Outcome, #[case] expect: Expect) {
        let run = grandchild(until).gives(told, 15, 16);
        run.check(&INVARIANT, GRANDCHILD, expect);
    }
}

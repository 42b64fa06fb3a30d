//! A put of an item that can't be encoded reports that, a get of an item that can't be decoded takes exactly
//! that item, and all other items arrive.

use crate::backend::encoding::UNDECODABLE;
use crate::backend::{Kind, Outcome};
use crate::history::OperationId;
use crate::history::fate::Fates;
use crate::history::pairing::{Entry, Traffic, unsendable};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::misdelivery;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{BLOCKED, witness};
use crate::plan::Content;

const PUT: &str = "queue.err.put-reports";
const OTHERS: &str = "queue.err.put-spares-others";
const GET: &str = "queue.err.get-consumes-one";
const SEND: &str = "pipe.err.send-reports";
const RECV: &str = "pipe.err.recv-consumes-one";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "encoding",
    about: "an item that can't be encoded or decoded is reported, and harms no other item",
    clauses: &[PUT, OTHERS, GET, SEND, RECV],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (traffic, fates) in evidence.lanes() {
        let lane = JudgedLane {
            evidence,
            traffic,
            fates,
        };
        match traffic.kind {
            Kind::Queue => {
                lane.of_puts(&mut tally, PUT, OTHERS);
                lane.of_gets(&mut tally, GET);
            }
            Kind::Pipe => {
                lane.of_puts(&mut tally, SEND, SEND);
                lane.of_gets(&mut tally, RECV);
            }
            Kind::Stream | Kind::Endpoint | Kind::Process => {}
        }
    }
    tally.findings()
}

struct JudgedLane<'a> {
    evidence: &'a Evidence<'a>,
    traffic: &'a Traffic,
    fates: &'a Fates,
}

impl JudgedLane<'_> {
    /// Judges the puts of items that can't be encoded, and what follows them.
    fn of_puts(&self, tally: &mut Tally<'_>, reports: &'static str, spares: &'static str) {
        let puts = self.traffic.refused.iter();
        let puts: Vec<&Entry> = puts.filter(|put| put.content == unsendable()).collect();
        for put in &puts {
            match self.evidence.operation(put.id()).outcome {
                Some(Outcome::Refused | Outcome::Denied | Outcome::Error) => {
                    tally.upheld(reports, 1);
                }
                Some(Outcome::Ok) => tally.broken(reports, || {
                    witness([put.id()], "an error, as it can't be encoded", "ok")
                }),
                _ => {}
            }
        }
        if let Some(first) = puts.first() {
            self.spares_others(tally, spares, first);
        }
    }

    /// Judges the gets of items that can't be decoded, and what follows them.
    fn of_gets(&self, tally: &mut Tally<'_>, clause: &'static str) {
        let undecodable = Content::of(UNDECODABLE);
        let puts = self.traffic.equal_puts(undecodable);
        let Some(first) = puts.first() else { return };
        for got in self
            .traffic
            .gets
            .iter()
            .filter(|got| got.content == undecodable)
        {
            tally.broken(clause, || {
                witness(
                    [first.id(), got.id()],
                    "an error, as it can't be decoded",
                    "ok",
                )
            });
        }
        let outcome = |get: &&Entry| self.evidence.operation(get.id()).outcome;
        let failed = self.traffic.takers.iter();
        let failed = failed.filter(|get| outcome(get) == Some(Outcome::Error));
        for again in failed.skip(puts.len()) {
            tally.broken(clause, || {
                witness(
                    [first.id(), again.id()],
                    "one error for one item",
                    "another error",
                )
            });
        }
        self.spares_others(tally, clause, first);
    }

    /// Judges that the items which were put after this one arrive.
    fn spares_others(&self, tally: &mut Tally<'_>, clause: &'static str, after: &Entry) {
        let mut lost = self.fates.lost.iter();
        if let Some(lost) = lost.find(|lost| lost.put.start >= after.start) {
            return tally.broken(clause, || {
                let mut shown = misdelivery::lost(self.evidence, lost);
                if !shown.operations.contains(&after.id()) {
                    shown.operations.insert(0, after.id());
                }
                shown
            });
        }
        if let Some(blocked) = self.blocked(after) {
            return tally.broken(clause, || {
                let name = self.evidence.name_with_caller(blocked);
                witness([after.id(), blocked], format!("{name} returns"), BLOCKED)
            });
        }
        let arrived = self.traffic.groups().map(|group| {
            let later = group.puts.iter().filter(|put| put.start > after.start);
            later.count().min(group.gets.len())
        });
        tally.upheld(clause, arrived.sum::<usize>() as u64);
    }

    /// Returns a later put or get on the lane that never returned.
    fn blocked(&self, after: &Entry) -> Option<OperationId> {
        let Traffic {
            puts,
            refused,
            takers,
            ..
        } = self.traffic;
        let others = [puts, refused, takers].into_iter().flatten().map(Entry::id);
        let blocked = others.filter(|id| *id != after.id() && self.evidence.hangs(*id));
        // The first in the order of processes, whatever its item is.
        blocked.min_by_key(|id| (id.process, id.index))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Ending;
    use crate::plan::Item;
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue};
    use rstest::rstest;

    /// A put of an item that can't be encoded, with this outcome.
    fn unsendable(outcome: Outcome) -> HistoryBuilder {
        let run = queue().process("p").put(Item::Unsendable);
        run.gives(outcome, 0, 1)
    }

    /// An item that can't be decoded, and two others.
    fn undecodable() -> HistoryBuilder {
        let run = queue().process("p").put(Item::Undecodable).ok(0, 1);
        run.put(1).ok(2, 3).put(2).ok(4, 5).process("c")
    }

    #[rstest]
    #[case::is_refused(unsendable(Outcome::Refused), PUT, Expect::Upheld(1))]
    #[case::fails(unsendable(Outcome::Error), PUT, Expect::Upheld(1))]
    #[case::succeeds(unsendable(Outcome::Ok), PUT, Expect::Broken(1))]
    #[case::finds_no_room(unsendable(Outcome::Full), PUT, Expect::Untried)]
    #[case::is_followed_by_one_that_arrives(
        unsendable(Outcome::Refused).put(1).ok(2, 3).process("c").get(1).ok(4, 5),
        OTHERS,
        Expect::Upheld(1)
    )]
    #[case::succeeds_and_the_next_arrives(
        unsendable(Outcome::Ok).put(1).ok(2, 3).process("c").get(1).ok(4, 5),
        OTHERS,
        Expect::Upheld(1)
    )]
    #[case::takes_the_next_with_it(
        unsendable(Outcome::Refused).put(1).ok(2, 3).put(2).ok(4, 5).process("c").get(2).ok(6, 7),
        OTHERS,
        Expect::Broken(1)
    )]
    #[case::keeps_the_room(
        unsendable(Outcome::Ok).put(1).pending(2).exits(crate::history::Exit::Ended)
            .ending(Ending::Stalled),
        OTHERS,
        Expect::Broken(1)
    )]
    #[case::on_a_pipe(
        pipe().process("w").put(Item::Unsendable).ok(0, 1), SEND, Expect::Broken(1)
    )]
    fn judges_a_put_that(
        #[case] run: HistoryBuilder,
        #[case] clause: &str,
        #[case] expect: Expect,
    ) {
        run.check(&INVARIANT, clause, expect);
    }

    #[rstest]
    #[case::fails_once(
        undecodable().ask().gives(Outcome::Error, 6, 7).get(1).ok(8, 9).get(2).ok(10, 11),
        Expect::Upheld(2)
    )]
    #[case::fails_twice(
        undecodable().ask().gives(Outcome::Error, 6, 7).ask().gives(Outcome::Error, 8, 9)
            .get(1).ok(10, 11),
        Expect::Broken(1)
    )]
    #[case::takes_the_next_with_it(
        undecodable().ask().gives(Outcome::Error, 6, 7).get(2).ok(8, 9), Expect::Broken(1)
    )]
    #[case::never_fails(undecodable().get(1).ok(6, 7).get(2).ok(8, 9), Expect::Broken(1))]
    #[case::returns_it(undecodable().get(Item::Undecodable).ok(6, 7), Expect::Broken(1))]
    #[case::is_not_there(undecodable(), Expect::Untried)]
    fn judges_a_get_that(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, GET, expect);
    }
}

//! Whoever waits for a channel is told of its end, and soon.

use std::time::Duration;

use crate::backend::Kind;
use crate::history::holders::Holder;
use crate::history::pairing::{Entry, NEVER, Traffic};
use crate::history::{Ending, OperationId};
use crate::judge::Finding;
use crate::judge::invariant::support::tally::{Tally, seen};
use crate::judge::invariant::{Evidence, Invariant};

const WAKES: &str = "queue.get.close-wakes-blocked";
const LATENCY: &str = "pipe.eof.latency-bound";

pub(in crate::judge::invariant) const INVARIANT: Invariant = Invariant {
    name: "waking",
    about: "who waits for an item or a message is told of the end, and soon",
    clauses: &[WAKES, LATENCY],
    judge,
};

/// How long the end may take. Generous: what is measured is a machine under load, too.
const SOON: Duration = Duration::from_secs(2);

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (traffic, fates) in evidence.lanes() {
        let writers: Vec<&Holder> = evidence.holders().writers(traffic.lane.sending()).collect();
        if writers.is_empty() {
            continue;
        }
        let lane = Lane {
            traffic,
            held_until: writers.iter().map(|w| w.until).max().unwrap_or(NEVER),
            free_from: writers.iter().map(|w| w.gone).max().unwrap_or(NEVER),
            drained: fates.missing.is_empty(),
        };
        match traffic.kind {
            Kind::Queue => lane.wakes(evidence, &mut tally),
            Kind::Pipe => lane.soon(&mut tally),
            Kind::Stream | Kind::Endpoint | Kind::Process => {}
        }
    }
    tally.findings()
}

struct Lane<'a> {
    traffic: &'a Traffic,
    /// The last of those who put surely held on until then.
    held_until: u64,
    /// And had surely let go by then.
    free_from: u64,
    drained: bool,
}

impl Lane<'_> {
    fn waited(&self, get: &Entry) -> bool {
        get.start < self.held_until
    }

    fn wakes(&self, evidence: &Evidence<'_>, tally: &mut Tally<'_>) {
        let told = self.traffic.ends.iter().filter(|end| self.waited(end));
        tally.upheld(WAKES, told.count() as u64);
        let over = evidence.history.ending == Ending::Stalled
            && self.drained
            && self.free_from <= evidence.ended();
        let asleep = self.traffic.takers.iter().filter(|get| {
            let operation = evidence.operation(get.id());
            operation.is_pending()
                && evidence.was_ended(get.process())
                && !evidence.may_stay_pending(operation)
        });
        for get in asleep.filter(|get| over && self.waited(get)) {
            tally.broken(WAKES, || {
                let closed = self.last_put(evidence);
                seen(
                    closed.into_iter().chain([get.id()]),
                    "the end, since everybody who put has closed the queue",
                    "nothing, for as long as the run lasted",
                )
            });
        }
    }

    /// What was put last, to show when.
    fn last_put(&self, evidence: &Evidence<'_>) -> Option<OperationId> {
        let puts = self.traffic.puts.iter();
        let last = puts.max_by_key(|put| evidence.operation(put.id()).start);
        last.map(Entry::id)
    }

    fn soon(&self, tally: &mut Tally<'_>) {
        let waiting = self.traffic.ends.iter().filter(|end| self.waited(end));
        for end in waiting {
            let since = |stamp: u64| Duration::from_nanos(end.returned.saturating_sub(stamp));
            if since(self.held_until) <= SOON {
                tally.upheld(LATENCY, 1);
            } else if since(self.free_from) > SOON {
                tally.broken(LATENCY, || {
                    let expected = format!("the end within {SOON:?} of the last close");
                    seen(
                        [end.id()],
                        expected,
                        format!("after {:?}", since(self.free_from)),
                    )
                });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{Outcome, Side};
    use crate::history::Exit;
    use crate::test_support::histories::{Expect, Run, pipe, queue};
    use rstest::rstest;

    const SECOND: u64 = 1_000_000_000;

    /// A producer that closes between 10 and 11.
    fn closed() -> Run {
        let run = queue().process("p").put(1).ok(0, 1);
        run.close(Side::Queue)
            .ok(10, 11)
            .process("c")
            .get(1)
            .ok(2, 3)
    }

    #[rstest]
    #[case::who_waited_is_told(closed().ask().gives(Outcome::End, 4, 12), Expect::Upheld(1))]
    #[case::who_asked_later_did_not_wait(
        closed().ask().gives(Outcome::End, 12, 13), Expect::Untried
    )]
    #[case::who_waited_sleeps_on(
        closed().exits(Exit::Ended).ask().pending(4).ending(Ending::Stalled), Expect::Broken(1)
    )]
    #[case::who_waited_was_killed(
        closed().exits(Exit::Killed).ask().pending(4), Expect::Untried
    )]
    #[case::somebody_may_still_put(
        closed().exits(Exit::Ended).ask().pending(4).process("o").exits(Exit::Ended)
            .put(2).pending(5).ending(Ending::Stalled),
        Expect::Untried
    )]
    fn judges_waking(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, WAKES, expect);
    }

    #[rstest]
    #[case::at_once(12, Expect::Upheld(1))]
    #[case::a_second_later(SECOND, Expect::Upheld(1))]
    #[case::long_after(3 * SECOND, Expect::Broken(1))]
    fn judges_how_soon(#[case] told: u64, #[case] expect: Expect) {
        let run = pipe().process("w").close(Side::Tx).ok(10, 11).process("r");
        let run = run.ask().gives(Outcome::End, 5, told);
        run.check(&INVARIANT, LATENCY, expect);
    }

    #[test]
    fn who_asks_long_after_the_end_is_told_long_after() {
        let run = pipe().process("w").close(Side::Tx).ok(10, 11).process("r");
        let late = run.ask().gives(Outcome::End, 5 * SECOND, 5 * SECOND + 1);
        late.check(&INVARIANT, LATENCY, Expect::Untried);
    }
}

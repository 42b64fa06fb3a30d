//! A receive that waits when the last writer closes returns the end: a get at all, and a receive of a
//! pipe within two seconds.
//!
//! This is the invariant `waking`. That a call returns when the other processes are gone, with whatever
//! result, is for [`super::abandoned`].

use std::time::Duration;

use crate::backend::Kind;
use crate::history::holders::Holder;
use crate::history::pairing::{Entry, NEVER, Traffic};
use crate::history::{Ending, OperationId};
use crate::judge::Finding;
use crate::judge::invariant::support::definition::Invariant;
use crate::judge::invariant::support::evidence::Evidence;
use crate::judge::invariant::support::tally::Tally;
use crate::judge::invariant::support::witness::{NOTHING_CAME, witness};

const WAKES: &str = "queue.get.close-wakes-blocked";
const LATENCY: &str = "pipe.eof.latency-bound";

pub(crate) const INVARIANT: Invariant = Invariant {
    name: "waking",
    about: "a receive that waits when the last writer closes returns the end, and soon",
    clauses: &[WAKES, LATENCY],
    judge,
};

/// How long the end may take. It is generous, because the machine may be under load.
const SOON: Duration = Duration::from_secs(2);

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    for (traffic, fates) in evidence.lanes() {
        let writers: Vec<&Holder> = evidence.holders().writers(traffic.lane.sending()).collect();
        if writers.is_empty() {
            continue;
        }
        let lane = WaitedEnd {
            traffic,
            held_until: writers.iter().map(|w| w.until).max().unwrap_or(NEVER),
            free_from: writers.iter().map(|w| w.gone).max().unwrap_or(NEVER),
            drained: fates.missing.is_empty(),
        };
        match traffic.kind {
            Kind::Queue => lane.wakes(evidence, &mut tally),
            Kind::Pipe => lane.soon(evidence, &mut tally),
            Kind::Stream | Kind::Endpoint | Kind::Process => {}
        }
    }
    tally.findings()
}

/// The end of one lane, as its waiting receives see it.
struct WaitedEnd<'a> {
    traffic: &'a Traffic,
    /// Until then a writer certainly held its end.
    held_until: u64,
    /// From then on no writer did.
    free_from: u64,
    drained: bool,
}

impl WaitedEnd<'_> {
    fn waited(&self, get: &Entry) -> bool {
        get.start < self.held_until
    }

    fn wakes(&self, evidence: &Evidence<'_>, tally: &mut Tally<'_>) {
        let woken = self.traffic.ends.iter().filter(|end| self.waited(end));
        tally.upheld(WAKES, woken.count() as u64);
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
                witness(
                    closed.into_iter().chain([get.id()]),
                    "the end, since every producer has closed the queue",
                    NOTHING_CAME,
                )
            });
        }
    }

    /// Returns the last put, which shows in the witness when the queue was in use.
    fn last_put(&self, evidence: &Evidence<'_>) -> Option<OperationId> {
        let puts = self.traffic.puts.iter();
        let last = puts.max_by_key(|put| evidence.operation(put.id()).start);
        last.map(Entry::id)
    }

    fn soon(&self, evidence: &Evidence<'_>, tally: &mut Tally<'_>) {
        let waiting = self.traffic.ends.iter().filter(|end| self.waited(end));
        for end in waiting {
            let since = |stamp: u64| Duration::from_nanos(end.returned.saturating_sub(stamp));
            let lost = evidence.history.lost_within(self.free_from, end.returned);
            if since(self.held_until) <= SOON {
                tally.upheld(LATENCY, 1);
            } else if since(self.free_from) <= SOON {
                // It may have been soon.
            } else if since(self.free_from) <= SOON + Duration::from_nanos(lost) {
                tally.too_slow(LATENCY, self.free_from, end.returned);
            } else {
                tally.broken(LATENCY, || {
                    let expected = format!("the end within {SOON:?} of the last close");
                    witness(
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
    use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue};
    use rstest::rstest;

    const SECOND: u64 = 1_000_000_000;

    /// The producer closes between 10 and 11.
    fn closed() -> HistoryBuilder {
        let run = queue().process("p").put(1).ok(0, 1);
        run.close(Side::Queue)
            .ok(10, 11)
            .process("c")
            .get(1)
            .ok(2, 3)
    }

    #[rstest]
    #[case::a_waiting_get_returns_the_end(closed().ask().gives(Outcome::End, 4, 12), Expect::Upheld(1))]
    #[case::a_later_get_did_not_wait(
        closed().ask().gives(Outcome::End, 12, 13), Expect::Untried
    )]
    #[case::a_waiting_get_never_returns(
        closed().exits(Exit::Ended).ask().pending(4).ending(Ending::Stalled), Expect::Broken(1)
    )]
    #[case::the_waiting_process_was_killed(
        closed().exits(Exit::Killed).ask().pending(4), Expect::Untried
    )]
    #[case::another_producer_may_still_put(
        closed().exits(Exit::Ended).ask().pending(4).process("o").exits(Exit::Ended)
            .put(2).pending(5).ending(Ending::Stalled),
        Expect::Untried
    )]
    fn judges_waking(#[case] run: HistoryBuilder, #[case] expect: Expect) {
        run.check(&INVARIANT, WAKES, expect);
    }

    #[rstest]
    #[case::at_once(12, Expect::Upheld(1))]
    #[case::a_second_later(SECOND, Expect::Upheld(1))]
    #[case::long_after(3 * SECOND, Expect::Broken(1))]
    fn judges_latency(#[case] returned: u64, #[case] expect: Expect) {
        let run = pipe().process("w").close(Side::Tx).ok(10, 11).process("r");
        let run = run.ask().gives(Outcome::End, 5, returned);
        run.check(&INVARIANT, LATENCY, expect);
    }

    #[test]
    fn a_receive_that_starts_after_the_close_has_no_latency() {
        let run = pipe().process("w").close(Side::Tx).ok(10, 11).process("r");
        let late = run.ask().gives(Outcome::End, 5 * SECOND, 5 * SECOND + 1);
        late.check(&INVARIANT, LATENCY, Expect::Untried);
    }
}

//! A queue holds no more than it may, and is full or empty only when it is.

use super::tally::{Tally, seen};
use super::{Evidence, Invariant};
use crate::capability::Capability;
use crate::channel::Kind;
use crate::finding::{Finding, Witness};
use crate::history::OperationId;
use crate::history::fate::Fates;
use crate::history::pairing::{Entry, Group, NEVER, Traffic};
use crate::outcome::Outcome;

const MAXSIZE: &str = "queue.cap.maxsize";
const FULL: &str = "queue.put.no-spurious-full";
const EMPTY: &str = "queue.get.no-spurious-empty";

pub(super) const INVARIANT: Invariant = Invariant {
    name: "bound",
    about: "a queue holds no more than its capacity, and is full or empty only when it is",
    clauses: &[MAXSIZE, FULL, EMPTY],
    judge,
};

fn judge(evidence: &Evidence<'_>) -> Vec<Finding> {
    let mut tally = Tally::new(&INVARIANT, evidence);
    let queues = evidence
        .lanes()
        .filter(|(traffic, _)| traffic.kind == Kind::Queue);
    for (traffic, fates) in queues {
        let bounded = evidence.permutation.plan.channels[traffic.lane.channel].capacity;
        let strict = evidence.capabilities.has(Capability::StrictEmpty);
        if bounded.is_none() && !strict {
            tally.untried(EMPTY, "the backend doesn't promise it");
            continue;
        }
        let inside = certainly_inside(traffic, fates);
        if let Some(capacity) = bounded {
            at_most(&mut tally, traffic, &inside, capacity);
            full_only_when_full(evidence, &mut tally, traffic, capacity);
        }
        if strict {
            empty_only_when_empty(evidence, &mut tally, traffic, &inside);
        }
    }
    tally.findings()
}

/// An item that is certainly inside between `from` and `to`, both excluded.
struct Stay {
    from: u64,
    to: u64,
    put: OperationId,
}

/// Every stay that is certain: behind the return of the put, before the start of the get. Equal
/// items are paired so that they stay as short as any pairing allows.
fn certainly_inside(traffic: &Traffic, fates: &Fates) -> Vec<Stay> {
    let mut stays = Vec::with_capacity(traffic.puts.len());
    for group in traffic.groups() {
        let puts = Group::by_return(group.puts);
        stays.extend(puts.iter().zip(group.gets).map(|(put, get)| Stay {
            from: put.returned,
            to: get.start,
            put: put.id(),
        }));
    }
    stays.extend(fates.changed.iter().map(|(put, get)| Stay {
        from: put.returned,
        to: get.start,
        put: put.id(),
    }));
    // What nobody got may have been taken by a get that never returned, or returned something else.
    let mut takers: Vec<u64> = traffic
        .takers
        .iter()
        .chain(&fates.invented)
        .map(|get| get.start)
        .collect();
    takers.sort_unstable();
    let mut takers = takers.into_iter();
    let missing = &fates.missing[fates.changed.len()..];
    stays.extend(missing.iter().map(|put| Stay {
        from: put.returned,
        to: takers.next().unwrap_or(NEVER),
        put: put.id(),
    }));
    stays.retain(|stay| stay.from < stay.to);
    stays.sort_unstable_by_key(|stay| stay.from);
    stays
}

fn at_most(tally: &mut Tally<'_>, traffic: &Traffic, stays: &[Stay], capacity: u64) {
    let mut leaves: Vec<u64> = stays.iter().map(|stay| stay.to).collect();
    leaves.sort_unstable();
    let mut attempts: Vec<u64> = traffic
        .puts
        .iter()
        .chain(&traffic.refused)
        .map(|put| put.start)
        .collect();
    attempts.sort_unstable();
    let (mut left, mut attempted) = (0, 0);
    for (entered, stay) in stays.iter().enumerate() {
        // Attempts up to this return met the items that had entered before.
        while let Some(attempt) = attempts.get(attempted).filter(|at| **at <= stay.from) {
            left += leaves[left..].partition_point(|to| to <= attempt);
            tally.upheld(MAXSIZE, u64::from((entered - left) as u64 >= capacity));
            attempted += 1;
        }
        left += leaves[left..].partition_point(|to| *to <= stay.from);
        let inside = (entered + 1 - left) as u64;
        if inside > capacity {
            tally.broken(MAXSIZE, || overfull(stays, entered, inside, capacity));
        }
    }
    for attempt in &attempts[attempted..] {
        left += leaves[left..].partition_point(|to| to <= attempt);
        tally.upheld(MAXSIZE, u64::from((stays.len() - left) as u64 >= capacity));
    }
}

fn overfull(stays: &[Stay], last: usize, inside: u64, capacity: u64) -> Witness {
    let now = stays[last].from;
    let mut puts: Vec<_> = stays[..=last]
        .iter()
        .rev()
        .filter(|stay| stay.to > now)
        .take(4)
        .map(|stay| stay.put)
        .collect();
    puts.reverse();
    seen(
        puts,
        format!("at most {capacity} inside"),
        format!("{inside} inside: put, and not yet asked for"),
    )
}

/// A put that is told "full" meets a moment at which it may have been.
fn full_only_when_full(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    traffic: &Traffic,
    capacity: u64,
) {
    let mut refused = traffic.refused.iter().filter(|put| {
        let outcome = evidence.operation(put.id()).outcome;
        matches!(outcome, Some(Outcome::Full | Outcome::Timeout))
    });
    let Some(first) = refused.next() else { return };
    let (enters, leaves) = possibly_inside(traffic);
    for put in [first].into_iter().chain(refused) {
        // A refused put's own stamp of return; a pairing's would be never.
        let returned = evidence.operation(put.id()).returned.unwrap_or(NEVER);
        let most = most_inside(&enters, &leaves, put.start, returned);
        if most >= capacity {
            tally.upheld(FULL, 1);
        } else {
            tally.broken(FULL, || {
                let word = evidence
                    .operation(put.id())
                    .outcome
                    .map_or("", Outcome::word);
                seen(
                    [put.id()],
                    format!("room, with at most {most} of {capacity} inside"),
                    word,
                )
            });
        }
    }
}

/// When items may have entered at the earliest, and left at the latest.
fn possibly_inside(traffic: &Traffic) -> (Vec<u64>, Vec<u64>) {
    let mut enters: Vec<u64> = traffic.puts.iter().map(|put| put.start).collect();
    let mut leaves = Vec::with_capacity(traffic.gets.len());
    for group in traffic.groups() {
        let gets = Group::by_return(group.gets);
        leaves.extend(gets.iter().take(group.puts.len()).map(|get| get.returned));
    }
    enters.sort_unstable();
    leaves.sort_unstable();
    (enters, leaves)
}

fn most_inside(enters: &[u64], leaves: &[u64], from: u64, to: u64) -> u64 {
    let first = enters.partition_point(|enter| *enter <= from);
    let last = enters.partition_point(|enter| *enter <= to);
    let left_before = |time: u64| leaves.partition_point(|leave| *leave < time);
    let at_start = first - left_before(from);
    let later = (first..last).map(|n| n + 1 - left_before(enters[n]).min(n + 1));
    later.chain([at_start]).max().unwrap_or(0) as u64
}

/// A try that is told "empty" meets a moment at which it may have been.
fn empty_only_when_empty(
    evidence: &Evidence<'_>,
    tally: &mut Tally<'_>,
    traffic: &Traffic,
    stays: &[Stay],
) {
    let mut busy: Vec<(u64, u64)> = Vec::new();
    for stay in stays {
        match busy.last_mut() {
            // Where one item leaves at the stamp at which the next enters, it may be empty.
            Some((_, to)) if stay.from < *to => *to = stay.to.max(*to),
            _ => busy.push((stay.from, stay.to)),
        }
    }
    let outcome = |get: &&Entry| evidence.operation(get.id()).outcome;
    let empty = traffic
        .misses
        .iter()
        .filter(|get| outcome(get) == Some(Outcome::Empty));
    for get in empty {
        let before = busy.partition_point(|(from, _)| *from < get.start);
        let inside = busy[..before].last().filter(|(_, to)| get.returned < *to);
        match inside {
            None => tally.upheld(EMPTY, 1),
            Some(_) => tally.broken(EMPTY, || {
                let there = stays
                    .iter()
                    .filter(|stay| stay.from < get.start && get.start < stay.to)
                    .max_by_key(|stay| stay.to);
                let put = there.map(|stay| stay.put);
                let item = put.map_or("something".to_owned(), |put| evidence.item_of(put));
                seen(
                    put.into_iter().chain([get.id()]),
                    format!("an item, since {item} was inside"),
                    "empty",
                )
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Exit;
    use crate::testing::histories::{Expect, Run, queue};
    use rstest::rstest;

    fn of_one() -> Run {
        queue().capacity(1).process("p").put(1).ok(0, 1)
    }

    #[rstest]
    #[case::one_of_one(of_one(), Expect::Untried)]
    #[case::a_second_is_refused(of_one().put(2).gives(Outcome::Full, 2, 3), Expect::Upheld(1))]
    #[case::a_second_waits(
        of_one().put(2).ok(2, 9).process("c").get(1).ok(5, 6), Expect::Upheld(1)
    )]
    #[case::a_second_gets_in(of_one().put(2).ok(2, 3), Expect::Broken(1))]
    #[case::a_second_gets_in_and_both_are_got(
        of_one().put(2).ok(2, 3).process("c").get(1).ok(5, 6).get(2).ok(7, 8),
        Expect::Broken(1)
    )]
    #[case::a_get_had_begun(
        of_one().put(2).ok(2, 3).process("c").get(1).ok(3, 6), Expect::Upheld(1)
    )]
    #[case::a_killed_get_had_begun(
        of_one().put(2).ok(4, 5).process("c").exits(Exit::Killed).ask().pending(3),
        Expect::Untried
    )]
    #[case::two_killed_gets_had_begun_too_late(
        of_one().put(2).ok(4, 5).process("c").exits(Exit::Killed).ask().pending(6),
        Expect::Broken(1)
    )]
    #[case::equal_items(
        queue().capacity(1).process("p").put(7).ok(0, 1).put(7).ok(4, 5)
            .process("c").get(7).ok(2, 3).get(7).ok(6, 7),
        Expect::Untried
    )]
    #[case::without_a_bound(
        queue().process("p").put(1).ok(0, 1).put(2).ok(2, 3), Expect::Untried
    )]
    fn judges_the_capacity(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, MAXSIZE, expect);
    }

    #[rstest]
    #[case::when_full(of_one().put(2).gives(Outcome::Full, 2, 3), Expect::Upheld(1))]
    #[case::with_room(
        queue().capacity(2).process("p").put(1).ok(0, 1).put(2).gives(Outcome::Full, 2, 3),
        Expect::Broken(1)
    )]
    #[case::after_a_timeout_with_room(
        queue().capacity(2).process("p").put(1).ok(0, 1).put(2).gives(Outcome::Timeout, 2, 3),
        Expect::Broken(1)
    )]
    #[case::while_it_is_being_got(
        of_one().put(2).gives(Outcome::Full, 5, 6).process("c").get(1).ok(2, 5),
        Expect::Upheld(1)
    )]
    #[case::after_it_was_got(
        of_one().put(2).gives(Outcome::Full, 5, 6).process("c").get(1).ok(2, 4),
        Expect::Broken(1)
    )]
    #[case::while_another_is_being_put(
        queue().capacity(1).process("o").put(1).ok(3, 9)
            .process("p").put(2).gives(Outcome::Full, 2, 3),
        Expect::Upheld(1)
    )]
    #[case::nobody_is_refused(of_one(), Expect::Untried)]
    fn judges_full(#[case] run: Run, #[case] expect: Expect) {
        run.check(&INVARIANT, FULL, expect);
    }

    fn empty(start: u64, returned: u64) -> Run {
        let run = queue().declares(Capability::StrictEmpty);
        let run = run
            .process("p")
            .put(1)
            .ok(2, 3)
            .process("c")
            .get(1)
            .ok(8, 9);
        run.process("d")
            .ask()
            .gives(Outcome::Empty, start, returned)
    }

    #[rstest]
    #[case::before((0, 1), Expect::Upheld(1))]
    #[case::around_the_put((1, 4), Expect::Upheld(1))]
    #[case::touching_the_put((3, 4), Expect::Upheld(1))]
    #[case::inside((4, 7), Expect::Broken(1))]
    #[case::touching_the_get((4, 8), Expect::Upheld(1))]
    #[case::after((10, 11), Expect::Upheld(1))]
    fn judges_empty(#[case] (start, returned): (u64, u64), #[case] expect: Expect) {
        empty(start, returned).check(&INVARIANT, EMPTY, expect);
    }

    #[test]
    fn one_item_behind_another_is_never_empty() {
        let run = empty(5, 20).process("p").put(2).ok(4, 8);
        run.check(&INVARIANT, EMPTY, Expect::Upheld(1));
        let run = empty(5, 20).process("p").put(2).ok(4, 7);
        run.check(&INVARIANT, EMPTY, Expect::Broken(1));
    }

    #[test]
    fn a_backend_that_does_not_promise_it_may_say_empty_at_any_time() {
        let mut run = empty(4, 7);
        run.capabilities = crate::capability::Capabilities::new();
        run.check(&INVARIANT, EMPTY, Expect::Untried);
    }
}

use super::*;
use crate::history::Exit;
use crate::test_support::histories::{Expect, HistoryBuilder, queue};
use rstest::rstest;

fn of_one() -> HistoryBuilder {
    queue().capacity(1).process("p").put(1).ok(0, 1)
}

#[rstest]
#[case::one_of_one(of_one(), Expect::Untried)]
#[case::a_second_put_reports_full(of_one().put(2).gives(Outcome::Full, 2, 3), Expect::Upheld(1))]
#[case::a_second_put_waits(
    of_one().put(2).ok(2, 9).process("c").get(1).ok(5, 6), Expect::Upheld(1)
)]
#[case::a_second_put_returns(of_one().put(2).ok(2, 3), Expect::Broken(1))]
#[case::a_second_put_returns_and_both_arrive(
    of_one().put(2).ok(2, 3).process("c").get(1).ok(5, 6).get(2).ok(7, 8),
    Expect::Broken(1)
)]
#[case::a_get_had_started(
    of_one().put(2).ok(2, 3).process("c").get(1).ok(3, 6), Expect::Upheld(1)
)]
#[case::a_killed_get_had_started(
    of_one().put(2).ok(4, 5).process("c").exits(Exit::Killed).ask().pending(3),
    Expect::Untried
)]
#[case::a_killed_get_started_too_late(
    of_one().put(2).ok(4, 5).process("c").exits(Exit::Killed).ask().pending(6),
    Expect::Broken(1)
)]
#[case::equal_items(
    queue().capacity(1).process("p").put(7).ok(0, 1).put(7).ok(4, 5)
        .process("c").get(7).ok(2, 3).get(7).ok(6, 7),
    Expect::Untried
)]
#[case::no_capacity(
    queue().process("p").put(1).ok(0, 1).put(2).ok(2, 3), Expect::Untried
)]
fn judges_capacity(#[case] run: HistoryBuilder, #[case] expect: Expect) {
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
#[case::during_a_get(
    of_one().put(2).gives(Outcome::Full, 5, 6).process("c").get(1).ok(2, 5),
    Expect::Upheld(1)
)]
#[case::after_a_get(
    of_one().put(2).gives(Outcome::Full, 5, 6).process("c").get(1).ok(2, 4),
    Expect::Broken(1)
)]
#[case::during_another_put(
    queue().capacity(1).process("o").put(1).ok(3, 9)
        .process("p").put(2).gives(Outcome::Full, 2, 3),
    Expect::Upheld(1)
)]
#[case::no_put_reports_full(of_one(), Expect::Untried)]
#[case::before_the_first_get_and_not_declared(
    queue().declares_nothing().capacity(2).process("p").put(1).gives(Outcome::Full, 2, 3),
    Expect::Untried
)]
#[case::after_the_first_get_and_not_declared(
    queue().declares_nothing().capacity(2).process("p").put(1).ok(0, 1)
        .put(2).gives(Outcome::Full, 5, 6).process("c").get(1).ok(2, 3),
    Expect::Broken(1)
)]
fn judges_full(#[case] run: HistoryBuilder, #[case] expect: Expect) {
    run.check(&INVARIANT, FULL, expect);
}

fn empty(start: u64, returned: u64) -> HistoryBuilder {
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
fn a_queue_is_not_empty_while_one_item_replaces_another() {
    let run = empty(5, 20).process("p").put(2).ok(4, 8);
    run.check(&INVARIANT, EMPTY, Expect::Upheld(1));
    let run = empty(5, 20).process("p").put(2).ok(4, 7);
    run.check(&INVARIANT, EMPTY, Expect::Broken(1));
}

#[test]
fn empty_is_judged_only_for_backends_that_declare_it() {
    let mut run = empty(4, 7);
    run.capabilities = crate::backend::Capabilities::new();
    run.check(&INVARIANT, EMPTY, Expect::Untried);
}

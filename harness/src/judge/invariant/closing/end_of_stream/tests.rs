use super::*;
use crate::backend::{Capability, Side, Wait};
use crate::history::{Ending, Exit};
use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue, stream};
use rstest::rstest;

/// The writer sends 1 and closes between 2 and 3; the next operations are the reader's.
fn closed() -> HistoryBuilder {
    let run = pipe().process("w").put(1).ok(0, 1);
    run.close(Side::Tx).ok(2, 3).process("r").get(1).ok(4, 5)
}

fn killed() -> HistoryBuilder {
    let run = pipe().process("w").exits(Exit::Killed).put(1).ok(0, 1);
    let run = run.idle().pending(2).process("k").kill("w").ok(10, 11);
    run.process("r").get(1).ok(4, 5)
}

fn hung(run: HistoryBuilder) -> HistoryBuilder {
    let run = run.exits(Exit::Ended).ask().pending(20);
    run.ending(Ending::Stalled)
}

const ENDED: Outcome = Outcome::End;

#[rstest]
#[case::after_the_close(closed().ask().gives(ENDED, 6, 7), PIPE.after, Expect::Upheld(1))]
#[case::during_the_close(closed().ask().gives(ENDED, 1, 2), PIPE.after, Expect::Upheld(1))]
#[case::before_the_close(closed().ask().gives(ENDED, 0, 1), PIPE.after, Expect::Broken(1))]
#[case::no_receive(closed(), PIPE.after, Expect::Untried)]
#[case::another_writer_holds_its_end(
    closed().ask().gives(ENDED, 6, 7).process("h").holds(Side::Tx).idle().ok(0, 9),
    PIPE.after, Expect::Broken(1)
)]
#[case::before_the_kill(killed().ask().gives(ENDED, 6, 7), PIPE.after, Expect::Broken(1))]
#[case::after_its_own_crash_and_before_a_kill(
    pipe().process("w").exits(Exit::Killed).crash().pending(2).process("k").kill("w").ok(10, 11)
        .process("r").ask().gives(ENDED, 6, 7),
    PIPE.after, Expect::Upheld(1)
)]
#[case::never_comes(hung(closed()), PIPE.after, Expect::Broken(1))]
#[case::is_expected_never_to_come(
    hung(closed()).expecting(Outcome::Pending), PIPE.after, Expect::Untried
)]
#[case::never_comes_in_a_sweep_of_kills(hung(closed()).in_a_sweep(), PIPE.after, Expect::Broken(1))]
#[case::never_comes_while_a_writer_hangs(
    hung(closed()).process("h").exits(Exit::Ended).put(2).pending(9),
    PIPE.after, Expect::Untried
)]
#[case::the_writer_left_after_the_harness_ended_the_run(
    hung(pipe().process("w").idle().ok(0, 2_000_000_000).exit().ok(2_000_000_001, 2_000_000_002)
        .holds(Side::Tx).process("r")).ended_at(2_000_000_000),
    PIPE.after, Expect::Untried
)]
#[case::a_timeout_instead(
    closed().ask().waiting(Wait::Never).gives(Outcome::Timeout, 6, 7),
    PIPE.after, Expect::Broken(1)
)]
#[case::a_timeout_that_started_before_the_close(
    closed().ask().waiting(Wait::Never).gives(Outcome::Timeout, 2, 7),
    PIPE.after, Expect::Untried
)]
fn judges_when_the_end_comes(
    #[case] run: HistoryBuilder,
    #[case] clause: &str,
    #[case] expect: Expect,
) {
    run.check(&INVARIANT, clause, expect);
}

#[rstest]
#[case::all_arrived(closed().ask().gives(ENDED, 6, 7), Expect::Upheld(1))]
#[case::one_did_not(
    pipe().process("w").put(1).ok(0, 1).close(Side::Tx).ok(2, 3)
        .process("r").ask().gives(ENDED, 6, 7),
    Expect::Broken(1)
)]
#[case::a_killed_reader_may_have_taken_it(
    pipe().process("w").put(1).ok(0, 1).close(Side::Tx).ok(2, 3)
        .process("k").exits(Exit::Killed).ask().pending(0)
        .process("r").ask().gives(ENDED, 6, 7),
    Expect::Untried
)]
#[case::nothing_was_sent(
    pipe().process("w").close(Side::Tx).ok(2, 3).process("r").ask().gives(ENDED, 6, 7),
    Expect::Untried
)]
fn judges_draining(#[case] run: HistoryBuilder, #[case] expect: Expect) {
    run.check(&INVARIANT, PIPE.drain, expect);
}

#[rstest]
#[case::again(ENDED, Expect::Upheld(1))]
#[case::an_error(Outcome::Error, Expect::Broken(1))]
#[case::gone(Outcome::Gone, Expect::Broken(1))]
#[case::a_timeout(Outcome::Timeout, Expect::Broken(1))]
#[case::data(Outcome::Ok, Expect::Broken(1))]
#[case::own_end_closed(Outcome::Closed, Expect::Untried)]
fn judges_what_follows_the_end(#[case] then: Outcome, #[case] expect: Expect) {
    let run = closed().ask().gives(ENDED, 6, 7).get(1).gives(then, 8, 9);
    run.check(&INVARIANT, PIPE.sticky, expect);
}

#[rstest]
#[case::as_the_end(closed().ask().gives(ENDED, 6, 7), Expect::Upheld(1))]
#[case::as_an_error(closed().ask().gives(Outcome::Error, 6, 7), Expect::Broken(1))]
#[case::as_gone(closed().ask().gives(Outcome::Gone, 6, 7), Expect::Broken(1))]
#[case::an_error_while_the_writer_lives(
    closed().ask().gives(Outcome::Error, 0, 1), Expect::Untried
)]
#[case::an_error_in_a_truncated_message(
    killed().process("w").put(2).pending(3).process("r").ask().gives(Outcome::Error, 12, 13),
    Expect::Untried
)]
fn judges_how_the_end_is_reported(#[case] run: HistoryBuilder, #[case] expect: Expect) {
    run.check(&INVARIANT, PIPE.reported, expect);
}

#[rstest]
#[case::comes(killed().ask().gives(ENDED, 6, 12), Expect::Upheld(1))]
#[case::never_comes(hung(killed()), Expect::Broken(1))]
#[case::after_a_close(closed().ask().gives(ENDED, 6, 7), Expect::Untried)]
fn judges_the_end_of_a_killed_writer(#[case] run: HistoryBuilder, #[case] expect: Expect) {
    run.check(&INVARIANT, ON_KILL, expect);
}

fn with_sibling(start: Start) -> HistoryBuilder {
    with_sibling_that_acts_from(4, start)
}

fn with_sibling_that_acts_from(time: u64, start: Start) -> HistoryBuilder {
    let run = pipe().process("m").put(1).ok(0, 1).process("b");
    let run = run.started_by("m", start).idle().ok(time, 99);
    let run = run.process("m");
    let run = run.start("b").ok(2, 3).close(Side::Tx).ok(5, 6);
    run.process("r").get(1).ok(7, 8)
}

#[rstest]
#[case::beside_a_spawned_one(
    with_sibling(Start::Spawn).ask().gives(ENDED, 9, 10), Expect::Upheld(1)
)]
#[case::beside_one_that_has_done_nothing_yet(
    with_sibling_that_acts_from(50, Start::Spawn).ask().gives(ENDED, 9, 10), Expect::Upheld(1)
)]
#[case::delayed_beside_a_spawned_one(
    with_sibling(Start::Spawn).ask().waiting(Wait::Never).gives(Outcome::Timeout, 9, 10),
    Expect::Broken(1)
)]
#[case::delayed_beside_a_forked_one(
    with_sibling(Start::Fork).ask().waiting(Wait::Never).gives(Outcome::Timeout, 9, 10),
    Expect::Untried
)]
#[case::after_a_forked_one_has_closed(
    with_sibling(Start::Fork).ask().gives(ENDED, 100, 101).process("m").idle().ok(7, 200),
    Expect::Upheld(1)
)]
#[case::alone(closed().ask().gives(ENDED, 6, 7), Expect::Untried)]
fn judges_whether_a_sibling_hides_the_end(#[case] run: HistoryBuilder, #[case] expect: Expect) {
    run.check(&INVARIANT, NOT_HIDDEN, expect);
}

#[test]
fn a_parent_holds_its_childs_end_until_it_has_started_the_child() {
    let run = pipe()
        .process("m")
        .process("w")
        .started_by("m", Start::Spawn);
    let run = run.holds(Side::Tx).never_lives().process("m");
    let run = run.idle().ok(0, 9).start("w").ok(10, 11).process("r").ask();
    let early = run.gives(ENDED, 1, 2);
    early.check(&INVARIANT, PIPE.after, Expect::Broken(1));
    let witness = early.witness(&INVARIANT, PIPE.after);
    assert_eq!(witness.expected, "no end while m holds p.tx");
}

#[rstest]
#[case::arrives(
    pipe().process("w").put(Item::None).ok(0, 1).process("r").get(Item::None).ok(2, 3),
    Expect::Upheld(1)
)]
#[case::becomes_the_end(
    pipe().process("w").put(Item::None).ok(0, 1).close(Side::Tx).ok(2, 3)
        .process("r").ask().gives(ENDED, 4, 5),
    Expect::Broken(1)
)]
#[case::is_not_sent(closed(), Expect::Untried)]
fn judges_none_as_a_message(#[case] run: HistoryBuilder, #[case] expect: Expect) {
    run.check(&INVARIANT, NONE_IS_DATA, expect);
}

fn bytes() -> Item {
    Item::Bytes(b"ab".to_vec())
}

#[rstest]
#[case::after((6, 7), STREAM.after, Expect::Upheld(2))]
#[case::too_early((0, 1), STREAM.after, Expect::Broken(1))]
#[case::sticky((6, 7), STREAM.sticky, Expect::Upheld(1))]
#[case::reported((6, 7), STREAM.reported, Expect::Upheld(2))]
fn judges_streams(
    #[case] (start, returned): (u64, u64),
    #[case] clause: &str,
    #[case] expect: Expect,
) {
    let run = stream()
        .process("w")
        .put(bytes())
        .ok(0, 1)
        .close(Side::Tx)
        .ok(2, 3);
    let run = run
        .process("r")
        .get(bytes())
        .ok(4, 5)
        .ask()
        .gives(ENDED, start, returned);
    run.ask()
        .gives(ENDED, 8, 9)
        .check(&INVARIANT, clause, expect);
}

#[rstest]
#[case::in_time((6, 7), ENDED, Expect::Upheld(4))]
#[case::too_early((0, 1), ENDED, Expect::Broken(1))]
#[case::as_an_error((6, 7), Outcome::Error, Expect::Broken(1))]
fn judges_queues(
    #[case] (start, returned): (u64, u64),
    #[case] outcome: Outcome,
    #[case] expect: Expect,
) {
    let run = queue()
        .process("p")
        .put(1)
        .ok(0, 1)
        .close(Side::Queue)
        .ok(2, 3);
    let run = run
        .process("c")
        .get(1)
        .ok(4, 5)
        .ask()
        .gives(outcome, start, returned);
    let run = run.ask().gives(outcome, 8, 9);
    match expect {
        Expect::Upheld(_) => run.check(&INVARIANT, BY_CLOSE, Expect::Upheld(7)),
        _ => assert!(matches!(
            run.findings(&INVARIANT)[0].state,
            crate::judge::FindingState::Broken(_)
        )),
    }
}

#[rstest]
#[case::that_started_before(1, Expect::Untried)]
#[case::that_started_after(7, Expect::Broken(1))]
fn judges_an_item_after_the_end_in_another_thread(#[case] start: u64, #[case] expect: Expect) {
    let run = pipe().process("w").put(1).ok(0, 1).process("r");
    let run = run.thread(1).ask().gives(ENDED, 0, 6);
    let run = run.thread(2).get(1).ok(start, 9);
    run.check(&INVARIANT, PIPE.sticky, expect);
}

/// A producer is killed, and later a get from its empty queue returns this after so many nanoseconds.
fn after_a_kill(outcome: Outcome, taken: u64) -> HistoryBuilder {
    let run = queue().declares(Capability::EndOnClose).process("p");
    let run = run.exits(Exit::Killed).put(1).ok(0, 1);
    let run = run.process("c").get(1).ok(2, 3).kill("p").ok(4, 5);
    run.ask().gives(outcome, 6, 6 + taken)
}

#[rstest]
#[case::it_did_not_wait(Outcome::Empty, 9, Expect::Untried)]
#[case::it_waited_for_a_short_time(Outcome::Timeout, 40_000_000, Expect::Untried)]
#[case::it_waited_long_enough(Outcome::Timeout, 1_100_000_000, Expect::Broken(1))]
fn a_queue_may_learn_late_of_a_killed_producer(
    #[case] outcome: Outcome,
    #[case] taken: u64,
    #[case] expect: Expect,
) {
    after_a_kill(outcome, taken).check(&INVARIANT, BY_CLOSE, expect);
}

/// A writer closes its end as it begins to exit, and is gone only later.
#[rstest]
#[case::by_itself(Exit::Code(0))]
#[case::because_it_is_killed(Exit::Killed)]
#[case::because_the_run_is_ended(Exit::Ended)]
fn the_end_may_come_as_soon_as_the_writer_exits(#[case] exit: Exit) {
    let run = pipe().process("w").exits(exit).put(1).ok(0, 1);
    let run = run.exit().pending(3).process("r").get(1).ok(4, 5);
    let run = run.ask().gives(ENDED, 6, 7).kill("w").ok(10, 11);
    let run = run.ended_at(12);
    run.check(&INVARIANT, PIPE.after, Expect::Upheld(1));
}

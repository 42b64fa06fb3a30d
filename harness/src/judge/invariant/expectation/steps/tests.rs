use super::*;
use crate::backend::Side;
use crate::history::{Ending, Exit};
use crate::plan::Item;
use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue, two_pipes};
use rstest::rstest;

const FIFO: &str = "queue.order.fifo-per-producer";
const ONCE: &str = "queue.mpmc.exactly-once";
const MAXSIZE: &str = "queue.cap.maxsize";

fn full(expected: Outcome, actual: Outcome) -> HistoryBuilder {
    let run = queue().capacity(1).process("p").put(1).waiting(Wait::Never);
    run.gives(actual, 0, 1).expecting(expected)
}

#[rstest]
#[case::as_expected(
    full(Outcome::Full, Outcome::Full),
    "queue.put.nowait",
    Expect::Upheld(1)
)]
#[case::ok_instead_of_full(full(Outcome::Full, Outcome::Ok), MAXSIZE, Expect::Broken(1))]
#[case::full_instead_of_ok(
    full(Outcome::Ok, Outcome::Full),
    "queue.put.no-spurious-full",
    Expect::Broken(1)
)]
#[case::full_without_a_capacity(
    queue().process("p").put(1).waiting(Wait::Never).gives(Outcome::Full, 0, 1)
        .expecting(Outcome::Ok),
    "queue.cap.unbounded", Expect::Broken(1)
)]
#[case::killed_between_two_gets(
    pipe().process("w").put(1).ok(0, 1).process("r").exits(Exit::Killed).get_to_the_end(1).ok(2, 3)
        .expecting(Outcome::End),
    "pipe.frame.boundaries-preserved", Expect::Untried
)]
#[case::killed(
    queue().process("p").exits(Exit::Killed).put(1).pending(0).expecting(Outcome::Full),
    "queue.put.nowait", Expect::Untried
)]
fn judges_outcomes(#[case] run: HistoryBuilder, #[case] clause: &str, #[case] expect: Expect) {
    run.check(&INVARIANT, clause, expect);
}

fn got(item: i64) -> HistoryBuilder {
    let run = queue().process("p").put(1).ok(0, 1).put(2).ok(2, 3);
    run.process("c").get(item).ok(4, 5).expecting_item(1)
}

#[rstest]
#[case::the_right_one(1, FIFO, Expect::Untried)]
#[case::another_that_was_put(2, FIFO, Expect::Broken(1))]
#[case::one_that_no_process_put(3, ONCE, Expect::Broken(1))]
fn judges_items(#[case] item: i64, #[case] clause: &str, #[case] expect: Expect) {
    got(item).check(&INVARIANT, clause, expect);
}

fn blocked(returned: u64, outcome: Outcome) -> HistoryBuilder {
    let run = queue().capacity(1).process("p").put(1).ok(0, 1);
    let run = run.put(2).ok(2, returned).process("c");
    run.await_blocked("p").gives(outcome, 3, 5)
}

#[rstest]
#[case::it_blocks(9, Outcome::Ok, Expect::Upheld(1))]
#[case::it_returns(4, Outcome::Error, Expect::Broken(1))]
#[case::it_had_not_started(9, Outcome::Error, Expect::Untried)]
fn judges_blocked_steps(#[case] returned: u64, #[case] outcome: Outcome, #[case] expect: Expect) {
    blocked(returned, outcome).check(&INVARIANT, MAXSIZE, expect);
}

#[test]
fn a_sweep_of_kills_may_let_a_blocked_step_return() {
    let run = blocked(4, Outcome::Error).in_a_sweep();
    run.check(&INVARIANT, MAXSIZE, Expect::Untried);
}

#[rstest]
#[case::the_line("value\n", Expect::Untried)]
#[case::among_other_lines("noise\nvalue\nmore\n", Expect::Untried)]
#[case::cut("valu\n", Expect::Broken(1))]
#[case::without_line_end("value", Expect::Broken(1))]
#[case::nothing("", Expect::Broken(1))]
fn judges_standard_output(#[case] stdout: &str, #[case] expect: Expect) {
    let run = queue()
        .process("p")
        .var("x", "value")
        .print("x", "value")
        .ok(0, 1);
    run.wrote(stdout).check(&INVARIANT, FIFO, expect);
}

#[test]
fn printed_lines_are_in_order() {
    let run = queue()
        .process("p")
        .print("x", "a")
        .ok(0, 1)
        .print("x", "b")
        .ok(2, 3);
    run.clone()
        .wrote("a\nb\n")
        .check(&INVARIANT, FIFO, Expect::Untried);
    run.wrote("b\na\n")
        .check(&INVARIANT, FIFO, Expect::Broken(1));
}

#[test]
fn operations_that_return_after_the_harness_ended_the_run_are_not_judged() {
    let run = pipe().process("w").exits(Exit::Ended).put(1).pending(5);
    let run = run.process("r").ask().gives(Outcome::End, 6, 3_000_000_000);
    let run = run.expecting(Outcome::Ok).lists("pipe.eof.drain-first");
    let late = run.clone().ending(Ending::Stalled).ended_at(2_000_000_000);
    assert_eq!(late.broken(), ["live.deadline"]);
    run.ending(Ending::Completed)
        .check(&INVARIANT, "pipe.eof.drain-first", Expect::Broken(1));
}

#[test]
fn an_uncharged_deviation_is_charged_to_a_clause_that_the_case_lists() {
    let run = queue().process("p").put(1).gives(Outcome::Error, 0, 1);
    let run = run.expecting(Outcome::Ok).lists("value.int").lists(FIFO);
    run.check(&INVARIANT, FIFO, Expect::Broken(1));
}

#[test]
fn the_witness_has_the_item_that_arrived_instead() {
    let run = pipe().process("w").put(Item::None).ok(0, 1);
    let run = run
        .close(Side::Tx)
        .ok(2, 3)
        .process("r")
        .get(Item::None)
        .ok(4, 5);
    let run = run.expecting(Outcome::End);
    let witness = run.witness(&INVARIANT, "pipe.frame.boundaries-preserved");
    assert_eq!(
        (&*witness.expected, &*witness.actual),
        ("end", "ok, with None")
    );
}

#[rstest]
#[case::all_are_ready([Outcome::Ok, Outcome::Ok], false, Expect::Untried)]
#[case::one_is_ready([Outcome::Empty, Outcome::Ok], false, Expect::Untried)]
#[case::none_is_ready([Outcome::Empty, Outcome::Empty], false, Expect::Broken(1))]
#[case::one_is_ready_where_all_should([Outcome::Empty, Outcome::Ok], true, Expect::Broken(1))]
#[case::all_are_ready_as_they_should([Outcome::Ok, Outcome::Ok], true, Expect::Untried)]
fn an_explicit_expectation_of_a_poll_of_several_holds_for_each(
    #[case] outcomes: [Outcome; 2],
    #[case] explicit: bool,
    #[case] expect: Expect,
) {
    let mut run = two_pipes().process("r").poll_both(outcomes, 0, 1);
    if explicit {
        run = run.expecting(Outcome::Ok);
    }
    const ORDER: &str = "pipe.order.single-writer";
    run.lists(ORDER).check(&INVARIANT, ORDER, expect);
}

/// One thread prints `a` and then `b`, another prints `c`.
fn printed(stdout: &str) -> HistoryBuilder {
    let run = queue()
        .process("p")
        .var("a", "a")
        .var("b", "b")
        .var("c", "c");
    let run = run.thread(1).print("a", "a").ok(0, 1);
    let run = run.thread(2).print("c", "c").ok(0, 1);
    let run = run.thread(1).print("b", "b").ok(2, 3);
    run.lists(FIFO).wrote(stdout)
}

#[rstest]
#[case::as_started("a\nc\nb\n", Expect::Untried)]
#[case::another_order_of_threads("c\na\nb\n", Expect::Untried)]
#[case::another_order_in_one_thread("b\na\nc\n", Expect::Broken(1))]
#[case::one_is_missing("a\nb\n", Expect::Broken(1))]
fn lines_of_each_thread_are_in_order(#[case] stdout: &str, #[case] expect: Expect) {
    printed(stdout).check(&INVARIANT, FIFO, expect);
}

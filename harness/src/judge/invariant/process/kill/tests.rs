use std::time::Duration;

use rstest::rstest;

use super::*;
use crate::history::Ending;
use crate::plan::{Injection, Moment};
use crate::test_support::histories::{Expect, HistoryBuilder, pipe, queue};

const TIMED: Wait = Wait::For(Duration::from_millis(200));

/// The writer is killed during its second message, between 4 and 6.
fn killed(run: HistoryBuilder) -> HistoryBuilder {
    run.process("w")
        .exits(Exit::Killed)
        .exit_expected(crate::plan::ExpectedExit::Killed)
        .put(1)
        .ok(0, 1)
        .put(2)
        .pending(2)
        .process("k")
        .kill("w")
        .ok(4, 6)
        .process("r")
}

fn hangs(run: HistoryBuilder) -> HistoryBuilder {
    run.pending(8).exits(Exit::Ended).ending(Ending::Stalled)
}

#[rstest]
#[case::the_first_message_and_the_end(
    killed(pipe()).get(1).ok(7, 8).ask().gives(Outcome::End, 9, 10), Expect::Upheld(2)
)]
#[case::the_whole_message(killed(pipe()).get(2).ok(7, 8), Expect::Upheld(1))]
#[case::an_error(killed(pipe()).ask().gives(Outcome::Error, 7, 8), Expect::Upheld(1))]
#[case::nothing_in_time(
    killed(queue()).ask().waiting(TIMED).gives(Outcome::Timeout, 7, 8), Expect::Upheld(1)
)]
#[case::before_the_kill(killed(pipe()).get(1).ok(2, 3), Expect::Upheld(1))]
#[case::half_a_message(killed(pipe()).get(9).ok(7, 8), Expect::Broken(1))]
#[case::a_timed_get_hangs(hangs(killed(queue()).ask().waiting(TIMED)), Expect::Broken(1))]
#[case::a_get_without_timeout_hangs(hangs(killed(queue()).ask()), Expect::Untried)]
#[case::no_process_was_killed(pipe().process("r").get(9).ok(7, 8), Expect::Untried)]
fn judges_messages(#[case] run: HistoryBuilder, #[case] expect: Expect) {
    run.check(&INVARIANT, MESSAGE, expect);
}

#[rstest]
#[case::another_process_puts(
    killed(queue()).get(3).ok(9, 10).process("o").put(3).ok(7, 8), Expect::Upheld(1)
)]
#[case::another_put_hangs(hangs(killed(queue()).process("o").put(3)), Expect::Broken(1))]
#[case::another_item_never_arrives(
    hangs(killed(queue()).process("o").put(3).ok(7, 8).process("r").ask()), Expect::Broken(1)
)]
#[case::another_put_before(
    killed(queue()).get(3).ok(9, 10).process("o").put(3).ok(2, 3), Expect::Untried
)]
fn judges_later_puts(#[case] run: HistoryBuilder, #[case] expect: Expect) {
    run.check(&INVARIANT, WRITE_LOCK, expect);
}

/// Two items are put; a consumer is killed during a get, between 4 and 6.
fn killed_getting() -> HistoryBuilder {
    let run = queue().process("p").put(1).ok(0, 1).put(2).ok(1, 2);
    let run = run.process("c").exits(Exit::Killed).ask().pending(3);
    run.process("k").kill("c").ok(4, 6).process("r")
}

#[rstest]
#[case::another_process_gets(killed_getting().get(1).ok(7, 8), Expect::Upheld(1))]
#[case::another_get_hangs(hangs(killed_getting().ask()), Expect::Broken(1))]
#[case::another_get_reports_empty(
    killed_getting().ask().waiting(Wait::Never).gives(Outcome::Empty, 7, 8), Expect::Broken(1)
)]
#[case::the_killed_process_may_have_taken_the_last(
    killed_getting().get(1).ok(7, 8).ask().waiting(Wait::Never).gives(Outcome::Empty, 9, 10),
    Expect::Upheld(1)
)]
fn judges_later_gets(#[case] run: HistoryBuilder, #[case] expect: Expect) {
    run.check(&INVARIANT, READ_LOCK, expect);
}

/// The kill came from a sweep, at a random moment.
fn at_random(mut run: HistoryBuilder) -> HistoryBuilder {
    run.permutation.plan.fault = Some(crate::plan::InjectionPoint {
        process: 0,
        operation: 0,
        moment: Moment::Running,
        fault: Injection::Kill,
    });
    run
}

#[rstest]
#[case::a_get_returns(at_random(killed(queue()).get(1).ok(7, 8)), Expect::Upheld(1))]
#[case::a_get_hangs(at_random(hangs(killed(queue()).ask())), Expect::Broken(1))]
#[case::a_put_hangs(at_random(hangs(killed(queue()).process("o").put(3))), Expect::Broken(1))]
#[case::a_get_before_the_kill(at_random(killed(queue()).get(1).ok(0, 1)), Expect::Untried)]
#[case::a_kill_by_a_step(hangs(killed(queue()).ask()), Expect::Untried)]
fn judges_survivors_of_a_kill_at_a_random_moment(
    #[case] run: HistoryBuilder,
    #[case] expect: Expect,
) {
    run.check(&INVARIANT, SURVIVORS, expect);
}

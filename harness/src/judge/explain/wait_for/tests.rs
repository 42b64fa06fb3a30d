use std::time::Duration;

use rstest::rstest;

use crate::backend::{Capability, Side, Wait};
use crate::history::kernel::Descriptor;
use crate::history::naming::Naming;
use crate::history::{Ending, Exit, KernelView};
use crate::judge::explain::Explainer;
use crate::judge::invariant::Evidence;
use crate::judge::{Hang, WaitFor};
use crate::plan::Start;
use crate::test_support::histories::{HistoryBuilder, duplex, pipe, queue};

/// The report of a run that stalled.
fn report(run: HistoryBuilder) -> WaitFor {
    let run = run.ending(Ending::Stalled);
    let evidence = Evidence::new(&run.permutation, &run.history, &run.capabilities);
    let report = Explainer::new(&evidence, Naming::of(&evidence.permutation.plan)).wait_for();
    report.expect("the run was ended")
}

/// The report as text: the causes, then the operations that wait.
fn written(run: HistoryBuilder) -> String {
    let report = report(run);
    let causes = report.causes.iter();
    let causes = causes.map(|cause| format!("{}: {}\n", cause.hang, cause.what));
    let waits = report.waits.iter();
    let waits = waits.map(|one| {
        let seen: String = one.seen.iter().map(|line| format!(" [{line}]")).collect();
        format!("  {} in {}{}{seen}\n", one.process, one.text, one.whom)
    });
    causes.chain(waits).collect()
}

fn waits(run: HistoryBuilder, process: &str) -> HistoryBuilder {
    run.process(process).exits(Exit::Ended)
}

/// Two processes that send to each other and never receive.
fn flood() -> HistoryBuilder {
    let run = waits(duplex(), "left").at(Side::A).put(1).pending(5);
    waits(run, "right").at(Side::B).put(2).pending(6)
}

/// A consumer that hangs although two items are there.
fn unwoken() -> HistoryBuilder {
    let run = queue().process("p").put(1).ok(0, 1).put(2).ok(2, 3);
    waits(run, "c").ask().pending(4)
}

/// A process that was killed in a get, and another that waits for the lock which it held.
fn locked() -> HistoryBuilder {
    let run = queue()
        .process("first")
        .exits(Exit::Killed)
        .ask()
        .pending(0);
    let run = run.process("p").put(1).ok(5, 6);
    waits(run, "second").ask().pending(7)
}

#[test]
fn a_deadlock_is_written_as_a_circle() {
    insta::assert_snapshot!(written(flood()), @"
    deadlock: left waits for right, and right waits for left
      left in send p.a 1, for right to recv
      right in send p.b 2, for left to recv
    ");
}

#[test]
fn a_lost_wake_up_names_the_item_that_is_there() {
    insta::assert_snapshot!(written(unwoken()), @"
    lost wake-up: c waits in get q, although the item of p's put q 1 and 1 more were never received
      c in get q
    ");
}

#[test]
fn a_dead_peer_is_named_with_its_last_operation() {
    insta::assert_snapshot!(written(locked()), @"
    dead peer: first was killed in get q; second waits in get q, although the item of p's put q 1 was never received
      second in get q
    ");
}

/// A producer that waits for a consumer to make room.
fn full(consumer: Exit) -> HistoryBuilder {
    let run = queue().capacity(1).process("c").exits(consumer);
    let run = run.get(1).ok(2, 3);
    waits(run, "p")
        .put(1)
        .ok(0, 1)
        .put(2)
        .ok(4, 5)
        .put(3)
        .pending(6)
}

/// A reader that sees no end of stream although its writer has gone.
fn without_end(writer: Exit) -> HistoryBuilder {
    let run = pipe().process("w").put(1).ok(0, 1).exits(writer);
    waits(run, "r").get(1).ok(2, 3).ask().pending(4)
}

/// A process that joins another one, which waits for it.
fn joined() -> HistoryBuilder {
    let run = queue().process("main").exits(Exit::Ended);
    let run = run
        .process("child")
        .exits(Exit::Ended)
        .started_by("main", Start::Spawn);
    let run = run.put(1).ok(0, 1).put(2).ok(1, 2).exit().pending(3);
    run.process("main").get(1).ok(4, 5).join("child").pending(6)
}

/// A get with a time limit that doesn't return.
fn late(time: u64) -> HistoryBuilder {
    let run = queue()
        .process("p")
        .exits(Exit::Ended)
        .put(1)
        .ok(0, 1)
        .idle()
        .pending(2);
    let run = waits(run, "c").get(1).ok(2, 3).ask();
    run.waiting(Wait::For(Duration::from_nanos(time)))
        .pending(4)
}

/// A consumer that waits for the item of a put which never finished.
fn halfway(run: HistoryBuilder) -> HistoryBuilder {
    let run = run.put(1).pending(0);
    waits(run, "c").ask().pending(4)
}

fn stopped() -> HistoryBuilder {
    let run = queue().process("p").exits(Exit::Ended).stopped(3, None);
    halfway(run)
}

fn two_threads() -> HistoryBuilder {
    let run = queue().process("m").exits(Exit::Ended);
    run.thread(1).ask().pending(1).thread(2).put(1).pending(2)
}

fn own_copy() -> HistoryBuilder {
    waits(pipe(), "r").holds(Side::Tx).ask().pending(1)
}

fn silent() -> HistoryBuilder {
    let run = queue().process("p").exits(Exit::Ended).put(1).ok(0, 1);
    waits(run, "c").get(1).ok(2, 3).ask().pending(4)
}

fn awaited(by: Exit) -> HistoryBuilder {
    let run = queue().process("p").exits(by).put(1).ok(0, 1);
    waits(run, "w").await_done("p").pending(2)
}

#[rstest]
#[case::each_floods_the_other(flood(), Hang::Deadlock)]
#[case::of_two_threads_one_has_the_end(two_threads(), Hang::Deadlock)]
#[case::it_holds_the_other_end_itself(own_copy(), Hang::Deadlock)]
#[case::items_are_there(unwoken(), Hang::LostWakeUp)]
#[case::the_end_is_due(without_end(Exit::Code(0)), Hang::LostWakeUp)]
#[case::its_time_limit_has_passed(late(5), Hang::LostWakeUp)]
#[case::killed_with_a_lock(locked(), Hang::DeadPeer)]
#[case::killed_halfway(halfway(queue().process("p").exits(Exit::Killed)), Hang::DeadPeer)]
#[case::crashed_halfway(halfway(pipe().process("p").exits(Exit::Signal(11))), Hang::DeadPeer)]
#[case::killed_without_an_end_of_stream(without_end(Exit::Killed), Hang::DeadPeer)]
#[case::the_process_that_would_make_room_was_killed(full(Exit::Killed), Hang::DeadPeer)]
#[case::the_process_that_would_make_room_has_exited(full(Exit::Code(0)), Hang::DeadPeer)]
#[case::the_awaited_process_is_gone(awaited(Exit::Killed), Hang::DeadPeer)]
#[case::stopped_halfway(stopped(), Hang::StoppedPeer)]
#[case::the_process_that_could_put_does_something_else(silent(), Hang::Unexplained)]
#[case::the_awaited_process_does_something_else(awaited(Exit::Ended), Hang::Unexplained)]
fn a_hang_is_of_one_kind(#[case] run: HistoryBuilder, #[case] expected: Hang) {
    assert_eq!(report(run.clone()).hang(), expected, "{}", written(run));
}

#[test]
fn a_process_that_waits_for_a_stuck_one_is_no_cause() {
    let run = waits(unwoken(), "main").join("c").pending(9);
    insta::assert_snapshot!(written(run), @"
    lost wake-up: c waits in get q, although the item of p's put q 1 and 1 more were never received
      c in get q
      main in join c, for c to exit
    ");
}

#[test]
fn joining_a_producer_before_its_items_are_got_is_a_deadlock() {
    insta::assert_snapshot!(written(joined()), @"
    deadlock: main waits for child, and child waits for main
      main in join child, for child to exit
      child in exit, for main to get
    ");
}

#[test]
fn a_queue_that_ends_by_closing_is_like_a_pipe() {
    let run = queue().declares(Capability::EndOnClose).process("p");
    let run = run.put(1).ok(0, 1).close(Side::Queue).ok(2, 3);
    let run = waits(run, "c").get(1).ok(4, 5).ask().pending(6);
    insta::assert_snapshot!(written(run), @"
    lost wake-up: c waits in get q, although no process holds q any more
      c in get q
    ");
}

#[test]
fn views_of_the_kernel_are_shown_with_the_operation() {
    let view = |process, thread, call: &str, facing| KernelView {
        process,
        thread,
        name: "feeder".to_owned(),
        call: Some(call.to_owned()),
        on: vec![Descriptor {
            number: 5,
            object: "a pipe".to_owned(),
            facing: Some(facing),
        }],
        function: None,
    };
    let mut run = flood();
    run.history.kernel = vec![
        view(0, Some(0), "write", vec![1]),
        view(0, None, "read", vec![]),
        view(1, Some(1), "write", vec![]),
    ];
    insta::assert_snapshot!(written(run), @"
    deadlock: left waits for right, and right waits for left
      left in send p.a 1, for right to recv [in write(2) on fd 5, a pipe; right has its other end] [its thread feeder: in read(2) on fd 5, a pipe; no process of the case has its other end]
      right in send p.b 2, for left to recv
    ");
}

#[test]
fn a_run_that_made_progress_is_unexplained() {
    let run = unwoken().ending(Ending::DeadlinePassed);
    let evidence = Evidence::new(&run.permutation, &run.history, &run.capabilities);
    let report = Explainer::new(&evidence, Naming::of(&evidence.permutation.plan))
        .wait_for()
        .expect("it was ended");
    assert_eq!(report.hang(), Hang::Unexplained);
}

#[test]
fn a_completed_run_has_no_report() {
    let run = queue().process("p").put(1).ok(0, 1);
    let evidence = Evidence::new(&run.permutation, &run.history, &run.capabilities);
    assert_eq!(
        Explainer::new(&evidence, Naming::of(&evidence.permutation.plan)).wait_for(),
        None
    );
}

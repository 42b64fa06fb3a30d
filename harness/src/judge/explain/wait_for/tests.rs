use std::time::Duration;

use rstest::rstest;

use crate::backend::{Capability, Side, Wait};
use crate::history::{Descriptor, Ending, Exit, KernelView};
use crate::judge::explain::Explainer;
use crate::judge::invariant::Evidence;
use crate::judge::{Hang, WaitFor};
use crate::plan::Start;
use crate::test_support::histories::{Run, duplex, pipe, queue};

/// The report of a run that stalled.
fn report(run: Run) -> WaitFor {
    let run = run.ending(Ending::Stalled);
    let evidence = Evidence::new(&run.permutation, &run.history, &run.capabilities);
    let report = Explainer::new(&evidence).wait_for();
    report.expect("the run was ended")
}

/// As a person reads it: the causes, then who waits.
fn told(run: Run) -> String {
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

fn waits(run: Run, process: &str) -> Run {
    run.process(process).exits(Exit::Ended)
}

/// Two that flood each other.
fn flood() -> Run {
    let run = waits(duplex(), "left").at(Side::A).put(1).pending(5);
    waits(run, "right").at(Side::B).put(2).pending(6)
}

/// A consumer that hangs though two items are there.
fn unwoken() -> Run {
    let run = queue().process("p").put(1).ok(0, 1).put(2).ok(2, 3);
    waits(run, "c").ask().pending(4)
}

/// One that was killed inside a get, and another that finds its lock taken.
fn locked() -> Run {
    let run = queue()
        .process("first")
        .exits(Exit::Killed)
        .ask()
        .pending(0);
    let run = run.process("p").put(1).ok(5, 6);
    waits(run, "second").ask().pending(7)
}

#[test]
fn a_deadlock_is_told_as_a_circle() {
    insta::assert_snapshot!(told(flood()), @"
    deadlock: left waits for right, and right waits for left
      left in send p.a 1, for right to recv
      right in send p.b 2, for left to recv
    ");
}

#[test]
fn a_lost_wake_up_says_what_is_there() {
    insta::assert_snapshot!(told(unwoken()), @"
    lost wake-up: c waits in get q, though nobody has got what p's put q 1 brought, and 1 more
      c in get q
    ");
}

#[test]
fn a_dead_peer_is_named_with_what_it_was_in() {
    insta::assert_snapshot!(told(locked()), @"
    dead peer: first was killed in get q; second waits in get q, though nobody has got what p's put q 1 brought
      second in get q
    ");
}

/// Two that wait for a consumer each to make room for the other: one is gone.
fn full(consumer: Exit) -> Run {
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

/// A reader that nobody tells that its writer has gone.
fn not_told(writer: Exit) -> Run {
    let run = pipe().process("w").put(1).ok(0, 1).exits(writer);
    waits(run, "r").get(1).ok(2, 3).ask().pending(4)
}

/// A process that joins another, which waits for it.
fn joined() -> Run {
    let run = queue().process("main").exits(Exit::Ended);
    let run = run
        .process("child")
        .exits(Exit::Ended)
        .started_by("main", Start::Spawn);
    let run = run.put(1).ok(0, 1).put(2).ok(1, 2).exit().pending(3);
    run.process("main").get(1).ok(4, 5).join("child").pending(6)
}

/// A timed get that doesn't return.
fn late(time: u64) -> Run {
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

/// What one killed and one stopped in the middle of a put leave a consumer to wait for.
fn halfway(run: Run) -> Run {
    let run = run.put(1).pending(0);
    waits(run, "c").ask().pending(4)
}

fn stopped() -> Run {
    let run = queue().process("p").exits(Exit::Ended).stopped(3, None);
    halfway(run)
}

fn two_threads() -> Run {
    let run = queue().process("m").exits(Exit::Ended);
    run.thread(1).ask().pending(1).thread(2).put(1).pending(2)
}

fn own_copy() -> Run {
    waits(pipe(), "r").holds(Side::Tx).ask().pending(1)
}

fn silent() -> Run {
    let run = queue().process("p").exits(Exit::Ended).put(1).ok(0, 1);
    waits(run, "c").get(1).ok(2, 3).ask().pending(4)
}

fn awaited(by: Exit) -> Run {
    let run = queue().process("p").exits(by).put(1).ok(0, 1);
    waits(run, "w").await_done("p").pending(2)
}

#[rstest]
#[case::each_floods_the_other(flood(), Hang::Deadlock)]
#[case::of_two_threads_one_has_the_end(two_threads(), Hang::Deadlock)]
#[case::who_holds_the_other_end_itself(own_copy(), Hang::Deadlock)]
#[case::items_are_there(unwoken(), Hang::LostWakeUp)]
#[case::the_end_is_due(not_told(Exit::Code(0)), Hang::LostWakeUp)]
#[case::its_time_is_up(late(5), Hang::LostWakeUp)]
#[case::killed_with_a_lock(locked(), Hang::DeadPeer)]
#[case::killed_halfway(halfway(queue().process("p").exits(Exit::Killed)), Hang::DeadPeer)]
#[case::crashed_halfway(halfway(pipe().process("p").exits(Exit::Signal(11))), Hang::DeadPeer)]
#[case::killed_and_nobody_told(not_told(Exit::Killed), Hang::DeadPeer)]
#[case::nobody_is_left_to_make_room(full(Exit::Killed), Hang::DeadPeer)]
#[case::who_would_make_room_has_exited(full(Exit::Code(0)), Hang::DeadPeer)]
#[case::whom_it_awaits_is_gone(awaited(Exit::Killed), Hang::DeadPeer)]
#[case::stopped_halfway(stopped(), Hang::StoppedPeer)]
#[case::who_could_put_does_something_else(silent(), Hang::Unexplained)]
#[case::whom_it_awaits_does_something_else(awaited(Exit::Ended), Hang::Unexplained)]
fn a_hang_is_of_one_sort(#[case] run: Run, #[case] expected: Hang) {
    assert_eq!(report(run.clone()).hang(), expected, "{}", told(run));
}

#[test]
fn who_waits_for_one_that_waits_is_no_cause_itself() {
    let run = waits(unwoken(), "main").join("c").pending(9);
    insta::assert_snapshot!(told(run), @"
    lost wake-up: c waits in get q, though nobody has got what p's put q 1 brought, and 1 more
      c in get q
      main in join c, for c to exit
    ");
}

#[test]
fn joining_a_producer_before_its_items_are_got_is_a_deadlock() {
    insta::assert_snapshot!(told(joined()), @"
    deadlock: main waits for child, and child waits for main
      main in join child, for child to exit
      child in exit, for main to get
    ");
}

#[test]
fn where_the_end_comes_by_closing_a_queue_is_like_a_pipe() {
    let run = queue().declares(Capability::EndOnClose).process("p");
    let run = run.put(1).ok(0, 1).close(Side::Queue).ok(2, 3);
    let run = waits(run, "c").get(1).ok(4, 5).ask().pending(6);
    insta::assert_snapshot!(told(run), @"
    lost wake-up: c waits in get q, though nobody holds q any more
      c in get q
    ");
}

#[test]
fn what_the_kernel_says_stands_with_the_operation() {
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
    insta::assert_snapshot!(told(run), @"
    deadlock: left waits for right, and right waits for left
      left in send p.a 1, for right to recv [in write(2) on fd 5, a pipe; right has its other end] [its thread feeder: in read(2) on fd 5, a pipe; no process of the case has its other end]
      right in send p.b 2, for left to recv
    ");
}

#[test]
fn a_run_that_still_moved_is_not_explained() {
    let run = unwoken().ending(Ending::DeadlinePassed);
    let evidence = Evidence::new(&run.permutation, &run.history, &run.capabilities);
    let report = Explainer::new(&evidence).wait_for().expect("it was ended");
    assert_eq!(report.hang(), Hang::Unexplained);
}

#[test]
fn a_run_that_came_to_its_end_has_no_report() {
    let run = queue().process("p").put(1).ok(0, 1);
    let evidence = Evidence::new(&run.permutation, &run.history, &run.capabilities);
    assert_eq!(Explainer::new(&evidence).wait_for(), None);
}

use std::time::Duration;

use rstest::rstest;

use super::*;
use crate::backend::{Outcome, Side, Wait};
use crate::history::Ending;
use crate::judge::{Verdict, invariant};
use crate::test_support::histories::{HistoryBuilder, pipe, queue};

/// Returns the broken clauses, and the verdict of the cause if it isn't the library.
fn assigned(run: &HistoryBuilder) -> (Vec<String>, Option<Verdict>) {
    let evidence = Evidence::new(&run.permutation, &run.history, &run.capabilities);
    let (findings, blame) = assign(&evidence, invariant::judge(&evidence));
    let broken = findings.iter().filter(|finding| broken(finding).is_some());
    let mut clauses: Vec<String> = broken.map(|finding| finding.clause.to_string()).collect();
    clauses.dedup();
    (clauses, blame.map(|blame| blame.cause.verdict()))
}

fn stalls(run: HistoryBuilder) -> HistoryBuilder {
    run.ending(Ending::Stalled)
}

fn waits(run: HistoryBuilder, process: &str) -> HistoryBuilder {
    run.process(process).exits(Exit::Ended)
}

/// Two processes, each of which waits until the other has done what it does only after that.
fn circle_of_awaits() -> HistoryBuilder {
    let run = pipe()
        .process("a")
        .put(1)
        .ok(0, 1)
        .process("b")
        .put(2)
        .ok(2, 3);
    let run = waits(run, "a").await_exited("b").pending(5);
    stalls(waits(run, "b").await_exited("a").pending(6))
}

/// The same after a call that gave up although the case expects that it succeeds.
fn circle_after_a_timeout() -> HistoryBuilder {
    let run = circle_of_awaits().process("c").ask();
    run.waiting(Wait::For(Duration::from_nanos(2)))
        .gives(Outcome::Timeout, 0, 2)
        .expecting(Outcome::Ok)
}

/// A consumer that waits for an item which no process is going to put.
fn one_get_too_many() -> HistoryBuilder {
    let run = queue().process("p").put(1).ok(0, 1);
    stalls(waits(run, "c").get(1).ok(2, 3).ask().pending(4))
}

/// A reader waits for a writer that is in no operation.
fn idle_writer() -> HistoryBuilder {
    let run = waits(pipe(), "w").put(1).ok(0, 1);
    stalls(waits(run, "r").get(1).ok(2, 3).ask().pending(4))
}

/// A consumer that isn't woken although an item is there.
fn not_woken() -> HistoryBuilder {
    let run = queue().process("p").put(1).ok(0, 1);
    stalls(waits(run, "c").ask().pending(4))
}

/// A reader that isn't woken at the end of the stream.
fn no_end() -> HistoryBuilder {
    let run = pipe().process("w").close(Side::Tx).ok(0, 1);
    stalls(waits(run, "r").ask().pending(4))
}

#[rstest]
#[case::a_circle_of_awaits(circle_of_awaits(), &[], Some(Verdict::CaseError))]
#[case::after_a_timeout(circle_after_a_timeout(), &[], Some(Verdict::Unknown))]
#[case::a_get_too_many(one_get_too_many(), &[], Some(Verdict::CaseError))]
#[case::no_operation_under_way(idle_writer(), &[], Some(Verdict::Unknown))]
#[case::no_other_promise_explains_it(not_woken(), &["live.deadline"], None)]
#[case::the_promise_of_the_operation(no_end(), &["pipe.eof.after-writer-drop"], None)]
fn a_hang_is_charged_to_its_cause(
    #[case] run: HistoryBuilder,
    #[case] broken: &[&str],
    #[case] blamed: Option<Verdict>,
) {
    let (clauses, verdict) = assigned(&run);
    assert_eq!((clauses, verdict), (words(broken), blamed));
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A reader leaves between 2 and 3, and a send returns gone at this time.
fn gone_at(time: u64) -> HistoryBuilder {
    let run = pipe().process("r").close(Side::Rx).ok(2, 3).process("w");
    let run = run.put(1).gives(Outcome::Gone, time, time + 1);
    run.expecting(Outcome::Ok)
}

/// A writer leaves between 2 and 3, and a poll that is to find nothing is ready at this time.
fn ready_at(time: u64) -> HistoryBuilder {
    let run = pipe().process("w").close(Side::Tx).ok(2, 3).process("r");
    let run = run.poll(Side::Rx).ok(time, time + 1);
    run.expecting(Outcome::Empty)
}

#[rstest]
#[case::after_it_left(gone_at(4), &[], Some(Verdict::CaseError))]
#[case::before_it_left(gone_at(0), &["pipe.peer.send-after-close"], None)]
#[case::ready_after_it_left(ready_at(4), &[], Some(Verdict::CaseError))]
#[case::ready_before_it_left(ready_at(0), &["pipe.poll.lower-bound"], None)]
fn a_right_report_that_the_other_side_left_is_no_break(
    #[case] run: HistoryBuilder,
    #[case] broken: &[&str],
    #[case] blamed: Option<Verdict>,
) {
    let (clauses, verdict) = assigned(&run);
    assert_eq!((clauses, verdict), (words(broken), blamed));
}

/// A writer dies by a signal in a send after the last reader has left.
fn dies_in_a_send() -> HistoryBuilder {
    let run = pipe().process("r").close(Side::Rx).ok(0, 1).process("w");
    let run = run.exit_expected(ExpectedExit::Code(0));
    run.exits(Exit::Signal(13)).put(1).pending(4)
}

/// A receive returns the end too early, and its reader leaves; then a send reports that.
fn early_end() -> HistoryBuilder {
    let run = pipe().process("r").ask().gives(Outcome::End, 2, 3);
    let run = run.close(Side::Rx).ok(4, 5).process("w");
    let run = run.put(1).gives(Outcome::Gone, 10, 11);
    run.expecting(Outcome::Ok)
}

#[rstest]
#[case(one_get_too_many(), "live.deadline", untried::HANG_OF_OTHERS)]
#[case(no_end(), "live.deadline", untried::HANG_EXPLAINED)]
#[case(gone_at(4), "pipe.peer.send-after-close", untried::RIGHT_REPORT)]
#[case(early_end(), "pipe.peer.send-after-close", untried::BROKEN_EARLIER)]
#[case(
    dies_in_a_send(),
    "proc.exit.status-reported",
    untried::BROKEN_BY_SAME_EXIT
)]
#[case(
    early_end().process("x").exits(Exit::Code(70)),
    "pipe.eof.after-writer-drop",
    untried::HARNESS_FAILED
)]
fn a_break_that_is_not_charged_says_why(
    #[case] run: HistoryBuilder,
    #[case] clause: &str,
    #[case] expected: &str,
) {
    let evidence = Evidence::new(&run.permutation, &run.history, &run.capabilities);
    let (findings, _) = assign(&evidence, invariant::judge(&evidence));
    let of_clause = |finding: &&Finding| finding.clause.as_str() == clause;
    let states: Vec<_> = (findings.iter().filter(of_clause))
        .map(|finding| &finding.state)
        .collect();
    let why = expected.to_owned();
    assert!(
        states.contains(&&FindingState::Untried { why }),
        "{states:#?}"
    );
}

#[test]
fn a_crash_breaks_the_promise_of_the_call() {
    let run = queue().lists("queue.mpmc.exactly-once");
    let run = run.process("c").exits(Exit::Code(101)).ask().pending(2);
    let run = run.exit_expected(ExpectedExit::Code(0));
    let (clauses, verdict) = assigned(&run);
    assert_eq!(
        (clauses, verdict),
        (words(&["queue.mpmc.exactly-once"]), None)
    );
}

#[test]
fn a_peer_that_cannot_do_its_task_accuses_no_library() {
    let run = pipe().process("r").ask().gives(Outcome::End, 2, 3);
    let run = run
        .expecting(Outcome::Ok)
        .process("w")
        .exits(Exit::Code(70));
    let (clauses, verdict) = assigned(&run);
    assert_eq!(
        (clauses, verdict),
        (words(&[]), Some(Verdict::HarnessError))
    );
}

/// The child would have put what the consumer waits for.
#[test]
fn a_process_that_cannot_be_started_accuses_no_library() {
    let run = queue().process("child").never_lives().process("parent");
    let run = run.start("child").gives(Outcome::Error, 0, 1);
    let run = stalls(waits(run, "parent").ask().pending(2));
    assert_eq!(assigned(&run), (Vec::new(), Some(Verdict::AdapterError)));
}

#[test]
fn a_panic_is_quoted_from_its_first_line() {
    let stderr =
        b"noise\nthread 'main' panicked at src/a.rs:1:2:\nno room left\nstack backtrace:\n   0: x";
    assert_eq!(panic_message(stderr).as_deref(), Some("no room left"));
}

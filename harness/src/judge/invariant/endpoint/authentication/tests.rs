use super::*;
use crate::history::{Ending, Exit};
use crate::test_support::histories::{Expect, HistoryBuilder, endpoint};
use rstest::rstest;

/// A server with a key listens from 1 on.
fn keyed() -> HistoryBuilder {
    endpoint()
        .keyed("secret")
        .process("server")
        .listen()
        .ok(0, 1)
}

/// The same without a key.
fn keyless() -> HistoryBuilder {
    endpoint().process("server").listen().ok(0, 1)
}

/// A client connects with this key, or with none.
fn with_key(run: HistoryBuilder, key: Option<&str>) -> HistoryBuilder {
    run.process("client").connect_knowing(key, "c")
}

/// A client without a key has connected, and sends nothing.
fn silent() -> HistoryBuilder {
    keyed()
        .process("silent")
        .connect_knowing(None, "c")
        .ok(2, 3)
}

/// Then a client with the right key connects.
fn then(run: HistoryBuilder) -> HistoryBuilder {
    run.process("client").connect("d")
}

fn accept(run: HistoryBuilder) -> HistoryBuilder {
    run.process("server").accept("s")
}

/// The run stalls, and the process is in its last operation.
fn stalled(run: HistoryBuilder) -> HistoryBuilder {
    run.exits(Exit::Ended).ending(Ending::Stalled)
}

#[rstest]
#[case::right(with_key(keyed(), Some("secret")).ok(2, 3), MISMATCH, Expect::Upheld(1))]
#[case::right_and_denied(
    with_key(keyed(), Some("secret")).gives(Outcome::Denied, 2, 3), MISMATCH, Expect::Broken(1)
)]
#[case::right_and_denied_by_accept(
    accept(with_key(keyed(), Some("secret")).ok(2, 5)).gives(Outcome::Denied, 3, 4),
    MISMATCH, Expect::Broken(1)
)]
#[case::wrong(
    accept(with_key(keyed(), Some("guessed")).gives(Outcome::Denied, 2, 5))
        .gives(Outcome::Denied, 3, 4),
    MISMATCH, Expect::Upheld(2)
)]
#[case::wrong_and_accepted(with_key(keyed(), Some("guessed")).ok(2, 3), MISMATCH, Expect::Broken(1))]
#[case::wrong_and_accepted_on_both_sides(
    accept(with_key(keyed(), Some("guessed")).ok(2, 3).send_on("c", 1).ok(4, 5))
        .ok(2, 3).recv_on("s", 1).ok(6, 7),
    MISMATCH, Expect::Broken(2)
)]
#[case::wrong_and_never_denied(
    stalled(with_key(keyed(), Some("guessed")).pending(2)), MISMATCH, Expect::Broken(1)
)]
#[case::no_process_listens(
    with_key(keyed(), Some("guessed")).gives(Outcome::Absent, 2, 3), MISMATCH, Expect::Untried
)]
#[case::no_keys_at_all(with_key(keyless(), None).ok(2, 3), MISMATCH, Expect::Untried)]
#[case::unwanted_and_denied(
    with_key(keyless(), Some("secret")).gives(Outcome::Denied, 2, 3), ONE_SIDED, Expect::Upheld(1)
)]
#[case::unwanted_and_accepted(
    with_key(keyless(), Some("secret")).ok(2, 3), ONE_SIDED, Expect::Broken(1)
)]
#[case::unwanted_and_never_denied(
    stalled(with_key(keyless(), Some("secret")).pending(2)), ONE_SIDED, Expect::Broken(1)
)]
#[case::without_a_key(
    accept(with_key(keyed(), None).ok(2, 3)).gives(Outcome::Denied, 2, 4),
    ONE_SIDED, Expect::Upheld(1)
)]
#[case::without_a_key_and_accepted(
    accept(with_key(keyed(), None).ok(2, 3).send_on("c", 1).ok(4, 5))
        .ok(2, 3).recv_on("s", 1).ok(6, 7),
    ONE_SIDED, Expect::Broken(1)
)]
#[case::without_a_key_and_waited_for(
    stalled(accept(with_key(keyed(), None).ok(2, 3)).pending(2)), ONE_SIDED, Expect::Broken(1)
)]
#[case::beside_a_silent_one(then(silent()).ok(4, 5), SILENT, Expect::Upheld(1))]
#[case::after_a_silent_one_that_has_left(
    then(silent().hang_up("c").ok(4, 5).exit().ok(6, 7)).ok(8, 9), SILENT, Expect::Untried
)]
#[case::denied_beside_a_silent_one(
    then(silent()).gives(Outcome::Denied, 4, 5), SILENT, Expect::Broken(1)
)]
#[case::waiting_for_a_silent_one(
    stalled(then(stalled(accept(silent()).pending(2))).pending(4)), SILENT, Expect::Broken(1)
)]
#[case::waiting_is_charged_to_one_clause(
    stalled(then(stalled(accept(silent()).pending(2))).pending(4)), ONE_SIDED, Expect::Untried
)]
#[rustfmt::skip]
fn judges(#[case] run: HistoryBuilder, #[case] clause: &str, #[case] expect: Expect) {
    run.check(&INVARIANT, clause, expect);
}

#[test]
fn a_client_that_is_denied_need_not_be_accepted() {
    let run = accept(with_key(keyed(), None).ok(2, 3)).gives(Outcome::Denied, 4, 5);
    assert_eq!(run.broken(), Vec::<String>::new());
}

#[test]
fn the_witness_of_a_blocked_listener_has_all_three_operations() {
    let run = stalled(then(stalled(accept(silent()).pending(2))).pending(4));
    let witness = run.witness(&INVARIANT, SILENT);
    assert_eq!(witness.operations.len(), 3);
}

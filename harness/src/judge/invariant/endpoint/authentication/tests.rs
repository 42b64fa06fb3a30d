use super::*;
use crate::history::{Ending, Exit};
use crate::test_support::histories::{Expect, Run, endpoint};
use rstest::rstest;

/// Somebody listens from 1 on, for those who know this key.
fn listening() -> Run {
    endpoint()
        .keyed("secret")
        .process("server")
        .listen()
        .ok(0, 1)
}

/// The same, for whoever comes.
fn open() -> Run {
    endpoint().process("server").listen().ok(0, 1)
}

/// Somebody with this key connects, or with none.
fn knowing(run: Run, key: Option<&str>) -> Run {
    run.process("client").connect_knowing(key, "c")
}

/// Somebody without a key has connected, and says nothing.
fn silent() -> Run {
    listening()
        .process("silent")
        .connect_knowing(None, "c")
        .ok(2, 3)
}

/// Then somebody connects who knows the key.
fn then(run: Run) -> Run {
    run.process("client").connect("d")
}

fn accept(run: Run) -> Run {
    run.process("server").accept("s")
}

/// Nothing moves any more, and the process is in its last operation.
fn stalled(run: Run) -> Run {
    run.exits(Exit::Ended).ending(Ending::Stalled)
}

#[rstest]
#[case::right(knowing(listening(), Some("secret")).ok(2, 3), MISMATCH, Expect::Upheld(1))]
#[case::right_and_denied(
    knowing(listening(), Some("secret")).gives(Outcome::Denied, 2, 3), MISMATCH, Expect::Broken(1)
)]
#[case::right_and_denied_by_accept(
    accept(knowing(listening(), Some("secret")).ok(2, 5)).gives(Outcome::Denied, 3, 4),
    MISMATCH, Expect::Broken(1)
)]
#[case::wrong(
    accept(knowing(listening(), Some("guessed")).gives(Outcome::Denied, 2, 5))
        .gives(Outcome::Denied, 3, 4),
    MISMATCH, Expect::Upheld(2)
)]
#[case::wrong_and_in(knowing(listening(), Some("guessed")).ok(2, 3), MISMATCH, Expect::Broken(1))]
#[case::wrong_and_in_on_both_sides(
    accept(knowing(listening(), Some("guessed")).ok(2, 3).send_on("c", 1).ok(4, 5))
        .ok(2, 3).recv_on("s", 1).ok(6, 7),
    MISMATCH, Expect::Broken(2)
)]
#[case::wrong_and_never_told(
    stalled(knowing(listening(), Some("guessed")).pending(2)), MISMATCH, Expect::Broken(1)
)]
#[case::nobody_listens(
    knowing(listening(), Some("guessed")).gives(Outcome::Absent, 2, 3), MISMATCH, Expect::Untried
)]
#[case::no_keys_at_all(knowing(open(), None).ok(2, 3), MISMATCH, Expect::Untried)]
#[case::nobody_is_asked(
    knowing(open(), Some("secret")).gives(Outcome::Denied, 2, 3), ONE_SIDED, Expect::Upheld(1)
)]
#[case::nobody_is_asked_and_all_is_well(
    knowing(open(), Some("secret")).ok(2, 3), ONE_SIDED, Expect::Broken(1)
)]
#[case::nobody_is_asked_for_ever(
    stalled(knowing(open(), Some("secret")).pending(2)), ONE_SIDED, Expect::Broken(1)
)]
#[case::without_a_key(
    accept(knowing(listening(), None).ok(2, 3)).gives(Outcome::Denied, 2, 4),
    ONE_SIDED, Expect::Upheld(1)
)]
#[case::without_a_key_and_in(
    accept(knowing(listening(), None).ok(2, 3).send_on("c", 1).ok(4, 5))
        .ok(2, 3).recv_on("s", 1).ok(6, 7),
    ONE_SIDED, Expect::Broken(1)
)]
#[case::without_a_key_and_waited_for(
    stalled(accept(knowing(listening(), None).ok(2, 3)).pending(2)), ONE_SIDED, Expect::Broken(1)
)]
#[case::beside_a_silent_one(then(silent()).ok(4, 5), SILENT, Expect::Upheld(1))]
#[case::behind_a_silent_one_that_has_left(
    then(silent().hang_up("c").ok(4, 5).exit().ok(6, 7)).ok(8, 9), SILENT, Expect::Untried
)]
#[case::denied_beside_a_silent_one(
    then(silent()).gives(Outcome::Denied, 4, 5), SILENT, Expect::Broken(1)
)]
#[case::waiting_behind_a_silent_one(
    stalled(then(stalled(accept(silent()).pending(2))).pending(4)), SILENT, Expect::Broken(1)
)]
#[case::whose_waiting_is_told_once(
    stalled(then(stalled(accept(silent()).pending(2))).pending(4)), ONE_SIDED, Expect::Untried
)]
#[rustfmt::skip]
fn judges(#[case] run: Run, #[case] clause: &str, #[case] expect: Expect) {
    run.check(&INVARIANT, clause, expect);
}

#[test]
fn a_client_that_is_denied_is_owed_no_connection() {
    let run = accept(knowing(listening(), None).ok(2, 3)).gives(Outcome::Denied, 4, 5);
    assert_eq!(run.broken(), Vec::<String>::new());
}

#[test]
fn the_witness_of_a_blocked_listener_shows_all_three() {
    let run = stalled(then(stalled(accept(silent()).pending(2))).pending(4));
    let witness = run.witness(&INVARIANT, SILENT);
    assert_eq!(witness.operations.len(), 3);
}

use super::*;
use crate::test_support::histories::{Expect, HistoryBuilder, endpoint};
use rstest::rstest;

const MINUS_TWO: [u8; 8] = (-2_i64).to_le_bytes();
const ABSURD: [u8; 8] = i64::MAX.to_le_bytes();
const FIVE: [u8; 8] = 5_i64.to_le_bytes();

/// A client sends a message and these raw bytes; the server receives the message and then again.
fn written(bytes: &[u8]) -> HistoryBuilder {
    written_until(bytes, 7)
}

/// The same, and the raw write returns at this time.
fn written_until(bytes: &[u8], returned: u64) -> HistoryBuilder {
    endpoint()
        .process("server")
        .listen()
        .ok(0, 1)
        .process("client")
        .connect("c")
        .ok(2, 3)
        .send_on("c", 1)
        .ok(4, 5)
        .raw_on("c", bytes)
        .ok(6, returned)
        .process("server")
        .accept("s")
        .ok(4, 6)
        .recv_on("s", 1)
        .ok(7, 8)
        .ask_of("s")
}

/// The same, and the server's second receive has this outcome.
fn received(bytes: &[u8], outcome: Outcome) -> HistoryBuilder {
    written(bytes).gives(outcome, 9, 10)
}

/// After that the server serves another client.
fn served(run: HistoryBuilder) -> HistoryBuilder {
    run.process("honest")
        .connect("d")
        .ok(2, 3)
        .send_on("d", 9)
        .ok(11, 12)
        .process("server")
        .accept("t")
        .ok(11, 12)
        .recv_on("t", 9)
        .ok(13, 14)
}

#[rstest]
#[case::an_error(received(&MINUS_TWO, Outcome::Error), NEGATIVE, Expect::Upheld(1))]
#[case::a_message(received(&MINUS_TWO, Outcome::Ok), NEGATIVE, Expect::Broken(1))]
#[case::the_end(received(&MINUS_TWO, Outcome::End), NEGATIVE, Expect::Broken(1))]
#[case::no_receive(endpoint(), NEGATIVE, Expect::Untried)]
#[case::huge_is_an_error(received(&ABSURD, Outcome::Error), HUGE, Expect::Upheld(1))]
#[case::huge_is_a_message(received(&ABSURD, Outcome::Ok), HUGE, Expect::Broken(1))]
#[case::huge_kills_the_receiver(
    received(&ABSURD, Outcome::Error).exits(Exit::Signal(6)), HUGE, Expect::Broken(1)
)]
#[case::truncated_message(received(&FIVE, Outcome::Error), TRUNCATED, Expect::Upheld(1))]
#[case::truncated_length(received(&FIVE[..3], Outcome::Error), TRUNCATED, Expect::Upheld(1))]
#[case::truncated_is_a_message(received(&FIVE, Outcome::Ok), TRUNCATED, Expect::Broken(1))]
#[case::truncated_is_the_end(received(&FIVE, Outcome::End), TRUNCATED, Expect::Broken(1))]
#[case::others_are_served(
    served(received(&MINUS_TWO, Outcome::Error)), GARBAGE, Expect::Upheld(1)
)]
#[case::others_are_served_before_the_raw_write_returns(
    served(written_until(&MINUS_TWO, 20).gives(Outcome::Error, 9, 10)), GARBAGE, Expect::Upheld(1)
)]
#[case::there_are_no_others(received(&MINUS_TWO, Outcome::Error), GARBAGE, Expect::Untried)]
#[rustfmt::skip]
fn judges(#[case] run: HistoryBuilder, #[case] clause: &str, #[case] expect: Expect) {
    run.check(&INVARIANT, clause, expect);
}

#[rstest]
#[case::nothing(&[], None)]
#[case::whole(&[1, 0, 0, 0, 0, 0, 0, 0, 9], None)]
#[case::negative_after_a_whole_one(
    &[1, 0, 0, 0, 0, 0, 0, 0, 9, 255, 255, 255, 255, 255, 255, 255, 255], Some(Malformed::Negative)
)]
#[case::the_longest_without_its_message(&LONGEST.to_le_bytes(), Some(Malformed::Truncated))]
#[case::one_longer(&(LONGEST + 1).to_le_bytes(), Some(Malformed::Huge))]
fn finds_the_first_fault(#[case] bytes: &[u8], #[case] expected: Option<Malformed>) {
    assert_eq!(malformed(bytes), expected);
}

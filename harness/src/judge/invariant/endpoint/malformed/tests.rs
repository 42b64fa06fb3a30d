use super::*;
use crate::backend::Side;
use crate::history::Ending;
use crate::plan::{Codec, Item};
use crate::test_support::histories::{Expect, HistoryBuilder, endpoint};
use rstest::rstest;

/// The length in a header, and how many bytes of the header are written.
type Header = (Option<i64>, Option<u64>);

const MINUS_TWO: Header = (Some(-2), None);
const ABSURD: Header = (Some(i64::MAX), None);
const FIVE: Header = (Some(5), None);
const CUT: Header = (Some(5), Some(3));
const NO_HEADER: Header = (None, None);

/// A client connects to a server.
fn connected() -> HistoryBuilder {
    let run = endpoint().process("server").listen().ok(0, 1);
    run.process("client").connect("c").ok(2, 3)
}

/// A client sends a message and this header; the server receives the message and then again.
fn written(header: Header) -> HistoryBuilder {
    written_until(header, 7)
}

/// The same, and the raw write returns at this time.
fn written_until(header: Header, returned: u64) -> HistoryBuilder {
    connected()
        .send_on("c", 1)
        .ok(4, 5)
        .raw_on("c", header.0, b"", 0, header.1)
        .ok(6, returned)
        .process("server")
        .accept("s")
        .ok(4, 6)
        .recv_on("s", 1)
        .ok(7, 8)
        .ask_of("s")
}

/// The same, and the server's second receive has this outcome.
fn received(header: Header, outcome: Outcome) -> HistoryBuilder {
    written(header).gives(outcome, 9, 10)
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
#[case::an_error(received(MINUS_TWO, Outcome::Error), NEGATIVE, Expect::Upheld(1))]
#[case::a_message(received(MINUS_TWO, Outcome::Ok), NEGATIVE, Expect::Broken(1))]
#[case::the_end(received(MINUS_TWO, Outcome::End), NEGATIVE, Expect::Broken(1))]
#[case::no_receive(endpoint(), NEGATIVE, Expect::Untried)]
#[case::huge_is_an_error(received(ABSURD, Outcome::Error), HUGE, Expect::Upheld(1))]
#[case::huge_is_a_message(received(ABSURD, Outcome::Ok), HUGE, Expect::Broken(1))]
#[case::huge_kills_the_receiver(
    received(ABSURD, Outcome::Error).exits(Exit::Signal(6)), HUGE, Expect::Broken(1)
)]
#[case::truncated_message(received(FIVE, Outcome::Error), TRUNCATED, Expect::Upheld(1))]
#[case::truncated_length(received(CUT, Outcome::Error), TRUNCATED, Expect::Upheld(1))]
#[case::truncated_is_a_message(received(FIVE, Outcome::Ok), TRUNCATED, Expect::Broken(1))]
#[case::truncated_is_the_end(received(FIVE, Outcome::End), TRUNCATED, Expect::Broken(1))]
#[case::others_are_served(
    served(received(MINUS_TWO, Outcome::Error)), GARBAGE, Expect::Upheld(1)
)]
#[case::others_are_served_before_the_raw_write_returns(
    served(written_until(MINUS_TWO, 20).gives(Outcome::Error, 9, 10)), GARBAGE, Expect::Upheld(1)
)]
#[case::bytes_without_a_header(received(NO_HEADER, Outcome::Ok), NEGATIVE, Expect::Untried)]
#[case::there_are_no_others(received(MINUS_TWO, Outcome::Error), GARBAGE, Expect::Untried)]
#[rustfmt::skip]
fn judges(#[case] run: HistoryBuilder, #[case] clause: &str, #[case] expect: Expect) {
    run.check(&INVARIANT, clause, expect);
}

/// A client writes a message in two parts, and the server receives.
fn in_parts() -> HistoryBuilder {
    connected()
        .codec(Codec::Bytes)
        .raw_on("c", Some(5), b"hello", 0, Some(3))
        .ok(4, 5)
        .raw_on("c", Some(5), b"hello", 3, None)
        .ok(6, 7)
        .process("server")
        .accept("s")
        .ok(4, 6)
}

fn bytes(bytes: &[u8]) -> Item {
    Item::Bytes(bytes.to_vec())
}

#[rstest]
#[case::whole(in_parts().recv_on("s", bytes(b"hello")).ok(8, 9), Expect::Upheld(1))]
#[case::another(in_parts().recv_on("s", bytes(b"jello")).ok(8, 9), Expect::Broken(1))]
#[case::an_error(in_parts().ask_of("s").gives(Outcome::Error, 8, 9), Expect::Broken(1))]
#[case::the_end(in_parts().ask_of("s").gives(Outcome::End, 8, 9), Expect::Broken(1))]
#[case::never(in_parts().ask_of("s").pending(8).exits(Exit::Ended).ending(Ending::Stalled), Expect::Broken(1))]
#[case::not_yet(in_parts().ask_of("s").gives(Outcome::Empty, 8, 9), Expect::Untried)]
#[case::in_one_piece(written(FIVE).gives(Outcome::Ok, 8, 9), Expect::Untried)]
fn a_message_in_parts_arrives(#[case] run: HistoryBuilder, #[case] expect: Expect) {
    run.check(&INVARIANT, IN_PARTS, expect);
}

/// A header with this length and this many bytes.
fn part(length: impl Into<Option<i64>>, bytes: usize) -> RawWrite {
    RawWrite {
        end: End {
            channel: 0,
            side: Side::A,
        },
        length: length.into(),
        bytes: vec![0; bytes],
        from: 0,
        to: None,
    }
}

/// Only this part of them.
fn cut(part: RawWrite, from: u64, to: impl Into<Option<u64>>) -> RawWrite {
    let to = to.into();
    RawWrite { from, to, ..part }
}

#[rstest]
#[case::nothing(&[], None)]
#[case::whole(&[part(1, 1)], None)]
#[case::whole_in_two_parts(&[part(2, 1), part(None, 1)], None)]
#[case::too_short_in_two_parts(&[part(3, 1), part(None, 1)], Some(Malformed::Truncated))]
#[case::bytes_without_a_header(&[part(None, 9)], None)]
#[case::negative_after_a_whole_one(&[part(1, 1), part(-1, 0)], Some(Malformed::Negative))]
#[case::the_longest_without_its_message(&[part(LONGEST, 0)], Some(Malformed::Truncated))]
#[case::one_longer(&[part(LONGEST + 1, 0)], Some(Malformed::Huge))]
#[case::cut(&[cut(part(1, 1), 0, 2)], Some(Malformed::Truncated))]
#[case::cut_and_then_the_rest(&[cut(part(1, 1), 0, 2), cut(part(1, 1), 2, None)], None)]
#[case::in_three(&[cut(part(1, 1), 0, 2), cut(part(1, 1), 2, 3), cut(part(1, 1), 3, None)], None)]
#[case::a_gap(&[cut(part(1, 1), 0, 2), cut(part(1, 1), 3, None)], Some(Malformed::Truncated))]
#[case::the_rest_of_another(&[cut(part(1, 1), 0, 2), cut(part(2, 2), 2, None)], Some(Malformed::Truncated))]
#[case::only_the_rest(&[cut(part(1, 1), 2, None)], Some(Malformed::Truncated))]
fn finds_the_first_fault(#[case] parts: &[RawWrite], #[case] expected: Option<Malformed>) {
    let parts: Vec<&RawWrite> = parts.iter().collect();
    assert_eq!(malformed(&parts), expected);
}

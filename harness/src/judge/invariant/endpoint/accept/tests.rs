use super::*;
use crate::history::Ending;
use crate::test_support::histories::{Expect, HistoryBuilder, endpoint};
use rstest::rstest;
use std::time::Duration;

/// A server listens from 1 on, and a client connects.
fn connected() -> HistoryBuilder {
    let listening = endpoint().process("server").listen().ok(0, 1);
    let connected = listening.process("client").connect("c").ok(2, 3).showing(7);
    connected.send_on("c", 1).ok(4, 5)
}

/// The same, and then the client leaves.
fn connected_and_left() -> HistoryBuilder {
    connected().hang_up("c").ok(6, 7).exit().ok(8, 9)
}

/// A server listens from 1 on, and a connect with a timeout has this outcome.
fn in_time(outcome: Outcome) -> HistoryBuilder {
    let connecting = endpoint()
        .process("server")
        .listen()
        .ok(0, 1)
        .process("client")
        .connect("c");
    connecting
        .waiting(Wait::For(Duration::from_nanos(1)))
        .gives(outcome, 2, 3)
}

fn server(run: HistoryBuilder) -> HistoryBuilder {
    run.process("server")
}

/// A client connects, hangs up, connects again and then receives this item.
fn again(item: i64) -> HistoryBuilder {
    server(connected())
        .accept("s")
        .ok(6, 7)
        .recv_on("s", 1)
        .ok(8, 9)
        .send_on("s", 10)
        .ok(10, 11)
        .process("client")
        .hang_up("c")
        .ok(12, 13)
        .connect("d")
        .ok(14, 15)
        .send_on("d", 2)
        .ok(16, 17)
        .process("server")
        .hang_up("s")
        .ok(12, 13)
        .accept("t")
        .ok(16, 18)
        .recv_on("t", 2)
        .ok(19, 20)
        .send_on("t", 11)
        .ok(21, 22)
        .process("client")
        .recv_on("d", item)
        .ok(23, 24)
}

#[rstest]
#[case::accepted_while_it_waits(server(connected()).accept("s").ok(6, 7), QUEUED, Expect::Upheld(1))]
#[case::never_accepted(
    server(connected()).accept("s").gives(Outcome::Timeout, 6, 7), QUEUED, Expect::Broken(1)
)]
#[case::accept_never_returns(
    server(connected()).accept("s").pending(6).exits(crate::history::Exit::Ended)
        .ending(Ending::Stalled),
    QUEUED, Expect::Broken(1)
)]
#[case::no_client_had_connected(
    endpoint().process("server").listen().ok(0, 1).accept("s").gives(Outcome::Timeout, 2, 3),
    QUEUED, Expect::Untried
)]
#[case::a_failed_listener_accepts(
    connected().process("other").listen().gives(Outcome::Taken, 4, 5)
        .accept("s").gives(Outcome::Timeout, 6, 7),
    QUEUED, Expect::Untried
)]
#[case::accepted_after_it_had_left(server(connected_and_left()).accept("s").ok(10, 11), DEAD, Expect::Upheld(1))]
#[case::a_client_that_had_left_makes_accept_fail(
    server(connected_and_left()).accept("s").gives(Outcome::Error, 10, 11), DEAD, Expect::Broken(1)
)]
#[case::the_right_process_is_reported(
    server(connected()).accept("s").ok(6, 7).showing(7), IDENTITY, Expect::Upheld(1)
)]
#[case::another_process_is_reported(
    server(connected()).accept("s").ok(6, 7).showing(8), IDENTITY, Expect::Broken(1)
)]
#[case::no_process_is_reported(server(connected()).accept("s").ok(6, 7), IDENTITY, Expect::Untried)]
#[case::connected_in_time(server(in_time(Outcome::Ok)).accept("s").ok(6, 7), IN_TIME, Expect::Upheld(1))]
#[case::given_up(server(in_time(Outcome::Timeout)).accept("s").ok(6, 7), IN_TIME, Expect::Untried)]
#[case::connected_without_a_timeout(server(connected()).accept("s").ok(6, 7), IN_TIME, Expect::Untried)]
#[case::a_clean_connection(again(11), RECONNECT, Expect::Upheld(2))]
#[case::an_item_of_an_earlier_connection(again(10), RECONNECT, Expect::Broken(1))]
#[case::connected_once(server(connected()).accept("s").ok(6, 7), RECONNECT, Expect::Untried)]
#[rustfmt::skip]
fn judges(#[case] run: HistoryBuilder, #[case] clause: &str, #[case] expect: Expect) {
    run.check(&INVARIANT, clause, expect);
}

use super::*;
use crate::history::Ending;
use crate::test_support::histories::{Expect, Run, endpoint};
use rstest::rstest;
use std::time::Duration;

/// Somebody listens from 1 on, and a client connects.
fn connected() -> Run {
    let listening = endpoint().process("server").listen().ok(0, 1);
    let connected = listening.process("client").connect("c").ok(2, 3).showing(7);
    connected.send_on("c", 1).ok(4, 5)
}

/// The same, and the client has left again.
fn hasty() -> Run {
    connected().hang_up("c").ok(6, 7).exit().ok(8, 9)
}

/// Somebody listens from 1 on, and connecting within a time comes to this.
fn in_time(outcome: Outcome) -> Run {
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

fn server(run: Run) -> Run {
    run.process("server")
}

/// A client that has connected, hung up and connected again: what it gets then.
fn again(item: i64) -> Run {
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
#[case::never_accepted_for_as_long_as_it_lasted(
    server(connected()).accept("s").pending(6).exits(crate::history::Exit::Ended)
        .ending(Ending::Stalled),
    QUEUED, Expect::Broken(1)
)]
#[case::nobody_had_connected(
    endpoint().process("server").listen().ok(0, 1).accept("s").gives(Outcome::Timeout, 2, 3),
    QUEUED, Expect::Untried
)]
#[case::another_listener_was_meant(
    connected().process("other").listen().gives(Outcome::Taken, 4, 5)
        .accept("s").gives(Outcome::Timeout, 6, 7),
    QUEUED, Expect::Untried
)]
#[case::accepted_though_it_had_left(server(hasty()).accept("s").ok(10, 11), DEAD, Expect::Upheld(1))]
#[case::whoever_had_left_keeps_the_listener_from_accepting(
    server(hasty()).accept("s").gives(Outcome::Error, 10, 11), DEAD, Expect::Broken(1)
)]
#[case::who_connected_is_said(
    server(connected()).accept("s").ok(6, 7).showing(7), IDENTITY, Expect::Upheld(1)
)]
#[case::somebody_else_is_said(
    server(connected()).accept("s").ok(6, 7).showing(8), IDENTITY, Expect::Broken(1)
)]
#[case::nobody_is_said(server(connected()).accept("s").ok(6, 7), IDENTITY, Expect::Untried)]
#[case::connected_in_time(server(in_time(Outcome::Ok)).accept("s").ok(6, 7), IN_TIME, Expect::Upheld(1))]
#[case::given_up(server(in_time(Outcome::Timeout)).accept("s").ok(6, 7), IN_TIME, Expect::Untried)]
#[case::connected_in_its_own_time(server(connected()).accept("s").ok(6, 7), IN_TIME, Expect::Untried)]
#[case::a_clean_beginning(again(11), RECONNECT, Expect::Upheld(2))]
#[case::something_of_before(again(10), RECONNECT, Expect::Broken(1))]
#[case::connected_once(server(connected()).accept("s").ok(6, 7), RECONNECT, Expect::Untried)]
#[rustfmt::skip]
fn judges(#[case] run: Run, #[case] clause: &str, #[case] expect: Expect) {
    run.check(&INVARIANT, clause, expect);
}

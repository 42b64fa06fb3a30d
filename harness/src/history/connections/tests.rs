use super::*;
use crate::test_support::histories::{HistoryBuilder, endpoint};
use rstest::rstest;

/// Which names share a channel, as the resolved plan calls it.
fn met(run: &HistoryBuilder) -> Vec<String> {
    let before = run.permutation.plan.channels.len();
    let (plan, _) = resolved(&run.permutation.plan, &run.history).unwrap();
    let channels = plan.channels[before..].iter();
    let mut names: Vec<String> = channels.map(|channel| channel.name.clone()).collect();
    names.sort();
    names
}

fn listening() -> HistoryBuilder {
    endpoint().process("server").listen().ok(0, 1)
}

/// Two clients connect at once, so their order isn't known.
fn two(first: i64, second: i64) -> HistoryBuilder {
    listening()
        .process("one")
        .connect("c")
        .ok(2, 9)
        .send_on("c", 1)
        .ok(10, 11)
        .process("other")
        .connect("d")
        .ok(2, 9)
        .send_on("d", 2)
        .ok(10, 11)
        .process("server")
        .accept("s")
        .ok(4, 9)
        .accept("t")
        .ok(10, 11)
        .recv_on("s", first)
        .ok(12, 13)
        .recv_on("t", second)
        .ok(14, 15)
}

#[rstest]
#[case::in_order(two(1, 2), &["s–c", "t–d"])]
#[case::crossed(two(2, 1), &["s–d", "t–c"])]
#[case::one_by_its_traffic_and_the_other_by_elimination(two(2, 7), &["s–d", "t–c"])]
fn traffic_shows_which_halves_belong_together(
    #[case] run: HistoryBuilder,
    #[case] expected: &[&str],
) {
    assert_eq!(met(&run), expected);
}

#[test]
fn an_answer_shows_it_as_well() {
    let run = listening()
        .process("one")
        .connect("c")
        .ok(2, 9)
        .recv_on("c", 2)
        .ok(14, 15)
        .process("other")
        .connect("d")
        .ok(2, 9)
        .recv_on("d", 1)
        .ok(14, 15)
        .process("server")
        .accept("s")
        .ok(4, 9)
        .accept("t")
        .ok(10, 11)
        .send_on("s", 1)
        .ok(12, 13)
        .send_on("t", 2)
        .ok(12, 13);
    assert_eq!(met(&run), ["s–d", "t–c"]);
}

/// Two clients that say nothing connect, the second from then on.
fn silent(second: u64) -> HistoryBuilder {
    listening()
        .process("one")
        .connect("c")
        .ok(2, 5)
        .process("other")
        .connect("d")
        .ok(second, second + 3)
        .process("server")
        .accept("s")
        .ok(10, 11)
        .accept("t")
        .ok(12, 13)
}

#[rstest]
#[case::one_after_the_other(silent(6), &["s–c", "t–d"])]
#[case::concurrent(silent(3), &["c", "d", "s", "t"])]
fn halves_without_traffic_match_in_their_order_if_it_is_known(
    #[case] run: HistoryBuilder,
    #[case] expected: &[&str],
) {
    assert_eq!(met(&run), expected);
}

#[test]
fn a_client_without_the_key_and_without_traffic_stays_unmatched() {
    let run = listening()
        .keyed("secret")
        .process("stranger")
        .connect_knowing(None, "c")
        .ok(2, 3)
        .process("friend")
        .connect("d")
        .ok(4, 9)
        .process("server")
        .accept("s")
        .ok(8, 9);
    assert_eq!(met(&run), ["c", "s–d"]);
}

#[test]
fn a_name_that_is_bound_again_is_a_new_connection() {
    let run = listening()
        .process("client")
        .connect("c")
        .ok(2, 3)
        .send_on("c", 1)
        .ok(4, 5)
        .hang_up("c")
        .ok(6, 7)
        .connect("c")
        .ok(8, 9)
        .send_on("c", 2)
        .ok(10, 11)
        .process("server")
        .accept("s")
        .ok(4, 5)
        .recv_on("s", 1)
        .ok(6, 7)
        .hang_up("s")
        .ok(8, 9)
        .accept("s")
        .ok(10, 11)
        .recv_on("s", 2)
        .ok(12, 13);
    assert_eq!(met(&run), ["s–c", "s–c"]);
    let (plan, history) = resolved(&run.permutation.plan, &run.history).unwrap();
    let lanes = crate::history::pairing::Traffic::of(&plan, &history);
    let moved: Vec<(usize, usize)> = lanes.iter().map(|t| (t.puts.len(), t.gets.len())).collect();
    assert_eq!(moved, [(1, 1), (1, 1)]);
}

#[test]
fn a_failed_operation_stays_with_the_endpoint() {
    let run = endpoint()
        .process("c")
        .connect("c")
        .gives(Outcome::Absent, 0, 1);
    let (_, history) = resolved(&run.permutation.plan, &run.history).unwrap();
    let end = history.processes[0].operations[0].end.unwrap();
    assert_eq!((end.channel, end.side), (0, Side::Name));
}

#[test]
fn without_an_endpoint_nothing_is_resolved() {
    let run = crate::test_support::histories::pipe();
    assert_eq!(resolved(&run.permutation.plan, &run.history), None);
}

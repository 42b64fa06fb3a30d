//! Small histories whose answers are known by hand.

use ipc_conformance::internals::{FileJudgement, Reading};
use ipc_conformance::linearizable::{Claims, Empty, Order, Verdict};
use rstest::rstest;

use super::short;

const FIFO: Claims = Claims {
    order: Order::Fifo,
    capacity: None,
    empty: Some(Empty::Strict),
};

const TIMEOUT_SAYS_EMPTY: Claims = Claims {
    empty: Some(Empty::Timeout),
    ..FIFO
};

const PER_PRODUCER: Claims = Claims {
    order: Order::PerProducer,
    capacity: None,
    empty: None,
};

const UNORDERED: Claims = Claims {
    order: Order::Unordered,
    ..PER_PRODUCER
};

const fn holding(most: u64) -> Claims {
    Claims {
        capacity: Some(most),
        ..FIFO
    }
}

fn judged(short: &str, claims: Claims) -> FileJudgement {
    let mut reading = Reading::new();
    reading.feed(short::file(short).as_bytes());
    let recorded = reading.finish().expect("the file is right");
    recorded.judge(&claims)
}

#[rstest]
#[case::one_item("p put 1 0-1; c get 1 2-3", FIFO)]
#[case::lines_in_any_order("c get 2 6-7; c get 1 4-5; p put 2 2-3; p put 1 0-1", FIFO)]
#[case::a_get_that_began_before_its_put("c get 1 0-5; p put 1 3-9", FIFO)]
#[case::a_get_that_ends_as_its_put_starts("c get 1 0-3; p put 1 3-9", FIFO)]
#[case::overlapping_puts_in_either_order(
    "p put 1 0-3; r put 2 2-5; c get 2 6-7; c get 1 8-9",
    FIFO
)]
#[case::overlapping_gets_in_either_order(
    "p put 1 0-1; p put 2 2-3; c get 2 4-7; d get 1 6-9",
    FIFO
)]
#[case::equal_stamps_are_concurrent("p put 1 0-1; r put 2 1-2; c get 2 3-4; c get 1 4-5", FIFO)]
#[case::all_at_one_moment(
    "p put 1 5-5; p put 2 5-5; c get 2 5-5; c get 1 5-5; c get 5-5 empty",
    FIFO
)]
#[case::never_got_at_the_end("p put 1 0-1; p put 2 2-3; c get 1 4-5", FIFO)]
#[case::nothing_ever_got("p put 1 0-1; p put 2 2-3", FIFO)]
#[case::empty_at_first("c get 0-1 empty; p put 1 2-3; c get 1 4-5", FIFO)]
#[case::empty_at_last("p put 1 2-3; c get 1 4-5; c get 6-7 empty", FIFO)]
#[case::empty_during_a_put("p put 1 0-10; c get 2-3 empty; c get 1 11-12", FIFO)]
#[case::empty_during_a_get("p put 1 0-1; c get 1 2-9; d get 3-4 empty", FIFO)]
#[case::empty_between_two_items(
    "p put 1 0-1; p put 2 6-7; c get 3-9 empty; d get 1 2-4; d get 2 10-11",
    FIFO
)]
#[case::empty_at_the_stamp_of_a_put("p put 1 0-4; c get 4-6 empty; c get 1 8-9", FIFO)]
#[case::a_timeout_claims_nothing("p put 1 0-1; c get 2-3 timeout; c get 1 4-5", FIFO)]
#[case::a_timeout_while_it_was_empty(
    "c get 0-1 timeout; p put 1 2-3; c get 1 4-5",
    TIMEOUT_SAYS_EMPTY
)]
#[case::a_pending_put_that_was_got("p put 1 0-; c get 1 2-3", FIFO)]
#[case::a_pending_put_that_was_got_late("p put 1 0-; r put 2 3-4; c get 2 5-6; c get 1 8-9", FIFO)]
#[case::a_pending_put_that_never_was("p put 1 0-; c get 2-3 empty; r put 2 4-5; c get 2 6-7", FIFO)]
#[case::a_failed_put_that_was_got("p put 1 0-1 error?; c get 1 2-3", FIFO)]
#[case::a_failed_put_that_came_later("p put 1 0-1 error?; c get 2-3 empty; c get 1 4-5", FIFO)]
#[case::a_failed_put_that_never_was("p put 1 0-1 error?; c get 2-3 empty", FIFO)]
#[case::a_put_that_surely_failed("p put 1 0-1 error!; c get 2-3 empty", FIFO)]
#[case::a_full_put_that_was_tried_again("p put 1 0-1 full; p put 1 2-3; c get 1 4-5", FIFO)]
#[case::an_item_lost_with_a_killed_consumer(
    "p put 1 0-1; p put 2 2-3; c get 4-; d get 2 6-7",
    FIFO
)]
#[case::two_items_lost_with_two(
    "p put 1 0-1; p put 2 2-3; p put 3 4-5; c get 6-; d get 7-; e get 3 9-10",
    FIFO
)]
#[case::lost_in_a_get_that_failed("p put 1 0-1; p put 2 2-3; c get 4-5 error?; d get 2 6-7", FIFO)]
#[case::a_killed_consumer_that_took_nothing("c get 0-; p put 1 2-3; d get 1 4-5", FIFO)]
#[case::empty_after_a_killed_consumer("p put 1 0-1; c get 2-; d get 4-5 empty", FIFO)]
#[case::the_end_behind_the_last_item("p put 1 0-1; p close 2-3; c get 1 4-5; c get 6-7 end", FIFO)]
#[case::the_end_for_each_consumer(
    "p put 1 0-1; p close 2-3; c get 1 4-5; c get 6-7 end; d get 8-9 end",
    FIFO
)]
#[case::the_end_as_the_close_starts("p put 1 0-1; c get 1 2-3; c get 4-6 end; p close 6-7", FIFO)]
#[case::the_end_during_the_last_get("p put 1 0-1; p close 2-3; c get 1 4-9; d get 5-6 end", FIFO)]
#[case::full_while_one_was_inside("p put 1 0-1; p put 2 2-3 full; c get 1 4-5", holding(1))]
#[case::full_while_one_may_have_been("p put 1 0-9; r put 2 2-3 full; c get 1 10-11", holding(1))]
#[case::full_without_a_capacity("p put 1 0-1 full", FIFO)]
#[case::a_put_that_waited_for_room(
    "p put 1 0-1; p put 2 2-5; c get 1 4-6; c get 2 7-8",
    holding(1)
)]
#[case::two_that_hold_two("p put 1 0-1; p put 2 2-3; c get 1 4-5; c get 2 6-7", holding(2))]
#[case::three_that_hold_three(
    "p put 1 0-1; p put 2 2-3; p put 3 4-5; c get 1 6-7; c get 2 8-9",
    holding(3)
)]
#[case::several_channels(
    "p put 1 0-1; p put 2 2-3 on r; c get 1 4-5; c get 2 6-7 on r; c get 8-9 empty",
    FIFO
)]
#[case::one_item_on_two_channels(
    "p put 1 0-1; c get 1 2-3; c put 1 4-5 on r; d get 1 6-7 on r",
    FIFO
)]
#[case::other_producers_in_any_order(
    "p put 1 0-1; r put 2 2-3; c get 2 4-5; c get 1 6-7",
    PER_PRODUCER
)]
#[case::one_producers_overlapping_gets(
    "p put 1 0-1; p put 2 2-3; c get 2 4-7; d get 1 6-9",
    PER_PRODUCER
)]
#[case::any_order("p put 1 0-1; p put 2 2-3; c get 2 4-5; c get 1 6-7", UNORDERED)]
#[case::empty_is_no_claim("p put 1 0-1; c get 2-3 empty; c get 1 4-5", UNORDERED)]
#[case::empty_is_no_claim_of_lanes("p put 1 0-1; c get 2-3 empty; c get 1 4-5", PER_PRODUCER)]
fn it_is_one_of_such_a_queue(#[case] short: &str, #[case] claims: Claims) {
    let judged = judged(short, claims);
    assert_eq!(judged.violations, []);
    assert_eq!(judged.verdict, Verdict::Pass);
}

/// The lines are those of one violation, which is the only one unless it says otherwise.
#[rstest]
#[case::never_put("p put 1 0-1; c get 2 2-3", FIFO, "fresh", &[2])]
#[case::got_before_it_was_put("c get 1 0-1; p put 1 2-3", FIFO, "fresh", &[1, 2])]
#[case::got_twice("p put 1 0-1; c get 1 2-3; d get 1 4-5", FIFO, "repeat", &[1, 2, 3])]
#[case::got_twice_at_once("p put 1 0-1; c get 1 2-5; d get 1 3-4", FIFO, "repeat", &[1, 2, 3])]
#[case::got_though_refused("p put 1 0-1 full; c get 1 2-3", holding(1), "resurrected", &[1, 2])]
#[case::got_though_failed("p put 1 0-1 error!; c get 1 2-3", FIFO, "resurrected", &[1, 2])]
#[case::got_though_timed_out("p put 1 0-1 timeout; c get 1 2-3", FIFO, "resurrected", &[1, 2])]
#[case::last_in_first_out("p put 1 0-1; p put 2 2-3; c get 2 4-5; c get 1 6-7", FIFO, "order", &[1, 2, 3, 4])]
#[case::across_producers("p put 1 0-1; r put 2 2-3; c get 2 4-5; d get 1 6-7", FIFO, "order", &[1, 2, 3, 4])]
#[case::passed_by_and_never_got("p put 1 0-1; p put 2 2-3; c get 2 4-5", FIFO, "order", &[1, 2, 3])]
#[case::passed_by_before_a_killed_consumer("p put 1 0-1; p put 2 2-3; c get 2 4-5; d get 6-", FIFO, "order", &[1, 2, 3, 4])]
#[case::passed_by_and_one_killed_is_not_enough(
    "p put 1 0-1; p put 2 2-3; p put 3 4-5; c get 6-; d get 3 8-9", FIFO, "order", &[2, 3, 5]
)]
#[case::a_pending_put_that_was_got_in_the_wrong_order(
    "p put 1 0-1; r put 2 2-; c get 2 4-5; c get 1 6-7", FIFO, "order", &[1, 2, 3, 4]
)]
#[case::empty_while_one_was_inside("p put 1 0-1; c get 2-3 empty; c get 1 4-5", FIFO, "empty", &[1, 2, 3])]
#[case::empty_after_the_last_other_operation("p put 1 0-1; c get 2-3 empty", FIFO, "empty", &[1, 2])]
#[case::empty_while_several_were_inside_in_turn(
    "p put 1 0-1; p put 2 3-4; c get 1 6-7; c get 2 10-11; d get 2-9 empty", FIFO, "empty", &[1, 2, 3, 4, 5]
)]
#[case::empty_long_after_an_item_was_lost(
    "p put 1 0-1; c get 2-; p put 2 4-5; d get 6-7 empty", FIFO, "empty", &[3, 4]
)]
#[case::a_timeout_that_claims_it("p put 1 0-1; c get 2-3 timeout; c get 1 4-5", TIMEOUT_SAYS_EMPTY, "empty", &[1, 2, 3])]
#[case::empty_where_that_is_claimed(
    "p put 1 0-1; c get 2-3 empty; c get 1 4-5",
    Claims { empty: Some(Empty::Strict), ..UNORDERED }, "empty", &[1, 2, 3]
)]
#[case::the_end_while_a_producer_lives("p put 1 0-1; c get 1 2-3; c get 4-5 end; p close 6-7", FIFO, "early-end", &[1, 3])]
#[case::the_end_before_the_last_item("p put 1 0-1; p close 2-3; c get 4-5 end; d get 1 6-7", FIFO, "after-end", &[3, 4])]
#[case::an_item_behind_the_end("p put 1 0-9; c get 2-3 end; c get 1 10-11; p close 3-12", FIFO, "after-end", &[2, 3])]
#[case::lost_before_the_end("p put 1 0-1; p close 2-3; c get 4-5 end", FIFO, "lost", &[1, 3])]
#[case::two_where_there_is_room_for_one("p put 1 0-1; p put 2 2-3; c get 1 4-5; c get 2 6-7", holding(1), "capacity", &[1, 2])]
#[case::three_where_there_is_room_for_two(
    "p put 1 0-1; p put 2 2-3; p put 3 4-5; c get 1 6-7; c get 2 8-9; c get 3 10-11", holding(2), "capacity", &[1, 2, 3]
)]
#[case::four_where_there_is_room_for_three(
    "p put 1 0-1; p put 2 2-3; p put 3 4-5; p put 4 6-7", holding(3), "capacity", &[1, 2, 3, 4]
)]
#[case::full_while_nothing_was_inside("p put 1 0-1 full", holding(1), "full", &[1])]
#[case::full_while_there_was_room_for_one("p put 1 0-1; p put 2 2-3 full; c get 1 4-5", holding(2), "full", &[2])]
#[case::one_producers_order("p put 1 0-1; p put 2 2-3; c get 2 4-5; c get 1 6-7", PER_PRODUCER, "order", &[1, 2, 3, 4])]
#[case::one_producers_order_at_two_consumers(
    "p put 1 0-1; p put 2 2-3; c get 2 4-5; d get 1 6-7", PER_PRODUCER, "order", &[1, 2, 3, 4]
)]
#[case::twice_from_lanes("p put 1 0-1; c get 1 2-3; d get 1 4-5", PER_PRODUCER, "repeat", &[1, 2, 3])]
#[case::twice_in_any_order("p put 1 0-1; c get 1 2-3; d get 1 4-5", UNORDERED, "repeat", &[1, 2, 3])]
#[case::never_put_in_any_order("c get 1 2-3", UNORDERED, "fresh", &[1])]
#[case::on_the_second_channel("p put 1 0-1; c get 1 2-3; p put 2 4-5 on r; c get 6-7 empty on r", FIFO, "empty", &[3, 4])]
fn no_such_queue_can_have_done_it(
    #[case] short: &str,
    #[case] claims: Claims,
    #[case] pattern: &str,
    #[case] lines: &[u64],
) {
    let judged = judged(short, claims);
    assert_eq!(judged.verdict, Verdict::Fail);
    let found: Vec<(&str, Vec<u64>)> = judged
        .violations
        .iter()
        .map(|violation| {
            let lines = violation.operations.iter().map(|operation| operation.line);
            let mut lines: Vec<u64> = lines.collect();
            lines.sort_unstable();
            (violation.pattern.word(), lines)
        })
        .collect();
    assert_eq!(found, [(pattern, lines.to_vec())]);
}

#[test]
fn of_nothing_nothing_is_known() {
    assert_eq!(judged("", FIFO).verdict, Verdict::Unknown);
}

//! Small histories with known answers.

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
    let recorded = reading.finish().expect("the file is well formed");
    recorded.judge(&claims)
}

#[rstest]
#[case::one_item("p put 1 0-1; c get 1 2-3", FIFO)]
#[case::lines_of_the_file_in_any_order("c get 2 6-7; c get 1 4-5; p put 2 2-3; p put 1 0-1", FIFO)]
#[case::a_get_that_starts_before_its_put("c get 1 0-5; p put 1 3-9", FIFO)]
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
#[case::all_stamps_are_equal(
    "p put 1 5-5; p put 2 5-5; c get 2 5-5; c get 1 5-5; c get 5-5 empty",
    FIFO
)]
#[case::a_last_item_that_is_never_received("p put 1 0-1; p put 2 2-3; c get 1 4-5", FIFO)]
#[case::items_that_are_never_received("p put 1 0-1; p put 2 2-3", FIFO)]
#[case::empty_before_the_first_put("c get 0-1 empty; p put 1 2-3; c get 1 4-5", FIFO)]
#[case::empty_after_the_last_get("p put 1 2-3; c get 1 4-5; c get 6-7 empty", FIFO)]
#[case::empty_during_a_put("p put 1 0-10; c get 2-3 empty; c get 1 11-12", FIFO)]
#[case::empty_during_a_get("p put 1 0-1; c get 1 2-9; d get 3-4 empty", FIFO)]
#[case::empty_between_two_items(
    "p put 1 0-1; p put 2 6-7; c get 3-9 empty; d get 1 2-4; d get 2 10-11",
    FIFO
)]
#[case::empty_at_the_stamp_of_a_put("p put 1 0-4; c get 4-6 empty; c get 1 8-9", FIFO)]
#[case::a_timeout_does_not_mean_empty("p put 1 0-1; c get 2-3 timeout; c get 1 4-5", FIFO)]
#[case::a_timeout_while_the_queue_is_empty(
    "c get 0-1 timeout; p put 1 2-3; c get 1 4-5",
    TIMEOUT_SAYS_EMPTY
)]
#[case::a_pending_put_whose_item_is_received("p put 1 0-; c get 1 2-3", FIFO)]
#[case::a_pending_put_whose_item_is_received_late(
    "p put 1 0-; r put 2 3-4; c get 2 5-6; c get 1 8-9",
    FIFO
)]
#[case::a_pending_put_without_effect("p put 1 0-; c get 2-3 empty; r put 2 4-5; c get 2 6-7", FIFO)]
#[case::a_failed_put_whose_item_is_received("p put 1 0-1 error?; c get 1 2-3", FIFO)]
#[case::a_failed_put_that_takes_effect_later(
    "p put 1 0-1 error?; c get 2-3 empty; c get 1 4-5",
    FIFO
)]
#[case::a_failed_put_without_effect("p put 1 0-1 error?; c get 2-3 empty", FIFO)]
#[case::a_put_that_definitely_failed("p put 1 0-1 error!; c get 2-3 empty", FIFO)]
#[case::a_full_put_that_is_retried("p put 1 0-1 full; p put 1 2-3; c get 1 4-5", FIFO)]
#[case::an_item_that_a_killed_consumer_took(
    "p put 1 0-1; p put 2 2-3; c get 4-; d get 2 6-7",
    FIFO
)]
#[case::two_items_that_two_killed_consumers_took(
    "p put 1 0-1; p put 2 2-3; p put 3 4-5; c get 6-; d get 7-; e get 3 9-10",
    FIFO
)]
#[case::an_item_that_a_failed_get_took(
    "p put 1 0-1; p put 2 2-3; c get 4-5 error?; d get 2 6-7",
    FIFO
)]
#[case::a_killed_consumer_that_took_nothing("c get 0-; p put 1 2-3; d get 1 4-5", FIFO)]
#[case::empty_after_a_killed_consumer("p put 1 0-1; c get 2-; d get 4-5 empty", FIFO)]
#[case::the_end_after_the_last_item("p put 1 0-1; p close 2-3; c get 1 4-5; c get 6-7 end", FIFO)]
#[case::the_end_for_each_consumer(
    "p put 1 0-1; p close 2-3; c get 1 4-5; c get 6-7 end; d get 8-9 end",
    FIFO
)]
#[case::the_end_as_the_close_starts("p put 1 0-1; c get 1 2-3; c get 4-6 end; p close 6-7", FIFO)]
#[case::the_end_during_the_last_get("p put 1 0-1; p close 2-3; c get 1 4-9; d get 5-6 end", FIFO)]
#[case::full_while_one_item_is_inside("p put 1 0-1; p put 2 2-3 full; c get 1 4-5", holding(1))]
#[case::full_while_one_item_may_be_inside(
    "p put 1 0-9; r put 2 2-3 full; c get 1 10-11",
    holding(1)
)]
#[case::full_without_a_capacity("p put 1 0-1 full", FIFO)]
#[case::a_put_that_waits_for_room("p put 1 0-1; p put 2 2-5; c get 1 4-6; c get 2 7-8", holding(1))]
#[case::capacity_2_holds_two_items(
    "p put 1 0-1; p put 2 2-3; c get 1 4-5; c get 2 6-7",
    holding(2)
)]
#[case::capacity_3_holds_three_items(
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
#[case::items_of_two_producers_in_any_order(
    "p put 1 0-1; r put 2 2-3; c get 2 4-5; c get 1 6-7",
    PER_PRODUCER
)]
#[case::overlapping_gets_of_one_producers_items(
    "p put 1 0-1; p put 2 2-3; c get 2 4-7; d get 1 6-9",
    PER_PRODUCER
)]
#[case::any_order_if_unordered("p put 1 0-1; p put 2 2-3; c get 2 4-5; c get 1 6-7", UNORDERED)]
#[case::empty_means_nothing_if_unordered("p put 1 0-1; c get 2-3 empty; c get 1 4-5", UNORDERED)]
#[case::empty_means_nothing_per_producer("p put 1 0-1; c get 2-3 empty; c get 1 4-5", PER_PRODUCER)]
fn a_possible_history_passes(#[case] short: &str, #[case] claims: Claims) {
    let judged = judged(short, claims);
    assert_eq!(judged.violations, []);
    assert_eq!(judged.verdict, Verdict::Pass);
}

/// `lines` are the operations of the only violation.
#[rstest]
#[case::never_put("p put 1 0-1; c get 2 2-3", FIFO, "fresh", &[2])]
#[case::received_before_it_was_put("c get 1 0-1; p put 1 2-3", FIFO, "fresh", &[1, 2])]
#[case::received_twice("p put 1 0-1; c get 1 2-3; d get 1 4-5", FIFO, "repeat", &[1, 2, 3])]
#[case::received_twice_at_the_same_time("p put 1 0-1; c get 1 2-5; d get 1 3-4", FIFO, "repeat", &[1, 2, 3])]
#[case::received_although_the_put_returned_full("p put 1 0-1 full; c get 1 2-3", holding(1), "resurrected", &[1, 2])]
#[case::received_although_the_put_failed("p put 1 0-1 error!; c get 1 2-3", FIFO, "resurrected", &[1, 2])]
#[case::received_although_the_put_timed_out("p put 1 0-1 timeout; c get 1 2-3", FIFO, "resurrected", &[1, 2])]
#[case::last_in_first_out("p put 1 0-1; p put 2 2-3; c get 2 4-5; c get 1 6-7", FIFO, "order", &[1, 2, 3, 4])]
#[case::wrong_order_of_two_producers_items("p put 1 0-1; r put 2 2-3; c get 2 4-5; d get 1 6-7", FIFO, "order", &[1, 2, 3, 4])]
#[case::overtaken_and_never_received("p put 1 0-1; p put 2 2-3; c get 2 4-5", FIFO, "order", &[1, 2, 3])]
#[case::overtaken_before_a_killed_consumer_started("p put 1 0-1; p put 2 2-3; c get 2 4-5; d get 6-", FIFO, "order", &[1, 2, 3, 4])]
#[case::two_overtaken_but_only_one_killed_consumer(
    "p put 1 0-1; p put 2 2-3; p put 3 4-5; c get 6-; d get 3 8-9", FIFO, "order", &[2, 3, 5]
)]
#[case::a_pending_put_whose_item_is_received_in_the_wrong_order(
    "p put 1 0-1; r put 2 2-; c get 2 4-5; c get 1 6-7", FIFO, "order", &[1, 2, 3, 4]
)]
#[case::empty_while_one_item_is_inside("p put 1 0-1; c get 2-3 empty; c get 1 4-5", FIFO, "empty", &[1, 2, 3])]
#[case::empty_after_the_last_other_operation("p put 1 0-1; c get 2-3 empty", FIFO, "empty", &[1, 2])]
#[case::empty_while_at_least_one_item_is_always_inside(
    "p put 1 0-1; p put 2 3-4; c get 1 6-7; c get 2 10-11; d get 2-9 empty", FIFO, "empty", &[1, 2, 3, 4, 5]
)]
#[case::empty_although_only_an_earlier_item_was_lost(
    "p put 1 0-1; c get 2-; p put 2 4-5; d get 6-7 empty", FIFO, "empty", &[3, 4]
)]
#[case::a_timeout_that_means_empty("p put 1 0-1; c get 2-3 timeout; c get 1 4-5", TIMEOUT_SAYS_EMPTY, "empty", &[1, 2, 3])]
#[case::empty_is_strict_in_an_unordered_queue(
    "p put 1 0-1; c get 2-3 empty; c get 1 4-5",
    Claims { empty: Some(Empty::Strict), ..UNORDERED }, "empty", &[1, 2, 3]
)]
#[case::the_end_while_a_producer_is_open("p put 1 0-1; c get 1 2-3; c get 4-5 end; p close 6-7", FIFO, "early-end", &[1, 3])]
#[case::the_end_before_the_last_item("p put 1 0-1; p close 2-3; c get 4-5 end; d get 1 6-7", FIFO, "after-end", &[3, 4])]
#[case::an_item_after_the_end("p put 1 0-9; c get 2-3 end; c get 1 10-11; p close 3-12", FIFO, "after-end", &[2, 3])]
#[case::lost_before_the_end("p put 1 0-1; p close 2-3; c get 4-5 end", FIFO, "lost", &[1, 3])]
#[case::two_items_with_capacity_1("p put 1 0-1; p put 2 2-3; c get 1 4-5; c get 2 6-7", holding(1), "capacity", &[1, 2])]
#[case::three_items_with_capacity_2(
    "p put 1 0-1; p put 2 2-3; p put 3 4-5; c get 1 6-7; c get 2 8-9; c get 3 10-11", holding(2), "capacity", &[1, 2, 3]
)]
#[case::four_items_with_capacity_3(
    "p put 1 0-1; p put 2 2-3; p put 3 4-5; p put 4 6-7", holding(3), "capacity", &[1, 2, 3, 4]
)]
#[case::full_while_the_queue_is_empty("p put 1 0-1 full", holding(1), "full", &[1])]
#[case::full_while_there_is_room_for_one("p put 1 0-1; p put 2 2-3 full; c get 1 4-5", holding(2), "full", &[2])]
#[case::wrong_order_of_one_producers_items("p put 1 0-1; p put 2 2-3; c get 2 4-5; c get 1 6-7", PER_PRODUCER, "order", &[1, 2, 3, 4])]
#[case::wrong_order_of_one_producers_items_at_two_consumers(
    "p put 1 0-1; p put 2 2-3; c get 2 4-5; d get 1 6-7", PER_PRODUCER, "order", &[1, 2, 3, 4]
)]
#[case::received_twice_per_producer("p put 1 0-1; c get 1 2-3; d get 1 4-5", PER_PRODUCER, "repeat", &[1, 2, 3])]
#[case::received_twice_if_unordered("p put 1 0-1; c get 1 2-3; d get 1 4-5", UNORDERED, "repeat", &[1, 2, 3])]
#[case::never_put_if_unordered("c get 1 2-3", UNORDERED, "fresh", &[1])]
#[case::empty_with_an_item_on_the_second_channel("p put 1 0-1; c get 1 2-3; p put 2 4-5 on r; c get 6-7 empty on r", FIFO, "empty", &[3, 4])]
fn an_impossible_history_fails_with_its_operations(
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
fn an_empty_history_is_unknown() {
    assert_eq!(judged("", FIFO).verdict, Verdict::Unknown);
}

//! The verdict on each kind of history, and the sentence that explains it.

use rstest::rstest;

use super::*;

/// Reads a history, one operation after each comma: the peer, the kind, the item, the start and end,
/// and the outcome if it isn't ok.
///
/// `p1 put 0 10-14`, `p2 get 0 20-`, `p2 get 30-31 empty`, `p1 close 40-41`
fn history(lines: &str) -> History {
    let operations: Vec<Operation> = lines
        .split(',')
        .map(|line| operation(line.trim()))
        .collect();
    let items = operations
        .iter()
        .map(|operation| operation.item)
        .filter(|i| *i != Operation::NO_ITEM);
    History {
        items: items.max().map_or(0, |most| most + 1),
        operations,
    }
}

fn operation(line: &str) -> Operation {
    let mut words = line.split(' ');
    let peer = words.next().unwrap()[1..].parse().unwrap();
    let kind = match words.next().unwrap() {
        "put" => Kind::Put,
        "get" => Kind::Get,
        _ => Kind::Close,
    };
    let mut when = words.next().unwrap();
    let mut item = Operation::NO_ITEM;
    if !when.contains('-') {
        item = when.parse().unwrap();
        when = words.next().unwrap();
    }
    let (start, end) = when.split_once('-').unwrap();
    let end = end.parse().unwrap_or(NEVER);
    let outcome = match words.next() {
        None if end == NEVER => Outcome::Pending,
        None => Outcome::Ok,
        Some("empty") => Outcome::Empty,
        Some("full") => Outcome::Full,
        Some("timeout") => Outcome::Timeout,
        Some("end") => Outcome::End,
        Some("failed") => Outcome::Error { definite: true },
        Some(_) => Outcome::Error { definite: false },
    };
    Operation {
        start: start.parse().unwrap(),
        end,
        item,
        peer,
        kind,
        outcome,
    }
}

const FIFO: Claims = Claims {
    order: Order::Fifo,
    capacity: None,
    empty: Some(Empty::Strict),
};

const TWO: Claims = Claims {
    capacity: Some(2),
    ..FIFO
};

const PRODUCERS: Claims = Claims {
    order: Order::PerProducer,
    ..FIFO
};

const ANY: Claims = Claims {
    order: Order::Unordered,
    ..FIFO
};

const PATIENT: Claims = Claims {
    empty: Some(Empty::Timeout),
    ..FIFO
};

#[rstest]
#[case::nothing(FIFO, "p0 close 1-2")]
#[case::overlapping_puts_in_either_order(
    FIFO,
    "p0 put 0 1-4, p1 put 1 3-6, p2 get 1 7-8, p2 get 0 9-10"
)]
#[case::puts_that_touch(FIFO, "p0 put 0 1-4, p1 put 1 4-6, p2 get 1 7-8, p2 get 0 9-10")]
#[case::a_pending_put_whose_item_is_got(FIFO, "p0 put 0 1-, p1 get 0 50-51")]
#[case::a_pending_put_whose_item_is_never_got(FIFO, "p0 put 0 1-, p1 get 50-51 empty")]
#[case::an_item_that_a_killed_consumer_took(
    FIFO,
    "p0 put 0 1-2, p0 put 1 3-4, p1 get 5-, p2 get 1 6-7"
)]
#[case::an_indefinite_error_that_had_an_effect(FIFO, "p0 put 0 1-2 unsure, p1 get 0 5-6")]
#[case::empty_while_an_item_is_put(FIFO, "p0 put 0 1-5, p1 get 2-3 empty, p1 get 0 7-8")]
#[case::empty_while_an_item_is_got(FIFO, "p0 put 0 1-2, p1 get 0 3-9, p2 get 4-5 empty")]
#[case::a_timeout_that_promises_nothing(FIFO, "p0 put 0 1-2, p1 get 3-9 timeout, p1 get 0 10-11")]
#[case::an_end(FIFO, "p0 put 0 1-2, p0 close 3-4, p1 get 0 5-6, p1 get 7-8 end")]
#[case::an_end_while_the_writer_closes(
    FIFO,
    "p0 put 0 1-2, p0 close 6-9, p1 get 0 3-4, p1 get 5-7 end"
)]
#[case::an_end_after_a_killed_writer(FIFO, "p0 put 0 1-, p1 get 7-8 end")]
#[case::closed_by_another_peer_for_all(
    FIFO,
    "p0 put 0 1-2, p9 close 3-4, p1 get 0 5-6, p1 get 7-8 end"
)]
#[case::as_many_as_the_capacity(TWO, "p0 put 0 1-2, p0 put 1 3-4, p0 put 2 5-9, p1 get 0 8-9")]
#[case::full(TWO, "p0 put 0 1-2, p0 put 1 3-4, p0 put 2 5-6 full")]
#[case::full_because_of_a_pending_put(TWO, "p0 put 0 1-2, p1 put 1 3-, p0 put 2 5-6 full")]
#[case::full_without_a_claimed_capacity(FIFO, "p0 put 0 5-6 full")]
#[case::items_of_two_producers(PRODUCERS, "p0 put 0 1-2, p1 put 1 3-4, p2 get 1 5-6, p2 get 0 7-8")]
#[case::in_any_order(ANY, "p0 put 0 1-2, p0 put 1 3-4, p2 get 1 5-6, p2 get 0 7-8")]
fn a_possible_history_passes(#[case] claims: Claims, #[case] lines: &str) {
    let judgement = judge(&history(lines), &claims);
    assert_eq!(
        judgement.verdict,
        Verdict::Pass,
        "{:?}",
        judgement.violations
    );
}

#[rstest]
#[case::fresh(
    FIFO,
    "p0 get 0 1-2",
    Pattern::Fresh,
    "p0 got 0 (1 to 2), which was never put"
)]
#[case::too_early(
    FIFO,
    "p0 get 0 1-2, p1 put 0 3-4",
    Pattern::Fresh,
    "p0 got 0 (1 to 2) before p1 put 0 (3 to 4)"
)]
#[case::repeat(
    FIFO,
    "p0 put 0 1-2, p1 get 0 3-4, p2 get 0 5-6",
    Pattern::Repeat,
    "0 was got twice, by p1 (3 to 4) and by p2 (5 to 6)"
)]
#[case::resurrected(
    FIFO,
    "p0 put 0 1-2 failed, p1 get 0 3-4",
    Pattern::Resurrected,
    "p0's put of 0 (1 to 2) failed, and yet p1 got 0 (3 to 4)"
)]
#[case::overtaken(
    FIFO,
    "p0 put 0 1-2, p1 put 1 3-4, p2 get 1 5-6, p3 get 0 7-8",
    Pattern::Order,
    "p0 put 0 (1 to 2) before p1 put 1 (3 to 4), and yet p2 got 1 (5 to 6) before p3 asked for 0 (7 to 8)"
)]
#[case::overtaken_and_never_got(
    FIFO,
    "p0 put 0 1-2, p1 put 1 3-4, p2 get 1 5-6",
    Pattern::Order,
    "p0 put 0 (1 to 2) before p1 put 1 (3 to 4), and yet p2 got 1 (5 to 6), and 0 was never got"
)]
#[case::overtaken_by_an_item_of_the_same_producer(
    PRODUCERS,
    "p0 put 0 1-2, p0 put 1 3-4, p2 get 1 5-6, p3 get 0 7-8",
    Pattern::Order,
    "p0 put 0 (1 to 2) before p0 put 1 (3 to 4), and yet p2 got 1 (5 to 6) before p3 asked for 0 (7 to 8)"
)]
#[case::empty(
    ANY,
    "p0 put 0 1-2, p1 get 3-4 empty, p1 get 0 5-6",
    Pattern::Empty,
    "p1 found the queue empty (3 to 4) while the queue held 0 (p0 put 0 (1 to 2), and p1 asked for it (5 to 6) only later)"
)]
#[case::empty_after_all_other_operations(
    FIFO,
    "p0 put 0 1-2, p1 get 3-4 empty",
    Pattern::Empty,
    "p1 found the queue empty (3 to 4) while the queue held 0 (p0 put 0 (1 to 2), and it was never got)"
)]
#[case::never_empty_between_two(
    FIFO,
    "p0 put 0 1-2, p0 put 1 3-4, p1 get 3-9 empty, p2 get 0 5-8, p2 get 1 10-11",
    Pattern::Empty,
    "p1 found the queue empty (3 to 9) while the queue held 0 (p0 put 0 (1 to 2), and p2 asked for it (5 to 8) only later), \
     then 1 (p0 put 1 (3 to 4), and p2 asked for it (10 to 11) only later)"
)]
#[case::a_timeout_that_promises_empty(
    PATIENT,
    "p0 put 0 1-2, p1 get 3-4 timeout",
    Pattern::Empty,
    "p1 timed out (3 to 4) while the queue held 0 (p0 put 0 (1 to 2), and it was never got)"
)]
#[case::lost(
    FIFO,
    "p0 put 0 1-2, p0 close 3-4, p1 get 5-6 end",
    Pattern::Lost,
    "p0 put 0 (1 to 2), and it was never got, although p1 saw the end (5 to 6)"
)]
#[case::the_end_before_the_writer_closes(
    FIFO,
    "p0 put 0 1-2, p1 get 0 3-4, p1 get 5-6 end, p0 close 7-8",
    Pattern::EarlyEnd,
    "p1 saw the end (5 to 6) before p0 had closed"
)]
#[case::the_end_although_the_writer_never_closes(
    FIFO,
    "p0 put 0 1-2, p1 get 0 3-4, p1 get 5-6 end",
    Pattern::EarlyEnd,
    "p1 saw the end (5 to 6) before p0 had closed"
)]
#[case::put_after_the_end(
    ANY,
    "p9 close 1-2, p1 get 3-4 end, p0 put 0 5-6, p2 get 0 3-9",
    Pattern::EarlyEnd,
    "p1 saw the end (3 to 4), and yet p0 put 0 (5 to 6) afterwards"
)]
#[case::got_after_the_end(
    FIFO,
    "p0 put 0 1-2, p0 close 3-4, p1 get 3-4 end, p1 get 0 5-6",
    Pattern::AfterEnd,
    "p1 saw the end (3 to 4), and yet p1 got 0 (5 to 6) afterwards"
)]
#[case::full(
    TWO,
    "p0 put 0 1-2, p0 put 1 3-4 full",
    Pattern::Full,
    "p0 found the queue full (3 to 4) while it can't have held as many items as its capacity"
)]
#[case::overfull(
    TWO,
    "p0 put 0 1-2, p0 put 1 3-4, p0 put 2 5-6, p1 get 0 7-8",
    Pattern::Capacity,
    "the queue held more items than its capacity: p0 put 0 (1 to 2), p0 put 1 (3 to 4), p0 put 2 (5 to 6)"
)]
fn an_impossible_history_fails(
    #[case] claims: Claims,
    #[case] lines: &str,
    #[case] pattern: Pattern,
    #[case] sentence: &str,
) {
    let history = history(lines);
    let judgement = judge(&history, &claims);
    assert_eq!(judgement.verdict, Verdict::Fail);
    let first = &judgement.violations[0];
    assert_eq!(first.pattern, pattern);
    assert_eq!(first.sentence(&history, &Numbers), sentence);
}

#[rstest]
#[case::put_twice(
    "p0 put 0 1-2, p1 put 0 3-4",
    "0 was put twice, by p0 (1 to 2) and by p1 (3 to 4)"
)]
#[case::backwards(
    "p0 put 0 2-1",
    "p0's put of 0 (2 to 1) is impossible: it returned before it started"
)]
#[case::without_an_item("p0 put 1-2", "p0's put (1 to 2) is impossible: it has no item")]
#[case::an_outcome_of_another_kind(
    "p0 get 1-2 full",
    "p0's get (1 to 2) is impossible: it can't have this outcome"
)]
#[case::a_put_that_reports_the_end(
    "p0 put 0 1-2 end",
    "p0's put of 0 (1 to 2) is impossible: it can't have this outcome"
)]
fn a_contradictory_history_is_unknown(#[case] lines: &str, #[case] sentence: &str) {
    let history = history(lines);
    let judgement = judge(&history, &FIFO);
    assert_eq!(judgement.verdict, Verdict::Unknown);
    assert_eq!(
        judgement.violations[0].sentence(&history, &Numbers),
        sentence
    );
}

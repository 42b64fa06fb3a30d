use std::time::Duration;

use rstest::rstest;

use super::*;
use crate::backends::queue_tests::{OpenQueue, get, queue};

fn full() -> (OpenQueue, Box<dyn QueueEnd>) {
    let mut opened = OpenQueue::new(&queue("posix/mq"), Some(1), 1);
    let mut end = opened.end();
    end.put(b"a", Wait::Deadline).unwrap();
    (opened, end)
}

fn empty() -> (OpenQueue, Box<dyn QueueEnd>) {
    let mut opened = OpenQueue::new(&queue("posix/mq"), Some(1), 1);
    let end = opened.end();
    (opened, end)
}

const A_MOMENT: Wait = Wait::For(Duration::from_millis(1));

#[rstest]
#[case::full(Wait::Never, Outcome::Full, libc::EAGAIN)]
#[case::full_for_a_time(A_MOMENT, Outcome::Timeout, libc::ETIMEDOUT)]
fn a_full_queue_says(#[case] wait: Wait, #[case] said: Outcome, #[case] code: i32) {
    let (_scene, mut end) = full();
    let failure = end.put(b"b", wait).unwrap_err();
    assert_eq!(failure.outcome, said);
    assert_eq!(failure.raw.and_then(|raw| raw.code), Some(code));
}

#[rstest]
#[case::empty(Wait::Never, Outcome::Empty, libc::EAGAIN)]
#[case::empty_for_a_time(A_MOMENT, Outcome::Timeout, libc::ETIMEDOUT)]
fn an_empty_queue_says(#[case] wait: Wait, #[case] said: Outcome, #[case] code: i32) {
    let (_scene, mut end) = empty();
    let failure = get(end.as_mut(), wait).unwrap_err();
    assert_eq!(failure.outcome, said);
    assert_eq!(failure.raw.and_then(|raw| raw.code), Some(code));
}

#[test]
fn a_message_that_is_too_long_is_refused_by_the_system() {
    let (_scene, mut end) = empty();
    let item = vec![0; limits().unwrap().length as usize + 1];
    let failure = end.put(&item, Wait::Deadline).unwrap_err();
    assert_eq!(failure.outcome, Outcome::Refused);
    let code = failure.raw.and_then(|raw| raw.code);
    assert_eq!(code, Some(libc::EMSGSIZE));
}

#[test]
fn a_queue_for_which_no_bound_was_asked_has_the_systems() {
    let mut opened = OpenQueue::new(&queue("posix/mq"), None, 1);
    let mut end = opened.end();
    for _ in 0..limits().unwrap().messages {
        end.put(b"a", Wait::Never).unwrap();
    }
    let failure = end.put(b"a", Wait::Never).unwrap_err();
    assert_eq!(failure.outcome, Outcome::Full);
}

#[test]
fn as_many_queues_as_run_at_once_find_room() {
    let one = queue("posix/mq");
    let count = thread::available_parallelism().unwrap().get();
    let scenes: Vec<OpenQueue> = (0..count).map(|_| OpenQueue::new(&one, None, 1)).collect();
    assert_eq!(scenes.len(), count);
}

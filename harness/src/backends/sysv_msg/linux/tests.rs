use std::time::Duration;

use super::*;
use crate::backends::queue_tests::{OpenQueue, get, queue};

fn opened() -> (OpenQueue, Box<dyn QueueEnd>) {
    let mut opened = OpenQueue::new(&queue("sysv/msg"), None, 1);
    let end = opened.end();
    (opened, end)
}

fn code(failure: &Failure) -> Option<i32> {
    failure.raw.and_then(|raw| raw.code)
}

#[test]
fn an_empty_queue_says_so() {
    let (_scene, mut end) = opened();
    let failure = get(end.as_mut(), Wait::Never).unwrap_err();
    assert_eq!(failure.outcome, Outcome::Empty);
    assert_eq!(code(&failure), Some(libc::ENOMSG));
}

#[test]
fn a_queue_with_all_the_bytes_that_it_holds_says_so() {
    let (_scene, mut end) = opened();
    let MsgLimits { length, total } = limits().unwrap();
    let item = vec![7; length.min(total) as usize];
    for _ in 0..total / item.len() as u64 {
        end.put(&item, Wait::Never).unwrap();
    }
    let failure = end.put(&item, Wait::Never).unwrap_err();
    assert_eq!((failure.outcome, failure.definite), (Outcome::Full, true));
    assert_eq!(code(&failure), Some(libc::EAGAIN));
}

#[test]
fn it_has_no_timed_forms() {
    let (_scene, mut end) = opened();
    let wait = Wait::For(Duration::ZERO);
    for failure in [
        end.put(b"a", wait).unwrap_err(),
        get(end.as_mut(), wait).unwrap_err(),
    ] {
        assert_eq!(failure.outcome, Outcome::Refused);
    }
}

#[test]
fn the_queue_is_gone_when_all_have_let_go_of_it() {
    let mut opened = OpenQueue::new(&queue("sysv/msg"), None, 1);
    let parcel = opened.parcel();
    let id = QueueId::from_le_bytes(parcel.data.as_slice().try_into().unwrap());
    let message = [TYPE, 0];
    sys::send(id, &message, 1, Waits::No).unwrap();
    drop(parcel);
    opened.leave();
    let gone = sys::send(id, &message, 1, Waits::No).unwrap_err();
    let gone = gone.raw_os_error();
    assert!(
        gone == Some(libc::EINVAL) || gone == Some(libc::EIDRM),
        "{gone:?}"
    );
}

#[test]
fn whoever_waits_at_a_removed_queue_is_told_that_it_is_gone() {
    let removed = io::Error::from_raw_os_error(libc::EIDRM);
    let failure = failure(&removed, Outcome::Empty);
    assert_eq!((failure.outcome, failure.definite), (Outcome::Gone, true));
}

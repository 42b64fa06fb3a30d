//! The design has the documented weaknesses.

use std::io::{PipeReader, PipeWriter, Read, Write};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::backend::{Handle, Outcome, Parcel, Wait};
use crate::backends::queue_tests::{OpenQueue, get, queue};

const A_MOMENT: Duration = Duration::from_millis(20);
/// Much longer than a moment.
const A_WHILE: Duration = Duration::from_millis(300);

/// The pipes that a process holds.
struct HeldPipes {
    items: (PipeReader, PipeWriter),
    reading: (PipeReader, PipeWriter),
    _writing: (PipeReader, PipeWriter),
}

impl HeldPipes {
    fn of(parcel: Parcel) -> HeldPipes {
        let mut handles = parcel.handles.into_iter();
        let mut pair = || {
            let mut next = || -> Handle { handles.next().expect("a handle for each end") };
            (next().into(), next().into())
        };
        HeldPipes {
            items: pair(),
            reading: pair(),
            _writing: pair(),
        }
    }
}

#[test]
fn a_timed_get_hangs_in_a_message_whose_sender_died() {
    let mut opened = OpenQueue::new(&queue("pipe-lock"), None, 3);
    let mut sender = HeldPipes::of(opened.parcel());
    let (mut consumer, mut other) = (opened.end(), opened.end());
    sender.items.1.write_all(&5_i64.to_le_bytes()).unwrap();
    sender.items.1.write_all(b"par").unwrap();
    let mut rest = sender.items.1.try_clone().unwrap();
    drop(sender);

    let (done, returned) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || done.send(get(consumer.as_mut(), Wait::For(A_MOMENT))));
        let early = returned.recv_timeout(A_WHILE);
        assert_eq!(early, Err(RecvTimeoutError::Timeout));
        // It holds the lock, so others time out.
        let failure = get(other.as_mut(), Wait::For(A_MOMENT)).unwrap_err();
        assert_eq!(failure.outcome, Outcome::Timeout);
        rest.write_all(b"ts").unwrap();
        assert_eq!(returned.recv().unwrap().unwrap(), b"parts");
    });
    drop(other);
    opened.leave();
}

#[test]
fn a_consumer_that_dies_with_the_lock_never_releases_it() {
    let mut opened = OpenQueue::new(&queue("pipe-lock"), None, 2);
    let mut dying = HeldPipes::of(opened.parcel());
    dying.reading.0.read_exact(&mut [0]).unwrap();
    drop(dying);
    let mut end = opened.end();
    end.put(b"a", Wait::Deadline).unwrap();
    for (wait, expected) in [
        (Wait::Never, Outcome::Empty),
        (Wait::For(A_MOMENT), Outcome::Timeout),
    ] {
        assert_eq!(get(end.as_mut(), wait).unwrap_err().outcome, expected);
    }
    drop(end);
    opened.leave();
}

#[test]
fn a_consumer_that_dies_with_an_item_never_frees_its_room() {
    let mut opened = OpenQueue::new(&queue("pipe-lock"), Some(1), 2);
    let mut dying = HeldPipes::of(opened.parcel());
    let mut end = opened.end();
    end.put(b"a", Wait::Deadline).unwrap();
    dying.items.0.read_exact(&mut [0; 9]).unwrap();
    drop(dying);
    let failure = end.put(b"b", Wait::Never).unwrap_err();
    assert_eq!(failure.outcome, Outcome::Full);
    drop(end);
    opened.leave();
}

#[test]
fn put_and_close_return_before_the_item_is_written_and_the_exit_waits_for_that() {
    let mut opened = OpenQueue::new(&queue("pipe-lock"), None, 2);
    let (mut producer, mut consumer) = (opened.end(), opened.end());
    // More than any pipe holds.
    let item = vec![7; 4 << 20];
    producer.put(&item, Wait::Deadline).unwrap();
    producer.close().unwrap();
    thread::scope(|scope| {
        let (left, has_left) = mpsc::channel();
        scope.spawn(move || {
            opened.leave();
            left.send(())
        });
        let early = has_left.recv_timeout(A_WHILE);
        assert_eq!(early, Err(RecvTimeoutError::Timeout));
        assert!(get(consumer.as_mut(), Wait::Deadline).unwrap() == item);
        has_left.recv().unwrap();
    });
}

#[test]
fn an_end_closed_by_one_thread_is_closed_for_all() {
    let mut opened = OpenQueue::new(&queue("pipe-lock"), None, 1);
    let end = opened.end();
    let mut other = end.share().unwrap();
    end.close().unwrap();
    for failure in [
        other.put(b"a", Wait::Deadline).unwrap_err(),
        get(other.as_mut(), Wait::Never).unwrap_err(),
    ] {
        assert_eq!(failure.outcome, Outcome::Closed);
    }
    drop(other);
    opened.leave();
}

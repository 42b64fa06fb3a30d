//! Poll, and the try and timed forms of receiving.

use std::io::Write;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::*;

const A_WHILE: Duration = Duration::from_millis(30);

/// Longer than any test takes, so that whoever waits for it in vain shows.
const FOR_EVER: Duration = Duration::from_secs(60);

/// A receiving end and the bare pipe that leads to it.
fn fed_by_hand() -> (PipeWriter, MessageEnd) {
    let (from, to) = io::pipe().unwrap();
    let halves = Halves::from_handles(Side::Rx, vec![from.into()]).unwrap();
    (to, MessageEnd::new(halves, Pieces::whole()))
}

fn frame_of(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    framing::write_message(&mut bytes, message, &mut Vec::new()).unwrap();
    bytes
}

#[rstest]
#[case::try_form(Wait::Never, Outcome::Empty, Duration::ZERO)]
#[case::timed_form(Wait::For(A_WHILE), Outcome::Timeout, A_WHILE)]
#[case::timed_form_of_no_time(Wait::For(Duration::ZERO), Outcome::Timeout, Duration::ZERO)]
fn nothing_there_is_said_no_earlier_than_asked(
    #[case] wait: Wait,
    #[case] expected: Outcome,
    #[case] at_least: Duration,
) {
    let [_tx, mut rx] = pipe(ONE_WAY);
    let [_out, mut stream] = stream(ONE_WAY);
    let failing = |form: &mut dyn FnMut() -> Result<(), Failure>| {
        let start = Instant::now();
        let failure = form().unwrap_err();
        assert!(start.elapsed() >= at_least);
        assert_eq!(failure.outcome, expected);
    };
    failing(&mut || rx.recv(&mut Vec::new(), wait));
    failing(&mut || rx.poll(wait));
    failing(&mut || stream.read(&mut [0; 8], wait).map(drop));
    failing(&mut || stream.poll(wait));
}

#[rstest]
fn what_is_there_is_received_by_every_form(
    #[values(
        Wait::Never,
        Wait::For(Duration::ZERO),
        Wait::For(FOR_EVER),
        Wait::For(Duration::MAX)
    )]
    wait: Wait,
    #[values(b"", b"abc")] sent: &[u8],
) {
    let [mut tx, mut rx] = pipe(ONE_WAY);
    tx.send(sent, Wait::Deadline).unwrap();
    tx.send(b"next", Wait::Deadline).unwrap();
    let mut message = b"old".to_vec();
    rx.poll(wait).unwrap();
    rx.recv(&mut message, wait).unwrap();
    assert_eq!(message, sent);
    rx.recv(&mut message, wait).unwrap();
    assert_eq!(message, b"next");
}

#[test]
fn a_sender_that_stops_anywhere_in_a_message_keeps_nobody_longer_than_asked() {
    let frame = frame_of(b"hello");
    for at in 1..frame.len() {
        let (mut to, mut rx) = fed_by_hand();
        let mut message = Vec::new();
        to.write_all(&frame[..at]).unwrap();
        assert_eq!(outcome(rx.recv(&mut message, Wait::Never)), Outcome::Empty);
        let short = Duration::from_millis(2);
        let start = Instant::now();
        let timeout = rx.recv(&mut message, Wait::For(short));
        assert!(start.elapsed() >= short);
        assert_eq!(outcome(timeout), Outcome::Timeout);
        to.write_all(&frame[at..]).unwrap();
        rx.recv(&mut message, Wait::Deadline).unwrap();
        assert_eq!(message, b"hello", "stopped behind {at} bytes");
    }
}

#[test]
fn the_time_covers_the_whole_message_and_not_each_part_of_it() {
    let (mut to, mut rx) = fed_by_hand();
    let (stop, stopped) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            to.write_all(&(1_i64 << 20).to_le_bytes()).unwrap();
            // One byte again and again, each much sooner than the time is over.
            let pause = Duration::from_millis(1);
            while stopped.recv_timeout(pause) == Err(mpsc::RecvTimeoutError::Timeout) {
                to.write_all(b"x").unwrap();
            }
        });
        let received = rx.recv(&mut Vec::new(), Wait::For(A_WHILE));
        drop(stop);
        assert_eq!(outcome(received), Outcome::Timeout);
    });
    let error = rx.recv(&mut Vec::new(), Wait::Deadline).unwrap_err();
    let said = "error: end of file inside a message: ";
    assert!(error.to_string().starts_with(said), "{error}");
}

#[test]
fn a_sender_that_never_pauses_keeps_nobody_either() {
    let (mut to, mut rx) = fed_by_hand();
    let length = 64 << 20;
    thread::scope(|scope| {
        scope.spawn(move || {
            to.write_all(&frame_of(&vec![7; length])).unwrap();
        });
        let mut message = Vec::new();
        rx.poll(Wait::Deadline).unwrap();
        // Whatever it finds, a call of no time takes a bounded part of it.
        let mut calls = 0;
        while rx.recv(&mut message, Wait::For(Duration::ZERO)).is_err() {
            calls += 1;
        }
        assert!(calls >= 63, "{calls} calls");
        assert!(message == vec![7; length]);
    });
}

#[test]
fn a_message_that_comes_in_time_is_received() {
    let [tx, mut rx] = ends(StdPipe::pipe(), ONE_WAY);
    rx.parcel.data = IN_PIECES.to_vec();
    let sent = vec![9; 300_000];
    thread::scope(|scope| {
        scope.spawn(|| tx.pipe().send(&sent, Wait::Deadline).unwrap());
        let mut received = Vec::new();
        rx.pipe().recv(&mut received, Wait::For(FOR_EVER)).unwrap();
        assert!(received == sent);
    });
}

#[rstest]
fn the_end_is_ready_and_then_received_as_the_end(
    #[values(Wait::Deadline, Wait::Never, Wait::For(FOR_EVER))] wait: Wait,
) {
    let [tx, mut rx] = pipe(ONE_WAY);
    let [out, mut stream] = stream(ONE_WAY);
    drop((tx, out));
    for _ in 0..2 {
        rx.poll(wait).unwrap();
        assert_eq!(outcome(rx.recv(&mut Vec::new(), wait)), Outcome::End);
        stream.poll(wait).unwrap();
        assert_eq!(outcome(stream.read(&mut [0], wait)), Outcome::End);
    }
}

#[test]
fn a_death_inside_a_message_is_ready_and_then_an_error() {
    let (mut to, mut rx) = fed_by_hand();
    to.write_all(&frame_of(b"hello")[..10]).unwrap();
    let mut message = Vec::new();
    assert_eq!(outcome(rx.recv(&mut message, Wait::Never)), Outcome::Empty);
    assert_eq!(outcome(rx.poll(Wait::Never)), Outcome::Empty);
    drop(to);
    for _ in 0..2 {
        rx.poll(Wait::Never).unwrap();
        let error = rx.recv(&mut message, Wait::Never).unwrap_err();
        assert_eq!(
            error.to_string(),
            "error: end of file inside a message: 2 of 5 bytes"
        );
    }
}

#[test]
fn poll_takes_nothing() {
    let [mut tx, mut rx] = pipe(ONE_WAY);
    tx.send(b"abc", Wait::Deadline).unwrap();
    for _ in 0..3 {
        rx.poll(Wait::Never).unwrap();
    }
    let mut message = Vec::new();
    rx.recv(&mut message, Wait::Never).unwrap();
    assert_eq!(message, b"abc");
    assert_eq!(outcome(rx.poll(Wait::Never)), Outcome::Empty);
}

#[test]
fn the_sending_side_has_nothing_to_poll() {
    let [mut tx, _rx] = pipe(ONE_WAY);
    let [mut out, _in] = stream(ONE_WAY);
    assert_eq!(outcome(tx.poll(Wait::Never)), Outcome::Refused);
    assert_eq!(outcome(out.poll(Wait::Never)), Outcome::Refused);
}

#[test]
fn the_pipe_stays_a_blocking_one() {
    let (from, _to) = io::pipe().unwrap();
    let twin = from.try_clone().unwrap();
    let halves = Halves::from_handles(Side::Rx, vec![from.into()]).unwrap();
    let mut rx = MessageEnd::new(halves, Pieces::whole());
    assert_eq!(
        outcome(rx.recv(&mut Vec::new(), Wait::Never)),
        Outcome::Empty
    );
    let flags = rustix::fs::fcntl_getfl(&twin).unwrap();
    assert!(!flags.contains(rustix::fs::OFlags::NONBLOCK));
}

/// What a poll of the receiving ends of two pipes says.
fn poll_both(ends: [Attached; 2], wait: Wait) -> ([Outcome; 2], [Attached; 2]) {
    let [mut left, mut right] = ends;
    let answers = StdPipe::pipe().poll_several(&mut [&mut left, &mut right], wait);
    let answers: Vec<Outcome> = answers.into_iter().map(outcome).collect();
    (answers.try_into().unwrap(), [left, right])
}

fn two_pipes() -> ([Box<dyn PipeEnd>; 2], [Attached; 2]) {
    let [left, right] = [(), ()].map(|()| {
        let [tx, rx] = ends(StdPipe::pipe(), ONE_WAY);
        (tx.pipe(), rx.attach())
    });
    ([left.0, right.0], [left.1, right.1])
}

#[rstest]
#[case::at_once(Wait::Never, Outcome::Empty)]
#[case::in_time(Wait::For(A_WHILE), Outcome::Timeout)]
fn of_several_empty_pipes_none_is_ready(#[case] wait: Wait, #[case] expected: Outcome) {
    let (_tx, rx) = two_pipes();
    assert_eq!(poll_both(rx, wait).0, [expected; 2]);
}

#[rstest]
#[case::at_once(Wait::Never)]
#[case::in_time(Wait::For(FOR_EVER))]
#[case::whenever(Wait::Deadline)]
fn a_poll_of_several_pipes_tells_of_each_that_is_ready(#[case] wait: Wait) {
    let ([mut left, mut right], rx) = two_pipes();
    right.send(b"first", Wait::Deadline).unwrap();
    let (answers, rx) = poll_both(rx, wait);
    assert_eq!(answers, [Outcome::Empty, Outcome::Ok]);
    left.send(b"second", Wait::Deadline).unwrap();
    let (answers, rx) = poll_both(rx, wait);
    assert_eq!(answers, [Outcome::Ok, Outcome::Ok]);
    drop((left, right, rx));
}

#[test]
fn an_end_that_was_told_of_is_ready_among_others_too() {
    let ([left, _right], [mut ended, other]) = two_pipes();
    drop(left);
    let Attached::Pipe(end) = &mut ended else {
        panic!("a pipe has pipe ends")
    };
    assert_eq!(
        outcome(end.recv(&mut Vec::new(), Wait::Deadline)),
        Outcome::End
    );
    let (answers, _) = poll_both([ended, other], Wait::Deadline);
    assert_eq!(answers, [Outcome::Ok, Outcome::Empty]);
}

#[test]
fn a_poll_of_several_waits_for_the_first_message() {
    let ([mut left, _right], rx) = two_pipes();
    thread::scope(|scope| {
        let polling = scope.spawn(move || poll_both(rx, Wait::Deadline));
        left.send(b"x", Wait::Deadline).unwrap();
        assert_eq!(polling.join().unwrap().0, [Outcome::Ok, Outcome::Empty]);
    });
}

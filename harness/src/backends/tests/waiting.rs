//! Poll, and the try and timed forms of receiving.

use std::io::Write;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use rstest::rstest;

use super::framing::fed_by_hand;
use super::*;
use crate::backends::std_pipe::StdPipe;
use crate::backends::transport::chunks::TINY_CHUNKS;

const A_WHILE: Duration = Duration::from_millis(30);

/// Longer than any test takes, so that a wait for all of it is found.
const FOR_EVER: Duration = Duration::from_secs(60);

const ALL_FORMS: [Capability; 3] = [Capability::Poll, Capability::TryGet, Capability::TimedGet];

fn frame_of(message: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    crate::backends::framing::write_message(&mut bytes, message, &mut Vec::new()).unwrap();
    bytes
}

#[rstest]
#[case::try_form(Wait::Never, Outcome::Empty, Duration::ZERO)]
#[case::timed_form(Wait::For(A_WHILE), Outcome::Timeout, A_WHILE)]
#[case::timed_form_of_no_time(Wait::For(Duration::ZERO), Outcome::Timeout, Duration::ZERO)]
fn an_empty_channel_is_reported_no_earlier_than_asked(
    #[case] wait: Wait,
    #[case] expected: Outcome,
    #[case] at_least: Duration,
) {
    let failing = |form: &mut dyn FnMut() -> Result<(), Failure>| {
        let start = Instant::now();
        let failure = form().unwrap_err();
        assert!(start.elapsed() >= at_least, "after {:?}", start.elapsed());
        assert_eq!(failure.outcome, expected);
    };
    each(Kind::Pipe, &ALL_FORMS, |subject| {
        let [_tx, mut rx] = subject.pipe(ONE_WAY);
        failing(&mut || rx.recv(&mut Vec::new(), wait));
        failing(&mut || rx.poll(wait));
    });
    each(Kind::Stream, &ALL_FORMS, |subject| {
        let [_out, mut stream] = subject.stream(ONE_WAY);
        failing(&mut || stream.read(&mut [0; 8], wait).map(drop));
        failing(&mut || stream.poll(wait));
    });
}

#[rstest]
fn a_message_is_received_by_every_form(
    #[values(
        Wait::Never,
        Wait::For(Duration::ZERO),
        Wait::For(FOR_EVER),
        Wait::For(Duration::MAX)
    )]
    wait: Wait,
) {
    each(Kind::Pipe, &ALL_FORMS, |subject| {
        let [mut tx, mut rx] = subject.pipe(ONE_WAY);
        tx.send(b"abc", Wait::Deadline).unwrap();
        tx.send(b"next", Wait::Deadline).unwrap();
        rx.poll(wait).unwrap();
        assert_eq!(received(&mut *rx, wait).unwrap(), b"abc");
        assert_eq!(received(&mut *rx, wait).unwrap(), b"next");
        // The blocking form still blocks until a message comes.
        thread::scope(|scope| {
            let last = scope.spawn(|| received(&mut *rx, Wait::Deadline));
            tx.send(b"last", Wait::Deadline).unwrap();
            assert_eq!(last.join().unwrap().unwrap(), b"last");
        });
    });
}

#[test]
fn a_sender_that_stops_inside_a_message_does_not_delay_a_timeout() {
    let frame = frame_of(b"hello");
    for at in 1..frame.len() {
        let (mut to, mut rx) = fed_by_hand();
        to.write_all(&frame[..at]).unwrap();
        assert_eq!(outcome(received(&mut *rx, Wait::Never)), Outcome::Empty);
        let short = Duration::from_millis(2);
        let start = Instant::now();
        let timeout = received(&mut *rx, Wait::For(short));
        assert!(start.elapsed() >= short);
        assert_eq!(outcome(timeout), Outcome::Timeout);
        to.write_all(&frame[at..]).unwrap();
        let whole = received(&mut *rx, Wait::Deadline).unwrap();
        assert_eq!(whole, b"hello", "stopped after {at} bytes");
    }
}

#[test]
fn the_time_covers_the_whole_message_and_not_each_part_of_it() {
    let (mut to, mut rx) = fed_by_hand();
    let (stop, stopped) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            to.write_all(&(1_i64 << 20).to_le_bytes()).unwrap();
            // Bytes come one by one, each long before the time is over.
            let pause = Duration::from_millis(1);
            while stopped.recv_timeout(pause) == Err(mpsc::RecvTimeoutError::Timeout) {
                to.write_all(b"x").unwrap();
            }
        });
        let timeout = received(&mut *rx, Wait::For(A_WHILE));
        drop(stop);
        assert_eq!(outcome(timeout), Outcome::Timeout);
    });
    let error = received(&mut *rx, Wait::Deadline).unwrap_err();
    let said = "error: end of file inside a message: ";
    assert!(error.to_string().starts_with(said), "{error}");
}

#[test]
fn a_sender_that_never_pauses_does_not_delay_a_timeout() {
    let (mut to, mut rx) = fed_by_hand();
    let length = 64 << 20;
    thread::scope(|scope| {
        scope.spawn(move || {
            to.write_all(&frame_of(&vec![7; length])).unwrap();
        });
        let mut message = Vec::new();
        rx.poll(Wait::Deadline).unwrap();
        // A call without time reads a bounded number of bytes.
        let mut calls = 0;
        while rx.recv(&mut message, Wait::For(Duration::ZERO)).is_err() {
            calls += 1;
        }
        assert!(calls >= 63, "{calls} calls");
        assert!(message == vec![7; length]);
    });
}

#[test]
fn a_long_message_that_comes_in_time_is_received() {
    each(Kind::Pipe, &ALL_FORMS, |subject| {
        let sent = long(subject.largest_message().min(300_000));
        let [tx, rx] = subject.granted(ONE_WAY);
        thread::scope(|scope| {
            scope.spawn(|| tx.pipe().send(&sent, Wait::Deadline).unwrap());
            let received = received(&mut *rx.pipe(), Wait::For(FOR_EVER)).unwrap();
            assert!(received == sent);
        });
    });
}

#[test]
fn a_message_in_chunks_that_comes_in_time_is_received() {
    let [tx, rx] = TestedBackend(Arc::new(StdPipe::pipe())).granted(ONE_WAY);
    let sent = long(300_000);
    thread::scope(|scope| {
        scope.spawn(|| tx.pipe().send(&sent, Wait::Deadline).unwrap());
        let mut rx = rx.with_data(TINY_CHUNKS).pipe();
        assert!(received(&mut *rx, Wait::For(FOR_EVER)).unwrap() == sent);
    });
}

#[rstest]
fn the_end_is_ready_and_then_received_as_the_end(
    #[values(Wait::Deadline, Wait::Never, Wait::For(FOR_EVER))] wait: Wait,
) {
    each(Kind::Pipe, &ALL_FORMS, |subject| {
        let [tx, mut rx] = subject.pipe(ONE_WAY);
        drop(tx);
        for _ in 0..2 {
            rx.poll(wait).unwrap();
            assert_eq!(outcome(received(&mut *rx, wait)), Outcome::End);
        }
    });
    each(Kind::Stream, &ALL_FORMS, |subject| {
        let [out, mut stream] = subject.stream(ONE_WAY);
        drop(out);
        for _ in 0..2 {
            stream.poll(wait).unwrap();
            assert_eq!(outcome(stream.read(&mut [0], wait)), Outcome::End);
        }
    });
}

#[test]
fn a_death_inside_a_message_is_ready_and_then_an_error() {
    let (mut to, mut rx) = fed_by_hand();
    to.write_all(&frame_of(b"hello")[..10]).unwrap();
    assert_eq!(outcome(received(&mut *rx, Wait::Never)), Outcome::Empty);
    assert_eq!(outcome(rx.poll(Wait::Never)), Outcome::Empty);
    drop(to);
    for _ in 0..2 {
        rx.poll(Wait::Never).unwrap();
        let error = received(&mut *rx, Wait::Never).unwrap_err();
        assert_eq!(
            error.to_string(),
            "error: end of file inside a message: 2 of 5 bytes"
        );
    }
}

#[test]
fn poll_receives_nothing() {
    each(Kind::Pipe, &ALL_FORMS, |subject| {
        let [mut tx, mut rx] = subject.pipe(ONE_WAY);
        tx.send(b"abc", Wait::Deadline).unwrap();
        for _ in 0..3 {
            rx.poll(Wait::Never).unwrap();
        }
        assert_eq!(received(&mut *rx, Wait::Never).unwrap(), b"abc");
        assert_eq!(outcome(rx.poll(Wait::Never)), Outcome::Empty);
    });
}

#[rstest]
#[case::try_form(Capability::TryPut, Wait::Never, Outcome::Full)]
#[case::timed_form(Capability::TimedPut, Wait::For(A_WHILE), Outcome::Timeout)]
fn a_send_without_room_fails_and_sends_nothing(
    #[case] form: Capability,
    #[case] wait: Wait,
    #[case] expected: Outcome,
) {
    each(Kind::Pipe, &[], |subject| {
        let [mut tx, mut rx] = subject.pipe(ONE_WAY);
        if !subject.has(form) {
            assert_eq!(outcome(tx.send(b"x", wait)), Outcome::Refused);
            tx.close().unwrap();
            assert_eq!(outcome(received(&mut *rx, Wait::Deadline)), Outcome::End);
            return;
        }
        let mut sent = 0;
        let failure = loop {
            match tx.send(b"x", wait) {
                Ok(()) => sent += 1,
                Err(failure) => break failure,
            }
        };
        assert_eq!((failure.outcome, failure.definite), (expected, true));
        drop(tx);
        for _ in 0..sent {
            assert_eq!(received(&mut *rx, Wait::Deadline).unwrap(), b"x");
        }
        assert_eq!(outcome(received(&mut *rx, Wait::Deadline)), Outcome::End);
    });
}

#[test]
fn the_pipe_stays_a_blocking_one_unless_a_runtime_waits_for_it() {
    for kind in [Kind::Pipe, Kind::Stream] {
        each(kind, &ALL_FORMS, |subject| {
            let by_runtime = subject.0.key().name.contains("/tokio-");
            let [_tx, rx] = subject.granted(ONE_WAY);
            let twin = rx.parcel.handles[0].try_clone().unwrap();
            let nothing = match rx.attach().unwrap() {
                Attached::Pipe(mut rx) => outcome(received(&mut *rx, Wait::Never)),
                Attached::Stream(mut rx) => outcome(rx.read(&mut [0], Wait::Never)),
                Attached::Queue(_) | Attached::Endpoint(_) => panic!("it is an end of bytes"),
            };
            assert_eq!(nothing, Outcome::Empty);
            let flags = rustix::fs::fcntl_getfl(&twin).unwrap();
            let is_blocking = !flags.contains(rustix::fs::OFlags::NONBLOCK);
            assert_eq!(is_blocking, !by_runtime);
        });
    }
}

fn polled(subject: &TestedBackend, ends: &mut [Attached], wait: Wait) -> Vec<Outcome> {
    let mut ends: Vec<&mut Attached> = ends.iter_mut().collect();
    let answers = subject.0.poll_several(&mut ends, wait);
    answers.into_iter().map(outcome).collect()
}

#[rstest]
fn polling_several_ends_reports_those_that_are_ready(
    #[values(Wait::Deadline, Wait::Never, Wait::For(FOR_EVER))] wait: Wait,
) {
    use Outcome::{Empty, Ok};
    for kind in [Kind::Pipe, Kind::Stream] {
        each(kind, &[Capability::PollSeveral], |subject| {
            let channels = [(); 3].map(|()| subject.granted(ONE_WAY));
            let (mut writing, mut reading) = (Vec::new(), Vec::new());
            for [tx, rx] in channels {
                writing.push(tx.attach().unwrap());
                reading.push(rx.attach().unwrap());
            }
            match &mut writing[1] {
                Attached::Pipe(tx) => tx.send(b"x", Wait::Deadline).unwrap(),
                Attached::Stream(tx) => assert_eq!(tx.write(b"x", Wait::Deadline).unwrap(), 1),
                Attached::Queue(_) | Attached::Endpoint(_) => panic!("it is an end of bytes"),
            }
            assert_eq!(polled(subject, &mut reading, wait), [Empty, Ok, Empty]);
            // End of stream makes an end ready.
            drop(writing.pop());
            assert_eq!(polled(subject, &mut reading, wait), [Empty, Ok, Ok]);
        });
    }
}

#[test]
fn several_empty_ends_time_out_together() {
    for kind in [Kind::Pipe, Kind::Stream] {
        each(kind, &[Capability::PollSeveral], |subject| {
            let [[_one, a], [_other, b]] = [(); 2].map(|()| subject.granted(ONE_WAY));
            let mut reading = [a, b].map(|rx| rx.attach().unwrap());
            let start = Instant::now();
            let expected = [Outcome::Timeout; 2];
            assert_eq!(polled(subject, &mut reading, Wait::For(A_WHILE)), expected);
            assert!(start.elapsed() >= A_WHILE);
        });
    }
}

//! Streams: bytes without boundaries.

use super::*;

#[test]
fn a_stream_delivers_the_bytes_and_then_the_end() {
    each(Kind::Stream, &[], |subject| {
        let [mut tx, mut rx] = subject.stream(ONE_WAY);
        assert_eq!(tx.write(b"abc", Wait::Deadline).unwrap(), 3);
        drop(tx);
        let mut bytes = [0; 8];
        assert_eq!(rx.read(&mut bytes[..2], Wait::Deadline).unwrap(), 2);
        assert_eq!(rx.read(&mut bytes[2..], Wait::Deadline).unwrap(), 1);
        assert_eq!(&bytes[..3], b"abc");
        for _ in 0..2 {
            let end = rx.read(&mut bytes, Wait::Deadline).unwrap_err();
            assert!(subject.is_end(&end), "{end:?}");
        }
        match rx.read(&mut [], Wait::Deadline) {
            Ok(read) => assert_eq!(read, 0),
            Err(failure) => assert!(cfg!(windows) && subject.is_end(&failure)),
        }
    });
}

#[test]
fn the_wrong_direction_is_refused() {
    each(Kind::Stream, &[], |subject| {
        let [mut tx, mut rx] = subject.stream(ONE_WAY);
        assert_eq!(outcome(tx.read(&mut [0], Wait::Deadline)), Outcome::Refused);
        assert_eq!(outcome(rx.write(b"x", Wait::Deadline)), Outcome::Refused);
        assert_eq!(outcome(tx.poll(Wait::Never)), Outcome::Refused);
        assert_eq!(outcome(rx.half_close()), Outcome::Refused);
    });
}

#[test]
fn after_a_half_close_the_other_direction_still_works() {
    let needs = [Capability::Duplex, Capability::HalfClose];
    each(Kind::Stream, &needs, |subject| {
        let [mut a, mut b] = subject.stream(DUPLEX);
        let mut bytes = [0; 8];
        a.half_close().unwrap();
        assert_eq!(outcome(a.write(b"x", Wait::Deadline)), Outcome::Closed);
        let end = b.read(&mut bytes, Wait::Deadline).unwrap_err();
        assert!(subject.is_end(&end), "{end:?}");
        b.write(b"abc", Wait::Deadline).unwrap();
        assert_eq!(a.read(&mut bytes, Wait::Deadline).unwrap(), 3);
    });
}

/// Writes until a write fails or writes nothing. Returns the number of bytes and the last result.
fn fill(tx: &mut dyn StreamEnd, wait: Wait) -> (usize, Result<usize, Failure>) {
    let mut written = 0;
    loop {
        match tx.write(&[7; 4096], wait) {
            Ok(count @ 1..=4096) => written += count,
            stopped => return (written, stopped),
        }
    }
}

#[test]
fn a_try_form_without_room_reports_full_and_writes_nothing() {
    each(Kind::Stream, &[Capability::TryPut], |subject| {
        let [mut tx, mut rx] = subject.stream(ONE_WAY);
        let (mut written, stopped) = fill(&mut *tx, Wait::Never);
        match stopped {
            Ok(0) => assert!(subject.writes_nothing_without_room()),
            stopped => {
                let full = stopped.unwrap_err();
                assert_eq!((full.outcome, full.definite), (Outcome::Full, true));
            }
        }
        drop(tx);
        let mut bytes = vec![0; 1 << 20];
        while written > 0 {
            written -= rx.read(&mut bytes, Wait::Deadline).unwrap();
        }
        assert_eq!(outcome(rx.read(&mut bytes, Wait::Deadline)), Outcome::End);
    });
}

// No backend has one on Windows.
#[cfg(unix)]
#[test]
fn a_timed_form_without_room_times_out() {
    each(Kind::Stream, &[Capability::TimedPut], |subject| {
        let [mut tx, _rx] = subject.stream(ONE_WAY);
        let time = std::time::Duration::from_millis(20);
        let start = std::time::Instant::now();
        let (_, stopped) = fill(&mut *tx, Wait::For(time));
        let timeout = stopped.unwrap_err();
        assert_eq!(
            (timeout.outcome, timeout.definite),
            (Outcome::Timeout, true)
        );
        assert!(start.elapsed() >= time);
    });
}

#[test]
fn undeclared_forms_of_writing_are_refused() {
    for (form, wait) in [
        (Capability::TryPut, Wait::Never),
        (
            Capability::TimedPut,
            Wait::For(std::time::Duration::from_millis(1)),
        ),
    ] {
        each(Kind::Stream, &[], |subject| {
            let [mut tx, _rx] = subject.stream(ONE_WAY);
            if !subject.has(form) {
                assert_eq!(outcome(tx.write(b"x", wait)), Outcome::Refused);
            }
        });
    }
}

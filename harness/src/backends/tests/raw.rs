//! The system's error codes and kinds of failures.

use super::*;

fn raw(failure: &Failure) -> (Option<&str>, Option<i32>) {
    let raw = failure.raw.as_ref().expect("the system said something");
    (raw.kind.as_ref().map(|kind| kind.as_str()), raw.code)
}

const EPIPE: (Option<&str>, Option<i32>) = (Some("BrokenPipe"), Some(32));

#[test]
fn sending_without_a_receiver_is_a_broken_pipe() {
    each(Kind::Pipe, &[], |subject| {
        let [mut tx, rx] = subject.pipe(ONE_WAY);
        drop(rx);
        for _ in 0..2 {
            let gone = tx.send(b"hello?", Wait::Deadline).unwrap_err();
            assert_eq!(raw(&gone), EPIPE);
        }
    });
    each(Kind::Stream, &[], |subject| {
        let [mut tx, rx] = subject.stream(ONE_WAY);
        drop(rx);
        let gone = tx.write(b"hello?", Wait::Deadline).unwrap_err();
        assert_eq!((gone.outcome, raw(&gone)), (Outcome::Gone, EPIPE));
    });
}

/// Linux resets a Unix socket that is closed with unread bytes. A pipe isn't reset.
#[cfg(target_os = "linux")]
mod unread {
    use super::*;

    const ECONNRESET: (Option<&str>, Option<i32>) = (Some("ConnectionReset"), Some(104));

    const ARE_SOCKETS: [&str; 4] = [
        "interprocess/local-socket",
        "interprocess/tokio-local-socket",
        "unix/seqpacket-socketpair",
        "unix/stream-socketpair",
    ];

    #[derive(Debug, PartialEq)]
    enum Got {
        Message(Vec<u8>),
        Reset,
        End,
    }

    fn got(end: &mut dyn PipeEnd) -> Got {
        match received(end, Wait::Deadline) {
            Ok(message) => Got::Message(message),
            Err(failure) if failure.outcome == Outcome::End => Got::End,
            Err(failure) => {
                assert_eq!(
                    (failure.outcome, raw(&failure)),
                    (Outcome::Error, ECONNRESET)
                );
                Got::Reset
            }
        }
    }

    #[test]
    fn a_reset_is_reported_once_and_by_the_call_that_the_system_chooses() {
        each(Kind::Pipe, &[Capability::Duplex], |subject| {
            let [mut a, mut b] = subject.pipe(DUPLEX);
            a.send(b"never read", Wait::Deadline).unwrap();
            b.send(b"last", Wait::Deadline).unwrap();
            drop(b);
            let all = [(); 4].map(|()| got(&mut *a));
            let last = Got::Message(b"last".to_vec());
            match subject.0.key().name.as_str() {
                // A packet socket looks for an error first.
                "unix/seqpacket-socketpair" => {
                    assert_eq!(all, [Got::Reset, last, Got::End, Got::End]);
                }
                name if ARE_SOCKETS.contains(&name) => {
                    assert_eq!(all, [last, Got::Reset, Got::End, Got::End]);
                }
                _ => assert_eq!(all, [last, Got::End, Got::End, Got::End]),
            }
        });
    }

    #[test]
    fn a_send_reports_gone_for_every_error_kind() {
        each(Kind::Pipe, &[Capability::Duplex], |subject| {
            let [mut a, mut b] = subject.pipe(DUPLEX);
            a.send(b"never read", Wait::Deadline).unwrap();
            b.send(b"never read", Wait::Deadline).unwrap();
            drop(b);
            let names = [(); 2].map(|()| {
                let gone = a.send(b"hello?", Wait::Deadline).unwrap_err();
                assert_eq!(gone.outcome, Outcome::Gone);
                gone
            });
            // A stream socket first checks whether a receiver is left.
            let first = match subject.0.key().name.as_str() {
                "unix/seqpacket-socketpair" => ECONNRESET,
                _ => EPIPE,
            };
            assert_eq!((raw(&names[0]), raw(&names[1])), (first, EPIPE));
        });
    }

    #[test]
    fn a_packet_over_the_limit_is_too_long() {
        each(Kind::Pipe, &[Capability::SeveralConsumers], |subject| {
            let [mut tx, _rx] = subject.pipe(ONE_WAY);
            let over = vec![0; subject.largest_message() as usize + 1];
            let refused = tx.send(&over, Wait::Deadline).unwrap_err();
            assert_eq!(raw(&refused), (None, Some(90)));
        });
    }
}

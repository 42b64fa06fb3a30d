//! Authentication by a key: each side sends the other a challenge before the first message.
//!
//! This is a reference for tests of authentication, and not secure: its hash isn't a cryptographic one.
//! It denies a client without the key, but not an attacker.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use xxhash_rust::xxh3::xxh3_64;

use crate::backend::{Failure, Outcome};
use crate::backends::transport::polled::{in_time, is_readable};

/// How long a listener waits for all tokens of a client.
const LISTENER_WAITS: Duration = Duration::from_secs(1);

/// How long a client waits for all tokens of a listener, which may have to serve other clients first.
const CLIENT_WAITS: Duration = Duration::from_millis(2500);

/// The beginning of a challenge: a length that no message has, so a receiver of messages rejects it.
const GREETING: Token = [0xff; size_of::<Token>()];

type Token = [u8; size_of::<u64>()];

/// The side that proves its key. It is a part of the proof, so that no side can send back the other's.
#[derive(Clone, Copy)]
enum Prover {
    Client = 1,
    Listener = 2,
}

/// Makes the client prove that it knows the key, and proves the same to it.
///
/// # Errors
/// Denied if the client doesn't know the key or doesn't answer in time; gone if it has left.
pub(super) fn of_the_listener(stream: &UnixStream, key: &str) -> Result<(), Failure> {
    let mut exchange = Exchange::new(stream, LISTENER_WAITS);
    let challenge = fastrand::u64(..).to_le_bytes();
    exchange.send([GREETING, challenge]).map_err(left)?;
    if exchange.receive().map_err(left)? != proof(key, Prover::Client, challenge) {
        return Err(denied("the client doesn't know the key"));
    }
    let theirs = exchange.receive().map_err(left)?;
    exchange
        .send([proof(key, Prover::Listener, theirs)])
        .map_err(left)
}

/// Proves to the listener that this process knows the key, and makes it prove the same.
///
/// # Errors
/// Denied if the listener doesn't know the key, sends no challenge in time, or closes the connection.
pub(super) fn of_the_client(stream: &UnixStream, key: &str) -> Result<(), Failure> {
    let mut exchange = Exchange::new(stream, CLIENT_WAITS);
    if exchange.receive().map_err(turned_away)? != GREETING {
        return Err(denied("the listener asks for no key"));
    }
    let theirs = exchange.receive().map_err(turned_away)?;
    let challenge = fastrand::u64(..).to_le_bytes();
    exchange
        .send([proof(key, Prover::Client, theirs), challenge])
        .map_err(turned_away)?;
    if exchange.receive().map_err(turned_away)? != proof(key, Prover::Listener, challenge) {
        return Err(denied("the listener doesn't know the key"));
    }
    Ok(())
}

/// Returns the proof for this challenge, which only a process with the key can make.
fn proof(key: &str, prover: Prover, challenge: Token) -> Token {
    let mut said = vec![prover as u8];
    said.extend(challenge);
    said.extend(key.as_bytes());
    xxh3_64(&said).to_le_bytes()
}

fn denied(why: &str) -> Failure {
    Failure::new(Outcome::Denied, why)
}

/// Returns what an error of the exchange means to the listener.
fn left(error: io::Error) -> Failure {
    let outcome = match error.kind() {
        ErrorKind::TimedOut => Outcome::Denied,
        ErrorKind::UnexpectedEof | ErrorKind::BrokenPipe | ErrorKind::ConnectionReset => {
            Outcome::Gone
        }
        _ => Outcome::Error,
    };
    Failure::from_io(outcome, &error)
}

/// Returns what an error of the exchange means to the client. A listener closes the connection of a
/// client without its key.
fn turned_away(error: io::Error) -> Failure {
    let failure = left(error);
    match failure.outcome {
        Outcome::Gone => Failure {
            outcome: Outcome::Denied,
            ..failure
        },
        _ => failure,
    }
}

/// An exchange of tokens with a time limit.
struct Exchange<'s> {
    stream: &'s UnixStream,
    until: Instant,
}

impl<'s> Exchange<'s> {
    fn new(stream: &'s UnixStream, time: Duration) -> Exchange<'s> {
        Exchange {
            stream,
            until: Instant::now() + time,
        }
    }

    /// Sends tokens. There is always room for them, because nothing was written before.
    fn send<const COUNT: usize>(&mut self, tokens: [Token; COUNT]) -> io::Result<()> {
        self.stream.write_all(tokens.as_flattened())
    }

    fn receive(&mut self) -> io::Result<Token> {
        let mut token = Token::default();
        let mut received = 0;
        while received < token.len() {
            let left = self.until.saturating_duration_since(Instant::now());
            in_time(is_readable(self.stream, Some(left))?)?;
            match self.stream.read(&mut token[received..])? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                count => received += count,
            }
        }
        Ok(token)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use rstest::rstest;

    use super::*;

    fn outcome(done: Result<(), Failure>) -> Outcome {
        done.map_or_else(|failure| failure.outcome, |()| Outcome::Ok)
    }

    /// Returns the outcomes of the listener and of the client.
    fn meet(
        listener: impl FnOnce(UnixStream) -> Result<(), Failure> + Send,
        client: impl FnOnce(UnixStream) -> Result<(), Failure>,
    ) -> [Outcome; 2] {
        let (here, there) = UnixStream::pair().unwrap();
        thread::scope(|scope| {
            let listener = scope.spawn(|| listener(here));
            let connected = client(there);
            [listener.join().unwrap(), connected].map(outcome)
        })
    }

    #[rstest]
    #[case::right("secret", [Outcome::Ok, Outcome::Ok])]
    #[case::wrong("guessed", [Outcome::Denied, Outcome::Denied])]
    fn a_key_is(#[case] key: &str, #[case] expected: [Outcome; 2]) {
        let met = meet(
            |stream| of_the_listener(&stream, "secret"),
            |stream| of_the_client(&stream, key),
        );
        assert_eq!(met, expected);
    }

    #[test]
    fn the_first_message_follows_the_exchange() {
        let met = meet(
            |mut stream| {
                of_the_listener(&stream, "secret")?;
                Ok(stream.write_all(b"hello")?)
            },
            |mut stream| {
                of_the_client(&stream, "secret")?;
                let mut received = String::new();
                stream.read_to_string(&mut received)?;
                assert_eq!(received, "hello");
                Ok(())
            },
        );
        assert_eq!(met, [Outcome::Ok; 2]);
    }

    #[rstest]
    #[case::is_silent(
        |stream: &mut UnixStream| io::copy(stream, &mut io::sink()).map(drop),
        Outcome::Denied
    )]
    #[case::sends_a_message(
        |stream: &mut UnixStream| {
            stream.write_all(b"hello, you")?;
            io::copy(stream, &mut io::sink()).map(drop)
        },
        Outcome::Denied
    )]
    #[case::leaves(|_: &mut UnixStream| Ok(()), Outcome::Gone)]
    fn a_client_without_a_key_that(
        #[case] does: fn(&mut UnixStream) -> io::Result<()>,
        #[case] expected: Outcome,
    ) {
        let met = meet(
            |stream| of_the_listener(&stream, "secret"),
            |mut stream| Ok(does(&mut stream)?),
        );
        // The client may see the closed connection as an error.
        assert_eq!(met[0], expected);
    }

    #[rstest]
    #[case::is_silent(|stream: &mut UnixStream| io::copy(stream, &mut io::sink()).map(drop))]
    #[case::begins_with_a_message(|stream: &mut UnixStream| stream.write_all(&[0; 16]))]
    #[case::leaves(|_: &mut UnixStream| Ok(()))]
    fn a_listener_without_a_key_that(#[case] does: fn(&mut UnixStream) -> io::Result<()>) {
        let met = meet(
            |mut stream| Ok(does(&mut stream)?),
            |stream| of_the_client(&stream, "secret"),
        );
        assert_eq!(met, [Outcome::Ok, Outcome::Denied]);
    }

    #[test]
    fn a_proof_sent_back_proves_nothing() {
        let challenge = [7; 8];
        let proofs = [Prover::Client, Prover::Listener].map(|one| proof("key", one, challenge));
        assert_ne!(proofs[0], proofs[1]);
    }
}

//! A mutant's endpoint.

use std::time::Instant;

use super::behavior::block_forever;
use super::fault::Fault;
use super::header::ParcelHeader;
use super::interruption::Interruption;
use super::mutation::Mutation;
use super::pipe::MutantPipe;
use super::trigger::Chance;
use crate::backend::{Accepted, Endpoint, Failure, Outcome, PipeEnd, Wait};

/// A mutant's endpoint in one process. Its connections are a mutant's ends.
pub(super) struct MutantEndpoint {
    sound: Box<dyn Endpoint>,
    mutation: Mutation,
    /// The header of the next connection.
    header: ParcelHeader,
    chance: Chance,
    /// Whether a connection was accepted before.
    accepted: bool,
    /// Whether every further accept waits without end.
    accepts_no_more: bool,
}

impl MutantEndpoint {
    pub(super) fn new(
        sound: Box<dyn Endpoint>,
        mutation: Mutation,
        header: &ParcelHeader,
    ) -> MutantEndpoint {
        MutantEndpoint {
            sound,
            mutation,
            header: *header,
            chance: Chance::new(mutation.trigger(), header.seed),
            accepted: false,
            accepts_no_more: false,
        }
    }

    fn steals(&mut self) -> bool {
        self.mutation.fault == Fault::StolenName && self.chance.strikes()
    }

    /// Returns whether the connection that was just accepted is lost.
    fn loses(&mut self) -> bool {
        let is_first = !self.accepted;
        self.accepted = true;
        is_first && self.mutation.fault == Fault::LostClient && self.chance.strikes()
    }

    fn connection(&mut self, sound: Box<dyn PipeEnd>) -> Box<dyn PipeEnd> {
        let connection = MutantPipe::new(sound, self.mutation, &self.header);
        // Each connection has its own random numbers.
        self.header.seed = self.header.seed.wrapping_add(1);
        Box::new(connection)
    }
}

impl Endpoint for MutantEndpoint {
    fn listen(&mut self, replace: bool) -> Result<(), Failure> {
        let listened = self.sound.listen(replace);
        let failure = listened.as_ref().err();
        if failure.is_some_and(|failure| failure.outcome == Outcome::Taken) && self.steals() {
            return self.sound.listen(true);
        }
        listened
    }

    fn accept(&mut self, wait: Wait) -> Result<Accepted, Failure> {
        if self.accepts_no_more {
            block_forever();
        }
        let interruption = Interruption::watch(self.mutation);
        let began = Instant::now();
        let accepted = self.sound.accept(wait);
        interruption.ends()?;
        self.accepts_no_more = self.mutation.fault == Fault::Unforgiving
            && is_denied(&accepted)
            && self.chance.strikes();
        let mut accepted = accepted?;
        if self.loses() {
            drop(accepted);
            let left = match wait {
                Wait::For(time) => Wait::For(time.saturating_sub(began.elapsed())),
                Wait::Deadline | Wait::Never => wait,
            };
            accepted = self.sound.accept(left)?;
        }
        Ok(Accepted {
            connection: self.connection(accepted.connection),
            peer: accepted.peer,
        })
    }

    fn connect(&mut self, key: Option<&str>, wait: Wait) -> Result<Box<dyn PipeEnd>, Failure> {
        let asks = self.mutation.fault != Fault::KeyIgnored || !self.header.struck;
        let sound = self.sound.connect(key.filter(|_| asks), wait);
        if self.mutation.fault == Fault::Untold && is_denied(&sound) && self.chance.strikes() {
            block_forever();
        }
        Ok(self.connection(sound?))
    }

    fn close(&mut self) -> Result<(), Failure> {
        self.sound.close()
    }
}

fn is_denied<T>(done: &Result<T, Failure>) -> bool {
    let failure = done.as_ref().err();
    failure.is_some_and(|failure| failure.outcome == Outcome::Denied)
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use std::collections::VecDeque;

    use rstest::rstest;

    use super::*;

    /// An endpoint with a live listener, and these clients in its backlog.
    struct BusyEndpoint {
        clients: VecDeque<u32>,
    }

    impl Endpoint for BusyEndpoint {
        fn listen(&mut self, replace: bool) -> Result<(), Failure> {
            match replace {
                true => Ok(()),
                false => Err(Failure::new(
                    Outcome::Taken,
                    "another process listens there",
                )),
            }
        }

        fn accept(&mut self, _wait: Wait) -> Result<Accepted, Failure> {
            let next = self.clients.pop_front();
            let peer = next.ok_or_else(|| Failure::new(Outcome::Empty, "no client is waiting"))?;
            Ok(Accepted {
                connection: Box::new(MalformedConnection),
                peer: Some(peer),
            })
        }

        /// Denies every key.
        fn connect(&mut self, key: Option<&str>, _wait: Wait) -> Result<Box<dyn PipeEnd>, Failure> {
            match key {
                None => Ok(Box::new(MalformedConnection)),
                Some(_) => Err(Failure::new(Outcome::Denied, "that isn't the key")),
            }
        }

        fn close(&mut self) -> Result<(), Failure> {
            Ok(())
        }
    }

    /// A connection that receives only malformed input.
    struct MalformedConnection;

    impl PipeEnd for MalformedConnection {
        fn send(&mut self, _message: &[u8], _wait: Wait) -> Result<(), Failure> {
            Ok(())
        }

        fn recv(&mut self, _message: &mut Vec<u8>, _wait: Wait) -> Result<(), Failure> {
            Err(Failure::new(Outcome::Error, "the input is malformed"))
        }

        fn raw(
            &mut self,
            _length: Option<i64>,
            _bytes: &[u8],
            _part: Range<u64>,
        ) -> Result<(), Failure> {
            Ok(())
        }
    }

    fn busy(fault: Fault) -> MutantEndpoint {
        let clients = VecDeque::from([1, 2, 3]);
        let sound = Box::new(BusyEndpoint { clients });
        let header = ParcelHeader {
            struck: true,
            ..ParcelHeader::default()
        };
        MutantEndpoint::new(sound, fault.into(), &header)
    }

    #[rstest]
    #[case::stolen(Fault::StolenName, Ok(()))]
    #[case::sound(Fault::LostClient, Err(Outcome::Taken))]
    fn a_live_name_is(#[case] fault: Fault, #[case] expected: Result<(), Outcome>) {
        let listened = busy(fault).listen(false);
        assert_eq!(listened.map_err(|failure| failure.outcome), expected);
    }

    #[rstest]
    #[case::first_lost(Fault::LostClient, &[2, 3])]
    #[case::sound(Fault::StolenName, &[1, 2, 3])]
    fn the_accepted_clients_are(#[case] fault: Fault, #[case] expected: &[u32]) {
        let mut endpoint = busy(fault);
        let mut accept = || endpoint.accept(Wait::Never).ok()?.peer;
        let accepted: Vec<u32> = std::iter::from_fn(&mut accept).collect();
        assert_eq!(accepted, expected);
    }

    #[rstest]
    #[case::not_asked_for(Fault::KeyIgnored, Ok(()))]
    #[case::sound(Fault::StolenName, Err(Outcome::Denied))]
    fn a_wrong_key_is(#[case] fault: Fault, #[case] expected: Result<(), Outcome>) {
        let connected = busy(fault).connect(Some("guessed"), Wait::Deadline);
        let connected = connected.map(drop);
        assert_eq!(connected.map_err(|failure| failure.outcome), expected);
    }

    #[rstest]
    #[case::welcome(Fault::NonsenseWelcome, Ok(()))]
    #[case::sound(Fault::LostClient, Err(Outcome::Error))]
    fn malformed_input_is(#[case] fault: Fault, #[case] expected: Result<(), Outcome>) {
        let mut connection = busy(fault).connect(None, Wait::Deadline).unwrap();
        let mut message = b"what was there before".to_vec();
        let received = connection.recv(&mut message, Wait::Deadline);
        assert_eq!(received.map_err(|failure| failure.outcome), expected);
        assert_eq!(message.is_empty(), expected.is_ok());
        // Otherwise a receive loop would never end.
        let again = connection.recv(&mut message, Wait::Deadline);
        assert_eq!(again.unwrap_err().outcome, Outcome::Error);
    }

    #[test]
    fn raw_bytes_pass_through() {
        let mut connection = busy(Fault::NonsenseWelcome)
            .connect(None, Wait::Deadline)
            .unwrap();
        assert_eq!(connection.raw(None, b"\xff", 0..u64::MAX), Ok(()));
    }
}

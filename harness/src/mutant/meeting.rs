//! A mutant's endpoint: what goes wrong where processes meet.

use std::time::Instant;

use super::behavior::block_forever;
use super::fault::Fault;
use super::header::ParcelHeader;
use super::mutation::Mutation;
use super::pipe::MutantPipe;
use super::trigger::Chance;
use crate::backend::{Accepted, Endpoint, Failure, Outcome, PipeEnd, Wait};

/// What a process has of a mutant's endpoint. Its connections are a mutant's ends.
pub(super) struct MutantEndpoint {
    sound: Box<dyn Endpoint>,
    mutation: Mutation,
    /// What the next connection is told.
    header: ParcelHeader,
    chance: Chance,
    /// Whether any connection was accepted, lost or not.
    accepted: bool,
    /// Whether it accepts nobody any more.
    sulks: bool,
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
            sulks: false,
        }
    }

    fn steals(&mut self) -> bool {
        self.mutation.fault == Fault::StolenName && self.chance.strikes()
    }

    /// Whether the connection that was just accepted is lost.
    fn loses(&mut self) -> bool {
        let is_first = !self.accepted;
        self.accepted = true;
        is_first && self.mutation.fault == Fault::LostClient && self.chance.strikes()
    }

    fn connection(&mut self, sound: Box<dyn PipeEnd>) -> Box<dyn PipeEnd> {
        let connection = MutantPipe::new(sound, self.mutation, &self.header);
        // Each has chances of its own.
        self.header.seed = self.header.seed.wrapping_add(1);
        Box::new(connection)
    }
}

impl Endpoint for MutantEndpoint {
    fn listen(&mut self, replace: bool) -> Result<(), Failure> {
        let replace = replace || self.steals();
        self.sound.listen(replace)
    }

    fn accept(&mut self, wait: Wait) -> Result<Accepted, Failure> {
        if self.sulks {
            block_forever();
        }
        let began = Instant::now();
        let accepted = self.sound.accept(wait);
        self.sulks = self.mutation.fault == Fault::Unforgiving
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
    use std::collections::VecDeque;

    use rstest::rstest;

    use super::*;

    /// Somebody listens there already, and these are waiting in line.
    struct Busy {
        clients: VecDeque<u32>,
    }

    impl Endpoint for Busy {
        fn listen(&mut self, replace: bool) -> Result<(), Failure> {
            match replace {
                true => Ok(()),
                false => Err(Failure::new(Outcome::Taken, "somebody listens there")),
            }
        }

        fn accept(&mut self, _wait: Wait) -> Result<Accepted, Failure> {
            let next = self.clients.pop_front();
            let peer = next.ok_or_else(|| Failure::new(Outcome::Empty, "nobody is there"))?;
            Ok(Accepted {
                connection: Box::new(Babble),
                peer: Some(peer),
            })
        }

        /// Whoever knows a key knows a wrong one.
        fn connect(&mut self, key: Option<&str>, _wait: Wait) -> Result<Box<dyn PipeEnd>, Failure> {
            match key {
                None => Ok(Box::new(Babble)),
                Some(_) => Err(Failure::new(Outcome::Denied, "that isn't the key")),
            }
        }

        fn close(&mut self) -> Result<(), Failure> {
            Ok(())
        }
    }

    /// A connection on which nothing comes that is a message.
    struct Babble;

    impl PipeEnd for Babble {
        fn send(&mut self, _message: &[u8], _wait: Wait) -> Result<(), Failure> {
            Ok(())
        }

        fn recv(&mut self, _message: &mut Vec<u8>, _wait: Wait) -> Result<(), Failure> {
            Err(Failure::new(Outcome::Error, "that is no message"))
        }

        fn raw(&mut self, _bytes: &[u8]) -> Result<(), Failure> {
            Ok(())
        }
    }

    fn busy(fault: Fault) -> MutantEndpoint {
        let clients = VecDeque::from([1, 2, 3]);
        let sound = Box::new(Busy { clients });
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
    fn those_accepted_are(#[case] fault: Fault, #[case] expected: &[u32]) {
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
    fn nonsense_is(#[case] fault: Fault, #[case] expected: Result<(), Outcome>) {
        let mut connection = busy(fault).connect(None, Wait::Deadline).unwrap();
        let mut message = b"what was there before".to_vec();
        let received = connection.recv(&mut message, Wait::Deadline);
        assert_eq!(received.map_err(|failure| failure.outcome), expected);
        assert_eq!(message.is_empty(), expected.is_ok());
        // Or whoever receives until the end would never come to it.
        let again = connection.recv(&mut message, Wait::Deadline);
        assert_eq!(again.unwrap_err().outcome, Outcome::Error);
    }

    #[test]
    fn what_is_written_beneath_messages_goes_through() {
        let mut connection = busy(Fault::NonsenseWelcome)
            .connect(None, Wait::Deadline)
            .unwrap();
        assert_eq!(connection.raw(b"\xff"), Ok(()));
    }
}

//! The library's calls, and what its errors mean.

use std::error::Error;
use std::io;
use std::time::Duration;

use crate::backend::{Failure, Outcome, Wait};

/// Any error of a library.
pub(super) type AnyError = Box<DynError>;
/// An error whose type is lost.
pub(super) type DynError = dyn Error + Send + Sync + 'static;

/// The forms of a call: that which blocks, that which tries once, and that which waits for a time.
pub(super) struct Forms<B, T, W> {
    pub(super) blocking: Option<B>,
    pub(super) trying: Option<T>,
    pub(super) timed: Option<W>,
}

impl<B, T, W> Default for Forms<B, T, W> {
    fn default() -> Self {
        Forms {
            blocking: None,
            trying: None,
            timed: None,
        }
    }
}

type Sending<T> = Box<dyn Fn(&mut T, &[u8]) -> Result<(), AnyError> + Send + Sync>;
type SendingFor<T> = Box<dyn Fn(&mut T, &[u8], Duration) -> Result<(), AnyError> + Send + Sync>;
type Received = Result<Option<Vec<u8>>, AnyError>;
type Receiving<R> = Box<dyn Fn(&mut R) -> Received + Send + Sync>;
type ReceivingFor<R> = Box<dyn Fn(&mut R, Duration) -> Received + Send + Sync>;
type Writing<T> = Box<dyn Fn(&mut T, &[u8]) -> Result<usize, AnyError> + Send + Sync>;
type Reading<R> = Box<dyn Fn(&mut R, &mut [u8]) -> Result<usize, AnyError> + Send + Sync>;
/// Returns what an error means, if it is of the type that this is for.
type Meaning = Box<dyn Fn(&DynError) -> Option<Outcome> + Send + Sync>;

/// Returns a call of a sending end without the type of its errors.
pub(super) fn sending<T, E: Into<AnyError>>(
    send: impl Fn(&mut T, &[u8]) -> Result<(), E> + Send + Sync + 'static,
) -> Option<Sending<T>> {
    Some(Box::new(move |tx, message| {
        send(tx, message).map_err(Into::into)
    }))
}

/// Returns a call of a receiving end without the types of its messages and errors.
pub(super) fn receiving<R, M: Into<Option<Vec<u8>>>, E: Into<AnyError>>(
    recv: impl Fn(&mut R) -> Result<M, E> + Send + Sync + 'static,
) -> Option<Receiving<R>> {
    Some(Box::new(move |rx| {
        recv(rx).map(Into::into).map_err(Into::into)
    }))
}

/// How the library is called.
pub(super) struct Calls<T, R> {
    pub(super) send: Forms<Sending<T>, Sending<T>, SendingFor<T>>,
    pub(super) recv: Forms<Receiving<R>, Receiving<R>, ReceivingFor<R>>,
    pub(super) write: Option<Writing<T>>,
    pub(super) read: Option<Reading<R>>,
    pub(super) meanings: Vec<Meaning>,
}

impl<T, R> Default for Calls<T, R> {
    fn default() -> Calls<T, R> {
        Calls {
            send: Forms::default(),
            recv: Forms::default(),
            write: None,
            read: None,
            meanings: Vec::new(),
        }
    }
}

impl<T, R> Calls<T, R> {
    pub(super) fn send(&self, tx: &mut T, message: &[u8], wait: Wait) -> Result<(), Failure> {
        let form = &self.send;
        let sent = match wait {
            Wait::Deadline => given(&form.blocking, "send")?(tx, message),
            Wait::Never => given(&form.trying, "try_send")?(tx, message),
            Wait::For(limit) => given(&form.timed, "send_for")?(tx, message, limit),
        };
        sent.map_err(|error| self.failure(error))
    }

    pub(super) fn recv(&self, rx: &mut R, wait: Wait) -> Result<Vec<u8>, Failure> {
        let form = &self.recv;
        let received = match wait {
            Wait::Deadline => given(&form.blocking, "recv")?(rx),
            Wait::Never => given(&form.trying, "try_recv")?(rx),
            Wait::For(limit) => given(&form.timed, "recv_for")?(rx, limit),
        };
        let nothing = || match wait {
            Wait::Deadline => Failure::end(),
            Wait::Never => Failure::new(Outcome::Empty, "there is no message"),
            Wait::For(_) => Failure::new(Outcome::Timeout, "no message came in time"),
        };
        received
            .map_err(|error| self.failure(error))?
            .ok_or_else(nothing)
    }

    pub(super) fn write(&self, tx: &mut T, bytes: &[u8], wait: Wait) -> Result<usize, Failure> {
        wait.require_blocking()?;
        given(&self.write, "write")?(tx, bytes).map_err(|error| self.failure(error))
    }

    pub(super) fn read(&self, rx: &mut R, bytes: &mut [u8], wait: Wait) -> Result<usize, Failure> {
        wait.require_blocking()?;
        match given(&self.read, "read")?(rx, bytes) {
            Ok(0) if !bytes.is_empty() => Err(Failure::end()),
            Ok(length) => Ok(length),
            Err(error) => Err(self.failure(error)),
        }
    }

    /// Returns the failure that an error of the library means.
    pub(super) fn failure(&self, error: AnyError) -> Failure {
        let outcome = self.meanings.iter().find_map(|meaning| meaning(&*error));
        let outcome = outcome.unwrap_or(Outcome::Error);
        match error.downcast_ref::<io::Error>() {
            Some(error) => Failure::from_io(outcome, error),
            None => Failure::new(outcome, error.to_string()),
        }
    }
}

fn given<'a, C>(call: &'a Option<C>, name: &str) -> Result<&'a C, Failure> {
    call.as_ref()
        .ok_or_else(|| Failure::refused(format!("the backend was made without `{name}`")))
}

#[cfg(test)]
mod tests {
    use std::io::ErrorKind;

    use rstest::rstest;

    use super::*;

    /// Returns calls of a library that has a list of results.
    fn calls() -> Calls<(), Vec<Received>> {
        let pop = |results: &mut Vec<Received>| results.pop().unwrap();
        let mut calls = Calls::default();
        calls.recv.blocking = Some(Box::new(pop));
        calls.recv.trying = Some(Box::new(pop));
        calls.meanings.push(Box::new(|error| {
            error
                .downcast_ref::<std::fmt::Error>()
                .map(|_| Outcome::Gone)
        }));
        calls
    }

    #[rstest]
    #[case::message(Ok(Some(vec![7])), Wait::Deadline, Ok(vec![7]))]
    #[case::end(Ok(None), Wait::Deadline, Err(Outcome::End))]
    #[case::nothing(Ok(None), Wait::Never, Err(Outcome::Empty))]
    #[case::known_error(Err(std::fmt::Error.into()), Wait::Deadline, Err(Outcome::Gone))]
    #[case::unknown_error(Err("torn".into()), Wait::Deadline, Err(Outcome::Error))]
    #[case::no_timed_form(Ok(None), Wait::For(Duration::ZERO), Err(Outcome::Refused))]
    fn a_result_means(
        #[case] result: Received,
        #[case] wait: Wait,
        #[case] expected: Result<Vec<u8>, Outcome>,
    ) {
        let received = calls().recv(&mut vec![result], wait);
        assert_eq!(received.map_err(|failure| failure.outcome), expected);
    }

    #[test]
    fn an_error_of_the_system_keeps_its_code() {
        let error = io::Error::from(ErrorKind::BrokenPipe);
        let failure = calls().failure(error.into());
        assert_eq!(failure.raw.unwrap().kind.unwrap().as_str(), "BrokenPipe");
    }
}

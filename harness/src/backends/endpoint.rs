//! Endpoints over a library whose connections carry bytes: their names, and the meaning of errors.

use std::io::{self, ErrorKind};
#[cfg(unix)]
use std::os::fd::AsFd;

use super::transport::Halves;
use super::transport::chunks::ChunkSize;
use crate::backend::{Attached, Channel, Failure, Kind, Outcome, PipeEnd, Wait};

pub(crate) use self::endpoint_backend::EndpointBackend;
pub(super) use self::endpoint_backend::EndpointTransport;

mod endpoint_backend;

/// Returns the endpoint's name: the channel's name, with a prefix if it must be longer.
pub(super) fn name(channel: &Channel) -> String {
    let length = channel.endpoint.name_length.unwrap_or_default();
    let length = usize::try_from(length)
        .unwrap_or(usize::MAX)
        .min(LONGEST_NAME);
    format!("{:x>length$}", channel.name)
}

/// The longest name that a case can ask for.
const LONGEST_NAME: usize = 4096;

/// Sets the backlog if a case chooses one and the library has no option for it. A second `listen`
/// changes it.
#[cfg(unix)]
pub(super) fn set_backlog(listener: impl AsFd, backlog: Option<u64>) -> Result<(), Failure> {
    let Some(backlog) = backlog else {
        return Ok(());
    };
    // Every system takes a larger number for its own limit.
    let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
    rustix::net::listen(listener, backlog).map_err(|error| listen_failure(error.into()))
}

/// Returns the end of a connection, with framed messages.
pub(super) fn connection(halves: Halves) -> Result<Box<dyn PipeEnd>, Failure> {
    match halves.attach(ChunkSize::whole(), Kind::Pipe) {
        Attached::Pipe(end) => Ok(end),
        _ => Err(Failure::refused("a connection is a pipe")),
    }
}

/// Returns what an error of listening means.
pub(super) fn listen_failure(error: io::Error) -> Failure {
    let outcome = match error.kind() {
        ErrorKind::AddrInUse | ErrorKind::AlreadyExists => Outcome::Taken,
        kind => refusal(kind),
    };
    Failure::from_io(outcome, &error)
}

/// Returns what an error of connecting with this wait means.
pub(super) fn connect_failure(error: io::Error, wait: Wait) -> Failure {
    let outcome = match (error.kind(), wait) {
        (ErrorKind::NotFound | ErrorKind::ConnectionRefused, _) => Outcome::Absent,
        (ErrorKind::WouldBlock | ErrorKind::TimedOut, Wait::Never) => Outcome::Full,
        (ErrorKind::TimedOut, Wait::For(_)) => Outcome::Timeout,
        (kind, _) => refusal(kind),
    };
    Failure::from_io(outcome, &error)
}

/// Returns what an error of accepting with this wait means.
pub(super) fn accept_failure(error: io::Error, wait: Wait) -> Failure {
    let outcome = match (error.kind(), wait) {
        (ErrorKind::WouldBlock | ErrorKind::TimedOut, Wait::Never) => Outcome::Empty,
        (ErrorKind::WouldBlock | ErrorKind::TimedOut, Wait::For(_)) => Outcome::Timeout,
        (kind, _) => refusal(kind),
    };
    Failure::from_io(outcome, &error)
}

/// Returns the failure of accepting in a process that doesn't listen.
pub(super) fn not_listening() -> Failure {
    Failure::new(Outcome::Closed, "this process doesn't listen there")
}

/// Returns the outcome of an error that is neither about the name nor about time.
fn refusal(kind: ErrorKind) -> Outcome {
    match kind {
        ErrorKind::PermissionDenied => Outcome::Denied,
        ErrorKind::InvalidInput | ErrorKind::InvalidFilename | ErrorKind::Unsupported => {
            Outcome::Refused
        }
        _ => Outcome::Error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use std::time::Duration;

    const SHORTLY: Wait = Wait::For(Duration::from_millis(1));

    #[rstest]
    #[case::a_live_listener(ErrorKind::AddrInUse, Outcome::Taken)]
    #[case::a_file_is_there(ErrorKind::AlreadyExists, Outcome::Taken)]
    #[case::too_long(ErrorKind::InvalidInput, Outcome::Refused)]
    #[case::not_allowed(ErrorKind::PermissionDenied, Outcome::Denied)]
    #[case::anything_else(ErrorKind::OutOfMemory, Outcome::Error)]
    fn a_failed_listen(#[case] kind: ErrorKind, #[case] expected: Outcome) {
        assert_eq!(listen_failure(kind.into()).outcome, expected);
    }

    #[rstest]
    #[case::no_name(ErrorKind::NotFound, Wait::Deadline, Outcome::Absent)]
    #[case::a_stale_name(ErrorKind::ConnectionRefused, Wait::Deadline, Outcome::Absent)]
    #[case::no_room(ErrorKind::WouldBlock, Wait::Never, Outcome::Full)]
    #[case::no_room_in_time(ErrorKind::TimedOut, SHORTLY, Outcome::Timeout)]
    #[case::no_time_was_given(ErrorKind::TimedOut, Wait::Deadline, Outcome::Error)]
    fn a_failed_connect(#[case] kind: ErrorKind, #[case] wait: Wait, #[case] expected: Outcome) {
        assert_eq!(connect_failure(kind.into(), wait).outcome, expected);
    }

    #[rstest]
    #[case::no_client_yet(ErrorKind::WouldBlock, Wait::Never, Outcome::Empty)]
    #[case::no_client_in_time(ErrorKind::WouldBlock, SHORTLY, Outcome::Timeout)]
    #[case::no_such_form(ErrorKind::Unsupported, SHORTLY, Outcome::Refused)]
    fn a_failed_accept(#[case] kind: ErrorKind, #[case] wait: Wait, #[case] expected: Outcome) {
        assert_eq!(accept_failure(kind.into(), wait).outcome, expected);
    }
}

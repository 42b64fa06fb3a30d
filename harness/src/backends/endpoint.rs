//! What all backends of endpoints have in common whose connections are of bytes: how those who meet
//! there learn of the name, and what the errors of meeting mean.

use std::io::{self, ErrorKind};
#[cfg(unix)]
use std::os::fd::AsFd;

use super::transport::Halves;
use super::transport::chunks::ChunkSize;
use crate::backend::{Attached, Channel, Failure, Kind, Outcome, PipeEnd, Wait};

pub use self::endpoint_backend::EndpointBackend;
pub(super) use self::endpoint_backend::EndpointTransport;

mod endpoint_backend;

/// What the endpoint is called: as long as it is to be, ending as the channel is called.
pub(super) fn name(channel: &Channel) -> String {
    let length = channel.endpoint.name_length.unwrap_or_default();
    let length = usize::try_from(length)
        .unwrap_or(usize::MAX)
        .min(LONGEST_NAME);
    format!("{:x>length$}", channel.name)
}

/// No case needs a longer one.
const LONGEST_NAME: usize = 4096;

/// How many clients may wait to be accepted, where a case chooses that and the library has no say in
/// it: to listen once more tells the system.
#[cfg(unix)]
pub(super) fn set_backlog(listener: impl AsFd, backlog: Option<u64>) -> Result<(), Failure> {
    let Some(backlog) = backlog else {
        return Ok(());
    };
    // No system keeps room for so many, and each takes this for as many as it has.
    let backlog = i32::try_from(backlog).unwrap_or(i32::MAX);
    rustix::net::listen(listener, backlog).map_err(|error| listen_failure(error.into()))
}

/// The end of a connection: messages, framed by us.
pub(super) fn connection(halves: Halves) -> Result<Box<dyn PipeEnd>, Failure> {
    match halves.attach(ChunkSize::whole(), Kind::Pipe) {
        Attached::Pipe(end) => Ok(end),
        _ => Err(Failure::refused("a connection is a pipe")),
    }
}

/// What a failed listen means.
pub(super) fn listen_failure(error: io::Error) -> Failure {
    let outcome = match error.kind() {
        ErrorKind::AddrInUse | ErrorKind::AlreadyExists => Outcome::Taken,
        kind => refusal(kind),
    };
    Failure::from_io(outcome, &error)
}

/// What a failed connect means that waited like this.
pub(super) fn connect_failure(error: io::Error, wait: Wait) -> Failure {
    let outcome = match (error.kind(), wait) {
        (ErrorKind::NotFound | ErrorKind::ConnectionRefused, _) => Outcome::Absent,
        (ErrorKind::WouldBlock | ErrorKind::TimedOut, Wait::Never) => Outcome::Full,
        (ErrorKind::TimedOut, Wait::For(_)) => Outcome::Timeout,
        (kind, _) => refusal(kind),
    };
    Failure::from_io(outcome, &error)
}

/// What a failed accept means that waited like this.
pub(super) fn accept_failure(error: io::Error, wait: Wait) -> Failure {
    let outcome = match (error.kind(), wait) {
        (ErrorKind::WouldBlock | ErrorKind::TimedOut, Wait::Never) => Outcome::Empty,
        (ErrorKind::WouldBlock | ErrorKind::TimedOut, Wait::For(_)) => Outcome::Timeout,
        (kind, _) => refusal(kind),
    };
    Failure::from_io(outcome, &error)
}

/// What accepting comes to where this process doesn't listen, or no more.
pub(super) fn not_listening() -> Failure {
    Failure::new(Outcome::Closed, "this process doesn't listen there")
}

/// What is neither about the name nor about time.
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
    #[case::somebody_listens(ErrorKind::AddrInUse, Outcome::Taken)]
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
    #[case::nobody_yet(ErrorKind::WouldBlock, Wait::Never, Outcome::Empty)]
    #[case::nobody_in_time(ErrorKind::WouldBlock, SHORTLY, Outcome::Timeout)]
    #[case::no_such_form(ErrorKind::Unsupported, SHORTLY, Outcome::Refused)]
    fn a_failed_accept(#[case] kind: ErrorKind, #[case] wait: Wait, #[case] expected: Outcome) {
        assert_eq!(accept_failure(kind.into(), wait).outcome, expected);
    }
}

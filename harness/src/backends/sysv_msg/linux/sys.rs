//! The system calls.
#![expect(unsafe_code, reason = "no safe crate has these calls")]

use std::io;

use crate::os::noted_queue::QueueId;

/// Whether a call waits for room, or for a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waits {
    /// The call waits.
    Yes,
    /// The call fails instead of waiting.
    No,
}

impl Waits {
    fn flags(self) -> libc::c_int {
        match self {
            Waits::Yes => 0,
            Waits::No => libc::IPC_NOWAIT,
        }
    }
}

/// Sends a message: a `long` for its type, then `length` bytes.
pub(super) fn send(
    id: QueueId,
    message: &[libc::c_long],
    length: usize,
    waits: Waits,
) -> io::Result<()> {
    assert!(length <= room(message), "the bytes are in the message");
    // SAFETY: the call reads a `long` and `length` bytes, which are there.
    checked(unsafe { libc::msgsnd(id, message.as_ptr().cast(), length, waits.flags()) })
}

/// Receives the oldest message into `message`: a `long` for its type, then the bytes. Returns how many
/// bytes there are.
pub(super) fn receive(
    id: QueueId,
    message: &mut [libc::c_long],
    waits: Waits,
) -> io::Result<usize> {
    assert!(!message.is_empty(), "there is room for the type");
    let room = room(message);
    // SAFETY: the call writes a `long` and at most `room` bytes, for which there is room.
    let length = unsafe { libc::msgrcv(id, message.as_mut_ptr().cast(), room, 0, waits.flags()) };
    usize::try_from(length).map_err(|_| io::Error::last_os_error())
}

/// Returns how many bytes fit after the type.
fn room(message: &[libc::c_long]) -> usize {
    message.len().saturating_sub(1) * size_of::<libc::c_long>()
}

fn checked(returned: libc::c_int) -> io::Result<()> {
    if returned < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

//! The system calls. The crate nix has most of them, but not `mq_timedsend`, and its descriptors don't
//! close when dropped.
#![expect(unsafe_code, reason = "no safe crate has all of these calls")]

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::ptr;
use std::time::Duration;

/// The one priority of all messages.
const PRIORITY: libc::c_uint = 0;

/// The limits with which a queue is made.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attributes {
    pub(super) messages: u64,
    pub(super) length: u64,
}

/// The mode of a descriptor and its duplicates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Calls wait.
    Waiting,
    /// Calls fail instead of waiting.
    Trying,
}

impl Access {
    fn flags(self) -> libc::c_int {
        let common = libc::O_RDWR | libc::O_CLOEXEC;
        match self {
            Access::Waiting => common,
            Access::Trying => common | libc::O_NONBLOCK,
        }
    }
}

/// Makes a queue with this name, which must be new.
pub(super) fn create(name: &CStr, attributes: Attributes) -> io::Result<OwnedFd> {
    let number = |count: u64| libc::c_long::try_from(count).map_err(io::Error::other);
    // SAFETY: plain integers, for which zero is a value.
    let mut asked: libc::mq_attr = unsafe { MaybeUninit::zeroed().assume_init() };
    asked.mq_maxmsg = number(attributes.messages)?;
    asked.mq_msgsize = number(attributes.length)?;
    let flags = Access::Waiting.flags() | libc::O_CREAT | libc::O_EXCL;
    let mode: libc::mode_t = 0o600;
    // SAFETY: the name ends with NUL, and the attributes live for the call.
    let queue = unsafe { libc::mq_open(name.as_ptr(), flags, mode, &raw const asked) };
    owned(queue)
}

/// Opens the queue with this name once more.
pub(super) fn open(name: &CStr, access: Access) -> io::Result<OwnedFd> {
    // SAFETY: the name ends with NUL.
    let queue = unsafe { libc::mq_open(name.as_ptr(), access.flags()) };
    owned(queue)
}

fn owned(queue: libc::mqd_t) -> io::Result<OwnedFd> {
    checked(queue)?;
    // SAFETY: the call has just opened this descriptor, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(queue) })
}

/// Removes the name.
pub(super) fn unlink(name: &CStr) -> io::Result<()> {
    // SAFETY: the name ends with NUL.
    checked(unsafe { libc::mq_unlink(name.as_ptr()) })
}

/// Returns the limits with which the queue was made.
pub(super) fn attributes(queue: BorrowedFd<'_>) -> io::Result<Attributes> {
    let mut found = MaybeUninit::<libc::mq_attr>::zeroed();
    // SAFETY: the call writes one `mq_attr` there.
    checked(unsafe { libc::mq_getattr(queue.as_raw_fd(), found.as_mut_ptr()) })?;
    // SAFETY: plain integers, which the call has set.
    let found = unsafe { found.assume_init() };
    Ok(Attributes {
        messages: found.mq_maxmsg.unsigned_abs(),
        length: found.mq_msgsize.unsigned_abs(),
    })
}

/// Sends a message. Waits until `until`, a time since the epoch; without it, as the descriptor's mode
/// says.
pub(super) fn send(
    queue: BorrowedFd<'_>,
    message: &[u8],
    until: Option<Duration>,
) -> io::Result<()> {
    let until = until.map(timespec);
    // SAFETY: the message and the time, if there is one, live for the call. Without a time it is
    // `mq_send`.
    checked(unsafe {
        libc::mq_timedsend(
            queue.as_raw_fd(),
            message.as_ptr().cast(),
            message.len(),
            PRIORITY,
            until.as_ref().map_or(ptr::null(), ptr::from_ref),
        )
    })
}

/// Receives a message into the beginning of `message` and returns its length. `message` must be as long
/// as the queue's longest message. Waits as [`send`] does.
pub(super) fn receive(
    queue: BorrowedFd<'_>,
    message: &mut [u8],
    until: Option<Duration>,
) -> io::Result<usize> {
    let until = until.map(timespec);
    // SAFETY: the call writes no more than `message.len()` bytes there, and the time, if there is
    // one, lives for the call. Without a time it is `mq_receive`. The priority isn't needed.
    let length = unsafe {
        libc::mq_timedreceive(
            queue.as_raw_fd(),
            message.as_mut_ptr().cast(),
            message.len(),
            ptr::null_mut(),
            until.as_ref().map_or(ptr::null(), ptr::from_ref),
        )
    };
    usize::try_from(length).map_err(|_| io::Error::last_os_error())
}

fn timespec(since_epoch: Duration) -> libc::timespec {
    libc::timespec {
        tv_sec: libc::time_t::try_from(since_epoch.as_secs()).unwrap_or(libc::time_t::MAX),
        tv_nsec: since_epoch.subsec_nanos().into(),
    }
}

fn checked(returned: libc::c_int) -> io::Result<()> {
    if returned < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

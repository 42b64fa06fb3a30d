//! The log and the control link of a process, used by one thread or shared by several.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::backend::{Failure, Handle, Outcome};
use crate::os::link::PeerLink;
use crate::os::replies::PendingReplies;
use crate::peer::log::{BeginRecord, Begun, LogWriter, ReturnRecord};
use crate::peer::wire::{self, FromPeer, FromThread, ToPeer};

/// A thread's access to the log and the link of its process.
pub(super) enum LogAndLink<'p> {
    /// Owned by the only thread that runs.
    Own { log: LogWriter, link: PeerLink },
    /// Shared by the threads of a `threads` step.
    Shared(&'p SharedLogAndLink<'p>),
    /// Closed in a fork of the process that owns them.
    Left,
}

/// The log and the link of a process while several threads use them.
pub(super) struct SharedLogAndLink<'p> {
    log: Mutex<&'p mut LogWriter>,
    to_harness: Mutex<PeerLink>,
    from_harness: PendingReplies<&'p mut PeerLink, HarnessReply>,
}

/// The harness's reply to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum HarnessReply {
    Happened,
    Impossible,
}

impl LogAndLink<'_> {
    /// Lends the log and the link to several threads.
    pub(super) fn share(&mut self) -> io::Result<SharedLogAndLink<'_>> {
        match self {
            LogAndLink::Own { log, link } => Ok(SharedLogAndLink {
                log: Mutex::new(log),
                to_harness: Mutex::new(link.try_clone()?),
                from_harness: PendingReplies::new(link),
            }),
            LogAndLink::Shared(_) => Err(io::Error::other(
                "a `threads` step can't contain another one",
            )),
            LogAndLink::Left => Err(left()),
        }
    }

    /// See [`LogWriter::begin`].
    #[inline]
    pub(super) fn begin(&mut self, begin: BeginRecord) -> io::Result<Begun> {
        match self {
            LogAndLink::Own { log, .. } => log.begin(begin),
            LogAndLink::Shared(shared) => lock(&shared.log).begin(begin),
            LogAndLink::Left => Err(left()),
        }
    }

    /// See [`LogWriter::done`].
    #[inline]
    pub(super) fn done(&mut self, begun: &Begun, returned: u64, done: ReturnRecord) {
        match self {
            LogAndLink::Own { log, .. } => log.done(begun, returned, done),
            LogAndLink::Shared(shared) => lock(&shared.log).done(begun, returned, done),
            LogAndLink::Left => {}
        }
    }

    /// See [`LogWriter::keep_aside`].
    pub(super) fn keep_aside(
        &mut self,
        of: &Begun,
        message: &[u8],
        offset: usize,
    ) -> io::Result<()> {
        match self {
            LogAndLink::Own { log, .. } => log.keep_aside(of, message, offset),
            LogAndLink::Shared(shared) => lock(&shared.log).keep_aside(of, message, offset),
            LogAndLink::Left => Err(left()),
        }
    }

    /// See [`LogWriter::keep_said`].
    pub(super) fn keep_said(&mut self, of: &Begun, text: &str) -> io::Result<()> {
        match self {
            LogAndLink::Own { log, .. } => log.keep_said(of, text),
            LogAndLink::Shared(shared) => lock(&shared.log).keep_said(of, text),
            LogAndLink::Left => Err(left()),
        }
    }

    /// Sends a message to the harness.
    pub(super) fn tell(
        &mut self,
        said: &FromThread<&FromPeer>,
        handles: Vec<Handle>,
    ) -> io::Result<()> {
        let frame = wire::frame(said, handles);
        match self {
            LogAndLink::Own { link, .. } => link.send(frame),
            LogAndLink::Shared(shared) => lock(&shared.to_harness).send(frame),
            LogAndLink::Left => Err(left()),
        }
    }

    /// Waits for the reply to this thread's request. Returns an error if the requested event can't
    /// happen any more.
    pub(super) fn wait_for_answer(&mut self, thread: u16) -> Result<(), Failure> {
        let reply = match self {
            LogAndLink::Own { link, .. } => read(link)?.1,
            LogAndLink::Shared(shared) => shared
                .from_harness
                .wait(u64::from(thread), |link| read(link))?,
            LogAndLink::Left => return Err(left().into()),
        };
        match reply {
            HarnessReply::Happened => Ok(()),
            HarnessReply::Impossible => Err(Failure::new(
                Outcome::Error,
                "it can't happen any more, or it happened too early",
            )),
        }
    }
}

fn left() -> io::Error {
    io::Error::other("this process was forked from the one that owns the log and the link")
}

/// Waits for the next reply. Returns it with the number of its thread.
fn read(link: &mut PeerLink) -> io::Result<(u64, HarnessReply)> {
    let frame = link
        .recv()?
        .ok_or_else(|| io::Error::other("the harness is gone"))?;
    match wire::message(&frame.body)? {
        ToPeer::Happened { thread } => Ok((thread.into(), HarnessReply::Happened)),
        ToPeer::Impossible { thread } => Ok((thread.into(), HarnessReply::Impossible)),
        other => Err(io::Error::other(format!("an unexpected order: {other:?}"))),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panicking thread ends the process, so a poisoned lock is never used.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

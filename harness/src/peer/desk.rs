//! Where a thread records what it does, and speaks to the harness.

use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::backend::{Failure, Handle, Outcome};
use crate::os::answers::Answers;
use crate::os::link::PeerLink;
use crate::peer::log::{Begin, Begun, Log, Return};
use crate::peer::wire::{self, Order, Said, Word};

/// A log and a link.
pub(super) enum Desk<'p> {
    /// The process's own, which nobody else uses now.
    Own {
        /// What it does.
        log: Log,
        /// To the harness and back.
        link: PeerLink,
    },
    /// Those that the threads of a `threads` step share.
    Shared(&'p SharedDesk<'p>),
}

/// A process's log and link while several of its threads use them.
pub(super) struct SharedDesk<'p> {
    log: Mutex<&'p mut Log>,
    to_harness: Mutex<PeerLink>,
    from_harness: Answers<&'p mut PeerLink, Answer>,
}

/// What the harness says to what it was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Happened,
    Impossible,
}

impl Desk<'_> {
    /// The same for several threads, until they are done.
    pub(super) fn share(&mut self) -> io::Result<SharedDesk<'_>> {
        match self {
            Desk::Own { log, link } => Ok(SharedDesk {
                log: Mutex::new(log),
                to_harness: Mutex::new(link.try_clone()?),
                from_harness: Answers::new(link),
            }),
            Desk::Shared(_) => Err(io::Error::other("a thread starts no threads")),
        }
    }

    /// See [`Log::begin`].
    #[inline]
    pub(super) fn begin(&mut self, begin: Begin) -> io::Result<Begun> {
        match self {
            Desk::Own { log, .. } => log.begin(begin),
            Desk::Shared(desk) => lock(&desk.log).begin(begin),
        }
    }

    /// See [`Log::done`].
    #[inline]
    pub(super) fn done(&mut self, begun: &Begun, returned: u64, done: Return) {
        match self {
            Desk::Own { log, .. } => log.done(begun, returned, done),
            Desk::Shared(desk) => lock(&desk.log).done(begun, returned, done),
        }
    }

    /// See [`Log::keep_aside`].
    pub(super) fn keep_aside(
        &mut self,
        of: &Begun,
        message: &[u8],
        offset: usize,
    ) -> io::Result<()> {
        match self {
            Desk::Own { log, .. } => log.keep_aside(of, message, offset),
            Desk::Shared(desk) => lock(&desk.log).keep_aside(of, message, offset),
        }
    }

    /// Says something to the harness.
    pub(super) fn tell(&mut self, said: &Said<&Word>, handles: Vec<Handle>) -> io::Result<()> {
        let frame = wire::frame(said, handles);
        match self {
            Desk::Own { link, .. } => link.send(frame),
            Desk::Shared(desk) => lock(&desk.to_harness).send(frame),
        }
    }

    /// Waits until what this thread asked for has happened.
    pub(super) fn wait_for_answer(&mut self, thread: u16) -> Result<(), Failure> {
        let answer = match self {
            Desk::Own { link, .. } => read(link)?.1,
            Desk::Shared(desk) => desk
                .from_harness
                .wait(u64::from(thread), |link| read(link))?,
        };
        match answer {
            Answer::Happened => Ok(()),
            Answer::Impossible => Err(Failure::new(
                Outcome::Error,
                "it can't happen any more, or it came too early",
            )),
        }
    }
}

/// The next answer, and for which thread it is.
fn read(link: &mut PeerLink) -> io::Result<(u64, Answer)> {
    let frame = link
        .recv()?
        .ok_or_else(|| io::Error::other("the harness is gone"))?;
    match wire::message(&frame.body)? {
        Order::Happened { thread } => Ok((thread.into(), Answer::Happened)),
        Order::Impossible { thread } => Ok((thread.into(), Answer::Impossible)),
        other => Err(io::Error::other(format!("an unexpected order: {other:?}"))),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A thread that panics ends the process.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! CPython's multiprocessing.Queue: a get with a timeout hangs in an item whose producer was killed.
//!
//! <https://github.com/birdnet-team/birdnet/issues/83>: "`timeout` bounds acquiring the read lock and
//! the poll. `_recv_bytes()` is not bounded by anything. So a message truncated by a worker killed
//! mid-`put` stops the consumer". CPython's own report is
//! <https://github.com/python/cpython/issues/87971>, "multiprocessing.Queue hangs when process on
//! other side dies". As in CPython, a thread writes the items. The locks are left out, because here
//! one process puts and one gets.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use ipc_conformance::backend::{Capability, Failure, Grant, Handle, Outcome, QueueEnd, Wait};

use super::bug::{Bug, Version, both};
use super::queues::{OverPipes, PipesEnd, Share, is_readable};
use super::sockets::{HEADER, failure, framed, length, read_framed};

pub(crate) const BUG: Bug = Bug {
    name: Timed::NAME,
    link: "https://github.com/birdnet-team/birdnet/issues/83",
    permutation: "fault/killed-mid-message",
    clause: "fault.kill.mid-message",
    invariant: "kill",
    backends: |registry| both(registry, OverPipes::<Timed>::of),
};

/// The limit of a blocking call, longer than the deadline of any case.
const LONG: Duration = Duration::from_secs(3600);

struct Timed {
    version: Version,
    items: (PipeReader, PipeWriter),
    room: (PipeReader, PipeWriter),
    /// The channel to the writing thread.
    feeder: Option<Sender<Vec<u8>>>,
    /// The part of an item that was read so far.
    begun: Vec<u8>,
}

impl PipesEnd for Timed {
    const NAME: &'static str = "unbounded-read";
    const PIPES: usize = 2;
    const MORE: &'static [Capability] = &[
        Capability::TimedGet,
        Capability::TimedPut,
        Capability::SeveralProducers,
    ];

    /// Every process holds both ends of the pipe, so the death of a producer never gives end of
    /// stream.
    fn shares(_version: Version, _grant: Grant) -> Vec<Share> {
        vec![
            Share::Read(0),
            Share::Write(0),
            Share::Read(1),
            Share::Write(1),
        ]
    }

    fn over(handles: Vec<Handle>, _grant: Grant, version: Version) -> Timed {
        let mut handles = handles.into_iter();
        let mut next = || handles.next().expect("there is a handle for each share");
        Timed {
            version,
            items: (next().into(), next().into()),
            room: (next().into(), next().into()),
            feeder: None,
            begun: Vec::new(),
        }
    }
}

impl Timed {
    /// Reads until the deadline, and keeps a part of an item for the next call.
    fn read_in_time(&mut self, until: Instant) -> io::Result<Option<Vec<u8>>> {
        loop {
            let whole = length(&self.begun).map(|length| HEADER + length);
            if whole.is_some_and(|whole| self.begun.len() == whole) {
                return Ok(Some(std::mem::take(&mut self.begun).split_off(HEADER)));
            }
            let left = until.saturating_duration_since(Instant::now());
            if !is_readable(&self.items.0, left)? {
                return Ok(None);
            }
            let wanted = whole.unwrap_or(HEADER) - self.begun.len();
            let mut piece = vec![0; wanted.min(4096)];
            let count = self.items.0.read(&mut piece)?;
            self.begun.extend_from_slice(&piece[..count]);
        }
    }
}

fn time(wait: Wait) -> Duration {
    match wait {
        Wait::Deadline => LONG,
        Wait::Never => Duration::ZERO,
        Wait::For(time) => time,
    }
}

impl QueueEnd for Timed {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        if !is_readable(&self.room.0, time(wait))? {
            return Err(Failure::new(Outcome::Timeout, "no room in time"));
        }
        self.room.0.read_exact(&mut [0])?;
        if self.feeder.is_none() {
            let (feeder, items) = channel::<Vec<u8>>();
            let mut pipe = self.items.1.try_clone()?;
            thread::spawn(move || {
                for item in items {
                    // Every process holds both ends, so this fails only after the harness has exited.
                    let _ = pipe.write_all(&item);
                }
            });
            self.feeder = Some(feeder);
        }
        let gone = |_| Failure::new(Outcome::Error, "the feeder is gone");
        let feeder = self.feeder.as_ref().expect("the thread was started above");
        feeder.send(framed(item)).map_err(gone)
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        let until = Instant::now() + time(wait);
        let nothing = || Failure::new(Outcome::Timeout, "nothing in time");
        match self.version {
            Version::Published if !is_readable(&self.items.0, time(wait))? => {
                return Err(nothing());
            }
            Version::Published => read_framed(&self.items.0, item).map_err(failure)?,
            Version::Mended => *item = self.read_in_time(until)?.ok_or_else(nothing)?,
        }
        Ok(self.room.1.write_all(&[1])?)
    }
}

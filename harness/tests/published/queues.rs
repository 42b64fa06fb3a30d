//! Queues made of pipes: one carries the items, the others carry shared state.

use std::io::{self, PipeReader, PipeWriter, Write};
use std::marker::PhantomData;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use ipc_conformance::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Handle, Host, Key,
    Kind, Opened, Parcel, QueueEnd, System,
};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::bug::Version;

/// One end of one of the queue's pipes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Share {
    /// The reading end of the pipe with this number.
    Read(usize),
    /// The writing end of the pipe with this number.
    Write(usize),
}

/// A process's end of a queue, with a bug or fixed.
pub(crate) trait PipesEnd: QueueEnd + Sized {
    /// The bug's name.
    const NAME: &'static str;
    /// The number of pipes. The first carries items. The second holds a byte for each free place, or
    /// another number of bytes if the queue is unbounded.
    const PIPES: usize;
    /// The number of bytes in the second pipe.
    const BYTES: u64 = 100;
    /// The capabilities beyond blocking puts of one producer and blocking gets of one consumer.
    const MORE: &'static [Capability];

    /// Returns the ends that a process receives, in the order in which [`PipesEnd::over`] takes them.
    fn shares(version: Version, grant: Grant) -> Vec<Share>;

    /// Makes an end of these handles.
    fn over(handles: Vec<Handle>, grant: Grant, version: Version) -> Self;
}

/// A queue with such ends.
pub(crate) struct OverPipes<E> {
    version: Version,
    ends: PhantomData<fn() -> E>,
}

impl<E> OverPipes<E> {
    pub(crate) fn of(version: Version) -> OverPipes<E> {
        OverPipes {
            version,
            ends: PhantomData,
        }
    }
}

impl<E: PipesEnd> Backend for OverPipes<E> {
    fn key(&self) -> Key {
        Key::new(Kind::Queue, self.version.name(E::NAME))
    }

    fn about(&self) -> About {
        format!("{:?}: {}", self.version, E::NAME).into()
    }

    fn capabilities(&self, _system: System) -> Option<Capabilities> {
        let mut capabilities = Capabilities::new()
            .native([
                Capability::Boundaries,
                Capability::Capacity,
                Capability::Backpressure,
                Capability::SnapshotAtPut,
                Capability::Spawn,
            ])
            .native(E::MORE.iter().copied())
            .composed([Capability::Values]);
        capabilities.largest_capacity = Some(100);
        Some(capabilities)
    }

    fn open(&self, channel: &Channel, _host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let pipes = (0..E::PIPES).map(|_| io::pipe());
        let mut pipes = pipes.collect::<io::Result<Vec<_>>>()?;
        if let Some((_, room)) = pipes.get_mut(1) {
            let count = channel.capacity.unwrap_or(E::BYTES);
            for _ in 0..count {
                room.write_all(&[1])?;
            }
        }
        Ok(Box::new(Pipes {
            pipes,
            shares: |version, grant| E::shares(version, grant),
            version: self.version,
        }))
    }

    fn attach(
        &self,
        _channel: &Channel,
        grant: Grant,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        let end = E::over(parcel.handles, grant, self.version);
        Ok(Attached::Queue(Box::new(end)))
    }
}

struct Pipes {
    pipes: Vec<(PipeReader, PipeWriter)>,
    shares: fn(Version, Grant) -> Vec<Share>,
    version: Version,
}

impl Opened for Pipes {
    fn grant(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        let shares = (self.shares)(self.version, grant).into_iter();
        let handles = shares.map(|share| {
            Ok(match share {
                Share::Read(pipe) => self.pipes[pipe].0.try_clone()?.into(),
                Share::Write(pipe) => self.pipes[pipe].1.try_clone()?.into(),
            })
        });
        Ok(Parcel::of(handles.collect::<io::Result<Vec<Handle>>>()?))
    }
}

/// Returns whether there are bytes to read, or no writer is left, within this time.
pub(crate) fn is_readable(pipe: impl AsFd, within: Duration) -> io::Result<bool> {
    let until = Instant::now() + within;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let left = Timespec::try_from(left).map_err(io::Error::other)?;
        match poll(&mut [PollFd::new(&pipe, PollFlags::IN)], Some(&left)) {
            Ok(count) => return Ok(count > 0),
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

//! iceoryx2: a producer that waits for room is never released after its consumer has died.
//!
//! <https://github.com/eclipse-iceoryx/iceoryx2/issues/314>, "Dead lock in
//! `UnableToDeliverStrategy::Block` when Subscriber is removed while Publisher Blocks": if a buffer is
//! full, the publisher blocks, and "also remains blocked when you remove the last subscriber before it
//! consumes its buffer". Here, room is bytes in a pipe: the producer takes one, and the consumer
//! returns it. The producer holds copies of the other ends, so it doesn't see that the consumer is
//! gone.

use std::io::{self, PipeReader, PipeWriter, Read, Write};

use ipc_conformance::backend::{Capability, Failure, Grant, Handle, Outcome, QueueEnd, Wait};

use super::bug::{Bug, Version, both};
use super::queues::{OverPipes, PipesEnd, Share};
use super::sockets::{failure, framed, read_framed};

pub(crate) const BUG: Bug = Bug {
    name: Blocking::NAME,
    link: "https://github.com/eclipse-iceoryx/iceoryx2/issues/314",
    permutation: "fault/killed-consumer[kill=before-1]",
    clause: "fault.kill.blocked-on-dead-consumer",
    invariant: "wake",
    backends: |registry| both(registry, OverPipes::<Blocking>::of),
};

enum Blocking {
    Producer {
        items: PipeWriter,
        room: PipeReader,
        /// The fault.
        _own_copies: Vec<Handle>,
    },
    Consumer {
        items: PipeReader,
        room: PipeWriter,
    },
}

impl PipesEnd for Blocking {
    const NAME: &'static str = "blocked-producer";
    const PIPES: usize = 2;
    const MORE: &'static [Capability] = &[Capability::GoneWithoutConsumers];

    fn shares(version: Version, grant: Grant) -> Vec<Share> {
        let producers = [Share::Write(0), Share::Read(1)];
        let consumers = [Share::Read(0), Share::Write(1)];
        match (grant.puts, version) {
            (true, Version::Published) => [producers, consumers].concat(),
            (true, Version::Mended) => producers.to_vec(),
            (false, _) => consumers.to_vec(),
        }
    }

    fn over(handles: Vec<Handle>, grant: Grant, _version: Version) -> Blocking {
        let mut handles = handles.into_iter();
        let mut next = || handles.next().expect("there is a handle for each share");
        if grant.puts {
            Blocking::Producer {
                items: next().into(),
                room: next().into(),
                _own_copies: handles.collect(),
            }
        } else {
            Blocking::Consumer {
                items: next().into(),
                room: next().into(),
            }
        }
    }
}

impl QueueEnd for Blocking {
    fn put(&mut self, item: &[u8], _wait: Wait) -> Result<(), Failure> {
        let Blocking::Producer { items, room, .. } = self else {
            return Err(Failure::refused("a consumer's end"));
        };
        match room.read(&mut [0]) {
            Ok(0) => Err(Failure::new(
                Outcome::Gone,
                "no consumer is left to make room",
            )),
            Ok(_) => items.write_all(&framed(item)).map_err(failure),
            Err(error) => Err(error.into()),
        }
    }

    fn get(&mut self, item: &mut Vec<u8>, _wait: Wait) -> Result<(), Failure> {
        let Blocking::Consumer { items, room } = self else {
            return Err(Failure::refused("a producer's end"));
        };
        read_framed(items, item).map_err(failure)?;
        let made: io::Result<()> = room.write_all(&[1]);
        // Without a producer, the byte isn't needed.
        made.or_else(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Ok(()),
            _ => Err(error.into()),
        })
    }
}

//! Backends made wrong on purpose, and odd but legal ones.
//!
//! A mutant stands before any backend, through the same traits. What it does to messages on their
//! way out, to what is reported of those that come in, and to the pace is decided apart from the
//! ends that do it.

use std::io;
use std::sync::Arc;

use self::ends::{MutantPipe, MutantQueue, MutantStream};
pub use self::fault::Fault;
use self::grant::Grant;
use crate::backend::transport::pieces::IN_PIECES;
use crate::backend::{Attached, Backend, Failure, Host, Key, Opened, Parcel};
use crate::capability::Capabilities;
use crate::channel::Kind;
use crate::outcome::Outcome;
use crate::plan::{Channel, GivenEnd, Wait};
use crate::system::System;

mod ends;
mod fault;
mod grant;
mod receiving;
mod sending;
mod timing;

/// How many items a queue without a bound holds where that is the fault.
const SMALL: u64 = 10;

/// A backend with a fault.
pub(crate) struct Mutant {
    sound: Arc<dyn Backend>,
    fault: Fault,
}

impl Mutant {
    pub(crate) fn new(sound: Arc<dyn Backend>, fault: Fault) -> Mutant {
        Mutant { sound, fault }
    }

    /// The channel that the sound backend is asked for.
    fn asked(&self, channel: &Channel) -> Channel {
        let capacity = match self.fault {
            Fault::CapacityPlusOne => channel.capacity.map(|capacity| capacity + 1),
            Fault::Small if channel.kind == Kind::Queue => channel.capacity.or(Some(SMALL)),
            _ => channel.capacity,
        };
        Channel {
            capacity,
            ..channel.clone()
        }
    }
}

impl Backend for Mutant {
    fn key(&self) -> Key {
        let Key { kind, name } = self.sound.key();
        Key::new(kind, format!("{name}{}{}", Fault::MARK, self.fault))
    }

    fn about(&self) -> String {
        let manner = if self.fault.is_wrong() {
            "wrong on purpose"
        } else {
            "odd on purpose"
        };
        format!("{}; {manner}: {}", self.sound.about(), self.fault.about())
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        self.sound.capabilities(system)
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let seed = host.seed();
        let sound = self.sound.open(&self.asked(channel), host)?;
        Ok(Box::new(MutantOpened {
            sound,
            seed,
            granted: 0,
            slow_one_chosen: false,
        }))
    }

    fn attach(
        &self,
        channel: &Channel,
        given: GivenEnd,
        mut parcel: Parcel,
    ) -> Result<Attached, Failure> {
        let grant = Grant::take_from(&mut parcel)?;
        if self.fault == Fault::Dribble && channel.kind == Kind::Pipe {
            parcel.data = IN_PIECES.to_vec();
        }
        let sound = self.sound.attach(&self.asked(channel), given, parcel)?;
        Ok(match sound {
            Attached::Queue(end) => {
                Attached::Queue(Box::new(MutantQueue::new(end, self.fault, &grant)))
            }
            Attached::Pipe(end) => {
                Attached::Pipe(Box::new(MutantPipe::new(end, self.fault, &grant)))
            }
            // No fault is about meeting yet.
            endpoint @ Attached::Endpoint(_) => endpoint,
            Attached::Stream(end) => {
                Attached::Stream(Box::new(MutantStream::new(end, self.fault, &grant)))
            }
        })
    }

    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        let mut answers = ends::with_sound(ends, |ends| self.sound.poll_several(ends, wait));
        if self.fault == Fault::FirstReady {
            let ready = answers.iter_mut().filter(|answer| answer.is_ok());
            for answer in ready.skip(1) {
                *answer = Err(Failure::new(Outcome::Empty, "nothing is there yet"));
            }
        }
        answers
    }

    fn at_exit(&self) {
        self.sound.at_exit();
    }

    fn help(&self, parcel: Parcel) -> io::Result<()> {
        self.sound.help(parcel)
    }
}

struct MutantOpened {
    sound: Box<dyn Opened>,
    seed: u64,
    granted: u64,
    slow_one_chosen: bool,
}

impl Opened for MutantOpened {
    fn grant(&mut self, given: GivenEnd) -> Result<Parcel, Failure> {
        let mut parcel = self.sound.grant(given)?;
        let slow = given.gets && !self.slow_one_chosen;
        self.slow_one_chosen |= slow;
        Grant {
            seed: self.seed.wrapping_add(self.granted),
            slow,
        }
        .put_into(&mut parcel);
        self.granted += 1;
        Ok(parcel)
    }

    fn ready(self: Box<Self>, host: &mut dyn Host) -> Result<(), Failure> {
        self.sound.ready(host)
    }
}

#[cfg(test)]
mod memory;
#[cfg(test)]
mod tests;

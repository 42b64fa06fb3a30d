//! Backends made wrong on purpose, and odd but legal ones.
//!
//! A mutant stands before any backend, through the same traits. What it does to messages on their
//! way out, to what is reported of those that come in, and to the pace is decided apart from the
//! ends that do it. Faults of more than one end are those of the process that keeps a queue's items,
//! which is the reference queue's.

use std::any::Any;
use std::fmt;
use std::io;
use std::process;
use std::sync::Arc;

pub use self::fault::{Family, Fault};
use self::header::ParcelHeader;
use self::keeper::MutantKeeper;
pub use self::trigger::Trigger;
use crate::backend::{
    Attached, Backend, Capabilities, Channel, EndpointOptions, Failure, Grant, Host, Key, Kind,
    Opened, Outcome, Parcel, System, Wait,
};
use crate::backends::broker::{self, Broker};
use crate::backends::transport::pieces::IN_PIECES;

mod choice;
mod content;
mod ends;
mod fault;
mod goodbye;
mod header;
mod intake;
mod keeper;
mod manner;
mod meeting;
mod opened;
mod pipe;
mod receiving;
mod residue;
mod sending;
mod stock;
mod timing;
mod trigger;

use self::ends::{MutantQueue, MutantStream};
use self::meeting::MutantEndpoint;
use self::opened::MutantOpened;
use self::pipe::MutantPipe;

/// How many items a queue without a bound holds where that is the fault.
const SMALL: u64 = 10;

/// A fault, and how often it shows: `lost`, or `lost@1-in-100`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mutation {
    /// Which.
    pub fault: Fault,
    /// How often, of all the times that it could; where nothing is said, as often as
    /// [`Fault::about`] says. A fault of a whole channel shows, or doesn't, for all of a run.
    pub often: Option<Trigger>,
}

impl From<Fault> for Mutation {
    fn from(fault: Fault) -> Mutation {
        Mutation { fault, often: None }
    }
}

impl Mutation {
    /// The one with this name.
    pub fn from_name(name: &str) -> Option<Mutation> {
        Some(match name.split_once(Trigger::MARK) {
            None => Fault::from_name(name)?.into(),
            Some((fault, trigger)) => Mutation {
                fault: Fault::from_name(fault)?,
                often: Some(Trigger::from_name(trigger)?),
            },
        })
    }

    /// The name of the backend with this key, with this fault: `pipe:std/pipe~lost`.
    pub fn name_on(self, sound: &Key) -> String {
        format!("{sound}{}{self}", Fault::MARK)
    }

    /// This backend with this fault; none where the fault would make no difference to it.
    pub fn on(self, backend: Arc<dyn Backend>) -> Option<Arc<dyn Backend>> {
        let differs = self.fault.fits(backend.as_ref());
        differs.then(|| Arc::new(Mutant::new(backend, self)) as Arc<dyn Backend>)
    }

    fn trigger(self) -> Trigger {
        self.often.unwrap_or(self.fault.habit())
    }

    /// Whether a fault of a whole channel shows in a run with this seed.
    fn strikes(self, seed: u64) -> bool {
        match self.trigger() {
            Trigger::Always => true,
            Trigger::Every(number) => seed.is_multiple_of(number),
            Trigger::OneIn(number) => fastrand::Rng::with_seed(seed).u64(..number) == 0,
        }
    }
}

/// As it stands behind a backend's name.
impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fault)?;
        match self.often {
            Some(trigger) => write!(f, "{}{trigger}", Trigger::MARK),
            None => Ok(()),
        }
    }
}

/// A backend with a fault.
pub(crate) struct Mutant {
    sound: Arc<dyn Backend>,
    mutation: Mutation,
}

impl Mutant {
    fn new(sound: Arc<dyn Backend>, mutation: Mutation) -> Mutant {
        Mutant { sound, mutation }
    }

    fn fault(&self) -> Fault {
        self.mutation.fault
    }

    /// The channel that the sound backend is asked for.
    fn asked(&self, channel: &Channel) -> Channel {
        let capacity = match self.fault() {
            Fault::CapacityPlusOne => channel.capacity.map(|capacity| capacity + 1),
            Fault::CapacityMinusOne => channel.capacity.map(|capacity| (capacity - 1).max(1)),
            Fault::Small if channel.kind == Kind::Queue => channel.capacity.or(Some(SMALL)),
            _ => channel.capacity,
        };
        let key = match self.fault() {
            Fault::KeyIgnored => None,
            _ => channel.endpoint.key.clone(),
        };
        let endpoint = EndpointOptions {
            key,
            ..channel.endpoint.clone()
        };
        Channel {
            capacity,
            endpoint,
            ..channel.clone()
        }
    }
}

impl Backend for Mutant {
    fn key(&self) -> Key {
        let Key { kind, name } = self.sound.key();
        Key::new(kind, format!("{name}{}{}", Fault::MARK, self.mutation))
    }

    fn about(&self) -> String {
        let manner = if self.fault().is_wrong() {
            "wrong on purpose"
        } else {
            "odd on purpose"
        };
        let often = match self.mutation.often {
            Some(trigger) => format!(" ({trigger})"),
            None => String::new(),
        };
        let about = self.fault().about();
        format!("{}; {manner}: {about}{often}", self.sound.about())
    }

    fn capabilities(&self, system: System) -> Option<Capabilities> {
        self.sound.capabilities(system)
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let seed = host.seed();
        let struck = self.mutation.strikes(seed);
        let sound = if struck {
            self.sound.open(&self.asked(channel), host)?
        } else {
            self.sound.open(channel, host)?
        };
        if struck && self.fault() == Fault::LeakedName {
            residue::leave_a_name(host.folder(), &channel.name)?;
        }
        Ok(Box::new(MutantOpened::new(
            sound,
            self.fault(),
            seed,
            struck,
        )))
    }

    fn attach(
        &self,
        channel: &Channel,
        grant: Grant,
        mut parcel: Parcel,
    ) -> Result<Attached, Failure> {
        let header = ParcelHeader::take_from(&mut parcel)?;
        match self.fault() {
            Fault::Dribble if channel.kind == Kind::Pipe => parcel.data = IN_PIECES.to_vec(),
            Fault::Inherited if header.struck => residue::make_inheritable(&parcel.handles)?,
            Fault::LeakedHandle if header.struck => residue::leak_handles()?,
            _ => {}
        }
        let channel = match header.struck {
            true => self.asked(channel),
            false => channel.clone(),
        };
        let sound = self.sound.attach(&channel, grant, parcel)?;
        Ok(match sound {
            Attached::Queue(end) => {
                Attached::Queue(Box::new(MutantQueue::new(end, self.mutation, &header)))
            }
            Attached::Pipe(end) => {
                Attached::Pipe(Box::new(MutantPipe::new(end, self.mutation, &header)))
            }
            Attached::Endpoint(here) => {
                Attached::Endpoint(Box::new(MutantEndpoint::new(here, self.mutation, &header)))
            }
            Attached::Stream(end) => {
                Attached::Stream(Box::new(MutantStream::new(end, self.mutation, &header)))
            }
        })
    }

    fn poll_several(&self, ends: &mut [&mut Attached], wait: Wait) -> Vec<Result<(), Failure>> {
        let in_stock = ends::in_stock(ends);
        let wait = match in_stock.contains(&true) {
            true => Wait::Never,
            false => wait,
        };
        let mut answers = ends::with_sound(ends, |ends| self.sound.poll_several(ends, wait));
        for (answer, _) in answers.iter_mut().zip(in_stock).filter(|(_, stock)| *stock) {
            *answer = Ok(());
        }
        if self.fault() == Fault::FirstReady {
            let ready = answers.iter_mut().filter(|answer| answer.is_ok());
            for answer in ready.skip(1) {
                *answer = Err(Failure::new(Outcome::Empty, "nothing is there yet"));
            }
        }
        answers
    }

    fn at_exit(&self) {
        self.sound.at_exit();
        if self.fault() == Fault::AbortAtExit {
            process::abort();
        }
    }

    fn help(&self, mut parcel: Parcel) -> io::Result<()> {
        let header = ParcelHeader::take_from(&mut parcel).map_err(io::Error::other)?;
        if residue::is_orphans(&parcel) {
            manner::block_for_ever();
        }
        let sound: &dyn Any = self.sound.as_ref();
        if !self.fault().is_of_the_keeper() || !sound.is::<Broker>() {
            return self.sound.help(parcel);
        }
        broker::help_by(parcel, |state, clients| {
            Box::new(MutantKeeper::new(
                state,
                clients,
                self.mutation,
                header.seed,
            ))
        })
    }
}

#[cfg(test)]
mod memory;
#[cfg(test)]
mod tests;

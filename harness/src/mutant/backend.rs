//! A backend with a fault.

use std::any::Any;
use std::io;
use std::path::PathBuf;
use std::process;
use std::sync::Arc;

use super::acted;
use super::endpoint::MutantEndpoint;
use super::ends::{self, MutantQueue, MutantStream};
use super::fault::Fault;
use super::header::ParcelHeader;
use super::keeper::MutantKeeper;
use super::mutation::Mutation;
use super::opened::MutantOpened;
use super::pipe::MutantPipe;
use super::{behavior, residue};
use crate::backend::{
    About, Attached, Backend, Capabilities, Channel, EndpointOptions, Failure, Grant, Host, Key,
    Kind, Opened, Outcome, Parcel, System, Wait,
};
use crate::backends::TINY_CHUNKS;
use crate::backends::broker::{self, Broker};

/// The number of items that an unbounded queue holds with [`Fault::Small`].
const SMALL: u64 = 10;

impl Mutation {
    /// Returns this backend with this fault; `None` if the fault can't show on it.
    pub(crate) fn on(self, backend: Arc<dyn Backend>) -> Option<Arc<dyn Backend>> {
        let differs = self.fault.fits(backend.as_ref());
        differs.then(|| Arc::new(Mutant::new(backend, self, None)) as Arc<dyn Backend>)
    }

    /// Returns this backend with this fault, which leaves a file at this path when it acts.
    pub(crate) fn noting(
        self,
        backend: Arc<dyn Backend>,
        note: PathBuf,
    ) -> Option<Arc<dyn Backend>> {
        let differs = self.fault.fits(backend.as_ref());
        differs.then(|| Arc::new(Mutant::new(backend, self, Some(note))) as Arc<dyn Backend>)
    }
}

/// Returns how long a join of a process waits when it is to wait like this, in a run with this seed. The
/// contract of backends has no joins, because the harness makes them; only a mutant's differ.
pub(crate) fn join_wait(backend: &dyn Backend, seed: u64, wait: Wait) -> Wait {
    let backend: &dyn Any = backend;
    match (backend.downcast_ref::<Mutant>(), wait) {
        (Some(mutant), Wait::For(time))
            if mutant.fault() == Fault::HastyJoin && mutant.mutation.strikes(seed) =>
        {
            acted::note();
            Wait::For(time / 2)
        }
        _ => wait,
    }
}

/// A backend with a fault.
pub(crate) struct Mutant {
    sound: Arc<dyn Backend>,
    mutation: Mutation,
    /// Where to note that the fault acted.
    note: Option<PathBuf>,
}

impl Mutant {
    fn new(sound: Arc<dyn Backend>, mutation: Mutation, note: Option<PathBuf>) -> Mutant {
        Mutant {
            sound,
            mutation,
            note,
        }
    }

    /// Notes that a fault of a whole channel acted.
    fn note(&self) {
        if let Some(note) = &self.note {
            acted::leave(note);
        }
    }

    fn fault(&self) -> Fault {
        self.mutation.fault
    }

    /// Returns the channel that the sound backend is asked to open.
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

    fn about(&self) -> About {
        let kind_of_fault = if self.fault().is_wrong() {
            "wrong on purpose"
        } else {
            "odd on purpose"
        };
        let often = match self.mutation.often {
            Some(trigger) => format!(" ({trigger})"),
            None => String::new(),
        };
        let (sound, fault) = (self.sound.about(), self.fault().about());
        let mechanism = format!("{}; {kind_of_fault}: {fault}{often}", sound.mechanism);
        sound.by(mechanism)
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
            self.note();
        }
        if struck && self.fault() == Fault::Orphan {
            self.note();
        }
        Ok(Box::new(MutantOpened::new(
            sound,
            self.fault(),
            seed,
            struck,
            self.note.clone(),
        )))
    }

    fn attach(
        &self,
        channel: &Channel,
        grant: Grant,
        mut parcel: Parcel,
    ) -> Result<Attached, Failure> {
        let header = ParcelHeader::take_from(&mut parcel)?;
        acted::take_from(&mut parcel);
        match self.fault() {
            Fault::Dribble if channel.kind == Kind::Pipe => parcel.data = TINY_CHUNKS.to_vec(),
            Fault::Inherited if header.struck => residue::make_inheritable(&parcel.handles)?,
            Fault::LeakedHandle if header.struck => {
                residue::leak_handles()?;
                acted::note();
            }
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
        let have_prefetched = ends::have_prefetched(ends);
        let wait = match have_prefetched.contains(&true) {
            true => Wait::Never,
            false => wait,
        };
        let mut answers = ends::with_sound(ends, |ends| self.sound.poll_several(ends, wait));
        for (answer, _) in answers
            .iter_mut()
            .zip(have_prefetched)
            .filter(|(_, stock)| *stock)
        {
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
            acted::note();
            process::abort();
        }
    }

    fn help(&self, mut parcel: Parcel) -> io::Result<()> {
        let header = ParcelHeader::take_from(&mut parcel).map_err(io::Error::other)?;
        acted::take_from(&mut parcel);
        if residue::is_orphans(&parcel) {
            behavior::block_forever();
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

//! An open channel of a mutant, which puts a header into every parcel.

use std::io;
use std::path::{Path, PathBuf};

use super::acted;
use super::fault::Fault;
use super::header::ParcelHeader;
use super::residue;
use crate::backend::{Failure, Grant, Host, Opened, Parcel};

pub(super) struct MutantOpened {
    sound: Box<dyn Opened>,
    fault: Fault,
    seed: u64,
    struck: bool,
    granted: u64,
    slow_one_chosen: bool,
    /// Where the ends are to note that the fault acted.
    note: Option<PathBuf>,
}

impl MutantOpened {
    pub(super) fn new(
        sound: Box<dyn Opened>,
        fault: Fault,
        seed: u64,
        struck: bool,
        note: Option<PathBuf>,
    ) -> MutantOpened {
        MutantOpened {
            sound,
            fault,
            seed,
            struck,
            granted: 0,
            slow_one_chosen: false,
            note,
        }
    }

    fn with_header(&mut self, grant: Grant, mut parcel: Parcel) -> Parcel {
        let slow = grant.gets && !self.slow_one_chosen;
        self.slow_one_chosen |= slow;
        acted::put_into(&mut parcel, self.note.as_deref());
        ParcelHeader {
            seed: self.seed.wrapping_add(self.granted),
            slow,
            puts: grant.puts,
            struck: self.struck,
        }
        .put_into(&mut parcel);
        self.granted += 1;
        parcel
    }
}

impl Opened for MutantOpened {
    fn grant(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        let parcel = self.sound.grant(grant)?;
        Ok(self.with_header(grant, parcel))
    }

    fn keep(&mut self, grant: Grant) -> Result<Parcel, Failure> {
        let parcel = self.sound.keep(grant)?;
        Ok(self.with_header(grant, parcel))
    }

    fn ready(self: Box<Self>, host: &mut dyn Host) -> Result<(), Failure> {
        let seed = self.seed;
        let note = self.note.clone();
        let host = &mut MutantHost { host, seed, note };
        if self.struck && self.fault == Fault::Orphan {
            host.start_helper(residue::orphans())?;
        }
        self.sound.ready(host)
    }
}

/// The host that the sound backend sees. Its helpers get a header too.
struct MutantHost<'a> {
    host: &'a mut dyn Host,
    seed: u64,
    note: Option<PathBuf>,
}

impl Host for MutantHost<'_> {
    fn folder(&self) -> &Path {
        self.host.folder()
    }

    fn seed(&self) -> u64 {
        self.host.seed()
    }

    fn start_helper(&mut self, mut parcel: Parcel) -> io::Result<()> {
        acted::put_into(&mut parcel, self.note.as_deref());
        ParcelHeader {
            seed: self.seed,
            ..ParcelHeader::default()
        }
        .put_into(&mut parcel);
        self.host.start_helper(parcel)
    }
}

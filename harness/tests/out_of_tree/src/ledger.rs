//! A queue in a file that is only ever appended to.
//!
//! A second file says where the head and the tail are. It is also the lock that every operation takes,
//! and that the operating system releases when its holder dies. A get that finds no item, and a put that
//! finds no room, is counted in this file and waits at a bell.
//!
//! An operation writes the second file last and in one write. A process that dies before that has done
//! nothing, and a process that dies after it has already rung the bell.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use ipc_conformance::backend::{
    About, Attached, Backend, Capabilities, Capability, Channel, Failure, Grant, Handle, Host, Key,
    Kind, Opened, Outcome, Parcel, QueueEnd, System, Wait,
};

use crate::janitor::{self, Lease, files_of};

mod bell;
mod page;

use bell::Bell;
use page::{Page, Pages};

/// The backend.
pub struct Ledger;

impl Backend for Ledger {
    fn key(&self) -> Key {
        Key::new(Kind::Queue, "paper/ledger")
    }

    fn about(&self) -> About {
        About {
            library: Some("paper-trail".to_owned()),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            mechanism: "one locked file".to_owned(),
            ..About::default()
        }
    }

    fn capabilities(&self, _system: System) -> Option<Capabilities> {
        Some(
            Capabilities::new()
                .native([
                    Capability::Boundaries,
                    Capability::Capacity,
                    Capability::Linearizable,
                    Capability::SeveralConsumers,
                    Capability::SharedItems,
                    Capability::FreeExit,
                    Capability::RoomWithoutConsumers,
                    Capability::SeveralProducers,
                    Capability::SnapshotAtPut,
                    Capability::Spawn,
                    Capability::StrictEmpty,
                    Capability::TryGet,
                    Capability::TryPut,
                    Capability::ZeroLength,
                ])
                .composed([Capability::Values]),
        )
    }

    fn open(&self, channel: &Channel, host: &mut dyn Host) -> Result<Box<dyn Opened>, Failure> {
        let files = files_of(channel, host)?;
        let lease = Lease::from_janitor(&files, host)?;
        Pages::create(&page_of(Path::new(&files)))?;
        File::create_new(items_of(Path::new(&files)))?;
        Ok(Box::new(OpenLedger {
            files,
            lease,
            arrivals: Bell::new()?,
            departures: Bell::new()?,
        }))
    }

    fn attach(
        &self,
        channel: &Channel,
        _grant: Grant,
        parcel: Parcel,
    ) -> Result<Attached, Failure> {
        let malformed = || Failure::refused("this isn't a ledger's parcel");
        let files = Path::new(str::from_utf8(&parcel.data).map_err(|_| malformed())?);
        let mut handles = parcel.handles.into_iter();
        Ok(Attached::Queue(Box::new(LedgerEnd {
            pages: Pages::open(&page_of(files))?,
            items: File::options()
                .read(true)
                .write(true)
                .open(items_of(files))?,
            capacity: channel.capacity.unwrap_or(u64::MAX),
            arrivals: Bell::from_handles(&mut handles).ok_or_else(malformed)?,
            departures: Bell::from_handles(&mut handles).ok_or_else(malformed)?,
            _lease: handles.next().ok_or_else(malformed)?,
        })))
    }

    fn help(&self, parcel: Parcel) -> io::Result<()> {
        janitor::clean(parcel)
    }
}

fn page_of(files: &Path) -> PathBuf {
    files.with_extension("page")
}

fn items_of(files: &Path) -> PathBuf {
    files.with_extension("items")
}

/// A ledger whose ends aren't handed out yet.
struct OpenLedger {
    /// The beginning of its files' names.
    files: String,
    lease: Lease,
    arrivals: Bell,
    departures: Bell,
}

impl Opened for OpenLedger {
    fn grant(&mut self, _grant: Grant) -> Result<Parcel, Failure> {
        let mut handles = Vec::from(self.arrivals.to_handles()?);
        handles.extend(self.departures.to_handles()?);
        handles.push(self.lease.to_handle()?);
        Ok(Parcel {
            data: self.files.clone().into_bytes(),
            handles,
        })
    }
}

/// One process's end.
struct LedgerEnd {
    pages: Pages,
    items: File,
    capacity: u64,
    /// Rung after a put.
    arrivals: Bell,
    /// Rung after a get.
    departures: Bell,
    _lease: Handle,
}

impl QueueEnd for LedgerEnd {
    fn put(&mut self, item: &[u8], wait: Wait) -> Result<(), Failure> {
        not_timed(wait)?;
        loop {
            let mut page = self.pages.lock()?;
            let Page { tail, count, .. } = *page;
            if count < self.capacity {
                self.items.seek(SeekFrom::Start(tail))?;
                self.items.write_all(&(item.len() as u64).to_le_bytes())?;
                self.items.write_all(item)?;
                self.arrivals.ring(page.getters)?;
                page.tail = self.items.stream_position()?;
                page.count += 1;
                page.getters = 0;
                return Ok(page.write()?);
            }
            if wait == Wait::Never {
                return Err(Failure::new(Outcome::Full, "the ledger is full"));
            }
            page.putters += 1;
            page.write()?;
            self.departures.listen()?;
        }
    }

    fn get(&mut self, item: &mut Vec<u8>, wait: Wait) -> Result<(), Failure> {
        not_timed(wait)?;
        loop {
            let mut page = self.pages.lock()?;
            if page.count > 0 {
                let mut length = [0; 8];
                self.items.seek(SeekFrom::Start(page.head))?;
                self.items.read_exact(&mut length)?;
                let length = u64::from_le_bytes(length);
                item.clear();
                (&self.items).take(length).read_to_end(item)?;
                self.departures.ring(page.putters)?;
                page.head = self.items.stream_position()?;
                page.count -= 1;
                page.putters = 0;
                return Ok(page.write()?);
            }
            if wait == Wait::Never {
                return Err(Failure::new(Outcome::Empty, "the ledger is empty"));
            }
            page.getters += 1;
            page.write()?;
            self.arrivals.listen()?;
        }
    }
}

fn not_timed(wait: Wait) -> Result<(), Failure> {
    match wait {
        Wait::Deadline | Wait::Never => Ok(()),
        Wait::For(_) => Err(Failure::refused("a ledger has no timed forms")),
    }
}

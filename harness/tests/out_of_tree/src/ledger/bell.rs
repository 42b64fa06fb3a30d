//! A pipe that wakes waiting processes, by one byte for each of them.

use std::io::{self, PipeReader, PipeWriter, Read, Write};

use ipc_conformance::backend::Handle;

/// A bell that all processes of a ledger can ring and listen to.
///
/// A waiting process is rung for once, and then checks the ledger again. A listener that died leaves its
/// byte to another process, which checks for nothing and listens again.
pub(super) struct Bell {
    rings: PipeReader,
    ringer: PipeWriter,
}

impl Bell {
    pub(super) fn new() -> io::Result<Bell> {
        let (rings, ringer) = io::pipe()?;
        Ok(Bell { rings, ringer })
    }

    pub(super) fn to_handles(&self) -> io::Result<[Handle; 2]> {
        Ok([
            self.rings.try_clone()?.into(),
            self.ringer.try_clone()?.into(),
        ])
    }

    pub(super) fn from_handles(handles: &mut impl Iterator<Item = Handle>) -> Option<Bell> {
        Some(Bell {
            rings: handles.next()?.into(),
            ringer: handles.next()?.into(),
        })
    }

    pub(super) fn ring(&mut self, times: u64) -> io::Result<()> {
        (0..times).try_for_each(|_| self.ringer.write_all(&[0]))
    }

    pub(super) fn listen(&mut self) -> io::Result<()> {
        self.rings.read_exact(&mut [0])
    }
}

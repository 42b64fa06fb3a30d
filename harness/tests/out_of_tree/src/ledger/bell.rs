//! What wakes those who wait: a pipe, and a byte in it for each of them.

use std::io::{self, PipeReader, PipeWriter, Read, Write};

use ipc_conformance::backend::Handle;

/// A bell that all processes of a ledger can ring and listen to.
///
/// Whoever leaves word that it listens is rung for once. Hearing it means *look again*, no more: a
/// listener that died leaves its stroke to another, who looks in vain and listens anew.
pub(super) struct Bell {
    heard: PipeReader,
    rope: PipeWriter,
}

impl Bell {
    pub(super) fn new() -> io::Result<Bell> {
        let (heard, rope) = io::pipe()?;
        Ok(Bell { heard, rope })
    }

    pub(super) fn to_handles(&self) -> io::Result<[Handle; 2]> {
        Ok([
            self.heard.try_clone()?.into(),
            self.rope.try_clone()?.into(),
        ])
    }

    pub(super) fn from_handles(handles: &mut impl Iterator<Item = Handle>) -> Option<Bell> {
        Some(Bell {
            heard: handles.next()?.into(),
            rope: handles.next()?.into(),
        })
    }

    pub(super) fn ring(&mut self, strokes: u64) -> io::Result<()> {
        (0..strokes).try_for_each(|_| self.rope.write_all(&[0]))
    }

    pub(super) fn listen(&mut self) -> io::Result<()> {
        self.heard.read_exact(&mut [0])
    }
}

//! The mapping behind a log.

use std::fs::File;
use std::io;
use std::sync::atomic::AtomicU64;

use memmap2::{MmapOptions, MmapRaw};

use super::record::{Begin, Excerpt, Return, WORDS};
use crate::os::{clock, scratch};

/// The first chunk in bytes; each one after it is twice as long, up to [`LARGEST_CHUNK`].
const FIRST_CHUNK: u64 = 16 << 10;
const LARGEST_CHUNK: u64 = 4 << 20;

/// A log that this process writes to.
#[derive(Debug)]
pub struct Log {
    file: File,
    chunk: Words,
    chunk_number: u32,
    /// The next record in this chunk.
    next: usize,
    /// The chunks before it, by number: what was begun there may still be under way.
    full: Vec<Words>,
}

/// A record that has been begun.
#[derive(Clone, Copy, Debug)]
#[must_use = "an operation that returned must be recorded"]
pub struct Begun {
    place: Place,
    begin: Begin,
}

/// Where a record is.
#[derive(Clone, Copy, Debug)]
struct Place {
    chunk: u32,
    /// Among those of its chunk.
    record: usize,
}

impl Place {
    /// Its number among all records of the log. Every chunk but the last is full.
    fn number(self) -> u64 {
        chunk_start(self.chunk) / (WORDS * size_of::<u64>()) as u64 + self.record as u64
    }
}

impl Log {
    /// Goes on with the log of this file, which must be new: [`super::create`].
    ///
    /// # Errors
    /// As mapping it does.
    pub fn open(file: File) -> io::Result<Log> {
        let chunk = Words::map(&file, 0, chunk_length(0), Faults::Now)?;
        Ok(Log {
            file,
            chunk,
            chunk_number: 0,
            next: 0,
            full: Vec::new(),
        })
    }

    /// Records what is about to be done, and when: call it last before the operation. Several may be
    /// begun before the first of them is done.
    ///
    /// # Errors
    /// Where a new chunk was needed and there was no room for it.
    #[inline]
    pub fn begin(&mut self, begin: Begin) -> io::Result<Begun> {
        let place = self.take()?;
        begin.store(clock::now(), &mut self.words(place));
        Ok(Begun { place, begin })
    }

    /// Records what came of it. `returned` is read from the clock right behind the operation,
    /// before anything is made of what it returned.
    #[inline]
    pub fn done(&mut self, begun: &Begun, returned: u64, done: Return) {
        done.store(&begun.begin, returned, &mut self.words(begun.place));
    }

    /// Keeps some bytes of the message that this operation got, from this place on.
    ///
    /// # Errors
    /// Where a new chunk was needed and there was no room for it.
    #[cold]
    pub fn keep_aside(&mut self, of: &Begun, message: &[u8], offset: usize) -> io::Result<()> {
        let place = self.take()?;
        let back = u32::try_from(place.number() - of.place.number());
        let back = back.map_err(|_| io::ErrorKind::FileTooLarge)?;
        Excerpt::of(message, offset, back).store(&mut self.words(place));
        Ok(())
    }

    /// The next free record.
    #[inline]
    fn take(&mut self) -> io::Result<Place> {
        if (self.next + 1) * WORDS > self.chunk.as_words().len() {
            self.grow()?;
        }
        self.next += 1;
        Ok(Place {
            chunk: self.chunk_number,
            record: self.next - 1,
        })
    }

    #[inline]
    fn words(&self, place: Place) -> &[AtomicU64] {
        let chunk = if place.chunk == self.chunk_number {
            &self.chunk
        } else {
            &self.full[place.chunk as usize]
        };
        &chunk.as_words()[place.record * WORDS..(place.record + 1) * WORDS]
    }

    #[cold]
    fn grow(&mut self) -> io::Result<()> {
        let number = self.chunk_number + 1;
        reserve(&self.file, number)?;
        let chunk = Words::map(
            &self.file,
            chunk_start(number),
            chunk_length(number),
            Faults::Now,
        )?;
        self.full.push(std::mem::replace(&mut self.chunk, chunk));
        self.chunk_number = number;
        self.next = 0;
        Ok(())
    }
}

fn chunk_length(number: u32) -> u64 {
    FIRST_CHUNK
        .checked_shl(number)
        .unwrap_or(LARGEST_CHUNK)
        .min(LARGEST_CHUNK)
}

fn chunk_start(number: u32) -> u64 {
    (0..number).map(chunk_length).sum()
}

/// Takes the room for a chunk by writing to it, the one way that every system has.
pub(super) fn reserve(file: &File, number: u32) -> io::Result<()> {
    static ZEROS: [u8; FIRST_CHUNK as usize] = [0; FIRST_CHUNK as usize];
    let start = chunk_start(number);
    (0..chunk_length(number) / FIRST_CHUNK)
        .try_for_each(|part| scratch::write_at(file, &ZEROS, start + part * FIRST_CHUNK))
}

/// The words of the whole file, as far as it reaches now.
pub(super) fn words(file: &File) -> io::Result<Words> {
    Words::map(file, 0, file.metadata()?.len(), Faults::Later)
}

/// When the pages of a mapping are looked up.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Faults {
    /// At once: whoever writes must not wait for it.
    Now,
    /// Each when it is first read.
    Later,
}

/// Words of memory that several processes share.
#[derive(Debug)]
pub(super) struct Words(MmapRaw);

impl Words {
    fn map(file: &File, offset: u64, length: u64, faults: Faults) -> io::Result<Words> {
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut options = MmapOptions::new();
        options.offset(offset).len(length);
        if faults == Faults::Now {
            options.populate();
        }
        options.map_raw(file).map(Words)
    }

    #[expect(unsafe_code, reason = "atomic words over a mapping")]
    pub(super) fn as_words(&self) -> &[AtomicU64] {
        let length = self.0.len() / size_of::<AtomicU64>();
        // SAFETY: the mapping is `length` words long, lives as long as `self`, and begins at a
        // page. Nobody accesses it but by atomic operations. The file is never made shorter, as
        // it has no name and all who hold it go through this module.
        unsafe { std::slice::from_raw_parts(self.0.as_mut_ptr().cast::<AtomicU64>(), length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Outcome;
    use crate::history::OperationKind;

    #[test]
    fn what_is_kept_aside_finds_its_operation_in_an_earlier_chunk() {
        let file = crate::peer::log::create().unwrap();
        let mut log = Log::open(file.try_clone().unwrap()).unwrap();
        let begin = |log: &mut Log, step| log.begin(Begin::of(step, OperationKind::Get)).unwrap();
        let _before = begin(&mut log, 0);
        let long = begin(&mut log, 1);
        for step in 2..1_000 {
            let _of_others = begin(&mut log, step);
        }
        log.keep_aside(&long, b"xyz", 1).unwrap();
        let aside = &crate::peer::log::read(&file).unwrap().asides[0];
        assert_eq!((aside.operation, aside.bytes.as_slice()), (1, &b"yz"[..]));
    }

    #[test]
    fn a_log_grows_past_its_chunks_and_reads_whole() {
        let file = crate::peer::log::create().unwrap();
        let mut log = Log::open(file.try_clone().unwrap()).unwrap();
        let count = 50_000;
        let done = Return {
            outcome: Outcome::Ok,
            content: None,
            raw: None,
            definite: false,
        };
        // It is done when its chunk has long been full.
        let first = log.begin(Begin::of(0, OperationKind::Get)).unwrap();
        for step in 1..count {
            let begun = log.begin(Begin::of(step, OperationKind::Get)).unwrap();
            log.done(&begun, clock::now(), done);
        }
        log.done(&first, clock::now(), done);
        let steps: Vec<_> = crate::peer::log::read(&file).unwrap().operations;
        assert!(steps.iter().map(|op| op.step).eq(0..count));
        assert!(steps.iter().all(|op| op.returned >= Some(op.start)));
    }
}

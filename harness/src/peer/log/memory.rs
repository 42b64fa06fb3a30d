//! Writes a log: its chunks, and their mapping into memory.

use std::fs::File;
use std::io;
use std::sync::atomic::AtomicU64;

use memmap2::{MmapOptions, MmapRaw};

use super::record::{BeginRecord, Excerpt, LONGEST, ReturnRecord, WORDS};
use crate::os::{clock, scratch};

/// The most bytes of a text that are kept.
const LONGEST_TEXT: usize = 8 * LONGEST;

/// The length of the first chunk in bytes. Each further one is twice as long, up to
/// [`LARGEST_CHUNK`].
const FIRST_CHUNK: u64 = 16 << 10;
const LARGEST_CHUNK: u64 = 4 << 20;

/// A log that this process writes to.
#[derive(Debug)]
pub struct LogWriter {
    file: File,
    chunk: Words,
    chunk_number: u32,
    /// The next record in this chunk.
    next: usize,
    /// The chunks before it, by number. Operations that began there may not have returned yet.
    full: Vec<Words>,
}

/// A record in its first phase.
#[derive(Clone, Copy, Debug)]
#[must_use = "an operation that returned must be recorded"]
pub struct Begun {
    index: RecordIndex,
    begin: BeginRecord,
}

/// The position of a record in its log.
#[derive(Clone, Copy, Debug)]
struct RecordIndex {
    chunk: u32,
    /// Counted from the beginning of the chunk.
    record: usize,
}

impl RecordIndex {
    /// Returns the record's number in the whole log. Every chunk except the last is full.
    fn number(self) -> u64 {
        chunk_start(self.chunk) / (WORDS * size_of::<u64>()) as u64 + self.record as u64
    }
}

impl LogWriter {
    /// Opens a log for writing. Its file must be a new one from [`super::create`].
    ///
    /// # Errors
    /// If mapping the file fails.
    pub fn open(file: File) -> io::Result<LogWriter> {
        let chunk = Words::map(&file, 0, chunk_length(0), PageFaults::Now)?;
        Ok(LogWriter {
            file,
            chunk,
            chunk_number: 0,
            next: 0,
            full: Vec::new(),
        })
    }

    /// Records an operation and the current time, immediately before the call. Several operations may
    /// begin before the first of them returns.
    ///
    /// # Errors
    /// If a new chunk is needed and there is no room for it.
    #[inline]
    pub fn begin(&mut self, begin: BeginRecord) -> io::Result<Begun> {
        let index = self.take()?;
        begin.store(clock::now(), &mut self.words(index));
        Ok(Begun { index, begin })
    }

    /// Records the result of an operation. Read `returned` from the clock immediately after the call,
    /// before you use what it returned.
    #[inline]
    pub fn done(&mut self, begun: &Begun, returned: u64, done: ReturnRecord) {
        done.store(&begun.begin, returned, &mut self.words(begun.index));
    }

    /// Keeps a part of the message that this operation received, from this offset on.
    ///
    /// # Errors
    /// If a new chunk is needed and there is no room for it.
    #[cold]
    pub(crate) fn keep_aside(
        &mut self,
        of: &Begun,
        message: &[u8],
        offset: usize,
    ) -> io::Result<()> {
        let (index, back) = self.take_after(of)?;
        Excerpt::of(message, offset, back).store(&mut self.words(index));
        Ok(())
    }

    /// Keeps the beginning of what the library said when this operation failed.
    ///
    /// # Errors
    /// As [`keep_aside`](LogWriter::keep_aside).
    #[cold]
    pub(crate) fn keep_said(&mut self, of: &Begun, text: &str) -> io::Result<()> {
        for offset in (0..text.len().min(LONGEST_TEXT)).step_by(LONGEST) {
            let (index, back) = self.take_after(of)?;
            let part = Excerpt::of(text.as_bytes(), offset, back);
            part.store_said(&mut self.words(index));
        }
        Ok(())
    }

    /// Takes the next free record, and returns how many records after the operation it is.
    fn take_after(&mut self, of: &Begun) -> io::Result<(RecordIndex, u32)> {
        let index = self.take()?;
        let back = u32::try_from(index.number() - of.index.number());
        let back = back.map_err(|_| io::ErrorKind::FileTooLarge)?;
        Ok((index, back))
    }

    /// Takes the next free record.
    #[inline]
    fn take(&mut self) -> io::Result<RecordIndex> {
        if (self.next + 1) * WORDS > self.chunk.as_words().len() {
            self.grow()?;
        }
        self.next += 1;
        Ok(RecordIndex {
            chunk: self.chunk_number,
            record: self.next - 1,
        })
    }

    #[inline]
    fn words(&self, index: RecordIndex) -> &[AtomicU64] {
        let chunk = if index.chunk == self.chunk_number {
            &self.chunk
        } else {
            &self.full[index.chunk as usize]
        };
        &chunk.as_words()[index.record * WORDS..(index.record + 1) * WORDS]
    }

    #[cold]
    fn grow(&mut self) -> io::Result<()> {
        let number = self.chunk_number + 1;
        reserve(&self.file, number)?;
        let chunk = Words::map(
            &self.file,
            chunk_start(number),
            chunk_length(number),
            PageFaults::Now,
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

/// Allocates a chunk by writing zeros, which works on every system.
pub(super) fn reserve(file: &File, number: u32) -> io::Result<()> {
    static ZEROS: [u8; FIRST_CHUNK as usize] = [0; FIRST_CHUNK as usize];
    let start = chunk_start(number);
    (0..chunk_length(number) / FIRST_CHUNK)
        .try_for_each(|part| scratch::write_at(file, &ZEROS, start + part * FIRST_CHUNK))
}

/// Maps the words of the whole file, up to its current end.
pub(super) fn words(file: &File) -> io::Result<Words> {
    Words::map(file, 0, file.metadata()?.len(), PageFaults::Later)
}

/// When the pages of a mapping are loaded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum PageFaults {
    /// At once, so that no store waits for it.
    Now,
    /// When each page is first read.
    Later,
}

/// The words of a memory mapping that several processes share.
#[derive(Debug)]
pub(super) struct Words(MmapRaw);

impl Words {
    fn map(file: &File, offset: u64, length: u64, faults: PageFaults) -> io::Result<Words> {
        let length = usize::try_from(length).map_err(|_| io::ErrorKind::FileTooLarge)?;
        let mut options = MmapOptions::new();
        options.offset(offset).len(length);
        if faults == PageFaults::Now {
            options.populate();
        }
        options.map_raw(file).map(Words)
    }

    #[expect(unsafe_code, reason = "atomic words over a mapping")]
    pub(super) fn as_words(&self) -> &[AtomicU64] {
        let length = self.0.len() / size_of::<AtomicU64>();
        // SAFETY: the mapping is `length` words long, lives as long as `self`, and is aligned to a
        // page. It is only accessed by atomic operations. The file is never truncated: it has no
        // name, and all processes that have it use it through this module.
        unsafe { std::slice::from_raw_parts(self.0.as_mut_ptr().cast::<AtomicU64>(), length) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Outcome;
    use crate::history::OperationKind;

    #[test]
    fn an_aside_refers_to_its_operation_in_an_earlier_chunk() {
        let file = crate::peer::log::create().unwrap();
        let mut log = LogWriter::open(file.try_clone().unwrap()).unwrap();
        let begin = |log: &mut LogWriter, step| {
            log.begin(BeginRecord::of(step, OperationKind::Get))
                .unwrap()
        };
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
    fn a_text_refers_to_its_operation_and_a_long_one_is_cut() {
        let file = crate::peer::log::create().unwrap();
        let mut log = LogWriter::open(file.try_clone().unwrap()).unwrap();
        let begin = |log: &mut LogWriter, step| {
            let begin = BeginRecord::of(step, OperationKind::Get);
            log.begin(begin).unwrap()
        };
        let (first, second) = (begin(&mut log, 0), begin(&mut log, 1));
        log.keep_aside(&first, b"xyz", 1).unwrap();
        log.keep_said(&second, &"ü".repeat(1_000)).unwrap();
        log.keep_said(
            &first,
            "no room is left in this queue, whatever else it has",
        )
        .unwrap();
        let third = begin(&mut log, 2);
        log.keep_said(&third, "").unwrap();
        let log = crate::peer::log::read(&file).unwrap();
        let said: Vec<_> = log
            .said
            .iter()
            .map(|said| (said.operation, &*said.text))
            .collect();
        let whole = "no room is left in this queue, whatever else it has";
        assert_eq!(said, [(0, whole), (1, &*"ü".repeat(LONGEST_TEXT / 2))]);
        assert_eq!((log.operations.len(), log.asides[0].operation), (3, 0));
    }

    #[test]
    fn a_log_of_several_chunks_reads_whole() {
        let file = crate::peer::log::create().unwrap();
        let mut log = LogWriter::open(file.try_clone().unwrap()).unwrap();
        let count = 50_000;
        let done = ReturnRecord {
            outcome: Outcome::Ok,
            content: None,
            raw: None,
            definite: false,
        };
        // This operation returns after its chunk has filled up.
        let first = log.begin(BeginRecord::of(0, OperationKind::Get)).unwrap();
        for step in 1..count {
            let begun = log
                .begin(BeginRecord::of(step, OperationKind::Get))
                .unwrap();
            log.done(&begun, clock::now(), done);
        }
        log.done(&first, clock::now(), done);
        let steps: Vec<_> = crate::peer::log::read(&file).unwrap().operations;
        assert!(steps.iter().map(|op| op.step).eq(0..count));
        assert!(steps.iter().all(|op| op.returned >= Some(op.start)));
    }
}

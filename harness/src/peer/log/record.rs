//! The format of a record: eight words, written in two phases.

use std::sync::atomic::Ordering;

use super::store::Store;
use crate::backend::{ErrorName, Outcome, RawError, Side};
use crate::history::{Operation, OperationKind};
use crate::plan::{Content, End, StepId};

/// The number of words in a record.
pub(super) const WORDS: usize = 8;

const STATE: usize = 0;
const START: usize = 1;
const RETURNED: usize = 2;
const CONTENT: usize = 3;
const END: usize = 6;
const RAW: usize = 7;

const BEGUN: u64 = 1;
const DONE: u64 = 2;
/// The record isn't an operation, but an excerpt of an earlier one's message.
const ASIDE: u64 = 3;
/// The record isn't an operation, but a part of what the library said when an earlier one failed.
const SAID: u64 = 4;

const HAS_CONTENT: u64 = 1 << 24;
const HAS_END: u64 = 1 << 25;
const HAS_RAW: u64 = 1 << 26;
const DEFINITE: u64 = 1 << 27;

/// The first phase of a record: an operation before its call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BeginRecord {
    /// The step that the operation belongs to.
    pub step: StepId,
    /// The kind of operation.
    pub kind: OperationKind,
    /// The end that the operation uses.
    pub end: Option<End>,
    /// The message, if the operation puts one.
    pub content: Option<Content>,
    /// The thread that calls the operation; 0 is the first one.
    pub thread: u16,
}

/// The second phase of a record: the result of an operation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReturnRecord {
    /// The outcome.
    pub outcome: Outcome,
    /// The message, if the operation received one.
    pub content: Option<Content>,
    /// The library's own name and code of the error.
    pub raw: Option<RawError>,
    /// Whether an unsuccessful put certainly had no effect.
    pub definite: bool,
}

impl BeginRecord {
    /// Describes an operation of this step, without an end or a content.
    pub fn of(step: StepId, kind: OperationKind) -> BeginRecord {
        BeginRecord {
            step,
            kind,
            end: None,
            content: None,
            thread: 0,
        }
    }

    /// Sets the end.
    pub fn on(self, end: End) -> BeginRecord {
        let end = Some(end);
        BeginRecord { end, ..self }
    }

    /// Sets the content.
    pub fn with(self, content: Content) -> BeginRecord {
        let content = Some(content);
        BeginRecord { content, ..self }
    }

    /// Sets the thread.
    pub fn by(self, thread: u16) -> BeginRecord {
        BeginRecord { thread, ..self }
    }

    fn state(&self) -> u64 {
        u64::from(self.step) << 32
            | (self.kind as u64) << 8
            | flag(HAS_CONTENT, self.content.is_some())
            | flag(HAS_END, self.end.is_some())
    }

    /// Stores the state last, so that a reader never sees an incomplete record.
    #[inline]
    pub(super) fn store(&self, start: u64, words: &mut impl Store) {
        words.store(START, start, Ordering::Relaxed);
        if let Some(content) = self.content {
            store_content(content, words);
        }
        let end = self
            .end
            .map_or(0, |end| (end.channel as u64) << 8 | side_number(end.side));
        let thread = u64::from(self.thread) << THREAD;
        if end | thread != 0 {
            words.store(END, thread | end, Ordering::Relaxed);
        }
        words.store(STATE, self.state() | BEGUN, Ordering::Release);
    }
}

impl ReturnRecord {
    /// Stores the state last. Until then a reader sees an operation that hasn't returned.
    #[inline]
    pub(super) fn store(&self, begin: &BeginRecord, returned: u64, words: &mut impl Store) {
        words.store(RETURNED, returned, Ordering::Relaxed);
        if let Some(content) = self.content {
            store_content(content, words);
        }
        if let Some(raw) = self.raw {
            words.store(RAW, raw_word(raw), Ordering::Relaxed);
        }
        let state = begin.state()
            | (self.outcome as u64) << 16
            | flag(HAS_CONTENT, self.content.is_some())
            | flag(HAS_RAW, self.raw.is_some())
            | flag(DEFINITE, self.definite);
        words.store(STATE, state | DONE, Ordering::Release);
    }
}

/// Bytes of a long corrupt message, from the first wrong one on, or of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Excerpt {
    /// How many records before this one the operation is.
    pub(super) back: u32,
    pub(super) offset: u64,
    pub(super) bytes: Vec<u8>,
}

const OFFSET: usize = 1;
const BYTES: usize = 2;
/// The longest excerpt in bytes.
pub(super) const LONGEST: usize = (WORDS - BYTES) * size_of::<u64>();

impl Excerpt {
    /// Cuts an excerpt out of a message, as long as a record has room for.
    pub(super) fn of(message: &[u8], offset: usize, back: u32) -> Excerpt {
        let rest = message.get(offset..).unwrap_or_default();
        let bytes = rest[..rest.len().min(LONGEST)].to_vec();
        Excerpt {
            back,
            offset: offset as u64,
            bytes,
        }
    }

    /// Stores the state last, as for operations.
    pub(super) fn store(&self, words: &mut impl Store) {
        self.store_as(ASIDE, words);
    }

    /// Stores a part of what the library said.
    pub(super) fn store_said(&self, words: &mut impl Store) {
        self.store_as(SAID, words);
    }

    fn store_as(&self, record: u64, words: &mut impl Store) {
        words.store(OFFSET, self.offset, Ordering::Relaxed);
        for (n, chunk) in self.bytes.chunks(size_of::<u64>()).enumerate() {
            let mut word = [0; size_of::<u64>()];
            word[..chunk.len()].copy_from_slice(chunk);
            words.store(BYTES + n, u64::from_le_bytes(word), Ordering::Relaxed);
        }
        let state = u64::from(self.back) << 32 | (self.bytes.len() as u64) << 8 | record;
        words.store(STATE, state, Ordering::Release);
    }

    fn load(words: &[u64; WORDS]) -> Excerpt {
        let mut bytes: Vec<u8> = words[BYTES..]
            .iter()
            .flat_map(|w| w.to_le_bytes())
            .collect();
        bytes.truncate((words[STATE] >> 8 & 0xff) as usize);
        Excerpt {
            back: (words[STATE] >> 32) as u32,
            offset: words[OFFSET],
            bytes,
        }
    }
}

fn store_content(content: Content, words: &mut impl Store) {
    for (n, word) in content.to_words().into_iter().enumerate() {
        words.store(CONTENT + n, word, Ordering::Relaxed);
    }
}

fn flag(bit: u64, set: bool) -> u64 {
    if set { bit } else { 0 }
}

/// A decoded record.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum LogRecord {
    Operation(Operation),
    Aside(Excerpt),
    Said(Excerpt),
}

/// Decodes a record. Returns `None` if it isn't written yet.
pub(super) fn decode(words: &[u64; WORDS]) -> Option<LogRecord> {
    let state = words[STATE];
    let done = match state & 0xff {
        BEGUN => false,
        DONE => true,
        ASIDE => return Some(LogRecord::Aside(Excerpt::load(words))),
        SAID => return Some(LogRecord::Said(Excerpt::load(words))),
        _ => return None,
    };
    let has = |bit| state & bit != 0;
    let content = Content::from_words([words[CONTENT], words[CONTENT + 1], words[CONTENT + 2]]);
    let operation = Operation {
        step: (state >> 32) as StepId,
        thread: (words[END] >> THREAD) as u16,
        kind: OperationKind::from_number((state >> 8) as u8)?,
        end: has(HAS_END).then(|| end(words[END])).flatten(),
        start: words[START],
        returned: done.then_some(words[RETURNED]),
        outcome: if done {
            Some(Outcome::from_number((state >> 16) as u8)?)
        } else {
            None
        },
        content: has(HAS_CONTENT).then_some(content),
        raw: (done && has(HAS_RAW)).then(|| raw_error(words[RAW])),
        definite: done && has(DEFINITE),
    };
    Some(LogRecord::Operation(operation))
}

const HAS_CODE: u64 = 1 << 32;
const KIND: u32 = 40;

fn raw_word(raw: RawError) -> u64 {
    let code = raw
        .code
        .map_or(0, |code| HAS_CODE | u64::from(code.cast_unsigned()));
    let kind = raw.kind.and_then(ErrorName::number).unwrap_or_default();
    u64::from(kind) << KIND | code
}

fn raw_error(word: u64) -> RawError {
    RawError {
        kind: ErrorName::from_number((word >> KIND) as u8),
        code: (word & HAS_CODE != 0).then_some((word as u32).cast_signed()),
    }
}

/// The first bit of the thread's number in the word [`END`], after those of the end.
const THREAD: u32 = 48;

const SIDES: [Side; 6] = [
    Side::Queue,
    Side::Tx,
    Side::Rx,
    Side::A,
    Side::B,
    Side::Name,
];

fn side_number(side: Side) -> u64 {
    match side {
        Side::Queue => 0,
        Side::Tx => 1,
        Side::Rx => 2,
        Side::A => 3,
        Side::B => 4,
        Side::Name => 5,
    }
}

fn end(word: u64) -> Option<End> {
    let side = *SIDES.get((word & 0xff) as usize)?;
    Some(End {
        channel: (word >> 8) as u32 as usize,
        side,
    })
}

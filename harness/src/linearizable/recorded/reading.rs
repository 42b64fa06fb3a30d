//! Reads a file, in pieces of any size.

use std::mem;

use super::channel_reader::ChannelReader;
use super::fields::{LineField, LineFields};
use super::file::RecordedFile;
use super::line::ParsedLine;
use super::mistake::{LineError, Mistake};
use super::name_table::NameTable;
use crate::linearizable::claims::Claims;
use crate::linearizable::history::{Kind, Operation};
use crate::linearizable::online::{OnlineError, OnlineJudge};

/// The longest line that is parsed, in bytes. A longer one is a mistake.
pub(crate) const LONGEST_LINE: usize = 1 << 20;

/// The most mistakes that are reported for one file.
pub(crate) const MOST_MISTAKES: usize = 20;

/// Reads a file, in pieces of any size.
#[derive(Debug, Default)]
pub struct Reading {
    /// The number of the last line that has started.
    line: u64,
    /// The beginning of a line whose end hasn't been read yet.
    begun: Vec<u8>,
    peers: NameTable,
    channels: Vec<ChannelReader>,
    names: NameTable,
    mistakes: Vec<Mistake>,
    /// The claims by which operations are judged one by one, once there are more than this many.
    limit: Option<(Claims, usize)>,
    operations: usize,
    /// Whether operations are judged one by one.
    is_online: bool,
    unfit: bool,
}

impl Reading {
    /// Starts to read a file, and keeps all operations.
    pub fn new() -> Reading {
        Reading::default()
    }

    /// Starts to read a file that may be larger than memory.
    ///
    /// If there are more than `most` operations, they are judged one by one and not kept, provided that
    /// they can be judged so: they come in the order of their starts, each get tells which item it took,
    /// and the queue claims no capacity. Call [`RecordedFile::judge`] with the same claims.
    pub fn keeping(most: usize, claims: Claims) -> Reading {
        Reading {
            limit: Some((claims, most)),
            ..Reading::default()
        }
    }

    /// Whether operations were dropped before one that can't be judged without them. This is a mistake
    /// that a new [`Reading`] which keeps all operations doesn't report.
    pub fn needs_all_operations(&self) -> bool {
        self.unfit
    }

    /// Whether the rest of the file is ignored, because there are too many mistakes or one that makes
    /// the rest useless.
    pub fn is_done(&self) -> bool {
        self.unfit || self.mistakes.len() >= MOST_MISTAKES
    }

    /// Reads the next bytes of the file.
    pub fn feed(&mut self, mut bytes: &[u8]) {
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            bytes = rest;
            if self.begun.is_empty() {
                self.line(line);
            } else {
                self.begin(line);
                let mut line = mem::take(&mut self.begun);
                self.line(&line);
                line.clear();
                self.begun = line;
            }
            if self.is_done() {
                return;
            }
        }
        self.begin(bytes);
    }

    /// Ends the file, and returns its contents.
    ///
    /// # Errors
    /// The mistakes, at most [`MOST_MISTAKES`].
    pub fn finish(mut self) -> Result<RecordedFile, Vec<Mistake>> {
        let line = mem::take(&mut self.begun);
        if !self.is_done() {
            self.line(&line);
        }
        if !self.mistakes.is_empty() {
            return Err(self.mistakes);
        }
        self.peers.close();
        let channels = self
            .channels
            .into_iter()
            .map(ChannelReader::finish)
            .collect();
        Ok(RecordedFile {
            channels,
            peers: self.peers,
        })
    }

    /// Keeps the beginning of a line, up to one byte more than the longest line has.
    fn begin(&mut self, bytes: &[u8]) {
        let room = (LONGEST_LINE + 1).saturating_sub(self.begun.len());
        self.begun
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn line(&mut self, line: &[u8]) {
        self.line += 1;
        let line = match line.strip_prefix("\u{feff}".as_bytes()) {
            Some(rest) if self.line == 1 => rest,
            _ => line,
        };
        if line.len() > LONGEST_LINE {
            let message = format!("the line is longer than {LONGEST_LINE} bytes");
            let shown = String::from_utf8_lossy(&line[..1_000]);
            return self.mistake(LineError::new(0..1, message), &shown);
        }
        let line = match str::from_utf8(line) {
            Ok(line) => line,
            Err(error) => {
                let at = error.valid_up_to();
                let error = LineError::new(at..at + 1, "the line isn't UTF-8");
                return self.mistake(error, &String::from_utf8_lossy(line));
            }
        };
        if line.trim_ascii().is_empty() {
            return;
        }
        if let Err(error) = ParsedLine::of(line).and_then(|parsed| self.add(&parsed, line)) {
            self.mistake(error, line);
        }
    }

    fn mistake(&mut self, error: LineError, line: &str) {
        self.mistakes.push(error.on(self.line, line));
    }

    fn add(&mut self, parsed: &ParsedLine<'_>, text: &str) -> Result<(), LineError> {
        let too_many = |what| LineError::new(0..1, format!("there are too many {what}"));
        let line = u32::try_from(self.line).map_err(|_| too_many("lines"))?;
        let peer = self.peers.number(&parsed.peer);
        let peer = peer.ok_or_else(|| too_many("peers"))?;
        let place = self.names.number(&parsed.channel);
        let place = place.ok_or_else(|| too_many("channels"))? as usize;
        if place == self.channels.len() {
            let claims = self.limit.as_ref().filter(|_| self.is_online);
            let watch = claims.and_then(|(claims, _)| OnlineJudge::of(claims));
            self.channels
                .push(ChannelReader::new(&parsed.channel, watch));
        }
        let reader = &mut self.channels[place];
        let item = match &parsed.item {
            None => Operation::NO_ITEM,
            Some(item) => reader.item(item).ok_or_else(|| too_many("items"))?,
        };
        if parsed.kind == Kind::Put && parsed.outcome.may_have_effect() {
            reader.put(item).map_err(|message| {
                let error =
                    LineFields::of(text).map(|fields| fields.error_at(LineField::Item, message));
                let error = error.unwrap_or_else(|error| error);
                error.help("give the item of each put a name of its own")
            })?;
        }
        let operation = Operation {
            start: parsed.start,
            end: parsed.end,
            item,
            peer,
            kind: parsed.kind,
            outcome: parsed.outcome,
        };
        if let Err(why) = reader.add(line, operation) {
            self.unfit = true;
            return Err(
                LineFields::of(text).map_or_else(|error| error, |fields| not_online(&fields, why))
            );
        }
        self.operations += 1;
        self.drop_operations();
        Ok(())
    }

    /// Starts to judge operations one by one if there are too many to keep.
    fn drop_operations(&mut self) {
        let Some((claims, most)) = &self.limit else {
            return;
        };
        if self.is_online || self.operations <= *most {
            return;
        }
        let judges = self
            .channels
            .iter()
            .map(|reader| reader.online_judge(claims));
        match judges.collect::<Option<Vec<OnlineJudge>>>() {
            Some(judges) => {
                for (reader, watch) in self.channels.iter_mut().zip(judges) {
                    reader.switch_to(watch);
                }
                self.is_online = true;
            }
            // If its beginning can't be judged one by one, the history can't be either.
            None => self.limit = None,
        }
    }
}

fn not_online(fields: &LineFields<'_>, error: OnlineError) -> LineError {
    let field = match error {
        OnlineError::OutOfOrder | OnlineError::Malformed => LineField::Start,
        OnlineError::Open => LineField::Outcome,
    };
    let message = format!("so many operations must be judged one by one, and {error}");
    let error = fields.error_at(field, message);
    error.help("pass the history as a file, or sort its lines by `start`")
}

//! Reads a file, piece by piece.

use std::mem;

use super::Recorded;
use super::fields::{Field, Fields};
use super::growing::Growing;
use super::mistake::{Fault, Mistake};
use super::names::Names;
use super::row::Row;
use crate::linearizable::watch::{Unfit, Watch};
use crate::linearizable::{Claims, Kind, Operation};

/// The longest line that is looked at, in bytes.
pub const LONGEST_LINE: usize = 1 << 20;

/// So many mistakes are told of one file.
pub const MOST_MISTAKES: usize = 20;

/// Reads a file, piece by piece.
#[derive(Debug, Default)]
pub struct Reading {
    /// The number of the last line that was begun.
    line: u64,
    /// The beginning of a line whose end hasn't come yet.
    begun: Vec<u8>,
    peers: Names,
    channels: Vec<Growing>,
    names: Names,
    mistakes: Vec<Mistake>,
    /// By what the operations are judged as they come, as soon as there are so many.
    limit: Option<(Claims, usize)>,
    /// How many there are.
    operations: usize,
    /// Whether they are judged as they come.
    watches: bool,
    unfit: bool,
}

impl Reading {
    /// Nothing read yet.
    pub fn new() -> Reading {
        Reading::default()
    }

    /// Nothing read yet, of a file that may be larger than memory: more operations than this aren't
    /// kept, but judged as they come, if they come in the order of their starts and nothing among
    /// them has to be judged as a whole. Then [`Recorded::judge`] is to be given the same claims.
    pub fn keeping(most: usize, claims: Claims) -> Reading {
        Reading {
            limit: Some((claims, most)),
            ..Reading::default()
        }
    }

    /// Whether more operations came than are kept, and after those one that can't be judged as it
    /// comes. That is a mistake; another [`Reading`] that keeps everything needn't make it.
    pub fn is_unfit(&self) -> bool {
        self.unfit
    }

    /// Whether no more is read: there are too many mistakes, or one that makes all else useless.
    pub fn is_hopeless(&self) -> bool {
        self.unfit || self.mistakes.len() >= MOST_MISTAKES
    }

    /// The next bytes of the file, as many as there happen to be.
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
            if self.is_hopeless() {
                return;
            }
        }
        self.begin(bytes);
    }

    /// All that was read.
    ///
    /// # Errors
    /// All mistakes, [`MOST_MISTAKES`] at most.
    pub fn finish(mut self) -> Result<Recorded, Vec<Mistake>> {
        let line = mem::take(&mut self.begun);
        if !self.is_hopeless() {
            self.line(&line);
        }
        if !self.mistakes.is_empty() {
            return Err(self.mistakes);
        }
        self.peers.close();
        let channels = self.channels.into_iter().map(Growing::finish).collect();
        Ok(Recorded {
            channels,
            peers: self.peers,
        })
    }

    /// More of a line; no more than it takes to see that it is too long.
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
            return self.mistake(Fault::new(0..1, message), &shown);
        }
        let line = match str::from_utf8(line) {
            Ok(line) => line,
            Err(error) => {
                let at = error.valid_up_to();
                let fault = Fault::new(at..at + 1, "this is no UTF-8");
                return self.mistake(fault, &String::from_utf8_lossy(line));
            }
        };
        if line.trim_ascii().is_empty() {
            return;
        }
        if let Err(fault) = Row::of(line).and_then(|row| self.add(&row, line)) {
            self.mistake(fault, line);
        }
    }

    fn mistake(&mut self, fault: Fault, line: &str) {
        self.mistakes.push(fault.on(self.line, line));
    }

    fn add(&mut self, row: &Row<'_>, text: &str) -> Result<(), Fault> {
        let too_many = |what| Fault::new(0..1, format!("there are too many {what}"));
        let line = u32::try_from(self.line).map_err(|_| too_many("lines"))?;
        let peer = self.peers.number(&row.peer);
        let peer = peer.ok_or_else(|| too_many("peers"))?;
        let place = self.names.number(&row.channel);
        let place = place.ok_or_else(|| too_many("channels"))? as usize;
        if place == self.channels.len() {
            let claims = self.limit.as_ref().filter(|_| self.watches);
            let watch = claims.and_then(|(claims, _)| Watch::of(claims));
            self.channels.push(Growing::new(&row.channel, watch));
        }
        let growing = &mut self.channels[place];
        let item = match &row.item {
            None => Operation::NO_ITEM,
            Some(item) => growing.item(item).ok_or_else(|| too_many("items"))?,
        };
        if row.kind == Kind::Put && row.outcome.may_have_effect() {
            growing.put(item).map_err(|message| {
                let fault = Fields::of(text).map(|fields| fields.fault(Field::Item, message));
                let fault = fault.unwrap_or_else(|fault| fault);
                fault.help("two puts of one item can't be told apart: give each an item of its own")
            })?;
        }
        let operation = Operation {
            start: row.start,
            end: row.end,
            item,
            peer,
            kind: row.kind,
            outcome: row.outcome,
        };
        if let Err(why) = growing.add(line, operation) {
            self.unfit = true;
            return Err(Fields::of(text).map_or_else(|fault| fault, |fields| unfit(&fields, why)));
        }
        self.operations += 1;
        self.let_go();
        Ok(())
    }

    /// Keeps no more than is wanted: from here on, all operations are judged as they come.
    fn let_go(&mut self) {
        let Some((claims, most)) = &self.limit else {
            return;
        };
        if self.watches || self.operations <= *most {
            return;
        }
        let watched = self.channels.iter().map(|growing| growing.watched(claims));
        match watched.collect::<Option<Vec<Watch>>>() {
            Some(watched) => {
                for (growing, watch) in self.channels.iter_mut().zip(watched) {
                    growing.let_go(watch);
                }
                self.watches = true;
            }
            // What can't be judged as it comes up to here never can be.
            None => self.limit = None,
        }
    }
}

fn unfit(fields: &Fields<'_>, unfit: Unfit) -> Fault {
    let field = match unfit {
        Unfit::OutOfOrder | Unfit::Malformed => Field::Start,
        Unfit::Open => Field::Outcome,
    };
    let message = format!("so many operations can only be judged as they come, and {unfit}");
    let fault = fields.fault(field, message);
    fault.help("give it as a file, or its lines in the order of their starts")
}

//! Histories that others recorded: JSON lines, one operation each.
//!
//! ```text
//! {"peer":"p1","channel":"q","op":"put","item":3,"start":10,"end":14,"outcome":"ok"}
//! {"peer":"c1","channel":"q","op":"get","item":3,"start":12,"end":15,"outcome":"ok"}
//! {"peer":"c1","channel":"q","op":"get","start":16}
//! ```
//!
//! Any order of lines will do. An operation that never returned has neither `end` nor `outcome`,
//! or `null` for both. Each channel's items are its own: what goes through two channels may be
//! called the same in both.

use std::fmt;

use crate::linearizable::{History, Kind, Operation, Outcome};

mod fields;
mod judged;
mod mistake;
mod names;
mod readable;
mod row;
#[cfg(test)]
mod tests;
mod write;

pub use judged::{Judged, Shown, Violation};
pub use mistake::Mistake;
pub use write::write_line;

use fields::{Field, Fields};
use mistake::Fault;
use names::Names;
use readable::{bare, readable};
use row::Row;

/// The longest line that is looked at, in bytes.
pub const LONGEST_LINE: usize = 1 << 20;

/// So many mistakes are told of one file.
pub const MOST_MISTAKES: usize = 20;

/// All that a file says.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The channels, as they first appear.
    pub channels: Vec<Channel>,
    peers: Names,
}

impl Recorded {
    /// How many operations there are on all channels.
    pub fn operations(&self) -> usize {
        let each = self.channels.iter().map(|c| c.history.operations.len());
        each.sum()
    }

    /// What a peer is called, as JSON.
    pub fn peer(&self, peer: u32) -> &str {
        self.peers.name(peer).unwrap_or("null")
    }
}

/// All operations on one channel.
#[derive(Clone)]
pub struct Channel {
    /// What it is called, as JSON.
    pub name: String,
    /// What was done there, in the order of the file.
    pub history: History,
    /// On which line each operation stands.
    lines: Vec<u32>,
    items: Names,
    /// What puts are called that failed for certain, and whose item another put has.
    aliases: Vec<u32>,
}

impl Channel {
    /// On which line an operation stands, from 1.
    pub fn line(&self, operation: usize) -> u64 {
        self.lines.get(operation).copied().unwrap_or(0).into()
    }

    /// What an item is called, as JSON.
    pub fn item(&self, item: u32) -> &str {
        let known = self.items.len();
        let alias = (item as usize).checked_sub(known);
        let item = alias.map_or(Some(item), |alias| self.aliases.get(alias).copied());
        item.and_then(|item| self.items.name(item))
            .unwrap_or("null")
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let operations = self.history.operations.len();
        write!(f, "{} with {operations} operations", self.name)
    }
}

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
}

#[derive(Debug)]
struct Growing {
    channel: Channel,
    /// Of each item, whether a put has it that may have had an effect.
    put: Vec<bool>,
}

impl Reading {
    /// Nothing read yet.
    pub fn new() -> Reading {
        Reading::default()
    }

    /// Whether so many mistakes were found that no more are looked for.
    pub fn is_hopeless(&self) -> bool {
        self.mistakes.len() >= MOST_MISTAKES
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
                let mut line = std::mem::take(&mut self.begun);
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
        let line = std::mem::take(&mut self.begun);
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
            self.channels.push(Growing::new(&row.channel));
        }
        let growing = &mut self.channels[place];
        let item = match &row.item {
            None => Operation::NO_ITEM,
            Some(item) => growing.item(item).ok_or_else(|| too_many("items"))?,
        };
        if row.kind == Kind::Put && may_have_come(row.outcome) {
            growing.put(item).map_err(|message| {
                let fault = Fields::of(text).map(|fields| fields.fault(Field::Item, message));
                let fault = fault.unwrap_or_else(|fault| fault);
                fault.help("two puts of one item can't be told apart: give each an item of its own")
            })?;
        }
        growing.channel.lines.push(line);
        growing.channel.history.operations.push(Operation {
            start: row.start,
            end: row.end,
            item,
            peer,
            kind: row.kind,
            outcome: row.outcome,
        });
        Ok(())
    }
}

/// Whether a put that came to this may have put its item.
fn may_have_come(outcome: Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Ok | Outcome::Pending | Outcome::Error { definite: false }
    )
}

impl Growing {
    fn new(name: &str) -> Growing {
        Growing {
            channel: Channel {
                name: name.to_owned(),
                history: History::default(),
                lines: Vec::new(),
                items: Names::default(),
                aliases: Vec::new(),
            },
            put: Vec::new(),
        }
    }

    fn item(&mut self, name: &str) -> Option<u32> {
        let item = self.channel.items.number(name)?;
        self.put.resize(self.channel.items.len(), false);
        Some(item)
    }

    /// Notes a put of this item.
    ///
    /// # Errors
    /// What is wrong if there was one before.
    fn put(&mut self, item: u32) -> Result<(), String> {
        if !std::mem::replace(&mut self.put[item as usize], true) {
            return Ok(());
        }
        let operations = &self.channel.history.operations;
        let first = operations.iter().position(|other| {
            other.kind == Kind::Put && other.item == item && may_have_come(other.outcome)
        });
        let line = self.channel.line(first.unwrap_or_default());
        let name = readable(self.channel.item(item));
        Err(format!("item {name} was put before, on line {line}"))
    }

    /// Gives an item of its own to each put that failed for certain and was tried again: the item
    /// that it is called by is then another put's.
    fn finish(mut self) -> Channel {
        let channel = &mut self.channel;
        channel.items.close();
        let known = channel.items.len();
        for operation in &mut channel.history.operations {
            if operation.kind != Kind::Put || may_have_come(operation.outcome) {
                continue;
            }
            let item = operation.item;
            // The first of several that failed keeps it if none came.
            if std::mem::replace(&mut self.put[item as usize], true) {
                operation.item = u32::try_from(known + channel.aliases.len())
                    .expect("each stands on a line of its own, and those are counted by u32");
                channel.aliases.push(item);
            }
        }
        channel.history.items = (known + channel.aliases.len()) as u32;
        self.channel
    }
}

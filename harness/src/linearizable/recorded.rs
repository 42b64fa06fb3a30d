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

use crate::linearizable::{Claims, History, Judgement, judge};

mod fields;
mod growing;
mod judged;
mod mistake;
mod names;
mod readable;
mod reading;
mod row;
#[cfg(test)]
mod tests;
mod write;

pub use judged::{Judged, Shown, Violation};
pub use mistake::Mistake;
pub use reading::{LONGEST_LINE, MOST_MISTAKES, Reading};
pub use write::write_line;

use names::Names;
use readable::{bare, readable};

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
        self.channels.iter().map(Channel::operations).sum()
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
    /// What was done there, in the order of the file; where it was judged as it came, only what
    /// proves that something is wrong.
    pub history: History,
    /// On which line each operation stands.
    lines: Vec<u32>,
    /// What it came to, and how many operations there were, where it was judged as it came.
    watched: Option<(Judgement, usize)>,
    items: Names,
    /// What puts are called that failed for certain, and whose item another put has.
    aliases: Vec<u32>,
}

impl Channel {
    /// How many operations there are.
    pub fn operations(&self) -> usize {
        match &self.watched {
            Some((_, operations)) => *operations,
            None => self.history.operations.len(),
        }
    }

    fn judge(&self, claims: &Claims) -> Judgement {
        match &self.watched {
            Some((judgement, _)) => judgement.clone(),
            None => judge(&self.history, claims),
        }
    }

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
        write!(f, "{} with {} operations", self.name, self.operations())
    }
}

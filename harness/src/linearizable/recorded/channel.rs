//! The operations on one channel of a file.

use std::fmt;

use super::name_table::NameTable;
use crate::linearizable::claims::Claims;
use crate::linearizable::decide::judge;
use crate::linearizable::history::History;
use crate::linearizable::judgement::Judgement;

/// The operations on one channel of a file.
#[derive(Clone)]
pub struct RecordedChannel {
    /// The channel's name, as JSON.
    pub name: String,
    /// The operations in the order of the file; only those that prove a violation if they were judged
    /// while the file was read.
    pub history: History,
    /// The line of each operation.
    pub(super) lines: Vec<u32>,
    /// The judgement and the number of operations, if they were judged while the file was read.
    pub(super) judged: Option<(Judgement, usize)>,
    pub(super) items: NameTable,
    /// The names of items of puts that certainly failed, where another put has the same item.
    pub(super) aliases: Vec<u32>,
}

impl RecordedChannel {
    pub(super) fn new(name: &str) -> RecordedChannel {
        RecordedChannel {
            name: name.to_owned(),
            history: History::default(),
            lines: Vec::new(),
            judged: None,
            items: NameTable::default(),
            aliases: Vec::new(),
        }
    }

    /// Returns the number of operations in the file.
    pub fn operations(&self) -> usize {
        match &self.judged {
            Some((_, operations)) => *operations,
            None => self.history.operations.len(),
        }
    }

    pub(super) fn judge(&self, claims: &Claims) -> Judgement {
        match &self.judged {
            Some((judgement, _)) => judgement.clone(),
            None => judge(&self.history, claims),
        }
    }

    /// Returns the line of an operation, from 1.
    pub fn line(&self, operation: usize) -> u64 {
        self.lines.get(operation).copied().unwrap_or(0).into()
    }

    /// Returns the name of an item, as JSON.
    pub fn item(&self, item: u32) -> &str {
        let known = self.items.len();
        let alias = (item as usize).checked_sub(known);
        let item = alias.map_or(Some(item), |alias| self.aliases.get(alias).copied());
        item.and_then(|item| self.items.name(item))
            .unwrap_or("null")
    }
}

impl fmt::Debug for RecordedChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with {} operations", self.name, self.operations())
    }
}

//! Watches the log of one process.

use std::fs::File;
use std::io;

use crate::history::Operation;
use crate::peer::log::{self, Glance};

/// Watches a log without reading it again from the beginning.
#[derive(Debug)]
pub(super) struct LogWatch {
    log: File,
    glance: Glance,
}

impl LogWatch {
    pub(super) fn new(log: &File) -> io::Result<LogWatch> {
        Ok(LogWatch {
            log: log.try_clone()?,
            glance: Glance::default(),
        })
    }

    /// Returns whether the process has recorded anything since the last call.
    pub(super) fn has_moved(&mut self) -> io::Result<bool> {
        let now = log::glance(&self.log, &self.glance)?;
        Ok(std::mem::replace(&mut self.glance, now) != self.glance)
    }

    /// Returns the operations in which the process was at the last [`LogWatch::has_moved`].
    pub(super) fn pending(&self) -> impl Iterator<Item = &Operation> {
        self.glance.pending()
    }
}

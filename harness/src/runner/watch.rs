//! Whether anything moves.

use std::fs::File;
use std::io;

use super::outlook::Outlook;
use crate::history::Operation;
use crate::history::rest::Standing;
use crate::os::supervisor::is_busy;
use crate::peer::log::{self, Glance};

/// Watches one process's log without reading it again from the beginning.
#[derive(Debug)]
pub(super) struct Watch {
    log: File,
    glance: Glance,
}

impl Watch {
    pub(super) fn new(log: &File) -> io::Result<Watch> {
        Ok(Watch {
            log: log.try_clone()?,
            glance: Glance::default(),
        })
    }

    /// Whether the process has recorded anything since the last call.
    pub(super) fn has_moved(&mut self) -> io::Result<bool> {
        let now = log::glance(&self.log, &self.glance)?;
        Ok(std::mem::replace(&mut self.glance, now) != self.glance)
    }

    /// Whether it will move by itself: one of its threads is in an operation whose time isn't up,
    /// or it only waits for a processor.
    pub(super) fn will_move(
        &self,
        pid: Option<u32>,
        outlook: &Outlook,
        now: u64,
        grace: u64,
    ) -> bool {
        let mut pending = self.glance.pending();
        pending.any(|operation| outlook.has_time(operation, now, grace)) || pid.is_some_and(is_busy)
    }

    /// How its threads stood when it was last looked at; a process that is in no operation is
    /// between two.
    pub(super) fn standings(&self, outlook: &Outlook, is_stopped: bool) -> Vec<Standing> {
        let pending = self.glance.pending();
        let standings: Vec<Standing> = pending
            .map(|operation| Standing::of(operation, outlook.may_stay(operation), is_stopped))
            .collect();
        match &standings[..] {
            [] if is_stopped => vec![Standing::Stays],
            [] => vec![Standing::IsToMove],
            _ => standings,
        }
    }

    /// The operations that its threads are in now.
    pub(super) fn pending(&mut self) -> io::Result<impl Iterator<Item = &Operation>> {
        self.has_moved()?;
        Ok(self.glance.pending())
    }
}

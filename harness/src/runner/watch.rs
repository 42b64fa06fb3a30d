//! Whether anything moves.

use std::fs::File;
use std::io;

use super::outlook::Outlook;
use crate::history::rest::Standing;
use crate::log::{self, Glance};
use crate::plan::StepId;
use crate::supervisor::{Look, look};

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
        let before = self.glance;
        self.glance = log::glance(&self.log, before)?;
        Ok(before != self.glance)
    }

    /// Whether it will move by itself: it is in an operation whose time isn't up, or it only waits
    /// for a processor.
    pub(super) fn will_move(
        &self,
        pid: Option<u32>,
        outlook: &Outlook,
        now: u64,
        grace: u64,
    ) -> bool {
        let pending = self.glance.pending();
        pending.is_some_and(|operation| outlook.has_time(operation, now, grace))
            || pid.is_some_and(|pid| look(pid) == Look::Busy)
    }

    /// How it stood when it was last looked at.
    pub(super) fn standing(&self, outlook: &Outlook, is_stopped: bool) -> Standing {
        let pending = self.glance.pending();
        let may_stay = pending.is_some_and(|operation| outlook.may_stay(operation));
        Standing::of(pending, may_stay, is_stopped)
    }

    /// Whether it has been in one operation of this step since before this moment.
    pub(super) fn is_in(&mut self, step: StepId, before: u64) -> io::Result<bool> {
        self.has_moved()?;
        Ok(self.glance.is_in(step, before))
    }
}

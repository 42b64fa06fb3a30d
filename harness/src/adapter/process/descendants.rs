//! What the processes of an adapter do without telling.

use std::time::Instant;

use super::{AdapterProcess, PATIENCE};
use crate::adapter::protocol::Breach;
use crate::os::supervisor::is_stopped;

impl AdapterProcess {
    /// Checks that the adapter wasn't stopped when the harness last looked, and long before. Time in
    /// which a process is stopped counts as the machine's, so it would delay every limit.
    ///
    /// # Errors
    /// It has been stopped for [`PATIENCE`].
    pub(crate) fn check_running(&mut self) -> Result<(), Breach> {
        if !is_stopped(self.pid()) {
            self.stopped = None;
            return Ok(());
        }
        let since = *self.stopped.get_or_insert_with(Instant::now);
        if since.elapsed() < PATIENCE {
            return Ok(());
        }
        let seconds = PATIENCE.as_secs();
        let what = format!("has been stopped for {seconds} s, and only its runs' processes may be");
        Err(Breach::new(what))
    }

    /// Returns the processes whose parent isn't the adapter or one that descends from it, any more.
    /// Finds none that left the adapter's group, unless the system is Linux.
    pub(crate) fn orphans(&self) -> Vec<u32> {
        let mut orphans = self.group().orphans();
        orphans.extend(self.mark.orphans());
        orphans.retain(|pid| *pid != self.pid());
        orphans.sort_unstable();
        orphans.dedup();
        orphans
    }
}

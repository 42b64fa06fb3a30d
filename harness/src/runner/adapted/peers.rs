//! What the harness does to processes that an adapter started: kills, pauses, resumes.

use crate::adapter::protocol::Breach;
use crate::os::supervisor::{self, Group};
use crate::plan::ProcessIndex;
use crate::runner::stops::Stops;

/// What was done to each process of a run.
#[derive(Debug)]
pub(super) struct Peers {
    group: Group,
    /// Whom a step or a sweep had killed.
    pub(super) killed: Vec<bool>,
    pub(super) stops: Stops,
}

impl Peers {
    /// So many processes, to be started in this group.
    pub(super) fn new(group: &Group, count: usize) -> Peers {
        Peers {
            group: group.clone(),
            killed: vec![false; count],
            stops: Stops::default(),
        }
    }

    /// Kills a process that lives under this number. One that isn't in the adapter's group any more
    /// has exited, or isn't its own.
    pub(super) fn kill(&mut self, process: ProcessIndex, pid: Option<u32>) {
        self.killed[process] = true;
        self.stops.end(process);
        if let Some(pid) = pid.filter(|pid| self.group.has(*pid)) {
            supervisor::kill(pid);
        }
    }

    /// Stops a process that lives under this number, and returns when it is stopped; false where
    /// there is none to stop, or not any more.
    pub(super) fn pause(
        &mut self,
        process: ProcessIndex,
        pid: Option<u32>,
    ) -> Result<bool, Breach> {
        let Some(pid) = pid.filter(|pid| self.group.has(*pid)) else {
            return Ok(false);
        };
        if self.stops.is_stopped(process) {
            return Ok(true);
        }
        let is_stopped = supervisor::pause::stop(pid, false).map_err(|error| {
            Breach::new(format_args!("has a process that can't be stopped: {error}"))
        })?;
        if is_stopped {
            self.stops.begin(process);
        }
        Ok(is_stopped)
    }

    /// Has a stopped process go on, which lives under this number.
    pub(super) fn resume(&mut self, process: ProcessIndex, pid: Option<u32>) {
        if let (true, Some(pid)) = (self.stops.end(process), pid) {
            supervisor::pause::go_on(pid);
        }
    }
}

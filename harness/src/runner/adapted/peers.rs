//! What the harness does to processes that an adapter started: kills, pauses, resumes.

use std::time::Instant;

use crate::clock;
use crate::history::Stop;
use crate::plan::ProcessIndex;
use crate::protocol::Breach;
use crate::supervisor::{self, Group};

/// What was done to each process of a run.
#[derive(Debug)]
pub(super) struct Peers {
    group: Group,
    /// Whom a step or a sweep had killed.
    pub(super) killed: Vec<bool>,
    pub(super) stops: Vec<Stop>,
    /// Where in `stops` the pause of a process is, while it is stopped.
    stopped: Vec<Option<usize>>,
}

impl Peers {
    /// So many processes, to be started in this group.
    pub(super) fn new(group: &Group, count: usize) -> Peers {
        Peers {
            group: group.clone(),
            killed: vec![false; count],
            stops: Vec::new(),
            stopped: vec![None; count],
        }
    }

    pub(super) fn is_stopped(&self, process: ProcessIndex) -> bool {
        self.stopped[process].is_some()
    }

    /// A process is no more.
    pub(super) fn gone(&mut self, process: ProcessIndex) {
        self.stopped[process] = None;
    }

    /// Kills a process that lives under this number. One that isn't in the adapter's group any more
    /// has exited, or isn't its own.
    pub(super) fn kill(&mut self, process: ProcessIndex, pid: Option<u32>) {
        self.killed[process] = true;
        if let Some(stop) = self.stopped[process].take() {
            self.stops[stop].until = Some(clock::now());
        }
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
        if self.is_stopped(process) {
            return Ok(true);
        }
        let is_stopped = supervisor::pause::stop(pid, false).map_err(|error| {
            Breach::new(format_args!("has a process that can't be stopped: {error}"))
        })?;
        if is_stopped {
            self.stopped[process] = Some(self.stops.len());
            self.stops.push(Stop {
                process,
                from: clock::now(),
                until: None,
                late: 0,
            });
        }
        Ok(is_stopped)
    }

    /// Has a stopped process go on, which lives under this number.
    pub(super) fn resume(&mut self, process: ProcessIndex, pid: Option<u32>) {
        if let (Some(stop), Some(pid)) = (self.stopped[process].take(), pid) {
            self.stops[stop].until = Some(clock::now());
            supervisor::pause::go_on(pid);
        }
    }

    /// The harness was to wake at this moment, and does now: how late everybody may be kept.
    pub(super) fn note_late(&mut self, wake: Instant) {
        let late = Instant::now().saturating_duration_since(wake);
        let late = u64::try_from(late.as_nanos()).unwrap_or(u64::MAX);
        for stop in self.stopped.iter().flatten() {
            let stop = &mut self.stops[*stop];
            stop.late = stop.late.max(late);
        }
    }
}

//! How long the harness waits, measured in time in which the processes it waits for could have run.
//!
//! A busy machine delays processes, a quota throttles them, other programs stop them, and a laptop
//! sleeps. None of that is the doing of a process, so a wait doesn't count this time. On Linux the
//! kernel reports it for each process. On other systems, and for the harness itself, it shows in how
//! late the harness wakes up.

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

mod hindrance;
mod machine;
mod process;

use crate::history::delay::too_slow;
use hindrance::Hindrance;
use machine::{GAP, MachineDelay};

/// How much longer than its limit a wait lasts at most, on a machine that delays the processes.
const MOST: u32 = 8;

/// How often a wait looks at the processes that it waits for.
const LOOK: Duration = Duration::from_millis(100);

/// How often a wait asks for what no system call waits for.
const POLL: Duration = Duration::from_millis(2);

/// Measures usable time: the time in which processes could have run.
#[derive(Debug)]
pub(crate) struct UsableTime {
    looked: Instant,
    usable: Duration,
    lost: Duration,
    machine: MachineDelay,
    /// How long the thread that waits had itself waited for a processor at the last look.
    own: Duration,
    /// For each process, how long it had waited for a processor at the last look.
    delays: HashMap<u32, Duration>,
}

/// What one look at the processes showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// How much time has passed since the last look.
    pub(crate) passed: Duration,
    /// How much of it the machine kept the processes from running.
    pub(crate) lost: Duration,
    /// Whether the harness itself was stopped for a while.
    pub(crate) is_gap: bool,
}

impl UsableTime {
    /// Starts to measure for these processes, by process id.
    pub(crate) fn start(processes: impl IntoIterator<Item = u32>) -> UsableTime {
        let processes = processes.into_iter();
        let delay = |pid| Some((pid, process::hindrance(pid)?.delay));
        UsableTime {
            looked: Instant::now(),
            usable: Duration::ZERO,
            lost: Duration::ZERO,
            machine: machine::delay(),
            own: process::own_delay(),
            delays: processes.filter_map(delay).collect(),
        }
    }

    /// Looks at these processes. `planned` is when the harness meant to wake up.
    pub(crate) fn look(
        &mut self,
        planned: Instant,
        processes: impl IntoIterator<Item = u32>,
    ) -> Look {
        let now = Instant::now();
        let passed = now.saturating_duration_since(self.looked);
        let late = now.saturating_duration_since(planned).min(passed);
        let machine = machine::delay();
        let is_gap = late >= GAP || machine.gaps != self.machine.gaps;
        let delay = process::own_delay();
        // All are about this process.
        let own = late
            .max(machine.lost.saturating_sub(self.machine.lost))
            .max(delay.saturating_sub(self.own));
        let lost = (own + self.hindered(processes, passed)).min(passed);
        self.machine = machine;
        self.own = delay;
        self.looked = now;
        self.usable += passed.saturating_sub(lost);
        self.lost += lost;
        Look {
            passed,
            lost,
            is_gap,
        }
    }

    /// Returns for how much of the time that has passed since the last look a process couldn't run.
    fn hindered(&mut self, processes: impl IntoIterator<Item = u32>, passed: Duration) -> Duration {
        let mut lost = Duration::ZERO;
        let mut delays = HashMap::with_capacity(self.delays.len());
        for pid in processes {
            let Some(Hindrance { delay, is_held }) = process::hindrance(pid) else {
                continue;
            };
            let before = self.delays.get(&pid).copied().unwrap_or_default();
            lost += delay.saturating_sub(before);
            if is_held {
                lost += passed;
            }
            delays.insert(pid, delay);
        }
        self.delays = delays;
        lost
    }

    /// Returns when the last look was.
    pub(crate) fn looked(&self) -> Instant {
        self.looked
    }

    /// Returns the usable time up to the last look.
    pub(crate) fn usable(&self) -> Duration {
        self.usable
    }

    /// Returns the time up to the last look in which processes couldn't run.
    pub(crate) fn lost(&self) -> Duration {
        self.lost
    }
}

/// A wait with a limit in usable time.
#[derive(Debug)]
pub(crate) struct Patience {
    limit: Duration,
    time: UsableTime,
    /// Usable time, and lost time, when the wait started anew.
    since: (Duration, Duration),
}

/// What is left of a wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatienceLeft {
    /// The limit isn't reached.
    Some,
    /// The processes could have run for the limit.
    Over,
    /// The machine kept the processes from running for so long that the wait shows nothing.
    TooSlow,
}

impl Patience {
    /// Starts to wait for these processes, by process id.
    pub(crate) fn start(limit: Duration, processes: impl IntoIterator<Item = u32>) -> Patience {
        Patience {
            limit,
            time: UsableTime::start(processes),
            since: (Duration::ZERO, Duration::ZERO),
        }
    }

    /// Returns when to call [`Self::look`] at the latest.
    pub(crate) fn next_look(&self) -> Instant {
        let left = self.limit.saturating_sub(self.usable());
        self.time.looked() + left.min(LOOK)
    }

    /// Looks at these processes, and returns what is left.
    pub(crate) fn look(&mut self, processes: impl IntoIterator<Item = u32>) -> PatienceLeft {
        let planned = self.next_look();
        let look = self.time.look(planned, processes);
        if look.is_gap {
            self.since = (self.time.usable(), self.time.lost());
        }
        left(self.limit, self.usable(), self.lost())
    }

    /// Returns what is left, for a wait that polls. Looks at the processes only if that is due.
    pub(crate) fn look_if_due<P: IntoIterator<Item = u32>>(
        &mut self,
        processes: impl FnOnce() -> P,
    ) -> PatienceLeft {
        if Instant::now() < self.next_look() {
            PatienceLeft::Some
        } else {
            self.look(processes())
        }
    }

    /// Returns the figures of a wait that was too slow to judge.
    pub(crate) fn figures(&self) -> String {
        too_slow(self.lost(), self.usable() + self.lost())
    }

    fn usable(&self) -> Duration {
        self.time.usable() - self.since.0
    }

    fn lost(&self) -> Duration {
        self.time.lost() - self.since.1
    }
}

/// Waits until this is so, or until the limit in usable time of these processes. For what no system call
/// waits for with a timeout, such as the exit of several processes.
pub(crate) fn wait_until<P: IntoIterator<Item = u32>>(
    limit: Duration,
    processes: impl Fn() -> P,
    mut is_so: impl FnMut() -> bool,
) {
    let mut patience = Patience::start(limit, processes());
    while !is_so() && patience.look_if_due(&processes) == PatienceLeft::Some {
        thread::sleep(POLL);
    }
}

/// Returns what is left of a wait with this limit.
pub(crate) fn left(limit: Duration, usable: Duration, lost: Duration) -> PatienceLeft {
    if usable >= limit {
        PatienceLeft::Over
    } else if usable + lost >= limit * MOST {
        PatienceLeft::TooSlow
    } else {
        PatienceLeft::Some
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const LIMIT: Duration = Duration::from_secs(10);

    #[rstest]
    #[case::the_limit_is_not_reached(9, 0, PatienceLeft::Some)]
    #[case::the_limit_is_reached(10, 0, PatienceLeft::Over)]
    #[case::lost_time_does_not_count(9, 60, PatienceLeft::Some)]
    #[case::too_much_time_is_lost(9, 71, PatienceLeft::TooSlow)]
    #[case::time_was_lost_and_the_limit_is_reached(10, 100, PatienceLeft::Over)]
    fn a_wait_counts_usable_time(
        #[case] usable: u64,
        #[case] lost: u64,
        #[case] expected: PatienceLeft,
    ) {
        let seconds = Duration::from_secs;
        assert_eq!(left(LIMIT, seconds(usable), seconds(lost)), expected);
    }

    #[test]
    fn time_in_which_the_harness_woke_up_late_is_lost() {
        let mut time = UsableTime::start([]);
        let planned = time.looked();
        let look = time.look(planned, []);
        assert_eq!(look.lost, look.passed);
        assert_eq!(time.usable(), Duration::ZERO);
    }

    #[test]
    fn a_gap_starts_the_wait_anew() {
        let mut patience = Patience::start(LIMIT, []);
        patience.time.usable = LIMIT / 2;
        patience.time.machine.gaps = patience.time.machine.gaps.wrapping_sub(1);
        assert_eq!(patience.look([]), PatienceLeft::Some);
        assert!(patience.usable() < LIMIT / 2);
    }

    /// A process that is stopped by another program isn't late by its own doing.
    #[cfg(target_os = "linux")]
    #[test]
    fn time_in_which_a_process_is_stopped_is_lost() {
        use crate::os::supervisor::pause::{self, StopProgress};
        use crate::os::supervisor::{Member, lead};
        use std::process::{Command, Stdio};
        let mut command = Command::new("sleep");
        command.arg("60").stdin(Stdio::null());
        let mut child = lead(command).unwrap();
        let pid = child.pid();
        assert!(pause::begin(&Member::of(&child.group, pid).unwrap()).unwrap());
        while pause::progress(pid, true).unwrap() != StopProgress::Stopped {
            thread::yield_now();
        }
        let mut time = UsableTime::start([pid]);
        let look = time.look(Instant::now() + LOOK, [pid]);
        assert_eq!(look.lost, look.passed);
        child.kill();
        child.reap().unwrap();
    }
}

//! When a run has to be ended: past its deadline, stalled, or at rest. All limits are in usable time, in
//! which the machine let the run's processes run.

use std::time::{Duration, Instant};

use crate::history::{Delay, Ending};
use crate::os::clock;
use crate::os::patience::{Look, PatienceLeft, UsableTime, left};

/// How long nothing may move before a run at rest is ended: every operation in it may stay pending
/// for ever, or waits for one that may. Ending such a run too early can hide a fault, but never makes
/// a library fail, so this is short.
const QUIET: Duration = Duration::from_millis(300);

/// The shortest delay that is recorded. Clocks and schedulers are that late on any machine.
const NOTICEABLE: Duration = Duration::from_millis(2);

/// The longest time for which adjacent delays are recorded as one.
const TOGETHER: u64 = 100_000_000;

/// The deadline of a run, and how long nothing in it has moved.
#[derive(Debug)]
pub(in crate::runner) struct Pace {
    time: UsableTime,
    deadline: Duration,
    stall: Duration,
    /// The `stall` once all processes have started.
    stall_started: Duration,
    quiet: Duration,
    /// The usable time and the lost time at which something moved last.
    moved: (Duration, Duration),
    /// When the last look was.
    looked: Instant,
    delays: Vec<Delay>,
}

impl Pace {
    /// A run begins that may take `deadline`. It stalls if nothing moves for `starting`, and after
    /// [`Pace::all_started`] for `started`.
    pub(in crate::runner) fn new(
        deadline: Duration,
        starting: Duration,
        started: Duration,
    ) -> Pace {
        Pace {
            time: UsableTime::start([]),
            deadline,
            stall: starting,
            stall_started: started,
            quiet: QUIET.min(starting),
            moved: (Duration::ZERO, Duration::ZERO),
            looked: Instant::now(),
            delays: Vec::new(),
        }
    }

    /// All processes have started.
    pub(super) fn all_started(&mut self) {
        self.stall = self.stall_started;
        self.quiet = QUIET.min(self.stall);
    }

    /// When the next look is due. Measurements between two looks don't put it off.
    pub(super) fn next(&self) -> Instant {
        self.looked + self.quiet / 3
    }

    /// A look begins, and the next is due some time after it.
    pub(super) fn begin_look(&mut self) {
        self.looked = Instant::now();
    }

    /// Returns whether a look is due.
    pub(super) fn is_due(&self) -> bool {
        Instant::now() >= self.next()
    }

    /// Something moves now.
    pub(super) fn moves(&mut self) {
        let usable = self.time.usable() + self.time.looked().elapsed();
        self.moved = (usable, self.time.lost());
    }

    /// Looks at these processes, by process id. `planned` is when the harness meant to wake up.
    pub(super) fn measure(&mut self, planned: Instant, processes: &[u32]) {
        let look = self.time.look(planned, processes.iter().copied());
        if look.is_gap {
            self.moves();
        }
        self.record(look, clock::now());
    }

    fn record(&mut self, look: Look, now: u64) {
        if look.lost < NOTICEABLE {
            return;
        }
        let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let delay = Delay {
            from: now.saturating_sub(nanoseconds(look.passed)),
            until: now,
            lost: nanoseconds(look.lost),
        };
        match self.delays.last_mut() {
            Some(last) if delay.until - last.from < TOGETHER => {
                last.until = delay.until;
                last.lost += delay.lost;
            }
            _ => self.delays.push(delay),
        }
    }

    /// Returns for how long, in nanoseconds, processes couldn't run since this moment.
    pub(super) fn lost_since(&self, moment: u64) -> u64 {
        let delays = self.delays.iter().rev();
        let later = delays.take_while(|delay| delay.until > moment);
        later.map(|delay| delay.lost).sum()
    }

    /// Takes the recorded delays, for the history.
    pub(super) fn take_delays(&mut self) -> Vec<Delay> {
        std::mem::take(&mut self.delays)
    }

    /// Returns whether nothing has moved for a while.
    pub(super) fn is_quiet(&self) -> bool {
        self.still() >= self.quiet
    }

    /// Returns how the run ends, if it has to. A run at rest needs only be quiet.
    pub(super) fn ending(&self, is_at_rest: impl FnOnce() -> bool) -> Option<Ending> {
        match self.left() {
            PatienceLeft::Over => Some(Ending::DeadlinePassed),
            PatienceLeft::TooSlow => Some(Ending::TooSlow),
            PatienceLeft::Some => match self.left_until_stall() {
                PatienceLeft::Over => Some(Ending::Stalled),
                PatienceLeft::TooSlow => Some(Ending::TooSlow),
                PatienceLeft::Some => (self.is_quiet() && is_at_rest()).then_some(Ending::Stalled),
            },
        }
    }

    fn left_until_stall(&self) -> PatienceLeft {
        let lost = self.time.lost() - self.moved.1;
        left(self.stall, self.still(), lost)
    }

    /// Where so much time was lost that some of it may not have been measured, a passed deadline
    /// shows nothing.
    fn left(&self) -> PatienceLeft {
        let (usable, lost) = (self.time.usable(), self.time.lost());
        match left(self.deadline, usable, lost) {
            PatienceLeft::Over if lost > usable => PatienceLeft::TooSlow,
            left => left,
        }
    }

    fn still(&self) -> Duration {
        self.time.usable().saturating_sub(self.moved.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(600);

    #[test]
    fn a_run_stalls_after_another_time_once_all_processes_have_started() {
        let mut pace = Pace::new(LONG, LONG, Duration::ZERO);
        pace.measure(Instant::now(), &[]);
        assert_eq!(pace.ending(|| false), None);
        pace.all_started();
        assert_eq!(pace.ending(|| false), Some(Ending::Stalled));
    }

    #[test]
    fn a_measurement_does_not_put_off_the_next_look() {
        let mut pace = Pace::new(LONG, LONG, Duration::ZERO);
        pace.all_started();
        pace.measure(Instant::now(), &[]);
        assert!(pace.is_due());
        let mut patient = Pace::new(LONG, LONG, LONG);
        let due = patient.next();
        patient.measure(Instant::now(), &[]);
        assert_eq!(patient.next(), due);
        patient.begin_look();
        assert!(patient.next() > due);
    }

    #[test]
    fn a_run_does_not_stall_while_the_machine_keeps_its_processes_from_running() {
        let mut pace = Pace::new(LONG, Duration::from_nanos(1), Duration::from_nanos(1));
        let planned = pace.time.looked();
        pace.measure(planned, &[]);
        assert_eq!(pace.ending(|| false), Some(Ending::TooSlow));
        pace.measure(Instant::now() + LONG, &[]);
        assert_eq!(pace.ending(|| false), Some(Ending::Stalled));
    }

    #[test]
    fn adjacent_delays_are_recorded_as_one() {
        let look = |milliseconds| Look {
            passed: Duration::from_millis(milliseconds),
            lost: Duration::from_millis(milliseconds),
            is_gap: false,
        };
        let mut pace = Pace::new(LONG, LONG, LONG);
        pace.record(look(10), 1_000_000_000);
        pace.record(look(20), 1_020_000_000);
        pace.record(look(1), 1_021_000_000);
        pace.record(look(90), 1_111_000_000);
        let lost: Vec<u64> = pace.delays.iter().map(|delay| delay.lost).collect();
        assert_eq!(lost, [30_000_000, 90_000_000]);
        assert_eq!(pace.lost_since(1_020_000_000), 90_000_000);
        assert_eq!(pace.lost_since(1_019_999_999), 120_000_000);
    }
}

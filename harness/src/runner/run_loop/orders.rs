//! Kills, pauses and signals that a thread or the plan's fault has ordered, until they have taken effect.
//!
//! A process that isn't alive yet is killed, stopped or signalled as soon as it is. Pure: the caller acts, and
//! reports what came of it.

use super::coordination::WaitingThread;
use crate::plan::{Injection, ProcessIndex, Signal};

/// What is done to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Kill,
    /// A kill by SIGTERM.
    Terminate,
    Pause,
    Signal(Signal),
}

impl From<Injection> for Deed {
    fn from(fault: Injection) -> Deed {
        match fault {
            Injection::Kill => Deed::Kill,
            Injection::Pause => Deed::Pause,
        }
    }
}

/// A kill or a pause of some processes, or a signal to them.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) by: OrderedBy,
    pub(super) deed: Deed,
    pub(super) targets: Vec<Target>,
}

/// What ordered it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OrderedBy {
    /// A step of this thread, which waits for the reply.
    Step(WaitingThread),
    /// The plan's fault. `waits` says whether the process waits for a reply when it continues.
    Fault { waits: bool },
}

/// A process that is to be killed or stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) process: ProcessIndex,
    pub(super) progress: Progress,
}

/// How far the kill or the pause of one process has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The process isn't alive yet, or its exit isn't known yet.
    Ordered,
    /// The system was told.
    Sent,
    /// It has taken effect. A process that has exited counts as killed.
    Done,
    /// The process exited before it could be stopped or signalled.
    Missed,
}

impl Order {
    pub(super) fn new(by: OrderedBy, deed: Deed, targets: Vec<ProcessIndex>) -> Order {
        let targets = targets.into_iter().map(|process| Target {
            process,
            progress: Progress::Ordered,
        });
        Order {
            by,
            deed,
            targets: targets.collect(),
        }
    }

    /// Notes that these processes are gone: nothing more can be done to them.
    pub(super) fn note_gone(&mut self, is_gone: impl Fn(ProcessIndex) -> bool) {
        let waiting = self.targets.iter_mut().filter(|target| target.is_open());
        for target in waiting.filter(|target| is_gone(target.process)) {
            target.progress = match self.deed {
                Deed::Kill | Deed::Terminate => Progress::Done,
                Deed::Pause | Deed::Signal(_) => Progress::Missed,
            };
        }
    }

    /// Whether nothing is left to do.
    pub(super) fn is_over(&self) -> bool {
        !self.targets.iter().any(Target::is_open)
    }

    /// Whether it has taken effect on every process.
    pub(super) fn is_done(&self) -> bool {
        let mut targets = self.targets.iter();
        targets.all(|target| target.progress == Progress::Done)
    }

    /// Whether a process has been told to stop and hasn't stopped yet, which no message reports.
    pub(super) fn is_stopping(&self) -> bool {
        let mut targets = self.targets.iter();
        self.deed == Deed::Pause && targets.any(|target| target.progress == Progress::Sent)
    }
}

impl Target {
    pub(super) fn is_open(&self) -> bool {
        matches!(self.progress, Progress::Ordered | Progress::Sent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn order(deed: Deed, progress: [Progress; 2]) -> Order {
        let mut order = Order::new(OrderedBy::Fault { waits: false }, deed, vec![0, 1]);
        for (target, progress) in order.targets.iter_mut().zip(progress) {
            target.progress = progress;
        }
        order
    }

    #[rstest]
    #[case::a_kill_of_an_exited_process(Deed::Kill, Progress::Ordered, Progress::Done)]
    #[case::a_kill_that_was_sent(Deed::Kill, Progress::Sent, Progress::Done)]
    #[case::a_pause_of_an_exited_process(Deed::Pause, Progress::Ordered, Progress::Missed)]
    #[case::a_pause_overtaken_by_the_exit(Deed::Pause, Progress::Sent, Progress::Missed)]
    #[case::a_signal_to_an_exited_process(
        Deed::Signal(Signal::Usr1),
        Progress::Ordered,
        Progress::Missed
    )]
    #[case::a_pause_that_took_effect_before(Deed::Pause, Progress::Done, Progress::Done)]
    fn the_exit_of_a_process_settles(
        #[case] deed: Deed,
        #[case] before: Progress,
        #[case] after: Progress,
    ) {
        let mut order = order(deed, [before, Progress::Ordered]);
        order.note_gone(|process| process == 0);
        assert_eq!(order.targets[0].progress, after);
        assert_eq!(order.targets[1].progress, Progress::Ordered);
        assert!(!order.is_over());
    }

    #[rstest]
    #[case::all_took_effect([Progress::Done, Progress::Done], true)]
    #[case::one_was_missed([Progress::Done, Progress::Missed], false)]
    fn an_order_is_done_when_it_took_effect_on_all(
        #[case] progress: [Progress; 2],
        #[case] is_done: bool,
    ) {
        let order = order(Deed::Pause, progress);
        assert!(order.is_over());
        assert_eq!(order.is_done(), is_done);
    }
}

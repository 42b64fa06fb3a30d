//! The part of the plan's fault that the harness brings about. A process can't kill itself inside an
//! operation that blocks or at a moment that it doesn't know, and can't stop itself and continue.

use super::blocked::{SETTLING, is_blocked};
use crate::history::Operation;
use crate::plan::{Injection, InjectionPoint, Moment, Plan, ProcessIndex};

/// The longest time in nanoseconds between the begin of a process's first operation and a fault while it runs.
const RUNNING: u64 = 30_000_000;

/// How far the plan's fault has got.
#[derive(Debug)]
pub(super) struct Sweep {
    point: Option<InjectionPoint>,
    seed: u64,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The process hasn't reached the fault, or the fault is over.
    Quiet,
    /// The operation has begun inside which the fault is to happen.
    Exposed,
    /// The fault is to happen at this moment.
    Scheduled(u64),
    /// The process is stopped.
    Stopped {
        /// Whether it waits for a reply when it continues.
        waits: bool,
    },
}

impl Sweep {
    pub(super) fn of(plan: &Plan) -> Sweep {
        Sweep {
            point: plan.fault,
            seed: plan.seed,
            stage: Stage::Quiet,
        }
    }

    /// The operation has begun inside which, or from whose start on, the fault is to happen.
    pub(super) fn expose(&mut self, now: u64) {
        self.stage = match self.point {
            Some(point) if point.moment == Moment::Running => {
                let mut random = fastrand::Rng::with_seed(self.seed ^ point.operation << 32);
                Stage::Scheduled(now + random.u64(..RUNNING))
            }
            _ => Stage::Exposed,
        };
    }

    /// Returns the fault and its process if it was scheduled for now.
    pub(super) fn due(&mut self, now: u64) -> Option<(Injection, ProcessIndex)> {
        let point = self.point?;
        let is_due = matches!(self.stage, Stage::Scheduled(at) if at <= now);
        is_due.then(|| {
            self.stage = Stage::Quiet;
            (point.fault, point.process)
        })
    }

    /// Returns the process whose operation may have blocked.
    pub(super) fn exposed(&self) -> Option<ProcessIndex> {
        let point = self.point?;
        (self.stage == Stage::Exposed).then_some(point.process)
    }

    /// Returns the fault if it is due now, given all operations of the exposed process. `usable`
    /// returns the usable time since a moment. An operation that returns without having blocked gets no fault: there is no inside of it.
    pub(super) fn inside(
        &mut self,
        operations: &[Operation],
        usable: impl FnOnce(u64) -> u64,
        is_busy: impl FnOnce() -> bool,
    ) -> Option<Injection> {
        let point = self.point?;
        let mut on_ends = operations.iter().filter(|op| op.end.is_some());
        let operation = on_ends.nth(point.operation as usize)?;
        if !operation.is_pending() {
            self.stage = Stage::Quiet;
            return None;
        }
        is_blocked(usable(operation.start), is_busy).then(|| {
            self.stage = Stage::Quiet;
            point.fault
        })
    }

    /// The process was stopped. `waits` says whether it waits for a reply when it continues.
    pub(super) fn stopped(&mut self, waits: bool) {
        self.stage = Stage::Stopped { waits };
    }

    /// Returns whether the process is stopped.
    pub(super) fn is_stopped(&self) -> bool {
        matches!(self.stage, Stage::Stopped { .. })
    }

    /// Ends the pause. Returns the process to continue, and whether it waits for a reply.
    pub(super) fn end(&mut self) -> Option<(ProcessIndex, bool)> {
        let Stage::Stopped { waits } = self.stage else {
            return None;
        };
        self.stage = Stage::Quiet;
        Some((self.point?.process, waits))
    }

    /// When to look again whether the operation has blocked, or the fault is due.
    pub(super) fn next_look(&self, now: u64) -> Option<u64> {
        match self.stage {
            Stage::Exposed => Some(now + SETTLING / 4),
            Stage::Scheduled(at) => Some(at.max(now)),
            Stage::Quiet | Stage::Stopped { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Side;
    use crate::history::OperationKind;
    use crate::plan::{End, Moment};
    use rstest::rstest;

    const SECOND: InjectionPoint = InjectionPoint {
        process: 0,
        operation: 1,
        moment: Moment::Inside,
        fault: Injection::Kill,
    };

    fn sweep(point: Option<InjectionPoint>) -> Sweep {
        Sweep {
            point,
            seed: 7,
            stage: Stage::Quiet,
        }
    }

    fn operation(start: u64, returned: Option<u64>) -> Operation {
        Operation {
            step: 0,
            thread: 0,
            kind: OperationKind::Get,
            end: Some(End {
                channel: 0,
                side: Side::Rx,
            }),
            start,
            returned,
            outcome: None,
            content: None,
            raw: None,
            definite: false,
        }
    }

    fn off_ends(start: u64) -> Operation {
        Operation {
            end: None,
            ..operation(start, Some(start))
        }
    }

    #[rstest]
    #[case::blocked_for_long_enough(&[operation(0, Some(1)), operation(2, None)], SETTLING + 2, Some(Injection::Kill))]
    #[case::not_long_enough(&[operation(0, Some(1)), operation(2, None)], SETTLING, None)]
    #[case::in_an_earlier_operation(&[operation(0, None)], SETTLING, None)]
    #[case::only_operations_on_ends_count(&[off_ends(0), operation(1, None)], SETTLING + 1, None)]
    fn the_fault_happens_inside_an_operation_that_blocks(
        #[case] operations: &[Operation],
        #[case] now: u64,
        #[case] fault: Option<Injection>,
    ) {
        let mut second = sweep(Some(SECOND));
        second.expose(0);
        assert_eq!(
            second.inside(operations, |since| now - since, || false),
            fault
        );
        assert_eq!(
            second.exposed().is_none(),
            fault.is_some(),
            "the fault happens once"
        );
    }

    #[test]
    fn an_operation_that_returns_without_blocking_gets_no_fault() {
        let mut second = sweep(Some(SECOND));
        second.expose(0);
        let both = [operation(0, Some(1)), operation(2, Some(3))];
        assert_eq!(second.inside(&both, |_| SETTLING, || false), None);
        assert_eq!(second.exposed(), None);
    }

    #[test]
    fn a_stopped_process_continues_once() {
        let mut second = sweep(Some(SECOND));
        assert_eq!(second.end(), None);
        second.stopped(true);
        assert!(second.is_stopped());
        assert_eq!(second.end(), Some((0, true)));
        assert_eq!(second.end(), None);
    }

    #[test]
    fn a_fault_while_the_process_runs_happens_once_and_soon() {
        let third = InjectionPoint {
            operation: 2,
            moment: Moment::Running,
            ..SECOND
        };
        let mut running = sweep(Some(third));
        assert_eq!(running.due(u64::MAX), None);
        running.expose(100);
        assert_eq!(running.exposed(), None, "it needn't block");
        assert_eq!(running.due(99), None);
        let at = running.next_look(100).unwrap();
        assert!((100..100 + RUNNING).contains(&at));
        assert_eq!(running.due(at), Some((Injection::Kill, 0)));
        assert_eq!(running.due(at), None);
    }
}

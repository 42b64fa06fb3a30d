//! The plan's fault, as far as the harness brings it about: inside an operation only others can
//! see that it blocks, and no process can stop itself and go on again.

use super::blocked::{SETTLING, is_blocked};
use crate::history::Operation;
use crate::plan::{Fault, FaultPoint, ProcessIndex};

/// How far the plan's fault has come.
#[derive(Debug)]
pub(super) struct Sweep {
    point: Option<FaultPoint>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The process hasn't come to it, or it is over.
    Quiet,
    /// The operation has begun inside which it is to come.
    Exposed,
    /// The process is stopped.
    Stopped {
        /// Whether it waits to be told that it goes on.
        waits: bool,
    },
}

impl Sweep {
    pub(super) fn new(point: Option<FaultPoint>) -> Sweep {
        Sweep {
            point,
            state: State::Quiet,
        }
    }

    /// The operation has begun inside which the fault is to come.
    pub(super) fn expose(&mut self) {
        self.state = State::Exposed;
    }

    /// Whose operation is to be looked at, to see whether it blocks.
    pub(super) fn exposed(&self) -> Option<ProcessIndex> {
        let point = self.point?;
        (self.state == State::Exposed).then_some(point.process)
    }

    /// What is to be done now to the process that has come so far, and may be busy. An operation
    /// that returns without having blocked is let go: there is no inside of it.
    pub(super) fn inside(
        &mut self,
        operations: &[Operation],
        now: u64,
        is_busy: impl FnOnce() -> bool,
    ) -> Option<Fault> {
        let point = self.point?;
        let mut on_ends = operations.iter().filter(|op| op.end.is_some());
        let operation = on_ends.nth(point.operation as usize)?;
        if !operation.is_pending() {
            self.state = State::Quiet;
            return None;
        }
        is_blocked(operation.start, now, is_busy).then(|| {
            self.state = State::Quiet;
            point.fault
        })
    }

    /// The process was stopped; whether it waits to be told that it goes on.
    pub(super) fn stopped(&mut self, waits: bool) {
        self.state = State::Stopped { waits };
    }

    /// Whether it is stopped.
    pub(super) fn is_stopped(&self) -> bool {
        matches!(self.state, State::Stopped { .. })
    }

    /// It is to go on: who, and whether it waits to be told.
    pub(super) fn end(&mut self) -> Option<(ProcessIndex, bool)> {
        let State::Stopped { waits } = self.state else {
            return None;
        };
        self.state = State::Quiet;
        Some((self.point?.process, waits))
    }

    /// When to look again whether the operation blocks.
    pub(super) fn next_look(&self, now: u64) -> Option<u64> {
        (self.state == State::Exposed).then_some(now + SETTLING / 4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::{End, Side};
    use crate::history::OperationKind;
    use crate::plan::Moment;
    use rstest::rstest;

    const SECOND: FaultPoint = FaultPoint {
        process: 0,
        operation: 1,
        moment: Moment::Inside,
        fault: Fault::Kill,
    };

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
    #[case::blocked_for_long(&[operation(0, Some(1)), operation(2, None)], SETTLING + 2, Some(Fault::Kill))]
    #[case::not_yet(&[operation(0, Some(1)), operation(2, None)], SETTLING, None)]
    #[case::the_first_is_not_the_second(&[operation(0, None)], SETTLING, None)]
    #[case::only_ends_count(&[off_ends(0), operation(1, None)], SETTLING + 1, None)]
    fn it_strikes_inside_what_blocks(
        #[case] operations: &[Operation],
        #[case] now: u64,
        #[case] fault: Option<Fault>,
    ) {
        let mut sweep = Sweep::new(Some(SECOND));
        sweep.expose();
        assert_eq!(sweep.inside(operations, now, || false), fault);
        assert_eq!(
            sweep.exposed().is_none(),
            fault.is_some(),
            "it strikes once"
        );
    }

    #[test]
    fn what_returns_without_having_blocked_is_let_go() {
        let mut sweep = Sweep::new(Some(SECOND));
        sweep.expose();
        let both = [operation(0, Some(1)), operation(2, Some(3))];
        assert_eq!(sweep.inside(&both, SETTLING + 9, || false), None);
        assert_eq!(sweep.exposed(), None);
    }

    #[test]
    fn a_stopped_process_goes_on_once() {
        let mut sweep = Sweep::new(Some(SECOND));
        assert_eq!(sweep.end(), None);
        sweep.stopped(true);
        assert!(sweep.is_stopped());
        assert_eq!(sweep.end(), Some((0, true)));
        assert_eq!(sweep.end(), None);
    }
}

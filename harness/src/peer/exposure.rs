//! The plan's fault at one of this process's operations on ends.

use super::interpreter::{Done, Thread};
use crate::history::OperationKind;
use crate::os::supervisor::crash::crash;
use crate::peer::log::Begin;
use crate::peer::wire::Word;
use crate::plan::{Crash, Fault, FaultPoint, Moment, NO_STEP, Plan, ProcessIndex};

/// How far this process has come on its way to its fault.
pub(super) struct Exposure {
    point: Option<FaultPoint>,
    /// How many operations on ends are done.
    done: u64,
}

impl Exposure {
    pub(super) fn of(plan: &Plan, me: ProcessIndex) -> Exposure {
        Exposure {
            point: plan.fault.filter(|point| point.process == me),
            done: 0,
        }
    }

    /// That of a thread: in which order threads come to their operations nobody knows, and so no
    /// sweep strikes at them.
    pub(super) fn none() -> Exposure {
        Exposure {
            point: None,
            done: 0,
        }
    }

    /// What is due at this moment of the operation that comes, or is under way, or has returned.
    fn due(&self, moment: Moment) -> Option<Fault> {
        let point = self.point?;
        (point.operation == self.done && point.moment == moment).then_some(point.fault)
    }
}

impl Thread<'_> {
    /// Brings about the fault that is due, if one is. Whether an operation blocks only others can
    /// see, so inside of one the harness does it.
    pub(super) fn suffer(&mut self, moment: Moment) -> Done {
        let due = self.exposure.due(moment);
        if moment == Moment::After {
            self.exposure.done += 1;
        }
        match due {
            None => Ok(()),
            Some(_) if moment == Moment::Inside => Ok(self.tell(&Word::Exposed)?),
            Some(Fault::Kill) => {
                let _never_returns = self.begin(Begin::of(NO_STEP, OperationKind::Crash))?;
                crash(Crash::Kill)
            }
            Some(Fault::Pause) => {
                // The step that waits to be announced isn't the pause.
                let unannounced = self.unannounced.take();
                self.operate(Begin::of(NO_STEP, OperationKind::Pause), |thread| {
                    thread.tell_and_wait(&Word::Due)
                })?;
                self.unannounced = unannounced;
                Ok(())
            }
        }
    }
}

//! Finds the moment of the plan's fault among a process's operations on ends.

use crate::plan::{Injection, InjectionPoint, Moment, Plan, ProcessIndex};

/// The plan's fault in one process, and the progress toward it.
pub(super) struct FaultTrigger {
    point: Option<InjectionPoint>,
    /// How many operations on ends have returned.
    done: u64,
}

impl FaultTrigger {
    pub(super) fn of(plan: &Plan, me: ProcessIndex) -> FaultTrigger {
        FaultTrigger {
            point: plan.fault.filter(|point| point.process == me),
            done: 0,
        }
    }

    /// The trigger of a thread of a `threads` step, which never fires: the order of operations of
    /// several threads varies, so a sweep has no faults there.
    pub(super) fn none() -> FaultTrigger {
        FaultTrigger {
            point: None,
            done: 0,
        }
    }

    /// Notes that an operation on an end has reached this moment. Returns the fault that is due then.
    pub(super) fn advance(&mut self, moment: Moment) -> Option<Injection> {
        let due = self.point.filter(|point| {
            let own = match point.is_from_outside() {
                true => Moment::Inside,
                false => point.moment,
            };
            own == moment && point.first_exposed() == self.done
        });
        if moment == Moment::After {
            self.done += 1;
        }
        due.map(|point| point.fault)
    }
}

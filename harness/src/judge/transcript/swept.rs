//! What is the same every time at one point of a sweep.
//!
//! Before or after an operation, the victim kills itself, so that its own operations are certain. The
//! other processes receive a prefix of its items, and the length of that prefix depends on the
//! backend and the schedule.

use std::collections::HashSet;

use crate::backend::Outcome;
use crate::plan::trace::trace;
use crate::plan::{
    Action, Event, Injection, InjectionPoint, Moment, Permutation, Plan, ProcessIndex, Step,
    StepId, flat,
};

/// What a kill at one operation leaves open.
#[derive(Debug, Default)]
pub(super) struct Swept {
    /// The killed process; none if the run isn't such a point.
    pub(super) victim: Option<ProcessIndex>,
    /// Steps of other processes that use an end and may not complete.
    pub(super) cut_short: HashSet<StepId>,
    /// Steps of other processes that are certainly reached.
    pub(super) reached: HashSet<StepId>,
    /// Steps of other processes that can fail only because the victim is gone.
    bereft: HashSet<StepId>,
    /// Steps that the victim may or may not reach.
    pub(super) uncertain: HashSet<StepId>,
}

impl Swept {
    pub(super) fn of(permutation: &Permutation) -> Swept {
        let plan = &permutation.plan;
        let kill = plan.fault.filter(|point| point.fault == Injection::Kill);
        let Some(point) = kill else {
            return Swept::default();
        };
        let mut swept = Swept {
            victim: Some(point.process),
            ..Swept::default()
        };
        for (index, process) in plan.processes.iter().enumerate() {
            if index != point.process {
                swept.read(permutation, point.process, &process.steps);
            }
        }
        if point.is_from_outside() {
            swept.uncertain = from_on(permutation, plan, point);
        }
        swept
    }

    /// Whether this step of another process can fail only because the victim is gone.
    pub(super) fn follows_from_end(&self, step: StepId) -> bool {
        self.bereft.contains(&step)
    }

    /// Reads the steps of another process. A step that may wait for ever is the last one that is
    /// certainly reached.
    fn read(&mut self, permutation: &Permutation, victim: ProcessIndex, steps: &[Step]) {
        let mut goes_on = true;
        for step in flat(steps) {
            let expected = permutation.expected(step.id);
            let is_certain = match &step.action {
                Action::Close { .. } | Action::HalfClose { .. } | Action::Listen { .. } => true,
                Action::Put { .. } => expected.explicit && expected.outcomes == [Outcome::Ok],
                _ => false,
            };
            let may_be_left_out = !is_certain || !goes_on;
            if may_be_left_out && !step.ends().is_empty() {
                self.cut_short.insert(step.id);
            }
            if goes_on {
                self.reached.insert(step.id);
            }
            let is_late =
                |one: &Outcome| matches!(one, Outcome::Full | Outcome::Empty | Outcome::Timeout);
            if !expected.outcomes.iter().any(is_late) {
                self.bereft.insert(step.id);
            }
            let may_wait = expected.outcomes.contains(&Outcome::Pending);
            goes_on &= match &step.action {
                // The victim certainly exits.
                Action::Await {
                    event: Event::Exited(processes),
                } => processes.iter().all(|process| *process == victim),
                Action::Close { .. } | Action::Set { .. } | Action::Print { .. } => true,
                _ => !may_wait,
            };
        }
    }
}

/// The victim's steps from the one on during which it may be killed; it may also complete that
/// operation.
fn from_on(permutation: &Permutation, plan: &Plan, point: InjectionPoint) -> HashSet<StepId> {
    let steps = &plan.processes[point.process].steps;
    if point.moment == Moment::Running {
        return flat(steps).into_iter().map(|step| step.id).collect();
    }
    let operations = trace(plan, &permutation.expected, point.process).unwrap_or_default();
    let later: HashSet<StepId> = operations
        .iter()
        .skip(point.operation as usize)
        .map(|operation| operation.step)
        .collect();
    let is_later = |step: &Step| later.contains(&step.id);
    let first = steps
        .iter()
        .position(|step| flat(std::slice::from_ref(step)).into_iter().any(is_later));
    let rest = first.map_or(&[][..], |first| &steps[first..]);
    flat(rest).into_iter().map(|step| step.id).collect()
}

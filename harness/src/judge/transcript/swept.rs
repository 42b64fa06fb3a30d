//! What of a sweep's run is the same every time.
//!
//! Before or after an operation the victim itself brings its end about, so that what it did is
//! certain to the operation. What of it reaches the others is a prefix of what they were to get,
//! and how long that is, is up to the backend and the schedule.

use std::collections::HashSet;

use crate::backend::Outcome;
use crate::plan::permutation::trace::trace;
use crate::plan::{
    Action, Event, Fault, FaultPoint, Moment, Permutation, Plan, ProcessIndex, Step, StepId, flat,
};

/// What a kill at one operation leaves open.
#[derive(Debug, Default)]
pub(super) struct Swept {
    /// The victim; none where nobody is swept away.
    pub(super) victim: Option<ProcessIndex>,
    /// Steps of the others on ends.
    pub(super) cut_short: HashSet<StepId>,
    /// Those of them that are surely come to.
    pub(super) reached: HashSet<StepId>,
    /// Those of them that may fail because the victim is gone, and for no other reason.
    bereft: HashSet<StepId>,
    /// Steps of the victim that it may or may not come to.
    pub(super) uncertain: HashSet<StepId>,
}

impl Swept {
    pub(super) fn of(permutation: &Permutation) -> Swept {
        let plan = &permutation.plan;
        let kill = plan.fault.filter(|point| point.fault == Fault::Kill);
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
        if point.moment == Moment::Inside {
            swept.uncertain = from_on(permutation, plan, point);
        }
        swept
    }

    /// Whether this step of another process comes to what it wouldn't only because the victim is
    /// gone.
    pub(super) fn follows_from_end(&self, step: StepId) -> bool {
        self.bereft.contains(&step)
    }

    /// The steps of one of the others: one that may wait for ever is the last that it surely
    /// comes to.
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
                // The victim's end surely comes.
                Action::Await {
                    event: Event::Exited(processes),
                } => processes.iter().all(|process| *process == victim),
                Action::Close { .. } | Action::Set { .. } | Action::Print { .. } => true,
                _ => !may_wait,
            };
        }
    }
}

/// The victim's steps from the one on in which its end may come: that operation may not block.
fn from_on(permutation: &Permutation, plan: &Plan, point: FaultPoint) -> HashSet<StepId> {
    let steps = &plan.processes[point.process].steps;
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

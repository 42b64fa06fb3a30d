//! The plan's steps by their numbers, and what an operation of each looks like.

use std::collections::BTreeMap;

use crate::adapter::protocol::Ask;
use crate::backend::End;
use crate::history::OperationKind;
use crate::plan::{Action, FaultPoint, NO_STEP, Plan, ProcessIndex, Step, StepId};

/// Where a step stands, and what it does.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) process: ProcessIndex,
    pub(super) thread: u16,
    pub(super) step: &'a Step,
}

/// All steps of a plan.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    places: BTreeMap<StepId, Place<'a>>,
    fault: Option<FaultPoint>,
}

impl<'a> Steps<'a> {
    pub(super) fn of(plan: &'a Plan) -> Steps<'a> {
        let mut steps = Steps {
            places: BTreeMap::new(),
            fault: plan.fault,
        };
        for (process, of) in plan.processes.iter().enumerate() {
            steps.add(process, 0, &of.steps);
        }
        steps
    }

    fn add(&mut self, process: ProcessIndex, thread: u16, steps: &'a [Step]) {
        for step in steps {
            let place = Place {
                process,
                thread,
                step,
            };
            self.places.insert(step.id, place);
            match &step.action {
                Action::Get { each, .. } => self.add(process, thread, each),
                Action::Repeat { steps, .. } => self.add(process, thread, steps),
                Action::Threads { threads } => {
                    for (thread, steps) in (1..).zip(threads) {
                        self.add(process, thread, steps);
                    }
                }
                _ => {}
            }
        }
    }

    /// The step with this number, which must be this process's.
    pub(super) fn of_process(
        &self,
        step: StepId,
        process: ProcessIndex,
    ) -> Result<Place<'a>, String> {
        let place = self.places.get(&step);
        place
            .filter(|place| place.process == process)
            .copied()
            .ok_or_else(|| format!("does step {step}, which is none of its steps"))
    }

    /// Whether a process asks for what the plan's sweep does to it.
    pub(super) fn is_fault(&self, process: ProcessIndex, what: &Ask) -> bool {
        self.fault.is_some_and(|fault| fault.process == process)
            && (*what == Ask::Kill(vec![process]) || *what == Ask::Pause(vec![process]))
    }

    /// Whether an operation of this kind, by this thread and on this end, is one of the step.
    pub(super) fn check(
        &self,
        process: ProcessIndex,
        step: StepId,
        thread: u16,
        kind: OperationKind,
        end: Option<End>,
    ) -> Result<(), String> {
        if step == NO_STEP {
            return if (kind, thread, end) == (OperationKind::Exit, 0, None) {
                Ok(())
            } else {
                Err("does something without a step that isn't its exit".to_owned())
            };
        }
        let place = self.of_process(step, process)?;
        if OperationKind::of(&place.step.action) != Some(kind) {
            return Err(format!("does step {step} by another operation: {kind:?}"));
        }
        if thread != place.thread {
            let right = place.thread;
            return Err(format!(
                "does step {step} on thread {thread}, and it is thread {right}'s"
            ));
        }
        let is_right = match place.step.ends() {
            [] => end.is_none(),
            ends => end.is_some_and(|end| ends.contains(&end)),
        };
        if !is_right {
            return Err(format!("does step {step} to another end: {end:?}"));
        }
        Ok(())
    }

    /// Whether several operations of this step are under way at once, on the same thread.
    pub(super) fn is_poll_of_several(&self, step: StepId) -> bool {
        self.places.get(&step).is_some_and(
            |place| matches!(&place.step.action, Action::Poll { ends, .. } if ends.len() > 1),
        )
    }

    /// Whether the step starts this process, maybe among others.
    pub(super) fn starts(&self, step: StepId, process: ProcessIndex) -> bool {
        let action = self.places.get(&step).map(|place| &place.step.action);
        matches!(action, Some(Action::Start { processes }) if processes.contains(&process))
    }

    /// Whether this is what the step waits for.
    pub(super) fn waits_for(&self, step: StepId, what: &Ask) -> bool {
        let action = self.places.get(&step).map(|place| &place.step.action);
        match (action, what) {
            (Some(Action::Await { event }), Ask::Await(asked)) => event == asked,
            (Some(Action::Barrier { name }), Ask::Barrier(asked)) => name == asked,
            (Some(Action::Kill { processes }), Ask::Kill(asked))
            | (Some(Action::Pause { processes }), Ask::Pause(asked))
            | (Some(Action::Resume { processes }), Ask::Resume(asked)) => processes == asked,
            _ => false,
        }
    }
}

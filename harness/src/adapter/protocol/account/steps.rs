//! The plan's steps by their numbers, and the checks of operations against them.

use std::collections::BTreeMap;

use crate::adapter::protocol::parts::Ask;
use crate::history::OperationKind;
use crate::plan::{Action, End, InjectionPoint, NO_STEP, Plan, ProcessIndex, Step, StepId};

/// A step, with its process and thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct PlacedStep<'a> {
    pub(super) process: ProcessIndex,
    pub(super) thread: u16,
    pub(super) step: &'a Step,
}

/// All steps of a plan.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    by_id: BTreeMap<StepId, PlacedStep<'a>>,
    fault: Option<InjectionPoint>,
}

impl<'a> Steps<'a> {
    pub(super) fn of(plan: &'a Plan) -> Steps<'a> {
        let mut steps = Steps {
            by_id: BTreeMap::new(),
            fault: plan.fault,
        };
        for (process, of) in plan.processes.iter().enumerate() {
            steps.add(process, 0, &of.steps);
        }
        steps
    }

    fn add(&mut self, process: ProcessIndex, thread: u16, steps: &'a [Step]) {
        for step in steps {
            let placed = PlacedStep {
                process,
                thread,
                step,
            };
            self.by_id.insert(step.id, placed);
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

    /// Returns the step with this number. It must be a step of this process.
    pub(super) fn of_process(
        &self,
        step: StepId,
        process: ProcessIndex,
    ) -> Result<PlacedStep<'a>, String> {
        let placed = self.by_id.get(&step);
        placed
            .filter(|placed| placed.process == process)
            .copied()
            .ok_or_else(|| format!("does step {step}, which isn't one of its steps"))
    }

    /// Whether a process asks for the plan's fault in this process.
    pub(super) fn is_fault(&self, process: ProcessIndex, what: &Ask) -> bool {
        self.fault.is_some_and(|fault| fault.process == process)
            && (*what == Ask::Kill(vec![process]) || *what == Ask::Pause(vec![process]))
    }

    /// Checks that an operation of this kind, thread and end belongs to the step.
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
                Err("does something without a step, which only the exit may do".to_owned())
            };
        }
        let placed = self.of_process(step, process)?;
        if OperationKind::of(&placed.step.action) != Some(kind) {
            return Err(format!(
                "does step {step} by an operation of another kind: {kind:?}"
            ));
        }
        if thread != placed.thread {
            let right = placed.thread;
            return Err(format!(
                "does step {step} on thread {thread}, but it belongs to thread {right}"
            ));
        }
        let is_right = match placed.step.ends() {
            [] => end.is_none(),
            ends => end.is_some_and(|end| ends.contains(&end)),
        };
        if !is_right {
            return Err(format!("does step {step} on another end: {end:?}"));
        }
        Ok(())
    }

    /// Whether this step polls several ends, which is several operations at once on one thread.
    pub(super) fn is_poll_of_several(&self, step: StepId) -> bool {
        self.by_id.get(&step).is_some_and(
            |placed| matches!(&placed.step.action, Action::Poll { ends, .. } if ends.len() > 1),
        )
    }

    /// Whether the step starts this process, alone or with others.
    pub(super) fn starts(&self, step: StepId, process: ProcessIndex) -> bool {
        let action = self.by_id.get(&step).map(|placed| &placed.step.action);
        matches!(action, Some(Action::Start { processes }) if processes.contains(&process))
    }

    /// Whether the step waits for this.
    pub(super) fn waits_for(&self, step: StepId, what: &Ask) -> bool {
        let action = self.by_id.get(&step).map(|placed| &placed.step.action);
        match (action, what) {
            (Some(Action::Await { event }), Ask::Await(asked)) => event == asked,
            (Some(Action::Barrier { name }), Ask::Barrier(asked)) => name == asked,
            (
                Some(Action::Signal { processes, signal }),
                Ask::Signal {
                    processes: asked,
                    signal: name,
                },
            ) => processes == asked && signal == name,
            (
                Some(Action::Kill {
                    processes,
                    terminates: false,
                }),
                Ask::Kill(asked),
            )
            | (
                Some(Action::Kill {
                    processes,
                    terminates: true,
                }),
                Ask::Terminate(asked),
            )
            | (Some(Action::Pause { processes }), Ask::Pause(asked))
            | (Some(Action::Resume { processes }), Ask::Resume(asked)) => processes == asked,
            _ => false,
        }
    }
}

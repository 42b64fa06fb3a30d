//! What the case says about operations before they run: which return after a time, and which may
//! never return.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::backend::Outcome;
use crate::history::Operation;
use crate::plan::{Action, Permutation, StepId};

/// The time limits of steps, and the steps that may stay pending. Only the harness has it: processes
/// don't know what is expected of them.
#[derive(Debug)]
pub(in crate::runner) struct Outlook {
    times: HashMap<StepId, Duration>,
    may_stay: HashSet<StepId>,
}

impl Outlook {
    pub(in crate::runner) fn of(permutation: &Permutation) -> Outlook {
        let mut outlook = Outlook {
            times: HashMap::new(),
            may_stay: HashSet::new(),
        };
        for (_, step) in permutation.plan.steps() {
            if let Some(time) = time(&step.action) {
                outlook.times.insert(step.id, time);
            }
            let expected = permutation.expected(step.id);
            let may_stay = match &step.action {
                Action::Get { end, .. } => {
                    expected.may_wait_for_ever(permutation.plan.channels[end.channel].kind)
                }
                _ => expected.outcomes.contains(&Outcome::Pending),
            };
            if may_stay {
                outlook.may_stay.insert(step.id);
            }
        }
        outlook
    }

    /// Returns whether the case expects that this operation may never return.
    pub(super) fn may_stay(&self, operation: &Operation) -> bool {
        self.may_stay.contains(&operation.step)
    }

    /// Returns whether this operation has a time limit that isn't up yet, or was up less than `grace`
    /// nanoseconds ago. After that it returns at once, or hangs like any other.
    pub(super) fn has_time(&self, operation: &Operation, now: u64, grace: u64) -> bool {
        self.times.get(&operation.step).is_some_and(|time| {
            let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
            let until = operation.start.saturating_add(time).saturating_add(grace);
            now < until
        })
    }
}

/// Returns how long an operation of this step takes at most, if that is known.
fn time(action: &Action) -> Option<Duration> {
    match action {
        Action::Put { wait, .. }
        | Action::Get { wait, .. }
        | Action::Poll { wait, .. }
        | Action::Join { wait, .. } => wait.limit(),
        Action::Idle { time } => *time,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Wait;
    use crate::test_support::histories::{HistoryBuilder, pipe, queue};
    use rstest::rstest;

    fn asked(wait: Wait) -> HistoryBuilder {
        queue().process("c").ask().waiting(wait).pending(100)
    }

    #[rstest]
    #[case::its_time_isnt_up(Wait::For(Duration::from_nanos(50)), 149, 0, true)]
    #[case::its_time_is_up(Wait::For(Duration::from_nanos(50)), 150, 0, false)]
    #[case::within_the_grace(Wait::For(Duration::from_nanos(50)), 150, 10, true)]
    #[case::a_try_has_no_time(Wait::Never, 100, 0, false)]
    #[case::a_wait_for_ever_has_no_time(Wait::Deadline, 100, 10, false)]
    fn an_operation_has_time_until_its_limit(
        #[case] wait: Wait,
        #[case] now: u64,
        #[case] grace: u64,
        #[case] has: bool,
    ) {
        let run = asked(wait);
        let outlook = Outlook::of(&run.permutation);
        let operation = &run.history.processes[0].operations[0];
        assert_eq!(outlook.has_time(operation, now, grace), has);
    }

    #[rstest]
    #[case(asked(Wait::Deadline), false)]
    #[case(asked(Wait::Deadline).expecting(Outcome::Pending), true)]
    #[case::of_a_queue_in_a_sweep_of_kills(asked(Wait::Deadline).in_a_sweep(), true)]
    #[case::of_a_pipe_in_a_sweep_of_kills(pipe().process("r").ask().pending(0).in_a_sweep(), false)]
    fn only_an_operation_that_may_be_pending_may_stay(
        #[case] run: HistoryBuilder,
        #[case] may: bool,
    ) {
        let outlook = Outlook::of(&run.permutation);
        assert_eq!(
            outlook.may_stay(&run.history.processes[0].operations[0]),
            may
        );
    }
}

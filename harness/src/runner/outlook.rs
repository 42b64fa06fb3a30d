//! What is known of operations before they run: which end after a time, and which may never.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use crate::backend::{Outcome, Wait};
use crate::history::Operation;
use crate::plan::{Action, Permutation, StepId};

/// The times that steps are given, and which may stay pending. The harness's own: processes are
/// told nothing of what is expected.
#[derive(Debug)]
pub(super) struct Outlook {
    times: HashMap<StepId, Duration>,
    may_stay: HashSet<StepId>,
}

impl Outlook {
    pub(super) fn of(permutation: &Permutation) -> Outlook {
        let mut outlook = Outlook {
            times: HashMap::new(),
            may_stay: HashSet::new(),
        };
        for (_, step) in permutation.plan.steps() {
            if let Some(time) = time(&step.action) {
                outlook.times.insert(step.id, time);
            }
            let expected = permutation.expected(step.id);
            if expected.outcomes.contains(&Outcome::Pending) {
                outlook.may_stay.insert(step.id);
            }
        }
        outlook
    }

    /// Whether the case expects that this operation may never return.
    pub(super) fn may_stay(&self, operation: &Operation) -> bool {
        self.may_stay.contains(&operation.step)
    }

    /// Whether this timed operation's time isn't up yet. Where it is, the operation returns at
    /// once or hangs like any other. `grace` nanoseconds more are as good as its time.
    pub(super) fn has_time(&self, operation: &Operation, now: u64, grace: u64) -> bool {
        self.times.get(&operation.step).is_some_and(|time| {
            let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
            let until = operation.start.saturating_add(time).saturating_add(grace);
            now < until
        })
    }
}

/// How long an operation of this step takes at most, where that is known.
fn time(action: &Action) -> Option<Duration> {
    match action {
        Action::Put { wait, .. } | Action::Get { wait, .. } | Action::Poll { wait, .. } => {
            match wait {
                Wait::Deadline => None,
                Wait::Never => Some(Duration::ZERO),
                Wait::For(time) => Some(*time),
            }
        }
        Action::Idle { time } => *time,
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_support::histories::{Run, queue};
    use rstest::rstest;

    fn asked(wait: Wait) -> Run {
        queue().process("c").ask().waiting(wait).pending(100)
    }

    #[rstest]
    #[case::its_time_runs(Wait::For(Duration::from_nanos(50)), 149, 0, true)]
    #[case::its_time_is_up(Wait::For(Duration::from_nanos(50)), 150, 0, false)]
    #[case::and_a_grace(Wait::For(Duration::from_nanos(50)), 150, 10, true)]
    #[case::a_try_has_none(Wait::Never, 100, 0, false)]
    #[case::who_waits_for_ever_moves_not(Wait::Deadline, 100, 10, false)]
    fn an_operation_has_time(
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
    fn only_what_is_expected_to_may_stay(#[case] run: Run, #[case] may: bool) {
        let outlook = Outlook::of(&run.permutation);
        assert_eq!(
            outlook.may_stay(&run.history.processes[0].operations[0]),
            may
        );
    }
}

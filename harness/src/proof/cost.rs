//! Estimates how long a trial takes, so that quick ones run first.

use std::time::Duration;

use crate::backend::Wait;
use crate::plan::{Action, Event, Plan, Source, Step};
use crate::runner::Trial;

const PROCESS: Duration = Duration::from_millis(2);
const OPERATION: Duration = Duration::from_micros(20);
const SETTLING: Duration = Duration::from_millis(40);

/// 20 MB a second: a control may move data in tiny pieces.
const BYTES_A_MICROSECOND: u64 = 20;

/// A property takes many runs, and a search after them.
const PROPERTY: Duration = Duration::from_secs(3600);

/// Estimates the time of a trial on an idle machine, if it finds nothing wrong.
pub(super) fn of(trial: &Trial) -> Duration {
    let property = match trial.property {
        Some(_) => PROPERTY,
        None => Duration::ZERO,
    };
    property + of_plan(&trial.permutation.plan)
}

fn of_plan(plan: &Plan) -> Duration {
    let mut cost = Duration::ZERO;
    for process in &plan.processes {
        cost += PROCESS + of_steps(&process.steps);
    }
    cost
}

fn of_steps(steps: &[Step]) -> Duration {
    steps.iter().map(|step| of_action(&step.action)).sum()
}

fn of_action(action: &Action) -> Duration {
    match action {
        Action::Put { source, wait, .. } => of_source(source) + of_wait(*wait),
        Action::Get { each, wait, .. } => of_wait(*wait) + of_steps(each),
        Action::Poll { wait, .. } | Action::Join { wait, .. } => of_wait(*wait),
        Action::Idle { time } => time.unwrap_or_default(),
        Action::Await {
            event: Event::Blocked(_),
        } => SETTLING,
        Action::Repeat { count, steps } => {
            of_steps(steps) * u32::try_from(*count).unwrap_or(u32::MAX)
        }
        Action::Threads { threads } => threads.iter().map(|steps| of_steps(steps)).sum(),
        _ => Duration::ZERO,
    }
}

fn of_source(source: &Source) -> Duration {
    let (count, bytes) = match source {
        Source::Items(items) => (items.len() as u64, 0),
        Source::Count { count, size, .. } => (*count, count * size.unwrap_or_default()),
    };
    OPERATION * u32::try_from(count).unwrap_or(u32::MAX)
        + Duration::from_micros(bytes / BYTES_A_MICROSECOND)
}

/// A wait rarely takes all the time that it may.
fn of_wait(wait: Wait) -> Duration {
    match wait {
        Wait::For(time) => time / 2,
        Wait::Deadline | Wait::Never => Duration::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Side;
    use crate::plan::End;

    fn put(count: u64, size: Option<u64>) -> Action {
        Action::Put {
            end: End {
                channel: 0,
                side: Side::Queue,
            },
            source: Source::Count {
                from: 0,
                count,
                size,
            },
            wait: Wait::Deadline,
        }
    }

    #[test]
    fn more_and_larger_items_cost_more() {
        let few = of_action(&put(3, None));
        assert!(few < of_action(&put(100, None)));
        assert!(few < of_action(&put(3, Some(1 << 20))));
    }

    #[test]
    fn idling_costs_its_time_and_idling_without_a_time_costs_none() {
        let idle = |time| of_action(&Action::Idle { time });
        let second = Duration::from_secs(1);
        assert_eq!(idle(Some(second)), second);
        assert_eq!(idle(None), Duration::ZERO);
    }
}

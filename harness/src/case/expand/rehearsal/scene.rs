//! A plan that is followed without a library: its threads, and what has happened so far.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::clock::Clock;
use crate::backend::{Kind, Outcome, Wait};
use crate::case::Span;
use crate::case::expand::victims::Victims;
use crate::plan::{Action, End, Event, Expected, Limit, Plan, ProcessIndex, Step, StepId, flat};

pub(super) type ThreadIndex = usize;

/// A plan that was followed as far as it goes.
pub(super) struct Rehearsal<'p> {
    pub(super) plan: &'p Plan,
    pub(super) expected: &'p [Expected],
    pub(super) threads: Vec<Thread<'p>>,
    pub(super) processes: Vec<ProcessState>,
    pub(super) reached: BTreeMap<StepId, Clock>,
    pub(super) done: BTreeMap<StepId, Clock>,
    pub(super) barriers: BTreeMap<&'p str, Barrier>,
    pub(super) closed: BTreeSet<(ProcessIndex, End)>,
}

/// A thread of a process.
pub(super) struct Thread<'p> {
    pub(super) process: ProcessIndex,
    /// Whether it is the first thread, outside `threads`.
    pub(super) is_first: bool,
    pub(super) frames: Vec<Frame<'p>>,
    /// The threads of the `threads` step that it is in.
    pub(super) inside: Vec<ThreadIndex>,
    pub(super) state: ThreadState,
    /// The earliest moment at which it is where it is.
    pub(super) clock: Clock,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ThreadState {
    Going,
    AtBarrier,
    /// Idle for ever.
    Resting,
    Ended,
}

/// A sequence of steps.
pub(super) struct Frame<'p> {
    pub(super) steps: &'p [Step],
    pub(super) next: usize,
    /// How often it is still to be done, including this time.
    pub(super) rounds: u64,
}

#[derive(Clone, Copy, Default)]
pub(super) struct ProcessState {
    pub(super) has_begun: bool,
    pub(super) exited: Option<Clock>,
    /// Whether it may be killed at any moment.
    pub(super) is_endangered: bool,
}

#[derive(Default)]
pub(super) struct Barrier {
    pub(super) parties: BTreeSet<ProcessIndex>,
    pub(super) waiting: Vec<ThreadIndex>,
    /// Whether it isn't known how often processes pass it.
    pub(super) is_uncertain: bool,
}

impl<'p> Rehearsal<'p> {
    /// Returns the plan before any process has begun. Nothing is certain of `victims`.
    pub(super) fn of(plan: &'p Plan, expected: &'p [Expected], victims: &Victims) -> Rehearsal<'p> {
        let open = Clock {
            is_open: true,
            ..Clock::default()
        };
        let processes = (0..plan.processes.len()).map(|process| ProcessState {
            has_begun: false,
            exited: victims.is_swept(process).then_some(open),
            is_endangered: victims.include(process),
        });
        Rehearsal {
            plan,
            expected,
            threads: Vec::new(),
            processes: processes.collect(),
            reached: BTreeMap::new(),
            done: BTreeMap::new(),
            barriers: barriers(plan),
            closed: BTreeSet::new(),
        }
    }

    /// Returns the position of a step in the case file.
    pub(super) fn span(&self, step: StepId) -> Span {
        self.expected[step as usize].span.clone().into()
    }

    pub(super) fn process_name(&self, process: ProcessIndex) -> String {
        self.plan.processes[process].name()
    }

    /// Returns the name of the thread's process.
    pub(super) fn name(&self, thread: ThreadIndex) -> String {
        self.process_name(self.threads[thread].process)
    }

    /// Returns the step at which the thread is.
    pub(super) fn step(&self, thread: ThreadIndex) -> Option<&'p Step> {
        let frame = self.threads[thread].frames.last()?;
        frame.steps.get(frame.next)
    }

    pub(super) fn waits_for_its_threads(&self, thread: ThreadIndex) -> bool {
        !self.threads[thread].inside.is_empty()
    }

    pub(super) fn happened(&self, event: &Event) -> Option<Clock> {
        let all = |steps: &[StepId], clocks: &BTreeMap<StepId, Clock>| {
            let mut steps = steps.iter();
            steps.try_fold(Clock::default(), |all, step| {
                clocks.get(step).map(|clock| all.and(*clock))
            })
        };
        match event {
            Event::Started(steps) | Event::Blocked(steps) => all(steps, &self.reached),
            Event::Done(steps) => all(steps, &self.done),
            Event::Exited(processes) => self.exited(processes),
        }
    }

    pub(super) fn exited(&self, processes: &[ProcessIndex]) -> Option<Clock> {
        let mut processes = processes.iter();
        processes.try_fold(Clock::default(), |all, process| {
            self.processes[*process].exited.map(|clock| all.and(clock))
        })
    }

    /// Returns the processes that keep the end of stream from coming that this step waits for.
    pub(super) fn keepers(&self, step: &Step) -> Vec<ProcessIndex> {
        let Action::Get {
            end,
            wait: Wait::Deadline,
            ..
        } = &step.action
        else {
            return Vec::new();
        };
        let channel = &self.plan.channels[end.channel];
        let has_writers = matches!(channel.kind, Kind::Pipe | Kind::Stream);
        if self.outcomes(step) != [Outcome::End] || !has_writers || channel.endpoint.is_some() {
            return Vec::new();
        }
        let sending = End {
            channel: end.channel,
            side: end.side.opposite(),
        };
        let keeps = |process: &ProcessIndex| {
            let mut ends = self.plan.processes[*process].ends.iter();
            let is_open = self.processes[*process].exited.is_none()
                && !self.closed.contains(&(*process, sending));
            is_open && ends.any(|given| given.end == sending)
        };
        (0..self.processes.len()).filter(keeps).collect()
    }

    pub(super) fn outcomes(&self, step: &Step) -> &[Outcome] {
        &self.expected[step.id as usize].outcomes
    }

    pub(super) fn may_stay_pending(&self, step: &Step) -> bool {
        self.outcomes(step).contains(&Outcome::Pending)
    }

    /// Returns the time that the step takes at least.
    pub(super) fn least(&self, step: &Step) -> Duration {
        match &step.action {
            Action::Idle { time: Some(time) } => *time,
            Action::Repeat { count, steps } => {
                let round = steps.iter().map(|step| self.least(step));
                let round = round.fold(Duration::ZERO, Duration::saturating_add);
                round.saturating_mul(u32::try_from(*count).unwrap_or(u32::MAX))
            }
            Action::Put {
                wait: Wait::For(time),
                ..
            }
            | Action::Get {
                limit: Limit::Count(1..) | Limit::Until(_),
                wait: Wait::For(time),
                ..
            }
            | Action::Poll {
                wait: Wait::For(time),
                ..
            }
            | Action::Join {
                wait: Wait::For(time),
                ..
            } if self.outcomes(step) == [Outcome::Timeout] => *time,
            _ => Duration::ZERO,
        }
    }
}

/// Returns whether these steps need nothing from other processes.
pub(super) fn is_plain(steps: &[Step]) -> bool {
    flat(steps).into_iter().all(|step| match &step.action {
        Action::Barrier { .. }
        | Action::Await { .. }
        | Action::Start { .. }
        | Action::Join { .. }
        | Action::Kill { .. }
        | Action::Exit { .. }
        | Action::Crash { .. }
        | Action::Threads { .. }
        | Action::Idle { time: None } => false,
        Action::Get { each, .. } => is_plain(each),
        _ => true,
    })
}

/// Returns all barriers, each with the processes that pass it.
fn barriers(plan: &Plan) -> BTreeMap<&str, Barrier> {
    let mut barriers: BTreeMap<&str, Barrier> = BTreeMap::new();
    for (process, step) in plan.steps() {
        match &step.action {
            Action::Barrier { name } => {
                let barrier = barriers.entry(name).or_default();
                barrier.parties.insert(process);
            }
            Action::Get { each, .. } => {
                for inside in flat(each) {
                    if let Action::Barrier { name } = &inside.action {
                        barriers.entry(name).or_default().is_uncertain = true;
                    }
                }
            }
            _ => {}
        }
    }
    barriers
}

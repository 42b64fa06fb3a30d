//! Who waits for what to happen elsewhere, and when it has. Pure: time comes in with each call.

use std::collections::BTreeMap;

use crate::plan::{Action, Event, Plan, ProcessIndex, StepId};

/// How long, in nanoseconds, an operation must have been under way to count as blocked. Shorter
/// could take a slow operation for a blocked one, which hides a fault and never accuses.
pub(super) const SETTLING: u64 = 30_000_000;

/// The state of everything that processes can wait for.
#[derive(Debug)]
pub(super) struct Coordination {
    watched: BTreeMap<StepId, Watched>,
    gone: Vec<bool>,
    barriers: BTreeMap<String, Barrier>,
    asks: Vec<Ask>,
}

#[derive(Debug)]
struct Watched {
    process: ProcessIndex,
    progress: Progress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Progress {
    Ahead,
    /// Since this moment.
    Under(u64),
    Done,
}

#[derive(Debug, Default)]
struct Barrier {
    /// How many processes have it.
    parties: usize,
    waiting: Vec<ProcessIndex>,
}

#[derive(Debug)]
struct Ask {
    by: ProcessIndex,
    event: Event,
}

/// What a process is told that waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has happened.
    Happened,
    /// It can't happen any more.
    Impossible,
}

impl Coordination {
    pub(super) fn new(plan: &Plan) -> Coordination {
        let mut watched = BTreeMap::new();
        let mut barriers: BTreeMap<String, Barrier> = BTreeMap::new();
        let mut seen = Vec::new();
        for (process, step) in plan.steps() {
            if step.watched {
                watched.insert(
                    step.id,
                    Watched {
                        process,
                        progress: Progress::Ahead,
                    },
                );
            }
            if let Action::Barrier { name } = &step.action
                && !seen.contains(&(process, name))
            {
                seen.push((process, name));
                barriers.entry(name.clone()).or_default().parties += 1;
            }
        }
        let gone = vec![false; plan.processes.len()];
        Coordination {
            watched,
            gone,
            barriers,
            asks: Vec::new(),
        }
    }

    pub(super) fn started(&mut self, step: StepId, now: u64) {
        if let Some(watched) = self.watched.get_mut(&step) {
            watched.progress = Progress::Under(now);
        }
    }

    pub(super) fn done(&mut self, step: StepId) {
        if let Some(watched) = self.watched.get_mut(&step) {
            watched.progress = Progress::Done;
        }
    }

    pub(super) fn gone(&mut self, process: ProcessIndex) {
        self.gone[process] = true;
        self.asks.retain(|ask| ask.by != process);
    }

    /// A process waits for an event.
    pub(super) fn ask(&mut self, by: ProcessIndex, event: Event) {
        self.asks.push(Ask { by, event });
    }

    /// A process has come to a barrier; whom to let go on, if it was the last.
    pub(super) fn barrier(&mut self, by: ProcessIndex, name: &str) -> Vec<ProcessIndex> {
        let Some(barrier) = self.barriers.get_mut(name) else {
            return vec![by];
        };
        barrier.waiting.push(by);
        if barrier.waiting.len() < barrier.parties {
            return Vec::new();
        }
        std::mem::take(&mut barrier.waiting)
    }

    /// Those whose wait is over, and how. `is_blocked` says whether the step's process has been in
    /// one and the same operation of it for the settling time.
    pub(super) fn answers(
        &mut self,
        now: u64,
        mut is_blocked: impl FnMut(ProcessIndex, StepId) -> bool,
    ) -> Vec<(ProcessIndex, Answer)> {
        let asks = std::mem::take(&mut self.asks);
        let mut answers = Vec::new();
        for ask in asks {
            match self.answer(&ask.event, now, &mut is_blocked) {
                Some(answer) => answers.push((ask.by, answer)),
                None => self.asks.push(ask),
            }
        }
        answers
    }

    fn answer(
        &self,
        event: &Event,
        now: u64,
        is_blocked: &mut dyn FnMut(ProcessIndex, StepId) -> bool,
    ) -> Option<Answer> {
        let states: Vec<Option<Answer>> = match event {
            Event::Exited(processes) => {
                let gone = |process: &ProcessIndex| self.gone[*process].then_some(Answer::Happened);
                processes.iter().map(gone).collect()
            }
            Event::Started(steps) => steps
                .iter()
                .map(|step| self.look(*step, |progress, _| progress != Progress::Ahead))
                .collect(),
            Event::Done(steps) => steps
                .iter()
                .map(|step| self.look(*step, |progress, _| progress == Progress::Done))
                .collect(),
            Event::Blocked(steps) => steps
                .iter()
                .map(
                    |step| match self.watched.get(step).map(|watched| watched.progress) {
                        Some(Progress::Done) | None => Some(Answer::Impossible),
                        Some(Progress::Under(since)) if now < since + SETTLING => None,
                        _ => self.look(*step, |progress, process| {
                            matches!(progress, Progress::Under(_)) && is_blocked(process, *step)
                        }),
                    },
                )
                .collect(),
        };
        if states.contains(&Some(Answer::Impossible)) {
            return Some(Answer::Impossible);
        }
        states
            .iter()
            .all(Option::is_some)
            .then_some(Answer::Happened)
    }

    fn look(
        &self,
        step: StepId,
        has_happened: impl FnOnce(Progress, ProcessIndex) -> bool,
    ) -> Option<Answer> {
        let Some(Watched { process, progress }) = self.watched.get(&step) else {
            return Some(Answer::Impossible);
        };
        if has_happened(*progress, *process) {
            Some(Answer::Happened)
        } else {
            self.gone[*process].then_some(Answer::Impossible)
        }
    }

    /// When to look again whether something has become blocked, if anybody waits for that.
    pub(super) fn next_look(&self, now: u64) -> Option<u64> {
        let steps = self.asks.iter().filter_map(|ask| match &ask.event {
            Event::Blocked(steps) => Some(steps),
            _ => None,
        });
        steps
            .flatten()
            .filter_map(|step| match self.watched.get(step)?.progress {
                Progress::Under(since) if since + SETTLING > now => Some(since + SETTLING),
                Progress::Under(_) => Some(now + SETTLING / 4),
                _ => None,
            })
            .min()
    }
}

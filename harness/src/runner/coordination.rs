//! Who waits for what to happen elsewhere, and when it has. Pure: time comes in with each call.

use std::collections::BTreeMap;

use super::blocked::SETTLING;
use crate::plan::{Action, Event, Plan, ProcessIndex, StepId};

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
    waiting: Vec<Asker>,
}

#[derive(Debug)]
struct Ask {
    by: Asker,
    event: Event,
}

/// Who waits for an answer: a thread of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Asker {
    pub(super) process: ProcessIndex,
    /// 0 outside `threads`.
    pub(super) thread: u16,
}

/// What those are told who wait.
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
        self.asks.retain(|ask| ask.by.process != process);
    }

    /// Somebody waits for an event.
    pub(super) fn ask(&mut self, by: Asker, event: Event) {
        self.asks.push(Ask { by, event });
    }

    /// Somebody has come to a barrier; whom to let go on, if it was the last.
    pub(super) fn barrier(&mut self, by: Asker, name: &str) -> Vec<Asker> {
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
    ) -> Vec<(Asker, Answer)> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Process, Start, Step};
    use rstest::rstest;
    use std::time::Duration;

    const WORKER: ProcessIndex = 0;
    const WAITER: Asker = Asker {
        process: 1,
        thread: 2,
    };
    const STEP: StepId = 0;

    fn process(steps: Vec<Step>) -> Process {
        Process {
            group: "p".to_owned(),
            replica: None,
            start: Start::Spawn,
            starter: None,
            vars: BTreeMap::new(),
            ends: Vec::new(),
            steps,
        }
    }

    fn step(action: Action) -> Step {
        let watched = true;
        Step {
            id: STEP,
            watched,
            action,
        }
    }

    /// A worker with one watched step, and one who waits for it.
    fn pair(action: Action) -> Coordination {
        Coordination::new(&Plan {
            channels: Vec::new(),
            processes: vec![process(vec![step(action)]), process(Vec::new())],
            deadline: Duration::from_secs(1),
            seed: 0,
            fault: None,
        })
    }

    fn idle() -> Coordination {
        pair(Action::Idle { time: None })
    }

    /// What the waiter is told, if anything, a settling time after the start of the run.
    fn told(coordination: &mut Coordination, is_blocked: bool) -> Option<Answer> {
        let answers = coordination.answers(SETTLING, |_, _| is_blocked);
        answers.first().map(|(by, answer)| {
            assert_eq!(*by, WAITER);
            *answer
        })
    }

    #[derive(Clone, Copy)]
    enum Seen {
        Nothing,
        Started,
        Done,
        Gone,
        DoneAndGone,
    }

    fn after(seen: Seen) -> Coordination {
        let mut coordination = idle();
        if !matches!(seen, Seen::Nothing | Seen::Gone) {
            coordination.started(STEP, 0);
        }
        if matches!(seen, Seen::Done | Seen::DoneAndGone) {
            coordination.done(STEP);
        }
        if matches!(seen, Seen::Gone | Seen::DoneAndGone) {
            coordination.gone(WORKER);
        }
        coordination
    }

    #[rstest]
    #[case::not_yet_started(Event::Started(vec![STEP]), Seen::Nothing, None)]
    #[case::started(Event::Started(vec![STEP]), Seen::Started, Some(Answer::Happened))]
    #[case::never_to_start(Event::Started(vec![STEP]), Seen::Gone, Some(Answer::Impossible))]
    #[case::not_yet_done(Event::Done(vec![STEP]), Seen::Started, None)]
    #[case::done(Event::Done(vec![STEP]), Seen::Done, Some(Answer::Happened))]
    #[case::done_long_ago(Event::Done(vec![STEP]), Seen::DoneAndGone, Some(Answer::Happened))]
    #[case::never_to_be_done(Event::Done(vec![STEP]), Seen::Gone, Some(Answer::Impossible))]
    #[case::blocked(Event::Blocked(vec![STEP]), Seen::Started, Some(Answer::Happened))]
    #[case::returned_early(Event::Blocked(vec![STEP]), Seen::Done, Some(Answer::Impossible))]
    #[case::not_yet_exited(Event::Exited(vec![WORKER]), Seen::Done, None)]
    #[case::exited(Event::Exited(vec![WORKER]), Seen::Gone, Some(Answer::Happened))]
    fn who_waits_is_told(
        #[case] event: Event,
        #[case] seen: Seen,
        #[case] expected: Option<Answer>,
    ) {
        let mut coordination = after(seen);
        coordination.ask(WAITER, event);
        assert_eq!(told(&mut coordination, true), expected);
        assert_eq!(told(&mut coordination, true), None, "told once");
    }

    #[test]
    fn a_step_that_moves_on_is_not_blocked_however_long_it_takes() {
        let mut coordination = after(Seen::Started);
        coordination.ask(WAITER, Event::Blocked(vec![STEP]));
        assert_eq!(told(&mut coordination, false), None);
    }

    #[test]
    fn nothing_is_blocked_before_the_settling_time() {
        let mut coordination = idle();
        coordination.started(STEP, 7);
        coordination.ask(WAITER, Event::Blocked(vec![STEP]));
        assert_eq!(told(&mut coordination, true), None);
        assert_eq!(coordination.next_look(SETTLING), Some(SETTLING + 7));
    }

    #[test]
    fn all_replicas_must_have_done_it() {
        let mut coordination = after(Seen::Done);
        coordination.ask(WAITER, Event::Exited(vec![WORKER, WAITER.process]));
        coordination.gone(WORKER);
        assert_eq!(told(&mut coordination, true), None);
    }

    #[test]
    fn a_barrier_opens_for_all_at_once_and_again_in_the_next_round() {
        let name = "both".to_owned();
        let barrier = || {
            step(Action::Barrier {
                name: "both".to_owned(),
            })
        };
        let mut coordination = Coordination::new(&Plan {
            channels: Vec::new(),
            processes: vec![process(vec![barrier()]), process(vec![barrier()])],
            deadline: Duration::from_secs(1),
            seed: 0,
            fault: None,
        });
        for _ in 0..2 {
            let worker = Asker {
                process: WORKER,
                thread: 0,
            };
            assert!(coordination.barrier(worker, &name).is_empty());
            assert_eq!(coordination.barrier(WAITER, &name), [worker, WAITER]);
        }
    }
}

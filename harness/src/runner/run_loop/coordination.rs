//! Which threads wait for what, and when it has happened. Pure: the time is a parameter of each call.

use std::collections::BTreeMap;

use super::blocked::SETTLING;
use crate::plan::{Action, Event, Plan, ProcessIndex, StepId};

/// The steps, processes and barriers that threads of a run can wait for.
#[derive(Debug)]
pub(super) struct Coordination {
    watched: BTreeMap<StepId, WatchedStep>,
    gone: Vec<bool>,
    barriers: BTreeMap<String, Barrier>,
    waits: Vec<EventWait>,
}

#[derive(Debug)]
struct WatchedStep {
    process: ProcessIndex,
    progress: StepProgress,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StepProgress {
    NotStarted,
    /// Since this moment.
    Started(u64),
    Done,
}

#[derive(Debug, Default)]
struct Barrier {
    /// How many processes have it.
    parties: usize,
    waiting: Vec<WaitingThread>,
}

#[derive(Debug)]
struct EventWait {
    by: WaitingThread,
    event: Event,
}

/// A thread of a process that waits for a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runner) struct WaitingThread {
    pub(in crate::runner) process: ProcessIndex,
    /// 0 outside `threads`.
    pub(in crate::runner) thread: u16,
}

/// The reply sent to a waiting thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::runner) enum EventReply {
    /// It has happened.
    Happened,
    /// It can't happen any more.
    Impossible,
}

impl EventReply {
    pub(super) fn of(has_happened: bool) -> EventReply {
        match has_happened {
            true => EventReply::Happened,
            false => EventReply::Impossible,
        }
    }
}

impl Coordination {
    pub(super) fn new(plan: &Plan) -> Coordination {
        let mut watched = BTreeMap::new();
        let mut barriers: BTreeMap<String, Barrier> = BTreeMap::new();
        let mut parties = Vec::new();
        for (process, step) in plan.steps() {
            if step.watched {
                watched.insert(
                    step.id,
                    WatchedStep {
                        process,
                        progress: StepProgress::NotStarted,
                    },
                );
            }
            if let Action::Barrier { name } = &step.action
                && !parties.contains(&(process, name))
            {
                parties.push((process, name));
                barriers.entry(name.clone()).or_default().parties += 1;
            }
        }
        let gone = vec![false; plan.processes.len()];
        Coordination {
            watched,
            gone,
            barriers,
            waits: Vec::new(),
        }
    }

    pub(super) fn started(&mut self, step: StepId, now: u64) {
        if let Some(watched) = self.watched.get_mut(&step) {
            watched.progress = StepProgress::Started(now);
        }
    }

    pub(super) fn done(&mut self, step: StepId) {
        if let Some(watched) = self.watched.get_mut(&step) {
            watched.progress = StepProgress::Done;
        }
    }

    pub(super) fn gone(&mut self, process: ProcessIndex) {
        self.gone[process] = true;
        self.waits.retain(|wait| wait.by.process != process);
    }

    /// A thread waits for an event.
    pub(super) fn await_event(&mut self, by: WaitingThread, event: Event) {
        self.waits.push(EventWait { by, event });
    }

    /// A thread has reached a barrier. Returns all that wait there if it was the last.
    pub(super) fn barrier(&mut self, by: WaitingThread, name: &str) -> Vec<WaitingThread> {
        let Some(barrier) = self.barriers.get_mut(name) else {
            return vec![by];
        };
        barrier.waiting.push(by);
        if barrier.waiting.len() < barrier.parties {
            return Vec::new();
        }
        std::mem::take(&mut barrier.waiting)
    }

    /// Returns the threads whose wait for an event is over, each with its reply. `is_blocked` returns
    /// whether the process has been in one operation of the step for the settling time.
    pub(super) fn replies<E>(
        &mut self,
        now: u64,
        mut is_blocked: impl FnMut(ProcessIndex, StepId) -> Result<bool, E>,
    ) -> Result<Vec<(WaitingThread, EventReply)>, E> {
        let mut replies = Vec::new();
        for wait in std::mem::take(&mut self.waits) {
            match self.reply(&wait.event, now, &mut is_blocked)? {
                Some(reply) => replies.push((wait.by, reply)),
                None => self.waits.push(wait),
            }
        }
        Ok(replies)
    }

    fn reply<E>(
        &self,
        event: &Event,
        now: u64,
        is_blocked: &mut dyn FnMut(ProcessIndex, StepId) -> Result<bool, E>,
    ) -> Result<Option<EventReply>, E> {
        let parts: Vec<Option<EventReply>> = match event {
            Event::Exited(processes) => {
                let gone =
                    |process: &ProcessIndex| self.gone[*process].then_some(EventReply::Happened);
                processes.iter().map(gone).collect()
            }
            Event::Started(steps) => {
                let is_started = |progress| progress != StepProgress::NotStarted;
                let started = |step| self.step_reply(step, |watched| is_started(watched.progress));
                steps.iter().map(started).collect()
            }
            Event::Done(steps) => {
                let is_done = |progress| progress == StepProgress::Done;
                let done = |step| self.step_reply(step, |watched| is_done(watched.progress));
                steps.iter().map(done).collect()
            }
            Event::Blocked(steps) => {
                let blocked = |step| self.blocked_reply(step, now, is_blocked);
                steps.iter().map(blocked).collect::<Result<_, E>>()?
            }
        };
        if parts.contains(&Some(EventReply::Impossible)) {
            return Ok(Some(EventReply::Impossible));
        }
        let all = parts.iter().all(Option::is_some);
        Ok(all.then_some(EventReply::Happened))
    }

    fn blocked_reply<E>(
        &self,
        step: &StepId,
        now: u64,
        is_blocked: &mut dyn FnMut(ProcessIndex, StepId) -> Result<bool, E>,
    ) -> Result<Option<EventReply>, E> {
        let Some(watched) = self.watched.get(step) else {
            return Ok(Some(EventReply::Impossible));
        };
        let is_blocked = match watched.progress {
            StepProgress::Done => return Ok(Some(EventReply::Impossible)),
            StepProgress::Started(since) if now < since + SETTLING => return Ok(None),
            StepProgress::Started(_) => is_blocked(watched.process, *step)?,
            StepProgress::NotStarted => false,
        };
        Ok(self.step_reply(step, |_| is_blocked))
    }

    /// The reply to a wait for one step. Nothing more happens to a step whose process is gone.
    fn step_reply(
        &self,
        step: &StepId,
        has_happened: impl FnOnce(&WatchedStep) -> bool,
    ) -> Option<EventReply> {
        let Some(watched) = self.watched.get(step) else {
            return Some(EventReply::Impossible);
        };
        if has_happened(watched) {
            Some(EventReply::Happened)
        } else {
            self.gone[watched.process].then_some(EventReply::Impossible)
        }
    }

    /// When to look again whether an operation has blocked, if a thread waits for that.
    pub(super) fn next_look(&self, now: u64) -> Option<u64> {
        let steps = self.waits.iter().filter_map(|wait| match &wait.event {
            Event::Blocked(steps) => Some(steps),
            _ => None,
        });
        steps
            .flatten()
            .filter_map(|step| match self.watched.get(step)?.progress {
                StepProgress::Started(since) if since + SETTLING > now => Some(since + SETTLING),
                StepProgress::Started(_) => Some(now + SETTLING / 4),
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
    use std::convert::Infallible;
    use std::time::Duration;

    const WORKER: ProcessIndex = 0;
    const WAITER: WaitingThread = WaitingThread {
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

    /// A worker with one watched step, and a process that waits for it.
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

    /// The reply to the waiting thread, if any, a settling time after the start of the run.
    fn reply_to_waiter(coordination: &mut Coordination, is_blocked: bool) -> Option<EventReply> {
        let is_blocked = |_, _| Ok::<_, Infallible>(is_blocked);
        let Ok(replies) = coordination.replies(SETTLING, is_blocked);
        replies.first().map(|(by, reply)| {
            assert_eq!(*by, WAITER);
            *reply
        })
    }

    #[derive(Clone, Copy)]
    enum Worker {
        Nothing,
        Started,
        Done,
        Gone,
        DoneAndGone,
    }

    fn after(worker: Worker) -> Coordination {
        let mut coordination = idle();
        if !matches!(worker, Worker::Nothing | Worker::Gone) {
            coordination.started(STEP, 0);
        }
        if matches!(worker, Worker::Done | Worker::DoneAndGone) {
            coordination.done(STEP);
        }
        if matches!(worker, Worker::Gone | Worker::DoneAndGone) {
            coordination.gone(WORKER);
        }
        coordination
    }

    #[rstest]
    #[case::step_not_started(Event::Started(vec![STEP]), Worker::Nothing, None)]
    #[case::step_started(Event::Started(vec![STEP]), Worker::Started, Some(EventReply::Happened))]
    #[case::step_will_never_start(Event::Started(vec![STEP]), Worker::Gone, Some(EventReply::Impossible))]
    #[case::step_not_done(Event::Done(vec![STEP]), Worker::Started, None)]
    #[case::step_done(Event::Done(vec![STEP]), Worker::Done, Some(EventReply::Happened))]
    #[case::step_done_and_process_gone(Event::Done(vec![STEP]), Worker::DoneAndGone, Some(EventReply::Happened))]
    #[case::step_will_never_be_done(Event::Done(vec![STEP]), Worker::Gone, Some(EventReply::Impossible))]
    #[case::step_blocked(Event::Blocked(vec![STEP]), Worker::Started, Some(EventReply::Happened))]
    #[case::step_returned_without_blocking(Event::Blocked(vec![STEP]), Worker::Done, Some(EventReply::Impossible))]
    #[case::process_alive(Event::Exited(vec![WORKER]), Worker::Done, None)]
    #[case::process_gone(Event::Exited(vec![WORKER]), Worker::Gone, Some(EventReply::Happened))]
    fn a_waiting_thread_gets_a_reply(
        #[case] event: Event,
        #[case] worker: Worker,
        #[case] expected: Option<EventReply>,
    ) {
        let mut coordination = after(worker);
        coordination.await_event(WAITER, event);
        assert_eq!(reply_to_waiter(&mut coordination, true), expected);
        assert_eq!(
            reply_to_waiter(&mut coordination, true),
            None,
            "it gets one reply"
        );
    }

    #[test]
    fn a_slow_step_whose_operations_return_is_not_blocked() {
        let mut coordination = after(Worker::Started);
        coordination.await_event(WAITER, Event::Blocked(vec![STEP]));
        assert_eq!(reply_to_waiter(&mut coordination, false), None);
    }

    #[test]
    fn no_step_is_blocked_before_the_settling_time() {
        let mut coordination = idle();
        coordination.started(STEP, 7);
        coordination.await_event(WAITER, Event::Blocked(vec![STEP]));
        assert_eq!(reply_to_waiter(&mut coordination, true), None);
        assert_eq!(coordination.next_look(SETTLING), Some(SETTLING + 7));
    }

    #[test]
    fn an_event_of_several_processes_happens_after_all_of_them() {
        let mut coordination = after(Worker::Done);
        coordination.await_event(WAITER, Event::Exited(vec![WORKER, WAITER.process]));
        coordination.gone(WORKER);
        assert_eq!(reply_to_waiter(&mut coordination, true), None);
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
            let worker = WaitingThread {
                process: WORKER,
                thread: 0,
            };
            assert!(coordination.barrier(worker, &name).is_empty());
            assert_eq!(coordination.barrier(WAITER, &name), [worker, WAITER]);
        }
    }
}

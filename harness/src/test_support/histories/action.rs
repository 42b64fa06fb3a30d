//! The operations of a process of a made-up history.

use super::*;

/// The operations of the current process. After each call comes one that sets its result.
impl HistoryBuilder {
    pub(crate) fn put(self, item: impl Into<Item>) -> HistoryBuilder {
        let side = self.side(true);
        self.put_on(side, item)
    }

    /// A put on the end `side`, where the process has several ends, or the end can't put.
    pub(crate) fn put_on(mut self, side: Side, item: impl Into<Item>) -> HistoryBuilder {
        let end = self.give(side, true, false);
        self.put_to(end, item.into())
    }

    pub(super) fn put_to(self, end: End, item: Item) -> HistoryBuilder {
        self.step(
            OperationKind::Put,
            Some(end),
            Some(item.clone()),
            Action::Put {
                end,
                source: Source::Items(vec![Value::Literal(item)]),
                wait: Wait::Deadline,
            },
        )
    }

    /// A put of a variable whose value is this item at the time.
    pub(crate) fn put_variable(self, name: &str, item: impl Into<Item>) -> HistoryBuilder {
        let mut run = self.put(item);
        let step = run.permutation.plan.processes[run.current].steps.last_mut();
        if let Action::Put { source, .. } = &mut step.expect("there is a step").action {
            *source = Source::Items(vec![Value::Reference(name.to_owned())]);
        }
        run
    }

    /// A get that returns this item.
    pub(crate) fn get(self, item: impl Into<Item>) -> HistoryBuilder {
        let side = self.side(false);
        self.get_on(side, item)
    }

    /// A get that returns this item from the end `side`, where the process has several ends.
    pub(crate) fn get_on(self, side: Side, item: impl Into<Item>) -> HistoryBuilder {
        self.get_limited(side, Some(item.into()), Limit::Count(1))
    }

    /// A get that returns this item and stops because of it.
    pub(crate) fn get_until(self, item: impl Into<Item>) -> HistoryBuilder {
        let item = item.into();
        let until = Limit::Until(vec![Value::Literal(item.clone())]);
        let side = self.side(false);
        self.get_limited(side, Some(item), until)
    }

    /// A get that returns this item and goes on until the end.
    pub(crate) fn get_to_the_end(self, item: impl Into<Item>) -> HistoryBuilder {
        let side = self.side(false);
        self.get_limited(side, Some(item.into()), Limit::Until(Vec::new()))
    }

    /// A get that returns no item.
    pub(crate) fn ask(self) -> HistoryBuilder {
        let side = self.side(false);
        self.ask_on(side)
    }

    /// A get that returns no item from the end `side`, where the process has several ends, or the end
    /// can't get.
    pub(crate) fn ask_on(self, side: Side) -> HistoryBuilder {
        self.get_limited(side, None, Limit::Count(1))
    }

    pub(crate) fn poll(mut self, side: Side) -> HistoryBuilder {
        let end = self.give(side, false, true);
        let action = Action::Poll {
            ends: vec![end],
            wait: Wait::Never,
        };
        self.step(OperationKind::Poll, Some(end), None, action)
    }

    /// Marks an item as done.
    pub(crate) fn task_done(mut self) -> HistoryBuilder {
        let end = self.give(Side::Queue, false, false);
        let action = Action::TaskDone { end };
        self.step(OperationKind::TaskDone, Some(end), None, action)
    }

    pub(crate) fn join_queue(mut self) -> HistoryBuilder {
        let end = self.give(Side::Queue, false, false);
        let action = Action::JoinQueue { end };
        self.step(OperationKind::JoinQueue, Some(end), None, action)
    }

    /// Asks the queue about its content.
    pub(crate) fn hint(mut self, hint: crate::plan::Hint) -> HistoryBuilder {
        let end = self.give(Side::Queue, false, false);
        let action = Action::Hint { end, hint };
        let kind = OperationKind::of(&action).expect("a hint is an operation");
        self.step(kind, Some(end), None, action)
    }

    /// Asks the queue how many items it holds, which says that these are.
    pub(crate) fn size(self, size: u64) -> HistoryBuilder {
        let mut run = self.hint(crate::plan::Hint::Size);
        run.last().content = Some(Content::of(&size.to_le_bytes()));
        run
    }

    fn get_limited(mut self, side: Side, item: Option<Item>, limit: Limit) -> HistoryBuilder {
        let end = self.give(side, false, true);
        self.get_from(end, item, limit)
    }

    pub(super) fn get_from(self, end: End, item: Option<Item>, limit: Limit) -> HistoryBuilder {
        self.step(
            OperationKind::Get,
            Some(end),
            item,
            Action::Get {
                end,
                limit,
                each: Vec::new(),
                into: None,
                buffer: None,
                wait: Wait::Deadline,
            },
        )
    }

    /// Polls both pipes.
    pub(crate) fn poll_both(
        mut self,
        answers: [Outcome; 2],
        start: u64,
        returned: u64,
    ) -> HistoryBuilder {
        let ends = [0, 1].map(|channel| End {
            channel,
            side: Side::Rx,
        });
        let wait = Wait::Never;
        let step = self.add_step(
            Action::Poll {
                ends: ends.to_vec(),
                wait,
            },
            vec![Outcome::Ok],
        );
        for (end, answer) in ends.into_iter().zip(answers) {
            self.record(step, OperationKind::Poll, Some(end), None);
            let operation = self.last();
            operation.start = start;
            operation.returned = Some(returned);
            operation.outcome = Some(answer);
        }
        self
    }

    pub(crate) fn close(mut self, side: Side) -> HistoryBuilder {
        let end = self.give(side, false, false);
        self.step(OperationKind::Close, Some(end), None, Action::Close { end })
    }

    pub(crate) fn half_close(mut self, side: Side) -> HistoryBuilder {
        let end = self.give(side, false, false);
        let action = Action::HalfClose { end };
        self.step(OperationKind::HalfClose, Some(end), None, action)
    }

    pub(crate) fn start(self, child: &str) -> HistoryBuilder {
        let processes = vec![self.index(child)];
        self.step(
            OperationKind::Start,
            None,
            None,
            Action::Start { processes },
        )
    }

    pub(crate) fn join(self, child: &str) -> HistoryBuilder {
        let processes = vec![self.index(child)];
        let wait = Wait::Deadline;
        let action = Action::Join { processes, wait };
        self.step(OperationKind::Join, None, None, action)
    }

    pub(crate) fn kill(self, victim: &str) -> HistoryBuilder {
        let processes = vec![self.index(victim)];
        self.step(
            OperationKind::Kill,
            None,
            None,
            Action::Kill {
                processes,
                terminates: false,
            },
        )
    }

    pub(crate) fn pause(self, victim: &str) -> HistoryBuilder {
        let processes = vec![self.index(victim)];
        self.step(
            OperationKind::Pause,
            None,
            None,
            Action::Pause { processes },
        )
    }

    pub(crate) fn signal(self, to: &str) -> HistoryBuilder {
        let processes = vec![self.index(to)];
        let signal = crate::plan::Signal::Usr1;
        let action = Action::Signal { processes, signal };
        self.step(OperationKind::Signal, None, None, action)
    }

    /// Waits until the last step so far of that process is blocked.
    pub(crate) fn await_blocked(self, process: &str) -> HistoryBuilder {
        let steps = &self.permutation.plan.processes[self.index(process)].steps;
        let step = steps.last().expect("it has a step").id;
        let event = Event::Blocked(vec![step]);
        self.step(OperationKind::Await, None, None, Action::Await { event })
    }

    /// Waits until the last step so far of that process is done.
    pub(crate) fn await_done(self, process: &str) -> HistoryBuilder {
        let steps = &self.permutation.plan.processes[self.index(process)].steps;
        let event = Event::Done(vec![steps.last().expect("it has a step").id]);
        self.step(OperationKind::Await, None, None, Action::Await { event })
    }

    pub(crate) fn await_exited(self, process: &str) -> HistoryBuilder {
        let event = Event::Exited(vec![self.index(process)]);
        self.step(OperationKind::Await, None, None, Action::Await { event })
    }

    pub(crate) fn idle(self) -> HistoryBuilder {
        self.step(OperationKind::Idle, None, None, Action::Idle { time: None })
    }

    pub(crate) fn crash(self) -> HistoryBuilder {
        let how = crate::plan::Crash::Kill;
        self.step(OperationKind::Crash, None, None, Action::Crash { how })
    }

    pub(crate) fn exit(self) -> HistoryBuilder {
        let mut run = self.step(OperationKind::Exit, None, None, Action::Exit { code: 0 });
        run.last().content = Some(Content::of(&0_u64.to_le_bytes()));
        run
    }

    /// Changes a variable, which isn't an operation.
    pub(crate) fn set(mut self, name: &str, value: impl Into<Item>) -> HistoryBuilder {
        let vars = BTreeMap::from([(name.to_owned(), Value::Literal(value.into()))]);
        self.add_step(Action::Set { vars }, vec![Outcome::Ok]);
        self
    }

    /// Prints a variable, with this text as output.
    pub(crate) fn print(self, variable: &str, text: &str) -> HistoryBuilder {
        let step = Action::Print {
            text: vec![Piece::Reference(variable.to_owned())],
        };
        let mut run = self.step(OperationKind::Print, None, None, step);
        run.last().content = Some(Content::of(text.as_bytes()));
        run
    }

    pub(super) fn step(
        mut self,
        kind: OperationKind,
        end: Option<End>,
        item: Option<Item>,
        action: Action,
    ) -> HistoryBuilder {
        let codec = self.permutation.plan.channels[0].codec;
        let content = item.map(|item| content_of(&item, codec).expect("the codec carries it"));
        let step = self.add_step(action, Vec::new());
        self.record(step, kind, end, content);
        self
    }

    fn record(
        &mut self,
        step: StepId,
        kind: OperationKind,
        end: Option<End>,
        content: Option<Content>,
    ) {
        let thread = self.thread;
        let operations = &mut self.history.processes[self.current].operations;
        operations.push(Operation {
            step,
            thread,
            kind,
            end,
            start: 0,
            returned: None,
            outcome: None,
            content,
            raw: None,
            definite: false,
        });
    }

    /// The steps of the current process, or of its current thread.
    pub(super) fn steps(&mut self) -> &mut Vec<Step> {
        let Some(place) = usize::from(self.thread).checked_sub(1) else {
            return &mut self.permutation.plan.processes[self.current].steps;
        };
        let last = self.permutation.plan.processes[self.current].steps.last();
        if !matches!(last, Some(step) if matches!(step.action, Action::Threads { .. })) {
            let id = self.expect(vec![Outcome::Ok]);
            let action = Action::Threads {
                threads: Vec::new(),
            };
            let watched = false;
            let steps = &mut self.permutation.plan.processes[self.current].steps;
            steps.push(Step {
                id,
                watched,
                action,
            });
        }
        let steps = &mut self.permutation.plan.processes[self.current].steps;
        let Some(Action::Threads { threads }) = steps.last_mut().map(|step| &mut step.action)
        else {
            unreachable!("it is there, or was pushed")
        };
        threads.resize_with(threads.len().max(place + 1), Vec::new);
        &mut threads[place]
    }

    fn add_step(&mut self, action: Action, outcomes: Vec<Outcome>) -> StepId {
        // The step around all threads gets its number first.
        let _ = self.steps();
        let id = self.expect(outcomes);
        let watched = false;
        self.steps().push(Step {
            id,
            watched,
            action,
        });
        id
    }

    fn expect(&mut self, outcomes: Vec<Outcome>) -> StepId {
        let id = self.permutation.expected.len() as StepId;
        self.permutation.expected.push(Expected {
            span: 0..0,
            label: None,
            outcomes,
            items: None,
            explicit: false,
        });
        id
    }
}

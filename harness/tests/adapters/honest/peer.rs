//! A process of the honest adapter.

use std::io::{self, BufRead, StdinLock, Write};
use std::process::ExitCode;
use std::thread;

use ipc_conformance::backend::{Outcome, Wait};
use ipc_conformance::internals::protocol::{
    Ask, Bytes, FromAdapter, OperationBegan, OperationReturned, OutputStream, RunNumber,
};
use ipc_conformance::internals::{
    Action, Item, Limit, NO_STEP, OperationKind, Piece, Plan, ProcessIndex, Source, Step, StepId,
    Value, clock,
};

use super::{Reply, Request};

pub(crate) fn live() -> ExitCode {
    let mut replies = io::stdin().lock();
    let Reply::Be { run, me, plan } = hear(&mut replies) else {
        panic!("the first reply isn't the plan");
    };
    let mut peer = Peer {
        run,
        me,
        replies,
        operations: 0,
        item: None,
        round: None,
    };
    let pid = std::process::id();
    peer.tell(FromAdapter::Alive {
        run,
        process: me,
        pid,
    });
    peer.live(&plan)
}

struct Peer {
    run: RunNumber,
    me: ProcessIndex,
    replies: StdinLock<'static>,
    operations: usize,
    item: Option<Item>,
    round: Option<u64>,
}

/// Ends a process early, with this code.
struct Exit(u8);

impl Peer {
    fn live(mut self, plan: &Plan) -> ExitCode {
        match self.steps(&plan.processes[self.me].steps) {
            Ok(()) => {
                let exit = self.began(NO_STEP, OperationKind::Exit);
                let operation = self.begin(exit);
                self.returned(operation, Outcome::Ok, None);
                ExitCode::SUCCESS
            }
            Err(Exit(code)) => code.into(),
        }
    }

    fn steps(&mut self, steps: &[Step]) -> Result<(), Exit> {
        steps.iter().try_for_each(|step| {
            self.step(step)?;
            if step.watched {
                let (run, process) = (self.run, self.me);
                self.tell(FromAdapter::StepDone {
                    run,
                    process,
                    step: step.id,
                });
            }
            Ok(())
        })
    }

    fn step(&mut self, step: &Step) -> Result<(), Exit> {
        match &step.action {
            Action::Put { end, source, .. } => {
                for item in self.items(source) {
                    let began = OperationBegan {
                        end: Some(*end),
                        item: Some(item.clone()),
                        ..self.began(step.id, OperationKind::Put)
                    };
                    let operation = self.begin(began);
                    self.request(&Request::Put {
                        channel: end.channel,
                        item,
                    });
                    let (outcome, _) = self.done();
                    self.returned(operation, outcome, None);
                }
            }
            Action::Get {
                end,
                limit,
                each,
                wait,
                ..
            } => {
                let (most, last) = match limit {
                    Limit::Count(count) => (*count, Vec::new()),
                    Limit::Until(values) => (
                        u64::MAX,
                        values.iter().map(|value| self.resolve(value)).collect(),
                    ),
                };
                for _ in 0..most {
                    let began = OperationBegan {
                        end: Some(*end),
                        ..self.began(step.id, OperationKind::Get)
                    };
                    let operation = self.begin(began);
                    let waits = *wait == Wait::Deadline;
                    self.request(&Request::Get {
                        channel: end.channel,
                        waits,
                    });
                    let (outcome, item) = self.done();
                    self.returned(operation, outcome, item.clone());
                    let Some(item) = item.filter(|item| !last.contains(item)) else {
                        break;
                    };
                    let outer = self.item.replace(item);
                    self.steps(each)?;
                    self.item = outer;
                }
            }
            Action::Kill {
                processes,
                terminates,
            } => {
                let asked = match terminates {
                    true => Ask::Terminate(processes.clone()),
                    false => Ask::Kill(processes.clone()),
                };
                self.ask(step.id, OperationKind::Kill, asked);
            }
            Action::Barrier { name } => {
                self.ask(step.id, OperationKind::Barrier, Ask::Barrier(name.clone()));
            }
            Action::Await { event } => {
                self.ask(step.id, OperationKind::Await, Ask::Await(event.clone()));
            }
            Action::Idle { time } => {
                let began = OperationBegan {
                    timed: time.is_some(),
                    ..self.began(step.id, OperationKind::Idle)
                };
                let operation = self.begin(began);
                match time {
                    Some(time) => thread::sleep(*time),
                    None => loop {
                        thread::park();
                    },
                }
                self.returned(operation, Outcome::Ok, None);
            }
            Action::Repeat { count, steps } => {
                for round in 0..*count {
                    let outer = self.round.replace(round);
                    self.steps(steps)?;
                    self.round = outer;
                }
            }
            Action::Exit { code } => {
                let began = self.began(step.id, OperationKind::Exit);
                self.begin(began);
                return Err(Exit(u8::try_from(*code).expect("an exit code fits a byte")));
            }
            Action::Print { text } => {
                let text: String = text.iter().map(|piece| self.text(piece)).collect();
                let began = OperationBegan {
                    text: Some(text.clone()),
                    ..self.began(step.id, OperationKind::Print)
                };
                let operation = self.begin(began);
                self.tell(FromAdapter::Output {
                    run: self.run,
                    process: self.me,
                    stream: OutputStream::Stdout,
                    bytes: Bytes(format!("{text}\n").into_bytes()),
                });
                self.returned(operation, Outcome::Ok, None);
            }
            other => unreachable!("called unsupported: {other:?}"),
        }
        Ok(())
    }

    fn items(&self, source: &Source) -> Vec<Item> {
        match source {
            Source::Items(values) => values.iter().map(|value| self.resolve(value)).collect(),
            Source::Count {
                from,
                count,
                size: None,
            } => (0..*count).map(|n| Item::Int(from + n as i64)).collect(),
            Source::Count {
                from,
                count,
                size: Some(size),
            } => (0..*count)
                .map(|n| Item::Payload {
                    number: (from + n as i64) as u64,
                    size: *size,
                })
                .collect(),
        }
    }

    fn resolve(&self, value: &Value) -> Item {
        match value {
            Value::Literal(item) => item.clone(),
            Value::Reference(name) => self.named(name),
            Value::Sized { number, size } => match self.resolve(number) {
                Item::Int(number) => Item::Payload {
                    number: number as u64,
                    size: *size,
                },
                other => other,
            },
        }
    }

    fn text(&self, piece: &Piece) -> String {
        match piece {
            Piece::Text(text) => text.clone(),
            Piece::Reference(name) => self.named(name).to_string(),
        }
    }

    fn named(&self, name: &str) -> Item {
        match name {
            "item" => self.item.clone().expect("`item` is set in `each`"),
            "n" => Item::Int(self.round.expect("`n` is set in `repeat`") as i64),
            other => panic!("no variable {other} without `set`"),
        }
    }

    fn ask(&mut self, step: StepId, kind: OperationKind, what: Ask) {
        let began = self.began(step, kind);
        let operation = self.begin(began);
        let (run, process, thread) = (self.run, self.me, 0);
        self.tell(FromAdapter::Ask {
            run,
            process,
            thread,
            what,
        });
        let Reply::Answer(happened) = hear(&mut self.replies) else {
            panic!("no reply");
        };
        let outcome = if happened {
            Outcome::Ok
        } else {
            Outcome::Error
        };
        self.returned(operation, outcome, None);
    }

    fn began(&self, step: StepId, kind: OperationKind) -> OperationBegan {
        OperationBegan {
            run: self.run,
            process: self.me,
            thread: 0,
            operation: self.operations,
            step,
            kind,
            end: None,
            at: clock::now(),
            item: None,
            timed: false,
            text: None,
        }
    }

    fn begin(&mut self, began: OperationBegan) -> usize {
        self.operations += 1;
        let operation = began.operation;
        self.tell(FromAdapter::Began(began));
        operation
    }

    fn returned(&mut self, operation: usize, outcome: Outcome, item: Option<Item>) {
        self.tell(FromAdapter::Returned(OperationReturned {
            run: self.run,
            process: self.me,
            operation,
            at: clock::now(),
            outcome,
            item,
            error: None,
            handles: None,
        }));
    }

    fn done(&mut self) -> (Outcome, Option<Item>) {
        match hear(&mut self.replies) {
            Reply::Done(outcome, item) => (outcome, item),
            other => panic!("unexpected reply: {other:?}"),
        }
    }

    fn tell(&mut self, message: FromAdapter) {
        self.request(&Request::Tell(message));
    }

    /// Flushes each request, so that it survives a kill.
    fn request(&mut self, request: &Request) {
        let mut line = serde_json::to_vec(request).expect("plain data can be serialized");
        line.push(b'\n');
        let mut stdout = io::stdout().lock();
        stdout.write_all(&line).expect("the adapter reads");
        stdout.flush().expect("the adapter reads");
    }
}

fn hear(from: &mut StdinLock<'static>) -> Reply {
    let mut line = String::new();
    from.read_line(&mut line).expect("the pipe carries text");
    serde_json::from_str(&line).expect("the adapter writes replies")
}

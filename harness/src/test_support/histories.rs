//! Small histories, written as a chain of operations with their outcomes and stamps.
//!
//! ```text
//! pipe().process("w").put(1).ok(0, 1).close().ok(2, 3)
//!       .process("r").get(1).ok(4, 5).ask().gives(Outcome::End, 6, 7)
//! ```
//!
//! A run has one channel, and each operation is a step of its own. A step expects the outcome that it
//! has, unless [`HistoryBuilder::expecting`] sets another.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::backend::{Capabilities, Capability, Kind, Outcome, Side, Wait};
use crate::history::{
    Delay, Ending, Exit, History, Operation, OperationId, OperationKind, ProcessHistory, Residue,
    Stop,
};
use crate::judge::invariant::{self, Evidence, Invariant};
use crate::judge::{Finding, FindingState, Witness};
use crate::plan::{
    Action, Buffer, Codec, Content, End, Event, Expected, ExpectedExit, GivenEnd, Item, Limit,
    Permutation, Piece, Plan, PlannedChannel, Process, Source, Start, Step, StepId, Value,
    content_of,
};

mod action;
mod check;
mod meeting;

/// A permutation and its history, under construction.
#[derive(Clone, Debug)]
pub(crate) struct HistoryBuilder {
    pub(crate) permutation: Permutation,
    pub(crate) history: History,
    pub(crate) capabilities: Capabilities,
    current: usize,
    /// The thread of the current process that performs the next operations.
    thread: u16,
    /// The current process's side of a duplex channel.
    at: Option<Side>,
}

/// The expected finding of an invariant about a clause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Expect {
    /// Broken, with this many witnesses.
    Broken(usize),
    /// Upheld, with this count of evidence.
    Upheld(u64),
    Untried,
    TooSlow,
}

/// A run over a queue called `q`.
pub(crate) fn queue() -> HistoryBuilder {
    run("q", Kind::Queue, Codec::Tagged)
}

/// A run over a one-way pipe called `p`.
pub(crate) fn pipe() -> HistoryBuilder {
    run("p", Kind::Pipe, Codec::Tagged)
}

/// A run over a one-way stream called `s`, of plain bytes.
pub(crate) fn stream() -> HistoryBuilder {
    run("s", Kind::Stream, Codec::Bytes)
}

/// A run over a duplex pipe called `p`: see [`HistoryBuilder::at`].
pub(crate) fn duplex() -> HistoryBuilder {
    let mut run = pipe();
    run.permutation.plan.channels[0].duplex = true;
    run
}

/// A run at an endpoint called `e`: see [`HistoryBuilder::listen`].
pub(crate) fn endpoint() -> HistoryBuilder {
    run("e", Kind::Endpoint, Codec::Tagged)
}

/// A run over two one-way pipes `p` and `q`: see [`HistoryBuilder::poll_both`]. All other methods use `p`.
pub(crate) fn two_pipes() -> HistoryBuilder {
    let mut run = pipe();
    let mut second = run.permutation.plan.channels[0].clone();
    second.name = "q".to_owned();
    run.permutation.plan.channels.push(second);
    run
}

fn run(name: &str, kind: Kind, codec: Codec) -> HistoryBuilder {
    HistoryBuilder {
        permutation: Permutation {
            case: "made/up".into(),
            values: Vec::new(),
            plan: Plan {
                channels: vec![PlannedChannel::new(name, kind, codec)],
                processes: Vec::new(),
                deadline: Duration::from_secs(10),
                seed: 0,
                fault: None,
            },
            expected: Vec::new(),
            exits: Vec::new(),
            clauses: Vec::new(),
            requires: Vec::new(),
        },
        history: History::default(),
        capabilities: Capabilities::new().native([
            Capability::SharedItems,
            Capability::FreeExit,
            Capability::RoomWithoutConsumers,
            Capability::GoneWithoutConsumers,
        ]),
        current: 0,
        thread: 0,
        at: None,
    }
}

/// The setting of the run: its channel, its processes and its end.
impl HistoryBuilder {
    pub(crate) fn capacity(mut self, capacity: u64) -> HistoryBuilder {
        self.permutation.plan.channels[0].capacity = Some(capacity);
        self
    }

    pub(crate) fn duplex(mut self) -> HistoryBuilder {
        self.permutation.plan.channels[0].duplex = true;
        self
    }

    /// The channel is opened by this process, which must exist.
    pub(crate) fn opened_by(mut self, process: &str) -> HistoryBuilder {
        self.permutation.plan.channels[0].opener = Some(self.index(process));
        self
    }

    pub(crate) fn codec(mut self, codec: Codec) -> HistoryBuilder {
        self.permutation.plan.channels[0].codec = codec;
        self
    }

    /// The backend declares nothing.
    pub(crate) fn declares_nothing(mut self) -> HistoryBuilder {
        self.capabilities = Capabilities::new();
        self
    }

    pub(crate) fn declares(mut self, capability: Capability) -> HistoryBuilder {
        self.capabilities = self.capabilities.native([capability]);
        self
    }

    pub(crate) fn lists(mut self, clause: &str) -> HistoryBuilder {
        self.permutation.clauses.push(clause.into());
        self
    }

    /// The harness ended the run at this stamp.
    pub(crate) fn ended_at(mut self, stamp: u64) -> HistoryBuilder {
        self.history.ended = Some(stamp);
        self
    }

    pub(crate) fn ending(mut self, ending: Ending) -> HistoryBuilder {
        self.history.ending = ending;
        self.history.ended = (ending != Ending::Completed).then_some(u64::MAX - 1);
        self
    }

    /// The current process was stopped from one stamp to the other.
    pub(crate) fn stopped(mut self, from: u64, until: Option<u64>) -> HistoryBuilder {
        self.history.stops.push(Stop {
            process: self.current,
            from,
            until,
        });
        self
    }

    /// The machine kept processes from running for this long in this time.
    pub(crate) fn delayed(mut self, from: u64, until: u64, lost: u64) -> HistoryBuilder {
        self.history.delays.push(Delay { from, until, lost });
        self
    }

    pub(crate) fn leaves(mut self, residue: Residue) -> HistoryBuilder {
        self.history.residue.push(residue);
        self
    }

    /// Selects the process that performs the next operations, and creates it if there is none of this
    /// name. It exits with code 0, as expected, unless [`HistoryBuilder::exits`] changes that.
    pub(crate) fn process(mut self, name: &str) -> HistoryBuilder {
        self.thread = 0;
        let processes = &mut self.permutation.plan.processes;
        let known = processes.iter().position(|process| process.group == name);
        self.current = known.unwrap_or_else(|| {
            processes.push(Process {
                group: name.to_owned(),
                replica: None,
                start: Start::Spawn,
                starter: None,
                vars: BTreeMap::new(),
                ends: Vec::new(),
                steps: Vec::new(),
            });
            self.permutation.exits.push(ExpectedExit::Code(0));
            self.history.processes.push(ProcessHistory {
                exit: Some(Exit::Code(0)),
                ..ProcessHistory::default()
            });
            processes.len() - 1
        });
        self
    }

    /// The next operations are performed by this thread of the current process, concurrently with its
    /// other threads.
    pub(crate) fn thread(mut self, number: u16) -> HistoryBuilder {
        self.thread = number;
        self
    }

    /// The current process has this side of the duplex channel.
    pub(crate) fn at(mut self, side: Side) -> HistoryBuilder {
        self.at = Some(side);
        self
    }

    /// The current process is started by the process `starter`.
    pub(crate) fn started_by(mut self, starter: &str, start: Start) -> HistoryBuilder {
        let starter = self.index(starter);
        let process = &mut self.permutation.plan.processes[self.current];
        process.starter = Some(starter);
        process.start = start;
        self
    }

    pub(crate) fn holds(mut self, side: Side) -> HistoryBuilder {
        self.give(side, false, false);
        self
    }

    pub(crate) fn var(mut self, name: &str, value: impl Into<Item>) -> HistoryBuilder {
        let process = &mut self.permutation.plan.processes[self.current];
        process.vars.insert(name.to_owned(), value.into());
        self
    }

    /// The current process exited in this way.
    pub(crate) fn exits(mut self, exit: Exit) -> HistoryBuilder {
        self.history.processes[self.current].exit = Some(exit);
        self
    }

    pub(crate) fn never_lives(mut self) -> HistoryBuilder {
        self.history.processes[self.current].exit = None;
        self
    }

    pub(crate) fn exit_expected(mut self, expected: ExpectedExit) -> HistoryBuilder {
        self.permutation.exits[self.current] = expected;
        self
    }

    pub(crate) fn wrote(mut self, stdout: &str) -> HistoryBuilder {
        self.history.processes[self.current].stdout = stdout.into();
        self
    }

    fn index(&self, name: &str) -> usize {
        let processes = &self.permutation.plan.processes;
        let place = processes.iter().position(|process| process.group == name);
        place.expect("the process was named before")
    }

    fn side(&self, sends: bool) -> Side {
        if let Some(side) = self.at {
            return side;
        }
        match (self.permutation.plan.channels[0].kind, sends) {
            (Kind::Queue, _) => Side::Queue,
            (_, true) => Side::Tx,
            (_, false) => Side::Rx,
        }
    }

    fn give(&mut self, side: Side, puts: bool, gets: bool) -> End {
        let end = End { channel: 0, side };
        let ends = &mut self.permutation.plan.processes[self.current].ends;
        match ends.iter_mut().find(|given| given.end == end) {
            Some(given) => {
                given.puts |= puts;
                given.gets |= gets;
            }
            None => ends.push(GivenEnd { end, puts, gets }),
        }
        end
    }
}

/// The result of the last operation.
impl HistoryBuilder {
    pub(crate) fn ok(self, start: u64, returned: u64) -> HistoryBuilder {
        self.gives(Outcome::Ok, start, returned)
    }

    pub(crate) fn gives(mut self, outcome: Outcome, start: u64, returned: u64) -> HistoryBuilder {
        let operation = self.last();
        operation.start = start;
        operation.returned = Some(returned);
        operation.outcome = Some(outcome);
        operation.definite = crate::backend::Failure::new(outcome, "").definite;
        self.expected().outcomes = vec![outcome];
        self
    }

    /// It never returned.
    pub(crate) fn pending(mut self, start: u64) -> HistoryBuilder {
        self.last().start = start;
        self.expected().outcomes = vec![Outcome::Ok];
        self
    }

    /// The operation waits for at most this long.
    pub(crate) fn waiting(mut self, time: Wait) -> HistoryBuilder {
        match &mut self.steps().last_mut().expect("there is a step").action {
            Action::Put { wait, .. }
            | Action::Get { wait, .. }
            | Action::Poll { wait, .. }
            | Action::Accept { wait, .. }
            | Action::Connect { wait, .. }
            | Action::Join { wait, .. } => *wait = time,
            other => panic!("{other:?} doesn't wait"),
        }
        self
    }

    /// The get receives into a buffer.
    pub(crate) fn buffer(mut self, bytes: u64, element: u64) -> HistoryBuilder {
        match &mut self.steps().last_mut().expect("there is a step").action {
            Action::Get { buffer, .. } => *buffer = Some(Buffer { bytes, element }),
            other => panic!("{other:?} receives nothing"),
        }
        self
    }

    pub(crate) fn expecting(mut self, outcome: Outcome) -> HistoryBuilder {
        let expected = self.expected();
        expected.outcomes = vec![outcome];
        expected.explicit = true;
        self
    }

    /// A kill elsewhere allows every outcome that the case doesn't state.
    pub(crate) fn in_a_sweep(mut self) -> HistoryBuilder {
        self.expected().outcomes = Outcome::ALL.to_vec();
        self
    }

    pub(crate) fn expecting_item(mut self, item: impl Into<Item>) -> HistoryBuilder {
        self.expected().items = Some(vec![Value::Literal(item.into())]);
        self
    }

    fn last(&mut self) -> &mut Operation {
        let operations = &mut self.history.processes[self.current].operations;
        operations.last_mut().expect("the process did something")
    }

    fn expected(&mut self) -> &mut Expected {
        let step = self.last().step;
        &mut self.permutation.expected[step as usize]
    }
}

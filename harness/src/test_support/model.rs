//! Random histories of correct queues and pipes, in which no invariant may find a promise broken.
//!
//! An operation begins, has its effect and returns at three separate moments, so that operations of
//! different processes overlap in every way. Time may stand still between two moments, so stamps may
//! be equal. A process may be killed at any moment.

use std::collections::VecDeque;
use std::ops::Range;

use proptest::prelude::*;

use super::histories::{HistoryBuilder, pipe, queue};
use crate::backend::{Capability, Outcome, Side, Wait};
use crate::history::Exit;
use crate::plan::ExpectedExit;

/// A random sequence of operations of several processes.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    /// The tasks of each process or thread, in their order.
    sequences: Vec<Vec<Task>>,
    /// The process of each sequence. Several sequences of one process are its threads.
    owners: Vec<usize>,
    capacity: Option<u64>,
    linearizable: bool,
    /// For each move, the sequence that makes it and the time that passes before.
    moves: Vec<(u8, u64)>,
    /// The process that is killed, and the number of the move at which it is.
    kill: Option<(prop::sample::Index, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Task {
    Put(i64),
    TryPut(i64),
    Get,
    TryGet,
    Close,
}

#[derive(Clone, Debug)]
struct Record {
    task: Task,
    /// Its position among all tasks in the order of their starts.
    begun: usize,
    start: u64,
    effect: Option<(Outcome, Option<i64>)>,
    returned: Option<u64>,
}

fn moves() -> impl Strategy<Value = Vec<(u8, u64)>> {
    prop::collection::vec((any::<u8>(), 0..3_u64), 300..301)
}

fn kill() -> impl Strategy<Value = Option<(prop::sample::Index, usize)>> {
    prop::option::of((any::<prop::sample::Index>(), 0..120_usize))
}

/// How sequences are distributed over processes.
#[derive(Clone, Copy, Debug)]
enum Spread {
    /// Each sequence is a process.
    Apart,
    /// Producers are threads of one process, and consumers are threads of another.
    ByRole,
    /// All sequences are threads of one process.
    Together,
}

impl Spread {
    fn owners(self, producers: usize, consumers: usize) -> Vec<usize> {
        let sequences = 0..producers + consumers;
        match self {
            Spread::Apart => sequences.collect(),
            Spread::ByRole => sequences.map(|n| usize::from(n >= producers)).collect(),
            Spread::Together => vec![0; producers + consumers],
        }
    }
}

fn spread() -> impl Strategy<Value = Spread> {
    prop_oneof![
        2 => Just(Spread::Apart),
        1 => Just(Spread::ByRole),
        1 => Just(Spread::Together),
    ]
}

/// Scripts for queues with several producers and consumers, equal items, a capacity, operations that
/// don't wait, and kills.
pub(crate) fn queues() -> impl Strategy<Value = Script> {
    let put = prop_oneof![
        3 => (0..6_i64).prop_map(Task::Put),
        1 => (0..6_i64).prop_map(Task::TryPut),
    ];
    let get = prop_oneof![3 => Just(Task::Get), 1 => Just(Task::TryGet)];
    let producers = prop::collection::vec(prop::collection::vec(put, 0..6), 1..4);
    let consumers = prop::collection::vec(prop::collection::vec(get, 0..6), 1..4);
    let bound = prop::option::of(1..4_u64);
    let claim = any::<bool>();
    (
        producers,
        consumers,
        spread(),
        bound,
        claim,
        moves(),
        kill(),
    )
        .prop_map(
            |(mut sequences, consumers, spread, capacity, linearizable, moves, kill)| {
                let owners = spread.owners(sequences.len(), consumers.len());
                sequences.extend(consumers);
                Script {
                    sequences,
                    owners,
                    capacity,
                    linearizable,
                    moves,
                    kill,
                }
            },
        )
}

/// Scripts for queues in which all items differ and are got, and no process is killed.
pub(crate) fn whole_queues() -> impl Strategy<Value = Script> {
    let counts = (1..4_usize, 1..4_usize, 3..6_usize);
    (counts, spread(), moves()).prop_map(|((producers, consumers, each), spread, moves)| {
        let put = |n: usize| Task::Put(n as i64);
        let mut sequences: Vec<Vec<_>> = (0..producers)
            .map(|producer| (producer * each..(producer + 1) * each).map(put).collect())
            .collect();
        let total = producers * each;
        sequences.extend((0..consumers).map(|n| {
            let share = total / consumers + usize::from(n < total % consumers);
            vec![Task::Get; share]
        }));
        Script {
            sequences,
            owners: spread.owners(producers, consumers),
            capacity: None,
            linearizable: false,
            moves,
            kill: None,
        }
    })
}

/// Scripts for pipes with one or two writers that close or are killed, and a reader that reads past the
/// end of the stream.
pub(crate) fn pipes() -> impl Strategy<Value = Script> {
    let writers = prop::collection::vec(prop::collection::vec(0..6_i64, 0..6), 1..3);
    (writers, moves(), kill()).prop_map(|(writers, moves, kill)| {
        let put = writers.iter().map(|items| {
            let puts = items.iter().copied().map(Task::Put);
            puts.chain([Task::Close]).collect::<Vec<_>>()
        });
        let mut sequences: Vec<Vec<_>> = put.collect();
        let total = writers.iter().map(Vec::len).sum::<usize>();
        sequences.push(vec![Task::Get; total + 3]);
        Script {
            owners: Spread::Apart.owners(writers.len(), 1),
            sequences,
            capacity: None,
            linearizable: false,
            moves,
            kill,
        }
    })
}

/// Scripts for pipes with one writer of different messages, in which no process is killed.
pub(crate) fn whole_pipes() -> impl Strategy<Value = Script> {
    (3..9_i64, moves()).prop_map(|(total, moves)| {
        let puts = (0..total).map(Task::Put).chain([Task::Close]).collect();
        Script {
            sequences: vec![puts, vec![Task::Get; total as usize + 1]],
            owners: Spread::Apart.owners(1, 1),
            capacity: None,
            linearizable: false,
            moves,
            kill: None,
        }
    })
}

/// A correct channel while its script runs.
struct ModelChannel<'a> {
    script: &'a Script,
    items: VecDeque<i64>,
    records: Vec<Vec<Record>>,
    begun: usize,
    /// The process that was killed, if one was.
    killed: Option<usize>,
    now: u64,
}

impl Script {
    /// Runs the script on a correct queue.
    pub(crate) fn over_queue(&self) -> HistoryBuilder {
        let mut run = queue();
        if let Some(capacity) = self.capacity {
            run = run.capacity(capacity);
        }
        for (capability, claimed) in [
            (Capability::StrictEmpty, true),
            (Capability::Linearizable, self.linearizable),
        ] {
            if claimed {
                run = run.declares(capability);
            }
        }
        self.write(run, Side::Queue)
    }

    /// Runs the script on a correct pipe.
    pub(crate) fn over_pipe(&self) -> HistoryBuilder {
        self.write(pipe(), Side::Tx)
    }

    fn write(&self, mut run: HistoryBuilder, closes: Side) -> HistoryBuilder {
        let model = ModelChannel::run(self);
        for process in self.processes() {
            run = run.process(&format!("p{process}"));
            let own: Vec<usize> = self.sequences_of(process).collect();
            let cut_short = own.iter().any(|sequence| {
                let records = &model.records[*sequence];
                records.len() < self.sequences[*sequence].len()
                    || records.last().is_some_and(|last| last.returned.is_none())
            });
            if cut_short {
                run = run.exits(Exit::Killed).exit_expected(ExpectedExit::Any);
            }
            let is_threaded = own.len() > 1;
            let mut records: Vec<(u16, &Record)> = (1..)
                .zip(&own)
                .flat_map(|(thread, sequence)| {
                    let thread = if is_threaded { thread } else { 0 };
                    let records = model.records[*sequence].iter();
                    records.map(move |record| (thread, record))
                })
                .collect();
            records.sort_by_key(|(_, record)| record.begun);
            for (thread, record) in records {
                run = record.write(run.thread(thread), closes);
            }
            if !cut_short {
                run = run.thread(0).exit().ok(model.now + 1, model.now + 2);
            }
        }
        run
    }

    fn processes(&self) -> Range<usize> {
        0..self.owners.iter().max().map_or(0, |last| last + 1)
    }

    fn sequences_of(&self, process: usize) -> impl Iterator<Item = usize> {
        let owners = self.owners.iter().enumerate();
        owners.filter_map(move |(sequence, owner)| (*owner == process).then_some(sequence))
    }
}

impl Record {
    fn write(&self, run: HistoryBuilder, closes: Side) -> HistoryBuilder {
        let got = match (self.returned, self.effect) {
            (Some(_), Some((_, item))) => item,
            _ => None,
        };
        let run = match self.task {
            Task::Put(item) => run.put(item),
            Task::TryPut(item) => run.put(item).waiting(Wait::Never),
            Task::Close => run.close(closes),
            Task::Get | Task::TryGet => {
                let run = match got {
                    Some(item) => run.get(item),
                    None => run.ask(),
                };
                if self.task == Task::TryGet {
                    run.waiting(Wait::Never)
                } else {
                    run
                }
            }
        };
        match (self.returned, self.effect) {
            (Some(returned), Some((outcome, _))) => run.gives(outcome, self.start, returned),
            _ => run.pending(self.start),
        }
    }
}

impl<'a> ModelChannel<'a> {
    fn run(script: &'a Script) -> ModelChannel<'a> {
        let mut model = ModelChannel {
            script,
            items: VecDeque::new(),
            records: vec![Vec::new(); script.sequences.len()],
            begun: 0,
            killed: None,
            now: 0,
        };
        for (n, (pick, time)) in script.moves.iter().enumerate() {
            if let Some((victim, at)) = &script.kill
                && *at == n
            {
                model.killed = Some(victim.index(script.processes().len()));
            }
            model.now += time;
            // If the picked sequence can't move, the next one that can does.
            let first = usize::from(*pick);
            let order = (0..script.sequences.len()).map(|n| n + first);
            let mut order = order.map(|n| n % script.sequences.len());
            if !order.any(|sequence| model.step(sequence)) {
                break;
            }
        }
        // A process that is still in an operation now counts as killed.
        model
    }

    /// Makes one move of a sequence. Returns false if it can't move.
    fn step(&mut self, sequence: usize) -> bool {
        if self.killed == Some(self.script.owners[sequence]) {
            return false;
        }
        let now = self.now;
        let done = self.records[sequence].len();
        if let Some(last) = self.records[sequence].last_mut()
            && last.returned.is_none()
        {
            if last.effect.is_some() {
                last.returned = Some(now);
                return true;
            }
            let task = last.task;
            let Some(effect) = self.effect(task) else {
                return false;
            };
            self.records[sequence][done - 1].effect = Some(effect);
            return true;
        }
        let Some(task) = self.script.sequences[sequence].get(done) else {
            return false;
        };
        self.begun += 1;
        self.records[sequence].push(Record {
            task: *task,
            begun: self.begun,
            start: now,
            effect: None,
            returned: None,
        });
        true
    }

    /// Applies a task, and returns its outcome and item; `None` if it has to wait.
    fn effect(&mut self, task: Task) -> Option<(Outcome, Option<i64>)> {
        let room = self
            .script
            .capacity
            .is_none_or(|capacity| (self.items.len() as u64) < capacity);
        match task {
            Task::Put(item) | Task::TryPut(item) if room => {
                self.items.push_back(item);
                Some((Outcome::Ok, None))
            }
            Task::Put(_) => None,
            Task::TryPut(_) => Some((Outcome::Full, None)),
            Task::Close => Some((Outcome::Ok, None)),
            Task::Get | Task::TryGet => match self.items.pop_front() {
                Some(item) => Some((Outcome::Ok, Some(item))),
                None if task == Task::TryGet => Some((Outcome::Empty, None)),
                None if self.is_at_end() => Some((Outcome::End, None)),
                None => None,
            },
        }
    }

    /// Whether all processes that close have closed or were killed. If none closes, there is no end of
    /// stream.
    fn is_at_end(&self) -> bool {
        let mut writers = self
            .script
            .sequences
            .iter()
            .enumerate()
            .filter(|(_, tasks)| tasks.last() == Some(&Task::Close))
            .peekable();
        let closed = |record: &Record| record.task == Task::Close && record.effect.is_some();
        writers.peek().is_some()
            && writers.all(|(sequence, _)| {
                self.killed == Some(self.script.owners[sequence])
                    || self.records[sequence].iter().any(closed)
            })
    }
}

//! Which processes held which end of a channel, from what the plan gives and the history shows.
//!
//! The moment at which a process lets go of an end is never seen, so each holder has two bounds:
//! until when it *certainly* held the end, and from when it *certainly* no longer did. No process is
//! charged for anything between the two.

use std::collections::{BTreeMap, BTreeSet};

use crate::backend::{Outcome, Side};
use crate::history::pairing::NEVER;
use crate::history::step_turns::StepTurns;
use crate::history::{Exit, History, Operation, OperationKind};
use crate::plan::{Action, End, Event, Injection, Plan, ProcessIndex, Start, Step};

/// One process's hold on an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The process.
    pub process: ProcessIndex,
    /// It certainly held the end until then; 0 if that isn't known.
    pub until: u64,
    /// It certainly no longer held the end, or not for sending, from then on; [`NEVER`] if that isn't
    /// known.
    pub gone: u64,
    /// It certainly no longer held the end for receiving either, from then on.
    pub deaf: u64,
    /// Whether it let go before the harness ended the run.
    pub released: bool,
    /// Whether it lost the end by a kill.
    pub killed: bool,
    /// Whether a step of the process puts to this end.
    pub puts: bool,
}

/// When a process was certainly alive, and when certainly not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// It was certainly alive from then on: its start had returned, or it began its first operation;
    /// [`NEVER`] if neither was seen.
    pub from: u64,
    /// It was certainly alive until then.
    pub until: u64,
    /// It had certainly exited from then on: another process had seen it.
    pub gone: u64,
    exit: Option<Exit>,
}

impl Life {
    fn ended_by_itself(&self) -> bool {
        !matches!(self.exit, None | Some(Exit::Ended))
    }
}

/// All holders of all ends, and all lives.
#[derive(Clone, Debug, Default)]
pub struct Holders {
    ends: BTreeMap<End, Vec<Holder>>,
    lives: Vec<Life>,
}

/// A process's own step that closes an end.
#[derive(Clone, Copy)]
struct Closing {
    from: u64,
    returned: Option<u64>,
}

struct Started {
    from: u64,
    returned: Option<u64>,
}

impl Holders {
    /// Returns the holders of all ends. `steps` are the plan's, by id; `ended` is the earliest moment
    /// at which the harness may have begun to end processes.
    pub fn of(plan: &Plan, history: &History, steps: &[Option<&Step>], ended: u64) -> Holders {
        let mut seen = Lives::new(plan, history);
        for (id, operation) in history.operations() {
            seen.add(
                id.process,
                operation,
                steps.get(operation.step as usize).copied().flatten(),
            );
        }
        seen.holders(plan, ended)
    }

    /// All holders of this end, at any time.
    pub fn of_end(&self, end: End) -> &[Holder] {
        self.ends.get(&end).map_or(&[], Vec::as_slice)
    }

    /// The holders that must let go before the stream from this end is over. A process that only gets
    /// from a queue, or only holds it, doesn't count.
    pub fn writers(&self, end: End) -> impl Iterator<Item = &Holder> + Clone {
        self.of_end(end)
            .iter()
            .filter(move |holder| end.side != Side::Queue || holder.puts)
    }

    /// When this process was alive.
    pub fn life(&self, process: ProcessIndex) -> Life {
        self.lives[process]
    }

    /// A process that was certainly alive all this time, and certainly no longer held the end.
    pub fn former(&self, end: End, from: u64, until: u64) -> Option<ProcessIndex> {
        self.lives.iter().enumerate().find_map(|(process, life)| {
            let mut holds = self.of_end(end).iter().filter(|h| h.process == process);
            let alive = life.from < from && until < life.until;
            let let_go = holds.clone().next().is_some() && holds.all(|h| h.gone < from);
            (alive && let_go).then_some(process)
        })
    }

    /// A process that was certainly alive all this time, and never held the end.
    pub fn bystander(&self, end: End, from: u64, until: u64) -> Option<ProcessIndex> {
        self.bystanders(end, from, until).next()
    }

    /// All such processes.
    pub fn bystanders(
        &self,
        end: End,
        from: u64,
        until: u64,
    ) -> impl Iterator<Item = ProcessIndex> {
        let alive = move |life: &Life| life.from < from && until < life.until;
        let lives = self.lives.iter().enumerate();
        lives.filter_map(move |(process, life)| {
            let holds = self.of_end(end).iter().any(|h| h.process == process);
            let opposite = End {
                side: end.side.opposite(),
                ..end
            };
            let reads = self.of_end(opposite).iter().any(|h| h.process == process);
            (alive(life) && !holds && !reads).then_some(process)
        })
    }
}

/// Closes, starts, kills and exits in the history.
struct Lives {
    closings: BTreeMap<(ProcessIndex, End), Closing>,
    half_closings: BTreeMap<(ProcessIndex, End), Closing>,
    starts: BTreeMap<ProcessIndex, Started>,
    kills: BTreeMap<ProcessIndex, u64>,
    /// Those that began to exit, that crashed, or that the plan's fault killed: maybe long before another
    /// process kills them, or the harness ends them.
    leaving: BTreeSet<ProcessIndex>,
    /// How many operations a step that starts or joins several processes has made so far.
    turns: StepTurns,
    lives: Vec<Life>,
}

impl Lives {
    fn new(plan: &Plan, history: &History) -> Lives {
        let lives = (0..plan.processes.len()).map(|process| {
            let seen = history.processes.get(process);
            Life {
                from: NEVER,
                until: 0,
                gone: NEVER,
                exit: seen.and_then(|seen| seen.exit),
            }
        });
        Lives {
            closings: BTreeMap::new(),
            half_closings: BTreeMap::new(),
            starts: BTreeMap::new(),
            kills: BTreeMap::new(),
            leaving: (plan.fault.iter())
                .filter(|point| point.fault == Injection::Kill)
                .map(|point| point.process)
                .collect(),
            turns: StepTurns::default(),
            lives: lives.collect(),
        }
    }

    fn add(&mut self, process: ProcessIndex, operation: &Operation, step: Option<&Step>) {
        let life = &mut self.lives[process];
        life.from = life.from.min(operation.start);
        // Ends close during the exit, so only its start shows that they were open.
        let last = match operation.kind {
            OperationKind::Exit => operation.start,
            _ => operation.returned.unwrap_or(operation.start),
        };
        life.until = life.until.max(last);
        let closing = Closing {
            from: operation.start,
            returned: operation
                .returned
                .filter(|_| operation.outcome == Some(Outcome::Ok)),
        };
        match (operation.kind, operation.end) {
            (OperationKind::Crash | OperationKind::Exit, _) => {
                self.leaving.insert(process);
            }
            (OperationKind::Close, Some(end)) => {
                self.closings.entry((process, end)).or_insert(closing);
            }
            (OperationKind::HalfClose, Some(end)) => {
                self.half_closings.entry((process, end)).or_insert(closing);
            }
            (
                OperationKind::Start
                | OperationKind::Kill
                | OperationKind::Join
                | OperationKind::Await,
                _,
            ) => {
                if let Some(step) = step {
                    self.add_others(process, operation, &step.action);
                }
            }
            _ => {}
        }
    }

    fn add_others(&mut self, process: ProcessIndex, operation: &Operation, action: &Action) {
        let returned = operation
            .returned
            .filter(|_| operation.outcome == Some(Outcome::Ok));
        let from = operation.start;
        match action {
            Action::Start { processes } => {
                if let Some(started) = self.turns.next(process, operation.step, processes) {
                    self.starts.insert(started, Started { from, returned });
                }
            }
            Action::Join { processes, .. } => {
                if let Some(joined) = self.turns.next(process, operation.step, processes) {
                    self.saw_exit(joined, returned);
                }
            }
            Action::Kill { processes, .. } => {
                for victim in processes {
                    let kill = self.kills.entry(*victim).or_insert(NEVER);
                    *kill = from.min(*kill);
                    // A kill returns only after the victim has exited.
                    self.saw_exit(*victim, returned);
                }
            }
            Action::Await {
                event: Event::Exited(processes),
            } => {
                for exited in processes {
                    self.saw_exit(*exited, returned);
                }
            }
            _ => {}
        }
    }

    fn saw_exit(&mut self, process: ProcessIndex, returned: Option<u64>) {
        let life = &mut self.lives[process];
        life.gone = life.gone.min(returned.unwrap_or(NEVER));
    }

    fn holders(mut self, plan: &Plan, ended: u64) -> Holders {
        for (process, life) in self.lives.iter_mut().enumerate() {
            match life.exit {
                _ if self.leaving.contains(&process) => {}
                Some(Exit::Killed) => {
                    // It lived at least until the kill began.
                    let kill = self.kills.get(&process).copied().unwrap_or(0);
                    life.until = life.until.max(kill);
                }
                Some(Exit::Ended) => life.until = life.until.max(ended),
                _ => {}
            }
        }
        let mut holders = Holders {
            ends: BTreeMap::new(),
            lives: self.lives.clone(),
        };
        for (process, started) in &self.starts {
            let life = &mut holders.lives[*process];
            life.from = life.from.min(started.returned.unwrap_or(NEVER));
        }
        for process in starters_first(plan) {
            self.given(plan, process, &mut holders);
            self.forked(plan, process, &mut holders);
        }
        holders
    }

    /// The ends that the plan gives to a process: held by it, and by its starters until it starts.
    fn given(&self, plan: &Plan, process: ProcessIndex, holders: &mut Holders) {
        for given in &plan.processes[process].ends {
            let mut add = |holder| holders.ends.entry(given.end).or_default().push(holder);
            if self.lives[process].from != NEVER || self.lives[process].exit.is_some() {
                add(self.own(process, given.end, given.puts));
            }
            let mut started = process;
            while let Some(starter) = plan.processes[started].starter {
                add(self.on_behalf(starter, started, given.puts));
                started = starter;
            }
        }
    }

    fn own(&self, process: ProcessIndex, end: End, puts: bool) -> Holder {
        let life = self.lives[process];
        let to_exit = Holder {
            process,
            until: life.until,
            gone: life.gone,
            deaf: life.gone,
            released: life.ended_by_itself(),
            killed: life.exit == Some(Exit::Killed),
            puts,
        };
        let closed = self.closings.get(&(process, end));
        let let_go = |closing: &Closing| closing.returned.unwrap_or(life.gone);
        let deaf = closed.map_or(life.gone, let_go);
        let half_closed = self.half_closings.get(&(process, end));
        half_closed.or(closed).map_or(to_exit, |closing| Holder {
            until: closing.from,
            gone: let_go(closing),
            deaf,
            released: closing.returned.is_some() || to_exit.released,
            killed: false,
            ..to_exit
        })
    }

    fn on_behalf(&self, starter: ProcessIndex, child: ProcessIndex, puts: bool) -> Holder {
        let life = self.lives[starter];
        let started = self.starts.get(&child);
        let released = started.is_some_and(|start| start.returned.is_some());
        let gone = started.and_then(|s| s.returned).unwrap_or(life.gone);
        Holder {
            process: starter,
            until: started.map_or(life.until, |start| start.from),
            gone,
            deaf: gone,
            released: released || life.ended_by_itself(),
            killed: false,
            puts,
        }
    }

    /// A fork copies every end that its starter has open. A copy can delay the end of a stream. It
    /// never proves that an end came too early, because the child may close it at once.
    fn forked(&self, plan: &Plan, process: ProcessIndex, holders: &mut Holders) {
        let forked = &plan.processes[process];
        let (Start::Fork, Some(starter)) = (forked.start, forked.starter) else {
            return;
        };
        let Some(start) = self.starts.get(&process) else {
            return;
        };
        let life = self.lives[process];
        for holders in holders.ends.values_mut() {
            let copied = holders
                .iter()
                .find(|holder| holder.process == starter && holder.gone > start.from);
            if let Some(copied) = copied {
                let copy = Holder {
                    process,
                    until: 0,
                    gone: life.gone,
                    deaf: life.gone,
                    released: life.ended_by_itself(),
                    killed: life.exit == Some(Exit::Killed),
                    puts: copied.puts,
                };
                holders.push(copy);
            }
        }
    }
}

/// All processes, each after the one that starts it.
fn starters_first(plan: &Plan) -> Vec<ProcessIndex> {
    let depth = |process: ProcessIndex| {
        let starter = |p: &ProcessIndex| plan.processes[*p].starter;
        std::iter::successors(Some(process), starter).count()
    };
    let mut order: Vec<_> = (0..plan.processes.len()).collect();
    order.sort_by_key(|process| depth(*process));
    order
}

//! The plan walked along the history: which operations one execution of a step made, and what its
//! references stood for.

use std::collections::BTreeMap;

use crate::backend::Outcome;
use crate::history::{Operation, OperationId};
use crate::judge::invariant::Evidence;
use crate::plan::content::{Content, of_item};
use crate::plan::{
    Action, Item, Limit, NO_STEP, ProcessIndex, Source, Start, Step, StepId, Value, set_by,
};

/// One execution of one step.
pub(in crate::judge::invariant) struct Execution<'a> {
    pub(in crate::judge::invariant) process: ProcessIndex,
    pub(in crate::judge::invariant) step: &'a Step,
    /// The step's own operations, without those of steps inside it; at least one.
    pub(in crate::judge::invariant) operations: &'a [usize],
    pub(in crate::judge::invariant) scene: &'a Scene,
}

impl Execution<'_> {
    /// The n-th operation.
    pub(in crate::judge::invariant) fn id(&self, n: usize) -> OperationId {
        OperationId {
            process: self.process,
            index: self.operations[n],
        }
    }

    /// The last operation.
    pub(in crate::judge::invariant) fn last(&self) -> OperationId {
        self.id(self.operations.len() - 1)
    }
}

/// What names stand for while a step runs.
#[derive(Clone, Default)]
pub(in crate::judge::invariant) struct Scene {
    variables: BTreeMap<String, Bound>,
    item: Option<Bound>,
    round: Option<u64>,
}

#[derive(Clone)]
enum Bound {
    Known(Item),
    Got { channel: usize, content: Content },
    Unknown,
}

impl Bound {
    fn item(&self, evidence: &Evidence<'_>) -> Option<Item> {
        match self {
            Bound::Known(item) => Some(item.clone()),
            Bound::Got { channel, content } => evidence.find_item(*channel, *content),
            Bound::Unknown => None,
        }
    }
}

impl Scene {
    /// What the name stands for, as far as that can be known.
    pub(in crate::judge::invariant) fn look_up(
        &self,
        evidence: &Evidence<'_>,
        name: &str,
    ) -> Option<Item> {
        match name {
            "item" => self.item.as_ref()?.item(evidence),
            "n" => i64::try_from(self.round?).ok().map(Item::Int),
            variable => self.variables.get(variable)?.item(evidence),
        }
    }

    /// The item that a value is, as far as that can be known.
    pub(in crate::judge::invariant) fn resolve(
        &self,
        evidence: &Evidence<'_>,
        value: &Value,
    ) -> Option<Item> {
        match value {
            Value::Literal(item) => Some(item.clone()),
            Value::Reference(name) => self.look_up(evidence, name),
            Value::Sized { number, size } => match self.resolve(evidence, number)? {
                Item::Int(number) => Some(Item::Payload {
                    number: u64::try_from(number).ok()?,
                    size: *size,
                }),
                _ => None,
            },
        }
    }
}

/// Shows every execution of every step to `visit`, process by process, starters before whom they
/// start. An execution that the history cuts off is shown as far as it came.
pub(in crate::judge::invariant) fn replay(
    evidence: &Evidence<'_>,
    mut visit: impl FnMut(&Execution<'_>),
) {
    let processes = &evidence.permutation.plan.processes;
    let mut forked: BTreeMap<ProcessIndex, BTreeMap<String, Bound>> = BTreeMap::new();
    let mut waiting: Vec<ProcessIndex> = (0..processes.len()).collect();
    let mut done = vec![false; processes.len()];
    while !waiting.is_empty() {
        let ready = |process: &ProcessIndex| processes[*process].starter.is_none_or(|s| done[s]);
        let Some(place) = waiting.iter().position(ready) else {
            // Processes that start each other in a circle never run.
            return;
        };
        let process = waiting.remove(place);
        done[process] = true;
        let plan = &processes[process];
        let fresh = || {
            let vars = plan.vars.iter();
            vars.map(|(name, item)| (name.clone(), Bound::Known(item.clone())))
                .collect()
        };
        let variables = match plan.start {
            Start::Fork => forked.remove(&process).unwrap_or_else(fresh),
            Start::Spawn | Start::Forkserver => fresh(),
        };
        let mut player = Player {
            evidence,
            process,
            operations: &evidence.history.processes[process].operations,
            thread: 0,
            at: BTreeMap::new(),
            scene: Scene {
                variables,
                ..Scene::default()
            },
            forked: &mut forked,
            visit: &mut visit,
        };
        // Cut off or not: what was seen has been shown.
        let _ = player.steps(&plan.steps);
    }
}

/// The history ends here.
struct CutOff;

struct Player<'a, 'v> {
    evidence: &'a Evidence<'a>,
    process: ProcessIndex,
    operations: &'a [Operation],
    /// Whose steps these are: 0 outside `threads`.
    thread: u16,
    /// The place of each thread's next operation, or one before it.
    at: BTreeMap<u16, usize>,
    scene: Scene,
    forked: &'v mut BTreeMap<ProcessIndex, BTreeMap<String, Bound>>,
    visit: &'v mut dyn FnMut(&Execution<'_>),
}

impl Player<'_, '_> {
    fn steps(&mut self, steps: &[Step]) -> Result<(), CutOff> {
        steps.iter().try_for_each(|step| self.step(step))
    }

    fn step(&mut self, step: &Step) -> Result<(), CutOff> {
        match &step.action {
            Action::Set { vars } => {
                let set: Vec<_> = vars
                    .iter()
                    .map(|(name, value)| {
                        let item = self.scene.resolve(self.evidence, value);
                        (name.clone(), item.map_or(Bound::Unknown, Bound::Known))
                    })
                    .collect();
                self.scene.variables.extend(set);
                Ok(())
            }
            Action::Repeat { count, steps } => {
                let outer = self.scene.round;
                for round in 0..*count {
                    self.scene.round = Some(round);
                    self.steps(steps)?;
                }
                self.scene.round = outer;
                Ok(())
            }
            Action::Threads { threads } => self.threads(threads),
            Action::Poll { ends, .. } if ends.len() > 1 => self.answers_of(step, ends.len()),
            Action::Get { .. } => self.get(step),
            Action::Put { source, .. } => {
                let most = match source {
                    Source::Items(items) => items.len() as u64,
                    Source::Count { count, .. } => *count,
                };
                self.operations_of(step, most)
            }
            Action::Start { processes } => {
                for process in processes {
                    let variables = self.scene.variables.clone();
                    self.forked.insert(*process, variables);
                }
                self.one_for_each(step, processes.len())
            }
            Action::Join { processes } => self.one_for_each(step, processes.len()),
            _ => self.operations_of(step, 1),
        }
    }

    /// One thread after the other, each from what there was before all of them.
    fn threads(&mut self, threads: &[Vec<Step>]) -> Result<(), CutOff> {
        let before = self.scene.clone();
        let mut after = before.clone();
        let mut cut = Ok(());
        for (number, steps) in (1..).zip(threads) {
            self.thread = number;
            self.scene = before.clone();
            cut = self.steps(steps).and(cut);
            let left = set_by(steps).into_iter();
            let left = left.filter_map(|name| self.scene.variables.remove_entry(name));
            after.variables.extend(left);
        }
        self.thread = 0;
        self.scene = after;
        cut
    }

    /// The next operation of this thread, if this step made it.
    fn next_of(&mut self, step: StepId) -> Option<usize> {
        let at = self.at.entry(self.thread).or_default();
        // A sweep's pause may stand between any two.
        let own =
            |operation: &Operation| operation.thread == self.thread && operation.step != NO_STEP;
        *at += self.operations.get(*at..)?.iter().position(own)?;
        (self.operations[*at].step == step).then(|| {
            *at += 1;
            *at - 1
        })
    }

    fn is_ok(&self, index: usize) -> bool {
        self.operations[index].outcome == Some(Outcome::Ok)
    }

    fn show(&mut self, step: &Step, operations: &[usize]) {
        (self.visit)(&Execution {
            process: self.process,
            step,
            operations,
            scene: &self.scene,
        });
    }

    /// At most so many operations, until one isn't ok.
    fn operations_of(&mut self, step: &Step, most: u64) -> Result<(), CutOff> {
        let mut own = Vec::new();
        while (own.len() as u64) < most {
            let Some(index) = self.next_of(step.id) else {
                break;
            };
            own.push(index);
            if !self.is_ok(index) {
                break;
            }
        }
        if own.is_empty() {
            return if most == 0 { Ok(()) } else { Err(CutOff) };
        }
        self.show(step, &own);
        Ok(())
    }

    /// One operation for each end that a poll asks, whatever comes of it.
    fn answers_of(&mut self, step: &Step, ends: usize) -> Result<(), CutOff> {
        let own: Vec<usize> = (0..ends).map_while(|_| self.next_of(step.id)).collect();
        if !own.is_empty() {
            self.show(step, &own);
        }
        if own.len() == ends {
            Ok(())
        } else {
            Err(CutOff)
        }
    }

    /// One operation for each of so many processes, whatever comes of it.
    fn one_for_each(&mut self, step: &Step, processes: usize) -> Result<(), CutOff> {
        (0..processes).try_for_each(|_| self.operations_of(step, 1))
    }

    fn get(&mut self, step: &Step) -> Result<(), CutOff> {
        let Action::Get {
            end,
            limit,
            each,
            into,
            ..
        } = &step.action
        else {
            return Ok(());
        };
        let channel = end.channel;
        let stops = self.stops(channel, limit);
        let outer = self.scene.item.take();
        let mut own = Vec::new();
        let mut cut = Ok(());
        while let Some(index) = self.next_of(step.id) {
            own.push(index);
            let got = self.operations[index].content;
            let (true, Some(content)) = (self.is_ok(index), got) else {
                break;
            };
            self.scene.item = Some(Bound::Got { channel, content });
            if matches!(limit, Limit::Until(_)) && stops.contains(&content) {
                break;
            }
            if !each.is_empty() {
                cut = self.steps(each);
            }
            let enough = matches!(limit, Limit::Count(count) if own.len() as u64 >= *count);
            if cut.is_err() || enough {
                break;
            }
        }
        let last = std::mem::replace(&mut self.scene.item, outer);
        if let (Some(name), Some(last)) = (into, last) {
            self.scene.variables.insert(name.clone(), last);
        }
        match &own[..] {
            [] if matches!(limit, Limit::Count(0)) => Ok(()),
            [] => Err(CutOff),
            own => {
                self.show(step, own);
                cut
            }
        }
    }

    fn stops(&self, channel: usize, limit: &Limit) -> Vec<Content> {
        let Limit::Until(values) = limit else {
            return Vec::new();
        };
        let codec = self.evidence.permutation.plan.channels[channel].codec;
        let item = |value| self.scene.resolve(self.evidence, value);
        let content = |item: Item| of_item(&item, codec).ok();
        values.iter().filter_map(item).filter_map(content).collect()
    }
}

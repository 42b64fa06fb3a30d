//! Finds out whether processes use an end in turn: each has certainly finished before the next begins,
//! whatever the library does.

use crate::backend::Wait;
use crate::plan::{Action, Event, Plan, Process, ProcessIndex, Step, StepId, flat};

/// How many processes and steps are compared. In a larger plan, all processes may act at once.
const LARGEST: (usize, usize) = (32, 2_000);

/// The process, and how many of its own steps come before.
type Moment = (ProcessIndex, usize);

/// How many of its steps each process has certainly done.
type Done = Vec<usize>;

/// What is certainly done at each moment of each process.
pub(super) struct Turns<'p> {
    plan: &'p Plan,
    /// For each process, the steps that all processes have done before each of its steps, and after its
    /// last one. Steps that are nested in others belong to the outermost.
    done: Vec<Vec<Done>>,
}

impl<'p> Turns<'p> {
    /// Returns none if the plan is too large to compare its steps.
    pub(super) fn of(plan: &'p Plan) -> Option<Turns<'p>> {
        let count = plan.processes.len();
        let steps: usize = plan.processes.iter().map(|one| one.steps.len()).sum();
        if count > LARGEST.0 || steps > LARGEST.1 {
            return None;
        }
        let own = |(index, process): (ProcessIndex, &Process)| {
            let moments = (0..=process.steps.len()).map(|moment| {
                let mut done = vec![0; count];
                done[index] = moment;
                done
            });
            moments.collect()
        };
        let done = plan.processes.iter().enumerate().map(own).collect();
        let mut turns = Turns { plan, done };
        while turns.learn() {}
        Some(turns)
    }

    /// Returns whether two processes may do steps for which this holds at the same time.
    pub(super) fn overlap(&self, uses: impl Fn(&Step) -> bool) -> bool {
        let processes = self.plan.processes.iter().enumerate();
        let uses: Vec<Moment> = processes
            .flat_map(|(index, process)| {
                let steps = process.steps.iter().enumerate();
                let using = steps.filter(|(_, step)| with_nested(step).any(&uses));
                using.map(move |(moment, _)| (index, moment))
            })
            .collect();
        let before = |one: Moment, other: Moment| self.done[other.0][other.1][one.0] > one.1;
        let mut pairs = uses.iter().enumerate().flat_map(|(index, one)| {
            let others = uses[index + 1..].iter();
            others.map(move |other| (*one, *other))
        });
        pairs.any(|(one, other)| one.0 != other.0 && !before(one, other) && !before(other, one))
    }

    /// Passes on what each moment knows to the moments after it. Returns whether any learns something.
    fn learn(&mut self) -> bool {
        let mut learned = false;
        for process in 0..self.plan.processes.len() {
            for moment in 0..self.plan.processes[process].steps.len() {
                let known = self.done[process][moment].clone();
                learned |= self.tell(process, moment + 1, &known);
                let steps = &self.plan.processes[process].steps;
                match &steps[moment].action {
                    Action::Start { processes } => {
                        for started in processes {
                            learned |= self.tell(*started, 0, &known);
                        }
                    }
                    Action::Join {
                        processes,
                        wait: Wait::Deadline,
                    }
                    | Action::Kill { processes, .. } => {
                        learned |= self.exited(processes, process, moment + 1);
                    }
                    Action::Barrier { name } => {
                        for (other, reached) in self.at_barrier(name) {
                            learned |= self.tell(other, reached + 1, &known);
                        }
                    }
                    Action::Await { event } => learned |= self.awaited(event, process, moment + 1),
                    _ => {}
                }
            }
        }
        learned
    }

    fn awaited(&mut self, event: &Event, process: ProcessIndex, moment: usize) -> bool {
        let (steps, further) = match event {
            Event::Exited(processes) => return self.exited(processes, process, moment),
            Event::Done(steps) => (steps, 1),
            Event::Started(steps) | Event::Blocked(steps) => (steps, 0),
        };
        let mut learned = false;
        for step in steps {
            let Some((other, reached, is_nested)) = self.place(*step) else {
                continue;
            };
            let reached = reached + if is_nested { 0 } else { further };
            let known = self.done[other][reached].clone();
            learned |= self.tell(process, moment, &known);
        }
        learned
    }

    fn exited(&mut self, exited: &[ProcessIndex], process: ProcessIndex, moment: usize) -> bool {
        let mut learned = false;
        for other in exited {
            let last = self.plan.processes[*other].steps.len();
            let known = self.done[*other][last].clone();
            learned |= self.tell(process, moment, &known);
        }
        learned
    }

    fn tell(&mut self, process: ProcessIndex, moment: usize, known: &Done) -> bool {
        let own = &mut self.done[process][moment];
        let mut learned = false;
        for (own, known) in own.iter_mut().zip(known) {
            learned |= *known > *own;
            *own = (*own).max(*known);
        }
        learned
    }

    /// Returns where each process reaches this barrier; nothing if one may reach it several times.
    fn at_barrier(&self, name: &str) -> Vec<Moment> {
        let is_it =
            |step: &Step| matches!(&step.action, Action::Barrier { name: other } if other == name);
        let mut places = Vec::new();
        for (index, process) in self.plan.processes.iter().enumerate() {
            let all = flat(&process.steps).into_iter().filter(|step| is_it(step));
            match (all.count(), process.steps.iter().position(is_it)) {
                (0, _) => {}
                (1, Some(moment)) => places.push((index, moment)),
                _ => return Vec::new(),
            }
        }
        places
    }

    /// Returns the process of a step, the moment of the outermost step around it, and whether it is nested
    /// in that.
    fn place(&self, id: StepId) -> Option<(ProcessIndex, usize, bool)> {
        let mut processes = self.plan.processes.iter().enumerate();
        processes.find_map(|(index, process)| {
            let contains = |step: &Step| with_nested(step).any(|one| one.id == id);
            let moment = process.steps.iter().position(contains)?;
            Some((index, moment, process.steps[moment].id != id))
        })
    }
}

/// Returns the step and all steps nested in it.
fn with_nested(step: &Step) -> impl Iterator<Item = &Step> {
    flat(std::slice::from_ref(step)).into_iter()
}

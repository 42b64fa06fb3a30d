//! What is the same in every run of a permutation, derived from its plan alone.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::swept::Swept;
use crate::backend::Outcome;
use crate::plan::{
    Action, Event, ExpectedExit, Lane, Permutation, Plan, ProcessIndex, Source, Step, StepId,
    Value, flat,
};

/// What differs from run to run, so that the transcript leaves it open.
#[derive(Debug, Default)]
pub(super) struct View {
    /// Lanes with items that arrive in any order, or at any of several processes.
    racing: BTreeSet<Lane>,
    /// Lanes on which different items may arrive from run to run.
    cut: BTreeSet<Lane>,
    /// For each lane with several receivers, their groups.
    shared: BTreeMap<Lane, Vec<String>>,
    /// Processes that receive items in any order and may pass them on or print them.
    shuffled: BTreeSet<ProcessIndex>,
    /// Processes with an output that is open.
    vague: BTreeSet<ProcessIndex>,
    /// Steps that pass on items of competing receivers: which of them got which is open.
    scattered: HashSet<StepId>,
    /// Steps that a kill may interrupt, or that have several allowed outcomes.
    uncertain: HashSet<StepId>,
    /// What a sweep leaves open.
    swept: Swept,
}

impl View {
    pub(super) fn of(permutation: &Permutation) -> View {
        let plan = &permutation.plan;
        let swept = Swept::of(permutation);
        let mut view = View {
            uncertain: uncertain_steps(permutation),
            ..View::default()
        };
        // These outcomes follow from the victim's exit and so say nothing about its operations.
        view.uncertain.retain(|step| !swept.follows_from_end(*step));
        view.uncertain.extend(&swept.uncertain);
        view.swept = swept;
        view.read_lanes(plan);
        while view.follow_items(plan) {}
        view.scattered = view.scattered_steps(plan);
        view
    }

    /// Whether the lane's items may arrive in any order.
    pub(super) fn races(&self, lane: Lane) -> bool {
        self.racing.contains(&lane)
    }

    /// Whether it is open what arrives on the lane.
    pub(super) fn is_cut(&self, lane: Lane) -> bool {
        self.cut.contains(&lane)
    }

    /// Returns the groups that compete for the lane's items.
    pub(super) fn competitors(&self, lane: Lane) -> Option<&[String]> {
        self.shared.get(&lane).map(Vec::as_slice)
    }

    /// Returns all lanes with competing groups, and those groups.
    pub(super) fn shared(&self) -> impl Iterator<Item = (Lane, &[String])> {
        self.shared
            .iter()
            .map(|(lane, groups)| (*lane, groups.as_slice()))
    }

    /// Whether the process may pass on or print items that it receives in any order.
    pub(super) fn is_shuffled(&self, process: ProcessIndex) -> bool {
        self.shuffled.contains(&process)
    }

    /// Whether it is open what the process prints.
    pub(super) fn is_vague(&self, process: ProcessIndex) -> bool {
        self.vague.contains(&process) || self.is_bereft(process)
    }

    /// Whether the step passes on items of competing receivers.
    pub(super) fn is_scattered(&self, step: StepId) -> bool {
        self.scattered.contains(&step)
    }

    /// Whether a kill may interrupt the step, or it has several allowed outcomes.
    pub(super) fn is_uncertain(&self, step: StepId) -> bool {
        self.uncertain.contains(&step)
    }

    /// Whether a sweep leaves open how far this step gets.
    pub(super) fn is_cut_short(&self, step: StepId) -> bool {
        self.swept.cut_short.contains(&step)
    }

    /// Whether a step that is cut short is certainly reached.
    pub(super) fn is_reached(&self, step: StepId) -> bool {
        self.swept.reached.contains(&step)
    }

    /// Whether a sweep leaves open how this process exits.
    pub(super) fn is_bereft(&self, process: ProcessIndex) -> bool {
        self.swept.victim.is_some_and(|victim| victim != process)
    }

    fn read_lanes(&mut self, plan: &Plan) {
        // A process is in a list once for each of its threads that use the lane at once.
        let mut senders: BTreeMap<Lane, Vec<ProcessIndex>> = BTreeMap::new();
        let mut receivers: BTreeMap<Lane, Vec<ProcessIndex>> = BTreeMap::new();
        for (index, process) in plan.processes.iter().enumerate() {
            for given in &process.ends {
                if given.puts {
                    let lane = plan.joint(given.end.sends_on());
                    once(senders.entry(lane).or_default(), index);
                }
                if given.gets {
                    let lane = plan.joint(given.end.receives_from());
                    once(receivers.entry(lane).or_default(), index);
                }
            }
            for threads in process.at_once() {
                let (puts, gets) = several_threads(plan, threads);
                for lane in puts {
                    senders.entry(lane).or_default().push(index);
                }
                for lane in gets {
                    receivers.entry(lane).or_default().push(index);
                }
            }
        }
        let several = |(_, processes): &(&Lane, &Vec<ProcessIndex>)| processes.len() > 1;
        let crowded = senders.iter().chain(&receivers).filter(several);
        self.racing.extend(crowded.map(|(lane, _)| *lane));
        for (lane, processes) in receivers {
            let mut groups: Vec<String> = processes
                .iter()
                .map(|index| plan.processes[*index].group.clone())
                .collect();
            groups.dedup();
            let replicas: BTreeSet<ProcessIndex> = processes.iter().copied().collect();
            let threaded = replicas.len() < processes.len();
            if groups.len() > 1 || threaded {
                self.shared.insert(lane, groups);
            }
            let alone = processes.len() == 1;
            let cut = |step: &Step| match &step.action {
                Action::Get { end, .. } => {
                    plan.joint(end.receives_from()) == lane && self.uncertain.contains(&step.id)
                }
                _ => false,
            };
            // It isn't known which connection brings which client's items.
            if self.racing.contains(&lane) && names_of(plan, lane) > 1 {
                self.cut.insert(lane);
            }
            // If one of several receivers may or may not take an item, the others may or may not
            // get it.
            if !alone && plan.steps().any(|(_, step)| cut(step)) {
                self.cut.insert(lane);
            }
        }
    }

    /// Follows items that race one process further; returns whether that found anything new.
    fn follow_items(&mut self, plan: &Plan) -> bool {
        let before = self.size();
        for (process, step) in plan.steps() {
            match &step.action {
                Action::Get { end, .. } => {
                    let lane = plan.joint(end.receives_from());
                    if self.racing.contains(&lane) {
                        self.shuffled.insert(process);
                    }
                    if self.cut.contains(&lane) || self.uncertain.contains(&step.id) {
                        self.vague.insert(process);
                    }
                }
                Action::Put { end, source, .. } => {
                    let lane = plan.joint(end.sends_on());
                    if passes_on(source) && self.shuffled.contains(&process) {
                        self.racing.insert(lane);
                    }
                    let depends = passes_on(source) && self.vague.contains(&process);
                    if depends || self.uncertain.contains(&step.id) {
                        self.uncertain.insert(step.id);
                        self.cut.insert(lane);
                    }
                }
                // The line may or may not be printed before a kill.
                Action::Print { .. } if self.uncertain.contains(&step.id) => {
                    self.vague.insert(process);
                }
                _ => {}
            }
        }
        before != self.size()
    }

    fn scattered_steps(&self, plan: &Plan) -> HashSet<StepId> {
        let competes = |step: &&Step| match &step.action {
            Action::Get { end, .. } => self.shared.contains_key(&plan.joint(end.receives_from())),
            _ => false,
        };
        let passes = |step: &&Step| match &step.action {
            Action::Put { source, .. } => passes_on(source),
            _ => false,
        };
        let processes = plan.processes.iter().map(|process| flat(&process.steps));
        let competing = processes.filter(|steps| steps.iter().any(competes));
        let steps = competing.flatten().filter(passes);
        steps.map(|step| step.id).collect()
    }

    fn size(&self) -> usize {
        self.racing.len()
            + self.cut.len()
            + self.shuffled.len()
            + self.vague.len()
            + self.uncertain.len()
    }
}

/// The lanes that several of these threads send on, and those that several receive from.
fn several_threads(plan: &Plan, threads: &[Vec<Step>]) -> (BTreeSet<Lane>, BTreeSet<Lane>) {
    let several = |lane: &dyn Fn(&Step) -> Option<Lane>| {
        let lanes = threads.iter().map(|steps| {
            let lanes = flat(steps).into_iter().filter_map(lane);
            lanes.collect::<BTreeSet<Lane>>()
        });
        let mut seen = BTreeSet::new();
        lanes.flatten().filter(|lane| !seen.insert(*lane)).collect()
    };
    let sends = |step: &Step| match &step.action {
        Action::Put { end, .. } => Some(plan.joint(end.sends_on())),
        _ => None,
    };
    let receives = |step: &Step| match &step.action {
        Action::Get { end, .. } => Some(plan.joint(end.receives_from())),
        _ => None,
    };
    (several(&sends), several(&receives))
}

/// Adds a process, but only once for several connections of one endpoint.
fn once(processes: &mut Vec<ProcessIndex>, process: ProcessIndex) {
    if processes.last() != Some(&process) {
        processes.push(process);
    }
}

/// How many connections, by name, receive from the lane.
fn names_of(plan: &Plan, lane: Lane) -> usize {
    let receives = |process: &crate::plan::Process| {
        let ends = process.ends.iter().map(|given| given.end);
        let ends = ends.filter(|end| {
            let from = end.receives_from();
            from != lane && plan.joint(from) == lane
        });
        ends.collect::<Vec<_>>()
    };
    let ends: BTreeSet<_> = plan.processes.iter().flat_map(receives).collect();
    ends.len()
}

/// Whether a put sends what its process received or has in a variable.
pub(super) fn passes_on(source: &Source) -> bool {
    match source {
        Source::Items(values) => values.iter().any(is_received),
        Source::Count { .. } => false,
    }
}

fn is_received(value: &Value) -> bool {
    match value {
        Value::Literal(_) => false,
        // The number of the round is the same in every run.
        Value::Reference(name) => name != "n",
        Value::Sized { number, .. } => is_received(number),
    }
}

/// Steps that a kill may interrupt, and steps for which the case allows several outcomes.
fn uncertain_steps(permutation: &Permutation) -> HashSet<StepId> {
    let plan = &permutation.plan;
    let mut uncertain = HashSet::new();
    let alternatives = |step: &Step| {
        let expected = permutation.expected(step.id);
        expected.explicit && expected.outcomes.len() > 1 && expected.outcomes.contains(&Outcome::Ok)
    };
    let several = plan.steps().filter(|(_, step)| alternatives(step));
    uncertain.extend(several.map(|(_, step)| step.id));
    for process in &plan.processes {
        uncertain.extend(after_uncertain(&process.steps, &uncertain));
    }
    for victim in 0..plan.processes.len() {
        if permutation.exits[victim] == ExpectedExit::Killed
            && let Some(sure) = sure_steps(plan, victim)
        {
            let steps = flat(&plan.processes[victim].steps).into_iter();
            uncertain.extend(steps.map(|step| step.id).filter(|id| !sure.contains(id)));
        }
    }
    uncertain
}

/// Gets after one that may or may not have taken an item get what that one left.
fn after_uncertain(steps: &[Step], uncertain: &HashSet<StepId>) -> Vec<StepId> {
    let mut open: BTreeSet<Lane> = BTreeSet::new();
    let mut after = Vec::new();
    for step in flat(steps) {
        if let Action::Get { end, .. } = &step.action {
            let lane = end.receives_from();
            if open.contains(&lane) {
                after.push(step.id);
            } else if uncertain.contains(&step.id) {
                open.insert(lane);
            }
        }
    }
    after
}

/// The victim's steps that have certainly started when it is killed: those that its killer awaited,
/// and those before them. `None` if it kills itself, when all are certain.
fn sure_steps(plan: &Plan, victim: ProcessIndex) -> Option<BTreeSet<StepId>> {
    let own = &plan.processes[victim].steps;
    let sure_before_kill_by = |killer: ProcessIndex| {
        let mut sure = BTreeSet::new();
        for step in flat(&plan.processes[killer].steps) {
            match &step.action {
                Action::Await {
                    event: Event::Done(steps) | Event::Blocked(steps),
                } => {
                    let awaited = steps.iter().filter_map(|step| up_to(own, *step));
                    sure.extend(awaited.flatten());
                }
                Action::Kill { processes, .. } if processes.contains(&victim) => return Some(sure),
                _ => {}
            }
        }
        None
    };
    (0..plan.processes.len())
        .filter_map(sure_before_kill_by)
        .reduce(|some, others| some.intersection(&others).copied().collect())
}

/// The steps before this one and itself; `None` if it isn't among them. Steps of other threads aren't
/// before it.
fn up_to(steps: &[Step], last: StepId) -> Option<Vec<StepId>> {
    let mut before = Vec::new();
    for step in steps {
        before.push(step.id);
        if step.id == last {
            return Some(before);
        }
        for inside in step.inside() {
            if let Some(inside) = up_to(inside, last) {
                before.extend(inside);
                return Some(before);
            }
        }
        let inside = step.inside().into_iter().flat_map(flat);
        before.extend(inside.map(|step| step.id));
    }
    None
}

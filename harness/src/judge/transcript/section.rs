//! One process's part of a transcript, or that of several that are shown as one.

use std::collections::HashMap;

use super::fold::times;
use super::interrupted::Interrupted;
use super::line::TranscriptLine;
use super::printed;
use super::row::SectionRow;
use super::step::{Call, Members};
use super::view::View;
use crate::history::naming::Naming;
use crate::history::{Exit, History, Operation, OperationId, OperationKind};
use crate::plan::{
    Action, ExpectedExit, Lane, Permutation, Plan, ProcessIndex, Step, StepId, flat,
};
use crate::printable::padded;

/// A heading and its rows.
#[derive(Debug, Default)]
pub(super) struct Section {
    heading: String,
    rows: Vec<SectionRow>,
}

impl Section {
    /// Returns its lines; none without rows.
    pub(super) fn lines(self) -> Vec<TranscriptLine> {
        if self.rows.is_empty() {
            return Vec::new();
        }
        let widths =
            |measure: fn(&SectionRow) -> usize| self.rows.iter().map(measure).max().unwrap_or(0);
        let verb_width = widths(|row| match row {
            SectionRow::Step { depth, verb, .. } => 2 * depth + verb.len(),
            SectionRow::Plain { .. } => 0,
        });
        let on_width = widths(|row| match row {
            SectionRow::Step { on, .. } => on.chars().count(),
            SectionRow::Plain { .. } => 0,
        });
        let heading = TranscriptLine {
            text: self.heading,
            operations: Vec::new(),
        };
        let rows = self.rows.into_iter().map(|row| match row {
            SectionRow::Step {
                depth,
                verb,
                on,
                rest,
                operations,
            } => {
                let verb = format!("{:indent$}{verb}", "", indent = 2 * depth);
                let (verb, on) = (padded(&verb, verb_width), padded(&on, on_width));
                let text = format!("  {verb}  {on}  {rest}");
                TranscriptLine {
                    text: text.trim_end().to_owned(),
                    operations,
                }
            }
            SectionRow::Plain {
                depth,
                text,
                operations,
            } => TranscriptLine {
                text: format!("  {:indent$}{text}", "", indent = 2 * depth),
                operations,
            },
        });
        std::iter::once(heading).chain(rows).collect()
    }
}

/// Returns the sections of a run in the order of the case file, those of competing groups last.
pub(super) fn all(
    permutation: &Permutation,
    history: &History,
    naming: &mut Naming,
) -> Vec<Section> {
    let view = View::of(permutation);
    let mut writer = Writer {
        permutation,
        history,
        interrupted: Interrupted::of(permutation, history, &view),
        view,
        naming,
        operations: by_step(history),
    };
    let processes = &permutation.plan.processes;
    let mut sections = Vec::new();
    let mut first = 0;
    for group in processes.chunk_by(|a, b| a.group == b.group) {
        let members: Vec<ProcessIndex> = (first..first + group.len()).collect();
        sections.push(writer.group(&members));
        first += group.len();
    }
    let shared: Vec<(Lane, Vec<String>)> = writer
        .view
        .shared()
        .map(|(lane, groups)| (lane, groups.to_vec()))
        .collect();
    sections.extend(
        shared
            .into_iter()
            .map(|(lane, groups)| writer.competition(lane, &groups)),
    );
    sections
}

type ByStep<'a> = HashMap<StepId, Vec<(OperationId, &'a Operation)>>;

fn by_step(history: &History) -> ByStep<'_> {
    let mut by_step = ByStep::new();
    for (id, operation) in history.operations() {
        by_step
            .entry(operation.step)
            .or_default()
            .push((id, operation));
    }
    by_step
}

struct Writer<'a> {
    permutation: &'a Permutation,
    history: &'a History,
    view: View,
    interrupted: Interrupted,
    naming: &'a mut Naming,
    operations: ByStep<'a>,
}

impl<'a> Writer<'a> {
    /// The section of all replicas of one process.
    fn group(&mut self, members: &[ProcessIndex]) -> Section {
        let processes = &self.permutation.plan.processes;
        let mut rows = Vec::new();
        let steps: Vec<&[Step]> = members
            .iter()
            .map(|member| processes[*member].steps.as_slice())
            .collect();
        self.steps(&steps, 0, &mut rows);
        if !self.competes(members) {
            rows.extend(self.printed(members));
        }
        rows.extend(self.exits(members));
        Section {
            heading: times(&processes[members[0]].group, members.len()),
            rows,
        }
    }

    /// Adds the rows of the same steps of all members, and of the steps inside them.
    fn steps(&mut self, members: &[&'a [Step]], depth: usize, rows: &mut Vec<SectionRow>) {
        for place in 0..members[0].len() {
            // Replicas have the same steps with different ids.
            let same: Vec<&'a Step> = members.iter().map(|steps| &steps[place]).collect();
            rows.extend(self.step(&same, depth));
            if let Action::Threads { threads } = &same[0].action {
                self.threads(&same, threads.len(), depth, rows);
                continue;
            }
            let inside: Vec<&'a [Step]> = same.iter().map(|step| inside(step)).collect();
            if inside[0].is_empty() {
                continue;
            }
            let rounds = match same[0].action {
                Action::Repeat { count, .. } => count,
                _ => 0,
            };
            let mut inner = Vec::new();
            let inner_depth = if rounds == 1 { depth } else { depth + 1 };
            self.steps(&inside, inner_depth, &mut inner);
            if rounds > 1 && !inner.is_empty() {
                rows.push(SectionRow::Plain {
                    depth,
                    text: format!("repeat ×{rounds}"),
                    operations: Vec::new(),
                });
            }
            rows.append(&mut inner);
        }
    }

    /// Adds the rows of each thread below a line of its own. Threads run at once, so they are in the
    /// order of the case file.
    fn threads(
        &mut self,
        same: &[&'a Step],
        threads: usize,
        depth: usize,
        rows: &mut Vec<SectionRow>,
    ) {
        for thread in 0..threads {
            let steps: Vec<&'a [Step]> = same.iter().map(|step| step.inside()[thread]).collect();
            let mut inner = Vec::new();
            self.steps(&steps, depth + 1, &mut inner);
            if !inner.is_empty() {
                let text = format!("thread {}", thread + 1);
                rows.push(SectionRow::Plain {
                    depth,
                    text,
                    operations: Vec::new(),
                });
            }
            rows.append(&mut inner);
        }
    }

    fn step(&mut self, same: &[&'a Step], depth: usize) -> Option<SectionRow> {
        let lane = received_lane(&self.permutation.plan, same[0]);
        if lane.is_some_and(|lane| self.view.competitors(lane).is_some()) {
            return None;
        }
        let members = Members {
            permutation: self.permutation,
            view: &self.view,
            interrupted: &self.interrupted,
            operations: self.of_steps(same),
        };
        let Call { verb, on } = Call::of(&self.permutation.plan, same[0])?;
        let rest = members.rest(same, self.naming)?;
        Some(SectionRow::Step {
            depth,
            verb,
            on,
            rest,
            operations: members.ids(),
        })
    }

    /// The section of several groups: what they got from the lane that they compete for.
    fn competition(&mut self, lane: Lane, groups: &[String]) -> Section {
        let plan = &self.permutation.plan;
        let gets: Vec<&'a Step> = plan
            .steps()
            .map(|(_, step)| step)
            .filter(|step| received_lane(plan, step) == Some(lane))
            .collect();
        let members = Members {
            permutation: self.permutation,
            view: &self.view,
            interrupted: &self.interrupted,
            operations: self.of_steps(&gets),
        };
        let mut rows = Vec::new();
        let call = gets.first().and_then(|step| Call::of(plan, step));
        let rest = members.rest(&gets, self.naming);
        if let (Some(Call { verb, on }), Some(rest)) = (call, rest) {
            rows.push(SectionRow::Step {
                depth: 0,
                verb,
                on,
                rest,
                operations: members.ids(),
            });
        }
        let processes: Vec<ProcessIndex> = (0..plan.processes.len())
            .filter(|index| groups.contains(&plan.processes[*index].group))
            .collect();
        rows.extend(self.printed(&processes));
        // One group competes with itself if several of its threads receive.
        let heading = match groups {
            [one] => format!("{one}, all threads"),
            several => several.join(" + "),
        };
        Section { heading, rows }
    }

    /// Whether other groups compete with these processes for the items of a lane.
    fn competes(&self, members: &[ProcessIndex]) -> bool {
        let group = &self.permutation.plan.processes[members[0]].group;
        self.view.shared().any(|(_, groups)| groups.contains(group))
    }

    fn of_steps(&self, steps: &[&Step]) -> Vec<Vec<(OperationId, &'a Operation)>> {
        steps
            .iter()
            .map(|step| self.operations.get(&step.id).cloned().unwrap_or_default())
            .collect()
    }

    fn printed(&self, members: &[ProcessIndex]) -> Vec<SectionRow> {
        let output = members
            .iter()
            .map(|member| self.history.processes[*member].stdout.as_slice());
        let prints = self.ids_of(members, OperationKind::Print);
        if members.iter().any(|member| self.view.is_vague(*member)) {
            // If a process may or may not print, the transcript is the same either way.
            let prints_at_all = members.iter().any(|member| {
                let mut steps = flat(&self.permutation.plan.processes[*member].steps).into_iter();
                self.view.is_bereft(*member)
                    && steps.any(|step| matches!(step.action, Action::Print { .. }))
            });
            return printed::vague(output, prints, prints_at_all);
        }
        if members.len() > 1 || self.view.is_shuffled(members[0]) || self.prints_at_once(members[0])
        {
            return printed::in_any_order(output, prints);
        }
        output
            .flat_map(|bytes| printed::in_order(bytes, &prints))
            .collect()
    }

    /// Whether several threads of the process print at once.
    fn prints_at_once(&self, process: ProcessIndex) -> bool {
        let prints = |steps: &Vec<Step>| {
            let mut steps = flat(steps).into_iter();
            steps.any(|step| matches!(step.action, Action::Print { .. }))
        };
        let process = &self.permutation.plan.processes[process];
        let mut at_once = process.at_once();
        at_once.any(|threads| threads.iter().filter(|steps| prints(steps)).count() > 1)
    }

    fn exits(&self, members: &[ProcessIndex]) -> Vec<SectionRow> {
        let mut texts: Vec<String> = members
            .iter()
            .filter(|member| self.permutation.exits[**member] != ExpectedExit::Any)
            .filter(|member| !self.view.is_bereft(**member))
            .filter_map(|member| exit_text(self.history.processes[*member].exit))
            .collect();
        texts.sort();
        texts
            .chunk_by(|a, b| a == b)
            .map(|alike| SectionRow::Plain {
                depth: 0,
                text: times(&alike[0], alike.len()),
                // A process ends in its last operation.
                operations: members
                    .iter()
                    .filter_map(|one| self.last_of(*one))
                    .collect(),
            })
            .collect()
    }

    fn last_of(&self, process: ProcessIndex) -> Option<OperationId> {
        let operations = &self.history.processes[process].operations;
        let index = operations.len().checked_sub(1)?;
        Some(OperationId { process, index })
    }

    fn ids_of(&self, members: &[ProcessIndex], kind: OperationKind) -> Vec<OperationId> {
        let of = |process: ProcessIndex| {
            let operations = self.history.processes[process].operations.iter();
            operations
                .enumerate()
                .filter(move |(_, operation)| operation.kind == kind)
                .map(move |(index, _)| OperationId { process, index })
        };
        members.iter().flat_map(|member| of(*member)).collect()
    }
}

/// The steps inside a step.
fn inside(step: &Step) -> &[Step] {
    match &step.action {
        Action::Get { each, .. } => each,
        Action::Repeat { steps, .. } => steps,
        _ => &[],
    }
}

fn received_lane(plan: &Plan, step: &Step) -> Option<Lane> {
    match &step.action {
        Action::Get { end, .. } => Some(plan.joint(end.receives_from())),
        _ => None,
    }
}

fn exit_text(exit: Option<Exit>) -> Option<String> {
    match exit {
        None => Some("never started".to_owned()),
        Some(Exit::Code(0) | Exit::Unseen) => None,
        Some(Exit::Code(code)) => Some(format!("exit {code}")),
        Some(Exit::Killed) => Some("killed".to_owned()),
        Some(Exit::Signal(_)) => Some("died of a signal".to_owned()),
        Some(Exit::Ended) => Some("ended by the harness".to_owned()),
    }
}

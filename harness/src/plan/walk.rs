//! Steps with those inside them.

use std::collections::BTreeSet;

use super::{Action, Plan, Process, ProcessIndex, Step};
use crate::backend::{End, Lane};

impl Plan {
    /// An end as a case file writes it, as in `p.tx`.
    pub fn end_name(&self, end: End) -> String {
        let channel = &self.channels[end.channel];
        match channel.endpoint {
            // Which side it is goes without saying: a name is bound by one of them.
            Some(_) => channel.name.clone(),
            None => format!("{}{}", channel.name, end.side.suffix()),
        }
    }

    /// The lane that stands for all those with which this one may turn out to be the same: which
    /// connections of an endpoint meet, nobody can say before the run.
    pub fn joint(&self, lane: Lane) -> Lane {
        let endpoint = self.channels.get(lane.channel).and_then(|c| c.endpoint);
        Lane {
            channel: endpoint.unwrap_or(lane.channel),
            ..lane
        }
    }

    /// Every step of the plan with its process, steps inside others after the step they are in.
    pub fn steps(&self) -> impl Iterator<Item = (ProcessIndex, &Step)> {
        self.processes
            .iter()
            .enumerate()
            .flat_map(|(process, plan)| {
                let steps = flat(&plan.steps).into_iter();
                steps.map(move |step| (process, step))
            })
    }
}

impl Process {
    /// What its `threads` steps do at once: of each such step its sequences.
    pub fn at_once(&self) -> impl Iterator<Item = &[Vec<Step>]> {
        let steps = flat(&self.steps).into_iter();
        steps.filter_map(|step| match &step.action {
            Action::Threads { threads } => Some(threads.as_slice()),
            _ => None,
        })
    }

    /// The name of one of its threads, as in `main/1`; outside `threads` its own.
    pub fn thread_name(&self, thread: u16) -> String {
        match thread {
            0 => self.name(),
            thread => format!("{}/{thread}", self.name()),
        }
    }
}

impl Step {
    /// The ends that it is done to, without those of steps inside it.
    pub fn ends(&self) -> &[End] {
        match &self.action {
            Action::Put { end, .. }
            | Action::Get { end, .. }
            | Action::Close { end }
            | Action::HalfClose { end }
            | Action::Listen { end, .. }
            | Action::Accept { end, .. }
            | Action::Connect { end, .. }
            | Action::Raw { end, .. } => std::slice::from_ref(end),
            Action::Poll { ends, .. } => ends,
            _ => &[],
        }
    }

    /// The sequences of steps inside it.
    pub fn inside(&self) -> Vec<&[Step]> {
        match &self.action {
            Action::Get { each: steps, .. } | Action::Repeat { steps, .. } => vec![steps],
            Action::Threads { threads } => threads.iter().map(Vec::as_slice).collect(),
            _ => Vec::new(),
        }
    }

    /// The sequences of steps inside it, to be changed.
    pub(crate) fn inside_mut(&mut self) -> Vec<&mut [Step]> {
        match &mut self.action {
            Action::Get { each: steps, .. } | Action::Repeat { steps, .. } => vec![steps],
            Action::Threads { threads } => threads.iter_mut().map(Vec::as_mut_slice).collect(),
            _ => Vec::new(),
        }
    }
}

/// These steps, each followed by those inside it.
pub fn flat(steps: &[Step]) -> Vec<&Step> {
    let mut all = Vec::new();
    flatten(steps, &mut all);
    all
}

fn flatten<'a>(steps: &'a [Step], out: &mut Vec<&'a Step>) {
    for step in steps {
        out.push(step);
        for inside in step.inside() {
            flatten(inside, out);
        }
    }
}

/// The variables that these steps, and those inside them, change.
pub fn set_by(steps: &[Step]) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for step in flat(steps) {
        match &step.action {
            Action::Set { vars } => names.extend(vars.keys().map(String::as_str)),
            Action::Get { into, .. } => names.extend(into.as_deref()),
            _ => {}
        }
    }
    names
}

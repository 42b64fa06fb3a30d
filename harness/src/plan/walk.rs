//! Lookups in a plan: steps and those nested in them, names of ends and threads.

use std::collections::BTreeSet;

use super::{Action, Plan, Process, ProcessIndex, Step};
use crate::plan::{End, Lane, RawWrite};

impl Plan {
    /// Returns the name of an end in case files, as in `p.tx`.
    pub fn end_name(&self, end: End) -> String {
        let channel = &self.channels[end.channel];
        match channel.endpoint {
            // No suffix: each name is bound by only one side of the connection.
            Some(_) => channel.name.clone(),
            None => format!("{}{}", channel.name, end.side.suffix()),
        }
    }

    /// Returns the lane under which this one is counted before a run. All connections of an endpoint
    /// count as one lane, because which `accept` serves which `connect` isn't known in advance.
    pub fn joint(&self, lane: Lane) -> Lane {
        let endpoint = self.channels.get(lane.channel).and_then(|c| c.endpoint);
        Lane {
            channel: endpoint.unwrap_or(lane.channel),
            ..lane
        }
    }

    /// Returns every step of the plan with its process. Nested steps follow the step that they are
    /// nested in.
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
    /// Returns the sequences of each `threads` step, one for each thread.
    pub fn at_once(&self) -> impl Iterator<Item = &[Vec<Step>]> {
        let steps = flat(&self.steps).into_iter();
        steps.filter_map(|step| match &step.action {
            Action::Threads { threads } => Some(threads.as_slice()),
            _ => None,
        })
    }

    /// Returns the name of one of its threads, as in `main/1`; for thread 0, outside `threads`, that of
    /// the process.
    pub fn thread_name(&self, thread: u16) -> String {
        match thread {
            0 => self.name(),
            thread => format!("{}/{thread}", self.name()),
        }
    }
}

impl Step {
    /// Returns the ends that it operates on, without those of nested steps.
    pub fn ends(&self) -> &[End] {
        match &self.action {
            Action::Put { end, .. }
            | Action::Get { end, .. }
            | Action::TaskDone { end }
            | Action::JoinQueue { end }
            | Action::Hint { end, .. }
            | Action::Close { end }
            | Action::HalfClose { end }
            | Action::Listen { end, .. }
            | Action::Accept { end, .. }
            | Action::Connect { end, .. }
            | Action::Raw(RawWrite { end, .. }) => std::slice::from_ref(end),
            Action::Poll { ends, .. } => ends,
            _ => &[],
        }
    }

    /// Returns the sequences of steps nested in it.
    pub fn inside(&self) -> Vec<&[Step]> {
        match &self.action {
            Action::Get { each: steps, .. } | Action::Repeat { steps, .. } => vec![steps],
            Action::Threads { threads } => threads.iter().map(Vec::as_slice).collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the sequences of steps nested in it, to change them.
    pub(crate) fn inside_mut(&mut self) -> Vec<&mut [Step]> {
        match &mut self.action {
            Action::Get { each: steps, .. } | Action::Repeat { steps, .. } => vec![steps],
            Action::Threads { threads } => threads.iter_mut().map(Vec::as_mut_slice).collect(),
            _ => Vec::new(),
        }
    }
}

/// Returns these steps, each followed by those nested in it.
pub(crate) fn flat(steps: &[Step]) -> Vec<&Step> {
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

/// Returns the variables that these steps, and those nested in them, set.
pub(crate) fn set_by(steps: &[Step]) -> BTreeSet<&str> {
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

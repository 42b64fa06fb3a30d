//! Counts what was drawn, so that a person sees what the cases tried.

use std::collections::BTreeMap;

use crate::backend::Wait;
use crate::case::model::{
    Action, Case, Event, ExpectedOutcome, Injection, Limit, OperationOptions, Source, Step, Term,
    Until, every_step,
};

/// How many cases have a thing of each kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    counts: BTreeMap<(Group, String), u64>,
}

/// The kinds of things.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Channel,
    Processes,
    Start,
    Step,
    Wait,
    Expect,
    Size,
    Await,
    Sweep,
}

impl Group {
    fn word(self) -> &'static str {
        match self {
            Group::Channel => "channel",
            Group::Processes => "processes",
            Group::Start => "start",
            Group::Step => "step",
            Group::Wait => "wait",
            Group::Expect => "expect",
            Group::Size => "size",
            Group::Await => "await",
            Group::Sweep => "sweep",
        }
    }
}

impl Tally {
    /// Counts each kind of thing that the case has, once.
    pub(crate) fn add(&mut self, case: &Case) {
        let mut things: Vec<(Group, String)> = Vec::new();
        let mut note = |group, what: &str| things.push((group, what.to_owned()));
        for channel in &case.channels {
            let kind = channel.kind.value.word();
            let duplex = channel.duplex.as_ref().is_some_and(|duplex| duplex.value);
            match (&channel.capacity, duplex) {
                (Some(_), _) => note(Group::Channel, "bounded queue"),
                (None, true) => note(Group::Channel, &format!("duplex {kind}")),
                (None, false) => note(Group::Channel, kind),
            }
        }
        note(Group::Processes, &case.processes.len().to_string());
        for process in &case.processes {
            if let Some(Term::Literal(start)) = process.start.as_ref().map(|start| &start.value) {
                note(Group::Start, start.word());
            }
            if process.count.is_some() {
                note(Group::Processes, "replicas");
            }
            if !process.holds.is_empty() {
                note(Group::Processes, "with held ends");
            }
            every_step(&process.steps, &mut |step| of_step(step, &mut note));
        }
        if let Some(sweep) = &case.sweep {
            let fault = match sweep.fault {
                Injection::Kill => "kill",
                Injection::Pause => "pause",
            };
            for moment in &sweep.at {
                note(Group::Sweep, &format!("{fault} {}", moment.value.word()));
            }
        }
        things.sort_unstable();
        things.dedup();
        for thing in things {
            *self.counts.entry(thing).or_default() += 1;
        }
    }

    /// Returns the kinds of things in groups, with the number of cases that have each.
    pub(crate) fn groups(&self) -> BTreeMap<&'static str, Vec<(&str, u64)>> {
        let mut groups: BTreeMap<&'static str, Vec<(&str, u64)>> = BTreeMap::new();
        for ((group, what), count) in &self.counts {
            let group = groups.entry(group.word()).or_default();
            group.push((what.as_str(), *count));
        }
        groups
    }
}

fn of_step(step: &Step, note: &mut impl FnMut(Group, &str)) {
    note(Group::Step, word(&step.action));
    match &step.action {
        Action::Put(put) => {
            of_options(&put.options, note);
            match put.size.as_ref().map(|size| &size.value) {
                Some(Term::Literal(size)) => note(Group::Size, of_size(*size)),
                _ => note(Group::Size, "number"),
            }
            if let Source::Items(items) = &put.source
                && items.windows(2).any(|pair| pair[0] == pair[1])
            {
                note(Group::Size, "equal items");
            }
        }
        Action::Get(get) => {
            of_options(&get.options, note);
            match &get.limit {
                Limit::Until(awaited) if awaited.iter().any(|one| one.value == Until::End) => {
                    note(Group::Step, "get until end");
                }
                Limit::Until(_) => note(Group::Step, "get until item"),
                Limit::Item(_) | Limit::Items(_) => note(Group::Step, "get of known items"),
                Limit::One | Limit::Count(_) => {}
            }
        }
        Action::Poll(poll) => of_options(&poll.options, note),
        Action::Join(join) if join.options.wait.is_some() => note(Group::Step, "timed join"),
        Action::Await(event) => note(
            Group::Await,
            match event {
                Event::Started(_) => "started",
                Event::Blocked(_) => "blocked",
                Event::Done(_) => "done",
                Event::Exited(_) => "exited",
            },
        ),
        _ => {}
    }
}

fn of_options(options: &OperationOptions, note: &mut impl FnMut(Group, &str)) {
    note(
        Group::Wait,
        match options.wait.as_ref().map(|wait| &wait.value) {
            Some(Term::Literal(Wait::Never)) => "try",
            Some(Term::Literal(Wait::For(_))) => "timed",
            _ => "blocking",
        },
    );
    for expected in &options.expect {
        if let Term::Literal(ExpectedOutcome::Outcome(outcome)) = expected.value {
            note(Group::Expect, outcome.word());
        }
    }
}

fn of_size(size: u64) -> &'static str {
    match size {
        0 => "empty",
        1 => "1",
        2..4000 => "small",
        4000..5000 => "around 4096",
        5000..70_000 => "around 65536",
        _ => "300000",
    }
}

fn word(action: &Action) -> &'static str {
    match action {
        Action::Put(_) => "put",
        Action::Get(_) => "get",
        Action::Poll(_) => "poll",
        Action::TaskDone(_) => "task-done",
        Action::JoinQueue(_) => "join-queue",
        Action::Hint(hint, _) => hint.word(),
        Action::Close(_) => "close",
        Action::HalfClose(_) => "half-close",
        Action::Open(_) => "open",
        Action::Listen(_) => "listen",
        Action::Accept(_) => "accept",
        Action::Connect(_) => "connect",
        Action::Raw(_) => "raw",
        Action::Start(_) => "start",
        Action::Join(_) => "join",
        Action::Kill(_) => "kill",
        Action::Terminate(_) => "terminate",
        Action::Pause(_) => "pause",
        Action::Resume(_) => "resume",
        Action::Signal(_) => "signal",
        Action::Exit(_) => "exit",
        Action::Crash(_) => "crash",
        Action::Barrier(_) => "barrier",
        Action::Await(_) => "await",
        Action::Idle(_) => "idle",
        Action::Repeat(_) => "repeat",
        Action::Threads(_) => "threads",
        Action::Set(_) => "set",
        Action::Print(_) => "print",
    }
}

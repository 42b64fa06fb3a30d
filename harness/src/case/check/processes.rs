//! Checks that each process is started once and joined by the process that started it, and that ends
//! reach the processes that use them.

use std::collections::BTreeSet;

use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::{
    Action, Case, Injection, Join, Process, SignalStep, Step, Target, every_step,
};
use crate::case::symbols::SymbolTable;

pub(super) fn check(case: &Case, symbols: &SymbolTable<'_>, errors: &mut Diagnostics) {
    let starts = starts(case, symbols, errors);
    twice(&starts, errors);
    cycles(case, &starts, errors);
    for (index, process) in case.processes.iter().enumerate() {
        if let (Some(start), false) = (&process.start, starts.iter().any(|s| s.process == index)) {
            let name = &process.name.value;
            let message = format!("no step starts `{name}`, so its start method has no effect");
            errors.push(Diagnostic::new(start.span, message));
        }
        joins(index, process, symbols, &starts, errors);
        once(&process.steps, false, errors);
    }
    openers(case, symbols, &starts, errors);
    kills(case, symbols, errors);
}

/// A step that starts a process.
struct StartStep<'c> {
    starter: usize,
    process: usize,
    target: &'c Spanned<Target>,
}

fn starts<'c>(
    case: &'c Case,
    symbols: &SymbolTable<'_>,
    errors: &mut Diagnostics,
) -> Vec<StartStep<'c>> {
    let mut starts = Vec::new();
    for (starter, process) in case.processes.iter().enumerate() {
        every_step(&process.steps, &mut |step| {
            let (Action::Start(target)
            | Action::Kill(target)
            | Action::Terminate(target)
            | Action::Pause(target)
            | Action::Resume(target)
            | Action::Signal(SignalStep { to: target, .. })) = &step.action
            else {
                return;
            };
            match (symbols.process(target), &step.action) {
                (Ok((process, _)), Action::Start(_)) => starts.push(StartStep {
                    starter,
                    process,
                    target,
                }),
                (Ok(_), _) => {}
                (Err(error), _) => errors.push(error),
            }
        });
    }
    starts
}

fn twice(starts: &[StartStep<'_>], errors: &mut Diagnostics) {
    for (n, start) in starts.iter().enumerate() {
        let same = starts[..n].iter().find(|other| {
            let both = (start.target.replica, other.target.replica);
            other.process == start.process && !matches!(both, (Some(a), Some(b)) if a != b)
        });
        if let Some(first) = same {
            let message = format!("`{}` is started twice", start.target.value);
            errors.push(
                Diagnostic::new(start.target.span, message)
                    .context(first.target.span, "already started here"),
            );
        }
    }
}

/// Adds a mistake for each process that directly or indirectly starts itself.
fn cycles(case: &Case, starts: &[StartStep<'_>], errors: &mut Diagnostics) {
    for start in starts {
        if descends(start.starter, start.process, starts) {
            let name = &case.processes[start.starter].name.value;
            let message = format!("`{name}` would have to start before itself");
            let help = "the harness starts every process that no step starts";
            errors.push(Diagnostic::new(start.target.span, message).help(help));
        }
    }
}

/// Returns whether `process` is `ancestor`, or a descendant of it.
fn descends(process: usize, ancestor: usize, starts: &[StartStep<'_>]) -> bool {
    let mut reached = BTreeSet::from([ancestor]);
    let mut ahead = vec![ancestor];
    while let Some(starter) = ahead.pop() {
        let children = starts.iter().filter(|start| start.starter == starter);
        ahead.extend(
            children
                .map(|start| start.process)
                .filter(|child| reached.insert(*child)),
        );
    }
    reached.contains(&process)
}

/// Checks that a process joins only processes that it started before.
fn joins(
    index: usize,
    process: &Process,
    symbols: &SymbolTable<'_>,
    starts: &[StartStep<'_>],
    errors: &mut Diagnostics,
) {
    every_step(&process.steps, &mut |step| {
        let Action::Join(Join { of: target, .. }) = &step.action else {
            return;
        };
        let joined = match symbols.process(target) {
            Ok((joined, _)) => joined,
            Err(error) => {
                errors.push(error);
                return;
            }
        };
        let own = |start: &&StartStep<'_>| start.starter == index && start.process == joined;
        let message = match starts.iter().find(own) {
            None => format!(
                "this process can't join `{}`, because it didn't start it",
                target.value
            ),
            Some(start) if start.target.span.start > target.span.start => {
                format!("`{}` is joined before it is started", target.value)
            }
            Some(_) => return,
        };
        let help = format!(
            "to wait for any process, write `await = {{ exited = \"{}\" }}`",
            target.value
        );
        errors.push(Diagnostic::new(target.span, message).help(help));
    });
}

/// Checks that no step that can run only once is inside a loop.
fn once(steps: &[Step], again: bool, errors: &mut Diagnostics) {
    for step in steps {
        match &step.action {
            Action::Start(_) | Action::Open(_) if again => {
                let message = "this step can run only once, but it is inside `repeat` or `each`";
                errors.push(Diagnostic::new(step.span, message));
            }
            Action::Repeat(repeat) => once(&repeat.steps, true, errors),
            Action::Get(get) => once(&get.each, true, errors),
            Action::Threads(threads) => {
                threads.iter().for_each(|steps| once(steps, again, errors));
            }
            _ => {}
        }
    }
}

/// Checks that each channel is opened once, and that only descendants of its opener use its ends.
fn openers(
    case: &Case,
    symbols: &SymbolTable<'_>,
    starts: &[StartStep<'_>],
    errors: &mut Diagnostics,
) {
    let mut opened: Vec<(&Spanned<String>, usize)> = Vec::new();
    for (index, process) in case.processes.iter().enumerate() {
        every_step(&process.steps, &mut |step| {
            let Action::Open(name) = &step.action else {
                return;
            };
            if let Some((first, _)) = opened.iter().find(|(other, _)| *other == name) {
                let message = format!("`{}` is opened twice", name.value);
                let twice = Diagnostic::new(name.span, message);
                errors.push(twice.context(first.span, "already opened here"));
            }
            opened.push((name, index));
        });
    }
    for (channel, opener) in opened {
        for start in starts.iter().filter(|start| start.starter == opener) {
            let before = start.target.span.start < channel.span.start;
            let heir = (0..case.processes.len())
                .filter(|process| descends(*process, start.process, starts))
                .find(|process| names(&case.processes[*process], channel, symbols));
            if let (true, Some(heir)) = (before, heir) {
                let heir = &case.processes[heir].name.value;
                let message = format!("`{heir}` needs an end of `{}`", channel.value);
                errors.push(Diagnostic::new(start.target.span, message).context(
                    channel.span,
                    "the channel is only opened here, after the start",
                ));
            }
        }
        for (index, process) in case.processes.iter().enumerate() {
            if names(process, channel, symbols) && !descends(index, opener, starts) {
                let opener = &case.processes[opener].name.value;
                let message = format!(
                    "`{}` needs an end of `{}`, but `{opener}`, which opens it, doesn't start it",
                    process.name.value, channel.value
                );
                let diagnostic = Diagnostic::new(process.name.span, message);
                errors.push(diagnostic.context(channel.span, "opened here"));
            }
        }
    }
}

/// Returns whether the process names an end of the channel.
fn names(process: &Process, channel: &str, symbols: &SymbolTable<'_>) -> bool {
    let mut names = process.holds.iter().any(|end| end.channel == channel);
    every_step(&process.steps, &mut |step| {
        let mut ends = step.action.ends().iter();
        names |= ends.any(|end| end.channel == channel && !symbols.is_connection(channel));
    });
    names
}

/// Checks that a step, a crash or the sweep kills each process that is expected to be killed.
fn kills(case: &Case, symbols: &SymbolTable<'_>, errors: &mut Diagnostics) {
    use crate::case::model::Term;
    use crate::plan::ExpectedExit;

    let mut killed: BTreeSet<&str> = BTreeSet::new();
    if let Some(sweep) = &case.sweep {
        if let Err(error) = symbols.process(&sweep.process) {
            errors.push(error);
        }
        if sweep.fault == Injection::Kill {
            killed.insert(&sweep.process.process);
        }
    }
    for process in &case.processes {
        every_step(&process.steps, &mut |step| match &step.action {
            Action::Kill(target) | Action::Terminate(target) => {
                killed.insert(&target.process);
            }
            Action::Crash(_) => drop(killed.insert(&process.name)),
            _ => {}
        });
    }
    for process in &case.processes {
        let Some(exit) = &process.exit else {
            continue;
        };
        let to_be_killed = matches!(exit.value, Term::Literal(ExpectedExit::Killed));
        if to_be_killed && !killed.contains(process.name.as_str()) {
            errors.push(no_killer(exit.span, &process.name));
        }
    }
}

fn no_killer(position: Span, name: &str) -> Diagnostic {
    Diagnostic::new(position, format!("no step kills `{name}`"))
}

//! That processes are started once, by somebody who lives, and joined by who started them; and
//! that ends can reach those who use them.

use std::collections::BTreeSet;

use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::every_step;
use crate::case::model::{Action, Case, Fault, Process, Step, Target};
use crate::case::symbols::SymbolTable;

pub(super) fn check(case: &Case, symbols: &SymbolTable<'_>, errors: &mut Diagnostics) {
    let starts = starts(case, symbols, errors);
    twice(&starts, errors);
    cycles(case, &starts, errors);
    for (index, process) in case.processes.iter().enumerate() {
        if let (Some(start), false) = (&process.start, starts.iter().any(|s| s.process == index)) {
            let name = &process.name.value;
            let message =
                format!("no step starts `{name}`: the harness does, and by its own means");
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
            | Action::Pause(target)
            | Action::Resume(target)) = &step.action
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
                    .context(first.target.span, "started here already"),
            );
        }
    }
}

/// Tells each process that can't start before itself has.
fn cycles(case: &Case, starts: &[StartStep<'_>], errors: &mut Diagnostics) {
    for start in starts {
        if descends(start.starter, start.process, starts) {
            let name = &case.processes[start.starter].name.value;
            let message = format!("`{name}` would have to start before itself");
            let help = "a process that no step starts is started by the harness";
            errors.push(Diagnostic::new(start.target.span, message).help(help));
        }
    }
}

/// Whether `process` is `ancestor`, or is started by it, by a child of it, and so on.
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

/// A process joins what it started before.
fn joins(
    index: usize,
    process: &Process,
    symbols: &SymbolTable<'_>,
    starts: &[StartStep<'_>],
    errors: &mut Diagnostics,
) {
    every_step(&process.steps, &mut |step| {
        let Action::Join(target) = &step.action else {
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
                "`{}` isn't this process's to join: it didn't start it",
                target.value
            ),
            Some(start) if start.target.span.start > target.span.start => {
                format!("`{}` is joined before it is started", target.value)
            }
            Some(_) => return,
        };
        let help = format!(
            "to wait for any process, `await = {{ exited = \"{}\" }}`",
            target.value
        );
        errors.push(Diagnostic::new(target.span, message).help(help));
    });
}

/// What can be done only once mustn't stand where it would be done again.
fn once(steps: &[Step], again: bool, errors: &mut Diagnostics) {
    for step in steps {
        match &step.action {
            Action::Start(_) | Action::Open(_) if again => {
                let message = "this can be done once, and stands where it may be done again";
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

/// A channel is opened once, and its ends reach the opener's descendants and nobody else.
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
                errors.push(twice.context(first.span, "opened here already"));
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
                errors.push(
                    Diagnostic::new(start.target.span, message)
                        .context(channel.span, "which is only opened here"),
                );
            }
        }
        for (index, process) in case.processes.iter().enumerate() {
            if names(process, channel, symbols) && !descends(index, opener, starts) {
                let opener = &case.processes[opener].name.value;
                let message = format!(
                    "`{}` needs an end of `{}`, and `{opener}`, which opens it, doesn't start it",
                    process.name.value, channel.value
                );
                let diagnostic = Diagnostic::new(process.name.span, message);
                errors.push(diagnostic.context(channel.span, "opened here"));
            }
        }
    }
}

/// Whether the process names an end of the channel.
fn names(process: &Process, channel: &str, symbols: &SymbolTable<'_>) -> bool {
    let mut names = process.holds.iter().any(|end| end.channel == channel);
    every_step(&process.steps, &mut |step| {
        let mut ends = step.action.ends().iter();
        names |= ends.any(|end| end.channel == channel && !symbols.is_connection(channel));
    });
    names
}

/// Who is to be killed is killed by somebody.
fn kills(case: &Case, symbols: &SymbolTable<'_>, errors: &mut Diagnostics) {
    use crate::case::model::Term;
    use crate::plan::ExpectedExit;

    let mut killed: BTreeSet<&str> = BTreeSet::new();
    if let Some(sweep) = &case.sweep {
        if let Err(error) = symbols.process(&sweep.process) {
            errors.push(error);
        }
        if sweep.fault == Fault::Kill {
            killed.insert(&sweep.process.process);
        }
    }
    for process in &case.processes {
        every_step(&process.steps, &mut |step| match &step.action {
            Action::Kill(target) => drop(killed.insert(&target.process)),
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

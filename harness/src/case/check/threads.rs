//! Checks that the threads of a process can do their steps at the same time.

use std::collections::BTreeMap;

use crate::case::diagnostic::{Diagnostic, Diagnostics, Span, Spanned};
use crate::case::model::{Action, Case, EndName, Step, every_step};

pub(super) fn check(case: &Case, errors: &mut Diagnostics) {
    for process in &case.processes {
        every_step(&process.steps, &mut |step| {
            let Action::Threads(threads) = &step.action else {
                return;
            };
            alone(threads, errors);
            closes(threads, errors);
            barriers(threads, errors);
            if let Some(sweep) = &case.sweep
                && sweep.process.process == process.name.value
            {
                let message = "a sweep can't cover a process with `threads`";
                let diagnostic = Diagnostic::new(sweep.process.span, message);
                errors.push(diagnostic.context(step.span, "their operations have no fixed order"));
            }
        });
    }
}

/// Checks that threads do no step that needs the whole process.
fn alone(threads: &[Vec<Step>], errors: &mut Diagnostics) {
    let help = "do it before or after `threads`, which is done when all threads are";
    for steps in threads {
        every_step(steps, &mut |step| {
            let word = match &step.action {
                Action::Start(_) => {
                    let message = "a process can't start another one while its threads run";
                    let why = "a fork copies locks that other threads hold, and no thread of the child releases them";
                    let diagnostic = Diagnostic::new(step.span, message);
                    errors.push(diagnostic.help(format!("{why}; {help}")));
                    return;
                }
                Action::Join(_) => "join",
                Action::Open(_) => "open",
                Action::Exit(_) => "exit",
                Action::Crash(_) => "crash",
                Action::Threads(_) => "threads",
                _ => return,
            };
            let message = format!("`{word}` isn't allowed inside `threads`");
            errors.push(Diagnostic::new(step.span, message).help(help));
        });
    }
}

/// How a thread uses an end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum EndUse {
    Sends,
    Receives,
    Counts,
    HalfCloses,
    Closes,
}

/// Checks that no thread closes an end that another one uses at the same time.
fn closes(threads: &[Vec<Step>], errors: &mut Diagnostics) {
    let uses: Vec<Vec<(&Spanned<EndName>, EndUse)>> = threads.iter().map(|t| uses(t)).collect();
    for (thread, own) in uses.iter().enumerate() {
        for (end, close) in own {
            let clash = |(other, theirs): &&(&Spanned<EndName>, EndUse)| {
                let both = matches!((close, theirs), (EndUse::HalfCloses, EndUse::Sends));
                other.value == end.value && (*close == EndUse::Closes || both)
            };
            let others = uses
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != thread);
            // If both close it, the mistake is reported once, at the first.
            let mut others = others.flat_map(|(other, uses)| {
                let first =
                    move |(_, theirs): &&(_, EndUse)| *theirs != EndUse::Closes || other > thread;
                uses.iter().filter(first)
            });
            if let Some((other, _)) = others.find(clash) {
                let message = format!("another thread uses `{}` at the same time", end.value);
                let diagnostic = Diagnostic::new(end.span, message).context(other.span, "here");
                errors.push(diagnostic.help("close it after `threads`"));
            }
        }
    }
}

fn uses(steps: &[Step]) -> Vec<(&Spanned<EndName>, EndUse)> {
    let mut uses = Vec::new();
    every_step(steps, &mut |step| match &step.action {
        Action::Put(put) => uses.push((&put.on, EndUse::Sends)),
        Action::Raw(raw) => uses.push((&raw.on, EndUse::Sends)),
        Action::Get(get) => uses.push((&get.on, EndUse::Receives)),
        Action::Poll(poll) => uses.extend(poll.on.iter().map(|on| (on, EndUse::Receives))),
        Action::TaskDone(call) | Action::JoinQueue(call) | Action::Hint(_, call) => {
            uses.push((&call.on, EndUse::Counts));
        }
        Action::Close(end) => uses.push((end, EndUse::Closes)),
        Action::HalfClose(end) => uses.push((end, EndUse::HalfCloses)),
        _ => {}
    });
    uses
}

/// Checks that no two threads of a process pass the same barrier.
fn barriers(threads: &[Vec<Step>], errors: &mut Diagnostics) {
    let mut passed: BTreeMap<&str, (usize, Span)> = BTreeMap::new();
    for (thread, steps) in threads.iter().enumerate() {
        every_step(steps, &mut |step| {
            let Action::Barrier(name) = &step.action else {
                return;
            };
            let (first, position) = *passed.entry(name).or_insert((thread, name.span));
            if first != thread {
                let message = format!("two threads of a process pass barrier `{}`", name.value);
                let diagnostic = Diagnostic::new(name.span, message).context(position, "also here");
                let help = "a barrier waits for processes; to wait for a thread, `await` one of its labels";
                errors.push(diagnostic.help(help));
            }
        });
    }
}

//! Finds processes that wait for one another in a circle, or for one that has exited.

use std::collections::BTreeSet;

use super::blockers::Blocker;
use super::scene::{Rehearsal, ThreadIndex};
use crate::case::{Diagnostic, Span};

/// Returns the first wait that never ends, although every operation of the library succeeds.
pub(super) fn mistake(rehearsal: &Rehearsal<'_>) -> Option<Diagnostic> {
    let all = 0..rehearsal.threads.len();
    all.filter(|thread| rehearsal.is_stuck(*thread))
        .filter(|thread| !waits_for_rest(rehearsal, *thread))
        .find_map(|thread| explain(rehearsal, thread))
}

/// Returns whether the thread waits, over others, for one that is meant to stay where it is.
fn waits_for_rest(rehearsal: &Rehearsal<'_>, thread: ThreadIndex) -> bool {
    let mut seen = BTreeSet::from([thread]);
    let mut ahead = vec![thread];
    while let Some(thread) = ahead.pop() {
        if !rehearsal.is_stuck(thread) {
            return true;
        }
        let blockers = rehearsal.blockers(thread).into_iter();
        ahead.extend(blockers.filter_map(|blocker| match blocker {
            Blocker::Thread(other) => seen.insert(other).then_some(other),
            Blocker::Gone(_) => None,
        }));
    }
    false
}

/// Follows the waits from this thread on, until one recurs or leads to a process that has exited.
fn explain(rehearsal: &Rehearsal<'_>, thread: ThreadIndex) -> Option<Diagnostic> {
    let mut path = vec![thread];
    loop {
        let last = *path.last()?;
        match rehearsal.blockers(last).into_iter().next()? {
            Blocker::Gone(process) => {
                let position = rehearsal.span(rehearsal.step(last)?.id);
                let (waits, gone) = (rehearsal.name(last), rehearsal.process_name(process));
                let message = format!("`{waits}` waits for `{gone}`, which has exited before");
                let help = format!("let `{gone}` do what is awaited before it exits");
                return Some(Diagnostic::new(position, message).help(help));
            }
            Blocker::Thread(next) => match path.iter().position(|one| *one == next) {
                Some(first) => return circle(rehearsal, &path[first..]),
                None => path.push(next),
            },
        }
    }
}

fn circle(rehearsal: &Rehearsal<'_>, path: &[ThreadIndex]) -> Option<Diagnostic> {
    // A process that only waits for its own threads adds nothing.
    let own = path
        .iter()
        .filter(|thread| !rehearsal.waits_for_its_threads(**thread));
    let waits: Vec<(String, Span)> = own
        .filter_map(|thread| {
            let step = rehearsal.step(*thread)?;
            Some((rehearsal.name(*thread), rehearsal.span(step.id)))
        })
        .collect();
    let (first, others) = waits.split_first()?;
    let message = if others.is_empty() {
        format!("`{}` waits for itself", first.0)
    } else {
        let names = others.iter().chain([first]);
        let chain: Vec<String> = names.map(|(name, _)| format!("`{name}`")).collect();
        format!(
            "`{}` waits for {}",
            first.0,
            chain.join(", which waits for ")
        )
    };
    let mistake = Diagnostic::new(first.1, message)
        .help("nothing in a circle of waits can go on: change the order of the steps");
    Some(others.iter().fold(mistake, |mistake, (name, position)| {
        mistake.context(*position, format!("`{name}` waits here"))
    }))
}
